#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# No key is in memory any more when setkey ends, whatever it did with the kernel: tests/lab/remains looks.

setup() {
	[[ $SETKEY != */asan/* ]] || skip "the sanitizers keep what is freed"
	cd "$BATS_TEST_TMPDIR" || return
	ip -batch - <<<$'xfrm state flush\nxfrm policy flush'
	lab=${SETKEY%/setkey}/lab
	export STOP=$lab/libstop.so
	key=0x8f3a6cd1e90b7254a1c6de08f79b3512647fe8a30dbc91572e40d6f18b5ca937
	echo "$key" >key
	cat >f.conf <<-END
		flush;
		add 192.0.2.1 192.0.2.2 esp 0x1001 -m tunnel -E aes-cbc $key -A hmac-sha256 $key;
		add 2001:db8::1 2001:db8::2 esp 0x1002 -E aes-cbc $key;
	END
}

# forgets COMMAND...: it leaves nothing, and there was something, if the command was to show keys
forgets() {
	run "$lab/remains" key "$SETKEY" "$@"
	judge "$@"
}

judge() {
	echo "setkey ${*//$key/KEY}: ${output//$key/KEY}"
	[ "$status" = 0 ]
	[[ $* != *--show-keys* || $* =~ =table|=dot || $output == *8f3a6cd1* ]]
}

@test "a load, of a file and of standard input, refused or not" {
	for via in xfrm pfkey; do
		forgets --via=$via -f f.conf
		[ "$(ip xfrm state | grep -c ^src)" = 2 ]
		forgets --via=$via -c <f.conf
		sed 1d f.conf >again.conf
		forgets --via=$via -f again.conf
		forgets --via=$via -v -f f.conf
		forgets --via=$via -H -f f.conf
	done
}

@test "a load of a file whose keys are elsewhere, and a dump to such files" {
	(umask 077 && echo "key one $key;" >own.keys && cp key one.key)
	cat >refs.conf <<-END
		keys "own.keys";
		flush;
		add 192.0.2.1 192.0.2.2 esp 0x1001 -m tunnel -E aes-cbc @one -A hmac-sha256 @one;
		add 2001:db8::1 2001:db8::2 esp 0x1002 -E aes-cbc @file:one.key;
	END
	for via in xfrm pfkey; do
		forgets --via=$via -f refs.conf
		[ "$(ip xfrm state | grep -c "${key#0x}")" = 3 ]
		forgets --via=$via -c <refs.conf
		forgets dump --via=$via --format=conf --key-refs
		forgets dump --via=$via --format=conf --keys-to=to.keys --force
		[ "$(grep -c "$key" to.keys)" = 3 ]
	done
	forgets lint refs.conf
}

@test "a dump by fingerprints, lint of what the kernel holds, a flush" {
	"$SETKEY" -f f.conf
	for via in xfrm pfkey; do
		forgets dump --via=$via --fingerprints
		forgets dump --via=$via --count
		forgets lint --via=$via --kernel --fail-on=never --format=json
	done
	forgets dump --verbose
	forgets lint --kernel --fail-on=never f.conf
	forgets -F
}

@test "an update, a get and what deletes all" {
	cat >f2.conf <<-END
		update 192.0.2.1 192.0.2.2 esp 0x1001 -m tunnel -lh 100 -ls 50 -E aes-cbc $key -A hmac-sha256 $key;
		get 192.0.2.1 192.0.2.2 esp 0x1001;
		deleteall 192.0.2.1 192.0.2.2 esp;
	END
	for via in xfrm pfkey; do
		"$SETKEY" -f f.conf
		forgets --via=$via -f f2.conf
		[ "$(ip xfrm state | grep -c ^src)" = 1 ]
	done
}

@test "a dump, in every format, keys shown and masked" {
	"$SETKEY" -f f.conf
	for via in xfrm pfkey; do
		forgets --via=$via -D
		for format in classic conf json ip table dot; do
			forgets dump --via=$via --format=$format
			forgets dump --via=$via --format=$format --show-keys
		done
	done
}

# watches COMMAND...: as forgets, while SAs come and go, until it has told of both; then comes SIGTERM
watches() {
	local i
	"$lab/remains" -s 60 key "$SETKEY" "$@" >heard 2>&1 3>&- &
	for ((i = 0; i < 100; i++)); do
		"$SETKEY" -f f.conf
		"$SETKEY" -F
		sleep 0.1
		! awk '/add| type=3 / { added = 1 } added && /flush| type=9 / { gone = 1 } END { exit !gone }' heard || break
	done
	kill -ALRM $!
	status=0
	wait $! || status=$?
	output=$(<heard)
	judge "$@"
	[ $i -lt 100 ]
}

@test "a monitor" {
	watches monitor
	watches monitor --show-keys
	watches monitor --show-keys --format=json
	watches monitor --via=pfkey --show-keys
	watches -x --via=pfkey
	watches -x -H --via=pfkey --show-keys
}
