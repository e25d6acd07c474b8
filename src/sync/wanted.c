/* SPDX-License-Identifier: ISC */
/* The wanted state: what statements would leave in empty tables, or a snapshot. */
#include "sync/sync.h"

#include <stdlib.h>
#include <string.h>

void wanted_encode(const struct wanted *w, struct buf *scratch)
{
	struct encoding e;

	e.out = scratch;
	e.seq = e.pid = 0;
	e.unique = UNIQUE_FIRST;
	scratch->len = 0;
	xfrm_wire.encode(w->stmt, &e);
}

void wanted_decode(const struct wanted *w, struct buf *scratch, struct event *ev)
{
	if (w->stmt == NULL) {
		object_decode(w->object, ev);
		return;
	}
	wanted_encode(w, scratch);
	xfrm_wire.decode(scratch->bytes, scratch->len, ev);
	/* A security context is part of a policy's name, unless the kernel drops it. */
	if (ev->kind == EVENT_POLICY && ev->attrs.ctx.doi != 0 && !kernel_keeps_contexts())
		ev->attrs.ctx = (struct secctx){ 0 };
}

static struct wanted *add_wanted(struct sync *s, const struct event *ev, uint64_t name)
{
	struct wanted *w;

	s->wanted = memory_grow(s->wanted, s->n, &s->cap, sizeof(*s->wanted));
	w = &s->wanted[s->n++];
	*w = (struct wanted){ .name = name };
	if (ev->kind == EVENT_POLICY) {
		w->dir = ev->policy.dir;
		w->priority = ev->policy.priority;
		w->index = ev->policy.index;
		w->sub = ev->policy.flags & POLICY_F_SUB;
		w->clear = event_is_clear(ev);
	}
	*hash_at(&s->names, w->name) = (uint32_t)s->n;
	return w;
}

static struct wanted *find_wanted(struct sync *s, uint64_t name)
{
	uint32_t number = hash_find(&s->names, name);

	return number == 0 || s->wanted[number - 1].dropped ? NULL : &s->wanted[number - 1];
}

/*
 * Adds or replaces a wanted object. A policy that is replaced keeps its index and, with the same priority,
 * its place among others of the priority.
 */
static void want_object(struct sync *s, const struct concrete *c, const struct event *ev)
{
	uint64_t name = same_name_hash(ev, false);
	struct wanted *there = find_wanted(s, name);
	uint32_t index = there != NULL ? there->index : ev->policy.index;

	if (there != NULL && c->stmt->verb != VERB_SPDUPDATE) {
		s->repeated = memory_grow(s->repeated, s->nrepeated, &s->caprepeated, sizeof(*s->repeated));
		s->repeated[s->nrepeated++] = *c;
		return;
	}
	if (there != NULL && there->priority != ev->policy.priority) {
		there->dropped = true;
		there = NULL;
	}
	if (there == NULL)
		there = add_wanted(s, ev, name);
	there->stmt = c->stmt;
	there->origin = c->origin;
	there->index = index;
	s->marked |= c->stmt->verb == VERB_ADD && stmt_mark(c->stmt).mask != 0;
	there->clear = event_is_clear(ev);
}

/*
 * The youngest SA with a mark that Linux takes for the one of the statement: its mark matches the value of
 * the statement's. NULL: none.
 */
static struct wanted *find_matching(struct sync *s, const struct stmt *named)
{
	struct mark mark = stmt_mark(named);

	for (size_t i = s->marked ? s->n : 0; i-- > 0;) {
		struct wanted *w = &s->wanted[i];
		struct mark its = w->dir == 0 ? stmt_mark(w->stmt) : (struct mark){ 0 };

		if (its.mask != 0 && !w->dropped && (mark.value & its.mask) == its.value &&
		    w->stmt->sa.proto == named->sa.proto && w->stmt->sa.spi == named->sa.spi &&
		    addr_equal(&w->stmt->sa.dst, &named->sa.dst))
			return w;
	}
	return NULL;
}

