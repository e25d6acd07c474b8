#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What dumps are written with, against the C library.

setup() {
	. "$BATS_TEST_DIRNAME/../lib.bash"
	need_helpers
}

@test "numbers, addresses, hex digits and local times are appended as the C library prints them" {
	"$top/build/lab/append" 5000
}

@test "every text becomes JSON that means it; in what is not UTF-8 each byte above ASCII is a question mark" {
	"$top/build/lab/append" json 5000 | python3 -c '
import json, sys
for line in sys.stdin:
    raw, text = line[:-1].split(" ", 1)
    raw = bytes.fromhex(raw)
    assert text.isascii(), line
    try:
        wanted = raw.decode("utf-8")
    except UnicodeDecodeError:
        wanted = "".join(chr(b) if b < 128 else "?" for b in raw)
    assert json.loads(text) == wanted, line'
}
