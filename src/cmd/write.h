/* Files that commands write. Each function returns a status, after complaining. */
#ifndef CMD_WRITE_H
#define CMD_WRITE_H

#include "base/files.h"
#include "base/memory.h"
#include "text/source.h"

/* New files, as in base/files.h: written, waited for, and given their names, all or none. */
int write_add(struct files *f, const char *name, const struct buf *text);
int write_settle(struct files *f);
int write_place(struct files *f, bool replace);

/* One new file. */
int write_new(const char *name, const struct buf *text, bool replace);

/* Puts the text in the place of what the source was read from, if that still holds it. */
int write_over(const struct source *was, const struct buf *text);

/* Says why a new file could not be made, -errno. */
void complain_file(const char *name, int err);

#endif
