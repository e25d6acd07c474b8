/* SPDX-License-Identifier: ISC */
/*
 * Canonical layout of a text of statements. Changes only blanks and line ends, and knows where a statement
 * may be broken.
 */
#ifndef CONFIG_LAYOUT_H
#define CONFIG_LAYOUT_H

#include "text/source.h"

struct buf;

/*
 * Appends the text of src in canonical layout. The text must be free of errors. Comments and the bytes of
 * every word are kept.
 */
void layout(const struct source *src, struct buf *out);

#endif
