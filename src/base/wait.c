/* SPDX-License-Identifier: ISC */
/* Waits and writes for runs that end by SIGINT, SIGTERM or a closed standard output. Knows libc only. */
#include "base/wait.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/*
 * The signal handler writes to this pipe and poll(2) watches it, so that a signal between a check of is_ended
 * and the poll is not missed.
 */
static int wake_pipe[2] = { -1, -1 };
static volatile sig_atomic_t is_ended;

static void on_signal(int number)
{
	int saved = errno;

	(void)number;
	is_ended = 1;
	/* A full pipe wakes poll as well. */
	if (write(wake_pipe[1], "", 1) < 0)
		errno = saved;
	errno = saved;
}

/*
 * SIGINT stays ignored in a job that a shell runs in the background. The handler stays after the first
 * signal, since timeout(1) sends each one twice.
 */
static int catch_signal(int number)
{
	struct sigaction old, new = { .sa_handler = on_signal };

	if (sigaction(number, NULL, &old) != 0)
		return -errno;
	if (old.sa_handler == SIG_IGN)
		return 0;
	return sigaction(number, &new, NULL) != 0 ? -errno : 0;
}

int wait_begin(void)
{
	int err, flags = fcntl(STDOUT_FILENO, F_GETFL);

	if (flags < 0 || flags & O_PATH || (flags & O_ACCMODE) == O_RDONLY)
		return -EBADF;
	if (wake_pipe[0] < 0 && pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
		return -errno;
	signal(SIGPIPE, SIG_IGN);
	err = catch_signal(SIGINT);
	return err != 0 ? err : catch_signal(SIGTERM);
}

enum waited wait_for(int fd, int msecs)
{
	struct pollfd p[] = {
		{ .fd = wake_pipe[0], .events = POLLIN },
		{ .fd = STDOUT_FILENO, .events = 0 },
		{ .fd = fd, .events = POLLIN },
	};
	int n;

	do
		n = poll(p, sizeof(p) / sizeof(p[0]), msecs);
	while (n < 0 && errno == EINTR && !is_ended);
	if (is_ended || p[0].revents != 0 || (p[1].revents & (POLLERR | POLLHUP)))
		return WAIT_END;
	return n > 0 && p[2].revents != 0 ? WAIT_INPUT : WAIT_TIME;
}

int wait_write(const struct buf *b)
{
	for (size_t at = 0; at < b->len; ) {
		ssize_t n = write(STDOUT_FILENO, b->bytes + at, b->len - at);

		if (n < 0 && (errno == EPIPE || ((errno == EINTR || errno == EAGAIN) && is_ended)))
			return 1;
		if (n < 0 && errno == EAGAIN)
			poll((struct pollfd[]){ { .fd = STDOUT_FILENO, .events = POLLOUT },
			                        { .fd = wake_pipe[0], .events = POLLIN } },
			     2, -1);
		else if (n < 0 && errno != EINTR)
			return -errno;
		at += n > 0 ? (size_t)n : 0;
	}
	return 0;
}
