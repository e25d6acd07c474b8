/* SPDX-License-Identifier: ISC */
/* Chooses the SA for a request of a policy: the rules are in match.h. */
#include "see/match.h"

#include "model/same.h"

#include <stdlib.h>
#include <string.h>

/* An SA that fits a request, and what decides between several of them. */
struct candidate {
	size_t number;         /* of the SA, from 0: the higher, the later it was added */
	uint32_t spi;
	uint64_t add_time;
	bool dying, used, any_source, spent, inbound;
};

struct choice {
	const struct view *v;
	const struct match *m;
	struct step *step;
	struct event *ev;      /* of the SA in question */
	struct mark mark;      /* of the policy */
	uint32_t if_id;
	bool used;             /* the policy has carried a packet */
	struct candidate *candidate;
	size_t n, cap;
};

/* Whether an SA is for the packet; without a selector it is for all packets of its inner family. */
static unsigned sa_selector_misfits(const struct event *ev, const struct packet *p)
{
	const struct attrs *x = &ev->attrs;
	uint8_t inner = ev->sa.inner_family ? ev->sa.inner_family : ev->sa.dst.family;

	if (!attrs_have(x, ATTR_SELECTOR))
		return inner == p->dst.family || ev->sa.flags & SA_F_AF_UNSPEC ? 0 : 1u << MISFIT_FAMILY;
	if (x->sel.src.family != p->src.family && !(ev->sa.flags & SA_F_AF_UNSPEC))
		return 1u << MISFIT_FAMILY;
	return addr_contains(&x->sel.src, &p->src) && addr_contains(&x->sel.dst, &p->dst) &&
	                       selector_misfits(&x->sel, p) == 0 ?
	               0 :
	               1u << MISFIT_SELECTOR;
}

static unsigned misfit_if(bool misfits, enum misfit which)
{
	return misfits ? 1u << which : 0;
}

/* The mark, of the policy or if inbound of the packet, must equal the SA's under the SA's mask. */
static bool has_mark(const struct event *ev, uint32_t mark)
{
	return ((mark ^ ev->attrs.value[ATTR_MARK]) & ev->attrs.mask[ATTR_MARK]) == 0;
}

static unsigned outbound_misfits(const struct choice *c)
{
	const struct event *ev = c->ev;
	const struct sa *sa = &ev->sa;
	const struct tmpl *t = &c->step->request;

	return misfit_if(sa->proto != t->proto, MISFIT_PROTO) |
	       misfit_if(!same_mode(sa->mode, t->mode), MISFIT_MODE) |
	       misfit_if(sa->reqid != t->reqid, MISFIT_REQID) |
	       misfit_if(t->spi != 0 && sa->spi != t->spi, MISFIT_SPI) |
	       misfit_if(c->step->src.family != 0 && !addr_equal(&sa->src, &c->step->src) &&
	                         !addr_is_any(&sa->src),
	                 MISFIT_SOURCE) |
	       misfit_if(ev->sa_state.life == SA_LARVAL, MISFIT_LARVAL) |
	       misfit_if(!has_mark(ev, c->mark.value & c->mark.mask), MISFIT_MARK) |
	       misfit_if(ev->attrs.value[ATTR_IF_ID] != c->if_id, MISFIT_IF_ID) |
	       misfit_if(sa->flags & SA_F_WILDRECV, MISFIT_WILDCARD) |
	       sa_selector_misfits(ev, &c->m->flow.packet);
}

/* The kernel does not compare the source in transport mode, nor the destination in tunnel mode. */
static unsigned inbound_misfits(const struct choice *c)
{
	const struct event *ev = c->ev;
	const struct sa *sa = &ev->sa;
	const struct tmpl *t = &c->step->request;
	bool transport = same_mode(t->mode, MODE_TRANSPORT);
	uint32_t if_id = c->m->flow.packet.if_id;

	return misfit_if(sa->proto != t->proto, MISFIT_PROTO) |
	       misfit_if(!same_mode(sa->mode, t->mode), MISFIT_MODE) |
	       misfit_if(t->reqid != 0 && sa->reqid != t->reqid, MISFIT_REQID) |
	       misfit_if(t->spi != 0 && sa->spi != t->spi, MISFIT_SPI) |
	       misfit_if(!transport && !addr_is_any(&t->src) && !addr_equal(&sa->src, &t->src),
	                 MISFIT_SOURCE) |
	       misfit_if(ev->sa_state.life == SA_LARVAL, MISFIT_LARVAL) |
	       misfit_if(ev->sa_state.life == SA_DEAD, MISFIT_EXPIRED) |
	       misfit_if(ev->attrs.value[ATTR_DIR] == DIR_OUT, MISFIT_DIRECTION) |
	       misfit_if(!has_mark(ev, c->m->flow.packet.mark), MISFIT_MARK) |
	       misfit_if(if_id != 0 && ev->attrs.value[ATTR_IF_ID] != if_id, MISFIT_IF_ID) |
	       sa_selector_misfits(ev, &c->m->flow.packet);
}

