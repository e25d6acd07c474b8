/* SPDX-License-Identifier: ISC */
/*
 * How other commands find a pending try: by an abstract socket, which belongs to the network namespace as the
 * tables do. A record in /run/setkey, for people to read, exists as long as a try is pending. Neither
 * contains keys.
 */
#ifndef RUN_PENDING_TRY_H
#define RUN_PENDING_TRY_H

#include "run/settings.h"

#include <sys/types.h>

enum { PENDING_TRY_NONE = -1, PENDING_TRY_TEXT = 3072 };

/*
 * Sends "status", "confirm" or "revert" to the guardian. Returns PENDING_TRY_NONE if no try is pending, or
 * the status that the guardian answers with, and appends its sentence, which is empty for STATUS_OK.
 */
int pending_try_ask(const char *word, struct buf *answer);

/*
 * Returns STATUS_OK if no try is pending. Else complains and returns STATUS_ERROR, as the tables must not
 * change while the guardian may restore them; STATUS_SYSTEM if it cannot be found out.
 */
int pending_try_check(void);

/* Reports and removes the record of a guardian that was killed or has failed. True: there was one. */
bool pending_try_say_left(void);

/* The guardian's side. */
struct pending_try {
	int socket;            /* listening socket; -1: not open */
	int record;            /* descriptor of the record at path; -1: not open */
	char path[64];
};

/* Opens the socket and writes the record. Returns false, and appends why, if that fails. */
bool pending_try_open(struct pending_try *t, const char *text, struct buf *why);

/* Replaces the text of the record; PENDING_TRY_TEXT bytes are reserved for it. */
void pending_try_write(struct pending_try *t, const char *text);

/* Accepts a command: returns the descriptor to answer it on, or -1; word receives the command. */
int pending_try_accept(struct pending_try *t, char *word, size_t size);
void pending_try_answer(int fd, int status, const char *sentence);

/* Closes the socket and removes the record, which stays if the try could not be undone. */
void pending_try_close(struct pending_try *t, bool failed);

#endif
