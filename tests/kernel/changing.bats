#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A table that changes under a dump: what is shown is whole objects, and it is said.

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	ip -batch - <<<$'xfrm state flush\nxfrm policy flush'
	key=0x000102030405060708090a0b0c0d0e0f
	awk -v key=$key 'BEGIN { for (i = 0; i < 20000; i++)
		printf "add 10.1.%d.%d 192.0.2.1 esp %d -u %d -E null;\n", i / 256, i % 256, i + 4096, i + 1 }' >many.conf
	"$SETKEY" -f many.conf
	awk 'BEGIN { for (i = 0; i < 5000; i++)
		printf "delete 10.1.%d.%d 192.0.2.1 esp %d;\nadd 10.2.%d.%d 192.0.2.1 esp %d -u %d -E null;\n",
			i / 256, i % 256, i + 4096, i / 256, i % 256, i + 40000, i + 30000 }' >change.conf
}

teardown() {
	rm -f changing
	wait
	ip xfrm state flush
}

# The reader waits until the changes are made: by then the dump has filled the pipe and stands still in the middle.
@test "a dump says so, over both wires, and shows whole objects" {
	for wire in xfrm pfkey; do
		mkfifo pipe.$wire
		"$SETKEY" -D --via=$wire >pipe.$wire 2>said.$wire 3>&- &
		{
			sleep 0.3
			"$SETKEY" -f change.conf
			cat
		} <pipe.$wire >shown.$wire
		wait $!
		cat said.$wire
		[[ $(<said.$wire) == *"the SAD changed while it was read"* ]]
		[ "$(grep -c sadb_seq= shown.$wire)" = "$(grep -c '^10' shown.$wire)" ]
		[ "$(grep -c sadb_seq= shown.$wire)" -ge 15000 ]
		ip xfrm state flush
		"$SETKEY" -f many.conf
	done
}

@test "a table that stays as it is gets no such word" {
	for wire in xfrm pfkey; do
		run "$SETKEY" dump --count --via=$wire
		[ "$output" = $'sa 20000\npolicy 0' ]
	done
}
