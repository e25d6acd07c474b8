/* A hash table from what names something to a number. Knows neither the model nor a rule. */
#ifndef LINT_INDEX_H
#define LINT_INDEX_H

#include <stddef.h>
#include <stdint.h>

struct slot {
	uint64_t name;
	uint32_t number;
};

/*
 * By 64 bits of hash alone: of a million names two are taken for one in one run of forty million.
 * Zero-initialised is empty; the owner frees it.
 */
struct index {
	struct slot *slot;
	size_t n, cap;
};

/* Mixes n bytes into a hash, which begins as any number. */
uint64_t index_mix(uint64_t hash, const void *p, size_t n);

/* The number under a name, 0 when it is new; good until the next call. */
uint32_t *index_at(struct index *x, uint64_t name);

/* The same without making room: 0 for what is not there. */
uint32_t index_find(const struct index *x, uint64_t name);

void index_free(struct index *x);

#endif
