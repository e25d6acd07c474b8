#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What setkey lint knows of several statements together, and of where it is run. Single rules: tests/lint.

load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	umask 077
	for i in 1 2 3; do
		echo "add 192.0.2.$i 192.0.2.9 ah 0x100$i -A hmac-sha256-128 0x$(printf "%02x" {1..30})a$i$i$i;" >to$i.conf
		echo "add 192.0.2.9 192.0.2.$i ah 0x100$i -A hmac-sha256-128 0x$(printf "%02x" {9..38})b$i$i$i;" >from$i.conf
	done
}

# ids ARG...: the rules that lint has a finding of, of those about several statements or about the host
ids() {
	"$SETKEY" lint --format=gcc "$@" | grep -Eo 'SK(3|4)[0-9]+\]$' | sort -u | tr -d '\n'
}

@test "files given together are one: what is missing in one may be in another, what is in both is twice there" {
	[ "$(ids to1.conf to2.conf from1.conf)" = 'SK303]' ]
	[ "$(ids to1.conf to2.conf from1.conf from2.conf)" = '' ]
	cp to1.conf again.conf
	[ "$(ids to1.conf from1.conf again.conf)" = 'SK301]' ]
}

@test "exit ends its own file: what stands behind it is neither there nor twice there" {
	{ cat to1.conf from1.conf; echo 'exit;'; cat to1.conf to2.conf; } >exit.conf
	[ "$(ids exit.conf)" = '' ]
	[ "$(ids exit.conf to1.conf)" = 'SK301]' ]
}

@test "where a statement could not be read, nothing is said to be missing" {
	cat to1.conf to2.conf from1.conf >most.conf
	[ "$(ids most.conf)" = 'SK303]' ]
	echo 'add 192.0.2.9 192.0.2.2 ah;' >>most.conf
	[ "$(ids most.conf)" = '' ]
}

@test "the SSH session that lint is run from is known, and what lets it pass before" {
	echo 'spdadd 10.0.0.0/8 10.0.0.0/8 any -P in discard;' >in.conf
	[ "$(ids in.conf)" = '' ]
	[ "$(SSH_CONNECTION='10.1.2.3 50000 10.9.9.9 22' ids in.conf)" = 'SK405]' ]
	[[ $(SSH_CONNECTION='10.1.2.3 50000 10.9.9.9 22' "$SETKEY" lint in.conf) == *'the SSH session that setkey is run from'*'[lockout]'* ]]
	[ "$(SSH_CONNECTION='192.0.2.3 50000 10.9.9.9 22' ids in.conf)" = '' ]
	[ "$(SSH_CONNECTION='nonsense' ids in.conf)" = '' ]
	[ "$(SSH_CONNECTION='fe80::1%eth0 50000 fe80::2%eth0 22' ids - <<<'spdadd fe80::/10 fe80::/10 tcp -P in discard;')" = 'SK405]' ]
	[[ $(SSH_CONNECTION='10.1.2.3 50000 10.9.9.9 22' "$SETKEY" lint - <<<'spdadd 0.0.0.0/0 10.9.9.9 tcp -P in discard;') == *': it discards its packets [lockout]'* ]]
	echo 'spdadd 10.1.0.0/16 10.0.0.0/8[22] tcp -P in prio high none;' >>in.conf
	[ "$(SSH_CONNECTION='10.1.2.3 50000 10.9.9.9 22' ids in.conf)" = '' ]
	[ "$(SSH_CONNECTION='10.2.2.3 50000 10.9.9.9 22' ids in.conf)" = 'SK405]' ]
	echo 'spdadd 10.0.0.0/8[2222] 10.0.0.0/8 tcp -P out ipsec esp/transport//require;' >>in.conf
	[[ $(SSH_CONNECTION='10.1.2.3 50000 10.9.9.9 2222' ids in.conf) == *'SK405]'* ]]
}

