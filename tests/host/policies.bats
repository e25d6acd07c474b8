#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # need_namespace sets isolate
# shellcheck disable=SC2016 # what stands in single quotes is for the shell inside
# Policies on the kernel that is running, in a network namespace of its own: no lab, but also no SAs, since not every
# kernel has ESP. Skipped, and counted as such, where a namespace or XFRM is not to be had.

load ../lib

setup() {
	need_namespace
	cd "$BATS_TEST_TMPDIR" || return
	cat >f.conf <<-'END'
		flush; spdflush;
		spdadd 192.0.2.0/24 198.51.100.0/24[80] tcp -P out prio high + 5 ipsec esp/tunnel/192.0.2.1-198.51.100.1/unique:7;
		spdadd 198.51.100.0/24[80] 192.0.2.0/24 tcp -P in ipsec esp/tunnel/198.51.100.1-192.0.2.1/require;
		spdadd 2001:db8::/64 2001:db8:1::/64 icmp6 135,0 -P out discard;
	END
}

# inside COMMANDS: runs them in a namespace; setkey there speaks XFRM
inside() {
	# shellcheck disable=SC2086 # a command and its options
	run $isolate bash -euc "setkey() { '$SETKEY' --via=xfrm \"\$@\"; }; $1"
	echo "$output"
}

@test "policies load, show and go on the running kernel" {
	inside 'setkey -f f.conf; ip xfrm policy | grep -c ^src; setkey -DP | grep -c spid=; setkey -FP; setkey -DP'
	[ "$status" = 0 ]
	[ "$output" = $'4\n4\nNo SPD entries.' ]
}

@test "a refused policy is reported in its place on the running kernel" {
	again=$(sed -n 2p f.conf)
	echo "$again" >>f.conf
	inside 'setkey -f f.conf'
	[ "$status" = 1 ]
	[[ $output == *"f.conf:5:"*"error: "* ]]
}

@test "spdupdate and spddelete on the running kernel" {
	inside 'setkey -f f.conf; setkey -e "spdupdate 2001:db8::/64 2001:db8:1::/64 icmp6 135,0 -P out none;
		spddelete 198.51.100.0/24[80] 192.0.2.0/24 tcp -P in;"; ip xfrm policy | grep -c ^src; ip xfrm policy | grep -c block || :'
	[ "$status" = 0 ]
	[ "$output" = $'2\n0' ]
}

@test "lint --kernel judges the policies of the running kernel, and files on top of them" {
	echo 'spdadd 192.0.2.0/24 198.51.100.0/24 any -P out ipsec esp/transport//use;' >policy.conf
	inside 'setkey -f policy.conf; lint() { "$SETKEY" lint --via=xfrm --kernel --format=gcc "$@"; }
		lint; lint policy.conf || echo "status $?"; setkey -FP; lint'
	[ "$status" = 0 ]
	[[ $output == $'kernel:2:44: warning: '*'[SK304]'$'\nkernel:2:'*'[SK312]'* ]]
	[[ $output == *$'\npolicy.conf:1:44: error: '*'[SK302]'*$'\nstatus 1' ]]
}

# A table larger than what a dump keeps is read several times; the oldest objects come first all the same.
many='awk "BEGIN { for (i = 0; i < 300000; i++) printf \"spdadd 10.%d.%d.%d 192.0.2.1 any -P out ipsec esp/tunnel/192.0.2.9-192.0.2.10/require;\\n\",
	i / 65536, i / 256 % 256, i % 256 }" >many.conf; setkey -f many.conf;'

@test "a large table comes back in its order, in little memory" {
	inside "$many"' [[ $SETKEY == */asan/* ]] || ulimit -v 120000
		"$SETKEY" dump policy --format=conf | grep ^spdadd | cut -d" " -f2 | cmp - <(cut -d" " -f2 many.conf)
		"$SETKEY" dump policy --format=ip | grep -c "^xfrm policy add"'
	[ "$status" = 0 ]
	[ "$output" = 300000 ]
}

# What is only read is written as it comes: less memory than the text has bytes. What one policy is in each of them:
@test "a large table is shown in every format, in less memory still" {
	inside "$many"' [[ $SETKEY == */asan/* ]] || ulimit -v 30000
		for one in classic/spid= json/\"policy\" table/^out dot/label=; do
			"$SETKEY" dump policy --format=${one%%/*} | grep -c -e "${one#*/}"
		done
		"$SETKEY" -DP | grep -c spid='
	[ "$status" = 0 ]
	[ "$output" = $'300000\n300000\n300000\n300000\n300000' ]
}

@test "a large table that goes while it is written is said to be incomplete" {
	inside "$many"' mkfifo pipe; "$SETKEY" dump policy --format=ip >pipe 2>said & { sleep 1; setkey -FP; wc -l; } <pipe; wait $!; cat said'
	[ "$status" = 0 ]
	[[ $output == *"setkey: the SPD changed while it was read: the output may be incomplete" ]]
	[ "${lines[0]}" -lt 300000 ]
}

