# SPDX-License-Identifier: ISC
# Turns traffic.cases into what one run over one wire needs, in the directory "dir":
#   a.conf b.conf      for setkey in either namespace        a.ip b.ip   addresses, for ip -batch
#   cases              "group spi spi case": what must be seen on the wire
#   pings              "case-number pattern from to", one ping each
#   esp_sa             keys for tshark, of the ciphers and hashes that it knows
# Every case has addresses and SPIs of its own, so one load, one capture and one round of pings serve them all.

BEGIN {
	encryption["null"] = "NULL"
	encryption["des-cbc"] = "DES-CBC [RFC2405]"
	encryption["3des-cbc"] = "TripleDES-CBC [RFC2451]"
	encryption["cast128-cbc"] = "CAST5-CBC [RFC2144]"
	encryption["blowfish-cbc"] = "BLOWFISH-CBC [RFC2451]"
	encryption["twofish-cbc"] = "TWOFISH-CBC"
	encryption["aes-cbc"] = "AES-CBC [RFC3602]"
	encryption["aes-ctr"] = "AES-CTR [RFC3686]"
	encryption["aes-gcm-16"] = "AES-GCM with 16 octet ICV [RFC4106]"
	authentication["hmac-md5"] = "HMAC-MD5-96 [RFC2403]"
	authentication["hmac-sha1"] = "HMAC-SHA-1-96 [RFC2404]"
	authentication["hmac-sha256"] = "HMAC-SHA-256-96 [draft-ietf-ipsec-ciph-sha-256-00]"
	authentication["hmac-sha256-128"] = "HMAC-SHA-256-128 [RFC4868]"
	authentication["hmac-sha384"] = "HMAC-SHA-384-192 [RFC4868]"
	authentication["hmac-sha512"] = "HMAC-SHA-512-256 [RFC4868]"
	authentication["hmac-ripemd160"] = "MAC-RIPEMD-160-96 [RFC2857]"
	authentication[""] = "NULL"
	seed = 4711
}

# A fixed key that looks random. A generator this simple is as good as any here.
function key(bytes,    i, hex) {
	bytes += 0
	for (i = 0; i < bytes; i++) {
		seed = (seed * 75 + 74) % 65537
		hex = hex sprintf("%02x", seed % 256)
	}
	return "0x" hex
}

# net 1 is on the wire, net 2 inside the tunnels
function address(family, net, side) {
	return family == 4 ? "10." net "." n "." side : sprintf("fd0%d::%x:%d", net, n, side)
}

function say(text) {
	print text >(dir "/a.conf")
	print text >(dir "/b.conf")
}

# One layer in one direction; returns its SPI. "words" are the protocol, -E or -A or -C, algorithm, @length ...
function sa(words, from, to,    part, count, i, alg, name, keys, flag, port) {
	spi = sprintf("0x%04x", next_spi++)
	count = split(words, part, " ")
	for (i = 2; i <= count; i++) {
		if (part[i] ~ /^@/) part[i] = keys[flag] = key(substr(part[i], 2))
		else if (part[i] ~ /^-/) flag = part[i]
		else name[flag] = part[i]
		alg = alg " " part[i]
	}
	port = part[1] == "esp-udp" ? "[4500]" : ""
	say("add " from port " " to port " " part[1] " " spi " -m " mode alg ";")
	# tshark's Blowfish takes 16 bytes only.
	if (part[1] ~ /^esp/ && name["-E"] in encryption && name["-A"] in authentication &&
	    !(name["-E"] == "blowfish-cbc" && length(keys["-E"]) != 34))
		printf "\"IPv%s\",\"%s\",\"%s\",\"%s\",\"%s\",\"%s\",\"%s\",\"%s\"\n", outer, from, to, "0x" sprintf("%08x", next_spi - 1),
			encryption[name["-E"]], keys["-E"], authentication[name["-A"]], keys["-A"] >(dir "/esp_sa")
	return spi
}

function policy(file, from, to, direction, outer_from, outer_to,    i, text) {
	for (i = 1; i <= layers; i++) {
		split(layer[i], part, " ")
		sub(/-udp/, "", part[1])
		text = text " " part[1] "/" mode "/" (mode == "tunnel" ? outer_from "-" outer_to : "") "/require"
	}
	print "spdadd " from " " to " any -P " direction " ipsec" text ";" >(dir "/" file)
}

/^#/ || $2 != "both" && $2 != wire { next }

{
	n++
	mode = $3
	inner = substr($4, 1, 1)
	outer = substr($4, length($4))
	text = $0
	for (i = 1; i <= 4; i++) sub(/^[^ ]+ +/, "", text)
	layers = split(text, layer, / \+ /)
	a = address(outer, 1, 1); b = address(outer, 1, 2)
	inner_a = mode == "tunnel" ? address(inner, 2, 1) : a
	inner_b = mode == "tunnel" ? address(inner, 2, 2) : b
	next_spi = 4096 + 8 * n
	for (i = 1; i <= layers; i++) {
		there = sa(layer[i], a, b)
		back = sa(layer[i], b, a)
	}
	policy("a.conf", inner_a, inner_b, "out", a, b)
	policy("a.conf", inner_b, inner_a, "in", b, a)
	policy("b.conf", inner_b, inner_a, "out", b, a)
	policy("b.conf", inner_a, inner_b, "in", a, b)
	bits = inner == 4 ? 32 : 128
	print "address add " a (outer == 4 ? "/32" : "/128") " dev eth0" >(dir "/a.ip")
	print "address add " b (outer == 4 ? "/32" : "/128") " dev eth0" >(dir "/b.ip")
	if (mode == "tunnel") {
		print "address add " inner_a (inner == 4 ? "/32" : "/128") " dev eth0" >(dir "/a.ip")
		print "address add " inner_b (inner == 4 ? "/32" : "/128") " dev eth0" >(dir "/b.ip")
	}
	encrypts = text ~ /-E/ && text !~ /-E (null|aes-gmac)/
	print n, (encrypts ? "5ec2e7" : "0b5e2e"), inner_a, inner_b >(dir "/pings")
	print $1, there, back, n, $3, $4, text >(dir "/cases")
}
