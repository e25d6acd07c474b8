#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# decode --format=json: one object a line, keys only when asked for.

load ../lib

setup() {
	cd "$BATS_TEST_DIRNAME/../dump" || return
}

@test "every object of every dump is one line that jq reads" {
	for file in *.rx; do
		setkey decode --format=json "$file"
	done >"$BATS_TEST_TMPDIR/json"
	for file in *.rx; do
		setkey decode "$file"
	done >"$BATS_TEST_TMPDIR/text"
	[ "$(jq -s 'map(select(.type == "sa")) | length' "$BATS_TEST_TMPDIR/json")" = "$(grep -c sadb_seq= "$BATS_TEST_TMPDIR/text")" ]
	[ "$(jq -s 'map(select(.type == "policy")) | length' "$BATS_TEST_TMPDIR/json")" = "$(grep -c spid= "$BATS_TEST_TMPDIR/text")" ]
	[ "$(jq -s 'map(select(.version != 2)) | length' "$BATS_TEST_TMPDIR/json")" = 0 ]
}

@test "a key is there only with --show-keys" {
	key=000102030405060708090a0b0c0d0e0f
	run setkey decode --format=json sa-esp4-any.rx
	[ "$status" = 0 ]
	[[ $output != *$key* ]]
	run setkey decode --format=json --show-keys sa-esp4-any.rx
	[ "$(jq -r .enc.key <<<"$output")" = "$key" ]
}

@test "what a statement says is what JSON says" {
	run bash -c "'$SETKEY' encode --via=xfrm '$BATS_TEST_DIRNAME/../../examples/tunnel-a.conf' | '$SETKEY' decode --format=json"
	[ "$status" = 0 ]
	[ "$(jq -r 'select(.type == "sa") | [.src.address, .dst.address, .spi, .mode, .aead.name, .aead.key_bits] | @csv' <<<"$output" | head -n 1)" = \
		'"192.0.2.1","192.0.2.2",131073,"tunnel","aes-gcm-16",288' ]
	[ "$(jq -r 'select(.type == "policy") | .dir' <<<"$output" | sort | xargs)" = "fwd in out" ]
}
