/*
 * What the user has chosen for lint: a file .setkey-lint, then SETKEY_LINT_OPTS, then the command line, which
 * counts most.
 */
#include "cmd/lint.h"

#include <ctype.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIZE_LIMIT = 64 * 1024 };

static const char file_name[] = ".setkey-lint";

/* Words as getopt takes them, behind one for the command. */
struct word_list {
	char **word;
	size_t n, cap;
};

/*
 * Of the file and of the environment: values that are borrowed point into them, so they are there to the end.
 */
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

/*
 * True for what says how severe a finding is: whoever wrote the file is not to choose more for the one who
 * runs lint.
 */
static bool is_about_rules(const char *word, size_t n)
{
	static const char *const names[] = { "severity", "enable", "disable", "profile", "fail-on" };
	size_t skip = n > 2 && memcmp(word, "--", 2) == 0 ? 2 : 0, len = strcspn(word + skip, "=");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (len == strlen(names[i]) && len + skip < n && memcmp(word + skip, names[i], len) == 0)
			return true;
	return false;
}

/* One option a line, with or without the two signs in front of it; # begins a comment. */
static int read_lines(struct settings *s, const struct cmd *c, const struct source *from)
{
	struct word_list *w = &in_file;
	const char *p = from->text;

	add_word(w, "setkey", strlen("setkey"));
	for (unsigned line = 1; p < from->text + from->len; line++) {
		const char *word = p + strspn(p, " \t");
		size_t n = strcspn(word, "#\r\n");

		p = word + strcspn(word, "\n");
		p += p < from->text + from->len;
		while (n > 0 && isspace((unsigned char)word[n - 1]))
			n--;
		if (n > 0 && !is_about_rules(word, n)) {
			complain("%s:%u: a line is severity=ID=LEVEL, enable=ID, disable=ID, profile=NAME or "
			         "fail-on=LEVEL",
			         from->name, line);
			return STATUS_USAGE;
		}
		if (n > 0)
			add_word(w, word, n);
	}
	return take(s, c, w, from->name);
}

/* Nobody but the caller and root can have written it: what others chose could hide what they did. */
static bool is_trusted(const struct stat *st)
{
	return (st->st_uid == geteuid() || st->st_uid == 0) && (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* The top of a repository, or of a file system: what lies above is somebody else's. */
static bool is_top(const char *folder)
{
	static const char *const marks[] = { "/.git", "/.hg", "/.svn", "/.." };
	struct stat here, there;
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		strlcpy(path, folder, sizeof(path));
		strlcat(path, marks[i], sizeof(path));
		if (lstat(path, &there) == 0 && strcmp(marks[i], "/..") != 0)
			return true;
	}
	return strcmp(folder, "/") == 0 || stat(folder, &here) != 0 || stat(path, &there) != 0 ||
	       here.st_dev != there.st_dev;
}

/* The file in this folder or in the nearest one above it that has one to be trusted. False: there is none. */
static bool find(char *folder, struct buf *name, struct stat *st)
{
	for (;;) {
		bool there;

		buf_clear(name);
		buf_printf(name, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, file_name);
		there = stat(buf_str(name), st) == 0;
		if (there && is_trusted(st))
			return true;
		if (there)
			complain("%s does not count: it %s", buf_str(name),
			         st->st_mode & (S_IWGRP | S_IWOTH) ?
			                 "can be written by others than its owner; chmod go-w" :
			                 "belongs to somebody else");
		if (is_top(folder))
			return false;
		folder = dirname(folder);
	}
}

/* *name is the file that counts, if there is one. */
static int from_file(struct settings *s, const struct cmd *c, const char *first, struct buf *name)
{
	char path[PATH_MAX];
	bool there = first != NULL && strcmp(first, "-") != 0 && realpath(first, path) != NULL;
	struct source text = { 0 };
	struct stat st;
	int err;

	if (!there && getcwd(path, sizeof(path)) == NULL)
		return STATUS_OK;
	there = there && !(stat(path, &st) == 0 && S_ISDIR(st.st_mode));
	if (!find(there ? dirname(path) : path, name, &st)) {
		buf_clear(name);
		return STATUS_OK;
	}
	err = S_ISDIR(st.st_mode)     ? -EISDIR :
	      !S_ISREG(st.st_mode)    ? -EINVAL :
	      st.st_size > SIZE_LIMIT ? -EFBIG :
	                                source_read(&text, buf_str(name));
	if (err == 0)
		err = read_lines(s, c, &text);
	else if (err == -EINVAL)
		complain("cannot read %s: it is no regular file", buf_str(name));
	else
		complain("cannot read %s: %s", buf_str(name), strerror(-err));
	source_free(&text);
	return err < 0 ? STATUS_WORLD : err;
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
		struct buf name = { 0 };

		status = from_file(&all, c, first, &name);
		if (status == STATUS_OK)
			status = from_environment(&all, c);
		if (status == STATUS_OK && options_again(&all, c, all.argc, all.argv) < 0)
			status = STATUS_USAGE;
		*s = all;
		if (status == STATUS_OK && name.len > 0 && s->report == reports && !s->list_rules)
			complain("%s counts", buf_str(&name));
		buf_free(&name);
	}
	if (status == STATUS_OK)
		status = check_levels(&s->levels);
	profile_apply(s->profile, &s->levels);
	return status;
}
