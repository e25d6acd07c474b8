#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2030,SC2031,SC2154 # run in a function of a test; top is lib.bash's
# setkey mirror and peercheck: the other end's file, and what is wrong between two.

load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	umask 077
	key=0x4a1f90a31f2d64b5c7d8e9fa0b1c2d3e
	cat >a.conf <<-EOF
		# office
		flush; spdflush;
		add 192.0.2.1 192.0.2.2 esp 0x1001 -m tunnel -E aes-cbc $key # one
			-A hmac-sha256-128 "0123456789abcdefghijABCDEFGHIJ..";
		add 192.0.2.2 192.0.2.1 esp 0x1002 -m tunnel -E aes-cbc 0x903be2f5c1d0476a8b9c0d1e2f3a4b5c
			-A hmac-sha256-128 0x1f6e5d4c3b2a190887f6e5d4c3b2a1908f7e6d5c4b3a29180f1e2d3c4b5a6978;
		spdadd 10.1.0.0/16 10.2.0.0/16 any -P out prio 5 ipsec esp/tunnel/192.0.2.1-192.0.2.2/require;
		spdadd 10.2.0.0/16 10.1.0.0/16 any -P in prio 5 ipsec esp/tunnel/192.0.2.2-192.0.2.1/require;
		spdadd 0.0.0.0/0[any] 10.1.0.1[22] tcp -P in none;
		spdadd 10.1.0.1[22] 0.0.0.0/0[any] tcp -P out none;
	EOF
}

# What a file puts into a kernel, in no order
effect() {
	setkey encode "$1" | sort
}

# The examples of the language, and what is made here, there and back
@test "the mirror of the mirror is the file again, in what it does" {
	for file in a.conf "$top"/examples/*.conf; do
		case $file in */ospfv3.conf | */nat.conf) continue ;; esac
		"$SETKEY" mirror "$file" >there
		"$SETKEY" mirror there >back
		diff back "$file"
		not cmp -s there "$file"
	done
	# What is not quite turned back is said, and still comes back.
	for file in "$top"/examples/ospfv3.conf "$top"/examples/nat.conf; do
		"$SETKEY" mirror "$file" >there 2>said || true
		"$SETKEY" mirror there >back 2>said || true
		diff <(effect back) <(effect "$file")
	done
}

@test "policies are turned, SAs and comments stay, and both ends fit together" {
	"$SETKEY" mirror a.conf >b.conf
	diff <(sed 's/-P out/-P IN/; s/-P in/-P out/; s/-P IN/-P in/' a.conf) b.conf
	"$SETKEY" peercheck a.conf b.conf
	"$SETKEY" peercheck b.conf a.conf
	"$SETKEY" mirror <a.conf | cmp - b.conf
}

@test "forward policies of one's own go with the inbound ones, in a dump too" {
	sed -i 's/^\(spdadd 10.2.*\)-P in \(.*\)/&\nspdadd 10.2.0.0\/16 10.1.0.0\/16 any -P fwd \2/' a.conf
	"$SETKEY" mirror a.conf >b.conf
	[ "$(grep -c -e '-P fwd' b.conf)" = 1 ]
	grep -q '^spdadd 10.1.0.0/16 10.2.0.0/16 any -P fwd prio 5 ipsec esp/tunnel/192.0.2.1-192.0.2.2/require;' b.conf
	"$SETKEY" mirror b.conf >back
	diff <(effect_exact a.conf) <(effect_exact back)
	{
		echo 'exact;'
		grep -v flush a.conf
	} >dump.conf
	"$SETKEY" mirror dump.conf >there
	"$SETKEY" mirror there >back
	diff <(effect dump.conf) <(effect back)
}

effect_exact() {
	setkey encode --no-fwd "$1" | sort
}