/* Keeps those with the fewest misfits; of equal ones the first. */
static void keep_nearest(struct step *s, size_t number, unsigned misfits)
{
	struct considered new = { number, misfits };

	for (unsigned i = 0; i < NEAR_MAX; i++) {
		struct considered old;

		if (i < s->nnear && __builtin_popcount(s->near[i].misfits) <= __builtin_popcount(new.misfits))
			continue;
		old = s->near[i];
		s->near[i] = new;
		if (i == s->nnear) {
			s->nnear++;
			return;
		}
		new = old;
	}
}

static bool is_spent(const struct event *ev)
{
	const struct attrs *x = &ev->attrs;

	return ev->sa_state.life == SA_DEAD ||
	       (attrs_have(x, ATTR_REPLAY) && x->replay_out >= UINT32_MAX &&
	        !(ev->sa.flags & (SA_F_ESN | SA_F_OSEQ_WRAP)));
}

static void add_candidate(struct choice *c, size_t number)
{
	const struct sa_state *st = &c->ev->sa_state;

	c->candidate = memory_grow(c->candidate, c->n, &c->cap, sizeof(*c->candidate));
	c->candidate[c->n++] = (struct candidate){
		.number = number,
		.spi = c->ev->sa.spi,
		.add_time = st->add_time,
		.dying = st->life == SA_DYING,
		.used = st->use_time != 0,
		.any_source = addr_is_any(&c->ev->sa.src) && !addr_is_any(&c->step->src),
		.spent = is_spent(c->ev),
		.inbound = c->ev->attrs.value[ATTR_DIR] == DIR_IN,
	};
}

/* Less than 0 if the kernel chooses a; 0 if it depends on their order within the second of their addition. */
static int compare_candidates(const struct choice *c, const struct candidate *a, const struct candidate *b)
{
	if (c->used && a->used != b->used)
		return a->used ? -1 : 1;
	if (a->any_source != b->any_source)
		return a->any_source ? 1 : -1;
	if (a->dying != b->dying)
		return a->dying ? 1 : -1;
	if (a->add_time != b->add_time)
		return a->add_time > b->add_time ? -1 : 1;
	return 0;
}

/* As long as the hash of SAs has not grown, those added within one second are in it with the latest first. */
static bool has_initial_hash(const struct view *v)
{
	enum { BUCKETS = 8 };

	return view_is_kernel(v) ? v->facts.buckets == BUCKETS : v->tables.nsas <= BUCKETS;
}

static void add_other(struct step *s, const struct candidate *other)
{
	if (s->nothers == OTHERS_MAX)
		return;
	s->other[s->nothers] = other->number;
	s->other_spi[s->nothers++] = other->spi;
}

/* True if the kernel may use other. An SA from any source is usually in another list of the hash. */
static bool may_be_used(const struct choice *c, const struct candidate *best, const struct candidate *other)
{
	if (c->used && best->used != other->used)
		return false;
	if (best->any_source != other->any_source)
		return !other->dying && other->add_time >= best->add_time;
	return compare_candidates(c, best, other) == 0 && !has_initial_hash(c->v);
}

static void choose_best(struct choice *c)
{
	const struct candidate *best = &c->candidate[0];
	struct step *s = c->step;

	for (size_t i = 1; i < c->n; i++)
		if (compare_candidates(c, &c->candidate[i], best) < 0)
			best = &c->candidate[i];
	if (best->inbound) {
		s->near[0] = (struct considered){ best->number, 1u << MISFIT_DIRECTION };
		s->nnear = 1;
		return;
	}
	s->sa = best->number + 1;
	s->spi = best->spi;
	s->spent = best->spent;
	for (size_t i = c->n; i-- > 0;)
		if (&c->candidate[i] != best && may_be_used(c, best, &c->candidate[i]))
			add_other(s, &c->candidate[i]);
}

