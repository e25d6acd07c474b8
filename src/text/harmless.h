/* SPDX-License-Identifier: ISC */
/*
 * Decides what of a word may be shown: what is known to be no key, and what is too short for one. Knows no
 * grammar.
 */
#ifndef TEXT_HARMLESS_H
#define TEXT_HARMLESS_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct source;
struct span;

/* The words and names of a language, which a higher rank knows. */
struct vocabulary {
	/* a fixed word, such as hmac-sha256-128, or a misspelt one */
	bool (*has_word)(const char *word, size_t n);
	/* a name that is defined in the texts that were read */
	bool (*has_name)(const void *names, const char *name, size_t n);
};

/*
 * Finds the first part of the n bytes, at *from or later, that is long enough for a key and not known to be
 * none. True if there is one, with its place in *from and *len.
 */
bool harmless_find_suspect(const struct vocabulary *v, const char *p, size_t n, size_t *from, size_t *len);

/* Appends a word of the text for a message, masked where harmless_find_suspect finds something. */
void harmless_put(const struct source *s, const char *p, size_t n, struct buf *out);

/*
 * Appends the name of a file that the text gives: the part of it that exists as it is, the rest as
 * harmless_put.
 */
void harmless_put_path(const struct source *s, const char *path, struct buf *out);

/* True if one of the n bytes is a digit: text without one is no key. */
bool harmless_has_digit(const char *p, size_t n);

/*
 * How many of the n bytes of a file's name, relative to the folder of the text, exist: all of them, or those
 * of its longest folder that does.
 */
size_t harmless_path(const struct source *s, const char *name, size_t n);

#endif
