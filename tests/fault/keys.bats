#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# No key is in memory any more when setkey ends, whatever it did: tests/lab/remains looks.

load ../lib

setup() {
	need_helpers || return
	[[ $SETKEY != */asan/* ]] || skip "the sanitizers keep what is freed"
	cd "$BATS_TEST_TMPDIR" || return
	lab=${SETKEY%/setkey}/lab
	export STOP=$lab/libstop.so
	key=0x8f3a6cd1e90b7254a1c6de08f79b3512647fe8a30dbc91572e40d6f18b5ca937
	echo "$key" >key
	cat >f.conf <<-END
		add 192.0.2.1 192.0.2.2 esp 0x1001 -m tunnel -E aes-cbc $key -A hmac-sha256 $key;
		add 2001:db8::1 2001:db8::2 esp 0x1002 -E aes-cbc ${key^^[a-f]};
		spdadd 10.0.0.0/8 10.1.0.0/16[80] tcp -P in ipsec esp/tunnel/192.0.2.1-192.0.2.2/unique;
	END
}

# forgets COMMAND...: it leaves nothing, and there was something, if the command was to show keys
forgets() {
	run "$lab/remains" key "$SETKEY" "$@"
	echo "setkey ${*//$key/KEY}: ${output//$key/KEY}"
	[ "$status" = 0 ]
	[[ $* != *--show-keys* || $* =~ =table|=dot || $output == *8f3a6cd1* ]]
}

@test "what is left is found" {
	run "$lab/remains" key bash -c 'read -r line <f.conf'
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"of the key is left at"* ]]
	run "$lab/remains" key env "$key"
	[ "$status" = 1 ]
	[[ $output == *"[stack]"* ]]
}

@test "a check of a file, of standard input, of a string" {
	forgets -n -f f.conf
	forgets -n -f - <f.conf
	forgets -n -c <f.conf
	forgets -n -e "$(<f.conf)"
}

@test "a file with errors" {
	sed 's/tunnel -E/tunel -E/; s/hmac-sha256/hmac-sha/; $s/;//' f.conf >bad.conf
	forgets -n -f bad.conf
	forgets encode bad.conf
}

@test "statements typed on a terminal" {
	{
		cat f.conf
		echo "exit;"
	} >typed
	run "$lab/remains" -t typed key "$SETKEY" -n -c
	echo "$output"
	[ "$status" = 0 ]
}

@test "encode" {
	for via in xfrm pfkey; do
		forgets encode --via=$via f.conf
		forgets encode --via=$via --annotate f.conf
	done
}

@test "decode, in every format, keys shown and masked" {
	for via in xfrm pfkey; do
		"$SETKEY" encode --via=$via f.conf >$via.hex
		xxd -r -p $via.hex >$via.bin
		forgets $via.bin
		for format in classic conf json ip table dot; do
			forgets decode --format=$format $via.hex
			forgets decode --format=$format --show-keys $via.hex
			forgets decode --format=$format --show-keys --annotate $via.bin
		done
	done
}

@test "lint, whose findings are about the key" {
	forgets lint f.conf
	forgets lint --format=gcc - <f.conf
	sed "s/${key:0:34}[0-9a-f]*/${key:0:34}/g; s/hmac-sha256 [^;]*/hmac-sha1 \"changeme 12345678901\"/" f.conf >more.conf
	forgets lint more.conf
}

@test "fmt, and the edits of lint" {
	forgets fmt f.conf
	forgets fmt --check <("$SETKEY" fmt f.conf)
	sed 's/$/\r/' f.conf >dos.conf
	cp dos.conf again.conf
	forgets fmt --inplace dos.conf
	forgets lint --fail-on=never --disable=readable-keys --fix again.conf
	forgets lint --fail-on=never --fix --show-keys again.conf
	forgets lint --fail-on=never --fix=inplace again.conf
	not grep -q $'\r' dos.conf again.conf
}

@test "lint, in every form, by a report of old and by other advice" {
	for format in text gcc json jsonl sarif github; do
		forgets lint --fail-on=never --format=$format --profile=strict f.conf
		forgets lint --fail-on=never --format=$format f.conf
	done
	"$SETKEY" lint --format=json f.conf >old.json || [ $? = 1 ]
	forgets lint --fail-on=never --baseline=old.json f.conf
}

# Random ones, which would be anything, are those of libfault.
@test "random keys" {
	export STOP="$STOP $lab/libfault.so" FAULT="random 1+ known"
	echo 0x8f3a6cd1e90b7254 >key
	for format in hex conf json env raw; do
		forgets keygen --format=$format aes-cbc:256 hmac-sha256
	done
	forgets keygen --pair 192.0.2.1 192.0.2.2 --out-a a.conf --out-b b.conf --fingerprints
	grep -q 8f3a6cd1e90b7254 a.conf
	printf '%s\n' 'alpha 192.0.2.1' 'beta 192.0.2.2' >hosts
	forgets keygen --mesh hosts --out mesh
	forgets keygen --mesh hosts --out mesh --rotate
}

@test "what keys are made of, and what is made" {
	(umask 077 && xxd -r -p <<<"${key#0x}" >secret)
	derive=(keygen --pair 192.0.2.1 192.0.2.2 --derive --secret-file secret --context c)
	forgets "${derive[@]}"
	forgets "${derive[@]}" --out-a a.conf --keys-file a.keys --fingerprints
	for made in $("$SETKEY" "${derive[@]}" | grep -oE '0x[0-9a-f]{64}'); do
		echo "$made" >key
		forgets "${derive[@]}"
		forgets "${derive[@]}" --out-b b.conf --force --fingerprints
	done
	forgets mirror a.conf
	"$SETKEY" mirror b.conf >c.conf
	forgets mirror b.conf
	forgets peercheck b.conf c.conf
}
