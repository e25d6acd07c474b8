#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # need_namespace sets isolate
# The monitor on the kernel that is running, in a network namespace of its own, with policies alone.

load ../lib

setup() {
	need_namespace
	cd "$BATS_TEST_TMPDIR" || return
	cat >watch <<-'END'
		setkey() { "$SETKEY" --via=xfrm "$@"; }
		"$SETKEY" monitor --via=xfrm "$@" >out 3>&- &
		until [ -s out ]; do sleep 0.02; done
		setkey -k -e 'spdadd 192.0.2.0/24 198.51.100.0/24[80] tcp -P out discard;
			spdupdate 192.0.2.0/24 198.51.100.0/24[80] tcp -P out none;
			spddelete 192.0.2.0/24 198.51.100.0/24[80] tcp -P out;
			spdadd 2001:db8::/64 ::/0 any -P in discard; spdflush;'
		for i in $(seq 100); do ! grep -q spdflush out || break; sleep 0.02; done
		kill $!
		wait $!
	END
}

@test "changes of policies as JSON, on the running kernel" {
	$isolate bash watch --format=json policy
	[ "$(jq -r .event out | xargs)" = "listen spdadd spdupdate spddelete spdadd spdflush" ]
	jq -s -e '.[1].policy.dst.port == 80 and .[2].policy.action == "none" and .[4].policy.src.address == "2001:db8::"' out
}

@test "changes of policies in words, on the running kernel" {
	$isolate bash watch
	diff <(sed -n 's/^[-0-9]* [0-9:]*\.[0-9]* //p' out) - <<-'END'
		listen
		spdadd: 192.0.2.0/24 -> 198.51.100.0/24[80] tcp out
		spdupdate: 192.0.2.0/24 -> 198.51.100.0/24[80] tcp out
		spddelete: 192.0.2.0/24 -> 198.51.100.0/24[80] tcp out
		spdadd: 2001:db8::/64 -> ::/0 any in
		spdflush
	END
	[ "$(grep -c '^	out prio def discard$' out)" = 1 ]
}

@test "signals that keep coming end it once, with status 0" {
	# shellcheck disable=SC2016 # for the shell inside
	run $isolate bash -c '"$SETKEY" monitor --via=xfrm >out 3>&- &
		until [ -s out ]; do sleep 0.02; done
		while kill $!; do :; done 2>/dev/null
		wait $!'
	echo "$output"
	[ "$status" = 0 ]
}

@test "without the right to listen, the reason and status 3" {
	[ "$(id -u)" = 0 ] || skip "only root can give up rights"
	run unshare -n setpriv --bounding-set=-all --inh-caps=-all "$SETKEY" monitor --via=xfrm
	echo "$output"
	[ "$status" = 3 ]
	[[ $output == *"CAP_NET_ADMIN"* ]]
}

# More than a pipe holds, so that it closes in the middle of a dump.
@test "a repeated dump ends when nobody reads any more, and that is no failure" {
	# shellcheck disable=SC2016 # for the shell inside
	run $isolate bash -c 'for i in {1..2000}; do echo "spdadd 10.0.$((i / 256)).$((i % 256)) 192.0.2.1 any -P out discard;"; done |
		"$SETKEY" --via=xfrm -f -; "$SETKEY" --via=xfrm -DPl | head -n 1; echo "${PIPESTATUS[0]}"'
	[ "$output" = $'time p   s spi      ltime   src -> dst\n0' ]
}
