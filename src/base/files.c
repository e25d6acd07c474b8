/* Files made or changed as a whole or not at all. Knows the file system only. */
#include "base/files.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where a file is made that is to get this name. */
static char *temp_beside(const char *name)
{
	char *room = memory_string(name), *temp;
	struct buf b = { 0 };

	buf_printf(&b, "%s/.setkey.XXXXXX", dirname(room));
	temp = memory_string(buf_str(&b));
	free(room);
	buf_free(&b);
	return temp;
}

static int write_all(int fd, const char *bytes, size_t n)
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

/*
 * A new name is to outlive a crash; where a folder cannot be synchronised, nothing is lost but that. It takes no
 * memory: the file has its name, and whoever called has others to take back if there is none.
 */
static void sync_folder(const char *name)
{
	char room[PATH_MAX];
	int fd;

	strlcpy(room, name, sizeof(room));
	fd = open(dirname(room), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

/* Also of what is yet to be made. */
static bool full_path(const char *name, char *path)
{
	char room[PATH_MAX];
	const char *slash = strrchr(name, '/');

	if (realpath(name, path) != NULL)
		return true;
	strlcpy(room, name, sizeof(room));
	if (realpath(dirname(room), path) == NULL)
		return false;
	strlcat(path, "/", PATH_MAX);
	return strlcat(path, slash ? slash + 1 : name, PATH_MAX) < PATH_MAX;
}

bool files_same(const char *a, const char *b)
{
	char x[PATH_MAX], y[PATH_MAX];

	return full_path(a, x) && full_path(b, y) && strcmp(x, y) == 0;
}

/* ---- new files ---- */

/* Once a file has changed places with an older one, temp is the name of that. */
struct new_file {
	char *name, *temp;
	bool settled, placed, swapped, final;
};

static int wait_for_disk(const char *name)
{
	int fd = open(name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), err = fd < 0 || fsync(fd) != 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return err;
}

/* Those that are being made, for files_abandon. */
static const struct files *open_files;

/* The entry first, so that nothing is on the disk that is not known of. */
static struct new_file *add_entry(struct files *f, const char *name)
{
	f->file = memory_grow(f->file, f->n, &f->cap, sizeof(*f->file));
	f->file[f->n] = (struct new_file){ .name = memory_string(name), .temp = temp_beside(name) };
	open_files = f;
	return &f->file[f->n++];
}

int files_add(struct files *f, const char *name, const void *bytes, size_t n)
{
	struct new_file *new = add_entry(f, name);
	int fd = mkostemp(new->temp, O_CLOEXEC), err; /* exclusive, mode 0600 */

	if (fd < 0)
		return -errno;
	err = write_all(fd, bytes, n);
	/* The way to the disk begins here, and is waited for once, at the end of it all; what cannot is waited for all the same. */
	sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	if (close(fd) != 0 && err == 0)
		err = -errno;
	return err;
}

/* Not every file system can rename on conditions; all that can hold a secret have links. */
static int place_new(struct new_file *f)
{
	if (renameat2(AT_FDCWD, f->temp, AT_FDCWD, f->name, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	if (link(f->temp, f->name) != 0)
		return -errno;
	unlink(f->temp);
	return 0;
}

/* Where names cannot be exchanged, the old file is gone for good. */
static int place_over(struct new_file *f)
{
	f->swapped = renameat2(AT_FDCWD, f->temp, AT_FDCWD, f->name, RENAME_EXCHANGE) == 0;
	if (f->swapped)
		return 0;
	f->final = (errno == EINVAL || errno == ENOSYS) && rename(f->temp, f->name) == 0;
	return f->final ? 0 : -errno;
}

static int place(struct new_file *f, bool replace)
{
	struct stat st;
	bool there = lstat(f->name, &st) == 0;
	int err;

	if (there && !S_ISREG(st.st_mode))
		err = S_ISLNK(st.st_mode) ? -ELOOP : -EINVAL;
	else if (!replace || !there)
		err = place_new(f);
	else
		err = place_over(f);
	f->placed = err == 0;
	return err;
}

static void take_back(struct new_file *f)
{
	if (f->swapped)
		f->placed = rename(f->temp, f->name) != 0;
	else if (!f->final)
		unlink(f->name);
}

static bool share_folder(const char *a, const char *b)
{
	const char *x = strrchr(a, '/'), *y = strrchr(b, '/');

	return (x == NULL && y == NULL) || (x != NULL && y != NULL && x - a == y - b && memcmp(a, b, (size_t)(x - a)) == 0);
}

int files_settle(struct files *f, const char **name)
{
	int err = 0;

	for (size_t i = 0; i < f->n && err == 0; i++) {
		err = f->file[i].settled ? 0 : wait_for_disk(f->file[i].temp);
		f->file[i].settled = err == 0;
		*name = f->file[i].name;
	}
	return err;
}

int files_place(struct files *f, bool replace, const char **name)
{
	int err = files_settle(f, name);

	for (size_t i = 0; i < f->n && err == 0; i++) {
		err = place(&f->file[i], replace);
		*name = f->file[i].name;
	}
	for (size_t i = f->n; err != 0 && i-- > 0; )
		if (f->file[i].placed)
			take_back(&f->file[i]);
	for (size_t i = 0; err == 0 && i < f->n; i++)
		if (i == 0 || !share_folder(f->file[i - 1].name, f->file[i].name))
			sync_folder(f->file[i].name);
	return err;
}

void files_abandon(void)
{
	for (size_t i = 0; open_files != NULL && i < open_files->n; i++)
		unlink(open_files->file[i].temp);
}

void files_free(struct files *f)
{
	open_files = open_files == f ? NULL : open_files;
	for (size_t i = 0; i < f->n; i++) {
		unlink(f->file[i].temp); /* what has got its name is not there any more */
		free(f->file[i].name);
		free(f->file[i].temp);
	}
	free(f->file);
	*f = (struct files){ 0 };
}

/* ---- a file in the place of another ---- */

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

/* The owner first: a change of owner takes bits off the mode. */
static int fill(int fd, const struct stat *st, const void *bytes, size_t n)
{
	int err = write_all(fd, bytes, n);

	if (err == 0 && ((st->st_uid != geteuid() || st->st_gid != getegid()) && fchown(fd, st->st_uid, st->st_gid) != 0))
		err = -errno;
	if (err == 0 && (fchmod(fd, st->st_mode & 07777) != 0 || fsync(fd) != 0))
		err = -errno;
	return close(fd) != 0 && err == 0 ? -errno : err;
}

static int move_into(const char *name, const struct stat *st, const void *bytes, size_t n)
{
	char *temp = temp_beside(name);
	int fd = mkostemp(temp, O_CLOEXEC), err = fd < 0 ? -errno : fill(fd, st, bytes, n);

	if (err == 0 && rename(temp, name) != 0)
		err = -errno;
	if (err != 0 && fd >= 0)
		unlink(temp);
	if (err == 0)
		sync_folder(name);
	free(temp);
	return err;
}

int files_replace(const char *name, const void *was, size_t nwas, const void *bytes, size_t n)
{
	struct stat st = { .st_size = 0 };
	int err = examine(name, was, nwas, &st);

	return err == 0 ? move_into(name, &st, bytes, n) : err;
}
