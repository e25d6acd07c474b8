#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# setkey fmt: the layout changes, the meaning does not, and what is laid out stays as it is.

load ../lib
top=${top:?from lib.bash}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

every_file=("$top"/tests/golden/*.conf "$top"/tests/{parse,lint}/*.conf "$top"/examples/*.conf)

# messages FILE: those for XFRM, and of every fifth file those for PF_KEY
messages() {
	setkey encode --via=xfrm "$1"
	((n % 5 != 0)) || setkey encode --via=pfkey "$1"
} 2>/dev/null

# bare FILE: sets what to what is in it but blanks and the \ at the ends of lines
bare() {
	what=$(tr -d '\0' <"$1")$'\n'
	what=${what//\\*([[:space:]])$'\n'/}
	what=${what//[[:space:]]/}
}

@test "laid out, every file becomes the same messages, keeps every comment and word, and is laid out" {
	shopt -s extglob
	n=0
	for file in "${every_file[@]}"; do
		setkey fmt "$file" >laid-out.$n 2>/dev/null || continue # what does not read
		[ "$(messages "$file")" = "$(messages laid-out.$n)" ] || { echo "$file" && return 1; }
		bare "$file"
		before=$what
		bare laid-out.$n
		[ "$what" = "$before" ] || { echo "$file" && return 1; }
		((++n))
	done
	[ $n -gt 300 ]
	run setkey fmt --check laid-out.*
	[ "$status$output" = 0 ]
}

@test "the layout" {
	printf '\n\nflush;spdflush; # both\r\n\n\n# alone\nadd 192.0.2.1 \\\n   192.0.2.2 esp\t0x1000 # inside\n -E aes-cbc "two  blanks; #  no";' >in
	printf 'flush;\nspdflush; # both\n\n# alone\nadd 192.0.2.1 192.0.2.2 esp 0x1000 # inside\n\t-E aes-cbc "two  blanks; #  no";\n' |
		diff - <(setkey fmt in)
	printf 'add 192.0.2.1 192.0.2.2 esp 0x1000 -m tunnel -E aes-cbc 0x%032d -A hmac-sha1 0x%040d;' 1 2 | setkey fmt |
		diff - <(printf 'add 192.0.2.1 192.0.2.2 esp 0x1000 -m tunnel\n\t-E aes-cbc 0x%032d\n\t-A hmac-sha1 0x%040d;\n' 1 2)
}

@test "what stands behind the end stays as it is, whatever the end is called" {
	for end in exit quit bye $'exit # now\n'; do
		printf 'flush ;  %s ;\n  "not  read   \001 # x   y\n' "$end" >in
		setkey fmt in >out
		diff <(tail -n 1 in) <(tail -n 1 out)
		grep -q '^flush;$' out
	done
}

@test "--check names what is not laid out; --inplace changes that and nothing else" {
	echo 'flush ;' >a.conf
	echo 'flush;' >b.conf
	chmod 640 a.conf
	run setkey fmt --check a.conf b.conf
	[ "$status" = 1 ] && [ "$output" = a.conf ]
	before=$(stat -c '%i %Y' b.conf)
	run setkey fmt --inplace a.conf b.conf
	[ "$status$output" = 0 ]
	cmp a.conf b.conf
	[ "$(stat -c %a a.conf)" = 640 ]
	[ "$(stat -c '%i %Y' b.conf)" = "$before" ]
	run setkey fmt --check a.conf b.conf
	[ "$status$output" = 0 ]
}

@test "what does not read is left alone, with its faults" {
	echo 'flush ; nonsense;' >a.conf
	run setkey fmt --inplace a.conf
	[ "$status" = 1 ]
	[[ $output == *'unknown statement "nonsense"'* ]]
	[ "$(cat a.conf)" = 'flush ; nonsense;' ]
	run setkey fmt nothing.conf
	[ "$status" = 3 ]
}

# Long runs of hex digits, in lower case, that are no plain number: what a key looks like, wherever it stands
digits() {
	tr 'A-F' 'a-f' <"$1" | grep -oE '(0x)?[0-9a-f]{16,}' | grep -vE '^([0-9]{16,20}|a*)$' | sort -u
}

@test "--mask-keys leaves no key in any file, and each reads as it did" {
	for ((n = 0; n < ${#every_file[@]}; n += 9)); do
		file=${every_file[n]}
		setkey fmt --mask-keys "$file" >masked.$n 2>/dev/null || continue
		digits "$file" >keys
		not grep -HoiFf keys masked.$n || { echo "$file" && return 1; }
		[ "$(setkey encode "$file" 2>/dev/null | wc -lc)" = "$(setkey encode masked.$n 2>/dev/null | wc -lc)" ] ||
			{ echo "$file" && return 1; }
	done
	run setkey fmt --check masked.*
	[ "$status$output" = 0 ]
}

@test "--mask-keys: equal keys stay equal, comments stay but for keys, the next copy has others" {
	cat >in <<-'END'
		#!/usr/sbin/setkey -f
		# west gateway, since 2026-11-28
		key gw1 0x0123456789abcdef0123456789abcdef;
		# add 192.0.2.1 192.0.2.9 esp 0x1 -E aes-cbc 0x00112233445566778899aabbccddeeff -A hmac-md5 "passwordpassword"; # old
		add 192.0.2.1 192.0.2.2 esp 0x1000 -E aes-cbc 0x00112233445566778899AABBCCDDEEFF -A hmac-md5 "sixteen bytes 16";
		add 192.0.2.1 192.0.2.2 esp 0x1001 -ctx 1 1 "system_u:object_r:ipsec_t:s0"
			-E aes-cbc 0x00112233445566778899aabbccddeeff -A hmac-md5 0x7369787465656e206279746573203136;
		add 192.0.2.1 192.0.2.2 esp 0x1002 -E aes-cbc @gw1;
		exit;
		0x00112233445566778899aabbccddeeff c0ffee00c0ffee00c0ffee00
	END
	setkey fmt --mask-keys in >a
	setkey fmt --mask-keys - <in >b
	[ "$(head -n 1 a)" = '#!/usr/sbin/setkey -f' ]
	sed -n 2p a | grep -q 'not the real keys'
	grep -q '^# west gateway, since 2026-11-28$' a
	grep -q 'ctx 1 1 "system_u:object_r:ipsec_t:s0"' a
	grep -q 'aes-cbc @gw1;' a
	not grep -Ei 'password|sixteen|c0ffee|8899aabb|89abcdef' a
	grep -oE '0x[0-9a-f]{32}' a >keys
	[ "$(wc -l <keys)" = 8 ]
	[ "$(sort -u keys | wc -l)" = 4 ]
	not cmp -s a b
	run setkey fmt --mask-keys --inplace in
	[ "$status" = 2 ] && [[ $output == *'which would lose the keys' ]]
	run setkey fmt --mask-keys --check in
	[ "$status" = 2 ]
}
