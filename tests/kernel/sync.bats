#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# diff, sync, load, save and named sets with SAs: what they leave behind, what they leave alone, and what they refuse.

load ../lib

setup() {
	start_empty
	key=0x000102030405060708090a0b0c0d0e0f
	cat >a.conf <<-END
		flush; spdflush;
		add 192.0.2.1 192.0.2.2 esp 0x1001 -u 7 -E aes-cbc $key -A hmac-sha256-128 0x$(printf '%064d' 1);
		add 192.0.2.2 192.0.2.1 esp 0x1002 -u 7 -E aes-cbc $key -A hmac-sha256-128 0x$(printf '%064d' 2);
		add 192.0.2.1 192.0.2.2 ah 0x1003 -lh 3600 -ls 3000 -A hmac-sha1 0x$(printf '%040d' 3);
		spdadd 192.0.2.1 192.0.2.2 udp -P out ipsec esp/transport//unique:7;
		spdadd 192.0.2.2 192.0.2.1 udp -P in ipsec esp/transport//unique:7;
	END
}

counters() {
	ip -s xfrm state | awk '/^src/ { sa = $2 $4 } /add .* use/ { print sa, $2, $3 }'
}

@test "what is equal is not touched; what differs is changed, and another key is said without it" {
	"$SETKEY" sync a.conf
	"$SETKEY" diff a.conf
	counters >before
	sleep 1.1
	sed -e 's/-lh 3600/-lh 7200/' -e "s/$(printf '%064d' 2)/$(printf '%064d' 9)/" a.conf >b.conf
	run "$SETKEY" diff b.conf
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == "k add 192.0.2.2 192.0.2.1 esp 0x1002 "*"authentication-key"*$'\n~ add 192.0.2.1 192.0.2.2 ah '*"time-hard"*"1 to change, 1 to rekey" ]]
	[[ $output != *000009* && $output != *$key* ]]
	run "$SETKEY" sync --dry-run b.conf
	echo "$output"
	[ "$(awk '{ print $2 }' <<<"$output" | xargs)" = "delete add update" ]
	"$SETKEY" sync b.conf
	"$SETKEY" diff b.conf
	counters >after
	[ "$(diff before after | grep -c '^>')" = 1 ]
}

@test "an SA that is made again with its key goes on counting, as its peer would take no lower numbers" {
	"$SETKEY" sync a.conf
	ip xfrm state add src 192.0.2.1 dst 192.0.2.9 proto esp spi 9 replay-oseq 1000 replay-seq 500 replay-window 32 enc 'cbc(aes)' "$key"
	echo "add 192.0.2.1 192.0.2.9 esp 9 -u 44 -r 32 -E aes-cbc $key;" >more.conf
	"$SETKEY" sync more.conf
	ip xfrm state get src 192.0.2.1 dst 192.0.2.9 proto esp spi 9 | tee state
	grep -q 'reqid 44' state
	grep -q 'seq 0x1f4, oseq 0x3e8' state
	sed -i 's/0x0001/0xff01/' more.conf
	"$SETKEY" sync more.conf
	ip xfrm state get src 192.0.2.1 dst 192.0.2.9 proto esp spi 9 | grep -q 'oseq 0x0,'
}

@test "a golden file, loaded as it is written, is what sync takes it for" {
	cd "$BATS_TEST_DIRNAME/../golden"
	for file in *.conf; do
		((some += 1, some % 4)) && continue
		"$SETKEY" flush
		"$SETKEY" --insecure --literal -f "$file" >/dev/null 2>&1 </dev/null || continue
		run "$SETKEY" diff --insecure "$file"
		[ "$status" = 0 ] || [[ $output == *no-state* ]] || { echo "$file: $output" && return 1; }
		((equal += 1))
	done
	[ "$equal" -gt 30 ]
}

