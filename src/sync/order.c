/* SPDX-License-Identifier: ISC */
/*
 * Orders policies of equal priority: of those that match a packet the kernel uses the oldest. If a policy is
 * new or changed, or younger than it should be, every policy of equal priority that comes after it in the
 * files and shares packets with it must be sent again, after it. Other policies stay untouched.
 *
 * The age of policies is their order in a dump. There, a policy that was updated counts as new although it
 * has kept its place: therefore those after a changed one are sent again too.
 */
#include "sync/sync.h"

#include "tables/selector_set.h"

#include <stdlib.h>
#include <string.h>

/* The most comparisons of two selectors in one run; after that, policies are assumed to share packets. */
enum { COMPARISONS_MAX = 50 * 1000 * 1000 };

/* A member of a group: the policies of one direction, type and priority. */
struct member {
	uint32_t wanted;       /* its place, from 0 */
	uint64_t cell;         /* members of different cells share no packets */
	uint32_t age;          /* its place in the kernel's dump, from 1; 0: new */
	bool touched;          /* new or changed */
	bool moved;            /* there, and to be sent again */
	uint32_t value, mask;  /* its mark */
	struct selector sel;
};

struct group {
	struct member *member;
	size_t n;
	long comparisons;      /* left */
};

static bool share_packets(struct group *g, const struct member *a, const struct member *b)
{
	if (--g->comparisons < 0)
		return true;
	return ((a->value ^ b->value) & a->mask & b->mask) == 0 && selector_shares_addrs(&a->sel, &b->sel) &&
	       selector_shares_protocol(&a->sel, &b->sel);
}

/*
 * Finds members that are there and in the right order: the longest increasing subsequence of ages. The caller
 * frees.
 */
static bool *find_in_order(const struct group *g)
{
	bool *kept = memory_resize(NULL, g->n, sizeof(*kept));
	size_t *tail = memory_resize(NULL, g->n, sizeof(*tail));
	size_t *before = memory_resize(NULL, g->n, sizeof(*before));
	size_t length = 0;

	memset(kept, 0, g->n * sizeof(*kept));
	for (size_t i = 0; i < g->n; i++) {
		size_t low = 0, high = length;

		if (g->member[i].age == 0)
			continue;
		while (low < high) {
			size_t mid = (low + high) / 2;

			if (g->member[tail[mid]].age < g->member[i].age)
				low = mid + 1;
			else
				high = mid;
		}
		before[i] = low > 0 ? tail[low - 1] : g->n;
		tail[low] = i;
		length = low == length ? length + 1 : length;
	}
	for (size_t i = length > 0 ? tail[length - 1] : g->n; i < g->n; i = before[i])
		kept[i] = true;
	free(tail);
	free(before);
	return kept;
}

/* Of two members that are there in the wrong order and share packets, moves the one that must come later. */
static void move_inverted(struct group *g)
{
	bool *kept = find_in_order(g);
	size_t first = g->n;

	for (size_t i = 0; i < g->n; i++) {
		struct member *m = &g->member[i];

		if (kept[i] || m->age == 0)
			continue;
		first = i < first ? i : first;
		/* Too many to compare: moves all members from the first one that is out of order on. */
		if (g->comparisons < 0) {
			for (size_t j = first; j < g->n; j++)
				g->member[j].moved |= g->member[j].age != 0;
			break;
		}
		for (size_t j = 0; j < g->n; j++) {
			struct member *other = &g->member[j];
			struct member *later = i < j ? other : m;

			if (other->age == 0 || i == j || later->moved || (i < j) == (m->age < other->age) ||
			    !share_packets(g, m, other))
				continue;
			later->moved = true;
		}
	}
	free(kept);
}

/*
 * Moves members after a new, changed or moved one that they share packets with. Goes in the order of the
 * files, so that a moved member counts for those after it.
 */
static void move_followers(struct group *g)
{
	size_t *touched = memory_resize(NULL, g->n, sizeof(*touched)), n = 0;

	for (size_t i = 0; i < g->n; i++) {
		struct member *m = &g->member[i];

		for (size_t j = 0; j < n && m->age != 0 && !m->moved; j++)
			m->moved = share_packets(g, &g->member[touched[j]], m);
		if (m->touched || m->moved)
			touched[n++] = i;
	}
	free(touched);
}

/*
 * While a policy of the first priority (0) is moved it has the second one (1) for a moment. A policy of that
 * priority that lets its packets pass must get out of the way, and comes back after it.
 */
static bool is_in_the_way(const struct sync *s, const struct wanted *w)
{
	return s->edge && w->priority == 1 && w->there != 0 && s->there.object[w->there - 1].clear;
}

/* The age of a wanted policy that is there with the same priority; else 0. */
static uint32_t age_of(const struct sync *s, const struct wanted *w)
{
	return w->there != 0 && s->there.object[w->there - 1].priority == w->priority ? w->there : 0;
}

static void read_member(struct sync *s, struct member *m, struct buf *scratch, struct event *ev)
{
	const struct wanted *w = &s->wanted[m->wanted];

	wanted_decode(w, scratch, ev);
	m->sel = policy_selector(&ev->policy);
	m->value = ev->attrs.value[ATTR_MARK];
	m->mask = ev->attrs.mask[ATTR_MARK];
	m->age = age_of(s, w);
	m->touched = w->relation != RELATION_EQUAL;
	m->moved = m->age != 0 && is_in_the_way(s, w);
}

