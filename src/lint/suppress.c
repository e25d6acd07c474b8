/* SPDX-License-Identifier: ISC */
/*
 * Comments that suppress findings: # setkey-lint disable=ID[,ID...] REASON. Knows the text, no statement's
 * meaning.
 */
#include "lint/lint.h"

#include "text/lex.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { NO_REASON, UNUSED, UNREADABLE };

const struct rule suppress_rules[] = {
	[NO_REASON] = { "SK801", "no-reason", SEVERITY_WARNING, "a finding is suppressed without a reason" },
	[UNUSED] = { "SK802", "unused-disable", SEVERITY_WARNING, "a comment suppresses nothing" },
	[UNREADABLE] = { "SK803", "bad-disable", SEVERITY_WARNING,
		"a comment for lint that lint does not understand" },
	{ NULL, NULL, 0, NULL }
};

/* One rule that a comment names. */
struct word {
	struct source *src;
	struct span at;
	const struct rule *rule; /* NULL: there is no such rule */
	bool fixed, wide, used;
};

/* A statement, from its first word to the ';', and the words that apply to it: n of them, from first on. */
struct range {
	const struct source *src;
	uint32_t from, to;
	size_t first, n;
};

/* A comment that is wrong. */
struct fault {
	const struct rule *rule;
	struct source *src;
	struct span at;
	const char *text;
};

struct suppressions {
	struct word *word;
	size_t nwords, capwords;
	size_t *wide;            /* the words that apply to their whole file */
	size_t nwide, capwide;
	struct range *range;     /* by place */
	size_t nranges, capranges;
	struct fault *fault;
	size_t nfaults, capfaults;
};

struct reading {
	const struct rule_names *names;
	struct suppressions *to;
	struct source *src;
	struct range *ended;     /* the statements that have ended on this line */
	size_t nended, capended;
	size_t pending;          /* words from here on apply to the statement that ends next */
	uint32_t from;           /* where the open statement begins */
	bool open, begun;        /* inside a statement; the first statement has begun */
	bool wide[RULE_MAX];     /* by number: a word for the whole file has named the rule */
};

static const char comment_word[] = "setkey-lint";

static struct span skip_blanks(const struct source *s, struct span at)
{
	while (at.len > 0 && isspace((unsigned char)s->text[at.off])) {
		at.off++;
		at.len--;
	}
	return at;
}

/* Skips the word at the beginning of the span; false if it is not there. */
static bool skip_word(const struct source *s, struct span *at, const char *word)
{
	uint32_t n = (uint32_t)strlen(word);

	if (at->len < n || memcmp(s->text + at->off, word, n) != 0)
		return false;
	*at = (struct span){ at->off + n, at->len - n };
	return true;
}

static struct span span_until(const struct source *s, struct span at, const char *stop)
{
	uint32_t n = 0;

	while (n < at.len && s->text[at.off + n] != '\0' && strchr(stop, s->text[at.off + n]) == NULL)
		n++;
	return (struct span){ at.off, n };
}

static void add_range(const struct reading *r, uint32_t from, uint32_t to, size_t first)
{
	struct suppressions *a = r->to;
	size_t n = a->nwords - first;

	if (n == 0)
		return;
	a->range = memory_grow(a->range, a->nranges, &a->capranges, sizeof(*a->range));
	a->range[a->nranges++] = (struct range){ r->src, from, to, first, n };
}

static void add_fault(const struct reading *r, int rule, struct span at, const char *text)
{
	struct suppressions *a = r->to;

	a->fault = memory_grow(a->fault, a->nfaults, &a->capfaults, sizeof(*a->fault));
	a->fault[a->nfaults++] = (struct fault){ &suppress_rules[rule], r->src, at, text };
}

