/* SPDX-License-Identifier: ISC */
/* Explains why a word is not an address. */
#ifndef CONFIG_MISREAD_ADDRESS_H
#define CONFIG_MISREAD_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/*
 * Explains a word of n bytes that addr_parse() does not accept. Returns false if it may be a host name.
 * Otherwise appends to what a text that follows the quoted word (" is a range: ...") and, if there is advice,
 * to hint what to write. range: a prefix is allowed at this place.
 */
bool misread_address(const char *word, size_t n, bool range, struct buf *what, struct buf *hint);

#endif
