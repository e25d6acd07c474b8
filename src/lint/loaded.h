/* SPDX-License-Identifier: ISC */
/* What a whole unit leaves in the kernel's tables, to be judged, and findings about it. */
#ifndef LINT_LOADED_H
#define LINT_LOADED_H

#include "lint/lint.h"
#include "tables/tables.h"

struct loaded {
	const struct lint_input *unit;
	struct tables tables;
};

/*
 * Reads the tables, and finds fault with what is added twice. incomplete: the unit has errors of reading. The
 * caller frees.
 */
void loaded_read(struct loaded *l, const struct lint_input *unit, bool incomplete);
void loaded_free(struct loaded *l);

/* Starts a finding at a part of what was loaded. */
void loaded_add(const struct loaded *l, const struct entry *e, const struct rule *rule, enum part part,
                const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Points at another part of what was loaded. */
void loaded_note(const struct loaded *l, const struct entry *e, enum part part, const char *message);

#endif
