/*
 * Which selectors contain a given one, without comparing it with each. Knows selectors, no statement and no
 * rule.
 */
#ifndef LINT_COVER_H
#define LINT_COVER_H

#include "lint/index.h"
#include "model/model.h"

/*
 * Selectors are hashed. Those that contain a given one are looked for by the lengths of the source prefixes
 * in use, and then, where there is such a source, by the shapes of the rest that it has, which are mostly one
 * or two: a shape is a combination of prefix lengths and port masks. Zero-initialised is empty; the owner
 * frees it.
 */
struct cover {
	struct index index;
	struct source_prefix { uint8_t family, plen; } *prefix;
	/* those of one source, each with the place of the next, from 1 */
	struct shape { uint64_t shape; uint32_t next; } *shape;
	size_t nprefixes, capprefixes, nshapes, capshapes;
};

/* How far a search has come; zero-initialised is its beginning. */
struct cover_walk {
	size_t prefix;
	uint32_t shape;
	unsigned looked;
};

/* A number for that very selector of a kind. */
uint64_t cover_name(uint64_t kind, const struct selector *sel);

/* A number for a pair of addresses of a kind. */
uint64_t cover_pair(uint64_t kind, const struct addr *src, const struct addr *dst);

/* Puts a number, not 0, to a selector of a kind; returns it, or the one that was there before. */
uint32_t cover_add(struct cover *c, uint64_t kind, const struct selector *sel, uint32_t number);

/* The number of that very selector, or 0. */
uint32_t cover_find(const struct cover *c, uint64_t kind, const struct selector *sel);

/*
 * The next number of a selector that contains this one, itself included; 0: no more. Without masks of ports
 * all are found; of many with masks, each its own, the latest.
 */
uint32_t cover_next(const struct cover *c, uint64_t kind, const struct selector *sel,
                    struct cover_walk *walk);

void cover_free(struct cover *c);

/* True if all of the addresses of a lie within the range. */
bool cover_contains(const struct addr *range, const struct addr *a);

/* The network of that length around an address, which is at least as long. */
struct addr cover_network(const struct addr *a, unsigned plen);

/* What packets a policy is for, its masks made plain. */
struct selector cover_selector(const struct policy *p);

/* The same, of all protocols and ports. */
struct selector cover_addresses(const struct addr *src, const struct addr *dst);

/* True if protocol and ports of some packets are those of both, whatever their addresses. */
bool cover_shares_protocol(const struct selector *a, const struct selector *b);

/* True if addresses of some packets are those of both. */
bool cover_shares_addresses(const struct selector *a, const struct selector *b);

/* What answers to its packets look like. */
struct selector cover_turned(const struct selector *s);

#endif
