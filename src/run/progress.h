/* SPDX-License-Identifier: ISC */
/* A progress line on the terminal for work that takes longer than a second. */
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
 * Shows nothing unless standard error is a terminal. wanted: false if standard output is used for other
 * lines.
 */
void progress_begin(struct progress *p, const char *what, size_t total, bool wanted);

/* done: how much of the total. Looks at the clock only now and then. */
void progress_step(struct progress *p, size_t done);

/* Removes the line. */
void progress_end(struct progress *p);

#endif
