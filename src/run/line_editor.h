/* SPDX-License-Identifier: ISC */
/* Lines for -c: edited and remembered on a terminal, plain reads everywhere else. */
#ifndef RUN_LINE_EDITOR_H
#define RUN_LINE_EDITOR_H

#include "base/memory.h"

struct line_editor;

/* Never NULL. On a terminal it prompts; what is typed is kept in memory only. */
struct line_editor *line_editor_open(void);

/*
 * Appends input: a line from a terminal, a block from a file or pipe. more: the input so far ends inside a
 * statement. Returns the number of bytes, 0 at the end, or -errno.
 */
ssize_t line_editor_read(struct line_editor *e, bool more, struct buf *text);

void line_editor_close(struct line_editor *e);

#endif
