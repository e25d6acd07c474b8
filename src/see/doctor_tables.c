/* SPDX-License-Identifier: ISC */
/* Checks SAs, policies, and the kernel's counters of dropped packets. */
#include "see/doctor.h"

#include "model/same.h"
#include "tables/selector_set.h"
#include "text/counters.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SEQUENCES_NEAR = 0xf0000000u, NEAR_SHARE = 10, SHOWN_MAX = 20 };

void check_protection(struct doctor *d)
{
	struct event *ev = memory_resize(NULL, 1, sizeof(*ev));
	const struct snapshot *s = &d->wanted->tables;
	bool protects = false;

	for (size_t i = s->nsas; i < s->n && !protects; i++) {
		view_decode(d->wanted, i, ev);
		protects = ev->policy.action == ACTION_IPSEC && ev->policy.ntmpl > 0;
	}
	free(ev);
	if (protects)
		return;
	doctor_add(d, HEALTH_ERROR, "nothing is protected: no policy asks for SAs (%zu policies, %zu SAs)",
	           s->n - s->nsas, s->nsas);
	doctor_hint(d, "load a file with policies: setkey -f FILE");
}

/* A packet that a policy is for. */
static struct flow sample_flow(const struct event *ev)
{
	const struct policy *p = &ev->policy;
	struct flow f = { .dir = p->dir, .device = ev->policy_state.device };

	f.packet = (struct packet){ .src = p->src,
		                    .dst = p->dst,
		                    .sport = p->src.port,
		                    .dport = p->dst.port,
		                    .upper = p->upper,
		                    .mark = ev->attrs.value[ATTR_MARK],
		                    .if_id = ev->attrs.value[ATTR_IF_ID] };
	f.packet.src.plen = f.packet.dst.plen = (uint8_t)addr_bits(&p->src);
	return f;
}

/*
 * Looks up a packet for each policy that asks for SAs, and calls check if that policy is the one that
 * decides.
 */
static void for_each_policy(struct doctor *d, const struct view *v,
                            void (*check)(struct doctor *d, const struct view *v, size_t number,
                                          const struct event *ev, const struct match *m))
{
	struct event *ev = memory_resize(NULL, 1, sizeof(*ev));
	size_t n = d->n;

	for (size_t i = v->tables.nsas; i < v->tables.n && d->n < n + SHOWN_MAX; i++) {
		struct flow f;
		struct match m;

		view_decode(v, i, ev);
		if (ev->policy.action != ACTION_IPSEC)
			continue;
		f = sample_flow(ev);
		match_find(&m, v, &f);
		if (m.policy[0] == i + 1)
			check(d, v, i, ev, &m);
		match_free(&m);
	}
	free(ev);
}

/* Appends the policies that may have made the counter rise, if any. */
static void put_suspects(const struct doctor *d, const char *counter, struct buf *out)
{
	const struct snapshot *s = &d->kernel->tables;
	bool mismatch = strcmp(counter, "XfrmInTmplMismatch") == 0 || strcmp(counter, "XfrmOutNoStates") == 0;
	bool block = strcmp(counter, "XfrmInPolBlock") == 0 || strcmp(counter, "XfrmOutPolBlock") == 0;
	uint8_t dir = strncmp(counter, "XfrmOut", 7) == 0 ? DIR_OUT : DIR_IN;
	struct event *ev = memory_resize(NULL, 1, sizeof(*ev));
	unsigned shown = 0;

	for (size_t i = s->nsas; i < s->n && (mismatch || block) && shown < 4; i++) {
		if (s->object[i].dir != dir)
			continue;
		view_decode(d->kernel, i, ev);
		if (block != (ev->policy.action == ACTION_DISCARD) || ev->policy_state.use_time == 0)
			continue;
		buf_adds(out, shown++ ? ", " : "; suspect: ");
		view_name(d->kernel, i, out);
		buf_addc(out, ' ');
		view_statement(d->kernel, i, out);
	}
	free(ev);
}

