/* SPDX-License-Identifier: ISC */
/* What whoever started the process left it: descriptors, limits, another user's rights. Knows Linux only. */
#ifndef BASE_SURROUNDINGS_H
#define BASE_SURROUNDINGS_H

#include <stddef.h>

/*
 * First of all: sees to it that no file gets the number of a standard stream, and that a file that grows too
 * large is an error and no signal. Returns NULL, or why this must not go on: a set-user-ID or set-group-ID
 * bit, or too small a stack. File capabilities are no reason: they are given up like others.
 */
const char *surroundings_check(void);

/* How many bytes the stack may still grow below the caller, at most n. */
size_t surroundings_stack(size_t n);

#endif
