/* SPDX-License-Identifier: ISC */
/*
 * The guard: finds out whether a change of the tables would cut off the SSH session that it is made from,
 * neighbour discovery, or the way to the ends of its tunnels. Lists packets that must go on passing;
 * sync/guard finds out whether they do.
 *
 * Linux looks up no policy for packets in ESP, AH or IPComp whose end is this host, neither outbound nor
 * inbound. It does look one up for UDP that ESP is inside of, and for IKE, unless the socket has policies of
 * its own, as the sockets of IKE daemons do.
 */
#include "run/guard.h"

#include "kernel/facts.h"
#include "run/proc_sockets.h"
#include "run/reload.h"
#include "run/rules.h"
#include "sync/guard.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { SESSION, NEIGHBOURS, PEER, KINDS };

enum { ROUTER_SOLICITATION = 133, ROUTER_ADVERTISEMENT, NEIGHBOUR_SOLICITATION, NEIGHBOUR_ADVERTISEMENT };

enum { IKE_PORT = 500, NATT_PORT = 4500 };

const struct rule guard_rules[] = {
	[SESSION] = { "SK704", "cuts-session", SEVERITY_ERROR,
		"a change that would cut off the SSH session it is made from" },
	[NEIGHBOURS] = { "SK705", "cuts-neighbours", SEVERITY_ERROR,
		"a change that would stop neighbour discovery" },
	[PEER] = { "SK706", "cuts-peer", SEVERITY_ERROR, "a change that would cut off the end of a tunnel" },
	{ NULL, NULL, 0, NULL }
};

/* The levels that make these rules warnings. */
static const struct levels warnings = {
	.of = { [704] = SEVERITY_WARNING + 1, [705] = SEVERITY_WARNING + 1, [706] = SEVERITY_WARNING + 1 },
};

/* The packets that must go on passing, and what was read to list them. */
struct keeping {
	struct kept *kept;
	size_t n, cap;
	struct ifaddrs *addrs; /* of this host */
	bool bound[UINT16_MAX + 1]; /* UDP ports that a socket is bound to */
	struct facts facts;
};

static void keep_packet(struct keeping *k, int kind, uint8_t dir, const struct packet *packet)
{
	k->kept = memory_grow(k->kept, k->n, &k->cap, sizeof(*k->kept));
	memset(&k->kept[k->n], 0, sizeof(*k->kept));
	k->kept[k->n].packet = *packet;
	k->kept[k->n].dir = dir;
	k->kept[k->n++].kind = (uint8_t)kind;
}

static void keep_both_ways(struct keeping *k, int kind, const struct packet *in)
{
	struct packet out = *in;

	out.src = in->dst;
	out.dst = in->src;
	out.sport = in->dport;
	out.dport = in->sport;
	keep_packet(k, kind, DIR_IN, in);
	keep_packet(k, kind, DIR_OUT, &out);
}

/* Reads an address of an interface and its prefix length; false if it is not an IP address. */
static bool read_interface(const struct ifaddrs *i, struct addr *a)
{
	static const size_t offset[] = { [AF_INET] = offsetof(struct sockaddr_in, sin_addr),
	                                 [AF_INET6] = offsetof(struct sockaddr_in6, sin6_addr) };
	const uint8_t *mask = (const uint8_t *)i->ifa_netmask;
	sa_family_t family = i->ifa_addr != NULL ? i->ifa_addr->sa_family : AF_UNSPEC;

	*a = (struct addr){ .family = (uint8_t)family };
	if (family != AF_INET && family != AF_INET6)
		return false;
	memcpy(a->bytes, (const uint8_t *)i->ifa_addr + offset[family], addr_bits(a) / 8);
	for (unsigned n = 0; mask != NULL && n < addr_bits(a); n++)
		a->plen = (uint8_t)(a->plen + (mask[offset[family] + n / 8] >> (7 - n % 8) & 1));
	return true;
}

static bool is_local(const struct keeping *k, const struct addr *a)
{
	struct addr own;

	for (const struct ifaddrs *i = k->addrs; i != NULL; i = i->ifa_next)
		if (read_interface(i, &own) && addr_equal(&own, a))
			return true;
	return false;
}

