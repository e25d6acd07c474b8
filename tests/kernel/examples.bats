#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
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

# The lines of README's block after this heading, as they would be pasted
block_after() {
	awk -v heading="$1" '$0 == heading { found = 1 } found && /^```/ { if (inside) exit; inside = 1; next } inside' "$BATS_TEST_DIRNAME/../../README.md"
}

@test "saved and brought back as README prints it, everything is there again" {
	PATH=$(dirname "$SETKEY"):$PATH
	ip netns exec a "$SETKEY" --insecure -f tunnel-a.conf
	ip -n a -batch - <<-'END'
		xfrm policy add src 10.9.0.0/16 dst 10.8.0.0/16 dir out ptype sub
		xfrm policy add src 10.9.0.0/16 dst 10.8.0.0/16 dir out mark 7 mask 0xff priority 9
	END
	ip netns exec a setkey dump --format=conf --show-keys >"$BATS_TEST_TMPDIR/before"
	block_after "### Save it all, and bring it back" >"$BATS_TEST_TMPDIR/block"
	[ "$(cat "$BATS_TEST_TMPDIR/block")" = $'setkey save saved.conf\nsetkey sync saved.conf' ]
	sed -i '1a setkey flush' "$BATS_TEST_TMPDIR/block"
	(cd "$BATS_TEST_TMPDIR" && ip netns exec a bash -e block)
	[ "$(stat -c %a "$BATS_TEST_TMPDIR/saved.conf")" = 600 ]
	ip netns exec a setkey dump --format=conf --show-keys | sort | diff <(sort "$BATS_TEST_TMPDIR/before") -
}
