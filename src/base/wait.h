/* SPDX-License-Identifier: ISC */
/* Runs that go on until SIGINT, SIGTERM or a standard output that nobody reads any more. Knows libc only. */
#ifndef BASE_WAIT_H
#define BASE_WAIT_H

struct buf;

/*
 * From now on the two signals end waits, the second of a kind the process. Returns 0 or -errno, -EBADF for a
 * standard output that is closed.
 */
int wait_begin(void);

/*
 * Waits for input on fd (-1: none) for at most so many milliseconds (-1: for ever).
 * WAIT_END is for good: the run is to end.
 */
enum waited { WAIT_INPUT, WAIT_TIME, WAIT_END } wait_for(int fd, int msecs);

/* Writes all of it to standard output, past stdio. Returns 0, 1 when the run is to end, or -errno. */
int wait_write(const struct buf *b);

#endif
