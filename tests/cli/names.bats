#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Host names with several addresses: every pair of one family, as the classic tool. The names are in tests/hosts.

load ../lib

# pairs STATEMENT: source and destination of each SA it becomes
pairs() {
	setkey encode --via=pfkey - <<<"$1" | setkey decode --format=json | jq -r '[.src.address, .dst.address] | join(" ")' | sort
}

@test "two IPv4 addresses and one IPv6 make five pairs" {
	run pairs 'add multi.test multi.test esp 0x1000 -E null;'
	[ "$output" = "$(sort <<-'END'
		10.9.0.1 10.9.0.1
		10.9.0.1 10.9.0.2
		10.9.0.2 10.9.0.1
		10.9.0.2 10.9.0.2
		2001:db8:9::1 2001:db8:9::1
	END
	)" ]
}

@test "-4 and -6 choose the family" {
	[ "$(pairs 'add -4 multi.test multi.test esp 0x1000 -E null;' | grep -c '^10')" = 4 ]
	[ "$(pairs 'add -6 multi.test multi.test esp 0x1000 -E null;')" = "2001:db8:9::1 2001:db8:9::1" ]
}

@test "a literal pairs with the addresses of its family" {
	[ "$(pairs 'add 2001:db8::7 multi.test esp 0x1000 -E null;')" = "2001:db8::7 2001:db8:9::1" ]
}
