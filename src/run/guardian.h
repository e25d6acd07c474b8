/* SPDX-License-Identifier: ISC */
/*
 * The process that goes back to what was there before a try unless somebody confirms it. It is begun before
 * anything is sent, has nothing in common with the terminal and the session that it comes from, and keeps in
 * memory alone what it is to bring back.
 *
 * The two processes are the two ends of a socket, on which the one that sends tells beforehand what it
 * touches; it closes by itself when that one dies, whatever it dies of.
 */
#ifndef RUN_GUARDIAN_H
#define RUN_GUARDIAN_H

#include "run/reload.h"
#include "run/trial.h"

/* Set up with the first members; the owner calls guardian_free. */
struct guardian {
	struct reload *reload;
	unsigned timeout;      /* seconds */
	int nfiles;            /* names for people; none: standard input */
	char **file;
	int fd;                /* to the other process; -1: none */
	bool is_guardian;      /* this is the new process: all that is left to it is to return */
	struct hash_table told; /* names that the guardian knows to be touched */
	/* The rest is the guardian's. */
	struct trial trial;
	struct snapshot before;
	int timer, signals;    /* descriptors; -1 */
	int parent;            /* process ID */
	long long since;       /* seconds since the epoch */
	bool sending, hurried; /* the other process is at work; it is to be undone as soon as it ends */
	bool ended;
};

/* How it ended. */
enum verdict { VERDICT_KEPT, VERDICT_BACK, VERDICT_FAILED, VERDICT_LOST };

/*
 * The hook of a reload, with a struct guardian: begins the guardian, or tells it what more is touched. In the
 * new process it returns once that has done its duty, with a status that ends the reload.
 */
int guardian_prepare(void *guardian);

/* All is sent: from now on the time runs. False: the guardian is no more. */
bool guardian_start_clock(struct guardian *g);

/* Keeps, or undoes, what was sent, and waits until it is done. */
enum verdict guardian_end(struct guardian *g, bool keep);

/* Waits until the guardian has ended or, with a descriptor, that can be read: then false. */
bool guardian_wait(struct guardian *g, int fd, enum verdict *verdict);

void guardian_free(struct guardian *g);

#endif
