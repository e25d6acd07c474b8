#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Who tests the tests: what must fail does fail.

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	mkdir -p tests/parse build src/wire
	cp "$BATS_TEST_DIRNAME"/../{lib.bash,run,pairs,layers,tally.awk} tests/
	unset SETKEY
	fake 'echo "got $*"; echo oops >&2; exit 3'
	echo 'flush;' >tests/parse/a.conf
	printf 'got -n -f a.conf\noops\n# exit 3\n' >tests/parse/a.expected
	echo '#include "base/buf.h"' >src/wire/xfrm.c
}

fake() {
	printf '#!/bin/sh\n%s\n' "$1" >build/setkey
	chmod +x build/setkey
}

last_line_is() {
	[ "${lines[-1]}" = "$1" ] || { echo "$output" && false; }
}

# without_uml COMMAND...: on a machine that has everything but user-mode-linux and qemu
without_uml() {
	mkdir bin
	find /usr/bin /bin /usr/sbin /sbin -maxdepth 1 ! -name 'linux*' ! -name 'qemu*' -exec ln -sf -t bin {} + 2>/dev/null
	cp -r "$BATS_TEST_DIRNAME"/../{lab,kernel} tests/
	fake 'exit 0'
	mkdir .ci && printf '#!/bin/sh\n' >.ci/deps && chmod +x .ci/deps
	mkdir -p build/asan && cp build/setkey build/asan/
	run env -u CI -u LAB PATH="$PWD/bin" "$@"
	echo "$output"
}

@test "what is as expected passes" {
	run tests/run pairs layers
	[ "$status" = 0 ]
	last_line_is "2 passed, 0 failed"
}

@test "other output or another status fails" {
	fake 'echo "got $*"; echo oops >&2; exit 4'
	run tests/run pairs
	[ "$status" = 1 ]
	last_line_is "0 passed, 1 failed"
	[[ $output == *"+# exit 4"* ]]
}

@test "half a pair fails" {
	touch tests/parse/b.conf tests/parse/c.expected
	run tests/run pairs
	last_line_is "1 passed, 2 failed"
}

@test "the first line of a pair may say how to run it" {
	echo '# args: encode --via=pfkey' >tests/parse/a.conf
	printf 'got encode --via=pfkey a.conf\noops\n# exit 3\n' >tests/parse/a.expected
	run tests/run pairs
	last_line_is "1 passed, 0 failed"
}

@test "--update writes what is expected" {
	echo 'spdflush;' >tests/parse/b.conf
	tests/pairs --update
	run tests/run pairs
	last_line_is "2 passed, 0 failed"
}

@test "an include of a peer or of a higher rank fails, and so does a folder without a rank" {
	for header in format/format.h cmd/cmd.h unheard/of.h; do
		echo "  #  include \"$header\"" >src/wire/pfkey.c
		run tests/run layers
		last_line_is "0 passed, 1 failed"
	done
}

@test "a file of tests that ends without a word fails, and the others still count" {
	mkdir tests/fault bin
	touch tests/fault/{a,b,c}.bats
	cat >bin/bats <<-'END'
		#!/bin/bash
		[[ $2 != */b.bats ]] || exit 1
		printf '%s\n' 1..1 'ok 1 it'
	END
	chmod +x bin/bats
	PATH=$PWD/bin:$PATH run tests/run fault
	echo "$output"
	[ "$status" = 1 ]
	last_line_is "2 passed, 1 failed"
	[[ $output == *"not ok tests/fault/b.bats"* ]]
}

@test "a plan that is not kept fails" {
	printf '#!/bin/sh\necho 1..3\necho ok 1\necho ok 2\n' >tests/layers
	run tests/run layers
	[ "$status" = 1 ]
	last_line_is "2 passed, 1 failed"
}

@test "a test program that ends badly fails" {
	printf '#!/bin/sh\necho 1..1\necho ok 1\nexit 9\n' >tests/layers
	run tests/run layers
	last_line_is "1 passed, 1 failed"
}

@test "what is skipped is shown and counted" {
	printf '#!/bin/sh\necho 1..1\necho "ok 1 it # skip no reason"\n' >tests/layers
	run tests/run layers
	[ "$status" = 0 ]
	last_line_is "0 passed, 0 failed, 1 skipped"
	[[ $output == *"no reason"* ]]
}

@test "without user-mode-linux a sentence says what was left out, and the skip is counted" {
	without_uml tests/run pairs kernel
	[[ $output == *"user-mode-linux is not installed"*"install user-mode-linux or qemu-system-"*"nothing that needs a kernel was tested"* ]]
	[[ ${lines[-1]} == *", 1 skipped" ]]
}

@test "without user-mode-linux CI fails" {
	without_uml env CI=true tests/run kernel
	[ "$status" = 1 ]
	last_line_is "0 passed, 1 failed"
}

@test "without qemu another kernel's tests are skipped and counted, or fail in CI" {
	without_uml tests/run kernel-6.12
	[[ $output == *"Linux 6.12 in qemu cannot run"* ]]
	[[ ${lines[-1]} == *", 1 skipped" ]]
	rm -r bin .ci
	without_uml env CI=true tests/run kernel-6.12
	[ "$status" = 1 ]
	last_line_is "0 passed, 1 failed"
}

@test "a sanitizer's report in a guest fails the tests of another kernel, and nothing else does" {
	mkdir -p tests/lab build/asan
	cp "$BATS_TEST_DIRNAME"/../lab/suite tests/lab/
	cp build/setkey build/asan/
	cat >tests/lab/run <<-'END'
		#!/bin/bash
		while [ "$1" != -d ]; do shift; done
		mkdir "$2/a.bats" || exit 0
		printf '1..1\nok 1 it\n' >"$2/a.bats/tap"
		echo 0 >"$2/a.bats/status"
		[ -z "$REPORT" ] || echo "leaked" >"$2/reports/at.17"
	END
	chmod +x tests/lab/run
	REPORT='' T=a.bats run tests/run kernel-6.12
	last_line_is "2 passed, 0 failed"
	REPORT=yes T=a.bats run tests/run kernel-6.12
	[ "$status" = 1 ]
	[[ $output == *leaked* ]]
	last_line_is "1 passed, 1 failed"
}

@test "without valgrind its tests are skipped and counted, or fail in CI" {
	mkdir -p tests/lab bin
	cp "$BATS_TEST_DIRNAME"/../lab/valgrind tests/lab/
	find /usr/bin /bin /usr/sbin /sbin -maxdepth 1 ! -name 'valgrind*' -exec ln -sf -t bin {} + 2>/dev/null
	run env -u CI -u LAB PATH="$PWD/bin" tests/run valgrind
	last_line_is "0 passed, 0 failed, 1 skipped"
	run env LAB=require PATH="$PWD/bin" tests/run valgrind
	last_line_is "0 passed, 1 failed"
}
