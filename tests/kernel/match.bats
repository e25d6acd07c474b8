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
		link add eth1 netns ma type veth peer name eth1 netns mb
	END
	for side in ma mb; do
		printf '%s\n' "link set lo up" "link set eth"{0,1}" addrgenmode none" "link set eth"{0,1}" arp off multicast off up" |
			ip -n "$side" -batch -
	done
	ip netns exec ma sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.conf.{all,eth0}.rp_filter=0
	printf '%s\n' "addr add 192.0.2.1/24 dev eth0" "addr add fd0f::1/64 dev eth0 nodad" "route add default dev eth0" \
		"route add ::/0 dev eth0" "route add local fd01::/16 dev lo" "route add local 10.1.0.0/16 dev lo" \
		"route add 10.3.0.0/16 dev eth1" "route add fd03::/16 dev eth1" | ip -n ma -batch -
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

# Each packet plain and by each SA, as match says: "accepted", "dropped", or "any" where its answer does not tell.
expected() {
	jq -r '[.plain, .verdict, ((.requests // [])[0] | [.level, .spi, .or[]?] | join(" "))] | join("|")' "$1.json" |
		awk -v at="$1.at" -v conf="$1.conf" -F'|' '
			{ plain[NR] = $1; verdict[NR] = $2; split($3, word, " "); level[NR] = word[1]; spis[NR] = " " $3 " " }
			END {
				while ((getline line <conf) > 0) {
					n = split(line, word, " ")
					transport[word[5]] = word[7] == "transport"
					special[word[5]] = line ~ / -(mark|sel|if_id) /
				}
				while ((getline line <at) > 0) {
					n = split(line, word, " ")
					if (n == 4) {
						i++
						answer = plain[i] == "dropped" ? "dropped" : "accepted"
					} else if (verdict[i] == "unknown") {
						answer = "any"
					} else if (level[i] != "" && index(spis[i], " " word[6] " ")) {
						answer = "accepted"
					} else if ((level[i] == "" || level[i] == "use") && plain[i] == "clear") {
						answer = !transport[word[6]] ? "dropped" : special[word[6]] ? "any" : "accepted"
					} else {
						answer = "dropped"
					}
					print answer
				}
			}'
}

inject_tables() {
	local i status=0
	for ((i = 1; i <= MATCH_TABLES; i++)); do
		"$SETKEY" --insecure -f "$i.conf" || { echo "table $i does not load" && status=1; }
		"$SETKEY" match --packets="$i.packets" --format=json >"$i.json"
		"$top/build/lab/packets" at eth0 mb eth1 <"$i.at" >"$i.wire"
	done
	return $status
}

@test "what match says of packets that come in or pass is what becomes of them, plain and by each SA" {
	export -f inject_tables
	export top
	for way in in fwd; do
		awk -v way=$way -v seed="$MATCH_SEED" -v tables="$MATCH_TABLES" -v each=8 -v dir=. -f "$BATS_TEST_DIRNAME/match.awk"
		ip netns exec ma bash -c inject_tables
		for ((i = 1; i <= MATCH_TABLES; i++)); do
			expected "$i" | paste -d '|' "$i.wire" - "$i.at" | awk -F'|' '$2 != "any" && $1 != $2 { print $1 ", match: " $2 ": " $3 }' >"$i.wrong"
			[ ! -s "$i.wrong" ] || {
				echo "table $way $i:" && cat "$i.wrong"
				for file in "$i".*; do
					cp "$file" "$LAB_KEEP/$way.$file"
				done
				wrong=1
			}
		done
		# It is not right by chance.
		[ "$(cat ./*.wire | sort -u | xargs)" = "accepted dropped" ]
		[ "$(paste -d ' ' <(cat ./*.wire) <(cat ./*.at) | grep -c '^accepted.* by ')" -gt "$MATCH_TABLES" ]
	done
	[ -z "${wrong-}" ]
}
