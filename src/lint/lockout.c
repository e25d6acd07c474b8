/* SPDX-License-Identifier: ISC */
/*
 * Advice about policies that cut the host off: from its administrators, from its neighbours, from everything.
 */
#include "lint/loaded.h"
#include "tables/lookup.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOCKOUT, NO_NEIGHBOURS, DISCARD_ALL, NEAR_NET };

const struct rule lockout_rules[] = {
	[LOCKOUT] = { "SK405", "lockout", SEVERITY_WARNING, "a policy that would cut off SSH" },
	[NO_NEIGHBOURS] = { "SK406", "no-neighbours", SEVERITY_WARNING,
		"a policy that stops neighbour discovery" },
	[DISCARD_ALL] = { "SK407", "discard-all", SEVERITY_WARNING, "everything is discarded" },
	[NEAR_NET] = { "SK338", "near-net", SEVERITY_WARNING,
		"a tunnel for a range that the near network lies in" },
	{ NULL, NULL, 0, NULL }
};

/* The entry of a policy that a lookup has found: .age there is the place in l->tables.policy, from 1. */
static const struct entry *entry_of(const struct loaded *l, const struct lookup_policy *found)
{
	return found == NULL ? NULL : &l->tables.policy[found->age - 1];
}

static bool stops_traffic(const struct entry *p)
{
	if (p == NULL || p->stmt->policy.action == ACTION_NONE)
		return false;
	return p->stmt->policy.action == ACTION_DISCARD || (p->stmt->policy.ntmpl > 0 && !p->has_all_sas);
}

static void report_lockout(const struct loaded *l, const struct entry *p, const char *what)
{
	loaded_add(l, p, &lockout_rules[LOCKOUT], PART_ACTION, "the policy cuts off %s: %s", what,
	           p->stmt->policy.action == ACTION_DISCARD ? "it discards its packets" :
	                                                      "not every SA for it is defined");
	diag_hint(l->unit->diags, "add a policy for tcp and its port with the action none before it");
}

/* The addresses of the policy on this host's side and on the other side. */
static const struct addr *near_side(const struct entry *p)
{
	return p->dir == DIR_OUT ? &p->stmt->policy.src : &p->stmt->policy.dst;
}

static const struct addr *far_side(const struct entry *p)
{
	return p->dir == DIR_OUT ? &p->stmt->policy.dst : &p->stmt->policy.src;
}

/* The first request that packets must go through a tunnel for, or NULL. */
static const struct tmpl *find_tunnel(const struct entry *p)
{
	const struct policy *q = &p->stmt->policy;

	for (unsigned i = 0; i < q->ntmpl && q->action == ACTION_IPSEC; i++)
		if (q->tmpl[i].mode == MODE_TUNNEL && q->tmpl[i].level != LEVEL_USE)
			return &q->tmpl[i];
	return NULL;
}

/*
 * True if the policy is for a single address of this host that is not an end of its tunnel: then the far end
 * of the tunnel has assigned that address.
 */
static bool is_for_given_address(const struct entry *p)
{
	const struct tmpl *t = find_tunnel(p);

	return t != NULL && addr_is_host(near_side(p)) &&
	       !addr_equal(p->dir == DIR_OUT ? &t->src : &t->dst, near_side(p));
}

/*
 * Guesses the network of this host's link, a /24 or /64, from a policy for this host alone whose tunnel
 * begins there. False if the far end is on that link too: then everything on the link may go through the
 * tunnel.
 */
static bool find_own_link(const struct entry *p, struct addr *link)
{
	const struct tmpl *t = find_tunnel(p);
	const struct addr *host = near_side(p);

	if (t == NULL || p->dir == DIR_FWD || !addr_is_host(host) || is_for_given_address(p))
		return false;
	*link = addr_network(host, host->family == AF_INET ? 24 : 64);
	return !addr_contains(link, p->dir == DIR_OUT ? &t->dst : &t->src);
}

/* The near network of a tunnel, if the range on the far side includes it; else NULL. */
static const struct addr *near_net(const struct entry *p)
{
	const struct addr *near = near_side(p), *far = far_side(p);

	if (p->dir == DIR_FWD || addr_is_host(near) || addr_is_multicast(near) || near->plen <= far->plen ||
	    find_tunnel(p) == NULL)
		return NULL;
	return addr_contains(far, near) ? near : NULL;
}

/*
 * True if the policy requires a tunnel for a packet between neighbours: no neighbour sends through it,
 * whatever SAs there are.
 */
