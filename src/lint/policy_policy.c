/* SPDX-License-Identifier: ISC */
/* Advice about policies in relation to each other: mirrors, forward policies, and which comes first. */
#include "lint/loaded.h"
#include "tables/selector_set.h"

#include <stdlib.h>
#include <string.h>

enum { ONE_WAY_POLICY, NO_FORWARD, FORWARD_TURNED, NEVER_REACHED, OWN_ENDS, ORDER_DECIDES };

const struct rule policy_policy_rules[] = {
	[ONE_WAY_POLICY] = { "SK304", "one-way-policy", SEVERITY_WARNING,
		"a policy without one for the other direction" },
	[NO_FORWARD] = { "SK309", "no-forward", SEVERITY_WARNING,
		"an inbound tunnel for a network, and no policy to forward" },
	[FORWARD_TURNED] = { "SK310", "forward-turned", SEVERITY_WARNING,
		"a forward policy turned like the outbound one" },
	[NEVER_REACHED] = { "SK311", "never-reached", SEVERITY_WARNING,
		"a policy that another one always precedes" },
	[OWN_ENDS] = { "SK316", "own-ends", SEVERITY_WARNING, "a tunnel for its own end points too" },
	[ORDER_DECIDES] = { "SK319", "order-decides", SEVERITY_WARNING,
		"policies that overlap, with equal priority" },
	{ NULL, NULL, 0, NULL }
};

static struct selector addrs_of(const struct entry *p, bool turned)
{
	const struct policy *policy = &p->stmt->policy;

	return turned ? selector_of_addrs(&policy->dst, &policy->src) :
	                selector_of_addrs(&policy->src, &policy->dst);
}

/* Kinds of addresses: the direction, and BYPASS plus the direction for policies with the action none. */
enum { BYPASS = 16 };

static void list_addresses(const struct loaded *l, struct selector_set *c)
{
	for (uint32_t i = 1; i <= l->tables.npolicies; i++) {
		struct selector s = addrs_of(loaded_policy(l, i), false);

		if (!loaded_policy(l, i)->copy)
			selector_set_add(c, loaded_policy(l, i)->dir, &s, i);
		if (loaded_policy(l, i)->stmt->policy.action == ACTION_NONE)
			selector_set_add(c, BYPASS + loaded_policy(l, i)->dir, &s, i);
	}
}

static void mark_mirrored_by(const struct selector_set *c, enum dir dir, uint32_t own,
                             const struct selector *back,
                        bool *mirrored)
{
	struct selector_walk k = { 0 };
	uint32_t other;

	while ((other = selector_set_next(c, dir == DIR_IN ? DIR_OUT : DIR_IN, back, &k)) != 0)
		mirrored[other] = mirrored[own] = true;
}

/*
 * Marks addresses whose mirror some policy of the other direction contains, and those of that policy. Equal
 * addresses are marked by the first policy that has them.
 */
static void mark_mirrored(const struct loaded *l, const struct selector_set *c, bool *mirrored)
{
	for (uint32_t i = 1; i <= l->tables.npolicies; i++) {
		const struct entry *p = loaded_policy(l, i);
		struct selector own = addrs_of(p, false), mirror = addrs_of(p, true);

		if (p->dir == DIR_FWD || selector_set_find(c, p->dir, &own) != i)
			continue;
		mark_mirrored_by(c, p->dir, i, &mirror, mirrored);
		/* Such packets come from everybody: a policy for them is its own mirror. */
		if (own.dst.plen == 0 || addr_is_multicast(&own.dst))
			mark_mirrored_by(c, p->dir, i, &own, mirrored);
	}
}

static void check_one_way(const struct loaded *l, const struct selector_set *c)
{
	bool *mirrored = memory_resize(NULL, l->tables.npolicies + 1, sizeof(*mirrored));

	memset(mirrored, 0, (l->tables.npolicies + 1) * sizeof(*mirrored));
	mark_mirrored(l, c, mirrored);
	for (uint32_t i = 1; i <= l->tables.npolicies && !l->tables.unknown; i++) {
		const struct entry *p = loaded_policy(l, i);
		struct selector s = addrs_of(p, false);
		uint32_t first = selector_set_find(c, p->dir, &s);

		if (p->dir == DIR_FWD || !entry_protects(p) || mirrored[first] || addr_is_multicast(&s.dst) ||
		    addr_is_multicast(&s.src))
			continue;
		mirrored[first] = !lint_is_suppressed(l->unit->suppressions,
		                                      &policy_policy_rules[ONE_WAY_POLICY], p->stmt);
		loaded_add(l, p, &policy_policy_rules[ONE_WAY_POLICY], PART_DIR,
		           "there is no %s policy for the reverse direction",
		           p->dir == DIR_IN ? "outbound" : "inbound");
	}
	free(mirrored);
}

