/* SPDX-License-Identifier: ISC */
/* Whether the running kernel has an algorithm. */
#ifndef RUN_PROBE_ALG_H
#define RUN_PROBE_ALG_H

#include "kernel/kernel.h"

/*
 * Adds and deletes an SA with the algorithm: returns "yes", or why that failed. Call it in a network
 * namespace of its own, see kernel_isolate.
 */
const char *alg_try(const struct alg *a, enum via via);

#endif
