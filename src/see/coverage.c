/* SPDX-License-Identifier: ISC */
/*
 * Finds what happens between each two networks: looks up a packet for each policy that is for both, and one
 * that no policy mentions. For a network that contains others, the packet is from or to the rest of it.
 */
#include "see/coverage.h"

#include "tables/selector_set.h"

#include <stdlib.h>
#include <string.h>

enum { PAIRS_MAX = 4096, NETWORKS_MAX = 256 };

/* The networks on one side of the policies of one direction. */
struct networks {
	struct addr addr[NETWORKS_MAX];
	size_t n;
	bool cut;              /* there are more */
};

static void add_network(struct networks *to, const struct addr *range)
{
	struct addr a = addr_network(range, range->plen);

	for (size_t i = 0; i < to->n; i++)
		if (to->addr[i].plen == a.plen && addr_equal(&to->addr[i], &a))
			return;
	if (to->n < NETWORKS_MAX)
		to->addr[to->n++] = a;
	else
		to->cut = true;
}

/* An address of the network, with one of several patterns in the host bits. */
static struct addr pick_host(const struct addr *network, unsigned pattern)
{
	/* for all bytes but the last, and for the last */
	static const uint8_t fill[][2] = {
		{ 0, 1 }, { 0xff, 0xfe }, { 0x55, 0x55 }, { 0xaa, 0xaa }, { 0x33, 0x7c }
	};
	unsigned bytes = addr_bits(network) / 8;
	struct addr a = *network;

	for (unsigned i = network->plen / 8; i < bytes; i++) {
		bool split = i == network->plen / 8 && network->plen % 8 != 0;
		uint8_t keep = split ? (uint8_t)(0xff << (8 - network->plen % 8)) : 0;

		a.bytes[i] = (uint8_t)((a.bytes[i] & keep) | (fill[pattern][i + 1 == bytes] & ~keep));
	}
	a.plen = (uint8_t)addr_bits(network);
	return a;
}

/* An address that is in none of the narrower networks, if one is found. */
static struct addr pick_uncovered_host(const struct addr *network, const struct networks *all)
{
	enum { PATTERNS = 5 };

	for (unsigned pattern = 0; pattern < PATTERNS; pattern++) {
		struct addr a = pick_host(network, pattern);
		bool narrower = false;

		for (size_t i = 0; i < all->n; i++)
			narrower |= all->addr[i].plen > network->plen && addr_contains(&all->addr[i], &a);
		if (!narrower)
			return a;
	}
	return pick_host(network, 0);
}

static void add_row_once(struct coverage *c, struct covered row)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct covered *r = &c->row[i];

		if (r->dir == row.dir && r->policy == row.policy && addr_equal(&r->src, &row.src) &&
		    addr_equal(&r->dst, &row.dst) && r->src.plen == row.src.plen &&
		    r->dst.plen == row.dst.plen)
			return;
	}
	c->row = memory_grow(c->row, c->n, &c->cap, sizeof(*c->row));
	c->row[c->n++] = row;
}

/* Looks the packet up, and adds a row with its outcome and the packets of the policy that decides. */
static void look_up_packet(struct coverage *c, struct covered row, const struct flow *flow, struct event *ev)
{
	struct match m;

	match_find(&m, c->view, flow);
	row.outcome = m.outcome;
	row.policy = m.policy[0];
	match_free(&m);
	row.packets = (struct selector){ .upper = UPPER_ANY };
	if (row.policy != 0) {
		view_decode(c->view, row.policy - 1, ev);
		row.packets = policy_selector(&ev->policy);
	}
	add_row_once(c, row);
}

static int compare_numbers(const void *a, const void *b)
{
	const size_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Lists the policies for all packets between the two networks, by number from 1, and returns how many. */
static size_t list_policies(const struct view *v, const struct covered *pair, size_t **number)
{
	size_t n = 0, cap = 0, next;

	*number = NULL;
	for (int sub = 0; sub <= 1; sub++)
		for (struct policy_walk walk = { 0 };
		     (next = view_next_policy(v, pair->dir, sub, &pair->src, &pair->dst, &walk)) != 0;) {
			*number = memory_grow(*number, n, &cap, sizeof(**number));
			(*number)[n++] = next;
		}
	if (n > 0)
		qsort(*number, n, sizeof(**number), compare_numbers);
	return n;
}

static void cover_pair(struct coverage *c, const struct covered *pair, const struct networks *src,
                       const struct networks *dst, struct event *ev)
{
	struct flow flow = { .dir = pair->dir };
	const struct view *v = c->view;
	size_t *number, n;

	flow.packet.src = pick_uncovered_host(&pair->src, src);
	flow.packet.dst = pick_uncovered_host(&pair->dst, dst);
	n = list_policies(v, pair, &number);
	for (size_t i = 0; i < n; i++) {
		const struct conditions *policy = view_conditions(v, number[i] - 1);

		flow.packet.upper = policy->sel.upper;
		flow.packet.sport = policy->sel.src.port;
		flow.packet.dport = policy->sel.dst.port;
		flow.packet.mark = policy->mark.value;
		flow.packet.if_id = policy->if_id;
		look_up_packet(c, *pair, &flow, ev);
	}
	free(number);
	flow.packet = (struct packet){ .src = flow.packet.src, .dst = flow.packet.dst, .upper = UPPER_ANY };
	look_up_packet(c, *pair, &flow, ev);
}

static void cover_direction(struct coverage *c, uint8_t dir, struct event *ev)
{
	struct networks *src = memory_resize(NULL, 2, sizeof(*src)), *dst = src + 1;
	const struct snapshot *s = &c->view->tables;

	memset(src, 0, 2 * sizeof(*src));
	for (size_t i = s->nsas; i < s->n; i++) {
		if (s->object[i].dir != dir)
			continue;
		view_decode(c->view, i, ev);
		add_network(src, &ev->policy.src);
		add_network(dst, &ev->policy.dst);
	}
	c->cut |= src->cut || dst->cut;
	for (size_t i = 0, pairs = 0; i < src->n; i++)
		for (size_t j = 0; j < dst->n; j++) {
			if (src->addr[i].family != dst->addr[j].family)
				continue;
			if (pairs++ >= PAIRS_MAX) {
				c->cut = true;
				break;
			}
			cover_pair(c,
			           &(struct covered){
			                   .dir = dir, .src = src->addr[i], .dst = dst->addr[j] },
			           src, dst, ev);
		}
	free(src);
}

void coverage_find(struct coverage *c, const struct view *v)
{
	struct event *ev = memory_resize(NULL, 1, sizeof(*ev));

	*c = (struct coverage){ .view = v };
	cover_direction(c, DIR_OUT, ev);
	cover_direction(c, DIR_IN, ev);
	explicit_bzero(ev, sizeof(*ev));
	free(ev);
}

void coverage_free(struct coverage *c)
{
	free(c->row);
	*c = (struct coverage){ 0 };
}
