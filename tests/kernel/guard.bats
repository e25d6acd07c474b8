#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What the guard of sync takes for granted about Linux, and what it says where SAs are there.

load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	ip -batch - <<<$'xfrm state flush\nxfrm policy flush'
	ip netns add guard-peer
	ip link add g0 type veth peer name g1 netns guard-peer
	ip addr add 10.77.0.1/24 dev g0
	ip link set g0 up
	ip -n guard-peer addr add 10.77.0.2/24 dev g1
	ip -n guard-peer link set lo up
	ip -n guard-peer link set g1 up
	ip addr add 10.78.1.1/32 dev lo
	ip -n guard-peer addr add 10.78.2.1/32 dev lo
	ip route add 10.78.2.1 via 10.77.0.2 src 10.78.1.1
	ip -n guard-peer route add 10.78.1.1 via 10.77.0.1 src 10.78.2.1
	key=0x000102030405060708090a0b0c0d0e0f
}

teardown() {
	[ -z "${server-}" ] || kill "$server" "$client" 2>/dev/null || :
	ip netns del guard-peer
	ip addr del 10.78.1.1/32 dev lo
	"$SETKEY" -F
	"$SETKEY" -FP
}

tunnel() {
	cat <<-END
		flush; spdflush;
		add 10.77.0.1 10.77.0.2 esp 0x1001 -m tunnel -E aes-cbc $key -A hmac-sha1 0x$(printf '%040d' 1);
		add 10.77.0.2 10.77.0.1 esp 0x1002 -m tunnel -E aes-cbc $key -A hmac-sha1 0x$(printf '%040d' 2);
	END
}

# session: a connection of the two hosts, in SSH_CONNECTION
session() {
	cat >server.pl <<-'END'
		use IO::Socket::IP;
		my $l = IO::Socket::IP->new(LocalHost => "10.77.0.1", LocalPort => 22, Listen => 1, ReuseAddr => 1) or die "$@";
		open(my $ready, ">", "ready"); close $ready;
		my $c = $l->accept; open(my $p, ">", "port.new"); print $p $c->peerport; close $p; rename("port.new", "port"); sleep 60;
	END
	perl server.pl 3>&- &
	server=$!
	until [ -e ready ]; do sleep 0.05; done
	ip netns exec guard-peer bash -c 'exec 7<>/dev/tcp/10.77.0.1/22; exec sleep 60' 3>&- &
	client=$!
	until [ -e port ]; do sleep 0.05; done
	SSH_CONNECTION="10.77.0.2 $(<port) 10.77.0.1 22"
	export SSH_CONNECTION
}

@test "no policy stops ESP between the ends of its own tunnel, on neither side, and so nothing is refused" {
	{ tunnel && cat <<-'END'; } >here.conf
		spdadd 10.78.1.1 10.78.2.1 any -P out prio high ipsec esp/tunnel/10.77.0.1-10.77.0.2/require;
		spdadd 10.78.2.1 10.78.1.1 any -P in prio high ipsec esp/tunnel/10.77.0.2-10.77.0.1/require;
		spdadd 10.77.0.1 10.77.0.2 esp -P out discard;
		spdadd 10.77.0.2 10.77.0.1 esp -P in discard;
		spdadd 0.0.0.0/0 0.0.0.0/0 any -P out ipsec esp/tunnel/10.77.0.1-10.77.0.2/require;
		spdadd 0.0.0.0/0 0.0.0.0/0 any -P in ipsec esp/tunnel/10.77.0.2-10.77.0.1/require;
	END
	"$SETKEY" mirror here.conf >there.conf
	"$SETKEY" sync here.conf
	ip netns exec guard-peer "$SETKEY" sync there.conf
	ping -c 2 -i 0.2 -W 2 -I 10.78.1.1 10.78.2.1
}

@test "a session that is newly protected is cut off, as the other end goes on in the clear; one that was protected is not" {
	{ tunnel | sed 's/-m tunnel/-m transport/' && cat <<-'END'; } >here.conf
		spdadd 10.77.0.1 10.77.0.2 any -P out ipsec esp/transport//require;
		spdadd 10.77.0.2 10.77.0.1 any -P in ipsec esp/transport//require;
	END
	session
	run "$SETKEY" sync here.conf
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"here.conf:"*"it was unprotected, and the other end goes on without protection [cuts-session]"* ]]
	"$SETKEY" mirror here.conf >there.conf
	ip netns exec guard-peer "$SETKEY" -f there.conf
	"$SETKEY" sync --force here.conf
	sed '3s/$/ spdadd 10.9.9.9 10.9.9.8 any -P out discard;/' here.conf >more.conf
	"$SETKEY" sync more.conf
	grep -v 0x1002 here.conf >less.conf
	run "$SETKEY" sync less.conf
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"-P in "*"not every SA for it exists [cuts-session]"* || $output == *"not every SA for it exists [cuts-session]"*"-P in "* ]]
}
