#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What is chosen for lint, and where; what is known already; what is mended.

load ../lib
top=${top:?from lib.bash}
key=0x9f3c1b7a5e2d48860c71e4b35fa29d08

setup() {
	mkdir "$BATS_TEST_TMPDIR/site"
	cd "$BATS_TEST_TMPDIR/site" || return
	unset SETKEY_LINT_OPTS
	umask 077
	echo "add 192.0.2.1 192.0.2.2 esp 0x1000 -E aes-cbc $key;" >sa.conf
	echo "add 192.0.2.1 192.0.2.2 esp 0x1001 -m tunnel -E aes-cbc 0x12;" >short.conf
}

lint() {
	setkey lint --format=gcc "$@"
}

@test "--disable and --enable take numbers and words, and the last word counts" {
	[[ $(lint sa.conf) == *SK101* ]]
	[[ $(lint --disable=SK101 sa.conf) != *SK101* ]]
	[[ $(lint --disable=no-integrity --enable=sk101 sa.conf) == *SK101* ]]
	run lint --disable=nonsense sa.conf
	[ "$status" = 2 ]
}

@test "what no kernel takes stays an error" {
	for option in --disable=SK114 --severity=key-length=warning --severity=SK001=off; do
		run lint $option short.conf
		[ "$status" = 2 ]
		[[ $output == *"stays an error: the kernel would refuse the statement"* ]]
	done
	run lint --severity=SK114=error short.conf
	[ "$status" = 1 ]
}

@test "every rule that a profile names exists, and is none that cannot be lowered" {
	setkey lint --list-rules | cut -d ' ' -f 1 >rules
	grep -o '"SK[0-9]*"' "$top/src/lint/profile.c" | tr -d '"' | sort -u >named
	[ "$(wc -l <named)" -gt 3 ]
	run comm -23 named <(sort rules)
	[ -z "$output" ]
	for profile in $(setkey complete values profile lint); do
		setkey lint --profile="$profile" </dev/null
	done
	run lint --profile=nonsense
	[ "$status" = 2 ]
}

@test "a profile changes what is found; what is said of one rule counts more" {
	[[ $(lint --profile=lab sa.conf) != *SK101* ]]
	[[ $(lint --enable=SK101 --profile=lab sa.conf) == *SK101* ]]
	echo "add 192.0.2.1 192.0.2.2 esp 0x1000 -E aes-gcm-16 ${key}00112233; # 128 bits" >gcm.conf
	echo "add 192.0.2.1 192.0.2.2 esp 0x1001 -E aes-gcm-16 ${key}${key#0x}00112233; # 256 bits" >>gcm.conf
	echo "add 192.0.2.1 192.0.2.2 esp 0x1002 -E camellia-cbc $key -A hmac-md5 ${key};" >>gcm.conf
	[[ $(lint gcm.conf) != *SK116* ]]
	[ "$(lint --profile=cnsa gcm.conf | grep SK116 | cut -d : -f 2,3 | tr '\n' ' ')" = "1:39 3:39 3:90 " ]
	[ "$(lint --profile=bsi gcm.conf | grep SK116 | cut -d : -f 2,3 | tr '\n' ' ')" = "3:39 3:90 " ]
	echo "add 192.0.2.1 192.0.2.2 esp 0x1003 -E aes-cbc 0x789770d09bcedfdb1478ee068c1c7d714edaf89a0fd1d3d5 -A aes-cmac $key;" >nist.conf
	run lint --profile=nist nist.conf # neither 192 bits nor CMAC is a fault to NIST
	[[ $status == 0 && $output != *SK115* && $output != *SK116* ]]
}

