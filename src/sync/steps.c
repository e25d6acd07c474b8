/* SPDX-License-Identifier: ISC */
/*
 * Plans the messages that lead to the wanted state, in an order in which no packet that is protected before
 * and after is sent in the clear:
 *
 * 1. New SAs, inbound before outbound; then SAs that change, with the old and the new one in one piece.
 * 2. Policies that let packets pass in the clear and are to be deleted, to get a later precedence, or to
 *    protect.
 * 3. All other new or changed policies, by precedence; those of equal priority in the order of the files.
 * 4. Policies that protect and are to be deleted.
 * 5. SAs that are to be deleted.
 *
 * Why this works: take a packet that the policy O protects before, and N after. Until N is sent, O is
 * unchanged: all that is sent before N has precedence over it, and does not match the packet. Once N is
 * there, no policy with precedence over it lets the packet pass: one that did was removed in step 2, and one
 * that will has no precedence over N.
 *
 * A policy is moved after others of its priority by two messages, first with another priority and then with
 * its own. For that moment a policy that protects has precedence over the others, and one that does not comes
 * after them. A policy with the last priority that does not protect cannot come later: it is deleted for that
 * moment. A policy with the first priority that protects cannot come earlier: for that moment it comes later,
 * and step 2 first moves policies out of its way that would let its packets pass (sync->edge).
 */
#include "sync/sync.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static const char is_new[] = "new", is_changed[] = "changed", is_rekeyed[] = "another key",
                  is_gone[] = "not wanted", is_moved[] = "comes after another of its priority",
                  makes_room[] = "makes room for the next",
                  stands_in[] = "stands in for the next one",
                  other_user_stands_in[] = "stands in for the next one, with another user in its selector",
                  stood_in[] = "is not needed any more", is_back[] = "comes back";

static struct step *add_step(struct sync *s, enum verb verb, const char *reason)
{
	struct step *step;

	s->step = memory_grow(s->step, s->nsteps, &s->capsteps, sizeof(*s->step));
	step = &s->step[s->nsteps++];
	*step = (struct step){ .verb = (uint8_t)verb, .reason = reason };
	return step;
}

/* Reserves memory: most changes take one step. */
static void reserve_steps(struct sync *s)
{
	if (s->capsteps >= s->nchanges)
		return;
	free(s->step);
	s->capsteps = s->nchanges;
	s->step = memory_pages(s->capsteps * sizeof(*s->step));
}

static void add_delete(struct sync *s, uint32_t there, const char *reason)
{
	bool policy = s->there.object[there - 1].dir != 0;

	s->unnamed += s->there.object[there - 1].unnamed;
	add_step(s, policy ? VERB_SPDDELETE : VERB_DELETE, reason)->there = there;
}

/* SAs. */

static uint64_t hash_addr(const void *bytes, int family)
{
	return hash_mix((uint64_t)family, bytes, family == AF_INET ? 4 : 16);
}

/* Collects this host's addresses: an SA to one of them is inbound. */
static void read_addrs(struct hash_table *local)
{
	struct ifaddrs *list = NULL;

	if (getifaddrs(&list) != 0)
		return;
	for (const struct ifaddrs *i = list; i != NULL; i = i->ifa_next) {
		const void *at = i->ifa_addr;
		const struct sockaddr_in *a = at;
		const struct sockaddr_in6 *a6 = at;

		if (at != NULL && a->sin_family == AF_INET)
			*hash_at(local, hash_addr(&a->sin_addr, AF_INET)) = 1;
		else if (at != NULL && a->sin_family == AF_INET6)
			*hash_at(local, hash_addr(&a6->sin6_addr, AF_INET6)) = 1;
	}
	freeifaddrs(list);
}

static bool is_inbound(const struct hash_table *local, const struct event *ev)
{
	if (attrs_have(&ev->attrs, ATTR_DIR))
		return ev->attrs.value[ATTR_DIR] == DIR_IN;
	return hash_find(local, hash_addr(ev->sa.dst.bytes, ev->sa.dst.family)) != 0;
}

/*
 * SAs that are deleted or replaced, by their names without the mark: the kernel may refuse to add another one
 * while they exist. As in a load into empty tables, SAs that come later in the files are not there yet.
 */
struct rivals {
	struct hash_table first; /* place in change, from 1 */
	uint32_t *next;          /* by change, from 0: the next of the same name, from 1 */
};

