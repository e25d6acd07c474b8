#!/usr/bin/env bats
# When memory, files or the output fail: without a kernel.

load ../lib

setup() {
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
	for format in text json sarif; do
		sweep 3 "write+ ENOSPC" lint --fail-on=never --format=$format f.conf
	done
	memory lint --fail-on=never f.conf
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
