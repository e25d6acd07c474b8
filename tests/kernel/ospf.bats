#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# OSPFv3 between two routers that run BIRD: with each text that we print they come to know each other fully, and no packet
# of OSPF is in the clear. Blocks of statements are taken from README.md, setkey.conf(5) and examples/ospfv3.conf.

load ../lib

setup_file() {
	[ -n "$(command -v bird)" ] && ! is_emulated || return 0
	cd "$BATS_FILE_TMPDIR" || return
	ip -batch - <<<$'netns add r1\nnetns add r2\nlink add eth0 netns r1 type veth peer name eth0 netns r2'
	for n in 1 2; do
		printf '%s\n' "link set lo up" "link set eth0 addrgenmode none up" "address add fe80::$n/64 dev eth0 nodad" \
			"address add 2001:db8:$n::1/64 dev lo nodad" | ip -n r$n -batch -
		cat >r$n.conf <<-END
			router id 192.0.2.$n;
			protocol device {}
			protocol ospf v3 {
				ipv6 {};
				area 0 { interface "eth0" { hello 1; dead 4; wait 2; retransmit 2; }; interface "lo" { stub; }; };
			}
		END
	done
}

teardown_file() {
	[ -z "$(command -v bird)" ] || is_emulated || ip -batch - <<<$'netns del r1\nnetns del r2'
}

setup() {
	! is_emulated || skip "user-mode-linux runs it: the routers' clocks do not wait for emulation"
	need bird
	cd "$BATS_FILE_TMPDIR" || return
	running=()
}

teardown() {
	[ ${#running[@]} = 0 ] || kill "${running[@]}" 2>/dev/null || :
	wait || :
}

# background NAME COMMAND...: in the router of that name
background() {
	local name=$1
	shift
	ip netns exec "$name" "$@" >>"$name.log" 2>&1 3>&- &
	running+=("$!")
}

is_full() {
	[ "$(timeout 5 birdc -s "r$1.sock" show ospf neighbors 2>/dev/null | grep -c Full)" = 1 ]
}

within() {
	local tries=150
	until "$@"; do
		((tries-- > 0)) || return 1
		sleep 0.2
	done
}

# routed FILE: both routers load it and become neighbours; leaves what they sent in r1.pcap and r2.pcap
routed() {
	local n
	for n in 1 2; do
		ip -n r$n xfrm state flush
		ip -n r$n xfrm policy flush
		ip netns exec r$n "$SETKEY" --insecure -f "$1"
		background r$n tcpdump -n -U -Z root -Q out -i eth0 -w r$n.pcap ip6
	done
	within test -s r1.pcap
	within test -s r2.pcap
	for n in 1 2; do
		background r$n bird -f -c r$n.conf -s r$n.sock -P r$n.pid
	done
	within is_full 1
	within is_full 2
	# What they say to each other then, as a network comes up
	ip -n r1 address add 2001:db8:77::1/64 dev lo nodad
	sleep 2
	ip -n r1 address del 2001:db8:77::1/64 dev lo
	kill "${running[@]}"
	wait || :
	running=()
}

# sent FILTER: how many such packets the two have sent
sent() {
	local n
	for n in 1 2; do
		tcpdump -n -r r$n.pcap "$1" 2>/dev/null
	done | wc -l
}

protected() {
	routed "$1"
	echo "$1: $(sent 'ip6 proto 89') of OSPF, $(sent 'ip6 proto 50') of ESP"
	[ "$(sent 'ip6 proto 89')" = 0 ]
	[ "$(sent 'ip6 proto 50')" -gt 10 ]
	[ "$(sent 'ip6 proto 50 and not dst net ff00::/8')" -gt 2 ]
}

top=$BATS_TEST_DIRNAME/../..

@test "examples/ospfv3.conf" {
	cp "$top/examples/ospfv3.conf" example
	protected example
}

@test "the block of README.md" {
	awk '/^```/ { inside = ! inside && $0 == "```setkey"; n += inside; next } inside { print > ("readme." n) }' "$top/README.md"
	[ "$(grep -l ff02:: readme.* | wc -l)" = 1 ]
	protected "$(grep -l ff02:: readme.*)"
}

@test "the block of setkey.conf(5)" {
	awk '/^\.Bd/ { inside = 1; n++; next } /^\.Ed/ { inside = 0 } inside { print > ("manual." n) }' "$top/man/setkey.conf.5.in"
	[ "$(grep -l ff02:: manual.* | wc -l)" = 1 ]
	protected "$(grep -l ff02:: manual.*)"
}

@test "policies for the groups alone let the routers become neighbours, and leave OSPF in the clear, which lint finds" {
	sed 's,^spdadd fe80::/10 ::/0 89,spdadd fe80::/10 ff02::/16 89,' "$top/examples/ospfv3.conf" >groups
	[ "$(grep -c '^spdadd .* ff02::/16' groups)" = 2 ]
	routed groups
	[ "$(sent 'ip6 proto 89')" -gt 2 ]
	run "$SETKEY" lint --no-config --profile=routing groups
	[[ $output == *'[multicast-only]'* ]]
}
