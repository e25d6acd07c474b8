#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What a format that is read back cannot say in full is a comment with the reason, never a live statement that says more
# than what was there. Messages of ours are changed at single bytes.

load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	policy=$(setkey encode -k - <<<'spdadd 10.0.0.0/8 10.1.0.0/16 any -P out ipsec esp/tunnel/192.0.2.1-192.0.2.2/require;')
	sa=$(setkey encode - <<<'add 192.0.2.1 192.0.2.2 esp 0x1000 -m tunnel -sel 10.0.0.0/8 10.1.0.0/16 any -E null;')
}

# with MESSAGE OFFSET HEX: the message with these bytes from there on
with() {
	echo "${1:0:$((2 * $2))}$3${1:$((2 * $2 + ${#3}))}"
}

# longer MESSAGE HEX: with an attribute more
longer() {
	local n=$(((${#1} + ${#2}) / 2))
	echo "$(printf '%02x%02x0000' $((n % 256)) $((n / 256)))${1:8}$2"
}

# shown FORMAT MESSAGE: what a kernel would have said, as it is printed, without what is around
shown() {
	setkey decode --show-keys --format="$1" <<<"$2" | grep -v '^exact;$'
}

# comment MESSAGE REASON [FORMAT...]
comment() {
	local message=$1 reason=$2 format
	shift 2
	for format in "${@:-conf}"; do
		shown "$format" "$message" >out
		cat out
		[ "$(wc -l <out)" = 1 ]
		grep -qF "# $reason: " out
	done
}

@test "as they are, the messages are statements" {
	local format
	for format in conf ip; do
		[[ "$(shown $format "$policy")" != '#'* && "$(shown $format "$sa")" != '#'* ]]
	done
}

@test "a policy: device, user, protocol 255, flags, limits, offload, what is to come" {
	comment "$(with "$policy" 64 a00f0000)" "for the device 4000" conf ip
	comment "$(with "$policy" 68 e8030000)" "user 1000" conf ip
	comment "$(with "$policy" 60 ff)" "protocol 255" conf ip
	comment "$(with "$policy" 178 80)" "flags 0x80" conf ip
	comment "$(with "$policy" 72 0000000000000000)" "a limit of 0" conf ip
	comment "$(longer "$policy" 0c001c000100000004000000)" offload conf ip
	comment "$(longer "$policy" 08002f0001000000)" "attribute 47" conf ip
	comment "$(with "$(longer "$policy" 08002f0001000000)" 60 ff)" "protocol 255, attribute 47" conf ip
}

@test "a request of a policy: share, algorithms, mode, protocol" {
	comment "$(with "$policy" 237 02)" "a request of share 2" conf ip
	comment "$(with "$policy" 240 00000000)" "a request for some algorithms" conf ip
	comment "$(with "$policy" 236 05)" "a request without a word, a request of mode 5"
	comment "$(with "$policy" 236 05)" "a request that ip does not have, a request of mode 5" ip
	comment "$(with "$policy" 208 2b)" "a request without a word, a request of protocol 43"
}

@test "an SA: device, user, protocol 255, encapsulation, limits, what no statement has" {
	comment "$(with "$sa" 64 a00f0000)" "for the device 4000" conf ip
	comment "$(with "$sa" 68 e8030000)" "user 1000" conf ip
	comment "$(with "$sa" 60 ff)" "protocol 255" conf ip
	comment "$(with "$sa" 112 0000000000000000)" "a limit of 0" conf ip
	comment "$(longer "$sa" 1c000400090011941194000000000000000000000000000000000000)" "encapsulation 9" conf ip
	comment "$(longer "$sa" 0800230003000000)" XFRMA_SA_PCPU conf ip
	comment "$(longer "$sa" 0800180080000000)" "extra flags 0x80" conf ip
	comment "$(longer "$sa" 0c001c000100000088000000)" "offload flags 0x88" conf ip
}

@test "a device that has a name is one that ip can say" {
	[[ "$(shown ip "$(with "$policy" 64 01000000)")" == "xfrm policy add src 10.0.0.0/8 dst 10.1.0.0/16 dev lo dir out "* ]]
	[[ "$(shown ip "$(with "$sa" 64 01000000)")" == "xfrm state add "*" sel src 10.0.0.0/8 dst 10.1.0.0/16 dev lo" ]]
	comment "$(with "$policy" 64 01000000)" "for the device lo"
	comment "$(with "$sa" 64 01000000)" "for the device lo"
	[[ "$(setkey decode <<<"$(with "$policy" 64 01000000)")" == *$'\txfrm: device=lo'* ]]
	[[ "$(setkey decode --format=table <<<"$(with "$policy" 64 01000000)")" == *" dev lo" ]]
	# An SA with nothing but a device in its selector
	bare=$(setkey encode - <<<'add 192.0.2.1 192.0.2.2 esp 0x1000 -E null;')
	[[ "$(shown ip "$(with "$bare" 64 01000000)")" == *" dev lo" ]]
	comment "$(with "$bare" 64 01000000)" "for the device lo"
}

@test "JSON counts what it has no member for, and says it" {
	setkey decode --format=json <<<"$(with "$(longer "$policy" 08002f0001000000)" 60 ff)" >json
	[ "$(jq -c '[.partial, .not_shown, .not_shown_words]' json)" = '[true,2,"protocol 255, attribute 47"]' ]
	setkey decode --format=json <<<"$policy" >json
	[ "$(jq -c '[.partial, .not_shown, .not_shown_words]' json)" = '[false,0,null]' ]
	setkey decode --format=json <<<"$(longer "$sa" 0800230003000000)" >json
	[ "$(jq -c '[.not_shown, .not_shown_words]' json)" = '[1,"XFRMA_SA_PCPU"]' ]
	setkey decode --format=json <<<"$(with "$policy" 64 01000000)" >json
	[ "$(jq -c '[.partial, .device, .device_index]' json)" = '[false,"lo",1]' ]
	setkey decode --format=json <<<"$(with "$sa" 64 01000000)" >json
	[ "$(jq -c '[.not_shown, .selector.device]' json)" = '[0,"lo"]' ]
}

@test "requests of a policy that discards are kept by XFRM behind exact, and refused over PF_KEY" {
	cat >kept.conf <<-'END'
		exact;
		spdadd 10.0.0.0/8 10.1.0.0/16 any -P out discard esp/tunnel/192.0.2.1-192.0.2.2/unique:5;
	END
	setkey encode kept.conf 2>&1 | setkey decode --format=conf >back
	diff kept.conf back
	run setkey lint --no-config kept.conf
	[[ $output != *unused-requests* ]]
	run setkey encode --via=pfkey kept.conf
	[ "$status" = 1 ]
	[[ $output == *"PF_KEY keeps no requests of a policy that discards; use --via=xfrm"* ]]
	# Without exact, and with none, they are dropped as ever.
	sed -i 1d kept.conf
	[ "$(setkey encode kept.conf 2>/dev/null | setkey decode --format=conf | grep -c esp/)" = 0 ]
	run setkey lint --no-config kept.conf
	[[ $output == *unused-requests* ]]
}
