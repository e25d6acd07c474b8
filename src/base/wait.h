/* SPDX-License-Identifier: ISC */
/* Waits and writes for runs that end by SIGINT, SIGTERM or a closed standard output. Knows libc only. */
#ifndef BASE_WAIT_H
#define BASE_WAIT_H

struct buf;

/*
 * From now on SIGINT and SIGTERM end waits, and not the process. Returns 0 or -errno, -EBADF for a standard
 * output that is closed or cannot be written to.
 */
int wait_begin(void);

/*
 * Waits for input on fd (-1: none) for at most so many milliseconds (-1: for ever). After WAIT_END every call
 * returns it: the run is to end.
 */
enum waited { WAIT_INPUT, WAIT_TIME, WAIT_END } wait_for(int fd, int msecs);

/* Writes all of it to standard output, not by stdio. Returns 0, 1 when the run is to end, or -errno. */
int wait_write(const struct buf *b);

#endif
