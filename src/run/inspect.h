/* SPDX-License-Identifier: ISC */
/* The tables that match, doctor and stat look at: those of files, or of the kernel if no files are given. */
#ifndef RUN_INSPECT_H
#define RUN_INSPECT_H

#include "run/unit.h"
#include "see/view.h"

/* Zero-initialised except for keeps; the owner calls inspect_free. */
struct inspected {
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
int inspect_read(struct inspected *l, const struct settings *s, int argc, char **argv);

/* The two cases of inspect_read. inspect_read_kernel gives up the privilege to read files. */
int inspect_read_files(struct inspected *l, const struct settings *s, int argc, char **argv);
int inspect_read_kernel(struct inspected *l, const struct settings *s);

void inspect_free(struct inspected *l);

#endif
