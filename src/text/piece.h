/* SPDX-License-Identifier: ISC */
/*
 * A text cut into blanks, comments, quotes, words and ';', whether it makes sense or not. Knows no statement.
 */
#ifndef TEXT_PIECE_H
#define TEXT_PIECE_H

#include "text/source.h"

enum piece_kind {
	PIECE_END,
	PIECE_BLANK,     /* blanks, tabs, carriage returns */
	PIECE_NEWLINE,
	PIECE_BACKSLASH, /* the last of its line, which reads as a blank */
	PIECE_COMMENT,   /* without its newline */
	PIECE_QUOTED,    /* quotes included; to the end of the text if it is never closed */
	PIECE_SEMICOLON,
	PIECE_WORD,      /* anything else */
};

struct piece {
	enum piece_kind kind;
	struct span at;
};

/* What begins at this offset, which is the text's beginning or the end of another piece. */
struct piece piece_next(const struct source *s, uint32_t off);

#endif
