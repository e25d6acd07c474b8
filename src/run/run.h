/* SPDX-License-Identifier: ISC */
/* Runs concrete statements in order: requests are queued, and reads wait for them. */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "run/dump.h"
#include "run/guard.h"
#include "run/unit.h"

/* A run of statements: the kernel, the unit of the statements, and what has happened so far. */
struct run {
	const struct settings *settings;
	struct unit *in;
	struct kernel *kernel;
	struct dump dump;        /* for statements that print something */
	/* of the latest refusal, so that a policy and its forward copy are reported once */
	const struct stmt *last;
	int last_err;
	bool failed;             /* something was refused */
	bool first_only;         /* stop at the first refusal, and report no other */
	bool looking;            /* run_look is running */
	const struct ssh *ssh;   /* NULL: no warnings of what would be cut off */
	struct sync *sync;       /* the plan that run_replace is sending, or NULL */
};

/* Opens the kernel; returns 0 or STATUS_SYSTEM after complaining. */
int run_open(struct run *s, const struct settings *settings, struct unit *in);
void run_close(struct run *s);

/*
 * Asks the kernel for one SA for purposes of our own: that there is none is no refusal. What was sent before
 * is completed first, as its refusals count. Otherwise like kernel_read.
 */
int run_look(struct run *s, const struct stmt *get, const struct stmt *origin,
             int (*each)(void *arg, const struct event *ev), void *arg);

/*
 * Checks whether an update would change the keys, algorithms, mode or id of an SA in use: Linux reports
 * success for that and changes nothing. *ignored is the first such part, or PART_MAX. Returns 0, or -errno if
 * the socket failed.
 */
int update_ignored_part(struct run *s, const struct stmt *what, const struct stmt *origin,
                        enum part *ignored);

/*
 * Loads statements that begin with flush and spdflush as a sync, up to the first that does not describe a
 * state. *done: how many; 0 if the list does not begin like that, if both tables are empty, on PF_KEY, or
 * with --literal. Returns 0, -EAGAIN if other programs kept changing the tables, or -errno.
 */
int run_replace(struct run *s, const struct concretes *list, size_t *done);

/* Runs the statements, and prints refusals. Returns STATUS_OK, STATUS_ERROR or STATUS_SYSTEM. */
int run_statements(struct run *s, const struct concretes *list);

#endif