static void report_counter(void *arg, const char *name, uint64_t n)
{
	const struct counter *c = counter_find(name, strlen(name));
	struct doctor *d = arg;
	struct buf suspects = { 0 };

	if (n == 0)
		return;
	put_suspects(d, name, &suspects);
	doctor_add(d, HEALTH_WARNING, "%s is %" PRIu64 ": packets %s%s", name, n,
	           c != NULL ? c->summary : "dropped for a reason that is not known here",
	           buf_str(&suspects));
	doctor_hint(d, "see setkey explain %s", name);
	buf_free(&suspects);
}

void check_counters(struct doctor *d)
{
	if (!facts_each_counter(report_counter, d))
		doctor_add(d, HEALTH_SKIPPED,
		           "there is no /proc/net/xfrm_stat: this kernel does not count what it drops");
}

static void for_each_sa(struct doctor *d, const struct view *v,
                        void (*check)(struct doctor *d, const char *name, const struct event *ev,
                                      uint64_t now))
{
	struct event *ev = memory_resize(NULL, 1, sizeof(*ev));
	size_t n = d->n;

	for (size_t i = 0; i < v->tables.nsas && d->n < n + SHOWN_MAX; i++) {
		struct buf name = { 0 };

		view_decode(v, i, ev);
		view_name(v, i, &name);
		check(d, buf_str(&name), ev, v->now);
		buf_free(&name);
	}
	explicit_bzero(ev, sizeof(*ev));
	free(ev);
}

static void report_sa_errors(struct doctor *d, const char *name, const struct event *ev, uint64_t now)
{
	const struct sa_state *st = &ev->sa_state;

	(void)now;
	if (st->forged != 0) {
		doctor_add(d, HEALTH_ERROR, "%s has had %u packets of wrong integrity", name, st->forged);
		doctor_hint(d, "compare keys and algorithms of both ends: setkey dump sa --fingerprints");
	}
	if (st->replayed != 0) {
		doctor_add(d, HEALTH_WARNING, "%s has had %u packets a second time", name, st->replayed);
		doctor_hint(d, "look for a loop, or a peer that began anew with the same SA");
	}
	if (st->late != 0) {
		doctor_add(d, HEALTH_WARNING,
		           "%s has had %u packets that were older than its replay window of %u", name,
		           st->late, ev->sa.window);
		doctor_hint(d, "make the window larger (-r) than what the network reorders");
	}
}

void check_sa_errors(struct doctor *d)
{
	for_each_sa(d, d->kernel, report_sa_errors);
}

static void report_idle_sas(struct doctor *d, const struct view *v, size_t number, const struct event *ev,
                            const struct match *m)
{
	struct event *sa;
	struct buf policy = { 0 }, name = { 0 };

	if (ev->policy_state.use_time == 0 || m->outcome != OUTCOME_PROTECTED)
		return;
	sa = memory_resize(NULL, 1, sizeof(*sa));
	for (unsigned i = 0; i < m->nsteps; i++) {
		bool used = false;

		if (m->step[i].sa == 0)
			continue;
		view_decode(v, m->step[i].sa - 1, sa);
		used |= sa->sa_state.packets != 0;
		for (unsigned j = 0; j < m->step[i].nothers; j++) {
			view_decode(v, m->step[i].other[j], sa);
			used |= sa->sa_state.packets != 0;
		}
		if (used)
			continue;
		buf_clear(&policy);
		buf_clear(&name);
		view_name(v, number, &policy);
		view_name(v, m->step[i].sa - 1, &name);
		doctor_add(d, HEALTH_WARNING, "%s has never carried a packet, though %s has met some",
		           buf_str(&name), buf_str(&policy));
		doctor_hint(d, m->flow.dir == DIR_OUT
		                       ? "look at the counters above, and for a route to its end"
		                       : "see whether the other end sends by this SA, or in the clear");
	}
	explicit_bzero(sa, sizeof(*sa));
	free(sa);
	buf_free(&policy);
	buf_free(&name);
}

void check_idle_sas(struct doctor *d)
{
	for_each_policy(d, d->kernel, report_idle_sas);
}

