#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # need_namespace sets isolate
# shellcheck disable=SC2016 # what stands in single quotes is for the shell inside
# diff, sync, load, save and the reload of -f, on the kernel that is running, with policies alone: discard stands for every
# policy that lets no packet out in the clear.

load ../lib

setup() {
	need_namespace
	need_helpers
	cd "$BATS_TEST_TMPDIR" || return
	cat >a.conf <<-'END'
		flush; spdflush;
		spdadd 10.0.0.1 10.0.0.2 any -P out ipsec esp/transport//require;
		spdadd 10.0.0.2 10.0.0.1 any -P in ipsec esp/transport//require;
		spdadd 10.0.1.0/24 10.0.2.0/24 any -P out prio def+10 ipsec esp/tunnel/192.0.2.1-192.0.2.2/unique;
		spdadd ::/0 ::/0 icmp6 135,0 -P out none;
	END
	cat >b.conf <<-'END'
		flush; spdflush;
		spdadd 10.0.0.1 10.0.0.2[22] tcp -P out none;
		spdadd 10.0.0.1 10.0.0.2 any -P out ipsec esp/transport//require;
		spdadd 10.0.0.2 10.0.0.1 any -P in ipsec esp/transport//require;
		spdadd 10.0.1.0/24 10.0.2.0/24 any -P out prio def+20 ipsec esp/tunnel/192.0.2.1-192.0.2.2/unique;
	END
}

# inside COMMANDS: runs them in a namespace, with a device that packets can leave by
inside() {
	# shellcheck disable=SC2086 # a command and its options
	run $isolate bash -euc "setkey() { '$SETKEY' \"\$@\"; }; not() { ! \"\$@\"; }; probe=$top/build/lab/probe
		ip link add v0 type veth peer name v1; ip link set v0 arp off up; ip link set v1 arp off up; ip link set lo up
		ip route add 10.0.0.0/8 dev v0; $1"
	echo "$output"
}

@test "diff says what differs, in signs and in JSON, and 1; nothing and 0 where nothing does" {
	inside 'setkey diff a.conf >said || [ $? = 1 ]; tail -n 1 said; setkey sync a.conf; setkey diff a.conf
		setkey diff --format=json a.conf
		setkey diff b.conf || [ $? = 1 ]
		setkey diff --format=json b.conf >json || [ $? = 1 ]'
	[ "$status" = 0 ]
	[[ $output == "4 to add, 0 to remove, 0 to change, 0 to rekey"$'\n{"version":1,"changes":[]}\n+ spdadd 10.0.0.1 '* ]]
	[[ $output == *$'\n~ spdadd 10.0.1.0/24 '*" # changed: priority"* && $output == *$'\n- spdadd ::/0 ::/0 '* ]]
	[ "$(jq -r '.changes[] | "\(.op) \(.kind) \(.parts | join(" ")) \(.object.src.address)"' json)" = \
		$'add policy  10.0.0.1\nchange policy priority 10.0.1.0\nremove policy  ::' ]
}

@test "the plan has a line for each message and its reason; nothing to do prints and sends nothing" {
	inside 'setkey sync a.conf; setkey sync --dry-run a.conf; setkey sync -v a.conf >sent; not grep UPDPOLICY sent
		setkey sync --dry-run b.conf; ip xfrm policy | grep -c ^src'
	[[ $output == *"1 spddelete ::/0 ::/0 "*" # not wanted"* ]]
	[[ $output == *" spdupdate 10.0.1.0/24 10.0.2.0/24 any -P out prio 20 "*" # changed"* ]]
	[[ $output == *$'\n5' ]]
}

@test "after a sync every packet meets the policy that it meets after a load, whatever was there before" {
	inside 'for seed in $(seq 1 40); do
			awk -v seed=$seed -v count=$((seed % 40 + 3)) -v edges=$((seed % 3 == 0)) -f '"$BATS_TEST_DIRNAME"'/pairs.awk
			setkey --literal -f B.conf; want=$($probe <packets)
			setkey --literal -f A.conf
			setkey sync B.conf; setkey diff B.conf; [ -z "$(setkey sync --dry-run B.conf)" ]
			[ "$want" = "$($probe <packets)" ] || echo "seed $seed"
			setkey --literal -f A.conf; setkey -f B.conf
			[ "$want" = "$($probe <packets)" ] || echo "seed $seed with -f"
			[[ $want == *0*1* || $want == *1*0* ]] && echo some
		done >said; sort said | uniq -c'
	[ "$status" = 0 ]
	[[ $output != *seed* && $output == *some ]]
}