@test "an SA's own direction is turned, and what is one host's own is said at its place" {
	cat >c.conf <<-EOF
		add 192.0.2.1 192.0.2.2 esp 0x1001 -dir out -replay 5/0 -E aes-cbc $key -A hmac-sha1 0x4a1f90a31f2d64b5c7d8e9fa0b1c2d3e01020304;
		add 192.0.2.2 192.0.2.1 esp 0x1002 -if_id 7 -E aes-cbc 0x903be2f5c1d0476a8b9c0d1e2f3a4b5c;
		spdadd 192.0.2.9 192.0.2.1 any -P fwd none;
		spdadd 192.0.2.8 192.0.2.1 any -index 77 -P in none;
	EOF
	run "$SETKEY" mirror c.conf
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"esp 0x1001 -dir in -replay 0/5 "* ]]
	[[ $output == *"c.conf:2:43: warning:"*"[one-sided]"* ]]
	[[ $output == *"c.conf:3:"*"left out [one-sided]"* ]]
	[[ $output == *"c.conf:4:"*"left out [one-sided]"* ]]
	"$SETKEY" mirror c.conf 2>/dev/null >d.conf || true
	grep -q '^spdadd 192.0.2.8 192.0.2.1 any  *-P out none;' d.conf
	not grep -q fwd d.conf
}

@test "an index is not in the forward copy either, and comments stand between numbers" {
	cat >c.conf <<-EOF
		spdadd 192.0.2.1 192.0.2.2 any -index 9 -P out none;
		spdadd 192.0.2.2 192.0.2.1 any -P in none;
		spdadd 192.0.2.2 192.0.2.1 any -P fwd none;
		add 192.0.2.1 192.0.2.2 esp 0x1001 -offload crypto 1 # in
			in -r 32 -replay 5# 1/2
			/ # 3
			7 -E null -A hmac-sha1 0x4a1f90a31f2d64b5c7d8e9fa0b1c2d3e01020304;
	EOF
	run "$SETKEY" mirror c.conf
	echo "$output"
	[ "$status" = 1 ]
	"$SETKEY" mirror c.conf 2>/dev/null >d.conf || true
	not grep -q index d.conf
	setkey -n -f d.conf
	diff <(grep -A 3 ^add d.conf) <(sed 's/^in/out/; s/replay 5/replay 7/; s/^7/5/' c.conf | grep -A 3 ^add)
}

@test "a forward policy that does other than its inbound one is told of" {
	for pair in 'none discard' 'none prio_5_none' 'ipsec_esp/transport//use ipsec_ah/transport//use'; do
		# shellcheck disable=SC2086 # two words
		printf 'spdadd 192.0.2.2 192.0.2.1 any -P in %s;\nspdadd 192.0.2.2 192.0.2.1 any -P fwd %s;\n' $pair | tr _ ' ' >c.conf
		run "$SETKEY" mirror c.conf
		echo "$output"
		[ "$status" = 1 ]
		[[ $output == *"c.conf:2:"*"differs from the inbound one"*"left out [one-sided]"* ]]
	done
	sed 's/-P fwd.*/-P fwd ipsec esp\/transport\/\/unique:7;/' c.conf >d.conf
	"$SETKEY" mirror d.conf
}

@test "several files become one, unless a word of one would count for the next" {
	printf 'spdadd 192.0.2.1 192.0.2.2 any -P out none; # no line end' >one
	echo 'spdadd 192.0.2.2 192.0.2.1 any -P in none;' >two
	printf '%s\n' 'spdadd 192.0.2.3 192.0.2.1 any -P in none;' 'exit;' 'not read' >ends
	printf '%s\n' 'exact;' 'spdadd 192.0.2.4 192.0.2.1 any -P in none;' >exact
	diff <("$SETKEY" mirror one two) <(sed 's/-P out/-P in/; s/end$/&\n/' one && sed 's/-P in/-P out/' two)
	diff <("$SETKEY" mirror two ends) <(sed 's/-P in/-P out/' two ends)
	diff <("$SETKEY" mirror two exact) <(sed 's/-P in/-P out/' two exact)
	for first in ends exact; do
		run "$SETKEY" mirror "$first" two
		[ "$status" = 1 ]
		[ "$output" = "setkey: exit or exact in one of these files would count for those after it too; mirror it by itself" ]
	done
}

