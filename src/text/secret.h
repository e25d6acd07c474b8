/* SPDX-License-Identifier: ISC */
/* Finds the keys of a text, and what is shown in their place. Knows no grammar: the text may not parse. */
#ifndef TEXT_SECRET_H
#define TEXT_SECRET_H

#include "text/source.h"

/* A part of the text that is not to be shown. */
struct secret {
	struct span at;
	bool is_name; /* of something: it is shown if it is defined */
};

/* The first key that ends after off and begins before end, or NULL. Scans the text only as far as needed. */
const struct span *secret_after(struct source *s, uint32_t off, uint32_t end);

/* True if there is a key in the text, or a comment with 0x in it, which may hold one. */
bool secret_has_key(struct source *s);

/*
 * Appends what is shown for the key: 0x...(16 bytes), "..."(24 bytes), ...(9 bytes), or # ... for a comment.
 */
void secret_put(const struct source *s, struct span key, struct buf *out);

#endif
