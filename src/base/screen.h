/* SPDX-License-Identifier: ISC */
/* Draws on a terminal again and again, and restores it at the end. Knows libc only. */
#ifndef BASE_SCREEN_H
#define BASE_SCREEN_H

#include <stdbool.h>

struct buf;

/*
 * If standard output is a terminal, switches to its other screen and hides the cursor; if standard input is
 * one, keys are read without Enter and not echoed. ^Z and ^\ do nothing, since they would leave the terminal
 * so. False, with nothing changed: standard output is no terminal. Call screen_end before the process ends.
 */
bool screen_begin(void);
void screen_end(void);

/* Lines and columns as they are now; 0 where standard output is no terminal. */
void screen_size(unsigned *lines, unsigned *columns);

/* Draws a text over what is on the screen. Returns as wait_write. */
int screen_draw(const struct buf *text);

/* Waits so many seconds. False: q was typed, or the run is to end (base/wait.h). */
bool screen_wait(unsigned secs);

#endif
