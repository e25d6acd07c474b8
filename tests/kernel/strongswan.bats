#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What two charons of strongSwan have agreed upon is saved, they are killed, the kernel is flushed, and the save brings it
# all back: the same to the byte as netlink dumps it, but for counters and times, and the traffic goes on.
# strongswan.cases has the children. All of it happens once, in setup_file; the tests look at what it left.

load ../lib

setup_file() {
	present || return 0
	export dir=$BATS_FILE_TMPDIR here=$BATS_TEST_DIRNAME
	export SWANCTL_DIR=$dir STRONGSWAN_CONF=$dir/a.strongswan
	cd "$dir" || return
	umask 077
	join
	agree
	ping_all before
	save a
	save b
	stop charons
	bring_back a
	bring_back b
	listen
	ping_all after
	sleep 1
	stop listeners
}

teardown_file() {
	present || return 0
	stop charons
	stop listeners
	ip -batch - <<<$'netns del a\nnetns del b'
}

setup() {
	! is_emulated || skip "user-mode-linux runs it: the clocks of the daemons do not wait for emulation"
	need charon-systemd
	need swanctl
	cd "$dir" || return
}

present() {
	! is_emulated && command -v charon-systemd >/dev/null && command -v swanctl >/dev/null
}

# stop FILE: those whose process ids it has, without a chance to tidy up
stop() {
	[ -e "$dir/$1" ] || return 0
	xargs kill -9 <"$dir/$1" || :
	rm "$dir/$1"
	wait || :
}

on() {
	ip netns exec "$@"
}

cases() {
	grep -v '^#' "$here/strongswan.cases"
}

within() {
	local tries=100
	until "$@"; do
		((tries-- > 0)) || return 1
		sleep 0.5
	done
}

# Each child has an address of its own on either side. What no policy meets can be seen on the wire.
join() {
	local side n other number
	ip -batch - <<<$'netns add a\nnetns add b\nlink add eth0 netns a type veth peer name eth0 netns b'
	for side in a b; do
		n=1 other=2
		[ $side = a ] || n=2 other=1
		{
			printf 'link set %s\n' "lo up" "eth0 addrgenmode none" "eth0 up"
			printf 'address add %s dev eth0\n' "192.0.2.$n/24" "192.0.2.1$n/24" "2001:db8::$n/64 nodad"
			printf 'route add %s\n' "10.$other.0.0/16 via 192.0.2.$other" "2001:db8:$other::/48 via 2001:db8::$other"
			while IFS=$'\t' read -r _ number _; do
				printf 'address add %s dev lo\n' "10.$n.$number.1/32" "2001:db8:$n:$number::1/128 nodad"
			done < <(cases)
		} | ip -n $side -batch -
		# An answer is to carry the mark of its question.
		on $side sysctl -qw net.ipv4.fwmark_reflect=1
		# Only an XFRM interface sends what policies with an if_id protect, and not every kernel has such.
		if ip -n $side link add xfrm5 type xfrm dev eth0 if_id 5 2>/dev/null; then
			ip -n $side -batch - <<<$"link set xfrm5 up"$'\n'"route add 10.$other.5.0/24 dev xfrm5"
			: >if_id
		fi
	done
}

# swanctl's, of side a or b
control() {
	local side=$1
	shift
	swanctl "$@" --uri "unix://$dir/$side.vici"
}

