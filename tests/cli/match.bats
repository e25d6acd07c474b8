#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# `setkey match` on files alone: the order of the policies, the SA of each request or why none fits. That it is the truth
# about a kernel is tests/kernel/match.bats.

load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	umask 077
	key=0x000102030405060708090a0b0c0d0e0f10111213
}

# conf STATEMENTS: -A KEY stands for the rest of an SA
conf() {
	sed "s/-A KEY/-E null -A hmac-sha1 $key/" >t.conf
}

# verdict STATUS VERDICT ARG...: what match says of t.conf
verdict() {
	local wanted=$1 verdict=$2
	shift 2
	run --separate-stderr "$SETKEY" match "$@" t.conf --format=json
	[ "$status" = "$wanted" ] && jq -e --arg v "$verdict" '.verdict == $v' <<<"$output" >/dev/null ||
		{ echo "$output" "${stderr-}" && return 1; }
}

# is FILTER: true of the last answer
is() {
	jq -e "$1" <<<"$output" >/dev/null || { echo "not $1:" && jq -c . <<<"$output" && return 1; }
}

bats_require_minimum_version 1.5.0

@test "the first policy by priority, then by age, that is for the packet" {
	conf <<-'END'
		spdadd 10.0.0.0/8 10.0.0.0/8 any -P out prio 1 none;
		spdadd 10.1.0.0/16 10.2.0.0/16[22] tcp -P out prio 2 discard;
		spdadd 10.1.0.0/16 10.2.0.0/16 tcp -P out prio 2 none;
		spdadd 10.1.0.0/16 10.3.0.0/16 any -mark 1/3 -P out prio 3 discard;
		spdadd 10.1.0.0/16 10.2.0.0/16 any -if_id 7 -P out prio 3 discard;
	END
	verdict 1 dropped 10.1.0.1 '10.2.0.1[22]' tcp
	is '.policy.name == "t.conf:2" and [.considered[].misfits] == [["if_id"],[]]'
	verdict 0 clear '10.1.0.1[22]' '10.2.0.1[23]' tcp
	is '.policy.name == "t.conf:3" and [.considered[].misfits] == [["if_id"],["ports"],[]]'
	verdict 0 clear 10.1.0.1 10.2.0.1 udp
	is '.policy.name == "t.conf:1" and [.considered[].misfits] == [["if_id"],["upper"],["upper"],[]]'
	verdict 1 dropped 10.1.0.1 10.3.0.1 udp --mark=5
	verdict 0 clear 10.1.0.1 10.3.0.1 udp --mark=4
	verdict 1 dropped 10.1.0.1 10.2.0.1 udp --if-id=7
	verdict 0 clear 192.0.2.1 10.2.0.1 udp
	is '.policy == null and .considered == []'
}

@test "ICMP has a type and a code, GRE a key, IPv6 is as IPv4" {
	conf <<-'END'
		spdadd 10.0.0.0/8 10.0.0.0/8 icmp 8,0 -P out discard;
		spdadd 10.0.0.0/8 10.0.0.0/8 gre 70000 -P out discard;
		spdadd fd00::/16 fd00::/16 icmp6 135 -P out discard;
	END
	verdict 1 dropped 10.1.0.1 10.2.0.1 icmp 8,0
	verdict 0 clear 10.1.0.1 10.2.0.1 icmp 0,0
	verdict 1 dropped '10.1.0.1[8]' 10.2.0.1 icmp
	verdict 1 dropped 10.1.0.1 10.2.0.1 gre 70000
	verdict 0 clear 10.1.0.1 10.2.0.1 gre 70001
	verdict 1 dropped fd00::1 fd00::2 icmp6 135
	verdict 0 clear fd00::1 fd00::2 icmp6 128
}

