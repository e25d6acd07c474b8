#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # commands for sweep, which runs them; preload is from lib
# Files that setkey writes itself: whole or not at all, whatever fails meanwhile, and never another file beside them.

load ../lib

setup() {
	need_helpers || return
	# In memory where that can be: a hundred times fsync() would take minutes.
	memory=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d -p "$BATS_TEST_TMPDIR")
	cd "$memory" || return
	key=0x00c0ffee00c0ffee00c0ffee00c0ffee
	printf 'add 192.0.2.1  192.0.2.2 esp 0x1001 -E aes-cbc %s;\r\nspdflush ;\r\n' "$key" >was.conf
	# With another group than a new file's, where we can have one: then that has to be set too.
	as=''
	[ "$(id -u)" != 0 ] || as="setpriv --groups 0,12345"
	export BEFORE='rm -rf place; mkdir place; cp was.conf place/f.conf; chmod 640 place/f.conf
		[ "$(id -u)" != 0 ] || chgrp 12345 place/f.conf'
	lab=${SETKEY%/build/*}/build/lab
	export AFTER='find place -printf "%p %m %u %g\n" | sort; cat place/*' WHOLE=old
}

teardown() {
	rm -r "$memory"
}

sweep() {
	$as "$BATS_TEST_DIRNAME/sweep" "$@"
}

# whole COMMAND...: each call in the making of a file fails; add a test for each command that makes one
whole() {
	sweep 3 "open+ EACCES" "$@"
	sweep 3 "read+ EIO" "$@"
	sweep "" "read EINTR" "$@"
	sweep "" "read+ short" "$@"
	sweep 3 "stat EIO" "$@"
	WHOLE=either sweep 3 "write+ ENOSPC" "$@" # a report, behind the file, is written too
	sweep "" "write+ short" "$@"
	WHOLE=either sweep 3 "write EINTR" "$@"
	sweep 3 "fsync+ EIO" "$@"
	WHOLE=either sweep 3 "close EIO" "$@" # standard output, behind the file, is closed too
	sweep 3 "rename+ EACCES" "$@"
	sweep 3 "chmod+ EPERM" "$@"
	[ -z "$as" ] || sweep 3 "chown+ EPERM" "$@"
	[[ $SETKEY == */asan/* ]] || WHOLE=either sweep 3 "alloc ENOMEM" "$@"
	# What is not on the disk is not to take the place of what is. Of the folder, which comes second, that is no failure.
	eval "$BEFORE"
	run $as env LD_PRELOAD="$preload $lab/libfault.so" FAULT="fsync 1 EIO" "$SETKEY" "$@" 9>/dev/null
	echo "$output"
	[ "$status" = 3 ]
	[[ $output == *"Input/output error"* ]]
}

@test "fmt --inplace" {
	whole fmt --inplace place/f.conf
}

@test "lint --fix=inplace" {
	whole lint --fail-on=never --fix=inplace place/f.conf
}

# Its owner cannot be kept: the right to give files away is given up first.
@test "another's file is left as it is" {
	[ "$(id -u)" = 0 ] || skip "only root can give files away"
	eval "$BEFORE"
	chown nobody:root place/f.conf
	run setkey fmt --inplace place/f.conf
	[ "$status" = 3 ]
	[ "$output" = "setkey: place/f.conf stays as it is: it belongs to somebody else, or may not be changed" ]
	cmp was.conf place/f.conf
	[ "$(ls -A place)" = f.conf ]
}

# The sweep itself: it must see what is left behind.
@test "a file that a failure leaves behind is noticed" {
	RUN='[ "$FAULT" != "open 1 ENOENT" ] || { LD_PRELOAD="" touch place/.more; echo "setkey: no" >&2; printf x >&9; (exit 3); }' \
		run sweep 3 "open ENOENT"
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"status 3, but it left "*"place/.more"* ]]
}
