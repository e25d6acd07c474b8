/* SPDX-License-Identifier: ISC */
/*
 * Preloaded, this loses the kernel's answers to the first batch of netlink requests: the
 * receiver sees ENOBUFS, as it would after an overrun. Batches are told by their size.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <sys/socket.h>

enum { BATCH = 1024 };

static bool lose, lost;

ssize_t sendto(int fd, const void *bytes, size_t len, int flags, const struct sockaddr *to, socklen_t tolen)
{
	ssize_t (*next)(int, const void *, size_t, int, const struct sockaddr *, socklen_t);

	*(void **)&next = dlsym(RTLD_NEXT, "sendto");
	lose = len >= BATCH && !lost;
	return next(fd, bytes, len, flags, to, tolen);
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	ssize_t (*next)(int, struct msghdr *, int);
	ssize_t n;

	*(void **)&next = dlsym(RTLD_NEXT, "recvmsg");
	n = next(fd, message, flags);
	if (!lose)
		return n;
	lose = false;
	lost = true;
	errno = ENOBUFS;
	return -1;
}
