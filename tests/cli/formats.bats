#!/usr/bin/env bats
# The formats for people: table and dot. Neither ever holds a key.

load ../lib

@test "a table has one line for each object, and a heading for each kind" {
	run bash -c "'$SETKEY' encode '$BATS_TEST_DIRNAME/../../examples/tunnel-a.conf' | '$SETKEY' decode --format=table --show-keys"
	[ "$status" = 0 ]
	[ "${#lines[@]}" = 7 ]
	[[ ${lines[0]} == PROTO*MODE*SOURCE*DESTINATION*SPI*STATE*REQID*AGE*BYTES*ALGORITHMS ]]
	[[ ${lines[3]} == DIR*ACTION*PRIORITY*SOURCE*DESTINATION*UPPER*REQUESTS ]]
	[[ ${lines[4]} == "out  ipsec    0x80000000  10.1.0.0/24 "*"esp/tunnel/192.0.2.1-192.0.2.2" ]]
	[[ $output != *5d415cba* ]]
}

@test "the columns of a table stand under their headings" {
	setkey decode --format=table "$BATS_TEST_DIRNAME"/../dump/sa-*.rx >"$BATS_TEST_TMPDIR/table"
	cat "$BATS_TEST_TMPDIR/table"
	awk 'NR == 1 { at = index($0, "ALGORITHMS"); next } substr($0, at - 1, 1) != " " || substr($0, at, 1) == " " { exit 1 }' \
		"$BATS_TEST_TMPDIR/table"
}

@test "a table on a terminal is as wide as the terminal, with colour" {
	run script -qec "stty cols 100; '$SETKEY' decode --format=table '$BATS_TEST_DIRNAME/../dump/sa-ah6-tunnel.rx'" /dev/null
	plain=$(sed 's/\x1b\[[0-9;]*m//g; s/\r//' <<<"${lines[1]}")
	[ "${#plain}" -le 100 ]
}

@test "a graph is one that Graphviz draws" {
	setkey encode "$BATS_TEST_DIRNAME/../../examples/tunnel-a.conf" |
		setkey decode --format=dot --show-keys >"$BATS_TEST_TMPDIR/graph"
	dot -Tsvg "$BATS_TEST_TMPDIR/graph" >"$BATS_TEST_TMPDIR/svg"
	[ "$(grep -c '<g id="node' "$BATS_TEST_TMPDIR/svg")" = 4 ]
	[ "$(grep -c '<g id="edge' "$BATS_TEST_TMPDIR/svg")" = 6 ]
	run grep -i 5d415cba "$BATS_TEST_TMPDIR/graph"
	[ "$status" = 1 ]
}

@test "every capture makes a graph" {
	for file in "$BATS_TEST_DIRNAME"/../dump/*.rx; do
		setkey decode --format=dot "$file" >"$BATS_TEST_TMPDIR/graph"
		dot -Tcanon "$BATS_TEST_TMPDIR/graph" >/dev/null
	done
}

@test "offload to a device, by its name or by the index of one that is gone, in every format that has it all" {
	file=$BATS_TEST_DIRNAME/../parse/offload.conf
	shown() {
		setkey encode "$file" | setkey decode --format="$1"
	}
	[ "$(shown conf | grep -c -e ' -offload crypto lo out ' -e ' -offload packet 4000 in ')" = 2 ]
	[ "$(shown classic | grep -c -e 'xfrm: offload=crypto,lo,out$' -e 'xfrm: offload=packet,4000,in$')" = 2 ]
	[ "$(shown ip | grep -c -e ' offload dev lo dir out' -e ' offload packet dev 4000 dir in')" = 2 ]
	[ "$(shown json | jq -c .offload | xargs)" = "{kind:crypto,device:lo,index:1,dir:out} {kind:packet,device:4000,index:4000,dir:in}" ]
}
