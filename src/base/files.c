/* SPDX-License-Identifier: ISC */
/* Files made or changed as a whole or not at all. Knows the file system and signals only. */
#include "base/files.h"

#include "base/attributes.h"
#include "base/libc.h"
#include "base/memory.h"
#include "base/random.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Once a file has changed places with an older one, temp is the name of that. */
struct new_file {
	char *name, *temp;
	const void *old; /* what it is to take the place of holds these bytes, nwas of them; borrowed */
	size_t nold;
	struct stat st;  /* and is this */
	int fd;          /* open, and without a name; -1: not so */
	bool over;       /* was and st count */
	bool has_temp;   /* what has the name temp is ours to remove */
	bool placed, swapped, final;
};

struct folder {
	int fd;
	dev_t dev;
	ino_t ino;
};

/* Those that are being made, for files_abandon. */
static const struct files *open_files;

static char *folder_name(const char *name)
{
	char *room = memory_string(name), *folder = memory_string(dirname(room));

	free(room);
	return folder;
}

/* A name beside this one; the letters are chosen later. */
static char *temp_name(const char *name)
{
	char *folder = folder_name(name), *temp;
	struct buf b = { 0 };

	buf_printf(&b, "%s/.setkey.XXXXXX", folder);
	temp = memory_string(buf_str(&b));
	free(folder);
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

/* Also of what is yet to be made. */
static bool resolve_path(const char *name, char *path)
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

	return resolve_path(a, x) && resolve_path(b, y) && strcmp(x, y) == 0;
}

/* ---- signals ---- */

/* The list of files is whole, and nobody dies in the middle of a change of names, while signals wait. */
static void block_signals(sigset_t *before)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, before);
}

static void restore_signals(const sigset_t *before)
{
	sigprocmask(SIG_SETMASK, before, NULL);
}

/* It comes again as soon as this returns, and then means what it always meant. */
static void abandon_and_raise(int number)
{
	files_abandon();
	raise(number);
}

