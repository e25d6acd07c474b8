#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# `setkey doctor` names nothing on a healthy pair, and each fault that is made.

load ../lib

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	ip -batch - <<-'END'
		netns add da
		netns add db
		link add eth0 netns da type veth peer name eth0 netns db
	END
	for side in a:1:2 b:2:1; do
		IFS=: read -r name own other <<<"$side"
		printf '%s\n' "link set lo up" "link set eth0 up" "addr add 192.0.2.$own/24 dev eth0" "addr add 10.$own.0.1/32 dev lo" \
			"route add 10.$other.0.0/16 dev eth0 src 10.$own.0.1" | ip -n "d$name" -batch -
		ip netns exec "d$name" sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.eth0.rp_filter=0 net.ipv4.conf.all.rp_filter=0
	done
	umask 077
	"$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 --net-a 10.1.0.0/16 --net-b 10.2.0.0/16 --out-a a.conf --out-b b.conf
}

teardown_file() {
	ip -batch - <<<$'netns del da\nnetns del db'
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return
	on_a "$SETKEY" -f a.conf
	ip netns exec db "$SETKEY" -f b.conf
	one_ping
}

on_a() {
	ip netns exec da "$@"
}

one_ping() {
	on_a ping -q -c 1 -W "${1-3}" -I 10.1.0.1 10.2.0.1 >/dev/null
}

# names ID STATUS [ARG...]: the check has found something of that status, and the exit status is that of an error
names() {
	local id=$1 wanted=$2
	shift 2
	run on_a "$SETKEY" doctor --format=json "$@"
	jq -e --arg id "$id" --arg s "$wanted" '[.checks[] | select(.id == $id and .status == $s)] | length > 0' <<<"$output" >/dev/null ||
		{ echo "not $id: $wanted" && jq -r '.checks[] | select(.status != "ok") | "\(.id) \(.status) \(.message)"' <<<"$output" && return 1; }
	[ "$wanted" != error ] || [ "$status" = 1 ]
}

# The first test, as counters are never set back
@test "nothing is wrong with a healthy pair" {
	run on_a "$SETKEY" doctor --format=json
	found=$(jq -r '.checks[] | select(.status != "ok") | "\(.id) \(.status) \(.message)"' <<<"$output")
	[ "$status" = 0 ] || { echo "$found" && return 1; }
	[[ $found == "firewall skipped "* && $found != *$'\n'* ]] || { echo "$found" && return 1; }
	jq -e '.checks[] | select(.id == "mtu") | .message | test("1438 bytes|bytes, TCP segments")' <<<"$output"
	run on_a "$SETKEY" doctor a.conf
	[ "$status" = 0 ]
}

@test "settings of the host" {
	on_a sysctl -qw net.ipv4.ip_forward=0
	names forwarding warning
	on_a sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.eth0.disable_xfrm=1
	names disabled error
	on_a sysctl -qw net.ipv4.conf.eth0.disable_xfrm=0 net.ipv4.conf.eth0.disable_policy=1
	names disabled error
	on_a sysctl -qw net.ipv4.conf.eth0.disable_policy=0 net.core.xfrm_larval_drop=0
	names settings warning
	on_a sysctl -qw net.core.xfrm_larval_drop=1 net.ipv4.ip_no_pmtu_disc=1
	names settings warning
	on_a sysctl -qw net.ipv4.ip_no_pmtu_disc=0
	if on_a ip xfrm policy setdefault in block 2>/dev/null; then
		names default-policy warning
		on_a ip xfrm policy setdefault in accept
	fi
}

@test "routes, MTU, the filter of source addresses" {
	ip -n da link set eth0 mtu 620
	names mtu warning
	ip -n da link set eth0 mtu 1500
	ip -n da route del 10.2.0.0/16
	names routes error
	ip -n da route add 10.2.0.0/16 dev lo
	on_a sysctl -qw net.ipv4.conf.eth0.rp_filter=1
	names rp-filter error
	on_a sysctl -qw net.ipv4.conf.eth0.rp_filter=0
	ip -n da route del 10.2.0.0/16 dev lo
	ip -n da addr del 192.0.2.1/24 dev eth0
	names routes error
	printf '%s\n' "addr add 192.0.2.1/24 dev eth0" "route add 10.2.0.0/16 dev eth0 src 10.1.0.1" | ip -n da -batch -
}

@test "SAs that are missing, idle, asked for by nobody, or near their end" {
	spi=$(on_a "$SETKEY" dump sa --src=192.0.2.1 --format=json | jq -r .spi)
	on_a "$SETKEY" -e "delete 192.0.2.1 192.0.2.2 esp $spi;"
	names missing-sa error
	one_ping 1 || true
	names counters warning
	key=$("$SETKEY" keygen aes-cbc | sed 's/.*0x/0x/') auth=$("$SETKEY" keygen hmac-sha256-128 | sed 's/.*0x/0x/')
	sa="esp 0x7001 -m tunnel"
	alg="-E aes-cbc $key -A hmac-sha256-128 $auth"
	on_a "$SETKEY" -e "add 192.0.2.1 192.0.2.2 $sa $alg;"
	names idle-sa warning
	on_a "$SETKEY" -e "add 192.0.2.1 192.0.2.99 $sa $alg;"
	names orphan-sa warning
	on_a "$SETKEY" -e "add 192.0.2.1 192.0.2.2 esp 0x7002 -m tunnel -ls 1 -lh 1000 $alg;"
	sleep 2
	names lifetime warning
	on_a ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x7003 mode tunnel replay-oseq 4294967000 \
		auth 'hmac(sha1)' 0x0102030405060708090a0b0c0d0e0f1011121314 enc 'ecb(cipher_null)' ''
	names sequence warning
	names lint warning
}

@test "another key at the other end" {
	spi=$(on_a "$SETKEY" dump sa --src=192.0.2.2 --format=json | jq -r .spi)
	line=$(ip netns exec db "$SETKEY" dump sa --src=192.0.2.2 --format=conf --show-keys 2>/dev/null | sed -n '/^add/p')
	ip netns exec db "$SETKEY" -e "delete 192.0.2.2 192.0.2.1 esp $spi;"
	ip netns exec db "$SETKEY" -f - <<<"exact; ${line/-A hmac-sha256-128 0x??/-A hmac-sha256-128 0x00}" || echo "$line"
	one_ping 1 || true
	names sa-errors error
}

@test "without policies nothing is protected; without rights it says so" {
	on_a "$SETKEY" -FP
	names protection error
	run on_a setpriv --reuid=65534 --clear-groups "$SETKEY" doctor
	[ "$status" = 1 ]
	[[ $output == *"error"*"[xfrm]"* ]]
}
