/* SPDX-License-Identifier: ISC */
/*
 * The SAD and the SPD after a list of statements that are carried out one by one, as a kernel does. Knows no
 * lint rule and no kernel.
 */
#include "tables/tables.h"

#include "model/same.h"
#include "tables/selector_set.h"

#include <stdlib.h>
#include <string.h>

/*
 * The state while statements are carried out. Statements are numbered from 1; what those up to the latest
 * flush have added is gone.
 */
struct loading {
	struct tables *to;
	const struct conf *conf;
	bool kernel_fwd;
	const struct source *ended; /* the source that has ended by exit */
	struct hash_table sa, policy, emptied;
	struct hash_table chosen; /* policies by -index */
	struct hash_table gone;   /* policies that were deleted */
	uint32_t flushed[256], spdflushed; /* the latest flush by protocol, 0: of all; and spdflush */
	/* the latest spddelete: it may have freed the index of an earlier policy */
	uint32_t uncertain_index;
	/* the latest delete of something unknown: it may have been anything before */
	uint32_t uncertain;
};

static uint64_t mix_extra(uint64_t h, const struct stmt *s, struct mark mark)
{
	const struct attrs *x = stmt_attrs(s);
	bool context = x->ctx.doi != 0;
	uint32_t words[5] = { mark.value, mark.mask, x->value[ATTR_IF_ID], x->ctx.doi,
		              context ? x->ctx.alg : 0 };

	if ((words[0] | words[1] | words[2]) == 0 && !context)
		return h;
	return hash_mix(hash_mix(h, words, sizeof(words)), x->ctx.label.p, context ? x->ctx.label.len : 0);
}

uint64_t policy_namespace(const struct stmt *s, uint8_t dir)
{
	return mix_extra(dir, s, stmt_mark(s));
}

uint64_t policy_namespace_unmarked(const struct stmt *s, uint8_t dir)
{
	return mix_extra(dir, s, (struct mark){ 0, 0 });
}

bool entry_is_narrow(const struct entry *p)
{
	return stmt_mark(p->stmt).mask != 0 || stmt_attrs(p->stmt)->value[ATTR_IF_ID] != 0;
}

bool entry_protects(const struct entry *p)
{
	return p->stmt->policy.action == ACTION_IPSEC && p->stmt->policy.ntmpl > 0 && !p->copy;
}

/*
 * A hash of what identifies an SA in the kernel, which an interface id and a security context are not part
 * of.
 */
static uint64_t sa_key(const struct sa *sa, struct mark mark)
{
	uint32_t words[5] = { sa->dst.family, sa->proto, sa->spi, mark.value, mark.mask };

	return hash_mix(hash_mix(0, sa->dst.bytes, sizeof(sa->dst.bytes)), words, sizeof(words));
}

/* Policies of type sub are a table of their own, which spdflush does not empty. */
enum { SUB = 16 };

static bool is_sub(const struct stmt *s)
{
	return s->policy.flags & POLICY_F_SUB;
}

static uint64_t hash_policy(const struct stmt *s, uint8_t dir, bool networks)
{
	struct selector sel = policy_selector(&s->policy);
	uint32_t words[] = { sel.src.family, sel.src.plen, sel.dst.plen, sel.upper, (uint32_t)sel.src.port << 16 | sel.sport_mask,
	                     (uint32_t)sel.dst.port << 16 | sel.dport_mask };

	if (networks) {
		sel.src = addr_network(&sel.src, sel.src.plen);
		sel.dst = addr_network(&sel.dst, sel.dst.plen);
	}
	return hash_mix(addr_pair_hash(policy_namespace(s, is_sub(s) ? SUB + dir : dir), &sel.src, &sel.dst),
	                words, sizeof(words));
}

uint64_t policy_key(const struct stmt *s, uint8_t dir)
{
	return hash_policy(s, dir, false);
}

uint64_t policy_network_key(const struct stmt *s, uint8_t dir)
{
	return hash_policy(s, dir, true);
}

static bool sa_is_there(const struct loading *l, uint32_t number)
{
	const struct sa *sa;

	if (number == 0 || number < l->uncertain)
		return false;
	sa = &l->conf->stmt[number - 1]->sa;
	return number > l->flushed[0] && number > l->flushed[sa->proto] &&
	       number > hash_find(&l->emptied, addr_pair_hash(PROTO_ANY, &sa->src, &sa->dst)) &&
	       number > hash_find(&l->emptied, addr_pair_hash(sa->proto, &sa->src, &sa->dst));
}

