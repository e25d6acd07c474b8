/* SPDX-License-Identifier: ISC */
/* Where the keys of a text are, and how they show instead. Knows no grammar: the text may not parse. */
#ifndef TEXT_SECRET_H
#define TEXT_SECRET_H

#include "text/source.h"

/* A part of the text that is not to be shown. */
struct secret {
	struct span at;
	bool is_name; /* it is, once something defines it */
};

/* The first key that ends after off and begins before end, or NULL. The text is read as far as that takes. */
const struct span *secret_after(struct source *s, uint32_t off, uint32_t end);

/* True if there is a key in it, or a comment, which may have been one, with hex digits. */
bool secret_has_key(struct source *s);

/* Appends what stands for the key: 0x...(16 bytes), "..."(24 bytes), ...(9 bytes), or # ... for a comment. */
void secret_put(const struct source *s, struct span key, struct buf *out);

#endif
