/* SPDX-License-Identifier: ISC */
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

static int find_severity(const char *word)
{
	for (int i = SEVERITY_OFF; i <= SEVERITY_ERROR; i++)
		if (strcmp(severity_word((enum severity)i), word) == 0)
			return i;
	return -1;
}

static bool set_fail_on(void *to, const char *v)
{
	int found = strcmp(v, "never") == 0 ? SEVERITY_OFF : find_severity(v);

	*(enum severity *)to = (enum severity)found;
	return found >= 0;
}

/* A rule by number or word; without a level as severe as it is, or a warning. */
static bool choose_level(struct levels *levels, const char *id, size_t n, int level)
{
	const struct rule *r = rule_find(id, n);

	if (r != NULL && level < 0)
		level = r->severity != SEVERITY_OFF ? (int)r->severity : SEVERITY_WARNING;
	if (r != NULL)
		levels->of[rule_number(r)] = (uint8_t)(level + 1);
	return r != NULL;
}

static bool set_enable(void *to, const char *v)
{
	return choose_level(to, v, strlen(v), -1);
}

static bool set_disable(void *to, const char *v)
{
	return choose_level(to, v, strlen(v), SEVERITY_OFF);
}

/* ID=LEVEL */
static bool set_severity(void *to, const char *v)
{
	size_t n = strcspn(v, "=");
	int level = v[n] == '=' ? find_severity(v + n + 1) : -1;

	return level >= 0 && choose_level(to, v, n, level);
}

static bool set_profile(void *to, const char *v)
{
	const struct profile *p = profiles;

	while (p->name != NULL && strcmp(p->name, v) != 0)
		p++;
	*(const struct profile **)to = p;
	return p->name != NULL;
}

static bool set_fix(void *to, const char *v)
{
	*(enum fix *)to = v != NULL && strcmp(v, "inplace") == 0 ? FIX_INPLACE : FIX_DIFF;
	return true;
}

static bool set_report(void *to, const char *v)
{
	const struct report *r = reports;

	while (r->name != NULL && strcmp(r->name, v) != 0)
		r++;
	*(const struct report **)to = r;
	return r->name != NULL;
}

#define DEFAULTS { .report = reports, .fail_on = SEVERITY_ERROR, .profile = profiles }

struct lint_choices lint_choices = DEFAULTS;

#define CHOICE(member) &lint_choices.member

const struct opt lint_options[] = {
	{ "format", 0, "text|gcc|json|jsonl|sarif|github", "form of the findings", set_report, CHOICE(report), 0 },
	OPT_SHOW_KEYS,
	{ "fail-on", 0, "error|warning|info|never", "the least finding that makes the exit status 1", set_fail_on, CHOICE(fail_on), 0 },
	{ "severity", 0, "ID=LEVEL", "take findings of this rule as error, warning, info or off", set_severity, CHOICE(levels), 0 },
	{ "enable", 0, "ID", "enable a rule", set_enable, CHOICE(levels), 0 },
	{ "disable", 0, "ID", "disable a rule", set_disable, CHOICE(levels), 0 },
	{ "profile", 0, "default|strict|rfc8221|nist|cnsa|bsi|routing|lab", "rule profile", set_profile, CHOICE(profile), 0 },
	{ "baseline", 0, "FILE", "a JSON report whose findings are not reported again", set_text, CHOICE(baseline), 0 },
	{ "fix", 0, "[diff|inplace]", "print, or make, the edits that keep the meaning", set_fix, CHOICE(fix), 0 },
	{ "list-rules", 0, NULL, "every rule there is", set_flag, CHOICE(list_rules), 0 },
	{ "no-config", 0, NULL, "read neither .setkey-lint nor SETKEY_LINT_OPTS", set_flag, CHOICE(no_config), 0 },
	{ "kernel", 0, NULL, "check the running kernel's tables too", set_flag, CHOICE(kernel), 0 },
	OPT_NO_FWD,
	OPT_INSECURE,
	{ "no-keys", 0, NULL, "the files with the keys are elsewhere: check the rest", set_flag, &settings.no_keys, 0 },
	OPT_END
};

/* Words as getopt reads them, after one for the command. */
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

