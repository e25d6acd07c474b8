#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What setkey monitor, -x and -l hear of the kernel: all events over both wires, losses told, and a prompt end.

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	ip -batch - <<<$'xfrm state flush\nxfrm policy flush'
	key=0x000102030405060708090a0b0c0d0e0f
	watching=()
}

teardown() {
	kill -CONT "${watching[@]}" 2>/dev/null
	kill "${watching[@]}" 2>/dev/null
	wait
	ip link delete wire0 2>/dev/null || :
}

# start NAME ARG...: setkey, writing to NAME. A background job of a script ignores SIGINT unless it is told not to.
start() {
	local name=$1
	shift
	env --default-signal=INT "$SETKEY" "$@" >"$name" 2>"$name.err" 3>&- &
	watching+=($!)
}

# begun NAME...: until there is something in each
begun() {
	local name
	for name; do
		until [ -s "$name" ]; do
			sleep 0.02
		done
	done
}

# watch NAME [ARG...]: a monitor that writes JSON to NAME, and listens when this returns
watch() {
	start "$1" monitor --format=json "${@:2}"
	begun "$1"
}

# heard NAME EVENT: until the monitor has told of it, or two seconds have passed
heard() {
	local i
	for ((i = 0; i < 100; i++)); do
		! grep -q "\"event\":\"$2\"" "$1" || return 0
		sleep 0.02
	done
	echo "no $2 in:" && cat "$1" "$1.err"
	return 1
}

