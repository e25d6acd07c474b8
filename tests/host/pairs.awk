# SPDX-License-Identifier: ISC
# Random policies that overlap, and what becomes of them: A.conf, B.conf and packets, from a seed. B has most of A, in
# another order, with other priorities and actions, and some of its own.
#   awk -v seed=N -v count=N [-v edges=1] -f pairs.awk
# edges: the priorities are the first two and the last two that there are.

function pick(list,   words, n) {
	n = split(list, words, " ")
	return words[int(rand() * n) + 1]
}

function range(net) {
	return pick("10." net ".0.0/16 10." net ".1.0/24 10." net ".2.0/24 10." net ".1.1 10." net ".2.2 10.0.0.0/8")
}

function selector() {
	return range(1) pick(" [5] [6] [any] [any]") " " range(2) pick(" [7] [8] [any] [any]") " " pick("udp udp any")
}

function statement(sel) {
	return "spdadd " sel " -P out prio " pick(priorities) " " pick("none discard") ";"
}

BEGIN {
	srand(seed)
	priorities = edges ? "2147483648 2147483648 2147483647 2147483646 -2147483646 -2147483647 -2147483647" : "def def def def+1 def-1"
	print "flush; spdflush;" >"A.conf"
	print "flush; spdflush;" >"B.conf"
	while (n < count) {
		sel = selector()
		sub(/ \[/, "[", sel)
		if (sel in seen)
			continue
		seen[sel] = 1
		n++
		line = statement(sel)
		print line >"A.conf"
		fate = rand()
		if (fate < 0.15)
			continue
		if (fate < 0.35)
			line = statement(sel)
		# Mostly in the order of A
		place[n] = n + (rand() < 0.2 ? int(rand() * count) : 0)
		kept[n] = line
	}
	for (want = 0; want <= 2 * count; want++) {
		for (i in kept)
			if (place[i] == want)
				print kept[i] >"B.conf"
		sel = selector()
		sub(/ \[/, "[", sel)
		if (rand() < 0.1 && !(sel in seen)) {
			seen[sel] = 1
			print statement(sel) >"B.conf"
		}
	}
	for (i = 0; i < 300; i++)
		print "10.1." pick("1.1 2.2 1.9 3.3"), pick("5 6 9"), "10.2." pick("1.1 2.2 1.9 3.3"), pick("7 8 9") >"packets"
}
