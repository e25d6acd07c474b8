#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# try: what was there before is back after the time, whatever becomes of the process, its terminal and its session, unless
# somebody confirms.
# shellcheck disable=SC2016 # `setkey confirm` and scripts are quoted as they are

load ../lib

setup() {
	start_empty
	key=0x8f3a6cd1e90b7254a1c6de08f79b3512
	hash_key=0x${key#0x}${key#0x}
	cat >old.conf <<-END
		flush; spdflush;
		add 192.0.2.1 192.0.2.2 esp 0x1001 -E aes-cbc $key -A hmac-sha256-128 $hash_key;
		add 192.0.2.2 192.0.2.1 esp 0x1002 -r 32 -E aes-cbc $key -A hmac-sha256-128 $hash_key;
		spdadd 192.0.2.1 192.0.2.2 tcp -P out none;
		spdadd 192.0.2.1 192.0.2.0/24 any -P out ipsec esp/transport//require;
		spdadd 192.0.2.1 192.0.0.0/16 any -P out discard;
	END
	# An SA and a policy less, an SA and a policy more, one of each changed.
	cat >new.conf <<-END
		flush; spdflush;
		add 192.0.2.2 192.0.2.1 esp 0x1002 -r 8 -E aes-cbc $key -A hmac-sha256-128 $hash_key;
		add 192.0.2.1 192.0.2.3 esp 0x1003 -E aes-cbc $key;
		spdadd 192.0.2.1 192.0.2.0/24 any -P out ipsec esp/transport//use;
		spdadd 192.0.2.1 192.0.0.0/16 any -P out discard;
		spdadd 192.0.2.1 192.0.2.9 any -P out none;
	END
	"$SETKEY" -f old.conf
	# Sequence numbers that have begun to run
	ip xfrm state delete src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1001
	ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1001 mode transport enc 'cbc(aes)' "$key" \
		auth-trunc 'hmac(sha256)' "$hash_key" 128 replay-oseq 0x1234
	state >before
}

teardown() {
	"$SETKEY" revert 2>/dev/null || :
	"$SETKEY" revert 2>/dev/null || :
	flush_tables
}

# All of both tables but the counters, policies in the order in which they are looked at
state() {
	ip xfrm state | sort_objects
	ip xfrm policy
}

# One line an SA, sorted
sort_objects() {
	awk '/^src/ && NR > 1 { printf "\n" } { printf "%s ", $0 } END { print "" }' | sort
}

# Policies that share no packets may come back in another order.
many_are_as_before() {
	cmp <(sort_objects <before) <(state | sort_objects)
}

is_as_before() {
	state >after
	diff before after
}

# Waits until nothing is pending any more, at most so many tenths of a second.
is_over() {
	for ((i = 0; i < $1; i++)); do
		[ -n "$(ls /run/setkey/pending@* 2>/dev/null)" ] || return 0
		sleep 0.1
	done
	cat /run/setkey/pending@*
	return 1
}

guardian() {
	sed -n 's/^pid //p' /run/setkey/pending@*
}

try() {
	"$SETKEY" try "$@" </dev/null
}

@test "confirm keeps it, and says nothing" {
	run try new.conf
	[ "$status" = 0 ]
	[ "$output" = 'goes back in 60 seconds unless `setkey confirm` comes' ]
	run "$SETKEY" diff new.conf
	[ "$status" = 0 ]
	run "$SETKEY" confirm
	[ "$status" = 0 ] && [ -z "$output" ]
	is_over 5
	sleep 0.2
	run "$SETKEY" diff new.conf
	[ "$status" = 0 ]
	# Nobody is left to undo it.
	[ -z "$(pgrep -f 'setkey try')" ]
}

@test "without a confirmation everything is back: keys, sequence numbers, and the order of policies" {
	grep -q 'oseq 0x1234' before
	try new.conf --timeout=5
	run "$SETKEY" diff new.conf
	[ "$status" = 0 ]
	is_over 100
	is_as_before
}

@test "revert goes back at once, and waits until that is done" {
	try new.conf
	run "$SETKEY" revert
	[ "$status" = 0 ] && [ -z "$output" ]
	is_as_before
	is_over 5
}

@test "with nothing pending confirm and revert say so" {
	for command in confirm revert; do
		run "$SETKEY" $command
		[ "$status" = 1 ]
		[ "$output" = "setkey: nothing is pending" ]
	done
}

@test "a try that changes nothing can be confirmed too" {
	"$SETKEY" sync new.conf
	try new.conf
	run "$SETKEY" confirm
	[ "$status" = 0 ]
	try new.conf
	run "$SETKEY" revert
	[ "$status" = 0 ]
	run "$SETKEY" diff new.conf
	[ "$status" = 0 ]
}

@test "only what it has touched comes back: what others do meanwhile stays" {
	sed 2d new.conf >more.conf
	try new.conf
	ip xfrm state add src 198.51.100.1 dst 198.51.100.2 proto esp spi 7 enc 'cbc(aes)' "$key"
	ip xfrm policy add src 198.51.100.1 dst 198.51.100.2 dir out priority 5
	"$SETKEY" revert
	ip xfrm state | grep -q '^src 198.51.100.1'
	ip xfrm policy | grep -q '^src 198.51.100.1'
	ip xfrm state delete src 198.51.100.1 dst 198.51.100.2 proto esp spi 7
	ip xfrm policy delete src 198.51.100.1 dst 198.51.100.2 dir out
	is_as_before
}

@test "an SA that comes back in the place of one with its keys goes on counting" {
	try new.conf
	# It has received packets meanwhile.
	ip xfrm state delete src 192.0.2.2 dst 192.0.2.1 proto esp spi 0x1002
	ip xfrm state add src 192.0.2.2 dst 192.0.2.1 proto esp spi 0x1002 enc 'cbc(aes)' "$key" \
		auth-trunc 'hmac(sha256)' "$hash_key" 128 replay-window 32 replay-seq 0x77 replay-oseq 0x88
	"$SETKEY" revert
	ip xfrm state get src 192.0.2.2 dst 192.0.2.1 proto esp spi 0x1002 >there
	cat there
	grep -q 'seq 0x77, oseq 0x88' there
}

@test "one at a time: a second try and sync say who is there, dump and diff work" {
	try new.conf --timeout=50
	for command in "try old.conf" "sync old.conf"; do
		# shellcheck disable=SC2086 # words
		run "$SETKEY" $command </dev/null
		echo "$output"
		[ "$status" = 1 ]
		[[ $output =~ "a try is pending: process $(guardian) of user "[^\ ]+" has been trying new.conf since "20[-0-9:\ ]+", and goes back at "20[-0-9:\ ]+", in "(50|[34][0-9])" seconds" ]]
	done
	run "$SETKEY" diff old.conf
	[ "$status" = 1 ]
	run "$SETKEY" save
	[ "$status" = 0 ]
	# Another network namespace has tables, and a try, of its own.
	unshare -n "$SETKEY" confirm 2>said || [ $? = 1 ]
	grep -q 'nothing is pending' said
	unshare -n sh -c 'echo "spdadd 192.0.2.1 192.0.2.2 any -P out none;" >other.conf && "$SETKEY" try other.conf </dev/null && "$SETKEY" confirm'
	"$SETKEY" revert
	is_as_before
}

@test "a named set: what an earlier sync of the name has installed comes back, and its record" {
	echo 'spdadd 192.0.2.1 198.51.100.1 any -P out discard;' >one.conf
	echo 'spdadd 192.0.2.1 198.51.100.2 any -P out discard;' >two.conf
	"$SETKEY" sync --name=web one.conf
	state >before
	cp /run/setkey/web.* record
	try --name=web two.conf
	not grep -q 198.51.100.1 <(ip xfrm policy)
	"$SETKEY" revert
	is_as_before
	cmp record /run/setkey/web.*
	"$SETKEY" diff --name=web one.conf
	try --name=web two.conf
	"$SETKEY" confirm
	"$SETKEY" diff --name=web two.conf
}

@test "what the kernel refuses is as before at once, and nothing is pending" {
	cat >refused.conf <<-END
		flush; spdflush;
		spdadd 192.0.2.1 192.0.2.7 any -P out discard;
		add 192.0.2.1 192.0.2.7 esp 0x1007 -E aes-cbc $key -A hmac-sha256-128 $hash_key -ifid 5 -offload in eth9;
	END
	run try refused.conf
	echo "$output"
	[ "$status" != 0 ]
	is_as_before
	run "$SETKEY" confirm
	[ "$status" = 1 ]
	is_over 5
}

@test "the guardian has nothing of the session, no privilege but one, and no key where others can read" {
	try new.conf
	pid=$(guardian)
	has() { grep -q "^$1:[[:space:]]*$2$" "/proc/$pid/status"; }
	has CapPrm 0000000000001000
	has CapEff 0000000000001000
	has CapBnd 0000000000001000
	has NoNewPrivs 1
	[ "$(ps -o sid= -p "$pid")" -eq "$pid" ]
	[ "$(ps -o tty= -p "$pid" | tr -d ' ')" = '?' ]
	for fd in 0 1 2; do
		[ "$(readlink "/proc/$pid/fd/$fd")" = /dev/null ]
	done
	readlink "/proc/$pid/fd/"* | not grep -v -e /dev/null -e socket: -e anon_inode: -e '^/run/setkey/pending@'
	[ "$(stat -c %a /run/setkey)" = 700 ]
	[ "$(stat -c %a /run/setkey/pending@*)" = 600 ]
	cat /run/setkey/pending@*
	not grep -r -a -i -e "${key#0x}" -e "$(printf '%b' '\x8f\x3a\x6c\xd1')" /run/setkey "/proc/$pid/cmdline"
	# Nobody waits for it: it holds no pipe.
	[ -n "$(timeout 5 bash -c '"$SETKEY" revert; "$SETKEY" try new.conf </dev/null' | cat)" ]
}

@test "signals of a terminal do not stop it, SIGTERM is: go back now" {
	try new.conf
	pid=$(guardian)
	for signal in HUP INT QUIT USR1 TSTP PIPE ALRM; do
		kill -s $signal "$pid"
	done
	sleep 0.2
	run "$SETKEY" diff new.conf
	[ "$status" = 0 ]
	kill "$pid"
	is_over 50
	is_as_before
}

@test "a guardian that is killed is told of, once" {
	try new.conf
	pid=$(guardian)
	kill -9 "$pid"
	sleep 0.1
	run "$SETKEY" confirm
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"process $pid, which was to go back from new.conf to what was there before, was killed"* ]]
	run "$SETKEY" confirm
	[ "$output" = "setkey: nothing is pending" ]
	# The next try says it as well, and is not in its way.
	try old.conf
	kill -9 "$(guardian)"
	sleep 0.1
	run try new.conf
	[ "$status" = 0 ]
	[[ $output == *"was killed"* ]]
	"$SETKEY" confirm
}

