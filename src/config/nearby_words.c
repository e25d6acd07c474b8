/* SPDX-License-Identifier: ISC */
/*
 * Finds whole words around the place of an error: text between blanks, where the scanner may see several
 * tokens.
 */
#include "config/nearby_words.h"

#include "model/names.h"

#include <ctype.h>

static bool is_word_end(char c)
{
	return isspace((unsigned char)c) || c == ';' || c == '#' || c == '\0';
}

/* A backslash before a blank or line end joins two lines and counts as a blank. */
static bool is_blank(const char *text, uint32_t off)
{
	return isspace((unsigned char)text[off]) ||
	       (text[off] == '\\' && isspace((unsigned char)text[off + 1]));
}

struct span word_around(const struct parse *p, uint32_t off)
{
	const char *text = p->src->text;
	struct span word = { off, 0 };

	while (word.off > p->stmt.at.off && !is_word_end(text[off]) && !is_word_end(text[word.off - 1]))
		word.off--;
	while (!is_word_end(text[word.off + word.len]) && !is_blank(text, word.off + word.len))
		word.len++;
	return word;
}

struct span word_before(const struct parse *p, uint32_t off)
{
	while (off > p->stmt.at.off && is_blank(p->src->text, off - 1))
		off--;
	return off > p->stmt.at.off ? word_around(p, off - 1) : (struct span){ p->stmt.at.off, 0 };
}

struct span word_after(const struct parse *p, struct span word)
{
	uint32_t off = word.off + word.len;

	while (is_blank(p->src->text, off))
		off++;
	return word_around(p, off);
}

bool word_is_verb(const struct parse *p, struct span word)
{
	return verb_find(parse_text(p, word), word.len) != VERB_NONE;
}