@test "a file .setkey-lint beside the first file or above it, then the environment, then the command line" {
	mkdir -p deep/er
	cp sa.conf deep/er
	printf '# of the house\n\ndisable=SK101   # for now\n--severity=SK102=info\n' >.setkey-lint
	# For people it is said which file counts, once.
	for operand in sa.conf deep/er/sa.conf; do
		run setkey lint $operand
		echo "$output"
		[ "$status$output" = "0setkey: using $BATS_TEST_TMPDIR/site/.setkey-lint" ]
		run setkey lint --format=gcc $operand
		[ "$status$output" = 0 ]
	done
	run setkey lint - <sa.conf
	[ "$status" = 0 ]
	run setkey lint --enable=SK101 --format=gcc sa.conf
	[[ $status == 1 && $output == *"[SK101]" ]]
	SETKEY_LINT_OPTS='--severity=SK101=warning --format=json' run setkey lint sa.conf
	[ "$(jq -r '.findings[0].severity' <<<"$output")" = warning ]
	SETKEY_LINT_OPTS="--enable=SK101 --format=gcc" run setkey lint --disable=SK101 sa.conf
	[ "$status$output" = 0 ]
	SETKEY_LINT_OPTS=--disable=SK101 run setkey lint --no-config sa.conf
	[[ $status == 1 && $output == *"[no-integrity]"* ]]
	cd /
	run setkey lint --format=gcc "$BATS_TEST_TMPDIR/site/sa.conf"
	[ "$status$output" = 0 ]
	echo enable=SK101 >"$BATS_TEST_TMPDIR/site/deep/.setkey-lint"
	run setkey lint "$BATS_TEST_TMPDIR/site/deep/er/sa.conf"
	[ "$status" = 1 ]
}

@test "a file .setkey-lint that others can have written does not count" {
	chmod 755 "$BATS_TEST_TMPDIR" .
	mkdir deep
	cp sa.conf deep
	echo disable=SK101 >deep/.setkey-lint
	for mode in 664 646 666; do
		chmod $mode deep/.setkey-lint
		run setkey lint deep/sa.conf
		echo "$output"
		[ "$status" = 1 ]
		[[ $output == *"setkey: $PWD/deep/.setkey-lint is ignored: it can be written by others than its owner; chmod go-w"* ]]
		[[ $output == *"[no-integrity]"* && $output != *"using "* ]]
	done
	chmod 644 deep/.setkey-lint
	setkey lint deep/sa.conf
	# Then one above it does.
	echo severity=SK101=info >.setkey-lint
	chmod 666 deep/.setkey-lint
	run setkey lint deep/sa.conf
	[[ $status == 0 && $output == *"using $PWD/.setkey-lint"*"info: "*"[no-integrity]"* ]]
	[ "$(id -u)" = 0 ] || return 0
	# Where everybody can look at the folders above
	open=$(mktemp -d)
	chmod 755 "$open"
	cp -r . "$open/site"
	cd "$open/site"
	chmod 755 . deep
	chmod 644 deep/.setkey-lint .setkey-lint
	chown 65534 deep/sa.conf
	chown 65534 deep/.setkey-lint
	run setkey lint deep/sa.conf
	echo "$output"
	[[ $status == 0 && $output == *"deep/.setkey-lint is ignored: it belongs to somebody else"*"info: "* ]]
	# For its owner it does, and root's for everybody.
	run setpriv --reuid=65534 --regid=65534 --clear-groups "$SETKEY" lint deep/sa.conf
	[[ $status == 0 && $output == "setkey: using $PWD/deep/.setkey-lint" ]]
	rm deep/.setkey-lint
	run setpriv --reuid=65534 --regid=65534 --clear-groups "$SETKEY" lint deep/sa.conf
	cd /
	rm -r "$open"
	[[ $status == 0 && $output == "setkey: using $open/site/.setkey-lint"* ]]
}

@test "a file .setkey-lint above the repository does not count" {
	mkdir -p repository/deep
	cp sa.conf repository/deep
	echo disable=SK101 >.setkey-lint
	setkey lint repository/deep/sa.conf
	for mark in .git .hg .svn; do
		mkdir repository/$mark
		run setkey lint repository/deep/sa.conf
		[[ $status == 1 && $output == *"[no-integrity]"* ]]
		rmdir repository/$mark
	done
	echo 'gitdir: elsewhere' >repository/.git
	run setkey lint repository/deep/sa.conf
	[ "$status" = 1 ]
	echo disable=SK101 >repository/.setkey-lint
	setkey lint repository/deep/sa.conf
}

