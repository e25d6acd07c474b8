#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# `setkey match` says the truth: random tables, real packets, and what the wire shows. MATCH_TABLES says how many tables,
# MATCH_SEED which; a table that is wrong is kept in /lab.

load ../lib

setup_file() {
	export MATCH_TABLES=${MATCH_TABLES-$(is_emulated && echo 8 || echo 30)} MATCH_SEED=${MATCH_SEED-1}
	ip -batch - <<-'END'
		netns add ma
		netns add mb
		link add eth0 netns ma address 02:00:00:00:00:01 type veth peer name eth0 netns mb address 02:00:00:00:00:01
	END
	for side in ma mb; do
		printf '%s\n' "link set lo up" "link set eth0 addrgenmode none" "link set eth0 arp off multicast off up" |
			ip -n "$side" -batch -
	done
	printf '%s\n' "addr add 192.0.2.1/24 dev eth0" "addr add fd0f::1/64 dev eth0 nodad" "route add default dev eth0" \
		"route add ::/0 dev eth0" "route add local fd01::/16 dev lo" "route add local 10.1.0.0/16 dev lo" | ip -n ma -batch -
}

teardown_file() {
	ip -batch - <<<$'netns del ma\nnetns del mb'
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# What match says of each packet, in the words of tests/lab/packets: "clear", "none", "esp 4097 4098": one of these
said() {
	jq -r 'if .verdict == "clear" then "clear" elif .verdict == "dropped" then "none" elif .verdict == "protected" then
		([.requests[] | select(.spi)] | last | "\(.proto) \(([.spi] + .or) | join(" "))") else .verdict end' "$1"
}

# compare WIRE SAID PACKETS: the lines in which they do not agree. Where match says that it cannot say, nothing is wrong.
compare() {
	paste -d '|' "$1" "$2" "$3" | awk -F'|' '{
		split($1, wire, " "); n = split($2, said, " "); agree = said[1] == "unknown" || (wire[1] == said[1] && n == 1)
		for (i = 2; i <= n; i++) agree = agree || (wire[1] == said[1] && wire[2] == said[i])
		if (!agree) print NR ": the wire: " $1 ", match: " $2 ": " $3
	}'
}

# One shell in the namespace for all tables: programs start slowly in the guest.
run_tables() {
	local i status=0
	for ((i = 1; i <= MATCH_TABLES; i++)); do
		"$SETKEY" --insecure -f "$i.conf" || { echo "table $i does not load" && status=1; }
		"$SETKEY" match --packets="$i.packets" --format=json >"$i.kernel"
		"$top/build/lab/packets" out eth0 <"$i.packets" >"$i.wire"
		"$SETKEY" match --packets="$i.packets" --format=json --insecure "$i.conf" >"$i.file"
	done
	return $status
}

@test "what match says of a packet is what the wire shows, from the kernel and from the file, SPI included" {
	awk -v seed="$MATCH_SEED" -v tables="$MATCH_TABLES" -v each=12 -v dir=. -f "$BATS_TEST_DIRNAME/match.awk"
	export -f run_tables
	export top
	ip netns exec ma bash -c run_tables
	for ((i = 1; i <= MATCH_TABLES; i++)); do
		for from in kernel file; do
			said "$i.$from" >"$i.said"
			compare "$i.wire" "$i.said" "$i.packets" >"$i.wrong"
			[ ! -s "$i.wrong" ] || {
				echo "table $i, from the $from:" && cat "$i.wrong"
				cp "$i".* "$LAB_KEEP"
				wrong=1
			}
		done
	done
	[ -z "${wrong-}" ]
	# It is not right by chance: all kinds are among them, and hardly ever is it not known.
	for kind in clear none esp ah; do
		grep -q "^$kind" ./*.wire
	done
	[ "$(cat ./*.kernel | jq -r 'select(.verdict == "unknown").verdict' | wc -l)" -lt $((MATCH_TABLES * 12 / 50 + 3)) ]
}
