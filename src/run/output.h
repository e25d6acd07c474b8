/* SPDX-License-Identifier: ISC */
/* Files that commands write. Each function returns a status, after complaining. */
#ifndef RUN_OUTPUT_H
#define RUN_OUTPUT_H

#include "base/files.h"
#include "base/memory.h"
#include "text/source.h"

/* Keeps others out of the folders of n files (NULL: none), and warns of such as others may write in. */
int write_lock(struct files *f, const char *const *names, size_t n);

/* New files, as in base/files.h: written, and given their names, all or none. */
int write_add(struct files *f, const char *name, const struct buf *text);
int write_place(struct files *f, bool replace);

/* One new file. */
int write_new(const char *name, const struct buf *text, bool replace);

/*
 * One of them, with the text, is to take the place of what the source was read from, if that still holds it
 * then.
 */
int write_over(struct files *f, const struct source *was, const struct buf *text);

/*
 * Warns if others may write in the folder; sticky: or if they could at least put something in the place of a
 * file there.
 */
void warn_if_shared(const char *folder, bool sticky);

/* Says why a new file could not be made, -errno. */
void complain_file(const char *name, int err);

#endif