/* The outermost tunnel of the policy, or NULL. */
static const struct tmpl *outer_tunnel(const struct policy *p)
{
	for (unsigned i = p->ntmpl; i-- > 0; )
		if (p->tmpl[i].mode == MODE_TUNNEL && p->tmpl[i].src.family != 0)
			return &p->tmpl[i];
	return NULL;
}

static bool is_same_host(const struct addr *range, const struct addr *host)
{
	return addr_is_host(range) && addr_equal(range, host);
}

static void check_no_forward(const struct loaded *l, const struct selector_set *c, const struct entry *p)
{
	struct selector s = addrs_of(p, false);
	const struct tmpl *t = outer_tunnel(&p->stmt->policy);
	struct selector_walk k = { 0 };

	if (t == NULL || (!p->stmt->exact && !l->unit->kernel_fwd) || is_same_host(&s.dst, &t->dst) ||
	    l->tables.unknown)
		return;
	if (selector_set_next(c, DIR_FWD, &s, &k) != 0)
		return;
	loaded_add(l, p, &policy_policy_rules[NO_FORWARD], PART_DIR,
	           "forwarded packets need a policy with -P fwd");
}

static void check_forward_turned(const struct loaded *l, const struct selector_set *c, const struct entry *p)
{
	struct selector s = addrs_of(p, false);
	uint32_t out = selector_set_find(c, DIR_OUT, &s);

	if (out == 0 || selector_set_find(c, DIR_IN, &s) != 0)
		return;
	loaded_add(l, p, &policy_policy_rules[FORWARD_TURNED], PART_DIR,
	           "a fwd policy matches packets as they came in, its addresses are those of an "
	           "outbound policy");
	loaded_note(l, loaded_policy(l, out), PART_DIR, "the outbound policy");
}

static bool has_bypass(const struct selector_set *c, const struct entry *p, const struct tmpl *t,
                       uint32_t number)
{
	struct selector s = selector_of_addrs(&t->src, &t->dst);
	uint32_t other;

	for (struct selector_walk k = { 0 }; (other = selector_set_next(c, BYPASS + p->dir, &s, &k)) != 0; )
		if (other < number)
			return true;
	return false;
}

static void check_own_ends(const struct loaded *l, const struct selector_set *c, uint32_t number)
{
	const struct entry *p = loaded_policy(l, number);
	const struct policy *policy = &p->stmt->policy;
	const struct tmpl *t = outer_tunnel(policy);
	const struct selector s = policy_selector(policy);

	if (t == NULL || s.upper != UPPER_ANY || s.sport_mask != 0 || s.dport_mask != 0 ||
	    entry_is_narrow(p))
		return;
	if (is_same_host(&policy->src, &t->src) && is_same_host(&policy->dst, &t->dst))
		return;
	if (!addr_contains(&policy->src, &t->src) || !addr_contains(&policy->dst, &t->dst) ||
	    has_bypass(c, p, t, number) || l->tables.unknown)
		return;
	loaded_add(l, p, &policy_policy_rules[OWN_ENDS], PART_SRC,
	           "the policy also matches traffic between the tunnel's end points");
	diag_hint(l->unit->diags, "add a policy with the action none for them before it");
}

static void check_directions(const struct loaded *l, const struct selector_set *c)
{
	for (uint32_t i = 1; i <= l->tables.npolicies; i++) {
		const struct entry *p = loaded_policy(l, i);

		if (!entry_protects(p))
			continue;
		if (p->dir == DIR_IN)
			check_no_forward(l, c, p);
		else if (p->dir == DIR_FWD && outer_tunnel(&p->stmt->policy) != NULL)
			check_forward_turned(l, c, p);
		else if (p->dir == DIR_OUT)
			check_own_ends(l, c, i);
	}
}

/* The earlier policy that contains the selector, or 0. A policy without a mark matches marked packets too. */
static uint32_t find_preceding(const struct selector_set *earlier, const struct entry *p,
                               const struct selector *s)
{
	struct selector_walk own = { 0 }, unmarked = { 0 };
	uint32_t before = selector_set_next(earlier, policy_namespace(p->stmt, p->dir), s, &own);

	return before ? before :
	                selector_set_next(earlier, policy_namespace_unmarked(p->stmt, p->dir), s, &unmarked);
}

/* Reports policies that an earlier one contains: policies are in the order in which the kernel tries them. */
static void check_never_reached(const struct loaded *l)
{
	struct selector_set earlier = { 0 };

	for (uint32_t i = 1; i <= l->tables.npolicies; i++) {
		const struct entry *p = loaded_policy(l, i);
		struct selector s = policy_selector(&p->stmt->policy);
		uint64_t kind = policy_namespace(p->stmt, p->dir);
		uint32_t before = find_preceding(&earlier, p, &s);

		if (before == 0)
			selector_set_add(&earlier, kind, &s, i);
		if (before == 0 || p->copy)
			continue;
		loaded_add(l, p, &policy_policy_rules[NEVER_REACHED], PART_VERB,
		           "the policy is never reached: an earlier one matches all its packets");
		loaded_note(l, loaded_policy(l, before), PART_VERB, "the earlier policy");
	}
	selector_set_free(&earlier);
}

