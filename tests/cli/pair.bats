#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# setkey keygen --pair: what two hosts load is sound by every rule, the same at both ends, and never half written.

load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	umask 077
}

# sound FILE: nothing of warning or above, whoever forwards
sound() {
	setkey lint --no-config --severity=open-place=off --fail-on=warning "$1"
	setkey lint --no-config --severity=open-place=off --fail-on=warning --no-fwd "$1"
}

pair() {
	rm -f a.conf b.conf
	"$SETKEY" keygen --pair "$@" --out-a a.conf --out-b b.conf
	sound a.conf
	sound b.conf
	"$SETKEY" peercheck a.conf b.conf
	"$SETKEY" peercheck b.conf a.conf
}

@test "both ends are sound and fit together, in every mode, family and protocol" {
	pair 192.0.2.1 192.0.2.2
	pair 192.0.2.1 192.0.2.2 --mode=tunnel
	pair 192.0.2.1 192.0.2.2 --net-a 10.1.0.0/16 --net-b 10.2.0.0/16 --net-b 10.3.0.0/24
	pair 192.0.2.1 192.0.2.2 --net-a 10.1.0.0/16
	pair 192.0.2.1 192.0.2.2 --net-b 0.0.0.0/0
	pair 192.0.2.1 192.0.2.2 --net-a 192.0.2.0/25 --net-b 192.0.2.0/24
	[ "$(grep -c '192.0.2.0/25 192.0.2.0/25 any -P \(out\|in\|fwd\) none;' a.conf)" = 3 ]
	not grep none b.conf
	pair 192.0.2.1 192.0.2.2 --net-a 10.1.0.0/16 --net-a 2001:db8:1::/48 --net-b 10.2.0.0/16 --net-b 2001:db8:2::/48
	pair 192.0.2.1 192.0.2.2 --net-a 2001:db8:1::/48 --net-b 2001:db8:2::/48
	pair 2001:db8::1 2001:db8::2
	pair 2001:db8::1 2001:db8::2 --net-a 10.1.0.0/16 --net-b 10.2.0.0/16
	pair 192.0.2.1 192.0.2.2 --reqid 7 --upper tcp --name office
	grep -q '^# office, 192.0.2.1 with 192.0.2.2$' a.conf
	[ "$(grep -c -e '-u 7 ' a.conf)" = 2 ]
	[ "$(grep -c '192.0.2.[12] tcp -P .*/unique:7;' a.conf)" = 2 ]
	pair 192.0.2.1 192.0.2.2 --proto=ah
	for algs in aes-gcm-16:256 aes-gcm-16:128 chacha20-poly1305 aes-cbc:128 camellia-cbc+hmac-sha512-256 null+hmac-sha256-128 \
		hmac-sha384-192 aes-cbc+aes-xcbc-mac; do
		pair 192.0.2.1 192.0.2.2 --alg "$algs"
	done
}

@test "what is made by default passes the strict profile" {
	pair 192.0.2.1 192.0.2.2 --net-a 10.1.0.0/16 --net-b 10.2.0.0/16
	setkey lint --no-config --severity=open-place=off --fail-on=info --profile=strict a.conf
}

@test "whoever asks for a counter mode or a weak algorithm owns up to it in the file" {
	pair 192.0.2.1 192.0.2.2 --alg aes-gcm-16
	grep -q '^# setkey-lint disable=SK110 ' a.conf
	run "$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 --alg 3des-cbc+hmac-sha256-128
	[ "$status" = 2 ]
	run "$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 --alg aes-cbc+hmac-md5
	[ "$status" = 1 ]
	[[ $output == *"[broken-hash]"*"nothing is written"* && ! $output =~ 0x[0-9a-f]{9} ]]
	pair 192.0.2.1 192.0.2.2 --alg 3des-cbc+hmac-md5 --allow-weak
	grep -q '^# setkey-lint disable=SK105 ' a.conf
}

@test "every direction has an SPI and keys of its own, in the range and clear of those to avoid" {
	for _ in 1 2 3 4 5 6 7 8; do
		pair 192.0.2.1 192.0.2.2 --spi-range 0x2000-0x2003
		[ "$(grep -oE 'esp 0x200[0-3] ' a.conf | sort -u | wc -l)" = 2 ]
		[ "$(grep -oE '0x[0-9a-f]{64}' a.conf | sort -u | wc -l)" = 4 ]
	done
	cp a.conf there.conf
	pair 192.0.2.1 192.0.2.2 --spi-range 0x2000-0x2003 --avoid there.conf
	[ "$(cat a.conf there.conf | grep -oE 'esp 0x200[0-3] ' | sort -u | wc -l)" = 4 ]
	not grep -q ^flush a.conf
	run "$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 --spi-range 0x2000-0x2003 --avoid there.conf --avoid a.conf
	[ "$status" = 1 ]
	[[ $output == *"no SPI is left"* ]]
	echo 'add nonsense;' >broken.conf
	run "$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 --avoid broken.conf
	[ "$status" = 1 ]
	[[ $output == broken.conf:1:* ]]
}