/* All SAs in the kernel, by their names without the mark, and their changes. */
struct siblings {
	struct hash_table first; /* object, from 1 */
	uint32_t *next;          /* by object, from 0: the next of the same name, from 1 */
	uint32_t *change;        /* by object, from 0: its change, from 1 */
};

static void list_siblings(const struct sync *s, struct siblings *l)
{
	size_t bytes = s->there.nsas * sizeof(uint32_t);

	l->next = memory_pages(bytes);
	l->change = memory_pages(bytes);
	memset(l->change, 0, bytes);
	hash_reserve(&l->first, s->there.nsas);
	for (size_t i = 0; i < s->there.nsas; i++) {
		uint32_t *first = hash_at(&l->first, s->there.object[i].place);

		l->next[i] = *first;
		*first = (uint32_t)i + 1;
	}
	for (size_t i = 0; i < s->nchanges; i++)
		if (s->change[i].there != 0 && s->change[i].there <= s->there.nsas)
			l->change[s->change[i].there - 1] = (uint32_t)i + 1;
}

/* The mark of the SA that is changed, 0 if it has none or for a policy; *place: its name without the mark. */
static uint32_t change_mark(const struct sync *s, const struct change *c, uint64_t *place)
{
	const struct object *o = c->op != CHANGE_ADD ? &s->there.object[c->there - 1] :
	                                               s->wanted[c->wanted - 1].object;
	const struct wanted *w;
	struct buf scratch = { 0 };
	struct event *ev;
	uint32_t mark;

	if (o != NULL) {
		*place = o->place;
		return o->dir == 0 ? o->mark : 0;
	}
	w = &s->wanted[c->wanted - 1];
	if (w->dir != 0 || !attrs_have(stmt_attrs(w->stmt), ATTR_MARK))
		return 0;
	ev = memory_resize(NULL, 1, sizeof(*ev));
	wanted_decode(w, &scratch, ev);
	*place = same_name_hash(ev, true);
	mark = ev->attrs.value[ATTR_MARK] & ev->attrs.mask[ATTR_MARK];
	explicit_bzero(ev, sizeof(*ev));
	free(ev);
	buf_free(&scratch);
	return mark;
}

/*
 * Adds changes for SAs that a request for another SA might hit. A request applies to the first SA the kernel
 * finds whose destination, protocol and SPI are the same and whose mark matches under that SA's mask; an SA
 * without a mark matches always. Which SA is found first cannot be predicted: the order is reversed whenever
 * the kernel's tables grow. So every SA that could be hit is deleted before the request and added back after
 * it, with its counters and sequence numbers.
 */
static void add_shadowing(struct sync *s)
{
	struct siblings l = { 0 };

	for (size_t i = 0; i < s->nchanges; i++) {
		struct change *c = &s->change[i];
		uint64_t place = 0;
		uint32_t mark = change_mark(s, c, &place);

		if (mark == 0)
			continue;
		if (l.next == NULL)
			list_siblings(s, &l);
		for (uint32_t k = hash_find(&l.first, place); k != 0; k = l.next[k - 1]) {
			const struct object *o = &s->there.object[k - 1];
			uint32_t match = s->match[k - 1];

			if (k == c->there || o->larval || (mark & o->mask) != o->mark ||
			    (c->op == CHANGE_ADD && match != 0 && match < c->wanted))
				continue;
			c->shadowed = true;
			if (l.change[k - 1] != 0) {
				s->change[l.change[k - 1] - 1].shadowed = true;
				continue;
			}
			s->change = memory_grow(s->change, s->nchanges, &s->capchanges, sizeof(*s->change));
			c = &s->change[i];
			s->change[s->nchanges++] =
			        (struct change){ .op = CHANGE_AGAIN, .there = k,
			                         .wanted = match != 0 ? match : UINT32_MAX };
			l.change[k - 1] = (uint32_t)s->nchanges;
		}
	}
	hash_free(&l.first);
	free(l.next);
	free(l.change);
}

static void list_rivals(const struct sync *s, struct rivals *r)
{
	r->next = memory_resize(NULL, s->nchanges, sizeof(*r->next));
	for (size_t i = s->nchanges; i-- > 0;) {
		const struct change *c = &s->change[i];
		uint32_t *first;

		if (c->op == CHANGE_ADD || s->there.object[c->there - 1].dir != 0)
			continue;
		first = hash_at(&r->first, s->there.object[c->there - 1].place);
		r->next[i] = *first;
		*first = (uint32_t)i + 1;
	}
}

