# shellcheck shell=bash
# What the test scripts share: the same surroundings everywhere, and TAP, which tests/run counts.

top=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)
umask 022
unset SSH_CONNECTION
export SETKEY=${SETKEY-$top/build/setkey}
export TZ=UTC LC_ALL=C.UTF-8 NO_COLOR=1 NSS_WRAPPER_HOSTS=$top/tests/hosts

# Host names come from tests/hosts. A sanitizer's runtime insists on being loaded first.
runtime=$(ldd "$SETKEY" 2>/dev/null | awk '/lib[alut]*san/ { print $3 }')
preload="$runtime libnss_wrapper.so"

setkey() {
	timeout 20 env LD_PRELOAD="$preload" "$SETKEY" "$@"
}

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

# need COMMAND: skips the test where there is none, but in CI, which is to have them all
need() {
	command -v "$1" >/dev/null && return
	[ "${CI-}" != true ] || { echo "CI is to have $1" && return 1; }
	skip "no $1 here"
}

# each FUNCTION NAME...: calls it for every name, one process per core, and prints the plan
each() {
	local one=$1 out cores k i
	shift
	echo "1..$#"
	out=$(mktemp -d)
	cores=$(nproc)
	# Background jobs do not hear a Ctrl-C; then we die of it ourselves, so that whoever called us stops too.
	trap 'kill $(jobs -p); wait; trap - INT; kill -INT $$' INT
	for ((k = 1; k <= cores; k++)); do
		for ((i = k; i <= $#; i += cores)); do
			"$one" "${!i}"
		done </dev/null >"$out/$k" 2>&1 &
	done
	wait
	cat "$out"/*
	rm -r "$out"
}