@test "what the running kernel can do is tried, in a namespace of its own" {
	inside '"$SETKEY" algorithms --kernel; ip xfrm state'
	[ "$status" = 0 ]
	[ "$(awk 'NR > 1 && $0 ~ / (yes|no|no ESP|no IPComp) +(RFC|GB|-)/' <<<"$output" | wc -l)" = $((${#lines[@]} - 1)) ]
	[[ $output == *"kernel    source"*"tcp-md5 "*" no "* ]]
	[[ $output != *"src 127.0.0.1"* ]]
}

# Held up on its way, so that it takes longer than a second; script(1) makes the terminal.
@test "a long load and a long dump show how far they are on a terminal, and nothing elsewhere" {
	command -v script >/dev/null || skip "no script(1)"
	echo '"$@" & until ip xfrm policy count | grep -q [1-9]; do :; done; sleep 0.05
		kill -STOP $!; sleep 1.2; kill -CONT $!; wait $!' >slowly
	inside "$many"' setkey -FP
		script -qec "bash slowly $SETKEY -f many.conf" load >/dev/null
		script -qec "bash slowly $SETKEY dump policy --format=json >/dev/null" dump >/dev/null
		"$SETKEY" -FP; bash slowly "$SETKEY" -f many.conf'
	[ "$status" = 0 ]
	[ -z "$output" ]
	grep -aqE $'\r[0-9]+ of 300000 statements, [0-9]+ a second, [0-9]+ s left' load
	grep -aqE $'\r[0-9]+ of 300000 policies, [0-9]+ a second, [0-9]+ s left' dump
	grep -aq $'\r\033\\[K' load
}

@test "-H prints what is sent, as bytes, on the running kernel" {
	inside 'setkey -H -e "spdadd 192.0.2.1 192.0.2.2 any -P out discard;" | tr -d " \n"'
	[ "$status" = 0 ]
	# The message's head: its length, XFRM_MSG_NEWPOLICY, flags
	[[ $output == *b800000013000?0?* ]]
}

@test "a dump that cannot be written is status 3, not a short dump, on the running kernel" {
	inside 'setkey -f f.conf; setkey -DP >/dev/full'
	[ "$status" = 3 ]
	[[ $output == *"cannot write: No space left on device"* ]]
	# shellcheck disable=SC2016 # for the shell inside
	inside 'setkey -f f.conf; "$SETKEY" dump --via=xfrm --format=conf >/dev/full'
	[ "$status" = 3 ]
}

@test "on a terminal a table says how much it was, on the running kernel" {
	inside "setkey -f f.conf; script -qec \"stty cols 120; '$SETKEY' dump policy --format=table --via=xfrm\" /dev/null
		setkey -e 'spdflush; spdadd 192.0.2.1 192.0.2.2 any -P out discard;'
		script -qec \"stty cols 120; '$SETKEY' dump policy --format=table --via=xfrm\" /dev/null"
	[ "$status" = 0 ]
	[[ $output == *$'\n4 policies'*$'\n1 policy'* ]]
}

@test "what the kernel says in its own words stands behind ours" {
	inside 'setkey -e "add 192.0.2.1 192.0.2.2 esp 0x1000 -E null;"'
	[ "$status" = 1 ] || skip "this kernel has ESP"
	[[ $output == *"-e:1:"*"error: the running kernel lacks the protocol, or its module is not loaded"*"[kernel]"* ]]
}

@test "ids that are made up begin behind those that are there, on the running kernel" {
	inside 'setkey -e "spdadd 192.0.2.1 192.0.2.2 any -P out ipsec esp/transport//unique;"
		setkey -e "spdadd 192.0.2.1 192.0.2.3 any -P out ipsec esp/transport//unique;"
		setkey -DP | grep -oE "unique[:#][0-9]+" | sort -u'
	[ "$status" = 0 ]
	[ "${#lines[@]}" = 2 ]
}

# The first has made an id and will make more while the second comes and goes; then the ids are looked at.
@test "a policy gets the index it asks for, and its forward copy another" {
	inside 'setkey -e "spdadd 192.0.2.1 192.0.2.2 any -index 80 -P in none;"
		ip -s xfrm policy | grep -o "dir.*index [0-9]*" | sort >said
		[ "$(wc -l <said)" = 2 ]
		grep -oE "dir in .*index 80$" said; ! grep "dir fwd .*index 80$" said'
	[ "$status" = 0 ]
}

@test "two that make up ids at once never make up the same, and neither waits" {
	inside 'unique() { echo "spdadd 192.0.2.$1 198.51.100.1 any -P out ipsec esp/transport//unique ah/transport//unique;"; }
		mkfifo pipe; setkey -c <pipe & exec 5>pipe
		unique 1 >&5; until [ "$(ip xfrm policy count | grep -o "OUT [0-9]*")" = "OUT 1" ]; do sleep 0.02; done
		setkey -e "$(unique 2)" 5>&-
		for i in {3..20}; do unique $i; done >&5
		exec 5>&-; wait $!
		setkey -e "$(unique 21)"
		setkey -DP | grep -oE "unique#[0-9]+" | sort -u'
	[ "$status" = 0 ]
	[ "${#lines[@]}" = 42 ]
}

@test "ten loads at once make up ten thousand different ids" {
	inside 'for net in {0..9}; do
			for i in {1..1000}; do
				echo "spdadd 10.$net.$((i / 256)).$((i % 256)) 192.0.2.1 any -P out ipsec esp/transport//unique;"
			done >$net.conf
			setkey -f $net.conf &
		done
		wait
		setkey -DP | grep -oE "unique#[0-9]+" | sort -u | wc -l'
	[ "$status" = 0 ]
	[ "$output" = 10000 ]
}

@test "the classic dump tells masks of ports, and ports of 0, of which its own line says something else" {
	cat >f.conf <<-'END'
		exact;
		spdadd 10.0.0.1[80/0xfff0] 10.0.0.2[0] tcp -mark 5 -P out none;
		spdadd 10.0.0.3[80] 10.0.0.4 tcp -P out none;
	END
	inside 'setkey -f f.conf; setkey -DP; setkey -DP | grep -c xfrm:'
	[[ $output == *"xfrm: mark=0x5/0xffffffff sport=80/0xfff0 dport=0/0xffff"* ]]
	[ "${lines[-1]}" = 1 ]
}
