#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2086,SC2154 # isolate is from lib
# `setkey stat` with policies alone, and what its examples promise. SAs are in tests/kernel/stat.bats.

load ../lib

setup() {
	need_namespace
	cd "$BATS_TEST_TMPDIR" || return
	echo 'spdadd 10.1.0.0/16 10.2.0.0/16 any -P out discard;' >p.conf
}

# stat ARG...: in a namespace of its own, with that policy
stat_of() {
	# shellcheck disable=SC2016
	$isolate bash -c '"$0" --insecure -f p.conf && exec "$0" stat "$@"' "$SETKEY" "$@"
}

@test "table, JSON and Prometheus" {
	run stat_of
	[ "$status" = 0 ]
	[[ $output == *"never spdadd 10.1.0.0/16 10.2.0.0/16 any -P out prio 0 discard;"* || $output == *"never spdadd 10.1.0.0/16 10.2.0.0/16 any -P out discard;"* ]]
	run stat_of policy --format=json
	jq -e '.version == 1 and .sas == [] and .policies[0].dir == "out" and .policies[0].use_time == 0' <<<"$output"
	run stat_of --format=prometheus
	grep -qx 'setkey_policies{dir="out"} 1' <<<"$output"
	# Each metric has its help and type, once, before its values.
	awk '$1 == "#" { if ($2 == "TYPE") { if (seen[$3]++) exit 1; type[$3] = 1 }; next } { sub(/[{ ].*/, ""); if (!type[$0]) exit 1 }' <<<"$output"
	! command -v promtool >/dev/null || promtool check metrics <<<"$output"
}

@test "a file is replaced as a whole, for all to read" {
	echo old >x.prom
	chmod 600 x.prom
	run stat_of --format=prometheus --out=x.prom
	[ "$status" = 0 ]
	grep -q '^setkey_policies' x.prom
	[ "$(stat -c %a x.prom)" = 644 ]
	[ "$(echo *)" = "p.conf x.prom" ]
	run stat_of --out=nonesuch/x.prom
	[ "$status" = 3 ]
}

# watch_of KEY: --watch on a terminal of 80 columns that then has 50, until that key
watch_of() {
	# shellcheck disable=SC2016
	python3 -c '
import fcntl, os, pty, select, struct, sys, termios, time
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
size = lambda lines, columns: fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
size(24, 80)
out, step, start = b"", 0, time.monotonic()
while time.monotonic() < start + 60:
    try:
        out += os.read(fd, 65536) if select.select([fd], [], [], 0.1)[0] else b""
    except OSError:
        break
    screens = out.split(b"\x1b[H")[1:]
    if step == 0 and screens:
        size(24, 50)
        step, at = 1, len(screens)
    elif step == 1 and len(screens) > at + 1:
        assert termios.tcgetattr(fd)[3] & termios.ECHO == 0
        os.write(fd, sys.argv[1].encode())
        step = 2
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
assert out.startswith(b"\x1b[?1049h\x1b[?25l") and out.endswith(b"\x1b[?25h\x1b[?1049l"), out
longest = [max(len(line.replace(b"\x1b[K", b"").strip()) for line in screen.split(b"\n")) for screen in screens]
assert longest[0] <= 80 and longest[-1] == 50, (longest, out)
' "$1" $isolate bash -c '"$0" --insecure -f p.conf && exec "$0" stat --watch --interval=1' "$SETKEY"
}

@test "a watch fits the terminal as it is then, and q or ^C leaves that clean" {
	echo 'spdadd 10.1.0.0/16 10.2.0.0/16 any -P out ipsec esp/tunnel/192.0.2.1-192.0.2.2/require;' >p.conf
	watch_of q
	watch_of $'\003'
}

@test "wrong usage" {
	run "$SETKEY" stat both
	[ "$status" = 2 ]
	run "$SETKEY" stat --interval=0
	[ "$status" = 2 ]
	run "$SETKEY" stat --watch --format=json
	[ "$status" = 2 ]
}

@test "the dashboard asks for metrics that there are" {
	for metric in $(grep -o 'setkey_[a-z_]*' "$top/examples/grafana-dashboard.json" | sort -u); do
		grep -q "\"$metric" "$top/src/see/stat_prometheus.c" || { echo "no $metric" && return 1; }
	done
	jq -e '.panels | length == 8' "$top/examples/grafana-dashboard.json"
	grep -q -- '--format=prometheus --out=' "$top/examples/setkey-stat.service"
}
