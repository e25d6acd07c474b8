#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # isolate is from lib
# Files that a file names, and keys that stand elsewhere: what they become, and who may read them.

load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	umask 077
	enc=0x8f3a6cd1e90b7254a1c6de08f79b3512
	auth=0x7fe8a30dbc91572e40d6f18b5ca9378f3a6cd1e90b7254a1c6de08f79b351264
	mkdir -p conf.d keys
	echo "key enc $enc; key auth $auth; # the key of the first link" >keys/link.keys
	echo "$enc" >keys/0x
	echo "${enc#0x}" >keys/bare
	printf '"sixteen characte"' >keys/quoted
	cat >main.conf <<-'END'
		define LEFT = 192.0.2.1;
		keys "keys/link.keys";
		add $LEFT 192.0.2.2 esp 0x1000 -m tunnel -E aes-cbc @enc -A hmac-sha256-128 @auth;
		add $LEFT 192.0.2.2 esp 0x1001 -E aes-cbc @file:keys/0x;
		add $LEFT 192.0.2.2 esp 0x1002 -E aes-cbc @file:keys/bare;
		add $LEFT 192.0.2.2 esp 0x1003 -E aes-cbc @file:keys/quoted;
		include "conf.d/*.conf";
	END
	# shellcheck disable=SC2016
	echo 'spdadd $LEFT 192.0.2.2 any -P out none;' >conf.d/10-first.conf
	echo 'spdadd 192.0.2.2 192.0.2.1 any -P in none;' >conf.d/20-second.conf
	cat >plain.conf <<-END
		add 192.0.2.1 192.0.2.2 esp 0x1000 -m tunnel -E aes-cbc $enc -A hmac-sha256-128 $auth;
		add 192.0.2.1 192.0.2.2 esp 0x1001 -E aes-cbc $enc;
		add 192.0.2.1 192.0.2.2 esp 0x1002 -E aes-cbc $enc;
		add 192.0.2.1 192.0.2.2 esp 0x1003 -E aes-cbc "sixteen characte";
		spdadd 192.0.2.1 192.0.2.2 any -P out none;
		spdadd 192.0.2.2 192.0.2.1 any -P in none;
	END
}

# has_no_key: not in the output
has_no_key() {
	[[ $output != *8f3a6cd1* && $output != *7fe8a30d* && $output != *sixteen* ]] || { echo "a key shows" && return 1; }
}

@test "names and files become what stands behind them" {
	diff <("$SETKEY" encode main.conf) <("$SETKEY" encode plain.conf)
	diff <(cd / && "$SETKEY" encode "$BATS_TEST_TMPDIR/main.conf") <("$SETKEY" encode plain.conf)
	diff <("$SETKEY" encode - <main.conf) <("$SETKEY" encode plain.conf)
}

@test "several files are one unit: what one defines, the next uses" {
	sed -n 1,2p main.conf >first.conf
	sed 1,2d main.conf >second.conf
	diff <("$SETKEY" encode first.conf second.conf) <("$SETKEY" encode plain.conf)
	run "$SETKEY" -n -f second.conf
	[ "$status" = 1 ]
}

@test "a file of keys that others can read or write is open-key-file" {
	for file in keys/link.keys keys/0x; do
		for mode in 640 604 620 602; do
			chmod $mode $file
			run "$SETKEY" -n -f main.conf
			echo "$output"
			[ "$status" = 1 ]
			[[ $output == *"$file holds keys, and "*" it (mode 0$mode) [open-key-file]"* ]]
			# one finding, not one for each key in it
			[ "$(grep -c 'error: ' <<<"$output")" = 1 ]
			has_no_key
			"$SETKEY" -n --insecure -f main.conf
			[ "$("$SETKEY" encode --insecure main.conf | wc -l)" = 7 ]
		done
		chmod 600 $file
	done
}

