/* SPDX-License-Identifier: ISC */
/* Cuts a text into blanks, comments, quotes, words and ';', even if it does not parse. Knows no statement. */
#include "text/lex.h"

#include <string.h>

static uint32_t skip_characters(const struct source *s, uint32_t at, const char *what)
{
	while (at < s->len && s->text[at] != '\0' && strchr(what, s->text[at]) != NULL)
		at++;
	return at;
}

static bool ends_line(const struct source *s, uint32_t backslash)
{
	uint32_t after = skip_characters(s, backslash + 1, " \t\r");

	return after < s->len && s->text[after] == '\n';
}

static uint32_t find_word_end(const struct source *s, uint32_t at)
{
	while (at < s->len && (s->text[at] == '\0' || strchr(" \t\r\n;\"#", s->text[at]) == NULL) &&
	       !(s->text[at] == '\\' && ends_line(s, at)))
		at++;
	return at;
}

static uint32_t find_character(const struct source *s, uint32_t at, char c)
{
	const char *p = memchr(s->text + at, c, s->len - at);

	return p != NULL ? (uint32_t)(p - s->text) : s->len;
}

static enum lexeme_kind lexeme_kind_at(const struct source *s, uint32_t off)
{
	switch (s->text[off]) {
	case ' ': case '\t': case '\r': return LEX_BLANK;
	case '\n': return LEX_NEWLINE;
	case '#': return LEX_COMMENT;
	case '"': return LEX_QUOTED;
	case ';': return LEX_SEMICOLON;
	case '\\': return ends_line(s, off) ? LEX_BACKSLASH : LEX_WORD;
	default: return LEX_WORD;
	}
}

struct lexeme lex_next(const struct source *s, uint32_t off)
{
	struct lexeme p = { LEX_END, { off, 0 } };
	uint32_t end = off + 1;

	if (off >= s->len)
		return p;
	p.kind = lexeme_kind_at(s, off);
	if (p.kind == LEX_BLANK)
		end = skip_characters(s, off, " \t\r");
	else if (p.kind == LEX_COMMENT)
		end = find_character(s, off, '\n');
	else if (p.kind == LEX_QUOTED)
		end = find_character(s, off + 1, '"');
	else if (p.kind == LEX_WORD)
		end = find_word_end(s, off + 1);
	p.at.len = end - off + (p.kind == LEX_QUOTED && end < s->len);
	return p;
}
