/* setkey fmt: files in the canonical layout, to read, to compare or in place. */
#include "cmd/lint.h"

#include "base/privilege.h"
#include "base/replace.h"
#include "config/layout.h"
#include "config/parse.h"

#include <errno.h>
#include <string.h>

/* A file with an error has no layout: who knows where its statements end? Its faults are printed. */
static int parse(const struct settings *s, struct source *src)
{
	struct diags diags = { 0 };
	struct conf conf = { 0 };
	struct sources named = { 0 };
	int status;

	parse_source(src, &(struct reading){ &named, &conf, &diags, .no_keys = true, .insecure = true });
	status = diags.errors > 0 ? STATUS_REFUSED : STATUS_OK;
	if (status != STATUS_OK)
		diag_print(&diags, stderr, want_color(s, stderr));
	conf_free(&conf);
	diag_free(&diags);
	sources_free(&named);
	return status;
}

static int replace(const struct source *src, const struct buf *text)
{
	int err = strcmp(src->name, "-") == 0 ? -EINVAL : replace_file(src->name, src->text, src->len, text->bytes, text->len);

	if (err != 0)
		complain_replace(strcmp(src->name, "-") == 0 ? "standard input" : src->name, err);
	return err == 0 ? STATUS_OK : STATUS_WORLD;
}

static int format(const struct settings *s, struct source *src)
{
	struct buf text = { 0 };
	int status = parse(s, src);
	bool same;

	if (status != STATUS_OK)
		return status;
	layout(src, &text);
	same = text.len == src->len && (text.len == 0 || memcmp(text.bytes, src->text, text.len) == 0);
	if (s->check_only && !same) {
		puts(src->name);
		status = STATUS_REFUSED;
	} else if (s->inplace && !same) {
		status = replace(src, &text);
	} else if (!s->check_only && !s->inplace) {
		buf_write(&text, stdout);
	}
	buf_free(&text);
	return status;
}

int cmd_fmt(struct settings *s, int argc, char **argv)
{
	static char std[] = "-";
	char *alone[] = { std };
	struct input in = { 0 };
	int status = STATUS_OK, one;

	if (argc == 0) {
		argc = 1;
		argv = alone;
	}
	for (int i = 0; i < argc; i++)
		if ((one = input_read(&in, argv[i])) > status)
			status = one;
	privilege_keep(0);
	for (size_t i = 0; i < in.sources.n; i++)
		if (in.sources.source[i]->order != 0 && (one = format(s, in.sources.source[i])) > status)
			status = one;
	input_free(&in);
	return status;
}
