#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2016,SC2154 # commands for sweep, which runs them; preload is from lib
# The files that setkey keygen makes: all of them or none, whatever fails meanwhile.

load ../lib

setup() {
	need_helpers || return
	memory=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d -p "$BATS_TEST_TMPDIR")
	cd "$memory" || return
	umask 077
	echo 'these are 40 bytes which are a secret now' >secret
	echo 'key mine 0x00112233;' >was.keys
	# The same keys every time
	pair="--pair 192.0.2.1 192.0.2.2 --derive --secret-file secret --context c --out-a place/a.conf --out-b place/b.conf"
	export BEFORE='rm -rf place; mkdir place; echo old >place/a.conf; cp was.keys place/secret.keys'
	export AFTER='find place -printf "%p %m\n" | sort; cat place/*' WHOLE=old
}

teardown() {
	rm -r "$memory"
}

sweep() {
	"$BATS_TEST_DIRNAME/sweep" "$@"
}

# all_or_none COMMAND...
all_or_none() {
	sweep 3 "open+ EACCES" "$@"
	sweep 3 "read+ EIO" "$@"
	sweep "" "read EINTR" "$@"
	sweep 3 "write+ ENOSPC" "$@"
	sweep "" "write+ short" "$@"
	sweep "" "write EINTR" "$@"
	sweep 3 "fsync+ EIO" "$@"
	WHOLE=either sweep 3 "close EIO" "$@" # standard output, behind the files, is closed too
	sweep 3 "link EACCES" "$@"
	WHOLE=either sweep 3 "lock EIO" "$@"
	# Where files have names before their own, and a file system that cannot rename on conditions
	export NAMED=1
	sweep 3 "write ENOSPC" "$@"
	sweep 3 "rename EACCES EINVAL" "$@"
	unset NAMED
	[[ $SETKEY == */asan/* ]] || WHOLE=either sweep 3 "alloc ENOMEM" "$@"
}

@test "both ends of a pair, one in the place of an older file" {
	# shellcheck disable=SC2086
	all_or_none keygen $pair --force
}

@test "a key file that grows with them" {
	# shellcheck disable=SC2086
	all_or_none keygen $pair --force --keys-file place/secret.keys
}

@test "a mesh, and its rotation" {
	printf '%s\n' 'alpha 192.0.2.1' 'beta 192.0.2.2' >hosts
	all_or_none keygen --mesh hosts --out place --derive --secret-file secret --context c
	"$SETKEY" keygen --mesh hosts --out first
	BEFORE='rm -rf place; cp -r first place'
	all_or_none keygen --mesh hosts --out place --rotate --derive --secret-file secret --context c
}

@test "when there are no random bytes" {
	run env LD_PRELOAD="$preload ${SETKEY%/build/*}/build/lab/libfault.so" FAULT="random 1+ EIO" "$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 9>/dev/null
	echo "$output"
	[ "$status" = 3 ]
	[[ $output == "setkey: the kernel gives no random bytes"* ]]
}

@test "random bytes that come one by one, or after a signal" {
	for how in short EINTR; do
		for at in 1 1+ 2; do
			[ "$how $at" != "EINTR 1+" ] || continue
			run env LD_PRELOAD="$preload ${SETKEY%/build/*}/build/lab/libfault.so" FAULT="random $at $how" "$SETKEY" keygen aes-cbc:256 hmac-sha512 9>mark
			echo "$how at $at: status $status"
			[ "$status" = 0 ]
			[ -s mark ] || [ "$at" = 2 ]
			[[ ${lines[0]} =~ ^0x[0-9a-f]{64}$ ]]
			[[ ${lines[1]} =~ ^0x[0-9a-f]{128}$ ]]
			# What has not been filled would be the same byte again and again.
			not grep -qE '(..)\1{6}' <<<"$output"
		done
	done
}

@test "a folder that cannot be made" {
	echo 'alpha 192.0.2.1' >hosts
	echo 'beta 192.0.2.2' >>hosts
	BEFORE='rm -rf place' AFTER='ls -A' sweep 3 "mkdir EACCES ENOSPC" keygen --mesh hosts --out place --derive --secret-file secret --context c
}
