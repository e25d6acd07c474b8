/*
 * Hashes for tables in memory, seeded anew in each run: nobody can choose names that all fall into one slot.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* What n bytes make of a hash so far, 0 at the beginning: another number in each run. */
uint64_t hash_mix(uint64_t hash, const void *p, size_t n);

#endif
