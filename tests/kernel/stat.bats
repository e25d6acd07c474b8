#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# `setkey stat` with SAs that carry packets: counters, rates, ends.

load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	ip -batch - <<<$'netns add sa\nnetns add sb\nlink add eth0 netns sa type veth peer name eth0 netns sb'
	for side in a:1:2 b:2:1; do
		IFS=: read -r name own other <<<"$side"
		printf '%s\n' "link set lo up" "link set eth0 up" "addr add 192.0.2.$own/24 dev eth0" | ip -n "s$name" -batch -
	done
	key=0x000102030405060708090a0b0c0d0e0f10111213
	for side in a:1:2 b:2:1; do
		IFS=: read -r name own other <<<"$side"
		ip netns exec "s$name" "$SETKEY" -f - <<-END
			add 192.0.2.1 192.0.2.2 esp 0x1001 -r 32 -ls 3500 -lh 3600 -ph 1000000 -E null -A hmac-sha1 $key;
			add 192.0.2.2 192.0.2.1 esp 0x1002 -r 32 -E null -A hmac-sha1 $key;
			spdadd 192.0.2.$own 192.0.2.$other any -P out ipsec esp/transport//require;
			spdadd 192.0.2.$other 192.0.2.$own any -P in ipsec esp/transport//require;
		END
	done
}

teardown() {
	ip -batch - <<<$'netns del sa\nnetns del sb'
}

@test "bytes, packets, rates, sequence numbers, and the time that is left" {
	ip netns exec sa ping -q -c 3 -i 0.2 192.0.2.2 >/dev/null
	run ip netns exec sa "$SETKEY" stat --format=json
	jq -e '.sas[] | select(.spi == 4097) | .packets == 3 and .bytes > 100 and .sequence == 3 and .limit_seconds > 3000 and
		.limit_seconds <= 3600 and .sequence_end_seconds == null and .packets_per_second == 0' <<<"$output"
	jq -e '.sas[] | select(.spi == 4098) | .limit_seconds == null' <<<"$output"
	jq -e '[.policies[] | select(.use_time > 0)] | length == 2' <<<"$output"
	ip netns exec sa ping -q -i 0.05 -w 6 192.0.2.2 >/dev/null 3>&- &
	run ip netns exec sa "$SETKEY" stat sa --interval=2 --format=json
	jq -e '.sas[] | select(.spi == 4097) | .packets_per_second > 0 and .bytes_per_second > .packets_per_second and
		.sequence_end_seconds > 1000 and .sequence_end_seconds < 4294967295' <<<"$output"
	wait
}

@test "errors of an SA show in every form" {
	ip netns exec sb "$SETKEY" -e "delete 192.0.2.2 192.0.2.1 esp 0x1002; add 192.0.2.2 192.0.2.1 esp 0x1002 -E null -A hmac-sha1 ${key/0x00/0xff};"
	ip netns exec sa ping -q -c 2 -i 0.2 -W 1 192.0.2.2 >/dev/null || true
	run ip netns exec sa "$SETKEY" stat --format=prometheus
	[[ $output =~ 'setkey_sa_errors_total{src="192.0.2.2",dst="192.0.2.1",proto="esp",mode="transport",reqid="0",kind="integrity"} '[12] ]]
	[[ $output =~ 'setkey_dropped_packets_total{reason="XfrmInStateProtoError"} '[12] ]]
	[ "$(ip netns exec sa "$SETKEY" dump sa --format=json | jq 'select(.spi == 4098).state.integrity_failed')" -gt 0 ]
	ip netns exec sa "$SETKEY" dump sa --format=table | grep -q 'esp.*0x00001002.* forged [12]'
	ip netns exec sa "$SETKEY" -D | grep -q '^	xfrm: .*forged=[12]'
}
