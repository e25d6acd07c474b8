/* SPDX-License-Identifier: ISC */
/* Recognises the files of other programs. */
#ifndef CONFIG_FOREIGN_FILE_H
#define CONFIG_FOREIGN_FILE_H

#include <stdbool.h>

struct source;

/*
 * True if the text is a file of another program. *what then names it and *hint says what to do with it; both
 * are constants.
 */
bool foreign_file(const struct source *s, const char **what, const char **hint);

#endif