@test "the SA of each request, and for each thing that is wrong the word" {
	conf <<-'END'
		add 192.0.2.1 192.0.2.2 esp 0x1001 -u 5 -A KEY;
		add 192.0.2.1 192.0.2.3 esp 0x1002 -m tunnel -A KEY;
		add 192.0.2.9 192.0.2.4 esp 0x1003 -A KEY;
		add 192.0.2.1 192.0.2.5 esp 0x1004 -mark 1 -A KEY;
		add 192.0.2.1 192.0.2.6 esp 0x1005 -if_id 9 -A KEY;
		add 192.0.2.1 192.0.2.7 ah 0x1006 -A hmac-sha1 0x000102030405060708090a0b0c0d0e0f10111213;
		add 192.0.2.1 192.0.2.8 esp 0x1007 -sel 192.0.2.1 192.0.2.8 tcp -A KEY;
		add 192.0.2.1 192.0.2.10 esp 0x1008 -A KEY;
		add 192.0.2.1 192.0.2.10 esp 0x1009 -A KEY;
		spdadd 192.0.2.1 192.0.2.0/24 any -P out ipsec esp/transport//require;
	END
	for case in 2:reqid 3:mode 4:source 5:mark 6:if_id 7:protocol 8:selector 11:no-sa; do
		verdict 1 dropped 192.0.2.1 "192.0.2.${case%:*}" udp
		is ".requests[0].reason == \"${case#*:}\""
	done
	verdict 0 protected 192.0.2.1 192.0.2.8 tcp
	is '.requests[0].spi == 4103'
	verdict 0 protected 192.0.2.1 192.0.2.10 udp
	# With more than eight SAs the kernel's hash may have grown, and been turned round.
	is '.requests[0].spi == 4105 and .requests[0].or == [4104]'
}

@test "a tunnel's ends are those of the requests after it; what is optional may be left out" {
	conf <<-'END'
		add 192.0.2.1 192.0.2.2 esp 0x1001 -m tunnel -A KEY;
		add 192.0.2.1 192.0.2.2 ah 0x1002 -A hmac-sha1 0x000102030405060708090a0b0c0d0e0f10111213;
		spdadd 10.1.0.0/16 10.2.0.0/16 any -P out ipsec esp/tunnel/192.0.2.1-192.0.2.2/require ah/transport//require;
		spdadd 10.1.0.0/16 10.3.0.0/16 any -P out ipsec esp/transport//use;
	END
	verdict 0 protected 10.1.0.1 10.2.0.1 udp
	is '[.requests[].spi] == [4097, 4098]'
	verdict 0 clear 10.1.0.1 10.3.0.1 udp
	is '.requests[0].reason == "no-sa"'
	sed -i 's/use;/require;/' t.conf
	verdict 1 dropped 10.1.0.1 10.3.0.1 udp
}

@test "inbound: what it may come by, and what becomes of it without" {
	conf <<-'END'
		add 192.0.2.2 192.0.2.1 esp 0x1001 -m tunnel -u 3 -A KEY;
		add 192.0.2.7 192.0.2.1 esp 0x1002 -m tunnel -A KEY;
		spdadd 10.2.0.0/16 10.1.0.0/16 any -P in ipsec esp/tunnel/192.0.2.2-192.0.2.1/require;
		spdadd 10.3.0.0/16 10.1.0.0/16 any -P in ipsec esp/tunnel/192.0.2.8-192.0.2.1/use;
	END
	verdict 0 protected in 10.2.0.1 10.1.0.1 udp
	is '[.requests[0].spi, .requests[0].or] == [4097, []] and .plain == "dropped"'
	verdict 0 clear in 10.3.0.1 10.1.0.1 udp
	is '.plain == "clear"'
	verdict 0 clear in 10.4.0.1 10.1.0.1 udp
	verdict 0 protected fwd 10.2.0.1 10.1.0.1 udp
	is '.then.verdict == "clear"'
	echo 'spdadd 10.2.0.0/16 10.1.0.0/16 any -P out discard;' >>t.conf
	verdict 1 dropped fwd 10.2.0.1 10.1.0.1 udp
}

@test "in words: the answer first, then the policies and the requests" {
	conf <<-'END'
		add 192.0.2.1 192.0.2.2 esp 0x1001 -u 5 -A KEY;
		spdadd 192.0.2.1 192.0.2.2[22] tcp -P out prio 1 none;
		spdadd 192.0.2.1 192.0.2.2 any -P out ipsec esp/transport//require;
	END
	run -1 "$SETKEY" match 192.0.2.1 192.0.2.2 udp t.conf
	diff - <(echo "$output") <<-'END'
		dropped: no SA fits a request that is required
		out 192.0.2.1 192.0.2.2 udp
		policies for these addresses, in the order in which they are tried:
		  t.conf:2: is for another protocol
		    spdadd 192.0.2.1 192.0.2.2[22] 6 -P out prio 1 none;
		  t.conf:3: this one
		    spdadd 192.0.2.1 192.0.2.2 any -P out ipsec esp/transport//require;
		requests:
		  esp/transport//require: no SA
		      t.conf:1 has another reqid
		a key manager that listens would be sent an ACQUIRE
	END
	run -0 "$SETKEY" match 192.0.2.1 '192.0.2.2[22]' tcp t.conf
	[ "${lines[0]}" = "in the clear: the policy lets it pass as it is" ]
}

