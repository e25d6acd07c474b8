/* Makes the edits that findings carry: as a difference to read, or in the files. */
#include "cmd/lint.h"

#include "cmd/write.h"
#include "text/patch.h"

#include <stdlib.h>
#include <string.h>

static void print_diff(const struct settings *s, const struct patch *p, const struct buf *text)
{
	struct source to = { 0 };
	struct buf out = { 0 };

	source_set(&to, p->src->name, (const char *)text->bytes, text->len, 1, 1);
	to.vocabulary = p->src->vocabulary;
	to.names = p->src->names;
	if (!patch_diff(p, &to, s->show_keys, &out))
		complain("keys and comments in the difference are masked: --show-keys prints, --fix=inplace makes it");
	buf_write(&out, stdout);
	buf_free(&out);
	source_free(&to);
}

static int fix(const struct settings *s, const struct patch *p)
{
	struct buf text = { 0 };
	int status = STATUS_OK;

	patch_apply(p, &text);
	if (s->fix == FIX_DIFF)
		print_diff(s, p, &text);
	else
		status = write_over(p->src, &text);
	buf_free(&text);
	return status;
}

struct mended {
	const struct diags *diags;
	const bool *taken;
	size_t next;
};

static bool is_left(void *arg, const struct diag *g)
{
	struct mended *m = arg;

	(void)g;
	return !m->taken[m->next++];
}

/* Where there are only differences to print, what has none would make the status 1 and never be heard of. */
static void tell_left(const struct diags *d, const bool *taken)
{
	size_t left = 0;

	for (size_t i = 0; i < d->n; i++)
		left += !taken[i];
	if (left > 0)
		complain("no edit for %zu of %zu findings; `setkey lint` without --fix shows them", left, d->n);
}

/* Of a file that is read twice the edits are made once. */
static bool is_again(const struct sources *list, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (source_same(list->source[k], list->source[i]))
			return true;
	return false;
}

int lint_fix(const struct settings *s, struct input *in)
{
	bool *taken = memory_resize(NULL, in->diags.n + 1, sizeof(*taken));
	int status = STATUS_OK;

	memset(taken, 0, (in->diags.n + 1) * sizeof(*taken));
	for (size_t i = 0; i < in->sources.n; i++) {
		struct patch p;

		if (is_again(&in->sources, i))
			continue;
		patch_collect(&p, &in->diags, in->sources.source[i], taken);
		if (p.n > 0 && fix(s, &p) != STATUS_OK) {
			status = STATUS_WORLD;
			for (size_t k = 0; k < in->diags.n; k++)
				taken[k] &= in->diags.diag[k].src != in->sources.source[i];
		}
		patch_free(&p);
	}
	if (s->fix == FIX_INPLACE)
		diag_filter(&in->diags, is_left, &(struct mended){ &in->diags, taken, 0 });
	else
		tell_left(&in->diags, taken);
	free(taken);
	return status;
}
