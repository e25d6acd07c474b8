/* SPDX-License-Identifier: ISC */
/* Finds the policy for a packet, and what happens to the packet: the rules are in match.h. */
#include "see/match.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { REQUESTS_MAX = 5 }; /* XFRM_MAX_DEPTH - 1 */

const char *const outcome_words[] = {
	[OUTCOME_CLEAR] = "clear", [OUTCOME_PROTECTED] = "protected", [OUTCOME_DROPPED] = "dropped",
	[OUTCOME_UNKNOWN] = "unknown",
};

const struct misfit_row misfit_rows[MISFITS] = {
	[MISFIT_PROTO] = { "protocol", "is of another protocol" },
	[MISFIT_MODE] = { "mode", "has another mode" },
	[MISFIT_REQID] = { "reqid", "has another reqid" },
	[MISFIT_SOURCE] = { "source", "has another source" },
	[MISFIT_SPI] = { "spi", "has another SPI than the request names" },
	[MISFIT_LARVAL] = { "not-mature", "is not mature: it has no keys yet" },
	[MISFIT_EXPIRED] = { "expired", "has expired" },
	[MISFIT_DIRECTION] = { "direction", "is for the other direction" },
	[MISFIT_MARK] = { "mark", "is for another mark" },
	[MISFIT_IF_ID] = { "if_id", "has another interface ID" },
	[MISFIT_FAMILY] = { "family", "carries another address family inside" },
	[MISFIT_SELECTOR] = { "selector", "has a selector that does not take the packet" },
	[MISFIT_WILDCARD] = { "wildrecv", "only receives (flag wildrecv)" },
	[MISFIT_UPPER] = { "upper", "is for another protocol" },
	[MISFIT_PORTS] = { "ports", "is for other ports" },
	[MISFIT_DEVICE] = { "device", "is for another device" },
};

/* Only these have ports, or a type and a code in their place; all others have 0 and 0. */
static bool has_ports(uint8_t upper)
{
	return upper == IPPROTO_TCP || upper == IPPROTO_UDP || upper == IPPROTO_UDPLITE ||
	       upper == IPPROTO_SCTP || upper == IPPROTO_ICMP || upper == IPPROTO_ICMPV6 ||
	       upper == IPPROTO_MH || upper == IPPROTO_GRE;
}

static bool takes_ports(const struct selector *sel, const struct packet *p)
{
	uint16_t sport = has_ports(p->upper) ? p->sport : 0, dport = has_ports(p->upper) ? p->dport : 0;

	if (p->upper == IPPROTO_MH)
		dport = 0;
	return ((sport ^ sel->src.port) & sel->sport_mask) == 0 &&
	       ((dport ^ sel->dst.port) & sel->dport_mask) == 0;
}

unsigned selector_misfits(const struct selector *sel, const struct packet *p)
{
	unsigned misfits = 0;

	if (sel->upper != UPPER_ANY && sel->upper != 0 && sel->upper != p->upper)
		misfits |= 1u << MISFIT_UPPER;
	else if (!takes_ports(sel, p))
		misfits |= 1u << MISFIT_PORTS;
	return misfits;
}

static unsigned policy_misfits(const struct conditions *c, const struct flow *f)
{
	unsigned misfits = selector_misfits(&c->sel, &f->packet);

	if (((f->packet.mark ^ c->mark.value) & c->mark.mask) != 0)
		misfits |= 1u << MISFIT_MARK;
	if (c->if_id != f->packet.if_id)
		misfits |= 1u << MISFIT_IF_ID;
	if (c->device != 0 && c->device != f->device)
		misfits |= 1u << MISFIT_DEVICE;
	return misfits;
}

static int compare_considered(const void *a, const void *b, void *view)
{
	const struct considered *x = a, *y = b;
	const struct view *const *v = view;

	return view_is_before(*v, x->number, y->number) ? -1 : 1;
}

/*
 * Lists all policies of the direction and type that are for the packet's addresses, in the order in which the
 * kernel tries them.
 */
static void collect_policies(struct match *m, const struct view *v, bool sub)
{
	const struct flow *f = &m->flow;
	struct policy_walk walk = { 0 };
	bool sorted = true;
	size_t n;

	while ((n = view_next_policy(v, f->dir, sub, &f->packet.src, &f->packet.dst, &walk)) != 0) {
		m->considered = memory_grow(m->considered, m->nconsidered, &m->capconsidered,
		                            sizeof(*m->considered));
		sorted &= m->nconsidered == 0 ||
		          view_is_before(v, m->considered[m->nconsidered - 1].number, n - 1);
		m->considered[m->nconsidered++] =
		        (struct considered){ n - 1, policy_misfits(view_conditions(v, n - 1), f) };
	}
	if (!sorted)
		qsort_r(m->considered, m->nconsidered, sizeof(*m->considered), compare_considered, &v);
}

