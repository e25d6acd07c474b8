/* Advice about policies that cut the host off: from those who administer it, from its neighbours, from everything. */
#include "lint/cover.h"
#include "lint/loaded.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOCKOUT, NO_NEIGHBOURS, DISCARD_ALL };

const struct rule lockout_rules[] = {
	[LOCKOUT] = { "SK405", "lockout", SEVERITY_WARNING, "a policy that would cut off SSH",
		"From the moment it is loaded, the policy drops the packets of a session by which the host may be\n"
		"administered, as not all SAs for them are here. Let them pass before it:\n\n"
		"    spdadd 0.0.0.0/0[any] 0.0.0.0/0[22] tcp -P in prio high none;\n"
		"    spdadd 0.0.0.0/0[22] 0.0.0.0/0[any] tcp -P out prio high none;\n\n"
		"The session from which setkey is run is known from SSH_CONNECTION.", NULL },
	[NO_NEIGHBOURS] = { "SK406", "no-neighbours", SEVERITY_WARNING, "a policy that stops neighbour discovery",
		"IPv6 finds its neighbours and routers by ICMPv6, types 133 to 137, and the policy takes these too: to send\n"
		"under IPsec a neighbour must be known, and to get to know it that must be sent. Before it, for in and out:\n\n"
		"    spdadd ::/0 ::/0 icmp6 135,0 -P out none;\n"
		"    spdadd ::/0 ::/0 icmp6 136,0 -P out none;", "RFC 4861 section 11.2" },
	[DISCARD_ALL] = { "SK407", "discard-all", SEVERITY_WARNING, "everything is discarded",
		"No policy of this direction comes before it: nothing passes, not even what the host is administered by.\n"
		"Say what may pass first.", NULL },
	{ NULL, NULL, 0, NULL, NULL, NULL }
};

/* Of policies for marked packets, or for those of one interface, nothing is said: a session is hardly among them. */

/* The policy that is applied to a packet, or NULL. Numbers in the cover are places in l->policy, from 1. */
static const struct placed *applied(const struct loaded *l, const struct cover *c, uint8_t dir, const struct selector *packet)
{
	uint32_t best = 0, other;

	for (struct cover_walk k = { 0 }; (other = cover_next(c, dir, packet, &k)) != 0; )
		best = best == 0 || other < best ? other : best;
	return best == 0 ? NULL : &l->policy[best - 1];
}

static bool stops(const struct placed *p)
{
	if (p == NULL || p->stmt->policy.action == ACTION_NONE)
		return false;
	return p->stmt->policy.action == ACTION_DISCARD || (p->stmt->policy.ntmpl > 0 && !p->served);
}

/* "CLIENT PORT SERVER PORT", to the packets the client sends. */
static bool read_session(const char *session, struct selector *s)
{
	char client[64], server[64], sport[8], dport[8];

	*s = (struct selector){ .upper = IPPROTO_TCP, .sport_mask = 0xffff, .dport_mask = 0xffff };
	if (session == NULL || sscanf(session, "%63s %7s %63s %7s", client, sport, server, dport) != 4)
		return false;
	/* No policy tells links apart: fe80::1%eth0 is fe80::1 to it. */
	if (!addr_parse(&s->src, client, strcspn(client, "%")) || !addr_parse(&s->dst, server, strcspn(server, "%")))
		return false;
	s->src.port = (uint16_t)strtoul(sport, NULL, 10);
	s->dst.port = (uint16_t)strtoul(dport, NULL, 10);
	return true;
}

static void say(const struct loaded *l, const struct placed *p, const char *what)
{
	loaded_add(l, p, &lockout_rules[LOCKOUT], PART_ACTION, "this cuts off %s: not every SA for it is here", what);
	diag_hint(l->unit->diags, "tcp and its port with the action none, before this");
}

/* The session that setkey is run from. True if that was said. */
static bool own_session(const struct loaded *l, const struct cover *c)
{
	struct selector in, out;
	const struct placed *p;

	if (!read_session(l->unit->session, &in))
		return false;
	out = (struct selector){ in.dst, in.src, 0xffff, 0xffff, in.upper };
	p = applied(l, c, DIR_IN, &in);
	if (!stops(p))
		p = applied(l, c, DIR_OUT, &out);
	if (stops(p))
		say(l, p, "the SSH session that this is run from");
	return stops(p);
}

static bool is_any(const struct policy *p)
{
	return cover_selector(p).upper == UPPER_ANY;
}

static bool is_everything(const struct policy *p)
{
	return p->src.plen == 0 && p->dst.plen == 0;
}

/* What a host sends itself: to let that pass helps nobody else. */
static bool is_loopback(const struct policy *p)
{
	static const struct addr v4 = { AF_INET, 8, 0, 0, { 127 } }, v6 = { AF_INET6, 128, 0, 0, { [15] = 1 } };

	return cover_contains(&v4, &p->dst) || cover_contains(&v6, &p->dst);
}