@test "load goes back at the first refusal, to keys, counters, sequence numbers and times" {
	"$SETKEY" sync a.conf
	ip xfrm state add src 192.0.2.1 dst 192.0.2.9 proto esp spi 9 replay-oseq 1000 replay-seq 500 replay-window 32 enc 'cbc(aes)' "$key"
	sleep 1.1
	ip xfrm state >before
	ip xfrm policy | grep -v '^$' >policies
	counters >counts
	for bad in 'delete 192.0.2.1 192.0.2.2 esp 0x9999;' 'spddelete 10.0.0.1 10.0.0.2 any -P out;' 'add 192.0.2.5 192.0.2.6 esp 0x77 -E null; add 192.0.2.5 192.0.2.6 esp 0x77 -E null;'; do
		for first in 'flush; spdflush;' 'deleteall 192.0.2.1 192.0.2.2 esp;' 'delete 192.0.2.1 192.0.2.9 esp 9;' ''; do
			echo "$first add 192.0.2.3 192.0.2.4 esp 0x55 -E null; $bad add 192.0.2.3 192.0.2.4 esp 0x56 -E null;" >bad.conf
			run "$SETKEY" load bad.conf
			echo "$output"
			[ "$status" = 1 ]
			[ "$(grep -c error: <<<"$output")" = 1 ]
			diff <(sort before) <(ip xfrm state | sort)
			diff <(sort policies) <(ip xfrm policy | sort)
			diff <(sort counts) <(counters | sort)
		done
	done
}

@test "what the kernel refuses of a sync leaves everything as it was" {
	"$SETKEY" sync a.conf
	ip xfrm state >before
	# An SA that waits for its keys is nobody's, and in the way of one with its SPI.
	{ sed 's/-u 7/-u 8/; s/0x1003/0x1004/' a.conf && echo 'add 192.0.2.3 192.0.2.4 esp 0x900 -E null; spdadd 10.0.0.1 10.0.0.2 any -P out none;'; } >b.conf
	"$SETKEY" -e 'getspi 192.0.2.3 192.0.2.4 esp 0x900;'
	ip xfrm state >before
	run "$SETKEY" sync b.conf
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == "b.conf:7:29: error: an SA with this destination, protocol and SPI exists already [kernel]"*"the tables are as they were before" ]]
	diff <(sort before) <(ip xfrm state | sort)
	"$SETKEY" diff a.conf
}

@test "save brings back what sync finds equal, SAs too" {
	"$SETKEY" sync a.conf
	"$SETKEY" save saved.conf
	"$SETKEY" diff saved.conf
	"$SETKEY" flush
	"$SETKEY" sync saved.conf
	"$SETKEY" diff a.conf
}

