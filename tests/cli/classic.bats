#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The classic command line: which letters ask for what, and the exit status of each form. With -n, so that no kernel is needed.

load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	echo 'flush;' >good.conf
	echo 'frobnicate;' >bad.conf
}

# status WANTED ARGUMENT...: how setkey ends
status() {
	local wanted=$1
	shift
	run setkey "$@" </dev/null
	[ "$status" = "$wanted" ] || { echo "setkey $*: $status, $output" && return 1; }
}

@test "0: what was asked is done" {
	local how
	for how in '-n -f good.conf' '-nf good.conf' '-nfgood.conf' '-n -f -' '-n -c' '-n -e flush;' '-n -D' '-nDPp' '-n -F' \
		'-nFP' '-n -F -D' '-n -r -k -a -g -t -D' '-h' '-V' '--help' '--version' '-n -f bad.conf -V' 'encode good.conf' \
		'decode' 'algorithms' 'explain' 'explain key-length' 'explain sk114' 'dump --help' 'encode --help'; do
		# shellcheck disable=SC2086
		status 0 $how
	done
}

@test "1: the input has errors" {
	local how
	for how in '-n -f bad.conf' '-n -f good.conf -f bad.conf' '-n -f bad.conf -f good.conf' '-n -e frobnicate;' \
		'-n -e frobnicate; -e flush;' '-n -e frobnicate; -f good.conf' 'encode bad.conf' 'good.conf' 'decode good.conf' \
		'explain frobnicate'; do
		# shellcheck disable=SC2086
		status 1 $how
	done
}

@test "2: wrong usage" {
	local how
	for how in '' '-Z' '--frobnicate' '-f' '-e' '-P' '-p' '-n' '-a' '--via=frobnicate -n -f good.conf' \
		'--color=frobnicate -n -f good.conf' 'good.conf -f good.conf' '-f good.conf good.conf' 'encode' 'encode --frobnicate' \
		'encode --via=frobnicate good.conf' 'algorithms x' 'dump frobnicate' 'dump sa frobnicate' 'dump policy esp' \
		'flush sa tcp'; do
		# shellcheck disable=SC2086
		status 2 $how
		[ -n "$output" ]
	done
}

@test "3: what should be read cannot be" {
	local how
	for how in '-n -f none.conf' '-n -f good.conf -f none.conf' '-n -f .' '.' 'none.conf' 'encode none.conf' 'encode .' \
		'decode none.conf'; do
		# shellcheck disable=SC2086
		status 3 $how
		[[ $output == 'setkey: '* ]]
	done
	run bash -c '"$0" -n -f - <&-' "$SETKEY"
	[ "$status" = 3 ]
}

@test "3: what should be written cannot be" {
	local how
	for how in '-h' '-V' 'encode good.conf' 'algorithms' 'explain' 'dump --help'; do
		# shellcheck disable=SC2086
		run bash -c '"$0" "$@" 2>&1 >/dev/full' "$SETKEY" $how
		[ "$status" = 3 ]
		[ "$output" = 'setkey: cannot write to standard output' ]
	done
}

@test "help goes to standard output, complaints do not" {
	[ -z "$(setkey -h 2>&1 >/dev/null)" ]
	[ -z "$(setkey -Z 2>/dev/null)" ]
	[ -z "$(setkey -n -f bad.conf 2>/dev/null)" ]
}

@test "every -f and -e counts, in their order" {
	run setkey -n -e 'first;' -f bad.conf -e 'second;'
	[ "$(grep -o '"[a-z]*"' <<<"$output" | tr -d '\n')" = '"first""frobnicate""second"' ]
	[[ $output == '-e:1:1: '*bad.conf:1:1:*'-e:1:1: '* ]]
}

# The state of an SA is the tenth byte of what stands first in its message.
@test "what is dead stays out of a dump, unless -a wants it; larval is not dead" {
	sed -E '1s/^(.{50})../\103/' "$BATS_TEST_DIRNAME/../dump/sa-larval.rx" | xxd -r -p >some.bin
	setkey some.bin | grep -o 'state=[a-z]*' >shown
	diff shown - <<<state=larval
	setkey -a some.bin | grep -o 'state=[a-z]*' >shown
	diff shown - <<<$'state=dead\nstate=larval'
}

@test "statements where a file or a command is expected: -e is named, and no key shown" {
	key=0x9f3c1b7a5e2d48860c71e4b35fa29d08
	for args in "-c 'flush;'" "'flush;'" "add 192.0.2.1 192.0.2.2 esp 0x1000" "add 192.0.2.1 192.0.2.2 esp 0x1000 -E aes-cbc $key" "-n flush -x" \
		"-c 'add 192.0.2.1 192.0.2.2 esp 0x1000 -E aes-cbc $key;'" "'spdflush; # x'"; do
		run bash -c "'$SETKEY' $args </dev/null"
		echo "$args: $output"
		[ "$status" = 2 ]
		[[ $output == *"write setkey -e "* && $output != *9f3c* ]]
	done
	for command in -f lint encode; do
		run "$SETKEY" $command "add 192.0.2.1 192.0.2.2 esp 0x1000 -E aes-cbc $key;"
		echo "$output"
		[ "$status" = 3 ]
		[[ $output == *"setkey -e "* && $output != *9f3c* ]]
	done
	run "$SETKEY" no-such-word
	[ "$status" = 3 ]
	[[ $output == *"neither a command nor a file"* ]]
}