/* True if an update changes the part of an SA in use and leaves counters and sequence numbers alone. */
static bool is_limit(unsigned part)
{
	for (const struct limit *l = limits; l < limits + LIMITS; l++)
		if (l->part == part)
			return true;
	return false;
}

static bool is_updated(const struct sync *s, const struct change *c)
{
	if (c->op == CHANGE_AGAIN || c->shadowed)
		return false;
	for (unsigned i = 0; i < c->nparts; i++)
		if (!is_limit(c->part[i]))
			return false;
	return s->wanted[c->wanted - 1].stmt != NULL && !s->fresh_sas;
}

static void finish_change(struct sync *s, struct change *c)
{
	enum verb verb = is_updated(s, c) && !c->early ? VERB_UPDATE : VERB_ADD;

	c->done = true;
	if (c->op == CHANGE_AGAIN)
		add_step(s, VERB_ADD, is_back)->there = c->there;
	else
		add_step(s, verb, c->op == CHANGE_KEY ? is_rekeyed : is_changed)->wanted = c->wanted;
}

/* The youngest rival that prevents adding an SA and still exists; NULL: none. */
static struct change *find_obstacle(struct sync *s, uint32_t wanted, const struct rivals *r, uint32_t first)
{
	struct change *found = NULL;

	for (uint32_t i = first; i != 0; i = r->next[i - 1]) {
		struct change *c = &s->change[i - 1];

		if (!c->done && !c->early && (found == NULL || c->there > found->there) &&
		    (c->op == CHANGE_REMOVE || c->wanted > wanted || !is_updated(s, c)))
			found = c;
	}
	return found;
}

/*
 * The first rival, in the order of the files, that must be added back by now; those that are in no file in
 * order of age. NULL: none.
 */
static struct change *find_unfinished(struct sync *s, uint32_t wanted, const struct rivals *r, uint32_t first)
{
	struct change *found = NULL;

	for (uint32_t i = first; i != 0; i = r->next[i - 1]) {
		struct change *c = &s->change[i - 1];

		if (!c->done && c->op != CHANGE_REMOVE && c->wanted <= wanted &&
		    (found == NULL || c->wanted < found->wanted ||
		     (c->wanted == found->wanted && c->there < found->there)))
			found = c;
	}
	return found;
}

/*
 * Before an SA is added: deletes the rivals that prevent it, and adds back those that come before it in the
 * files, or replaces the SA itself. The youngest is deleted first: of the SAs that the mark of a delete
 * matches, the kernel deletes the youngest, and an SA without a mark matches any.
 */
static void make_room(struct sync *s, uint32_t wanted, const struct rivals *r, uint64_t place)
{
	uint32_t first = hash_find(&r->first, place);
	struct change *obstacle;

	while ((obstacle = find_obstacle(s, wanted, r, first)) != NULL) {
		add_delete(s, obstacle->there, makes_room);
		s->step[s->nsteps - 1].with_next = true;
		obstacle->early = true;
	}
	while ((obstacle = find_unfinished(s, wanted, r, first)) != NULL)
		finish_change(s, obstacle);
}

/* Changes an SA, together with the rivals that must make room for it, in one piece. */
static void change_sa(struct sync *s, struct change *c, const struct rivals *rivals)
{
	size_t first = s->nsteps;

	if (c->done)
		return;
	if (is_updated(s, c) && !c->early)
		finish_change(s, c);
	else
		make_room(s, UINT32_MAX, rivals, s->there.object[c->there - 1].place);
	for (size_t i = first; i + 1 < s->nsteps; i++)
		s->step[i].with_next = true;
}

static void add_sas(struct sync *s, const struct rivals *rivals)
{
	struct event *ev = memory_resize(NULL, 1, sizeof(*ev));
	struct hash_table local = { 0 };
	struct buf scratch = { 0 };

	read_addrs(&local);
	for (int inbound = 1; inbound >= 0; inbound--)
		for (size_t i = 0; i < s->nchanges; i++) {
			const struct change *c = &s->change[i];

			if (c->op != CHANGE_ADD || s->wanted[c->wanted - 1].dir != 0)
				continue;
			wanted_decode(&s->wanted[c->wanted - 1], &scratch, ev);
			if (is_inbound(&local, ev) != (inbound == 1))
				continue;
			make_room(s, c->wanted, rivals, same_name_hash(ev, true));
			add_step(s, VERB_ADD, is_new)->wanted = c->wanted;
		}
	explicit_bzero(ev, sizeof(*ev));
	free(ev);
	buf_free(&scratch);
	hash_free(&local);
}