@test "a set removes what it has installed, and nothing else; its record holds no key and is its owner's" {
	grep -v flush a.conf >set.conf
	echo 'add 192.0.2.7 192.0.2.8 esp 0x77 -E null; spdadd 10.7.0.1 10.7.0.2 any -P out none;' >others.conf
	"$SETKEY" sync others.conf
	"$SETKEY" sync --name=site set.conf
	"$SETKEY" diff --name=site set.conf
	[ "$(stat -c %a /run/setkey /run/setkey/*)" = $'700\n600' ]
	not grep -qi -e "${key#0x}" -e "$(printf '%064d' 1)" /run/setkey/*
	sed -i '/0x1003/d; /-P in/d' set.conf
	"$SETKEY" sync --name=site set.conf
	[ "$(ip xfrm state | grep -c ^src)" = 3 ]
	[ "$(ip xfrm policy | grep -c ^src)" = 2 ]
	"$SETKEY" sync --name=site /dev/null
	[ "$(ip xfrm state | grep -c ^src)" = 1 ]
	[ "$(ip xfrm policy | grep -c ^src)" = 1 ]
}

@test "a set takes over what is equal, and refuses what is not its own unless forced" {
	grep -v flush a.conf >set.conf
	"$SETKEY" sync set.conf
	"$SETKEY" sync --name=site set.conf
	sed 's/-u 7/-u 8/; s/unique:7/unique:8/' set.conf >other.conf
	run "$SETKEY" sync --name=two other.conf
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"other.conf:1:1: error: "*"[not-ours]"*"hint: --force "* ]]
	"$SETKEY" diff set.conf
	"$SETKEY" sync --force --name=two other.conf
	"$SETKEY" diff other.conf
}

@test "an SA that somebody else has made again is not the set's" {
	echo 'add 192.0.2.7 192.0.2.8 esp 0x77 -E null;' >set.conf
	"$SETKEY" sync --name=site set.conf
	ip xfrm state delete src 192.0.2.7 dst 192.0.2.8 proto esp spi 0x77
	sleep 1.1
	"$SETKEY" -f set.conf
	"$SETKEY" sync --name=site /dev/null
	[ "$(ip xfrm state | grep -c ^src)" = 1 ]
}

@test "what has gone from one set to another stays, whichever is synced first, and is changed by neither alone" {
	for first in one two; do
		start_empty
		echo 'add 192.0.2.7 192.0.2.8 esp 0x77 -E null; spdadd 10.7.0.1 10.7.0.2 any -P out none;' >moves.conf
		"$SETKEY" sync --name=one moves.conf
		"$SETKEY" sync --name=two /dev/null
		if [ $first = two ]; then
			"$SETKEY" sync --name=two moves.conf
			"$SETKEY" sync --name=one /dev/null
		else
			"$SETKEY" sync --name=one /dev/null
			"$SETKEY" sync --name=two moves.conf
		fi
		"$SETKEY" diff --name=two moves.conf
		"$SETKEY" sync --name=two /dev/null
		[ -z "$(ip xfrm state)$(ip xfrm policy)" ]
	done
	"$SETKEY" sync --name=one moves.conf
	"$SETKEY" sync --name=two moves.conf
	sed 's/none/discard/' moves.conf >other.conf
	run "$SETKEY" sync --name=one other.conf
	[ "$status" = 1 ]
	[[ $output == *"[not-ours]"* ]]
	"$SETKEY" diff --name=two moves.conf
}

@test "a damaged record is said, and nothing is done; what else lies in the folder is not looked at" {
	grep -v flush a.conf >set.conf
	"$SETKEY" sync --name=site set.conf
	record=$(echo /run/setkey/site.*)
	cp "$record" kept
	for damage in 'echo nonsense' 'echo sa 00' 'head -c 70 kept' 'printf "\0\377"'; do
		eval "$damage" >>"$record"
		run "$SETKEY" sync --name=site /dev/null
		[ "$status" = 3 ]
		[[ $output == *"$record is damaged"* ]]
		cp kept "$record"
	done
	echo nonsense >"${record/site/other}"
	"$SETKEY" sync --name=site set.conf
	"$SETKEY" sync --name=site /dev/null
	[ -z "$(ip xfrm state)" ]
}

@test "-f deletes SAs that wait for their keys, as flush does" {
	echo 'flush; spdflush; add 192.0.2.3 192.0.2.4 esp 0x900 -E null; spdadd 10.0.0.1 10.0.0.2 any -P out none;' >new.conf
	"$SETKEY" -f a.conf
	"$SETKEY" -e 'getspi 192.0.2.3 192.0.2.4 esp 0x900; getspi 192.0.2.3 192.0.2.5 esp 0x901;' >/dev/null
	"$SETKEY" -f new.conf
	"$SETKEY" diff new.conf
	[ "$(ip xfrm state | grep -c ^src)" = 1 ]
}

# The kernel takes an SA without a mark beside one with a mark, and not the other way round.
@test "-f takes SAs that differ by their marks in the order of the file, whatever is there" {
	marked='add 192.0.2.3 192.0.2.4 esp 0x902 -mark 5 -E null;' plain='add 192.0.2.3 192.0.2.4 esp 0x902 -E null;'
	policy='flush; spdflush; spdadd 10.0.0.1 10.0.0.3 any -P out none;'
	echo "$policy $marked $plain" >both.conf
	for before in "$marked $plain" "$marked" "$plain" ''; do
		echo "$policy $before" >before.conf
		"$SETKEY" --literal -f before.conf
		"$SETKEY" -f both.conf
		"$SETKEY" -f both.conf
		"$SETKEY" diff both.conf
	done
}

@test "a record of a network namespace that is gone says nothing about the next one, which has its number" {
	echo 'spdadd 10.0.0.1 10.0.0.2 any -P out discard;' >set.conf
	unshare -n "$SETKEY" sync --name=site set.conf
	run unshare -n bash -euc "'$SETKEY' sync set.conf; '$SETKEY' sync --name=site /dev/null; ip xfrm policy | grep -c ^src"
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *1 ]]
}

# The kernel takes any SA whose mark matches.
@test "a delete in the files takes what the kernel would take, as in a load" {
	for delete in 'esp 0x77' 'esp 0x77 -mark 0x100'; do
		echo "flush; spdflush; add 192.0.2.7 192.0.2.8 esp 0x77 -mark 0/0xff -E null; add 192.0.2.7 192.0.2.8 esp 0x78 -mark 0/0xff -E null;
			delete 192.0.2.7 192.0.2.8 $delete;" >less.conf
		"$SETKEY" --literal -f less.conf
		[ "$(ip xfrm state | grep -c ^src)" = 1 ]
		"$SETKEY" diff less.conf
		sed 's/delete.*//' less.conf >both.conf
		"$SETKEY" sync both.conf
		"$SETKEY" sync less.conf
		[ "$(ip xfrm state | grep -c ^src)" = 1 ]
	done
}

