/* SPDX-License-Identifier: ISC */
/*
 * Indexes of the tables, made when they are first needed: policies by the addresses that they are for, SAs by
 * what requests ask for.
 */
#include "see/view.h"

#include <stdlib.h>
#include <string.h>

/* Numbers of objects are from 1; 0 ends a list. */
struct view_index {
	bool made;
	struct selector_set ranges; /* by direction and type: the first policy for these addresses, */
	uint32_t *policy, *last;    /* and for each policy the next one for them; for the first the last */
	struct conditions *conditions;
	struct hash_table latest;   /* by sa_hash: the latest SA, */
	uint32_t *sa[SA_KEYS];      /* and for each SA the one before it with this key */
};

struct view_index *view_index_new(void)
{
	struct view_index *x = memory_resize(NULL, 1, sizeof(*x));

	memset(x, 0, sizeof(*x));
	return x;
}

void view_index_free(struct view_index *x)
{
	if (x == NULL)
		return;
	selector_set_free(&x->ranges);
	hash_free(&x->latest);
	free(x->policy);
	free(x->last);
	free(x->conditions);
	for (enum sa_key key = 0; key < SA_KEYS; key++)
		free(x->sa[key]);
	free(x);
}

static uint64_t policy_kind(uint8_t dir, bool sub)
{
	return (uint64_t)dir << 1 | sub;
}

static uint64_t sa_hash(enum sa_key key, const struct addr *a, uint8_t proto, uint32_t reqid)
{
	bool by_request = key == SA_BY_REQUEST;
	uint32_t words[4] = { key, a->family, by_request ? proto : 0, by_request ? reqid : 0 };

	return hash_mix(hash_mix(0, words, sizeof(words)), a->bytes, addr_bits(a) / 8);
}

static void add_sa(struct view_index *x, uint32_t number, const struct sa *sa)
{
	for (enum sa_key key = 0; key < SA_KEYS; key++) {
		const struct addr *a = key == SA_BY_SRC ? &sa->src : &sa->dst;
		uint32_t *latest = hash_at(&x->latest, sa_hash(key, a, sa->proto, sa->reqid));

		x->sa[key][number - 1] = *latest;
		*latest = number;
	}
}

static void add_policy(struct view_index *x, uint32_t number, const struct object *o, const struct event *ev)
{
	struct selector range = selector_of_addrs(&ev->policy.src, &ev->policy.dst);
	uint32_t first = selector_set_add(&x->ranges, policy_kind(o->dir, o->sub), &range, number);

	x->policy[number - 1] = 0;
	if (first != number)
		x->policy[x->last[first - 1] - 1] = number;
	x->last[first - 1] = number;
	x->conditions[number - 1] = (struct conditions){
		.sel = policy_selector(&ev->policy),
		.mark = { ev->attrs.value[ATTR_MARK], ev->attrs.mask[ATTR_MARK] },
		.if_id = ev->attrs.value[ATTR_IF_ID],
		.device = ev->policy_state.device,
	};
}

static void make_index(const struct view *v)
{
	const struct snapshot *s = &v->tables;
	struct event *ev = memory_resize(NULL, 1, sizeof(*ev));
	struct view_index *x = v->index;

	x->made = true;
	x->policy = memory_resize(NULL, s->n, sizeof(*x->policy));
	x->last = memory_resize(NULL, s->n, sizeof(*x->last));
	x->conditions = memory_resize(NULL, s->n, sizeof(*x->conditions));
	for (enum sa_key key = 0; key < SA_KEYS; key++)
		x->sa[key] = memory_resize(NULL, s->nsas, sizeof(*x->sa[key]));
	for (uint32_t i = 0; i < s->n; i++) {
		view_decode(v, i, ev);
		if (i < s->nsas)
			add_sa(x, i + 1, &ev->sa);
		else
			add_policy(x, i + 1, &s->object[i], ev);
	}
	explicit_bzero(ev, sizeof(*ev));
	free(ev);
}

const struct conditions *view_conditions(const struct view *v, size_t i)
{
	if (!v->index->made)
		make_index(v);
	return &v->index->conditions[i];
}

size_t view_next_policy(const struct view *v, uint8_t dir, bool sub, const struct addr *src,
                        const struct addr *dst, struct policy_walk *walk)
{
	struct selector pair = selector_of_addrs(src, dst);

	if (!v->index->made)
		make_index(v);
	walk->ranges.all = true;
	if (walk->number != 0)
		walk->number = v->index->policy[walk->number - 1];
	if (walk->number == 0)
		walk->number = selector_set_next(&v->index->ranges, policy_kind(dir, sub), &pair,
		                                 &walk->ranges);
	return walk->number;
}

size_t view_latest_sa(const struct view *v, enum sa_key key, const struct addr *a, uint8_t proto,
                      uint32_t reqid)
{
	if (!v->index->made)
		make_index(v);
	return hash_find(&v->index->latest, sa_hash(key, a, proto, reqid));
}

size_t view_sa_before(const struct view *v, enum sa_key key, size_t number)
{
	return v->index->sa[key][number - 1];
}
