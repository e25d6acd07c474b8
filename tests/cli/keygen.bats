#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# setkey keygen: keys of the right length by construction, in every form, and never one key twice.

load ../lib

@test "every algorithm of Linux gets a key that a statement takes, of each length it has" {
	count=0
	while read -r name option _; do
		key=$("$SETKEY" keygen --allow-weak "$name" 2>&1)
		case $option in
		-A) statement="-E null -A $name $key" ;;
		-E) statement="-E $name $key" ;;
		esac
		echo "$statement"
		setkey -n -e "add 192.0.2.1 192.0.2.2 esp 0x1000 $statement;"
		count=$((count + 1))
	done < <("$SETKEY" algorithms | awk 'NR > 1 && $6 != "-" { sub(/ \(AEAD\)/, "") }
		NR > 1 && $6 == "yes" && $3 != "-" && $2 != "-C" && $1 != "des-32iv" { print $1, $2 }')
	[ $count -gt 25 ]
	for bits in 128 192 256; do
		[ "$("$SETKEY" keygen aes-cbc:$bits | wc -c)" = $((bits / 4 + 3)) ]
		[ "$("$SETKEY" keygen aes-gcm-16:$bits | wc -c)" = $((bits / 4 + 8 + 3)) ]
	done
}

@test "a thousand keys are a thousand different ones, and all their bits vary" {
	# shellcheck disable=SC2046 # a word for each
	"$SETKEY" keygen $(yes aes-cbc:128 | head -n 1000) >"$BATS_TEST_TMPDIR/keys"
	[ "$(sort -u "$BATS_TEST_TMPDIR/keys" | wc -l)" = 1000 ]
	for column in 3 10 17 34; do
		[ "$(cut -c $column "$BATS_TEST_TMPDIR/keys" | sort -u | wc -l)" = 16 ]
	done
}

@test "the forms: conf, env, json, raw" {
	[[ $("$SETKEY" keygen --format=conf hmac-sha256-128 aes-gcm-16) =~ ^-A\ hmac-sha256-128\ 0x[0-9a-f]{64}$'\n'-E\ aes-gcm-16\ 0x[0-9a-f]{72}$ ]]
	(
		eval "$("$SETKEY" keygen --format=env aes-cbc:128 hmac-sha1 aes-cbc:256)"
		# shellcheck disable=SC2153 # from eval
		[ "${#AES_CBC} ${#HMAC_SHA1} ${#AES_CBC_2}" = "34 42 66" ]
	)
	[ "$("$SETKEY" keygen --format=json aes-gcm-16:128 hmac-sha1 |
		jq -c '[.version, (.keys[] | [.algorithm, .bits, .salt_bits, (.key | length)])]')" = \
		'[1,["aes-gcm-16",160,32,42],["hmac-sha1",160,0,42]]' ]
	[ "$("$SETKEY" keygen --format=raw aes-gcm-16 hmac-sha1 | wc -c)" = 56 ]
}

@test "DES only when asked for, and with odd parity" {
	run "$SETKEY" keygen 3des-cbc
	[ "$status" = 2 ]
	[[ $output == *"--allow-weak"* ]]
	for _ in 1 2 3 4 5; do
		"$SETKEY" keygen --allow-weak --format=raw 3des-cbc des-cbc
	done | xxd -b -c 1 | awk '{ n += gsub(/1/, "1", $2) % 2 == 0 } END { exit n > 0 || NR != 160 }'
}

@test "what is no algorithm, takes no key or not that length is said, and nothing is printed" {
	for name in aes tcp-md5 null aes-cbc:100 hmac-sha256:x aes-cbc:; do
		run "$SETKEY" keygen aes-cbc "$name"
		echo "$output"
		[ "$status" = 2 ]
		[[ $output != *0x* ]]
	done
	run "$SETKEY" keygen
	[ "$status" = 2 ]
}

@test "the name of another program is answered with ours" {
	run "$SETKEY" keygen aes256gcm16
	[ "$status" = 2 ]
	[[ $output == *"write aes-gcm-16:256"* ]]
	run "$SETKEY" keygen sha256
	[ "$status" = 2 ]
	[[ $output == *"write hmac-sha256-128"* ]]
	run "$SETKEY" keygen aes-256-xts
	[ "$status" = 2 ]
	[[ $output != *write* ]]
}

