#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # need_namespace sets isolate
# What setkey dump shows of the policies of the running kernel, in a network namespace of its own.

load ../lib

setup() {
	need_namespace
	cat >"$BATS_TEST_TMPDIR/f.conf" <<-'END'
		spdadd 192.0.2.0/24 198.51.100.0/24 any -P out ipsec esp/tunnel/192.0.2.1-198.51.100.1/unique:7;
		spdadd 192.0.2.7 198.51.100.0/24 any -P out ipsec ah/transport//require;
		spdadd 198.51.100.0/24 192.0.2.0/24 any -P in ipsec esp/tunnel/198.51.100.1-192.0.2.1/require;
		spdadd 2001:db8::/64 2001:db8:1::/64 any -P out discard;
	END
}

# shows COUNT OPTION...: how many policies a dump with the options has
shows() {
	local count=$1
	shift
	# shellcheck disable=SC2086 # a command and its options
	run $isolate bash -c "'$SETKEY' -f '$BATS_TEST_TMPDIR/f.conf' && '$SETKEY' dump policy --count $*"
	echo "$* gives $output"
	[ "$status" = 0 ]
	[ "$output" = "policy $count" ]
}

@test "by source, destination, protocol, mode, reqid and direction, and all together" {
	shows 5
	shows 2 --src=192.0.2.0/24
	shows 1 --src=192.0.2.7
	shows 2 --dst=192.0.2.0/24
	shows 1 --dst=2001:db8::/32
	shows 0 --src=10.0.0.0/8
	shows 3 --proto=esp
	shows 1 --mode=transport
	shows 1 --reqid=7
	shows 3 --dir=out
	shows 1 --dir=out --proto=esp --src=192.0.0.0/8
	shows 0 --spi=0x1000
}

@test "a value that is none is wrong usage" {
	for option in --src=host --dst=10.0.0.0/33 --spi=-1 --reqid=4294967296 --mode=any --dir=up --proto=tcp; do
		run setkey dump "$option"
		echo "$option: $status $output"
		[ "$status" = 2 ]
	done
}
