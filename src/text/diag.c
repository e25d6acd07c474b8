/* SPDX-License-Identifier: ISC */
/* Diagnostics as data: collected, sorted, counted, printed once. Knows no model and no kernel. */
#include "text/diag.h"

#include "base/memory.h"
#include "text/visible.h"

#include <stdlib.h>
#include <string.h>

/* One line, even if the name of a file or a host in it has control characters. */
__attribute__((format(printf, 1, 0))) static char *format_message(const char *fmt, va_list ap)
{
	struct buf b = { 0 }, shown = { 0 };
	char *s;

	buf_vprintf(&b, fmt, ap);
	visible_puts(buf_str(&b), &shown);
	s = memory_string(buf_str(&shown));
	buf_free(&b);
	buf_free(&shown);
	return s;
}

unsigned rule_number(const struct rule *rule)
{
	return (unsigned)strtoul(rule->id + 2, NULL, 10) % RULE_MAX;
}

enum severity diag_severity(const struct diags *d, const struct rule *rule)
{
	uint8_t level = d->levels ? d->levels->of[rule_number(rule)] : 0;

	return level != 0 ? (enum severity)(level - 1) : rule->severity;
}

static void adjust_count(struct diags *d, enum severity severity, int by)
{
	size_t *counts[] = {
		[SEVERITY_INFO] = &d->infos, [SEVERITY_WARNING] = &d->warnings, [SEVERITY_ERROR] = &d->errors,
	};

	*counts[severity] += (size_t)by;
}

void diag_vadd(struct diags *d, const struct rule *rule, struct source *src, struct span at,
               const char *fmt, va_list ap)
{
	enum severity severity = diag_severity(d, rule);

	d->muted = severity == SEVERITY_OFF;
	if (d->muted)
		return;
	d->diag = memory_grow(d->diag, d->n, &d->cap, sizeof(*d->diag));
	d->diag[d->n++] = (struct diag){ .rule = rule, .severity = severity, .src = src, .at = at,
	                                 .message = format_message(fmt, ap) };
	adjust_count(d, severity, 1);
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

	if (d->muted || d->n == 0)
		return;
	va_start(ap, fmt);
	free(d->diag[d->n - 1].hint);
	d->diag[d->n - 1].hint = format_message(fmt, ap);
	va_end(ap);
}

void diag_note(struct diags *d, struct source *src, struct span at, const char *fmt, ...)
{
	struct diag *g = d->muted || d->n == 0 ? NULL : &d->diag[d->n - 1];
	va_list ap;

	if (g == NULL || g->nalso == ALSO_MAX)
		return;
	va_start(ap, fmt);
	g->also[g->nalso++] = (struct note){ src, at, format_message(fmt, ap) };
	va_end(ap);
}

void diag_edit(struct diags *d, struct span at, const char *text)
{
	struct diag *g = d->muted || d->n == 0 ? NULL : &d->diag[d->n - 1];

	if (g == NULL)
		return;
	g->edit = memory_grow(g->edit, g->nedits, &g->capedits, sizeof(*g->edit));
	g->edit[g->nedits++] = (struct edit){ at, *text != '\0' ? memory_string(text) : NULL };
}

static void free_diag(struct diag *g)
{
	free(g->message);
	free(g->hint);
	for (size_t i = 0; i < g->nedits; i++)
		free(g->edit[i].text);
	free(g->edit);
	for (unsigned i = 0; i < g->nalso; i++)
		free(g->also[i].message);
}

void diag_filter(struct diags *d, bool (*keep)(void *arg, const struct diag *g), void *arg)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->n; i++) {
		struct diag *g = &d->diag[i];

		if (keep(arg, g)) {
			d->diag[kept++] = *g;
			continue;
		}
		adjust_count(d, g->severity, -1);
		free_diag(g);
	}
	d->n = kept;
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

void diag_sort(struct diags *d)
{
	if (d->n > 1)
		qsort(d->diag, d->n, sizeof(*d->diag), by_place);
}

static const struct { const char *word, *color; } severities[] = {
	[SEVERITY_OFF] = { "off", "" },
	[SEVERITY_INFO] = { "info", "\033[36m" },
	[SEVERITY_WARNING] = { "warning", "\033[1;35m" },
	[SEVERITY_ERROR] = { "error", "\033[1;31m" },
};

const char *severity_word(enum severity severity)
{
	return severities[severity].word;
}

static void put_place(struct source *src, struct span at, bool color, struct buf *out)
{
	const char *bold = color ? "\033[1m" : "", *off = color ? "\033[m" : "";
	uint32_t line, col;

	if (src == NULL) {
		buf_printf(out, "%ssetkey:%s ", bold, off);
		return;
	}
	source_place(src, at.off, &line, &col);
	buf_adds(out, bold);
	visible_puts(src->name, out);
	buf_printf(out, ":%u:%u:%s ", line, col, off);
}

bool diag_place(const struct diag *g, unsigned i, struct note *place)
{
	static char named[] = "named here";
	const struct source *src = g->src;

	if (i < g->nalso) {
		*place = g->also[i];
		return true;
	}
	for (i -= g->nalso; i > 0 && src != NULL; i--)
		src = src->from;
	if (src == NULL || src->from == NULL)
		return false;
	*place = (struct note){ src->from, src->from_at, named };
	return true;
}

void diag_text(const struct diag *g, bool color, struct buf *out)
{
	struct note place;

	put_place(g->src, g->at, color, out);
	buf_printf(out, "%s%s:%s %s [%s]\n", color ? severities[g->severity].color : "",
	           severities[g->severity].word, color ? "\033[m" : "", g->message, g->rule->name);
	if (g->src != NULL && g->src->len > 0)
		source_excerpt(g->src, g->at, out);
	for (unsigned i = 0; diag_place(g, i, &place); i++) {
		put_place(place.src, place.at, color, out);
		buf_printf(out, "note: %s\n", place.message);
		source_excerpt(place.src, place.at, out);
	}
	if (g->hint != NULL)
		buf_printf(out, "  hint: %s\n", g->hint);
}

void diag_print(struct diags *d, FILE *to, bool color)
{
	enum { WRITE_AT = 1 << 16 };
	struct buf out = { 0 };

	diag_sort(d);
	for (size_t i = 0; i < d->n; i++) {
		diag_text(&d->diag[i], color, &out);
		free_diag(&d->diag[i]);
		if (out.len >= WRITE_AT) {
			buf_write(&out, to);
			buf_clear(&out);
		}
	}
	d->n = 0;
	buf_write(&out, to);
	fflush(to);
	buf_free(&out);
}

void diag_free(struct diags *d)
{
	for (size_t i = 0; i < d->n; i++)
		free_diag(&d->diag[i]);
	free(d->diag);
	*d = (struct diags){ 0 };
}
