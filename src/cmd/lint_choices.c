/* What the user has chosen for lint: a file .setkey-lint, then SETKEY_LINT_OPTS, then the command line, which counts most. */
#include "cmd/lint.h"

#include <ctype.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char file_name[] = ".setkey-lint";

/* Words as getopt takes them, behind one for the command. */
struct word_list {
	char **word;
	size_t n, cap;
};

/* Of the file and of the environment: values that are borrowed point into them, so they are there to the end. */
static struct word_list in_file, in_environment;

static void add_word(struct word_list *w, const char *text, size_t n)
{
	struct buf b = { 0 };

	w->word = memory_grow(w->word, w->n + 1, &w->cap, sizeof(*w->word));
	buf_adds(&b, n > 0 && text[0] != '-' && w->n > 0 ? "--" : "");
	buf_add(&b, text, n);
	w->word[w->n++] = memory_string(buf_str(&b));
	w->word[w->n] = NULL;
	buf_free(&b);
}

static int take(struct settings *s, const struct cmd *c, struct word_list *w, const char *where)
{
	enum fix fix = s->fix;
	int first = w->n > 1 ? options_again(s, c, (int)w->n, w->word) : (int)w->n;
	bool good = first == (int)w->n && s->fix == fix;

	if (!good)
		complain("%s is to hold options of `setkey lint` alone, and not fix", where);
	return good ? STATUS_OK : STATUS_USAGE;
}

/* One option a line, with or without the two signs in front of it; # begins a comment. */
static int read_file(struct settings *s, const struct cmd *c, FILE *from, const char *name)
{
	struct word_list *w = &in_file;
	char *line = NULL;
	size_t size = 0;
	int err;

	add_word(w, "setkey", strlen("setkey"));
	while (getline(&line, &size, from) >= 0) {
		char *p = line + strspn(line, " \t");
		size_t n = strcspn(p, "#\r\n");

		while (n > 0 && isspace((unsigned char)p[n - 1]))
			n--;
		if (n > 0)
			add_word(w, p, n);
	}
	err = ferror(from) ? errno : 0;
	free(line);
	if (err == 0)
		return take(s, c, w, name);
	complain("cannot read %s: %s", name, strerror(err));
	return STATUS_WORLD;
}

/* The file in this folder or in the nearest one above it. */
static FILE *find(char *folder, struct buf *name)
{
	for (;;) {
		FILE *f;

		buf_clear(name);
		buf_printf(name, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, file_name);
		f = fopen(buf_str(name), "re");
		if (f != NULL || (errno != ENOENT && errno != EACCES) || strcmp(folder, "/") == 0)
			return f;
		folder = dirname(folder);
	}
}

static int from_file(struct settings *s, const struct cmd *c, const char *first)
{
	char path[PATH_MAX];
	bool there = first != NULL && strcmp(first, "-") != 0 && realpath(first, path) != NULL;
	struct buf name = { 0 };
	int status = STATUS_OK;
	FILE *f;

	if (!there && getcwd(path, sizeof(path)) == NULL)
		return STATUS_OK;
	f = find(there ? dirname(path) : path, &name);
	if (f != NULL) {
		status = read_file(s, c, f, buf_str(&name));
		fclose(f);
	} else if (errno != ENOENT && errno != EACCES) {
		complain("cannot read %s: %s", buf_str(&name), strerror(errno));
		status = STATUS_WORLD;
	}
	buf_free(&name);
	return status;
}

static int from_environment(struct settings *s, const struct cmd *c)
{
	const char *p = getenv("SETKEY_LINT_OPTS");
	struct word_list *w = &in_environment;

	add_word(w, "setkey", strlen("setkey"));
	for (p = p ? p : ""; *(p += strspn(p, " \t\n")) != '\0'; p += strcspn(p, " \t\n"))
		add_word(w, p, strcspn(p, " \t\n"));
	return take(s, c, w, "SETKEY_LINT_OPTS");
}

/* What no kernel takes would not go away by being called a warning. */
static int check_levels(const struct levels *levels)
{
	for (const struct rule *r = rule_next(NULL); r != NULL; r = rule_next(r)) {
		uint8_t level = levels->of[rule_number(r)];

		if (level == 0 || level == SEVERITY_ERROR + 1 || !rule_is_fixed(r))
			continue;
		complain("%s %s is about what no kernel takes: it stays an error", r->id, r->word);
		return STATUS_USAGE;
	}
	return STATUS_OK;
}

int lint_choices(struct settings *s, const char *first)
{
	const struct cmd *c = command_find("lint");
	int status = STATUS_OK;

	if (!s->no_config) {
		struct settings all = { .format = s->format, .report = reports, .fail_on = SEVERITY_ERROR, .profile = profiles,
		                        .argc = s->argc, .argv = s->argv };

		status = from_file(&all, c, first);
		if (status == STATUS_OK)
			status = from_environment(&all, c);
		if (status == STATUS_OK && options_again(&all, c, all.argc, all.argv) < 0)
			status = STATUS_USAGE;
		*s = all;
	}
	if (status == STATUS_OK)
		status = check_levels(&s->levels);
	profile_apply(s->profile, &s->levels);
	return status;
}
