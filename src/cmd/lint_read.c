/* SPDX-License-Identifier: ISC */
/* What setkey lint reads: files, standard input, and of a directory the *.conf in it, as one unit. */
#include "cmd/lint.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int is_conf(const struct dirent *e)
{
	return fnmatch("*.conf", e->d_name, FNM_PERIOD) == 0;
}

/* By bytes, as boot scripts read them under LC_ALL=C: alphasort would follow the user's language. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* The source keeps its name. */
static int read_entry(struct unit *in, const char *dir, const char *entry)
{
	size_t n = strlen(dir);
	struct buf path = { 0 };
	int status;

	buf_printf(&path, "%s%s%s", dir, n > 0 && dir[n - 1] == '/' ? "" : "/", entry);
	status = unit_read(in, buf_str(&path));
	in->sources.source[in->sources.n - 1]->path = (char *)path.bytes;
	return status;
}

static int read_directory(struct unit *in, const char *dir)
{
	struct dirent **entry;
	int n = scandir(dir, &entry, is_conf, by_name), status = STATUS_OK;

	if (n < 0)
		error("cannot read %s: %s", dir, strerror(errno));
	else if (n == 0)
		error("there is no *.conf in %s", dir);
	for (int i = 0; i < n; i++) {
		status = status_worse(status, read_entry(in, dir, entry[i]->d_name));
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
	return n > 0 ? status : STATUS_SYSTEM;
}

int lint_read(struct unit *in, int argc, char **argv)
{
	int status = argc == 0 ? unit_read(in, "-") : STATUS_OK;
	struct stat st;

	for (int i = 0; i < argc; i++)
		status = status_worse(status, stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode) ?
		                                      read_directory(in, argv[i]) :
		                                      unit_read(in, argv[i]));
	return status;
}
