/* SPDX-License-Identifier: ISC */
/*
 * A text cut into blanks, comments, quotes, words and ';', whether it makes sense or not. Knows no statement.
 */
#ifndef TEXT_LEX_H
#define TEXT_LEX_H

#include "text/source.h"

enum lexeme_kind {
	LEX_END,
	LEX_BLANK,     /* blanks, tabs, carriage returns */
	LEX_NEWLINE,
	LEX_BACKSLASH, /* the last of its line, which reads as a blank */
	LEX_COMMENT,   /* without its newline */
	LEX_QUOTED,    /* quotes included; to the end of the text if it is never closed */
	LEX_SEMICOLON,
	LEX_WORD,      /* anything else */
};

struct lexeme {
	enum lexeme_kind kind;
	struct span at;
};

/* What begins at this offset, which is the text's beginning or the end of another piece. */
struct lexeme lex_next(const struct source *s, uint32_t off);

#endif
