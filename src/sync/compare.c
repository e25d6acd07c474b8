/* SPDX-License-Identifier: ISC */
/* Compares what is wanted with what is there, object by object. */
#include "sync/sync.h"

#include <stdlib.h>
#include <string.h>

/* Properties of the running system that change objects without being asked. */
struct behaviour {
	unsigned release;
	bool no_pmtu_disc;     /* net.ipv4.ip_no_pmtu_disc is set: new IPv4 SAs get the flag nopmtudisc */
};

static void read_behaviour(struct behaviour *h)
{
	FILE *f = fopen("/proc/sys/net/ipv4/ip_no_pmtu_disc", "re");

	h->release = kernel_release();
	h->no_pmtu_disc = f != NULL && getc(f) != '0';
	if (f != NULL)
		fclose(f);
}

static void drop_part(struct parts *parts, unsigned part)
{
	uint8_t n = 0;

	for (uint8_t i = 0; i < parts->n; i++)
		if (parts->part[i] != part)
			parts->part[n++] = parts->part[i];
	parts->n = n;
}

static bool has_part(const struct parts *parts, unsigned part)
{
	return memchr(parts->part, (int)part, parts->n) != NULL;
}

/*
 * Ignores wanted attributes that the kernel has not kept because it is too old: they would be a difference at
 * every sync. A device that cannot take over an SA drops the offload the same way.
 */
static void forgive_attrs(struct sync *s, const struct behaviour *h, const struct event *wanted,
                          const struct event *there, struct parts *parts)
{
	for (enum attr_id id = 0; id < ATTR_MAX; id++) {
		bool unkept = id == ATTR_OFFLOAD || (h->release != 0 && h->release < attr_table[id].since);

		if (!unkept || !attrs_have(&wanted->attrs, id) || attrs_have(&there->attrs, id))
			continue;
		drop_part(parts, PART_ATTR + id);
		s->unkept |= 1u << id;
	}
	if (has_part(parts, PART_CTX) && !kernel_keeps_contexts()) {
		drop_part(parts, PART_CTX);
		s->unkept_context = true;
	}
}

static void forgive_flags(const struct behaviour *h, const struct event *wanted, const struct event *there,
                          struct parts *parts)
{
	uint32_t differ = (wanted->sa.flags ^ there->sa.flags) & SA_F_KEPT;

	if (h->no_pmtu_disc && wanted->kind == EVENT_SA && differ == SA_F_NOPMTUDISC &&
	    there->sa.flags & SA_F_NOPMTUDISC && wanted->sa.inner_family == there->sa.inner_family)
		drop_part(parts, PART_FLAGS);
}

/* The id of a unique request without one is chosen by the kernel or by us: accepts the id that is there. */
static void adopt_reqids(const struct wanted *w, struct event *wanted, const struct event *there)
{
	for (unsigned i = 0; w->stmt != NULL && w->dir != 0 && i < w->stmt->policy.ntmpl; i++) {
		const struct tmpl *said = &w->stmt->policy.tmpl[i];
		bool chosen = said->level == LEVEL_UNIQUE &&
		              (said->reqid == 0 || (said->reqid >= UNIQUE_FIRST && !w->stmt->exact));

		if (chosen && i < there->policy.ntmpl && there->policy.tmpl[i].reqid >= UNIQUE_FIRST)
			wanted->policy.tmpl[i].reqid = there->policy.tmpl[i].reqid;
	}
}

/*
 * True if an SA to be restored was deleted and added again meanwhile: its counters and sequence numbers start
 * from the beginning, and its peer would refuse its packets.
 */
static bool began_anew(const struct wanted *w, const struct event *wanted, const struct event *there)
{
	return w->object != NULL && w->dir == 0 &&
	       (wanted->sa_state.add_time != there->sa_state.add_time ||
	        wanted->sa_state.packets > there->sa_state.packets ||
	        wanted->attrs.replay_out > there->attrs.replay_out ||
	        wanted->attrs.replay_in > there->attrs.replay_in);
}

static struct change *add_change(struct sync *s, enum change_op op, size_t wanted, size_t there)
{
	struct change *c = &s->change[s->nchanges++];

	*c = (struct change){ .op = (uint8_t)op, .wanted = (uint32_t)wanted, .there = (uint32_t)there };
	return c;
}

/* Reserves for the most changes possible: everything wanted is new, and everything there is deleted. */
static void reserve_changes(struct sync *s)
{
	size_t most = s->n + s->there.n;

	if (s->capchanges >= most)
		return;
	free(s->change);
	s->capchanges = most;
	s->change = memory_pages(most * sizeof(*s->change));
}

/* The events are large, and used again for each object. */
struct comparison {
	struct sync *sync;
	struct behaviour behaviour;
	struct event wanted, there;
	struct buf scratch;
};

/* True if the encoded objects are equal: most are, and decoding them takes far longer. */
static bool is_same_message(struct comparison *c, const struct wanted *w, const struct object *there)
{
	if (w->stmt == NULL)
		return w->object->len == there->len &&
		       memcmp(w->object->message, there->message, there->len) == 0;
	wanted_encode(w, &c->scratch);
	return xfrm_makes(c->scratch.bytes, c->scratch.len, there->message, there->len, w->dir != 0);
}

static void find_parts(struct comparison *c, const struct wanted *w, const struct object *there,
                       struct parts *parts)
{
	struct sync *s = c->sync;

