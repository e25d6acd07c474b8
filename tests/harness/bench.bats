#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The benchmark's own parts: it measures what it should, and draws what was measured. No time is asserted.

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	plot=$BATS_TEST_DIRNAME/../bench/plot
}

@test "the picture has a line for each measured thing: policies of the host, SAs of the lab" {
	command -v gnuplot >/dev/null || skip "no gnuplot"
	for count in 1000 10000; do
		printf '%s\t%s\t%s\t%s\n' 6.18 'policies: load, setkey' $count 1.5 6.18 'policies: load, floor' $count 0.7 \
			6.1 'policies: load, ip -batch' $count 90 6.1 'sas: load, setkey' $count 30 \
			6.1 'sas: load, its send stage alone' $count 28 >>table
	done
	"$plot" table >table.svg
	xmllint --noout table.svg 2>/dev/null || head -c 100 table.svg | grep -q '<?xml'
	[ "$(grep -c '<text>.*load, setkey' table.svg)" = 2 ]
	[ "$(grep -c 'load, floor' table.svg)" -ge 1 ]
	[ "$(grep -c -e 'ip -batch' -e 'send stage' table.svg)" = 0 ]
}
