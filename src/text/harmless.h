/* SPDX-License-Identifier: ISC */
/*
 * What may be shown of a word: all that is known to be no key, and all that is too short for one. Knows no
 * grammar.
 */
#ifndef TEXT_HARMLESS_H
#define TEXT_HARMLESS_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct source;
struct span;

/* What a language knows: ranks above this one have it. */
struct vocabulary {
	/* a fixed word, such as hmac-sha256-128, or a slip for one */
	bool (*has_word)(const char *word, size_t n);
	/* the texts that are read define it */
	bool (*has_name)(const void *names, const char *name, size_t n);
};

/*
 * True, with its place in the n bytes, if some part of them at or behind *from is long enough for a key and
 * is not known to be none.
 */
bool harmless_not(const struct vocabulary *v, const char *p, size_t n, size_t *from, size_t *len);

/* Appends a word of the text for a message, masked where harmless_not finds something. */
void harmless_put(const struct source *s, const char *p, size_t n, struct buf *out);

/*
 * Appends the name of a file that the text gives: what there is of it, and as harmless_put what there is not.
 */
void harmless_put_path(const struct source *s, const char *path, struct buf *out);

/* True if one of the n bytes is a digit: what has none is taken for words, not for a key. */
bool harmless_has_digit(const char *p, size_t n);

/*
 * How many of the n bytes, which name a file relative to where the text is, are there: of all, or of its
 * directories.
 */
size_t harmless_path(const struct source *s, const char *name, size_t n);

#endif
