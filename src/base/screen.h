/* SPDX-License-Identifier: ISC */
/* A terminal that is drawn on again and again, and left as it was. Knows libc only. */
#ifndef BASE_SCREEN_H
#define BASE_SCREEN_H

#include <stdbool.h>

struct buf;

/*
 * Where standard output is a terminal: another screen, without a cursor, and of a terminal that is standard
 * input, keys without Enter and echo. Neither ^Z nor ^\ would leave it clean, so both do nothing. False, and
 * nothing has changed: it is none. The caller calls screen_end before the process ends.
 */
bool screen_begin(void);
void screen_end(void);

/* Lines and columns as they are now; 0 where standard output is no terminal. */
void screen_size(unsigned *lines, unsigned *columns);

/* Draws the lines of a text in the place of those that are there. Returns as wait_write. */
int screen_draw(const struct buf *text);

/* Waits so long. False: q was typed, or the run is to end, base/wait.h. */
bool screen_wait(unsigned secs);

#endif
