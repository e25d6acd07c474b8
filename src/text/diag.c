/* Diagnostics as data: collected, sorted, counted, printed once. Knows no model and no kernel. */
#include "text/diag.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 1, 0))) static char *format(const char *fmt, va_list ap)
{
	struct buf b = { 0 };
	char *s;

	buf_vprintf(&b, fmt, ap);
	s = memory_resize(NULL, b.len + 1, 1);
	memcpy(s, buf_str(&b), b.len + 1);
	buf_free(&b);
	return s;
}

void diag_vadd(struct diags *d, const struct rule *rule, struct source *src, struct span at,
               const char *fmt, va_list ap)
{
	d->diag = memory_grow(d->diag, d->n, &d->cap, sizeof(*d->diag));
	d->diag[d->n++] = (struct diag){ .rule = rule, .src = src, .at = at, .message = format(fmt, ap) };
	d->errors += rule->severity == SEVERITY_ERROR;
	d->warnings += rule->severity == SEVERITY_WARNING;
}

void diag_add(struct diags *d, const struct rule *rule, struct source *src, struct span at,
              const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	diag_vadd(d, rule, src, at, fmt, ap);
	va_end(ap);
}

void diag_hint(struct diags *d, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	free(d->diag[d->n - 1].hint);
	d->diag[d->n - 1].hint = format(fmt, ap);
	va_end(ap);
}

static void forget(struct diag *g)
{
	free(g->message);
	free(g->hint);
}

void diag_drop(struct diags *d, size_t n)
{
	while (d->n > n) {
		struct diag *g = &d->diag[--d->n];

		d->errors -= g->rule->severity == SEVERITY_ERROR;
		d->warnings -= g->rule->severity == SEVERITY_WARNING;
		forget(g);
	}
}

static int by_place(const void *a, const void *b)
{
	const struct diag *x = a, *y = b;
	uint32_t xo = x->src ? x->src->order : 0, yo = y->src ? y->src->order : 0;

	if (xo != yo)
		return xo < yo ? -1 : 1;
	if (x->at.off != y->at.off)
		return x->at.off < y->at.off ? -1 : 1;
	return strcmp(x->rule->id, y->rule->id);
}

static const struct { const char *word, *color; } severities[] = {
	[SEVERITY_INFO] = { "info", "\033[36m" },
	[SEVERITY_WARNING] = { "warning", "\033[1;35m" },
	[SEVERITY_ERROR] = { "error", "\033[1;31m" },
};

static void put(const struct diag *g, bool color, struct buf *out)
{
	const char *bold = color ? "\033[1m" : "", *off = color ? "\033[m" : "";
	uint32_t line, col;

	if (g->src != NULL) {
		source_place(g->src, g->at.off, &line, &col);
		buf_printf(out, "%s%s:%u:%u:%s ", bold, g->src->name, line, col, off);
	} else {
		buf_printf(out, "%ssetkey:%s ", bold, off);
	}
	buf_printf(out, "%s%s:%s %s [%s]\n", color ? severities[g->rule->severity].color : "",
	           severities[g->rule->severity].word, off, g->message, g->rule->word);
	if (g->src != NULL && g->src->len > 0)
		source_excerpt(g->src, g->at, out);
	if (g->hint != NULL)
		buf_printf(out, "  hint: %s\n", g->hint);
}

void diag_print(struct diags *d, FILE *to, bool color)
{
	struct buf out = { 0 };

	if (d->n > 1)
		qsort(d->diag, d->n, sizeof(*d->diag), by_place);
	for (size_t i = 0; i < d->n; i++) {
		put(&d->diag[i], color, &out);
		forget(&d->diag[i]);
	}
	d->n = 0;
	buf_write(&out, to);
	fflush(to);
	buf_free(&out);
}

void diag_free(struct diags *d)
{
	diag_drop(d, 0);
	free(d->diag);
	*d = (struct diags){ 0 };
}
