/* SPDX-License-Identifier: ISC */
/*
 * Looks each packet up in the SPD before and after the plan. Whether the SAs exist that the policies ask for
 * is found out for all packets together, in one pass over the SAs.
 *
 * Only for packets that the kernel looks up: not for ESP, AH and IPComp between the ends of a tunnel, which
 * no policy stops.
 */
#include "sync/guard.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/*
 * Up to so many packets, only policies that match one of them are put into the lookup; for more packets, all
 * policies.
 */
enum { COMPARED_MAX = 64 };

enum verdict { CLEAR, PROTECTED, NO_SA, DISCARDED };

/*
 * The SPD before or after the plan: a lookup for policies of type main, and one for type sub, which also
 * apply.
 */
struct spd {
	struct lookup lookup[2];
	struct conf copies;    /* owns copies of the policies in it */
};

/* An SA that packets need. */
struct need {
	struct addr src, dst;  /* family 0: any source */
	struct packet packet;  /* for SAs with a selector */
	uint32_t reqid, mark, if_id;
	uint8_t proto, mode, dir;
	/* .packet is ignored: it is inside another SA by then, or there are many packets */
	bool any_packet;
	bool has[2];           /* it exists: before, after */
};

struct guarding {
	const struct sync *sync;
	const uint8_t *standard; /* by direction: enum action for packets that no policy matches */
	struct spd spd[2];     /* before, after */
	struct need *need;
	size_t nneeds, cap;
	struct hash_table needs; /* by hash: places in need, from 1 */
	bool many;             /* more than COMPARED_MAX packets: selectors of SAs are ignored */
	struct event ev;
	struct buf scratch;
};

enum { BEFORE, AFTER };

/* True if the plan leaves the object of the kernel as it is. */
static bool is_unchanged(const struct sync *s, size_t object)
{
	return s->match[object] == 0 && !sync_is_surplus(s, object);
}

static bool matches_any(const struct policy *p, const struct kept *kept, size_t n)
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
		/*
		 * A policy for certain devices or contexts is left out: which packets it matches is not
		 * known.
		 */
		if (g->ev.policy_state.device != 0 || g->ev.policy_state.more != 0 ||
		    g->ev.attrs.ctx.doi != 0 || !matches_any(&g->ev.policy, kept, n))
			continue;
		policy.policy = g->ev.policy;
		add_policy(&g->spd[BEFORE], &policy, o->dir, (uint32_t)i + 1);
		if (is_unchanged(s, i))
			add_policy(&g->spd[AFTER], &policy, o->dir, (uint32_t)i + 1);
	}
}

/*
 * The age of a wanted policy after the plan, as in struct lookup_policy: a policy that is updated without
 * changing its priority keeps its place.
 */
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
		    stmt_attrs(w->stmt)->ctx.doi == 0 && matches_any(&w->stmt->policy, kept, n))
			add_policy(&g->spd[AFTER], w->stmt, w->dir, age_after(s, i));
	}
}

/* The places of the policy with that age among what is wanted and what is there; 0: none. */
static void find_place(const struct sync *s, int when, uint32_t age, uint32_t *wanted, uint32_t *there)
{
	*there = age <= s->there.n ? age : 0;
	*wanted = 0;
	if (when == AFTER)
		*wanted = age > s->there.n ? age - (uint32_t)s->there.n : s->match[age - 1];
}

/*
 * Decodes the policy into g->ev. If it does not change, the kernel's object is used, which has the ids that
 * the kernel chose.
 */
static void decode_policy(struct guarding *g, uint32_t wanted, uint32_t there)
{
	const struct wanted *w = wanted != 0 ? &g->sync->wanted[wanted - 1] : NULL;

	if (w == NULL || w->relation == RELATION_EQUAL)
		object_decode(&g->sync->there.object[(w != NULL ? w->there : there) - 1], &g->ev);
	else
		wanted_decode(w, &g->scratch, &g->ev);
}

/* Returns the place of the need, from 1; adds it if it is new. */
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

/*
 * What the policy in g->ev does to the packet. An optional request counts only on output, and there only if
 * an SA for it exists; on input the packet may come without.
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

		if (mode_has_ends(t->mode)) {
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

/* What happens to the packet, and by which policy; both places are 0 if no policy matches it. */
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
 * True if the SA satisfies the need. An outbound packet needs an SA with exactly the policy's id and
 * interface. An inbound one may have come by any SA where the policy names none, and with any mark.
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
		note_sa(g, true, is_unchanged(s, i));
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
	/* The first pass collects which SAs are needed; the second one knows which exist. */
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
