#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # need_namespace sets isolate
# shellcheck disable=SC2016 # what stands in single quotes is for the shell inside
# What goes wrong while the tables are changed as a whole: a kill, a place for records that takes none, others who change
# the tables meanwhile or are in the way. On the kernel that is running, with policies alone.

load ../lib

setup() {
	need_namespace
	need_helpers
	cd "$BATS_TEST_TMPDIR" || return
	cat >a.conf <<-'END'
		flush; spdflush;
		spdadd 10.0.0.1 10.0.0.2 any -P out ipsec esp/transport//require;
		spdadd 10.0.0.2 10.0.0.1 any -P in ipsec esp/transport//require;
		spdadd 10.0.1.0/24 10.0.2.0/24 any -P out discard;
	END
	sed 's/require/use/; s/discard/none/' a.conf >b.conf
}

# inside COMMANDS: runs them with a network and a /run of their own; faulty FAULT ARG... is setkey with a fault
inside() {
	# shellcheck disable=SC2086 # a command and its options
	run timeout 120 $isolate --mount bash -euc "setkey() { '$SETKEY' \"\$@\"; }; not() { ! \"\$@\"; }
		faulty() { FAULT=\$1 LD_PRELOAD='$top/build/lab/libfault.so $top/build/lab/librefuse.so' exec '$SETKEY' \"\${@:2}\" 9>>mark; }
		until_stopped() { until [[ \$(cat /proc/\$1/stat 2>&1) == *') T '* ]]; do sleep 0.01; done; }
		policies() { ip xfrm policy | grep -v '^\$' || :; }
		mount -t tmpfs -o size=4m none /run; $1"
	echo "$output"
}

# many SALT: half of 4000 policies are the same whatever the salt
many() {
	awk -v salt="$1" 'BEGIN {
		print "flush; spdflush;"
		for (i = 0; i < 4000; i++)
			printf "spdadd 10.%d.%d.%d 10.9.9.9 any -P out none;\n", i % 2 ? 1 : salt, i / 250, i % 250
	}'
}

@test "killed at any moment, the next run brings about what is wanted" {
	many 2 >2.conf
	many 3 >3.conf
	inside 'for how in sync load "sync --name=site"; do
			name=$(grep -o -e "--name.*" <<<$how) || :
			[ -z "$name" ] || setkey -FP
			for ((i = 0; i < 6; i++)); do
				file=$((2 + i % 2)).conf
				timeout -s KILL 0.0$((RANDOM % 10))$((RANDOM % 10)) '"$SETKEY"' $how $file >/dev/null 2>&1 || echo $how >>killed
				setkey $how $file
				setkey diff $name $file
			done
		done
		setkey sync --name=site /dev/null
		policies | wc -l; ls -A /run/setkey | grep -v "^site\." || :; wc -l <killed >&2'
	[ "$status" = 0 ]
	[[ $output == *$'\n0\n'* || $output == 0$'\n'* ]]
	[[ $output != *differs* && $output != *.setkey* ]]
}

@test "where records cannot be written nothing is sent, and that is said; without a name none is needed" {
	many 3 >3.conf
	inside 'refused() { "$@" >said 2>&1 && exit 9; [ $? = 3 ]; cat said; grep -q "$words" said; policies | cmp - was; }
		all() { for how in "sync --name=new" "sync --name=site" "try"; do refused setkey $how $1; done; }
		setkey sync --name=site a.conf; policies >was; cp /run/setkey/site.* record
		head -c 8M /dev/zero >/run/full || :
		words="No space left on device"; all 3.conf
		cmp record /run/setkey/site.*; ls -A /run/setkey >names; [[ $(cat names) == site.* ]]
		rm /run/full; mount -o remount,ro /run; words="Read-only file system"; all 3.conf
		for how in load sync; do setkey $how b.conf; setkey diff b.conf; setkey $how a.conf; setkey diff a.conf; done
		umount /run; mount -t tmpfs -o ro none /run; policies >was
		refused setkey sync --name=new b.conf; refused setkey try b.conf
		setkey sync b.conf; setkey diff b.conf'
	[ "$status" = 0 ]
}

@test "while others change the tables all the time it gives up after a while, and says so" {
	many 2 >2.conf
	inside 'setkey sync a.conf
		yes "xfrm policy update src 10.5.0.1 dst 10.5.0.2 dir out" | ip -batch - & pid=$!
		sleep 0.1
		setkey sync 2.conf && exit 9; [ $? = 3 ]; kill $pid; wait $pid || :
		setkey sync a.conf; setkey diff a.conf'
	[ "$status" = 0 ]
	[[ $output == *"other programs keep changing the tables: "* ]]
}

@test "a change of others between plan and message is planned again, and their object is not taken for the set's" {
	grep -v flush b.conf >set.conf
	inside 'faulty "link 1 stop" sync --name=site set.conf & pid=$!
		until_stopped $pid
		ip xfrm policy add src 10.0.1.0/24 dst 10.0.2.0/24 dir out priority 2147483648 action block
		policies >was; kill -CONT $pid; wait $pid && exit 9; [ $? = 1 ]
		policies | cmp - was; setkey sync --name=site /dev/null; policies | cmp - was'
	[ "$status" = 0 ]
	[[ $output == *"[not-ours]"* ]]
}

@test "after a second plan that is refused all is as it was before the first, but for what others have done" {
	{ cat a.conf && echo 'spdadd 10.0.5.1 10.0.5.2 any -P out none;'; } >first.conf
	sed 's/discard/none/' first.conf >second.conf
	inside 'setkey sync first.conf
		for n in {3..9}; do
			REFUSE=2 faulty "send $n stop" sync second.conf 2>said & pid=$!
			until_stopped $pid
			[ $(grep -o "setkey sync" /proc/$pid/cmdline | wc -l) = 0 ]
			ip xfrm policy delete src 10.0.5.1 dst 10.0.5.2 dir out
			policies | sort >was; kill -CONT $pid
			if wait $pid; then setkey diff second.conf; setkey sync first.conf; continue; fi
			policies | sort | cmp - was; cat said; echo undone; setkey sync first.conf
			break
		done'
	[ "$status" = 0 ]
	[[ $output == *"the tables are as they were before"*undone* ]]
}

@test "who is waited for is said; a program that cannot change the tables is not waited for" {
	inside 'faulty "send 4 stop" sync a.conf & pid=$!
		until_stopped $pid
		(setkey sync b.conf 2>waits; echo $? >>waits) & other=$!
		sleep 1.5; cat waits; grep "waiting for process $pid of user 0, which is changing the tables" waits
		kill -CONT $pid; wait $pid; wait $other; tail -n 1 waits; setkey diff b.conf'
	[ "$status" = 0 ]
	[[ $output == *$'\n0' ]]
	[ "$(id -u)" = 0 ] || skip "only root has other users here"
	hold='use Socket; socket(S, AF_UNIX, SOCK_SEQPACKET, 0) && bind(S, pack_sockaddr_un("\0setkey/reload")) or die $!;
		listen(S, 1) if @ARGV; $| = 1; print "ready\n"; sleep 100'
	for listens in '' yes; do
		hold=$hold inside 'setpriv --reuid=65534 --clear-groups perl -e "$hold" '$listens' >held & pid=$!
			until grep -q ready held; do :; done
			setkey sync a.conf; kill $pid; setkey diff a.conf'
		[ "$status" = 0 ]
		[[ $output == *"cannot change the tables: not waited for"* ]]
		[ -z "$listens" ] || [[ $output == *"process "*" of user 65534 "* ]]
	done
}
