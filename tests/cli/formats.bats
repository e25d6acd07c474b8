#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The formats for people: table and dot. Neither ever holds a key.

load ../lib

@test "a table has one line for each object, and a heading for each kind" {
	run bash -c "'$SETKEY' encode '$BATS_TEST_DIRNAME/../../examples/tunnel-a.conf' | '$SETKEY' decode --format=table --show-keys"
	[ "$status" = 0 ]
	[ "${#lines[@]}" = 7 ]
	[[ ${lines[0]} == PROTO*MODE*SOURCE*DESTINATION*SPI*STATE*REQID*AGE*BYTES*ALGORITHMS ]]
	[[ ${lines[3]} == DIR*ACTION*PRIORITY*SOURCE*DESTINATION*UPPER*REQUESTS ]]
	[[ ${lines[4]} == "out  ipsec    0x80000000  10.1.0.0/24 "*"esp/tunnel/192.0.2.1-192.0.2.2" ]]
	[[ $output != *5d415cba* ]]
}

@test "the columns of a table stand under their headings" {
	setkey decode --format=table "$BATS_TEST_DIRNAME"/../dump/sa-*.rx >"$BATS_TEST_TMPDIR/table"
	cat "$BATS_TEST_TMPDIR/table"
	awk 'NR == 1 { at = index($0, "ALGORITHMS"); next } substr($0, at - 1, 1) != " " || substr($0, at, 1) == " " { exit 1 }' \
		"$BATS_TEST_TMPDIR/table"
}

@test "a table on a terminal is as wide as the terminal, with colour" {
	run script -qec "stty cols 100; '$SETKEY' decode --format=table '$BATS_TEST_DIRNAME/../dump/sa-ah6-tunnel.rx'" /dev/null
	plain=$(sed 's/\x1b\[[0-9;]*m//g; s/\r//' <<<"${lines[1]}")
	[ "${#plain}" -le 100 ]
}

