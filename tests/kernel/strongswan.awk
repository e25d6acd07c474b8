# SPDX-License-Identifier: ISC
# strongswan.cases as the swanctl.conf of side a (n=1) or b (n=2); braces want lines of their own.
BEGIN {
	FS = "\t"
	other = 3 - n
	address["plain"] = "192.0.2."
	address["encap"] = "192.0.2.1"
	address["six"] = "2001:db8::"
	print "connections {"
}
/^#/ { next }
$1 != last {
	if (last != "")
		print "}\n}"
	last = $1
	print last " {\nversion = 2\nproposals = aes128-sha256-modp2048"
	print "local_addrs = " address[last] n "\nremote_addrs = " address[last] other
	print "encap = " (last == "encap" ? "yes" : "no")
	print "local {\nauth = psk\nid = side" n "\n}\nremote {\nauth = psk\n}\nchildren {"
}
{
	settings = $4
	gsub(/; */, "\n", settings)
	print "child" $2 " {\nlocal_ts = " networks(n) "\nremote_ts = " networks(other) "\n" settings
	# Of shunts and traps both sides have theirs; a alone begins the others.
	if (n == 1 && settings !~ /start_action/)
		print "start_action = start"
	print "}"
}
END { print "}\n}\n}\nsecrets {\nike {\nsecret = \"of two who know each other\"\n}\n}" }

function networks(side,   four, six, kind) {
	four = "10." side "." $2 ".0/24"
	six = "2001:db8:" side ":" $2 "::/64"
	kind = substr($3, 1, index($3, "/") - 1)
	if (kind == "4")
		return four
	if (kind == "6")
		return six
	if (kind == "46")
		return four ", " six
	if (kind == "ports")
		return four (side == 1 ? "[tcp]" : "[tcp/80]") ", 10." side ".200.0/24[udp/1024-2047]"
	if (kind == "host")
		return "dynamic[icmp]"
	return side == 1 ? "dynamic[udp]" : "dynamic[udp/7]"
}
