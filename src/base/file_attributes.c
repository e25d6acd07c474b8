/* SPDX-License-Identifier: ISC */
/*
 * Copies what a file has besides its content: owner, mode, access list, extended attributes. Knows the file
 * system only.
 */
#include "base/file_attributes.h"

#include "base/memory.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Appends the names, each followed by a NUL; on a file system without extended attributes there are none. */
static int list_names(int fd, struct buf *out)
{
	ssize_t n = flistxattr(fd, NULL, 0);

	if (n > 0) {
		buf_reserve(out, (size_t)n);
		n = flistxattr(fd, (char *)out->bytes, out->cap);
	}
	if (n < 0)
		return errno == ENOTSUP || errno == ENOSYS ? 0 : -errno;
	out->len = (size_t)n;
	return 0;
}

/* True if there is such an attribute. */
static bool read_value(int fd, const char *name, struct buf *out)
{
	ssize_t n = fgetxattr(fd, name, NULL, 0);

	buf_clear(out);
	if (n > 0) {
		buf_reserve(out, (size_t)n);
		n = fgetxattr(fd, name, out->bytes, out->cap);
	}
	out->len = n > 0 ? (size_t)n : 0;
	return n >= 0;
}

/*
 * An attribute that has this value already, such as a security label set by the system, is not set again:
 * that may not be permitted.
 */
static int copy_value(int from, int to, const char *name)
{
	struct buf old = { 0 }, new = { 0 };
	bool found = read_value(from, name, &old), there = read_value(to, name, &new);
	bool same = found && there && old.len == new.len &&
	            (old.len == 0 || memcmp(old.bytes, new.bytes, old.len) == 0);
	const void *value = old.len ? (const void *)old.bytes : "";
	int err = !found || (!same && fsetxattr(to, name, value, old.len, 0) != 0) ? -ENOTSUP : 0;

	buf_free(&old);
	buf_free(&new);
	return err;
}

static bool has_name(const struct buf *names, const char *name)
{
	for (size_t i = 0; i < names->len; i += strlen((const char *)names->bytes + i) + 1)
		if (strcmp((const char *)names->bytes + i, name) == 0)
			return true;
	return false;
}

/* Attributes that the new file has from its folder, such as an access list, and the old one has not, go. */
static int copy_values(int from, int to)
{
	struct buf wanted = { 0 }, given = { 0 };
	int err = list_names(from, &wanted);

	if (err == 0)
		err = list_names(to, &given);
	for (size_t i = 0; i < given.len && err == 0; i += strlen((const char *)given.bytes + i) + 1)
		if (!has_name(&wanted, (const char *)given.bytes + i) &&
		    fremovexattr(to, (const char *)given.bytes + i) != 0)
			err = -ENOTSUP;
	for (size_t i = 0; i < wanted.len && err == 0; i += strlen((const char *)wanted.bytes + i) + 1)
		err = copy_value(from, to, (const char *)wanted.bytes + i);
	buf_free(&wanted);
	buf_free(&given);
	return err;
}

/*
 * The owner first, since fchown clears bits of the mode. The mode last, since an access list contains it.
 */
int file_attributes_copy(int from, const struct stat *st, int to)
{
	if ((st->st_uid != geteuid() || st->st_gid != getegid()) && fchown(to, st->st_uid, st->st_gid) != 0)
		return -errno;
	if (copy_values(from, to) != 0)
		return -ENOTSUP;
	return fchmod(to, st->st_mode & 07777) != 0 ? -errno : 0;
}