/*
 * Assigns cells. Of two policies that share packets, one source contains the other, and so for the
 * destinations: cut to the shortest prefix lengths in the group they are equal.
 */
static void find_cells(struct group *g)
{
	uint8_t src[2] = { UINT8_MAX, UINT8_MAX }, dst[2] = { UINT8_MAX, UINT8_MAX };

	for (size_t i = 0; i < g->n; i++) {
		const struct selector *sel = &g->member[i].sel;
		int v6 = sel->src.family == AF_INET6;

		src[v6] = sel->src.plen < src[v6] ? sel->src.plen : src[v6];
		dst[v6] = sel->dst.plen < dst[v6] ? sel->dst.plen : dst[v6];
	}
	for (size_t i = 0; i < g->n; i++) {
		const struct selector *sel = &g->member[i].sel;
		int v6 = sel->src.family == AF_INET6;
		struct addr a = addr_network(&sel->src, src[v6]), b = addr_network(&sel->dst, dst[v6]);

		g->member[i].cell = addr_pair_hash(sel->src.family, &a, &b);
	}
}

static int compare_cells(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	if (x->cell != y->cell)
		return x->cell < y->cell ? -1 : 1;
	return (x->wanted > y->wanted) - (x->wanted < y->wanted);
}

static void order_cells(struct group *g)
{
	struct group cell = { .comparisons = g->comparisons };

	find_cells(g);
	qsort(g->member, g->n, sizeof(*g->member), compare_cells);
	for (size_t i = 0; i < g->n; i += cell.n) {
		cell.member = g->member + i;
		for (cell.n = 1; i + cell.n < g->n && cell.member[cell.n].cell == cell.member->cell; cell.n++)
			;
		move_inverted(&cell);
		move_followers(&cell);
	}
	g->comparisons = cell.comparisons;
}

/* Sort key: the group, and then the place in the files. */
struct key {
	uint64_t group;
	uint32_t wanted;
};

static int compare_keys(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	return (x->wanted > y->wanted) - (x->wanted < y->wanted);
}

/*
 * The index of the first of n members that may have to be moved, or that others may have to move after: the
 * first that is new or changed; 0 if those that are there are out of order. n: nothing has to be moved.
 */
static size_t first_unsettled(const struct sync *s, const struct key *key, size_t n)
{
	size_t first = n, last = n; /* last: the last member that is there */
	uint32_t age = 0;

	for (size_t i = 0; i < n; i++) {
		const struct wanted *w = &s->wanted[key[i].wanted];
		uint32_t its = age_of(s, w);

		if (first == n && (w->relation != RELATION_EQUAL || is_in_the_way(s, w)))
			first = i;
		if (its == 0)
			continue;
		if (its < age)
			return 0;
		age = its;
		last = i;
	}
	return last < n && last >= first ? first : n;
}

static void order_group(struct sync *s, struct group *g, const struct key *key, size_t n, struct buf *scratch,
                        struct event *ev)
{
	size_t first = first_unsettled(s, key, n);

	g->n = n - first;
	if (g->n == 0)
		return;
	g->member = memory_resize(NULL, g->n, sizeof(*g->member));
	for (size_t i = 0; i < g->n; i++) {
		g->member[i].wanted = key[first + i].wanted;
		read_member(s, &g->member[i], scratch, ev);
	}
	order_cells(g);
	for (size_t i = 0; i < g->n; i++) {
		struct wanted *w = &s->wanted[g->member[i].wanted];

		w->renew = g->member[i].moved;
		s->edge |= w->renew && w->priority == 0 && !w->clear;
	}
	free(g->member);
}

/* True if every policy is there, equal, and in the order of the files: nothing has to be moved. */
static bool is_in_order(const struct sync *s)
{
	uint32_t age = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct wanted *w = &s->wanted[i];

		if (w->dir == 0 || w->dropped)
			continue;
		if (w->relation != RELATION_EQUAL || w->there < age)
			return false;
		age = w->there;
	}
	return true;
}

void sync_order(struct sync *s)
{
	struct group g = { .comparisons = COMPARISONS_MAX };
	struct buf scratch = { 0 };
	struct event *ev;
	struct key *key;
	bool sorted = true;
	size_t n = 0;

	if (is_in_order(s))
		return;
	ev = memory_resize(NULL, 1, sizeof(*ev));
	key = memory_pages(s->n * sizeof(*key));
	for (size_t i = 0; i < s->n; i++) {
		const struct wanted *w = &s->wanted[i];

		if (w->dir == 0 || w->dropped)
			continue;
		key[n] = (struct key){ .group = (uint64_t)w->priority << 32 | w->dir << 1 | w->sub,
			               .wanted = (uint32_t)i };
		sorted &= n == 0 || key[n - 1].group <= key[n].group;
		n++;
	}
	if (!sorted)
		qsort(key, n, sizeof(*key), compare_keys);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && key[end].group == key[i].group; end++)
			;
		order_group(s, &g, key + i, end - i, &scratch, ev);
	}
	free(key);
	free(ev);
	buf_free(&scratch);
}
