#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Whose answer is it: answers that get lost, and a PF_KEY socket that hears everybody else's.

load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	ip -batch - <<<$'xfrm state flush\nxfrm policy flush'
	key=0x000102030405060708090a0b0c0d0e0f
}

teardown() {
	rm -f storming
	wait
}

# many FROM TO: one SA each, and policies for them
many() {
	local i
	for ((i = $1; i <= $2; i++)); do
		echo "add 192.0.2.1 192.0.2.2 esp $i -u $i -E aes-cbc $key;"
		echo "spdadd 192.0.2.1[$i] 192.0.2.2 udp -P out ipsec esp/transport//unique:$((i % 16000 + 1));"
	done
}

# shellcheck disable=SC2154 # lib.bash has both
lossy() {
	run env LD_PRELOAD="$runtime $top/build/lab/liblossy.so" "$SETKEY" --via=xfrm "$@"
	echo "$output"
}

# pointed OFFSET WORD: an error that is about this byte of the request is shown at this word
pointed() {
	run env LD_PRELOAD="$runtime $top/build/lab/libextack.so" EXTACK_OFFSET="$1" "$SETKEY" --via=xfrm -f f.conf
	echo "offset $1: $output"
	[ "$status" = 1 ]
	column=$(awk -v word="$2" '{ print index($0, word) }' f.conf)
	[[ $output == *"f.conf:1:$column: error: "* ]]
}

@test "answers lost, all done: the kernel is read again and nothing is said" {
	{
		echo "flush; spdflush;"
		many 0x1001 0x1020
	} >f.conf
	lossy -f f.conf
	[ "$status" = 0 ]
	[ -z "$output" ]
	[ "$(ip xfrm state | grep -c ^src)" = 32 ]
}

@test "answers lost, one refused: what cannot be told is reported as unknown" {
	echo "add 192.0.2.1 192.0.2.2 esp 0x1005 -u 5 -E aes-cbc 0xff02030405060708090a0b0c0d0e0fff;" >first.conf
	"$SETKEY" -f first.conf
	many 0x1001 0x1020 >f.conf
	lossy -f f.conf
	[ "$status" = 1 ]
	[ "$(grep -c ': error: ' <<<"$output")" = 1 ]
	[[ $output == *"f.conf:9:1: error: the kernel's answer was lost"*"[unknown-outcome]"* ]]
}

@test "answers lost: what differs in its mark, its interface or its tunnel is told apart" {
	local i
	for i in $(seq 16); do
		echo "add 192.0.2.1 192.0.2.2 esp 0x2000 -mark $i/0xff -m tunnel -u 7 -E aes-cbc $key;"
		echo "spdadd 10.0.0.0/8 10.0.0.0/8 any -mark $i/0xff -if_id $i -P out ipsec esp/tunnel/192.0.2.1-192.0.2.$i/require;"
	done >f.conf
	lossy -e "flush; spdflush; $(<f.conf)"
	[ "$status$output" = 0 ]
	ip -batch - <<<$'xfrm state flush\nxfrm policy flush'
	"$SETKEY" -e 'add 192.0.2.1 192.0.2.2 esp 0x2000 -mark 5/0xff -m tunnel -u 8 -E aes-cbc 0xff02030405060708090a0b0c0d0e0fff;
		spdadd 10.0.0.0/8 10.0.0.0/8 any -mark 9/0xff -if_id 9 -P out ipsec esp/tunnel/192.0.2.1-192.0.2.77/require;'
	lossy -f f.conf
	[ "$status" = 1 ]
	[ "$(grep -c ': error: ' <<<"$output")" = 2 ]
	[[ $output == *"f.conf:9:"*"[unknown-outcome]"*"f.conf:18:"*"[unknown-outcome]"* ]]
}

@test "answers lost, a delete among them" {
	many 0x1001 0x1010 >first.conf
	"$SETKEY" -f first.conf
	{
		echo "delete 192.0.2.1 192.0.2.2 esp 0x1001;"
		echo "spddelete 192.0.2.1[4097] 192.0.2.2 udp -P out;"
		many 0x1011 0x1020
	} >f.conf
	lossy -f f.conf
	[ "$status" = 0 ]
	[ -z "$output" ]
}

