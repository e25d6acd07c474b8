/* SPDX-License-Identifier: ISC */
/*
 * Prints findings as JSON: in setkey's own form, and as SARIF 2.1.0. Knows findings, not what they are about.
 */
#include "text/report.h"

#include "base/json.h"
#include "text/explain.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* A member, unless it is NULL. */
static void set_optional_text(struct json *j, const char *name, const char *s)
{
	if (s != NULL)
		json_text(j, name, s);
}

static void set_fingerprint(struct json *j, const char *name, uint64_t fingerprint)
{
	char s[FINGERPRINT_SIZE];

	json_text(j, name, report_fingerprint(fingerprint, s));
}

/* ---- setkey's own form ---- */

static void set_place(struct json *j, struct source *src, struct span at)
{
	uint32_t line, col;

	source_place(src, at.off, &line, &col);
	json_number(j, "line", line);
	json_number(j, "column", col);
	source_place(src, at.off + at.len, &line, &col);
	json_number(j, "end_line", line);
	json_number(j, "end_column", col);
}

static void set_related(struct json *j, const struct diag *g)
{
	struct note place;

	json_open(j, "related", '[');
	for (unsigned i = 0; diag_place(g, i, &place); i++) {
		json_open(j, NULL, '{');
		json_text(j, "file", place.src->name);
		set_place(j, place.src, place.at);
		set_optional_text(j, "message", place.message);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void set_edits(struct json *j, const struct diag *g)
{
	json_open(j, "edits", '[');
	for (size_t i = 0; i < g->nedits; i++) {
		json_open(j, NULL, '{');
		set_place(j, g->src, g->edit[i].at);
		json_text(j, "text", g->edit[i].text ? g->edit[i].text : "");
		json_close(j, '}');
	}
	json_close(j, ']');
}

/* The caller closes the object. */
static void set_finding(struct json *j, const struct diag *g, uint64_t fingerprint)
{
	struct note place;

	json_open(j, NULL, '{');
	json_text(j, "rule", g->rule->id);
	json_text(j, "word", g->rule->name);
	json_text(j, "severity", severity_word(g->severity));
	json_text(j, "message", g->message);
	set_optional_text(j, "hint", g->hint);
	if (g->src != NULL) {
		json_text(j, "file", g->src->name);
		set_place(j, g->src, g->at);
	}
	if (diag_place(g, 0, &place))
		set_related(j, g);
	if (g->nedits > 0 && g->src != NULL)
		set_edits(j, g);
	set_fingerprint(j, "fingerprint", fingerprint);
}

void report_json(const struct diags *d, bool color, struct buf *out)
{
	uint64_t *prints = report_fingerprints(d);
	struct json j = { .out = out, .pretty = true };

	(void)color;
	json_open(&j, NULL, '{');
	json_number(&j, "version", REPORT_VERSION);
	json_open(&j, "findings", '[');
	for (size_t i = 0; i < d->n; i++) {
		set_finding(&j, &d->diag[i], prints[i]);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_number(&j, "errors", d->errors);
	json_number(&j, "warnings", d->warnings);
	json_number(&j, "infos", d->infos);
	json_close(&j, '}');
	buf_addc(out, '\n');
	free(prints);
}

void report_jsonl(const struct diags *d, bool color, struct buf *out)
{
	uint64_t *prints = report_fingerprints(d);

	(void)color;
	for (size_t i = 0; i < d->n; i++) {
		struct json j = { .out = out };

		set_finding(&j, &d->diag[i], prints[i]);
		json_number(&j, "version", REPORT_VERSION);
		json_close(&j, '}');
		buf_addc(out, '\n');
	}
	free(prints);
}

void report_rules(const struct rule *(*next)(const struct rule *r), struct buf *out)
{
	struct json j = { .out = out, .pretty = true };

	json_open(&j, NULL, '[');
	for (const struct rule *r = next(NULL); r != NULL; r = next(r)) {
		json_open(&j, NULL, '{');
		json_number(&j, "version", REPORT_VERSION);
		json_text(&j, "id", r->id);
		json_text(&j, "word", r->name);
		json_text(&j, "severity", severity_word(r->severity));
		set_optional_text(&j, "summary", r->summary);
		set_optional_text(&j, "explanation", explain_find(r->id)->text);
		set_optional_text(&j, "reference", explain_find(r->id)->ref);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	buf_addc(out, '\n');
}

/* ---- SARIF ---- */

static const char *sarif_level(enum severity severity)
{
	return severity == SEVERITY_OFF  ? "none" :
	       severity == SEVERITY_INFO ? "note" :
	                                   severity_word(severity);
}

static void set_message(struct json *j, const char *name, const char *first, const char *second)
{
	struct buf b = { 0 };

	buf_adds(&b, first);
	if (second != NULL)
		buf_printf(&b, "\n%s", second);
	json_open(j, name, '{');
	json_text(j, "text", buf_str(&b));
	json_close(j, '}');
	buf_free(&b);
}

/* The name as a relative URI or, from the root, one with a scheme. */
static void set_artifact(struct json *j, const char *file)
{
	json_open(j, "artifactLocation", '{');
	json_begin_text(j, "uri");
	buf_adds(j->out, *file == '/' ? "file://" : "");
	for (; *file != '\0'; file++) {
		if (isalnum((unsigned char)*file) || strchr("-._~/", *file) != NULL)
			buf_addc(j->out, *file);
		else
			buf_printf(j->out, "%%%02X", (unsigned char)*file);
	}
	json_end_text(j);
	json_close(j, '}');
}

/* SARIF counts characters, source_place bytes. Far into a long line they are not counted, to save time. */
static uint32_t sarif_column(struct source *src, uint32_t off)
{
	enum { FAR = 1 << 16 };
	uint32_t line, col, n = 0;

	source_place(src, off, &line, &col);
	if (col > FAR)
		return col;
	for (uint32_t i = off + 1 > col ? off + 1 - col : 0; i < off; i++)
		n += ((unsigned char)src->text[i] & 0xc0) == 0x80;
	return col - n;
}

static void set_region(struct json *j, const char *name, struct source *src, struct span at)
{
	uint32_t line, col;

	json_open(j, name, '{');
	source_place(src, at.off, &line, &col);
	json_number(j, "startLine", line);
	json_number(j, "startColumn", sarif_column(src, at.off));
	source_place(src, at.off + at.len, &line, &col);
	json_number(j, "endLine", line);
	json_number(j, "endColumn", sarif_column(src, at.off + at.len));
	json_close(j, '}');
}

/* The caller closes the object. */
static void set_location(struct json *j, struct source *src, struct span at)
{
	json_open(j, NULL, '{');
	json_open(j, "physicalLocation", '{');
	set_artifact(j, src->name);
	set_region(j, "region", src, at);
	json_close(j, '}');
}

static void set_related_locations(struct json *j, const struct diag *g)
{
	struct note place;

	json_open(j, "relatedLocations", '[');
	for (unsigned i = 0; diag_place(g, i, &place); i++) {
		set_location(j, place.src, place.at);
		if (place.message != NULL)
			set_message(j, "message", place.message, NULL);
		json_number(j, "id", i + 1);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void set_fixes(struct json *j, const struct diag *g)
{
	json_open(j, "fixes", '[');
	json_open(j, NULL, '{');
	set_message(j, "description", "keeps the meaning", NULL);
	json_open(j, "artifactChanges", '[');
	json_open(j, NULL, '{');
	set_artifact(j, g->src->name);
	json_open(j, "replacements", '[');
	for (size_t i = 0; i < g->nedits; i++) {
		json_open(j, NULL, '{');
		set_region(j, "deletedRegion", g->src, g->edit[i].at);
		set_message(j, "insertedContent", g->edit[i].text ? g->edit[i].text : "", NULL);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_close(j, '}');
	json_close(j, ']');
	json_close(j, '}');
	json_close(j, ']');
}

static void set_result(struct json *j, const struct diag *g, size_t rule, uint64_t fingerprint)
{
	struct note place;

	json_open(j, NULL, '{');
	json_text(j, "ruleId", g->rule->id);
	json_number(j, "ruleIndex", rule);
	json_text(j, "level", sarif_level(g->severity));
	set_message(j, "message", g->message, g->hint);
	json_open(j, "locations", '[');
	if (g->src != NULL) {
		set_location(j, g->src, g->at);
		json_close(j, '}');
	}
	json_close(j, ']');
	if (diag_place(g, 0, &place))
		set_related_locations(j, g);
	if (g->nedits > 0 && g->src != NULL)
		set_fixes(j, g);
	json_open(j, "partialFingerprints", '{');
	set_fingerprint(j, "setkey/v1", fingerprint);
	json_close(j, '}');
	json_close(j, '}');
}

static void set_descriptor(struct json *j, const struct rule *r)
{
	const struct explanation *more = explain_find(r->id);
	struct buf ref = { 0 };

	json_open(j, NULL, '{');
	json_text(j, "id", r->id);
	json_text(j, "name", r->name);
	set_message(j, "shortDescription", r->summary, NULL);
	if (more->ref != NULL)
		buf_printf(&ref, "\nSee %s.", more->ref);
	set_message(j, "fullDescription", more->text, NULL);
	set_message(j, "help", more->text, ref.len > 0 ? buf_str(&ref) : NULL);
	json_open(j, "defaultConfiguration", '{');
	json_text(j, "level", sarif_level(r->severity));
	json_close(j, '}');
	json_close(j, '}');
	buf_free(&ref);
}

/* The rules of the findings, each once; index[i] becomes the place of finding i's rule in that list. */
static void set_descriptors(struct json *j, const struct diags *d, size_t *index)
{
	size_t place[RULE_MAX] = { 0 }, n = 0;

	json_open(j, "rules", '[');
	for (size_t i = 0; i < d->n; i++) {
		size_t *at = &place[rule_number(d->diag[i].rule)];

		if (*at == 0) {
			set_descriptor(j, d->diag[i].rule);
			*at = ++n;
		}
		index[i] = *at - 1;
	}
	json_close(j, ']');
}

static void set_run(struct json *j, const struct diags *d)
{
	size_t *index = memory_resize(NULL, d->n + 1, sizeof(*index));
	uint64_t *prints = report_fingerprints(d);

	json_open(j, NULL, '{');
	json_open(j, "tool", '{');
	json_open(j, "driver", '{');
	json_text(j, "name", "setkey");
	json_text(j, "version", VERSION);
	set_descriptors(j, d, index);
	json_close(j, '}');
	json_close(j, '}');
	json_text(j, "columnKind", "unicodeCodePoints");
	json_open(j, "results", '[');
	for (size_t i = 0; i < d->n; i++)
		set_result(j, &d->diag[i], index[i], prints[i]);
	json_close(j, ']');
	json_close(j, '}');
	free(index);
	free(prints);
}

void report_sarif(const struct diags *d, bool color, struct buf *out)
{
	struct json j = { .out = out, .pretty = true };

	(void)color;
	json_open(&j, NULL, '{');
	json_text(&j, "$schema",
	          "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
	          "sarif-schema-2.1.0.json");
	json_text(&j, "version", "2.1.0");
	json_open(&j, "runs", '[');
	set_run(&j, d);
	json_close(&j, ']');
	json_close(&j, '}');
	buf_addc(out, '\n');
}
