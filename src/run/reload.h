/* SPDX-License-Identifier: ISC */
/* Files as a state of the kernel: read, compared with what is there, brought about, and undone again. */
#ifndef RUN_RELOAD_H
#define RUN_RELOAD_H

#include "run/guard.h"
#include "run/unit.h"
#include "run/set.h"
#include "sync/sync.h"

#include <signal.h>

/* One change of the kernel's tables as a whole. Zero-initialised; the owner calls reload_free. */
struct reload {
	const struct settings *settings;
	struct unit in;
	struct concretes list;
	struct sync sync;
	struct kernel *kernel;
	int lock;              /* keeps other reloads out; -1: none */
	bool held;             /* signals wait; those that were held before: */
	sigset_t signals;
	struct hash_table touched; /* names of all that was sent */
	bool sent;             /* something was; how the tables were before: */
	struct snapshot before;
	/* NULL, or called before each sending, which does not come unless it returns STATUS_OK. */
	int (*prepare)(void *arg);
	void *arg;
	size_t refused;        /* requests that the kernel did not carry out */
	struct set *set;       /* the named set that it is about; NULL: none */
	struct ssh ssh;        /* what is known of the session that it is run from */
	bool only_warns;       /* of what would be cut off: nothing is refused for that */
	int stuck;             /* errno of one to delete or to bring back; 0 none */
};

/* Reads the files, standard input where there are none, and judges them; both return a status. */
int reload_read_files(struct reload *r, const struct settings *s, int argc, char **argv);
int reload_judge(struct reload *r);

/*
 * Opens the kernel; with lock, waits until no other reload of this network namespace is at work, and signals
 * that end the process wait until reload_free. Returns a status.
 */
int reload_open(struct reload *r, bool lock);

/*
 * What comes before a plan: does all of the above, takes what the files say as the state that is wanted, and
 * begins the set where one is named. changes: others are kept out, and nothing begins while a trial is
 * pending.
 * Returns a status.
 */
int reload_begin(struct reload *r, struct set *set, const struct settings *s, bool changes, int argc,
                 char **argv);

/* Compares, and finds the steps: they are in .sync. Returns a status. */
int reload_plan(struct reload *r);

/*
 * Whether the plan may be carried out: it neither takes what is not of its set, nor cuts off what this host
 * is reached by. With --force and --dry-run the latter is a warning. Returns a status.
 */
int reload_judge_plan(struct reload *r);

/*
 * Brings about what is wanted; where something is refused everything is as before. If others change the
 * tables meanwhile it is tried again, three times at most. Returns a status.
 */
int reload_apply(struct reload *r);

/*
 * Brings back what a snapshot holds: all of it, or only what this reload has touched. The kernel must be
 * open. Returns a status.
 */
int reload_back(struct reload *r, const struct snapshot *before, bool all);

/* The same of what was there before anything was sent. */
int reload_undo(struct reload *r);

/* Says if what the kernel has besides the files stays. */
void reload_say_scope(const struct reload *r);

/* Prints what this kernel does not keep of what is wanted, once each. */
void reload_say_unkept(const struct reload *r);

void reload_free(struct reload *r);

/* One line about an object: the sign or the words before it, and the object as a statement, keys masked. */
void reload_print(const struct event *ev, struct buf *out);

#endif
