#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# setkey lint --kernel: what the kernel holds is judged as a file is, and no key is shown.

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	ip -batch - <<<$'xfrm state flush\nxfrm policy flush'
	key=0x8f3a6cd1e90b7254a1c6de08f79b3512
	cat >f.conf <<-END
		add 192.0.2.1 192.0.2.2 esp 0x1001 -E aes-cbc $key;
		add 192.0.2.2 192.0.2.1 esp 0x1002 -m tunnel -E aes-cbc 0xc41d90e7b25f6a38d0937be1f46c285a -A hmac-sha1 0x51d7c0a9e8b34f6612ed7095c3ab48f0de61927b;
		spdadd 10.1.0.0/16 10.2.0.0/16 any -P out ipsec esp/tunnel/192.0.2.1-192.0.2.2/require;
		spdadd 10.2.0.0/16 10.1.0.0/16 any -P in ipsec esp/tunnel/192.0.2.2-192.0.2.1/require;
	END
	umask 077
}

@test "SAs in the kernel are judged over both interfaces, with their keys masked" {
	for via in xfrm pfkey; do
		"$SETKEY" --via=$via -e 'flush; spdflush;'
		"$SETKEY" --via=$via -f f.conf
		run "$SETKEY" lint --via=$via --kernel
		echo "$output"
		[ "$status" = 1 ]
		[[ $output == *"kernel:2:"*"[not-tunnel]"*"kernel:4:"*"note: the policy"*"kernel:2:"*"[no-integrity]"* ]]
		[[ $output == *"0x...(16 bytes)"* && $output != *8f3a6cd1* ]]
	done
}

@test "files are judged on top of what the kernel holds" {
	"$SETKEY" -f f.conf
	run "$SETKEY" lint --kernel --format=gcc f.conf
	[ "$status" = 1 ]
	[[ $output == *"f.conf:1:"*"[SK301]"* && $output == *"f.conf:4:"*"[SK302]"* ]]
}

@test "a kernel that holds nothing has no faults" {
	run "$SETKEY" lint --kernel
	[ "$status$output" = 0 ]
}

@test "the kernel refuses as there already what lint says is, marks and interfaces heeded" {
	cat "$BATS_TEST_DIRNAME"/../lint/duplicate-{marked{,-masks},interface,policy-{marked,limits}}.conf >duplicate-marked.conf
	"$SETKEY" lint --format=gcc duplicate-marked.conf | grep -o ':[0-9]*:.*SK30[12]' | cut -d : -f 2 >said
	[ "$(wc -l <said)" = 9 ]
	"$SETKEY" -f duplicate-marked.conf 2>&1 | grep '\[kernel\]' | cut -d : -f 2 >refused
	diff said refused
}

@test "the kernel compares the bits of policies that match nothing too, and takes protocol 0 for any" {
	grep -n '^spdadd 10\.' "$BATS_TEST_DIRNAME/../lint/duplicate-policy-bits.conf" | cut -d : -f 2- >bits.conf
	"$SETKEY" lint --format=gcc bits.conf | grep -o ':[0-9]*:.*SK302' | cut -d : -f 2 >said
	[ "$(cat said)" = 5 ]
	"$SETKEY" -f bits.conf 2>&1 | grep '\[kernel\]' | cut -d : -f 2 >refused
	diff said refused
}

@test "a policy without a mark takes marked packets from one behind it, not from one before it" {
	ip link add lint0 type veth peer name lint1
	ip address add 192.0.2.1/24 dev lint0
	ip link set lint0 up
	ip link set lint1 up
	ip neighbour add 192.0.2.2 lladdr 02:00:00:00:00:02 dev lint0
	"$SETKEY" -c <<<'spdadd 192.0.2.0/24 192.0.2.0/24 any -P out none; spdadd 192.0.2.0/24 192.0.2.0/24 icmp -mark 1 -P out discard;'
	blocked() { awk '/XfrmOutPolBlock/ { print $2 }' /proc/net/xfrm_stat; }
	first=$(blocked)
	ping -c 1 -W 1 -m 1 192.0.2.2 || true
	behind=$(blocked)
	"$SETKEY" -c <<<'spdadd 192.0.2.0/24 192.0.2.0/25 icmp -mark 1 -P out prio high discard;'
	ping -c 1 -W 1 -m 1 192.0.2.2 || true
	before=$(blocked)
	ip link delete lint0
	[ "$((behind - first)) $((before - behind))" = '0 1' ]
}

@test "the kernel finds no SA for a policy where lint says that -if_id or the mark differs" {
	ip link add lint0 type veth peer name lint1
	ip address add 192.0.2.1/24 dev lint0
	ip link set lint0 up
	ip link set lint1 up
	"$SETKEY" -f "$BATS_TEST_DIRNAME/../lint/links.conf"
	for to in 3 4 6 7; do
		ip neighbour add 192.0.2.$to lladdr 02:00:00:00:00:0$to dev lint0
		before=$(awk '/XfrmOutNoStates/ { print $2 }' /proc/net/xfrm_stat)
		ping -c 1 -W 1 -m 21 192.0.2.$to || true
		[ "$before" = "$(awk '/XfrmOutNoStates/ { print $2 }' /proc/net/xfrm_stat)" ] || echo $to
	done >lost
	ip link delete lint0
	[ "$(grep -x '[0-9]' lost | tr -d '\n')" = 67 ]
}

