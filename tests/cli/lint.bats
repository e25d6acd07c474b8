#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
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
	run "$SETKEY" lint --format=gcc sa.conf - <<<'flush ah;'
	[[ $output != *SK402* ]]
	run "$SETKEY" lint --format=gcc sa.conf - <<<'flush esp;'
	[[ $output == *"-:1:1: error: the flush removes what sa.conf adds [SK402]"* ]]
}

@test "a directory stands for its *.conf, in name order, as one unit" {
	mkdir conf.d conf.d/z.conf.d
	cp sa.conf conf.d/10-sa.conf
	cp flush.conf conf.d/20-flush.conf
	cp policy.conf conf.d/9-policy.conf
	cp flush.conf conf.d/.hidden.conf
	cp flush.conf conf.d/00-flush.conf.old
	run "$SETKEY" lint --format=gcc conf.d
	[ "$status" = 1 ]
	[[ $output == *"conf.d/20-flush.conf:1:1: error: "*" [SK402]"* ]]
	[ "$(grep -c SK402 <<<"$output")" = 1 ]
	[ "$output" = "$("$SETKEY" lint --format=gcc conf.d/10-sa.conf conf.d/20-flush.conf conf.d/9-policy.conf)" ]
	[ "$("$SETKEY" lint --format=gcc conf.d/ sa.conf | tail -1)" = "$("$SETKEY" lint --format=gcc conf.d/*.conf sa.conf | tail -1)" ]
	echo --disable=late-flush >conf.d/.setkey-lint
	[[ $("$SETKEY" lint --format=gcc conf.d 2>&1) != *SK402* ]]
}

@test "a directory without *.conf, or that may not be read, is said, with status 3" {
	mkdir empty
	run "$SETKEY" lint empty
	[ "$status" = 3 ]
	[ "$output" = "setkey: there is no *.conf in empty" ]
	mkdir -p broken.d
	ln -s nowhere broken.d/a.conf
	run "$SETKEY" lint broken.d
	[ "$status" = 3 ]
	[[ $output == *"cannot read broken.d/a.conf: No such file"* ]]
}

