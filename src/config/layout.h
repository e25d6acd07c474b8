/* SPDX-License-Identifier: ISC */
/*
 * The canonical layout of a text of statements: blanks and line ends, nothing else. Knows where a statement
 * may break.
 */
#ifndef CONFIG_LAYOUT_H
#define CONFIG_LAYOUT_H

#include "text/source.h"

struct buf;

/* Appends the text, which reads without an error, laid out; comments and the bytes of every word are kept. */
void layout(const struct source *src, struct buf *out);

#endif