@test "me-any and any-me turn with their policy, and a forward copy of an update is an update" {
	printf '%s\n' 'exact;' 'spdadd 192.0.2.1 192.0.2.2 any -P out ipsec ipcomp/transport//use esp/transport/me-any/require;' \
		'spdadd 192.0.2.2 192.0.2.1 any -P in ipsec esp/transport/any-me/require;' >c.conf
	diff <("$SETKEY" mirror c.conf) <(sed 's/-P out/-P IN/; s/-P in/-P out/; s/IN/in/; s/me-any/ANY-ME/; s/any-me/me-any/; s/ANY-ME/any-me/' c.conf)
	printf '%s\n' 'spdadd 192.0.2.2 192.0.2.1 any -P in none;' 'spdadd 192.0.2.2 192.0.2.1 any -P fwd none;' \
		'spdadd 192.0.2.1 192.0.2.2 any -P out none;' 'spdupdate 192.0.2.1 192.0.2.2 any -P out prio 5 none;' >c.conf
	"$SETKEY" mirror c.conf >d.conf
	setkey lint --no-config --no-fwd --fail-on=error d.conf
	grep -qx 'spdupdate 192.0.2.1 192.0.2.2 any -P fwd prio 5 none;' d.conf
}

@test "numbers that names stand for change places too, and an offload turns with its SA" {
	cat >c.conf <<-EOF
		define N1 = 10;
		define D2 = lo;
		add 192.0.2.1 192.0.2.2 esp 0x1001 -replay \$N1/\$N1 -r 32 -E null -A hmac-sha1 0x4a1f90a31f2d64b5c7d8e9fa0b1c2d3e01020304;
		add 192.0.2.1 192.0.2.2 esp 0x1002 -replay \$N1 / 7 -r 32 -E null -A hmac-sha1 0x4a1f90a31f2d64b5c7d8e9fa0b1c2d3e01020305;
		add 192.0.2.1 192.0.2.2 esp 0x1003 -dir out -offload crypto \$D2 out -E null -A hmac-sha1 0x4a1f90a31f2d64b5c7d8e9fa0b1c2d3e01020306;
		add 192.0.2.1 192.0.2.2 esp 0x1004 -offload packet 1 in -E null -A hmac-sha1 0x4a1f90a31f2d64b5c7d8e9fa0b1c2d3e01020307;
	EOF
	"$SETKEY" mirror c.conf >there || true
	cat there
	# shellcheck disable=SC2016
	{
		grep -qF ' -replay $N1/$N1 -r' there
		grep -qF ' -replay 7 / $N1 -r' there
		grep -qF ' -dir in -offload crypto $D2 in -E' there
		grep -qF ' -offload packet 1 out -E' there
	}
	"$SETKEY" mirror there >back || true
	diff back c.conf
}

@test "a file that does not read has no mirror, and what the other end's kernel would refuse is told" {
	echo 'add nonsense;' >c.conf
	run "$SETKEY" mirror c.conf
	[ "$status" = 1 ]
	[[ $output == c.conf:1:* && $output != *"esp 0x"* ]]
	echo 'spdadd 10.2.0.0/16 10.1.0.0/16 any -P in ipsec esp/tunnel/192.0.2.2-192.0.2.1/use;' >c.conf
	run "$SETKEY" mirror c.conf
	[ "$status" = 1 ]
	[[ $output == *"[optional-tunnel]"* ]]
	run "$SETKEY" mirror nowhere
	[ "$status" = 3 ]
}

# differs SED WORDS...: a change of b.conf is found, with these words, at both ends, and no key is shown
differs() {
	local change=$1
	shift
	"$SETKEY" mirror a.conf | sed -E "$change" >b.conf
	for order in "a.conf b.conf" "b.conf a.conf"; do
		# shellcheck disable=SC2086
		run "$SETKEY" peercheck $order
		echo "$output"
		[ "$status" = 1 ]
		[[ $output == *"[peers-differ]"* ]]
		[[ $output != *4a1f90a3* && $output != *903be2f5* && $output != *0123456789* ]]
		for word; do
			[[ $output == *"$word"* ]]
		done
	done
}

