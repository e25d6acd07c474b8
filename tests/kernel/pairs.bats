#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What setkey keygen makes for two or more hosts protects their traffic, and new keys come in without a packet lost.

load ../lib

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	umask 077
	ip -batch - <<-'END'
		netns add alpha
		netns add beta
		netns add gamma
		link add beta netns alpha type veth peer name alpha netns beta
		link add gamma netns alpha type veth peer name alpha netns gamma
		link add gamma netns beta type veth peer name beta netns gamma
	END
	join alpha 1 beta 2 gamma 3
	join beta 2 alpha 1 gamma 3
	join gamma 3 alpha 1 beta 2
}

teardown_file() {
	ip -batch - <<<$'netns del alpha\nnetns del beta\nnetns del gamma'
}

# join NAME NUMBER PEER NUMBER PEER NUMBER: addresses, and routes to those of the peers
join() {
	local name=$1 n=$2
	shift 2
	{
		printf '%s\n' "link set lo up" "address add 192.0.2.$n/32 dev lo" "address add 10.$n.0.1/32 dev lo" \
			"address add 2001:db8:$n::1/128 dev lo nodad"
		for peer in "$1 $2" "$3 $4"; do
			# shellcheck disable=SC2086
			set -- $peer
			# Neighbours are found by an address of the device.
			printf '%s\n' "link set $1 addrgenmode none up" "address add fe80::$n/64 dev $1 nodad" "address add 2001:db8::$n/128 dev $1 nodad" \
				"route add 192.0.2.$2 dev $1 src 192.0.2.$n" "route add 10.$2.0.0/16 dev $1 src 10.$n.0.1" \
				"route add 2001:db8::$2 dev $1 src 2001:db8::$n" "route add 2001:db8:$2::/48 via 2001:db8::$2 dev $1 src 2001:db8:$n::1"
		done
	} | ip -n "$name" -batch -
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	umask 077
	pings=()
}

