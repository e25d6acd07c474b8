/* SPDX-License-Identifier: ISC */
/*
 * A set of selectors that quickly finds those that contain a given one; and questions about two selectors.
 * Knows no statement and no lint rule.
 */
#include "tables/selector_set.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

/* Packs a shape into 64 bits: family, two prefix lengths, whether any protocol matches, two port masks. */
static uint64_t pack_shape(const struct selector *s)
{
	return (uint64_t)s->src.family << 56 | (uint64_t)s->src.plen << 48 | (uint64_t)s->dst.plen << 40 |
	       (uint64_t)(s->upper == UPPER_ANY) << 32 | (uint32_t)s->sport_mask << 16 | s->dport_mask;
}

/* True if some selector of that shape could contain this one. */
static bool may_contain(uint64_t shape, const struct selector *s)
{
	uint16_t sport = (uint16_t)(shape >> 16), dport = (uint16_t)shape;

	return shape >> 56 == s->src.family && (shape >> 48 & 255) <= s->src.plen &&
	       (shape >> 40 & 255) <= s->dst.plen && (shape >> 32 & 1 || s->upper != UPPER_ANY) &&
	       (sport & s->sport_mask) == sport && (dport & s->dport_mask) == dport;
}

static uint64_t mask_word(uint64_t word, unsigned plen)
{
	return plen == 0 ? 0 : plen >= 64 ? word : word & ~(UINT64_MAX >> plen);
}

static void put_range(uint64_t to[2], const struct addr *a, unsigned plen)
{
	memcpy(to, a->bytes, sizeof(a->bytes));
	to[0] = htobe64(mask_word(be64toh(to[0]), plen));
	to[1] = htobe64(mask_word(be64toh(to[1]), plen > 64 ? plen - 64 : 0));
}

bool addr_contains(const struct addr *range, const struct addr *a)
{
	unsigned whole = range->plen / 8, rest = range->plen % 8;

	if (a->family != range->family || a->plen < range->plen || memcmp(a->bytes, range->bytes, whole) != 0)
		return false;
	return rest == 0 || (a->bytes[whole] ^ range->bytes[whole]) >> (8 - rest) == 0;
}

struct addr addr_network(const struct addr *a, unsigned plen)
{
	struct addr network = { .family = a->family, .plen = (uint8_t)plen };
	uint64_t words[2];

	put_range(words, a, plen);
	memcpy(network.bytes, words, sizeof(words));
	return network;
}

/* The hash of the selector of that shape that contains this one. */
static uint64_t shape_hash(uint64_t kind, uint64_t shape, const struct selector *s)
{
	uint64_t words[7] = { kind, shape };

	put_range(words + 2, &s->src, shape >> 48 & 255);
	put_range(words + 4, &s->dst, shape >> 40 & 255);
	words[6] = (uint64_t)(shape >> 32 & 1 ? UPPER_ANY : s->upper) << 32 |
	           (uint32_t)(s->src.port & shape >> 16 & 0xffff) << 16 | (s->dst.port & shape & 0xffff);
	return hash_mix(0, words, sizeof(words));
}

uint64_t selector_hash(uint64_t kind, const struct selector *sel)
{
	return shape_hash(kind, pack_shape(sel), sel);
}

uint64_t addr_pair_hash(uint64_t kind, const struct addr *src, const struct addr *dst)
{
	uint8_t bytes[2 * sizeof(src->bytes)];

	memcpy(bytes, src->bytes, sizeof(src->bytes));
	memcpy(bytes + sizeof(src->bytes), dst->bytes, sizeof(dst->bytes));
	return hash_mix(kind, bytes, sizeof(bytes));
}

/* The hash of the selector's source, cut to that length. */
static uint64_t source_hash(uint64_t kind, unsigned plen, const struct selector *s)
{
	uint64_t words[4] = { kind, (uint64_t)s->src.family << 8 | plen };

	put_range(words + 2, &s->src, plen);
	return hash_mix(2, words, sizeof(words));
}

static void add_prefix(struct selector_set *set, uint8_t family, uint8_t plen)
{
	for (size_t i = 0; i < set->nprefixes; i++)
		if (set->prefix[i].family == family && set->prefix[i].plen == plen)
			return;
	set->prefix = memory_grow(set->prefix, set->nprefixes, &set->capprefixes, sizeof(*set->prefix));
	set->prefix[set->nprefixes++] = (struct source_prefix){ family, plen };
}