static bool stops_neighbour(const struct entry *p, const struct packet *packet)
{
	const struct addr *near = p != NULL ? near_net(p) : NULL;
	struct addr link;

	if (near == NULL && p != NULL && find_own_link(p, &link))
		near = &link;
	return near != NULL && addr_contains(near, &packet->src) && addr_contains(near, &packet->dst);
}

/*
 * Reports the policy that cuts off the SSH session that setkey is run from. Returns it, or NULL if there is
 * none.
 */
static const struct entry *check_own_session(const struct loaded *l, const struct lookup *policies)
{
	struct packet in, out;
	const struct entry *p;

	if (!packet_read_session(&in, l->unit->session))
		return NULL;
	out = (struct packet){ in.dst, in.src, in.dport, in.sport, in.upper, 0, 0 };
	p = entry_of(l, lookup_packet(policies, DIR_IN, &in));
	if (!stops_traffic(p) && !stops_neighbour(p, &in))
		p = entry_of(l, lookup_packet(policies, DIR_OUT, &out));
	if (stops_neighbour(p, &out)) {
		loaded_add(l, p, &lockout_rules[LOCKOUT], PART_ACTION,
		           "the policy cuts off the SSH session that setkey is run from: between hosts of "
		           "the near network nothing comes through the tunnel");
		diag_hint(l->unit->diags, "put a policy with the action none for the near network before it");
	} else if (stops_traffic(p)) {
		report_lockout(l, p, "the SSH session that setkey is run from");
	} else {
		return NULL;
	}
	return p;
}

static bool has_port(const struct selector *s, bool src, uint16_t port)
{
	return (((src ? s->src.port : s->dst.port) ^ port) & (src ? s->sport_mask : s->dport_mask)) == 0;
}

/* True if the policy matches SSH to or from port 22 here, with any client port from 32768 on. */
static bool matches_ssh(const struct entry *p)
{
	const struct selector s = policy_selector(&p->stmt->policy);
	bool in = p->dir == DIR_IN;
	uint16_t client = in ? s.sport_mask : s.dport_mask;

	return (s.upper == UPPER_ANY || s.upper == IPPROTO_TCP) && has_port(&s, !in, 22) &&
	       (client & 0x7fff) == 0 && has_port(&s, in, 0xffff);
}

static bool is_everything(const struct policy *p)
{
	return p->src.plen == 0 && p->dst.plen == 0;
}

/* True if the policy is for loopback addresses: to let those pass does not help other hosts. */
static bool is_loopback(const struct policy *p)
{
	static const struct addr v4 = { AF_INET, 8, 0, 0, { 127 } },
	                         v6 = { AF_INET6, 128, 0, 0, { [15] = 1 } };

	return addr_contains(&v4, &p->dst) || addr_contains(&v6, &p->dst);
}

static void check_any_session(const struct loaded *l)
{
	bool passing[DIR_FWD + 1][2] = { { false } }; /* by family */

	for (size_t i = 0; i < l->tables.npolicies; i++) {
		const struct entry *p = &l->tables.policy[i];
		const struct policy *q = &p->stmt->policy;
		bool through = p->has_all_sas && q->tmpl[0].mode == MODE_TUNNEL,
		     *passes = &passing[p->dir][q->src.family == AF_INET6];

		if (entry_is_narrow(p))
			continue;
		/* From some hosts at least: administrators need not come from everywhere. */
		*passes |= q->action == ACTION_NONE && !is_loopback(q) && matches_ssh(p);
		if (p->dir == DIR_FWD || *passes || !is_everything(q) || q->action != ACTION_IPSEC ||
		    q->ntmpl == 0 || through)
			continue;
		if (matches_ssh(p) && q->tmpl[0].level != LEVEL_USE) {
			report_lockout(l, p, "SSH from everywhere");
			if (!lint_is_suppressed(l->unit->suppressions, &lockout_rules[LOCKOUT], p->stmt))
				return;
		}
	}
}

/*
 * True if the policy matches messages of neighbour discovery, by type alone: ICMPv6 type and code are in the
 * place of ports.
 */
static bool has_discovery(const struct policy *p)
{
	const struct selector s = policy_selector(p);
	bool types = false;

	for (uint16_t type = 133; type <= 137; type++)
		types |= has_port(&s, true, type);
	return types && has_port(&s, false, 0) && s.src.family == AF_INET6 && !is_loopback(p) &&
	       (s.upper == UPPER_ANY || s.upper == IPPROTO_ICMPV6);
}

/*
 * True if hosts of one link may be on both sides. Two hosts that have SAs with each other are left out, and
 * so is what a tunnel leads to: that is not on the link, though it may have addresses of its network.
 */
