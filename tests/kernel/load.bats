#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2030,SC2031 # each test has variables of its own
# What setkey does to a kernel and says about it, the same over either wire. ip(8) is the neutral observer.

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	ip -batch - <<<$'xfrm state flush\nxfrm policy flush'
	key=0x000102030405060708090a0b0c0d0e0f
}

# on_both FUNCTION: calls it with wire=xfrm and wire=pfkey, from empty tables
on_both() {
	for wire in xfrm pfkey; do
		echo "over $wire:"
		"$1"
		ip -batch - <<<$'xfrm state flush\nxfrm policy flush'
	done
}

# feed: standard input, as the file f.conf; sets status and output. Not for the end of a pipe: that is a subshell.
feed() {
	cat >f.conf
	run "$SETKEY" --via="$wire" -f f.conf
	echo "$output"
}

sas() {
	[ "$(ip xfrm state | grep -c ^src)" = "$1" ]
}

policies() {
	[ "$(ip xfrm policy | grep -c ^src)" = "$1" ]
}

errors() {
	[ "$(grep -c ': error: ' <<<"$output")" = "$1" ]
}

add() {
	case ${2-esp} in
	esp) echo "add 192.0.2.1 192.0.2.2 esp $1 -E aes-cbc $key;" ;;
	ah) echo "add 192.0.2.1 192.0.2.2 ah $1 -A hmac-md5 $key;" ;;
	esac
}

@test "a good file loads in silence" {
	good() {
		feed <<-END
			flush; spdflush;
			$(add 0x1001)
			$(add 0x1002 ah)
			spdadd 192.0.2.0/24 198.51.100.0/24 any -P out ipsec esp/tunnel/192.0.2.1-192.0.2.2/require;
			spdadd 198.51.100.0/24 192.0.2.0/24 any -P in ipsec esp/tunnel/192.0.2.2-192.0.2.1/require;
		END
		[ "$status" = 0 ]
		[ -z "$output" ]
		sas 2
		policies 3
	}
	on_both good
}

@test "-k leaves out the fwd copy of an inbound policy" {
	kernel_mode() {
		echo 'spdadd 192.0.2.1 192.0.2.2 any -P in none;' >f.conf
		"$SETKEY" --via="$wire" -k -f f.conf
		policies 1
	}
	on_both kernel_mode
}

@test "a forward policy that is the copy of an inbound one loads in silence, before or behind it, and is deleted so" {
	twice() {
		feed <<-END
			spdadd 10.2.0.0/16 10.1.0.0/16 any -P in ipsec esp/tunnel/192.0.2.2-192.0.2.1/require;
			spdadd 10.2.0.0/16 10.1.0.0/16 any -P fwd ipsec esp/tunnel/192.0.2.2-192.0.2.1/require;
			spdadd 10.3.0.0/16 10.1.0.0/16 any -P fwd none;
			spdadd 10.3.0.0/16 10.1.0.0/16 any -P in none;
			spdadd 10.4.0.0/16 10.1.0.0/16 any -P in ipsec esp/tunnel/192.0.2.2-192.0.2.1/unique:7;
			spdadd 10.4.0.0/16 10.1.0.0/16 any -P fwd ipsec esp/tunnel/192.0.2.2-192.0.2.1/unique:7;
		END
		[ "$status$output" = 0 ]
		policies 6
		[ "$(ip xfrm policy | grep -c 'dir fwd')" = 3 ]
		[[ $(ip xfrm policy get src 10.4.0.0/16 dst 10.1.0.0/16 dir fwd) == *"reqid 7 "* ]]
		feed <<-END
			spddelete 10.2.0.0/16 10.1.0.0/16 any -P in;
			spddelete 10.2.0.0/16 10.1.0.0/16 any -P fwd;
			spddelete 10.3.0.0/16 10.1.0.0/16 any -P fwd;
			spddelete 10.3.0.0/16 10.1.0.0/16 any -P in;
		END
		[ "$status$output" = 0 ]
		policies 2
	}
	on_both twice
}

