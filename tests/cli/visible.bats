#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Names that others choose neither drive the terminal nor forge a line of a report.

load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	escape=$'\033]0;owned\007' forged=$'x\ny.conf:1:1: error: forged [SK001]\nz\233\302\233'
	evil="$escape$forged.conf"
	echo 'add 10.0.0.1 10.0.0.2 esp 1000 -E null;' >"$evil"
	echo 'add 10.0.0.1;' >>"$evil"
	printf 'spdadd 10.0.0.1 10.0.0.2 any -P out none;\r\n' >"dos$evil"
}

# tame COMMAND...: what it says has no control character in it but line ends, and no line that begins with a name of ours
tame() {
	"$@" >said 2>&1 </dev/null || true
	echo "$*" | cat -v
	cat -v said
	[ -s said ]
	not grep -aq $'[\001-\010\013-\037\177]' said
	not grep -aq $'\302\233' said
	not grep -aq '^y.conf' said
}

@test "in every report of lint" {
	for format in text gcc github sarif json jsonl; do
		tame setkey lint --format="$format" "$evil"
	done
	tame setkey lint --fix=diff "dos$evil"
	tame setkey lint --color=never "$evil"
}

@test "in what a text names" {
	printf 'include "%s";\nkeys "%s";\nadd 10.0.0.1 10.0.0.2 esp 1 -E null -A hmac-md5 @file:%s;\n' "$evil" "$escape" "$escape" >names.conf
	tame setkey -n -f names.conf
	tame setkey lint names.conf
}

@test "in every other complaint" {
	tame setkey -n -f "$evil"
	tame setkey -n -f "no $evil"
	tame setkey fmt -n "dos$evil"
	tame setkey fmt "no $evil"
	tame setkey decode "$evil"
	tame setkey "no $evil"
	tame setkey "--$evil"
	tame setkey lint "--$evil"
	tame setkey lint --format="$evil"
	tame setkey lint --baseline="$evil" "$evil"
	tame setkey lint --disable="$evil" "$evil"
	tame setkey dump --src="$evil"
	tame setkey dump "$evil"
	tame setkey explain "$evil"
	tame setkey peercheck "$evil" "$evil"
	tame setkey mirror "$evil"
	tame setkey keygen "$evil"
	tame setkey keygen --pair "$evil" 10.0.0.1
	tame setkey keygen --pair 10.0.0.1 10.0.0.2 --upper="$evil"
	tame setkey keygen --pair 10.0.0.1 10.0.0.2 --alg="$evil"
	tame setkey keygen --pair 10.0.0.1 10.0.0.2 --spi-range="$evil"
	tame setkey keygen --mesh="$evil" --out=d
	tame setkey keygen --keys-file="$evil" a=aes-cbc
	tame setkey keygen --pair 10.0.0.1 10.0.0.2 --derive --secret-file="$evil" --context=c
	tame setkey monitor "$evil"
	tame setkey complete "$evil" || true
}

@test "in what keygen writes" {
	tame setkey keygen --pair 10.0.0.1 10.0.0.2 --name=$'lab\nflush;\033[2J'
	not grep '^flush' said
	run setkey keygen --keys-file='a";flush;#' x=aes-cbc
	[ "$status" = 2 ]
}

@test "a difference with such a name is one that patch takes" {
	need patch
	name=$'a\nb "q" \\.conf'
	printf 'spdadd 10.0.0.1 10.0.0.2 any\\\n-P out none;\n' >"$name"
	setkey lint --fix=diff "$name" >change || [ $? = 1 ]
	patch -p0 <change
	[ "$(head -n 1 "$name")" = "spdadd 10.0.0.1 10.0.0.2 any" ]
}
