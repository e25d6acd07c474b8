#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # isolate is from lib
# What whoever starts setkey leaves it: closed descriptors, tight limits, the rights of another user.

load ../lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	umask 077
	key=0x8f3a6cd1e90b7254a1c6de08f79b3512
	echo "add 192.0.2.1 192.0.2.2 esp 0x1000 -E aes-cbc $key -A hmac-md5 $key;" >f.conf
	echo "spdflush; # of no use" >p.conf
	"$SETKEY" encode f.conf >f.hex
}

@test "a closed standard stream is none that a file or socket could be taken for" {
	for command in "encode f.conf" "decode f.hex" "fmt f.conf" "mirror f.conf" "lint f.conf" "keygen aes-cbc" "algorithms" \
		--help --version "explain SK114" "complete algorithms" monitor -x -Dl; do
		status=0
		# shellcheck disable=SC2086 # words
		timeout 10 "$SETKEY" $command >&- 2>err || status=$?
		echo "$command: $status $(<err)"
		[ $status = 3 ]
		[[ $(<err) == *"cannot write to standard output"* || $(<err) == *"Bad file descriptor" ]]
		status=0
		# shellcheck disable=SC2086 # words
		timeout 10 "$SETKEY" $command >&- 2>&- <&- || status=$?
		[ $status = 3 ]
	done
	"$SETKEY" -n -f f.conf >&- 2>&- <&-
	for command in "-n -f -" "-n -c" "encode -" "decode" "fmt" "lint"; do
		run bash -c "'$SETKEY' $command <&-"
		echo "$command: $output"
		[ "$status" = 3 ]
		[[ $output == *"cannot read standard input: Bad file descriptor"* ]]
	done
	# A file that is written does not get what was for people.
	"$SETKEY" keygen --fingerprints --keys-file new.keys a=aes-cbc >&- 2>&- <&-
	[[ $(<new.keys) =~ ^key\ a\ 0x[0-9a-f]+\;$ ]]
	need_namespace
	echo 'spdadd 192.0.2.1 192.0.2.2 any -P out discard;' >policy.conf
	for command in -DP "dump policy" "-f dump.conf"; do
		echo 'spddump;' | cat policy.conf - >dump.conf
		run $isolate bash -c "'$SETKEY' -f policy.conf && '$SETKEY' $command >&-"
		echo "$command: $output"
		[ "$status" = 3 ]
		[[ $output == "setkey: cannot write"* ]]
		run $isolate bash -c "'$SETKEY' -f policy.conf && '$SETKEY' $command >&- 2>&- <&-"
		[ "$status" = 3 ]
	done
	run $isolate bash -c "'$SETKEY' -f nowhere.conf 2>&-; echo \$?; '$SETKEY' -f policy.conf <&- >&- 2>&-; '$SETKEY' -DP"
	[[ $output == "3"*discard* ]]
}

