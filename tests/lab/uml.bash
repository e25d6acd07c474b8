# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2054,SC2153,SC2154 # tests/lab/run sets and reads the variables; options have commas
# How tests/lab/run starts user-mode-linux, which mounts this machine's files by itself.

what=user-mode-linux
way_out="KERNEL=$other tries Debian's kernel in qemu"
patience=100

need() {
	command -v linux.uml >/dev/null || use_other "is not installed"
	[ -e "$top/build/lab/libxstate.so" ] || make -s -C "$top" build/lab/libxstate.so >&2 || unusable "cannot be prepared"
}

machine() {
	# The guest's memory is a file, best in memory; it is executed from.
	local memory=/dev/shm
	if [ "$(df --output=avail -m $memory | tail -n 1)" -lt 600 ] || grep -q " $memory .*noexec" /proc/mounts; then
		memory=$out
	fi
	machine=(
		env HOME="$out" TMPDIR="$memory" timeout --foreground -k 5 "$secs" taskset -c "$(nth_cpu "$cpu")"
		env LD_PRELOAD="$top/build/lab/libxstate.so${LAB_PRELOAD:+ $LAB_PRELOAD}" linux.uml
		rootfstype=hostfs rootflags=/ ro init="$lab/init" LAB_DIR="$dir" LAB_OUT="/lab/${out##*/}"
		LAB_MODULES=/usr/lib/uml/modules LAB_TTY=/dev/tty1
		mem="${LAB_MEM:-1G}" uml_dir="$out/" umid=guest con=null con0=null,fd:2 con1=fd:0,fd:1 quiet
		lpj=19517440 initcall_blacklist=raid6_select_algo
	)
}

# The kernel ends with the status that it was told.
ended_well() {
	[ "$1" = "$2" ]
}