static void add_word(struct reading *r, struct span at)
{
	const struct rule *rule = r->names->find(r->src->text + at.off, at.len);
	struct suppressions *a = r->to;

	a->word = memory_grow(a->word, a->nwords, &a->capwords, sizeof(*a->word));
	a->word[a->nwords++] = (struct word){ .src = r->src, .at = at, .rule = rule, .wide = !r->begun,
	                                      .fixed = rule != NULL && r->names->is_fixed(rule) };
	if (r->begun || rule == NULL || r->wide[rule_number(rule)])
		return;
	r->wide[rule_number(rule)] = true;
	a->wide = memory_grow(a->wide, a->nwide, &a->capwide, sizeof(*a->wide));
	a->wide[a->nwide++] = a->nwords - 1;
}

enum { LIST_MAX = 256 }; /* more rules than there are */

/* The words of a list, and whether a reason follows it. */
static void read_list(struct reading *r, struct span at)
{
	struct span list = span_until(r->src, at, " \t\r"), rest = { list.off + list.len, at.len - list.len };

	rest = skip_blanks(r->src, rest);
	if (rest.len == 0)
		add_fault(r, NO_REASON, list, "a reason is missing after the rules");
	for (unsigned n = 0; list.len > 0; n++) {
		struct span one = span_until(r->src, list, ",");

		if (n == LIST_MAX) {
			add_fault(r, UNREADABLE, one, "a comment names at most 256 rules");
			return;
		}
		if (one.len > 0)
			add_word(r, one);
		one.len += one.len < list.len;
		list = (struct span){ list.off + one.len, list.len - one.len };
	}
}

static void read_comment(struct reading *r, struct span at)
{
	size_t first = r->to->nwords;

	at = skip_blanks(r->src, (struct span){ at.off + 1, at.len - 1 });
	if (!skip_word(r->src, &at, comment_word) ||
	    (at.len > 0 && r->src->text[at.off] != ':' && !isspace((unsigned char)r->src->text[at.off])))
		return;
	at = skip_blanks(r->src, at);
	if (!skip_word(r->src, &at, "disable=") && !skip_word(r->src, &at, "ignore=")) {
		add_fault(r, UNREADABLE, span_until(r->src, at, " \t\r"),
		          "setkey-lint takes disable=ID[,ID...] and a reason");
		return;
	}
	read_list(r, at);
	if (r->open || r->nended == 0)
		return;
	/* A comment at the end of a line applies to the statements that have ended on the line. */
	for (size_t k = 0; k < r->nended; k++)
		add_range(r, r->ended[k].from, r->ended[k].to, first);
	r->pending = r->to->nwords;
}

static void end_statement(struct reading *r, uint32_t to)
{
	add_range(r, r->from, to, r->pending);
	r->pending = r->to->nwords;
	r->ended = memory_grow(r->ended, r->nended, &r->capended, sizeof(*r->ended));
	r->ended[r->nended++] = (struct range){ r->src, r->from, to, 0, 0 };
	r->open = false;
}

static void read_piece(struct reading *r, struct lexeme p)
{
	switch (p.kind) {
	case LEX_BLANK: case LEX_BACKSLASH: case LEX_END:
		break;
	case LEX_NEWLINE:
		r->nended = 0;
		break;
	case LEX_COMMENT:
		read_comment(r, p.at);
		break;
	case LEX_SEMICOLON: case LEX_QUOTED: case LEX_WORD:
		if (!r->open)
			r->from = p.at.off;
		r->open = r->begun = true;
		if (p.kind == LEX_SEMICOLON)
			end_statement(r, p.at.off + 1);
	}
}

static void read_source(struct reading *r, struct source *src)
{
	struct lexeme p;

	if (memmem(src->text, src->len, comment_word, sizeof(comment_word) - 1) == NULL)
		return;
	r->src = src;
	r->pending = r->to->nwords;
	r->nended = 0;
	r->open = r->begun = false;
	memset(r->wide, 0, sizeof(r->wide));
	for (uint32_t at = 0; (p = lex_next(src, at)).kind != LEX_END; at = p.at.off + p.at.len)
		read_piece(r, p);
	if (r->open)
		end_statement(r, src->len);
}

