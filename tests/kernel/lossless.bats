#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Nothing is lost on the way back: what the kernel holds, dumped as statements, with the keys in them or in a file of
# their own, or as a script for ip, and loaded into an empty kernel, is the same to the byte as netlink dumps it, in the same order. What is masked, rawdump.c says; what
# cannot come back and why, lossless.tsv.

setup_file() {
	cd "$BATS_TEST_DIRNAME/.." || return
	export rawdump=$PWD/../build/lab/rawdump
	"$rawdump" -f >/dev/null
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	tests=$BATS_TEST_DIRNAME/..
	"$rawdump" -f >/dev/null
}

# back NAME FORMAT...: the tables as they are, through each format; empty afterwards. Complains about what came back
# changed. refs is conf with the keys in a file of their own.
back() {
	local name=$1 format reason
	shift
	"$rawdump" >before
	[ -s before ] || return 0
	for format; do
		case $format in
		refs)
			rm -f keys
			"$SETKEY" dump --format=conf --keys-to=keys >refs
			! grep '0x[0-9a-f]\{32\}' refs || echo "$name: a key shows beside its name"
			[ "$(stat -c %a keys)" = 600 ] || echo "$name: others may read the keys"
			;;
		*) "$SETKEY" dump --format="$format" --show-keys >"$format" ;;
		esac
	done
	"$rawdump" -f >before
	some=$((some + 1))
	for format; do
		reason=${may[$name ${format/refs/conf}]-}
		if [ "$format" != ip ]; then
			"$SETKEY" -f "$format" >said 2>&1 || :
		else
			ip -batch ip >said 2>&1 || :
		fi
		"$rawdump" -f >after
		if cmp -s before after; then
			[ -z "$reason" ] || echo "$name comes back as $format: take it out of lossless.tsv"
		elif [ -z "$reason" ]; then
			echo "$name as $format:"
			cat said "$format"
			diff before after || :
		fi
	done
}

