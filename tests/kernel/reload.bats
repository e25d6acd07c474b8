#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# sync and load between random states: RELOADS=N says how many pairs, SEED=N which comes first.

load ../lib
top=${top:?from lib.bash}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	rm -rf /run/setkey
	reloads=${RELOADS-$(is_emulated && echo 4 || echo 12)} seed=${SEED-1}
}

# One line an object, without what changes in use and ids that the kernel chose
state() {
	ip -batch - <<<$'xfrm state\nxfrm policy' | awk '
		/^src/ && object != "" { print object; object = "" }
		/anti-replay/ { sub(/seq .*/, "") }
		{ for (i = 1; i <= NF; i++) if ($i == "reqid" && $(i + 1) ~ /^16[0-9][0-9][0-9]/) $(i + 1) = "any" }
		{ object = object " " $0 }
		END { print object }' | sort
}

one_pair() {
	awk -v seed="$1" -f "$BATS_TEST_DIRNAME/random.awk"
	"$SETKEY" --literal -f B.conf
	state >wanted
	"$SETKEY" --literal -f A.conf
	state >before
	for message in $((RANDOM % 9 + 1)) $((RANDOM % 40 + 1)); do
		: >mark
		! REFUSE=$message LD_PRELOAD=$top/build/lab/librefuse.so "$SETKEY" load B.conf >said 2>&1 9>>mark || [ ! -s mark ]
		if [ ! -s mark ]; then
			"$SETKEY" --literal -f A.conf
		else
			diff before <(state)
		fi
	done
	"$SETKEY" sync B.conf
	diff wanted <(state)
	"$SETKEY" diff B.conf
	[ -z "$("$SETKEY" sync --dry-run B.conf)" ]
}

@test "sync leads from any state to any other, and load that is refused leads back" {
	need_helpers
	RANDOM=$seed
	for ((n = seed; n < seed + reloads; n++)); do
		one_pair $n || { echo "with SEED=$n RELOADS=1" && return 1; }
	done
}
