/* SPDX-License-Identifier: ISC */
/*
 * Each packet is looked up in the SPD as it is and as the plan leaves it. Whether the SAs are there that a
 * policy asks for is found for all packets together, in one walk through the SAs.
 *
 * Only what the kernel looks up may be asked about: not ESP, AH and IPComp between the ends of a tunnel,
 * which no policy of either end stops.
 */
#include "sync/guard.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* So many packets are compared with each policy; beyond that all policies are put into the lookup. */
enum { COMPARED_MAX = 64 };

enum verdict { CLEAR, PROTECTED, NO_SA, DISCARDED };

/* The SPD at one time: one lookup for main policies, one for those of the second SPD, which apply besides. */
struct spd {
	struct lookup lookup[2];
	struct conf copies;    /* of the policies in it */
};

/* An SA that some packets need. */
struct need {
	struct addr src, dst;  /* family 0: any source */
	struct packet packet;  /* an SA may be for some packets alone */
	uint32_t reqid, mark, if_id;
	uint8_t proto, mode, dir;
	bool any_packet;       /* .packet does not count: it is in another SA by then, or there are many */
	bool has[2];           /* it is there: before, after */
};

struct guarding {
	const struct sync *sync;
	const uint8_t *standard; /* by direction: enum action for packets that no policy is for */
	struct spd spd[2];     /* before, after */
	struct need *need;
	size_t nneeds, cap;
	struct hash_table needs; /* to their places, from 1 */
	bool many;             /* packets, so that SAs for some packets alone are taken to be for these */
	struct event ev;
	struct buf scratch;
};

enum { BEFORE, AFTER };

/* True if the object of the kernel is there after the plan as it is now. */
static bool object_stays(const struct sync *s, size_t object)
{
	return s->match[object] == 0 && !sync_is_surplus(s, object);
}

static bool is_for_any(const struct policy *p, const struct kept *kept, size_t n)
{
	for (size_t i = 0; i < n && n <= COMPARED_MAX; i++)
		if (addr_contains(&p->src, &kept[i].packet.src) &&
		    addr_contains(&p->dst, &kept[i].packet.dst))
			return true;
	return n > COMPARED_MAX;
}

static void add_policy(struct spd *spd, const struct stmt *s, uint8_t dir, uint32_t age)
{
	struct lookup_policy p = { conf_add(&spd->copies, s, NULL, 0), age, dir };

	lookup_add(&spd->lookup[(s->policy.flags & POLICY_F_SUB) != 0], &p);
}

static void add_objects(struct guarding *g, const struct kept *kept, size_t n)
{
	const struct sync *s = g->sync;

	for (size_t i = s->there.nsas; i < s->there.n; i++) {
		const struct object *o = &s->there.object[i];
		struct stmt policy = { .verb = VERB_SPDADD, .attrs = &g->ev.attrs };

		if (o->dir != DIR_IN && o->dir != DIR_OUT)
			continue;
		object_decode(o, &g->ev);
		/* Of a policy for some devices or contexts it is not known which packets it is for. */
		if (g->ev.policy_state.device != 0 || g->ev.policy_state.more != 0 ||
		    g->ev.attrs.ctx.doi != 0 || !is_for_any(&g->ev.policy, kept, n))
			continue;
		policy.policy = g->ev.policy;
		add_policy(&g->spd[BEFORE], &policy, o->dir, (uint32_t)i + 1);
		if (object_stays(s, i))
			add_policy(&g->spd[AFTER], &policy, o->dir, (uint32_t)i + 1);
	}
}

/* How old a wanted policy is after the plan: one that is replaced with its priority keeps its place. */
static uint32_t age_after(const struct sync *s, size_t wanted)
{
	const struct wanted *w = &s->wanted[wanted];

	if (w->there != 0 && !w->renew && s->there.object[w->there - 1].priority == w->priority)
		return w->there;
	return (uint32_t)(s->there.n + wanted + 1);
}

static void add_wanted(struct guarding *g, const struct kept *kept, size_t n)
{
	const struct sync *s = g->sync;

	for (size_t i = 0; i < s->n; i++) {
		const struct wanted *w = &s->wanted[i];

		if ((w->dir == DIR_IN || w->dir == DIR_OUT) && w->stmt != NULL &&
		    stmt_attrs(w->stmt)->ctx.doi == 0 && is_for_any(&w->stmt->policy, kept, n))
			add_policy(&g->spd[AFTER], w->stmt, w->dir, age_after(s, i));
	}
}

