/* SPDX-License-Identifier: ISC */
/*
 * Reads a text: the grammar turns it into statements of a conf, and each fault into a finding. Looks no names
 * up. The actions of the grammar rules are in build.c, build_sa.c and build_policy.c.
 */
#include "config/parse.h"

#include "base/memory.h"
#include "config/parse_internal.h"

#include "grammar.h"
#include "scanner.h"

#include <ctype.h>
#include <string.h>

const struct rule parse_rules[] = {
	[PARSE_SYNTAX] = { "SK001", "syntax", SEVERITY_ERROR, "syntax error" },
	[PARSE_BACKSLASH] = { "SK002", "backslash", SEVERITY_WARNING, "a line ends in a backslash" },
	[PARSE_UNCLOSED] = { "SK003", "unclosed", SEVERITY_ERROR, "the file ends inside a statement" },
	[PARSE_NOT_SETKEY] = { "SK004", "not-setkey", SEVERITY_ERROR, "this is no setkey file" },
	[PARSE_IGNORED] = { "SK005", "ignored", SEVERITY_WARNING, "an option that Linux does not have is ignored" },
	[PARSE_ODD_BYTES] = { "SK008", "odd-bytes", SEVERITY_ERROR,
		"an invalid byte in a setkey file" },
	[PARSE_DOS_LINES] = { "SK017", "dos-lines", SEVERITY_WARNING, "the file has DOS line ends" },
	[PARSE_RANGE] = { "SK012", "range", SEVERITY_ERROR, "a number is out of range" },
	[PARSE_UNKNOWN] = { "SK014", "unknown-word", SEVERITY_ERROR, "unknown keyword" },
	[PARSE_ADDRESS] = { "SK015", "address", SEVERITY_ERROR, "invalid address" },
	[PARSE_KEY_FORM] = { "SK027", "key-form", SEVERITY_ERROR, "malformed key" },
	[PARSE_UNDEFINED] = { "SK024", "undefined", SEVERITY_ERROR, "undefined name" },
	[PARSE_TWICE] = { "SK025", "defined-twice", SEVERITY_ERROR, "a name is defined twice" },
	[PARSE_NAMED_FILE] = { "SK026", "named-file", SEVERITY_ERROR,
		"an included file cannot be used" },
	[PARSE_OPEN_KEYS] = { "SK505", "open-key-file", SEVERITY_ERROR,
		"others may read or write a file of keys" },
	{ NULL, NULL, 0, NULL }
};

const char *parse_text(const struct parse *p, struct span at)
{
	return p->src->text + at.off;
}

struct text parse_word(const struct parse *p, struct span at)
{
	return conf_word(p->conf, p->src, at);
}

bool parse_is(const struct parse *p, struct span at, const char *word)
{
	struct text t = parse_word(p, at);

	return name_is(word, t.p, t.len);
}

bool parse_is_decimal(struct text t)
{
	for (uint32_t i = 0; i < t.len; i++)
		if (!isdigit((unsigned char)t.p[i]))
			return false;
	return t.len > 0;
}

bool parse_all_digits(const struct parse *p, struct span at)
{
	return parse_is_decimal(parse_word(p, at));
}

void parse_error(struct parse *p, enum parse_rule rule, struct span at, const char *fmt, ...)
{
	va_list ap;

	if (p->stop || (rule == PARSE_UNKNOWN && parse_missing_end(p, at)))
		return;
	va_start(ap, fmt);
	diag_vadd(p->diags, &parse_rules[rule], p->src, at, fmt, ap);
	va_end(ap);
	parse_note_binding(p->conf, p->diags, p->src, at);
}

bool parse_has_error(const struct parse *p)
{
	return p->stop || p->diags->errors > p->errors;
}

void parse_error_hint(struct parse *p, struct span at, const char *message, const char *hint)
{
	if (parse_has_error(p) || parse_missing_end(p, at))
		return;
	parse_error(p, PARSE_SYNTAX, at, "%s", message);
	if (hint != NULL)
		diag_hint(p->diags, "%s", hint);
}