@test "a file .setkey-lint that is no file, or a very large one, does no harm" {
	mkfifo .setkey-lint
	run setkey lint sa.conf
	[ "$status" = 3 ]
	[[ $output == "setkey: cannot read "*"/.setkey-lint: not a regular file" ]]
	rm .setkey-lint
	truncate -s 1G .setkey-lint
	run setkey lint sa.conf
	[ "$status" = 3 ]
	[[ $output == "setkey: cannot read "*"/.setkey-lint: File too large" ]]
	rm .setkey-lint
	[ "$(id -u)" = 0 ] || return 0
	ln -s /dev/zero .setkey-lint
	run setkey lint sa.conf
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"/.setkey-lint is ignored"* ]]
}

@test "a file .setkey-lint of nonsense, or about more than rules, is wrong usage" {
	for line in nonsense severity=SK101 sa.conf fix=inplace '--fix' show-keys --show-keys list-rules format=gcc baseline=x.json \
		no-keys insecure kernel severity enable= enables=SK101 via=pfkey help; do
		echo "$line" >.setkey-lint
		run setkey lint sa.conf
		[ "$status" = 2 ]
		[[ $output == *"/.setkey-lint"* ]]
	done
	rm .setkey-lint
	mkdir .setkey-lint
	run setkey lint sa.conf
	[ "$status" = 3 ]
	[[ $output == "setkey: cannot read "*"/.setkey-lint: Is a directory" ]]
	rmdir .setkey-lint
	SETKEY_LINT_OPTS='--severity=SK101=loud' run setkey lint sa.conf
	[[ $status == 2 && $output == *SETKEY_LINT_OPTS* ]]
}

@test "what a baseline holds is not reported again, wherever it has moved; what is new is" {
	setkey lint --format=json sa.conf short.conf >baseline.json || true
	run grep -c -e "${key#0x}" baseline.json
	[ "$output" = 0 ]
	run lint --baseline=baseline.json sa.conf
	[ "$status$output" = 0 ]
	{ printf '# more\n\n'; sed 's/ -E/\t-E/' sa.conf; } >moved && mv moved sa.conf
	run lint --baseline=baseline.json sa.conf
	[ "$status$output" = 0 ]
	# What no kernel takes stays.
	run lint --baseline=baseline.json short.conf
	[[ $status == 1 && $output == *SK114* && $output != *SK101* ]]
	sed -n 's/0x1000/0x1002/p' sa.conf >line.conf && cat line.conf >>sa.conf
	run lint --baseline=baseline.json sa.conf
	[[ $status == 1 && $output == *"sa.conf:4:"*"[SK101]"* && $output != *"sa.conf:3:"*"[SK101]"*"sa.conf:4:"* ]]
	cp sa.conf other.conf
	[[ $(lint --baseline=baseline.json other.conf) == *"other.conf:3:"* ]]
	SETKEY_LINT_OPTS=--baseline=baseline.json run setkey lint --format=gcc sa.conf
	[[ $status == 1 && $output == *"sa.conf:4:"*"[SK101]"* && $output != *"sa.conf:3:"*"[SK101]"*"sa.conf:4:"* ]]
	for bad in '[]' '{"version": 1}' '{"version": 2, "findings": []}' '{"version": 1, "findings": [{"fingerprint": "x"}]}' \
		'{"version": 1, "findings": [{"fingerprint": "0123456789abcdef"}, {}]}' '{"version": 1e999}' x; do
		echo "$bad" >baseline.json
		run lint --baseline=baseline.json sa.conf
		[ "$status" = 3 ]
	done
}

dos() {
	printf 'flush; # a\r\nspdflush;\r\nadd 192.0.2.1 192.0.2.2 \\\r\n\tesp 0x1000 -m\rany -E null -A hmac-sha1 "\r\n01234567890123456 ";\r\n\r\n\r\n\r\n\r\n\r\ndump;'
}