static void add_duplicate(struct loading *l, const struct duplicate *d)
{
	struct tables *t = l->to;

	t->duplicate = memory_grow(t->duplicate, t->nduplicates, &t->capduplicates, sizeof(*t->duplicate));
	t->duplicate[t->nduplicates++] = *d;
}

/*
 * The number of the existing SA that this one collides with, or 0: the kernel compares marks under the mask
 * of the existing SA.
 */
static uint32_t find_sa(const struct loading *l, const struct stmt *s)
{
	struct mark own = stmt_mark(s);

	for (size_t i = 0; i < l->to->nmasks; i++) {
		uint32_t mask = l->to->mask[i],
		         number = hash_find(
		                 &l->sa, sa_key(&s->sa, (struct mark){ own.value & own.mask & mask, mask }));

		if (sa_is_there(l, number))
			return number;
	}
	return 0;
}

static void add_sa(struct loading *l, const struct stmt *s, uint32_t number)
{
	uint32_t there = s->verb == VERB_UPDATE ? 0 : find_sa(l, s);

	if (there == 0)
		*hash_at(&l->sa, sa_key(&s->sa, stmt_mark(s))) = number;
	else
		add_duplicate(l, &(struct duplicate){ DUPLICATE_SA, number, there, 0, false });
}

/* A delete with a mark is refused where Linux would find a younger SA without one. */
static void delete_sa(struct loading *l, const struct stmt *s)
{
	uint32_t there = find_sa(l, s), marked;

	if (there != 0 && stmt_mark(s).mask != 0 && stmt_mark(l->conf->stmt[there - 1]).mask == 0) {
		marked = hash_find(&l->sa, sa_key(&s->sa, stmt_mark(s)));
		there = marked > there && sa_is_there(l, marked) ? marked : 0;
	}
	if (there != 0)
		*hash_at(&l->sa, sa_key(&s->sa, stmt_mark(l->conf->stmt[there - 1]))) = 0;
}

static void apply_sa(struct loading *l, const struct stmt *s, uint32_t number)
{
	bool known = s->sa.src.family != 0 && s->sa.dst.family != 0 && stmt_attrs(s)->nsrcs == 0 &&
	             stmt_attrs(s)->ndsts == 0;

	if (s->verb == VERB_FLUSH) {
		l->flushed[s->sa.proto] = number;
	} else if (verb_makes_sa(s->verb) || s->verb == VERB_DELETE || s->verb == VERB_DELETEALL) {
		l->to->unknown |= !known;
		if (known && verb_makes_sa(s->verb))
			add_sa(l, s, number);
		else if (known && s->verb == VERB_DELETE)
			delete_sa(l, s);
		else if (known)
			*hash_at(&l->emptied, addr_pair_hash(s->sa.proto, &s->sa.src, &s->sa.dst)) = number;
		else if (!verb_makes_sa(s->verb))
			l->uncertain = number;
	}
}

bool policy_has_copy(const struct stmt *s, bool kernel_fwd)
{
	return s->policy.dir == DIR_IN && !s->exact && !kernel_fwd;
}

static bool picks_id(const struct tmpl *t)
{
	return t->level == LEVEL_UNIQUE && (t->reqid == 0 || t->reqid >= UNIQUE_FIRST);
}

/*
 * Compares requests as the kernel gets them: of the level, only whether SAs are optional and which id they
 * have.
 */
static bool requests_are_equal(const struct tmpl *a, const struct tmpl *b)
{
	bool ends = a->mode != MODE_ANY && a->mode != MODE_TRANSPORT;

	return a->proto == b->proto && same_mode(a->mode, b->mode) && a->spi == b->spi && !picks_id(a) &&
	       !picks_id(b) && a->reqid == b->reqid && (a->level == LEVEL_USE) == (b->level == LEVEL_USE) &&
	       (!ends || (addr_equal(&a->src, &b->src) && addr_equal(&a->dst, &b->dst)));
}

/*
 * True if the forward policy does the same as the inbound one, apart from requests; their selectors are equal
 * already.
 */
static bool forward_is_equal(const struct stmt *in, const struct stmt *fwd)
{
	const struct policy *a = &in->policy, *b = &fwd->policy;
	const struct attrs *x = stmt_attrs(in), *y = stmt_attrs(fwd);

	return a->action == b->action && a->priority == b->priority && a->flags == b->flags &&
	       memcmp(&x->hard, &y->hard, sizeof(x->hard)) == 0 &&
	       memcmp(&x->soft, &y->soft, sizeof(x->soft)) == 0;
}

