/* SPDX-License-Identifier: ISC */
/*
 * What a file has beside its bytes: owner, mode, access list, extended attributes. Knows the file system
 * only.
 */
#ifndef BASE_ATTRIBUTES_H
#define BASE_ATTRIBUTES_H

struct stat;

/*
 * Gives a new file what the other one, of which st was read, has, and takes from it what its folder gave it.
 * At no time can more users read it than can read the other. Returns 0 or -errno, -ENOTSUP for an attribute
 * that cannot be kept.
 */
int attributes_copy(int from, const struct stat *st, int to);

#endif
