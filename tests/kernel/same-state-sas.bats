#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The same state over both wires: SAs, and what is neither SA nor policy.

load same-state

@test "the same state: algorithms and keys" { same auth-*.conf enc-*.conf key-*.conf; }
@test "the same state: other SAs" { same add*.conf natt-*.conf spi-*.conf; }

@test "the same state: everything else" {
	local file files=()
	for file in *.conf; do
		[[ $file == @(auth-|enc-|key-|add|natt-|spi-|spd)* ]] || files+=("$file")
	done
	same "${files[@]}"
}

@test "differences.tsv names only what is there" {
	local name
	while IFS=$'\t' read -r name _; do
		[[ $name == '#'* ]] || [ -e "$name.conf" ]
	done <"$BATS_TEST_DIRNAME/differences.tsv"
}