static void delete_object(struct sync *s, const struct stmt *named, const struct event *ev)
{
	uint64_t name = same_name_hash(ev, false);
	struct wanted *w = find_wanted(s, name);

	if (w == NULL && named->verb == VERB_DELETE)
		w = find_matching(s, named);
	if (w != NULL) {
		w->dropped = true;
		*hash_at(&s->surplus, w->name) = 1;
	}
	*hash_at(&s->surplus, name) = 1;
}

static bool is_emptied(const struct stmt *all, const struct sa *sa)
{
	return (all->sa.proto == PROTO_ANY || all->sa.proto == sa->proto) &&
	       addr_equal(&all->sa.src, &sa->src) && addr_equal(&all->sa.dst, &sa->dst);
}

static void delete_between(struct sync *s, const struct stmt *all)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->wanted[i].dir == 0)
			s->wanted[i].dropped |= is_emptied(all, &s->wanted[i].stmt->sa);
	s->emptied = memory_grow(s->emptied, s->nemptied, &s->capemptied, sizeof(const struct stmt *));
	s->emptied[s->nemptied++] = all;
}

static void flush_sas(struct sync *s, uint8_t proto)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->wanted[i].dir == 0)
			s->wanted[i].dropped |= proto == PROTO_ANY || s->wanted[i].stmt->sa.proto == proto;
	s->every_sa[proto] = true;
}

static void flush_policies(struct sync *s)
{
	for (size_t i = 0; i < s->n; i++)
		s->wanted[i].dropped |= s->wanted[i].dir != 0 && !s->wanted[i].sub;
	s->every_policy = true;
}

/* Carries out one statement. Returns NULL, or why it does not describe a state. */
static const char *want_statement(struct sync *s, const struct concrete *c, struct buf *scratch,
                                  struct event *ev)
{
	struct wanted w = { .stmt = c->stmt };

	switch (c->stmt->verb) {
	case VERB_ADD: case VERB_SPDADD: case VERB_SPDUPDATE:
		wanted_decode(&w, scratch, ev);
		want_object(s, c, ev);
		return NULL;
	case VERB_DELETE: case VERB_SPDDELETE:
		wanted_decode(&w, scratch, ev);
		delete_object(s, c->stmt, ev);
		return NULL;
	case VERB_DELETEALL:
		delete_between(s, c->stmt);
		return NULL;
	case VERB_FLUSH:
		flush_sas(s, c->stmt->sa.proto);
		return NULL;
	case VERB_SPDFLUSH:
		flush_policies(s);
		return NULL;
	case VERB_UPDATE:
		return "an update changes an existing object: write add, which describes the object";
	case VERB_GETSPI:
		return "an SPI without keys is no state to be kept: write add";
	default:
		return NULL;
	}
}

static void forget_dropped(struct sync *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct wanted *w = &s->wanted[i];

		if (w->dropped) {
			*hash_at(&s->names, w->name) = 0;
			continue;
		}
		if (s->surplus.n > 0 && hash_find(&s->surplus, w->name) != 0)
			*hash_at(&s->surplus, w->name) = 0;
		if (n != i) {
			*hash_at(&s->names, w->name) = (uint32_t)n + 1;
			s->wanted[n] = *w;
		}
		n++;
	}
	s->n = n;
}

bool sync_want(struct sync *s, const struct concretes *list, struct unsuited *why)
{
	struct event *ev = memory_resize(NULL, 1, sizeof(*ev));
	struct buf scratch = { 0 };
	const char *unsuited = NULL;

	hash_reserve(&s->names, list->n);
	if (s->cap == 0) {
		s->cap = list->n;
		s->wanted = memory_pages(s->cap * sizeof(*s->wanted));
	}
	for (size_t i = 0; i < list->n && (unsuited == NULL || why == NULL); i++) {
		unsuited = want_statement(s, &list->one[i], &scratch, ev);
		if (unsuited != NULL && why != NULL)
			*why = (struct unsuited){ list->one[i].origin, unsuited };
	}
	forget_dropped(s);
	explicit_bzero(ev, sizeof(*ev));
	free(ev);
	buf_free(&scratch);
	return unsuited == NULL || why == NULL;
}

