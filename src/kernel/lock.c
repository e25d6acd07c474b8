/* SPDX-License-Identifier: ISC */
/* The reload lock: one reload at a time in each network namespace. */
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
 * The lock is an abstract socket name. Like the tables, it belongs to the network namespace; the kernel
 * removes it when its process ends.
 */
static socklen_t name_lock(struct sockaddr_un *a)
{
	static const char name[] = "setkey/reload";

	memset(a, 0, sizeof(*a));
	a->sun_family = AF_UNIX;
	memcpy(a->sun_path + 1, name, sizeof(name) - 1);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + sizeof(name));
}

/* Binds the name and listens on it, so that other processes can connect and ask who holds the lock. */
static int bind_lock_name(int fd)
{
	struct sockaddr_un a;
	socklen_t n = name_lock(&a);

	return bind(fd, (struct sockaddr *)&a, n) == 0 && listen(fd, 1) == 0 ? 0 : -errno;
}

/* True unless the process is known to lack CAP_NET_ADMIN. */
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

/* Asks for the process that holds the lock. False if it does not listen, as every setkey does. */
static bool find_holder(struct lock_holder *holder)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un a;
	socklen_t n = name_lock(&a), size = sizeof(struct ucred);
	struct ucred peer = { 0 };
	bool found = false;

	/* a full queue also means that the holder listens */
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

	*err = fd < 0 ? -errno : bind_lock_name(fd);
	for (int i = 1; i <= LOCK_SECS * TICKS_A_SECOND && *err == -EADDRINUSE && holder.is_setkey; i++) {
		nanosleep(&pause, NULL);
		*err = bind_lock_name(fd);
		if (i != TELL_SECS * TICKS_A_SECOND || *err != -EADDRINUSE)
			continue;
		find_holder(&holder);
		if (told != NULL)
			told(&holder);
	}
	/* If a service manager forbids such a socket, the reload runs without the lock. */
	if (!holder.is_setkey || *err == -EAFNOSUPPORT || *err == -EACCES || *err == -EPERM)
		*err = 0;
	if (*err != 0 && fd >= 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}
