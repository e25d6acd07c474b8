#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # need_namespace sets isolate
# Policies come back on the kernel that is running too: see tests/kernel/lossless.bats. Every golden policy and every
# policy of objects.ip, in a network namespace of its own, compared as ip shows them.

load ../lib

setup() {
	need_namespace
	cd "$BATS_TEST_TMPDIR" || return
	grep '^xfrm policy' "$BATS_TEST_DIRNAME/../kernel/objects.ip" >objects
	golden=$BATS_TEST_DIRNAME/../golden
}

# shellcheck disable=SC2016 # for the shell inside
# Run inside: what the kernel holds goes out in both formats and comes back from each.
back='
	tables() { { ip xfrm policy list; ip xfrm policy list ptype sub; } | sed "s/ index [0-9]*//"; }
	clear() { ip xfrm policy flush; ip xfrm policy flush ptype sub 2>/dev/null || :; }
	back() {
		tables >before
		[ -s before ] || return 0
		count=$((count + 1))
		"$SETKEY" dump policy --via=xfrm --format=conf >conf
		"$SETKEY" dump policy --via=xfrm --format=ip >ip
		clear
		"$SETKEY" --via=xfrm -f conf
		tables | cmp - before || { echo "$1 as conf"; cat conf; }
		grep -q "ports that ip cannot say" ip && return
		clear
		ip -batch ip
		tables | cmp - before || { echo "$1 as ip"; cat ip; }
	}
	count=0
'

@test "every policy of ip comes back on the running kernel" {
	# shellcheck disable=SC2086,SC2016 # a command and its options; what the shell inside expands
	run $isolate bash -uc "$back"' ip -batch objects; back objects; echo $count'
	echo "$output"
	[ "$status" = 0 ]
	[ "$output" = 1 ]
}

@test "every golden policy comes back on the running kernel" {
	# shellcheck disable=SC2086,SC2016 # a command and its options; what the shell inside expands
	run $isolate bash -uc "$back"'
		for file in "$1"/spd*.conf; do
			clear
			"$SETKEY" --insecure --via=xfrm -f "$file" >/dev/null 2>&1
			back "$file"
		done
		[ $count -gt 50 ] && echo all' _ "$golden"
	echo "$output"
	[ "$output" = all ]
}

@test "ports as XFRM has them come back, or ip is not told of them" {
	cat >odd.conf <<-'END'
		exact;
		spdadd 10.0.0.1[0] 10.0.0.2 tcp -P out none;
		spdadd 10.0.0.1 10.0.0.2[0] udp -P in discard;
		spdadd 10.0.0.1[80] 10.0.0.2[0] tcp -f sub -P fwd discard;
		spdadd 10.0.0.1[80/0xfff0] 10.0.0.2 tcp -mark 0/0xf -P out none;
		spdadd 10.0.0.1 10.0.0.2[0] icmp -if_id 0xffffffff -P in none;
		spdadd ::1 ::2 icmp6 0,0 -P in none;
		spdadd ::1 ::2 gre 0 -P in none;
		spdadd ::1[5] ::2 gre -P out none;
		spdadd ::1[5] ::2 99 -P out none;
	END
	# shellcheck disable=SC2086,SC2016 # a command and its options; what the shell inside expands
	run $isolate bash -uc "$back"'
		sed 1d odd.conf | while read -r policy; do
			clear
			"$SETKEY" --via=xfrm -e "exact; $policy"
			back "$policy"
		done; echo all'
	echo "$output"
	[ "$output" = all ]
}
