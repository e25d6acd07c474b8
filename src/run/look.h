/* SPDX-License-Identifier: ISC */
/* The tables that match, doctor and stat look at: those of files, or of the kernel if no files are given. */
#ifndef RUN_LOOK_H
#define RUN_LOOK_H

#include "run/unit.h"
#include "see/view.h"

/* Zero-initialised except for keeps; the owner calls look_free. */
struct look {
	unsigned keeps;        /* privileges that stay besides those for the kernel: KEEP_... */
	struct unit in;
	struct concretes list;
	struct kernel *kernel; /* NULL: the tables are those of files */
	struct view view;
};

/*
 * Reads the files, or the kernel where there are none. Returns a status after complaining: STATUS_ERROR if
 * a file has errors.
 */
int look_read(struct look *l, const struct settings *s, int argc, char **argv);

/* The two cases of look_read. look_read_kernel gives up the privilege to read files. */
int look_read_files(struct look *l, const struct settings *s, int argc, char **argv);
int look_read_kernel(struct look *l, const struct settings *s);

void look_free(struct look *l);

#endif
