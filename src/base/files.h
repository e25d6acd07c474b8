/* SPDX-License-Identifier: ISC */
/* Makes or replaces several files, all of them or none. Knows the file system and signals only. */
#ifndef BASE_FILES_H
#define BASE_FILES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Until files_place every name is as it was; files_place changes all names or none, and blocks signals for
 * that short time. If the process ends before, by a signal too, nothing is left of the new files: they have
 * no names until then (O_TMPFILE). Where the file system has no such files (NFS, FUSE, old overlayfs), where
 * there is no /proc, or if there are more files than may be open, they have temporary names, .setkey.XXXXXX,
 * and are removed by every signal that ends a process, except SIGKILL and those of a fault.
 *
 * From files_lock or files_place on, to files_free, the folders of the files are locked against other
 * processes that use these functions (flock(2) on the folder, which NFS does not have). A file that is
 * replaced is exchanged with the new one and checked after that, so that no change to it is lost; where names
 * cannot be exchanged (NFS, FUSE), it is checked just before, and is not restored if a later file fails.
 * After a crash of the machine some of several names may be changed and others not.
 */

/* True if both names are of one file, however they are written; it need not exist. */
bool files_same(const char *a, const char *b);

/* Files that are made together. Zero-initialised is empty; the owner frees it. */
struct files {
	struct new_file *file;
	size_t n, cap;
	struct folder *folder; /* those that are locked */
	size_t nfolders, capfolders;
	const char *made;      /* the folder that was made for them; borrowed */
};

/*
 * Locks the folders that n names are in (NULL: skipped), and waits for them for at most a minute. Call it
 * once, before reading what is to be replaced. Returns 0 or -EWOULDBLOCK.
 */
int files_lock(struct files *f, const char *const *names, size_t n);

/*
 * Makes a folder, for its owner alone, unless it exists. files_free removes it again if files_place did not
 * succeed. Returns 0 or -errno.
 */
int files_make_folder(struct files *f, const char *name);

/* Writes n bytes to a new file that its owner alone can read. Returns 0 or -errno; then nothing is added. */
int files_add(struct files *f, const char *name, const void *bytes, size_t n);

/*
 * The same for a file that replaces a regular one, whose content is old (borrowed), and gets its owner, mode,
 * access list and other extended attributes. old is NULL: no such file may exist. -ELOOP for a symbolic link,
 * -EBUSY if its content is not old, -EMLINK if it has other names, -ENOTSUP for an attribute that cannot be
 * copied.
 */
int files_add_over(struct files *f, const char *name, const void *old, size_t nold, const void *bytes,
                   size_t n);

/*
 * Gives all files their names, once they are on the disk. A regular file of the name is replaced if replace
 * is set, else it is -EEXIST; a symbolic link is -ELOOP, anything else -EINVAL; a file that has changed since
 * files_add_over is -EBUSY; and a folder that another process keeps locked -EWOULDBLOCK. On an error
 * everything is as before, *name is the file at fault, and -errno is returned.
 */
int files_place(struct files *f, bool replace, const char **name);

/* Removes the files that have not got their names, just before the process ends. Safe in a signal handler. */
void files_abandon(void);

/* Removes the files that have not got their names, and unlocks the folders. */
void files_free(struct files *f);

#endif
