/* SPDX-License-Identifier: ISC */
/* The kernel's tables as loading the whole unit would leave them, and findings about their entries. */
#ifndef LINT_LOADED_H
#define LINT_LOADED_H

#include "lint/lint.h"
#include "tables/tables.h"

struct loaded {
	const struct lint_input *unit;
	struct tables tables;
};

/*
 * Works out the tables, and reports what is added twice. incomplete: the unit could not be read in full. The
 * caller calls loaded_free.
 */
void loaded_read(struct loaded *l, const struct lint_input *unit, bool incomplete);
void loaded_free(struct loaded *l);

/* The policy with this number: its place in tables.policy, from 1. */
const struct entry *loaded_policy(const struct loaded *l, uint32_t number);

/* Adds a finding at a part of an entry's statement. */
void loaded_add(const struct loaded *l, const struct entry *e, const struct rule *rule, enum part part,
                const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Adds a note to the latest finding, at a part of an entry's statement. */
void loaded_note(const struct loaded *l, const struct entry *e, enum part part, const char *message);

#endif