@test "SAs without a policy that asks for them are no-policies; with one, in the kernel, in a file or of a kind that no statement makes, they are not" {
	"$SETKEY" -e "add 192.0.2.1 192.0.2.2 esp 0x1001 -E aes-cbc $key -A hmac-md5 $key;"
	for via in xfrm pfkey; do
		run "$SETKEY" lint --via=$via --kernel --format=gcc
		echo "$output"
		[[ $output == *"kernel:2:1: warning: the kernel holds 1 SA and no policy"*"[SK418]"* ]]
	done
	"$SETKEY" -e 'spdadd 192.0.2.3 192.0.2.4 any -P out none;'
	[[ $("$SETKEY" lint --kernel) == *"[no-policies]"* ]]
	echo 'spdadd 192.0.2.1 192.0.2.2 any -P out ipsec esp/transport//require;' >p.conf
	[[ $("$SETKEY" lint --kernel p.conf) != *"[no-policies]"* ]]
	"$SETKEY" -f p.conf
	[[ $("$SETKEY" lint --kernel) != *"[no-policies]"* ]]
	"$SETKEY" -FP
	ip xfrm policy add src 192.0.2.1 dst 192.0.2.2 proto udp dport 7 dir out tmpl proto route2 mode ro
	[[ $("$SETKEY" lint --kernel) != *"[no-policies]"* ]]
	"$SETKEY" -F
	"$SETKEY" -FP
	run "$SETKEY" lint --kernel
	[ "$status$output" = 0 ]
}

@test "a counter mode in the kernel may be an IKE daemon's, and is not found; saved in a file it is" {
	"$SETKEY" -e "add 192.0.2.1 192.0.2.2 esp 0x1001 -E aes-gcm-16 ${key}0a1b2c3d;"
	[[ $("$SETKEY" lint --kernel) != *"[counter-mode]"* ]]
	"$SETKEY" dump --format=conf --show-keys >saved.conf
	[[ $("$SETKEY" lint saved.conf) == *"[counter-mode]"* ]]
}

@test "a trap of an IKE daemon gets no id of another child as advice" {
	"$SETKEY" -f - <<-END
		add 192.0.2.1 192.0.2.2 esp 0x1001 -m tunnel -u 1 -E aes-cbc $key -A hmac-md5 $key;
		spdadd 10.1.0.0/16 10.2.0.0/16 any -P out ipsec esp/tunnel/192.0.2.1-192.0.2.2/unique:1;
	END
	ip xfrm policy add src 10.1.0.0/16 dst 10.3.0.0/16 dir out priority 400000 tmpl src 192.0.2.1 dst 192.0.2.2 proto esp reqid 2 mode tunnel
	run "$SETKEY" lint --kernel
	echo "$output"
	[[ $output == *"[other-id]"* && $output != *"hint: unique"* && $output != *"hint: -u"* ]]
	ip xfrm policy delete src 10.1.0.0/16 dst 10.2.0.0/16 dir out
	run "$SETKEY" lint --kernel
	echo "$output"
	[[ $output == *"[other-id]"* && $output != *"hint: unique"* && $output != *"hint: -u"* ]]
}

@test "IPv6 finds no SA that carries IPv4 alone, where lint says so, in a file or of the kernel; what comes in by one is taken" {
	ip netns add lint6
	ip link add lint0 type veth peer name lint1 netns lint6
	ip address add 192.0.2.1/24 dev lint0
	ip address add 2001:db8:1::1/64 dev lint0 nodad
	ip link set lint0 up
	ip -n lint6 address add 192.0.2.2/24 dev lint1
	ip -n lint6 address add 2001:db8:2::1/64 dev lint1 nodad
	ip -n lint6 link set lint1 up
	ip -6 route add 2001:db8:2::/64 dev lint0
	ip -n lint6 -6 route add 2001:db8:1::/64 dev lint1
	echo "exact; add 192.0.2.1 192.0.2.2 esp 0x1001 -m tunnel -E aes-cbc $key -A hmac-md5 $key;" >sa.conf
	echo 'spdadd 2001:db8:1::/64 2001:db8:2::/64 any -P out ipsec esp/tunnel/192.0.2.1-192.0.2.2/require;' >out.conf
	sed 's/out/in/' out.conf >in.conf
	ip netns exec lint6 "$SETKEY" -f sa.conf -f in.conf
	[[ $("$SETKEY" lint sa.conf in.conf) != *"[inner-family]"* ]]
	lost() { awk '/XfrmOutNoStates/ { print $2 }' /proc/net/xfrm_stat; }
	"$SETKEY" -f sa.conf
	"$SETKEY" -f out.conf
	before=$(lost)
	ping -c 1 -W 1 2001:db8:2::1 || echo "none of it came" >said
	after=$(lost)
	run "$SETKEY" lint sa.conf out.conf
	both=$output
	run "$SETKEY" lint --kernel
	held=$output
	"$SETKEY" -e 'spdflush;'
	run "$SETKEY" lint --kernel out.conf
	"$SETKEY" -e 'flush;'
	sed 's/-m tunnel/& -f af-unspec/' sa.conf >both.conf
	"$SETKEY" -f both.conf
	"$SETKEY" -f out.conf
	ping -c 3 -W 2 2001:db8:2::1 && echo "all of it came" >>said
	[[ $("$SETKEY" lint --kernel) != *"[inner-family]"* ]]
	ip netns delete lint6
	ip link delete lint0 || true
	echo "$before $after"
	cat said
	[ "$((after - before > 0))" = 1 ]
	[ "$(cat said)" = $'none of it came\nall of it came' ]
	[[ $both == *"out.conf:1:"*"error: "*"SPI 0x1001"*"[inner-family]"*"sa.conf:1:"*"note: the SA"* ]]
	[[ $held == *"kernel:"*"SPI 0x1001"*"[inner-family]"* ]]
	[[ $output == *"out.conf:1:"*"[inner-family]"*"kernel:"*"note: the SA"* ]]
}
