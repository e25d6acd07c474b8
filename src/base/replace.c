/* A file changed as a whole or not at all. Knows the file system only. */
#include "base/replace.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether the file still holds these bytes; a key must not stay in the buffer. */
static int compare(int fd, const char *was, size_t n)
{
	char block[4096];
	ssize_t got;
	int err = 0;

	while (err == 0 && (got = read(fd, block, sizeof(block))) != 0) {
		if (got < 0)
			err = errno == EINTR ? 0 : -errno;
		else if ((size_t)got > n || memcmp(block, was, (size_t)got) != 0)
			err = -EBUSY;
		if (got > 0 && err == 0) {
			was += got;
			n -= (size_t)got;
		}
	}
	explicit_bzero(block, sizeof(block));
	return err == 0 && n > 0 ? -EBUSY : err;
}

static int examine(const char *name, const void *was, size_t n, struct stat *st)
{
	int fd = open(name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), err = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, st) != 0)
		err = -errno;
	else if (!S_ISREG(st->st_mode))
		err = -EINVAL;
	else if (st->st_nlink > 1)
		err = -EMLINK;
	else
		err = compare(fd, was, n);
	close(fd);
	return err;
}

int replace_write(int fd, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, bytes, n);

		if (done < 0 && errno != EINTR)
			return -errno;
		bytes += done > 0 ? done : 0;
		n -= done > 0 ? (size_t)done : 0;
	}
	return 0;
}

/* The owner first: a change of owner takes bits off the mode. */
static int fill(int fd, const struct stat *st, const void *bytes, size_t n)
{
	int err = replace_write(fd, bytes, n);

	if (err == 0 && ((st->st_uid != geteuid() || st->st_gid != getegid()) && fchown(fd, st->st_uid, st->st_gid) != 0))
		err = -errno;
	if (err == 0 && (fchmod(fd, st->st_mode & 07777) != 0 || fsync(fd) != 0))
		err = -errno;
	return close(fd) != 0 && err == 0 ? -errno : err;
}

/* The new name is to outlive a crash; where a folder cannot be synchronised, nothing is lost but that. */
static void sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

static int move_into(const char *name, const struct stat *st, const void *bytes, size_t n, struct buf *temp)
{
	char *folder = strdup(name);
	int fd, err;

	if (folder == NULL)
		return -ENOMEM;
	buf_printf(temp, "%s/.setkey.XXXXXX", dirname(folder));
	buf_str(temp);
	fd = mkostemp((char *)temp->bytes, O_CLOEXEC);
	err = fd < 0 ? -errno : fill(fd, st, bytes, n);
	if (err == 0 && rename((char *)temp->bytes, name) != 0)
		err = -errno;
	if (err != 0 && fd >= 0)
		unlink((char *)temp->bytes);
	if (err == 0)
		sync_folder(folder);
	free(folder);
	return err;
}

int replace_file(const char *name, const void *was, size_t nwas, const void *bytes, size_t n)
{
	struct buf temp = { 0 };
	struct stat st = { .st_size = 0 };
	int err = examine(name, was, nwas, &st);

	if (err == 0)
		err = move_into(name, &st, bytes, n, &temp);
	buf_free(&temp);
	return err;
}
