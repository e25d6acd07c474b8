/* SPDX-License-Identifier: ISC */
/* Makes the edits that findings carry: as a difference to read, or in the files. */
#include "cmd/lint.h"

#include "run/output.h"
#include "text/patch.h"
#include "text/secret.h"

#include <stdlib.h>
#include <string.h>

static void print_diff(const struct settings *s, const struct patch *p, const struct buf *text)
{
	struct source to = { 0 };
	struct buf out = { 0 };

	if (s->show_keys && secret_has_key(p->src))
		warn_if_open();
	source_set(&to, p->src->name, (const char *)text->bytes, text->len, 1, 1);
	to.vocabulary = p->src->vocabulary;
	to.names = p->src->names;
	if (!patch_diff(p, &to, s->show_keys, &out))
		error("keys and comments in the difference are masked: --show-keys prints, --fix=inplace "
		         "makes it");
	buf_write(&out, stdout);
	buf_free(&out);
	source_free(&to);
}

static int apply_fixes(const struct settings *s, enum fix fix, const struct patch *p, struct files *files)
{
	struct buf text = { 0 };
	int status = STATUS_OK;

	patch_apply(p, &text);
	if (fix == FIX_DIFF)
		print_diff(s, p, &text);
	else
		status = write_over(files, p->src, &text);
	buf_free(&text);
	return status;
}

struct mended {
	const struct diags *diags;
	const bool *fixed;
	size_t next;
};

static bool is_left(void *arg, const struct diag *g)
{
	struct mended *m = arg;

	(void)g;
	return !m->fixed[m->next++];
}

/* Where there are only differences to print, what has none would make the status 1 and never be heard of. */
static void report_left(const struct diags *d, const bool *fixed)
{
	size_t left = 0;

	for (size_t i = 0; i < d->n; i++)
		left += !fixed[i];
	if (left > 0)
		error("no edit for %zu of %zu findings; `setkey lint` without --fix shows them", left,
		         d->n);
}

/*
 * A file that others name too may be another's, and is not changed unasked. Returns whether its findings are
 * mended.
 */
static bool fix_source(const struct settings *s, enum fix fix, const struct patch *p, struct files *files,
                       int *status)
{
	if (fix == FIX_INPLACE && p->src->from != NULL) {
		error("%s stays as it is: it is only named in %s; name it here to have it mended",
		         p->src->name, p->src->from->name);
		return false;
	}
	if (apply_fixes(s, fix, p, files) == STATUS_OK)
		return true;
	*status = STATUS_SYSTEM;
	return false;
}

/* Of a file that is read twice the edits are made once. */
int lint_fix(const struct settings *s, enum fix fix, struct unit *in)
{
	bool *fixed = memory_resize(NULL, in->diags.n + 1, sizeof(*fixed));
	struct files files = { 0 };
	int status = STATUS_OK;

	memset(fixed, 0, (in->diags.n + 1) * sizeof(*fixed));
	for (size_t i = 0; i < in->sources.n; i++) {
		struct patch p;

		if (sources_again(&in->sources, i))
			continue;
		patch_collect(&p, &in->diags, in->sources.source[i], fixed);
		if (p.n > 0 && !fix_source(s, fix, &p, &files, &status))
			for (size_t k = 0; k < in->diags.n; k++)
				fixed[k] &= in->diags.diag[k].src != in->sources.source[i];
		patch_free(&p);
	}
	if (files.n > 0 && write_place(&files, false) != STATUS_OK) {
		status = STATUS_SYSTEM;
		memset(fixed, 0, (in->diags.n + 1) * sizeof(*fixed));
	}
	files_free(&files);
	if (fix == FIX_INPLACE)
		diag_filter(&in->diags, is_left, &(struct mended){ &in->diags, fixed, 0 });
	else
		report_left(&in->diags, fixed);
	free(fixed);
	return status;
}