/*
 * A policy in the search for overlaps: sorted by kind, priority and action, then by source, then by
 * destination.
 */
struct range {
	const struct entry *p;
	uint64_t kind;
	uint8_t action;
	struct addr src, dst;
};

static int compare_addr(const struct addr *a, const struct addr *b)
{
	int by =
	        a->family != b->family ? a->family - b->family : memcmp(a->bytes, b->bytes, sizeof(a->bytes));

	return by ? by : a->plen - b->plen;
}

/* Compares all but the destination. */
static int compare_heads(const struct range *a, const struct range *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->p->priority != b->p->priority)
		return a->p->priority < b->p->priority ? -1 : 1;
	return a->action != b->action ? a->action - b->action : compare_addr(&a->src, &b->src);
}

static int compare_ranges(const void *a, const void *b)
{
	const struct range *x = a, *y = b;
	int by = compare_heads(x, y);

	return by ? by : compare_addr(&x->dst, &y->dst);
}

/* The index of the first range that does not come before the key. */
static size_t lower_bound(const struct range *r, size_t n, const struct range *key)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_ranges(&r[middle], key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * A policy with this action and source, which is wider than p's, and with a narrower destination within p's:
 * the two overlap. NULL: none.
 */
static const struct entry *find_crossing(const struct range *r, size_t n, const struct range *p,
                                         uint8_t action,
                                     struct addr src)
{
	enum { LOOK = 8 }; /* look at no more than so many, as all may be for other protocols */
	struct range key = { p->p, p->kind, action, src, p->dst };
	struct selector own = policy_selector(&p->p->stmt->policy);
	size_t i;

	key.dst.plen++;
	i = lower_bound(r, n, &key);
	for (size_t end = i + LOOK;
	     i < n && i < end && compare_heads(&r[i], &key) == 0 && addr_contains(&p->dst, &r[i].dst); i++) {
		struct selector other = policy_selector(&r[i].p->stmt->policy);

		if (r[i].dst.plen > p->dst.plen && selector_shares_protocol(&other, &own))
			return r[i].p;
	}
	return NULL;
}

struct overlaps {
	const struct loaded *loaded;
	struct range *range;
	size_t n;
	bool action[256], plen[256]; /* which actions, and prefix lengths of sources, are in use */
};

static void check_overlap(const struct overlaps *o, const struct range *r)
{
	const struct entry *other = NULL, *late;

	for (unsigned action = ACTION_DISCARD; action <= ACTION_IPSEC && other == NULL; action++)
		for (unsigned plen = 0;
		     o->action[action] && action != r->action && plen < r->src.plen && other == NULL; plen++)
			if (o->plen[plen])
				other = find_crossing(o->range, o->n, r, (uint8_t)action,
				                      addr_network(&r->src, plen));
	if (other == NULL)
		return;
	late = other->number > r->p->number ? other : r->p;
	loaded_add(o->loaded, late, &policy_policy_rules[ORDER_DECIDES], PART_VERB,
	           "the policy overlaps another of equal priority: insertion order decides");
	loaded_note(o->loaded, late == other ? r->p : other, PART_VERB, "the other policy");
}

static void check_order(const struct loaded *l)
{
	struct overlaps o = { .loaded = l,
		              .range = memory_resize(NULL, l->tables.npolicies, sizeof(*o.range)) };
	unsigned actions = 0;

	for (size_t i = 0; i < l->tables.npolicies; i++) {
		const struct entry *e = &l->tables.policy[i];
		const struct policy *p = &e->stmt->policy;

		if (e->copy)
			continue;
		actions += !o.action[p->action];
		o.action[p->action] = o.plen[p->src.plen] = true;
		o.range[o.n++] = (struct range){ e, policy_namespace(e->stmt, e->dir), p->action,
			                         addr_network(&p->src, p->src.plen),
			                         addr_network(&p->dst, p->dst.plen) };
	}
	if (actions > 1) {
		qsort(o.range, o.n, sizeof(*o.range), compare_ranges);
		for (size_t i = 0; i < o.n; i++)
			check_overlap(&o, &o.range[i]);
	}
	free(o.range);
}

void lint_policy_policy(const struct loaded *l)
{
	struct selector_set addresses = { 0 };

	list_addresses(l, &addresses);
	check_one_way(l, &addresses);
	check_directions(l, &addresses);
	selector_set_free(&addresses);
	check_never_reached(l);
	check_order(l);
}
