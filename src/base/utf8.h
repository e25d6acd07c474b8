/* SPDX-License-Identifier: ISC */
/* Characters of UTF-8. Knows libc only. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The bytes of the character at p, of n there, and which it is; 0: they are none of UTF-8, RFC 3629: cut
 * short, longer than need be, half of a surrogate pair, or above U+10FFFF.
 */
size_t utf8_character(const char *p, size_t n, uint32_t *character);

/* True if all n bytes are UTF-8. */
bool utf8_is_valid(const char *p, size_t n);

#endif