static void report_missing_sas(struct doctor *d, const struct view *v, size_t number, const struct event *ev,
                               const struct match *m)
{
	struct buf policy = { 0 }, near = { 0 };

	if (ev->policy.dir == DIR_FWD)
		return;
	for (unsigned i = 0; i < m->nsteps; i++) {
		const struct step *s = &m->step[i];

		if (s->sa != 0)
			continue;
		buf_clear(&policy);
		buf_clear(&near);
		view_name(v, number, &policy);
		if (s->nnear > 0) {
			buf_adds(&near, ": ");
			view_name(v, s->near[0].number, &near);
			for (unsigned j = 0; j < MISFITS; j++)
				if (s->near[0].misfits >> j & 1)
					buf_printf(&near, " %s", misfit_rows[j].sentence);
		}
		doctor_add(d, s->request.level == LEVEL_USE ? HEALTH_WARNING : HEALTH_ERROR, "%s has no SA%s",
		           buf_str(&policy), buf_str(&near));
		doctor_hint(d, s->nnear > 0 ? "mend the request or the SA: setkey match says more"
		                            : "add the SA, or see why the key manager has none");
	}
	buf_free(&policy);
	buf_free(&near);
}

void check_missing_sas(struct doctor *d)
{
	for_each_policy(d, d->wanted, report_missing_sas);
}

/*
 * What requests ask for: a hash of each that names the SA's destination, and in a tunnel its source; and the
 * policies with others.
 */
struct asked {
	struct hash_table exact;
	size_t *wide;          /* policies, by number from 0 */
	size_t nwide, capwide;
};

/* src: NULL if any will do, as in transport mode; reqid: NULL if any will do, as it may for what comes in. */
static uint64_t asked_hash(uint8_t proto, uint8_t mode, const struct addr *src, const struct addr *dst,
                           const uint32_t *reqid)
{
	uint32_t words[4] = { proto, same_mode(mode, MODE_TRANSPORT) ? MODE_TRANSPORT : mode,
		              reqid != NULL ? *reqid : 0, reqid != NULL };
	struct addr any = { .family = dst->family };

	return hash_mix(addr_pair_hash(0, src != NULL ? src : &any, dst), words, sizeof(words));
}

static void list_asked(struct asked *a, const struct view *v, struct event *ev)
{
	for (size_t i = v->tables.nsas; i < v->tables.n; i++) {
		const struct policy *p = &ev->policy;

		view_decode(v, i, ev);
		for (unsigned j = 0; j < p->ntmpl; j++) {
			const struct tmpl *t = &p->tmpl[j];
			bool transport = same_mode(t->mode, MODE_TRANSPORT);
			const struct addr *src = transport || addr_is_any(&t->src) ? NULL : &t->src;

			/* A transport request after a tunnel is for packets between the tunnel's ends. */
			if (transport && (j > 0 || !addr_is_host(&p->dst))) {
				a->wide = memory_grow(a->wide, a->nwide, &a->capwide, sizeof(*a->wide));
				a->wide[a->nwide++] = i;
				continue;
			}
			*hash_at(&a->exact,
			         asked_hash(t->proto, t->mode, src, transport ? &p->dst : &t->dst,
			                    t->reqid == 0 && p->dir != DIR_OUT ? NULL : &t->reqid)) = 1;
		}
	}
}

/* True if one of the policy's requests that name no addresses may be for the SA. */
static bool is_asked_widely(const struct event *policy, const struct event *sa)
{
	for (unsigned i = 0; i < policy->policy.ntmpl; i++) {
		const struct tmpl *t = &policy->policy.tmpl[i];

		if (t->proto != sa->sa.proto || !same_mode(t->mode, MODE_TRANSPORT) ||
		    !same_mode(sa->sa.mode, MODE_TRANSPORT) ||
		    (t->reqid != sa->sa.reqid && (t->reqid != 0 || policy->policy.dir == DIR_OUT)))
			continue;
		if (i > 0 || addr_contains(&policy->policy.dst, &sa->sa.dst))
			return true;
	}
	return false;
}

