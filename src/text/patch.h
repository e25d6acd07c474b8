/* SPDX-License-Identifier: ISC */
/* Edits of a text applied, and shown as a unified diff. Knows texts and findings, not what they mean. */
#ifndef TEXT_PATCH_H
#define TEXT_PATCH_H

#include "text/diag.h"

/* The edits of all findings about one source, in order, none over another. Zero-initialised is empty. */
struct patch {
	struct source *src;
	struct edit *edit;   /* owned; the texts are the findings' */
	size_t n;
};

/*
 * Takes up the edits of the findings, which are sorted: all of a finding's or, where they meet those of one
 * before it, none. The index of the finding is set in taken, an array of d->n.
 */
void patch_collect(struct patch *p, const struct diags *d, struct source *src, bool *chosen);

/* Appends the text with all edits made. */
void patch_apply(const struct patch *p, struct buf *out);

/*
 * Appends the difference to to, what patch_apply made. Keys are masked unless they are to be shown: then it
 * cannot be applied, and false is returned.
 */
bool patch_diff(const struct patch *p, struct source *to, bool show_keys, struct buf *out);

void patch_free(struct patch *p);

#endif
