/* SPDX-License-Identifier: ISC */
/* A short fingerprint of a secret, to be compared over the telephone. Knows bytes only. */
#ifndef BASE_FINGERPRINT_H
#define BASE_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

enum { FINGERPRINT_LEN = sizeof("0123-4567-89ab") };

/* Returns text: equal for equal bytes. Whoever can guess the secret can check the guess with it. */
const char *fingerprint_text(const uint8_t *secret, size_t n, char text[FINGERPRINT_LEN]);

#endif
