/* SPDX-License-Identifier: ISC */
/* Files made or changed as a whole or not at all. Knows the file system and signals only. */
#ifndef BASE_FILES_H
#define BASE_FILES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What is promised. Until files_place every name is as it was; it changes all names or none, and signals
 * wait for that short moment. Whatever ends the process before, a signal too, nothing is left of what was
 * made: files have no names until then (O_TMPFILE). Where a file system has no such files (NFS, FUSE,
 * overlays of old), where there is no /proc, or of more files than may be open, they have names of their
 * own, .setkey.XXXXXX, which all signals that end a process remove, but for SIGKILL and those of a fault.
 *
 * From files_lock or files_place on, to files_free, other processes that use these functions are kept out of
 * the folders of the files (flock(2) on the folder, which NFS lacks). A file that gives way is exchanged for
 * the new one and looked at then, so that no change of it is lost; where names cannot be exchanged (NFS,
 * FUSE), it is looked at just before, and what has once given way is not brought back when a later file
 * fails. A crash of the machine may leave some of several names changed.
 */

/* True if both names, written as they may be, are of one file, whether it is there or yet to be made. */
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
 * Keeps others out of the folders that n names are in (NULL: none), which waits for at most a minute: before
 * something is read that is to be replaced. Call it once. Returns 0 or -EWOULDBLOCK.
 */
int files_lock(struct files *f, const char *const *names, size_t n);

/*
 * Makes a folder, for its owner alone, unless it is there; without files in it it goes again. Returns 0 or
 * -errno.
 */
int files_make_folder(struct files *f, const char *name);

/* Writes n bytes, for their owner alone, to a new file. Returns 0 or -errno; then it is none of them. */
int files_add(struct files *f, const char *name, const void *bytes, size_t n);

/*
 * The same to take the place of a regular file that holds the bytes of was, which are borrowed: with its
 * owner, mode, access list and other extended attributes. was is NULL: there is to be no such file. -ELOOP
 * for a symbolic link, -EBUSY if it holds something else by now, -EMLINK if it has other names, -ENOTSUP for
 * an attribute that cannot be kept.
 */
int files_add_over(struct files *f, const char *name, const void *old, size_t nold, const void *bytes,
                   size_t n);

/*
 * Gives all of them their names, once they are on the disk. A name that is taken is -EEXIST, or with replace
 * a regular file gives way; it is -ELOOP for a symbolic link, -EINVAL for anything else, -EBUSY for a file
 * that has changed since it was added, -EWOULDBLOCK if others do not let go of the folder. On an error
 * everything is as it was before, *name is the one at fault and -errno is returned.
 */
int files_place(struct files *f, bool replace, const char **name);

/*
 * Removes what has no name yet of those being made: before an end that nothing follows. Safe in a signal
 * handler.
 */
void files_abandon(void);

/* Removes what has not got its name, and lets others into the folders. */
void files_free(struct files *f);

#endif