@test "a session between hosts of the near network is cut off by a tunnel for a range that it lies in, whatever SAs there are" {
	near() {
		cat <<-EOF
			add 192.0.2.1 192.0.2.2 esp 0x1000 -m tunnel -E null -A hmac-sha1 0x9f3c1b7a5e2d48860c71e4b35fa29d0811223344;
			add 192.0.2.2 192.0.2.1 esp 0x1001 -m tunnel -E null -A hmac-sha1 0x1c2b3a495867768594a3b2c1d0efee0211223344;
			spdadd 192.0.2.1 192.0.2.2 any -P out none;
			$1
			spdadd 10.1.0.0/24 0.0.0.0/0 any -P out ipsec esp/tunnel/192.0.2.1-192.0.2.2/require;
			spdadd 0.0.0.0/0 10.1.0.0/24 any -P in ipsec esp/tunnel/192.0.2.2-192.0.2.1/require;
		EOF
	}
	near >near.conf
	[ "$(ids near.conf)" = 'SK338]SK401]' ]
	[ "$(SSH_CONNECTION='10.1.0.5 50000 10.1.0.1 22' ids near.conf)" = 'SK401]SK405]' ]
	[[ $(SSH_CONNECTION='10.1.0.5 50000 10.1.0.1 22' "$SETKEY" lint near.conf) == *'of the near network'*'[lockout]'* ]]
	[ "$(SSH_CONNECTION='10.3.0.5 50000 10.1.0.1 22' ids near.conf)" = 'SK338]SK401]' ]
	[ "$(SSH_CONNECTION='10.1.0.5 50000 192.0.2.1 22' ids near.conf)" = 'SK338]SK401]' ]
	near 'spdadd 10.1.0.0/24 10.1.0.0/24 any -P in none; spdadd 10.1.0.0/24 10.1.0.0/24 any -P out none;' >near.conf
	[ "$(SSH_CONNECTION='10.1.0.5 50000 10.1.0.1 22' ids near.conf)" = 'SK401]' ]
	near 'spdadd 10.1.0.0/24 10.1.0.0/24 any -P in none;' >near.conf
	[ "$(SSH_CONNECTION='10.1.0.5 50000 10.1.0.1 22' ids near.conf)" = 'SK401]SK405]' ]
	near 'spdadd 10.1.0.0/24 10.1.0.0/24[22] tcp -P in none; spdadd 10.1.0.0/24[22] 10.1.0.0/24 tcp -P out none;' >near.conf
	[ "$(SSH_CONNECTION='10.1.0.5 50000 10.1.0.1 22' ids near.conf)" = 'SK338]SK401]' ]
}

@test "a session from the link of a host is cut off by its own tunnel for everything, unless the tunnel's far end is on that link" {
	alone() {
		cat <<-EOF
			add 192.168.1.50 $1 esp 0x1000 -m tunnel -E null -A hmac-sha1 0x9f3c1b7a5e2d48860c71e4b35fa29d0811223344;
			add $1 192.168.1.50 esp 0x1001 -m tunnel -E null -A hmac-sha1 0x1c2b3a495867768594a3b2c1d0efee0211223344;
			spdadd 192.168.1.50 $1 any -P out none;
			$3
			spdadd $2 0.0.0.0/0 any -P out ipsec esp/tunnel/192.168.1.50-$1/require;
			spdadd 0.0.0.0/0 $2 any -P in ipsec esp/tunnel/$1-192.168.1.50/require;
		EOF
	}
	alone 192.0.2.2 192.168.1.50 >alone.conf
	[ "$(SSH_CONNECTION='192.168.1.9 50000 192.168.1.50 22' ids alone.conf)" = 'SK401]SK405]' ]
	[ "$(SSH_CONNECTION='192.168.7.9 50000 192.168.1.50 22' ids alone.conf)" = 'SK401]' ]
	alone 192.0.2.2 192.168.1.50 'spdadd 192.168.1.0/24 192.168.1.50 any -P in none; spdadd 192.168.1.50 192.168.1.0/24 any -P out none;' >alone.conf
	[ "$(SSH_CONNECTION='192.168.1.9 50000 192.168.1.50 22' ids alone.conf)" = 'SK401]' ]
	alone 192.168.1.1 192.168.1.50 >alone.conf
	[ "$(SSH_CONNECTION='192.168.1.9 50000 192.168.1.50 22' ids alone.conf)" = 'SK401]' ]
	alone 192.0.2.2 10.9.0.5 >alone.conf
	[ "$(SSH_CONNECTION='10.9.0.6 50000 10.9.0.5 22' ids alone.conf)" = 'SK401]' ]
}

