/* SPDX-License-Identifier: ISC */
/* Whether the running kernel has an algorithm. */
#ifndef RUN_TRY_ALG_H
#define RUN_TRY_ALG_H

#include "kernel/kernel.h"

/*
 * What adding and deleting an SA with it came to: "yes", or why not. To be called in a network namespace of
 * its own: kernel_isolate.
 */
const char *alg_try(const struct alg *a, enum via via);

#endif