# The kernel takes such an SA, and no request can name it.
@test "an SA with SPI 0 that is to go is said to stay; -f flushes it as a flush does, and load says that it cannot be taken back" {
	echo "add 192.0.2.1 192.0.2.3 esp 0 -E aes-cbc $key;" >zero.conf
	{ cat a.conf zero.conf && echo 'add 192.0.2.3 192.0.2.4 esp 0x55 -E null; delete 192.0.2.1 192.0.2.3 esp 0x99;'; } >bad.conf
	for before in a.conf /dev/null; do
		flush_tables
		"$SETKEY" -f $before -f zero.conf
		cat a.conf zero.conf >both.conf
		[ $before = /dev/null ] || "$SETKEY" sync both.conf
		run "$SETKEY" sync a.conf
		echo "$output"
		[ "$status" = 1 ]
		[[ $output == *"stays: no request can name it; delete all SAs of its protocol with"* ]]
		[ "$(ip xfrm state | grep -c ^src)" = "$([ $before = a.conf ] && echo 4 || echo 1)" ]
		run "$SETKEY" sync --dry-run a.conf
		[ "$status" = 1 ]
		run "$SETKEY" diff a.conf
		[[ $output == *"- add 192.0.2.1 192.0.2.3 esp 0x0"* ]]
		"$SETKEY" -f a.conf
		"$SETKEY" diff a.conf
	done
	run "$SETKEY" load bad.conf
	echo "$output"
	[ "$status" = 3 ]
	[[ $output == *"could not be restored in full: an SA with SPI 0"* ]]
	[ "$(ip xfrm state | grep -c ^src)" = 4 ]
	"$SETKEY" flush sa esp
	"$SETKEY" sync a.conf
	"$SETKEY" diff a.conf
}

@test "two at once wait for each other" {
	for i in 1 2 3 4 5 6; do
		sed "s/0x100/0x$i""00/" a.conf >$i.conf
		"$SETKEY" sync $i.conf 3>&- &
	done
	wait
	for i in 1 2 3 4 5 6; do "$SETKEY" diff $i.conf >/dev/null && echo $i; done | grep -c . | grep -qx 1
}

@test "wrong names and folders that others can write are refused before anything is sent" {
	for name in '' a/b .. "$(printf %070d 0)"; do
		run "$SETKEY" sync --name="$name" a.conf
		[ "$status" = 2 ]
	done
	mkdir -m 777 /run/setkey
	run "$SETKEY" sync --name=site a.conf
	[ "$status" = 3 ]
	rm -r /run/setkey
	echo >/run/setkey
	run "$SETKEY" sync --name=site a.conf
	[ "$status" = 3 ]
	rm /run/setkey
	[ -z "$(ip xfrm state)" ]
}

# marked N: an SA without a mark, younger than one with it, and N others, so that the kernel's tables grow
marked() {
	key=0x000102030405060708090a0b0c0d0e0f
	echo "flush; spdflush;
		add 192.0.2.1 192.0.2.2 esp 0x2000 -mark 0x15/0xff -E aes-cbc $key;
		add 192.0.2.1 192.0.2.2 esp 0x2000 -mark 5/0x0f -u 3 -E aes-cbc $key;
		add 192.0.2.9 192.0.2.2 esp 0x2000 -u 4 -E aes-cbc $key;"
	for ((i = 0; i < $1; i++)); do echo "add 192.0.2.1 192.0.2.2 esp $((0x3000 + i)) -u $((i + 9)) -E null;"; done
}

@test "of SAs that one request would fit, the one that is meant is deleted, changed or added, and the others stay" {
	for others in 0 40; do
		marked $others >all.conf
		for change in '/0x15/d' '/-mark 5/d' '/0x2000 -u 4/d' '/-mark/d' 's/-mark 0x15/-lh 9000 -ls 8000 &/' 's/-u 3/-u 8/' '/0x15/s/0f;$/0e;/'; do
			sed "$change" all.conf >less.conf
			"$SETKEY" -f less.conf
			ip xfrm state | sort >wanted
			"$SETKEY" --literal -f all.conf
			sleep 0.2
			"$SETKEY" sync less.conf || echo "$change"
			ip xfrm state | sort | diff wanted -
			"$SETKEY" diff less.conf
			"$SETKEY" sync all.conf || echo "$change"
			"$SETKEY" diff all.conf
			grep 0x2000 less.conf >set.conf
			"$SETKEY" sync --force --name=set set.conf
			"$SETKEY" sync --name=set /dev/null
		done
	done
}
