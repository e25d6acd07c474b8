#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The lab itself: it boots where it can, whatever the processor and however closed the checkout, and where it cannot it
# says why and what to do.
# shellcheck disable=SC2154 # top is from lib

load ../lib

setup() {
	cd "$top" || return
	unset KERNEL
	TMPDIR=$(mktemp -d)
	export TMPDIR
	chmod 755 "$TMPDIR"
}

teardown() {
	rm -r "$TMPDIR"
}

# without COMMAND... -- COMMAND...: runs the second on a machine that lacks the first
without() {
	local lacking=()
	for ((; $#; )); do
		[ "$1" = -- ] && shift && break
		lacking+=(! -name "$1")
		shift
	done
	mkdir "$TMPDIR/bin"
	find /usr/bin /bin /usr/sbin /sbin -maxdepth 1 "${lacking[@]}" -exec ln -sf -t "$TMPDIR/bin" {} + 2>/dev/null
	run env PATH="$TMPDIR/bin" "$@"
	echo "$output"
}

# fake_uml LINE...: a user-mode-linux that writes that on its console and dies
fake_uml() {
	mkdir -p "$TMPDIR/fake"
	{
		echo '#!/bin/sh'
		printf 'echo "%s" >&2\n' "$@"
		echo 'exit 134'
	} >"$TMPDIR/fake/linux.uml"
	chmod 755 "$TMPDIR/fake/linux.uml"
	PATH=$TMPDIR/fake:$PATH
}

need_uml() {
	command -v linux.uml >/dev/null || skip "no user-mode-linux here"
}

# What libamx refuses, a real such processor refuses too. Without the library that is preloaded no guest boots there.
@test "user-mode-linux boots on a CPU that takes no register state but the whole" {
	need_uml
	KERNEL=uml LAB_PRELOAD=$top/build/lab/libamx.so run tests/lab/run printenv KERNEL
	echo "$output"
	[ "$status" = 0 ]
	[ "$output" = uml ]
	run timeout -k 5 60 env LD_PRELOAD="$top/build/lab/libamx.so" linux.uml mem=64M rootfstype=hostfs rootflags=/ ro \
		init=/bin/true uml_dir="$TMPDIR/" con=null con0=null,fd:2 </dev/null
	echo "$output"
	[[ $output == *"set fp regs failed, errno = 14"* ]]
}

# Sums of a chaotic map: one bit changed in one register changes all digits.
@test "programs keep their registers from each other, with and without the library's help" {
	need_uml
	cat >"$TMPDIR/both" <<-'END'
		alone=$(build/lab/avx 1; build/lab/avx 2)
		together=$(build/lab/avx 1 >/tmp/1 & build/lab/avx 2 >/tmp/2; wait; cat /tmp/1 /tmp/2)
		echo "$alone"
		[ "$alone" = "$together" ] || echo "not $together"
	END
	expected=$(build/lab/avx 1; build/lab/avx 2)
	for preload in "" "$top/build/lab/libamx.so"; do
		KERNEL=uml LAB_PRELOAD=$preload run tests/lab/run bash "$TMPDIR/both"
		echo "$output"
		[ "$status" = 0 ]
		[ "$output" = "$expected" ]
	done
}

@test "where user-mode-linux is missing, one sentence says so and qemu takes its place" {
	command -v qemu-system-x86_64 >/dev/null || skip "no qemu here"
	without 'linux*' -- tests/lab/run printenv KERNEL
	[ "$status" = 0 ]
	[ "${lines[0]}" = "user-mode-linux is not installed: using Debian's Linux 6.12 in qemu instead, which is slower" ]
	[ "${lines[-1]}" = 6.12 ]
}

@test "where user-mode-linux does not boot, the cause is named, its console kept, and qemu takes its place" {
	command -v qemu-system-x86_64 >/dev/null || skip "no qemu here"
	fake_uml "userspace - ptrace set fp regs failed, errno = 14" "Kernel panic - not syncing: Attempted to kill init!" \
		"CPU: 0 PID: 1 Comm: init" " [<6002c0dd>] new_thread_handler+0xae/0xb0"
	run tests/lab/run printenv KERNEL
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"does not boot (userspace - ptrace set fp regs failed, errno = 14: Kernel panic - not syncing: Attempted to kill init!)"* ]]
	[[ $output == *"using Debian's Linux 6.12 in qemu"* ]]
	[[ $output != *new_thread_handler* ]]
	kept=$(sed -n 's/^Its console is kept in //p' <<<"$output")
	grep -q new_thread_handler "$kept"
	rm "$kept"
	[ "${lines[-1]}" = 6.12 ]
}

@test "asked for by its name, user-mode-linux is all that is tried, and the way out is said" {
	fake_uml "Checking that ptrace can change system call numbers...Operation not permitted"
	KERNEL=uml run tests/lab/run true
	echo "$output"
	[ "$status" = 125 ]
	[[ ${lines[-2]} == "user-mode-linux does not boot (Checking that ptrace"*"Operation not permitted); KERNEL=6.12 tries Debian's kernel in qemu" ]]
	[[ ${lines[-1]} == "Its console is kept in "* ]]
}

@test "where there is neither, the sentence says what to install" {
	without 'linux*' 'qemu*' 'apt-get' -- tests/lab/run true
	[ "$status" = 125 ]
	[[ $output == *"user-mode-linux is not installed: using Debian's Linux 6.12 in qemu instead"* ]]
	[[ ${lines[-1]} == *"is not installed; install user-mode-linux or qemu-system-"* ]]
}

@test "a guest that dies leaves its console, and the way out is said" {
	need_uml
	KERNEL=uml run tests/lab/run sh -c 'echo c >/proc/sysrq-trigger'
	echo "$output"
	[ "$status" = 124 ]
	[[ $output == *"user-mode-linux ended with status 134, the command in it with none ("*"sysrq triggered crash"*"); KERNEL=6.12 tries"* ]]
	kept=$(sed -n 's/^Its console is kept in //p' <<<"$output")
	grep -q "Kernel panic" "$kept"
	rm "$kept"
}

# The copy has nothing that others can read, and nobody is who runs the guest.
@test "a checkout and a build that others cannot read will do, under umask 077" {
	need_uml
	umask 077
	mkdir -p "$TMPDIR/closed/build" && cd "$TMPDIR/closed"
	cp -r "$top"/{.ci,tests,examples,Makefile} . && cp -r "$top/build/lab" "$SETKEY" build/
	chmod -R go= .
	SETKEY=$PWD/build/setkey KERNEL=uml run tests/lab/run -t 100 tests/lab/demo guest
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"nowhere in it"* ]]
}

@test "a file that the guest cannot read is named" {
	[ "$(id -u)" = 0 ] || skip "only root gives rights away"
	need_uml
	mkdir -p "$TMPDIR/closed"
	cp "$SETKEY" "$TMPDIR/closed/"
	chmod 700 "$TMPDIR/closed"
	# Without the right to mount, the mounts cannot be made read-only.
	SETKEY=$TMPDIR/closed/setkey KERNEL=uml run setpriv --bounding-set=-sys_admin tests/lab/run true
	echo "$output"
	[ "$status" = 125 ]
	[[ $output == *"cannot read $TMPDIR/closed/setkey as nobody, nor anything as root (unshare: "* ]]
}

@test "KERNEL=host has no demo, and says what it has" {
	KERNEL=host run tests/lab/demo
	[ "$status" = 2 ]
	[ ${#lines[@]} = 1 ]
	[[ $output == *"make check-kernel KERNEL=host"* ]]
}
