/* SPDX-License-Identifier: ISC */
/*
 * A set of selectors that quickly finds those that contain a given one; and questions about two selectors.
 * Knows no statement and no lint rule.
 */
#ifndef TABLES_SELECTOR_SET_H
#define TABLES_SELECTOR_SET_H

#include "base/hash.h"
#include "model/model.h"

/*
 * Selectors are hashed. To find those that contain a given one, the set tries each prefix length of sources
 * in use; for a source that exists it tries the shapes that selectors with this source have, mostly one or
 * two. A shape is a combination of prefix lengths and port masks. Zero-initialised is empty; the owner frees
 * it.
 */
struct selector_set {
	struct hash_table number; /* by selector: its number; by source: the first of its shapes, from 1 */
	struct source_prefix { uint8_t family, plen; } *prefix;
	/* a list for each source: next is the place of the next shape, from 1; 0 ends it */
	struct shape { uint64_t shape; uint32_t next; } *shape;
	size_t nprefixes, capprefixes, nshapes, capshapes;
};

/* The state of a search; zero-initialise it to begin. */
struct selector_walk {
	size_t prefix;
	uint32_t shape;
	unsigned looked;
	bool all;              /* set by the caller: find all, however many shapes one source has */
};

/* A hash. The kind is a number that the caller chooses: selectors of different kinds never match. */
uint64_t selector_hash(uint64_t kind, const struct selector *sel);

/* A hash of two addresses, without prefix lengths and ports. */
uint64_t addr_pair_hash(uint64_t kind, const struct addr *src, const struct addr *dst);

/* Adds a selector with a number other than 0, unless the set has it. Returns its number in the set. */
uint32_t selector_set_add(struct selector_set *set, uint64_t kind, const struct selector *sel,
                          uint32_t number);

/* The number of exactly this selector, 0 if it is not in the set. */
uint32_t selector_set_find(const struct selector_set *set, uint64_t kind, const struct selector *sel);

/*
 * The number of the next selector that contains this one or is equal to it; 0: no more. They come in no
 * particular order. All are found, unless more than a thousand have one source and different shapes: then
 * only the latest, if the caller has not set walk->all.
 */
uint32_t selector_set_next(const struct selector_set *set, uint64_t kind, const struct selector *sel,
                           struct selector_walk *walk);

void selector_set_free(struct selector_set *set);

/* True if all addresses of a lie within the range. */
bool addr_contains(const struct addr *range, const struct addr *a);

/* The network with that prefix length that contains the address, whose own prefix length is not shorter. */
struct addr addr_network(const struct addr *a, unsigned plen);

/* The selector of a policy, with port masks as the kernel has them: 0 is any port. */
struct selector policy_selector(const struct policy *p);

/* The selector for all packets between two ranges of addresses. */
struct selector selector_of_addrs(const struct addr *src, const struct addr *dst);

/* True if some protocol and ports match both; addresses are not compared. */
bool selector_shares_protocol(const struct selector *a, const struct selector *b);

/* True if some pair of addresses matches both. */
bool selector_shares_addrs(const struct selector *a, const struct selector *b);

/* The selector of the answers: source and destination exchanged. */
struct selector selector_reversed(const struct selector *s);

#endif