static int apply_words(const struct cmd *c, struct word_list *w, const char *where)
{
	enum fix fix = lint_choices.fix;
	int first = w->n > 1 ? options_reparse(c, (int)w->n, w->word) : (int)w->n;
	bool good = first == (int)w->n && lint_choices.fix == fix;

	if (!good)
		error("%s may hold options of `setkey lint` only, and not fix", where);
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
static int read_lines(const struct cmd *c, const struct source *from)
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
			error("%s:%u: a line is severity=ID=LEVEL, enable=ID, disable=ID, profile=NAME or "
			         "fail-on=LEVEL",
			         from->name, line);
			return STATUS_USAGE;
		}
		if (n > 0)
			add_word(w, word, n);
	}
	return apply_words(c, w, from->name);
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
static bool find_config(char *folder, struct buf *name, struct stat *st)
{
	for (;;) {
		bool there;

		buf_clear(name);
		buf_printf(name, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, file_name);
		there = stat(buf_str(name), st) == 0;
		if (there && is_trusted(st))
			return true;
		if (there)
			error("%s is ignored: it %s", buf_str(name),
			         st->st_mode & (S_IWGRP | S_IWOTH) ?
			                 "can be written by others than its owner; chmod go-w" :
			                 "belongs to somebody else");
		if (is_top(folder))
			return false;
		folder = dirname(folder);
	}
}

/* *name is the file that counts, if there is one. */
static int read_config(const struct cmd *c, const char *first, struct buf *name)
{
	char path[PATH_MAX];
	bool there = first != NULL && strcmp(first, "-") != 0 && realpath(first, path) != NULL;
	struct source text = { 0 };
	struct stat st;
	int err;

	if (!there && getcwd(path, sizeof(path)) == NULL)
		return STATUS_OK;
	there = there && !(stat(path, &st) == 0 && S_ISDIR(st.st_mode));
	if (!find_config(there ? dirname(path) : path, name, &st)) {
		buf_clear(name);
		return STATUS_OK;
	}
	err = S_ISDIR(st.st_mode)     ? -EISDIR :
	      !S_ISREG(st.st_mode)    ? -EINVAL :
	      st.st_size > SIZE_LIMIT ? -EFBIG :
	                                source_read(&text, buf_str(name));
	if (err == 0)
		err = read_lines(c, &text);
	else if (err == -EINVAL)
		error("cannot read %s: not a regular file", buf_str(name));
	else
		error("cannot read %s: %s", buf_str(name), strerror(-err));
	source_free(&text);
	return err < 0 ? STATUS_SYSTEM : err;
}

static int read_environment(const struct cmd *c)
{
	const char *p = getenv("SETKEY_LINT_OPTS");
	struct word_list *w = &in_environment;

	add_word(w, "setkey", strlen("setkey"));
	for (p = p ? p : ""; *(p += strspn(p, " \t\n")) != '\0'; p += strcspn(p, " \t\n"))
		add_word(w, p, strcspn(p, " \t\n"));
	return apply_words(c, w, "SETKEY_LINT_OPTS");
}

/* What no kernel takes would not go away by being called a warning. */
static int check_levels(const struct levels *levels)
{
	for (const struct rule *r = rule_next(NULL); r != NULL; r = rule_next(r)) {
		uint8_t level = levels->of[rule_number(r)];

		if (level == 0 || level == SEVERITY_ERROR + 1 || !rule_is_fixed(r))
			continue;
		error("%s %s stays an error: the kernel would refuse the statement", r->id, r->name);
		return STATUS_USAGE;
	}
	return STATUS_OK;
}

int lint_choose(const struct settings *s, const char *first)
{
	const struct cmd *c = command_find("lint");
	int status = STATUS_OK;

	if (!lint_choices.no_config) {
		struct buf name = { 0 };

		lint_choices = (struct lint_choices)DEFAULTS;
		status = read_config(c, first, &name);
		if (status == STATUS_OK)
			status = read_environment(c);
		if (status == STATUS_OK && options_reparse(c, s->argc, s->argv) < 0)
			status = STATUS_USAGE;
		if (status == STATUS_OK && name.len > 0 && lint_choices.report == reports &&
		    !lint_choices.list_rules)
			error("using %s", buf_str(&name));
		buf_free(&name);
	}
	if (status == STATUS_OK)
		status = check_levels(&lint_choices.levels);
	profile_apply(lint_choices.profile, &lint_choices.levels);
	return status;
}
