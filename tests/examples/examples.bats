#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What we show people must be right: every example is taken without a word.

load ../lib
top=${top:?from lib.bash}

@test "every example is taken without a word" {
	cd "$BATS_TEST_DIRNAME/../../examples"
	for file in *.conf; do
		run setkey -n -f "$file"
		echo "$output"
		[ "$status" = 0 ]
		[ -z "$output" ]
	done
}

@test "every example says what it is for and that its keys are examples" {
	cd "$BATS_TEST_DIRNAME/../../examples"
	for file in *.conf; do
		echo "$file"
		[[ $(head -n 1 "$file") == '# '* ]]
		sed -n '/^#/p' "$file" | tr '\n' ' ' | grep -qiE 'keys? (is|are) (an )?examples?'
	done
}
