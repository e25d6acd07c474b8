/* SPDX-License-Identifier: ISC */
/* Lines for -c: edited and remembered on a terminal, plain reads everywhere else. */
#ifndef RUN_EDIT_H
#define RUN_EDIT_H

#include "base/memory.h"

struct edit;

/* Never NULL. On a terminal it prompts; what is typed is kept in memory only. */
struct edit *edit_open(void);

/*
 * Appends input: a line from a terminal, a block from a file or pipe. more: the input so far ends inside a
 * statement. Returns the number of bytes, 0 at the end, or -errno.
 */
ssize_t edit_read(struct edit *e, bool more, struct buf *text);

void edit_close(struct edit *e);

#endif
