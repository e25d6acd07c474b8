/* SPDX-License-Identifier: ISC */
/* Whose file a text is, if it is another program's. */
#ifndef CONFIG_FOREIGN_FILE_H
#define CONFIG_FOREIGN_FILE_H

#include <stdbool.h>

struct source;

/* True if the text is the file of another program: what it is, and what to do with it. Both are constants. */
bool foreign_file(const struct source *s, const char **what, const char **hint);

#endif
