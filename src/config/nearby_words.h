/* SPDX-License-Identifier: ISC */
/*
 * Finds whole words around the place of an error: text between blanks, where the scanner may see several
 * tokens. Only for config/.
 */
#ifndef CONFIG_NEARBY_WORDS_H
#define CONFIG_NEARBY_WORDS_H

#include "config/parse_internal.h"

/*
 * The word that contains the offset, up to the next blank, ';' or '#'. Length 0 if the offset is between
 * words.
 */
struct span word_around(const struct parse *p, uint32_t off);

/*
 * The word before a word that begins at the offset, and the word after a word, in the same statement. Length
 * 0 if there is none.
 */
struct span word_before(const struct parse *p, uint32_t off);
struct span word_after(const struct parse *p, struct span word);

/* True if the word is a verb, which means that a ';' may be missing before it. */
bool word_is_verb(const struct parse *p, struct span word);

#endif