# Each other process's change is broadcast to every PF_KEY socket, in the middle of our answers.
@test "PF_KEY: a storm of other processes' changes moves no answer" {
	many 0x2001 0x2100 | sed 's/192.0.2/198.51.100/g' >storm.conf
	sed 's/^spdadd/spddelete/; s/^add/delete/; s/ -u.*/;/' storm.conf >calm.conf
	{
		many 0x1001 0x1040
		echo "delete 192.0.2.1 192.0.2.2 esp 0x9999;"
		many 0x1041 0x1080
		echo "spddelete 192.0.2.1 192.0.2.9 any -P out;"
	} >f.conf
	sed 's/^spdadd/spddelete/; s/^add/delete/; s/ -u.*/;/; /9999\|192\.0\.2\.9/d' f.conf >undo.conf
	touch storming
	while [ -e storming ]; do
		"$SETKEY" --via=pfkey -f storm.conf && touch stormed
		"$SETKEY" --via=pfkey -f calm.conf
	done 2>storm.err 3>&- &
	until [ -e stormed ]; do
		sleep 0.05
	done
	for _ in 1 2 3 4 5; do
		run "$SETKEY" --via=pfkey -f f.conf
		echo "$output"
		[ "$status" = 1 ]
		[ "$(grep -c ': error: ' <<<"$output")" = 2 ]
		[[ $output == *"f.conf:129:"*"there is no such SA [kernel]"*"f.conf:258:"*"there is no such policy"* ]]
		"$SETKEY" -f undo.conf
	done
	rm storming
	wait
	[ ! -s storm.err ]
}

# In containers that share a network two may have one process number, and each hears what the other did.
@test "PF_KEY: a process with our number adds SAs while we do, and none of the answers is taken for ours" {
	# Of the same host, of the same SPIs, and of neither
	{
		many 0x2001 0x2100 | sed 's/ 192.0.2.1 / 192.0.2.3 /'
		many 0x1001 0x1200 | sed 's/192.0.2/198.51.100/g'
		many 0x2001 0x2100 | sed 's/192.0.2/198.51.100/g'
	} | grep ^add >storm.conf
	sed 's/^add/delete/; s/ -u.*/;/' storm.conf >calm.conf
	many 0x1001 0x1200 | grep ^add >f.conf
	sed -i "100s/.*/$(sed -n 1p f.conf)/" f.conf
	touch storming
	while [ -e storming ]; do
		unshare -pf "$SETKEY" --via=pfkey -f storm.conf
		"$SETKEY" -f calm.conf
	done 2>storm.err 3>&- &
	# Late, so that the other is heard in the middle of a batch.
	run unshare -pf --kill-child env LD_PRELOAD="$runtime $top/build/lab/libfault.so" FAULT="recv 10 slow" "$SETKEY" --via=pfkey -f f.conf 9>/dev/null
	rm storming
	wait
	echo "$output"
	[ "$status" = 1 ]
	[ "$(grep -c ': error: ' <<<"$output")" = 1 ]
	[[ $output == *"f.conf:100:"*"exists already"* ]]
	[ ! -s storm.err ]
}

# The other's success is heard before our refusal, and is about the very same SA.
@test "PF_KEY: somebody adds what we are about to add, and that is not taken for our success" {
	many 0x1001 0x1001 | grep ^add >f.conf
	for via in xfrm pfkey; do
		"$SETKEY" -F
		LD_PRELOAD="$runtime $top/build/lab/libfault.so" FAULT="send 1 stop" "$SETKEY" --via=pfkey -f f.conf 9>/dev/null >said 2>&1 3>&- &
		until ! kill -0 $! || [[ $(<"/proc/$!/status") == *"(stopped)"* ]]; do sleep 0.01; done
		"$SETKEY" --via=$via -f f.conf
		kill -CONT $!
		status=0
		wait $! || status=$?
		cat said
		[ "$status" = 1 ]
		grep -q "exists already" said
	done
}

