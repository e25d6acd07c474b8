#!/usr/bin/env bats
# Every kind of finding is shown by a test, and explained.

load ../lib

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

@test "a rule is explained by number and by word" {
	run setkey explain SK114
	[ "$status" = 0 ]
	[[ $output == "SK114 key-length (error): "*"RFC 4106"* ]]
	[ "$output" = "$(setkey explain key-length)" ]
	run setkey explain nonsense
	[ "$status" = 1 ]
}
