/* SPDX-License-Identifier: ISC */
/*
 * Findings as JSON, through jansson: a document of our own, and SARIF 2.1.0. Knows findings, not what they
 * are about.
 */
#include "text/report.h"

#include "text/explain.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static void set(json_t *o, const char *name, json_t *value)
{
	if (value == NULL || json_object_set_new(o, name, value) != 0)
		memory_exhausted();
}

static void append(json_t *array, json_t *value)
{
	if (value == NULL || json_array_append_new(array, value) != 0)
		memory_exhausted();
}

/* The name of a file may be any bytes, and JSON takes UTF-8 alone. */
static json_t *text(const char *s)
{
	json_t *j = json_string(s);
	struct buf b = { 0 };

	if (j != NULL)
		return j;
	for (; *s != '\0'; s++)
		buf_add(&b, (unsigned char)*s < 0x80 ? s : "?", 1);
	j = json_string(buf_str(&b));
	buf_free(&b);
	return j;
}

static void set_text(json_t *o, const char *name, const char *s)
{
	if (s != NULL)
		set(o, name, text(s));
}

static void set_number(json_t *o, const char *name, uint64_t n)
{
	set(o, name, json_integer((json_int_t)n));
}

static void put(json_t *o, size_t flags, struct buf *out)
{
	char *s = json_dumps(o, flags | JSON_ENSURE_ASCII);

	if (s == NULL)
		memory_exhausted();
	buf_adds(out, s);
	buf_addc(out, '\n');
	free(s);
	json_decref(o);
}

/* Our own. */

static void set_place(json_t *o, struct source *src, struct span at)
{
	uint32_t line, col;

	source_place(src, at.off, &line, &col);
	set_number(o, "line", line);
	set_number(o, "column", col);
	source_place(src, at.off + at.len, &line, &col);
	set_number(o, "end_line", line);
	set_number(o, "end_column", col);
}

static json_t *related(const struct diag *g)
{
	json_t *list = json_array();
	struct note place;

	for (unsigned i = 0; diag_place(g, i, &place); i++) {
		json_t *o = json_object();

		set_text(o, "file", place.src->name);
		set_place(o, place.src, place.at);
		set_text(o, "message", place.message);
		append(list, o);
	}
	return list;
}

static json_t *edits(const struct diag *g)
{
	json_t *list = json_array();

	for (size_t i = 0; i < g->nedits; i++) {
		json_t *o = json_object();

		set_place(o, g->src, g->edit[i].at);
		set_text(o, "text", g->edit[i].text ? g->edit[i].text : "");
		append(list, o);
	}
	return list;
}

static json_t *finding(const struct diag *g, uint64_t fingerprint)
{
	char s[FINGERPRINT_SIZE];
	json_t *o = json_object();
	struct note place;

	set_text(o, "rule", g->rule->id);
	set_text(o, "word", g->rule->name);
	set_text(o, "severity", severity_word(g->severity));
	set_text(o, "message", g->message);
	set_text(o, "hint", g->hint);
	if (g->src != NULL) {
		set_text(o, "file", g->src->name);
		set_place(o, g->src, g->at);
	}
	if (diag_place(g, 0, &place))
		set(o, "related", related(g));
	if (g->nedits > 0 && g->src != NULL)
		set(o, "edits", edits(g));
	set_text(o, "fingerprint", report_fingerprint(fingerprint, s));
	return o;
}

void report_json(const struct diags *d, bool color, struct buf *out)
{
	uint64_t *prints = report_fingerprints(d);
	json_t *o, *list;

	(void)color;
	json_set_alloc_funcs(memory_checked, free);
	o = json_object();
	list = json_array();
	set_number(o, "version", REPORT_VERSION);
	for (size_t i = 0; i < d->n; i++)
		append(list, finding(&d->diag[i], prints[i]));
	set(o, "findings", list);
	set_number(o, "errors", d->errors);
	set_number(o, "warnings", d->warnings);
	set_number(o, "infos", d->infos);
	put(o, JSON_INDENT(2), out);
	free(prints);
}

