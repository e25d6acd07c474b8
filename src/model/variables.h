/* SPDX-License-Identifier: ISC */
/* Names that files define: words for $NAME, keys for @NAME. Plain old data, no I/O. */
#ifndef MODEL_VARIABLES_H
#define MODEL_VARIABLES_H

#include "base/memory.h"
#include "text/source.h"

enum variable_kind { VARIABLE_WORD, VARIABLE_KEY };

struct variable {
	enum variable_kind kind; /* words and keys are separate: both may define the same name */
	uint32_t hash;
	const char *name;    /* n bytes, not NUL-terminated */
	uint32_t n, len;
	const char *value;   /* len bytes: the value of a word, or the bytes of a key */
	struct source *src;  /* where the name is defined; NULL if that text is gone */
	struct span at;
};

/* All zero is empty. The owner frees it with variables_free. */
struct variables {
	struct arena arena;
	struct variable *slot; /* a hash table; a slot without a name is free */
	size_t n, cap;
	bool partial;         /* a file of keys could not be read, so a name may be missing */
};

/* Returns the variable with this name of n bytes, or NULL. */
const struct variable *variable_find(const struct variables *b, enum variable_kind kind, const char *name,
                                   size_t n);

/* Adds a copy of a variable whose name is not defined yet. Its hash need not be set. */
void variable_add(struct variables *b, const struct variable *what);

/* Keeps the names but forgets where they are defined, because the texts are about to be freed. */
void variables_keep(struct variables *b);

/* Overwrites and frees all variables. */
void variables_free(struct variables *b);

#endif