@test "-n says what is added twice, across the files of a run; a flush, a delete or an update between is right" {
	cp sa.conf again.conf
	echo "update 192.0.2.1 192.0.2.2 esp 0x1000 -E aes-cbc $key;" >update.conf
	run "$SETKEY" -n -f sa.conf -f again.conf
	[ "$status" = 1 ]
	[[ $output == *"again.conf:1:29: error: "*"[duplicate-sa]"*"sa.conf:1:29: note: first added here"* ]]
	run "$SETKEY" -n -f policy.conf -f sa.conf -f policy.conf
	[ "$status" = 1 ]
	[[ $output == *"[duplicate-policy]"* ]]
	for between in flush.conf update.conf; do
		run "$SETKEY" -n -f sa.conf -f policy.conf -f $between
		[ "$status$output" = 0 ]
	done
	run "$SETKEY" -n -f sa.conf -f flush.conf -f again.conf
	[ "$status$output" = 0 ]
	run "$SETKEY" -n -e 'spdadd ::1 ::1 any -P in none; spdadd ::1 ::1 any -P fwd none; spddelete ::1 ::1 any -P in; spddelete ::1 ::1 any -P fwd;'
	[ "$status$output" = 0 ]
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

@test "a file that others may change, or that lies where everybody may put files, is open-place" {
	mkdir open closed
	chmod 755 . closed
	for dir in open closed; do
		cp policy.conf $dir
		chmod 644 $dir/policy.conf
	done
	chmod 1777 open
	run "$SETKEY" lint --format=gcc closed/policy.conf policy.conf
	[[ $output != *SK502* ]]
	[[ $("$SETKEY" lint open/policy.conf) == *"everybody may put files in its directory [open-place]"* ]]
	(cd open && [[ $("$SETKEY" lint policy.conf) == *"[open-place]"* ]])
	chmod 664 closed/policy.conf
	[[ $("$SETKEY" lint closed/policy.conf) == *"its group may write the file [open-place]"* ]]
	chmod 666 closed/policy.conf
	[[ $("$SETKEY" lint closed/policy.conf) == *"everybody may write the file [open-place]"* ]]
	chmod 700 closed
	[[ $("$SETKEY" lint closed/policy.conf) != *"[open-place]"* ]]
	[[ $("$SETKEY" lint <open/policy.conf) != *"[open-place]"* ]]
}

@test "what belongs to somebody else is open-place" {
	[ "$(id -u)" = 0 ] || skip "takes root to give a file away"
	chown 12345 policy.conf
	[[ $("$SETKEY" lint policy.conf) == *"belongs neither to root nor to you [open-place]"* ]]
}

@test "a file with keys in a git work tree is keys-in-git; one without keys, outside, or in a pipe is not" {
	mkdir -p tree/.git tree/ipsec.d other
	cp sa.conf policy.conf tree/ipsec.d
	cp sa.conf other
	ln -s ../tree/ipsec.d/sa.conf other/linked.conf
	run "$SETKEY" lint tree/ipsec.d/sa.conf
	[[ $output == *"tree/ipsec.d/sa.conf:1:47: info: "*"[keys-in-git]"* ]]
	(cd tree/ipsec.d && [[ $("$SETKEY" lint sa.conf) == *"[keys-in-git]"* ]])
	[[ $("$SETKEY" lint other/linked.conf) == *"[keys-in-git]"* ]]
	[[ $("$SETKEY" lint tree/ipsec.d/policy.conf other/sa.conf) != *"[keys-in-git]"* ]]
	[[ $("$SETKEY" lint <tree/ipsec.d/sa.conf) != *"[keys-in-git]"* ]]
}

@test "a link to where everybody may put files, or of somebody else's, is open-link; a link among closed places is not" {
	mkdir open closed
	chmod 755 . closed
	chmod 1777 open
	cp policy.conf open
	cp policy.conf closed
	ln -s open/policy.conf to-open.conf
	ln -s closed/policy.conf to-closed.conf
	[[ $("$SETKEY" lint to-open.conf) == *"to a directory where everybody may put files [open-link]"* ]]
	[[ $("$SETKEY" lint to-closed.conf closed/policy.conf) != *"[open-link]"* ]]
	[ "$(id -u)" = 0 ] || skip "takes root to give a link away"
	chown -h 12345 to-closed.conf
	[[ $("$SETKEY" lint to-closed.conf) == *"belongs neither to root nor to you [open-link]"* ]]
	chown -h 0 to-closed.conf
	chown 12345 closed
	[[ $("$SETKEY" lint to-closed.conf) == *"to a directory where somebody else than root or you may put files [open-link]"* ]]
}

@test "a key in a directory that is closed to others is not readable-keys" {
	mkdir closed
	cp sa.conf closed
	chmod 644 closed/sa.conf
	[[ $("$SETKEY" lint closed/sa.conf) != *readable-keys* ]]
	chmod 711 closed
	[[ $("$SETKEY" lint closed/sa.conf) == *"everybody may read it [readable-keys]"* ]]
}

@test "every published key is found, and none stands in the program" {
	grep -E '^["0]' "$BATS_TEST_DIRNAME/../published/keys" >keys
	[ "$(wc -l <keys)" -gt 50 ]
	awk '{ printf "add 192.0.2.1 192.0.2.2 esp %d -E blowfish-cbc %s -A hmac-sha256-128 0x%064d;\n", 4096 + NR, $0, 0 }' keys >published.conf
	[ "$("$SETKEY" lint --format=gcc published.conf | grep -c 'SK201\]$')" = "$(wc -l <keys)" ]
	xxd -p "$SETKEY" | tr -d '\n' >program
	for hex in c0291ff014dccdd0 7aeaca3f87d060a1 ae6852f8121067cc "$(printf 'AH SA configuration' | xxd -p)" "$(printf ipv6ready | xxd -p)"; do
		run grep -c "$hex" program
		[ "$output" = 0 ]
	done
}

# Hex of eight bytes and more, and what stands in quotes behind an algorithm.
@test "every key that this project prints is a published one" {
	cd "$BATS_TEST_DIRNAME/../.."
	find README.md man examples tests/lab/demo -type f -print0 | xargs -0 cat >"$BATS_TEST_TMPDIR/printed"
	cd "$BATS_TEST_TMPDIR"
	for id in $("$SETKEY" explain | cut -d ' ' -f 1); do "$SETKEY" explain "$id"; done >>printed
	{ grep -oE '0x[0-9a-fA-F]{16,}' printed && grep -oE -- '-[EA] *[a-z0-9-]+ +"[^"]{8,}"' printed | grep -o '".*"' || true; } | sort -u >keys
	[ "$(wc -l <keys)" -gt 20 ]
	awk '{ printf "add 192.0.2.1 192.0.2.2 esp %d -E blowfish-cbc %s -A hmac-sha256-128 0x%064d;\n", 4096 + NR, $0, 0 }' keys >printed.conf
	"$SETKEY" lint --format=gcc printed.conf | grep 'SK201\]$' | cut -d : -f 2 >found || true
	diff <(seq "$(wc -l <keys)") found || { echo "with a new one in tests/published/keys: tests/published/table >src/lint/known_keys.h"; return 1; }
}

@test "the hashes of the published keys are made of the list beside them" {
	"$BATS_TEST_DIRNAME/../published/table" | cmp - "$BATS_TEST_DIRNAME/../../src/lint/known_keys.h"
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
