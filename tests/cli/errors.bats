#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What can go wrong before there is any kernel to talk to: each has its sentence and its status.

load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	dump=$BATS_TEST_DIRNAME/../dump
	echo 'add 192.0.2.1 192.0.2.2 esp 0x1000 -E null;' >good.conf
}

# says STATUS WORDS ARG...: setkey ends with the status and these words
says() {
	local wanted=$1 words=$2
	shift 2
	run setkey "$@"
	echo "setkey $*: $status, $output"
	[ "$status" = "$wanted" ]
	[[ $output == *"$words"* ]]
}

@test "wrong usage" {
	says 2 '--via takes auto|xfrm|pfkey, not "smoke"' --via=smoke -D
	says 2 '--color takes auto|always|never, not "mauve"' --color=mauve -n -f good.conf
	says 2 "expected sa, policy, acquire" monitor weather
	says 2 "expected sa [esp|ah|ipcomp], policy or all" dump everything
	says 2 "expected sa [esp|ah|ipcomp], policy or all" flush policy esp
	says 2 "encode: missing file operand" encode
	says 2 "unrecognized option" decode --nonsense
	says 2 "--spi takes SPI" dump --spi=many
	says 2 "--src takes ADDRESS[/N]" dump --src=192.0.2.1/33
	says 2 "--src takes ADDRESS[/N]" dump --src=localhost
	says 2 "" complete nothing
	says 2 "not with --show-keys or --count" dump --format=conf --count --keys-to=secret.keys
	says 2 "-P goes with -D or -F" -P
	says 3 "neither a command nor a file" nonsense
	says 1 "no diagnostic is called nonsense" explain nonsense
}

@test "a slip of the pen, and a word in the wrong place" {
	says 3 "did you mean dump?" dmup
	says 3 "did you mean lint?" lnt good.conf
	says 3 "\`setkey --help\` lists the commands" lint.conf
	says 2 "hint: did you mean --via?" dump --vai=xfrm
	says 2 "hint: did you mean --version?" --versoin
	says 2 "hint: --format is an option of \`setkey dump\`" -D --format=json
	says 2 "hint: --inplace is an option of \`setkey fmt\`" lint --inplace good.conf
	says 2 "write the command first: setkey lint ..." -v lint good.conf
	[ "$(setkey --via=pfkey encode good.conf)" = "$(setkey encode --via=pfkey good.conf)" ]
	[ "$(setkey --color never --via pfkey encode good.conf)" = "$(setkey encode --via=pfkey good.conf)" ]
	says 2 '--via takes auto|xfrm|pfkey, not "smoke"' --via=smoke encode good.conf
	echo 'garbage' >dump
	says 1 "dump" ./dump
}

@test "help: the commands, the options of one, what explain says, and a page for who types the name alone" {
	diff <(setkey help) <(setkey --help)
	diff <(setkey help lint) <(setkey lint --help)
	diff <(setkey help key-length) <(setkey explain SK114)
	diff <(setkey help XfrmInNoPols) <(setkey explain XfrmInNoPols)
	says 0 "a statement of files: setkey.conf(5)" help spdadd
	says 1 "did you mean decode?" help deocde
	says 1 "no diagnostic is called nonsense" help nonsense
	run script -qec "'$SETKEY'" /dev/null
	echo "$output"
	[ "$status" = 2 ]
	[ "${#lines[@]}" -le 12 ]
	for word in lint try diff -D keygen explain; do
		[[ $output == *"setkey $word"* ]]
	done
	says 2 "usage: setkey -f FILE [-f FILE ...]"
}

@test "what cannot be read" {
	says 3 "cannot read /no/such/file: No such file" -n -f /no/such/file
	says 3 "cannot read .: Is a directory" -n -f .
	says 3 "cannot read .: Is a directory" decode .
	says 3 "cannot read .: Is a directory" encode .
	[ "$(id -u)" = 0 ] || says 3 "Permission denied" -n -f /proc/1/mem
	says 3 "cannot read /proc/self/mem: Input/output error" -n -f /proc/self/mem
	run setkey -n -c <.
	echo "$output"
	[ "$status" = 3 ]
	[[ $output == *"cannot read standard input: Is a directory"* ]]
}

@test "what cannot be written" {
	for args in "-h" "algorithms" "encode good.conf" "decode $dump/sa-esp4-any.rx" "explain"; do
		# shellcheck disable=SC2086 # words
		run bash -c '"$0" $1 2>&1 >/dev/full' "$SETKEY" "$args"
		echo "$args: $status, $output"
		[ "$status" = 3 ]
		[[ $output == *"cannot write to standard output"* ]]
	done
}