# there_and_back FILE...: each loaded through XFRM, and brought back as conf; every third in every format
there_and_back() {
	local file name format reason some=0 n=0
	local -A may
	while IFS=$'\t' read -r name format reason; do
		[[ $name == '#'* ]] || may["$name $format"]=$reason
	done <"$BATS_TEST_DIRNAME/lossless.tsv"
	for file; do
		"$SETKEY" --insecure --via=xfrm -f "$file" >/dev/null 2>&1 </dev/null || :
		name=${file##*/}
		((n++ % 3)) && formats=() || formats=(refs ip)
		back "${name%.conf}" conf "${formats[@]}"
	done >wrong
	cat wrong
	echo "$some of $# left something behind"
	[ ! -s wrong ]
	[ $((4 * some)) -gt $# ]
}

@test "every golden configuration comes back" { there_and_back "$tests"/golden/*.conf; }
@test "every configuration of the dumps comes back" { there_and_back "$tests"/dump/*.conf; }

# holds BYTES: whether netlink shows these, in hex, in what is there now
holds() {
	"$rawdump" | grep -q "$1"
}

# comes_back NAME: what is there now, and it is not nothing
comes_back() {
	local some=0
	back "$1" conf refs ip >wrong
	cat wrong
	[ ! -s wrong ]
	[ $some = 1 ]
}

@test "what only XFRM can say comes back" {
	local -A may
	ip -batch "$tests/kernel/objects.ip"
	[ "$(ip xfrm state | grep -c ^src)" -ge 40 ]
	comes_back objects
}

@test "ESP in UDP of the first drafts comes back, where there is such" {
	local -A may
	ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1021 enc "ecb(cipher_null)" "" encap espinudp-nonike 500 501 0.0.0.0 ||
		skip "this kernel has no espinudp-nonike"
	comes_back nonike
}

@test "the threshold of NAT mappings and the interval of keepalives come back, where the kernel keeps them" {
	local -A may
	may["mapping ip"]="ip has no word for it"
	may["keepalive ip"]="ip has no word for it"
	"$SETKEY" -e 'add 192.0.2.1 192.0.2.2 esp-udp 0x1001 -mapping 30 -E null;'
	holds 080020001e000000
	comes_back mapping
	"$SETKEY" -e 'add 192.0.2.1 192.0.2.2 esp-udp 0x1001 -dir out -keepalive 20 -E null;'
	holds 0800220014000000 || skip "this kernel sends no NAT keepalives"
	comes_back keepalive
}

@test "the direction of an SA comes back, where the kernel keeps it" {
	local -A may
	"$SETKEY" -e 'add 192.0.2.1 192.0.2.2 esp 0x1001 -dir out -E null; add 192.0.2.2 192.0.2.1 esp 0x1002 -dir in -r 32 -E null;'
	# An attribute of 5 bytes with number 33
	holds 0500210001 || skip "this kernel keeps no direction of an SA"
	"$SETKEY" -e 'add 2001:db8::1 2001:db8::2 esp 0x1003 -dir out -esn -E null; add 192.0.2.1 192.0.2.2 esp 0x1005 -E null;
		add 2001:db8::2 2001:db8::1 esp 0x1004 -dir in -esn -r 128 -E null;'
	holds 0500210002
	[ "$("$SETKEY" dump sa --format=conf | grep -c -e '-dir in')" = 2 ]
	[ "$("$SETKEY" dump sa --format=json | jq -r .dir | sort | xargs)" = "in in null out out" ]
	ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x2001 enc "ecb(cipher_null)" "" dir in 2>/dev/null ||
		may["direction ip"]="this ip has no word for it"
	comes_back direction
}

@test "care-of addresses come back" {
	local -A may=(["coa ip"]="ip takes one with Mobile IPv6 alone")
	"$SETKEY" -e 'add 192.0.2.1 192.0.2.2 esp 0x1001 -coa 198.51.100.7 -E null; add 2001:db8::1 2001:db8::2 esp 0x1002 -coa 2001:db8::7 -E null;'
	# An attribute of 20 bytes with number 14, and the address
	holds 14000e00c6336407
	[ "$("$SETKEY" dump --format=ip | grep -c '^# a care-of address')" = 2 ]
	comes_back coa
}

@test "an output mark of 0 with a mask comes back, and ip, which leaves it out, is not told of its SA" {
	local -A may=(["omark ip"]="ip leaves out an output mark of 0")
	"$SETKEY" -e 'add 192.0.2.1 192.0.2.2 esp 0x1001 -omark 0/0xf0 -E null;'
	[ "$("$SETKEY" dump --format=ip | grep -c '^# an output mark of 0')" = 1 ]
	comes_back omark
}

@test "a direction that the kernel does not take is reported under a word of the statement" {
	"$SETKEY" -e 'add 192.0.2.1 192.0.2.2 esp 0x1001 -dir out -E null;'
	holds 0500210002 || skip "this kernel keeps no direction of an SA"
	run "$SETKEY" -e 'add 192.0.2.1 192.0.2.2 esp 0x1002 -dir out -r 32 -E null;'
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"-e:1:48: error: "*eplay* ]]
}

@test "what no statement can say is a comment, and nothing wider comes back; requests of a policy that discards do" {
	local -A may=(["selectors conf"]="no words for a device and protocol 255" ["selectors ip"]="protocol 255 is any to the model")
	ip link add wire1 type dummy
	ip -batch - <<-'END'
		xfrm policy add src 10.0.0.0/8 dst 10.1.0.0/16 dev wire1 dir out tmpl src 192.0.2.1 dst 192.0.2.2 proto esp mode tunnel
		xfrm policy add src 10.0.0.0/8 dst 10.2.0.0/16 proto 255 dir out action block
		xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1001 enc ecb(cipher_null) "" mode tunnel sel src 10.0.0.0/8 dst 10.1.0.0/16 dev wire1
		xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1002 enc ecb(cipher_null) "" mode tunnel sel dev wire1
		xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1003 enc ecb(cipher_null) "" mode tunnel sel src 10.0.0.0/8 proto 255
	END
	"$SETKEY" dump --format=conf >conf
	"$SETKEY" dump --format=ip >ip
	[ "$(grep -c '^# for the device wire1: ' conf)" = 3 ]
	[ "$(grep -c '^# protocol 255: ' conf)" = 2 ]
	[ "$(grep -cE '^(add|spd)' conf || :)" = 0 ]
	[ "$(grep -c '^xfrm .* dev wire1' ip)" = 3 ]
	[ "$(grep -c '^# protocol 255: ' ip)" = 2 ]
	comes_back selectors
	# What ip can say comes back through it.
	ip -batch - <<<$'xfrm policy add src 10.0.0.0/8 dst 10.1.0.0/16 dev wire1 dir out
		xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1002 enc ecb(cipher_null) "" mode tunnel sel dev wire1'
	may=(["device conf"]="no words for a device")
	comes_back device
	ip link del wire1
	ip -batch - <<-'END'
		xfrm policy add src 10.0.0.0/8 dst 10.3.0.0/16 dir out action block priority 7 tmpl src 192.0.2.1 dst 192.0.2.2 proto esp mode tunnel reqid 20000
		xfrm policy add src 10.0.0.0/8 dst 10.3.0.0/16 dir in action block tmpl proto esp mode transport level use
	END
	may=()
	comes_back block
}

@test "over PF_KEY a dump says what it cannot show" {
	ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1001 aead "rfc4106(gcm(aes))" 0x0001020304050607080910111213141516171819 128
	ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1002 enc "ecb(cipher_null)" "" mode tunnel sel src 10.0.0.0/8
	"$SETKEY" -e 'getspi 192.0.2.1 192.0.2.2 esp 0x1003;'
	for format in conf ip; do
		"$SETKEY" dump sa --via=pfkey --format=$format >out
		cat out
		[[ $(head -n 1 out) == '# Read over PF_KEY, which shows no mark, '* ]]
		[ "$(grep -c '^# an algorithm that PF_KEY does not show: .*0x1001' out)" = 1 ]
		[ "$(grep -c '^# a selector: .*0x1002' out)" = 1 ]
		[ "$(grep -c '^# without keys yet: .*0x1003' out)" = 1 ]
	done
	[ "$("$SETKEY" dump sa --format=conf | grep -c PF_KEY || :)" = 0 ]
	"$rawdump" -f >/dev/null
}

@test "numbers of 64 bits are whole in every format, and JSON has them without a sign" {
	ip -batch - <<-'END'
		xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1001 enc ecb(cipher_null) "" limit byte-hard 9223372036854775808 limit byte-soft 18446744073709551000
		xfrm policy add src 10.0.0.0/8 dst 10.1.0.0/16 dir out limit packet-hard 9223372036854775809
	END
	"$SETKEY" dump --format=json >json
	grep -q '"hard":{"bytes":9223372036854775808,' json
	grep -q '"soft":{"bytes":18446744073709551000,' json
	grep -q '"hard":{"bytes":0,"packets":9223372036854775809,' json
	[ "$(grep -c -e ':-[0-9]' json || :)" = 0 ]
	local -A may
	comes_back limits
}

@test "JSON has an SA's counters of what it dropped, and one shape of src and dst" {
	ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1001 enc "ecb(cipher_null)" "" encap espinudp 4500 4501 0.0.0.0
	ip xfrm policy add src 192.0.2.1 dst 192.0.2.2 dir out tmpl src 192.0.2.1 dst 192.0.2.2 proto esp mode tunnel
	"$SETKEY" dump --format=json >json
	"$rawdump" -f >/dev/null
	[ "$(jq -c 'select(.type == "sa").state | [.replay_window, .replay, .integrity_failed, .not_shown]' json)" = '[0,0,0,0]' ]
	[ "$(jq -c '.src, .dst, .requests[]?.src, .requests[]?.dst | keys' json | sort -u)" = '["address","port","port_mask","prefix_length"]' ]
	[ "$(jq -c 'select(.encap).encap.type' json)" = '"espinudp"' ]
}

@test "JSON has as many objects as the kernel" {
	ip -batch "$tests/kernel/objects.ip"
	"$SETKEY" dump --format=json >json
	"$rawdump" -f >all
	# The kernel's own helper of IPComp is none of the user's SAs.
	[ "$(jq -s 'map(select(.type == "sa")) | length' json)" = "$(($(grep -c ^sa all) - 1))" ]
	[ "$(jq -s 'map(select(.type == "policy")) | length' json)" = "$(grep -c ^policy all)" ]
	[ "$(jq -s 'map(.not_shown // .state.not_shown) | add' json)" = 0 ]
	[ "$(jq -r 'select(.mark.value == 2) | .mark.mask' json)" = 255 ]
	[ "$(jq -r 'select(.output_mark.mask == 240) | .output_mark.value' json)" = 16 ]
	[ "$(jq -r 'select(.selector.upper == 1) | .selector.dst.port_mask' json)" = 65535 ]
	[ "$(jq -r 'select(.flags == ["localok", "icmp"]) | .requests[0].spi' json)" = 4660 ]
}

@test "the classic dump says on one line what only XFRM has" {
	ip -batch "$tests/kernel/objects.ip"
	"$SETKEY" -D >text
	"$SETKEY" -DP >>text
	"$rawdump" -f >/dev/null
	grep -qxF $'\tE: aes-gcm-8  00010203 04050607 08090a0b 0c0d0e0f 10111213' text
	grep -qxF $'\txfrm: esn window=128' text
	grep -qxF $'\txfrm: mark=0x1/0xff' text
	grep -qxF $'\txfrm: options=localok,icmp spi1=0x1234' text
	grep -qxF $'\txfrm: sel=10.0.0.0/8[8]-10.1.0.0/16[0]:1' text
	# None where classic text has it all.
	"$SETKEY" -e 'add 192.0.2.1 192.0.2.2 esp 0x1000 -r 4 -f noecn -E null -A hmac-md5 "0123456789abcdef";
		spdadd 192.0.2.1 192.0.2.2 any -P out ipsec esp/transport//unique:7;'
	{ "$SETKEY" -D; "$SETKEY" -DP; } >text
	"$rawdump" -f >/dev/null
	[ "$(grep -c -e spid= -e sadb_seq= text)" = 2 ]
	[ "$(grep -c xfrm: text)" = 0 ]
}

@test "sequence numbers come back, and what was seen does not pass again" {
	ip -batch - <<-'END'
		xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 1 enc ecb(cipher_null) "" replay-window 32 replay-seq 0x50 replay-oseq 0x60
		xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 2 enc ecb(cipher_null) "" replay-window 64 flag esn replay-seq 0x50 replay-oseq 0x60 replay-oseq-hi 1
	END
	"$SETKEY" dump --format=conf >conf
	"$rawdump" -f >/dev/null
	grep -q -e '-replay 4294967392/80' conf
	"$SETKEY" -f conf
	run ip xfrm state
	"$rawdump" -f >/dev/null
	[[ $output == *"seq 0x50, oseq 0x60, bitmap 0xffffffff"* ]]
	[[ $output == *"oseq-hi 0x1, oseq 0x60"* ]]
}

@test "a mark is part of the name of an SA and of a policy" {
	"$SETKEY" -f - <<-'END'
		add 192.0.2.1 192.0.2.2 esp 0x1000 -mark 1/0xff -E null;
		add 192.0.2.1 192.0.2.2 esp 0x1000 -mark 2/0xff -E null;
		add 192.0.2.1 192.0.2.2 esp 0x1000 -mark 3/0xff -E null;
		spdadd 192.0.2.1 192.0.2.2 any -mark 1/0xff -if_id 7 -P out none;
		spdadd 192.0.2.1 192.0.2.2 any -mark 2/0xff -if_id 7 -P out none;
	END
	run "$SETKEY" -e 'get 192.0.2.1 192.0.2.2 esp 0x1000 -mark 2;'
	[[ $output == *"mark=0x2/0xff"* ]]
	"$SETKEY" -e 'delete 192.0.2.1 192.0.2.2 esp 0x1000 -mark 2/0xff;
		spddelete 192.0.2.1 192.0.2.2 any -mark 1/0xff -if_id 7 -P out;'
	run "$SETKEY" dump --format=conf
	[[ $output != *"-mark 0x2/0xff -E"* && $output == *"-mark 0x1/0xff -E"* && $output == *"-mark 0x2/0xff -if_id 0x7 -P"* ]]
	"$SETKEY" -e 'deleteall 192.0.2.1 192.0.2.2;'
	run "$SETKEY" -D
	"$rawdump" -f >/dev/null
	[ "$output" = "No SAD entries." ]
}

@test "an update that Linux would not carry out is refused, over both wires" {
	local via
	for via in xfrm pfkey; do
		"$SETKEY" --via=$via -e 'add 192.0.2.1 192.0.2.2 esp 0x1000 -u 7 -E aes-cbc "0123456789abcdef" -A hmac-sha1 "0123456789abcdefghij";'
		cat >update.conf <<-'END'
			update 192.0.2.1 192.0.2.2 esp 0x1000 -u 7 -E aes-cbc "0123456789abcdeX" -A hmac-sha1 "0123456789abcdefghij";
			update 192.0.2.1 192.0.2.2 esp 0x1000 -u 7 -E 3des-cbc "0123456789abcdef01234567" -A hmac-sha1 "0123456789abcdefghij";
			update 192.0.2.1 192.0.2.2 esp 0x1000 -u 7 -m tunnel -E aes-cbc "0123456789abcdef" -A hmac-sha1 "0123456789abcdefghij";
			update 192.0.2.1 192.0.2.2 esp 0x1000 -u 8 -E aes-cbc "0123456789abcdef" -A hmac-sha1 "0123456789abcdefghij";
			update 192.0.2.1 192.0.2.2 esp 0x1000 -u 7 -E aes-cbc "0123456789abcdef" -A hmac-md5 "0123456789abcdef";
			update 192.0.2.1 192.0.2.2 esp 0x1000 -u 7 -E aes-cbc "0123456789abcdef" -A hmac-sha1 "0123456789abcdefghiX";
		END
		run "$SETKEY" --via=$via -f update.conf
		[ "$status" = 1 ]
		[ "$(grep -c 'the SA is in use' <<<"$output")" = 6 ]
		[[ $output == *"update.conf:5:"*" error: "* && $output == *"update.conf:6:"*" error: "* ]]
		[[ $output == *"update.conf:1:55: error: "* && $output == *"update.conf:2:47: error: "* && $output == *"add one with a new SPI"* ]]
		"$SETKEY" --via=$via -e 'update 192.0.2.1 192.0.2.2 esp 0x1000 -u 7 -lh 500 -ls 400 -E aes-cbc "0123456789abcdef" -A hmac-sha1 "0123456789abcdefghij";'
		run "$SETKEY" --via=$via -D
		[[ $output == *"hard: 500(s)"* ]]
		"$rawdump" -f >/dev/null
	done
}

@test "an update of an option that Linux would not carry out is refused, and of one that it does is not" {
	local sa='192.0.2.1 192.0.2.2 esp 0x1000 -mark 1/0xff -m tunnel' all='-if_id 7 -omark 1/0xf -tfcpad 100 -seq 9 -replay 5/6 -r 32 -sel 10.1.0.0/16[80] 10.2.0.0/16 tcp -f noecn'
	"$SETKEY" -e "add $sa $all -E null;"
	"$SETKEY" -e "update $sa $all -lh 500 -ls 400 -E null; update $sa -E null; update $sa -r 64 -E null;"
	"$SETKEY" dump --format=conf >before
	local option
	for option in '-if_id 0' '-omark 0/0' '-tfcpad 0' '-seq 8' '-replay 5/7' '-r 16' '-sel 10.1.0.0/16 10.2.0.0/16 tcp' \
		'-f decap-dscp' '-esn -r 32' '-coa 192.0.2.7' '-offload crypto lo out'; do
		echo "$option:"
		run "$SETKEY" -e "update $sa $option -E null;"
		echo "$output"
		[ "$status" = 1 ]
		[[ $output == *"the SA is in use"* ]]
	done
	"$SETKEY" dump --format=conf | diff before -
	"$SETKEY" -e "update $sa -if_id 8 -omark 2/0xf -E null;"
	run "$SETKEY" dump --format=conf
	[[ $output == *" -if_id 0x8 -omark 0x2/0xf "* ]]
	sa='192.0.2.1 192.0.2.2 esp-udp 0x1001 -mapping'
	"$SETKEY" -e "add $sa 30 -E null; update $sa 30 -E null;"
	[[ $("$SETKEY" dump --format=conf) == *" -mapping 30 "* ]]
	run "$SETKEY" -e "update $sa 40 -E null;"
	[ "$status" = 1 ]
	[[ $output == *"the SA is in use"* ]]
	"$SETKEY" -e "flush; add 192.0.2.1 192.0.2.2 esp 0x1000 -E null;
		update 192.0.2.1 192.0.2.2 esp 0x1000 -sel 0.0.0.0/0 0.0.0.0/0 any -E null;"
	"$rawdump" -f >/dev/null
}

@test "an update completes what getspi began, and makes what is not there no worse, over both wires" {
	local via
	for via in xfrm pfkey; do
		"$SETKEY" --via=$via -e 'getspi 192.0.2.1 192.0.2.2 esp 0x1000;
			update 192.0.2.1 192.0.2.2 esp 0x1000 -E aes-cbc "0123456789abcdef" -A hmac-sha1 "0123456789abcdefghij";'
		run "$SETKEY" --via=$via -D
		[[ $output == *rijndael-cbc* || $output == *aes-cbc* ]]
		[[ $output == *state=mature* ]]
		"$rawdump" -f >/dev/null
		run "$SETKEY" --via=$via -e 'update 192.0.2.1 192.0.2.2 esp 0x1000 -E null;'
		[ "$status" = 1 ]
		[[ $output == *"there is no such SA"* ]]
	done
}