@test "no-such-sa is said of files whose policies are for SAs set by hand, not of one that leaves them to a daemon" {
	echo "add 192.0.2.1 192.0.2.2 esp 0x1000 -E null -A hmac-sha1 0x9f3c1b7a5e2d48860c71e4b35fa29d0811223344;" >sas.conf
	echo "add 192.0.2.2 192.0.2.1 esp 0x1001 -E null -A hmac-sha1 0x1c2b3a495867768594a3b2c1d0efee0211223344;" >>sas.conf
	printf 'spdadd 192.0.2.%s 192.0.2.%s any -P %s ipsec esp/transport//require;\n' 1 2 out 2 1 in >policies.conf
	printf 'spdadd 192.0.2.%s 192.0.2.%s any -P %s ipsec esp/transport//require;\n' 1 3 out 3 1 in >daemon.conf
	[[ $(ids sas.conf policies.conf daemon.conf) != *SK305* ]]
	[[ $(ids daemon.conf) != *SK305* ]]
	cat policies.conf daemon.conf >both.conf
	[ "$("$SETKEY" lint --format=gcc sas.conf both.conf | grep -c SK305)" = 2 ]
	cat sas.conf daemon.conf >one.conf
	[[ $(ids one.conf) == *SK305* ]]
}

# Hosts and networks, tunnels and SAs, nothing wrong with any of them
gateway() {
	awk -v n="$1" 'BEGIN {
		print "flush; spdflush;"
		for (i = 0; i < n; i++) {
			a = sprintf("10.%d.%d.%d", i / 65536, i / 256 % 256, i % 256)
			net = sprintf("%d.%d.%d.0/24", 20 + i / 65536, i / 256 % 256, i % 256)
			printf "add 192.0.2.1 %s esp 0x%x -m tunnel -u %d -E null -A hmac-sha1 0x%040x;\n", a, i + 4096, i % 16383 + 1, i * 2 + 1
			printf "add %s 192.0.2.1 esp 0x%x -m tunnel -u %d -E null -A hmac-sha1 0x%040x;\n", a, i + 4096, i % 16383 + 1, i * 2 + 2
			printf "spdadd 172.16.0.0/16 %s any -P out ipsec esp/tunnel/192.0.2.1-%s/unique:%d;\n", net, a, i % 16383 + 1
			printf "spdadd %s 172.16.0.0/16 any -P in ipsec esp/tunnel/%s-192.0.2.1/unique:%d;\n", net, a, i % 16383 + 1
		} }'
}

@test "an SA in one file does not carry the other family of a policy in another, which a load of it alone does not see" {
	echo 'add 192.0.2.1 192.0.2.9 esp 0x1001 -m tunnel -E null;' >sa.conf
	echo 'spdadd 2001:db8:1::/48 2001:db8:2::/48 any -P out ipsec esp/tunnel/192.0.2.1-192.0.2.9/require;' >policy.conf
	for files in 'sa.conf policy.conf' 'policy.conf sa.conf'; do
		# shellcheck disable=SC2086
		run "$SETKEY" lint --format=gcc $files
		[ "$status" = 1 ]
		[[ $output == *"policy.conf:1:57: error: the policy is for IPv6, and the SA with SPI 0x1001 carries IPv4 alone"*"[SK340]"* ]]
	done
	# What is included is loaded with what includes it.
	{ cat sa.conf && echo 'include "policy.conf";'; } >both.conf
	[[ $("$SETKEY" lint --format=gcc both.conf) != *SK340* ]]
	sed 's/-m tunnel/& -f af-unspec/' sa.conf >told.conf
	[[ $("$SETKEY" lint --format=gcc told.conf policy.conf) != *SK340* ]]
	"$SETKEY" -n -f sa.conf -f policy.conf
}

@test "what an included file adds is thrown away by the one that includes it: said once" {
	printf 'include "to1.conf";\nflush;\n' >outer.conf
	run "$SETKEY" lint --format=gcc outer.conf
	[ "$(grep -c 'SK335\]' <<<"$output")" = 1 ]
	[[ $output != *SK402* ]]
}

# spent FILE: the milliseconds of CPU that it takes to judge it
spent() {
	local TIMEFORMAT='%U %S'
	{ time "$SETKEY" lint --format=gcc --fail-on=never "$1" >/dev/null 2>&1; } 2>&1 | awk '{ print int(($1 + $2) * 1000) }'
}

@test "ten times as many statements take about ten times as long" {
	gateway 1000 >small.conf
	gateway 10000 >large.conf
	[ "$(ids small.conf)" = '' ]
	small=0 large=0
	for i in 1 2 3 4 5; do
		small=$((small + $(spent small.conf)))
	done
	large=$(spent large.conf)
	echo "$small for 5 times 4000, $large for 40000"
	# 2 would be exact; each against each would be 20
	[ "$large" -lt $((small * 8 + 200)) ]
}