/* True if it lets some SSH pass: a host to be administered from need not be every host. */
static bool lets_ssh_pass(const struct placed *p)
{
	const struct policy *q = &p->stmt->policy;
	uint16_t port = p->dir == DIR_IN ? q->dst.port : q->src.port;

	return q->action == ACTION_NONE && !is_loopback(q) && (is_any(q) || q->upper == IPPROTO_TCP) && (port == 0 || port == 22);
}

static void any_session(const struct loaded *l)
{
	bool passing[DIR_FWD + 1][2] = { { false } }; /* by family */

	for (size_t i = 0; i < l->npolicies; i++) {
		const struct placed *p = &l->policy[i];
		const struct policy *q = &p->stmt->policy;
		uint16_t port = p->dir == DIR_IN ? q->dst.port : q->src.port;
		bool through = p->served && q->tmpl[0].mode == MODE_TUNNEL, *passes = &passing[p->dir][q->src.family == AF_INET6];

		if (loaded_is_narrow(p))
			continue;
		*passes |= lets_ssh_pass(p);
		if (p->dir == DIR_FWD || *passes || !is_everything(q) || q->action != ACTION_IPSEC || q->ntmpl == 0 || through)
			continue;
		if ((is_any(q) || q->upper == IPPROTO_TCP) && (port == 0 || port == 22) && q->tmpl[0].level != LEVEL_USE) {
			say(l, p, "SSH from everywhere");
			if (!lint_is_aside(l->unit->aside, &lockout_rules[LOCKOUT], p->stmt))
				return;
		}
	}
}

/* True if packets like those of neighbour discovery are among its own, whatever their addresses. */
static bool has_discovery(const struct policy *p)
{
	return p->src.family == AF_INET6 && !is_loopback(p) &&
	       (is_any(p) || (p->upper == IPPROTO_ICMPV6 && (p->src.port == 0 || (p->src.port >= 133 && p->src.port <= 137))));
}

/* Whether neighbours could be found by what it takes: anywhere, or between two on one link that have no SA yet. */
static bool takes_neighbours(const struct placed *p)
{
	static const struct addr groups = { AF_INET6, 16, 0, 0, { 0xff, 0x02 } }, link = { AF_INET6, 10, 0, 0, { 0xfe, 0x80 } };
	const struct policy *q = &p->stmt->policy;
	struct addr own = cover_network(&q->src, 64);

	if (q->action == ACTION_NONE || p->dir == DIR_FWD || !has_discovery(q))
		return false;
	if (cover_contains(&q->dst, &groups) || cover_contains(&q->dst, &link))
		return true;
	return !p->served && q->dst.plen == 128 && q->src.plen == 128 && cover_contains(&own, &q->dst) && !addr_is_multicast(&q->dst);
}

static void neighbours(const struct loaded *l)
{
	bool passes[DIR_FWD + 1] = { false }, told[DIR_FWD + 1] = { false };

	for (size_t i = 0; i < l->npolicies && !l->unknown; i++) {
		const struct placed *p = &l->policy[i];
		const struct policy *q = &p->stmt->policy;

		if (loaded_is_narrow(p))
			continue;
		passes[p->dir] |= q->action == ACTION_NONE && has_discovery(q);
		if (passes[p->dir] || told[p->dir] || (q->action == ACTION_IPSEC && (q->ntmpl == 0 || q->tmpl[0].level == LEVEL_USE)) ||
		    !takes_neighbours(p))
			continue;
		told[p->dir] = !lint_is_aside(l->unit->aside, &lockout_rules[NO_NEIGHBOURS], p->stmt);
		loaded_add(l, p, &lockout_rules[NO_NEIGHBOURS], PART_UPPER, "neighbour discovery is among what this takes");
		diag_hint(l->unit->diags, "icmp6 types 133 to 137 with the action none, before this");
	}
}

static void discard_all(const struct loaded *l)
{
	uint8_t before[DIR_FWD + 1][2] = { { 0 } }; /* by family: something is let through */

	for (size_t i = 0; i < l->npolicies; i++) {
		const struct placed *p = &l->policy[i];
		const struct policy *q = &p->stmt->policy;
		uint8_t *passes = &before[p->dir][q->src.family == AF_INET6];

		if (loaded_is_narrow(p))
			continue;
		if (q->action == ACTION_DISCARD && is_everything(q) && is_any(q) && !*passes && !p->twin)
			loaded_add(l, p, &lockout_rules[DISCARD_ALL], PART_ACTION, "this discards everything: nothing is let pass before it");
		*passes |= q->action != ACTION_DISCARD;
	}
}

static void sessions(const struct loaded *l)
{
	struct cover all = { 0 };

	if (l->unknown)
		return;
	for (uint32_t i = 1; i <= l->npolicies; i++) {
		struct selector s = cover_selector(&l->policy[i - 1].stmt->policy);

		if (!loaded_is_narrow(&l->policy[i - 1]))
			cover_add(&all, l->policy[i - 1].dir, &s, i);
	}
	if (!own_session(l, &all))
		any_session(l);
	cover_free(&all);
}

void lint_lockout(const struct loaded *l)
{
	sessions(l);
	neighbours(l);
	discard_all(l);
}
