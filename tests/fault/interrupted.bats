#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # preload is from lib
# Files that setkey writes when a signal comes at any moment, and when several setkeys write at once.

load ../lib

setup() {
	memory=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d -p "$BATS_TEST_TMPDIR")
	cd "$memory" || return
	umask 077
	echo 'these are 40 bytes which are a secret now' >secret
	derive="--derive --secret-file secret --context c"
	printf '%s\n' 'alpha 192.0.2.1' 'beta 192.0.2.2' 'gamma 192.0.2.3' >hosts
}

teardown() {
	rm -r "$memory"
}

state() {
	find place -printf '%p %m\n' | sort
	cat place/* 2>/dev/null || true
}

# at CALL N SIGNAL COMMAND...: runs it with the signal in front of the call; sets status
at() {
	local fault="$1 $2 $3"
	shift 3
	rm -rf place
	cp -r before place
	env --default-signal=INT,TERM,HUP LD_PRELOAD="$preload ${SETKEY%/build/*}/build/lab/libfault.so" FAULT="$fault" \
		"$SETKEY" "$@" 9>mark >out 2>err </dev/null
	status=$?
}

# all_or_none COMMAND...: of what is in before, or of what the command makes of it
all_or_none() {
	local call n signal old new now interrupted=0 done=0
	at lock 0 TERM "$@"
	cat err
	[ "$status" = 0 ]
	new=$(state) old=$(rm -rf place && cp -r before place && state)
	for call in open write fsync lock link rename unlink chmod; do
		for ((n = 1; n < 100; n++)); do
			signal=$(printf '%s\n' TERM INT HUP | sed -n "$((n % 3 + 1))p")
			at $call $n "$signal" "$@" || true
			[ -s mark ] || break
			now=$(state)
			[ "$now" = "$old" ] || [ "$now" = "$new" ] || { echo "$* at $call $n: $now" && return 1; }
			[ $status -gt 128 ] || { echo "$* at $call $n: status $status" && return 1; }
			[ "$now" = "$old" ] && interrupted=$((interrupted + 1)) || done=$((done + 1))
		done
	done
	echo "$*: $interrupted times nothing, $done times all"
	[ $interrupted -gt 0 ] && [ $done -gt 0 ]
}

# whatever COMMAND...: with files that have no name and with such as have one
whatever() {
	all_or_none "$@"
	NAMED=1 all_or_none "$@"
}

# shellcheck disable=SC2086 # words
@test "a mesh, new, in the place of another, and its rotation" {
	mkdir before
	whatever keygen --mesh hosts --out place $derive
	"$SETKEY" keygen --mesh hosts --out before
	whatever keygen --mesh hosts --out place --force $derive
	whatever keygen --mesh hosts --out place --rotate $derive
}

# shellcheck disable=SC2086 # words
@test "a pair and the keys in a file of their own" {
	mkdir before
	echo 'key mine 0x00112233;' >before/secret.keys
	echo old >before/b.conf
	whatever keygen --pair 192.0.2.1 192.0.2.2 --out-a place/a.conf --out-b place/b.conf --keys-file place/secret.keys --force $derive
}

@test "files that are laid out and mended in place" {
	mkdir before
	for i in 1 2 3; do
		printf 'flush ;\r\n' >before/$i.conf
	done
	whatever fmt --inplace place/1.conf place/2.conf place/3.conf
	whatever lint --fail-on=never --fix=inplace place/1.conf place/2.conf place/3.conf
}

@test "a folder that was made for a mesh goes with it" {
	rm -rf place
	for how in '' NAMED=1; do
		run env --default-signal=TERM $how LD_PRELOAD="$preload ${SETKEY%/build/*}/build/lab/libfault.so" FAULT="write 2 TERM" \
			"$SETKEY" keygen --mesh hosts --out place 9>mark
		[ "$status" = 143 ]
		[ -s mark ]
		[ ! -e place ]
	done
}

@test "signals at random moments" {
	mkdir before
	seq 1 40 | sed 's/.*/host& 192.0.2.&/' >many
	"$SETKEY" keygen --mesh many --out before
	for signal in TERM INT HUP TERM INT HUP; do
		rm -rf place
		cp -r before place
		env --default-signal=INT,TERM,HUP timeout -s $signal 0.0$((RANDOM % 10))$((RANDOM % 10)) \
			"$SETKEY" keygen --mesh many --out place --force || true
		[ "$(find place -name '.setkey*')" = "" ]
		[ "$(find place -type f | wc -l)" = 40 ]
		changed=0
		for file in place/*.conf; do
			cmp -s "$file" "before/${file#place/}" || changed=$((changed + 1))
		done
		echo "$signal: $changed changed"
		[ $changed = 0 ] || [ $changed = 40 ]
	done
}

@test "keys that 24 append at once are all in the file" {
	for round in new there; do
		for i in {1..24}; do
			"$SETKEY" keygen --keys-file secret.keys "$round$i=aes-cbc" &
		done
		for _ in {1..24}; do
			wait -n
		done
		[ "$(grep -c "^key $round" secret.keys)" = 24 ]
	done
	[ "$(sort -u secret.keys | wc -l)" = 48 ]
	[ "$(stat -c %a secret.keys)" = 600 ]
	[ "$(find . -name '.setkey*')" = "" ]
}

@test "meshes that are made at once are of one making" {
	"$SETKEY" keygen --mesh hosts --out place
	for _ in {1..5}; do
		for _ in {1..4}; do
			"$SETKEY" keygen --mesh hosts --out place --force &
		done
		wait
		for one in alpha beta gamma; do
			for other in alpha beta gamma; do
				[[ ! $one < $other ]] || "$SETKEY" peercheck place/$one.conf place/$other.conf
			done
		done
	done
	# Only one of several may begin.
	for _ in {1..4}; do
		{ "$SETKEY" keygen --mesh hosts --out place --rotate && echo begun >>begun; } 2>/dev/null &
	done
	wait
	[ "$(cat begun)" = begun ]
}

@test "whoever finds the folder locked waits, and what has changed meanwhile stays" {
	mkdir place
	echo 'key one 0x00112233;' >place/secret.keys
	mkfifo hold
	flock place cat hold &
	holder=$!
	exec 8>hold
	"$SETKEY" keygen --keys-file place/secret.keys two=aes-cbc 8>&- &
	sleep 0.3
	echo 'key three 0x00112234;' >>place/secret.keys
	exec 8>&-
	wait $! $holder
	[ "$(grep -o '^key [a-z]*' place/secret.keys | tr '\n' ' ')" = "key one key three key two " ]
	# The formatter has read it by then.
	printf 'flush ;\n' >place/f.conf
	env LD_PRELOAD="$preload ${SETKEY%/build/*}/build/lab/libfault.so" FAULT="lock 1 stop" "$SETKEY" fmt --inplace place/f.conf 9>/dev/null 2>err &
	until [[ $(<"/proc/$!/status") == *State:$'\t'T* ]]; do sleep 0.05; done
	printf 'spdflush;\n' >place/f.conf
	kill -CONT $!
	run wait $!
	cat err
	[[ $(<err) == "setkey: place/f.conf stays as it is: it has changed meanwhile" ]]
	[ "$(cat place/f.conf)" = 'spdflush;' ]
	[ "$(find . -name '.setkey*')" = "" ]
}