# The offsets are those that "encode --annotate" shows.
@test "an error with an offset stands under the word that made that byte" {
	echo "add 192.0.2.1 192.0.2.2 esp 0x1001 -m tunnel -u 7 -E aes-cbc $key -A hmac-md5 $key;" >f.conf
	"$SETKEY" -f f.conf
	"$SETKEY" encode --annotate f.conf | sed 1d
	offset_of() {
		"$SETKEY" encode --annotate f.conf | awk -v name="$1" '$2 == name { print $1 }'
	}
	pointed "$(offset_of XFRMA_ALG_CRYPT)" aes-cbc
	pointed "$(offset_of XFRMA_ALG_AUTH)" hmac-md5
	pointed $(($(offset_of id) + 16)) 0x1001
	echo "spdadd 192.0.2.1 192.0.2.2 any -P out prio 5 ipsec esp/transport//require;" >f.conf
	"$SETKEY" -f f.conf
	pointed "$(offset_of XFRMA_TMPL)" esp/transport//require
}

@test "-v prints every message both ways, decoded, without keys, over both wires" {
	echo "add 192.0.2.1 192.0.2.2 esp 0x1001 -E aes-cbc $key; spdadd 192.0.2.1 192.0.2.2 any -P out none;" >f.conf
	run "$SETKEY" -v --via=xfrm -f f.conf
	echo "$output"
	[ "$status" = 0 ]
	[ "$(grep -c '^sent ' <<<"$output")" = 2 ]
	[[ $output == *"NEWSA"*"XFRMA_ALG_CRYPT"*"key 0x...(16 bytes)"*"NEWPOLICY"*"received "*"errno"* ]]
	[[ $output != *"${key#0x}"* ]]
	"$SETKEY" -e "flush; spdflush;"
	run "$SETKEY" -v --via=pfkey -f f.conf
	echo "$output"
	[ "$status" = 0 ]
	[ "$(grep -c '^sent ' <<<"$output")" = 2 ]
	[ "$(grep -c '^received ' <<<"$output")" -ge 2 ]
	[[ $output == *"type=3(add)"*"type=14("* ]]
	[[ $output != *"${key#0x}"* ]]
}

# While we wait for input, our socket hears of so many changes that it overflows: no answer to us would fit any more.
@test "PF_KEY: a socket that is full before we ask" {
	awk -v key="$key" 'BEGIN { for (i = 0; i < 100000; i++)
		printf "add 10.%d.%d.%d 192.0.2.1 esp %d -u %d -E null;\n", i / 65536, i / 256 % 256, i % 256, i + 4096, i % 30000 + 1 }' >storm.conf
	mkfifo pipe
	"$SETKEY" --via=pfkey -c <pipe >out 2>&1 3>&- &
	exec 5>pipe
	echo "spdflush;" >&5
	"$SETKEY" -f storm.conf 5>&-
	echo "add 192.0.2.1 192.0.2.2 esp 0x1001 -E aes-cbc $key; delete 192.0.2.1 192.0.2.2 esp 0x9999;" >&5
	exec 5>&-
	status=0
	wait $! || status=$?
	cat out
	[ "$status" = 1 ]
	[ "$(grep -c ': error: ' out)" = 1 ]
	grep -q "there is no such SA" out
	ip xfrm state get src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1001
}

@test "PF_KEY: a flood while we load gives the right result, or says what is unknown" {
	awk -v key="$key" 'BEGIN { for (i = 0; i < 10000; i++)
		printf "add 10.1.%d.%d 192.0.2.1 esp %d -E aes-cbc %s;\n", i / 256, i % 256, i + 4096, key }' >storm.conf
	many 0x1001 0x1200 | grep ^add >f.conf
	"$SETKEY" -f storm.conf 3>&- &
	run "$SETKEY" --via=pfkey -f f.conf
	wait
	unknown=$(grep -c 'unknown-outcome' <<<"$output" || :)
	echo "status $status, $unknown unknown"
	[ "$(grep -c ': error: ' <<<"$output" || :)" = "$unknown" ]
	[ "$status" = $((unknown > 0)) ]
	[ $(($(ip xfrm state list src 192.0.2.1 dst 192.0.2.2 | grep -c ^src) + unknown)) -ge 512 ]
}
