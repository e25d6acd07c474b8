#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What setkey dump shows of the SAs, over both wires: chosen by the kernel or by us, it is the same.

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	ip -batch - <<<$'xfrm state flush\nxfrm policy flush'
	key=0x000102030405060708090a0b0c0d0e0f
	"$SETKEY" -f - <<-END
		add 192.0.2.1 192.0.2.2 esp 0x1001 -u 7 -E aes-cbc $key;
		add 192.0.2.1 192.0.2.3 esp 0x1002 -m tunnel -E aes-cbc $key;
		add 192.0.2.2 192.0.2.1 ah 0x1003 -A hmac-md5 $key;
		add 2001:db8::1 2001:db8::2 esp 0x1001 -E aes-cbc $key;
		add 192.0.2.1 192.0.2.2 ipcomp 0x300 -C deflate;
		spdadd 192.0.2.1 192.0.2.2 any -P out ipsec esp/transport//require;
	END
}

# shows COUNT OPTION...
shows() {
	local wire count=$1
	shift
	for wire in xfrm pfkey; do
		run "$SETKEY" dump sa --count --via="$wire" "$@"
		echo "over $wire, $*: $output"
		[ "$status" = 0 ]
		[ "$output" = "sa $count" ]
	done
}

@test "every filter, and several together" {
	shows 5
	shows 3 --src=192.0.2.1
	shows 4 --src=192.0.0.0/16
	shows 1 --src=2001:db8::/32
	shows 2 --dst=192.0.2.2
	shows 1 --src=192.0.2.1 --dst=192.0.2.3
	shows 3 --proto=esp
	shows 2 --spi=0x1001
	shows 1 --reqid=7
	shows 1 --mode=tunnel
	shows 4 --mode=transport
	shows 1 --proto=esp --src=192.0.2.1 --mode=transport
	shows 0 --dir=in
}

@test "both tables in one: count, table and graph" {
	run "$SETKEY" dump --count
	[ "$output" = $'sa 5\npolicy 1' ]
	run "$SETKEY" dump --format=table
	[ "$(grep -c '^esp ' <<<"$output")" = 3 ]
	[ "$(grep -c '^out ' <<<"$output")" = 1 ]
	run "$SETKEY" dump --format=dot
	[ "$(grep -c '^digraph' <<<"$output")" = 1 ]
	[ "${lines[-1]}" = "}" ]
	[[ $output == *'"192.0.2.1" -> "192.0.2.2" [style=bold'* ]]
}

@test "-N hides the policies of single sockets, and says how many" {
	"$BATS_TEST_DIRNAME/../../build/lab/natt" >ready 3>&- &
	until [ -s ready ]; do sleep 0.02; done
	"$SETKEY" -DP >all
	run "$SETKEY" -DP -N
	grep -c 'per-socket' all || :
	echo "$output"
	[[ ${lines[-1]} == *" per-socket policies not shown (filtered by -N)" ]]
	[ "${lines[-1]%% *}" = "$(grep -c '^(per-socket policy)' all)" ]
	# The kernel lets go of a policy that it has used only some time later.
	for wire in xfrm pfkey; do
		"$SETKEY" -DP --via=$wire | sed -E 's/(seq|pid|refcnt)=[0-9]+//g' >$wire
	done
	diff xfrm pfkey
	for format in conf ip; do
		run "$SETKEY" dump policy --format=$format
		kill -0 $!
		echo "$output"
		[[ $output == *"per-socket policy"* ]]
	done
	kill $!
}