struct buf parse_quote(struct parse *p, struct span at)
{
	struct buf b = { 0 };

	source_quote(p->src, at, &b);
	buf_str(&b);
	return b;
}

/*
 * Slow path of parse_record(): the part was already recorded (the last one wins), or its offset or length
 * needs a second entry for the higher bits.
 */
static __attribute__((noinline)) void record_again(struct parse *p, enum part part, uint32_t off,
                                                   uint32_t len)
{
	unsigned i = 0, n;

	while (i < p->nparts && p->part[i].part != part)
		i++;
	if (i < p->nparts) {
		n = i + 1 < p->nparts && p->part[i + 1].part == PART_FAR ? 2 : 1;
		p->nparts -= n;
		memmove(&p->part[i], &p->part[i + n], (p->nparts - i) * sizeof(p->part[0]));
	}
	p->part[p->nparts++] = (struct part_at){ off, len, part };
	if (off >> PART_OFF_BITS != 0 || len >> PART_LEN_BITS != 0)
		p->part[p->nparts++] =
		        (struct part_at){ off >> PART_OFF_BITS, len >> PART_LEN_BITS, PART_FAR };
}

void parse_record(struct parse *p, enum part part, struct span at)
{
	enum { MOST = (1 << 2 * PART_LEN_BITS) - 1 };
	uint32_t off = at.off - p->stmt.at.off;
	bool again = parse_has_part(p, part);

	if (p->in_selector)
		return;
	p->parts_seen[part / 64] |= (uint64_t)1 << part % 64;
	if (again || off >> PART_OFF_BITS != 0 || at.len >> PART_LEN_BITS != 0)
		record_again(p, part, off, at.len < MOST ? at.len : MOST);
	else
		p->part[p->nparts++] = (struct part_at){ off, at.len, part };
}

void parse_end(struct parse *p, struct span at)
{
	enum verb verb = p->stmt.verb;

	p->conf->exact |= verb == VERB_EXACT;
	p->stmt.at = at;
	p->stmt.has_error = parse_has_error(p);
	if (verbs[verb].class == VERB_CLASS_TEXT && !p->stmt.has_error)
		parse_run_directive(p);
	else if (verbs[verb].class != VERB_CLASS_TEXT && verb != VERB_EXACT && !p->stop)
		conf_add(p->conf, &p->stmt, p->part, p->nparts);
	p->stop |= verb == VERB_EXIT; /* like the classic tool, reads nothing after exit */
	parse_resume(p);
}

void parse_resume(struct parse *p)
{
	if (p->stmt.attrs != NULL)
		p->attrs = (struct attrs){ 0 };
	explicit_bzero(&p->stmt, sizeof(p->stmt));
	p->errors = p->diags->errors;
	p->open = false;
}

static void read_source(struct source *src, const struct parse_opts *r, bool keys_only)
{
	struct parse p = { .opts = r, .src = src, .conf = r->conf, .diags = r->diags, .errors = r->diags->errors,
	                   .keys_only = keys_only };

	src->vocabulary = &parse_vocabulary;
	src->names = &r->conf->variables;
	if (parse_is_binary(&p))
		return;
	if (yylex_init_extra(&p, &p.scanner) != 0)
		memory_exhausted();
	if (yy_scan_buffer(src->text, src->len + 2, p.scanner) == NULL)
		memory_exhausted();
	if (yyparse(&p) == 2)
		memory_exhausted();
	yylex_destroy(p.scanner);
	explicit_bzero(&p, sizeof(p));
}

void parse_source(struct source *src, const struct parse_opts *r)
{
	read_source(src, r, r->keys_only);
}

void parse_included(struct parse *p, struct source *src, bool keys_only)
{
	bool exact = p->conf->exact;

	p->conf->exact = false;
	read_source(src, p->opts, keys_only);
	p->conf->exact = exact;
}
