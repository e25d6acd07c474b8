/* SPDX-License-Identifier: ISC */
/*
 * Expands statements to concrete requests: one SA for each pair of addresses, and the forward copies of
 * inbound policies.
 */
#include "config/expand.h"

#include <stdlib.h>
#include <string.h>

static void add_concrete(struct concretes *to, const struct stmt *s, const struct stmt *origin)
{
	to->one = memory_grow(to->one, to->n, &to->cap, sizeof(*to->one));
	to->one[to->n++] = (struct concrete){ s, origin };
}

/* Copies only the used part of a policy: its unused requests are by far the largest part of a statement. */
static struct stmt *add_copy(struct concretes *to, struct arena *arena, const struct stmt *origin)
{
	struct stmt *copy = arena_copy(arena, origin, stmt_size(origin));

	add_concrete(to, copy, origin);
	return copy;
}

/*
 * Like the classic tool, sends an inbound policy a second time with direction fwd. The copy has no index and,
 * in its first request, no id of level "unique", because both belong to the inbound policy.
 */
static void add_forward_copy(struct concretes *to, const struct stmt *s)
{
	struct stmt *copy = add_copy(to, &to->policies, s);

	copy->is_fwd_copy = true;
	copy->policy.dir = DIR_FWD;
	copy->policy.index = 0;
	if (copy->policy.ntmpl > 0 && copy->policy.tmpl[0].level == LEVEL_UNIQUE) {
		copy->policy.tmpl[0].level = LEVEL_REQUIRE;
		copy->policy.tmpl[0].reqid = 0;
	}
}

static void set_address(struct addr *a, const struct addr *address)
{
	uint16_t port = a->port;

	*a = *address;
	a->port = port;
}

/* A host name with several addresses makes one SA for each pair of addresses of the same family. */
static void add_pairs(struct concretes *to, const struct stmt *s)
{
	const struct attrs *x = s->attrs;
	const struct addr *srcs = x->nsrcs > 0 ? x->srcs : &s->sa.src,
	                  *dsts = x->ndsts > 0 ? x->dsts : &s->sa.dst;
	uint16_t nsrcs = x->nsrcs > 0 ? x->nsrcs : 1, ndsts = x->ndsts > 0 ? x->ndsts : 1;

	for (uint16_t i = 0; i < nsrcs; i++)
		for (uint16_t j = 0; j < ndsts; j++) {
			struct stmt *copy;

			if (srcs[i].family != dsts[j].family)
				continue;
			copy = add_copy(to, &to->arena, s);
			set_address(&copy->sa.src, &srcs[i]);
			set_address(&copy->sa.dst, &dsts[j]);
		}
}

static bool has_several_addresses(const struct stmt *s)
{
	return !verb_is_policy(s->verb) && s->attrs != NULL && (s->attrs->nsrcs > 0 || s->attrs->ndsts > 0);
}

void expand_conf(struct concretes *to, const struct conf *conf, bool with_copies)
{
	for (size_t i = 0; i < conf->n; i++) {
		const struct stmt *s = conf->stmt[i];

		if (s->verb == VERB_EXIT || s->spare)
			continue;
		if (has_several_addresses(s)) {
			add_pairs(to, s);
			continue;
		}
		add_concrete(to, s, s);
		if (with_copies && !s->exact && !s->has_own_fwd && verb_names_policy(s->verb) &&
		    s->policy.dir == DIR_IN)
			add_forward_copy(to, s);
	}
}

void concretes_free(struct concretes *c)
{
	arena_free(&c->arena);
	arena_drop(&c->policies);
	free(c->one);
	*c = (struct concretes){ 0 };
}

/* A tunnel that a policy requests, and the family of the packets that it carries. */
struct tunnel {
	struct addr src, dst;
	uint8_t proto, inner;
	const struct source *file; /* the file, if each file is loaded on its own; else NULL */
};

static int compare_tunnels(const void *a, const void *b)
{
	const struct tunnel *x = a, *y = b;
	int by;

	if (x->file != y->file)
		return (uintptr_t)x->file < (uintptr_t)y->file ? -1 : 1;
	if (x->proto != y->proto)
		return x->proto < y->proto ? -1 : 1;
	if ((by = memcmp(x->src.bytes, y->src.bytes, sizeof(x->src.bytes))) != 0)
		return by;
	return memcmp(x->dst.bytes, y->dst.bytes, sizeof(x->dst.bytes));
}

