/* SPDX-License-Identifier: ISC */
/* Prints findings for people, editors and CI services; the JSON forms are in report_json.c. */
#include "text/report.h"

#include "text/visible.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void put_text(const struct diags *d, bool color, struct buf *out)
{
	for (size_t i = 0; i < d->n; i++)
		diag_text(&d->diag[i], color, out);
}

static void put_gcc(const struct diags *d, bool color, struct buf *out)
{
	uint32_t line, col;

	(void)color;
	for (size_t i = 0; i < d->n; i++) {
		const struct diag *g = &d->diag[i];

		if (g->src != NULL) {
			source_place(g->src, g->at.off, &line, &col);
			visible_puts(g->src->name, out);
			buf_printf(out, ":%u:%u: ", line, col);
		}
		buf_printf(out, "%s: %s [%s]\n", severity_word(g->severity), g->message, g->rule->id);
	}
}

/* Characters that would end a workflow command or a property of it, or that a terminal obeys, become %XX. */
static void put_escaped(const char *s, const char *what, struct buf *out)
{
	for (size_t n = strlen(s), len; n > 0; s += len, n -= len) {
		bool obeyed = strchr(what, *s) != NULL || iscntrl((unsigned char)*s) ||
		              visible_character(s, n) == 0;

		len = obeyed ? 1 : visible_character(s, n);
		if (obeyed)
			buf_printf(out, "%%%02X", (unsigned char)*s);
		else
			buf_add(out, s, len);
	}
}

static void put_github_place(const struct diag *g, struct buf *out)
{
	uint32_t line, col, end_line, end_col;

	source_place(g->src, g->at.off, &line, &col);
	source_place(g->src, g->at.off + g->at.len, &end_line, &end_col);
	buf_adds(out, "file=");
	put_escaped(g->src->name, "%\r\n:,", out);
	buf_printf(out, ",line=%u,endLine=%u", line, end_line);
	if (line == end_line) /* GitHub takes columns of one line only */
		buf_printf(out, ",col=%u,endColumn=%u", col, end_col);
	buf_addc(out, ',');
}

static void put_github(const struct diags *d, bool color, struct buf *out)
{
	static const char *const commands[] = {
		[SEVERITY_INFO] = "notice", [SEVERITY_WARNING] = "warning", [SEVERITY_ERROR] = "error",
	};

	(void)color;
	for (size_t i = 0; i < d->n; i++) {
		const struct diag *g = &d->diag[i];

		buf_printf(out, "::%s ", commands[g->severity]);
		if (g->src != NULL)
			put_github_place(g, out);
		buf_printf(out, "title=%s %s::", g->rule->id, g->rule->name);
		put_escaped(g->message, "%\r\n", out);
		if (g->hint != NULL) {
			buf_adds(out, "%0A");
			put_escaped(g->hint, "%\r\n", out);
		}
		buf_addc(out, '\n');
	}
}

const struct report reports[] = {
	{ "text", put_text },
	{ "gcc", put_gcc },
	{ "json", report_json },
	{ "jsonl", report_jsonl },
	{ "sarif", report_sarif },
	{ "github", put_github },
	{ NULL, NULL }
};

static uint64_t hash_character(uint64_t h, unsigned char c)
{
	return (h ^ c) * 0x100000001b3; /* FNV-1a */
}

/* Without blanks, so that a line that is only indented differently keeps its hash. */
static uint64_t hash_text(uint64_t h, const char *s)
{
	for (; *s != '\0'; s++)
		if (strchr(" \t", *s) == NULL)
			h = hash_character(h, (unsigned char)*s);
	return hash_character(h, '\n');
}

static uint64_t hash_finding(const struct diag *g, struct buf *line)
{
	uint64_t h = hash_text(0xcbf29ce484222325, g->rule->id);

	if (g->src == NULL)
		return hash_text(h, g->message);
	buf_clear(line);
	source_line(g->src, g->at.off, line);
	return hash_text(hash_text(h, g->src->name), buf_str(line));
}

struct indexed_hash {
	uint64_t hash;
	size_t at;
};

static int by_hash(const void *a, const void *b)
{
	const struct indexed_hash *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

uint64_t *report_fingerprints(const struct diags *d)
{
	uint64_t *prints = memory_resize(NULL, d->n + 1, sizeof(*prints));
	struct indexed_hash *p = memory_resize(NULL, d->n + 1, sizeof(*p));
	struct buf line = { 0 };
	unsigned alike = 0;

	for (size_t i = 0; i < d->n; i++)
		p[i] = (struct indexed_hash){ hash_finding(&d->diag[i], &line), i };
	qsort(p, d->n, sizeof(*p), by_hash);
	for (size_t i = 0; i < d->n; i++) {
		alike = i > 0 && p[i].hash == p[i - 1].hash ? alike + 1 : 0;
		prints[p[i].at] = p[i].hash;
		for (unsigned n = alike; n > 0; n >>= 8)
			prints[p[i].at] = hash_character(prints[p[i].at], n & 0xff);
	}
	buf_free(&line);
	free(p);
	return prints;
}

const char *report_fingerprint(uint64_t n, char s[FINGERPRINT_SIZE])
{
	snprintf(s, FINGERPRINT_SIZE, "%016" PRIx64, n);
	return s;
}
