#!/usr/bin/env bats
# When the socket or memory fail while policies are loaded, dumped, flushed and watched, on the kernel that is running.

load ../lib

setup_file() {
	export isolate="unshare -n"
	[ "$(id -u)" = 0 ] || isolate="unshare -Urn"
	$isolate ip xfrm policy count >/dev/null 2>&1 || export unusable=yes
}

setup() {
	[ -z "${unusable-}" ] || skip "no XFRM in a network namespace of one's own here"
	cd "$BATS_TEST_TMPDIR" || return
	cat >f.conf <<-'END'
		spdflush;
		spdadd 192.0.2.0/24 198.51.100.0/24[80] tcp -P out prio high + 5 ipsec esp/tunnel/192.0.2.1-198.51.100.1/unique;
		spdadd 198.51.100.0/24[80] 192.0.2.0/24 tcp -P in ipsec esp/tunnel/198.51.100.1-192.0.2.1/require;
		spddelete 198.51.100.0/24[80] 192.0.2.0/24 tcp -P in;
		spdadd 2001:db8::/64 2001:db8:1::/64 icmp6 135,0 -P out discard;
	END
	export BEFORE='"$SETKEY" -FP --via=xfrm' AFTER='ip xfrm policy'
}

# sweep as in tests/fault/sweep, in a namespace
sweep() {
	$isolate "$BATS_TEST_DIRNAME/sweep" "$@"
}

memory() {
	[[ $SETKEY == */asan/* ]] || sweep 3 "alloc+ ENOMEM" "$@"
}

@test "a load" {
	sweep 3 "socket+ EMFILE EPERM EPROTONOSUPPORT ENOBUFS" -f f.conf
	sweep 3 "send+ ENOBUFS EPERM" -f f.conf
	sweep "" "send EINTR" -f f.conf
	sweep 3 "recv+ EIO" -f f.conf
	sweep "1 3" "recv+ ENOBUFS lose" -f f.conf
	sweep "" "recv EINTR" -f f.conf
	memory -f f.conf
}