@test "a forward policy that differs from the copy of an inbound one is refused with that one's line, and the rest is loaded" {
	differs() {
		feed <<-END
			spdadd 10.2.0.0/16 10.1.0.0/16 any -P in ipsec esp/tunnel/192.0.2.2-192.0.2.1/require;
			spdadd 10.2.0.0/16 10.1.0.0/16 any -P fwd prio 1 ipsec esp/tunnel/192.0.2.2-192.0.2.1/require;
			spdadd 10.3.0.0/16 10.1.0.0/16 any -P fwd none;
			spdadd 10.3.0.0/16 10.1.0.0/16 any -P in discard;
		END
		[ "$status" = 1 ]
		errors 2
		[[ $output == *"f.conf:2:"*"exists already"*"f.conf:1:"*"note: the inbound policy that is copied to fwd"* ]]
		[[ $output == *"f.conf:4:"*"exists already"*"for the forward copy"*"f.conf:3:"*"note: the forward policy"* ]]
		policies 4
		[[ $(ip xfrm policy get src 10.3.0.0/16 dst 10.1.0.0/16 dir fwd) != *block* ]]
	}
	on_both differs
}

@test "a file with an error changes nothing" {
	bad() {
		feed <<<"$(add 0x1001)"
		feed <<-END
			flush;
			$(add 0x1002)
			add 192.0.2.1 192.0.2.2 esp 0x1003 -E aes-cbc 0x0001;
			spdadd 192.0.2.1 192.0.2.2 any -P sideways none;
		END
		[ "$status" = 1 ]
		errors 2
		[[ $output == *"f.conf:3:"*"f.conf:4:"* ]]
		sas 1
		ip xfrm state | grep -q 0x00001001
	}
	on_both bad
}

@test "-n checks and sends nothing" {
	check() {
		add 0x1001 >f.conf
		"$SETKEY" --via="$wire" -n -f f.conf
		sas 0
	}
	on_both check
}

@test "standard input, -c and -e" {
	other_sources() {
		add 0x1001 | "$SETKEY" --via="$wire" -f -
		add 0x1002 | "$SETKEY" --via="$wire" -c
		"$SETKEY" --via="$wire" -e "$(add 0x1003)"
		sas 3
	}
	on_both other_sources
}

@test "a refused statement is reported in its place and the rest still runs" {
	refused() {
		feed <<-END
			$(add 0x1001)
			$(add 0x1001)
			$(add 0x1002)
			delete 192.0.2.1 192.0.2.2 esp 0x1009;
			$(add 0x1003)
			spddelete 192.0.2.1 192.0.2.2 any -P out;
		END
		[ "$status" = 1 ]
		errors 3
		[[ $output == *"f.conf:2:"*"f.conf:4:"*"f.conf:6:"* ]]
		[[ $output != *000102030405* ]]
		sas 3
	}
	on_both refused
}

@test "a refusal after the flush of full tables is neither lost nor shifted" {
	after_flush() {
		feed <<-END
			$(add 0x1001)
			$(add 0x1002)
			spdadd 192.0.2.1 192.0.2.2 any -P out none;
			flush;
			spdflush;
			$(add 0x1003)
			$(add 0x1003)
		END
		[ "$status" = 1 ]
		errors 1
		[[ $output == *"f.conf:7:"* ]]
		sas 1
		policies 0
	}
	on_both after_flush
}

@test "a thousand refusals are a thousand errors" {
	thousand() {
		feed < <(for ((i = 0; i < 1000; i++)); do add $((4096 + i)); done)
		[ "$status" = 0 ]
		sas 1000
		run "$SETKEY" --via="$wire" -f f.conf
		[ "$status" = 1 ]
		errors 1000
		[ "$(grep ': error: ' <<<"$output" | cut -d: -f2 | sort -nu | wc -l)" = 1000 ]
	}
	on_both thousand
}

@test "delete takes one SA, deleteall all of a pair and a protocol" {
	deletes() {
		feed <<-END
			$(add 0x1001) $(add 0x1002) $(add 0x1003) $(add 0x1004) $(add 0x1005 ah)
			add 192.0.2.1 192.0.2.9 esp 0x1006 -E aes-cbc $key;
			delete 192.0.2.1 192.0.2.2 esp 0x1004;
		END
		[ "$status" = 0 ]
		sas 5
		feed <<<"deleteall 192.0.2.1 192.0.2.2 esp;"
		[ "$status" = 0 ]
		sas 2
		feed <<<"deleteall 192.0.2.1 192.0.2.2;"
		sas 1
		ip xfrm state | grep -q 0x00001006
	}
	on_both deletes
}

