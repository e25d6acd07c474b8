/* SPDX-License-Identifier: ISC */
/* A short name for a secret, to be compared over the telephone. Knows bytes only. */
#ifndef BASE_FINGERPRINT_H
#define BASE_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

enum { FINGERPRINT_LEN = sizeof("0123-4567-89ab") };

/* Equal for equal bytes. Whoever can guess the bytes can see that he is right. */
const char *fingerprint_text(const uint8_t *secret, size_t n, char text[FINGERPRINT_LEN]);

#endif
