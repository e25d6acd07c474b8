#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # commands for sweep, which runs them; preload is from lib
# When the socket or memory fail while policies are loaded, dumped, flushed and watched, on the kernel that is running.

load ../lib

setup() {
	need_helpers || return
	need_namespace
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
	AFTER='ip xfrm policy | grep -v reqid' sweep "1 3" "bind+ EADDRINUSE" -f f.conf
	sweep "3" "bind EACCES" -f f.conf
	sweep 3 "send+ ENOBUFS EPERM EAGAIN short" -f f.conf
	sweep "" "send EINTR" -f f.conf
	sweep 3 "open+ EACCES" -f f.conf
	sweep 3 "read EIO" -f f.conf
	sweep 3 "recv+ EIO" -f f.conf
	sweep "1 3" "recv+ short EAGAIN" -f f.conf
	sweep "1 3" "recv+ ENOBUFS lose" -f f.conf
	sweep "" "recv EINTR" -f f.conf
	memory -f f.conf
}

@test "where all ranges of ids are taken, the statement says so and what would do" {
	run $isolate env LD_PRELOAD="$preload ${SETKEY%/build/*}/build/lab/libfault.so" FAULT="bind 2+ EADDRINUSE" "$SETKEY" -f f.conf 9>/dev/null
	echo "$output"
	[ "$status" = 1 ]
	[ "$(grep -c error: <<<"$output")" = 1 ]
	[[ $output == *"f.conf:2:"*"error: no id is left for unique: other programs use all of them [kernel]"*"hint: write an id"* ]]
}

@test "statements from standard input" {
	RUN='"$SETKEY" -c <f.conf' sweep "1 3" "recv+ EIO ENOBUFS"
	RUN='"$SETKEY" -c <f.conf' sweep "3" "read+ EIO"
	RUN='"$SETKEY" -c <f.conf' sweep "" "read+ short"
	RUN='"$SETKEY" -c <f.conf' sweep "" "read EINTR"
	RUN='"$SETKEY" -c <f.conf' memory
}

@test "a dump" {
	export BEFORE='"$SETKEY" --via=xfrm -f f.conf' AFTER=
	sweep 3 "socket+ EMFILE" -DP
	sweep 3 "send+ ENOBUFS short" -DP
	sweep "" "send EINTR" -DP
	sweep 3 "recv+ EIO ENOBUFS EAGAIN short" -DP
	sweep "" "recv EINTR" -DP
	sweep 3 "write+ ENOSPC EPIPE" -DP
	sweep 3 "close+ EIO EDQUOT" -DP
	for format in classic conf json ip table dot; do
		memory dump --format=$format
	done
}

@test "a flush" {
	export BEFORE='"$SETKEY" --via=xfrm -f f.conf' AFTER='ip xfrm policy'
	sweep 3 "socket+ EMFILE" -FP
	sweep 3 "send+ ENOBUFS short" -FP
	sweep "1 3" "recv+ EIO ENOBUFS lose" -FP
	memory -FP
}

# The kernel has not been seen to say so of policies, but may.
@test "a dump that was interrupted is said to be" {
	$isolate bash -c '"$SETKEY" -f f.conf; LD_PRELOAD="$0" FAULT="recv 1+ torn" "$SETKEY" -DP --via=xfrm 2>err >out 9>mark' \
		"$preload ${SETKEY%/build/*}/build/lab/libfault.so"
	[ -s mark ]
	[ "$(grep -c spid= out)" = 2 ]
	grep -q "^setkey: the SPD changed while it was read" err
}

@test "a monitor" {
	export RUN='
		"$SETKEY" monitor policy &
		export LD_PRELOAD= FAULT=
		until [ -s "$work/out" ] || ! kill -0 $!; do sleep 0.01; done
		"$SETKEY" -f f.conf
		for ((i = 0; i < 50; i++)); do
			! kill -0 $! || [ "$(grep -c ^20 "$work/out")" -ge 7 ] || sleep 0.01
		done
		kill $!
		wait $!' 2>/dev/null
	sweep 3 "socket+ EMFILE EPERM"
	sweep 3 "recv+ EIO"
	sweep "" "recv EINTR EAGAIN"
	sweep 3 "write+ ENOSPC EIO"
	sweep "" "write EINTR EAGAIN"
	sweep "" "write+ short"
	sweep "" "poll EINTR"
	memory
}
