#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The manual pages are sound mdoc and complete: nothing that the program knows is missing in them.

setup() {
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	SETKEY=${SETKEY-$top/build/setkey}
	cd "$BATS_TEST_TMPDIR" || return
	"$top/man/fill" "$SETKEY" <"$top/man/setkey.conf.5.in" >setkey.conf.5
	cp "$top"/man/*.[1-8] .
}

need() {
	command -v "$1" >/dev/null && return
	[ "${CI-}" != true ] || { echo "CI is to have $1" && return 1; }
	skip "no $1 here"
}

@test "mandoc finds nothing wrong" {
	need mandoc
	mandoc -T lint -W warning ./*.[1-8]
	# Of matters of style, that a page is not installed here is none.
	mandoc -T lint -W style ./*.[1-8] >complaints 2>&1 || true
	run grep -v -e 'referenced manual not found' -e 'outdated mandoc.db' complaints
	[ -z "$output" ] || { echo "$output" && return 1; }
}

@test "what is literal stands where it belongs: no ; in quotes, no brackets around half of a list" {
	need mandoc
	for page in ./*.[1-8]; do
		run bash -c 'mandoc -T ascii "$1" | col -b | grep -E "\"[a-z.*]+;\"|\[[a-z]+, [a-z-]+ \["' - "$page"
		[ -z "$output" ] || { echo "$page: $output" && return 1; }
	done
}

@test "setkey(8) has an example of every command, which tests/kernel/manual.bats runs" {
	awk -v section=EXAMPLES -f "$top/tests/typed.awk" setkey.8 >typed
	for command in $("$SETKEY" complete commands | cut -f 1); do
		grep -qE "(^|[ (])setkey $command( |$)" typed || { echo "no $command" && return 1; }
	done
}

@test "every table of setkey.conf(5) has been filled" {
	run grep -e '\.\\" table' -e '\.\\" words' setkey.conf.5
	[ "$status" = 1 ]
	for algorithm in $("$SETKEY" algorithms | sed 1d | cut -d ' ' -f 1); do
		grep -q -w -e "Cm $algorithm" setkey.conf.5 || { echo "no $algorithm" && return 1; }
	done
	for id in $("$SETKEY" explain | awk '{ print $2 }'); do
		grep -q -F ".It Bq Cm $id" setkey.conf.5 || { echo "no $id" && return 1; }
	done
}

@test "setkey(8) has every command, option and value" {
	options=$("$SETKEY" complete options)
	for command in $("$SETKEY" complete commands | cut -f 1); do
		grep -q "^\.It Cm $command\b" setkey.8 || { echo "no $command" && return 1; }
		options+=$'\n'$("$SETKEY" complete options "$command")
		for option in $("$SETKEY" complete options "$command" | sed -n 's/^--\(.*\)=.*/\1/p'); do
			# These take rules, which are in setkey.conf(5).
			case $option in enable | disable | severity) continue ;; esac
			for value in $("$SETKEY" complete values "$option" "$command"); do
				grep -q "^\.It Fl -$option Ns = Ns.*\b$value\b" setkey.8 || { echo "no --$option=$value" && return 1; }
			done
		done
	done
	for option in $(cut -f 1 <<<"$options" | sort -u); do
		case $option in
		--*=)
			grep -q "^\.It Fl -$(sed 's/^--//; s/=$//' <<<"$option") Ns = Ns" setkey.8 || { echo "no $option" && return 1; }
			;;
		--*)
			grep -q -e "^\.It Fl ${option#-}$" -e "^\.It Fl . , Fl ${option#-}$" setkey.8 ||
				{ echo "no $option" && return 1; }
			;;
		*)
			grep -q "^\.It Fl ${option#-}\b" setkey.8 || { echo "no $option" && return 1; }
			;;
		esac
		case $option in --enable= | --disable= | --severity=) continue ;; esac
		for value in $("$SETKEY" complete values "$(tr -d =- <<<"$option")"); do
			grep -q "^\.It Fl .*=.*\b$value\b" setkey.8 || { echo "no $option$value" && return 1; }
		done
	done
}

@test "the diagnostic that setkey(8) shows is the one that is printed" {
	printf '\n\nadd 192.0.2.1 192.0.2.2 esp 0x1000 -E aes256 0x%064d;\n' 1 >gw.conf
	run "$SETKEY" -n -f gw.conf
	[ "$status" = 1 ]
	diff <(echo "$output") <(sed -n '/^gw.conf/,/^\.Ed/p' setkey.8 | grep -v '^\.')
}

@test "setkey.conf(5) has every statement" {
	# What the scanner's table of verbs holds, the manual describes.
	for verb in $(grep -v EVENT "$top/src/model/verb.c" | grep 'true,' | grep -o '"[a-z]*"' | tr -d '"'); do
		grep -q "Cm $verb\b" setkey.conf.5 || { echo "no $verb" && return 1; }
	done
}

@test "setkey.conf(5) has every option of a statement" {
	for option in $(sed -n '/option_tokens\[\]/,/^}/p' "$top/src/config/tokens.c" | grep -o '"-[A-Za-z_]*"' | tr -d '"' | sort -u); do
		case $option in
		- | -p) continue ;;
		esac
		grep -q -e "Fl ${option#-}\b" setkey.conf.5 || { echo "no $option" && return 1; }
	done
}
