/* SPDX-License-Identifier: ISC */
/* Applies edits to a text, or shows them as a unified diff. Knows texts and findings, not what they mean. */
#include "text/patch.h"

#include "text/secret.h"
#include "text/visible.h"

#include <stdlib.h>
#include <string.h>

enum { CONTEXT = 3 };

struct candidate {
	struct edit edit;
	size_t finding;
};

static int by_place(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->edit.at.off != y->edit.at.off)
		return x->edit.at.off < y->edit.at.off ? -1 : 1;
	return x->finding < y->finding ? -1 : x->finding > y->finding;
}

static struct candidate *collect_candidates(const struct diags *d, const struct source *src, size_t *n)
{
	struct candidate *w = NULL;
	size_t cap = 0;

	*n = 0;
	for (size_t i = 0; i < d->n; i++) {
		for (size_t k = 0; d->diag[i].src == src && k < d->diag[i].nedits; k++) {
			w = memory_grow(w, *n, &cap, sizeof(*w));
			w[(*n)++] = (struct candidate){ d->diag[i].edit[k], i };
		}
	}
	if (*n > 1)
		qsort(w, *n, sizeof(*w), by_place);
	return w;
}

/* Of two findings whose edits overlap, the later one is left for another run. */
static void drop_overlapping(const struct candidate *w, size_t n, bool *chosen)
{
	size_t last = 0;

	for (size_t i = 0; i < n; i++)
		chosen[w[i].finding] = true;
	for (size_t i = 1; i < n; i++) {
		const struct edit *a = &w[last].edit, *b = &w[i].edit;

		if ((b->at.off < a->at.off + a->at.len || b->at.off == a->at.off) &&
		    w[last].finding != w[i].finding)
			chosen[w[last].finding > w[i].finding ? w[last].finding : w[i].finding] = false;
		if (b->at.off + b->at.len >= a->at.off + a->at.len)
			last = i;
	}
}

void patch_collect(struct patch *p, const struct diags *d, struct source *src, bool *chosen)
{
	size_t n;
	struct candidate *w = collect_candidates(d, src, &n);

	*p = (struct patch){ .src = src, .edit = memory_resize(NULL, n + 1, sizeof(*p->edit)) };
	drop_overlapping(w, n, chosen);
	for (size_t i = 0; i < n; i++)
		if (chosen[w[i].finding])
			p->edit[p->n++] = w[i].edit;
	free(w);
}

void patch_apply(const struct patch *p, struct buf *out)
{
	uint32_t from = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct edit *e = &p->edit[i];

		buf_add(out, p->src->text + from, e->at.off - from);
		if (e->text != NULL)
			buf_adds(out, e->text);
		from = e->at.off + e->at.len;
	}
	buf_add(out, p->src->text + from, p->src->len - from);
}

/* nold lines of the old text from line old on become nnew lines of the new text from line new on. */
struct change {
	size_t old, nold, new, nnew;
};

/* No line begins after the last newline. */
static size_t count_lines(struct source *s)
{
	size_t n = source_lines(s);

	return n - (source_line_start(s, n - 1) == s->len);
}

static size_t last_edited_line(const struct patch *p, size_t i)
{
	return source_line_at(p->src, p->edit[i].at.off + p->edit[i].at.len);
}

/*
 * The change that begins with edit *i. *i becomes the first edit after it; *moved is by how many bytes the
 * text has grown.
 */
static struct change next_change(const struct patch *p, struct source *to, size_t *i, int64_t *moved)
{
	size_t first = source_line_at(p->src, p->edit[*i].at.off), last = first, old = count_lines(p->src),
	       end;
	struct change c = {
		.old = first, .new = source_line_at(to, (uint32_t)(source_line_start(p->src, first) + *moved))
	};