static bool is_for_link(const struct entry *p)
{
	const struct addr *near = near_side(p), *far = far_side(p);
	struct addr link = addr_network(near, near->plen < 64 ? near->plen : 64);

	if (addr_is_multicast(near) || addr_is_multicast(far))
		return false;
	if (addr_is_host(near) && addr_is_host(far))
		return !p->has_all_sas && !addr_equal(near, far) && addr_contains(&link, far);
	if (addr_contains(far, near))
		return !is_for_given_address(p);
	return near->plen >= 64 && find_tunnel(p) == NULL &&
	       (near->plen == 64 || addr_is_host(near) || far->plen == 64) && addr_contains(&link, far);
}

/*
 * True for an inbound policy for another network than that of the link: the far one of a tunnel, or one that
 * is shut out.
 */
static bool is_from_elsewhere(const struct entry *p)
{
	static const struct addr link = { AF_INET6, 10, 0, 0, { 0xfe, 0x80 } };
	const struct policy *q = &p->stmt->policy;

	return p->dir == DIR_IN && (q->action == ACTION_DISCARD || find_tunnel(p) != NULL) &&
	       !addr_contains(&q->src, &link) && !addr_contains(&link, &q->src) && !addr_is_any(&q->src) &&
	       !is_for_link(p);
}

/* True if the policy matches messages that hosts of a link find each other by. */
static bool matches_neighbours(const struct entry *p)
{
	static const struct addr groups = { AF_INET6, 16, 0, 0, { 0xff, 0x02 } },
	                         link = { AF_INET6, 10, 0, 0, { 0xfe, 0x80 } };
	const struct policy *q = &p->stmt->policy;

	if (q->action == ACTION_NONE || p->dir == DIR_FWD || !has_discovery(q) || is_from_elsewhere(p))
		return false;
	return addr_contains(&q->dst, &groups) || addr_contains(&q->dst, &link) || is_for_link(p);
}

/*
 * True if multicast is included: neighbours are asked for by multicast, and a bypass for unicast alone does
 * not help.
 */
static bool includes_multicast(const struct policy *p)
{
	static const struct addr groups = { AF_INET6, 8, 0, 0, { 0xff } };

	return addr_contains(&p->dst, &groups) || addr_contains(&groups, &p->dst);
}

static void check_neighbours(const struct loaded *l)
{
	/* by direction; second index: multicast is included */
	bool passes[DIR_FWD + 1][2] = { { false } }, reported[DIR_FWD + 1] = { false };

	for (size_t i = 0; i < l->tables.npolicies && !l->tables.unknown; i++) {
		const struct entry *p = &l->tables.policy[i];
		const struct policy *q = &p->stmt->policy;

		if (entry_is_narrow(p))
			continue;
		passes[p->dir][includes_multicast(q)] |= q->action == ACTION_NONE && has_discovery(q);
		if (reported[p->dir] || passes[p->dir][true] ||
		    (passes[p->dir][false] && !includes_multicast(q)) ||
		    (q->action == ACTION_IPSEC && (q->ntmpl == 0 || q->tmpl[0].level == LEVEL_USE)) ||
		    !matches_neighbours(p))
			continue;
		reported[p->dir] = !lint_is_suppressed(l->unit->suppressions, &lockout_rules[NO_NEIGHBOURS],
		                                   p->stmt);
		loaded_add(l, p, &lockout_rules[NO_NEIGHBOURS], PART_UPPER,
		           "the policy also matches neighbour discovery");
		diag_hint(l->unit->diags,
		          "add policies for icmp6 types 133 to 137 with the action none before it");
	}
}

static bool has_ports(const struct policy *p)
{
	const struct selector s = policy_selector(p);

	return s.sport_mask != 0 || s.dport_mask != 0;
}

static void check_discard_all(const struct loaded *l)
{
	uint8_t before[DIR_FWD + 1][2] = { { 0 } }; /* by direction and family: something passes */

	for (size_t i = 0; i < l->tables.npolicies; i++) {
		const struct entry *p = &l->tables.policy[i];
		const struct policy *q = &p->stmt->policy;
		uint8_t *passes = &before[p->dir][q->src.family == AF_INET6];

		if (entry_is_narrow(p))
			continue;
		if (q->action == ACTION_DISCARD && is_everything(q) &&
		    policy_selector(q).upper == UPPER_ANY && !has_ports(q) && !*passes && !p->copy)
			loaded_add(l, p, &lockout_rules[DISCARD_ALL], PART_ACTION,
			           "the policy discards everything: no policy before it lets anything pass");
		*passes |= q->action != ACTION_DISCARD;
	}
}