@test "where there is no record nothing is sent: read-only, full, or no /run" {
	tmpfs() {
		run unshare -m sh -c "$1"'; "$SETKEY" try new.conf </dev/null'
		echo "$output"
		[ "$status" = 3 ]
		[[ $output == *"cannot write the record of what is pending below /run/setkey: $2: nothing was sent"* ]]
		is_as_before
		run "$SETKEY" confirm
		[ "$output" = "setkey: nothing is pending" ]
	}
	tmpfs 'mount -t tmpfs -o ro none /run' 'Read-only file system'
	tmpfs 'mount -t tmpfs -o size=4k none /run && mkdir -m 700 /run/setkey && dd if=/dev/zero of=/run/full bs=4k 2>/dev/null' \
		'No space left on device'
	tmpfs 'mount -t tmpfs none /run && ln -s /tmp /run/setkey' 'Not a directory'
	tmpfs 'mount -t tmpfs none /run && mkdir -m 777 /run/setkey' 'Operation not permitted'
}

@test "another user can neither end it nor be taken for it" {
	try new.conf
	nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all)
	run "${nobody[@]}" "$SETKEY" confirm
	echo "$output"
	[ "$status" = 3 ]
	[[ $output == *"only root, or who has begun the try, may end it"* ]]
	"$SETKEY" revert
	is_as_before
	"${nobody[@]}" python3 -c 'import socket, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.bind(b"\0setkey/try"); s.listen()
