/* SPDX-License-Identifier: ISC */
/*
 * How other commands find the try that may yet be undone: an abstract socket, which belongs to the network
 * namespace as the tables do; and a record below /run/setkey for people to read, which is there as long as
 * something is pending. There are no keys in either.
 */
#ifndef RUN_TRIAL_H
#define RUN_TRIAL_H

#include "run/settings.h"

#include <sys/types.h>

enum { TRIAL_NONE = -1, TRIAL_TEXT = 3072 };

/*
 * Asks the guardian: "status", "confirm" or "revert". Returns TRIAL_NONE if nothing is pending, or the status
 * that it answers with; a sentence is appended, none for STATUS_OK.
 */
int trial_ask(const char *word, struct buf *answer);

/*
 * Returns STATUS_ERROR after complaining who has something pending: it is to bring back what is there, and
 * so that must not be changed; STATUS_SYSTEM if that cannot be known; else STATUS_OK.
 */
int trial_check(void);

/*
 * What a guardian that was killed, or that failed, has left behind is said and forgotten. True: there was
 * something.
 */
bool trial_say_left(void);

/* The guardian's side. */
struct trial {
	int socket;            /* listens; -1: not open */
	int record;            /* open on it; -1 */
	char path[64];
};

/* Listens, and makes the record with this text. Returns false with a sentence if that cannot be. */
bool trial_open(struct trial *t, const char *text, struct buf *why);

/* Another text in the record; room for TRIAL_TEXT bytes is there already. */
void trial_write(struct trial *t, const char *text);

/* The next command that asks: returns what it is to be answered on, or -1, and its word. */
int trial_accept(struct trial *t, char *word, size_t size);
void trial_answer(int fd, int status, const char *sentence);

/* Lets go of the name; the record stays where it tells of a failure. */
void trial_close(struct trial *t, bool failed);

#endif
