/* SPDX-License-Identifier: ISC */
/* Concrete statements against the kernel, in order: requests are queued, reads wait for them. */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "run/dump.h"
#include "run/guard.h"
#include "run/unit.h"

/* A kernel, the unit that its refusals are found in, and what has come of the statements so far. */
struct run {
	const struct settings *settings;
	struct unit *in;
	struct kernel *kernel;
	struct dump dump;        /* of what statements ask it to show */
	const struct stmt *last; /* of the latest refusal, to name a policy and its forward copy once */
	int last_err;
	bool failed;             /* something was refused */
	bool first_only;         /* the first refusal is the only one that counts: nothing is run after it */
	bool looking;            /* a get of our own: that there is no such SA is no refusal */
	const struct ssh *ssh;   /* NULL: nobody is warned of what would be cut off */
	struct sync *sync;       /* what run_replace is sending; else NULL */
};

/* Opens the kernel; returns 0 or STATUS_SYSTEM after complaining. */
int run_open(struct run *s, const struct settings *settings, struct unit *in);
void run_close(struct run *s);

/*
 * Looks whether an update would change the keys, algorithms, mode or id of an SA in use, which Linux takes
 * and does not do: *ignored is that part, or PART_MAX. Returns 0, or -errno when the socket failed.
 */
int update_ignored_part(struct run *s, const struct stmt *what, const struct stmt *origin,
                        enum part *ignored);

/*
 * Brings about what statements that begin with flush and spdflush say there is to be, up to the first that
 * does something else: *done of them, 0 where they do not begin so, where both tables are empty, on PF_KEY,
 * or with --literal. Returns 0, -EAGAIN if the tables never held still, or -errno.
 */
int run_replace(struct run *s, const struct concretes *list, size_t *done);

/* Runs what the unit stands for. Refusals are printed. Returns STATUS_OK, STATUS_ERROR or STATUS_SYSTEM. */
int run_statements(struct run *s, const struct concretes *list);

#endif
