# SPDX-License-Identifier: ISC
# random.awk -v seed=N: the statements of two random states, to A.conf and B.conf: SAs and policies of all forms, most of
# B's being A's, changed or not. An SA or a policy has a number of its own, which says what the kernel knows it by.

function random(n) { return int(rand() * n) }
function one_of(words, list) { return list[random(split(words, list, "|")) + 1] }
function key(bytes, word) { for (word = "0x"; bytes > 0; bytes--) word = word sprintf("%02x", random(256)); return word }
function addr(family, i) { return family == 4 ? "192.0.2." i : "2001:db8::" i }
function maybe(percent, words) { return random(100) < percent ? " " words : "" }

function algorithms(proto) {
	if (proto == "ah")
		return one_of("-A hmac-sha1 " key(20) "|-A hmac-sha256-128 " key(32) "|-A hmac-sha512 " key(64))
	if (proto == "ipcomp")
		return "-C deflate"
	return one_of("-E aes-gcm-16 " key(20) "|-E aes-cbc " key(16) " -A hmac-sha1 " key(20) "|-E null -A hmac-sha256-128 " key(32) "|-E aes-cbc " key(32) "|-E aes-ctr " key(20) " -A hmac-md5 " key(16))
}

function sa(i,   family, proto, mode, name, words) {
	family = i % 3 ? 4 : 6
	proto = i % 5 == 0 ? "ah" : i % 7 == 0 ? "ipcomp" : i % 4 == 0 && family == 4 ? "esp-udp" : "esp"
	mode = one_of("transport|tunnel")
	name = addr(family, i % 3 + 1) " " addr(family, i % 4 + 4) " " proto " " 4096 + i
	words = " -m " mode maybe(50, "-u " random(5) + 1) maybe(30, "-lh 9000") maybe(20, "-ls 8000") maybe(20, "-bh 1000000")
	words = words (i % 4 == 1 ? " -mark " i "/0xff" : "") maybe(20, "-if_id " random(3) + 1) maybe(15, "-omark 5")
	if (proto != "ipcomp")
		words = words (random(4) == 0 ? " -esn -r 64" : maybe(50, "-r " one_of("8|32|100")))
	return "add " name words maybe(20, "-f decap-dscp") maybe(20, "-f noecn") " " algorithms(proto) ";"
}

function requests(dir, family, other,   n, words) {
	words = ""
	for (n = random(2) + 1; n > 0; n--) {
		other = random(6) == 0 ? 10 - family : family
		if (n == 1 && random(2))
			words = words " " one_of("esp|ah") "/tunnel/" addr(other, 1) "-" addr(other, 9) "/" one_of("require|unique|unique:" random(9) + 1)
		else
			words = words " " one_of("esp|ah") "/transport//" one_of(dir == "out" ? "require|use|unique:7" : "require|use")
	}
	return words
}

function policy(i,   family, dir, what, words) {
	family = i % 4 ? 4 : 6
	dir = one_of("in|out|out", d); dir = i % 5 == 0 ? "fwd" : i % 5 < 3 ? "out" : "in"
	what = one_of("discard|none|ipsec|ipsec|ipsec")
	words = (family == 4 ? "10." i % 3 ".0.0/" 16 + i % 2 * 8 " 10.9." i % 7 ".0/24" : "2001:db8:" i % 3 "::/48 ::/0") " "
	words = words (i % 3 == 0 ? "tcp" : i % 7 == 0 ? "udp" : "any")
	words = words (i % 6 == 1 ? " -mark " i "/0xff" : "") (i % 9 == 2 ? " -if_id " i : "")
	words = words maybe(25, "-index " 8 * (100 + random(6)) + (dir == "out" ? 1 : dir == "fwd" ? 2 : 0)) " -P " dir maybe(60, "prio " random(3) + 5)
	return "spdadd " words " " what (what == "ipsec" ? requests(dir, family) : "") ";"
}

BEGIN {
	srand(seed)
	for (i = 1; i <= 14; i++) {
		a[i] = random(4) ? sa(i) : ""
		b[i] = random(2) ? a[i] : random(3) ? sa(i) : ""
	}
	for (i = 1; i <= 24; i++) {
		a[14 + i] = random(4) ? policy(i) : ""
		b[14 + i] = random(2) ? a[14 + i] : random(3) ? policy(i) : ""
	}
	print "flush; spdflush;" >"A.conf"
	print "flush; spdflush;" >"B.conf"
	for (i = 1; i <= 38; i++) {
		if (a[i] != "") print a[i] >"A.conf"
		if (b[i] != "") print b[i] >"B.conf"
	}
}