@test "a file that others may read is warned of, one's own is not" {
	cd "$BATS_TEST_TMPDIR"
	[[ $("$SETKEY" keygen aes-cbc 2>&1 >open) == *"others may read"* ]]
	umask 077
	[ -z "$("$SETKEY" keygen aes-cbc 2>&1 >closed)" ]
}

# An HMAC of the key, by somebody else: 48 bits of it
fingerprint_of() {
	python3 -c 'import hashlib, hmac, sys
sum = hmac.new(b"setkey key fingerprint 1", bytes.fromhex(sys.argv[1][2:]), hashlib.sha256).hexdigest()
print("-".join(sum[i:i + 4] for i in (0, 4, 8)))' "$1"
}

@test "fingerprints name keys without showing them" {
	cd "$BATS_TEST_TMPDIR"
	umask 077
	"$SETKEY" keygen --fingerprints aes-gcm-16 hmac-sha256-128 >keys 2>said
	[ "$(cat said)" = "aes-gcm-16 $(fingerprint_of "$(sed -n 1p keys)")"$'\n'"hmac-sha256-128 $(fingerprint_of "$(sed -n 2p keys)")" ]
	"$SETKEY" keygen --pair 192.0.2.1 192.0.2.2 --fingerprints >a.conf
	read -r enc auth < <(grep -m 1 -oE '0x[0-9a-f]{64}' <(grep ^add a.conf) | head -n 2 | xargs)
	grep -q "^add .*; # -E $(fingerprint_of "$enc") -A $(fingerprint_of "$auth")$" a.conf
	"$SETKEY" -n -f a.conf
}

@test "keys with names go to a file, which grows and is never half written" {
	cd "$BATS_TEST_TMPDIR"
	umask 000
	[ -z "$("$SETKEY" keygen --keys-file secret.keys out-enc=aes-cbc:128 out-auth=hmac-sha256-128)" ]
	[ "$(stat -c %a secret.keys)" = 600 ]
	printf '# by hand\nkey mine 0x00112233' >>secret.keys
	echo ';' >>secret.keys
	"$SETKEY" keygen --keys-file secret.keys in-enc=aes-gcm-16:128
	[ "$(stat -c %a secret.keys)" = 600 ]
	[ "$(sed -E 's/0x[0-9a-f]+/KEY/' secret.keys)" = $'key out-enc KEY;\nkey out-auth KEY;\n# by hand\nkey mine KEY;\nkey in-enc KEY;' ]
	printf '%s\n' 'keys "secret.keys";' 'add 192.0.2.1 192.0.2.2 esp 0x1000 -E aes-gcm-16 @in-enc;' >a.conf
	"$SETKEY" -n -f a.conf

	cp secret.keys before
	refused() {
		run "$SETKEY" keygen --keys-file "$@"
		echo "$output"
		[ "$status" != 0 ]
		[[ ! $output =~ 0x[0-9a-f]{8} ]]
		cmp secret.keys before
	}
	refused secret.keys new=aes-cbc out-enc=aes-cbc
	[[ $output == secret.keys:7:5:*"[defined-twice]"* ]]
	refused secret.keys new=aes-cbc new=aes-cbc
	refused secret.keys aes-cbc
	refused secret.keys new=nonsense
	refused secret.keys $'x y=aes-cbc'
	refused nowhere/secret.keys new=aes-cbc
	chmod 640 secret.keys
	refused secret.keys new=aes-cbc
	[[ $output == *"mode 0640"* ]]
	chmod 600 secret.keys
	ln -s secret.keys link
	refused link new=aes-cbc
	echo 'flush;' >other.keys
	chmod 600 other.keys
	refused other.keys new=aes-cbc
	[ "$(cat other.keys)" = 'flush;' ]
	for words in 'exact;' 'define X = y;' 'key z 0x11; quit;' 'keys "secret.keys";'; do
		echo "$words" >other.keys
		refused other.keys new=aes-cbc
		[[ $output == *"nothing but key statements"* ]]
		[ "$(cat other.keys)" = "$words" ]
	done
	[ "$(echo .setkey*)" = '.setkey*' ]
}