/*
 * Compares requests with those of the forward copy, whose first request has no id; exact: with those of the
 * inbound policy itself. Where both are to get an id that is picked, the copy does what is meant: with
 * another id than the inbound policy has, the forward policy would accept none of its SAs.
 */
static bool has_same_requests(const struct stmt *in, const struct stmt *fwd, bool exact)
{
	const struct policy *a = &in->policy, *b = &fwd->policy;
	unsigned requests = stmt_keeps_requests(in) ? a->ntmpl : 0;

	if (requests != (stmt_keeps_requests(fwd) ? b->ntmpl : 0))
		return false;
	for (unsigned i = 0; i < requests; i++) {
		struct tmpl t = a->tmpl[i], own = b->tmpl[i];
		bool picked = !exact && picks_id(&t) && picks_id(&own);

		if (picked || (i == 0 && t.level == LEVEL_UNIQUE && !exact)) {
			t.level = LEVEL_REQUIRE;
			t.reqid = 0;
		}
		if (picked) {
			own.level = LEVEL_REQUIRE;
			own.reqid = 0;
		}
		if (!requests_are_equal(&t, &own))
			return false;
	}
	return true;
}

/*
 * Adds a clash of two statements for one forward policy; returns NULL if neither of them is a forward copy.
 */
static const struct fwd_clash *add_fwd_clash(struct loading *l, uint32_t number, uint32_t other)
{
	const struct stmt *s = l->conf->stmt[number - 1],
	                  *before = l->conf->stmt[other - 1];
	struct tables *t = l->to;
	struct fwd_clash m = { .number = number, .other = other, .copy = s->policy.dir != DIR_FWD };
	const struct stmt *in = m.copy ? s : before, *fwd = m.copy ? before : s;
	bool alike, copied;

	if (in->policy.dir == DIR_FWD || fwd->policy.dir != DIR_FWD)
		return NULL;
	alike = forward_is_equal(in, fwd);
	copied = has_same_requests(in, fwd, false);
	m.own = alike && (copied ? fwd->policy.index != 0 : has_same_requests(in, fwd, true));
	m.same = s->verb == VERB_SPDDELETE || (alike && copied) || m.own;
	m.own &= s->verb != VERB_SPDDELETE;
	t->fwd_clash = memory_grow(t->fwd_clash, t->nfwd_clashes, &t->capfwd_clashes, sizeof(*t->fwd_clash));
	t->fwd_clash[t->nfwd_clashes] = m;
	return &t->fwd_clash[t->nfwd_clashes++];
}

static bool is_live(const struct loading *l, const struct stmt *s, uint32_t number)
{
	return number > (is_sub(s) ? 0 : l->spdflushed) && number > l->uncertain;
}

/* Adds a policy; false if it exists already. */
static bool add_policy(struct loading *l, const struct stmt *s, uint32_t number, uint8_t dir)
{
	uint64_t name = policy_key(s, dir);
	uint32_t *at = hash_at(&l->policy, name);

	if (s->verb == VERB_SPDADD && is_live(l, s, *at)) {
		const struct fwd_clash *m = dir == DIR_FWD ? add_fwd_clash(l, number, *at) : NULL;

		if (m == NULL || !m->same)
			add_duplicate(l, &(struct duplicate){ DUPLICATE_POLICY, number, *at, dir,
			                                      m != NULL });
		else if (m->own && !m->copy)
			*at = number;
		return false;
	}
	*at = number;
	if (hash_find(&l->gone, name) != 0)
		*hash_at(&l->gone, name) = 0;
	return true;
}

/* Deletes a policy. What the forward copy of another delete has deleted is not missed. */
static void delete_policy(struct loading *l, const struct stmt *s, uint32_t number, uint8_t dir)
{
	uint64_t name = policy_key(s, dir);
	uint32_t *at = hash_at(&l->policy, name), *gone = hash_at(&l->gone, name);

	if (dir == DIR_FWD && *at == 0 && is_live(l, s, *gone) && add_fwd_clash(l, number, *gone) != NULL)
		return;
	*at = 0;
	*gone = number;
}

static void choose_index(struct loading *l, const struct stmt *s, uint32_t number)
{
	uint32_t *at = hash_at(&l->chosen, s->policy.index);

	if (*at > l->spdflushed && *at > l->uncertain_index)
		add_duplicate(l, &(struct duplicate){ DUPLICATE_INDEX, number, *at, 0, false });
	*at = number;
}

