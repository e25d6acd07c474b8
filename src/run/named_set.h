/* SPDX-License-Identifier: ISC */
/* Named sets: the objects that syncs with --name have installed, recorded in /run/setkey. */
#ifndef RUN_NAMED_SET_H
#define RUN_NAMED_SET_H

#include "sync/sync.h"

struct reload;

/* The set that a reload changes. Zero-initialised; the owner calls set_free. */
struct set {
	const char *name;
	struct record record;  /* what the set has installed */
	struct record others;  /* what all other sets have installed */
	struct buf before;     /* the text of the record file; empty: there was none */
	bool intended;         /* set_intend has written the record */
};

/*
 * Limits the reload to the set: objects that the set has installed earlier are deleted if they are no longer
 * wanted, and no others, even if the files contain flush statements. The lock of reloads must be held, unless
 * nothing is to be changed. Returns a status.
 */
int set_begin(struct set *set, struct reload *r, const char *name);

/*
 * After the plan: refuses to replace an object that differs and does not belong to this set alone. Returns a
 * status.
 */
int set_judge(const struct set *set, struct reload *r);

/*
 * Before anything is sent: records what is about to be installed besides what is installed, so that every
 * object has an owner even if the process is killed. Returns a status.
 */
int set_intend(struct set *set, const struct reload *r);

/*
 * Records what is installed now; or restores the record from before, if nothing was changed. Both return a
 * status.
 */
int set_finish(struct set *set, struct reload *r);
int set_restore(const struct set *set);

void set_free(struct set *set);

#endif
