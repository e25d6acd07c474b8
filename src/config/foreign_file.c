/* SPDX-License-Identifier: ISC */
/* Recognises files of other programs by the beginnings of their lines. Used only after a syntax error. */
#include "config/foreign_file.h"

#include "text/source.h"

#include <ctype.h>
#include <string.h>

/*
 * A file is recognised by one line that begins, after blanks, with one of its marks. After a '*' in a mark,
 * any text may precede the rest of the mark. No line of a setkey file begins with a mark.
 */
static const struct { const char *what, *hint, *mark[36]; } files[] = {
	{ "what `setkey -D` or `-DP` prints", "print it with `setkey dump --format=conf --show-keys`",
	  { "esp mode=", "ah mode=", "ipcomp mode=", "esp-udp mode=", "natt+ah mode=", "spid=", "sadb_seq=",
	    "No SAD entries", "No SPD entries", "(per-socket policy)", "created: ", "sadb_msg{",
	    "PROTO * SOURCE", "DIR * ACTION ", "E: *  ", "A: *  ", "seq=0x", "diff: *(s)",
	    "allocated: *hard: ", "refcnt=" } },
	{ "a graph for dot", "draw it with `dot -Tsvg FILE`",
	  { "digraph " } },
	{ "what `ip xfrm` prints", "print it with `setkey dump --format=conf --show-keys`, where the kernel has it",
	  { "src * dst ", "proto esp spi ", "proto ah spi ", "proto comp spi ", "Deleted src ",
	    "Updated src ", "Flushed state", "Acquired SA", "acquire proto ", "Expired src ",
	    "Async event ", "tmpl src ", "auth-trunc ", "auth hmac(", "enc cbc(", "aead rfc",
	    "comp deflate", "replay-window ", "anti-replay ", "dir out priority ", "dir in priority ",
	    "dir fwd priority ", "socket in priority ", "socket out priority ", "lifetime config:" } },
	{ "a batch for `ip`", "load it with `ip -batch FILE`; it needs the keys, --show-keys",
	  { "xfrm state add ", "xfrm policy add ", "xfrm state flush", "xfrm policy flush",
	    "xfrm state update", "xfrm policy update" } },
	{ "the ipsec.conf of strongSwan or libreswan", "let that daemon read it: `ipsec start`",
	  { "config setup", "conn ", "ca *\n", "keyexchange=", "leftsubnet=", "rightsubnet=", "authby=",
	    "left=", "right=", "leftid=", "rightid=", "ike=", "esp=", "ah=", "phase2alg=", "auto=start",
	    "auto=add", "auto=route", "auto=ondemand", "auto=ignore", "also=", "type=tunnel",
	    "type=transport", "type=passthrough", "leftcert=", "ikev2=" } },
	{ "the swanctl.conf of strongSwan", "load it with `swanctl --load-all`",
	  { "connections {", "connections{", "connections*\n", "secrets {", "pools {", "authorities {",
	    "local_addrs =", "remote_addrs =", "esp_proposals", "ah_proposals", "proposals = ",
	    "children {", "local_ts", "remote_ts", "start_action =", "local {", "remote {",
	    "children*\n" } },
	{ "the strongswan.conf of strongSwan", "leave it to that daemon",
	  { "charon {", "charon-systemd {", "libstrongswan {", "include strongswan.d" } },
	{ "the file of secrets of an IKE daemon", "leave it to that daemon",
	  { ": PSK ", ": RSA ", ": ECDSA ", "* : PSK ", "* : RSA ", "@*: PSK ", ": EAP ", ": XAUTH ",
	    ": NTLM ", "* : EAP ", "* : XAUTH ", "@* : RSA ", "include /*ipsec.secrets",
	    "include /*.secrets" } },
	{ "racoon.conf", "give it to racoon: `racoon -f FILE`; setkey loads what is in ipsec-tools.conf",
	  { "path pre_shared_key", "path certificate", "path include", "path backupsa", "sainfo ",
	    "remote anonymous", "remote *{", "exchange_mode ", "proposal_check ", "padding *{", "timer *{",
	    "listen *{", "proposal {", "proposal\n", "encryption_algorithm ", "hash_algorithm ",
	    "authentication_algorithm ", "authentication_method ", "compression_algorithm ", "dh_group ",
	    "pfs_group ", "lifetime time ", "log notify;", "log debug;", "log info;", "log debug2;",
	    "my_identifier ", "peers_identifier ", "generate_policy ", "nat_traversal ", "privsep *{",
	    "mode_cfg *{", "ldapcfg *{" } },
	{ "the ipsec.conf of OpenBSD", "let `ipsecctl -f FILE` read it, there; here tunnels are add and spdadd statements",
	  { "ike esp ", "ike ah ", "ike passive ", "ike active ", "ike dynamic ", "flow esp ", "flow ah ",
	    "flow from ", "flow proto ", "esp from ", "esp tunnel from ", "esp transport from ", "ah from ",
	    "ah tunnel from ", "ah transport from ", "ipcomp from ", "tcpmd5 from ", "ipip from ",
	    "ipip tunnel from " } },
	{ "iked.conf of OpenBSD", "let `iked -f FILE` read it",
	  { "ikev2 *esp", "ikev2 \"", "ikev2 passive", "ikev2 active" } },
	{ "a set of nftables rules", "load it with `nft -f FILE`",
	  { "table inet ", "table ip ", "table ip6 ", "table bridge ", "table arp ", "table netdev ",
	    "flush ruleset", "add table ", "add chain ", "add rule ", "chain *{", "type filter hook ",
	    "ip saddr ", "ip daddr ", "ip protocol ", "ip6 saddr ", "ip6 daddr ", "ip6 nexthdr ",
	    "ct state " } },
	{ "a set of rules for pf", "load it with `pfctl -f FILE`",
	  { "pass in ", "pass out ", "pass quick ", "block in ", "block out ", "block return", "block drop",
	    "set skip on ", "match in ", "match out " } },
	{ "a set of iptables rules", "load it with `iptables-restore FILE`",
	  { "*filter", "*nat", "*mangle", "*raw", ":INPUT ", ":OUTPUT ", "-A INPUT ", "-A OUTPUT ",
	    "-A FORWARD ", ":FORWARD ", "-A PREROUTING ", "-A POSTROUTING " } },
	{ "isakmpd.conf", "give it to isakmpd",
	  { "[General]", "[Phase 1]", "[Phase 2]" } },
	{ "a WireGuard file", "give it to `wg setconf` or wg-quick",
	  { "[Interface]", "[Peer]", "PublicKey =", "PrivateKey =", "PresharedKey =", "AllowedIPs =",
	    "PublicKey=", "AllowedIPs=", "ListenPort =", "public key: " } },
	{ "a unit of systemd", "put it where systemd reads it",
	  { "[Unit]", "[Service]", "[NetDev]", "[Match]" } },
	{ "the configuration of a router", "write its tunnels as add and spdadd statements",
	  { "crypto ipsec ", "crypto map ", "crypto isakmp ", "crypto ikev2 ", "set security ipsec ",
	    "set security ike ", "set vpn ipsec ", "/ip ipsec", "/ip/ipsec", "security {", "vpn {",
	    "config vpn ", "config system ", "interface ", "hostname ", "ipv6 ospf ", "ip ospf ",
	    "router ospf", "router bgp", "area * authentication ipsec ", "area * encryption ipsec ",
	    "set peer ", "set transform-set ", "match address ", "add *address=", "router id " } },
	{ "JSON", "print it with --format=conf --show-keys instead of json",
	  { "{\"", "{ \"", "[{", "\"*\": " } },
	{ "XML", "write its SAs and policies as add and spdadd statements",
	  { "<?xml" } },
	{ "PEM, a certificate or a key", "leave it to an IKE daemon",
	  { "-----BEGIN " } },
	{ "a web page", "save the text it shows",
	  { "<!DOCTYPE", "<!doctype", "<html", "<HTML" } },
};

