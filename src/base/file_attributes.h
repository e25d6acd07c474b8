/* SPDX-License-Identifier: ISC */
/*
 * Copies what a file has besides its content: owner, mode, access list, extended attributes. Knows the file
 * system only.
 */
#ifndef BASE_FILE_ATTRIBUTES_H
#define BASE_FILE_ATTRIBUTES_H

struct stat;

/*
 * Gives the new file open at to the owner, mode, access list and other extended attributes of the file open
 * at from, whose stat(2) is st, and removes those that its folder gave it. At no time can more users read it
 * than can read the other. Returns 0 or -errno, -ENOTSUP for an attribute that cannot be copied.
 */
int file_attributes_copy(int from, const struct stat *st, int to);

#endif