print(flush=True); time.sleep(60)' >ready 3>&- &
	squatter=$!
	until [ -s ready ]; do sleep 0.1; done
	run "$SETKEY" confirm
	echo "$output"
	kill "$squatter"
	[ "$status" = 3 ]
	[[ $output == *"process $squatter of user 65534 has the name by which a pending try is found"* ]]
}

# Many policies of another kind: to send them takes a while.
many() {
	{
		echo 'flush; spdflush;'
		awk -v net="$1" 'BEGIN { for (i = 0; i < 6000; i++)
			printf "spdadd 10.%d.%d.%d 192.0.2.2 any -P out discard;\n", net, i / 256, i % 256 }'
	} >"many.$1.conf"
}

# killed SIGNAL_TO: begins a large try in a session of its own, and kills it after a random while
killed() {
	setsid sh -c 'echo $$ >leader; exec "$SETKEY" try many.2.conf --timeout=2 </dev/null' >said 2>&1 3>&- &
	until [ -s leader ]; do sleep 0.01; done
	sleep "0.$((RANDOM % 50 + 10))"
	case $1 in
	process) kill -9 "$(<leader)" ;;
	session) pkill -9 -s "$(<leader)" ;;
	group) kill -9 -- "-$(<leader)" ;;
	stopped) kill -STOP "$(<leader)" && sleep 0.1 && kill -9 "$(<leader)" ;;
	esac 2>/dev/null || :
	rm leader
}