static void change_sas(struct sync *s, const struct rivals *rivals)
{
	for (size_t i = 0; i < s->nchanges; i++) {
		struct change *c = &s->change[i];

		if (c->op == CHANGE_AGAIN ||
		    ((c->op == CHANGE_PARTS || c->op == CHANGE_KEY) && s->wanted[c->wanted - 1].dir == 0))
			change_sa(s, c, rivals);
	}
}

/* Policies. */

static struct step *place_policy(struct sync *s, uint32_t wanted)
{
	const struct wanted *w = &s->wanted[wanted - 1];
	struct step *step = add_step(s, VERB_SPDUPDATE,
	                             w->relation == RELATION_NEW     ? is_new :
	                             w->relation == RELATION_CHANGED ? is_changed :
	                                                               is_moved);

	step->wanted = wanted;
	return step;
}

static uint32_t priority_for_now(const struct wanted *w)
{
	if (!w->clear)
		return w->priority > 0 ? w->priority - 1 : 1;
	return w->priority > 0 ? w->priority + 1 : 2;
}

/* Moves a policy away from others of its priority for a moment, so that it can come after them. */
static void place_for_now(struct sync *s, uint32_t wanted)
{
	const struct wanted *w = &s->wanted[wanted - 1];
	struct step *step;

	if (w->clear && w->priority == UINT32_MAX) {
		add_delete(s, w->there, makes_room);
		return;
	}
	step = place_policy(s, wanted);
	step->for_now = true;
	step->priority = priority_for_now(w);
	step->reason = makes_room;
}

/* True if a policy that lets packets pass must do so less, or must be sent again. */
static bool policy_retreats(const struct sync *s, const struct wanted *w)
{
	const struct object *o = w->there != 0 ? &s->there.object[w->there - 1] : NULL;
	bool changed = w->relation == RELATION_CHANGED;

	return o != NULL && o->clear &&
	       (w->renew || (changed && (!w->clear || w->priority > o->priority)) ||
	        (changed && s->edge && o->priority <= 1));
}

/* Deletes policies that are not wanted: those that let packets pass, or those that do not. */
static void delete_policies(struct sync *s, uint8_t dir, bool clear)
{
	for (size_t i = 0; i < s->nchanges; i++) {
		const struct change *c = &s->change[i];

		if (c->op == CHANGE_REMOVE && !c->early && s->there.object[c->there - 1].dir == dir &&
		    s->there.object[c->there - 1].clear == clear)
			add_delete(s, c->there, is_gone);
	}
}

static void retreat_policies(struct sync *s, uint8_t dir)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->wanted[i].dir == dir && policy_retreats(s, &s->wanted[i]))
			place_for_now(s, (uint32_t)i + 1);
}

/* Sort key for sending policies. */
struct turn {
	uint32_t priority, wanted;
};

static int compare_turns(const void *a, const void *b)
{
	const struct turn *x = a, *y = b;

	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	return (x->wanted > y->wanted) - (x->wanted < y->wanted);
}

/*
 * Adds or deletes the stand-ins for a policy that is deleted for a while, as only that frees its index or
 * gives it another one. Meanwhile two copies protect its packets: one those with a certain bit of the mark
 * set, one those without. They have precedence over other policies of its priority, as they are younger. If
 * the policy's mask leaves no bit, it is one copy, which names another user.
 */
static void add_stand_ins(struct sync *s, const struct object *o, enum verb verb)
{
	uint32_t bit = ~o->mask & (o->mask + 1);

	for (int with = 0; with < (bit != 0 ? 2 : 1) && !o->clear; with++) {
		struct step *step = add_step(s, verb,
		                             verb == VERB_SPDDELETE ? stood_in :
		                             bit == 0               ? other_user_stands_in :
		                                                      stands_in);

		step->there = (uint32_t)(o - s->there.object) + 1;
		step->stands_in = step->with_next = true;
		step->other_user = bit == 0;
		step->mark = (struct mark){ o->mark | (with ? bit : 0), o->mask | bit };
		step->for_now = true;
		step->priority = o->priority > 0 ? o->priority - 1 : 0;
	}
}

