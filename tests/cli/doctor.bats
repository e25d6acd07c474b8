#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2016,SC2086,SC2154 # need_namespace sets isolate, which is words, as commands are
# `setkey doctor` with files, and without rights: what it can say is said. The faults are in tests/kernel/doctor.bats.

load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	umask 077
	"$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 --out-a a.conf --out-b b.conf
	"$SETKEY" keygen --pair 192.0.2.77 192.0.2.2 --net-a 10.1.0.0/16 --net-b 10.2.0.0/16 --out-a tunnel.conf --out-b other.conf
}

checks() {
	jq -r '.checks[] | select(.status == "'"$1"'").id' <<<"$output" | sort -u | paste -sd ' '
}

@test "of a file that is well nothing is wrong" {
	run "$SETKEY" doctor --format=json a.conf
	# Not every machine has ESP.
	[[ $(checks error) = @(|algorithms) ]] || { jq -c '.checks[] | select(.status != "ok")' <<<"$output" && return 1; }
	jq -e '.version == 1 and ([.checks[] | has("id") and has("status") and has("message") and has("hint")] | all)' <<<"$output"
}

@test "a policy without an SA, an SA without a policy, no route and no policy at all" {
	sed 's/ esp \(0x[0-9a-f]*\)/ esp \1 -u 9/' a.conf >wrong.conf
	run "$SETKEY" doctor --format=json wrong.conf
	[ "$status" = 1 ]
	[[ " $(checks error) " == *" missing-sa "* ]]
	[[ " $(checks warning) " == *" orphan-sa "* ]]
	sed '/^spdadd/,/;/d' a.conf >bare.conf
	run "$SETKEY" doctor --format=json bare.conf
	[[ " $(checks error) " == *" protection "* ]]
	run "$SETKEY" doctor tunnel.conf
	[[ $output == *"the tunnel begins at 192.0.2.77, which is no address of this host [routes]"* ]]
}

@test "each tunnel has its MTU, be the end of one the beginning of another's, and be there no room for a packet" {
	need_namespace
	{ sed 's/192\.0\.2\.2/192.0.2.10/' tunnel.conf; sed 's/192\.0\.2\.2/192.0.2.1/; s/10\.2\./10.3./; /^s*flush/d; /^spdflush/d' tunnel.conf; } >both.conf
	for mtu in 1400 100 68; do
		run $isolate bash -c 'ip link set lo up mtu "$1" && ip addr add 192.0.2.77/24 dev lo && ip route add default dev lo
			"$SETKEY" doctor both.conf | grep "\[mtu\]"' - $mtu
		echo "$output"
		[ "$(grep -c "the tunnel to 192.0.2.10 carries packets of [0-9]* bytes, TCP segments of [0-9]\{1,4\}, over an MTU of $mtu " <<<"$output")" = 1 ]
		[ "$(grep -c "the tunnel to 192.0.2.1 carries packets of [0-9]* bytes, TCP segments of [0-9]\{1,4\}, over an MTU of $mtu " <<<"$output")" = 1 ]
	done
	[ "$(grep -c '^error .* packets of 0 bytes, TCP segments of 0,' <<<"$output")" = 2 ]
}

@test "a file's name shows as it can on a terminal" {
	cp tunnel.conf $'a\e[31mb.conf'
	for command in doctor "match out 10.1.0.1 10.2.0.1" "match --coverage"; do
		run "$SETKEY" $command $'a\e[31mb.conf'
		[[ $output == *'a\033[31mb.conf:'* && $output != *$'\e'* ]]
	done
}

@test "a file with errors is no patient" {
	echo nonsense >x.conf
	run "$SETKEY" doctor x.conf
	[ "$status" = 3 ]
	run "$SETKEY" doctor -
	[ "$status" = 2 ]
}

@test "what lint calls an error is an error here, a warning is one, and what it merely remarks is left out" {
	printf 'add 192.0.2.1 192.0.2.2 esp 0x1000 -E aes-cbc 0x%032d -A hmac-sha1 0x%040d;\n' 1 2 >weak.conf
	echo 'add 192.0.2.1 192.0.2.2 esp 0x1001 -E aes-cbc 0x00112233445566778899aabbccddeeff -A hmac-md5 0x5d415cba03a2b1c4d5e6f70918273645;' >>weak.conf
	chmod 600 weak.conf
	setkey lint --fail-on=never weak.conf >said 2>&1 || true
	cat said
	[ "$(grep -c ': warning: .*\[' said)" -gt 0 ]
	run "$SETKEY" doctor --format=json weak.conf
	[ "$status" = 1 ]
	for pair in error:error warning:warning; do
		for id in $(grep -o "${pair%:*}: .*\[[a-z-]*\]$" said | grep -o '[a-z-]*\]$' | tr -d ']' | sort -u); do
			jq -e --arg id "($id)" --arg status "${pair#*:}" \
				'.checks[] | select(.id == "lint" and .status == $status) | select(.message | endswith($id))' <<<"$output" >found ||
				{ echo "$pair $id" && return 1; }
		done
	done
	[ "$(jq '[.checks[] | select(.id == "lint") | select(.message | endswith("(sha1)"))] | length' <<<"$output")" = 0 ]
}
