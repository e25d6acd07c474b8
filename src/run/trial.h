/* SPDX-License-Identifier: ISC */
/*
 * How other commands find a pending try: by an abstract socket, which belongs to the network namespace as the
 * tables do. A record in /run/setkey, for people to read, exists as long as a try is pending. Neither
 * contains keys.
 */
#ifndef RUN_TRIAL_H
#define RUN_TRIAL_H

#include "run/settings.h"

#include <sys/types.h>

enum { TRIAL_NONE = -1, TRIAL_TEXT = 3072 };

/*
 * Sends "status", "confirm" or "revert" to the guardian. Returns TRIAL_NONE if no try is pending, or the
 * status that the guardian answers with, and appends its sentence, which is empty for STATUS_OK.
 */
int trial_ask(const char *word, struct buf *answer);

/*
 * Returns STATUS_OK if no try is pending. Else complains and returns STATUS_ERROR, as the tables must not
 * change while the guardian may restore them; STATUS_SYSTEM if it cannot be found out.
 */
int trial_check(void);

/* Reports and removes the record of a guardian that was killed or has failed. True: there was one. */
bool trial_say_left(void);

/* The guardian's side. */
struct trial {
	int socket;            /* listening socket; -1: not open */
	int record;            /* descriptor of the record at path; -1: not open */
	char path[64];
};

/* Opens the socket and writes the record. Returns false, and appends why, if that fails. */
bool trial_open(struct trial *t, const char *text, struct buf *why);

/* Replaces the text of the record; TRIAL_TEXT bytes are reserved for it. */
void trial_write(struct trial *t, const char *text);

/* Accepts a command: returns the descriptor to answer it on, or -1; word receives the command. */
int trial_accept(struct trial *t, char *word, size_t size);
void trial_answer(int fd, int status, const char *sentence);

/* Closes the socket and removes the record, which stays if the try could not be undone. */
void trial_close(struct trial *t, bool failed);

#endif