# A process that needs more than it may have says so.
@test "a small stack, a small address space, small files: success, or a sentence and status 3" {
	[[ $SETKEY != */asan/* ]] || skip "the sanitizers need more"
	for i in {1..3000}; do
		echo "add 192.0.2.1 192.0.2.2 esp $((i + 255)) -m tunnel -u 7 -E aes-cbc $key -A hmac-md5 $key; # of many"
	done >many.conf
	for limit in "-s 64" "-s 200" "-s 256" "-v 8000" "-v 20000" "-f 0"; do
		for command in "-n -f many.conf" "-n -f - <many.conf" "-n -c <f.conf" "encode many.conf" "decode --format=json f.hex" "fmt many.conf" \
			"lint --format=sarif --fail-on=never f.conf" "lint --fail-on=never many.conf" "mirror f.conf" "algorithms" \
			"keygen --pair 192.0.2.1 192.0.2.2 --out-a a.conf" "fmt --inplace f.conf" "-n -e 'add localhost localhost esp 0x1000 -E null;'"; do
			rm -f a.conf
			cp f.conf before
			run bash -c "ulimit $limit; '$SETKEY' $command >out"
			cp before f.conf
			[ "$status" = 0 ] || [[ $status == 3 && ${lines[-1]} == "setkey: "* ]] ||
				{ echo "$command, $limit: status $status, $output" && return 1; }
			[ "$(find . -name '.setkey*')" = "" ]
			[[ $limit != "-s 256" || $status == 0 ]] || { echo "$command, $limit: $output" && return 1; }
		done
	done
}

@test "with a set-user-ID or set-group-ID bit it does not run at all" {
	[ "$(id -u)" = 0 ] || skip "it takes root to become somebody else"
	[[ $SETKEY != */asan/* ]] || skip "the sanitizers do not run so either"
	chmod 755 "$BATS_TEST_TMPDIR"
	chmod 644 p.conf
	nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	for mode in 4755 2755 6755; do
		cp "$SETKEY" ./setkey
		chmod $mode setkey
		for command in "-n -f p.conf" --version --help "keygen aes-cbc" "lint p.conf"; do
			# shellcheck disable=SC2086 # words
			run "${nobody[@]}" ./setkey $command
			echo "$mode $command: $output"
			[ "$status" = 3 ]
			[[ $output == "setkey: this runs with the rights of its file's owner: "* ]]
		done
		# For root it changes nothing.
		./setkey -n -f p.conf
	done
	chmod 755 setkey
	"${nobody[@]}" ./setkey -n -f p.conf
	# From a program with such a bit that runs it: the same
	run setpriv --ruid=65534 ./setkey -n -f p.conf
	[ "$status" = 3 ]
}

@test "a file capability is right enough, and all that is kept" {
	need_namespace
	[ "$(id -u)" = 0 ] || skip "it takes root to give a file a capability"
	[[ $SETKEY != */asan/* ]] || skip "LD_PRELOAD does not count with one"
	chmod 755 "$BATS_TEST_TMPDIR"
	echo 'spdadd 192.0.2.1 192.0.2.2 any -P out discard;' >policy.conf
	chmod 644 policy.conf p.conf
	cp "$SETKEY" ./setkey
	chmod 755 setkey
	# As setcap cap_net_admin=ep does
	python3 -c 'import os, struct; os.setxattr("setkey", "security.capability", struct.pack("<IIIII", 0x02000001, 1 << 12, 0, 0, 0))' ||
		skip "no file capabilities on this file system"
	run $isolate setpriv --reuid=65534 --regid=65534 --clear-groups bash -c './setkey -f policy.conf && ./setkey -DP && ./setkey --version'
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *discard*"setkey "* ]]
	# Others' files stay closed to it.
	chmod 600 policy.conf
	run $isolate setpriv --reuid=65534 --regid=65534 --clear-groups ./setkey -f policy.conf
	[ "$status" = 3 ]
}

# warned COMMAND...: it is, once, where others may read what is printed, and nowhere else
warned() {
	(umask 022 && "$SETKEY" "$@" >open 2>err) || true
	echo "$*: $(<err)"
	[ "$(grep -c "warning: others may read the file that the keys go to" err)" = 1 ]
	(umask 077 && "$SETKEY" "$@" >closed 2>err) || true
	not grep -q "others may read" err
	rm open closed
	not grep -q "others may read" <<<"$("$SETKEY" "$@" 2>&1 | cat)"
}

# unwarned COMMAND...: there are no keys in what it prints
unwarned() {
	(umask 022 && "$SETKEY" "$@" >open 2>err) || true
	echo "$*: $(<err)"
	not grep -q "others may read" err
	rm open
}

@test "keys that go where others can read them get a warning, whatever prints them" {
	printf '%s\r\n' "$(<f.conf)" >dos.conf
	warned encode f.conf
	warned encode --via=pfkey f.conf
	warned encode --annotate f.conf
	warned fmt f.conf
	warned mirror f.conf
	warned lint --fix --show-keys dos.conf
	for format in classic conf json ip; do
		warned decode --show-keys --format=$format f.hex
		unwarned decode --format=$format f.hex
	done
	xxd -r -p f.hex >f.bin
	warned f.bin
	cat f.conf f.conf >two.conf
	warned fmt two.conf f.conf
	unwarned encode p.conf
	unwarned fmt p.conf
	unwarned mirror p.conf
	unwarned lint --fix dos.conf
	unwarned lint f.conf
	unwarned fmt --check f.conf
	unwarned -n -f f.conf
	sed -n 's/^/# /p' f.conf >commented.conf
	warned fmt commented.conf
}