teardown() {
	[ ${#pings[@]} = 0 ] || kill "${pings[@]}" 2>/dev/null || :
}

# on HOST COMMAND...
on() {
	ip netns exec "$@"
}

# protected TARGET OPTION...: a ping from alpha to beta, and each SA of both has carried a packet
protected() {
	local target=$1
	shift
	"$SETKEY" keygen --pair "$@" --out-a a.conf --out-b b.conf --force
	on alpha "$SETKEY" -f a.conf
	on beta "$SETKEY" -f b.conf
	on alpha ping -q -c 1 -W 5 "$target"
	[ "$(on alpha "$SETKEY" dump sa --format=json | jq -s 'map(select(.state.packets > 0)) | length')" = 2 ]
	[ "$(on beta "$SETKEY" dump sa --format=json | jq -s 'map(select(.state.packets > 0)) | length')" = 2 ]
}

@test "a pair: transport mode, tunnels, one family in the other, AH, ids" {
	protected 192.0.2.2 192.0.2.1 192.0.2.2
	protected 2001:db8::2 2001:db8::1 2001:db8::2
	protected 10.2.0.1 192.0.2.1 192.0.2.2 --net-a 10.1.0.0/16 --net-b 10.2.0.0/16
	protected 2001:db8:2::1 192.0.2.1 192.0.2.2 --net-a 2001:db8:1::/48 --net-b 2001:db8:2::/48
	protected 2001:db8:2::1 192.0.2.1 192.0.2.2 --net-a 2001:db8:1::/48 --net-b 2001:db8:2::/48 --net-a 10.1.0.0/16 --net-b 10.2.0.0/16
	protected 10.2.0.1 2001:db8::1 2001:db8::2 --net-a 10.1.0.0/16 --net-b 10.2.0.0/16 --alg aes-gcm-16
	protected 192.0.2.2 192.0.2.1 192.0.2.2 --proto ah --reqid 5
	protected 192.0.2.2 192.0.2.1 192.0.2.2 --mode tunnel --upper icmp
}

@test "forwarded packets pass whether or not setkey copies inbound policies" {
	"$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 --net-a 10.1.0.0/16 --net-b 10.2.0.0/16 --out-a a.conf --out-b b.conf
	for option in -r -k; do
		on beta "$SETKEY" $option -f b.conf
		[ "$(on beta "$SETKEY" dump policy --dir=fwd --count)" = "policy 1" ]
		on beta "$SETKEY" dump policy --dir=fwd --format=conf | tail -n 1 >"fwd$option"
	done
	cmp fwd-r fwd-k
}

@test "a file made is the other end's by setkey mirror" {
	"$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 --net-a 10.1.0.0/16 --net-b 10.2.0.0/16 >a.conf
	on alpha "$SETKEY" -f a.conf
	"$SETKEY" mirror a.conf | on beta "$SETKEY" -f -
	on alpha ping -q -c 1 -W 5 10.2.0.1
	# What a kernel holds, too
	on alpha "$SETKEY" dump --format=conf --show-keys >held
	on beta "$SETKEY" dump --format=conf --show-keys >other
	"$SETKEY" mirror held >mirrored
	"$SETKEY" peercheck held other
	"$SETKEY" peercheck held mirrored
}

@test "the fingerprints of a dump are those of the file, in every form, and no key is shown" {
	"$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 --fingerprints >a.conf
	"$SETKEY" keygen --pair 192.0.2.1 192.0.2.3 --fingerprints --alg aes-gcm-16 --avoid a.conf >b.conf
	on alpha "$SETKEY" -f a.conf -f b.conf
	for format in classic conf json ip table; do
		on alpha "$SETKEY" dump --fingerprints --format=$format >out
		for print in $(grep -ohE '[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}' a.conf b.conf); do
			grep -q "$print" out
		done
		not grep -qE '[0-9a-f]{32}' out
	done
	[ "$(grep -ohE '[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}' a.conf b.conf | sort -u | wc -l)" = 6 ]
	run on alpha "$SETKEY" dump --fingerprints --show-keys
	[ "$status" = 2 ]
}

# step FILE HOST...: loads it on each
step() {
	local file=$1 host
	shift
	for host; do
		on "$host" "$SETKEY" -f "dir/$host.$file.conf"
	done
}

# counts HOST FILE: the packets of each SA that the file has, by SPI
counts() {
	on "$1" "$SETKEY" dump sa --format=json >all.json
	grep -oE 'esp 0x[0-9a-f]+' "$2" | sort -u | while read -r _ spi; do
		jq -r --argjson spi "$((spi))" 'select(.spi == $spi) | "\(.src.address) \(.dst.address) \(.spi) \(.state.packets)"' all.json
	done
}

# moved FILE HOST...: how many of the file's SAs there count packets now
moved() {
	local file=$1 host n=0
	shift
	for host; do
		counts "$host" "dir/$host$file.conf" >"before.$host"
	done
	sleep 0.4
	for host; do
		counts "$host" "dir/$host$file.conf" >"after.$host"
		n=$((n + $(comm -13 <(sort "before.$host") <(sort "after.$host") | wc -l)))
	done
	echo "$n"
}

@test "a rotation loses no packet: added everywhere, switched everywhere, retired everywhere" {
	printf '%s\n' 'alpha 192.0.2.1 10.1.0.0/16 2001:db8:1::/48' 'beta 192.0.2.2 192.0.2.2 2001:db8:2::/48' 'gamma 192.0.2.3' >hosts
	"$SETKEY" keygen --mesh hosts --out dir
	for host in alpha beta gamma; do
		on $host "$SETKEY" -f dir/$host.conf
	done
	# Tunnels both ways, and transport mode
	ip netns exec alpha ping -q -i 0.01 -W 2 -w 900 192.0.2.2 -I 10.1.0.1 >one 2>&1 3>&- &
	pings=("$!")
	ip netns exec gamma ping -q -i 0.01 -W 2 -w 900 10.1.0.1 -I 192.0.2.3 >two 2>&1 3>&- &
	pings+=("$!")
	ip netns exec beta ping -q -i 0.01 -W 2 -w 900 192.0.2.3 >three 2>&1 3>&- &
	pings+=("$!")
	ip netns exec beta ping -q -i 0.01 -W 2 -w 900 2001:db8:1::1 -I 2001:db8:2::1 >four 2>&1 3>&- &
	pings+=("$!")
	[ "$(moved '' alpha beta gamma)" = 12 ]
	"$SETKEY" keygen --mesh hosts --out dir --rotate

	step 1-add alpha beta gamma
	[ "$(moved .1-add alpha beta gamma)" = 0 ]
	[ "$(moved '' alpha beta gamma)" = 12 ]

	# One after the other: what has switched sends by new keys, the others still by the old ones.
	sleep 1
	step 2-switch alpha
	[ "$(moved .2-switch alpha)" = 2 ]
	[ "$(moved .1-add beta gamma)" = 2 ]
	[ "$(moved .1-add alpha)" = 0 ]
	step 2-switch beta gamma
	[ "$(moved .2-switch alpha beta gamma)" = 6 ]
	[ "$(moved .1-add alpha beta gamma)" = 6 ]
	[ "$(moved '' alpha beta gamma)" = 0 ]

	step 3-retire alpha beta gamma
	[ "$(moved .2-switch alpha beta gamma)" = 6 ]
	for host in alpha beta gamma; do
		[ -z "$(counts $host dir/$host.conf)" ]
		[ "$(counts $host dir/$host.next.conf | wc -l)" = 4 ]
	done

	kill -INT "${pings[@]}"
	wait || true
	cat one two three four
	for stream in one two three four; do
		grep -qE '^([0-9]{2,}) packets transmitted, \1 received, 0% packet loss' $stream
	done
}

# rotated OPTION...: the mesh of alpha and beta in ./hosts, rotated by files alone, step by step on both
rotated() {
	local next
	rm -rf dir
	"$SETKEY" keygen --mesh hosts --out dir "${keygen[@]}"
	on alpha "$SETKEY" "$@" -f dir/alpha.conf
	on beta "$SETKEY" "$@" -f dir/beta.conf
	"$SETKEY" keygen --mesh hosts --out dir --rotate "${keygen[@]}"
	for next in 1-add 2-switch 3-retire; do
		on alpha "$SETKEY" "$@" -f dir/alpha.$next.conf
		on beta "$SETKEY" "$@" -f dir/beta.$next.conf
	done
}

# same_as_next OPTION...: alpha's SAs are those that the whole file would have made
same_as_next() {
	on alpha "$SETKEY" dump sa --format=conf --show-keys | sed 's/ -replay [0-9/]*//' | sort >rotated
	on alpha "$SETKEY" "$@" -f dir/alpha.next.conf
	on alpha "$SETKEY" dump sa --format=conf --show-keys | sort | diff rotated -
}

@test "what goes through a tunnel of the other family goes on through a rotation, over both wires" {
	local keygen=() all='10.N.0.0/16 2001:db8:N::/48' weak=(--alg aes-cbc:256+hmac-sha1 --allow-weak)
	for outer in 192.0.2.N 2001:db8::N; do
		for inner in "$all" '2001:db8:N::/48' '10.N.0.0/16'; do
			echo "$inner in $outer"
			printf '%s\n' "alpha ${outer/N/1} ${inner//N/1}" "beta ${outer/N/2} ${inner//N/2}" >hosts
			rotated
			[[ $inner != *10.* ]] || on alpha ping -q -c 2 -i 0.1 -W 5 10.2.0.1
			[[ $inner != *2001* ]] || on alpha ping -q -c 2 -i 0.1 -W 5 2001:db8:2::1
			same_as_next
		done
	done
	# PF_KEY has the other family, but not both in one SA.
	keygen=("${weak[@]}")
	printf '%s\n' 'alpha 192.0.2.1 2001:db8:1::/48' 'beta 192.0.2.2 2001:db8:2::/48' >hosts
	rotated --via=pfkey
	on alpha ping -q -c 2 -i 0.1 -W 5 2001:db8:2::1
	same_as_next --via=pfkey
}
