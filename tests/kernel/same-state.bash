# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# Every golden configuration, loaded through XFRM and through PF_KEY, leaves the same bytes in the kernel, as netlink
# dumps them, and the same exit status; but for those of differences.tsv, which must differ. What is masked before
# the comparison, rawdump.c says.

setup_file() {
	cd "$BATS_TEST_DIRNAME/../golden" || return
	export rawdump=$BATS_TEST_DIRNAME/../../build/lab/rawdump
	"$rawdump" -f >/dev/null
}

# state WIRE FILE: what loading the file leaves behind; the tables are empty again afterwards
state() {
	"$SETKEY" --insecure --via="$1" -f "$2" >/dev/null 2>&1 </dev/null
	echo "exit $?"
	"$rawdump" -f || echo "no dump"
}

# same FILE...: and enough of them leave something to compare
same() {
	local file xfrm pfkey bad=0 some=0 name reason
	local -A may
	while IFS=$'\t' read -r name reason; do
		may[$name.conf]=$reason
	done <"$BATS_TEST_DIRNAME/differences.tsv"
	for file; do
		xfrm=$(state xfrm "$file")
		pfkey=$(state pfkey "$file")
		[[ $xfrm == *$'\n'* ]] && some=$((some + 1))
		if [ "$xfrm" != "$pfkey" ] && [ -z "${may[$file]-}" ]; then
			printf '%s\nxfrm:  %s\npfkey: %s\n' "$file" "$xfrm" "$pfkey"
			bad=1
		elif [ "$xfrm" = "$pfkey" ] && [ -n "${may[$file]-}" ]; then
			echo "$file: no difference, take it out of differences.tsv"
			bad=1
		fi
	done
	echo "$some of $# left something behind"
	[ $bad = 0 ]
	[ $((4 * some)) -gt $# ]
}
