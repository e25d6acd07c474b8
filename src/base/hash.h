/* SPDX-License-Identifier: ISC */
/*
 * Hashes for tables in memory, seeded anew in each run: nobody can choose names that all fall into one slot;
 * and a table from such a hash to a number.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Hashes n bytes onto the hash so far, at the beginning 0 or any number. Another result in each run. */
uint64_t hash_mix(uint64_t hash, const void *p, size_t n);

struct hash_slot {
	uint64_t hash;
	uint32_t number;
};

/*
 * Keyed by 64 bits of hash alone: of a million names two are taken for one in one run of forty million.
 * Zero-initialised is empty; the owner frees it.
 */
struct hash_table {
	struct hash_slot *slot;
	size_t n, cap;
};

/* The number under a hash, 0 when it is new; the pointer is good until the next call. */
uint32_t *hash_at(struct hash_table *t, uint64_t hash);

/* The same without adding it: 0 if there is none. */
uint32_t hash_find(const struct hash_table *t, uint64_t hash);

/* Makes room for n in all, so that the table does not grow on the way there. */
void hash_reserve(struct hash_table *t, size_t n);

void hash_free(struct hash_table *t);

#endif
