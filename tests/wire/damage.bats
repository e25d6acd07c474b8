#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Messages with any one byte wrong: every format, and the annotations, come to an end of their own and show no key.

load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# damage BYTE: standard input's messages, one file for each byte that is replaced by this one
damage() {
	awk -v byte="$1" '{
		for (i = 0; 2 * i < length($0); i++) {
			file = sprintf("%s-%02d-%04d", byte, NR, i)
			print substr($0, 1, 2 * i) byte substr($0, 2 * i + 3) >file
			close(file)
		}
	}'
}

# comes_through FILE...: decoded in every form, with a status that says so
comes_through() {
	for how in --format={classic,conf,json,ip,table,dot}" --annotate"; do
		status=0
		# shellcheck disable=SC2086 # two options
		printf '%s\0' "$@" | xargs -0 env "$SETKEY" decode $how >out 2>&1 || status=$?
		echo "$how: $status"
		# xargs says 123 for any of 1 to 125, and more for a signal
		[ "$status" = 0 ] || [ "$status" = 123 ]
		[ -s out ]
		[ "$(grep -acE '445566778899|thirty-two bytes' out)" = 0 ]
	done
}

@test "XFRM messages" {
	setkey encode --via=xfrm "$BATS_TEST_DIRNAME/rich.conf" >whole
	damage ff <whole
	comes_through ff-*
}

@test "PF_KEY messages" {
	grep -v -e '-esn' "$BATS_TEST_DIRNAME/../cli/annotate-pfkey.conf" >rich.conf
	setkey encode --via=pfkey rich.conf >whole
	damage ff <whole
	comes_through ff-*
}

@test "what kernels answered" {
	cat "$BATS_TEST_DIRNAME"/../dump/{sa-natt,sa-secctx,sp-bundle-tunnel,xp-limits}.rx >whole
	damage ff <whole
	damage 00 <whole
	comes_through ff-* 00-*
}
