/* setkey fmt: files in the canonical layout, to read, to compare or in place. */
#include "cmd/cmd.h"

#include "base/privilege.h"
#include "config/layout.h"
#include "config/parse.h"
#include "run/input.h"
#include "run/write.h"
#include "text/secret.h"
#include "text/visible.h"

#include <string.h>

static bool check, inplace;

const struct opt fmt_options[] = {
	{ "check", 'n', NULL, "print the names of files that have another layout, and change nothing", set_flag, &check, 0 },
	{ "inplace", 0, NULL, "change the files instead of printing them", set_flag, &inplace, 0 },
	OPT_END
};

/* A file with an error has no layout: who knows where its statements end? Its faults are printed. */
static int parse(const struct settings *s, struct source *src)
{
	struct diags diags = { 0 };
	struct conf conf = { 0 };
	struct sources named = { 0 };
	int status = STATUS_OK;

	parse_source(src, &(struct reading){ &named, &conf, &diags, .no_keys = true, .insecure = true });
	if (diags.errors > 0)
		status = complain_findings(&diags, s);
	conf_free(&conf);
	diag_free(&diags);
	sources_free(&named);
	return status;
}

static int format(const struct settings *s, struct source *src, struct files *files)
{
	struct buf text = { 0 };
	int status = parse(s, src);
	bool same;

	if (status != STATUS_OK)
		return status;
	layout(src, &text);
	same = text.len == src->len && (text.len == 0 || memcmp(text.bytes, src->text, text.len) == 0);
	if (check && !same) {
		buf_clear(&text);
		visible_puts(src->name, &text);
		buf_addc(&text, '\n');
		buf_write(&text, stdout);
		status = STATUS_REFUSED;
	} else if (inplace && !same) {
		status = write_over(files, src, &text);
	} else if (!check && !inplace) {
		if (secret_has_key(src))
			warn_if_open();
		buf_write(&text, stdout);
	}
	buf_free(&text);
	return status;
}

int cmd_fmt(struct settings *s, int argc, char **argv)
{
	struct input in = { 0 };
	struct files files = { 0 };
	int status = input_read_all(&in, argc, argv);

	privilege_keep(0);
	for (size_t i = 0; i < in.sources.n; i++)
		if (in.sources.source[i]->order != 0 && !(inplace && sources_again(&in.sources, i)))
			status = status_worse(status, format(s, in.sources.source[i], &files));
	if (files.n > 0)
		status = status_worse(status, write_place(&files, false));
	files_free(&files);
	input_free(&in);
	return status;
}
