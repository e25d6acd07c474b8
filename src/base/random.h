/* SPDX-License-Identifier: ISC */
/* Random bytes for keys. Knows getrandom(2) only. */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>

/* Fills n bytes from the kernel's generator, waiting for it to be ready. Returns 0 or -errno. */
int random_fill(void *to, size_t n);

#endif
