/* SPDX-License-Identifier: ISC */
/*
 * What the bytes of a key betray: that they are known, or follow a rule. Knows bytes, no statements and no
 * findings.
 */
#ifndef LINT_KEY_QUALITY_H
#define LINT_KEY_QUALITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True if the key begins like one that was published. */
bool weak_is_published(const uint8_t *key, size_t n);

/* Overwrites what looking for the last one may have left on the stack. */
void weak_forget(void);

/* How the bytes could be guessed, to follow "the key"; NULL if they look random. */
const char *weak_pattern(const uint8_t *key, size_t n);

/* True if the key is text that says of itself that it is none: changeme, secret, test. */
bool weak_is_placeholder(const uint8_t *key, size_t n);

/* The like for DES, n 8, and 3DES, n 24: what makes the key none of that length. */
const char *weak_des(const uint8_t *key, size_t n);

/* True if the first and the third part of a 3DES key are the same. */
bool weak_is_two_key(const uint8_t *key, size_t n);

/* True if every byte has odd parity, as DES keys should. */
bool weak_has_parity(const uint8_t *key, size_t n);

#endif
