/* SPDX-License-Identifier: ISC */
/*
 * The guardian: a process that undoes a try unless somebody confirms it. It is started before anything is
 * sent, detaches itself from the terminal and the session, and keeps the previous state of the tables in
 * memory only.
 *
 * The guardian and the process that sends have the two ends of a socket. Over it the sender announces which
 * objects it is about to change. The socket closes when the sender dies, for whatever reason.
 */
#ifndef RUN_GUARDIAN_H
#define RUN_GUARDIAN_H

#include "run/pending_try.h"
#include "run/reload.h"

/* The owner sets the members up to fd, and calls guardian_free. */
struct guardian {
	struct reload *reload;
	unsigned timeout;      /* seconds */
	int nfiles;            /* names of the files, for messages; none: standard input */
	char **file;
	int fd;                /* the socket to the other process; -1: none */
	bool is_guardian;      /* this is the new process: the caller must only clean up and return */
	struct hash_table told; /* same_name_hash of objects that are announced to the guardian */
	/* The rest is the guardian's. */
	struct pending_try pending;
	struct snapshot before;
	int timer, signals;    /* descriptors; -1 */
	int parent;            /* process ID */
	long long since;       /* seconds since the epoch */
	/* the sender is at work; a signal has asked to undo the try once the sender ends */
	bool sending, hurried;
	bool ended;
};

/* How a try ended; VERDICT_LOST: the guardian has died. */
enum verdict { VERDICT_KEPT, VERDICT_BACK, VERDICT_FAILED, VERDICT_LOST };

/*
 * The prepare hook of a reload; the argument is a struct guardian. Starts the guardian, or announces further
 * objects to it. In the new process it returns when the guardian is done, with a status that ends the reload.
 */
int guardian_prepare(void *guardian);

/* Starts the timeout, once everything is sent. False: the guardian has died. */
bool guardian_start_clock(struct guardian *g);

/* Keeps or undoes what was sent, and waits until that is done. */
enum verdict guardian_end(struct guardian *g, bool keep);

/*
 * Waits until the guardian has ended: true, and *verdict is set; or until fd, if not -1, can be read: false.
 */
bool guardian_wait(struct guardian *g, int fd, enum verdict *verdict);

void guardian_free(struct guardian *g);

#endif
