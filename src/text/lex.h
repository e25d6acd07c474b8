/* SPDX-License-Identifier: ISC */
/* Cuts a text into blanks, comments, quotes, words and ';', even if it does not parse. Knows no statement. */
#ifndef TEXT_LEX_H
#define TEXT_LEX_H

#include "text/source.h"

enum lexeme_kind {
	LEX_END,
	LEX_BLANK,     /* blanks, tabs, carriage returns */
	LEX_NEWLINE,
	LEX_BACKSLASH, /* at the end of a line: counts as a blank */
	LEX_COMMENT,   /* without its newline */
	LEX_QUOTED,    /* quotes included; to the end of the text if it is never closed */
	LEX_SEMICOLON,
	LEX_WORD,      /* anything else */
};

struct lexeme {
	enum lexeme_kind kind;
	struct span at;
};

/* The lexeme at this offset, which is the beginning of the text or the end of another lexeme. */
struct lexeme lex_next(const struct source *s, uint32_t off);

#endif
