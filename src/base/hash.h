/* SPDX-License-Identifier: ISC */
/*
 * Hashes for tables in memory, with another seed in each run, so that nobody can choose names that all fall
 * into one slot; and a table from such a hash to a number.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* The hash of n more bytes after the hash so far, which begins with any number. It differs in each run. */
uint64_t hash_mix(uint64_t hash, const void *p, size_t n);

struct hash_slot {
	uint64_t hash;
	uint32_t number;
};

/*
 * Keyed by the 64 bits of the hash alone: with a million names, two have one hash in one of forty million
 * runs. Zero-initialised is empty; the owner frees it.
 */
struct hash_table {
	struct hash_slot *slot;
	size_t n, cap;
};

/* The number of a hash, which is added with 0 if it is new; the pointer is valid until the next call. */
uint32_t *hash_at(struct hash_table *t, uint64_t hash);

/* The same without adding it: 0 if there is none. */
uint32_t hash_find(const struct hash_table *t, uint64_t hash);

/* Makes room for n hashes in all, so that the table need not grow before that. */
void hash_reserve(struct hash_table *t, size_t n);

void hash_free(struct hash_table *t);

#endif
