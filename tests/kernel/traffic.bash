# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# Traffic between two namespaces, a and b, joined by one wire, protected by what setkey loads from files alone. All
# cases of traffic.cases run at once; the tests then look at what happened. traffic-WIRE.bats names the wire.

setup_file() {
	export dir=$BATS_FILE_TMPDIR
	cd "$BATS_TEST_DIRNAME" || return
	awk -v wire="${wire:?xfrm or pfkey}" -v dir="$dir" -f traffic.awk traffic.cases
	join
	load_and_listen a
	load_and_listen b
	ping_all
	settle
	kill "${background[@]}"
	wait
	cp "$dir"/{a.pcap,b.pcap,esp_sa} "$LAB_KEEP"
	tcpdump -nn -r "$dir/a.pcap" >"$dir/wire"
	tcpdump -nn -r "$dir/b.pcap" >>"$dir/wire"
}

teardown_file() {
	ip -batch - <<<$'netns del a\nnetns del b'
}

# With one address at both ends and no ARP there is nothing on the wire but our packets.
join() {
	ip -batch - <<-'END'
		netns add a
		netns add b
		link add eth0 netns a address 02:00:00:00:00:01 type veth peer name eth0 netns b address 02:00:00:00:00:01
	END
	for side in a b; do
		{
			printf 'link set %s\n' "lo up" "eth0 addrgenmode none" "eth0 arp off multicast off up"
			cat "$dir/$side.ip"
			printf 'route add %s dev eth0\n' 10.1.0.0/16 10.2.0.0/16 fd01::/16 fd02::/16
		} | ip -n $side -batch -
	done
}

load_and_listen() {
	ip netns exec "$1" "$SETKEY" --via="$wire" -f "$dir/$1.conf" >"$dir/$1.said" 2>&1 3>&- || echo "# exit $?" >>"$dir/$1.said"
	# Outgoing only: a receiver's capture also shows what it has just decrypted.
	ip netns exec "$1" tcpdump --immediate-mode -U -i eth0 -Q out -Z root -w "$dir/$1.pcap" 2>>"$dir/$1.ready" 3>&- &
	background+=($!)
	ip netns exec "$1" ../../build/lab/natt >>"$dir/$1.ready" 3>&- &
	background+=($!)
	for _ in {1..100}; do
		grep -q listening "$dir/$1.ready" && grep -q ^ready "$dir/$1.ready" && return
		sleep 0.05
	done
	cat "$dir/$1.ready"
	return 1
}

# What is to be compressed must be long and dull.
ping_all() {
	local pings=() n pattern from to
	while read -r n pattern from to; do
		{ ip netns exec a ping -q -c 1 -W 4 -s 1000 -p "$pattern" -I "$from" "$to" >/dev/null 2>&1 3>&- && echo "$n" >>"$dir/answered"; } &
		pings+=($!)
	done <"$dir/pings"
	wait "${pings[@]}"
}

# The captures lag behind; a killed tcpdump forgets what it has not read yet.
settle() {
	local before='' now=none
	while [ "$now" != "$before" ]; do
		sleep 0.3
		before=$now now=$(stat -c %s "$dir/a.pcap" "$dir/b.pcap")
	done
}

# flow GROUP: every case of the group was answered, and its SPIs were seen in either direction
flow() {
	local group there back n case bad=0 some=0
	local -A seen answered
	while read -r n; do answered[$n]=1; done <"$dir/answered"
	while read -r n; do seen[$n]=1; done < <(grep -oE '(spi|cpi)=0x[0-9a-f]+' "$dir/wire" | sed 's/.*=0x0*/0x/')
	while read -r group there back n case; do
		[ "$group" = "$1" ] || continue
		some=1
		[ -n "${answered[$n]-}" ] || { echo "no answer: $case" && bad=1; }
		[ -n "${seen[$there]-}" ] || { echo "not seen going there: $case" && bad=1; }
		[ -n "${seen[$back]-}" ] || { echo "not seen coming back: $case" && bad=1; }
	done <"$dir/cases"
	[ $some = 1 ] && [ $bad = 0 ]
}

silent() {
	cat "$dir/a.said" "$dir/b.said"
	[ ! -s "$dir/a.said" ] && [ ! -s "$dir/b.said" ]
}

only_ipsec() {
	local ipsec='(ESP|AH)\(spi=|IPComp\(cpi='
	grep -qE "$ipsec" "$dir/wire"
	[ -z "$(grep -vE "$ipsec" "$dir/wire" | tee /dev/stderr)" ]
}

# The pings have one pattern where the case encrypts and another, which must be found, where it does not.
no_plaintext() {
	for side in a b; do
		LC_ALL=C grep -qaP '\x0b\x5e\x2e\x0b\x5e\x2e' "$dir/$side.pcap"
		[ "$(LC_ALL=C grep -caP '\x5e\xc2\xe7\x5e\xc2\xe7' "$dir/$side.pcap")" = 0 ]
	done
}
