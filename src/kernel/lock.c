/* SPDX-License-Identifier: ISC */
/* One reload at a time in each network namespace. */
#include "kernel/kernel.h"

#include <errno.h>
#include <linux/capability.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { TICKS_A_SECOND = 20, LOCK_SECS = 60, TELL_SECS = 1, TICK = 1000000000 / TICKS_A_SECOND };

/*
 * An abstract name belongs to the network namespace, as the tables do, and goes with the process that has it.
 */
static socklen_t name_lock(struct sockaddr_un *a)
{
	static const char name[] = "setkey/reload";

	memset(a, 0, sizeof(*a));
	a->sun_family = AF_UNIX;
	memcpy(a->sun_path + 1, name, sizeof(name) - 1);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + sizeof(name));
}

/* It listens so that others can ask whose it is. */
static int take_name(int fd)
{
	struct sockaddr_un a;
	socklen_t n = name_lock(&a);

	return bind(fd, (struct sockaddr *)&a, n) == 0 && listen(fd, 1) == 0 ? 0 : -errno;
}

/* True unless it is known that the process cannot. */
static bool can_change_tables(uint32_t pid)
{
	static const char label[] = "CapEff:";
	unsigned long long capabilities = 0;
	char path[32], line[128];
	bool known = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/status", pid);
	f = fopen(path, "re");
	while (f != NULL && !known && fgets(line, sizeof(line), f) != NULL)
		known = strncmp(line, label, sizeof(label) - 1) == 0;
	if (known)
		capabilities = strtoull(line + sizeof(label) - 1, NULL, 16);
	if (f != NULL)
		fclose(f);
	return !known || (capabilities >> CAP_NET_ADMIN & 1) != 0;
}

/* Asks who has the name. False: nobody who lets himself be asked, as every setkey does. */
static bool find_holder(struct lock_holder *holder)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un a;
	socklen_t n = name_lock(&a), size = sizeof(struct ucred);
	struct ucred peer = { 0 };
	bool found = false;

	/* Where others have asked and there is no room for more, it is a setkey as well. */
	if (fd >= 0 && connect(fd, (struct sockaddr *)&a, n) == 0)
		found = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0;
	else if (fd >= 0)
		found = errno == EAGAIN;
	if (fd >= 0)
		close(fd);
	*holder = (struct lock_holder){ .pid = (uint32_t)peer.pid, .uid = peer.uid };
	holder->is_setkey = found && (peer.pid == 0 || can_change_tables(holder->pid));
	return found;
}

int kernel_lock(void (*told)(const struct lock_holder *holder), int *err)
{
	const struct timespec pause = { .tv_nsec = TICK };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct lock_holder holder = { .is_setkey = true };

	*err = fd < 0 ? -errno : take_name(fd);
	for (int i = 1; i <= LOCK_SECS * TICKS_A_SECOND && *err == -EADDRINUSE && holder.is_setkey; i++) {
		nanosleep(&pause, NULL);
		*err = take_name(fd);
		if (i != TELL_SECS * TICKS_A_SECOND || *err != -EADDRINUSE)
			continue;
		find_holder(&holder);
		if (told != NULL)
			told(&holder);
	}
	/* Where a service manager lets us have no such name, nobody is kept out. */
	if (!holder.is_setkey || *err == -EAFNOSUPPORT || *err == -EACCES || *err == -EPERM)
		*err = 0;
	if (*err != 0 && fd >= 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}