/* Lists the packets of the SSH session, unless it comes from this host itself. */
static void keep_session(struct keeping *k, const struct ssh *ssh)
{
	struct packet *in;
	size_t n = ssh_find_sessions(ssh, &in);

	for (size_t i = 0; i < n; i++)
		if (!is_local(k, &in[i].src))
			keep_both_ways(k, SESSION, &in[i]);
	free(in);
}

/* Neighbour discovery. */

/* Reads a setting of an interface that has one digit; 0 if it cannot be read. */
static int read_setting(const char *interface, const char *name)
{
	char path[128];
	int digit = '0';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/%s", interface, name);
	f = fopen(path, "re");
	if (f != NULL) {
		digit = getc(f);
		fclose(f);
	}
	return digit > '0' && digit <= '9' ? digit - '0' : 0;
}

/* True if router advertisements change anything here: accept_ra is 2, or 1 without forwarding. */
static bool accepts_advertisements(const char *interface)
{
	return read_setting(interface, "accept_ra") > (read_setting(interface, "forwarding") != 0);
}

static struct addr solicited_group(const struct addr *solicited)
{
	struct addr a = { AF_INET6, 128, 0, 0, { 0xff, 0x02, [11] = 1, [12] = 0xff } };

	memcpy(a.bytes + 13, solicited->bytes + 13, 3);
	return a;
}

/* Makes up another host of the address's network: any will do. */
static struct addr neighbour_of(const struct addr *own)
{
	static const uint8_t differ[16] = { [12] = 0x31, [13] = 0x5a, [14] = 0xc3, [15] = 0x97 };
	struct addr a = *own;

	for (unsigned n = own->plen; n < 128; n++)
		a.bytes[n / 8] ^= (uint8_t)(differ[n / 8] & 0x80 >> n % 8);
	a.plen = 128;
	return a;
}

static void keep_message(struct keeping *k, uint8_t dir, uint16_t type, const struct addr *src,
                         const struct addr *dst)
{
	struct packet p = { .src = *src, .dst = *dst, .sport = type, .upper = IPPROTO_ICMPV6 };

	p.src.plen = p.dst.plen = 128;
	keep_packet(k, NEIGHBOURS, dir, &p);
}

/* Lists messages of neighbour discovery; with routers, those of router discovery too. */
static void keep_discovery(struct keeping *k, const struct addr *own, bool routers)
{
	static const struct addr all_routers = { AF_INET6, 128, 0, 0, { 0xff, 0x02, [15] = 2 } },
	                         all_nodes = { AF_INET6, 128, 0, 0, { 0xff, 0x02, [15] = 1 } };
	struct addr other = neighbour_of(own);
	struct addr own_group = solicited_group(own), other_group = solicited_group(&other);

	keep_message(k, DIR_OUT, NEIGHBOUR_SOLICITATION, own, &other_group);
	keep_message(k, DIR_OUT, NEIGHBOUR_SOLICITATION, own, &other);
	keep_message(k, DIR_OUT, NEIGHBOUR_ADVERTISEMENT, own, &other);
	keep_message(k, DIR_IN, NEIGHBOUR_SOLICITATION, &other, &own_group);
	keep_message(k, DIR_IN, NEIGHBOUR_SOLICITATION, &other, own);
	keep_message(k, DIR_IN, NEIGHBOUR_ADVERTISEMENT, &other, own);
	if (!routers)
		return;
	keep_message(k, DIR_OUT, ROUTER_SOLICITATION, own, &all_routers);
	keep_message(k, DIR_IN, ROUTER_ADVERTISEMENT, &other, &all_nodes);
}

/*
 * Lists neighbour discovery for each address with neighbours: a /128 has none, as it is a tunnel's end or a
 * service address.
 */
static void keep_neighbours(struct keeping *k)
{
	static const struct addr link = { AF_INET6, 10, 0, 0, { 0xfe, 0x80 } };
	struct addr own;

	for (const struct ifaddrs *i = k->addrs; i != NULL; i = i->ifa_next)
		if (read_interface(i, &own) && own.family == AF_INET6 && own.plen < 128 &&
		    i->ifa_flags & IFF_UP && i->ifa_flags & IFF_MULTICAST &&
		    (i->ifa_flags & (IFF_LOOPBACK | IFF_NOARP | IFF_POINTOPOINT)) == 0)
			keep_discovery(k, &own,
			               addr_contains(&link, &own) && accepts_advertisements(i->ifa_name));
}