/* The packets between hosts of the near network that the policy matches. */
static struct selector near_packets(const struct entry *p)
{
	const struct addr *near = near_net(p);
	struct addr network = addr_network(near, near->plen);
	struct selector s = selector_of_addrs(&network, &network);

	s.upper = policy_selector(&p->stmt->policy).upper;
	return s;
}

/* Marks policies with an earlier one that lets packets of their near network pass. */
static void mark_passing(const struct loaded *l, const struct selector_set *near, bool *passing)
{
	for (uint32_t i = 1; i <= l->tables.npolicies; i++) {
		const struct entry *p = &l->tables.policy[i - 1];
		struct selector s = policy_selector(&p->stmt->policy);
		uint32_t other;

		if (p->stmt->policy.action == ACTION_NONE && !has_ports(&p->stmt->policy))
			for (struct selector_walk k = { 0 };
			     (other = selector_set_next(near, p->dir, &s, &k)) != 0;)
				passing[other] |=
				        i < other &&
				        (s.upper == UPPER_ANY ||
				         s.upper == l->tables.policy[other - 1].stmt->policy.upper);
	}
}

static void report_near_net(const struct loaded *l, const struct entry *p)
{
	struct addr network = near_packets(p).src, *near = &network;
	bool out = p->dir == DIR_OUT;
	char net[INET6_ADDRSTRLEN],
	        prio[16] = "high"; /* a daemon's policies come before "high": then their own priority */

	inet_ntop(near->family, near->bytes, net, sizeof(net));
	if (out)
		loaded_add(l, p, &lockout_rules[NEAR_NET], PART_DST,
		           "the range includes the near network %s/%u: packets to it go into the tunnel", net,
		           near->plen);
	else
		loaded_add(l, p, &lockout_rules[NEAR_NET], PART_SRC,
		           "the range includes the near network %s/%u: packets from it do not come through "
		           "the tunnel and are dropped",
		           net, near->plen);
	if (p->priority < PRIORITY_HIGH)
		snprintf(prio, sizeof(prio), "%u", PRIORITY_DEFAULT - p->priority);
	diag_hint(l->unit->diags, "put `spdadd %s/%u %s/%u any -P %s prio %s none;` before it", net,
	          near->plen, net, near->plen, out ? "out" : "in", prio);
}

/*
 * Reports tunnels for a range that includes the near network. The network of a policy that is already
 * reported, for cutting off the session, is left out.
 */
static void check_near_nets(const struct loaded *l, const struct lookup *policies,
                            const struct entry *reported)
{
	const struct addr *known = reported != NULL ? near_net(reported) : NULL;
	bool *passing = memory_resize(NULL, l->tables.npolicies + 1, sizeof(*passing));
	struct selector_set near = { 0 };
	struct selector s;

	memset(passing, 0, (l->tables.npolicies + 1) * sizeof(*passing));
	for (uint32_t i = 1; i <= l->tables.npolicies; i++) {
		const struct entry *p = &l->tables.policy[i - 1];
		const struct addr *net =
		        entry_is_narrow(p) || has_ports(&p->stmt->policy) ? NULL : near_net(p);

		if (net == NULL || (known != NULL && known->plen == net->plen && addr_contains(known, net)))
			continue;
		s = near_packets(p);
		if (entry_of(l, lookup_packets(policies, p->dir, &s, 0, 0)) == p)
			selector_set_add(&near, p->dir, &s, i);
	}
	mark_passing(l, &near, passing);
	for (uint32_t i = 1; i <= l->tables.npolicies; i++) {
		if (near_net(&l->tables.policy[i - 1]) == NULL || passing[i])
			continue;
		s = near_packets(&l->tables.policy[i - 1]);
		if (selector_set_find(&near, l->tables.policy[i - 1].dir, &s) == i)
			report_near_net(l, &l->tables.policy[i - 1]);
	}
	selector_set_free(&near);
	free(passing);
}

static void check_sessions(const struct loaded *l)
{
	struct lookup policies = { 0 };
	const struct entry *reported;

	if (l->tables.unknown)
		return;
	/* Policies for marked packets or for one interface are left out: they are hardly for the session. */
	for (uint32_t i = 1; i <= l->tables.npolicies; i++) {
		const struct entry *p = &l->tables.policy[i - 1];

		if (!entry_is_narrow(p))
			lookup_add(&policies, &(struct lookup_policy){ p->stmt, i, p->dir });
	}
	reported = check_own_session(l, &policies);
	if (reported == NULL)
		check_any_session(l);
	check_near_nets(l, &policies, reported);
	lookup_free(&policies);
}

void lint_lockout(const struct loaded *l)
{
	check_sessions(l);
	check_neighbours(l);
	check_discard_all(l);
}