@test "--fix prints a difference that patch can apply, and changes nothing" {
	dos >dos.conf
	dos | cmp - dos.conf
	setkey lint --fix --show-keys dos.conf >fix.diff || [ $? = 1 ]
	dos | cmp - dos.conf
	cp dos.conf by-patch.conf
	patch -s -p0 by-patch.conf <fix.diff
	setkey lint --fix=inplace dos.conf || [ $? = 1 ]
	cmp by-patch.conf dos.conf
	[[ $(lint dos.conf) != *SK017* && $(lint dos.conf) != *SK002* ]]
	diff <(setkey encode dos.conf) <(dos | setkey encode -)
	# The key has kept its carriage return.
	[ "$(grep -c $'\r' dos.conf)" = 1 ]
}

@test "--fix keeps the prefix where a name stands for the address and its prefix" {
	cat >named.conf <<-'END'
		define NET = 10.1.2.3/8; define HOST = 10.1.2.3;
		spdadd $NET $HOST/16 any -P out none;
	END
	[[ $(setkey lint named.conf) == *"hint: write 10.0.0.0/8, or /32 if"*"hint: write 10.1.0.0, or /32 if"* ]]
	setkey lint --fix=inplace named.conf >/dev/null
	[[ $(<named.conf) == *"spdadd 10.0.0.0/8 10.1.0.0/16 any -P out none;" ]]
}

@test "--fix mends a file once that is read twice" {
	echo 'spdupdate 10.1.2.3/8 10.1.0.0/16 any -P out none;' >twice.conf
	run setkey lint --fix=inplace twice.conf twice.conf
	[[ $status == 0 && $output != *"stays as it is"* ]]
	[ "$(<twice.conf)" = 'spdupdate 10.0.0.0/8 10.1.0.0/16 any -P out none;' ]
}

@test "--fix says how many findings it has no edit for" {
	run setkey lint --fix short.conf
	[ "$status" = 1 ]
	[[ $output =~ ^"setkey: no edit for "[0-9]+" of "[0-9]+" findings; \`setkey lint\` without --fix shows them"$ ]]
}

@test "--fix keeps the meaning of every file, and is over when it is done" {
	for file in "$top"/tests/golden/*.conf "$top"/tests/{parse,lint}/*.conf; do
		setkey encode "$file" >before 2>/dev/null || continue
		cp "$file" copy.conf
		chmod u+w copy.conf
		# The bits behind a prefix are in the bytes, and match nothing; an SA that a tunnel's policy wants is of no use without
		# its mode.
		setkey lint --disable=host-bits --disable=not-tunnel --fix=inplace copy.conf >/dev/null 2>&1 || [ $? = 1 ]
		diff before <(setkey encode copy.conf 2>/dev/null) || { echo "$file" && return 1; }
	done
}

@test "--fix=inplace keeps mode and owner, and touches no symbolic link, other name, or standard input" {
	dos >dos.conf
	chmod 640 dos.conf
	before=$(stat -c '%a %u %g' dos.conf)
	ln -s dos.conf link.conf
	run setkey lint --fix=inplace link.conf
	[[ $status == 3 && $output == *"link.conf stays as it is: it is a symbolic link"* ]]
	dos | cmp - dos.conf
	[ -L link.conf ]
	ln dos.conf twin.conf
	run setkey lint --fix=inplace dos.conf
	[[ $status == 3 && $output == *"dos.conf stays as it is: it has more than one name"* ]]
	rm twin.conf
	run setkey lint --fix=inplace - <dos.conf
	[[ $status == 3 && $output == *"standard input stays as it is"* ]]
	run setkey lint --disable=readable-keys --fix=inplace dos.conf
	[[ $output != *dos-lines* ]]
	[ "$(stat -c '%a %u %g' dos.conf)" = "$before" ]
	if [ "$(id -u)" = 0 ]; then # which has given up the right to give files away
		dos >dos.conf
		chown 1:1 dos.conf
		run setkey lint --fix=inplace dos.conf
		[[ $status == 3 && $output == *"dos.conf stays as it is: "* ]]
		dos | cmp - dos.conf
	fi
	run ls -A
	[[ $output != *.setkey.* ]]
}
