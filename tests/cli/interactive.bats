#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# -c: each statement is read by itself when its ; arrives. With -n, so that no kernel is needed.

load ../lib

@test "an error is at its line and column of what was typed, and does not leak into the next statement" {
	run setkey -n -c <<<$'flush;\nspdflush; bogus; flush;\n\nadd 10.0.0.1 10.0.0.2 esp 0x100000000 -E null;'
	[ "$status" = 1 ]
	[ "$(grep -c ': error: ' <<<"$output")" = 2 ]
	[[ $output == *"-:2:11: error: unknown statement"*"-:4:27: error: SPI is out of range"* ]]
}

@test "quotes hold ; and #, and statements span lines" {
	run setkey -n -c <<<$'add 10.0.0.1 10.0.0.2 esp 0x1000 # a comment; with more\n-E aes-cbc "0123;56789#bcdef";'
	[ "$status" = 0 ]
	[ -z "$output" ]
}

@test "what has no ; at the end is an error" {
	run setkey -n -c <<<'flush'
	[ "$status" = 1 ]
	[[ $output == *"the file ends inside a statement"* ]]
}

@test "blanks and comments at the end are none" {
	run setkey -n -c <<<$'flush;  # that was all\n\n'
	[ "$status" = 0 ]
	[ -z "$output" ]
}

@test "exit ends it" {
	run setkey -n -c <<<'exit; bogus;'
	[ "$status" = 0 ]
	[ -z "$output" ]
}

@test "there is no limit to a statement's length" {
	run bash -c "{ echo 'add 10.0.0.1 10.0.0.2 esp 0x1000'; head -c 100000 /dev/zero | tr '\\0' '\\n'; echo '-E null;'; } | '$SETKEY' -n -c"
	[ "$status" = 0 ]
	[ -z "$output" ]
}

@test "a terminal gets a prompt, editing and history" {
	# The second statement is called back with cursor up and mended with backspace.
	{
		sleep 0.5
		for keys in 'spdflush\n' ';\n' 'flushh;\n' '\033[A\b\b;\n' 'exit;\n'; do
			printf '%b' "$keys"
			sleep 0.3
		done
	} | script -qec "'$SETKEY' -n -c" /dev/null >"$BATS_TEST_TMPDIR/typed" || [ $? = 1 ]
	cat -v "$BATS_TEST_TMPDIR/typed"
	[ "$(grep -c 'unknown statement' "$BATS_TEST_TMPDIR/typed")" = 1 ]
	grep -q '^setkey> ' "$BATS_TEST_TMPDIR/typed"
	grep -q '^      > ;' "$BATS_TEST_TMPDIR/typed"
}

@test "a pipe gets neither prompt nor echo" {
	run setkey -n -c <<<'add 10.0.0.1 10.0.0.2 esp 0x1000 -E aes-cbc 0x000102030405060708090a0b0c0d0e0f;'
	[ "$status" = 0 ]
	[ -z "$output" ]
}