@test "A's end goes to standard output, and its mirror is B's" {
	"$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 --net-a 10.1.0.0/16 --net-b 10.2.0.0/16 >a.conf
	sound a.conf
	"$SETKEY" mirror a.conf >b.conf
	sound b.conf
	"$SETKEY" peercheck a.conf b.conf
	"$SETKEY" mirror b.conf | diff - a.conf
	(
		umask 022
		[[ $("$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 2>&1 >open) == *"others may read"* ]]
	)
}

@test "files are their owner's alone, and one that is there stays unless --force is given" {
	umask 000
	"$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 --out-a a.conf --out-b b.conf
	[ "$(stat -c %a a.conf b.conf)" = $'600\n600' ]
	cp a.conf before
	rm b.conf
	run "$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 --out-a b.conf --out-b a.conf
	[ "$status" = 3 ]
	[ "$output" = "setkey: a.conf exists already; --force replaces it" ]
	cmp a.conf before
	[ "$(echo ./* .setkey*)" = "./a.conf ./before .setkey*" ]
	"$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 --out-a b.conf --out-b a.conf --force
	not cmp -s a.conf before
	"$SETKEY" peercheck a.conf b.conf
	[ "$(echo ./* .setkey*)" = "./a.conf ./b.conf ./before .setkey*" ]
}

@test "two files of one name are refused however it is written, and so is the secret's" {
	head -c 32 /dev/urandom >secret
	cp secret before
	mkdir folder
	for names in "--out-a a.conf --out-b ./a.conf" "--out-a $PWD/a.conf --out-b folder/../a.conf" "--out-a a.conf --keys-file ./a.conf" \
		"--out-a ./secret --derive --secret-file secret --context x"; do
		# shellcheck disable=SC2086 # words
		run "$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 $names --force
		echo "$names: $output"
		[ "$status" = 2 ]
		[[ $output == *"take a file each" ]]
		[ "$(echo ./* .setkey*)" = "./before ./folder ./secret .setkey*" ]
	done
	cmp secret before
	"$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 --out-a a.conf --out-b folder/a.conf
}

@test "a file whose SPIs are avoided is not written over, and the end without a file is printed" {
	"$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 >a.conf
	cp a.conf before
	for option in --out-a --out-b --keys-file; do
		run "$SETKEY" keygen --pair 192.0.2.1 192.0.2.3 --avoid a.conf $option ./a.conf --force
		echo "$output"
		[ "$status" = 2 ]
		[[ $output == *"take a file each" ]]
		cmp a.conf before
	done
	mkdir mesh
	printf '%s\n' 'alpha 192.0.2.1' 'beta 192.0.2.2' >hosts
	cp a.conf mesh/alpha.conf
	run "$SETKEY" keygen --mesh hosts --out mesh --avoid mesh/alpha.conf --force
	[ "$status" = 1 ]
	cmp mesh/alpha.conf before
	"$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 --out-b b.conf >a.conf
	"$SETKEY" peercheck a.conf b.conf
}

@test "a directory in which others may write gets a warning" {
	mkdir -m 777 open
	mkdir -m 1777 sticky
	printf '%s\n' 'alpha 192.0.2.1' 'beta 192.0.2.2' >hosts
	for mode in 777 775 757 1777; do
		chmod $mode open
		run "$SETKEY" keygen --mesh hosts --out open --force
		echo "$output"
		[ "$status" = 0 ]
		[[ $output == "setkey: warning: others may write in the directory open, and put files of their own there; chmod go-w" ]]
	done
	chmod 755 open
	[ -z "$("$SETKEY" keygen --mesh hosts --out open --force 2>&1)" ]
	[ -z "$("$SETKEY" keygen --mesh hosts --out fresh 2>&1)" ]
	chmod 777 open
	for option in "--pair 192.0.2.1 192.0.2.2 --out-a=" "--pair 192.0.2.1 192.0.2.2 --out-b=" "x=aes-cbc --keys-file="; do
		# shellcheck disable=SC2086 # words
		[[ $("$SETKEY" keygen ${option}open/new 2>&1 >/dev/null) == *"the directory open"* ]]
		rm open/new
		# shellcheck disable=SC2086 # words
		[ -z "$("$SETKEY" keygen ${option}sticky/new 2>&1 >/dev/null)" ]
		rm sticky/new
	done
}

@test "no symbolic link is followed, and a folder that cannot be written leaves nothing behind" {
	ln -s target a.conf
	for force in '' --force; do
		run "$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 --out-a b.conf --out-b a.conf $force
		[ "$status" = 3 ]
		[ "$output" = "setkey: a.conf is a symbolic link; it is left as it is" ]
		[ "$(echo ./* .setkey*)" = "./a.conf .setkey*" ]
	done
	mkdir folder
	for force in '' --force; do
		run "$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 --out-a b.conf --out-b folder $force
		[ "$status" = 3 ]
		[ "$output" = "setkey: folder is no regular file; it is left as it is" ]
	done
	run "$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 --out-a b.conf --out-b nowhere/b.conf
	[ "$status" = 3 ]
	[[ $output == *"cannot write nowhere/b.conf: No such file or directory" ]]
	[ "$(echo ./* .setkey*)" = "./a.conf ./folder .setkey*" ]
}

@test "keys in a file of their own: the configuration has names, and no key" {
	mkdir a b
	"$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 --net-b 10.2.0.0/16 --keys-file secret.keys --out-a a.conf --out-b b.conf
	not grep -E '0x[0-9a-f]{9}' a.conf b.conf
	[ "$(grep -c '^key ' secret.keys)" = 4 ]
	sound a.conf
	sound b.conf
	"$SETKEY" peercheck a.conf b.conf
	"$SETKEY" mirror a.conf >mirrored
	"$SETKEY" peercheck a.conf mirrored
	grep -q '^keys "secret.keys";' a.conf
	"$SETKEY" keygen --pair 192.0.2.1 192.0.2.3 --keys-file secret.keys --alg aes-gcm-16 --avoid a.conf >c.conf
	sound c.conf
	[ "$(grep -c '^key ' secret.keys)" = 6 ]
	# What cannot be written leaves the key file as it was.
	cp secret.keys before
	run "$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 --keys-file secret.keys --out-a d.conf --out-b b.conf
	[ "$status" = 3 ]
	cmp secret.keys before
	run "$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 --keys-file new.keys --out-a d.conf --out-b b.conf
	[ "$status" = 3 ]
	[ ! -e new.keys ] && [ ! -e d.conf ]
	run "$SETKEY" keygen --mesh hosts --out dir --keys-file secret.keys
	[ "$status" = 2 ]
}

@test "what cannot be is said, and nothing is printed" {
	refused() {
		local want=$1
		shift
		run "$SETKEY" keygen "$@"
		echo "$output"
		[ "$status" = 2 ]
		[[ $output == *"$want"* && ! $output =~ 0x[0-9a-f]{9} ]]
	}
	refused "take a global or a unique local one" --pair fe80::1 fe80::2
	refused "take a global or a unique local one" --pair fe80::1%eth0 2001:db8::1
	refused "names are not looked up" --pair alpha 192.0.2.1
	refused "not the address of one host" --pair 192.0.2.1 224.0.0.1
	refused "two addresses" --pair 192.0.2.1
	refused "one host" --pair 192.0.2.1 192.0.2.1
	refused "different families" --pair 192.0.2.1 2001:db8::1
	refused "host bits are set" --pair 192.0.2.1 192.0.2.2 --net-a 10.1.0.1/16
	refused "prefix length must be" --pair 192.0.2.1 192.0.2.2 --net-a 10.1.0.0/33
	refused "none of the same family" --pair 192.0.2.1 192.0.2.2 --net-a 2001:db8::/48
	refused "the same network" --pair 192.0.2.1 192.0.2.2 --net-a 10.0.0.0/8 --net-b 10.0.0.0/8
	refused "require --mode=tunnel" --pair 192.0.2.1 192.0.2.2 --net-a 10.0.0.0/8 --mode=transport
	refused "--spi-range" --pair 192.0.2.1 192.0.2.2 --spi-range 0x10-0x2000
	refused "--spi-range" --pair 192.0.2.1 192.0.2.2 --spi-range 0x2000
	refused "--reqid" --pair 192.0.2.1 192.0.2.2 --reqid 16384
	refused "--upper" --pair 192.0.2.1 192.0.2.2 --upper nonsense
	refused "--name" --pair 192.0.2.1 192.0.2.2 --name $'x\nflush'
	refused "does not authenticate" --pair 192.0.2.1 192.0.2.2 --proto=ah --alg aes-gcm-16
	refused "authenticates by itself" --pair 192.0.2.1 192.0.2.2 --alg aes-gcm-16+hmac-sha256-128
	refused "write a cipher before" --pair 192.0.2.1 192.0.2.2 --alg hmac-sha1+hmac-sha1
	refused "a file each" --pair 192.0.2.1 192.0.2.2 --out-a x --out-b x --force
	refused "names are not looked up" --pair '192.0.2.1 or so' 192.0.2.2
	refused "names are not looked up" --pair 192.0.2.1 $'192.0.2.2\nflush;'
	refused "not an IPv4 or IPv6 network" --pair 192.0.2.1 192.0.2.2 --net-a $'10.0.0.0\t/8'
	refused "--spi-range" --pair 192.0.2.1 192.0.2.2 --spi-range=-18446744073709551104-0x300
	refused "--spi-range" --pair 192.0.2.1 192.0.2.2 --spi-range "256- 300"
	refused "a file each" --pair 192.0.2.1 192.0.2.2 --out-a x --keys-file x
	refused "--out is not valid with --pair" --pair 192.0.2.1 192.0.2.2 --out x
	refused "is not valid without --pair or --mesh" aes-cbc --out-a x
	[ ! -e x ]
}

@test "a port is B's, or stands behind either address, by number or name; the protocol keeps its name" {
	pair 192.0.2.1 192.0.2.2 --upper=tcp --port=5901
	grep -q '^spdadd 192.0.2.1 192.0.2.2\[5901\] tcp -P out' a.conf
	grep -q '^spdadd 192.0.2.1 192.0.2.2\[5901\] tcp -P in' b.conf
	grep ^spd a.conf >before
	for said in "192.0.2.2 --upper=tcp/5901" "192.0.2.2[5901] --upper=tcp"; do
		# shellcheck disable=SC2086 # words
		pair 192.0.2.1 $said
		grep ^spd a.conf | diff before -
	done
	pair '2001:db8::1[bgp]' '2001:db8::2[any]' --upper=tcp
	grep -q '^spdadd 2001:db8::1\[179\] 2001:db8::2 tcp -P out' a.conf
	pair 192.0.2.1 192.0.2.2 --net-a 10.1.0.0/16 --net-b 10.2.0.0/16 --upper udp/domain
	[ "$(grep -c '10.2.0.0/16\[53\]' a.conf)" = 3 ]
	for wrong in "192.0.2.2 --port 5901" "192.0.2.2 --upper=icmp/8" "192.0.2.2[] --upper=tcp" "192.0.2.2[5 --upper=tcp" \
		"192.0.2.2[5]6 --upper=tcp" "192.0.2.2 --upper=tcp/0" "192.0.2.2 --upper=tcp/65536" "192.0.2.2 --upper=tcp/" \
		"192.0.2.2[5] --upper=tcp/6" "192.0.2.2 --upper=/6" "192.0.2.2 --upper=tcp/no-such-service"; do
		# shellcheck disable=SC2086 # words
		run "$SETKEY" keygen --pair 192.0.2.1 $wrong
		echo "$wrong: $output"
		[ "$status" = 2 ]
	done
}

@test "two files of one folder go beside each other with --no-flush" {
	pair 192.0.2.1 192.0.2.2
	mv a.conf 1.conf
	pair 192.0.2.1 192.0.2.3 --no-flush
	not grep -q flush a.conf
	mv a.conf 2.conf
	setkey -n -f 1.conf -f 2.conf
	[ "$(setkey encode 1.conf 2.conf | wc -l)" = $(($(setkey encode 1.conf | wc -l) + $(setkey encode 2.conf | wc -l))) ]
}

@test "a pair is rotated as a mesh is, from the files that are in use" {
	pair 192.0.2.1 192.0.2.2 --net-a 10.1.0.0/16 --net-a 2001:db8:1::/48 --net-b 10.2.0.0/16 --net-b 2001:db8:2::/48
	cp a.conf before
	"$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 --net-a 10.1.0.0/16 --net-a 2001:db8:1::/48 --net-b 10.2.0.0/16 --net-b 2001:db8:2::/48 \
		--out-a a.conf --out-b b.conf --rotate
	cmp a.conf before
	"$SETKEY" peercheck a.next.conf b.next.conf
	for file in [ab].?-*.conf [ab].next.conf; do
		sound "$file"
	done
	[ "$(echo [ab].*)" = "a.1-add.conf a.2-switch.conf a.3-retire.conf a.conf a.next.conf b.1-add.conf b.2-switch.conf b.3-retire.conf b.conf b.next.conf" ]
	diff <(grep ^delete a.3-retire.conf | sort) <(sed -nE 's/^add ([^ ]+ [^ ]+ esp 0x[0-9a-f]+) .*/delete \1;/p' a.conf | sort)
	diff <(grep -v ^add a.conf) <(grep -v ^add a.next.conf)
	run "$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 --out-a a.conf --out-b b.conf --rotate
	[ "$status" = 1 ] && [[ $output == *"not finished"* ]]
	run "$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 --out-a a.conf --out-b b.conf --rotate --force
	[ "$status" = 1 ] && [[ $output == *"a rotation changes keys alone"* ]]
	run "$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 --out-a a.conf --rotate
	[ "$status" = 2 ] && [[ $output == *"the files in use"* ]]
	run "$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 --out-a a.conf --out-b none.conf --rotate --force
	[ "$status" = 3 ]
}
