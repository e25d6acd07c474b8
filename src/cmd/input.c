/* Files to a judged unit of statements: read, parse, resolve, lint, print the findings. */
#include "cmd/cmd.h"

#include "config/expand.h"
#include "config/parse.h"
#include "config/resolve.h"
#include "lint/lint.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

static struct source *new_source(struct input *in)
{
	struct source *s = memory_resize(NULL, 1, sizeof(*s));

	*s = (struct source){ 0 };
	in->source = memory_grow(in->source, in->nsources, &in->cap, sizeof(struct source *));
	in->source[in->nsources++] = s;
	return s;
}

int input_file(struct input *in, const char *name)
{
	struct source *s = new_source(in);
	int err = source_read(s, name);

	if (err != 0) {
		complain("cannot read %s: %s", strcmp(name, "-") == 0 ? "standard input" : name, strerror(-err));
		return STATUS_WORLD;
	}
	s->order = (uint32_t)in->nsources;
	in->conf.exact = false; /* exact; holds to the end of its file */
	parse_source(s, &in->conf, &in->diags);
	return 0;
}

void input_text(struct input *in, const char *name, const char *text, size_t n, uint32_t line, uint32_t col)
{
	struct source *s = new_source(in);

	source_set(s, name, text, n, line, col);
	s->order = (uint32_t)in->nsources;
	parse_source(s, &in->conf, &in->diags);
}

/* Whether the statements are for a kernel that is known to be 6.12 or later: for this one. */
static bool is_recent_kernel(const struct settings *s)
{
	struct utsname u;
	unsigned major, minor;

	return !s->check_only && uname(&u) == 0 && sscanf(u.release, "%u.%u", &major, &minor) == 2 &&
	       (major > 6 || (major == 6 && minor >= 12));
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
