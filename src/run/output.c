/* SPDX-License-Identifier: ISC */
/* Files that commands write: new ones, all or none, or in place of files that were read. */
#include "run/output.h"

#include "run/settings.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void complain_file(const char *name, int err)
{
	if (err == -EEXIST)
		error("%s exists already; --force replaces it", name);
	else if (err == -EBUSY)
		error("%s stays as it is: it has changed meanwhile", name);
	else if (err == -EWOULDBLOCK)
		error("cannot write %s: another process has locked its directory for a minute", name);
	else if (err == -ELOOP || err == -EINVAL)
		error("%s is %s; it is left as it is", name,
		      err == -ELOOP ? "a symbolic link" : "no regular file");
	else
		error("cannot write %s: %s", name, strerror(-err));
}

static int write_status(const char *name, int err)
{
	if (err != 0)
		complain_file(name, err);
	return err == 0 ? STATUS_OK : STATUS_SYSTEM;
}

/* In a folder such as /tmp nobody can replace what belongs to another. */
void warn_if_shared(const char *folder, bool sticky)
{
	struct stat st;

	if (stat(folder, &st) != 0 || (sticky && st.st_mode & S_ISVTX))
		return;
	if (st.st_mode & (S_IWGRP | S_IWOTH) || (st.st_uid != geteuid() && st.st_uid != 0))
		error("warning: others may write in the directory %s, and put files of their own there; "
		      "chmod go-w",
		      folder);
}

int write_lock(struct files *f, const char *const *names, size_t n)
{
	const char *first = NULL;
	int err = files_lock(f, names, n);

	for (size_t i = 0; i < n; i++) {
		char path[PATH_MAX];

		if (names[i] == NULL)
			continue;
		first = first ? first : names[i];
		strlcpy(path, names[i], sizeof(path));
		warn_if_shared(dirname(path), true);
	}
	return write_status(first, err);
}

int write_add(struct files *f, const char *name, const struct buf *text)
{
	return write_status(name, files_add(f, name, text->bytes, text->len));
}

int write_place(struct files *f, bool replace)
{
	const char *name = NULL;
	int err = files_place(f, replace, &name);

	return write_status(name, err);
}

int write_new(const char *name, const struct buf *text, bool replace)
{
	struct files files = { 0 };
	int worst = write_lock(&files, &name, 1);

	if (worst == STATUS_OK)
		worst = write_add(&files, name, text);
	if (worst == STATUS_OK)
		worst = write_place(&files, replace);
	files_free(&files);
	return worst;
}

static const char *why_kept(int err)
{
	switch (err) {
	case -EBUSY: return "it has changed meanwhile";
	case -ELOOP: return "it is a symbolic link";
	case -EMLINK: return "it has more than one name";
	case -EPERM: return "it belongs to somebody else, or may not be changed";
	case -ENOTSUP: return "it has an access list or another attribute that cannot be kept";
	case -EINVAL: return "it is no file";
	default: return strerror(-err);
	}
}

int write_over(struct files *f, const struct source *was, const struct buf *text)
{
	bool std = strcmp(was->name, "-") == 0;
	int err = std ? -EINVAL : files_add_over(f, was->name, was->text, was->len, text->bytes, text->len);

	if (err != 0)
		error("%s stays as it is: %s", std ? "standard input" : was->name, why_kept(err));
	return err == 0 ? STATUS_OK : STATUS_SYSTEM;
}