@test "SIGKILL of try, of its group and of its session, at any moment: the old state is back" {
	many 1
	many 2
	"$SETKEY" sync many.1.conf
	state >before
	for _ in {1..3}; do
		for whom in process session group stopped; do
			killed "$whom"
			is_over 60
			echo "$whom: $(<said)"
			many_are_as_before
		done
	done
}

@test "SIGKILL of the guardian while it is sent: setkey itself goes back" {
	many 1
	many 2
	status=0
	# Now and then all has been sent already.
	for ((i = 0; i < 20 && status == 0; i++)); do
		"$SETKEY" sync many.1.conf
		state >before
		"$SETKEY" try many.2.conf </dev/null >said 2>&1 3>&- &
		pid=''
		until [ -n "$pid" ]; do
			record=(/run/setkey/pending@*)
			read -r _ pid 2>/dev/null <"${record[0]}" || :
		done
		kill -STOP $!
		kill -9 "$pid"
		kill -CONT $!
		wait $! || status=$?
		"$SETKEY" confirm 2>killed || [ $? = 1 ]
		grep 'was killed: what was tried stays' killed
	done
	cat said
	[ "$status" = 3 ]
	grep -q 'the guardian was killed' said
	many_are_as_before
}

# at_terminal KEYS BEFORE AFTER: tries new.conf; the keys come after so many seconds, and so many before the end of all
at_terminal() {
	{
		sleep "$2"
		printf '%b' "$1"
		sleep "$3"
	} | script -qec "'$SETKEY' try new.conf --timeout=3" /dev/null >typed
}

@test "at a terminal Enter keeps it" {
	at_terminal '\n' 1 1
	cat -v typed
	grep -q 'In 3 seconds everything goes back to what it was.' typed
	is_over 5
	run "$SETKEY" diff new.conf
	[ "$status" = 0 ]
}

@test "at a terminal, nothing, or anything but Enter, is no confirmation, and it waits to say so" {
	at_terminal '' 1 3 || [ $? = 1 ]
	cat -v typed
	grep -q 'nobody confirmed: the tables are as they were before' typed
	is_as_before
	at_terminal 'y\n' 1 3 || [ $? = 1 ]
	is_as_before
}

@test "the end of the terminal, and ^C, leave the guardian at work" {
	at_terminal '\003' 1 0 || :
	run "$SETKEY" diff new.conf
	[ "$status" = 0 ]
	is_over 50
	is_as_before
	at_terminal '' 1 0 || :
	is_over 100
	is_as_before
}

@test "the time is a number of seconds, at most a day" {
	for time in 0 -1 86401 x '' 1x; do
		run try new.conf --timeout=$time
		[ "$status" = 2 ]
		[[ $output == *"--timeout takes SECONDS, not \"$time\": "*"1 to 86400 seconds"* ]]
	done
	is_as_before
}
