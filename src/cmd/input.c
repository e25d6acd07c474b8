/* Files to a judged unit of statements: read, parse, resolve, lint, print the findings. */
#include "cmd/cmd.h"

#include "config/expand.h"
#include "config/parse.h"
#include "config/resolve.h"
#include "lint/lint.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

enum { WRITABLE };

const struct rule input_rules[] = {
	[WRITABLE] = { "SK701", "writable-file", SEVERITY_ERROR, "root is to run a file that others may write",
		"Whoever may write the file could have any key and any policy set. A file of statements is to be\n"
		"written by its owner alone: chmod go-w FILE, and go-rwx if there are keys in it. It is the opened file\n"
		"that counts; standard input is not looked at, nor is any file that is only checked. --insecure runs it.",
		"chmod(1)" },
	{ NULL, NULL, 0, NULL, NULL, NULL }
};

static struct source *new_source(struct input *in)
{
	struct source *s = memory_resize(NULL, 1, sizeof(*s));

	*s = (struct source){ 0 };
	in->source = memory_grow(in->source, in->nsources, &in->cap, sizeof(struct source *));
	in->source[in->nsources++] = s;
	return s;
}

int input_read(struct input *in, const char *name)
{
	struct source *s = new_source(in);
	int err = source_read(s, name);

	if (err != 0) {
		complain("cannot read %s: %s", strcmp(name, "-") == 0 ? "standard input" : name, strerror(-err));
		return STATUS_WORLD;
	}
	s->order = (uint32_t)in->nsources;
	return 0;
}

void input_text(struct input *in, const char *name, const char *text, size_t n, uint32_t line, uint32_t col)
{
	struct source *s = new_source(in);

	source_set(s, name, text, n, line, col);
	s->order = (uint32_t)in->nsources;
}

void input_judge_writers(struct input *in)
{
	for (size_t i = 0; i < in->nsources; i++) {
		const struct source *s = in->source[i];

		if ((s->mode & (S_IWGRP | S_IWOTH)) == 0 || strcmp(s->name, "-") == 0)
			continue;
		diag_add(&in->diags, &input_rules[WRITABLE], NULL, (struct span){ 0, 0 },
		         "%s can be written by others than its owner (mode %04o), and root would do what they say", s->name, s->mode & 07777);
		diag_hint(&in->diags, "chmod go-w %s; --insecure runs it as it is", s->name);
	}
}

void input_parse(struct input *in)
{
	bool exact = in->conf.exact;

	for (; in->nparsed < in->nsources; in->nparsed++) {
		in->conf.exact = exact;
		parse_source(in->source[in->nparsed], &in->conf, &in->diags);
	}
}

/* Whether the statements are for a kernel that is known to be 6.12 or later: for this one. */
static bool is_recent_kernel(const struct settings *s)
{
	struct utsname u;
	unsigned long major, minor;
	char *end;

	if (s->check_only || uname(&u) != 0)
		return false;
	major = strtoul(u.release, &end, 10);
	minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
	return major > 6 || (major == 6 && minor >= 12);
}

int input_judge(struct input *in, size_t first, const struct settings *s)
{
	size_t errors;

	resolve_conf(&in->conf, first, true, &in->diags);
	expand_inner_families(&in->conf);
	lint_conf(&in->conf, first, &in->diags);
	lint_growth(&in->conf, is_recent_kernel(s), &in->diags);
	errors = in->diags.errors;
	diag_print(&in->diags, stderr, want_color(s, stderr));
	return errors > 0 ? STATUS_REFUSED : STATUS_OK;
}

void input_free(struct input *in)
{
	for (size_t i = 0; i < in->nsources; i++) {
		source_free(in->source[i]);
		free(in->source[i]);
	}
	free(in->source);
	conf_free(&in->conf);
	diag_free(&in->diags);
	*in = (struct input){ 0 };
}