/* Signals that somebody ignores or has another use for stay as they are. */
static void catch_signals(void)
{
	static const int ends[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGPIPE, SIGALRM,
		                    SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU };
	struct sigaction old, new = { .sa_handler = abandon_and_raise, .sa_flags = SA_RESETHAND };

	sigfillset(&new.sa_mask);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (sigaction(ends[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
			sigaction(ends[i], &new, NULL);
}

void files_abandon(void)
{
	for (size_t i = 0; open_files != NULL && i < open_files->n; i++)
		if (open_files->file[i].has_temp)
			unlink(open_files->file[i].temp);
	if (open_files != NULL && open_files->made != NULL)
		rmdir(open_files->made);
}

/* ---- locks ---- */

enum { LOCK_SECS = 60, LOCK_MSECS = 20 };

static bool have_same_folder(const char *a, const char *b)
{
	const char *x = strrchr(a, '/'), *y = strrchr(b, '/');

	return (x == NULL && y == NULL) ||
	       (x != NULL && y != NULL && x - a == y - b && memcmp(a, b, (size_t)(x - a)) == 0);
}

/*
 * What cannot be opened, such as a folder that may only be written, cannot be locked, and is used all the
 * same.
 */
static void add_folder(struct files *f, const char *name)
{
	char *folder = folder_name(name);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool known = false;
	struct stat st;

	free(folder);
	if (fd < 0)
		return;
	known = fstat(fd, &st) != 0;
	for (size_t i = 0; i < f->nfolders && !known; i++)
		known = f->folder[i].dev == st.st_dev && f->folder[i].ino == st.st_ino;
	if (known) {
		close(fd);
		return;
	}
	f->folder = memory_grow(f->folder, f->nfolders, &f->capfolders, sizeof(*f->folder));
	f->folder[f->nfolders++] = (struct folder){ fd, st.st_dev, st.st_ino };
}

/* All of them or none: whoever waits holds nothing that another waits for. */
static int lock_from(struct files *f, size_t first)
{
	for (unsigned tries = 0; tries < LOCK_SECS * 1000 / LOCK_MSECS; tries++) {
		size_t i = first;

		while (i < f->nfolders &&
		       (flock(f->folder[i].fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK))
			i++;
		if (i == f->nfolders)
			return 0;
		while (i-- > first)
			flock(f->folder[i].fd, LOCK_UN);
		nanosleep(&(struct timespec){ .tv_nsec = LOCK_MSECS * 1000000L }, NULL);
	}
	return -EWOULDBLOCK;
}

int files_lock(struct files *f, const char *const *names, size_t n)
{
	size_t first = f->nfolders;
	int err;

	for (size_t i = 0; i < n; i++)
		if (names[i] != NULL)
			add_folder(f, names[i]);
	err = lock_from(f, first);
	while (err != 0 && f->nfolders > first)
		close(f->folder[--f->nfolders].fd);
	return err;
}

/* ---- what is made ---- */

/* Nobody can foresee the letters, and so nobody can have the name already to be in the way. */
static int choose_letters(char *temp)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
	uint8_t bytes[6];
	int err = random_fill(bytes, sizeof(bytes));

	for (size_t i = 0; i < sizeof(bytes) && err == 0; i++)
		temp[strlen(temp) - sizeof(bytes) + i] = letters[bytes[i] % 64];
	return err;
}

static int link_file(int fd, const char *name)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, path, AT_FDCWD, name, AT_SYMLINK_FOLLOW) != 0 ? -errno : 0;
}

/* Gives a file without a name that of temp. */
static int link_temp(struct new_file *f)
{
	int err;

	do {
		if ((err = choose_letters(f->temp)) == 0)
			err = link_file(f->fd, f->temp);
	} while (err == -EEXIST);
	f->has_temp = err == 0;
	return err;
}

/*
 * Without a name where there can be such a file, and a way to give it one later: whatever comes, nothing is
 * left.
 */
static int open_unnamed(struct new_file *f)
{
	char *folder = folder_name(f->name);
	int fd = access("/proc/self/fd", X_OK) != 0 ? -1 : open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	free(folder);
	f->fd = fd;
	if (fd < 0) {
		fd = mkostemp(f->temp, O_CLOEXEC); /* exclusive, mode 0600 */
		f->has_temp = fd >= 0;
	}
	return fd < 0 ? -errno : fd;
}

/* Each of them is open to the end: of very many the last get their names earlier. */
static bool is_near_fd_limit(int fd)
{
	enum { SPARE = 16 };
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || (rlim_t)fd + SPARE < limit.rlim_cur)
		return false;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit) != 0 || (rlim_t)fd + SPARE >= limit.rlim_cur;
}

/* The entry first, so that nothing is on the disk that is not known of. */
static struct new_file *add_entry(struct files *f, const char *name)
{
	if (open_files == NULL)
		catch_signals();
	f->file = memory_grow(f->file, f->n, &f->cap, sizeof(*f->file));
	f->file[f->n] = (struct new_file){ .name = memory_string(name), .temp = temp_name(name), .fd = -1 };
	open_files = f;
	return &f->file[f->n++];
}

static void drop_last(struct files *f)
{
	struct new_file *last = &f->file[f->n - 1];

	if (last->has_temp)
		unlink(last->temp);
	if (last->fd >= 0)
		close(last->fd);
	f->n--;
	free(last->name);
	free(last->temp);
}

/*
 * Writes it, and closes what is not to stay open. was is open on the file whose place it is to take, or -1.
 */
static int write_file(struct new_file *new, int fd, const void *bytes, size_t n, int old)
{
	int err = write_all(fd, bytes, n);

	if (err == 0 && old >= 0)
		err = attributes_copy(old, &new->st, fd);
	/* The way to the disk begins here, and is waited for once, at the end of it all. */
	sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	if (new->fd >= 0 && !is_near_fd_limit(fd))
		return err;
	if (new->fd >= 0 && err == 0)
		err = link_temp(new);
	new->fd = -1;
	return close(fd) != 0 && err == 0 ? -errno : err;
}

