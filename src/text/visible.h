/* SPDX-License-Identifier: ISC */
/*
 * Makes text from elsewhere safe for terminals and for programs that read lines: characters that either would
 * obey become \n or \033.
 */
#ifndef TEXT_VISIBLE_H
#define TEXT_VISIBLE_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* The bytes of the UTF-8 character at p, at most n, or 0: it is none, or a control character above ASCII. */
size_t visible_character(const char *p, size_t n);

/* Appends the n bytes; control characters, and bytes that are not UTF-8, become \n or \033. */
void visible_put(const char *p, size_t n, struct buf *out);

/* The same for a C string. */
void visible_puts(const char *s, struct buf *out);

/* True if all of the n bytes can be shown as they are. */
bool visible_is_plain(const char *p, size_t n);

#endif
