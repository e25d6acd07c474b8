# SPDX-License-Identifier: ISC
# Random tables and packets for match.bats, in the directory "dir": for each number from 1 to "tables" a file N.conf and one
# N.packets, which `setkey match --packets` and tests/lab/packets both read. "seed" makes them; every third is IPv6. "way" is
# out, in or fwd; for the latter two, tables are of single ESP requests, and N.at has each packet plain and by each SA.

function pick(n) {
	return int(rand() * n)
}

function one_in(n) {
	return pick(n) == 0
}

function host(side) {
	# Few, so that much is about the same packets
	if (side == 1)
		return v6 ? "fd0" near "::0:" 1 + pick(2) : "10." near ".0." 1 + pick(2)
	return v6 ? "fd02::" pick(2) ":1" : "10.2." pick(2) ".1"
}

function network(side,    n) {
	n = pick(6)
	if (n < 3)
		return host(side)
	side = side == 1 ? near : side
	if (n == 3)
		return v6 ? sprintf("fd0%d::%d:0/112", side, pick(2)) : sprintf("10.%d.%d.0/24", side, pick(2))
	if (n == 4)
		return v6 ? sprintf("fd0%d::/16", side) : sprintf("10.%d.0.0/16", side)
	return v6 ? "::/0" : "0.0.0.0/0"
}

function gate(n) {
	return v6 ? "fd0f::" n : "192.0.2." n
}

function port() {
	return one_in(3) ? "[" (one_in(2) ? 80 : 443) "]" : ""
}

# Types, and now and then a type and a code
function upper(    n) {
	n = pick(8)
	if (n < 3)
		return port() " %s" port() " any"
	if (n == 3)
		return port() " %s" port() " udp"
	if (n == 4)
		return port() " %s" port() " tcp"
	if (n == 5)
		return " %s " (v6 ? "icmp6 128" : "icmp 8") "," pick(2)
	if (n == 6)
		return " %s " (v6 ? "icmp6" : "icmp")
	return " %s 132"
}

function reqid() {
	return one_in(3) ? 1 + pick(2) : 0
}

function level(mode,    n) {
	n = reqid()
	return n ? "unique:" n : mode == "transport" && one_in(4) ? "use" : "require"
}

function request(    mode, proto) {
	mode = one_in(2) ? "transport" : "tunnel"
	proto = way == "out" && one_in(4) ? "ah" : "esp"
	return proto "/" mode "/" (mode == "tunnel" ? tunnel("-") : "") "/" level(mode)
}

function tunnel(between,    far) {
	far = gate(2 + pick(2))
	return way == "out" ? gate(1) between far : far between gate(1)
}

function action(    n) {
	n = pick(7)
	if (n == 0)
		return "none"
	if (n == 1)
		return "discard"
	return "ipsec " request() (way == "out" && one_in(4) ? " " request() : "")
}

function mark() {
	return one_in(5) ? " -mark " (one_in(2) ? "1/1" : "2/3") : ""
}

# A policy like another but for its priority is no second one.
function policy(    selector, m) {
	selector = way == "out" ? network(1) sprintf(upper(), network(2)) : network(2) sprintf(upper(), network(1))
	m = mark()
	if ((selector, m) in seen)
		return
	seen[selector, m] = 1
	print "spdadd " selector m (one_in(12) ? " -if_id 7" : "") " -P " (way == "out" ? way : "in") " prio " pick(3) " " action() ";" >conf
}

function sa(spi,    tunneled, ends, id, ah) {
	tunneled = one_in(2)
	if (tunneled)
		ends = tunnel(" ")
	else
		ends = way == "out" ? host(1) " " host(2) : host(2) " " host(1)
	if (way == "out" && one_in(20))
		sub(/^[^ ]+/, v6 ? "::" : "0.0.0.0", ends)
	id = reqid()
	ah = way == "out" && one_in(4)
	by[spi - 4096] = spi " " ends
	print "add " ends " " (ah ? "ah" : "esp") " " spi " -m " (tunneled ? "tunnel" : "transport") (id ? " -u " id : "") \
		(one_in(8) ? " -mark 1/1" : "") (one_in(15) ? " -if_id 7" : "") \
		(one_in(10) ? " -sel " inner() " any" : "") \
		(ah ? "" : " -E null") " -A hmac-sha1 0x000102030405060708090a0b0c0d0e0f10111213;" >conf
}

# The selector of an SA: all from one side, some to the other
function inner(    near_net, far_net) {
	near_net = v6 ? "fd0" near "::/16" : "10." near ".0.0/16"
	far_net = v6 ? "fd02::0:0/112" : "10.2.0.0/24"
	return way == "out" ? near_net " " far_net : far_net " " near_net
}

function packet(sas,    n, from, to, what, i, word) {
	n = pick(4)
	from = host(way == "out" ? 1 : 2)
	to = host(way == "out" ? 2 : 1)
	if (n < 2)
		what = "[" (one_in(2) ? 80 : 1000) "] " to "[" (one_in(2) ? 80 : 443) "] " (n ? "udp" : "tcp")
	else if (n == 2)
		what = "[" (v6 ? 128 : 8) "] " to "[" pick(2) "] " (v6 ? "icmp6" : "icmp")
	else
		what = " " to " 132"
	print way " " from what (way == "out" && one_in(3) ? " mark=" 1 + pick(3) : "") >packets
	if (way == "out")
		return
	print way " " from what >at
	for (i = 1; i <= sas; i++) {
		split(by[i], word, " ")
		if (word[3] == gate(1) || (way == "in" && word[2] == from && word[3] == to))
			print way " " from what " by " by[i] >at
	}
}

BEGIN {
	srand(seed)
	way = way ? way : "out"
	near = way == "fwd" ? 3 : 1
	for (table = 1; table <= tables; table++) {
		conf = dir "/" table ".conf"
		packets = dir "/" table ".packets"
		at = dir "/" table ".at"
		v6 = table % 3 == 0
		delete seen
		print "flush; spdflush;" >conf
		sas = pick(4) ? 2 + pick(6) : 10 + pick(8)
		for (i = sas; i > 0; i--)
			sa(4096 + i)
		for (i = 2 + pick(8); i > 0; i--)
			policy()
		for (i = 0; i < each; i++)
			packet(sas)
		close(conf)
		close(packets)
		close(at)
	}
}
