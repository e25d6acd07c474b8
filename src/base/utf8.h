/* SPDX-License-Identifier: ISC */
/* Decodes UTF-8. Knows libc only. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The length in bytes of the character at p, of which n bytes are there, and its code point. 0: it is not
 * UTF-8 (RFC 3629) but cut short, longer than it need be, half of a surrogate pair, or above U+10FFFF.
 */
size_t utf8_character(const char *p, size_t n, uint32_t *character);

/* True if all n bytes are UTF-8. */
bool utf8_is_valid(const char *p, size_t n);

#endif
