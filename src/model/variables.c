/* SPDX-License-Identifier: ISC */
/* Names that files define: words for $NAME, keys for @NAME. Plain old data, no I/O. */
#include "model/variables.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

static uint32_t name_hash(enum variable_kind kind, const char *name, size_t n)
{
	return (uint32_t)hash_mix(kind, name, n);
}

/* Returns the slot of the variable, or the free slot for it. The table always has a free slot. */
static struct variable *find_slot(const struct variables *b, const struct variable *what)
{
	size_t i = what->hash & (b->cap - 1);

	for (; b->slot[i].name != NULL; i = (i + 1) & (b->cap - 1)) {
		const struct variable *s = &b->slot[i];

		if (s->hash == what->hash && s->kind == what->kind && s->n == what->n &&
		    memcmp(s->name, what->name, s->n) == 0)
			break;
	}
	return &b->slot[i];
}

const struct variable *variable_find(const struct variables *b, enum variable_kind kind, const char *name,
                                   size_t n)
{
	struct variable what = {
		.kind = kind, .hash = name_hash(kind, name, n), .name = name, .n = (uint32_t)n
	};
	const struct variable *found = b->n > 0 ? find_slot(b, &what) : NULL;

	return found != NULL && found->name != NULL ? found : NULL;
}

static void grow_table(struct variables *b)
{
	struct variables more = { .arena = b->arena, .n = b->n, .cap = b->cap ? 2 * b->cap : 16 };

	more.slot = memory_resize(NULL, more.cap, sizeof(*more.slot));
	memset(more.slot, 0, more.cap * sizeof(*more.slot));
	for (size_t i = 0; i < b->cap; i++)
		if (b->slot[i].name != NULL)
			*find_slot(&more, &b->slot[i]) = b->slot[i];
	free(b->slot);
	*b = more;
}

void variable_add(struct variables *b, const struct variable *what)
{
	struct variable copy = *what;

	if (2 * b->n >= b->cap)
		grow_table(b);
	copy.hash = name_hash(what->kind, what->name, what->n);
	copy.name = arena_copy(&b->arena, what->name, what->n);
	copy.value = arena_copy(&b->arena, what->value, what->len);
	*find_slot(b, &copy) = copy;
	b->n++;
}

void variables_keep(struct variables *b)
{
	for (size_t i = 0; i < b->cap; i++)
		b->slot[i].src = NULL;
}

void variables_free(struct variables *b)
{
	arena_free(&b->arena);
	free(b->slot);
	*b = (struct variables){ 0 };
}
