/* SPDX-License-Identifier: ISC */
/* setkey fmt: files in the canonical layout, to read, to compare or in place. */
#include "cmd/cmd.h"

#include "base/privilege.h"
#include "config/layout.h"
#include "config/mask_keys.h"
#include "config/parse.h"
#include "run/output.h"
#include "run/unit.h"
#include "text/secret.h"
#include "text/visible.h"

#include <string.h>

static bool check, inplace, mask;

const struct opt fmt_options[] = {
	{ "check", 'n', NULL, "print the names of files that have another layout, and change nothing", set_flag, &check, 0 },
	{ "inplace", 0, NULL, "change the files instead of printing them", set_flag, &inplace, 0 },
	{ "mask-keys", 0, NULL, "put a random key in the place of each, so that others may see the files", set_flag, &mask, 0 },
	OPT_END
};

/* Adds a comment after the line that names the interpreter, which has to be the first. */
static int put_masked(struct source *src, const struct conf *conf, struct buf *out)
{
	static const char note[] =
	        "# These are not the real keys: setkey fmt --mask-keys has replaced them.\n";
	struct buf text = { 0 }, with_note = { 0 };
	struct source masked = { 0 };
	int err = mask_keys(src, conf, &text);
	size_t first = strncmp(buf_str(&text), "#!", 2) == 0 ? strcspn(buf_str(&text), "\n") : 0;

	buf_add(&with_note, text.bytes, first);
	buf_adds(&with_note, first > 0 ? "\n" : "");
	buf_adds(&with_note, note);
	buf_add(&with_note, text.bytes + first, text.len - first);
	source_set(&masked, src->name, (const char *)with_note.bytes, with_note.len, 1, 1);
	layout(&masked, out);
	source_free(&masked);
	buf_free(&with_note);
	buf_free(&text);
	if (err != 0)
		error("the kernel gives no random bytes: %s", strerror(-err));
	return err == 0 ? STATUS_OK : STATUS_SYSTEM;
}

/* A file with an error has no layout: who knows where its statements end? Its faults are printed. */
static int lay_out(const struct settings *s, struct source *src, struct buf *out)
{
	struct diags diags = { 0 };
	struct conf conf = { 0 };
	struct sources named = { 0 };
	int status = STATUS_OK;

	parse_source(src, &(struct parse_opts){ &named, &conf, &diags, .no_keys = true, .insecure = true });
	if (diags.errors > 0)
		status = report_findings(&diags, s);
	else if (mask)
		status = put_masked(src, &conf, out);
	else
		layout(src, out);
	conf_free(&conf);
	diag_free(&diags);
	sources_free(&named);
	return status;
}

static int format_source(const struct settings *s, struct source *src, struct files *files)
{
	struct buf text = { 0 };
	int status = lay_out(s, src, &text);
	bool same = text.len == src->len && (text.len == 0 || memcmp(text.bytes, src->text, text.len) == 0);

	if (status != STATUS_OK)
		goto out;
	if (check && !same) {
		buf_clear(&text);
		visible_puts(src->name, &text);
		buf_addc(&text, '\n');
		buf_write(&text, stdout);
		status = STATUS_ERROR;
	} else if (inplace && !same) {
		status = write_over(files, src, &text);
	} else if (!check && !inplace) {
		if (!mask && secret_has_key(src))
			warn_if_open();
		buf_write(&text, stdout);
	}
out:
	buf_free(&text);
	return status;
}

int cmd_fmt(struct settings *s, int argc, char **argv)
{
	struct unit in = { 0 };
	struct files files = { 0 };
	int status;

	if (mask && (check || inplace)) {
		error("--mask-keys prints a copy for others: it does not go with --%s",
		         inplace ? "inplace, which would lose the keys" : "check");
		return STATUS_USAGE;
	}
	status = unit_read_all(&in, argc, argv);
	privilege_keep(0);
	for (size_t i = 0; i < in.sources.n; i++)
		if (in.sources.source[i]->order != 0 && !(inplace && sources_again(&in.sources, i)))
			status = status_worse(status, format_source(s, in.sources.source[i], &files));
	if (files.n > 0)
		status = status_worse(status, write_place(&files, false));
	files_free(&files);
	unit_free(&in);
	return status;
}
