/* One reload at a time in each network namespace. */
#include "kernel/kernel.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { LOCK_SECS = 60 };

/*
 * An abstract name belongs to the network namespace, as the tables do, and goes with the process that has it.
 */
static int take_name(int fd)
{
	static const char name[] = "setkey/reload";
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	memcpy(a.sun_path + 1, name, sizeof(name) - 1);
	return bind(fd, (struct sockaddr *)&a,
	            (socklen_t)(offsetof(struct sockaddr_un, sun_path) + sizeof(name))) == 0 ? 0 : -errno;
}

int kernel_lock(int *err)
{
	const struct timespec pause = { .tv_nsec = 50000000L };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	*err = fd < 0 ? -errno : take_name(fd);
	for (int i = 0; i < LOCK_SECS * 20 && *err == -EADDRINUSE; i++) {
		nanosleep(&pause, NULL);
		*err = take_name(fd);
	}
	/* Where a service manager lets us have no such name, nobody is kept out. */
	if (*err == -EAFNOSUPPORT || *err == -EACCES || *err == -EPERM)
		*err = 0;
	if (*err != 0 && fd >= 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}
