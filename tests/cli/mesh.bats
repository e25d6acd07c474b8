#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# setkey keygen --mesh: a file for each host of a list; any two fit together; a rotation changes keys alone.

load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	umask 077
	cat >hosts <<-EOF
		# name  address    networks
		alpha   192.0.2.1  10.1.0.0/16 2001:db8:1::/48
		beta	192.0.2.2  10.2.0.0/16 2001:db8:2::/48   # a comment

		gamma   192.0.2.3
		delta   192.0.2.4
	EOF
}

mesh() {
	"$SETKEY" keygen --mesh hosts --out dir "$@"
}

sound() {
	setkey lint --no-config --severity=open-place=off --fail-on=info --profile=strict "$1"
	setkey lint --no-config --severity=open-place=off --fail-on=warning --no-fwd "$1"
}

# sas FILE...: what the kernel is told of each SA, XFRM_MSG_NEWSA behind its header
sas() {
	local file
	for file; do
		"$SETKEY" encode "$file" | sed -n 's/^.\{8\}1000.\{20\}//p'
	done | sort
}

fit() {
	local a b
	for a; do
		for b; do
			[ "$a" = "$b" ] || "$SETKEY" peercheck "$a" "$b"
		done
	done
}

@test "every file is sound, any two fit together, and no key or SPI is there for two directions" {
	mesh
	[ "$(echo dir/*)" = "dir/alpha.conf dir/beta.conf dir/delta.conf dir/gamma.conf" ]
	[ "$(stat -c %a dir dir/* | sort | uniq -c | tr -s ' ')" = $' 4 600\n 1 700' ]
	for file in dir/*; do
		sound "$file"
		[ "$(grep -c ^add "$file")" = 6 ]
	done
	fit dir/*
	[ "$(cat dir/* | grep ^add | sort -u | wc -l)" = 12 ]
	[ "$(cat dir/* | grep -oE '0x[0-9a-f]{64}' | sort | uniq -c | awk '$1 == 2' | wc -l)" = 24 ]
	[ "$(cat dir/* | grep -oE 'esp 0x[0-9a-f]+' | sort -u | wc -l)" = 12 ]
	grep -q '^add 192.0.2.3 192.0.2.4 .*-m transport' dir/gamma.conf
	grep -q '^spdadd 192.0.2.3 10.1.0.0/16 any -P out ipsec esp/tunnel/192.0.2.3-192.0.2.1/require;' dir/gamma.conf
	grep -q '^spdadd 10.1.0.0/16 10.2.0.0/16 any -P out' dir/alpha.conf
}

@test "with what is the same for all: mode, protocol, id, algorithms" {
	mesh --mode=tunnel --proto=ah --reqid=9 --upper=udp --alg hmac-sha512-256 --spi-range 0x1000-0x100b
	fit dir/*
	[ "$(cat dir/* | grep ^add | grep -c -e '-m tunnel -u 9 -A hmac-sha512-256')" = 24 ]
}

@test "a rotation has new keys and SPIs for the same traffic, and its steps make it of what is there" {
	mesh
	cp -r dir before
	mesh --rotate
	[ "$(echo dir/alpha.*)" = "dir/alpha.1-add.conf dir/alpha.2-switch.conf dir/alpha.3-retire.conf dir/alpha.conf dir/alpha.next.conf" ]
	for name in alpha beta gamma delta; do
		cmp dir/$name.conf before/$name.conf
		sound dir/$name.next.conf
		for step in 1-add 2-switch 3-retire; do
			sound dir/$name.$step.conf
		done
		diff <(grep -v '^add' dir/$name.conf) <(grep -v '^add' dir/$name.next.conf)
		[ -z "$(comm -12 <(grep -oE '0x[0-9a-f]+' dir/$name.conf | sort) <(grep -oE '0x[0-9a-f]+' dir/$name.next.conf | sort))" ]
		diff <(sas dir/$name.[12]*.conf) <(sas dir/$name.next.conf)
		diff <(grep ^delete dir/$name.3-retire.conf | sort) <(sed -nE 's/^add ([^ ]+ [^ ]+ esp 0x[0-9a-f]+) .*/delete \1;/p' dir/$name.conf | sort)
	done
	[ "$(grep -c "^add [^ ]* 192.0.2.1 " dir/alpha.1-add.conf)" = "$(grep -c ^add dir/alpha.1-add.conf)" ]
	[ "$(grep -c "^add 192.0.2.1 " dir/alpha.2-switch.conf)" = "$(grep -c ^add dir/alpha.2-switch.conf)" ]
	fit dir/*.next.conf
}

@test "the steps of a rotation, which have no policies, say the family inside a tunnel where it is not that outside" {
	local outer inner
	for outer in 192.0.2.N 2001:db8::N; do
		for inner in '10.N.0.0/16 2001:db8:N::/48' '2001:db8:N::/48' '10.N.0.0/16'; do
			printf '%s\n' "alpha ${outer/N/1} ${inner//N/1}" "beta ${outer/N/2} ${inner//N/2}" "gamma ${outer/N/3} 10.3.0.0/16 2001:db8:3::/48" >hosts
			rm -rf dir
			mesh && mesh --rotate
			diff <(sas dir/alpha.[12]*.conf) <(sas dir/alpha.next.conf)
			diff <(sas dir/gamma.[12]*.conf) <(sas dir/gamma.next.conf)
			[ "$(sas dir/alpha.next.conf | wc -l)" = 4 ]
			case $outer+$inner in
			*+*10.*2001*) said=' -f af-unspec ' ;;
			192*+2001*) said=' -sel ::/0 ::/0 any ' ;;
			2001*+10*) said=' -sel 0.0.0.0/0 0.0.0.0/0 any ' ;;
			*) said=' -m tunnel -E ' ;;
			esac
			[ "$(grep -c -e "$said" dir/alpha.1-add.conf)" = 2 ]
		done
	done
}

@test "a rotation that is not finished is not begun again, unless --force is given" {
	mesh
	mesh --rotate
	cp -r dir before
	run mesh --rotate
	[ "$status" = 1 ]
	[[ $output == *"not finished"* ]]
	diff -r dir before
	mesh --rotate --force
	cmp dir/alpha.conf before/alpha.conf
	not cmp -s dir/alpha.next.conf before/alpha.next.conf
	[ "$(echo dir/.setkey*)" = 'dir/.setkey*' ]
}

@test "a rotation changes keys alone: other hosts, networks and options are refused" {
	mesh
	cp -r dir before
	for options in --reqid=3 --proto=ah --upper=tcp --mode=tunnel; do
		run mesh --rotate $options
		[ "$status" = 1 ]
		[[ $output == *"a rotation changes keys alone"* ]]
	done
	sed -i '/beta/s/10.2/10.3/' hosts
	run mesh --rotate
	[ "$status" = 1 ]
	echo epsilon 192.0.2.5 >>hosts
	run mesh --rotate
	[ "$status" = 3 ]
	diff -r dir before
	rm dir/beta.conf
	run mesh --rotate
	[ "$status" = 3 ]
}

@test "all files or none: one in the way leaves the others unwritten" {
	mkdir dir
	echo mine >dir/gamma.conf
	run mesh
	[ "$status" = 3 ]
	[ "$(echo dir/* dir/.setkey*)" = "dir/gamma.conf dir/.setkey*" ]
	[ "$(cat dir/gamma.conf)" = mine ]
	rm dir/gamma.conf
	ln -s elsewhere dir/gamma.conf
	run mesh --force
	[ "$status" = 3 ]
	[ "$(echo dir/* dir/.setkey*)" = "dir/gamma.conf dir/.setkey*" ]
	echo old >dir/alpha.conf
	run mesh --force
	[ "$status" = 3 ]
	[ "$(cat dir/alpha.conf)" = old ]
}

@test "neither the list nor the secret is written over" {
	mkdir dir
	printf '%s\n' 'alpha 192.0.2.1' 'beta 192.0.2.2' >dir/beta.conf
	cp dir/beta.conf before
	run "$SETKEY" keygen --mesh dir/beta.conf --out=./dir/ --force
	[ "$status" = 1 ]
	[[ $output == *"--out would overwrite "*", which the files are made from" ]]
	(umask 077 && head -c 32 /dev/urandom >dir/alpha.conf)
	run "$SETKEY" keygen --mesh before --out=dir --force --derive --secret-file dir/alpha.conf --context x
	[ "$status" = 1 ]
	cmp before dir/beta.conf
	[ "$(stat -c %s dir/alpha.conf)" = 32 ]
	[ "$(echo dir/* dir/.setkey*)" = "dir/alpha.conf dir/beta.conf dir/.setkey*" ]
}

@test "a full disk leaves nothing behind" {
	[ "$(id -u)" = 0 ] || skip "only root can mount a small disk"
	# shellcheck disable=SC2016 # the inner shell's
	run unshare -m bash -c '
		mkdir small && mount -t tmpfs -o size=8k none small || exit 77
		"$1" keygen --mesh hosts --out small/dir --alg aes-cbc:256+hmac-sha512-256; status=$?
		echo "left: $(ls -A small/dir)"
		exit $status' sh "$SETKEY"
	[ "$status" != 77 ] || skip "nothing can be mounted here"
	echo "$output"
	[ "$status" = 3 ]
	[[ $output == *"No space left on device"*"left: " ]]
}

@test "a list that does not read is refused at its place" {
	wrong() {
		printf '%s\n' "${@:2}" >hosts
		run mesh
		echo "$output"
		[ "$status" = 1 ]
		[[ $output == "hosts:$1"*"[hosts]"* ]]
		[ ! -e dir ]
	}
	wrong 2:3 'a 192.0.2.1' 'b nonsense'
	wrong 1:3 'a fe80::1' 'b fe80::2'
	wrong 2:1 'a 192.0.2.1' 'b' 'c 192.0.2.3'
	wrong 2:1 'a 192.0.2.1' 'a 192.0.2.2'
	wrong 2:1 'a 192.0.2.1' 'b 192.0.2.1'
	wrong 2:1 'a 192.0.2.1' 'b 2001:db8::1'
	wrong 2:1 'a 192.0.2.1' '../b 192.0.2.2'
	wrong 2:1 'a 192.0.2.1' 'a.next 192.0.2.2'
	wrong 2:13 'a 192.0.2.1' 'b 192.0.2.2 10.0.0.1/8'
	wrong 2:1 'a 192.0.2.1 10.0.0.0/8' 'b 192.0.2.2 10.1.0.0/16'
	wrong 2:1 'a 192.0.2.1 192.0.2.0/24' 'b 192.0.2.2'
	wrong 2:1 'a 192.0.2.1 10.0.0.0/8' 'b 192.0.2.2 2001:db8::/32'
	wrong 1:1 'a 192.0.2.1'
	wrong 1:1 ''
	run "$SETKEY" keygen --mesh hosts
	[ "$status" = 2 ]
	run "$SETKEY" keygen --mesh nowhere --out dir
	[ "$status" = 3 ]
	printf 'a 192.0.2.1 10.0.0.0/8\nb 192.0.2.2\n' >hosts
	run mesh --mode=transport
	[ "$status" = 1 ]
	[ ! -e dir ]
}

@test "a host may have several addresses: each reaches those of its family, tunnels end at the first" {
	printf '%s\n' 'alpha 192.0.2.1,2001:db8::1 10.1.0.0/16' 'beta 192.0.2.2,2001:db8::2' 'gamma 2001:db8::3' >hosts
	"$SETKEY" keygen --mesh hosts --out dir
	fit dir/*
	[ "$(echo dir/*)" = "dir/alpha.conf dir/beta.conf dir/gamma.conf" ]
	[ "$(grep -c ^add dir/alpha.conf)" = 6 ]
	[ "$(grep -c '^add .* -m tunnel' dir/alpha.conf)" = 2 ]
	grep -q '^spdadd 2001:db8::1 2001:db8::3 any -P out ipsec esp/transport' dir/alpha.conf
	"$SETKEY" keygen --mesh hosts --out dir --rotate
	diff <(sas dir/beta.[12]*.conf) <(sas dir/beta.next.conf)
	echo 'delta 192.0.2.4' >>hosts
	run "$SETKEY" keygen --mesh hosts --out other
	[ "$status" = 1 ] && [[ $output == *'delta: its address is of another family'* ]]
	echo 'alpha 192.0.2.1,192.0.2.1' >hosts
	echo 'beta 192.0.2.2,' >>hosts
	run "$SETKEY" keygen --mesh hosts --out other
	[ "$status" = 1 ] && [[ $output == *'the host has this address already'* && $output == *'not an IPv4 or IPv6 address'* ]]
	run "$SETKEY" keygen --mesh hosts --out other --upper=tcp/179
	[ "$status" = 2 ]
}
