/* SPDX-License-Identifier: ISC */
/*
 * Judges the bytes of a key: published, guessable, weak for DES. Knows bytes, no statements and no findings.
 */
#ifndef LINT_KEY_QUALITY_H
#define LINT_KEY_QUALITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True if the key begins like one that was published. */
bool weak_is_published(const uint8_t *key, size_t n);

/* Overwrites bytes of a key that weak_is_published may have left on the stack. */
void weak_forget(void);

/*
 * Says how the bytes could be guessed, as the end of a sentence that begins with "the key"; NULL if they look
 * random.
 */
const char *weak_pattern(const uint8_t *key, size_t n);

/* True if the key is text with a word that stands for a key to be filled in: changeme, secret, test. */
bool weak_is_placeholder(const uint8_t *key, size_t n);

/* Says why a key of DES (n is 8) or 3DES (n is 24) is weak, like weak_pattern; NULL if it is not. */
const char *weak_des(const uint8_t *key, size_t n);

/* True if the first and the third part of a 3DES key are the same. */
bool weak_is_two_key(const uint8_t *key, size_t n);

/* True if every byte has odd parity, as DES keys should. */
bool weak_has_parity(const uint8_t *key, size_t n);

#endif
