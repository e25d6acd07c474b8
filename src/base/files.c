/* New files for secrets, all of them or none. Knows the file system only. */
#include "base/files.h"

#include "base/memory.h"
#include "base/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Once a file has changed places with an older one, temp is the name of that. */
struct new_file {
	char *name, *temp;
	bool settled, placed, swapped, final;
};

static char *copy(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(memory_resize(NULL, n, 1), s, n);
}


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
	char *room = copy(name);
	struct buf temp = { 0 };
	struct new_file new = { .name = copy(name) };

	buf_printf(&temp, "%s/.setkey.XXXXXX", dirname(room));
	new.temp = copy(buf_str(&temp));
	f->file = memory_grow(f->file, f->n, &f->cap, sizeof(*f->file));
	f->file[f->n] = new;
	free(room);
	buf_free(&temp);
	open_files = f;
	return &f->file[f->n++];
}

int files_add(struct files *f, const char *name, const void *bytes, size_t n)
{
	struct new_file *new = add_entry(f, name);
	int fd = mkostemp(new->temp, O_CLOEXEC), err; /* exclusive, mode 0600 */

	if (fd < 0)
		return -errno;
	err = replace_write(fd, bytes, n);
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
	int err;

	if (!replace || lstat(f->name, &st) != 0)
		err = place_new(f);
	else if (!S_ISREG(st.st_mode))
		err = S_ISLNK(st.st_mode) ? -ELOOP : -EINVAL;
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

/* The names are to outlive a crash; where a folder cannot be synchronised, nothing is lost but that. */
static void sync_folders(const struct files *f)
{
	char *last = NULL;

	for (size_t i = 0; i < f->n; i++) {
		char *room = copy(f->file[i].name), *folder = copy(dirname(room));
		int fd = last != NULL && strcmp(last, folder) == 0 ? -1 : open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd >= 0) {
			fsync(fd);
			close(fd);
		}
		free(room);
		free(last);
		last = folder;
	}
	free(last);
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
	if (err == 0)
		sync_folders(f);
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
