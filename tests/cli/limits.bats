#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A small file takes little time and memory, whatever it is made to do; what goes beyond a limit is told with its place.

load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# bounded COMMAND...: in seconds where it took minutes, and in 100 MB of memory where the program keeps no shadow of it
bounded() {
	local kib=200000
	[[ $SETKEY == */asan/* ]] && kib=unlimited
	run bash -c 'ulimit -v "$0"; exec timeout 30 "$@"' "$kib" "$@"
	echo "status $status"
	[ "$status" -le 1 ]
}

lines() {
	yes "$1" | head -n "$2"
}

@test "definitions that double" {
	{
		echo 'define A0 = aaaaaaaaaaaaaaaa;'
		for i in {1..40}; do echo "define A$i = \$A$((i - 1))\$A$((i - 1));"; done
		# shellcheck disable=SC2016 # the name is setkey's
		echo 'add $A40 10.0.0.1 esp 0x1000 -E null;'
	} >nested.conf
	bounded "$SETKEY" -n -f nested.conf
	[[ ${lines[0]} == 'nested.conf:8:13: error: the value of a name has at most 1024 bytes [range]' ]]
}

@test "files that include many that include many" {
	for level in {1..7}; do
		lines "include \"$((level + 1)).conf\";" 10 >"$level.conf"
	done
	echo 'flush;' >8.conf
	bounded "$SETKEY" -n -f 1.conf
	[[ $output == *.conf:*': error: more than 4096 files are included [named-file]'* ]]
	[ "${#lines[@]}" -lt 100 ]
}

@test "files that include a long one often" {
	lines '# a long file of comments' 100000 >long.conf
	lines 'include "long.conf";' 40 >many.conf
	run timeout 20 "$SETKEY" -n -f many.conf
	[ "$status" = 1 ]
	[[ ${lines[0]} == "many.conf:"*':9: error: cannot read long.conf: included files exceed 64 MB [named-file]' ]]
	head -n 20 many.conf >fewer.conf
	timeout 20 "$SETKEY" -n -f fewer.conf
}

@test "pipes, devices and directories are no files to include" {
	mkfifo -m 600 pipe
	for name in pipe /dev/zero /dev/null; do
		for text in "include \"$name\";" "keys \"$name\";" "add 10.0.0.1 10.0.0.2 esp 4096 -E null -A hmac-md5 @file:$name;"; do
			echo "$text" >named.conf
			bounded "$SETKEY" -n -f named.conf
			[ "$status" = 1 ]
			[[ $output == *"named.conf:1:"*"error: cannot read $name: not a regular file [named-file]"* ]]
		done
	done
	echo 'include ".";' >named.conf
	bounded "$SETKEY" -n -f named.conf
	[[ $output == *'Is a directory'* ]]
	truncate -s 1G big
	chmod 600 big
	echo 'add 10.0.0.1 10.0.0.2 esp 4096 -E null -A hmac-md5 @file:big;' >named.conf
	bounded "$SETKEY" -n -f named.conf
	[[ $output == *'cannot read big: too long for a key'* ]]
}

@test "comments for lint that name many rules for many statements" {
	names=$(for i in {1..3000}; do printf 'SK%03d,' $((i % 900)); done)
	statements=$(lines 'flush;' 2000 | tr -d '\n')
	echo "$statements # setkey-lint disable=$names why" >beside.conf
	printf '# setkey-lint disable=%s why\n%s\n' "$names" "$statements" >above.conf
	for file in beside above; do
		bounded "$SETKEY" lint "$file.conf"
		[[ $output == *"$file.conf:1:"*': a comment names at most 256 rules [bad-disable]'* ]]
	done
}

@test "a comment beside several statements on a line is about each" {
	printf 'flush; spdadd 10.0.0.1 10.0.0.2 any -P out none; add 10.0.0.1 10.0.0.2 esp 4096 -E null; # setkey-lint disable=SK102 why\n' >line.conf
	run "$SETKEY" lint --format=gcc line.conf
	[[ $output != *SK102* ]]
	[[ $output != *SK802* ]]
}

@test "many policies with masks of ports, each its own" {
	awk 'BEGIN { for (i = 0; i < 40000; i++) printf "spdadd 10.0.0.0/8[%d/0x%x] 10.0.0.0/8[%d/0x%x] udp -P out none;\n",
		i % 65536, i * 7 % 65536 + 1, i * 11 % 65536, i * 13 % 65536 + 1 }' >masks.conf
	bounded "$SETKEY" lint masks.conf
}

@test "comments through -c, and many names" {
	{ lines '# a comment that goes on' 300000 && echo 'flush;'; } >comments
	# shellcheck disable=SC2016 # for the inner shell
	bounded bash -c '"$0" -n -c <comments' "$SETKEY"
	[ "$status" = 0 ]
	awk 'BEGIN { for (i = 0; i < 80000; i++) printf "define a%08d_twelve = 10.0.0.1;\n", i }' >names.conf
	bounded "$SETKEY" -n -f names.conf
	[ "$status" = 0 ]
	cat names.conf names.conf >twice.conf
	bounded "$SETKEY" -n -f twice.conf
}

@test "words of many parts, and groups of digits that go on" {
	lines 'add a1-b2-c3-d4-e5-f6-a1-b2-c3-d4-e5-f6-a1-b2-c3-d4-e5-f6-a1-b2-c3-d4-e5-f6-a1-b2-c3-d4-e5-f6 1;' 500 >parts.conf
	lines 'ab cd ef aa' 30000 >groups.conf
	head -c 60000 /dev/zero | tr '\0' ';' >ends.conf
	for file in parts groups ends; do
		bounded "$SETKEY" lint "$file.conf"
		bounded "$SETKEY" -n -f "$file.conf"
	done
}

@test "after many words that are looked up, setkey's own names of algorithms are still shown" {
	{
		for i in {1..2000}; do
			echo "spdadd 10.0.0.$((i % 250)) 10.1.0.1 any -P out ipsec esp/tunnel/192.0.2.1-198.51.$((i / 250)).$((i % 250))/unique:20000;"
		done
		echo 'add 10.0.0.1 10.0.0.2 esp 0x1000 -E chacha20-poly1305 0x00;'
	} >many.conf
	bounded "$SETKEY" -n -f many.conf
	[[ $output == *'-E chacha20-poly1305 0x...(1 byte);'* ]]
}

@test "thousands of tunnels: doctor, and the packets of all of them" {
	awk 'BEGIN { for (i = 0; i < 6000; i++) {
		b = sprintf("198.51.%d.%d", i / 256, i % 256); n = sprintf("10.%d.%d.0/24", 100 + i / 256, i % 256)
		printf "add 192.0.2.1 %s esp 0x%x -m tunnel -u %d -E null;\nadd %s 192.0.2.1 esp 0x%x -m tunnel -u %d -E null;\n", b, 4096 + i, i + 1, b, 20000 + i, i + 1
		printf "spdadd 10.0.0.0/24 %s any -P out ipsec esp/tunnel/192.0.2.1-%s/unique:%d;\n", n, b, i + 1
		printf "spdadd %s 10.0.0.0/24 any -P in ipsec esp/tunnel/%s-192.0.2.1/unique:%d;\n", n, b, i + 1
		printf "10.0.0.1 10.%d.%d.1\n", 100 + i / 256, i % 256 >"packets"
	} }' >tunnels.conf
	bounded "$SETKEY" doctor tunnels.conf
	[[ $output == *'ok       every policy has its SAs'*'ok       every SA has a policy'* ]]
	bounded "$SETKEY" match --packets packets tunnels.conf
	[ "$(grep -c '^protected: esp' <<<"$output")" = 6000 ]
	bounded "$SETKEY" match --coverage tunnels.conf
}

@test "thousands of policies for the ports of two hosts: doctor and match" {
	awk 'BEGIN {
		for (i = 1; i <= 4000; i++)
			printf "spdadd 10.0.0.1[%d] 10.0.0.2 tcp -P out %s;\n", i, i % 2 ? "none" : "ipsec esp/transport//require"
		print "add 10.0.0.1 10.0.0.2 esp 0x1000 -E null;"
	}' >ports.conf
	bounded "$SETKEY" doctor ports.conf
	bounded "$SETKEY" match --coverage ports.conf
}