@test "a graph is one that Graphviz draws" {
	setkey encode "$BATS_TEST_DIRNAME/../../examples/tunnel-a.conf" |
		setkey decode --format=dot --show-keys >"$BATS_TEST_TMPDIR/graph"
	dot -Tsvg "$BATS_TEST_TMPDIR/graph" >"$BATS_TEST_TMPDIR/svg"
	[ "$(grep -c '<g id="node' "$BATS_TEST_TMPDIR/svg")" = 4 ]
	[ "$(grep -c '<g id="edge' "$BATS_TEST_TMPDIR/svg")" = 6 ]
	run grep -i 5d415cba "$BATS_TEST_TMPDIR/graph"
	[ "$status" = 1 ]
}

@test "every capture makes a graph" {
	for file in "$BATS_TEST_DIRNAME"/../dump/*.rx; do
		setkey decode --format=dot "$file" >"$BATS_TEST_TMPDIR/graph"
		dot -Tcanon "$BATS_TEST_TMPDIR/graph" >/dev/null
	done
}

@test "offload to a device, by its name or by the index of one that is gone, in every format that has it all" {
	file=$BATS_TEST_DIRNAME/../parse/offload.conf
	shown() {
		setkey encode "$file" | setkey decode --format="$1"
	}
	[ "$(shown conf | grep -c -e ' -offload crypto lo out ' -e ' -offload packet 4000 in ')" = 2 ]
	[ "$(shown classic | grep -c -e 'xfrm: offload=crypto,lo,out$' -e 'xfrm: offload=packet,4000,in$')" = 2 ]
	[ "$(shown ip | grep -c -e ' offload dev lo dir out' -e ' offload packet dev 4000 dir in')" = 2 ]
	[ "$(shown json | jq -c .offload | xargs)" = "{kind:crypto,device:lo,index:1,dir:out} {kind:packet,device:4000,index:4000,dir:in}" ]
}

# seen FORMAT: standard input's statements as they come back from messages
seen() {
	setkey encode -k - 2>/dev/null | setkey decode --format="$1" --show-keys
}

@test "a table tells apart what mark, interface id, port mask or ICV tell apart" {
	seen table >"$BATS_TEST_TMPDIR/table" <<-'END'
		add 192.0.2.1 192.0.2.2 esp 0x1000 -mark 5/0xff -if_id 7 -E null -A hmac-sha256-128 0x000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f;
		add 192.0.2.1 192.0.2.2 esp 0x1001 -E null -A hmac-sha256 0x000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f;
		spdadd 10.0.0.0/8[5000/0xfff8] 10.1.0.0/16[80/0xff0f] udp -mark 9 -if_id 8 -P out none;
		spdadd 10.0.0.0/8[0/0xffff] 10.1.0.0/16 udp -P out none;
		spdadd ::/0 ::/0 icmp6 135,0 -P out none;
		spdadd ::/0 ::/0 135 -P out none;
	END
	cat "$BATS_TEST_TMPDIR/table"
	grep -q ' 0x00001000 .* null+hmac-sha256-128 mark 0x5/0xff if_id 0x7$' "$BATS_TEST_TMPDIR/table"
	grep -q ' 0x00001001 .* null+hmac-sha256$' "$BATS_TEST_TMPDIR/table"
	grep -q ' 10.0.0.0/8\[5000-5007\] .* 10.1.0.0/16\[80/0xff0f\] .* mark 0x9/0xffffffff if_id 0x8$' "$BATS_TEST_TMPDIR/table"
	grep -q ' 10.0.0.0/8\[0\] ' "$BATS_TEST_TMPDIR/table"
	[ "$(grep -c ' icmp6 ' "$BATS_TEST_TMPDIR/table")" = 1 ]
	[ "$(grep -c ' 135 ' "$BATS_TEST_TMPDIR/table")" = 1 ]
	not grep '~' "$BATS_TEST_TMPDIR/table"
}

@test "no word of the classic dump's xfrm line is one of another line, and every key is on a line that scripts blank" {
	seen classic >"$BATS_TEST_TMPDIR/text" <<-'END'
		exact;
		add 192.0.2.1 192.0.2.2 esp 0x1000 -m tunnel -esn -r 64 -f icmp -f af-unspec -mark 5 -if_id 7 -omark 3 -sel 10.0.0.0/8 10.1.0.0/16[80] tcp
			-coa 192.0.2.9 -tfcpad 100 -dir in -offload crypto lo in -seq 9 -E aes-gcm-16 0xa1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4;
		add 192.0.2.1 192.0.2.2 esp 0x1001 -icv 104 -E aes-cbc 0xa1a2a3a4a5a6a7a8a9aaabacadaeafb0 -A hmac-sha256 0xa1a2a3a4a5a6a7a8a9aaabacadaeafb0a1a2a3a4a5a6a7a8a9aaabacadaeafb0;
		spdadd 10.0.0.0/8[80/0xfff0] 10.1.0.0/16 tcp -f localok -f icmp -mark 9 -P out ipsec esp/transport//unique:3:5;
	END
	cat "$BATS_TEST_TMPDIR/text"
	[ "$(grep -c $'^\txfrm: ' "$BATS_TEST_TMPDIR/text")" = 3 ]
	[ "$(grep -c $'^\tE: aes-gcm-16  a1a2a3a4 a5a6a7a8 a9aaabac adaeafb0 b1b2b3b4$' "$BATS_TEST_TMPDIR/text")" = 1 ]
	not grep -iE 'a1a2|b1b2' <(grep -v $'^\t[EA]: ' "$BATS_TEST_TMPDIR/text")
	grep -v $'^\txfrm: ' "$BATS_TEST_TMPDIR/text" | grep -oE '[a-z_]+[=:]' | sort -u >"$BATS_TEST_TMPDIR/words"
	grep -q '^flags=' "$BATS_TEST_TMPDIR/words"
	not grep -F -f "$BATS_TEST_TMPDIR/words" <(grep $'^\txfrm: ' "$BATS_TEST_TMPDIR/text" | cut -c 8-)
}

@test "numbers of 64 bits have no sign in JSON" {
	[ "$(seen json <<<'add 192.0.2.1 192.0.2.2 esp 0x1000 -bh 9223372036854775808 -bs 18446744073709551614 -ph 9223372036854775807 -ps 1 -E null;' |
		grep -oE '"(hard|soft)":\{"bytes":[-0-9]*,"packets":[-0-9]*' | xargs)" = \
		'hard:{bytes:9223372036854775808,packets:9223372036854775807 soft:{bytes:18446744073709551614,packets:1' ]
	# A minus in text stays one.
	[ "$(seen json <<<'add 192.0.2.1 192.0.2.2 esp 0x1000 -ctx 1 1 "a:-1 \ -2" -E null;' | jq -r .context.label)" = 'a:-1 \ -2' ]
}

@test "what is called src or dst has one shape, and an encapsulation has a name" {
	seen json >"$BATS_TEST_TMPDIR/json" <<-'END'
		add 192.0.2.1[4500] 192.0.2.2[4501] esp-udp 0x1000 -m tunnel -sel 10.0.0.0/8 10.1.0.0/16 any -E null;
		spdadd 10.0.0.0/8 10.1.0.0/16 any -P out ipsec esp/tunnel/192.0.2.1-192.0.2.2/require;
	END
	[ "$(jq -c '.. | objects | .src, .dst | select(.) | keys' "$BATS_TEST_TMPDIR/json" | sort | uniq -c | xargs)" = '8 [address,port,port_mask,prefix_length]' ]
	[ "$(jq -c 'select(.encap).encap | [.type, .sport, .dport]' "$BATS_TEST_TMPDIR/json")" = '["espinudp",4500,4501]' ]
}

# every object of these statements as a page
page() {
	setkey encode -k - 2>/dev/null | setkey decode --format=html --show-keys
}

@test "a page is whole, needs nothing from elsewhere, and has no key and nothing of a message that is not escaped" {
	cd "$BATS_TEST_TMPDIR" || return
	setkey encode "$BATS_TEST_DIRNAME/../../examples/tunnel-a.conf" | setkey decode --format=html --show-keys >page
	python3 - page <<-'END'
		import html.parser, sys
		text = open(sys.argv[1]).read()
		lone = {"meta", "line", "rect"}
		ends_itself = {"tr", "td", "th"}
		class Page(html.parser.HTMLParser):
		    open, count = [], {}
		    def handle_starttag(self, tag, attrs):
		        self.count[tag] = self.count.get(tag, 0) + 1
		        assert tag not in ("script", "link", "img", "iframe", "object"), tag
		        assert not [a for a in attrs if a[0] in ("src", "href", "srcset")], attrs
		        if tag not in lone | ends_itself:
		            self.open.append(tag)
		    def handle_startendtag(self, tag, attrs):
		        self.count[tag] = self.count.get(tag, 0) + 1
		    def handle_endtag(self, tag):
		        if tag not in lone | ends_itself:
		            assert self.open.pop() == tag, tag
		page = Page()
		page.feed(text)
		assert page.open == [] and "url(" not in text and "@import" not in text
		assert page.count["rect"] == 2 and page.count["table"] == 2, page.count
	END
	[ "$(grep -c '^<tr><td>esp' page)" = 2 ]
	run grep -i 5d415cba page
	[ "$status" = 1 ]
	for file in "$BATS_TEST_DIRNAME"/../dump/*.rx; do
		setkey decode --format=html "$file" | grep -q '^</html>$'
	done
}

@test "a page has policies in the kernel's order: by direction and priority, the older of equal ones first" {
	cd "$BATS_TEST_TMPDIR" || return
	# as the kernel lists them, the newest first
	page <<-'END' >drawn
		spdadd 192.0.2.1 192.0.2.4 any -P out prio low none;
		spdadd 192.0.2.1 192.0.2.3 any -P out discard;
		spdadd 192.0.2.1 192.0.2.2 any -P out none;
		spdadd 192.0.2.1 192.0.2.5 any -P out prio high none;
		spdadd 192.0.2.1 192.0.2.6 any -P in none;
	END
	[ "$(grep -o '192\.0\.2\.[2-6]<' drawn | xargs)" = "192.0.2.6< 192.0.2.5< 192.0.2.2< 192.0.2.3< 192.0.2.4<" ]
}

@test "a page draws what joins hosts: both ways, one way, a policy without an SA, and names what it cannot draw" {
	cd "$BATS_TEST_TMPDIR" || return
	page <<-'END' >drawn
		add 192.0.2.1 192.0.2.2 esp 0x1000 -m tunnel -E null;
		add 192.0.2.2 192.0.2.1 esp 0x1001 -m tunnel -E null;
		add 192.0.2.1 192.0.2.3 esp 0x1002 -E null;
		spdadd 10.1.0.0/16 10.2.0.0/16 any -P out ipsec esp/tunnel/192.0.2.1-192.0.2.2/require;
		spdadd 10.1.0.0/16 10.4.0.0/16 any -P out ipsec esp/tunnel/192.0.2.1-192.0.2.4/require;
	END
	[ "$(grep -c '<line class="good".*192.0.2.1 and 192.0.2.2: 1 SA there, 1 back<' drawn)" = 1 ]
	[ "$(grep -c '<line class="warn".*192.0.2.1 and 192.0.2.3: 1 SA there, 0 back<' drawn)" = 1 ]
	[ "$(grep -c '<line class="none".*192.0.2.1 and 192.0.2.4: a policy, and no SA' drawn)" = 1 ]
	[ "$(grep -c '<rect class="own"' drawn)" = 1 ]
	[ "$(grep -o '>10\.[124]\.0\.0/16<' drawn | sort -u | wc -l)" = 3 ]
	for ((i = 1; i < 60; i++)); do
		echo "add 192.0.2.200 192.0.2.$i esp $((i + 1000)) -E null;"
	done | page >drawn
	[ "$(grep -c '<rect' drawn)" = 40 ]
	grep -q 'There are more than are drawn' drawn
}