@test "each difference is named, with its places in both files" {
	differs 's/4a1f90/4a1f91/' "another key for the cipher" a.conf:3: b.conf:3:
	differs 's/"012345/"112345/' "another key for integrity"
	differs 's/hmac-sha256-128 "/hmac-sha256-96 "/' "another length"
	differs 's/hmac-sha256-128 0x/hmac-sha256 0x/' "another length"
	differs '/0x1001/s/-E aes-cbc/-E camellia-cbc/' "another cipher"
	differs '/0x1001/s/-m tunnel//' "another mode"
	differs '/0x1001/s/-m tunnel/-m tunnel -esn -r 64/' "sequence numbers of 64 bits"
	differs '/0x1001/s/-m tunnel/-m tunnel -r 32/' "another replay window" a.conf:3: b.conf:3:
	differs '/0x1001/s/-m tunnel/-m tunnel -mark 7/' "another mark" a.conf:3: b.conf:3:
	differs 's/any -P out prio/any -mark 7 -P out prio/' "another mark"
	differs 's/0x1001/0x1003/' "no SA with this SPI"
	differs '/0x1002/,/;/d' "no SA with this SPI"
	differs '/-P out prio/d' "no outbound policy for these packets"
	differs 's/(-P out prio.*)192.0.2.2-192.0.2.1/\1192.0.2.2-192.0.2.3/' "other addresses"
	differs 's/(-P in prio.*)require/\1use/' "in the clear too"
	differs 's/(-P in prio.*)esp/\1ah/' "another protocol"
}

@test "what is each end's own may differ: lifetime, id, order, level, and the window of an SA that only sends" {
	"$SETKEY" mirror a.conf | sed -E 's/-m tunnel/-m tunnel -lh 86400 -u 5/; s/require/unique:5/' >b.conf
	"$SETKEY" peercheck a.conf b.conf
	sed -E '/0x1001/s/-m tunnel/-m tunnel -dir out/; /0x1002/s/-m tunnel/-m tunnel -dir in -r 32/' a.conf >c.conf
	"$SETKEY" mirror c.conf | sed -E 's/-dir in/-dir in -r 32/; s/-dir out -r 32/-dir out/' >d.conf
	"$SETKEY" peercheck c.conf d.conf
	# Linux keeps 32 of either.
	sed 's/-m tunnel/-m tunnel -r 32/' a.conf >c.conf
	"$SETKEY" mirror c.conf | sed 's/-r 32/-r 64/' >d.conf
	"$SETKEY" peercheck c.conf d.conf
}

@test "a tunnel with its ends the wrong way round, or one of them mistyped, is a difference at that policy" {
	"$SETKEY" mirror a.conf >b.conf
	# from one end's good file to a bad one, and what its peer says
	bad() {
		sed -E "$1" a.conf >bad.conf
		run "$SETKEY" peercheck bad.conf b.conf
		echo "$output"
		[ "$status" = 1 ]
		[[ $output == *"bad.conf:$2:"*"a tunnel between other addresses"*"b.conf:"* && $output != *"describe the same end"* ]]
		[ "$(grep -c '\[peers-differ\]' <<<"$output")" = 1 ]
		run "$SETKEY" peercheck b.conf bad.conf
		[ "$status" = 1 ]
		[[ $output == *"a tunnel between other addresses"*"bad.conf:$2:"* && $output != *"describe the same end"* ]]
	}
	bad '/-P in prio/s/192.0.2.2-192.0.2.1/192.0.2.1-192.0.2.2/' 8
	bad '/-P out prio/s/192.0.2.1-192.0.2.2/192.0.2.2-192.0.2.1/' 7
	bad '/-P in prio/s/192.0.2.2-192.0.2.1/192.0.2.3-192.0.2.1/' 8
	bad '/-P in prio/s/192.0.2.2-192.0.2.1/192.0.2.2-192.0.2.3/' 8
	bad '/-P out prio/s/192.0.2.1-192.0.2.2/192.0.2.1-192.0.2.3/' 7
	bad '/-P out prio/s/192.0.2.1-192.0.2.2/192.0.2.3-192.0.2.2/' 7
	cp bad.conf again.conf
	run "$SETKEY" peercheck bad.conf again.conf
	[[ $output == *"describe the same end"* ]]
	# Policies for a third host are none of the peer's.
	echo 'spdadd 10.1.0.0/16 10.3.0.0/16 any -P out ipsec esp/tunnel/192.0.2.1-192.0.2.3/require;' >>a.conf
	echo 'spdadd 10.3.0.0/16 10.1.0.0/16 any -P in ipsec esp/tunnel/192.0.2.3-192.0.2.1/require;' >>a.conf
	"$SETKEY" peercheck a.conf b.conf
	"$SETKEY" peercheck b.conf a.conf
}

