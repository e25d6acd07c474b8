#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What setkey may do while it runs, who may look into it, and whose files it runs.
# shellcheck disable=SC2030,SC2031 # each test has variables of its own

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	ip -batch - <<<$'xfrm state flush\nxfrm policy flush'
	mkfifo pipe
	nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	net_admin=(--inh-caps=+net_admin --ambient-caps=+net_admin)
	echo 'spdadd 192.0.2.1 192.0.2.2 any -P out discard;' >good.conf
	echo 'add 192.0.2.1 192.0.2.2 esp 0x1000 -E nonsense;' >bad.conf
}

teardown() {
	[ -z "${pid-}" ] || kill "$pid" 2>/dev/null || :
	exec 8>&-
	wait
}

# start COMMAND...: runs it with its standard input on a pipe that nobody writes to, until it waits there; sets pid
start() {
	"$@" <pipe >out 2>&1 3>&- 8>&- &
	pid=$!
	exec 8>pipe
	stands_still
}

stands_still() {
	for _ in {1..100}; do
		sleep 0.05
		[[ $(<"/proc/$pid/status") == Name:$'\t'setkey*State:$'\t'S* ]] && return
	done
	cat out
	return 1
}

end() {
	kill "$pid"
	exec 8>&-
	wait "$pid" || :
	pid=''
}

# has LINE...: each is a line of its /proc/PID/status
has() {
	local said
	said=$'\n'$(<"/proc/$pid/status")$'\n'
	echo "$said"
	for line; do
		[[ $said == *$'\n'"${line/: /:$'\t'}"$'\n'* ]]
	done
}

net_admin_alone=('CapInh: 0000000000000000' 'CapPrm: 0000000000001000' 'CapEff: 0000000000001000'
	'CapBnd: 0000000000001000' 'CapAmb: 0000000000000000' 'NoNewPrivs: 1')

# Policies of which a dump is more than a pipe holds
many() {
	awk 'BEGIN { for (i = 0; i < 4000; i++) printf "spdadd 10.0.%d.%d 192.0.2.2 any -P out discard;\n", i / 256, i % 256 }'
}

# untaken ARG...: setkey, until it stands still in the middle of what it says, as nobody takes it
untaken() {
	"$SETKEY" "$@" >pipe 3>&- 8>&- &
	pid=$!
	exec 8<>pipe
	sleep 0.5
	stands_still
}

@test "CAP_NET_ADMIN is all that root keeps, in every mode that talks to the kernel" {
	for args in monitor -c -x "--via=pfkey -c" "--via=pfkey -x"; do
		# shellcheck disable=SC2086 # words
		start "$SETKEY" $args
		has "${net_admin_alone[@]}"
		end
	done
}

@test "the right to read others' files ends before the first byte of them is parsed" {
	for mode in "-f" "encode" "decode" "-n -f" lint fmt mirror "peercheck good.conf"; do
		# shellcheck disable=SC2086 # words
		start "$SETKEY" $mode -
		case $mode in
		-f | -n* | lint) has 'CapPrm: 0000000000001004' 'CapEff: 0000000000001004' 'NoNewPrivs: 1' ;;
		*) has 'CapPrm: 0000000000000004' 'CapEff: 0000000000000004' 'NoNewPrivs: 1' ;;
		esac
		end
	done
	# Read, parsed and stopped in the middle of what it says, as nobody takes it
	{ many && echo 'spddump;'; } >many.conf
	untaken -f many.conf
	has "${net_admin_alone[@]}"
	end
	"$SETKEY" encode many.conf >many.hex
	for mode in "encode many.conf" "decode many.hex" "fmt many.conf" "mirror many.conf"; do
		# shellcheck disable=SC2086 # words
		untaken $mode
		has 'CapPrm: 0000000000000000' 'CapEff: 0000000000000000' 'NoNewPrivs: 1'
		end
	done
}

@test "what asks the kernel keeps no more than that takes" {
	many >many.conf
	"$SETKEY" -f many.conf
	for mode in -DP "--via=pfkey -DP" "dump --format=json"; do
		# shellcheck disable=SC2086 # words
		untaken $mode
		has "${net_admin_alone[@]}"
		end
	done
}

@test "names are looked up before the kernel is turned to" {
	echo 'spdadd nowhere.invalid 192.0.2.2 any -P out discard;' >unknown.conf
	echo 'spdadd -4 localhost 192.0.2.2 any -P out discard;' >known.conf
	chmod 755 .
	for via in xfrm pfkey; do
		run "${nobody[@]}" "$SETKEY" --via=$via -f unknown.conf
		echo "$output"
		[ "$status" = 1 ]
		[[ $output == *nowhere.invalid* && $output != *CAP_NET_ADMIN* ]]
		run "${nobody[@]}" "$SETKEY" --via=$via -f known.conf
		echo "$output"
		[ "$status" = 3 ]
		[[ $output == *CAP_NET_ADMIN* && $output != *localhost* ]]
	done
}

