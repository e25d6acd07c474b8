/* SPDX-License-Identifier: ISC */
/*
 * Canonical layout of a text of statements. Changes only blanks and line ends, and knows where a statement
 * may be broken.
 */
#include "config/layout.h"

#include "base/memory.h"
#include "model/model.h"
#include "model/names.h"
#include "text/lex.h"

#include <stdlib.h>
#include <string.h>

/*
 * A statement of at most WIDTH columns is on one line. A longer one has a new line, indented by a tab, before
 * each of -E, -A, -C and -P, and before each request that would exceed WIDTH.
 */
enum { WIDTH = 100, TAB = 8 };

/* Lexemes without a blank between them, or a comment. */
struct chunk {
	struct span at;
	bool comment;
	bool alone; /* the comment is the first thing on its line */
};

struct statement {
	const struct source *src;
	struct chunk *chunk;
	size_t n, cap;
};

static bool chunk_begins(const struct statement *st, const struct chunk *c, const char *word)
{
	size_t n = strlen(word);

	return c->at.len >= n && memcmp(st->src->text + c->at.off, word, n) == 0;
}

/* True for the options that begin a new line in a long statement. */
static bool begins_part(const struct statement *st, const struct chunk *c)
{
	static const char *const words[] = { "-E", "-A", "-C", "-P", NULL };
	static const char after[] = "0123456789abcdefghijklmnopqrstuvwxyz";

	for (const char *const *w = words; *w != NULL; w++)
		if (chunk_begins(st, c, *w) &&
		    (c->at.len == 2 || strchr(after, st->src->text[c->at.off + 2]) != NULL))
			return true;
	return false;
}

static bool is_request(const struct statement *st, const struct chunk *c)
{
	return chunk_begins(st, c, "esp/") || chunk_begins(st, c, "ah/") || chunk_begins(st, c, "ipcomp/");
}

/* The width in columns on one line; more than WIDTH if the statement contains a comment. */
static size_t statement_width(const struct statement *st)
{
	size_t n = 1;

	for (size_t i = 0; i < st->n; i++)
		n += st->chunk[i].comment ? WIDTH + 1 : st->chunk[i].at.len + (i > 0);
	return n;
}

static void put_comment(const struct source *src, struct span at, struct buf *out)
{
	while (at.len > 0 && strchr(" \t\r", src->text[at.off + at.len - 1]) != NULL)
		at.len--;
	buf_add(out, src->text + at.off, at.len);
}

/* Appends chunk i of a statement that needs several lines. *column is the current column, and is updated. */
static void put_chunk(const struct statement *st, size_t i, size_t *column, struct buf *out)
{
	const struct chunk *c = &st->chunk[i];
	bool after_comment = i > 0 && c[-1].comment;

	if (i > 0 && (after_comment || c->alone || begins_part(st, c) ||
	              (is_request(st, c) && *column + 1 + c->at.len > WIDTH))) {
		buf_adds(out, "\n\t");
		*column = TAB;
	} else if (i > 0) {
		buf_addc(out, ' ');
		++*column;
	}
	if (c->comment)
		put_comment(st->src, c->at, out);
	else
		buf_add(out, st->src->text + c->at.off, c->at.len);
	*column += c->at.len;
}

static void put_statement(const struct statement *st, struct buf *out)
{
	bool fits = statement_width(st) <= WIDTH;
	size_t column = 0;

	for (size_t i = 0; i < st->n; i++) {
		if (fits && i > 0)
			buf_addc(out, ' ');
		if (fits)
			buf_add(out, st->src->text + st->chunk[i].at.off, st->chunk[i].at.len);
		else
			put_chunk(st, i, &column, out);
	}
	buf_adds(out, st->n > 0 && st->chunk[st->n - 1].comment ? "\n\t;" : ";");
}

struct layout {
	struct statement st;
	struct buf *out;
	unsigned newlines;  /* since the last lexeme printed or added */
	bool glued;         /* no blank between the next lexeme and the last chunk */
	bool begun;         /* something has been printed */
};

/* Begins a new line. One empty line before it is kept, several become one. */
static void begin_line(struct layout *l)
{
	if (l->begun)
		buf_adds(l->out, l->newlines > 1 ? "\n\n" : "\n");
	l->begun = true;
}

static void add_chunk(struct layout *l, struct span at, bool comment)
{
	struct statement *st = &l->st;

	if (l->glued && !comment) {
		st->chunk[st->n - 1].at.len += at.len;
		return;
	}
	if (st->n == 0 && !comment)
		begin_line(l);
	st->chunk = memory_grow(st->chunk, st->n, &st->cap, sizeof(*st->chunk));
	st->chunk[st->n++] = (struct chunk){ at, comment, comment && l->newlines > 0 };
}

static void add_comment(struct layout *l, struct span at)
{
	if (l->st.n > 0) {
		add_chunk(l, at, true);
		return;
	}
	if (l->begun && l->newlines == 0)
		buf_addc(l->out, ' ');
	else
		begin_line(l);
	l->begun = true;
	put_comment(l->st.src, at, l->out);
}

static void add_lexeme(struct layout *l, struct lexeme p)
{
	switch (p.kind) {
	case LEX_END: case LEX_BLANK: case LEX_BACKSLASH:
		l->glued = false;
		return;
	case LEX_NEWLINE:
		l->newlines++;
		l->glued = false;
		return;
	case LEX_COMMENT:
		add_comment(l, p.at);
		l->glued = false;
		break;
	case LEX_SEMICOLON:
		if (l->st.n == 0)
			begin_line(l);
		put_statement(&l->st, l->out);
		l->st.n = 0;
		l->glued = false;
		break;
	case LEX_QUOTED: case LEX_WORD:
		add_chunk(l, p.at, false);
		l->glued = true;
	}
	l->newlines = 0;
}

/* True at the end of an exit statement: the text after it is not parsed and is copied unchanged. */
static bool is_exit(const struct layout *l, struct lexeme p)
{
	const struct chunk *c = l->st.chunk, *end = c + l->st.n;

	while (c < end && c->comment)
		c++;
	return p.kind == LEX_SEMICOLON && c < end &&
	       verb_find(l->st.src->text + c->at.off, c->at.len) == VERB_EXIT;
}

void layout(const struct source *src, struct buf *out)
{
	struct layout l = { .st = { .src = src }, .out = out };
	struct lexeme p = { LEX_BLANK, { 0, 0 } };
	bool ended = false;

	while (!ended && (p = lex_next(src, p.at.off + p.at.len)).kind != LEX_END) {
		ended = is_exit(&l, p);
		add_lexeme(&l, p);
	}
	if (ended)
		buf_add(out, src->text + p.at.off + 1, src->len - p.at.off - 1);
	if (l.begun && (!ended || out->bytes[out->len - 1] != '\n'))
		buf_addc(out, '\n');
	free(l.st.chunk);
}
