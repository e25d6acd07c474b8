#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # need_namespace sets isolate
# shellcheck disable=SC2016 # what stands in single quotes is for the shell inside
# What sync refuses, and -f and load warn of: to cut off the SSH session, neighbour discovery [cuts-neighbours], a tunnel's end.
# The session is a connection between two network namespaces.

load ../lib

setup() {
	need_namespace
	need_helpers
	cd "$BATS_TEST_TMPDIR" || return
	cat >discard.conf <<-'END'
		flush; spdflush;
		spdadd 0.0.0.0/0 0.0.0.0/0 any -P in discard;
	END
	cat >nosa.conf <<-'END'
		flush; spdflush;
		spdadd 10.0.0.1 10.0.0.2 any -P out ipsec esp/transport//require;
		spdadd 10.0.0.2 10.0.0.1 any -P in ipsec esp/transport//require;
	END
	{ cat nosa.conf && echo 'spdadd 10.0.0.2 10.0.0.1[22] tcp -P in prio high none; spdadd 10.0.0.1[22] 10.0.0.2 tcp -P out prio high none;'; } >kept.conf
	# A server that takes one connection, says its client's port, and writes down what it is told. PORT is 22 if not given.
	cat >server <<-'END'
		#!/usr/bin/perl
		use IO::Socket::IP; use IO::Handle;
		my $l = IO::Socket::IP->new(LocalHost => $ARGV[0], LocalPort => $ARGV[1] // 22, Listen => 1, ReuseAddr => 1) or die "$@";
		open(my $ready, ">", "ready"); close $ready;
		my $c = $l->accept; open(my $p, ">", "port.new"); print $p $c->peerport; close $p; rename("port.new", "port");
		open(my $said, ">", "said"); $said->autoflush(1);
		while (<$c>) { print $said $_ }
	END
	cat >helpers <<-'END'
		setkey() { "$SETKEY" "$@"; }
		not() { ! "$@"; }
		until_there() { until [ -s "$1" ] || [ -e "$1" ]; do sleep 0.02; done; }
		# connect HOST [PORT]: a session from the other namespace to this one
		connect() {
			rm -f ready port said
			perl server "$@" & server=$!
			until_there ready
			[ -p line ] || mkfifo line
			nsenter -t $peer -n bash -c "exec 7<>/dev/tcp/$1/${2-22}; cat >&7" <line & client=$!
			exec 8>line
			until_there port
			export SSH_CONNECTION="${other-10.0.0.2} $(<port) $1 ${2-22}"
		}
		disconnect() { kill $server $client 2>/dev/null || :; exec 8>&-; }
		server='' client=''
		trap 'kill $server $client $peer 2>/dev/null || :' EXIT
		unshare -n sleep 60 & peer=$!
		until [ "$(readlink /proc/$peer/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.02; done
		ip link set lo up; ip link add v0 type veth peer name v1; ip link set v1 netns $peer
		ip addr add 10.0.0.1/24 dev v0; ip addr add 2001:db8::1/64 dev v0 nodad; ip link set v0 up
		nsenter -t $peer -n sh -c 'ip link set lo up; ip addr add 10.0.0.2/24 dev v1
			ip addr add 2001:db8::2/64 dev v1 nodad; ip link set v1 up'
		until ip -6 addr show dev v0 | grep -q 'fe80.*link *$'; do sleep 0.02; done
	END
}

# inside COMMANDS: runs them in a namespace that is connected to another one, and shows what they say
inside() {
	# shellcheck disable=SC2086 # a command and its options
	run timeout 300 $isolate bash -euc ". ./helpers; $1" 3>&-
	echo "$output"
}

@test "where the kernel blocks what no policy is for, the policy that lets the session pass is not to go" {
	# shellcheck disable=SC2086 # a command and its options
	$isolate ip xfrm policy setdefault in accept 2>/dev/null || skip "this kernel has no such defaults"
	inside 'setkey sync kept.conf; connect 10.0.0.1; echo one >&8; until_there said
		sed 1q kept.conf >none.conf; setkey sync --dry-run none.conf | grep -c " spddelete "
		ip xfrm policy setdefault in block out block; ip xfrm policy >was
		setkey sync none.conf && exit 9; [ $? = 1 ]
		setkey load none.conf 2>&1 | grep warning: || :; setkey sync kept.conf
		setkey -e "spddelete 10.0.0.2 10.0.0.1[22] tcp -P in;"; setkey sync kept.conf
		ip xfrm policy setdefault in accept out accept; setkey sync none.conf; ip xfrm policy | grep -c ^src || :'
	[ "$status" = 0 ]
	[[ $output == *"error: the change cuts off the SSH session that setkey is run from: no policy matches it any more, and the kernel blocks packets that no policy matches: the policy that let it pass is removed, "*" [cuts-session]"* ]]
	[[ $output == *"any -P out prio high none;\` into the file"* || $output == *"tcp -P in prio high none;\` into the file; --force applies the change all the same"* ]]
	[ "$(grep -c "warning: the change cuts off the SSH session" <<<"$output")" -ge 2 ]
	[[ $output == *$'\n0' ]]
}

@test "sync refuses what cuts off the session, and sends nothing; --force does it, and it does cut" {
	inside 'connect 10.0.0.1; echo one >&8; until_there said
		for f in discard nosa; do setkey sync $f.conf && exit 9; [ $? = 1 ]; done
		ip xfrm policy | grep -c ^src || :
		setkey sync --dry-run discard.conf; setkey sync kept.conf; setkey sync nosa.conf && exit 9; [ $? = 1 ]
		setkey sync --force nosa.conf; echo two >&8; sleep 0.4; cat said'
	[ "$status" = 0 ]
	[[ $output == "discard.conf:2:38: error: the policy cuts off the SSH session that setkey is run from: its packets are discarded [cuts-session]"* ]]
	[[ $output == *"hint: put \`spdadd 10.0.0.2 10.0.0.1[22] tcp -P in prio high none;\` before it; --force applies the change all the same"* ]]
	[[ $output == *"nosa.conf:2:37: error: the policy cuts off the SSH session that setkey is run from: not every SA for it exists [cuts-session]"* ]]
	[[ $output == *$'\n0\ndiscard.conf:2:38: warning: the policy cuts off '*$'\n1 spdupdate 0.0.0.0/0 '* ]]
	[[ $output == *"not every SA for it exists: the policy that let it pass is removed, \`spdadd 10.0.0.1[22] 10.0.0.2 "* ]]
	[[ $output == *"nosa.conf:2:37: warning: "*$'\none' ]]
}

@test "-f and load warn in the same words, whatever is there before, and go on" {
	grep -v flush nosa.conf >more.conf
	inside 'n=0; connect 10.0.0.1
		for how in "-f nosa.conf" "-f more.conf" "load nosa.conf" "--literal -f nosa.conf"; do
			setkey -FP; setkey $how 2>said.$((++n)); setkey diff nosa.conf
		done
		setkey -f kept.conf; setkey -f nosa.conf; setkey diff nosa.conf
		setkey -f kept.conf; setkey -e "spddelete 10.0.0.1[22] 10.0.0.2 tcp -P out;"; grep -h "warning:" said.?'
	[ "$status" = 0 ]
	[ "$(grep -c 'out ipsec\|the policy cuts off the SSH session that setkey is run from: not every SA for it exists.*\[cuts-session\]' <<<"$output")" -ge 12 ]
	[[ $output != *error* && $output != *--force* ]]
}

@test "a policy that stays is the cause where what let the session pass goes" {
	echo 'spddelete 10.0.0.1[22] 10.0.0.2 tcp -P out;' >less.conf
	inside 'connect 10.0.0.1; setkey sync kept.conf; setkey sync less.conf && exit 9; [ $? = 1 ]; setkey diff kept.conf'
	[ "$status" = 0 ]
	[[ $output == *"error: \`spdadd 10.0.0.1 10.0.0.2 any -P out ipsec esp/transport//require;\`, which stays, cuts off the SSH session"*"the policy that let it pass is removed, \`spdadd 10.0.0.1[22] "* ]]
}

@test "the session is found without the variable: in the processes above, and by the sshd above" {
	cp "$(command -v bash)" sshd
	cp "$(command -v perl)" sshd-session
	inside 'connect 10.0.0.1 2222
		bash -c "env -u SSH_CONNECTION bash -c \"$SETKEY sync nosa.conf; echo said \\\$?\"; true"
		unset SSH_CONNECTION; bash -c "$SETKEY sync --dry-run nosa.conf; true" 2>&1 | grep -c cuts-session || :
		./sshd -c "$SETKEY sync --dry-run nosa.conf; true" 2>&1 | grep -c cuts-session || :
		disconnect; connect 10.0.0.1; unset SSH_CONNECTION
		./sshd -c "$SETKEY sync nosa.conf; echo sshd \$?; true"'
	[ "$status" = 0 ]
	[[ $output == *"cuts-session"*$'\nsaid 1\n0\n0\n'*"cuts-session"*$'\nsshd 1' ]]
}

@test "an sshd with the connection, or the port, of its own is asked about that alone" {
	cp "$(command -v perl)" sshd-session
	sed -i 's/while (<$c>).*/system("$ENV{SETKEY} sync nosa.conf; echo session \\$? >\&2"); unlink("busy")/' server
	inside 'touch busy; sed -i "s/^\t*perl server/./" helpers; rm -f ready port
		./sshd-session server 10.0.0.1 2222 & server=$!; until_there ready
		nsenter -t $peer -n bash -c "exec 7<>/dev/tcp/10.0.0.1/2222; exec sleep 9" & client=$!
		while [ -e busy ]; do sleep 0.05; done'
	[ "$status" = 0 ]
	[[ $output == *"cuts-session"*"session 1" ]]
}

@test "what is no session of this namespace, goes on, or was cut off before is no reason" {
	cat >other.conf <<-'END'
		flush; spdflush;
		spdadd 10.0.0.3 10.0.0.1 any -P in discard;
		spdadd 10.0.0.2 10.0.0.1[23] tcp -P in discard;
		spdadd 10.0.0.2 10.0.0.1 udp -P in discard;
		spdadd 10.0.0.2 10.0.0.1 any -P in prio low discard;
		spdadd 10.0.0.2 10.0.0.1 tcp -P in none;
		spdadd 10.0.0.1 10.0.0.2 any -P out ipsec esp/transport//use;
	END
	inside 'connect 10.0.0.1; setkey sync other.conf; setkey sync kept.conf
		SSH_CONNECTION="10.0.0.2 9 10.0.0.1 22" setkey sync discard.conf; setkey -FP
		SSH_CONNECTION=nonsense setkey sync nosa.conf; setkey -FP
		disconnect; perl server 127.0.0.1 & server=$!; rm -f ready; until_there ready
		exec 7<>/dev/tcp/127.0.0.1/22; until_there port; SSH_CONNECTION="127.0.0.1 $(<port) 127.0.0.1 22" setkey sync discard.conf'
	[ "$status" = 0 ]
	[ "$output" = "" ]
}

@test "a session over IPv6 is guarded, also of IPv4 through a socket of IPv6" {
	echo 'flush; spdflush; spdadd ::/0 ::/0 tcp -P out discard;' >six.conf
	inside 'other=2001:db8::2; connect 2001:db8::1; setkey sync six.conf && exit 9; [ $? = 1 ]
		disconnect; other=10.0.0.2; rm -f ready port; perl server :: & server=$!; until_there ready
		nsenter -t $peer -n bash -c "exec 7<>/dev/tcp/10.0.0.1/22; exec sleep 9" & client=$!; until_there port
		SSH_CONNECTION="10.0.0.2 $(<port) 10.0.0.1 22" setkey sync nosa.conf && exit 9; [ $? = 1 ]'
	[ "$status" = 0 ]
	[[ $output == "six.conf:1:46: error: "*"hint: put \`spdadd 2001:db8::1[22] 2001:db8::2 tcp -P out prio high"*"nosa.conf:2:37: error: "* ]]
}

@test "neighbour discovery is guarded: by type, direction, group and network" {
	cat >cases <<-'END'
		1 ::/0 ::/0 any -P out discard
		1 ::/0 ::/0 any -P in discard
		1 ::/0 ::/0 icmp6 -P in ipsec esp/transport//require
		1 ::/0 ::/0 icmp6 135,0 -P out discard
		1 ::/0 ::/0 icmp6 136,0 -P in discard
		1 fe80::/10 fe80::/10 any -P out discard
		1 ::/0 ff02::/16 any -P out ipsec esp/tunnel/2001:db8::1-2001:db8::9/require
		1 2001:db8::/64 2001:db8::/64 any -P in ipsec esp/transport//require
		1 2001:db8::/64 ::/0 any -P out ipsec esp/tunnel/2001:db8::1-2001:db8::9/require
		1 ::/0 ff02::1 icmp6 134,0 -P in discard
		0 ::/0 ::/0 tcp -P in discard
		0 ::/0 ::/0 icmp6 128,0 -P in discard
		0 2001:db8::1 2001:db8::7 any -P out discard
		0 2001:db8:1::/64 ::/0 any -P out ipsec esp/tunnel/2001:db8::1-2001:db8::9/require
		0 ::/0 ::/0 any -P out ipsec esp/transport//use
		0 ::/0 ::/0 any -P fwd discard
		0 ::/0 ::/0 any -P out none
		0 ::1 ::1 any -P out discard
		0 0.0.0.0/0 0.0.0.0/0 any -P out discard
	END
	{ echo 'flush; spdflush;' && for t in 133 134 135 136; do for d in in out; do echo "spdadd ::/0 ::/0 icmp6 $t,0 -P $d none;"; done; done
		echo 'spdadd ::/0 ::/0 any -P in discard; spdadd ::/0 ::/0 any -P out discard;'; } >passes.conf
	echo 'flush; spdflush; spdadd ::/0 ::/0 any -P in discard; spdadd ::/0 ::/0 any -P out discard;' >stops.conf
	inside 'while read -r want policy; do
			echo "flush; spdflush; spdadd $policy;" >one.conf
			setkey sync one.conf 2>said && got=0 || got=$?
			[ $got = $want ] || { echo "$got: $policy"; cat said; }
			[ $got = 0 ] || grep -q "error: the policy cuts off neighbour discovery: .*\[cuts-neighbours]" said || echo "no: $policy"
			setkey -FP
		done <cases
		setkey sync passes.conf; setkey sync stops.conf 2>said && exit 9; grep -c "the policy that let it pass is removed" said
		setkey sync --force stops.conf 2>/dev/null; setkey sync passes.conf; setkey -f stops.conf 2>&1 | grep -c cuts-neigh
		setkey -FP; ip link set v0 down; setkey sync stops.conf'
	[ "$status" = 0 ]
	[ "$output" = $'2\n2' ]
}

@test "the way to a tunnel's end: what carries ESP in UDP or IKE to a socket without policies of its own" {
	cat >tunnel.conf <<-'END'
		flush; spdflush;
		spdadd 10.1.0.0/16 10.2.0.0/16 any -P out ipsec esp/tunnel/10.0.0.1-10.0.0.2/require;
		spdadd 10.0.0.2 10.0.0.1 udp -P in discard;
	END
	sed 's/udp -P in/esp -P in/' tunnel.conf >esp.conf
	sed '3s/spdadd.*/spdadd 0.0.0.0\/0 0.0.0.0\/0 any -P out ipsec esp\/tunnel\/10.0.0.1-10.0.0.2\/require;/' tunnel.conf >everything.conf
	cat >ike <<-'END'
		use IO::Socket::IP; my $s = IO::Socket::IP->new(LocalHost => "0.0.0.0", LocalPort => 4500, Proto => "udp") or die "$@";
		open(my $ready, ">", "ready"); close $ready; sleep 60
	END
	inside 'for f in tunnel esp everything; do setkey sync --dry-run $f.conf >/dev/null; done
		perl ike & server=$!; until_there ready
		setkey sync esp.conf; setkey -FP; setkey sync tunnel.conf && exit 9; [ $? = 1 ]
		setkey sync --dry-run everything.conf >/dev/null; kill $server; wait $server || :
		'"$top"'/build/lab/natt >held & server=$!; until [ -s held ]; do sleep 0.02; done
		echo exempt; setkey sync tunnel.conf'
	[ "$status" = 0 ]
	[[ $output == "tunnel.conf:3:36: error: the policy cuts off the way to the tunnel's end 10.0.0.2: its packets are discarded [cuts-peer]"* ]]
	[[ $output == *"hint: put \`spdadd 10.0.0.2 10.0.0.1[4500] udp -P in prio high none;\` before it"* ]]
	[[ $output == *"everything.conf:3:39: warning: the policy cuts off the way to the tunnel's end 10.0.0.2: not every SA for it exists"*$'\nexempt' ]]
}

@test "no example and no golden file, of which every fourth is asked, cuts off a session, a neighbour or a tunnel's end that it is not about" {
	inside 'ip addr add 172.30.99.1/24 dev v0; nsenter -t $peer -n ip addr add 172.30.99.2/24 dev v1
		other=172.30.99.2; connect 172.30.99.1
		n=0
		for f in '"$top"'/examples/*.conf '"$top"'/tests/golden/*.conf; do
			n=$((n + 1))
			[[ $f == */examples/* || $((n % 4)) = 0 ]] || continue
			setkey sync --dry-run --insecure $f 2>&1 | grep "\[cuts-" && echo "${f##*/}"; done; true'
	[ "$status" = 0 ]
	[ "$output" = "" ]
}