/* Deletes a policy and adds it with another index. */
static void replace_policy(struct sync *s, uint32_t wanted)
{
	const struct wanted *w = &s->wanted[wanted - 1];
	const struct object *o = &s->there.object[w->there - 1];

	add_stand_ins(s, o, VERB_SPDUPDATE);
	add_delete(s, w->there, makes_room);
	s->step[s->nsteps - 1].with_next = true;
	place_policy(s, wanted)->with_next = !o->clear;
	add_stand_ins(s, o, VERB_SPDDELETE);
	s->step[s->nsteps - 1].with_next = false;
}

static void stand_in(struct sync *s, uint32_t there, enum verb verb)
{
	add_stand_ins(s, &s->there.object[there - 1], verb);
	if (verb == VERB_SPDUPDATE)
		add_delete(s, there, makes_room);
	s->step[s->nsteps - 1].with_next = false;
}

/*
 * Deletes policies that have an index which others are to get, or afterwards their stand-ins: two policies
 * may exchange their indexes, so that none can be added before both are deleted.
 */
static void free_indexes(struct sync *s, enum verb verb)
{
	for (size_t i = 0; i < s->n && s->indexes.n > 0; i++)
		if (s->wanted[i].yields)
			stand_in(s, s->wanted[i].there, verb);
	for (size_t i = 0; i < s->nchanges && s->indexes.n > 0; i++) {
		struct change *c = &s->change[i];

		if (!c->yields || s->there.object[c->there - 1].clear)
			continue;
		stand_in(s, c->there, verb);
		c->early = true;
	}
}

static void place_policies(struct sync *s, uint8_t dir)
{
	struct turn *turn = memory_resize(NULL, s->n, sizeof(*turn));
	bool sorted = true;
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct wanted *w = &s->wanted[i];

		if (w->dir != dir || (w->relation == RELATION_EQUAL && !w->renew))
			continue;
		turn[n] = (struct turn){ w->priority, (uint32_t)i + 1 };
		sorted &= n == 0 || turn[n - 1].priority <= turn[n].priority;
		n++;
	}
	if (!sorted)
		qsort(turn, n, sizeof(*turn), compare_turns);
	for (size_t i = 0; i < n; i++) {
		const struct wanted *w = &s->wanted[turn[i].wanted - 1];

		if (w->remade && !w->yields) {
			replace_policy(s, turn[i].wanted);
			continue;
		}
		if (w->renew && !w->yields && !policy_retreats(s, w)) {
			place_for_now(s, turn[i].wanted);
			s->step[s->nsteps - 1].with_next = true;
		}
		place_policy(s, turn[i].wanted);
	}
	free(turn);
}

/* Deletes SAs, the youngest first as in make_room; they are listed from the oldest on. */
static void delete_sas(struct sync *s)
{
	for (size_t i = s->nchanges; i-- > 0;) {
		const struct change *c = &s->change[i];

		if (c->op == CHANGE_REMOVE && s->there.object[c->there - 1].dir == 0 && !c->early)
			add_delete(s, c->there, is_gone);
	}
}

void sync_list_steps(struct sync *s)
{
	static const uint8_t dirs[] = { DIR_IN, DIR_FWD, DIR_OUT };
	struct rivals rivals = { 0 };
	size_t differ = s->nchanges;

	reserve_steps(s);
	add_shadowing(s);
	list_rivals(s, &rivals);
	add_sas(s, &rivals);
	change_sas(s, &rivals);
	for (size_t i = 0; i < sizeof(dirs); i++) {
		delete_policies(s, dirs[i], true);
		retreat_policies(s, dirs[i]);
	}
	free_indexes(s, VERB_SPDUPDATE);
	for (size_t i = 0; i < sizeof(dirs); i++)
		place_policies(s, dirs[i]);
	free_indexes(s, VERB_SPDDELETE);
	for (size_t i = 0; i < sizeof(dirs); i++)
		delete_policies(s, dirs[i], false);
	delete_sas(s);
	s->nchanges = differ;
	hash_free(&rivals.first);
	free(rivals.next);
}
