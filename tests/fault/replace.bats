#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
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

# list FILE: what it has beside its bytes
list() {
	python3 -c 'import os, sys
for f in sys.argv[1:]: print(oct(os.stat(f).st_mode), {a: os.getxattr(f, a) for a in sorted(os.listxattr(f))})' "$@"
}

# An access list whose mask has rights that the group has not, as setfacl -m u:12345:r makes it
@test "an access list and other attributes are kept, or the file is" {
	cat >set.py <<-'END'
		import os, struct, sys
		acl = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *e) for e in
		    [(1, 6, 0xffffffff), (2, 4, 12345), (4, 0, 0xffffffff), (16, 4, 0xffffffff), (32, 0, 0xffffffff)])
		what, name = sys.argv[1:]
		os.setxattr(name, "system.posix_acl_" + what if what != "user" else "user.origin", b"here" if what == "user" else acl)
	END
	mkdir place
	cp was.conf place/f.conf && chmod 600 place/f.conf
	python3 set.py access place/f.conf 2>/dev/null || skip "no access lists on this file system"
	python3 set.py user place/f.conf 2>/dev/null || true
	for command in "fmt --inplace" "lint --fail-on=never --fix=inplace"; do
		for named in x NAMED; do
			list place/f.conf >before
			[[ $(<before) == 0o100640* ]]
			# shellcheck disable=SC2086 # words
			env $named=1 LD_PRELOAD="$preload $lab/libfault.so" "$SETKEY" $command place/f.conf
			not cmp -s was.conf place/f.conf
			list place/f.conf | diff before -
			cat was.conf >place/f.conf
			# shellcheck disable=SC2086 # words
			run env $named=1 LD_PRELOAD="$preload $lab/libfault.so" FAULT="xattr 1 EPERM" "$SETKEY" $command place/f.conf 9>/dev/null
			echo "$output"
			[ "$status" = 3 ]
			[[ $output == "setkey: place/f.conf stays as it is: it has an access list or another attribute that cannot be kept"* ]]
			cmp was.conf place/f.conf
			[ "$(ls -A place)" = f.conf ]
		done
	done
	# What the folder gives to new files is not for this one, and no more readers than before for keys.
	python3 set.py default place
	(umask 077 && rm place/f.conf && cp was.conf place/f.conf && chmod 600 place/f.conf)
	python3 -c 'import os; os.removexattr("place/f.conf", "system.posix_acl_access")'
	chmod 640 place/f.conf
	list place/f.conf >before
	"$SETKEY" fmt --inplace place/f.conf
	list place/f.conf | diff before -
	"$SETKEY" keygen --keys-file place/new.keys a=aes-cbc
	"$SETKEY" keygen --keys-file place/new.keys b=aes-cbc
	[[ $(list place/new.keys) == 0o100600* ]]
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
