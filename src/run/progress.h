/* SPDX-License-Identifier: ISC */
/* One line on a terminal about work that takes longer than a second. */
#ifndef RUN_PROGRESS_H
#define RUN_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
	const char *what;     /* "statements" */
	size_t total;         /* 0: not known */
	bool on, shown;
	uint64_t begun, told; /* milliseconds */
};

/*
 * Nothing is ever shown unless standard error is a terminal and standard output is not taken by what is
 * worked on.
 */
void progress_begin(struct progress *p, const char *what, size_t total, bool wanted);

/* done of total; looks at the clock only now and then. */
void progress_step(struct progress *p, size_t done);

/* Takes the line away again. */
void progress_end(struct progress *p);

#endif