@test "what is wrong with a key in a file of its own is said, and nothing of the key" {
	cd "$BATS_TEST_TMPDIR"
	umask 077
	printf '9f3c1b7a 5e2d4886 0c71e4b3 5fa29d08\n' >groups
	printf '0x9f3c1b7a5e2d48860c71e4b35fa29dO8\n' >letter
	for file in groups letter; do
		run "$SETKEY" -n -e "add 192.0.2.1 192.0.2.2 esp 0x1000 -E aes-cbc @file:$file;"
		echo "$output"
		[ "$status" = 1 ]
		[[ $output != *9f3c* ]]
	done
	[[ $output == *"not a hex digit after its first 30 [named-file]"* ]]
}

@test "a file of keys holds nothing else" {
	echo 'flush;' >>keys/link.keys
	run "$SETKEY" -n -f main.conf
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"keys/link.keys:2:1: error: a file of keys holds nothing but key statements [named-file]"* ]]
	[[ $output == *"main.conf:2:1: note: named here"* ]]
	has_no_key
}

@test "a file of one key holds one key" {
	for text in '' ' ' "$enc $enc" "key x $enc;" "$enc;" '"sixteen' "${enc}0" "zz" "$(printf '%0300d' 0)"; do
		echo "$text" >keys/0x
		run "$SETKEY" -n -f main.conf
		echo "$output"
		[ "$status" = 1 ]
		[ "$(grep -c 'main.conf:4:43: error: ' <<<"$output")" = 1 ]
		has_no_key
	done
}

@test "a credential of a systemd service" {
	echo 'add 192.0.2.1 192.0.2.2 esp 0x1000 -E aes-cbc @cred:0x;' >cred.conf
	diff <(CREDENTIALS_DIRECTORY=$PWD/keys "$SETKEY" encode cred.conf) <(sed 's/@.*;/'"$enc"';/' cred.conf | "$SETKEY" encode -)
	run env -u CREDENTIALS_DIRECTORY "$SETKEY" -n -f cred.conf
	[ "$status" = 1 ]
	# shellcheck disable=SC2016
	[[ $output == *'there are no credentials: $CREDENTIALS_DIRECTORY is not set'* ]]
	run env CREDENTIALS_DIRECTORY="$PWD/none" "$SETKEY" -n -f cred.conf
	[ "$status" = 1 ]
	[[ $output == *"none/0x: No such file or directory"* ]]
}

@test "lint --no-keys judges everything but the keys that are not there" {
	rm -r keys
	run env -u CREDENTIALS_DIRECTORY "$SETKEY" lint --no-keys --format=gcc main.conf
	echo "$output"
	[[ $output != *undefined* && $output != *named-file* && $output != *SK114* && $output != *SK117* ]]
	cat >>main.conf <<-'END'
		add 192.0.2.1 192.0.2.2 esp 0x1004 -E 3des-cbc @nowhere;
		add 192.0.2.1 192.0.2.2 esp 0x1005 -E aes-cbc;
		add 192.0.2.1 192.0.2.2 esp 0x1006 -E aes-cbc 0x0011;
	END
	run "$SETKEY" lint --no-keys --format=gcc main.conf
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"main.conf:8:39: "*"[SK105]"* ]]
	[[ $output == *"main.conf:9:39: error: aes-cbc needs a key"*"[SK117]"* ]]
	[[ $output == *"main.conf:10:47: error: aes-cbc takes "*"[SK114]"* ]]
	run "$SETKEY" lint --format=gcc main.conf
	[[ $output == *"cannot read keys/link.keys"* && $output == *"cannot read keys/0x"* ]]
}

