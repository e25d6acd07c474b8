# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2054,SC2153,SC2154 # tests/lab/run sets and reads the variables; options have commas
# How tests/lab/run starts Debian's own kernel image: in qemu, which emulates all of it and is never asked for KVM.
# This machine's files and the guest's /lab are two shares; qemu itself opens the first for reading only.

what="Linux $KERNEL in qemu"
patience=120

# By processor: what qemu is called, the package it is in, its machine and processor, the console, Debian's name for it.
# "Fast" string instructions of an x86 qemu carries out byte by byte.
processor=${LAB_PROCESSOR:-$(uname -m)}
case $processor in
x86_64) emulator=(qemu-system-x86_64 qemu-system-x86 q35,accel=tcg max,-erms,-fsrm ttyS0 amd64) ;;
aarch64) emulator=(qemu-system-aarch64 qemu-system-arm virt,accel=tcg cortex-a57 ttyAMA0 arm64) ;;
*) emulator=() ;;
esac
way_out="install user-mode-linux or ${emulator[1]-qemu}, busybox-static, cpio, xz-utils and kmod (.ci/deps qemu does it)"

need() {
	[ ${#emulator[@]} -gt 0 ] || unusable "can be used on x86_64 and aarch64 only, not on $processor"
	command -v "${emulator[0]}" >/dev/null || unusable "cannot run: ${emulator[1]} is not installed; $way_out"
	# What apt says on its first download stands before the last line.
	image=$("$lab/image" "$KERNEL" "${emulator[5]}" 2>&1) || unusable "cannot run: ${image##*$'\n'}; $way_out"
	image=${image##*$'\n'}
}

machine() {
	# What qemu has translated it finds again by address: where each start had others, it would translate all anew.
	local kernel=(
		"console=${emulator[4]}" quiet panic=-1 mitigations=off cryptomgr.notests=1 norandmaps
		LAB_INIT="$lab/init" LAB_DIR="$dir" LAB_OUT="/lab/${out##*/}" LAB_MODULES="$image/lib/modules" LAB_TTY=/dev/hvc0
	)
	machine=(
		timeout --foreground -k 5 "$secs" taskset -c "$(nth_cpu "$cpu")" "${emulator[0]}"
		-nodefaults -no-user-config -no-reboot -display none -machine "${emulator[2]}" -cpu "${emulator[3]}" -m "${LAB_MEM:-2G}"
		-sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny
		-kernel "$image/vmlinuz" -initrd "$image/initrd" -append "${kernel[*]}"
		-fsdev local,id=root,path=/,security_model=none,readonly=on,multidevs=remap
		-device virtio-9p-pci,fsdev=root,mount_tag=root
		-fsdev "local,id=lab,path=${dir//,/,,},security_model=none" -device virtio-9p-pci,fsdev=lab,mount_tag=lab
		-chardev "file,id=console,path=${out//,/,,}/console,append=on" -serial chardev:console
		-chardev stdio,id=job,signal=off -device virtio-serial-pci -device virtconsole,chardev=job
	)
}

# qemu knows nothing of what the guest says; a guest that died has left no status.
ended_well() {
	[ "$1" = 0 ] && [ -n "$2" ]
}
