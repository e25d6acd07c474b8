/* SPDX-License-Identifier: ISC */
/* Checks what the process inherits: descriptors, limits, another user's rights. Knows Linux only. */
#ifndef BASE_INHERITED_H
#define BASE_INHERITED_H

#include <stddef.h>

/*
 * To be called first: makes sure that no file gets the number of a standard stream, and that a file beyond
 * the size limit is an error and not a signal. Returns NULL, or why the process must not go on: a set-user-ID
 * or set-group-ID bit, or too small a stack. File capabilities are allowed: they are given up like others.
 */
const char *inherited_check(void);

/* How many bytes the stack may still grow below the caller, at most n. */
size_t inherited_stack(size_t n);

#endif
