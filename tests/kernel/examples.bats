#!/usr/bin/env bats
# The examples that come in pairs, loaded at both ends of a wire, protect what they say they do.

setup_file() {
	cd "$BATS_TEST_DIRNAME/../../examples" || return
	ip -batch - <<<$'netns add a\nnetns add b\nlink add eth0 netns a type veth peer name eth0 netns b'
	printf '%s\n' "link set lo up" "address add 192.0.2.1/24 dev eth0" "address add 10.1.0.1/32 dev lo" \
		"link set eth0 up" "route add 10.2.0.0/24 via 192.0.2.2 src 10.1.0.1" | ip -n a -batch -
	printf '%s\n' "link set lo up" "address add 192.0.2.2/24 dev eth0" "address add 10.2.0.1/32 dev lo" \
		"link set eth0 up" "route add 10.1.0.0/24 via 192.0.2.1 src 10.2.0.1" | ip -n b -batch -
}

teardown_file() {
	ip -batch - <<<$'netns del a\nnetns del b'
}

# protected NAME TARGET: a ping from a to the target, after which every SA of the pair has carried a packet
protected() {
	ip netns exec a "$SETKEY" --insecure -f "$1-a.conf"
	ip netns exec b "$SETKEY" --insecure -f "$1-b.conf"
	ip netns exec a ping -q -c 1 -W 3 "$2"
	[ "$(ip -n a -s xfrm state | grep -c '[1-9][0-9]*(bytes), [1-9][0-9]*(packets)')" = 2 ]
	[ "$(ip -n b -s xfrm state | grep -c '[1-9][0-9]*(bytes), [1-9][0-9]*(packets)')" = 2 ]
}

@test "transport-a.conf and transport-b.conf" { protected transport 192.0.2.2; }
@test "tunnel-a.conf and tunnel-b.conf" { protected tunnel 10.2.0.1; }

@test "the others load" {
	for file in *.conf; do
		ip netns exec a "$SETKEY" --insecure -f "$file"
		[ "$(ip -n a xfrm state | grep -c ^src)" -ge 2 ]
	done
}