@test "a policy is deleted by the mark that it was added with, bits outside the mask included" {
	wire=xfrm
	feed <<<'spdadd 10.0.0.1 10.0.0.2 any -mark 3/1 -P out none; spddelete 10.0.0.1 10.0.0.2 any -mark 3/1 -P out;'
	[ "$status" = 0 ]
	policies 0
}

# The kernel takes 3/1 for 1/1.
@test "what was refused before a statement for which the kernel is asked first is said, by -f and by load" {
	local adds='add 192.0.2.1 192.0.2.2 esp 0x1001 -mark 1/1 -E null; add 192.0.2.1 192.0.2.2 esp 0x1001 -mark 3/1 -E null;' statement
	wire=xfrm
	for statement in update delete deleteall get; do
		case $statement in
		update) statement='update 192.0.2.1 192.0.2.2 esp 0x1001 -mark 1/1 -E null;' ;;
		deleteall) statement='deleteall 192.0.2.1 192.0.2.2;' ;;
		*) statement="$statement 192.0.2.1 192.0.2.2 esp 0x1001 -mark 1/1;" ;;
		esac
		feed <<<"$adds $statement"
		[ "$status" = 1 ]
		[[ $output == *" exists already [kernel]"* ]]
		ip xfrm state flush
		echo "add 192.0.2.1 192.0.2.9 esp 0x1009 -E null; $adds $statement" >again.conf
		run "$SETKEY" load again.conf
		echo "$output"
		[ "$status" = 1 ]
		sas 0
	done
}

# Each matches what has the mark 1/1, and the younger is found first.
@test "of SAs whose marks match one request the one that is named is deleted, and deleteall takes those of its source alone" {
	wire=xfrm
	local first='add 192.0.2.1 192.0.2.2 esp 0x1001 -mark 1/1 -E null;' statement
	feed <<<"$first add 192.0.2.1 192.0.2.2 esp 0x1001 -mark 0/2 -E null;"
	for statement in delete get; do
		feed <<<"$statement 192.0.2.1 192.0.2.2 esp 0x1001 -mark 1/1;"
		echo "$output"
		[ "$status" = 1 ]
		[[ $output == *"error: Linux would $([ $statement = get ] && echo return || echo delete) another SA of this SPI (the one with the mark 0x0/0x2) [kernel]"* ]]
		sas 2
	done
	feed <<<"delete 192.0.2.1 192.0.2.2 esp 0x1001 -mark 0/2; delete 192.0.2.1 192.0.2.2 esp 0x1001 -mark 1;"
	[ "$status" = 0 ]
	sas 0
	for statement in '-mark 0/2' '-mark 1/3' '-mark 0/0xff00' ''; do
		feed <<<"$first add 192.0.2.1 192.0.2.2 esp 0x1001 $statement -E null; deleteall 192.0.2.1 192.0.2.2 esp;"
		sas 0
	done
	for statement in '-mark 0/2' ''; do
		feed <<<"$first add 192.0.2.9 192.0.2.2 esp 0x1001 $statement -E null;"
		feed <<<"deleteall 192.0.2.1 192.0.2.2;"
		echo "$output"
		[ "$status" = 1 ]
		[[ $output == *"error: for a marked SA Linux would delete another one of its SPI, which has another source"* ]]
		sas 2
		feed <<<"deleteall 192.0.2.9 192.0.2.2; deleteall 192.0.2.1 192.0.2.2;"
		[ "$status" = 0 ]
		sas 0
	done
}

@test "delete with a mark never takes a younger SA without one for it, and deleteall takes them all" {
	wire=xfrm
	for how in delete deleteall; do
		feed <<-END
			add 192.0.2.1 192.0.2.2 esp 0x1001 -mark 1/0xff -E aes-cbc $key;
			add 192.0.2.1 192.0.2.2 esp 0x1001 -E aes-cbc $key;
		END
		sas 2
		if [ $how = delete ]; then
			feed <<<"delete 192.0.2.1 192.0.2.2 esp 0x1001 -mark 1/0xff;"
			[ "$status" = 1 ]
			[[ $output == *":1:45: error: Linux would delete the SA of this SPI that has no mark [kernel]"* ]]
			sas 2
			feed <<<"get 192.0.2.1 192.0.2.2 esp 0x1001 -mark 1/0xff;"
			[ "$status" = 1 ]
			[[ $output == *":1:42: error: Linux would return the SA of this SPI that has no mark [kernel]"* ]]
			feed <<<"delete 192.0.2.1 192.0.2.2 esp 0x1001; get 192.0.2.1 192.0.2.2 esp 0x1001 -mark 1/0xff;
				delete 192.0.2.1 192.0.2.2 esp 0x1001 -mark 1/0xff;"
			[[ $output == *"mark=0x1/0xff"* ]]
		else
			feed <<<"deleteall 192.0.2.1 192.0.2.2 esp;"
		fi
		[ "$status" = 0 ]
		sas 0
	done
}

