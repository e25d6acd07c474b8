#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What setkey says is done is done: where Linux says yes to something and does nothing, or less, it does not say 0.
# shellcheck disable=SC2154 # runtime and top are from lib

load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	ip -batch - <<<$'xfrm state flush\nxfrm policy flush\nxfrm policy flush ptype sub'
	sa="-E aes-cbc 0x000102030405060708090a0b0c0d0e0f -A hmac-sha1 0x000102030405060708090a0b0c0d0e0f10111213"
}

# kept STATEMENT...: each is refused at its word, and the kernel has what it had before
kept() {
	local before statement
	before=$(ip xfrm state)
	for statement; do
		run "$SETKEY" -e "$statement"
		echo "$statement: $status $output"
		[ "$status" = 1 ]
		[[ $output == *"the SA is in use: Linux would report success and change nothing"* ]]
		[ "$(ip xfrm state)" = "$before" ]
	done
}

@test "an update with another source, mark or context is refused, and one with the same is not" {
	"$SETKEY" -e "add 192.0.2.1 192.0.2.2 esp 0x1000 $sa; add 192.0.2.1 192.0.2.2 esp 0x1001 -mark 5/0xff $sa;"
	kept "update 192.0.2.9 192.0.2.2 esp 0x1000 $sa;" "update 192.0.2.1 192.0.2.2 esp 0x1000 -mark 7 $sa;" \
		"update 192.0.2.1 192.0.2.2 esp 0x1001 -mark 5 $sa;" "update 192.0.2.1 192.0.2.2 esp 0x1000 -ctx 1 1 \"a\" $sa;"
	"$SETKEY" -e "update 192.0.2.1 192.0.2.2 esp 0x1000 -lh 3600 -ls 3000 $sa;"
	"$SETKEY" -e "update 192.0.2.1 192.0.2.2 esp 0x1001 -mark 5/0xff -lh 3600 -ls 3000 $sa;"
	[ "$(ip -s xfrm state | grep -c 'hard 3600(sec)')" = 2 ]
	[ "$(setkey_pfkey "update 192.0.2.9 192.0.2.2 esp 0x1000 $sa;")" = 1 ]
}

setkey_pfkey() {
	"$SETKEY" --via=pfkey -e "$1" 2>/dev/null
	echo $?
}

@test "deleteall says what it cannot delete" {
	"$SETKEY" -e "add 192.0.2.1 192.0.2.2 esp 0 $sa; add 192.0.2.1 192.0.2.2 esp 0x1000 $sa;" || :
	[ "$(ip xfrm state | grep -c '^src')" = 2 ]
	run "$SETKEY" -e "deleteall 192.0.2.1 192.0.2.2 esp;"
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"an SA with SPI 0 stays: only flush removes it"* ]]
	[ "$(ip xfrm state | grep -c '^src')" = 1 ]
	"$SETKEY" -e "flush; deleteall 192.0.2.1 192.0.2.2 esp;"
}

@test "setkey flush leaves nothing, -F what the classic one left" {
	modprobe mip6 || skip "this kernel has no Mobile IPv6"
	fill() {
		ip -batch - <<-'END'
			xfrm policy add src 10.0.0.0/8 dst 10.1.0.0/16 dir out ptype sub
			xfrm policy add src 10.0.0.0/8 dst 10.2.0.0/16 dir out
			xfrm state add src 2001:db8::1 dst 2001:db8::2 proto route2 mode ro coa 2001:db8::3
			xfrm state add src 2001:db8::1 dst 2001:db8::2 proto hao mode ro coa 2001:db8::3
		END
		"$SETKEY" -e "add 192.0.2.1 192.0.2.2 esp 0x1000 $sa;"
	}
	fill
	"$SETKEY" -F
	"$SETKEY" -F -P
	[ "$(ip xfrm state | grep -c '^src')" = 2 ]
	[ "$(ip xfrm policy | grep -c '^src')" = 1 ]
	"$SETKEY" flush
	[ -z "$(ip xfrm state; ip xfrm policy)" ]
	fill
	"$SETKEY" flush sa esp
	[ "$(ip xfrm state | grep -c '^src')" = 2 ]
	"$SETKEY" flush policy
	[ -z "$(ip xfrm policy)" ]
	"$SETKEY" flush sa
	[ -z "$(ip xfrm state)" ]
}

@test "a dump that lacks a part is not status 0" {
	for i in {4096..4296}; do
		echo "add 192.0.2.1 192.0.2.2 esp $i $sa; spdadd 192.0.2.1[$i] 192.0.2.2 udp -P out discard;"
	done >f.conf
	"$SETKEY" -f f.conf
	for what in "dump policy --format=conf" "dump sa --format=conf"; do
		# shellcheck disable=SC2086 # several words
		"$SETKEY" $what --via=xfrm >whole
		noticed=0
		for ((n = 1; ; n++)); do
			# shellcheck disable=SC2086
			LD_PRELOAD="$runtime $top/build/lab/libfault.so" FAULT="recv $n misnumbered" run "$SETKEY" $what --via=xfrm 9>mark
			[ -s mark ] || break
			echo "$what: at $n: $status"
			# What is no part of a dump is not missed.
			[ "$status" = 3 ] || { [ "$status" = 0 ] && [ "$output" = "$(<whole)" ]; }
			noticed=$((noticed + (status == 3)))
		done
		[ "$noticed" -gt 1 ]
	done
}