static void apply_policy(struct loading *l, const struct stmt *s, uint32_t number)
{
	bool known = s->policy.src.family != 0 && s->policy.dst.family != 0;

	if (s->verb == VERB_SPDFLUSH)
		l->spdflushed = number;
	if (s->verb == VERB_SPDDELETE)
		l->uncertain_index = number;
	if (!verb_makes_policy(s->verb) && s->verb != VERB_SPDDELETE)
		return;
	l->to->unknown |= !known;
	if (!known || s->policy.dir > DIR_FWD || stmt_has_part(s, PART_TAG))
		return;
	if (s->verb == VERB_SPDADD && s->policy.index != 0)
		choose_index(l, s, number);
	if (s->verb == VERB_SPDDELETE) {
		delete_policy(l, s, number, s->policy.dir);
		if (policy_has_copy(s, l->kernel_fwd))
			delete_policy(l, s, number, DIR_FWD);
	} else if (add_policy(l, s, number, s->policy.dir) && policy_has_copy(s, l->kernel_fwd)) {
		add_policy(l, s, number, DIR_FWD);
	}
}

static void apply_statement(struct loading *l, const struct stmt *s, uint32_t number)
{
	if (s->src == l->ended)
		return;
	if (s->verb == VERB_EXIT)
		l->ended = s->src;
	else if (s->has_error)
		l->to->unknown = true;
	else if (verb_is_policy(s->verb))
		apply_policy(l, s, number);
	else
		apply_sa(l, s, number);
}

/* Collects the policies of a statement that still exist. */
static void collect_policies(struct loading *l, const struct stmt *s, uint32_t number)
{
	struct tables *to = l->to;

	for (int copy = 0; copy <= (s->policy.dir == DIR_IN ? 1 : 0); copy++) {
		uint8_t dir = copy ? DIR_FWD : s->policy.dir;

		if (number > l->spdflushed && hash_find(&l->policy, policy_key(s, dir)) == number)
			to->policy[to->npolicies++] = (struct entry){ .stmt = s,
				                                       .number = number,
				                                       .priority = s->policy.priority,
				                                       .dir = dir,
				                                       .copy = copy };
	}
}

static void collect_entries(struct loading *l)
{
	const struct conf *conf = l->conf;

	for (uint32_t i = 0; i < conf->n; i++) {
		const struct stmt *s = conf->stmt[i];

		if (s->has_error)
			continue;
		if (verb_makes_policy(s->verb) && !is_sub(s))
			collect_policies(l, s, i + 1);
		else if (verb_makes_sa(s->verb) && sa_is_there(l, i + 1) &&
		         hash_find(&l->sa, sa_key(&s->sa, stmt_mark(s))) == i + 1)
			l->to->sa[l->to->nsas++] = (struct entry){ .stmt = s, .number = i + 1 };
	}
}

static int by_precedence(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->dir != y->dir)
		return x->dir - y->dir;
	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	return x->number < y->number ? -1 : 1;
}

/*
 * Adds a mask. Files with marks mostly have one or two masks; with more than fit, nothing is known for
 * certain.
 */
static void add_mask(struct tables *t, uint32_t mask)
{
	for (size_t i = 0; i < t->nmasks; i++)
		if (t->mask[i] == mask)
			return;
	if (t->nmasks < MASKS_MAX)
		t->mask[t->nmasks++] = mask;
	else
		t->unknown = true;
}

void tables_read(struct tables *to, const struct conf *conf, bool kernel_fwd)
{
	struct loading l = { .to = to, .conf = conf, .kernel_fwd = kernel_fwd };
	size_t nsas = 0, npolicies = 0;

	*to = (struct tables){ .nmasks = 1 };
	for (size_t i = 0; i < conf->n; i++)
		if (verb_makes_sa(conf->stmt[i]->verb))
			add_mask(to, stmt_mark(conf->stmt[i]).mask);
	for (size_t i = 0; i < conf->n; i++) {
		apply_statement(&l, conf->stmt[i], (uint32_t)i + 1);
		nsas += verb_makes_sa(conf->stmt[i]->verb);
		npolicies += verb_makes_policy(conf->stmt[i]->verb);
	}
	to->sa = memory_resize(NULL, nsas, sizeof(*to->sa));
	to->policy = memory_resize(NULL, 2 * npolicies, sizeof(*to->policy));
	collect_entries(&l);
	if (to->npolicies > 1)
		qsort(to->policy, to->npolicies, sizeof(*to->policy), by_precedence);
	hash_free(&l.sa);
	hash_free(&l.policy);
	hash_free(&l.emptied);
	hash_free(&l.chosen);
	hash_free(&l.gone);
}

void tables_free(struct tables *t)
{
	free(t->sa);
	free(t->policy);
	free(t->fwd_clash);
	free(t->duplicate);
	*t = (struct tables){ 0 };
}
