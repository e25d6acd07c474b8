/* A hash table from what names something to a number. Knows neither the model nor a rule. */
#include "lint/index.h"

#include "base/hash.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

uint64_t index_mix(uint64_t hash, const void *p, size_t n)
{
	return hash_mix(hash, p, n);
}

/* Where the name is or would be; 0 names an empty slot. */
static struct slot *probe(const struct index *x, uint64_t name)
{
	size_t i = name & (x->cap - 1);

	while (x->slot[i].name != 0 && x->slot[i].name != name)
		i = (i + 1) & (x->cap - 1);
	return &x->slot[i];
}

static void grow(struct index *x)
{
	struct index old = *x;

	x->cap = old.cap ? 2 * old.cap : 64;
	x->slot = memory_resize(NULL, x->cap, sizeof(*x->slot));
	memset(x->slot, 0, x->cap * sizeof(*x->slot));
	for (size_t i = 0; i < old.cap; i++)
		if (old.slot[i].name != 0)
			*probe(x, old.slot[i].name) = old.slot[i];
	free(old.slot);
}

uint32_t *index_at(struct index *x, uint64_t name)
{
	struct slot *s;

	name = name ? name : 1;
	if (2 * x->n >= x->cap)
		grow(x);
	s = probe(x, name);
	if (s->name == 0) {
		s->name = name;
		x->n++;
	}
	return &s->number;
}

uint32_t index_find(const struct index *x, uint64_t name)
{
	return x->cap == 0 ? 0 : probe(x, name ? name : 1)->number;
}

void index_free(struct index *x)
{
	free(x->slot);
	*x = (struct index){ 0 };
}