/* The ends of tunnels. */

static void note_port(void *arg, const struct socket_row *row)
{
	struct keeping *k = arg;

	k->bound[row->local_port] = true;
}

/* Lists inbound ESP in UDP for an SA. Outbound ESP in UDP is not looked up, like ESP. */
static void keep_encap(struct keeping *k, const struct sa *sa)
{
	struct packet in = { .src = sa->src, .dst = sa->dst, .sport = sa->natt_sport, .dport = sa->natt_dport,
		             .upper = IPPROTO_UDP };

	if (!k->bound[in.dport] || !is_local(k, &in.dst) || addr_is_any(&in.src))
		return;
	in.src.plen = in.dst.plen = (uint8_t)addr_bits(&in.src);
	keep_packet(k, PEER, DIR_IN, &in);
}

static void keep_ike(struct keeping *k, const struct policy *p)
{
	static const uint16_t ports[] = { IKE_PORT, NATT_PORT };
	struct packet in = { .upper = IPPROTO_UDP };

	for (unsigned i = 0; i < p->ntmpl && p->action == ACTION_IPSEC; i++)
		for (size_t n = 0; n < sizeof(ports) / sizeof(ports[0]); n++) {
			const struct tmpl *t = &p->tmpl[i];

			if (t->mode != MODE_TUNNEL || !k->bound[ports[n]] || addr_is_any(&t->src) ||
			    addr_is_any(&t->dst) || !is_local(k, &t->src))
				continue;
			in.src = t->dst;
			in.dst = t->src;
			in.src.plen = in.dst.plen = (uint8_t)addr_bits(&t->src);
			in.sport = in.dport = ports[n];
			keep_both_ways(k, PEER, &in);
		}
}

static void keep_peers(struct keeping *k, const struct sync *sync)
{
	for (size_t i = 0; i < sync->n; i++) {
		const struct stmt *s = sync->wanted[i].stmt;
		uint8_t dir = sync->wanted[i].dir;

		if (s != NULL && dir == DIR_OUT)
			keep_ike(k, &s->policy);
		else if (s != NULL && dir == 0 && s->sa.encap != ENCAP_NONE &&
		         s->sa.encap != ENCAP_ESPINTCP)
			keep_encap(k, &s->sa);
	}
}

static int note_socket_policy(void *arg, const struct event *ev)
{
	bool *found = arg;

	*found |= ev->kind == EVENT_POLICY && ev->policy.dir > DIR_FWD;
	return 0;
}

/*
 * True if some socket has a policy of its own. It may be an IKE daemon's, and let the daemon's packets pass.
 */
static bool has_socket_policies(const struct sync *sync)
{
	struct source none = { .name = "kernel", .line = 1, .col = 1 };
	struct stmt what = { .src = &none, .verb = VERB_SPDDUMP };
	bool found = false;

	return kernel_read(sync->kernel, &what, &what, note_socket_policy, &found) != 0 || found;
}

/* Messages. */

static const char *cut_reason(const struct kept *k)
{
	if (k->why == CUT_DISCARDED)
		return "its packets are discarded";
	if (k->why == CUT_DEFAULT)
		return "no policy matches it any more, and the kernel blocks packets that no policy matches";
	if (k->why == CUT_NO_SA)
		return "not every SA for it exists";
	return k->kind == NEIGHBOURS ? "it cannot be protected, as the neighbour must be known first" :
	                               "it was unprotected, and the other end goes on without protection";
}

static void name_object(const struct sync *sync, uint32_t there, struct buf *out)
{
	struct event *ev = memory_resize(NULL, 1, sizeof(*ev));

	object_decode(&sync->there.object[there - 1], ev);
	reload_print(ev, out);
	explicit_bzero(ev, sizeof(*ev));
	free(ev);
}

