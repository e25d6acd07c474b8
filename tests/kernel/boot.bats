#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# systemd, as the first process of a container, with the units that "make install" installs: they load the files, reload
# them without a gap, leave the protection on when they stop, and say what differs.

load ../lib

setup_file() {
	! is_emulated || return 0
	cd "${BATS_TEST_DIRNAME:?}/../.." || return
	install -D -m 644 -t /usr/local/lib/systemd/system build/boot/*.service build/boot/*.timer || return
	install -D -m 644 -t /usr/local/share/setkey build/boot/boot.conf
	install -D "$SETKEY" /usr/local/sbin/setkey
	rm -rf /etc/setkey.conf /etc/ipsec-tools.conf /etc/ipsec-tools.d /etc/setkey.d /etc/default/setkey /run/setkey
	mkdir -p /etc/ipsec-tools.d /etc/setkey.d /run/systemd/system /sys/fs/cgroup
	mount -t cgroup2 none /sys/fs/cgroup || return
	# Of this machine's services none is to start in it.
	rm -rf /usr/lib/systemd/system/*.target.wants /etc/systemd/system/*.target.wants /usr/lib/systemd/system-generators/* /etc/fstab
	systemctl --root=/ enable -q setkey
	[ -L /etc/systemd/system/sysinit.target.wants/setkey.service ] || return
	printf '[Unit]\nWants=sysinit.target network.service systemd-journald.socket\n' >/run/systemd/system/lab.target
	cat >/run/systemd/system/network.service <<-END
		[Unit]
		DefaultDependencies=no
		After=network-pre.target
		[Service]
		Type=oneshot
		ExecStart=/bin/sh -c '/usr/local/sbin/setkey dump policy --count >$BATS_FILE_TMPDIR/at-boot'
	END
	whole /etc/setkey.conf 192.0.2.2
	# Credentials are mounted by a process with mounts of its own, from which they are to come back.
	container=lab unshare -n -m -p -f --mount-proc bash -c 'mount --make-rshared / && exec /lib/systemd/systemd --unit=lab.target' >"$BATS_FILE_TMPDIR/console" 2>&1 3>&- &
	outer=$!
	export outer
	for ((i = 0; i < 600; i++)); do
		inner=$(pgrep -P "$outer") && inside systemctl is-active -q lab.target && break
		sleep 0.1
	done
	export inner
	inside systemctl is-active -q lab.target
}

teardown_file() {
	is_emulated || { inside systemctl --force poweroff; wait "$outer"; umount -l /sys/fs/cgroup; } || :
}

setup() {
	! is_emulated || skip "user-mode-linux boots it, which is faster"
	cd "$BATS_TEST_TMPDIR" || return
	[[ $BATS_TEST_DESCRIPTION != "at boot"* ]] || return 0
	inside systemctl stop setkey
	inside setkey flush
	rm -f /etc/setkey.conf /etc/ipsec-tools.conf /etc/ipsec-tools.d/* /etc/setkey.d/* /etc/default/setkey
}

teardown() {
	is_emulated || { inside systemctl stop setkey 'setkey@*' && inside systemctl reset-failed; inside setkey flush; rm -rf /run/setkey/*; } || :
}

# In the container: its processes, mounts and network
inside() {
	nsenter -t "$inner" -n -m -p -- "$@"
}

# file NAME ADDRESS...: a pair of SAs and policies with each of these; the keys are made up anew
file() {
	local address
	for address in "${@:2}"; do
		printf 'add 192.0.2.1 %s esp 0x1001 -E aes-cbc 0x%s;\n' "$address" "$(od -An -tx1 -N16 /dev/urandom | tr -d ' \n')"
		printf 'spdadd 192.0.2.1 %s any -P out ipsec esp/transport//require;\n' "$address"
	done >>"$1"
	chmod 600 "$1"
}

whole() {
	printf 'flush;\nspdflush;\n' >"$1"
	file "$@"
}

# there N: so many SAs and so many policies are in the kernel
there() {
	local found
	found=$(inside setkey dump --count)
	echo "$found"
	[ "$found" = "sa $1"$'\n'"policy $1" ]
}

said() {
	inside journalctl --sync
	inside journalctl -q -o cat --no-pager -u "$1"
}

@test "at boot the policies are there before there is a network" {
	cat "$BATS_FILE_TMPDIR/console"
	[ "$(cat "$BATS_FILE_TMPDIR/at-boot")" = "policy 1" ]
	there 1
}

@test "none of the files is there: the service starts, and loads nothing" {
	rm -rf /etc/ipsec-tools.d
	inside systemctl start setkey setkey-drift
	mkdir /etc/ipsec-tools.d
	inside systemctl is-active setkey
	there 0
}

@test "all files are one, reload touches only what has changed, and stop leaves everything in place" {
	whole /etc/setkey.conf 192.0.2.2
	file /etc/ipsec-tools.conf 192.0.2.3
	file /etc/ipsec-tools.d/one.conf 192.0.2.4
	file /etc/ipsec-tools.d/two.conf 192.0.2.5 192.0.2.6
	inside systemctl start setkey setkey-drift
	there 5
	indexes() {
		inside setkey dump policy --format=json | jq -c '[.dst.address, .index]' | sort
	}
	indexes >before
	rm /etc/ipsec-tools.d/one.conf
	file /etc/ipsec-tools.d/two.conf 192.0.2.7
	inside setkey monitor --format=json >events 3>&- &
	listener=$!
	until grep -q listen events; do sleep 0.1; done
	inside systemctl reload setkey
	until grep -q '"192.0.2.4"' events; do sleep 0.1; done
	kill "$(pgrep -P "$listener" || echo "$listener")"
	there 5
	not grep -q flush events
	indexes >after
	[ "$(comm -12 before after | wc -l)" = 4 ]
	inside systemctl restart setkey
	inside systemctl stop setkey
	there 5
}

@test "a file with an error fails the service, is in the journal, and nothing of any file is loaded" {
	whole /etc/setkey.conf 192.0.2.2
	echo 'add 192.0.2.1 192.0.2.9 esp 0x1002 -E aes-cbc 0x1234;' >/etc/ipsec-tools.d/wrong.conf
	run inside systemctl start setkey
	[ "$status" != 0 ]
	inside systemctl is-failed setkey
	[[ $(said setkey) == *"/etc/ipsec-tools.d/wrong.conf:1:"*"[key-length]"* ]]
	there 0
}

@test "what the kernel refuses fails the service, and the rest protects" {
	whole /etc/setkey.conf 192.0.2.2
	head -n 3 /etc/setkey.conf | tail -n 1 >/etc/ipsec-tools.conf
	run inside systemctl start setkey
	[ "$status" != 0 ]
	[[ $(said setkey) == *"/etc/ipsec-tools.conf:1:"*"error:"* ]]
	there 1
}

@test "setkey-drift fails when the kernel differs, and the journal says in what, without keys" {
	whole /etc/setkey.conf 192.0.2.2
	inside systemctl start setkey setkey-drift
	inside setkey flush sa
	run inside systemctl start setkey-drift
	[ "$status" != 0 ]
	[[ $(said setkey-drift) == *"+ add 192.0.2.1 192.0.2.2 esp 0x1001"*"1 to add, 0 to remove"* ]]
	not grep -qE '0x[0-9a-f]{32}' <(said setkey-drift)
	inside systemctl reload setkey
	inside systemctl start setkey-drift setkey-drift.timer
	[[ $(inside systemctl list-timers --no-pager) == *setkey-drift.service* ]]
	inside systemctl stop setkey-drift.timer
}

@test "a dump in a file shows keys, but not in the journal" {
	whole /etc/setkey.conf 192.0.2.2
	echo 'dump; spddump;' >>/etc/setkey.conf
	inside systemctl start setkey
	there 1
	inside journalctl --sync
	key=$(grep -oE '0x[0-9a-f]{32}' /etc/setkey.conf)
	not grep -q "${key:2:8}" <(inside journalctl --no-pager)
}

@test "setkey@NAME has a set of its own, beside the others" {
	file /etc/setkey.d/site.conf 192.0.2.2 192.0.2.3
	file /etc/setkey.d/lab.conf 192.0.2.4
	inside systemctl start setkey@site setkey@lab
	there 3
	[ "$(stat -c '%a %U' /run/setkey)" = "700 root" ]
	file other 192.0.2.8
	inside setkey -f "$PWD/other"
	rm /etc/setkey.d/site.conf
	file /etc/setkey.d/site.conf 192.0.2.3
	inside systemctl reload setkey@site
	there 3
	inside systemctl stop setkey@site setkey@lab
	there 3
	inside setkey sync --name=site /dev/null
	there 2
	run inside systemctl start setkey@missing
	[ "$status" != 0 ]
	[[ $(said setkey@missing) == *"/etc/setkey.d/missing.conf"* ]]
}

@test "RUN_SETKEY=no in /etc/default/setkey turns the service off" {
	whole /etc/setkey.conf 192.0.2.2
	echo "RUN_SETKEY=no" >/etc/default/setkey
	inside systemctl start setkey setkey-drift
	there 0
	echo 'RUN_SETKEY="yes"' >/etc/default/setkey
	inside systemctl start setkey
	there 1
}

@test "a key comes from systemd's credentials, as the unit says how" {
	printf 'flush;\nspdflush;\nadd 192.0.2.1 192.0.2.2 esp 0x1001 -E aes-cbc @cred:office;\n' >/etc/setkey.conf
	echo 'spdadd 192.0.2.1 192.0.2.2 any -P out ipsec esp/transport//require;' >>/etc/setkey.conf
	od -An -tx1 -N16 /dev/urandom | tr -d ' ' >office && chmod 600 office
	run inside systemctl start setkey
	[ "$status" != 0 ]
	mkdir -p /run/systemd/system/setkey.service.d
	printf '[Service]\nLoadCredential=office:%s\n' "$PWD/office" >/run/systemd/system/setkey.service.d/key.conf
	inside systemctl daemon-reload
	inside systemctl start setkey
	there 1
	inside systemctl restart setkey
	there 1
	rm -r /run/systemd/system/setkey.service.d
	inside systemctl daemon-reload
}

@test "the plain init script does the same" {
	whole /etc/setkey.conf 192.0.2.2
	echo 'dump;' >>/etc/setkey.conf
	script=$BATS_TEST_DIRNAME/../../build/boot/init
	run inside bash "$script" start
	[ "$status$output" = 0 ]
	there 1
	file /etc/ipsec-tools.d/one.conf 192.0.2.4
	run inside bash "$script" status
	[ "$status" = 1 ]
	for verb in reload restart force-reload status stop; do
		inside bash "$script" "$verb"
		there 2
	done
	run inside bash "$script" twist
	[ "$status" = 2 ]
	inside setkey flush
	echo RUN_SETKEY=no >/etc/default/setkey
	inside bash "$script" start
	there 0
}