@test "IPComp that is required outbound and in use inbound fits, the other way round it does not" {
	for mode in transport/ tunnel/192.0.2.1-192.0.2.2; do
		back=${mode/192.0.2.1-192.0.2.2/192.0.2.2-192.0.2.1}
		cat >c.conf <<-EOF
			spdadd 192.0.2.1 192.0.2.2 any -P out ipsec ipcomp/$mode/require esp/transport//require;
			spdadd 192.0.2.2 192.0.2.1 any -P in ipsec ipcomp/$back/use esp/transport//require;
		EOF
		cat >d.conf <<-EOF
			spdadd 192.0.2.2 192.0.2.1 any -P out ipsec ipcomp/$back/require esp/transport//require;
			spdadd 192.0.2.1 192.0.2.2 any -P in ipsec ipcomp/$mode/use esp/transport//require;
		EOF
		"$SETKEY" peercheck c.conf d.conf
		"$SETKEY" peercheck d.conf c.conf
		sed '/-P in/s/esp\/transport\/\/require/esp\/transport\/\/use/' d.conf >e.conf
		run "$SETKEY" peercheck c.conf e.conf
		[ "$status" = 1 ]
		[[ $output == *"in the clear too"* ]]
	done
	sed -i '/-P out/s/ipcomp.*require esp/ipcomp\/transport\/\/use esp/' c.conf
	sed -i '/-P in/s/ipcomp.*use esp/ipcomp\/transport\/\/require esp/' d.conf
	run "$SETKEY" peercheck c.conf d.conf
	[ "$status" = 1 ]
	[[ $output == *"c.conf:1:"*"takes only what is compressed"* ]]
}

@test "SAs that only marks tell apart have each its own at the other end" {
	for mark in 1 2; do
		echo "add 192.0.2.1 192.0.2.2 ah 0x1001 -mark $mark -A hmac-sha256-128 0x$(printf '%02x' {1..31})1$mark;"
		echo "add 192.0.2.2 192.0.2.1 ah 0x1001 -mark $mark -A hmac-sha256-128 0x$(printf '%02x' {1..31})2$mark;"
	done >c.conf
	cp c.conf d.conf
	"$SETKEY" peercheck c.conf d.conf
	sed -i 's/-mark 2/-mark 3/' d.conf
	run "$SETKEY" peercheck c.conf d.conf
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"another mark"* ]]
}

@test "any has two numbers, and is any under each" {
	echo 'spdadd 192.0.2.1 192.0.2.2 any -P out ipsec esp/transport//require;' >c.conf
	for any in 0 255; do
		echo "spdadd 192.0.2.1 192.0.2.2 $any -P in ipsec esp/transport//require;" >d.conf
		"$SETKEY" peercheck c.conf d.conf
	done
}

@test "a file whose tunnels are all the wrong way round is its own end's, and one such tunnel tells no other host's address as its own" {
	"$SETKEY" mirror a.conf >b.conf
	sed -E '/-P /{s/192.0.2.1-192.0.2.2/X/; s/192.0.2.2-192.0.2.1/192.0.2.1-192.0.2.2/; s/X/192.0.2.2-192.0.2.1/}' a.conf >bad.conf
	for files in 'bad.conf b.conf' 'b.conf bad.conf'; do
		run "$SETKEY" peercheck "${files% *}" "${files#* }"
		[ "$status" = 1 ]
		[ "$(grep -c 'a tunnel between other addresses' <<<"$output")" = "$(grep -c '\[peers-differ\]' <<<"$output")" ]
		[[ $output == *"bad.conf:7:"* && $output == *"bad.conf:8:"* ]]
	done
	printf '%s\n' 'hub 192.0.2.1 10.1.0.0/24' 'b 192.0.2.2 10.2.0.0/24' 'c 192.0.2.3 10.3.0.0/24' >hosts
	mkdir mesh
	"$SETKEY" keygen --mesh=hosts --out=mesh --mode=tunnel
	sed '/-P in/s/192.0.2.2-192.0.2.1/192.0.2.1-192.0.2.2/' mesh/hub.conf >bad.conf
	run "$SETKEY" peercheck bad.conf mesh/b.conf
	echo "$output"
	[ "$status" = 1 ]
	[ "$(grep -c '\[peers-differ\]' <<<"$output")" = 1 ]
	[[ $output == *"a tunnel between other addresses"* ]]
	"$SETKEY" peercheck bad.conf mesh/c.conf
	run "$SETKEY" peercheck mesh/hub.conf bad.conf
	[[ $output == *"describe the same end"* ]]
}