@test "files that only their owner may read: root reads them, in every mode" {
	"$SETKEY" encode good.conf >good.hex
	chmod 600 good.conf good.hex
	chown 65534 good.conf good.hex
	"$SETKEY" -n -f good.conf
	"$SETKEY" -f good.conf
	"$SETKEY" encode good.conf | diff - good.hex
	"$SETKEY" decode good.hex | grep discard
	"$SETKEY" good.hex | grep discard
}

@test "CAP_NET_ADMIN is enough, whoever has it" {
	setpriv --bounding-set=-all,+net_admin "$SETKEY" -f good.conf
	"${nobody[@]}" "${net_admin[@]}" "$SETKEY" -DP | grep discard
	start "${nobody[@]}" "${net_admin[@]}" "$SETKEY" -c
	has 'CapPrm: 0000000000001000' 'CapEff: 0000000000001000' 'CapInh: 0000000000000000' 'CapAmb: 0000000000000000' 'NoNewPrivs: 1'
	end
	start "${nobody[@]}" "$SETKEY" -n -c
	has 'CapPrm: 0000000000000000' 'NoNewPrivs: 1'
}

@test "no core, and memory that is not swapped out, for root" {
	[[ $SETKEY != */asan/* ]] || skip "the sanitizers' runtime locks no memory"
	ulimit -c unlimited
	start "$SETKEY" -c
	grep -E '^Max core file size +0 +0 ' "/proc/$pid/limits"
	grep -E '^Max locked memory +unlimited' "/proc/$pid/limits"
	[ "$(awk '/^VmLck/ { print $2 }' "/proc/$pid/status")" -gt 500 ]
	echo core >/proc/sys/kernel/core_pattern
	kill -SEGV "$pid"
	wait "$pid" || :
	[ ! -e core ]
	# So one is to be expected from others
	sleep 60 3>&- 8>&- &
	until [ "$(<"/proc/$!/comm")" = sleep ]; do sleep 0.02; done
	kill -SEGV $!
	wait $! || :
	[ -e core ]
}

@test "with little memory that may be locked everything goes on working" {
	awk 'BEGIN { for (i = 0; i < 20000; i++) printf "spdadd 10.0.%d.%d 192.0.2.2 any -P out discard;\n", i / 256, i % 256 }' >many.conf
	run "${nobody[@]}" "${net_admin[@]}" prlimit --memlock=65536:65536 "$SETKEY" -f many.conf
	[ "$status" = 0 ]
	[ -z "$output" ]
}

@test "nobody else of the same user sees its memory" {
	[[ $SETKEY != */asan/* ]] || skip "LeakSanitizer is a process that does"
	start "${nobody[@]}" "$SETKEY" -n -c
	run "${nobody[@]}" cat "/proc/$pid/environ"
	[ "$status" != 0 ]
	end
	"${nobody[@]}" sleep 60 3>&- 8>&- &
	pid=$!
	sleep 0.2
	"${nobody[@]}" cat "/proc/$pid/environ" >/dev/null
}

# refused FILE...: nothing was done, and each file is named
refused() {
	echo "$output"
	[ "$status" = 1 ]
	[ -z "$(ip xfrm policy)" ]
	for file; do
		[[ $output == *"setkey: error: $file can be written by others than its owner"*"[writable-file]"*"hint: chmod go-w $file"* ]]
	done
}

@test "root runs no file that others may write" {
	for mode in 664 646 622 666 777; do
		chmod $mode good.conf
		run "$SETKEY" -f good.conf
		refused good.conf
		[[ $output == *"(mode 0$mode)"* ]]
	done
	chmod 666 pipe
	cat good.conf >pipe 3>&- &
	run "$SETKEY" -f pipe
	refused pipe
	cp good.conf other.conf
	chmod 664 good.conf other.conf bad.conf
	run "$SETKEY" -f good.conf -f bad.conf -f other.conf
	refused good.conf bad.conf other.conf
	[[ $output == *"bad.conf:1:"*"nonsense"* ]]
	ln -s good.conf link.conf
	run "$SETKEY" -f link.conf
	refused link.conf
	echo 'include "link.conf";' >including.conf
	chmod 644 including.conf
	run "$SETKEY" -f including.conf
	refused link.conf
}

@test "on standard input root includes no file that others may write, and no key of one" {
	echo 'include "good.conf";' >typed
	for mode in 664 646 666; do
		chmod $mode good.conf
		run "$SETKEY" -c <typed
		refused good.conf
		run "$SETKEY" -e "$(<typed)"
		refused good.conf
		"$SETKEY" -n -c <typed
	done
	# What follows is not kept from running, as ever.
	run "$SETKEY" -c <<<'include "good.conf"; spdadd 192.0.2.3 192.0.2.4 any -P out discard;'
	[ "$status" = 1 ]
	[[ $(ip xfrm policy) == *192.0.2.3* && $(ip xfrm policy) != *192.0.2.1* ]]
	ip xfrm policy flush
	"$SETKEY" --insecure -c <typed
	[[ $(ip xfrm policy) == *"action block"* ]]
	echo 'key one 0x00112233445566778899aabbccddeeff;' >one.keys
	echo 0x00112233445566778899aabbccddeeff >one.key
	for mode in 620 602; do
		chmod $mode one.keys one.key
		for statement in 'keys "one.keys"; add 192.0.2.1 192.0.2.2 esp 0x1000 -E aes-cbc @one;' \
			'add 192.0.2.1 192.0.2.2 esp 0x1000 -E aes-cbc @file:one.key;'; do
			run "$SETKEY" -c <<<"$statement"
			echo "$output"
			[ "$status" = 1 ]
			[[ $output == *"[open-key-file]"* ]]
			[ -z "$(ip xfrm state)" ]
		done
	done
}

@test "where the keys of a dump cannot be written nothing is printed, and no file is named that is not there" {
	[[ $SETKEY != */asan/* ]] || skip "LeakSanitizer is a process that looks into this one"
	"$SETKEY" -f - <<<'add 192.0.2.1 192.0.2.2 esp 0x1000 -E aes-cbc 0x00112233445566778899aabbccddeeff;'
	mkdir theirs
	chown 65534 theirs
	for file in theirs/x.keys nowhere/x.keys; do
		run "$SETKEY" dump --format=conf --keys-to=$file
		echo "$output"
		[ "$status" = 3 ]
		[[ ${lines[-1]} == "setkey: cannot write $file: "* ]]
		[[ $output != *"add 192"* ]]
	done
	echo old >there.keys
	run "$SETKEY" dump --format=conf --keys-to=there.keys
	[[ $status == 3 && ${#lines[@]} == 1 ]]
	"$SETKEY" dump --format=conf --keys-to=new.keys >refs
	"$SETKEY" -F
	chmod 600 refs
	"$SETKEY" -f refs
	[[ $(ip xfrm state) == *0x00112233445566778899aabbccddeeff* ]]
}

@test "-H shows no key that is loaded, unless --show-keys is given" {
	echo 'add 192.0.2.1 192.0.2.2 esp 0x1000 -E aes-cbc 0x8f3a6cd1e90b7254a1c6de08f79b3512; get 192.0.2.1 192.0.2.2 esp 0x1000;' >keys.conf
	for via in xfrm pfkey; do
		for mode in "-f keys.conf" "-c"; do
			"$SETKEY" -F
			# shellcheck disable=SC2086 # words
			run "$SETKEY" --via=$via -v -H $mode <keys.conf
			[ "$status" = 0 ]
			not_shown=$(tr -d ' \n' <<<"$(grep -vE '^\s+E: ' <<<"$output")")
			[[ $not_shown != *8f3a6cd1e90b7254a1c6de08f79b3512* ]]
			"$SETKEY" -F
			# shellcheck disable=SC2086 # words
			run "$SETKEY" --via=$via -H --show-keys $mode <keys.conf
			[[ $(tr -d ' \n' <<<"$(grep -vE '^\s+E: ' <<<"$output")") == *8f3a6cd1e90b7254* ]]
		done
	done
}

@test "root runs them with --insecure, by way of standard input, and what others may only read" {
	chmod 666 good.conf
	for args in "--insecure -f good.conf" "-f -" "-n -f good.conf"; do
		# shellcheck disable=SC2086 # words
		run "$SETKEY" $args <good.conf
		echo "$args: $output"
		[ "$status" = 0 ]
		[ -z "$output" ]
		[[ $args == -n* ]] || [[ $(ip xfrm policy) == *"action block"* ]]
		ip xfrm policy flush
	done
	"$SETKEY" encode good.conf >/dev/null
	chmod 644 good.conf
	"$SETKEY" -f good.conf
	ip xfrm policy flush
	"$SETKEY" -f /dev/stdin < <(cat good.conf)
	ip xfrm policy flush
	"$SETKEY" -f <(cat good.conf)
	ip xfrm policy flush
	"$SETKEY" -f /dev/stdin <<<"$(<good.conf)"
	[[ $(ip xfrm policy) == *"action block"* ]]
}

@test "whoever is not root is not asked whose file it is" {
	chmod 666 good.conf
	chmod 755 .
	# shellcheck disable=SC2016 # for the shell of nobody
	for file in good.conf - '<(cat good.conf)' '/dev/stdin'; do
		"${nobody[@]}" "${net_admin[@]}" bash -c 'cat good.conf | "$SETKEY" -f '"$file"
		[[ $(ip xfrm policy) == *"action block"* ]]
		ip xfrm policy flush
	done
}