@test "get shows one SA; a missing one is an error" {
	get() {
		feed <<<"$(add 0x1001) get 192.0.2.1 192.0.2.2 esp 0x1001;"
		[ "$status" = 0 ]
		[[ $output == "192.0.2.1 192.0.2.2 "*"esp mode=transport spi=4097(0x00001001)"* ]]
		feed <<<"get 192.0.2.1 192.0.2.2 esp 0x1002;"
		[ "$status" = 1 ]
		errors 1
	}
	on_both get
}

@test "a statement for several addresses of which one cannot be said does nothing, at a prompt too" {
	local statement="add localhost localhost esp 0x1001 -coa 2001:db8::1 -E aes-cbc $key;"
	for how in "-f -" "-c"; do
		# shellcheck disable=SC2086 # two words
		run "$SETKEY" $how <<<"$statement"
		echo "$output"
		[ "$status" = 1 ]
		[[ $output == *"of another family"* ]]
		sas 0
	done
	"$SETKEY" -e "${statement/localhost localhost/-6 localhost localhost}"
	sas 1
}

@test "spdupdate makes or replaces, spddelete deletes with the fwd copy" {
	update() {
		feed <<<"spdupdate 192.0.2.1 192.0.2.2 any -P in none;"
		[ "$status" = 0 ]
		policies 2
		feed <<<"spdupdate 192.0.2.1 192.0.2.2 any -P in discard;"
		[ "$status" = 0 ]
		policies 2
		[ "$(ip xfrm policy | grep -c block)" = 2 ]
		feed <<<"spddelete 192.0.2.1 192.0.2.2 any -P in;"
		[ "$status" = 0 ]
		policies 0
	}
	on_both update
}

@test "an SA that is made by getspi and filled in by update" {
	getspi() {
		feed <<-END
			getspi 192.0.2.1 192.0.2.2 esp 0x1001;
			update 192.0.2.1 192.0.2.2 esp 0x1001 -E aes-cbc $key;
		END
		[ "$status" = 0 ]
		sas 1
		ip xfrm state | grep -q "cbc(aes)"
	}
	on_both getspi
}

@test "-F, -FP and flush empty what they name" {
	flushes() {
		feed <<-END
			$(add 0x1001) $(add 0x1002 ah)
			spdadd 192.0.2.1 192.0.2.2 any -P out none;
		END
		feed <<<"flush esp;"
		sas 1
		"$SETKEY" --via="$wire" -F
		sas 0
		policies 1
		"$SETKEY" --via="$wire" -FP
		policies 0
		"$SETKEY" --via="$wire" -F
	}
	on_both flushes
}

@test "empty tables say so, with status 0" {
	empty() {
		run "$SETKEY" --via="$wire" -D
		[ "$status" = 0 ]
		[ "$output" = "No SAD entries." ]
		run "$SETKEY" --via="$wire" -DP
		[ "$status" = 0 ]
		[ "$output" = "No SPD entries." ]
		feed <<<"dump; spddump;"
		[ "$status" = 0 ]
		[ "$output" = $'No SAD entries.\nNo SPD entries.' ]
	}
	on_both empty
}

