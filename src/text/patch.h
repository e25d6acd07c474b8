/* SPDX-License-Identifier: ISC */
/* Applies edits to a text, or shows them as a unified diff. Knows texts and findings, not what they mean. */
#ifndef TEXT_PATCH_H
#define TEXT_PATCH_H

#include "text/diag.h"

/* The edits of all findings about one source, in order, none overlapping. Zero-initialised is empty. */
struct patch {
	struct source *src;
	struct edit *edit;   /* owned; the texts are the findings' */
	size_t n;
};

/*
 * Collects the edits of the findings, which are sorted: all of a finding or, if one overlaps an edit of an
 * earlier finding, none. Sets chosen, an array of d->n, for each finding whose edits are collected.
 */
void patch_collect(struct patch *p, const struct diags *d, struct source *src, bool *chosen);

/* Appends the text with all edits made. */
void patch_apply(const struct patch *p, struct buf *out);

/*
 * Appends the difference to the text to, which patch_apply made. Keys are masked unless show_keys is set;
 * false: a key was masked, so that the difference cannot be applied.
 */
bool patch_diff(const struct patch *p, struct source *to, bool show_keys, struct buf *out);

void patch_free(struct patch *p);

#endif