static bool is_asked_for(const struct asked *a, const struct view *v, const struct event *sa,
                         struct event *ev)
{
	const struct sa *s = &sa->sa;

	for (int i = 0; i < 4; i++)
		if (hash_find(&a->exact, asked_hash(s->proto, s->mode, i & 1 ? &s->src : NULL, &s->dst,
		                                    i & 2 ? &s->reqid : NULL)) != 0)
			return true;
	for (size_t i = 0; same_mode(s->mode, MODE_TRANSPORT) && i < a->nwide; i++) {
		view_decode(v, a->wide[i], ev);
		if (is_asked_widely(ev, sa))
			return true;
	}
	return false;
}

void check_orphan_sas(struct doctor *d)
{
	struct event *ev = memory_resize(NULL, 2, sizeof(*ev)), *sa = ev + 1;
	const struct snapshot *s = &d->wanted->tables;
	struct asked asked = { 0 };
	size_t n = d->n;

	list_asked(&asked, d->wanted, ev);
	for (size_t i = 0; i < s->nsas && d->n < n + SHOWN_MAX; i++) {
		struct buf name = { 0 };

		view_decode(d->wanted, i, sa);
		if (sa->sa_state.life == SA_LARVAL || is_asked_for(&asked, d->wanted, sa, ev))
			continue;
		view_name(d->wanted, i, &name);
		doctor_add(d, HEALTH_WARNING, "no policy asks for %s", buf_str(&name));
		doctor_hint(d, "add a policy for it, or delete it");
		buf_free(&name);
	}
	hash_free(&asked.exact);
	free(asked.wide);
	explicit_bzero(ev, 2 * sizeof(*ev));
	free(ev);
}

static void report_sequence(struct doctor *d, const char *name, const struct event *ev, uint64_t now)
{
	uint64_t used =
		ev->attrs.replay_out > ev->attrs.replay_in ? ev->attrs.replay_out : ev->attrs.replay_in;

	(void)now;
	if (!attrs_have(&ev->attrs, ATTR_REPLAY) || ev->sa.flags & (SA_F_ESN | SA_F_OSEQ_WRAP) ||
	    used < SEQUENCES_NEAR)
		return;
	doctor_add(d, used >= UINT32_MAX ? HEALTH_ERROR : HEALTH_WARNING,
	           "%s is at sequence number %" PRIu64 " of 4294967295: then it stops", name, used);
	doctor_hint(d, "replace it by one with another key now, and use -esn");
}

void check_sequence(struct doctor *d)
{
	for_each_sa(d, d->kernel, report_sequence);
}

/* True if less than a tenth is left of a limit. */
static bool is_near_end(uint64_t used, uint64_t limit)
{
	return limit != 0 && (used >= limit || limit - used < limit / NEAR_SHARE);
}

static void report_lifetime(struct doctor *d, const char *name, const struct event *ev, uint64_t now)
{
	const struct lifetime *hard = &ev->attrs.hard;
	const struct sa_state *st = &ev->sa_state;
	uint64_t age = now > st->add_time ? now - st->add_time : 0;
	uint64_t used = st->use_time != 0 && now > st->use_time ? now - st->use_time : 0;

	if (st->life == SA_LARVAL)
		return;
	if (is_near_end(age, hard->add_secs) || is_near_end(used, hard->use_secs))
		doctor_add(d, HEALTH_WARNING, "%s ends soon: its time is nearly over", name);
	else if (is_near_end(st->bytes, hard->bytes) || is_near_end(st->packets, hard->packets))
		doctor_add(d, HEALTH_WARNING, "%s ends soon: it has nearly carried all that it may", name);
	else if (st->life == SA_DYING)
		doctor_add(d, HEALTH_WARNING, "%s is beyond its soft limit", name);
	else
		return;
	doctor_hint(d, "add one with another SPI and other keys before it ends: setkey stat says when");
}

void check_lifetime(struct doctor *d)
{
	for_each_sa(d, d->kernel, report_lifetime);
}