static void add_shape(struct selector_set *set, uint64_t source, uint64_t shape)
{
	uint32_t *known = hash_at(&set->number, hash_mix(source, &shape, sizeof(shape))), *first;

	if (*known != 0)
		return;
	*known = 1;
	first = hash_at(&set->number, source);
	set->shape = memory_grow(set->shape, set->nshapes, &set->capshapes, sizeof(*set->shape));
	set->shape[set->nshapes++] = (struct shape){ shape, *first };
	*first = (uint32_t)set->nshapes;
}

uint32_t selector_set_add(struct selector_set *set, uint64_t kind, const struct selector *sel,
                          uint32_t number)
{
	uint64_t shape = pack_shape(sel);
	uint32_t *at = hash_at(&set->number, shape_hash(kind, shape, sel));

	if (*at != 0)
		return *at;
	*at = number;
	add_prefix(set, sel->src.family, sel->src.plen);
	add_shape(set, source_hash(kind, sel->src.plen, sel), shape);
	return number;
}

uint32_t selector_set_find(const struct selector_set *set, uint64_t kind, const struct selector *sel)
{
	return hash_find(&set->number, selector_hash(kind, sel));
}

/* Goes to the next source that contains the selector's source; false if there is none. */
static bool next_source(const struct selector_set *set, uint64_t kind, const struct selector *sel,
                        struct selector_walk *w)
{
	while (w->prefix < set->nprefixes) {
		const struct source_prefix *p = &set->prefix[w->prefix++];

		if (p->family == sel->src.family && p->plen <= sel->src.plen)
			w->shape = hash_find(&set->number, source_hash(kind, p->plen, sel));
		if (w->shape != 0)
			return true;
	}
	return false;
}

uint32_t selector_set_next(const struct selector_set *set, uint64_t kind, const struct selector *sel,
                           struct selector_walk *w)
{
	enum { LOOK = 1024 }; /* more shapes than prefix lengths and protocols give for one source */

	while ((w->all || w->looked++ < LOOK) && (w->shape != 0 || next_source(set, kind, sel, w))) {
		const struct shape *s = &set->shape[w->shape - 1];
		uint32_t number =
		        may_contain(s->shape, sel) ?
		                hash_find(&set->number, shape_hash(kind, s->shape, sel)) : 0;

		w->shape = s->next;
		if (number != 0)
			return number;
	}
	return 0;
}

void selector_set_free(struct selector_set *set)
{
	hash_free(&set->number);
	free(set->prefix);
	free(set->shape);
	*set = (struct selector_set){ 0 };
}

static uint16_t whole_mask(uint16_t mask, uint16_t port)
{
	return mask != 0 || port == 0 ? mask : 0xffff;
}

struct selector policy_selector(const struct policy *p)
{
	uint8_t upper = p->upper ? p->upper : UPPER_ANY; /* as the kernel has it */

	return (struct selector){ p->src, p->dst, whole_mask(p->sport_mask, p->src.port),
		                  whole_mask(p->dport_mask, p->dst.port), upper };
}

struct selector selector_of_addrs(const struct addr *src, const struct addr *dst)
{
	struct selector s = { *src, *dst, 0, 0, UPPER_ANY };

	s.src.port = s.dst.port = 0;
	return s;
}

struct selector selector_reversed(const struct selector *s)
{
	return (struct selector){ s->dst, s->src, s->dport_mask, s->sport_mask, s->upper };
}

static bool share_port(uint16_t a, uint16_t a_mask, uint16_t b, uint16_t b_mask)
{
	return ((a ^ b) & a_mask & b_mask) == 0;
}

bool selector_shares_protocol(const struct selector *a, const struct selector *b)
{
	return (a->upper == b->upper || a->upper == UPPER_ANY || b->upper == UPPER_ANY) &&
	       share_port(a->src.port, a->sport_mask, b->src.port, b->sport_mask) &&
	       share_port(a->dst.port, a->dport_mask, b->dst.port, b->dport_mask);
}

static bool share_range(const struct addr *a, const struct addr *b)
{
	return addr_contains(a, b) || addr_contains(b, a);
}

bool selector_shares_addrs(const struct selector *a, const struct selector *b)
{
	return share_range(&a->src, &b->src) && share_range(&a->dst, &b->dst);
}