@test "many packets: a line each, the status is the highest" {
	conf <<-'END'
		spdadd 10.0.0.0/8 10.0.0.0/8 any -mark 1 -P out discard;
	END
	printf '%s\n' '# what must pass' '' 'out 10.1.0.1 10.2.0.1 udp' '10.1.0.1 10.2.0.1[80] tcp mark=1 # not this' >packets
	run -1 "$SETKEY" match --packets=packets --format=json t.conf
	[ "$(jq -r .verdict <<<"$output" | paste -sd ' ')" = "clear dropped" ]
	run -0 --separate-stderr "$SETKEY" match --packets=- --format=json t.conf <<<'in 10.1.0.1 10.2.0.1'
	run -2 "$SETKEY" match --packets=- t.conf <<<'in 10.1.0.1'
	[[ $output == *"-:1: expected"* ]]
	run -3 "$SETKEY" match --packets=nonesuch t.conf
}

@test "coverage: a row for each pair of networks and kind of packets, and a picture" {
	conf <<-'END'
		add 192.0.2.1 192.0.2.2 esp 0x1001 -m tunnel -A KEY;
		spdadd 10.1.0.0/16 10.2.0.0/16[22] tcp -P out prio 1 none;
		spdadd 10.1.0.0/16 10.2.0.0/16 any -P out ipsec esp/tunnel/192.0.2.1-192.0.2.2/require;
		spdadd 10.1.0.0/16 10.3.0.0/16 any -P out discard;
		spdadd 10.4.0.0/16 10.3.0.0/16 any -P out none;
	END
	run -0 "$SETKEY" match --coverage t.conf
	diff - <(echo "$output" | tr -s ' ') <<-'END'
		DIR SOURCE DESTINATION PACKETS VERDICT BY
		out 10.1.0.0/16 10.2.0.0/16 tcp to 22 clear t.conf:2
		out 10.1.0.0/16 10.2.0.0/16 all protected t.conf:3
		out 10.1.0.0/16 10.3.0.0/16 all dropped t.conf:4
		out 10.4.0.0/16 10.2.0.0/16 all clear no policy
		out 10.4.0.0/16 10.3.0.0/16 all clear t.conf:5
	END
	run -0 "$SETKEY" match --coverage --format=json t.conf
	is '.pairs | length == 5 and (.[1] | .verdict == "protected" and .dst.address == "10.2.0.0" and .dst.prefix_length == 16)'
	run -0 "$SETKEY" match --coverage --format=dot t.conf
	[ "$(grep -c -e '->' <<<"$output")" = 5 ]
	need dot
	dot -Tsvg <<<"$output" >/dev/null
}

@test "wrong usage is 2, a file with errors 3, and no key shows" {
	conf <<-'END'
		add 192.0.2.1 192.0.2.2 esp 0x1001 -A KEY;
	END
	run -2 "$SETKEY" match 192.0.2.1
	run -2 "$SETKEY" match 192.0.2.1 fd00::1
	run -2 "$SETKEY" match '192.0.2.1[99999]' 192.0.2.2
	[[ $output == *'is not a numeric ADDRESS or ADDRESS[PORT]'* ]]
	run -2 "$SETKEY" match outbound 192.0.2.1 192.0.2.2
	[[ $output == *'"outbound" is neither in, out or fwd nor a numeric ADDRESS or ADDRESS[PORT]'* ]]
	run -2 "$SETKEY" match --format=dot 192.0.2.1 192.0.2.2 t.conf
	run -0 "$SETKEY" match 192.0.2.1 192.0.2.2 t.conf
	[[ $output != *0102030405* ]]
	echo 'spdadd nonsense' >>t.conf
	run -3 "$SETKEY" match 192.0.2.1 192.0.2.2 t.conf
	run -3 "$SETKEY" match 192.0.2.1 192.0.2.2 nonesuch.conf
}