# agree: both charons run, and every child of theirs is there
agree() {
	local side wanted plugins="random nonce drbg aes sha1 sha2 hmac kdf gmp openssl xcbc kernel-netlink socket-default vici"
	mkdir x509 x509ca x509ocsp x509aa x509ac x509crl pubkey private rsa ecdsa bliss pkcs8 pkcs12
	awk -v n=1 -f "$here/strongswan.awk" "$here/strongswan.cases" >a.swanctl
	awk -v n=2 -f "$here/strongswan.awk" "$here/strongswan.cases" >b.swanctl
	for side in b a; do
		printf '%s\n' "charon-systemd {" "load = $plugins" "install_routes = no" "threads = 6" \
			"plugins {" "vici {" "socket = unix://$dir/$side.vici" "}" "}" "journal {" "default = -1" "}" \
			"filelog {" "log {" "path = $dir/$side.log" "default = 1" "flush_line = yes" "}" "}" "}" \
			"swanctl {" "load = random nonce" "}" >$side.strongswan
		STRONGSWAN_CONF=$dir/$side.strongswan ip netns exec $side charon-systemd >$side.out 2>&1 3>&- &
		echo $! >>charons
	done
	for side in b a; do
		within test -S $side.vici
		control $side --load-all --noprompt --file $side.swanctl >$side.loaded 2>&1 ||
			{ cat $side.loaded && return 1; }
	done
	wanted=$(cases | grep -cv start_action)
	within installed "$wanted" || { tail -n 50 a.log && return 1; }
}

installed() {
	[ "$(grep -c 'CHILD_SA child.* established' a.log)" = "$1" ]
}

# tried PHASE: the number of each child whose traffic is to be answered, twice where there are two families
tried() {
	cases | while IFS=$'\t' read -r _ number way _; do
		case $1-$way in
		*/none | *-udp/ | *-*/lost | after-*/device) ;;
		*/if_id) [ ! -e if_id ] || echo "$number" ;;
		*-46/) echo "$number" && echo "$number" ;;
		*) echo "$number" ;;
		esac
	done
}