static int compare_places(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	if (x->src != y->src)
		return x->src->order < y->src->order ? -1 : 1;
	return x->from < y->from ? -1 : x->from > y->from;
}

static bool word_suppresses(struct word *w, const struct diag *g)
{
	bool yes = w->rule == g->rule && !w->fixed;

	w->used |= yes;
	return yes;
}

/* Words for the whole file are left out: they are tried last. */
static bool range_suppresses(struct suppressions *a, const struct range *range, const struct diag *g)
{
	bool yes = false;

	for (size_t i = range->first; i < range->first + range->n; i++)
		yes |= !a->word[i].wide && word_suppresses(&a->word[i], g);
	return yes;
}

/* The first range that ends after the place. */
static size_t find_range(const struct suppressions *a, const struct source *src, uint32_t off)
{
	size_t low = 0, high = a->nranges;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct range *m = &a->range[mid];

		if (m->src->order < src->order || (m->src == src && m->to <= off))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool range_begins_before(const struct range *range, const struct source *src, uint32_t off)
{
	return range->src == src && range->from <= off;
}

static bool is_not_suppressed(void *arg, const struct diag *g)
{
	struct suppressions *a = arg;
	bool suppressed = false;

	if (g->src == NULL)
		return true;
	for (size_t i = find_range(a, g->src, g->at.off);
	     i < a->nranges && range_begins_before(&a->range[i], g->src, g->at.off); i++)
		suppressed |= range_suppresses(a, &a->range[i], g);
	for (size_t i = 0; i < a->nwide && !suppressed; i++)
		suppressed = a->word[a->wide[i]].src == g->src && word_suppresses(&a->word[a->wide[i]], g);
	return !suppressed;
}

bool lint_is_suppressed(const struct suppressions *a, const struct rule *rule, const struct stmt *s)
{
	bool found = false;

	if (a == NULL || a->nranges == 0 || s->src == NULL)
		return false;
	for (size_t i = find_range(a, s->src, s->at.off);
	     i < a->nranges && range_begins_before(&a->range[i], s->src, s->at.off); i++)
		for (size_t k = a->range[i].first; k < a->range[i].first + a->range[i].n; k++)
			found |= !a->word[k].wide && a->word[k].rule == rule;
	return found;
}

static void report_unused(const struct lint_input *u, const struct word *w)
{
	if (w->rule == NULL)
		diag_add(u->diags, &suppress_rules[UNUSED], w->src, w->at, "unknown rule");
	else if (w->fixed)
		diag_add(u->diags, &suppress_rules[UNUSED], w->src, w->at,
		         "errors the kernel would refuse cannot be suppressed");
	else if (!w->used && diag_severity(u->diags, w->rule) != SEVERITY_OFF)
		diag_add(u->diags, &suppress_rules[UNUSED], w->src, w->at, "%s reports nothing here",
		         w->rule->id);
	if (w->rule == NULL)
		diag_hint(u->diags, "run `setkey lint --list-rules` for a list");
}

struct suppressions *lint_read_comments(const struct lint_input *u, const struct rule_names *names)
{
	struct suppressions *a = memory_resize(NULL, 1, sizeof(*a));
	struct reading r = { .names = names, .to = a };

	*a = (struct suppressions){ 0 };
	for (size_t i = 0; i < u->nsources; i++)
		read_source(&r, u->source[i]);
	if (a->nranges > 1)
		qsort(a->range, a->nranges, sizeof(*a->range), compare_places);
	free(r.ended);
	return a;
}

void lint_suppress(const struct lint_input *u, struct suppressions *a)
{
	diag_filter(u->diags, is_not_suppressed, a);
	for (size_t i = 0; i < a->nwords; i++)
		report_unused(u, &a->word[i]);
	for (size_t i = 0; i < a->nfaults; i++)
		diag_add(u->diags, a->fault[i].rule, a->fault[i].src, a->fault[i].at, "%s", a->fault[i].text);
	free(a->word);
	free(a->wide);
	free(a->range);
	free(a->fault);
	free(a);
}
