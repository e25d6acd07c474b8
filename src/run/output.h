/* SPDX-License-Identifier: ISC */
/* Files that commands write. Functions that return a status have complained already. */
#ifndef RUN_OUTPUT_H
#define RUN_OUTPUT_H

#include "base/files.h"
#include "base/memory.h"
#include "text/source.h"

/*
 * Locks the folders of n files (NULL: none) against other writers, and warns of folders that others may write
 * in.
 */
int write_lock(struct files *f, const char *const *names, size_t n);

/* New files, as in base/files.h: added with their text, and then put in place, all or none. */
int write_add(struct files *f, const char *name, const struct buf *text);
int write_place(struct files *f, bool replace);

/* Writes a single new file. */
int write_new(const char *name, const struct buf *text, bool replace);

/*
 * Adds a new text for the file that the source was read from. It is put in place only if the file has not
 * changed by then.
 */
int write_over(struct files *f, const struct source *was, const struct buf *text);

/*
 * Warns if others may write in the folder. sticky: not in a folder such as /tmp, where nobody can replace
 * files of others.
 */
void warn_if_shared(const char *folder, bool sticky);

/* Prints why a new file could not be made; err is -errno. */
void complain_file(const char *name, int err);

#endif