# ends SIGNAL: every monitor, with status 0, at once and without a word
ends() {
	local pid status=0 i
	kill -s "$1" "${watching[@]}"
	for pid in "${watching[@]}"; do
		for ((i = 0; i < 50; i++)); do
			kill -0 "$pid" 2>/dev/null || break
			sleep 0.02
		done
		[ "$i" -lt 50 ] || { echo "$pid goes on" && return 1; }
		wait "$pid" || status=$?
		[ "$status" = 0 ] || { echo "status $status" && return 1; }
	done
	watching=()
	cat ./*.err
	[ -z "$(cat ./*.err)" ]
}

# Every change of the SAD and of the SPD, made through either interface.
change() {
	"$SETKEY" --via="$1" -k -e "
		add 192.0.2.1 192.0.2.2 esp 0x1001 -E aes-cbc $key;
		update 192.0.2.1 192.0.2.2 esp 0x1001 -lh 1000 -ls 900 -E aes-cbc $key;
		delete 192.0.2.1 192.0.2.2 esp 0x1001;
		add 192.0.2.1 192.0.2.2 esp 0x1002 -E aes-cbc $key;
		flush esp;
		spdadd 192.0.2.1 192.0.2.2 any -P out discard;
		spdupdate 192.0.2.1 192.0.2.2 any -P out none;
		spddelete 192.0.2.1 192.0.2.2 any -P out;
		spdadd 192.0.2.3 192.0.2.2 any -P out discard;
		spdflush;"
}

changes="listen add update delete add flush spdadd spdupdate spddelete spdadd spdflush"

@test "both wires hear every change, whoever makes it" {
	watch xfrm --via=xfrm
	watch pfkey --via=pfkey
	for via in xfrm pfkey; do
		change $via
		heard xfrm spdflush
		heard pfkey spdflush
		sleep 0.1
		for name in xfrm pfkey; do
			[ "$(jq -r .event $name | xargs)" = "$changes" ] || { echo "$name of $via" && cat $name && return 1; }
			jq -s -e 'all(.version == 2 and .type == "event" and
				(.time | test("^[-0-9]{10}T[0-9:]{8}[.][0-9]{6}Z$")))' $name >/dev/null
			jq -s -e '.[1].sa | .spi == 4097 and .src.address == "192.0.2.1" and .enc.name == "aes-cbc"' $name
			jq -s -e '.[2].sa.hard.add_seconds == 1000 and .[5].proto == "esp"' $name
			jq -s -e '.[6].policy.action == "discard" and .[7].policy.action == "none"' $name
		done
		# Only the bytes of the key would be its words.
		[ "$(grep -c 0001020304 xfrm pfkey | xargs)" = "xfrm:0 pfkey:0" ]
		ends TERM
		rm xfrm pfkey
		[ $via = pfkey ] || { watch xfrm --via=xfrm && watch pfkey --via=pfkey; }
	done
}

@test "the operands choose what is told, and keys are shown on request" {
	watch policies policy
	watch sas sa --show-keys
	watch both expire sa policy --via=pfkey
	change xfrm
	heard policies spdflush
	heard sas flush
	heard both spdflush
	[ "$(jq -r .event policies | xargs)" = "listen spdadd spdupdate spddelete spdadd spdflush" ]
	[ "$(jq -r .event sas | xargs)" = "listen add update delete add flush" ]
	[ "$(jq -r .event both | xargs)" = "$changes" ]
	jq -s -e --arg key "${key#0x}" '.[1].sa.enc.key == $key' sas
}

@test "a packet that wants an SA, and limits that are reached" {
	ip link add wire0 type dummy
	ip -batch - <<<$'address add 192.0.2.1/24 dev wire0\nlink set wire0 up'
	watch json
	start text monitor
	begun text
	"$SETKEY" -k -e "spdadd 192.0.2.1 192.0.2.2 icmp -P out ipsec esp/transport//require;
		add 192.0.2.1 192.0.2.9 esp 0x1009 -lh 2 -ls 1 -E aes-cbc $key;"
	ping -c 1 -W 1 192.0.2.2 || :
	heard json acquire
	jq -s -e 'map(select(.event == "acquire"))[0] | .sa.proto == "esp" and .sa.dst.address == "192.0.2.2" and .packet.upper == 1 and
		.policy.dir == "out"' json
	for i in $(seq 150); do
		[ "$(grep -c '"event":"expire"' json)" -lt 2 ] || break
		sleep 0.02
	done
	[ "$(jq -r 'select(.event == "expire") | "\(.sa.spi) \(.hard)"' json | xargs)" = "4105 false 4105 true" ]
	cat text
	grep -qE ' acquire: esp 192.0.2.1 -> 192.0.2.2 wanted for 192.0.2.1.* -> 192.0.2.2.* protocol 1, policy [0-9]+$' text
	[ "$(grep -cE ' expire: .*192.0.2.9.* (soft|hard)$' text)" = 2 ]
}

@test "the counters of an SA in use, and another default" {
	ip link add wire0 type dummy
	ip -batch - <<<$'address add 192.0.2.1/24 dev wire0\nlink set wire0 up arp off'
	watch json aevent policy
	start text monitor
	begun text
	"$SETKEY" -k -e "add 192.0.2.1 192.0.2.2 esp 0x1001 -u 5 -E aes-cbc $key;
		spdadd 192.0.2.1 192.0.2.2 icmp -P out ipsec esp/transport//unique:5;"
	ping -c 4 -i 0.2 -W 1 192.0.2.2 || :
	ip xfrm policy setdefault out block
	ip xfrm policy setdefault out accept
	heard json aevent
	heard json setdefault
	jq -s -e 'map(select(.event == "aevent"))[-1] | .sa.spi == 4097 and .sa.reqid == 5 and .oseq > 0 and .bytes > 0' json
	[ "$(jq -r 'select(.event == "setdefault") | .out' json | xargs)" = "discard none" ]
	"$SETKEY" -e "flush esp; add 192.0.2.1 192.0.2.2 ah 0x1002 -A hmac-md5 $key; flush;"
	for i in $(seq 100); do ! grep -q 'flush: every SA' text || break; sleep 0.02; done
	cat text
	grep -qE ' aevent: .*192.0.2.2.* replay 0/[0-9]+, [0-9]+ bytes, [0-9]+ packets, ' text
	grep -q ' setdefault: in none out discard fwd none$' text
	grep -q ' flush: esp$' text
	grep -q ' flush: every SA$' text
}

@test "notices of a kind that no laboratory sees: in words, as JSON, and decoded" {
	announce=$BATS_TEST_DIRNAME/../../build/lab/announce
	watch json
	start text monitor
	begun text
	"$announce" >hex
	heard json spdexpire
	for i in $(seq 100); do ! grep -q spdexpire: text || break; sleep 0.02; done
	cat text json
	for words in 'mapping: esp spi 4660(0x00001234) from 198.51.100.1[4500] to 198.51.100.2[1025]' \
		'report: 60 refused 10.1.0.0/16 -> 10.2.0.0/16[53]' \
		'migrate: 10.1.0.0/16 -> 10.2.0.0/16[53] udp out: 192.0.2.1 -> 192.0.2.2 is now 192.0.2.3 -> 192.0.2.4' \
		'spdexpire: 10.1.0.0/16 -> 10.2.0.0/16[53] udp in hard'; do
		[ "$(grep -cF " $words" text)" = 1 ]
	done
	jq -s -e 'map(select(.event == "mapping"))[0] | .sa.spi == 4660 and .old.port == 4500 and .new.address == "198.51.100.2"' json
	jq -s -e 'map(select(.event == "report"))[0] | .proto == 60 and .packet.dst.port == 53 and .packet.upper == 17' json
	jq -s -e 'map(select(.event == "migrate"))[0] | .policy.dir == "out" and .old[0].src.address == "192.0.2.1" and .new[0].dst.address == "192.0.2.4"' json
	jq -s -e 'map(select(.event == "spdexpire"))[0] | .hard and .policy.action == "discard"' json
	"$SETKEY" decode --annotate hex >decoded
	cat decoded
	grep -q 'mapping  *old_saddr 198.51.100.1 new_saddr 198.51.100.2 old_sport 4500 new_sport 1025$' decoded
	grep -q 'XFRMA_COADDR  *203.0.113.9$' decoded
	grep -q 'XFRMA_MIGRATE  *{ old 192.0.2.1 192.0.2.2 new 192.0.2.3 192.0.2.4 proto 50 mode 1 reqid 9 }$' decoded
	grep -q 'expire  *hard 1$' decoded
}

@test "-x -H through XFRM: the bytes, with zeros where a key was" {
	umask 077 # or else there is a warning
	start out --via=xfrm -x -H
	start shown --via=xfrm -x -H --show-keys
	sleep 0.5
	change xfrm
	for i in $(seq 100); do
		! grep -q spdflush out || ! grep -q spdflush shown || break
		sleep 0.02
	done
	cat out
	grep -q spdflush out
	tr -d ' \n' <out >bytes
	tr -d ' \n' <shown >all
	grep -q 00010203 all
	[ "$(grep -c 0001020304050607 bytes)" = 0 ]
	ends TERM
}

# storm COUNT: so many SAs, while nobody listens
storm() {
	seq -f "add 192.0.2.1 192.0.2.2 esp %.0f -E aes-cbc $key;" 4096 $((4095 + $1)) >storm.conf
	kill -STOP "${watching[@]}"
	"$SETKEY" --via=xfrm -f storm.conf
	kill -CONT "${watching[@]}"
}

@test "what was lost is told in its place, and what is there can follow" {
	watch xfrm --resync --via=xfrm
	watch pfkey --resync --via=pfkey
	watch quiet
	start text monitor --resync
	begun text
	storm 20000
	for name in xfrm pfkey; do
		for i in $(seq 500); do
			! grep -q '"event":"resync"' $name || break
			sleep 0.05
		done
		heard $name resync
		events=$(jq -r .event $name | uniq -c)
		echo "$events"
		[[ $events == *listen*add*" 1 overrun"*" 20000 dump"*" 1 resync" ]] ||
			[[ $events == *listen*" 1 overrun"*" 20000 dump"*" 1 resync" ]]
		[ "$(jq -c 'select(.event == "resync") | [.sas, .policies]' $name)" = "[20000,0]" ]
	done
	for i in $(seq 500); do ! grep -q resync: text || break; sleep 0.05; done
	grep -q ' overrun: events were lost, they came faster than they were read$' text
	grep -q ' resync: 20000 SAs and 0 policies are there$' text
	heard quiet overrun
	[ "$(grep -c -e '"dump"' -e '"resync"' quiet)" = 0 ]
	ends TERM
}

@test "SIGINT, SIGTERM and a reader that is gone end it at once" {
	start out monitor --via=xfrm
	start classic --via=pfkey -x
	begun out classic
	ends INT
	watch json
	ends TERM
	# Nothing happens in the kernel meanwhile: the end of the reader is enough.
	set -o pipefail
	timeout 2 "$SETKEY" monitor | head -n 1
	timeout 2 "$SETKEY" --via=pfkey -xx | head -n 1
	timeout 3 "$SETKEY" -Dl | head -n 1
}

@test "-x through PF_KEY is the text of old, with keys only on request" {
	umask 077 # or else there is a warning
	start masked --via=pfkey -x -H
	start shown --via=pfkey -xx --show-keys
	begun masked shown
	sleep 0.2
	"$SETKEY" --via=xfrm -e "add 192.0.2.1 192.0.2.2 esp 0x1001 -E aes-cbc $key;"
	sleep 0.2
	ends TERM
	grep -q -x '[0-9][0-9]:[0-9][0-9]:[0-9][0-9]\.[0-9]\{6\} ' masked
	grep -q -x '[0-9]\{10\}\.[0-9]\{6\} ' shown
	grep -q '^00000000: 02 03 00 03 ' masked
	[ "$(grep -c -e 00010203 -e '00 01 02 03' masked)" = 0 ]
	[ "$(grep -c '^  key= 0x...(16 bytes) }$' masked)" = 2 ]
	sed -n '/^sadb_msg/,/^$/p' shown | sed '/^$/q; s/addtime=[1-9][0-9]*/addtime=T/; s/seq=[0-9]*/seq=S/' >message
	diff message - <<-'END'
		sadb_msg{ version=2 type=3 errno=0 satype=3
		  len=30 reserved=0 seq=S pid=0
		sadb_ext{ len=2 type=1 }
		sadb_sa{ spi=4097 replay=0 state=1
		  auth=0 encrypt=12 flags=0x00000000 }
		sadb_ext{ len=4 type=3 }
		sadb_lifetime{ alloc=0, bytes=0
		  addtime=0, usetime=0 }
		sadb_ext{ len=4 type=4 }
		sadb_lifetime{ alloc=0, bytes=0
		  addtime=0, usetime=0 }
		sadb_ext{ len=4 type=2 }
		sadb_lifetime{ alloc=0, bytes=0
		  addtime=T, usetime=0 }
		sadb_ext{ len=3 type=5 }
		sadb_address{ proto=0 prefixlen=32 reserved=0x0000 }
		sockaddr{ len=16 family=2 port=0
		 c0000201  }
		sadb_ext{ len=3 type=6 }
		sadb_address{ proto=0 prefixlen=32 reserved=0x0000 }
		sockaddr{ len=16 family=2 port=0
		 c0000202  }
		sadb_ext{ len=3 type=7 }
		sadb_address{ proto=255 prefixlen=0 reserved=0x0000 }
		sockaddr{ len=16 family=2 port=0
		 00000000  }
		sadb_ext{ len=3 type=9 }
		sadb_key{ bits=128 reserved=0
		  key= 00010203 04050607 08090a0b 0c0d0e0f }
		sadb_ext{ len=2 type=19 }
		sadb_x_sa2{ mode=1 reqid=0
		  reserved1=0 reserved2=0 sequence=0 }

	END
}

@test "-x through XFRM tells it in words, with the entry as -D shows it" {
	start out --via=xfrm -x
	until [[ $(awk '$2 == 6 && $4 != "00000000"' /proc/net/netlink) ]]; do
		sleep 0.02
	done
	sleep 0.1
	"$SETKEY" -e "add 192.0.2.1 192.0.2.2 esp 0x1001 -E aes-cbc $key;"
	sleep 0.2
	ends TERM
	sed -i '1s/^[0-9:]*\.[0-9]\{6\} $/STAMP /' out
	[ "$(head -n 5 out)" = $'STAMP \nadd: esp 192.0.2.1 -> 192.0.2.2 spi 4097(0x00001001)\n192.0.2.1 192.0.2.2 \n\tesp mode=transport spi=4097(0x00001001) reqid=0(0x00000000)\n\tE: aes-cbc  0x...(16 bytes)' ]
	[ -z "$(tail -n 1 out)" ]
}

@test "-l repeats a line for each SA, -DP -l the dump of the SPD" {
	"$SETKEY" -k -e "add 192.0.2.1 192.0.2.2 esp 0x1001 -lh 2000 -ls 1 -E aes-cbc $key;
		add 192.0.2.1 192.0.2.2 ah 0x1002 -A hmac-md5 $key; add 2001:db8::1 2001:db8::2 ipcomp 0x1003 -C deflate;
		spdadd 192.0.2.1 192.0.2.2 any -P out discard;"
	timeout --foreground --preserve-status 1.6 "$SETKEY" -Dl >sad 3>&-
	timeout --foreground --preserve-status 1.6 "$SETKEY" -DPl >spd 3>&-
	cat sad spd
	[ "$(head -n 1 sad)" = 'time p   s spi      ltime   src -> dst' ]
	# The first is dying after a second, which may have passed before it is shown.
	[ "$(sed '1d; s/^[0-9]\{4\} //; s/  [0-9]\//  N\//; /^esp M/d' sad | sort -u)" = "$(sort <<-'END'
		#9  M 00001003   N/0   2001:db8::1 -> 2001:db8::2
		ah  M 00001002   N/0   192.0.2.1 -> 192.0.2.2
		esp D 00001001   N/big 192.0.2.1 -> 192.0.2.2
	END
	)" ]
	[ "$(grep -c spid= spd)" = 2 ] && [ "$(grep -c ^time spd)" = 1 ]
}
