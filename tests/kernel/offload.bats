#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Offload as far as it goes without a device that can: the kernel reads what setkey says and answers to it.

# Not modprobe -r, which takes esp4 along.
without_offload() {
	rmmod esp4_offload 2>/dev/null || :
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	ip xfrm state flush
	without_offload
}

teardown() {
	without_offload
}

# offload WORDS
offload() {
	run "$SETKEY" -e "add 192.0.2.1 192.0.2.2 esp 0x1001 -offload $1 -E aes-gcm-16 0x000102030405060708090a0b0c0d0e0f00112233;"
	echo "$status: $output"
}

@test "a kernel that cannot offload says so, at the word" {
	offload "crypto lo out"
	[ "$status" = 1 ] || skip "this kernel does not read it"
	[[ $output == *"-e:1:52: error: "*offload* ]]
	run ip xfrm state
	[ -z "$output" ]
}

@test "what a device cannot do Linux does itself, but for whole packets" {
	modprobe -q esp4_offload || skip "this kernel has no esp4_offload"
	offload "crypto lo out"
	[ "$status" = 0 ]
	run "$SETKEY" dump sa --format=conf
	[[ $output == *"esp 0x1001 "* && $output != *-offload* ]]
	ip xfrm state flush
	offload "packet lo out"
	[ "$status" = 1 ]
	[[ $output == *"error: the kernel refuses the statement"* ]]
	run ip xfrm state
	[ -z "$output" ]
}
