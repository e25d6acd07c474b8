#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# When memory, files or the output fail: without a kernel.

load ../lib

setup() {
	need_helpers || return
	cd "$BATS_TEST_TMPDIR" || return
	key=0x00c0ffee00c0ffee00c0ffee00c0ffee
	cat >f.conf <<-END
		add 192.0.2.1 192.0.2.2 esp 0x1001 -m tunnel -u 7 -E aes-cbc $key -A hmac-md5 $key;
		add 2001:db8::1 2001:db8::2 ah 0x1002 -A hmac-md5 $key;
		spdadd 10.0.0.0/8 10.1.0.0/16[80] tcp -P in ipsec esp/tunnel/192.0.2.1-192.0.2.2/unique;
	END
	"$SETKEY" encode f.conf >xfrm.hex
	"$SETKEY" encode --via=pfkey f.conf >pfkey.hex
}

sweep() {
	"$BATS_TEST_DIRNAME/sweep" "$@"
}

# The sanitizers bring an allocator of their own, and it does not run out.
memory() {
	[[ $SETKEY == */asan/* ]] || sweep 3 "alloc+ ENOMEM" "$@"
}

@test "a check" {
	sweep "3" "open ENOENT EACCES EMFILE" -n -f f.conf
	sweep "3" "read+ EIO" -n -f f.conf
	sweep "" "read EINTR" -n -f f.conf
	sweep "" "read+ short" -n -f f.conf
	sweep 3 "stat+ EIO" -n -f f.conf
	sweep 3 "close+ EIO EDQUOT" -n -f f.conf
	memory -n -f f.conf
}

@test "the files that a file names" {
	(umask 077 && echo "key one $key;" >own.keys && echo "$key" >one.key)
	mkdir d
	echo 'add 192.0.2.1 192.0.2.2 esp 0x1002 -E aes-cbc @one -A hmac-md5 @file:one.key;' >d/a.conf
	sed -i 's/@file:/@file:..\//' d/a.conf
	printf 'keys "own.keys";\ninclude "d/*.conf";\n' >names.conf
	"$SETKEY" encode names.conf >whole
	sweep "1 3" "open ENOENT EACCES EMFILE" encode names.conf
	sweep "1 3" "read+ EIO" encode names.conf
	sweep "" "read+ short" encode names.conf
	"$SETKEY" encode names.conf | cmp - whole
	memory encode names.conf
}

@test "lint" {
	sweep 3 "open EACCES" lint --fail-on=never f.conf
	sweep 3 "read+ EIO" lint --fail-on=never f.conf
	sweep "" "read+ short" lint --fail-on=never f.conf
	for format in text gcc json jsonl sarif github; do
		sweep 3 "write+ ENOSPC" lint --fail-on=never --format=$format f.conf
		[ $format = sarif ] || memory lint --fail-on=never --format=$format f.conf
	done
	sweep 3 "close+ EIO" lint --fail-on=never --format=json f.conf
}

# shellcheck disable=SC2086 # words
@test "lint by a file of its own, of what is in no report, with the edits it would make" {
	printf 'fail-on=never\nenable=SK101\n' >.setkey-lint
	"$SETKEY" lint --no-config --fail-on=never --format=json f.conf >old.json
	sed 's/hmac-md5/hmac-sha1/; s/$/\r/' f.conf >new.conf
	for more in --baseline=old.json --fix "--profile=strict --show-keys"; do
		run "$SETKEY" lint $more new.conf
		echo "$output"
		[ "$status" = 0 ]
		sweep "1 3" "open+ EACCES EMFILE" lint --fail-on=never $more new.conf
		sweep 3 "read+ EIO" lint --fail-on=never $more new.conf
		sweep 3 "write+ ENOSPC" lint --fail-on=never $more new.conf
		memory lint --fail-on=never $more new.conf
	done
}

# reads COMMAND...: it reads files and prints
reads() {
	sweep 3 "open EACCES EMFILE" "$@"
	sweep 3 "read+ EIO" "$@"
	sweep "" "read EINTR" "$@"
	sweep "" "read+ short" "$@"
	sweep 3 "stat EIO" "$@"
	sweep 3 "write+ ENOSPC EPIPE EIO" "$@"
	sweep "" "write+ short" "$@"
	memory "$@"
}

@test "fmt" {
	reads fmt f.conf
	"$SETKEY" fmt f.conf >neat.conf
	sweep 3 "read+ EIO" fmt --check neat.conf
	sweep "" "read+ short" fmt --check neat.conf
	memory fmt --check neat.conf
}

@test "mirror and peercheck" {
	reads mirror f.conf
	sweep 3 "close+ EIO EDQUOT" mirror f.conf
	"$SETKEY" mirror f.conf >g.conf
	sweep 3 "open EACCES EMFILE" peercheck f.conf g.conf
	sweep 3 "read+ EIO" peercheck f.conf g.conf
	sweep "" "read EINTR" peercheck f.conf g.conf
	sweep "" "read+ short" peercheck f.conf g.conf
	memory peercheck f.conf g.conf
}

# printed COMMAND...: it prints what it knows
printed() {
	sweep 3 "write+ ENOSPC EPIPE EIO" "$@"
	sweep "" "write+ short" "$@"
	sweep 3 "close EIO" "$@"
}

@test "what is known: algorithms, explain, words to complete with, help, the version" {
	printed algorithms
	printed explain SK114
	printed explain
	printed complete options lint
	printed complete algorithms
	printed --help
	printed keygen --help
	printed --version
}

@test "encode" {
	for via in xfrm pfkey; do
		sweep "3" "open ENOENT" encode --via=$via f.conf
		sweep "3" "read EIO" encode --via=$via f.conf
		sweep "" "read+ short" encode --via=$via f.conf
		sweep "3" "write+ ENOSPC EPIPE" encode --via=$via f.conf
		sweep "3" "write+ EIO" encode --annotate --via=$via f.conf
		memory encode --annotate --via=$via f.conf
	done
}

@test "decode, in every format" {
	for hex in xfrm.hex pfkey.hex; do
		sweep "3" "open ENOENT" decode $hex
		sweep "" "read+ short" decode $hex
		for format in classic conf json ip table dot; do
			sweep "3" "read EIO" decode --show-keys --format=$format $hex
			sweep "3" "write+ ENOSPC EPIPE" decode --show-keys --format=$format $hex
			memory decode --show-keys --format=$format $hex
		done
	done
}