# Only PF_KEY numbers its answers and tells how often a policy is referred to.
@test "-D and -DP say the same over both wires" {
	cat >f.conf <<-END
		$(add 0x1001) $(add 0x1002 ah)
		add 192.0.2.1[4500] 192.0.2.2[4500] esp-udp 0x1003 -m tunnel -u 7 -r 32 -lh 100 -ls 50 -bh 9999 -bs 999 -E 3des-cbc "123456789012345678901234";
		add 2001:db8::1 2001:db8::2 ipcomp 0x1004 -C deflate;
		spdadd 192.0.2.0/24 198.51.100.0/24[80] tcp -P out prio high + 5 ipsec esp/tunnel/192.0.2.1-192.0.2.2/unique:7 ah/transport//use;
		spdadd 2001:db8::/64 2001:db8:1::/64 icmp6 135,0 -P in discard;
	END
	"$SETKEY" -f f.conf
	for each in xfrm pfkey; do
		{ "$SETKEY" --via=$each -Dp; "$SETKEY" --via=$each -DPp; } |
			sed -E 's/\<(pid|seq|sadb_seq|refcnt)=[0-9]+/\1=*/g; s/current: [A-Z].*/current: */; s/diff: [0-9]+/diff: */' >$each
	done
	[ "$(grep -c "state=mature" xfrm)" = 4 ]
	[ "$(grep -c "spid=" xfrm)" = 3 ]
	diff -u xfrm pfkey
}

@test "status 2 for wrong usage, 3 for what cannot be read" {
	run "$SETKEY" --via=carrier-pigeon -D
	[ "$status" = 2 ]
	run "$SETKEY" --no-such-option
	[ "$status" = 2 ]
	run "$SETKEY" -f /no/such/file
	[ "$status" = 3 ]
	[[ $output == *"/no/such/file"* ]]
}

@test "without the right to, it says so, with status 3" {
	not_allowed() {
		for what in "-f f.conf" -D -FP; do
			add 0x1001 >f.conf
			# shellcheck disable=SC2086 # an option and its argument
			run setpriv --reuid=65534 --regid=65534 --clear-groups "$SETKEY" --via="$wire" $what
			[ "$status" = 3 ]
			[[ ${output,,} == *@(permission|permitted|root|cap_net_admin)* ]]
		done
	}
	chmod 755 . ..
	on_both not_allowed
}

@test "without PF_KEY, auto does not need it and --via=pfkey says so, with status 3" {
	rmmod af_key
	run "$SETKEY" --via=pfkey -D
	modprobe af_key
	[ "$status" = 3 ]
	[[ $output == *PF_KEY* ]]
	rmmod af_key
	run "$SETKEY" -e "$(add 0x1001)"
	modprobe af_key
	[ "$status" = 0 ]
	sas 1
}

@test "without XFRM netlink, auto takes PF_KEY and --via=xfrm says so, with status 3" {
	rmmod xfrm_user
	run "$SETKEY" --via=xfrm -D
	said=$output ended=$status
	run "$SETKEY" -e "$(add 0x1001)"
	modprobe xfrm_user
	[ "$ended" = 3 ]
	[[ $said == *XFRM* ]]
	[ "$status" = 0 ]
	sas 1
}

@test "without either, status 3" {
	rmmod xfrm_user af_key
	run "$SETKEY" -D
	modprobe -a xfrm_user af_key
	[ "$status" = 3 ]
	[[ $output == *XFRM*PF_KEY* ]]
}

@test "what this kernel can do is found by trying, and leaves nothing" {
	ip xfrm state flush
	[ "$("$SETKEY" algorithms --kernel | awk '$2 == "-E" && $8 == "yes"' | wc -l)" -ge 10 ]
	[ "$("$SETKEY" algorithms --kernel | awk '$1 == "aes-gcm-16" || $1 == "chacha20-poly1305" || $1 == "hmac-sha256" { print $(NF - 2) }' | xargs)" = "yes yes yes" ]
	[ "$("$SETKEY" algorithms --kernel | awk '$1 == "hmac-sm3" || $1 == "tcp-md5" { print $8 }' | xargs)" = "no no" ]
	# A wrong name in the table would be one more that this kernel lacks: Debian builds the modules of all but two.
	run "$SETKEY" algorithms --kernel
	lacks=$(awk '{ sub(/ \(AEAD\)/, "") } $6 == "yes" && $8 == "no" { print $1 }' <<<"$output" | xargs)
	[[ $lacks == @(hmac-sm3 sm4-cbc|) ]] || { echo "this kernel lacks $lacks" && return 1; }
	[ "$("$SETKEY" algorithms --kernel --via=pfkey | awk '$1 == "aes-gcm-16" || $1 == "aes-cbc" { print $(NF - 2) }' | xargs)" = "yes no" ]
	[ -z "$(ip xfrm state)" ]
}