@test "lint --no-keys does not mind keys that are not for whoever checks" {
	[ "$(id -u)" = 0 ] || skip "it takes root to become somebody else"
	chmod 711 "$BATS_TEST_TMPDIR"
	chmod 644 main.conf conf.d/*
	chmod 755 conf.d keys
	run setpriv --reuid=65534 --regid=65534 --clear-groups "$SETKEY" lint --format=gcc main.conf
	[[ $output == *"cannot read keys/link.keys: Permission denied"* ]]
	run setpriv --reuid=65534 --regid=65534 --clear-groups "$SETKEY" lint --no-keys --format=gcc main.conf
	echo "$output"
	[[ $output != *undefined* && $output != *named-file* && $output != *"Permission denied"* ]]
}

@test "keys by name are judged as any others, where they are used" {
	sed -i "s/0x7fe8a30dbc9157.*;/0x$(printf 11%.0s {1..32});/" keys/link.keys
	run "$SETKEY" lint --format=gcc main.conf
	echo "$output"
	[[ $output == *"main.conf:3:77: "*"[SK202]"* ]]
	has_no_key
	# the same key twice, by its name and by its file
	[[ $output == *"[SK206]"* ]]
}

@test "a finding in a named file says who named it, in every form" {
	# shellcheck disable=SC2016
	echo 'add $LEFT 192.0.2.2 esp 0x1004 -E nothing;' >>conf.d/20-second.conf
	run "$SETKEY" lint main.conf
	[[ $output == *"conf.d/20-second.conf:2:35: error: unknown algorithm"*"main.conf:7:1: note: named here"* ]]
	for form in json jsonl; do
		[ "$("$SETKEY" lint --format=$form main.conf | jq -c '.findings? // [.] | .[] | select(.rule == "SK014") | .related[] | [.file, .line]')" = '["main.conf",7]' ]
	done
	[ "$("$SETKEY" lint --format=sarif main.conf | jq -c '.runs[].results[] | select(.ruleId == "SK014") | .relatedLocations[0].physicalLocation | [.artifactLocation.uri, .region.startLine]')" = '["main.conf",7]' ]
}

@test "files may include others 16 deep, and none itself" {
	for i in {1..17}; do
		echo "include \"$((i + 1)).conf\";" >"$i.conf"
	done
	echo 'flush;' >17.conf
	"$SETKEY" -n -f 1.conf
	echo 'include "18.conf";' >17.conf
	echo 'flush;' >18.conf
	run "$SETKEY" -n -f 1.conf
	[ "$status" = 1 ]
	[[ $output == *"17.conf:1:9: error: includes are nested more than 16 deep"* ]]
	ln 1.conf other-name.conf
	echo 'include "other-name.conf";' >5.conf
	run "$SETKEY" -n -f 1.conf
	[ "$status" = 1 ]
	[[ $output == *"5.conf:1:9: error: other-name.conf would include itself"* ]]
}

@test "only what include says is a pattern, not the directory of the file that says it" {
	for folder in 'we[ir]d' 'w*d' 'w?d' 'a\b' 'a\[b' '[' '*' '{x}' '~' ' '; do
		rm -rf -- place
		mkdir -p "place/$folder/conf.d" place/wed/conf.d place/weird/conf.d place/b/conf.d
		for other in place/wed place/weird place/b; do
			echo 'nonsense;' | tee $other/conf.d/10.conf >$other/one.conf
		done
		printf 'include "%s";\n' 'conf.d/1*.conf' 'one.conf' 'no*.conf' >"place/$folder/main.conf"
		echo 'include "20.conf"; include "[2]?.conf";' >"place/$folder/conf.d/10.conf"
		echo 'spdflush;' >"place/$folder/conf.d/20.conf"
		echo 'flush;' >"place/$folder/one.conf"
		for from in "place/$folder/main.conf" "$PWD/place/$folder/main.conf"; do
			run "$SETKEY" encode "$from"
			echo "$from: $output"
			[ "$status" = 0 ]
			[ "${#lines[@]}" = 3 ]
		done
		run bash -c 'cd "place/$1" && "$SETKEY" encode main.conf' - "$folder"
		[ "${#lines[@]}" = 3 ]
		rm "place/$folder/one.conf"
		run "$SETKEY" -n -f "place/$folder/main.conf"
		[ "$status" = 1 ]
		[[ $output == *"cannot read place/$folder/one.conf: No such file or directory"* ]]
	done
	# A name that is there is one, if nothing else fits.
	echo 'include "[x]/x[1].conf";' >name.conf
	mkdir '[x]'
	echo 'flush;' >'[x]/x[1].conf'
	[ "$("$SETKEY" encode name.conf | wc -l)" = 1 ]
}

@test "on standard input, exit; in a file that a statement includes ends that file" {
	printf 'flush;\nexit;\nnonsense;\n' >conf.d/10-first.conf
	printf '%s\n' 'include "conf.d/10-first.conf";' 'add 192.0.2.1 192.0.2.2 esp 0x1000 -E nothing;' 'exit;' 'nonsense;' >typed
	run "$SETKEY" -n -c <typed
	echo "$output"
	[ "$status" = 1 ]
	[ "$(grep -c error: <<<"$output")" = 1 ]
	[[ $output == *"2:40: error: unknown algorithm"* || $output == *"-:2:"*nothing* ]]
	need_namespace
	echo 'exit;' >conf.d/10-first.conf
	printf '%s\n' 'include "conf.d/10-first.conf";' 'spdadd 192.0.2.1 192.0.2.2 any -P out discard;' 'spddump;' 'quit;' nonsense >typed
	# shellcheck disable=SC2016
	run $isolate bash -c '"$SETKEY" -c <typed'
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *discard* ]]
}

@test "exact; and exit; end with the file they stand in" {
	printf 'exact;\nadd 192.0.2.1 192.0.2.2 esp 0x1008 -r 4096 -E null;\nexit;\nnonsense\n' >conf.d/10-first.conf
	echo 'add 192.0.2.1 192.0.2.2 esp 0x1004 -r 4096 -E null;' >conf.d/20-second.conf
	run "$SETKEY" -n -f main.conf
	echo "$output"
	[[ $output == *"20-second.conf:1:"* && $output != *"10-first.conf:"* ]]
}

@test "on standard input, a name holds for the statements behind its own" {
	# shellcheck disable=SC2016
	printf '%s\n' 'define LEFT = 192.0.2.1;' 'keys "keys/link.keys";' 'flush;' \
		'add $LEFT 192.0.2.2 esp 0x1000 -E aes-cbc @enc;' 'add $LEFT 192.0.2.2 esp 0x1000 -E aes-cbc @other;' >typed
	run "$SETKEY" -n -c <typed
	echo "$output"
	[ "$status" = 1 ]
	[ "$(grep -c error: <<<"$output")" = 1 ]
	[[ $output == *"5:43: error: @other is not defined"* ]]
}

@test "fmt formats the file, not those it names" {
	run "$SETKEY" fmt main.conf
	[ "$status" = 0 ]
	[ "$output" = "$(cat main.conf)" ]
	rm -r keys
	"$SETKEY" fmt --check main.conf
}

@test "lint --fix=inplace mends the files on the command line, and says of those they name that they stay" {
	printf 'flush;\r\n' >conf.d/10-first.conf
	cp conf.d/10-first.conf before
	printf '\r\n' >>main.conf
	run "$SETKEY" lint --fix=inplace main.conf
	echo "$output"
	cmp conf.d/10-first.conf before
	not grep $'\r' main.conf
	[[ $output == *"setkey: conf.d/10-first.conf stays as it is: it is only named in main.conf; name it here to have it mended"* ]]
	[[ $output == *"conf.d/10-first.conf:1:"*"[dos-line-ends]"* || $output == *"conf.d/10-first.conf:1:"* ]]
	"$SETKEY" lint --fix=inplace main.conf conf.d/10-first.conf || true
	[ "$(cat conf.d/10-first.conf)" = 'flush;' ]
	# Whatever the order, and once
	cp before conf.d/10-first.conf
	"$SETKEY" lint --fix=inplace conf.d/10-first.conf main.conf conf.d/10-first.conf || true
	[ "$(cat conf.d/10-first.conf)" = 'flush;' ]
}
