#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Every kind of finding is shown by a test, and explained.

load ../lib
top=${top:?from lib.bash}

@test "every rule stands in an expected file or in a test of a kernel" {
	setkey explain >"$BATS_TEST_TMPDIR/rules"
	[ "$(grep -c . "$BATS_TEST_TMPDIR/rules")" -gt 25 ]
	cd "$BATS_TEST_DIRNAME/.."
	while read -r _ word _; do
		grep -qs "\[$word\]" ./*/*.expected kernel/*.bats host/*.bats || grep -qsw -e "$word" cli/{growth,lint,named,mesh,mirror}.bats || { echo "no test shows $word" && return 1; }
	done <"$BATS_TEST_TMPDIR/rules"
}

@test "no two rules share a number or a word" {
	setkey explain >"$BATS_TEST_TMPDIR/rules"
	[ -z "$(awk '{ print $1; print $2 }' "$BATS_TEST_TMPDIR/rules" | sort | uniq -d)" ]
}

@test "every rule and every counter has a text of explain.txt, and there is no other" {
	diff <(sed -n 's/^= \([^ ]*\).*/\1/p' "$top/src/text/explain.txt" | sort) \
		<({ setkey explain | cut -d ' ' -f 1 && setkey complete counters | cut -f 1; } | sort)
	awk 'title && !NF { exit 1 } { title = /^= / }' "$top/src/text/explain.txt"
}

@test "a rule is explained by number and by word" {
	run setkey explain SK114
	[ "$status" = 0 ]
	[[ $output == "SK114 key-length (error): "*"RFC 4106"* ]]
	[ "$output" = "$(setkey explain key-length)" ]
	for id in sk114 114 Key-Length; do
		[ "$output" = "$(setkey explain $id)" ]
	done
	[[ $(setkey explain 006) == "SK006 "* ]]
	for id in 14 0114 SK '' 6; do
		run setkey explain "$id"
		[ "$status" = 1 ]
	done
	run setkey explain nonsense
	[ "$status" = 1 ]
}

@test "what is explained may be copied out of messages, with what is around it" {
	for id in '[key-length]' 'key-length:' 'SK114 key-length' ' key-length'; do
		[[ $(setkey explain "$id") == "SK114 key-length "* ]]
	done
	for id in 'XfrmInNoStates 12' XfrmInNoStates:; do
		[[ $(setkey explain "$id") == "XfrmInNoStates: "* ]]
	done
	for id in '[' '[]' ' ' :; do
		run setkey explain "$id"
		[ "$status" = 1 ]
	done
}

# The names are those of Linux 6.18; a kernel that has more is to be caught up with.
@test "every counter of /proc/net/xfrm_stat is explained, in upper and lower case" {
	counters="XfrmInError XfrmInBufferError XfrmInHdrError XfrmInNoStates XfrmInStateProtoError XfrmInStateModeError
		XfrmInStateSeqError XfrmInStateExpired XfrmInStateMismatch XfrmInStateInvalid XfrmInTmplMismatch XfrmInNoPols
		XfrmInPolBlock XfrmInPolError XfrmOutError XfrmOutBundleGenError XfrmOutBundleCheckError XfrmOutNoStates
		XfrmOutStateProtoError XfrmOutStateModeError XfrmOutStateSeqError XfrmOutStateExpired XfrmOutPolBlock
		XfrmOutPolDead XfrmOutPolError XfrmFwdHdrError XfrmOutStateInvalid XfrmAcquireError XfrmOutStateDirError
		XfrmInStateDirError XfrmInIptfsError XfrmOutNoQueueSpace"
	[ ! -r /proc/net/xfrm_stat ] || counters+=" $(cut -d ' ' -f 1 /proc/net/xfrm_stat)"
	for counter in $counters; do
		run setkey explain "$counter"
		[ "$status" = 0 ]
		[[ $output == "$counter: packets "*$'\n\n'* ]]
		[ "$output" = "$(setkey explain "${counter,,}")" ]
		[ "$output" = "$(setkey explain "${counter^^}")" ]
	done
	diff <(tr -s ' \t' '\n' <<<"$counters" | sort -u) <(setkey complete counters | cut -f 1 | sort)
	run setkey explain XfrmInNothing
	[ "$status" = 1 ]
	[[ $output == *"nor a counter"* ]]
}

@test "a rule that the text of a counter names exists" {
	for word in $(setkey complete counters | cut -f 1 | while read -r c; do setkey explain "$c"; done | grep -o '\[[a-z-]*\]' | tr -d '[]' | sort -u); do
		setkey explain "$word" >/dev/null || { echo "no rule $word" && return 1; }
	done
}

@test "that pings pass and pages hang is explained, with the MTU and the MSS" {
	run setkey explain mtu
	[ "$status" = 0 ]
	[[ $output == "SK419 mtu (off): "*"ping works, a page or a copy hangs"*"option maxseg size set 1360"* ]]
	[[ $(setkey explain XfrmOutStateModeError) == *"[mtu]"* ]]
}
