/* SPDX-License-Identifier: ISC */
/*
 * What the process may do, and who may look into it. Knows Linux's capabilities and limits, not what they are
 * for.
 */
#ifndef BASE_PRIVILEGE_H
#define BASE_PRIVILEGE_H

/*
 * What may be kept: CAP_NET_ADMIN, the right to read files that are somebody else's, that to make namespaces,
 * that to look at processes of others.
 */
enum {
	KEEP_NET_ADMIN = 1 << 0, KEEP_READ_FILES = 1 << 1, KEEP_NAMESPACES = 1 << 2, KEEP_PROCESSES = 1 << 3,
};

/*
 * At the start: gives up every capability but those to keep, and for good the way to new
 * ones; hides the memory from debuggers and core dumps, and keeps it from being swapped out where
 * that is allowed. Whoever has nothing to give up gives up nothing. Returns 0 or -errno.
 */
int privilege_begin(unsigned keep);

/* In a new process, which does not inherit that its memory is not swapped out. */
void privilege_forked(void);

/* From here on fewer. */
void privilege_keep(unsigned keep);

#endif
