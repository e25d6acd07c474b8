/* Which selectors contain a given one, without comparing it with each. Knows selectors, no statement and no rule. */
#ifndef LINT_COVER_H
#define LINT_COVER_H

#include "lint/index.h"
#include "model/model.h"

/*
 * Selectors are hashed, and looked for once for each shape, which is a combination of prefix lengths and
 * port masks, that is in use: files use few. Zero-initialised is empty; the owner frees it.
 */
struct cover {
	struct index index;
	uint64_t *shape;
	size_t nshapes, cap;
};

/* A number for that very selector of a kind. */
uint64_t cover_name(uint64_t kind, const struct selector *sel);

/* Puts a number, not 0, to a selector of a kind; returns it, or the one that was there before. */
uint32_t cover_add(struct cover *c, uint64_t kind, const struct selector *sel, uint32_t number);

/* The number of that very selector, or 0. */
uint32_t cover_find(const struct cover *c, uint64_t kind, const struct selector *sel);

/* The next number of a selector that contains this one, itself included; *at is 0 in the beginning. 0: no more. */
uint32_t cover_next(const struct cover *c, uint64_t kind, const struct selector *sel, size_t *at);

void cover_free(struct cover *c);

/* The network of that length around an address, which is at least as long. */
struct addr cover_network(const struct addr *a, unsigned plen);

/* What packets a policy is for, its masks made plain. */
struct selector cover_selector(const struct policy *p);

/* The same, of all protocols and ports. */
struct selector cover_addresses(const struct addr *src, const struct addr *dst);

#endif