void report_jsonl(const struct diags *d, bool color, struct buf *out)
{
	uint64_t *prints = report_fingerprints(d);

	(void)color;
	json_set_alloc_funcs(memory_checked, free);
	for (size_t i = 0; i < d->n; i++) {
		json_t *o = finding(&d->diag[i], prints[i]);

		set_number(o, "version", REPORT_VERSION);
		put(o, JSON_COMPACT, out);
	}
	free(prints);
}

void report_rules(const struct rule *(*next)(const struct rule *r), struct buf *out)
{
	json_t *list;

	json_set_alloc_funcs(memory_checked, free);
	list = json_array();
	for (const struct rule *r = next(NULL); r != NULL; r = next(r)) {
		json_t *o = json_object();

		set_number(o, "version", REPORT_VERSION);
		set_text(o, "id", r->id);
		set_text(o, "word", r->name);
		set_text(o, "severity", severity_word(r->severity));
		set_text(o, "summary", r->summary);
		set_text(o, "explanation", explain_find(r->id)->text);
		set_text(o, "reference", explain_find(r->id)->ref);
		append(list, o);
	}
	put(list, JSON_INDENT(2), out);
}

/* SARIF. */

static const char *level(enum severity severity)
{
	return severity == SEVERITY_OFF  ? "none" :
	       severity == SEVERITY_INFO ? "note" :
	                                   severity_word(severity);
}

static json_t *message(const char *first, const char *second)
{
	json_t *o = json_object();
	struct buf b = { 0 };

	buf_adds(&b, first);
	if (second != NULL)
		buf_printf(&b, "\n%s", second);
	set_text(o, "text", buf_str(&b));
	buf_free(&b);
	return o;
}

/* The name as a relative URI or, from the root, one with a scheme. */
static json_t *artifact(const char *name)
{
	json_t *o = json_object();
	struct buf b = { 0 };

	buf_adds(&b, *name == '/' ? "file://" : "");
	for (; *name != '\0'; name++) {
		if (isalnum((unsigned char)*name) || strchr("-._~/", *name) != NULL)
			buf_addc(&b, *name);
		else
			buf_printf(&b, "%%%02X", (unsigned char)*name);
	}
	set_text(o, "uri", buf_str(&b));
	buf_free(&b);
	return o;
}

/* SARIF counts characters where we count bytes; so far into a line nobody does. */
static uint32_t column(struct source *src, uint32_t off)
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

static json_t *region(struct source *src, struct span at)
{
	json_t *o = json_object();
	uint32_t line, col;

	source_place(src, at.off, &line, &col);
	set_number(o, "startLine", line);
	set_number(o, "startColumn", column(src, at.off));
	source_place(src, at.off + at.len, &line, &col);
	set_number(o, "endLine", line);
	set_number(o, "endColumn", column(src, at.off + at.len));
	return o;
}

static json_t *location(struct source *src, struct span at, const char *words)
{
	json_t *o = json_object(), *physical = json_object();

	set(physical, "artifactLocation", artifact(src->name));
	set(physical, "region", region(src, at));
	set(o, "physicalLocation", physical);
	if (words != NULL)
		set(o, "message", message(words, NULL));
	return o;
}

static json_t *related_locations(const struct diag *g)
{
	json_t *list = json_array();
	struct note place;

	for (unsigned i = 0; diag_place(g, i, &place); i++) {
		json_t *o = location(place.src, place.at, place.message);

		set_number(o, "id", i + 1);
		append(list, o);
	}
	return list;
}

