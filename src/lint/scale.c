/* SPDX-License-Identifier: ISC */
/*
 * The rules about large files: patterns with which the kernel needs more time for every further object. Knows
 * the whole unit.
 */
#include "lint/lint.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum { CROWDED_SAS, CROWDED_PORTS, PREFIXES };

/* From these numbers on, loading takes seconds longer. */
enum { MANY_SAS = 4000, MANY_PORTS = 2000, MANY_PREFIXES = 5000 };

const struct rule scale_rules[] = {
	[CROWDED_SAS] = { "SK414", "crowded-sas", SEVERITY_WARNING,
		"many SAs meet in one bucket of the kernel's table" },
	[CROWDED_PORTS] = { "SK415", "crowded-ports", SEVERITY_WARNING,
		"many policies with one pair of addresses" },
	[PREFIXES] = { "SK416", "many-prefixes", SEVERITY_WARNING, "many policies for networks" },
	{ NULL, NULL, 0, NULL }
};

/* A kind of statement, and when two of them end up in the same list in the kernel. */
struct hotspot {
	int rule;
	size_t many;
	bool (*is_kind)(const struct stmt *s);
	bool (*alike)(const struct stmt *a, const struct stmt *b);
	uint64_t (*hash)(const struct stmt *s);
	const char *text, *hint;
};

static bool is_sa(const struct stmt *s)
{
	return verb_makes_sa(s->verb);
}

static uint32_t addr_word(const struct addr *a, size_t i)
{
	uint32_t w;

	memcpy(&w, a->bytes + 4 * i, sizeof(w));
	return w;
}

/*
 * The bucket, of 65536, in the kernel's table of SAs (net/xfrm/xfrm_hash.h), which adds IPv4 addresses in
 * network byte order.
 */
static uint64_t hash_sa(const struct stmt *s)
{
	const struct addr *src = &s->sa.src, *dst = &s->sa.dst;
	bool v4 = dst->family == AF_INET;
	uint32_t h = v4 ? addr_word(src, 0) + addr_word(dst, 0) :
	                  addr_word(src, 2) ^ addr_word(src, 3) ^ addr_word(dst, 2) ^ addr_word(dst, 3);

	h = ntohl(h) ^ s->sa.reqid ^ dst->family;
	return (h ^ h >> 16) & 0xffff;
}

static bool same_sa_list(const struct stmt *a, const struct stmt *b)
{
	return hash_sa(a) == hash_sa(b);
}

static bool is_new_policy(const struct stmt *s)
{
	return verb_makes_policy(s->verb);
}

static bool same_policy_list(const struct stmt *a, const struct stmt *b)
{
	const struct policy *x = &a->policy, *y = &b->policy;

	return addr_equal(&x->src, &y->src) && addr_equal(&x->dst, &y->dst) && x->src.plen == y->src.plen &&
	       x->dst.plen == y->dst.plen && x->dir == y->dir;
}

static uint64_t hash_policy(const struct stmt *s)
{
	const struct addr *src = &s->policy.src, *dst = &s->policy.dst;
	uint64_t h = s->policy.dir;

	for (size_t i = 0; i < addr_bits(src) / 32; i++)
		h = (h ^ addr_word(src, i)) * 0x9e3779b97f4a7c15u;
	for (size_t i = 0; i < addr_bits(dst) / 32; i++)
		h = (h ^ addr_word(dst, i)) * 0x9e3779b97f4a7c15u;
	return h >> 32;
}

static bool is_for_network(const struct stmt *s)
{
	const struct policy *p = &s->policy;

	return is_new_policy(s) && (p->src.plen < addr_bits(&p->src) || p->dst.plen < addr_bits(&p->dst));
}

static bool any_alike(const struct stmt *a, const struct stmt *b)
{
	(void)a;
	(void)b;
	return true;
}

static uint64_t no_hash(const struct stmt *s)
{
	(void)s;
	return 0;
}

static const struct hotspot hotspots[] = {
	{ CROWDED_SAS, MANY_SAS, is_sa, same_sa_list, hash_sa,
	  "SAs meet in one bucket of the kernel's table: each takes Linux longer to add than the one before",
	  "give each an id of its own, -u N, that does not count up along with the address" },
	{ CROWDED_PORTS, MANY_PORTS, is_new_policy, same_policy_list, hash_policy,
	  "policies have these addresses: each takes Linux longer to add than the one before",
	  "write one policy for all ports, or use port masks" },
	{ PREFIXES, MANY_PREFIXES, is_for_network, any_alike, no_hash,
	  "policies are for networks: each takes Linux before 6.12 longer to add than the one before",
	  "run `ip xfrm policy set hthresh4 16 24` first" },
};

/*
 * Returns a statement that may be one of many alike, or NULL. Counts hashes only, which takes little memory;
 * report_hotspot compares the statements themselves, as nearly every file has no hotspot.
 */
static const struct stmt *find_many(const struct conf *conf, const struct hotspot *c, uint16_t *count,
                                  size_t slots)
{
	memset(count, 0, slots * sizeof(*count));
	for (size_t i = 0; i < conf->n; i++)
		if (c->is_kind(conf->stmt[i]) && ++count[c->hash(conf->stmt[i]) % slots] == c->many)
			return conf->stmt[i];
	return NULL;
}

static void report_hotspot(const struct conf *conf, const struct hotspot *c, const struct stmt *like,
                        struct diags *diags)
{
	const struct stmt *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < conf->n; i++) {
		if (!c->is_kind(conf->stmt[i]) || !c->alike(conf->stmt[i], like))
			continue;
		first = first ? first : conf->stmt[i];
		n++;
	}
	if (n < c->many)
		return;
	lint_add(&(struct lint){ first, diags }, &scale_rules[c->rule], PART_VERB, "%zu %s", n, c->text);
	diag_hint(diags, "%s", c->hint);
}

void lint_scale(const struct conf *conf, bool hashes_networks, struct diags *diags)
{
	enum { SLOTS = 1 << 16 };
	uint16_t *count;

	if (conf->n < MANY_PORTS)
		return;
	count = memory_resize(NULL, SLOTS, sizeof(*count));
	for (size_t i = 0; i < sizeof(hotspots) / sizeof(hotspots[0]); i++) {
		const struct stmt *like = NULL;

		if (hotspots[i].rule != PREFIXES || !hashes_networks)
			like = find_many(conf, &hotspots[i], count, SLOTS);
		if (like != NULL)
			report_hotspot(conf, &hotspots[i], like, diags);
	}
	free(count);
}