/* The policy of that age: where it is among what is wanted and what is there. */
static void find_place(const struct sync *s, int when, uint32_t age, uint32_t *wanted, uint32_t *there)
{
	*there = age <= s->there.n ? age : 0;
	*wanted = 0;
	if (when == AFTER)
		*wanted = age > s->there.n ? age - (uint32_t)s->there.n : s->match[age - 1];
}

/* Reads the policy into g->ev; an equal one as the kernel has it, with the ids that it gave. */
static void decode_policy(struct guarding *g, uint32_t wanted, uint32_t there)
{
	const struct wanted *w = wanted != 0 ? &g->sync->wanted[wanted - 1] : NULL;

	if (w == NULL || w->relation == RELATION_EQUAL)
		object_decode(&g->sync->there.object[(w != NULL ? w->there : there) - 1], &g->ev);
	else
		wanted_decode(w, &g->scratch, &g->ev);
}

/* The place of the need, from 1. */
static uint32_t add_need(struct guarding *g, const struct need *need)
{
	uint32_t *number = hash_at(&g->needs, hash_mix(0, need, sizeof(*need)));

	if (*number == 0) {
		g->need = memory_grow(g->need, g->nneeds, &g->cap, sizeof(*g->need));
		g->need[g->nneeds++] = *need;
		*number = (uint32_t)g->nneeds;
	}
	return *number;
}

static bool is_tunnel(const struct tmpl *t)
{
	return t->mode == MODE_TUNNEL || t->mode == MODE_BEET;
}

/*
 * What the policy in g->ev does to the packet. An optional request is skipped where there is no SA for it on
 * the way out, and where the packet comes without on the way in.
 */
static enum verdict judge_policy(struct guarding *g, const struct kept *k, int when)
{
	const struct policy *p = &g->ev.policy;
	struct need need;
	bool protected = false, missing = false;

	if (p->action == ACTION_DISCARD)
		return DISCARDED;
	memset(&need, 0, sizeof(need));
	need.src = k->packet.src;
	need.dst = k->packet.dst;
	if (!g->many)
		need.packet = k->packet;
	need.any_packet = g->many;
	need.dir = k->dir;
	need.mark = g->ev.attrs.value[ATTR_MARK] & g->ev.attrs.mask[ATTR_MARK];
	need.if_id = g->ev.attrs.value[ATTR_IF_ID];
	for (unsigned i = 0; i < p->ntmpl && p->action == ACTION_IPSEC; i++) {
		const struct tmpl *t = &p->tmpl[i];
		uint32_t number;
		bool has;

		if (is_tunnel(t)) {
			memset(&need.src, 0, sizeof(need.src));
			if (!addr_is_any(&t->src))
				need.src = t->src;
			need.dst = t->dst;
		}
		need.proto = t->proto;
		need.mode = t->mode;
		need.reqid = t->reqid;
		number = add_need(g, &need);
		has = g->need[number - 1].has[when];
		missing |= !has && t->level != LEVEL_USE;
		protected |= t->level != LEVEL_USE || (has && k->dir == DIR_OUT);
		need.any_packet = true;
	}
	return missing ? NO_SA : protected ? PROTECTED : CLEAR;
}

/* What becomes of the packet, and by which policy; both places are 0 where it meets none. */
static enum verdict judge_packet(struct guarding *g, const struct kept *k, int when, uint32_t *wanted,
                                 uint32_t *there)
{
	enum verdict worst = CLEAR;

	*wanted = *there = 0;
	for (int sub = 0; sub < 2; sub++) {
		const struct lookup_policy *found =
		        lookup_packet(&g->spd[when].lookup[sub], k->dir, &k->packet);
		enum verdict verdict;
		uint32_t w, t;

		if (found == NULL)
			continue;
		find_place(g->sync, when, found->age, &w, &t);
		decode_policy(g, w, t);
		verdict = judge_policy(g, k, when);
		if (verdict > worst || (*wanted | *there) == 0) {
			worst = verdict;
			*wanted = w;
			*there = t;
		}
	}
	if ((*wanted | *there) == 0 && g->standard[k->dir - DIR_IN] == ACTION_DISCARD)
		return DISCARDED;
	return worst;
}

