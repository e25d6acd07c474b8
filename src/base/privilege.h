/* SPDX-License-Identifier: ISC */
/*
 * Gives up capabilities, and protects the memory of the process from others. Knows Linux's capabilities and
 * limits, not what they are for.
 */
#ifndef BASE_PRIVILEGE_H
#define BASE_PRIVILEGE_H

/*
 * What may be kept: CAP_NET_ADMIN, and the rights to read files of other users, to make namespaces, and to
 * look at processes of other users.
 */
enum {
	KEEP_NET_ADMIN = 1 << 0, KEEP_READ_FILES = 1 << 1, KEEP_NAMESPACES = 1 << 2, KEEP_PROCESSES = 1 << 3,
};

/*
 * At the start: gives up every capability but those to keep, and for good the means to get new ones; hides
 * the memory from debuggers and core dumps, and keeps it from being swapped out where that is permitted. Does
 * no harm without capabilities. Returns 0 or -errno.
 */
int privilege_begin(unsigned keep);

/* In a child after fork, which does not inherit that its memory is not swapped out. */
void privilege_forked(void);

/* From here on keeps fewer, all of them among those of privilege_begin. */
void privilege_keep(unsigned keep);

#endif