# Stops after each message of a plan, where a reload passes by in microseconds.
@test "a packet that both files refuse is refused after each message of the plan, at every priority" {
	wide='10.1.0.0/16 10.2.0.0/16 any' narrow='10.1.1.0/24 10.2.1.0/24 any' other='10.1.7.0/24 10.2.0.0/16 any'
	first='prio 2147483648' second='prio 2147483647' last='prio -2147483647'
	pairs=(
		"spdadd $narrow -P out discard;" "spdadd $wide -P out discard; spdadd $narrow -P out none;"
		"spdadd $narrow -P out $last discard;" "spdadd $wide -P out $last discard; spdadd $narrow -P out $last none;"
		"spdadd $wide -P out $last discard; spdadd $narrow -P out $last none;"
		"spdadd $other -P out $last discard; spdadd $wide -P out $last discard; spdadd $narrow -P out $last none;"
		"spdadd $wide -P out $first discard; spdadd $narrow -P out $first none;"
		"spdadd $other -P out $first none; spdadd $wide -P out $first discard; spdadd $narrow -P out $first none;"
		"spdadd $wide -P out $first discard; spdadd $narrow -P out $second none;"
		"spdadd $other -P out $first none; spdadd $wide -P out $first discard; spdadd $narrow -P out $second none;"
		"spdadd $wide -P out $first discard; spdadd $narrow -P out $second none;"
		"spdadd $other -P out $first none; spdadd $wide -P out $first discard; spdadd $narrow -P out $first none;"
		"spdadd $wide -index 801 -P out discard;" "spdadd $wide -index 809 -P out discard;"
		"spdadd $narrow -mark 0/0x1 -index 801 -P out discard; spdadd $wide -P out none;"
		"spdadd $narrow -mark 0/0x1 -index 809 -P out $first discard; spdadd $wide -P out none;"
		"spdadd $narrow -index 801 -P out discard; spdadd $wide -index 809 -P out none;"
		"spdadd $narrow -index 809 -P out discard; spdadd $wide -index 801 -P out none;"
		"spdadd $narrow -index 801 -P out discard;" "spdadd $wide -index 801 -P out discard;"
	)
	echo 10.1.1.1 5 10.2.1.1 7 >packets
	for ((i = 0; i < ${#pairs[@]}; i += 2)); do
		echo "flush; spdflush; ${pairs[i]}" >A.conf
		echo "flush; spdflush; ${pairs[i + 1]}" >B.conf
		inside 'setkey -f B.conf; $probe <packets; setkey --literal -f A.conf; $probe <packets
			setkey sync --dry-run B.conf >plan
			while read -r number step; do setkey --literal -k -e "$step"; echo "$($probe <packets) $number $step"; done <plan
			setkey diff B.conf >&2'
		[ "$status" = 0 ]
		not grep -q ^1 <<<"$output"
		[ "$(wc -l <<<"$output")" -gt 3 ]
	done
}

# policies SALT COUNT: and one that stands in the way of the packets of the test, the last
policies() {
	awk -v salt="$1" -v n="$2" 'BEGIN {
		print "flush; spdflush;"
		for (i = 0; i < n; i++)
			printf "spdadd 10.%d.%d.%d 10.9.9.9 any -P out none;\n", i % 2 ? 1 : salt, i / 250, i % 250
		print "spdadd 10.0.0.1 10.0.0.2 any -P out discard;"
	}'
}

@test "no packet gets out in the clear while 5001 policies are loaded again, the same ones and half of them others" {
	policies 2 5000 >half.conf
	policies 3 5000 >other.conf
	inside 'setkey -f half.conf
		$probe 10.0.0.1 10.0.0.2 9 >said & pid=$!
		until grep -q ready said; do :; done
		for i in 1 2 3; do setkey -f half.conf; setkey -f other.conf; setkey sync half.conf; done
		kill $pid; wait $pid; cat said; setkey diff half.conf'
	[ "$status" = 0 ]
	[[ $output == $'ready\n0 out, '[1-9]*" refused" ]]
}

@test "-f refuses what the kernel refuses, in its place and with 1, and what the rest says is there" {
	{ cat a.conf && echo 'spdadd 10.0.0.1 10.0.0.2 any -P out none; spdadd 10.7.0.1 10.7.0.2 any -P out none; spddelete 10.7.0.1 10.7.0.2 any -P out;'; } >again.conf
	inside 'setkey -f b.conf; setkey -f again.conf && exit 9; setkey diff a.conf'
	[ "$status" = 0 ]
	[[ $output == "again.conf:6:1: error: a policy with this selector and direction exists already [kernel]"* ]]
	[ "$(grep -c error: <<<"$output")" = 1 ]
}

@test "a policy gets another index only by being made again, and then it has it" {
	sed 's/10.0.0.2 any -P out/10.0.0.2 any -index 801 -P out/' a.conf >one.conf
	sed 's/801/809/' one.conf >two.conf
	inside 'setkey sync a.conf; setkey sync one.conf; setkey diff one.conf; setkey sync two.conf; setkey diff two.conf
		setkey sync --dry-run two.conf; setkey diff a.conf'
	[ "$status" = 0 ]
	[ -z "$output" ]
}

# The selectors of policies with the index that each has
indexes='indexes() { setkey dump policy --format=conf | sed -n "s/^[^#]*\(spdadd .*\) -P.*/\1/p" | sort; }'

@test "an index that another policy has goes to the one that asks for it, and to the first if several do" {
	from=('-index 801' '-index 809' '' '-index 817')
	to=('-index 809' '-index 801' '-index 817' ''   '-index 801' '-index 801' '' '' '' '-index 801' '' ''   '-index 809' gone '-index 801' '-index 809')
	statements() {
		echo 'flush; spdflush;'
		for i in 1 2 3 4; do
			[ "$1" = gone ] || echo "spdadd 10.$i.0.0/16 10.0.0.0/8 any $1 -P out prio $((5 - i)) $([ $i = 2 ] && echo none || echo discard);"
			shift
		done
	}
	statements "${from[@]}" >A.conf
	for ((k = 0; k < ${#to[@]}; k += 4)); do
		statements "${to[@]:k:4}" >B.conf
		inside "$indexes
			setkey --literal -f B.conf; indexes >wanted; setkey -FP
			setkey --literal -f A.conf;
			setkey sync B.conf; indexes | diff wanted -; setkey diff B.conf; setkey sync --dry-run B.conf
			setkey --literal -f A.conf; indexes >was; setkey load B.conf; indexes | diff wanted -; setkey sync A.conf; indexes | diff was -
			setkey -f B.conf; indexes | diff wanted -"
		[ "$status" = 0 ]
		[ -z "$output" ]
	done
}

@test "an index that somebody else's policy keeps is not fought for" {
	echo 'spdadd 10.7.0.1 10.7.0.2 any -index 801 -P out none;' >others.conf
	echo 'spdadd 10.8.0.1 10.8.0.2 any -index 801 -P out none;' >ours.conf
	inside 'mount -t tmpfs none /run; setkey -f others.conf; setkey sync --name=site ours.conf; setkey sync --name=site --dry-run ours.conf
		setkey diff --name=site ours.conf; setkey diff others.conf 2>&1; ip xfrm policy | grep -c ^src'
	[ "$status" = 0 ]
	[ "$output" = 2 ]
}

# Its mark leaves no bit by which two copies could share its packets.
@test "a policy with a mark of 32 bits is stood in for while it gets another index" {
	echo 'flush; spdflush; spdadd 10.1.1.1 10.2.1.1 any -mark 0 -index 801 -P out discard; spdadd 10.0.0.0/8 10.0.0.0/8 any -P out none;' >A.conf
	sed 's/801/809/' A.conf >B.conf
	inside 'setkey -f A.conf; setkey sync --dry-run B.conf
		$probe 10.1.1.1 10.2.1.1 9 >said & pid=$!
		until grep -q ready said; do :; done
		for i in $(seq 1 30); do setkey sync B.conf; setkey sync A.conf; done
		kill $pid; wait $pid; cat said; ip xfrm policy | grep -c ^src'
	[ "$status" = 0 ]
	[[ $output == *"2 spdupdate "*"stands in"*$'\n3 spddelete '*$'\n4 spdupdate '*$'\n5 spddelete '*"not needed"*"0 out, "[1-9]*$'\n2' ]]
}

@test "load is all or nothing" {
	echo 'spdflush; spdadd 10.7.0.1 10.7.0.2 any -P out none; spddelete 10.1.1.1 10.2.2.2 any -P out; spdadd 10.7.0.3 10.7.0.2 any -P out none;' >bad.conf
	inside 'setkey sync a.conf; setkey load bad.conf && exit 9; [ $? = 1 ]; setkey diff a.conf; setkey load b.conf; setkey diff b.conf'
	[ "$status" = 0 ]
	[[ $output == "bad.conf:1:53: error: there is no such policy [kernel]"*"the tables go back to what they were before" ]]
}

@test "what save writes, its owner alone can read, and sync finds equal" {
	inside 'setkey sync a.conf; setkey save saved.conf; setkey diff saved.conf; setkey flush; setkey sync saved.conf
		setkey diff saved.conf; setkey diff a.conf; setkey save saved.conf; stat -c %a saved.conf; setkey save | cmp - saved.conf; setkey save - | cmp - saved.conf; [ ! -e ./- ]'
	[ "$status" = 0 ]
	[ "$output" = 600 ]
}

@test "a file that does not begin with the flushes only adds and changes, which is said" {
	echo 'spdadd 10.7.0.1 10.7.0.2 any -P out none;' >more.conf
	inside 'setkey sync a.conf; setkey sync more.conf; setkey diff a.conf || [ $? = 1 ]'
	[ "$status" = 0 ]
	[[ $output == *"what the kernel has besides stays"*"- spdadd 10.7.0.1 10.7.0.2 any -P out none;"*"0 to add, 1 to remove, 0 to change"* ]]
}

@test "what stays because a flush is missing is named: policies, SAs, or those of other protocols" {
	policy='spdadd 10.7.0.1 10.7.0.2 any -P out none;'
	while IFS=: read -r flush said; do
		echo "$flush $policy" >more.conf
		inside 'setkey sync a.conf; setkey sync more.conf; setkey sync --dry-run more.conf; setkey dump policy --dir=out --count'
		[ "$status" = 0 ]
		[[ $output == "setkey: the files do not begin with $said"$'\nsetkey: the files'*"policy $([[ $flush == *spd* ]] && echo 1 || echo 4)" ]]
	done <<-'END'
		:flush and spdflush: what the kernel has besides stays
		flush;:spdflush: policies that the kernel has besides stay
		spdflush;:flush: SAs that the kernel has besides stay
		spdflush; flush esp;:flush: SAs of other protocols that the kernel has besides stay
		flush ah;:flush and spdflush: policies, and SAs of other protocols, that the kernel has besides stay
	END
}

@test "a delete in a file means that it is not to be there" {
	echo 'spddelete 10.0.1.0/24 10.0.2.0/24 any -P out;' >less.conf
	inside 'setkey sync a.conf; setkey diff less.conf || [ $? = 1 ]; setkey sync less.conf; setkey diff less.conf'
	[ "$status" = 0 ]
	[[ $output == "- spdadd 10.0.1.0/24 "* ]]
}

@test "statements that say no state are refused, before anything is sent" {
	for statement in 'update 10.0.0.1 10.0.0.2 esp 4096 -E null;' 'getspi 10.0.0.1 10.0.0.2 esp 4096;'; do
		{ echo 'spdflush;' && echo "$statement"; } >no.conf
		inside 'setkey sync a.conf; for command in diff sync; do setkey $command no.conf && exit 9; [ $? = 1 ]; done; setkey diff a.conf'
		[ "$status" = 0 ]
		[ "$(grep -cF '[no-state]' <<<"$output")" = 2 ]
	done
}

@test "over PF_KEY nothing is compared or brought back, and the refusal says why and what to use" {
	inside 'setkey sync a.conf
		for how in diff sync "sync --dry-run" load try save; do setkey $how --via=pfkey $([ "$how" = save ] || echo b.conf) 2>said && exit 9; echo $? $(grep -c "PF_KEY does not show marks.*leave out --via=pfkey" said); done
		setkey diff a.conf'
	[ "$status" = 0 ]
	[ "$(sort -u <<<"$output")" = "3 1" ]
}

@test "the hourly job: a list is in force or nothing has changed, and the one for the next boot is the one in force" {
	mkdir bin && ln -s "$SETKEY" bin/setkey
	{ cat b.conf && echo 'spdadd 10.0.0.1 10.0.0.2 any -P out ipsec esp/none;'; } >bad.conf
	export PATH=$PWD/bin:$PATH LIST=$PWD/list.conf hourly=$BATS_TEST_DIRNAME/../../examples/hourly
	inside 'FETCH="cat a.conf" $hourly; setkey diff a.conf; cmp a.conf list.conf; stat -c %a list.conf
		FETCH="cat bad.conf" $hourly >/dev/null 2>&1 && exit 9; FETCH=false $hourly && exit 9
		setkey diff list.conf; FETCH="cat b.conf" $hourly; setkey diff b.conf; cmp b.conf list.conf; ls list.conf*'
	[ "$status" = 0 ]
	[[ $output == *600*"list.conf" ]]
}

@test "where any one message is refused, load and sync leave what was there, and say why; -f does the rest" {
	cat >before.conf <<-'END'
		flush; spdflush;
		spdadd 10.0.0.0/16 10.0.0.2 any -P out none;
		spdadd 10.1.0.0/16 10.0.0.2 any -P out discard;
		spdadd 10.2.0.0/16 10.0.0.2 any -P in discard;
		spdadd 10.3.0.0/16 10.0.0.2 any -P out none;
		spdadd 10.9.0.0/16 10.0.0.2 any -P out none;
	END
	cat >after.conf <<-'END'
		flush; spdflush;
		spdadd 10.0.0.0/16 10.0.0.2 any -P out ipsec esp/transport//require;
		spdadd 10.1.0.0/16 10.0.0.2 any -P out prio 5 none;
		spdadd 10.2.0.0/16 10.0.0.2 any -P in ipsec esp/transport//require;
		spdadd 10.4.0.0/16 10.0.0.2 any -P out discard;
		spdadd 10.3.0.0/16 10.0.0.0/8 any -P out discard;
		spdadd 10.3.0.0/16 10.0.0.2 any -P out none;
	END
	inside 'refuse() { REFUSE=$1 LD_PRELOAD='"$top"'/build/lab/librefuse.so '"$SETKEY"' $2 after.conf 9>>mark; }
		for how in load sync; do
			for k in $(seq 1 20); do
				setkey --literal -f before.conf; ip xfrm policy | sort >was; : >mark
				! refuse $k $how >said 2>&1 || [ ! -s mark ] || { echo "$how $k: no refusal"; exit 9; }
				[ -s mark ] || break
				ip xfrm policy | sort | cmp - was
				grep -q -e error: -e "refused to delete" said
			done
			echo $how $((k > 7))
		done
		setkey --literal -f before.conf; refuse 2+ -f && exit 9; echo; ip xfrm policy | grep -c ^src'
	[ "$status" = 0 ]
	[[ $output == $'load 1\nsync 1\n'* ]]
	[ "$(grep -c 'after.conf:2:1: error' <<<"$output")" = 1 ]
}

@test "without a file nothing is synced: a script's empty list must not empty a set" {
	inside 'setkey sync --name=site a.conf; for command in sync try; do
			setkey $command --name=site </dev/null && exit 9; [ $? = 2 ]
		done; setkey diff --name=site a.conf'
	[ "$status" = 0 ]
	[ "$output" = "$(printf 'setkey: expected FILE ..., or - for standard input\n%.0s' 1 2)" ]
}