static int compare_inner_families(const void *a, const void *b)
{
	const struct tunnel *x = a, *y = b;
	int by = compare_tunnels(x, y);

	return by ? by : x->inner - y->inner;
}

/*
 * Removes adjacent duplicates from a sorted list, as many policies may share a tunnel. Returns the new
 * length.
 */
static size_t drop_equal(struct tunnel *list, size_t n)
{
	size_t kept = 1;

	for (size_t i = 1; i < n; i++)
		if (compare_inner_families(&list[kept - 1], &list[i]) != 0)
			list[kept++] = list[i];
	return kept;
}

/*
 * Returns the next tunnel request, NULL at the end. *i is the index of the statement, *t that of the request.
 */
static const struct tmpl *next_tunnel(const struct conf *conf, size_t *i, unsigned *t)
{
	for (; *i < conf->n; ++*i, *t = 0) {
		const struct stmt *s = conf->stmt[*i];

		if (!verb_makes_policy(s->verb) ||
		    s->policy.src.family == 0) /* a host name that was not looked up */
			continue;
		while (*t < s->policy.ntmpl)
			if (s->policy.tmpl[(*t)++].mode == MODE_TUNNEL)
				return &s->policy.tmpl[*t - 1];
	}
	return NULL;
}

/* True if the conf has a tunnel that carries packets of another family than its end points. */
static bool mixes_families(const struct conf *conf)
{
	const struct tmpl *tmpl;
	unsigned t = 0;

	for (size_t i = 0; (tmpl = next_tunnel(conf, &i, &t)) != NULL; )
		if (tmpl->src.family != conf->stmt[i]->policy.src.family)
			return true;
	return false;
}

/*
 * Returns all tunnels of all policies, sorted, or NULL if each carries its own family. The caller frees it.
 */
static struct tunnel *list_tunnels(const struct conf *conf, bool each_file, size_t *n)
{
	struct tunnel *list = NULL;
	const struct tmpl *tmpl;
	size_t cap = 0;
	unsigned t = 0;

	*n = 0;
	if (!mixes_families(conf))
		return NULL;
	for (size_t i = 0; (tmpl = next_tunnel(conf, &i, &t)) != NULL; ) {
		list = memory_grow(list, *n, &cap, sizeof(*list));
		list[(*n)++] = (struct tunnel){
			tmpl->src, tmpl->dst, tmpl->proto, conf->stmt[i]->policy.src.family,
			each_file ? source_top(conf->stmt[i]->src) : NULL
		};
	}
	if (list == NULL)
		return NULL;
	qsort(list, *n, sizeof(*list), compare_inner_families);
	*n = drop_equal(list, *n);
	return list;
}

/* Returns the first of the tunnels that the SA belongs to, or NULL. The others follow it. */
static const struct tunnel *find_tunnel(const struct tunnel *list, size_t n, const struct sa *sa,
                                        const struct source *file)
{
	struct tunnel key = { sa->src, sa->dst, sa->proto, 0, file };
	const struct tunnel *t = bsearch(&key, list, n, sizeof(*list), compare_tunnels);

	while (t != NULL && t > list && compare_tunnels(t - 1, &key) == 0)
		t--;
	return t;
}

static void set_inner(const struct tunnel *list, size_t n, struct sa *sa, const struct source *file)
{
	const struct tunnel *t = find_tunnel(list, n, sa, file), *first = t;
	bool same = false, other = false;

	for (; t != NULL && t < list + n && compare_tunnels(t, first) == 0; t++) {
		same |= t->inner == sa->src.family;
		other |= t->inner != sa->src.family;
	}
	if (sa->flags & SA_F_AF_UNSPEC)
		return;
	if (same && other)
		sa->flags |= SA_F_AF_UNSPEC;
	else if (other)
		sa->inner_family = sa->src.family == AF_INET ? AF_INET6 : AF_INET;
}

void complete_inner_families(struct conf *conf, bool each_file)
{
	size_t n;
	struct tunnel *list = list_tunnels(conf, each_file, &n);

	for (size_t i = 0; list != NULL && i < conf->n; i++) {
		struct stmt *s = conf->stmt[i];

		if (verb_makes_sa(s->verb) && s->sa.mode == MODE_TUNNEL && !s->exact &&
		    !attrs_have(stmt_attrs(s), ATTR_SELECTOR))
			set_inner(list, n, &s->sa, each_file ? source_top(s->src) : NULL);
	}
	free(list);
}
