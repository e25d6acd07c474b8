#!/usr/bin/env bats
# Every golden configuration, loaded through XFRM and through PF_KEY, leaves the same bytes in the kernel, as netlink
# dumps them; rawdump.c says what is masked. Both wires also agree on the exit status.

setup_file() {
	cd "$BATS_TEST_DIRNAME/../golden" || return
	export rawdump=$BATS_TEST_DIRNAME/../../build/lab/rawdump
	"$rawdump" -f >/dev/null
}

# state WIRE FILE: what loading the file leaves behind; the tables are empty again afterwards
state() {
	"$SETKEY" --via="$1" -f "$2" >/dev/null 2>&1 </dev/null
	echo "exit $?"
	"$rawdump" -f || echo "no dump"
}

# same FILE...: and enough of them leave something to compare
same() {
	local file xfrm pfkey bad=0 some=0
	for file; do
		xfrm=$(state xfrm "$file")
		pfkey=$(state pfkey "$file")
		[[ $xfrm == *$'\n'* ]] && some=$((some + 1))
		[ "$xfrm" = "$pfkey" ] && continue
		bad=1
		printf '%s\nxfrm:  %s\npfkey: %s\n' "$file" "$xfrm" "$pfkey"
	done
	echo "$some of $# left something behind"
	[ $bad = 0 ] && [ $((4 * some)) -gt $# ]
}

@test "the same state: algorithms and keys" { same auth-*.conf enc-*.conf key-*.conf; }
@test "the same state: other SAs" { same add*.conf natt-*.conf spi-*.conf; }
@test "the same state: policies" { same spd*.conf; }

@test "the same state: everything else" {
	local file files=()
	for file in *.conf; do
		[[ $file == @(auth-|enc-|key-|add|natt-|spi-|spd)* ]] || files+=("$file")
	done
	same "${files[@]}"
}
