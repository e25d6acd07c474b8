#!/usr/bin/env bats
# What setkey lint says of several files, of files as such, and how it ends. Single rules: tests/lint.

load ../lib

key=0x9f3c1b7a5e2d48860c71e4b35fa29d08

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	umask 077
	echo "add 192.0.2.1 192.0.2.2 esp 0x1000 -E aes-cbc $key;" >sa.conf
	echo 'spdadd 192.0.2.1 192.0.2.2 any -P out none;' >policy.conf
	echo 'flush; spdflush;' >flush.conf
}

@test "a flush in a later file is late-flush; in the first, or of the other table, it is not" {
	run "$SETKEY" lint --format=gcc sa.conf flush.conf
	[ "$status" = 1 ]
	[ "$(grep -c SK402 <<<"$output")" = 1 ]
	[[ $output == *"flush.conf:1:1: error: "*" [SK402]"* ]]
	run "$SETKEY" lint --format=gcc flush.conf sa.conf policy.conf
	[[ $output != *SK402* ]]
	[[ $("$SETKEY" lint policy.conf flush.conf) == *"flush.conf:1:8: error: "*"[late-flush]"*"policy.conf:1:1: note: added here"* ]]
}

@test "keys that others may read are readable-keys; in a closed file, in a pipe, or without keys they are not" {
	run "$SETKEY" lint --format=gcc sa.conf
	[[ $output != *SK501* ]]
	chmod 640 sa.conf
	[[ $("$SETKEY" lint sa.conf) == *"its group may read it [readable-keys]"* ]]
	chmod 644 sa.conf policy.conf
	[[ $("$SETKEY" lint sa.conf) == *"everybody may read it [readable-keys]"* ]]
	run "$SETKEY" lint --format=gcc policy.conf
	[[ $output != *SK501* ]]
	[[ $("$SETKEY" lint < <(cat sa.conf)) != *readable-keys* ]]
}

@test "--severity changes what a finding is, --fail-on what it does to the exit status" {
	run "$SETKEY" lint sa.conf
	[ "$status" = 1 ]
	run "$SETKEY" lint --severity=SK101=warning sa.conf
	[ "$status" = 0 ]
	[[ $output == *": warning: "*"[no-integrity]"* ]]
	run "$SETKEY" lint --severity=no-integrity=warning --fail-on=warning sa.conf
	[ "$status" = 1 ]
	run "$SETKEY" lint --severity=no-integrity=off --fail-on=info sa.conf
	[ "$status$output" = 0 ]
	run "$SETKEY" lint --fail-on=never sa.conf
	[ "$status" = 0 ]
	run "$SETKEY" lint --severity=SK999=off sa.conf
	[ "$status" = 2 ]
	run "$SETKEY" lint nothing.conf
	[ "$status" = 3 ]
}