static void read_policy(struct choice *c)
{
	enum { STAYS = 612 }; /* from 6.12 on a policy stays with the SA that it has used */
	unsigned release = c->v->release;

	view_decode(c->v, c->step->policy, c->ev);
	c->mark = (struct mark){ c->ev->attrs.value[ATTR_MARK], c->ev->attrs.mask[ATTR_MARK] };
	c->if_id = c->ev->attrs.value[ATTR_IF_ID];
	c->used = c->ev->policy_state.use_time != 0 && (release == 0 || release >= STAYS);
}

/* An SA to somewhere else is not mentioned as one that nearly fits. */
static bool is_near(const struct choice *c, const struct step *s)
{
	const struct sa *sa = &c->ev->sa;

	return addr_equal(&sa->dst, &s->dst) ||
	       (c->m->flow.dir != DIR_OUT && s->request.src.family != 0 &&
	        addr_equal(&sa->src, &s->request.src));
}

static unsigned sa_misfits(const struct choice *c)
{
	return c->m->flow.dir == DIR_OUT ? outbound_misfits(c) : inbound_misfits(c);
}

/* Adds the SA, by number from 1, if it fits. A tunnel may have come to any address of this host. */
static void consider_sa(struct choice *c, size_t number)
{
	bool any_destination =
	        c->m->flow.dir != DIR_OUT && !same_mode(c->step->request.mode, MODE_TRANSPORT);

	view_decode(c->v, number - 1, c->ev);
	if (sa_misfits(c) == 0 && (any_destination || addr_equal(&c->ev->sa.dst, &c->step->dst)))
		add_candidate(c, number - 1);
}

/* The SAs that fit, the latest first; inbound no more than are told. */
static void collect_candidates(struct choice *c)
{
	const struct tmpl *t = &c->step->request;
	bool out = c->m->flow.dir == DIR_OUT, tunnel = !out && !same_mode(t->mode, MODE_TRANSPORT);
	size_t most = out ? SIZE_MAX : OTHERS_MAX + 1, n;

	if (tunnel && addr_is_any(&t->src)) {
		for (n = c->v->tables.nsas; n > 0 && c->n < most; n--)
			consider_sa(c, n);
		return;
	}
	enum sa_key key = tunnel ? SA_BY_SRC : out || t->reqid != 0 ? SA_BY_REQUEST : SA_BY_DST;

	n = view_latest_sa(c->v, key, tunnel ? &t->src : &c->step->dst, t->proto, t->reqid);
	for (; n != 0 && c->n < most; n = view_sa_before(c->v, key, n))
		consider_sa(c, n);
}

/* The SAs that differ least from what is asked for. */
static void collect_nearest(struct choice *c)
{
	for (size_t i = 0; i < c->v->tables.nsas; i++) {
		unsigned misfits;

		view_decode(c->v, i, c->ev);
		misfits = sa_misfits(c);
		if (misfits != 0 && is_near(c, c->step))
			keep_nearest(c->step, i, misfits);
	}
}

static void begin_choice(struct choice *c, const struct match *m, const struct view *v, struct step *step)
{
	*c = (struct choice){ .v = v, .m = m, .step = step };
	c->ev = memory_resize(NULL, 1, sizeof(*c->ev));
	read_policy(c);
	collect_candidates(c);
	if (c->n == 0)
		collect_nearest(c);
}

static void end_choice(struct choice *c)
{
	explicit_bzero(c->ev, sizeof(*c->ev));
	free(c->ev);
	free(c->candidate);
}

void choose_sa(struct match *m, const struct view *v, struct step *step)
{
	struct choice c;

	begin_choice(&c, m, v, step);
	if (c.n > 0)
		choose_best(&c);
	end_choice(&c);
}

/* The latest first: that is what the other end most likely uses. */
void find_inbound_sas(struct match *m, const struct view *v, struct step *step)
{
	struct choice c;

	begin_choice(&c, m, v, step);
	for (size_t i = 0; i < c.n; i++) {
		if (step->sa != 0) {
			add_other(step, &c.candidate[i]);
			continue;
		}
		step->sa = c.candidate[i].number + 1;
		step->spi = c.candidate[i].spi;
	}
	end_choice(&c);
}
