#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Large files of a shape that Linux loads ever more slowly are told what would help; others of that size are not.

load ../lib

# many N PRINTF...: the line N times, with a number from 256 on in it
many() {
	local n=$1
	shift
	awk -v n="$n" -v line="$*" 'BEGIN { for (i = 256; i < 256 + n; i++) { l = line; gsub(/@/, i, l); print l } }'
}

# finds WORD N: just this, once, about N objects; nothing where WORD is empty
finds() {
	run "$SETKEY" -n -f -
	echo "${lines[0]}"
	[ "$status" = 0 ]
	[ "$(grep -c ': warning: ' <<<"$output")" = "$([ -n "$1" ] && echo 1 || echo 0)" ]
	[ -z "$1" ] || [[ ${lines[0]} == *": warning: $2 "*"[$1]" ]]
	[ -z "$1" ] || [ "$(grep -c '^  hint: ' <<<"$output")" = 1 ]
}

@test "SAs with one pair of addresses and one reqid" {
	finds crowded-sas 4000 < <(many 4000 'add 10.0.0.1 10.0.0.2 esp @ -u 7 -E null;')
	finds '' < <(many 3999 'add 10.0.0.1 10.0.0.2 esp @ -u 7 -E null;')
	finds '' < <(many 5000 'add 10.0.0.1 10.0.0.2 esp @ -u @ -E null;')
	finds '' < <(many 3000 'add 10.0.0.1 10.0.0.2 esp @ -u 7 -E null;add 10.0.0.1 10.0.0.3 esp @ -u 7 -E null;')
}

# counting N ORDER: SAs of as many addresses, their ids in the order of these or turned round
counting() {
	awk -v n="$1" -v turned="$2" 'BEGIN { for (i = 1; i <= n; i++)
		printf "add 10.0.%d.%d 192.0.0.0 esp %d -u %d -E null;\nadd 2001:db8::%x 2001:db8:1:: esp %d -u %d -E null;\n",
			i / 256, i % 256, i + 256, turned ? 3 * i : i, i, i + 20256, turned ? 3 * i : i }'
}

@test "SAs whose ids count up along with their addresses" {
	finds crowded-sas 4500 < <(counting 4500 '' | grep -v :)
	finds crowded-sas 4500 < <(counting 4500 '' | grep :)
	finds '' < <(counting 4500 turned)
}

@test "policies that differ in their ports alone" {
	finds crowded-ports 2000 < <(many 2000 'spdadd 10.0.0.1[@] 10.0.0.2 udp -P out none;')
	finds '' < <(many 1999 'spdadd 10.0.0.1[@] 10.0.0.2 udp -P out none;')
	finds '' < <(many 3000 'spdadd 10.0.0.1 2001:db8::@ udp -P out none;' | sed 's/10.0.0.1/2001:db8::1/')
}

@test "policies for networks" {
	finds many-prefixes 5000 < <(many 5000 'spdadd 2001:db8:@::/48 ::/0 any -P out none;')
	finds '' < <(many 4999 'spdadd 2001:db8:@::/48 ::/0 any -P out none;')
	finds '' < <(many 6000 'spdadd 2001:db8::@ ::1 any -P out none;')
}
