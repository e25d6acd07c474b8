/* SPDX-License-Identifier: ISC */
/*
 * Words of the text around the place of an error, as a person sees them: what is between blanks. For
 * config/ only.
 */
#ifndef CONFIG_WORDS_H
#define CONFIG_WORDS_H

#include "config/parse_internal.h"

/* The word that the offset is in, up to the next blank, ';' or '#'; of no length between two. */
struct span word_around(const struct parse *p, uint32_t off);

/*
 * The words before the offset, which begins one, and after a word, in the same statement; of no length:
 * there is none.
 */
struct span word_before(const struct parse *p, uint32_t off);
struct span word_behind(const struct parse *p, struct span word);

/* The word begins a statement, and so a ';' may be missing before it. */
bool word_is_verb(const struct parse *p, struct span word);

#endif