	for (; *i < p->n && source_line_at(p->src, p->edit[*i].at.off) <= last; ++*i) {
		const struct edit *e = &p->edit[*i];

		last = last_edited_line(p, *i) > last ? last_edited_line(p, *i) : last;
		*moved += (int64_t)(e->text ? strlen(e->text) : 0) - e->at.len;
	}
	end = (size_t)(source_line_start(p->src, last + 1) + *moved);
	c.nold = (last + 1 < old ? last + 1 : old) - first;
	c.nnew = (end >= to->len ? count_lines(to) : source_line_at(to, (uint32_t)end)) - c.new;
	return c;
}

struct diff {
	const struct patch *patch;
	struct source *to;
	bool show_keys, masked;
	struct buf *out;
};

static void put_line(struct diff *d, char mark, struct source *s, size_t line)
{
	uint32_t from = source_line_start(s, line), to = source_line_start(s, line + 1);
	bool ended = to > from && s->text[to - 1] == '\n';

	buf_addc(d->out, mark);
	if (d->show_keys) {
		buf_add(d->out, s->text + from, to - from - ended);
	} else {
		source_line(s, from, d->out);
		d->masked |= secret_after(s, from, to) != NULL;
	}
	buf_adds(d->out, ended ? "\n" : "\n\\ No newline at end of file\n");
}

static void put_lines(struct diff *d, char mark, struct source *s, size_t from, size_t to)
{
	for (; from < to; from++)
		put_line(d, mark, s, from);
}

/* One side of a hunk header; a side without lines gives the line before. */
static void put_line_range(struct diff *d, char mark, size_t first, size_t n)
{
	buf_printf(d->out, "%c%zu,%zu ", mark, first + (n > 0), n);
}

/* One hunk of n changes. */
static void put_hunk(struct diff *d, const struct change *c, size_t n)
{
	struct source *s = d->patch->src;
	size_t before = c[0].old < CONTEXT ? c[0].old : CONTEXT, from = c[0].old - before;
	size_t after = c[n - 1].old + c[n - 1].nold, to = count_lines(s);

	to = after + CONTEXT < to ? after + CONTEXT : to;
	buf_adds(d->out, "@@ ");
	put_line_range(d, '-', from, to - from);
	put_line_range(d, '+', c[0].new - before,
	               c[n - 1].new + c[n - 1].nnew + (to - after) - (c[0].new - before));
	buf_adds(d->out, "@@\n");
	for (size_t i = 0; i < n; i++) {
		put_lines(d, ' ', s, from, c[i].old);
		put_lines(d, '-', s, c[i].old, c[i].old + c[i].nold);
		put_lines(d, '+', d->to, c[i].new, c[i].new + c[i].nnew);
		from = c[i].old + c[i].nold;
	}
	put_lines(d, ' ', s, from, to);
}

/* As diff(1) writes it: a name with special characters is quoted. */
static void put_file_name(const char *mark, const char *name, struct buf *out)
{
	bool plain = visible_is_plain(name, strlen(name)) && name[0] != '"';

	buf_printf(out, "%s %s", mark, plain ? name : "\"");
	for (; !plain && *name != '\0'; name++) {
		if (strchr("\"\\", *name) != NULL)
			buf_addc(out, '\\');
		visible_put(name, 1, out);
	}
	buf_adds(out, plain ? "\n" : "\"\n");
}

bool patch_diff(const struct patch *p, struct source *to, bool show_keys, struct buf *out)
{
	struct diff d = { .patch = p, .to = to, .show_keys = show_keys, .out = out };
	struct change *c = NULL;
	size_t n = 0, cap = 0;
	int64_t moved = 0;

	put_file_name("---", p->src->name, out);
	put_file_name("+++", p->src->name, out);
	for (size_t i = 0; i < p->n; n++) {
		c = memory_grow(c, n, &cap, sizeof(*c));
		c[n] = next_change(p, to, &i, &moved);
	}
	for (size_t i = 0, k = 1; i < n; i = k++) {
		while (k < n && c[k].old - (c[k - 1].old + c[k - 1].nold) <= 2 * (size_t)CONTEXT)
			k++;
		put_hunk(&d, &c[i], k - i);
	}
	free(c);
	return !d.masked;
}

void patch_free(struct patch *p)
{
	free(p->edit);
	*p = (struct patch){ 0 };
}
