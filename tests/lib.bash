# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# What the test scripts share: the same surroundings everywhere, and TAP, which tests/run counts.

top=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)
umask 022
unset SSH_CONNECTION
export SETKEY=${SETKEY-$top/build/setkey}
export TZ=UTC LC_ALL=C.UTF-8 NO_COLOR=1

# Host names come from tests/hosts. A sanitizer's runtime insists on being loaded first, if it is not in the program
# itself, and on being asked whenever others load libraries.
export NSS_WRAPPER_HOSTS=$top/tests/hosts NSS_WRAPPER_DISABLE_DEEPBIND=1
runtime=
[[ $SETKEY != */asan/* ]] || runtime=$(ldd "$SETKEY" 2>/dev/null | awk '/lib[alut]*san/ { print $3 }')
preload="$runtime libnss_wrapper.so"

# One process, as there are thousands of calls: what hangs is ended by tests/run, or here when it keeps the processor busy.
setkey() (
	ulimit -t 20
	LD_PRELOAD=$preload exec "$SETKEY" "$@"
)

# not COMMAND...: fails if it does not; bats takes no notice of a ! in front of a command
not() {
	! "$@"
}

# ok NAME, or not_ok NAME with the reason on standard input
ok() {
	echo "ok $1"
}

not_ok() {
	echo "not ok $1"
	head -n 40 | sed 's/^/# /'
}

# missing TESTS WHY: a plan of one test, skipped, or failed where nothing may be missing
missing() {
	echo 1..1
	if [ -n "${CI-}" ] || [ "${LAB-}" = require ]; then
		not_ok "$1" <<<"$2"
	else
		ok "$1 # skip $2"
	fi
}

# need_namespace, in a bats file's setup: sets isolate to what runs a command in a network namespace of its own, in which
# this machine's policies are safe from it; skips the test where there is no such thing, or no XFRM in it
need_namespace() {
	export isolate="unshare -n"
	[ "$(id -u)" = 0 ] || isolate="unshare -Urn"
	$isolate ip xfrm policy count >/dev/null 2>&1 || skip "no XFRM in a network namespace of one's own here"
}

# need_helpers, in a bats file's setup: fails where what tests preload or run beside setkey has not been built
need_helpers() {
	[ -e "$top/build/lab/libfault.so" ] || { echo "there is no build/lab/libfault.so: run make helpers first" && return 1; }
}

# start_empty, in a kernel test's setup: goes to the test's directory, with both tables empty and no record of a set or a try
start_empty() {
	cd "$BATS_TEST_TMPDIR" || return
	flush_tables
	rm -rf /run/setkey
}

# flush_tables: empties both tables, as iproute2 does it
flush_tables() {
	ip -batch - <<<$'xfrm state flush\nxfrm policy flush'
}

# True in a guest whose processor is emulated, where programs with clocks of their own do not keep up
is_emulated() {
	[ "${KERNEL-uml}" != uml ]
}

# need COMMAND: skips the test where there is none, but in CI, which is to have them all
need() {
	command -v "$1" >/dev/null && return
	[ "${CI-}" != true ] || { echo "CI is to have $1" && return 1; }
	skip "no $1 here"
}

# each FUNCTION NAME...: calls it for every name, one process per core, and prints the plan
each() {
	echo "1..$(($# - 1))"
	spread "$@"
}

# spread FUNCTION NAME...: the same without a plan. Each process takes the next name that none has taken.
spread() {
	local one=$1 out k i
	shift
	out=$(mktemp -d)
	# Background jobs do not hear a Ctrl-C; then we die of it ourselves, so that whoever called us stops too.
	trap 'kill $(jobs -p); wait; trap - INT; kill -INT $$' INT
	for ((k = $(nproc); k > 0; k--)); do
		for ((i = 1; i <= $#; i++)); do
			take "$out/$i.taken" || continue
			"$one" "${!i}" >"$out/$i" 2>&1
		done </dev/null &
	done
	wait
	for ((i = 1; i <= $#; i++)); do
		cat "$out/$i"
	done
	rm -r "$out"
}

# take FILE: makes it, and fails if it is there; without a process of its own, of which there would be thousands
take() {
	local taken
	set -C
	{ : >"$1"; } 2>/dev/null
	taken=$?
	set +C
	return $taken
}
