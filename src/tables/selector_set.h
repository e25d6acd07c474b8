/* SPDX-License-Identifier: ISC */
/*
 * A set of selectors with a fast answer to which of them contain a given one; and what can be asked of two
 * selectors. Knows no statement and no lint rule.
 */
#ifndef TABLES_SELECTOR_SET_H
#define TABLES_SELECTOR_SET_H

#include "base/hash.h"
#include "model/model.h"

/*
 * Selectors are hashed. Those that contain a given one are looked for by the lengths of the source prefixes
 * in use, and then, where there is such a source, by the shapes of the rest that it has, which are mostly one
 * or two: a shape is a combination of prefix lengths and port masks. Zero-initialised is empty; the owner
 * frees it.
 */
struct selector_set {
	struct hash_table number; /* by selector; and by source: where its list of shapes begins */
	struct source_prefix { uint8_t family, plen; } *prefix;
	/* those of one source are a list: next is the place of the next one, from 1; 0 ends it */
	struct shape { uint64_t shape; uint32_t next; } *shape;
	size_t nprefixes, capprefixes, nshapes, capshapes;
};

/* How far a search has come; it begins zero-initialised. */
struct selector_walk {
	size_t prefix;
	uint32_t shape;
	unsigned looked;
};

/* Kinds are numbers that the caller chooses: selectors of different kinds never meet. */
uint64_t selector_hash(uint64_t kind, const struct selector *sel);

/* Of the two addresses alone, without prefix length and port. */
uint64_t addr_pair_hash(uint64_t kind, const struct addr *src, const struct addr *dst);

/* Adds a selector with a number other than 0, if it is new. Returns the number that it has in the set. */
uint32_t selector_set_add(struct selector_set *set, uint64_t kind, const struct selector *sel,
                          uint32_t number);

/* The number of exactly this selector, 0 if it is not in the set. */
uint32_t selector_set_find(const struct selector_set *set, uint64_t kind, const struct selector *sel);

/*
 * The number of the next selector that contains this one, or is equal to it; 0: no more. Their order means
 * nothing. All are found, unless more than a thousand have one source and different port masks: then the
 * latest.
 */
uint32_t selector_set_next(const struct selector_set *set, uint64_t kind, const struct selector *sel,
                           struct selector_walk *walk);

void selector_set_free(struct selector_set *set);

/* True if all of the addresses of a lie within the range. */
bool addr_contains(const struct addr *range, const struct addr *a);

/* The network of that length around an address, which is at least as long. */
struct addr addr_network(const struct addr *a, unsigned plen);

/* The packets that a policy is for, with port masks as the kernel has them: 0 is any port. */
struct selector policy_selector(const struct policy *p);

/* The packets between two ranges of addresses, of all protocols and ports. */
struct selector selector_of_addrs(const struct addr *src, const struct addr *dst);

/* True if some protocol and ports match both, whatever the addresses. */
bool selector_shares_protocol(const struct selector *a, const struct selector *b);

/* True if some pair of addresses matches both. */
bool selector_shares_addrs(const struct selector *a, const struct selector *b);

/* The answers to its packets: source and destination exchanged. */
struct selector selector_reversed(const struct selector *s);

#endif