void sync_want_back(struct sync *s, const struct snapshot *before)
{
	struct event *ev = memory_resize(NULL, 1, sizeof(*ev));

	for (size_t i = 0; i < before->n; i++) {
		if (before->object[i].len == 0)
			continue;
		object_decode(&before->object[i], ev);
		add_wanted(s, ev, before->object[i].name)->object = &before->object[i];
	}
	s->every_policy = s->every_sub = s->every_sa[PROTO_ANY] = true;
	explicit_bzero(ev, sizeof(*ev));
	free(ev);
}

static bool is_between(const struct sync *s, const struct object *o)
{
	struct event *ev;
	bool found = false;

	if (s->nemptied == 0 || o->dir != 0)
		return false;
	ev = memory_resize(NULL, 1, sizeof(*ev));
	object_decode(o, ev);
	for (size_t i = 0; i < s->nemptied; i++)
		found |= is_emptied(s->emptied[i], &ev->sa);
	explicit_bzero(ev, sizeof(*ev));
	free(ev);
	return found;
}

bool sync_is_surplus(const struct sync *s, size_t object)
{
	const struct object *o = &s->there.object[object];

	if (o->larval)
		return s->every_sa[PROTO_ANY];
	if (s->match[object] != 0 || (s->only != NULL && hash_find(s->only, o->name) == 0))
		return false;
	if ((s->surplus.n > 0 && hash_find(&s->surplus, o->name) != 0) || sync_is_own(s, o))
		return true;
	if (o->dir != 0)
		return o->sub ? s->every_sub : s->every_policy;
	return s->every_sa[PROTO_ANY] || s->every_sa[o->proto] || is_between(s, o);
}

static uint64_t origin_hash(const struct stmt *origin, bool copy)
{
	uint64_t words[2] = { (uintptr_t)origin, copy };

	return hash_mix(0, words, sizeof(words));
}

const struct wanted *sync_find(struct sync *s, const struct stmt *origin, bool copy)
{
	uint32_t place;

	for (size_t i = s->origins.n == 0 ? s->n : 0; i-- > 0;) {
		const struct wanted *w = &s->wanted[i];

		if (w->stmt != NULL)
			*hash_at(&s->origins, origin_hash(w->origin, w->stmt->is_fwd_copy)) = (uint32_t)i + 1;
	}
	place = hash_find(&s->origins, origin_hash(origin, copy));
	return place != 0 ? &s->wanted[place - 1] : NULL;
}

bool sync_was_told(struct sync *s, const struct refusal *r)
{
	uint32_t *told;

	if (!verb_is_policy(r->stmt->verb))
		return false;
	told = hash_at(&s->told, origin_hash(r->stmt, r->is_fwd_copy));
	return (*told)++ > 0;
}

void sync_forget(struct sync *s)
{
	snapshot_free(&s->there);
	free(s->match);
	s->match = NULL;
	arena_drop(&s->parts);
	hash_free(&s->indexes);
	s->nchanges = s->nsteps = s->unnamed = 0;
	s->edge = false;
	for (size_t i = 0; i < s->n; i++) {
		s->wanted[i].there = 0;
		s->wanted[i].renew = false;
	}
}

void sync_free(struct sync *s)
{
	sync_forget(s);
	hash_free(&s->names);
	hash_free(&s->surplus);
	hash_free(&s->told);
	hash_free(&s->origins);
	free(s->wanted);
	free(s->emptied);
	free(s->repeated);
	free(s->change);
	free(s->step);
	*s = (struct sync){ 0 };
}