static bool sa_carries(const struct attrs *x, const struct packet *p)
{
	return !attrs_have(x, ATTR_SELECTOR) ||
	       (addr_contains(&x->sel.src, &p->src) && addr_contains(&x->sel.dst, &p->dst) &&
	        (x->sel.upper == UPPER_ANY || x->sel.upper == p->upper));
}

/*
 * True if the SA is the one that is needed. What is sent takes one of exactly the id and the interface; what
 * comes may have had any where the policy names none, and may have any mark.
 */
static bool is_needed(const struct event *ev, const struct need *n)
{
	const struct sa *sa = &ev->sa;
	const struct attrs *x = &ev->attrs;
	bool out = n->dir == DIR_OUT;

	if (ev->kind != EVENT_SA || sa->proto != n->proto || !same_mode(sa->mode, n->mode) ||
	    ev->sa_state.life == SA_DEAD || !addr_equal(&sa->dst, &n->dst))
		return false;
	if (n->src.family != 0 && !addr_is_any(&sa->src) && !addr_equal(&sa->src, &n->src))
		return false;
	if ((out || n->reqid != 0) && sa->reqid != n->reqid)
		return false;
	if ((out || n->if_id != 0) && x->value[ATTR_IF_ID] != n->if_id)
		return false;
	if (out && (n->mark & x->mask[ATTR_MARK]) != (x->value[ATTR_MARK] & x->mask[ATTR_MARK]))
		return false;
	return n->any_packet || sa_carries(x, &n->packet);
}

static void note_sa(struct guarding *g, bool before, bool after)
{
	for (size_t i = 0; i < g->nneeds; i++)
		if (is_needed(&g->ev, &g->need[i])) {
			g->need[i].has[BEFORE] |= before;
			g->need[i].has[AFTER] |= after;
		}
}

static void walk_sas(struct guarding *g)
{
	const struct sync *s = g->sync;

	for (size_t i = 0; i < s->there.nsas; i++) {
		object_decode(&s->there.object[i], &g->ev);
		note_sa(g, true, object_stays(s, i));
	}
	for (size_t i = 0; i < s->n; i++)
		if (s->wanted[i].dir == 0) {
			wanted_decode(&s->wanted[i], &g->scratch, &g->ev);
			note_sa(g, false, true);
		}
}

static void judge_kept(struct guarding *g, struct kept *k)
{
	uint32_t was_wanted, was_there;
	enum verdict before = judge_packet(g, k, BEFORE, &was_wanted, &was_there),
	             after = judge_packet(g, k, AFTER, &k->wanted, &k->there);
	bool passed = before == CLEAR || before == PROTECTED;

	k->why = !passed              ? CUT_NONE :
	         after == DISCARDED   ? (k->wanted | k->there) != 0 ? CUT_DISCARDED : CUT_DEFAULT :
	         after == NO_SA       ? CUT_NO_SA :
	         after > before       ? CUT_PROTECTED :
	                                CUT_NONE;
	k->removed = was_there != 0 && sync_is_surplus(g->sync, was_there - 1) ? was_there : 0;
}

void sync_guard(const struct sync *s, const uint8_t standard[3], struct kept *kept, size_t n)
{
	struct guarding *g = memory_resize(NULL, 1, sizeof(*g));

	memset(g, 0, sizeof(*g));
	g->sync = s;
	g->standard = standard;
	g->many = n > COMPARED_MAX;
	add_objects(g, kept, n);
	add_wanted(g, kept, n);
	/* The first time finds out which SAs are needed. */
	for (size_t i = 0; i < n; i++)
		judge_kept(g, &kept[i]);
	if (g->nneeds > 0)
		walk_sas(g);
	for (size_t i = 0; i < n && g->nneeds > 0; i++)
		judge_kept(g, &kept[i]);
	for (int when = BEFORE; when <= AFTER; when++) {
		lookup_free(&g->spd[when].lookup[0]);
		lookup_free(&g->spd[when].lookup[1]);
		conf_free(&g->spd[when].copies);
	}
	hash_free(&g->needs);
	free(g->need);
	buf_free(&g->scratch);
	explicit_bzero(g, sizeof(*g));
	free(g);
}
