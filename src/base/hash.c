/* SPDX-License-Identifier: ISC */
/*
 * Hashes for tables in memory, with another seed in each run, so that nobody can choose names that all fall
 * into one slot; and a table from such a hash to a number.
 */
#include "base/hash.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

static uint64_t rotate_left(uint64_t v, unsigned by)
{
	return v << by | v >> (64 - by);
}

/* One round of SipHash. */
static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate_left(v[1], 13) ^ v[0];
	v[0] = rotate_left(v[0], 32);
	v[2] += v[3];
	v[3] = rotate_left(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate_left(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate_left(v[1], 17) ^ v[2];
	v[2] = rotate_left(v[2], 32);
}

/* The kernel gives each program 16 random bytes at its start, even before getrandom(2) is ready. */
static const uint64_t *get_seed(void)
{
	static uint64_t key[2];
	unsigned long at = key[0] == 0 ? getauxval(AT_RANDOM) : 0;
	const void *random;

	memcpy(&random, &at, sizeof(random));
	if (random != NULL)
		memcpy(key, random, sizeof(key));
	key[0] |= 1;
	return key;
}

/* SipHash-1-3 of the hash so far and the bytes. */
uint64_t hash_mix(uint64_t hash, const void *p, size_t n)
{
	const uint64_t *key = get_seed();
	uint64_t v[4] = { key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d ^ hash,
	                  key[0] ^ 0x6c7967656e657261, key[1] ^ 0x7465646279746573 ^ n };
	const uint8_t *at = p;
	size_t words = (n + sizeof(uint64_t) - 1) / sizeof(uint64_t);

	/*
	 * One loop for words and finalisation, so that sip_round is inlined: lint spends half its time here.
	 */
	for (size_t i = 0; i < words + 3; i++) {
		uint64_t word = 0;
		size_t from = i * sizeof(word);

		if (from < n)
			memcpy(&word, at + from, n - from < sizeof(word) ? n - from : sizeof(word));
		v[2] ^= i == words ? 0xff : 0;
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
	}
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* The slot of the hash, or the empty one, marked by 0, where it would go. */
static struct hash_slot *find_slot(const struct hash_table *t, uint64_t hash)
{
	size_t i = hash & (t->cap - 1);

	while (t->slot[i].hash != 0 && t->slot[i].hash != hash)
		i = (i + 1) & (t->cap - 1);
	return &t->slot[i];
}

static void grow_table(struct hash_table *t, size_t cap)
{
	struct hash_table old = *t;

	t->cap = cap;
	t->slot = memory_pages(t->cap * sizeof(*t->slot));
	memset(t->slot, 0, t->cap * sizeof(*t->slot));
	for (size_t i = 0; i < old.cap; i++)
		if (old.slot[i].hash != 0)
			*find_slot(t, old.slot[i].hash) = old.slot[i];
	free(old.slot);
}

void hash_reserve(struct hash_table *t, size_t n)
{
	size_t cap = t->cap ? t->cap : 64;

	while (2 * n > cap)
		cap *= 2;
	if (cap > t->cap)
		grow_table(t, cap);
}

uint32_t *hash_at(struct hash_table *t, uint64_t hash)
{
	struct hash_slot *s;

	hash = hash ? hash : 1;
	if (2 * t->n >= t->cap)
		grow_table(t, t->cap ? 2 * t->cap : 64);
	s = find_slot(t, hash);
	if (s->hash == 0) {
		s->hash = hash;
		t->n++;
	}
	return &s->number;
}

uint32_t hash_find(const struct hash_table *t, uint64_t hash)
{
	return t->cap == 0 ? 0 : find_slot(t, hash ? hash : 1)->number;
}

void hash_free(struct hash_table *t)
{
	free(t->slot);
	*t = (struct hash_table){ 0 };
}
