/* SPDX-License-Identifier: ISC */
/* Explains why a word is not an address. */
#ifndef CONFIG_MISREAD_ADDRESS_H
#define CONFIG_MISREAD_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* What an address at this place may have: a prefix length and a port, a port alone, or neither. */
enum address_place { ADDRESS_RANGE, ADDRESS_HOST, ADDRESS_BARE };

/*
 * Explains a word of n bytes that addr_parse() does not accept. Returns false if it may be a host name.
 * Otherwise appends to what a text that follows the quoted word (" is a range: ...") and, if there is advice,
 * to hint what to write.
 */
bool misread_address(const char *word, size_t n, enum address_place place, struct buf *what,
                     struct buf *hint);

#endif
