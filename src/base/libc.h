/* SPDX-License-Identifier: ISC */
/* Declares what glibc declares of Linux and musl does not. The numbers are the kernel's. */
#ifndef BASE_LIBC_H
#define BASE_LIBC_H

#include <malloc.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE (1 << 0)
#define RENAME_EXCHANGE (1 << 1)

/* As renameat2(2): 0, or -1 with errno set. */
static inline int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}
#endif

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

/* The allocator of musl has no such setting. */
#ifndef M_TOP_PAD
#define M_TOP_PAD 0
#define mallopt(what, value) ((void)(what), (void)(value))
#endif

#endif
