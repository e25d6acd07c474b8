#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # top is lib.bash's
# setkey keygen --derive: both ends make the same keys of one secret, as the manual says and as others compute them.

load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	umask 077
	head -c 40 /dev/urandom >secret
	derive=(--derive --secret-file secret)
}

# The keys of the first SA, and its SPI, by nobody's library but Python's: the manual's words made code.
recompute() {
	python3 - "$@" <<-'END'
		import hashlib, hmac, ipaddress, sys
		context, epoch, src, dst, proto, enc, encbits, auth, authbits, low, high = sys.argv[1:]
		def field(b): return len(b).to_bytes(2, "big") + b
		def hkdf(info, n):
		    prk = hmac.new(b"setkey keygen --derive 1", open("secret", "rb").read(), hashlib.sha256).digest()
		    out, t, i = b"", b"", 1
		    while len(out) < n:
		        t = hmac.new(prk, t + info + bytes([i]), hashlib.sha256).digest()
		        out, i = out + t, i + 1
		    return out[:n]
		def part(spi, name, bits, purpose, n):
		    return hkdf(b"".join(map(field, [context.encode(), epoch.encode(), ipaddress.ip_address(src).packed,
		        ipaddress.ip_address(dst).packed, proto.encode(), spi.to_bytes(4, "big"), name.encode(),
		        bits.to_bytes(4, "big"), purpose.encode()])), n)
		low, high = int(low, 16), int(high, 16)
		spi = low + int.from_bytes(part(0, "", 0, "spi", 8), "big") % (high - low + 1)
		print("0x%x" % spi)
		for name, bits, purpose in (enc, int(encbits), "encryption"), (auth, int(authbits), "authentication"):
		    if bits:
		        print("0x" + part(spi, name, bits, purpose, bits // 8).hex())
	END
}

# made FILE SRC DST: SPI and keys of that SA
made() {
	grep "^add $2 $3 " "$1" | grep -oE '0x[0-9a-f]+'
}

@test "another program computes the same keys from the manual's words" {
	"$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 "${derive[@]}" --context "site 7" >a.conf
	diff <(made a.conf 192.0.2.1 192.0.2.2) \
		<(recompute "site 7" "" 192.0.2.1 192.0.2.2 esp aes-cbc 256 hmac-sha256-128 256 0x1000 0xffffffff)
	diff <(made a.conf 192.0.2.2 192.0.2.1) \
		<(recompute "site 7" "" 192.0.2.2 192.0.2.1 esp aes-cbc 256 hmac-sha256-128 256 0x1000 0xffffffff)
	"$SETKEY" keygen --pair 2001:db8::1 2001:db8::2 "${derive[@]}" --context c --epoch 2026-01 --alg aes-gcm-16:128 --spi-range 0x2000-0x2fff >b.conf
	diff <(made b.conf 2001:db8::1 2001:db8::2) \
		<(recompute c 2026-01 2001:db8::1 2001:db8::2 esp aes-gcm-16 160 - 0 0x2000 0x2fff)
	"$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 "${derive[@]}" --context c --proto=ah --alg hmac-sha512-256 >c.conf
	diff <(made c.conf 192.0.2.1 192.0.2.2) <(recompute c "" 192.0.2.1 192.0.2.2 ah - 0 hmac-sha512-256 512 0x1000 0xffffffff)
}

# RFC 5869, appendix A.1 to A.3
@test "the library is asked rightly: the test vectors of RFC 5869" {
	hkdf=$top/build/lab/hkdf
	need_helpers
	[ "$("$hkdf" 0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b 000102030405060708090a0b0c f0f1f2f3f4f5f6f7f8f9 42)" = \
		3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865 ]
	[ "$("$hkdf" "$(printf %02x {0..79})" "$(printf %02x {96..175})" "$(printf %02x {176..255})" 82)" = \
		b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87 ]
	[ "$("$hkdf" 0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b "" "" 42)" = \
		8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8 ]
}

@test "each end makes its own file, and they fit together" {
	nets=(--net-a 10.1.0.0/16 --net-b 10.2.0.0/16)
	"$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 "${nets[@]}" "${derive[@]}" --context c >a.conf
	"$SETKEY" keygen --pair 192.0.2.2 192.0.2.1 --net-a 10.2.0.0/16 --net-b 10.1.0.0/16 "${derive[@]}" --context c >b.conf
	"$SETKEY" peercheck a.conf b.conf
	"$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 "${nets[@]}" "${derive[@]}" --context c | diff - a.conf
	setkey lint --no-config --severity=open-place=off --profile=strict --fail-on=warning a.conf
}

@test "another secret, context, epoch, direction or algorithm is another key, and none is there twice" {
	all() {
		"$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 "${derive[@]}" "$@" | grep -oE '0x[0-9a-f]{64}'
	}
	{
		all --context c
		all --context d
		all --context c --epoch 1
		all --context c1
		all --context c --alg camellia-cbc
		all --context c --alg aes-cbc+hmac-sha256-96
		all --context c --proto ah
		echo another 40 bytes, which are a secret too >secret
		all --context c
	} >keys
	# The same cipher with another hash has the same key; the two of the first, and of the last but two.
	[ "$(wc -l <keys)" = 30 ]
	[ "$(sort -u keys | wc -l)" = 26 ]
}

@test "a mesh, on each of its machines" {
	printf '%s\n' 'alpha 192.0.2.1' 'beta 192.0.2.2' 'gamma 192.0.2.3' >hosts
	"$SETKEY" keygen --mesh hosts --out one "${derive[@]}" --context c
	sort -r hosts >turned
	"$SETKEY" keygen --mesh turned --out two "${derive[@]}" --context c
	"$SETKEY" peercheck one/alpha.conf two/beta.conf
	"$SETKEY" peercheck two/gamma.conf one/beta.conf
	run "$SETKEY" keygen --mesh hosts --out one "${derive[@]}" --context c --rotate
	[ "$status" = 1 ]
	[[ $output == *"choose another --context or --epoch" ]]
	"$SETKEY" keygen --mesh hosts --out one "${derive[@]}" --context c --epoch 2 --rotate
	[ -e one/alpha.next.conf ]
}

@test "what is missing, open to others, too short or would repeat a counter is refused" {
	refused() {
		local want=$1
		shift
		run "$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 "$@"
		echo "$output"
		[ "$status" = "${expected-2}" ]
		[[ $output == *"$want"* ]]
	}
	refused "--derive takes" --derive
	refused "--derive takes" --derive --secret-file secret
	refused "--derive takes" --secret-file secret --context c
	refused "--derive takes" --epoch 1
	for alg in aes-gcm-16 aes-ccm-8 aes-ctr aes-gmac chacha20-poly1305; do
		refused "with --epoch" "${derive[@]}" --context c --alg $alg
	done
	expected=3 refused "cannot read nowhere" --derive --secret-file nowhere --context c
	head -c 31 secret >short
	expected=1 refused "at least 32" --derive --secret-file short --context c
	chmod 640 secret
	expected=1 refused "mode 0640" "${derive[@]}" --context c
	run "$SETKEY" keygen aes-cbc "${derive[@]}" --context c
	[ "$status" = 2 ]
}
