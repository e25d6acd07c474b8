# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# shellcheck disable=SC2154 # whoever reads this sets root, a directory that is to be made, and log, a file
# A fresh minimal Debian in a directory, and commands in it.

# make_root RELEASE
make_root() {
	debootstrap --variant=minbase "$1" "$root" >"$log" 2>&1 && cp /etc/resolv.conf /etc/hosts "$root/etc/"
}

# inside COMMAND [WRAPPER]: as a machine of its own would run it, but for the kernel and the network; what it leaves
# running ends. In WRAPPER's words, such as "unshare -n", it is run.
inside() {
	# shellcheck disable=SC2016 # for the shell that runs it
	unshare -m -p -f --kill-child=KILL --propagation private bash -c '
		cd "$0" && mount --rbind . . && cd "$0" && mount -t proc proc proc && mount --rbind /sys sys || exit
		mount -t tmpfs dev dev && mkdir dev/shm dev/pts && mount -t tmpfs shm dev/shm || exit
		mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts || exit
		for device in null zero full random urandom tty; do
			: >"dev/$device" && mount --bind "/dev/$device" "dev/$device" || exit
		done
		ln -s pts/ptmx dev/ptmx && ln -s /proc/self/fd dev/fd && ln -s fd/0 dev/stdin && ln -s fd/1 dev/stdout && ln -s fd/2 dev/stderr
		exec $2 env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb \
			chroot . bash -c "$1"' "$root" "$1" "${2-}" </dev/null >"$log" 2>&1
}
