/* SPDX-License-Identifier: ISC */
/* Turns refusals of the kernel into findings at the user's words. */
#ifndef RUN_KERNEL_ERROR_H
#define RUN_KERNEL_ERROR_H

#include "kernel/kernel.h"
#include "text/diag.h"

/* Ends with a row whose id is NULL. */
extern const struct rule kernel_rules[];

/*
 * Adds a refusal as a finding at the word at fault, with our own text and hint where the kernel returns only
 * an error number.
 */
void kernel_error_add(const struct refusal *r, struct diags *diags);

/* Prints why a command that needs the full state of the kernel cannot use PF_KEY. Returns STATUS_SYSTEM. */
int refuse_pfkey(void);

#endif
