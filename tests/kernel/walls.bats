#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The lab itself: what the guest cannot do to the machine that it runs on.

@test "the share of this machine's files is not to be had a second time, in other ways" {
	[ -e /sys/bus/virtio/drivers/9pnet_virtio ] || skip "this lab has no shares"
	mkdir "$BATS_TEST_TMPDIR/root"
	run mount -t 9p -o rw,trans=virtio,version=9p2000.L root "$BATS_TEST_TMPDIR/root"
	echo "$output"
	[ "$status" != 0 ]
	[ -z "$(ls "$BATS_TEST_TMPDIR/root")" ]
}
