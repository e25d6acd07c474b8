/* SPDX-License-Identifier: ISC */
/* What the texts of a unit give names to: words for $NAME, keys for @NAME. Plain old data; no I/O. */
#ifndef MODEL_VARIABLES_H
#define MODEL_VARIABLES_H

#include "base/memory.h"
#include "text/source.h"

enum variable_kind { BINDING_WORD, BINDING_KEY };

struct variable {
	enum variable_kind kind; /* each kind has names of its own */
	uint32_t hash;
	const char *name;    /* n bytes, no NUL */
	uint32_t n, len;
	const char *value;   /* len bytes: the value of the word, or the key itself */
	struct source *src;  /* where it is made; NULL: no longer there */
	struct span at;
};

/* Zero-initialised is empty; the owner frees it. */
struct variables {
	struct arena arena;
	struct variable *slot; /* a hash table: those without a name are free */
	size_t n, cap;
	bool partial;         /* a file of them could not be read */
};

/* NULL: there is none. */
const struct variable *variable_find(const struct variables *b, enum variable_kind kind, const char *name,
                                   size_t n);

/* Adds a copy of what is none of the names so far; its hash need not be set. */
void variable_add(struct variables *b, const struct variable *what);

/* The texts are about to go: what they made stays, without a place. */
void bindings_keep(struct variables *b);

/* Overwrites and frees them. */
void bindings_free(struct variables *b);

#endif