static json_t *fixes(const struct diag *g)
{
	json_t *list = json_array(), *fix = json_object(), *changes = json_array(), *change = json_object();
	json_t *replacements = json_array();

	for (size_t i = 0; i < g->nedits; i++) {
		json_t *o = json_object(), *content = json_object();

		set(o, "deletedRegion", region(g->src, g->edit[i].at));
		set_text(content, "text", g->edit[i].text ? g->edit[i].text : "");
		set(o, "insertedContent", content);
		append(replacements, o);
	}
	set(change, "artifactLocation", artifact(g->src->name));
	set(change, "replacements", replacements);
	append(changes, change);
	set(fix, "description", message("keeps the meaning", NULL));
	set(fix, "artifactChanges", changes);
	append(list, fix);
	return list;
}

static json_t *result(const struct diag *g, size_t rule, uint64_t fingerprint)
{
	json_t *o = json_object(), *list = json_array(), *prints = json_object();
	char s[FINGERPRINT_SIZE];
	struct note place;

	set_text(o, "ruleId", g->rule->id);
	set_number(o, "ruleIndex", rule);
	set_text(o, "level", level(g->severity));
	set(o, "message", message(g->message, g->hint));
	if (g->src != NULL)
		append(list, location(g->src, g->at, NULL));
	set(o, "locations", list);
	if (diag_place(g, 0, &place))
		set(o, "relatedLocations", related_locations(g));
	if (g->nedits > 0 && g->src != NULL)
		set(o, "fixes", fixes(g));
	set_text(prints, "setkey/v1", report_fingerprint(fingerprint, s));
	set(o, "partialFingerprints", prints);
	return o;
}

static json_t *descriptor(const struct rule *r)
{
	const struct explanation *more = explain_find(r->id);
	json_t *o = json_object(), *config = json_object();
	struct buf ref = { 0 };

	set_text(o, "id", r->id);
	set_text(o, "name", r->name);
	set(o, "shortDescription", message(r->summary, NULL));
	if (more->ref != NULL)
		buf_printf(&ref, "\nSee %s.", more->ref);
	set(o, "fullDescription", message(more->text, NULL));
	set(o, "help", message(more->text, ref.len > 0 ? buf_str(&ref) : NULL));
	set_text(config, "level", level(r->severity));
	set(o, "defaultConfiguration", config);
	buf_free(&ref);
	return o;
}

/* The rules that have found something, each once: results hold the place of theirs in it. */
static json_t *descriptors(const struct diags *d, size_t *index)
{
	size_t place[RULE_MAX] = { 0 };
	json_t *list = json_array();

	for (size_t i = 0; i < d->n; i++) {
		size_t *at = &place[rule_number(d->diag[i].rule)];

		if (*at == 0) {
			append(list, descriptor(d->diag[i].rule));
			*at = json_array_size(list);
		}
		index[i] = *at - 1;
	}
	return list;
}

static json_t *run(const struct diags *d)
{
	json_t *o = json_object(), *tool = json_object(), *driver = json_object(), *results = json_array();
	size_t *index = memory_resize(NULL, d->n + 1, sizeof(*index));
	uint64_t *prints = report_fingerprints(d);

	set_text(driver, "name", "setkey");
	set_text(driver, "version", VERSION);
	set(driver, "rules", descriptors(d, index));
	set(tool, "driver", driver);
	set(o, "tool", tool);
	set_text(o, "columnKind", "unicodeCodePoints");
	for (size_t i = 0; i < d->n; i++)
		append(results, result(&d->diag[i], index[i], prints[i]));
	set(o, "results", results);
	free(index);
	free(prints);
	return o;
}

void report_sarif(const struct diags *d, bool color, struct buf *out)
{
	json_t *o, *runs;

	(void)color;
	json_set_alloc_funcs(memory_checked, free);
	o = json_object();
	runs = json_array();
	set_text(o, "$schema",
	         "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
	         "sarif-schema-2.1.0.json");
	set_text(o, "version", "2.1.0");
	append(runs, run(d));
	set(o, "runs", runs);
	put(o, JSON_INDENT(2), out);
}
