# shellcheck shell=bash
# shellcheck disable=SC2034,SC2054,SC2153,SC2154 # tests/lab/run sets and reads the variables; options have commas
# How tests/lab/run starts Debian's own kernel image: in qemu, which emulates all of it and is never asked for KVM.
# This machine's files and the guest's /lab are two shares; qemu itself opens the first for reading only.

what="Linux $KERNEL in qemu"
patience=120

need() {
	command -v qemu-system-x86_64 >/dev/null || unusable "cannot run: qemu-system-x86 is not installed"
	# What apt says on its first download stands before the last line.
	image=$("$lab/image" "$KERNEL" 2>&1) || unusable "cannot run: ${image##*$'\n'}"
	image=${image##*$'\n'}
}

machine() {
	# What qemu has translated it finds again by address: where each start had others, it would translate all anew.
	# "Fast" string instructions it carries out byte by byte.
	local kernel=(
		console=ttyS0 quiet panic=-1 mitigations=off cryptomgr.notests=1 norandmaps
		LAB_INIT="$lab/init" LAB_DIR="$dir" LAB_OUT="/lab/${out##*/}" LAB_MODULES="$image/lib/modules" LAB_TTY=/dev/hvc0
	)
	machine=(
		timeout --foreground -k 5 "$secs" taskset -c "$(nth_cpu "$cpu")" qemu-system-x86_64
		-nodefaults -no-user-config -no-reboot -display none -machine q35,accel=tcg -cpu max,-erms,-fsrm -m "${LAB_MEM:-2G}"
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
