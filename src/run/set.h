/* SPDX-License-Identifier: ISC */
/* Named sets: what a sync of one name has installed, recorded under /run/setkey. */
#ifndef RUN_SET_H
#define RUN_SET_H

#include "sync/sync.h"

struct reload;

/* A set that a reload is about. Zero-initialised; the owner calls set_free. */
struct set {
	const char *name;
	struct record record;  /* what it is known to have installed */
	struct record others;  /* what all other sets have installed */
	struct buf before;     /* the same as it was written; empty: it was not */
	bool intended;         /* set_intend has written */
};

/*
 * From here on the reload is about the set: what an earlier one of that name has installed goes if it is not
 * wanted, and nothing else, whatever flush statements there are. The lock of reloads must be held, unless
 * nothing is to be changed. Returns a status.
 */
int set_begin(struct set *set, struct reload *r, const char *name);

/* After the plan: refuses what is there, differs and is not of the set. Returns a status. */
int set_judge(const struct set *set, struct reload *r);

/*
 * Before anything is sent: writes down what is about to be there besides what is there, so that nothing is
 * left without an owner when the process is killed. Returns a status.
 */
int set_intend(struct set *set, const struct reload *r);

/* Writes down what is there now; or, as nothing was changed, what was before. Both return a status. */
int set_finish(struct set *set, struct reload *r);
int set_restore(const struct set *set);

void set_free(struct set *set);

#endif