/* Signals wait, since they may come while the file, or the list, is half made. */
static int make_file(struct files *f, const char *name, const struct new_file *like, const void *bytes,
                     size_t n, int old)
{
	struct new_file *new;
	sigset_t before;
	int err;

	block_signals(&before);
	new = add_entry(f, name);
	if (like != NULL) {
		new->over = true;
		new->old = like->old;
		new->nold = like->nold;
		new->st = like->st;
	}
	err = open_unnamed(new);
	if (err >= 0)
		err = write_file(new, err, bytes, n, old);
	if (err != 0)
		drop_last(f);
	restore_signals(&before);
	return err;
}

int files_add(struct files *f, const char *name, const void *bytes, size_t n)
{
	return make_file(f, name, NULL, bytes, n, -1);
}

/* ---- files in the place of others ---- */

/* Whether the file still holds these bytes; a key must not stay in the buffer. */
static int compare_contents(int fd, const char *old, size_t n)
{
	char block[4096];
	ssize_t got;
	int err = 0;

	while (err == 0 && (got = read(fd, block, sizeof(block))) != 0) {
		if (got < 0)
			err = errno == EINTR ? 0 : -errno;
		else if ((size_t)got > n || memcmp(block, old, (size_t)got) != 0)
			err = -EBUSY;
		if (got > 0 && err == 0) {
			old += got;
			n -= (size_t)got;
		}
	}
	explicit_bzero(block, sizeof(block));
	return err == 0 && n > 0 ? -EBUSY : err;
}

/* Opens a regular file that has no other name and holds these bytes. */
static int open_expected(const char *name, const void *old, size_t n, struct stat *st)
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
		err = compare_contents(fd, old, n);
	if (err == 0)
		return fd;
	close(fd);
	return err;
}

/* Whether what has this name is the very file that is to give way, as it was read. */
static int check_unchanged(const struct new_file *f, const char *name)
{
	struct stat st;
	int fd = open_expected(name, f->old, f->nold, &st);

	if (fd < 0)
		return fd == -ENOENT ? -EBUSY : fd;
	close(fd);
	return st.st_dev == f->st.st_dev && st.st_ino == f->st.st_ino && st.st_mode == f->st.st_mode &&
	       st.st_uid == f->st.st_uid && st.st_gid == f->st.st_gid ? 0 : -EBUSY;
}

int files_add_over(struct files *f, const char *name, const void *old, size_t nold, const void *bytes,
                   size_t n)
{
	struct new_file like = { .old = old, .nold = nold };
	int fd = old ? open_expected(name, old, nold, &like.st) : -1, err;

	if (old != NULL && fd < 0)
		return fd;
	err = make_file(f, name, &like, bytes, n, fd);
	if (fd >= 0)
		close(fd);
	return err;
}

/* ---- names ---- */

/* Not every file system can rename on conditions; all that can hold a secret have links. */
static int link_new_file(struct new_file *f)
{
	if (f->fd >= 0)
		return link_file(f->fd, f->name);
	if (renameat2(AT_FDCWD, f->temp, AT_FDCWD, f->name, RENAME_NOREPLACE) == 0) {
		f->has_temp = false;
		return 0;
	}
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	return link(f->temp, f->name) != 0 ? -errno : 0;
}

/*
 * Where names cannot be exchanged, the old file is gone for good. What came in its place meanwhile gets it
 * back.
 */
