/* SPDX-License-Identifier: ISC */
/* Makes or replaces several files, all of them or none. Knows the file system and signals only. */
#include "base/files.h"

#include "base/file_attributes.h"
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

struct new_file {
	char *name, *temp; /* temp: the temporary name; after an exchange of names the old file has it */
	const void *old; /* the nold bytes of the file that it replaces; borrowed; NULL: none exists */
	size_t nold;
	struct stat st;  /* of that file */
	int fd;          /* open and without a name; -1: it is closed and has the name temp */
	bool over;       /* made by files_add_over: old, nold and st are set */
	bool has_temp;   /* the file of the name temp is ours to remove */
	bool placed;     /* it has its name */
	bool swapped;    /* its name was exchanged with that of the old file */
	bool final;      /* it was renamed over the old file, which is gone */
};

struct folder {
	int fd;
	dev_t dev;
	ino_t ino;
};

/* The files that are being made: files_abandon removes them. */
static const struct files *open_files;

static char *folder_name(const char *name)
{
	char *room = memory_string(name), *folder = memory_string(dirname(room));

	free(room);
	return folder;
}

/* A temporary name in the same folder; its letters are chosen later. */
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

/* The absolute path, also of a file that does not exist yet. False: it has none, or one too long. */
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

/*
 * With signals blocked, no handler sees the list of files half changed, and none ends the process between two
 * renames.
 */
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

/* SA_RESETHAND has restored the default action, so that the signal, raised again, ends the process. */
static void abandon_and_raise(int number)
{
	files_abandon();
	raise(number);
}

/* Signals that are ignored or have a handler already are left alone. */
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
 * A folder that cannot be opened, as it may be written and not read, cannot be locked; files are made in it
 * all the same.
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

/* Locks all folders or none: a process that waits holds no lock, so that no two wait for each other. */
static int lock_all_or_none(struct files *f, size_t first)
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
	err = lock_all_or_none(f, first);
	while (err != 0 && f->nfolders > first)
		close(f->folder[--f->nfolders].fd);
	return err;
}

/* ---- new files ---- */

/* Random letters, so that nobody can foresee the name and make a file of that name first. */
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

/* Gives a file that has no name the name temp. */
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
 * Opens a file without a name, of which nothing is left however the process ends; or one with the name temp,
 * where the file system has no O_TMPFILE or no /proc can give it a name later. Returns the descriptor or
 * -errno.
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

/* Files without a name stay open until files_place. If few descriptors are left, the next ones are closed. */
static bool is_near_fd_limit(int fd)
{
	enum { SPARE = 16 };
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || (rlim_t)fd + SPARE < limit.rlim_cur)
		return false;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit) != 0 || (rlim_t)fd + SPARE >= limit.rlim_cur;
}

/* Before the file is made, so that files_abandon knows of everything that is on the disk. */
static struct new_file *add_entry(struct files *f, const char *name)
{
	if (open_files == NULL)
		catch_signals();
	f->file = memory_grow(f->file, f->n, &f->cap, sizeof(*f->file));
	f->file[f->n] = (struct new_file){ .name = memory_string(name), .temp = temp_name(name), .fd = -1 };
	open_files = f;
	return &f->file[f->n++];
}

static void remove_last(struct files *f)
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
 * Writes the file, and closes it unless it stays open without a name. old is open on the file that it
 * replaces, or -1.
 */
static int write_file(struct new_file *new, int fd, const void *bytes, size_t n, int old)
{
	int err = write_all(fd, bytes, n);

	if (err == 0 && old >= 0)
		err = file_attributes_copy(old, &new->st, fd);
	/* Only starts the write to the disk: files_place waits for all of them. */
	sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	if (new->fd >= 0 && !is_near_fd_limit(fd))
		return err;
	if (new->fd >= 0 && err == 0)
		err = link_temp(new);
	new->fd = -1;
	return close(fd) != 0 && err == 0 ? -errno : err;
}

/* With signals blocked, as neither the file nor the list is complete in between. */
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
		remove_last(f);
	restore_signals(&before);
	return err;
}

int files_add(struct files *f, const char *name, const void *bytes, size_t n)
{
	return make_file(f, name, NULL, bytes, n, -1);
}

/* ---- files that replace others ---- */

/* 0 if the file holds these bytes, -EBUSY if not. The buffer is wiped, as it may have held a key. */
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

/* Opens a regular file that has no other name and holds these bytes. Returns the descriptor or -errno. */
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

/* 0 if the file of this name is still the one to replace, with the content, owner and mode that it had. */
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

/* The name must be free. A file system without RENAME_NOREPLACE has hard links, if it has owners at all. */
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
 * Exchanges the names of the new and the old file, and checks the old one after that: if it has changed,
 * undo_place exchanges them again. Where names cannot be exchanged, the old file is gone for good.
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

/* An old file that does not get its name back keeps the name temp, so that it is not lost. */
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
	return lock_all_or_none(f, first);
}

/* Folders are synchronised so that the names survive a crash; the files are in place even if that fails. */
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
		remove_last(f);
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
