#!/usr/bin/env bats
# The lab itself: what the guest cannot do to the machine that it runs on.

@test "the share of this machine's files takes no writes, however it is mounted" {
	[ -e /sys/bus/virtio/drivers/9pnet_virtio ] || skip "this lab has no shares"
	mkdir "$BATS_TEST_TMPDIR/root"
	mount -t 9p -o rw,trans=virtio,version=9p2000.L root "$BATS_TEST_TMPDIR/root"
	[ -e "$BATS_TEST_TMPDIR/root$BATS_TEST_FILENAME" ]
	for where in /tmp /var/tmp /dev/shm "$BATS_TEST_DIRNAME"; do
		run touch "$BATS_TEST_TMPDIR/root$where/written"
		echo "$output"
		[ "$status" != 0 ]
		[[ $output == *"Read-only file system"* ]]
	done
	run bash -c "echo >>'$BATS_TEST_TMPDIR/root$BATS_TEST_FILENAME'"
	umount "$BATS_TEST_TMPDIR/root"
	[ "$status" != 0 ]
}