@test "files of one end, or of strangers, are told so" {
	run "$SETKEY" peercheck a.conf a.conf
	[ "$status" = 1 ]
	[[ $output == *"describe the same end"* ]]
	"$SETKEY" keygen --pair 198.51.100.1 198.51.100.2 >c.conf
	run "$SETKEY" peercheck a.conf c.conf
	[ "$status" = 1 ]
	[[ $output == *"nothing to do with each other"* ]]
	run "$SETKEY" peercheck a.conf
	[ "$status" = 2 ]
	run "$SETKEY" peercheck a.conf nowhere
	[ "$status" = 3 ]
	echo 'add nonsense;' >c.conf
	run "$SETKEY" peercheck a.conf c.conf
	[ "$status" = 1 ]
	[[ $output == c.conf:1:* ]]
}

@test "policies for the same packets, told apart by marks, have each its own at the other end" {
	cat >m.conf <<-EOF
		spdadd 10.1.0.0/16 10.2.0.0/16 any -mark 1 -P out ipsec esp/tunnel/192.0.2.1-192.0.2.2/require;
		spdadd 10.2.0.0/16 10.1.0.0/16 any -P in ipsec esp/tunnel/192.0.2.2-192.0.2.1/require;
		spdadd 10.1.0.0/16 10.2.0.0/16 any -mark 2 -P out ipsec esp/tunnel/192.0.2.1-192.0.2.3/require;
		spdadd 10.2.0.0/16 10.1.0.0/16 any -mark 2 -P in ipsec esp/tunnel/192.0.2.3-192.0.2.1/require;
	EOF
	"$SETKEY" mirror m.conf >n.conf || true
	run "$SETKEY" peercheck m.conf n.conf
	echo "$output"
	[ "$status" = 0 ]
	sed -i 's/-mark 1 -P/-mark 5 -P/; s/-mark 2 -P in.*/-P in ipsec esp\/tunnel\/192.0.2.1-192.0.2.4\/require;/' n.conf
	run "$SETKEY" peercheck m.conf n.conf
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"m.conf:3:"*"a tunnel between other addresses"* ]]
}

# What would not get smaller goes uncompressed: the end that receives has level use, whichever that is.
@test "mirror leaves the level of ipcomp with the direction" {
	cat >pair.conf <<-EOF
		spdadd 10.1.0.0/24 10.2.0.0/24 any -P out ipsec ipcomp/tunnel/192.0.2.1-192.0.2.2/require esp/transport//require;
		spdadd 10.2.0.0/24 10.1.0.0/24 any -P in ipsec ipcomp/tunnel/192.0.2.2-192.0.2.1/use esp/transport//require;
		spdadd 10.2.0.0/24 10.1.0.0/24 any -P fwd ipsec ipcomp/tunnel/192.0.2.2-192.0.2.1/use esp/transport//require;
	EOF
	"$SETKEY" mirror pair.conf >there
	diff there - <<-EOF
		spdadd 10.1.0.0/24 10.2.0.0/24 any -P in ipsec ipcomp/tunnel/192.0.2.1-192.0.2.2/use esp/transport//require;
		spdadd 10.1.0.0/24 10.2.0.0/24 any -P fwd ipsec ipcomp/tunnel/192.0.2.1-192.0.2.2/use esp/transport//require;
		spdadd 10.2.0.0/24 10.1.0.0/24 any -P out ipsec ipcomp/tunnel/192.0.2.2-192.0.2.1/require esp/transport//require;
	EOF
	"$SETKEY" mirror there | diff - pair.conf
	"$SETKEY" peercheck pair.conf there
	# Of esp the level is turned with the packets, and so it is of ipcomp where there is one direction only.
	sed -i 's/ipcomp/esp/; /fwd/d' pair.conf
	sed -i '1s/tunnel.*require esp/transport\/\/require esp/; 2s/tunnel.*use/transport\/\/use/' pair.conf
	"$SETKEY" mirror pair.conf | grep -c 'out ipsec esp/transport//use' | grep -x 1
	sed -i '2d; s/esp/ipcomp/' pair.conf
	"$SETKEY" mirror pair.conf | grep -c 'in ipsec ipcomp/transport//require' | grep -x 1
}