static void name_what(const struct kept *k, char *what, size_t n)
{
	const struct addr *peer = k->dir == DIR_IN ? &k->packet.src : &k->packet.dst;
	char address[INET6_ADDRSTRLEN];

	inet_ntop(peer->family, peer->bytes, address, sizeof(address));
	if (k->kind == PEER)
		snprintf(what, n, "the way to the tunnel's end %s", address);
	else
		snprintf(what, n, "%s", k->kind == SESSION ? "the SSH session that setkey is run from" :
		                                             "neighbour discovery");
}

/*
 * Writes the selector of a policy that lets the packets pass: those of the session and of later ones from the
 * same host.
 */
static void write_packets(const struct kept *k, struct buf *out)
{
	char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];
	const struct packet *p = &k->packet;

	inet_ntop(p->src.family, p->src.bytes, src, sizeof(src));
	inet_ntop(p->dst.family, p->dst.bytes, dst, sizeof(dst));
	if (k->kind == NEIGHBOURS)
		buf_printf(out, "::/0 ::/0 icmp6 %u,0", p->sport);
	else if (k->dir == DIR_IN)
		buf_printf(out, "%s %s[%u] %s", src, dst, p->dport, k->kind == PEER ? "udp" : "tcp");
	else
		buf_printf(out, "%s[%u] %s %s", src, p->sport, dst, k->kind == PEER ? "udp" : "tcp");
}

static void add_hint(const struct sync *sync, const struct kept *k, enum guard_mode mode, struct diags *d)
{
	uint32_t priority = k->wanted != 0 ? sync->wanted[k->wanted - 1].priority :
	                    k->there != 0  ? sync->there.object[k->there - 1].priority :
	                                     PRIORITY_DEFAULT;
	struct buf packets = { 0 };
	char prio[16] = "high"; /* a daemon's policies come before "high": then their own priority */

	if (priority < PRIORITY_HIGH)
		snprintf(prio, sizeof(prio), "%u", PRIORITY_DEFAULT - priority);
	write_packets(k, &packets);
	diag_hint(d, "put `spdadd %s -P %s prio %s none;` %s%s%s", buf_str(&packets),
	          k->dir == DIR_IN ? "in" : "out", prio,
	          k->why == CUT_DEFAULT ? "into the file" : "before it",
	          k->kind == NEIGHBOURS ? ", and the same for the types 133 to 136" : "",
	          mode == GUARD_REFUSES ? "; --force applies the change all the same" : "");
	buf_free(&packets);
}

static void report_cut(const struct sync *sync, const struct kept *k, enum guard_mode mode, struct diags *d)
{
	const struct stmt *origin = k->wanted != 0 ? sync->wanted[k->wanted - 1].origin : NULL;
	struct buf gone = { 0 }, by = { 0 };
	char what[128];

	name_what(k, what, sizeof(what));
	if (k->removed != 0) {
		buf_adds(&gone, ": the policy that let it pass is removed, `");
		name_object(sync, k->removed, &gone);
		buf_adds(&gone, "`");
	}
	if (origin != NULL) {
		diag_add(d, &guard_rules[k->kind], origin->src, stmt_part(origin, PART_ACTION),
		         "the policy cuts off %s: %s%s", what, cut_reason(k), buf_str(&gone));
	} else if (k->there == 0) {
		diag_add(d, &guard_rules[k->kind], NULL, (struct span){ 0 },
		         "the change cuts off %s: %s%s", what, cut_reason(k), buf_str(&gone));
	} else {
		name_object(sync, k->there, &by);
		diag_add(d, &guard_rules[k->kind], NULL, (struct span){ 0 },
		         "`%s`, which stays, cuts off %s: %s%s", buf_str(&by), what, cut_reason(k),
		         buf_str(&gone));
	}
	add_hint(sync, k, mode, d);
	buf_free(&gone);
	buf_free(&by);
}

/* Reports one packet of each kind and direction. */
static size_t report_cuts(const struct keeping *k, const struct sync *sync, enum guard_mode mode,
                          struct diags *d)
{
	bool told[KINDS][DIR_FWD] = { { false } };
	size_t n = 0;

	for (size_t i = 0; i < k->n; i++) {
		const struct kept *one = &k->kept[i];
		bool *seen = &told[one->kind][one->dir];

		if (one->why == CUT_NONE || *seen)
			continue;
		*seen = true;
		if (one->kind == PEER && has_socket_policies(sync))
			continue;
		report_cut(sync, one, mode, d);
		n++;
	}
	return n;
}

