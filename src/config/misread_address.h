/* SPDX-License-Identifier: ISC */
/* Explains a word that is no address where one is expected. */
#ifndef CONFIG_MISREAD_ADDRESS_H
#define CONFIG_MISREAD_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/*
 * False: it may well be a host's name. True: what says what it is, to follow the word (" is a range:
 * ..."), and hint, if it is not empty then, what to write. range: a prefix is allowed.
 */
bool misread_address(const char *word, size_t n, bool range, struct buf *what, struct buf *hint);

#endif
