#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Every command that README and the manual pages print is run, as typed, in the order of the text.

load ../lib
top=${top:?from lib.bash}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	mkdir bin
	ln -s "$SETKEY" bin/setkey
	PATH=$PWD/bin:$PATH
	ip netns add typed
}

teardown() {
	ip netns delete typed
	ip netns delete a 2>/dev/null || :
	ip netns delete b 2>/dev/null || :
}

# typed SCRIPT: in an empty directory, on a host of its own; says which command failed
typed() {
	mkdir dir
	cd dir || return
	ip netns exec typed bash -e -o pipefail -x "$1" >../said 2>&1 || { tail -n 40 ../said && return 1; }
}

@test "the EXAMPLES of setkey(8)" {
	awk -v section=EXAMPLES -f "$top/tests/typed.awk" "$top/man/setkey.8" >script
	[ "$(grep -c 'setkey ' script)" -gt 30 ]
	typed "$PWD/script"
	[ "$(find . -type f ! -name "*.prom" -perm /077)" = "" ]
}

@test "setkey-tutorial(7), and its pings have the answers that it says" {
	awk -f "$top/tests/typed.awk" "$top/man/setkey-tutorial.7" >script
	typed "$PWD/script"
	[ "$(grep -c '^PING' ../said)" = "$(grep -c ' ping ' ../script)" ]
	[ "$(grep -c ' 0% packet loss' ../said)" = "$(($(grep -c ' ping ' ../script) - 1))" ]
	[ "$(grep -cx 'nothing passes' ../said)" = 1 ]
	grep -q '^XfrmOutNoStates' ../said
	grep -q 'ESP(spi=.*seq=0x2)' ../said
	not grep -q ICMP ../said
	[ "$(grep -cx 'they do not fit' ../said)" = 1 ]
}

@test "the commands of setkey-migrating(7)" {
	cp "$top/examples/tunnel-a.conf" ipsec-tools.conf
	awk -f "$top/tests/typed.awk" "$top/man/setkey-migrating.7" >script
	[ "$(wc -l <script)" = 5 ]
	sed -i "1i cp ../ipsec-tools.conf . && cp ipsec-tools.conf tunnel.conf && chmod 600 *.conf" script
	sed -i 's/setkey lint/& --disable=published-key/' script
	typed "$PWD/script"
}

@test "README, those for any user first, then those for root" {
	for kind in sh bash; do
		awk -v kind="\`\`\`$kind" '/^```/ { inside = ! inside && $0 == kind; next } inside' "$top/README.md"
	done >script
	[ "$(grep -c 'setkey ' script)" -gt 25 ]
	typed "$PWD/script"
	[ "$(find . -type f -perm /077)" = "" ]
}