static int replace_file(struct new_file *f)
{
	int err = f->fd >= 0 ? link_temp(f) : 0;

	if (err != 0)
		return err;
	f->swapped = renameat2(AT_FDCWD, f->temp, AT_FDCWD, f->name, RENAME_EXCHANGE) == 0;
	if (f->swapped)
		return f->over ? check_unchanged(f, f->temp) : 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	if (f->over && (err = check_unchanged(f, f->name)) != 0)
		return err;
	if (rename(f->temp, f->name) != 0)
		return -errno;
	f->has_temp = false;
	f->final = true;
	return 0;
}

static int place_file(struct new_file *f, bool replace)
{
	struct stat st;
	bool there = lstat(f->name, &st) == 0;
	int err;

	if (there && !S_ISREG(st.st_mode))
		err = S_ISLNK(st.st_mode) ? -ELOOP : -EINVAL;
	else if (f->over && f->old != NULL)
		err = there ? replace_file(f) : -EBUSY;
	else if (!replace || f->over || !there)
		err = link_new_file(f);
	else
		err = replace_file(f);
	f->placed = err == 0 || f->swapped;
	return err;
}

/* An old file that cannot have its name back keeps the other one: better there than nowhere. */
static void undo_place(struct new_file *f)
{
	if (f->swapped) {
		rename(f->temp, f->name);
		f->has_temp = false;
	} else if (!f->final) {
		unlink(f->name);
	}
}

static int place_all(struct files *f, bool replace, const char **name)
{
	int err = 0;

	for (size_t i = 0; i < f->n && err == 0; i++) {
		err = place_file(&f->file[i], replace);
		*name = f->file[i].name;
	}
	for (size_t i = f->n; err != 0 && i-- > 0; )
		if (f->file[i].placed)
			undo_place(&f->file[i]);
	for (size_t i = 0; i < f->n && err == 0; i++) {
		if (f->file[i].has_temp)
			unlink(f->file[i].temp);
		f->file[i].has_temp = false;
	}
	if (err == 0)
		f->made = NULL;
	return err;
}

static int wait_for_disk(const struct new_file *f)
{
	int fd = f->fd >= 0 ? f->fd : open(f->temp, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int err = fd < 0 || fsync(fd) != 0 ? -errno : 0;

	if (fd >= 0 && f->fd < 0)
		close(fd);
	return err;
}

static int lock_folders(struct files *f, const char **name)
{
	size_t first = f->nfolders;

	for (size_t i = 0; i < f->n; i++)
		if (i == 0 || !have_same_folder(f->file[i - 1].name, f->file[i].name))
			add_folder(f, f->file[i].name);
	*name = f->n > 0 ? f->file[0].name : NULL;
	return lock_from(f, first);
}

/* New names are to outlive a crash; where a folder cannot be synchronised, nothing is lost but that. */
int files_place(struct files *f, bool replace, const char **name)
{
	sigset_t before;
	int err = 0;

	for (size_t i = 0; i < f->n && err == 0; i++) {
		err = wait_for_disk(&f->file[i]);
		*name = f->file[i].name;
	}
	if (err == 0)
		err = lock_folders(f, name);
	block_signals(&before);
	if (err == 0)
		err = place_all(f, replace, name);
	restore_signals(&before);
	for (size_t i = 0; i < f->nfolders && err == 0; i++)
		fsync(f->folder[i].fd);
	return err;
}

int files_make_folder(struct files *f, const char *name)
{
	sigset_t before;
	int err = 0;

	block_signals(&before);
	if (open_files == NULL)
		catch_signals();
	open_files = f;
	if (mkdir(name, 0700) == 0)
		f->made = name;
	else
		err = errno == EEXIST ? 0 : -errno;
	restore_signals(&before);
	return err;
}

void files_free(struct files *f)
{
	sigset_t before;

	block_signals(&before);
	while (f->n > 0)
		drop_last(f);
	while (f->nfolders > 0)
		close(f->folder[--f->nfolders].fd);
	if (f->made != NULL)
		rmdir(f->made);
	free(f->file);
	free(f->folder);
	open_files = open_files == f ? NULL : open_files;
	*f = (struct files){ 0 };
	restore_signals(&before);
}