/*
 * The number, from 1, of the first policy that fits, or 0; those after it are dropped from the list. Sets
 * rival if another policy may come first.
 */
static size_t take_first_fitting(struct match *m, const struct view *v)
{
	size_t found = 0, n = m->nconsidered;

	for (size_t i = 0; i < n && found == 0; i++) {
		/* The device is the only one of its conditions that is not known. */
		if (m->considered[i].misfits == 1u << MISFIT_DEVICE && m->flow.device == 0) {
			m->rival = m->considered[i].number + 1;
			m->needs_device = true;
		}
		if (m->considered[i].misfits != 0)
			continue;
		found = m->considered[i].number + 1;
		m->nconsidered = i + 1;
		for (size_t j = i + 1; j < n; j++)
			if (m->considered[j].misfits == 0 &&
			    view_is_unordered(v, found - 1, m->considered[j].number))
				m->rival = m->considered[j].number + 1;
	}
	return found;
}

static void find_policies(struct match *m, const struct view *v, struct event *ev)
{
	size_t first;

	collect_policies(m, v, true);
	m->policy[0] = take_first_fitting(m, v);
	if (m->policy[0] != 0) {
		view_decode(v, m->policy[0] - 1, ev);
		if (ev->policy.action == ACTION_DISCARD)
			return;
	}
	/* Policies of type main are a list of their own, appended to that of type sub. */
	first = m->nconsidered;
	struct match main = { .flow = m->flow, .rival = m->rival, .needs_device = m->needs_device };

	collect_policies(&main, v, false);
	m->policy[m->policy[0] != 0] = take_first_fitting(&main, v);
	m->rival = main.rival;
	m->needs_device = main.needs_device;
	for (size_t i = 0; i < main.nconsidered; i++) {
		m->considered = memory_grow(m->considered, first + i, &m->capconsidered,
		                            sizeof(*m->considered));
		m->considered[m->nconsidered++] = main.considered[i];
	}
	free(main.considered);
}

/* False if a policy discards. */
static bool list_steps(struct match *m, const struct view *v, struct event *ev)
{
	for (int i = 0; i < 2; i++) {
		if (m->policy[i] == 0)
			continue;
		view_decode(v, m->policy[i] - 1, ev);
		if (ev->policy.action == ACTION_DISCARD)
			return false;
		for (unsigned j = 0; j < ev->policy.ntmpl; j++)
			m->step[m->nsteps++] =
			        (struct step){ .request = ev->policy.tmpl[j], .policy = m->policy[i] - 1 };
	}
	return true;
}

static void drop_packet(struct match *m, const char *why)
{
	m->outcome = OUTCOME_DROPPED;
	m->why = why;
}

/* A tunnel whose source is left open begins at the address that the route to its end gives. */
static struct addr tunnel_source(const struct view *v, const struct tmpl *t)
{
	struct route route;

	if (!addr_is_any(&t->src))
		return t->src;
	if (!view_is_kernel(v) || route_find(&route, &t->dst, NULL, 0) != 0)
		return (struct addr){ 0 };
	return route.from;
}

/* For each request in its order; for those after a tunnel, the packet has the ends of the tunnel. */
static void choose_sas(struct match *m, const struct view *v)
{
	struct addr src = m->flow.packet.src, dst = m->flow.packet.dst;

	for (unsigned i = 0; i < m->nsteps; i++) {
		struct step *s = &m->step[i];

		s->src = mode_has_ends(s->request.mode) ? tunnel_source(v, &s->request) : src;
		s->dst = mode_has_ends(s->request.mode) ? s->request.dst : dst;
		if (m->flow.dir == DIR_OUT)
			choose_sa(m, v, s);
		else
			find_inbound_sas(m, v, s);
		if (s->sa != 0 || m->flow.dir != DIR_OUT) {
			src = s->src;
			dst = s->dst;
		}
	}
}

static void judge_outbound(struct match *m)
{
	for (unsigned i = 0; i < m->nsteps; i++) {
		const struct step *s = &m->step[i];

		if (s->sa != 0)
			m->outcome = OUTCOME_PROTECTED;
		if (s->sa != 0 && s->spent) {
			drop_packet(m, "the SA has reached a limit, or has no sequence number left");
			return;
		}
		if (s->sa == 0 && s->nnear > 0 && s->near[0].misfits == 1u << MISFIT_DIRECTION) {
			drop_packet(m, "the SA that fits is for inbound packets only");
			return;
		}
		if (s->sa == 0 && s->request.level != LEVEL_USE) {
			drop_packet(m, "no SA fits a request that is required");
			m->wants_sa = s->nnear == 0 ||
			              !(s->near[0].misfits == 1u << MISFIT_EXPIRED ||
			                s->near[0].misfits == 1u << MISFIT_LARVAL);
			return;
		}
	}
	if (m->nsteps > 0 && m->outcome == OUTCOME_CLEAR)
		m->why = "no SA is there for requests that are optional";
}

