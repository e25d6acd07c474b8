/* SPDX-License-Identifier: ISC */
/*
 * Reloads: reads files as the state that the kernel is to have, compares that with the kernel, changes the
 * kernel, and can undo the change.
 */
#ifndef RUN_RELOAD_H
#define RUN_RELOAD_H

#include "run/guard.h"
#include "run/named_set.h"
#include "run/unit.h"
#include "sync/sync.h"

#include <signal.h>

/* One reload. Zero-initialised; the owner calls reload_free. */
struct reload {
	const struct settings *settings;
	struct unit in;
	struct concretes list;
	struct sync sync;
	struct kernel *kernel;
	int lock;              /* locks out other reloads; -1: none */
	bool held;             /* signals are blocked; the signal mask before that: */
	sigset_t signals;
	struct hash_table touched; /* same_name_hash of all objects that were changed */
	bool sent;             /* something was sent; the state before that: */
	struct snapshot before;
	/* called before each round of sending, which takes place only if it returns STATUS_OK; NULL: none */
	int (*prepare)(void *arg);
	void *arg;
	size_t refused;        /* number of requests that the kernel refused */
	struct set *set;       /* the named set to be changed; NULL: none */
	struct ssh ssh;        /* the SSH session that setkey is run from */
	bool only_warns;       /* the guard warns, and refuses nothing */
	int stuck;             /* errno of the last object that could not be deleted or restored; 0: none */
};

/* Reads the files, or standard input if there are none; resolves and checks them. Both return a status. */
int reload_read_files(struct reload *r, const struct settings *s, int argc, char **argv);
int reload_judge(struct reload *r);

/*
 * Opens the kernel. lock: waits until no other reload of this network namespace is running, and blocks
 * signals that end the process until reload_free. Returns a status.
 */
int reload_open(struct reload *r, bool lock);

/*
 * Does everything that comes before a plan: the functions above, setting the files as the wanted state, and
 * set_begin if a set is named. changes: locks, and fails if a try is pending. Returns a status.
 */
int reload_begin(struct reload *r, struct set *set, const struct settings *s, bool changes, int argc,
                 char **argv);

/* Compares the kernel with the wanted state, and plans the steps in .sync. Returns a status. */
int reload_plan(struct reload *r);

/*
 * Checks that the plan replaces nothing outside its set, and cuts off nothing that this host is reached by.
 * With --force and --dry-run the latter is only a warning. Returns a status.
 */
int reload_judge_plan(struct reload *r);

/*
 * Changes the kernel to the wanted state. If the kernel refuses a part, everything is undone. If others
 * change the tables meanwhile, tries again, three times at most. Returns a status.
 */
int reload_apply(struct reload *r);

/*
 * Restores a snapshot: all of it, or only the objects that this reload has changed. The kernel must be open.
 * Returns a status.
 */
int reload_back(struct reload *r, const struct snapshot *before, bool all);

/* Restores the state from before anything was sent. */
int reload_undo(struct reload *r);

/* Prints a note if objects that the files do not mention stay in the kernel. */
void reload_say_scope(const struct reload *r);

/* Prints which wanted attributes the running kernel does not keep, once each. */
void reload_say_unkept(const struct reload *r);

void reload_free(struct reload *r);

/* Appends an object as a statement on one line, with keys masked. */
void reload_print(const struct event *ev, struct buf *out);

#endif