static struct keeping *list_kept(const struct ssh *ssh)
{
	struct keeping *k = memory_resize(NULL, 1, sizeof(*k));

	memset(k, 0, sizeof(*k));
	if (getifaddrs(&k->addrs) != 0)
		k->addrs = NULL;
	keep_session(k, ssh);
	keep_neighbours(k);
	sockets_read("udp", note_port, k);
	facts_read(&k->facts);
	return k;
}

static void free_kept(struct keeping *k)
{
	if (k->addrs != NULL)
		freeifaddrs(k->addrs);
	free(k->kept);
	free(k);
}

static int judge_packets(struct keeping *k, const struct sync *sync, enum guard_mode mode, struct unit *in,
                         const struct settings *s)
{
	bool refuses = mode == GUARD_REFUSES && !s->force && !s->dry_run;
	const struct levels *levels = in->diags.levels;
	size_t told;

	keep_peers(k, sync);
	sync_guard(sync, k->facts.standard, k->kept, k->n);
	in->diags.levels = refuses ? NULL : &warnings;
	told = report_cuts(k, sync, s->force ? GUARD_WARNS : mode, &in->diags);
	in->diags.levels = levels;
	if (told > 0)
		report_findings(&in->diags, s);
	return told > 0 && refuses ? STATUS_ERROR : STATUS_OK;
}

int guard_judge(const struct ssh *ssh, const struct sync *sync, enum guard_mode mode, struct unit *in,
                const struct settings *s)
{
	struct keeping *k;
	int status;

	if (sync->nsteps == 0)
		return STATUS_OK;
	k = list_kept(ssh);
	status = judge_packets(k, sync, mode, in, s);
	free_kept(k);
	return status;
}

/* True if the policy may match one of the packets. IKE ports that are in use count for all tunnels. */
static bool may_match(const struct policy *p, const struct keeping *k)
{
	for (size_t i = 0; i < k->n; i++)
		if (addr_contains(&p->src, &k->kept[i].packet.src) &&
		    addr_contains(&p->dst, &k->kept[i].packet.dst))
			return true;
	return k->bound[IKE_PORT] || k->bound[NATT_PORT];
}

/*
 * True if the statements may cut something off. Finding out for certain takes a look at the whole of both
 * tables, which most statements are not worth: a new policy that lets packets pass cuts nothing off, nor does
 * a delete from empty tables.
 */
static bool may_cut(const struct concretes *list, const struct keeping *k, bool empty)
{
	/* The kernel blocks packets that no policy matches: then deleting a policy may cut something off. */
	bool blocks = k->facts.standard[0] == ACTION_DISCARD || k->facts.standard[1] == ACTION_DISCARD;

	for (size_t i = 0; i < list->n; i++) {
		const struct stmt *s = list->one[i].stmt;

		switch (s->verb) {
		case VERB_SPDADD: case VERB_SPDUPDATE:
			if (s->policy.dir != DIR_FWD && s->policy.action != ACTION_NONE &&
			    may_match(&s->policy, k))
				return true;
			break;
		case VERB_SPDDELETE:
			if (!empty && may_match(&s->policy, k))
				return true;
			break;
		case VERB_FLUSH: case VERB_DELETE: case VERB_DELETEALL: case VERB_SPDFLUSH:
			if (!empty && k->n > 0 && (k->kept[0].kind == SESSION || blocks))
				return true;
			break;
		default:
			break;
		}
	}
	return false;
}

void guard_warn(const struct ssh *ssh, struct kernel *kernel, const struct concretes *list, struct unit *in,
                const struct settings *s)
{
	struct keeping *k = list_kept(ssh);
	struct sync sync = { .kernel = kernel };

	if (kernel_wire(kernel) == &xfrm_wire && may_cut(list, k, kernel_total(kernel, true) == 0)) {
		sync_want(&sync, list, NULL);
		if (sync_plan(&sync) == 0 && sync.nsteps > 0)
			judge_packets(k, &sync, GUARD_WARNS, in, s);
		sync_free(&sync);
	}
	free_kept(k);
}
