/* SPDX-License-Identifier: ISC */
/* setkey stat: what SAs and policies have carried, how fast, and when they end. */
#include "cmd/cmd.h"

#include "base/screen.h"
#include "base/wait.h"
#include "run/inspect.h"
#include "see/stat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum form { FORM_TABLE, FORM_JSON, FORM_PROMETHEUS };

static struct choices {
	unsigned form;       /* enum form */
	bool watch;
	uint32_t interval;
	const char *out;
} options;

/* As long as a day: what is longer is a slip. */
static bool set_interval(void *to, const char *v)
{
	enum { DAY = 86400 };

	return set_number(to, v) && *(uint32_t *)to >= 1 && *(uint32_t *)to <= DAY;
}

const struct opt stat_options[] = {
	{ "format", 0, "table|json|prometheus", "form of the output", NULL, &options.form, 0 },
	{ "interval", 0, "SECS", "rates over so many seconds", set_interval, &options.interval, 0 },
	{ "watch", 0, NULL, "again and again on a terminal, the busiest first", set_flag, &options.watch, 0 },
	{ "out", 0, "FILE", "replace a file as a whole, for all to read, instead of standard output",
	  set_text, &options.out, 0 },
	OPT_END
};

/* Others read it, and never the half of it. There is no key in it. */
static int write_file(const char *name, const struct buf *text)
{
	struct buf temporary = { 0 };
	char *path;
	int fd, err = 0;

	buf_printf(&temporary, "%s.XXXXXX", name);
	buf_addc(&temporary, '\0');
	path = (char *)temporary.bytes;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0 || fchmod(fd, S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH) != 0)
		err = errno;
	for (size_t at = 0; err == 0 && at < text->len;) {
		ssize_t n = write(fd, text->bytes + at, text->len - at);

		if (n < 0 && errno != EINTR)
			err = errno;
		at += n > 0 ? (size_t)n : 0;
	}
	if (err == 0 && (fsync(fd) != 0 || close(fd) != 0 || rename(path, name) != 0))
		err = errno;
	if (err != 0) {
		error("cannot write %s: %s", name, strerror(err));
		if (fd >= 0)
			unlink(path);
	}
	buf_free(&temporary);
	return err != 0 ? STATUS_SYSTEM : STATUS_OK;
}

static double now_in_secs(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* On a terminal as much as fits: each table its half, with a line for its heading and one to spare. */
static void fit_to_screen(struct stat_choices *c)
{
	unsigned lines, share;

	screen_size(&lines, &c->columns);
	share = lines / (c->sa && c->policy ? 2 : 1);
	c->lines = lines == 0 ? 0 : share > 3 ? share - 2 : 1;
}

static int print_reading(const struct view *v, const struct view *before, double secs, struct stat_choices *c)
{
	struct stat_table t;
	struct buf out = { 0 };
	int status = STATUS_OK;

	stat_find(&t, v, before, secs);
	if (options.watch) {
		stat_sort(&t);
		fit_to_screen(c);
	}
	(options.form == FORM_JSON         ? stat_print_json
	 : options.form == FORM_PROMETHEUS ? stat_print_prometheus
	                                   : stat_print_table)(&t, c, &out);
	if (options.out != NULL)
		status = write_file(options.out, &out);
	else if (options.watch)
		screen_draw(&out);
	else
		buf_write(&out, stdout);
	fflush(stdout);
	buf_free(&out);
	stat_free(&t);
	return status;
}

/* Reads, and reads again after the interval; a watch goes on until q, a signal or nobody reads. */
static int repeat_looks(const struct settings *s, struct stat_choices *c)
{
	struct inspected reading[2] = { { 0 }, { 0 } };
	double at[2] = { 0, 0 };
	unsigned now = 0;
	int status = inspect_read_kernel(&reading[0], s);

	if (status == STATUS_OK && options.watch)
		screen_begin();
	at[0] = now_in_secs();
	if (status == STATUS_OK && (options.interval == 0 || options.watch))
		status = print_reading(&reading[0].view, NULL, 0, c);
	while (status == STATUS_OK && options.interval != 0 && !ferror(stdout)) {
		if (!screen_wait(options.interval))
			break;
		now = !now;
		inspect_free(&reading[now]);
		reading[now] = (struct inspected){ 0 };
		status = inspect_read_kernel(&reading[now], s);
		at[now] = now_in_secs();
		if (status == STATUS_OK)
			status = print_reading(&reading[now].view, &reading[!now].view,
			                       at[now] - at[!now], c);
		if (!options.watch)
			break;
	}
	screen_end();
	inspect_free(&reading[0]);
	inspect_free(&reading[1]);
	return status;
}

int cmd_stat(struct settings *s, int argc, char **argv)
{
	const char *what = argc > 0 ? argv[0] : "all";
	bool all = strcmp(what, "all") == 0;
	struct stat_choices c = { .sa = all || strcmp(what, "sa") == 0,
		                  .policy = all || strcmp(what, "policy") == 0 };

	if (argc > 1 || (!c.sa && !c.policy)) {
		error("stat: expected sa, policy or nothing");
		return STATUS_USAGE;
	}
	if (options.watch && (options.form != FORM_TABLE || options.out != NULL)) {
		error("--watch prints a table on the terminal: leave out --format and --out");
		return STATUS_USAGE;
	}
	if (options.watch && options.interval == 0)
		options.interval = 1;
	c.color = want_color(s, stdout);
	if (options.watch && wait_begin() != 0) {
		error("standard output is closed");
		return STATUS_SYSTEM;
	}
	return repeat_looks(s, &c);
}