# ping_all PHASE: from a, all at once. PHASE.answered has the numbers of those that were answered.
ping_all() {
	local number way mark pings=()
	: >"$1.answered"
	while IFS=$'\t' read -r _ number way _; do
		mark=()
		[[ $way != */mark=* ]] || mark=(-m "${way#*=}")
		case $1-$way in
		before-*/lost | after-*/device | */none) continue ;;
		*/if_id) [ -e if_id ] || continue ;;
		esac
		case $way in
		host/) [ "$number" != 11 ] && try "$1" -I 192.0.2.11 192.0.2.12 || try "$1" -I 192.0.2.1 192.0.2.2 ;;
		udp/) on a bash -c 'echo echo >/dev/udp/2001:db8::2/7' ;;
		esac
		[[ $way != 4* ]] || try "$1" -I "10.1.$number.1" "10.2.$number.1"
		[[ $way != @(6|46)/* ]] || try "$1" -I "2001:db8:1:$number::1" "2001:db8:2:$number::1"
	done < <(cases)
	wait "${pings[@]}" || :
}

try() {
	local file=$1.answered n=$number
	shift
	{ ip netns exec a ping -q -c 1 -W 6 "${mark[@]}" "$@" >/dev/null 2>&1 3>&- && echo "$n" >>"$file"; } &
	pings+=($!)
}

# save SIDE: while charon lives, as a user would
save() {
	on "$1" "$SETKEY" dump all --format=conf --show-keys >"$1.save"
}

# bring_back SIDE: leaves the tables as they were and as they are, in SIDE.old and SIDE.new, and back by ip in SIDE.ip.new
bring_back() {
	local side=$1 rawdump=$here/../../build/lab/rawdump format
	for format in classic conf json ip; do
		on "$side" "$SETKEY" dump all --format=$format --show-keys >"$side.$format"
	done
	on "$side" "$SETKEY" -D >"$side.D"
	on "$side" "$SETKEY" -DP >"$side.DP"
	on "$side" "$rawdump" -f >"$side.old"
	on "$side" ip -batch "$side.ip"
	on "$side" "$rawdump" >"$side.ip.new"
	on "$side" "$SETKEY" flush
	on "$side" "$rawdump" >"$side.flushed"
	{ on "$side" "$SETKEY" -f "$side.save" && echo 0; } >"$side.said" 2>&1 || :
	on "$side" "$rawdump" >"$side.new"
	on "$side" "$SETKEY" dump all --format=conf --show-keys >"$side.again"
}

# listen: what goes out of either side, and the UDP port that charon held for ESP
listen() {
	local side
	for side in a b; do
		ip netns exec $side tcpdump --immediate-mode -n -U -i eth0 -Q out -Z root -w $side.pcap 2>$side.ready 3>&- &
		echo $! >>listeners
		ip netns exec $side "$here/../../build/lab/natt" >>$side.natt 3>&- &
		echo $! >>listeners
		within grep -q listening $side.ready
		within grep -q ^ready $side.natt
	done
}

# without_device FILE: no policy whose selector has a device, which stands 48 bytes from its beginning
without_device() {
	awk '$1 != "policy" || substr($2, 97, 8) == "00000000"' "$1"
}

# Of what was seen within the window all is taken as seen when it comes back: the bitmap of a replay window, with or without
# extended numbers, is not compared.
masked() {
	sed -E 's/10000a00(.{16}).{8}/10000a00\1......../; s/(2c00170004000000.{40}).{32}/\1................................/' "$1"
}

@test "the traffic of every child goes, and the save is its owner's alone" {
	diff <(tried before | sort) <(sort before.answered)
	[ "$(stat -c %a a.save b.save | xargs)" = "600 600" ]
}

@test "the save brings back what was there, to the byte, and says in a comment why not what it cannot" {
	local side
	for side in a b; do
		cat $side.said
		[ "$(<$side.said)" = 0 ]
		[ ! -s $side.flushed ]
		grep -q '^sa' $side.old
		without_device <(masked $side.old) | diff - <(masked $side.new)
		[ "$(grep -vc '^#' $side.conf)" -gt 100 ]
		grep -v '^# for the device ' $side.conf | diff - $side.again
		# Out of 6 and of trap 19; all of pass 18
		[ "$(without_device $side.old | wc -l)" = $(($(wc -l <$side.old) - 5)) ]
		[ "$(grep -cE '^# for the device eth0: spdadd 10\.[12]\.(6|18|19)\.0/24 ' $side.save)" = 5 ]
		# Nothing else is missing, but what the kernel makes itself and what was charon's sockets'.
		grep '^#' $side.save >comments
		not grep -vE '^# (for the device eth0|made by the kernel|per-socket policy, a limit of 0): ' comments
	done
}

@test "every form of the dump has all of it" {
	local side
	for side in a b; do
		# The kernel's own two helpers of IPComp are none of the user's.
		[ "$(jq -s length $side.json)" = $(($(wc -l <$side.old) - 2)) ]
		[ "$(grep -c '^	created: ' $side.D)" = $(($(grep -c ^sa $side.old) - 2)) ]
		[ "$(grep -c '^	spid=' $side.DP)" = "$(grep -c ^policy $side.old)" ]
		[ -s $side.classic ]
		# ip has words for a device, and none for masks of ports.
		[ "$(grep -c '^# ports that ip cannot say: ' $side.ip)" = 3 ]
		[ "$(diff <(masked $side.old) <(masked $side.ip.new) | grep '^[<>]' | cut -c-8 | xargs)" = "< policy < policy < policy" ]
	done
}

@test "the traffic goes on: protected, passed and dropped as before, and a trap lets nothing out" {
	local side
	diff <(tried after | sort) <(sort after.answered)
	local filter='net 10.0.0.0/8 or icmp or (icmp6 and (ip6[40] == 128 or ip6[40] == 129)) or udp port 7'
	for side in a b; do
		[ "$(tcpdump -n -r $side.pcap 'proto 50 or proto 51 or proto 108 or ip6 proto 50 or udp port 4500' 2>/dev/null | wc -l)" -gt 10 ]
		tcpdump -n -r $side.pcap "$filter" 2>/dev/null
	done >clear
	cat clear
	[ "$(wc -l <clear)" = 2 ]
	[ "$(grep -c '10\.[12]\.15\.1 > 10\.[12]\.15\.1: ICMP' clear)" = 2 ]
	# What was sent to a port where nobody listens has arrived.
	[ "$(on b "$SETKEY" dump sa --format=json | jq 'select(.mode == "transport" and .dst.address == "2001:db8::2" and .state.packets > 0).spi' | wc -l)" = 1 ]
}
