#!/usr/bin/env bats
# setkey fmt: the layout changes, the meaning does not, and what is laid out stays as it is.

load ../lib
top=${top:?from lib.bash}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# Everything that the tests and examples have and that reads well
every_file() {
	local file
	for file in "$top"/tests/golden/*.conf "$top"/tests/{parse,lint}/*.conf "$top"/examples/*.conf; do
		setkey fmt "$file" >laid-out 2>/dev/null || continue
		echo "$file"
	done
}

@test "laid out, every file becomes the same messages, over both wires" {
	every_file >files
	[ "$(wc -l <files)" -gt 300 ]
	while read -r file; do
		setkey fmt "$file" >laid-out
		for via in xfrm pfkey; do
			diff -q <(setkey encode --via=$via "$file" 2>/dev/null) <(setkey encode --via=$via laid-out 2>/dev/null) ||
				{ echo "$file over $via" && return 1; }
		done
	done <files
}

@test "laid out twice is laid out once, and keeps every comment and word" {
	every_file >files
	while read -r file; do
		setkey fmt "$file" >once
		setkey fmt once | cmp once - || { echo "$file" && return 1; }
		setkey fmt --check once || { echo "$file" && return 1; }
		diff <(sed 's/\\\s*$//' "$file" | tr -d ' \t\r\n') <(sed 's/\\\s*$//' once | tr -d ' \t\r\n') || { echo "$file" && return 1; }
	done <files
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
