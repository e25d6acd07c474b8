/* Files made or changed as a whole or not at all. Knows the file system only. */
#ifndef BASE_FILES_H
#define BASE_FILES_H

#include <stdbool.h>
#include <stddef.h>

/* True if both names, written as they may be, are of one file, whether it is there or yet to be made. */
bool files_same(const char *a, const char *b);

/* New files for secrets, all of them or none. Zero-initialised is empty; the owner frees it. */
struct files {
	struct new_file *file;
	size_t n, cap;
};

/*
 * Writes n bytes, for their owner alone, to a file beside the one it is to become. Returns 0 or -errno.
 */
int files_add(struct files *f, const char *name, const void *bytes, size_t n);

/* Waits until all of them are on the disk, which files_place does too. Returns 0 or -errno, and *name as that does. */
int files_settle(struct files *f, const char **name);

/*
 * Gives all of them their names, once they are on the disk. A name that is taken is -EEXIST, or with replace a regular file
 * gives way; it is -ELOOP for a symbolic link, -EINVAL for anything else. On an error everything is as it
 * was before, *name is the one at fault and -errno is returned.
 */
int files_place(struct files *f, bool replace, const char **name);

/* Removes what has no name yet of the files that are being made: before an end that nothing follows. Calls nothing but unlink(2). */
void files_abandon(void);

/* Removes what has not got its name. */
void files_free(struct files *f);

/*
 * Puts n bytes in the place of a regular file that holds the bytes of was: in a file of its own, with the
 * same owner and mode, which is then renamed. Returns 0 or -errno: -ELOOP for a symbolic link, -EBUSY if it
 * holds something else by now, -EMLINK if it has other names. Access lists are not kept.
 */
int files_replace(const char *name, const void *was, size_t nwas, const void *bytes, size_t n);

#endif
