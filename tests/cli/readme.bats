#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What people are shown to copy works: the blocks of README.md, the examples of the manual and examples/.

setup() {
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	SETKEY=${SETKEY-$top/build/setkey}
	PATH=${SETKEY%/*}:$PATH
	cd "$BATS_TEST_TMPDIR" || return
}

# Into block.1, block.2 ...: what stands in README.md between ```$1 and ```
blocks() {
	awk -v kind="\`\`\`$1" '
		/^```/ { inside = ! inside && $0 == kind; if (inside) file = "block." ++n; next }
		inside { print > file }' "$top/README.md"
	[ -e block.1 ]
}

# No error and no warning either: nobody is to copy those.
clean() {
	local complaints status=0
	complaints=$("$SETKEY" -n -f "$1" 2>&1) || status=$?
	[ "$status" = 0 ] && [ -z "$complaints" ] || { echo "$1: status $status"; echo "$complaints"; return 1; }
}

@test "README: the configurations are accepted" {
	blocks setkey
	for block in block.*; do
		clean "$block"
		"$SETKEY" encode "$block" >/dev/null
	done
}

@test "README: the commands print what it says" {
	blocks console
	for block in block.*; do
		diff -u "$block" <(sed -n 's/^\$ //p' "$block" | while IFS= read -r command; do
			echo "$ $command"
			bash -c "$command" 2>&1
		done)
	done
}

@test "README: the commands for any user create the files that they use, and nobody else can read these" {
	[ -z "${FOREIGN-}" ] || skip "a program that is only emulated has no name in PATH"
	awk '/^```/ { inside = ! inside && $0 == "```sh"; next } inside' "$top/README.md" >script
	mkdir dir
	cd dir
	bash -e ../script
	[ "$(find . -type f | wc -l)" -gt 20 ]
	[ "$(find . -type f -perm /077)" = "" ]
}

@test "README: at most 200 lines, and every file that it links is there" {
	[ "$(wc -l <"$top/README.md")" -le 200 ]
	for file in $(grep -oE '\]\([^)]*\)' "$top/README.md" | tr -d '()]'); do
		[ -e "$top/$file" ] || { echo "no $file" && return 1; }
	done
	for page in $(grep -ohE 'setkey[-.a-z]*\([1-8]\)' "$top/README.md" | tr '(' . | tr -d ')' | sort -u); do
		[ -e "$top/man/$page" ] || [ -e "$top/man/$page.in" ] || { echo "no $page" && return 1; }
	done
}

@test "README: its picture of a refused file is what setkey prints" {
	diff "$top/examples/refused.svg" <("$top/tests/picture" --refused)
}

@test "manual: the configurations are accepted" {
	awk '/^\.Sh/ { examples = $2 == "EXAMPLES" } /^\.Bd/ && examples { inside = 1; file = "block." ++n; next }
		/^\.Ed/ { inside = 0 } inside { print > file }' "$top/man/setkey.conf.5.in"
	[ -e block.9 ]
	for block in block.*; do
		clean "$block"
	done
}

@test "examples/: the configurations are accepted, and lint warns of nothing in them but that their keys are examples" {
	shopt -s nullglob
	set -- "$top"/examples/*.conf "$top"/examples/*/*.conf
	[ $# -gt 0 ] || skip "there are none"
	for file; do
		clean "$file"
		setkey lint --fail-on=warning --severity={readable-keys=,open-place=,published-key=}off "$file"
		[[ $(setkey lint "$file") == *"[published-key]"* ]]
	done
}

@test "OSPFv3 is one text in README, the manual and examples/" {
	statements() {
		sed -n '/^# Whoever sends it/,$p' | tr '\t' ' ' | tr -s ' '
	}
	blocks setkey
	cat block.* | sed -n '/^# Whoever/,/-P in/p' | statements >readme
	sed -n '/^# Whoever/,/-P in/p' "$top/man/setkey.conf.5.in" | statements >manual
	statements <"$top/examples/ospfv3.conf" >example
	diff example readme
	diff example manual
	[ "$(grep -c '^add ' example)" = 4 ]
	[ "$(cat "$top/README.md" "$top/man/setkey.conf.5.in" | grep -c 'spdadd .*ff02::/16')" = 0 ]
}