enum {
	FILES = sizeof(files) / sizeof(files[0]), LINES = 200, MARKS = sizeof(files[0].mark) /
	sizeof(files[0].mark[0])
};

/*
 * True if the line of n bytes begins with the mark. A '*' at the beginning of a mark is literal unless a
 * blank follows: iptables has lines such as "*filter".
 */
static bool has_mark(const char *line, size_t n, const char *mark)
{
	const char *star = strchr(mark, '*'), *rest = star != NULL ? star + 1 : "";
	size_t first = star != NULL && (star > mark || mark[1] == ' ') ? (size_t)(star - mark) : strlen(mark);

	if (n < first || strncmp(line, mark, first) != 0)
		return false;
	return mark[first] == '\0' ||
	       memmem(line + first, n - first + (rest[0] == '\n'), rest, strlen(rest)) != NULL;
}

/* Messages of setkey encode: hex digits alone, more than a word has. */
static bool is_hex_message(const char *line, size_t n)
{
	return n >= 32 && strspn(line, "0123456789abcdef") == n;
}

static size_t find_file(const char *line, size_t n)
{
	size_t i = 0;

	for (; i < FILES; i++)
		for (size_t k = 0; k < MARKS && files[i].mark[k] != NULL; k++)
			if (has_mark(line, n, files[i].mark[k]))
				return i;
	return i;
}

bool foreign_file(const struct source *s, const char **what, const char **hint)
{
	const char *line = s->text;
	size_t n, i;

	for (unsigned seen = 0; *line != '\0' && seen < LINES; line += n + (line[n] == '\n')) {
		line += strspn(line, " \t\r");
		n = strcspn(line, "\n");
		if (n == 0 || *line == '#')
			continue;
		if (seen++ == 0 && is_hex_message(line, n)) {
			*what = "a text of kernel messages";
			*hint = "read it with `setkey decode FILE`";
			return true;
		}
		if ((i = find_file(line, n)) < FILES) {
			*what = files[i].what;
			*hint = files[i].hint;
			return true;
		}
	}
	return false;
}