@test "memory that has run out" {
	[[ $SETKEY != */asan/* ]] || skip "a sanitizer takes all the memory there is"
	yes "$(<good.conf)" | head -n 200000 >many.conf
	run prlimit --as=30000000 "$SETKEY" -n -f many.conf
	echo "$output"
	[ "$status" = 3 ]
	[ "$output" = "setkey: out of memory" ]
}

@test "what is no message" {
	echo 020 >odd
	says 1 "odd: a line has an odd number of hex digits" decode odd
	says 1 "no PF_KEY or XFRM message at byte 0; \`setkey -f\` runs statements" decode good.conf
	printf '\1\2\3' >binary
	says 1 "binary: no PF_KEY or XFRM message at byte 0" decode binary
	: >empty
	says 0 "" decode empty
	{ cat "$dump/sa-esp4-any.rx"; echo 0203; } >cut.hex
	run setkey decode cut.hex
	[ "$status" = 1 ]
	[[ $output == *"mode="*"no PF_KEY or XFRM message at byte "* ]]
}

# sadb TYPE ERRNO: a PF_KEY message that is no more than its head
sadb() {
	printf '02%02x%02x03020000000000000000000000\n' "$1" "$2"
}

@test "errors of the kernel, decoded" {
	[ "$(sadb 10 2 | setkey decode -)" = "No SAD entries." ]
	[ "$(sadb 18 2 | setkey decode -)" = "No SPD entries." ]
	[ "$(sadb 5 2 | setkey decode -)" = "No entry." ]
	[ "$(sadb 4 2 | setkey decode -)" = "No entry." ]
	[ "$(sadb 3 2 | setkey decode -)" = "No such file or directory." ]
	[ "$(sadb 3 17 | setkey decode -)" = "File exists." ]
	[[ $(sadb 3 17 | setkey decode --format=json -) == *'"error":"File exists"'* ]]
	[[ $(sadb 3 17 | setkey decode --format=conf -) == *'# add: File exists'* ]]
	[[ $(sadb 3 17 | setkey decode --format=ip -) == *'File exists'* ]]
	[[ $(sadb 3 17 | setkey decode --format=dot -) == *'// File exists'* ]]
}

# nlerr: netlink's answer that -17, to an XFRM_MSG_NEWSA, with the kernel's words and the offset
nlerr() {
	local text=536f6d65206f746865722077617921000a
	#     length  type flags seq       pid      error    length   type flags seq      pid      words, padded      offset
	printf '%s' 44000000 0200 0002 07000000 00000000 efffffff 10000000 1000 0500 07000000 00000000 \
		1500 0100 ${text:0:34} 000000 0800 0200 68000000
	echo
}

@test "netlink's errors, with its words and where it points" {
	run setkey decode --annotate <<<"$(nlerr)"
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == "File exists."* ]]
	[[ $output == *"why                  Some other way!"* ]]
	[[ $output == *"offset               104"* ]]
	for ((i = 2; i < 136; i += 2)); do
		run setkey decode --annotate <<<"$(nlerr | cut -c "1-$i")"
		[ "$status" = 1 ]
	done
}

@test "colour is what was asked for" {
	run env -u NO_COLOR "$SETKEY" --color=always -n -e 'nonsense;'
	[[ $output == *$'\e['* ]]
	run env -u NO_COLOR "$SETKEY" --color=never -n -e 'nonsense;'
	[[ $output != *$'\e['* ]]
	run env -u NO_COLOR TERM=xterm script -qec "'$SETKEY' -n -e 'nonsense;'" /dev/null
	[[ $output == *$'\e[1;31m'* ]]
	run env -u NO_COLOR TERM=dumb script -qec "'$SETKEY' -n -e 'nonsense;'" /dev/null
	[[ $output != *$'\e['* ]]
}

@test "what PF_KEY says it can do, annotated" {
	# An answer to SADB_REGISTER: one hash, one cipher
	run setkey decode --annotate <<<"0207000306000000000000000000000002000e00000000000300a000a000000002000f00000000000c10800000010000"
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"sadb_supported_auth{ len=2 type=14 3(hmac-sha1):160-160 }"* ]]
	[[ $output == *"sadb_supported_encrypt{ len=2 type=15 12(aes-cbc):128-256 }"* ]]
}

@test "a word far from where its statement begins is pointed at all the same" {
	blanks=$(printf '%70000s' '')
	echo "add 192.0.2.1 192.0.2.2 esp 0x1000 -u 7 $blanks -u 8 -f zero-pad -f seq-pad -E aes-cbc 0x00$blanks -A hmac-sha1 0x01;" >far.conf
	run setkey -n -f far.conf
	echo "$output"
	[ "$status" = 1 ]
	grep -q "^far.conf:1:$(head -c 70200 far.conf | grep -ob 'aes-cbc 0x' | awk -F : '{ print $1 + 9 }'): error: aes-cbc takes" <<<"$output"
	grep -q "^far.conf:1:$(grep -ob 'hmac-sha1 0x' far.conf | awk -F : '{ print $1 + 11 }'): error: hmac-sha1 takes" <<<"$output"
}