static void judge_inbound(struct match *m)
{
	for (unsigned i = 0; i < m->nsteps; i++) {
		const struct step *s = &m->step[i];

		if (s->request.level != LEVEL_USE)
			m->plain = OUTCOME_DROPPED;
		if (s->sa != 0 && m->outcome == OUTCOME_CLEAR)
			m->outcome = OUTCOME_PROTECTED;
		if (s->sa == 0 && s->request.level != LEVEL_USE)
			drop_packet(m, "no SA is there by which it could come as the policy requires");
	}
}

/*
 * True for an IPv4 packet that leaves by a device with disable_xfrm, or to this host itself: it meets no
 * policy.
 */
static bool is_exempt(const struct match *m, const struct view *v)
{
	struct device *device = NULL;
	struct route route;
	char path[96];
	bool exempt = false;
	size_t n = 0;
	long off;

	if (!view_is_kernel(v) || m->flow.dir != DIR_OUT || m->flow.packet.dst.family != AF_INET ||
	    route_find(&route, &m->flow.packet.dst, NULL, m->flow.packet.mark) != 0)
		return false;
	if (m->flow.device != 0)
		route.device = m->flow.device;
	devices_read(&device, &n);
	for (size_t i = 0; i < n; i++) {
		if (device[i].index != route.device)
			continue;
		snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%s/disable_xfrm", device[i].name);
		exempt |= facts_number(&off, path) && off != 0;
		exempt |= facts_number(&off, "/proc/sys/net/ipv4/conf/all/disable_xfrm") && off != 0;
	}
	free(device);
	return exempt;
}

static void judge_default(struct match *m, const struct view *v)
{
	if (v->facts.standard[m->flow.dir - DIR_IN] == ACTION_DISCARD) {
		m->plain = OUTCOME_DROPPED;
		drop_packet(m, "no policy is for it, and the default of the direction is to block");
	} else {
		m->why = "no policy is for it";
	}
}

/* Sets the outcome by the policies that were found. */
static void judge_policies(struct match *m, const struct view *v, struct event *ev)
{
	if (!list_steps(m, v, ev)) {
		m->nsteps = 0;
		m->plain = OUTCOME_DROPPED;
		drop_packet(m, "the policy discards it");
		return;
	}
	choose_sas(m, v);
	if (m->nsteps > REQUESTS_MAX)
		drop_packet(m, "the policy has more requests than the five that Linux carries out");
	else if (m->flow.dir == DIR_OUT)
		judge_outbound(m);
	else
		judge_inbound(m);
	if (m->nsteps == 0)
		m->why = "the policy lets it pass as it is";
}

static bool has_same_outcome(const struct match *a, const struct match *b)
{
	bool same = a->outcome == b->outcome && a->plain == b->plain && a->nsteps == b->nsteps;

	for (unsigned i = 0; same && i < a->nsteps; i++)
		same = a->step[i].sa == b->step[i].sa;
	return same;
}

/* If the rival has the same outcome, it does not matter which of the two is first. */
static void judge_rival(struct match *m, const struct view *v, struct event *ev)
{
	struct match other = { .flow = m->flow, .policy = { m->rival, m->policy[1] } };

	judge_policies(&other, v, ev);
	if (has_same_outcome(m, &other)) {
		m->rival = 0;
		return;
	}
	m->outcome = OUTCOME_UNKNOWN;
	m->why = m->needs_device ?
	                 "a policy for one device may come first: give --iface" :
	                 "another policy of equal priority may come first: give them different priorities";
}

static void judge_packet(struct match *m, const struct view *v, struct event *ev)
{
	if (is_exempt(m, v)) {
		m->why = "it leaves by a device with disable_xfrm, such as the one to this host itself";
		return;
	}
	find_policies(m, v, ev);
	if (m->policy[0] == 0)
		judge_default(m, v);
	else
		judge_policies(m, v, ev);
	if (m->rival != 0)
		judge_rival(m, v, ev);
}

void match_find(struct match *m, const struct view *v, const struct flow *flow)
{
	struct event *ev = memory_resize(NULL, 1, sizeof(*ev));

	*m = (struct match){ .flow = *flow };
	judge_packet(m, v, ev);
	explicit_bzero(ev, sizeof(*ev));
	free(ev);
}

void match_free(struct match *m)
{
	free(m->considered);
	*m = (struct match){ 0 };
}