	parts->n = 0;
	if (s->fresh_sas && w->dir == 0) {
		parts->part[parts->n++] = PART_REPLAY;
		return;
	}
	if (is_same_message(c, w, there))
		return;
	wanted_decode(w, &c->scratch, &c->wanted);
	object_decode(there, &c->there);
	c->wanted.policy.index = wanted_index(w);
	adopt_reqids(w, &c->wanted, &c->there);
	same_parts(&c->wanted, &c->there, parts);
	forgive_attrs(s, &c->behaviour, &c->wanted, &c->there, parts);
	forgive_flags(&c->behaviour, &c->wanted, &c->there, parts);
	if (began_anew(w, &c->wanted, &c->there))
		parts->part[parts->n++] = PART_REPLAY;
}

uint32_t wanted_index(const struct wanted *w)
{
	return w->no_index ? 0 : w->index;
}

/* True if the policy, whose place is from 1, has the index that another one is to get. */
static bool must_yield(const struct sync *s, uint32_t there)
{
	const struct object *o = &s->there.object[there - 1];
	uint32_t place = o->dir != 0 && s->indexes.n > 0 ? hash_find(&s->indexes, o->stamp) : 0;

	return place != 0 && s->match[there - 1] != place && !s->wanted[place - 1].no_index;
}

/* True if the policy is not wanted and stays, or must not be touched. */
static bool is_not_ours(const struct sync *s, size_t object)
{
	uint32_t match = s->match[object];

	return match == 0 ? !sync_is_surplus(s, object) :
	                    s->only != NULL && hash_find(s->only, s->wanted[match - 1].name) == 0;
}

/*
 * Finds out which policies get the index they ask for: the first in the files that asks for it, unless a
 * policy has it that must not be touched.
 */
static void assign_indexes(struct sync *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct wanted *w = &s->wanted[i];
		uint32_t *place;

		w->no_index = false;
		if (w->dir == 0 || w->dropped || w->index == 0)
			continue;
		place = hash_at(&s->indexes, w->index);
		w->no_index = *place != 0;
		*place = w->no_index ? *place : (uint32_t)i + 1;
	}
	for (size_t i = s->there.nsas; i < s->there.n && s->indexes.n > 0; i++)
		if (must_yield(s, (uint32_t)i + 1) && is_not_ours(s, i))
			s->wanted[hash_find(&s->indexes, s->there.object[i].stamp) - 1].no_index = true;
}

static void compare_one(struct comparison *c, size_t i)
{
	struct sync *s = c->sync;
	struct wanted *w = &s->wanted[i];
	struct change *change;
	struct parts parts;

	w->remade = w->yields = false;
	w->relation = w->there == 0 ? RELATION_NEW : RELATION_EQUAL;
	if (w->there == 0) {
		add_change(s, CHANGE_ADD, i + 1, 0);
		return;
	}
	find_parts(c, w, &s->there.object[w->there - 1], &parts);
	w->yields = must_yield(s, w->there);
	if (w->yields && !has_part(&parts, PART_INDEX))
		parts.part[parts.n++] = PART_INDEX;
	if (parts.n == 0)
		return;
	w->relation = RELATION_CHANGED;
	/* A policy that is updated keeps its index. */
	w->remade = has_part(&parts, PART_INDEX);
	change = add_change(s,
	                    has_part(&parts, PART_ENCKEY) || has_part(&parts, PART_AUTHKEY) ? CHANGE_KEY :
	                                                                                      CHANGE_PARTS,
	                    i + 1, w->there);
	change->nparts = parts.n;
	change->part = arena_copy(&s->parts, parts.part, parts.n);
}

/*
 * An object that must not be changed is wanted as it is. It counts for the order of policies only: it may
 * have to be sent again after one that is restored.
 */
static void leave_untouched(struct sync *s, struct wanted *w)
{
	const struct object *o = w->there != 0 ? &s->there.object[w->there - 1] : NULL;

	w->relation = RELATION_EQUAL;
	w->dropped = o == NULL;
	if (o == NULL)
		return;
	w->stmt = NULL;
	w->object = o;
	w->priority = o->priority;
	w->clear = o->clear;
}

/*
 * Finds the wanted object of each object there. Objects are mostly in the order of the files, so the next one
 * is tried first.
 */
static void find_matches(struct sync *s)
{
	size_t next = 0;

	s->match = memory_resize(s->match, s->there.n, sizeof(*s->match));
	for (size_t i = 0; i < s->there.n; i++) {
		const struct object *o = &s->there.object[i];
		uint32_t *match = &s->match[i];

		*match = next < s->n && s->wanted[next].name == o->name ? (uint32_t)next + 1 :
		                                                          hash_find(&s->names, o->name);
		next = *match != 0 ? *match : next;
		if (*match != 0 && !o->larval)
			s->wanted[*match - 1].there = (uint32_t)i + 1;
	}
}

void sync_compare(struct sync *s)
{
	struct comparison *c = memory_resize(NULL, 1, sizeof(*c));

	memset(c, 0, sizeof(*c));
	c->sync = s;
	read_behaviour(&c->behaviour);
	find_matches(s);
	assign_indexes(s);
	reserve_changes(s);
	for (size_t i = 0; i < s->n; i++)
		if (s->only == NULL || hash_find(s->only, s->wanted[i].name) != 0)
			compare_one(c, i);
		else
			leave_untouched(s, &s->wanted[i]);
	for (size_t i = 0; i < s->there.n; i++)
		if (sync_is_surplus(s, i))
			add_change(s, CHANGE_REMOVE, 0, i + 1)->yields = must_yield(s, (uint32_t)i + 1);
	buf_free(&c->scratch);
	explicit_bzero(c, sizeof(*c));
	free(c);
}
