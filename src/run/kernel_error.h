/* SPDX-License-Identifier: ISC */
/* What the kernel refused, as findings at the words of the user. */
#ifndef RUN_KERNEL_ERROR_H
#define RUN_KERNEL_ERROR_H

#include "kernel/kernel.h"
#include "text/diag.h"

/* Ends with a row whose id is NULL. */
extern const struct rule kernel_rules[];

/*
 * Adds the refusal as a finding at the word at fault: with our own sentence and hint where the kernel gives a
 * number only.
 */
void kernel_error_add(const struct refusal *r, struct diags *diags);

/* Why what needs all that the kernel holds cannot go over PF_KEY, as an error. Returns STATUS_SYSTEM. */
int refuse_pfkey(void);

#endif
