#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What a message says is text of somebody else: no form lets it end a line, a string or a comment of ours.

load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	label=LABEL-LABEL-LABEL-LABEL-LABEL-LABEL-LABEL-LABEL
	cat >sa.conf <<-END
		exact;
		add 192.0.2.1 192.0.2.2 esp 0x1000 -m transport -ctx 1 1 "$label" -E camellia-cbc 0x000102030405060708090a0b0c0d0e0f -A hmac-sha256 0x000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f;
		spdadd 10.0.0.0/8 10.1.0.0/16 any -ctx 1 1 "$label" -P out ipsec esp/transport//require;
	END
	grep -v exact sa.conf >pfkey.conf
}

hex() {
	xxd -p | tr -d '\n'
}

# replace WAS WITH FILE: the bytes in the messages, as many as before, filled up with blanks
replace() {
	local was with
	was=$(printf %s "$1" | hex)
	with=$(printf "%-${#1}b" "$2" | head -c "${#1}" | hex)
	sed "s/$was/$with/" "$3"
}

# shellcheck disable=SC2016 # nothing is to expand
hostile=('"; flush; add 10.0.0.1 10.0.0.2 esp 1 -ctx 1 1 "' 'x\nflush;\nspdflush;\nxfrm state flush\n#' '\033]0;owned\007\033[2J'
	'\302\233 31m \302\205' '"\\n' '# comment' "it's \\\\" 'x\\\\\n' '\377\376 \200' '\r\nflush;' 'a\0b")\nflush;' '$(reboot) `reboot`')

# tame FILE: every form of the messages is of one kind of line each, and nothing in it is obeyed
tame() {
	for form in classic conf json ip table dot text; do
		setkey decode --format=$form "$1" >out.$form 2>said || true
		setkey decode --format=$form --annotate --show-keys "$1" >>out.$form 2>said || true
		[ -s out.$form ] || [ $form = text ]
		not grep -aq $'[\001-\010\013-\037\177]' out.$form said
		not grep -aqE $'\302[\200-\237]|\357\277\275' out.$form said
		not grep -aqE '^(flush|spdflush|xfrm state flush)' out.$form
	done
	for form in conf ip; do
		setkey decode --format=$form --show-keys "$1" >out.$form
	done
	not grep -vE '^(xfrm (state|policy) add|#)' out.ip
	setkey encode -k "--via=$via" out.conf >again 2>said || cat out.conf said
	setkey decode --format=classic again >both
	not grep -qi 'flush' <(setkey decode --format=conf again | grep -v -- -ctx)
	[ "$(wc -l <again)" -le "$(wc -l <"$1")" ]
	[ "$(grep -c '^#' out.conf)" -eq "$(($(wc -l <"$1") - $(wc -l <again)))" ]
}

@test "a security label, over either wire" {
	for via in xfrm pfkey; do
		[ $via = xfrm ] && file=sa.conf || file=pfkey.conf
		setkey encode --via=$via "$file" >whole
		grep -q "$(printf %s "$label" | hex)" whole
		for text in "${hostile[@]}"; do
			echo "$via: $text"
			replace "$label" "$text" whole >messages
			tame messages
		done
	done
}

@test "the name of an algorithm" {
	via=xfrm
	sed 's/-ctx 1 1 "[^"]*"//' sa.conf >plain.conf
	setkey encode --via=xfrm plain.conf >whole
	for name in 'cbc(camellia)' 'hmac(sha256)'; do
		wide=$name$(printf '%0.s\\0' {1..30})
		for text in "${hostile[@]}"; do
			echo "$name: $text"
			was=$(printf %b "$wide" | hex)
			with=$(printf "%-$((${#name} + 30))b" "$text" | head -c $((${#name} + 30)) | hex)
			grep -q "$was" whole
			sed "s/$was/$with/" whole >messages
			tame messages
		done
	done
}

@test "what no statement says is a comment with the reason" {
	setkey encode --via=xfrm sa.conf >whole
	replace "$label" 'a " b' whole >messages
	run setkey decode --format=conf messages
	[ "$(grep -c '^# .*label.*: ' <<<"$output")" = 2 ]
	run setkey decode --format=ip messages
	[ "$(grep -c '^# a security label that ip would misread: ' <<<"$output")" = 2 ]
}

@test "a security label is printable text in a statement too" {
	printf 'add 10.0.0.1 10.0.0.2 esp 0x1000 -ctx 1 1 "a\001b" -E null -A hmac-md5 0x000102030405060708090a0b0c0d0e0f;\n' >c.conf
	run setkey -n -f c.conf
	[ "$status" = 1 ]
	[[ $output == *'printable text'* ]]
}
