/* SPDX-License-Identifier: ISC */
/*
 * Explains what is wrong with a malformed key: a wrong character, blanks, a missing 0x, a masked key. Never
 * shows the key, except one wrong character.
 */
#include "config/parse_internal.h"

#include "base/hex.h"
#include "config/nearby_words.h"

#include <ctype.h>
#include <string.h>

/*
 * BARE_KEY hex digits without 0x are taken for a key, not for a word. With CLEARLY_HEX hex digits a word is a
 * key that has some wrong characters; CLEARLY_BARE is the same for a whole word without 0x. A word shorter
 * than GROUP is hardly a part of a key that was split.
 */
enum { BARE_KEY = 8, CLEARLY_HEX = 8, CLEARLY_BARE = 16, GROUP = 4 };

static bool has_0x(const char *s, size_t n)
{
	return n >= 2 && s[0] == '0' && (s[1] | 0x20) == 'x';
}

static size_t hex_digits(const char *s, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += hex_digit((unsigned char)s[i]) >= 0;
	return count;
}

static bool is_all_hex(const char *s, size_t n)
{
	return n > 0 && hex_digits(s, n) == n;
}

static bool report_key_form(struct parse *p, struct span at, const char *hint, const char *message)
{
	parse_error(p, PARSE_KEY_FORM, at, "%s", message);
	if (!p->stop)
		diag_hint(p->diags, "%s", hint);
	return true;
}

/*
 * True for a masked key, 0x...(16 bytes), as setkey's dumps and messages show it, or ****. Reports only the
 * first one in the file.
 */
static bool is_masked(struct parse *p, struct span word, const char *s, size_t n)
{
	static const char ellipsis[] = "\xe2\x80\xa6";
	size_t dots = strncmp(s, ellipsis, 3) == 0 ? 3 : strspn(s, "."), stars = strspn(s, "*");

	if (!(dots >= 3 && (n == dots || s[dots] == '(' || s[dots] == '"')) && (stars < 3 || stars < n))
		return false;
	if (p->masked_reported)
		p->errors = 0; /* suppresses further findings in this statement */
	else
		report_key_form(p, word, "make the dump with --show-keys, or with --key-refs --keys-to=FILE",
		                "the keys in the file are masked");
	p->masked_reported = true;
	return true;
}

/*
 * Returns the index of the first byte that is not a hex digit. *separators: all such bytes are separators
 * between digits.
 */
static size_t first_wrong_digit(const char *s, size_t n, bool *separators)
{
	size_t first = n;

	*separators = true;
	for (size_t i = n; i-- > 0; ) {
		if (hex_digit((unsigned char)s[i]) >= 0)
			continue;
		*separators &= strchr(":-._,", s[i]) != NULL && i > 0 && i + 1 < n;
		first = i;
	}
	return first;
}

/* Reports a word of hex digits and other characters. skip is the length of its 0x, or 0. */
static bool report_wrong_digits(struct parse *p, struct span word, const char *s, uint32_t skip)
{
	const char *digit = s + skip;
	size_t n = word.len - skip, wrong = n - hex_digits(digit, n), first;
	bool separators;
	struct span at;
	uint32_t line, col;

	first = first_wrong_digit(digit, n, &separators);
	at = (struct span){ word.off + skip + (uint32_t)first, 1 };
	if (separators)
		return report_key_form(p, word,
		                       skip ? "remove what is between the digits" :
		                    "write 0x and the digits, with nothing between them",
		                       "the digits of a key must not be separated");
	if (wrong > 1)
		parse_error(p, PARSE_KEY_FORM, at,
		            "the key has %zu characters that are not hex digits; the first is here", wrong);
	else if (!isprint((unsigned char)digit[first]) || (skip == 0 && n < CLEARLY_BARE))
		parse_error(p, PARSE_KEY_FORM, at, "the key has one character that is not a hex digit");
	if (parse_has_error(p))
		return true;
	source_place(p->src, at.off, &line, &col);
	parse_error(p, PARSE_KEY_FORM, at, "\"%c\"%s in column %u is not a hex digit", digit[first],
	            strchr("oOlI", digit[first]) ? " (a letter)" : "", col);
	return true;
}

/* True for other notations of a hexadecimal number: x001122..., Ox001122..., 001122...h. */
static bool has_other_0x(const char *s, size_t n)
{
	static const char *const marks[] = { "x", "X", "\\x", "Ox", "ox", "$", "#", "h:", "hex:", "=" };

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		size_t len = strlen(marks[i]);

		if (n >= len + CLEARLY_HEX && strncmp(s, marks[i], len) == 0 && is_all_hex(s + len, n - len))
			return true;
	}
	return n > CLEARLY_HEX && (s[n - 1] | 0x20) == 'h' && is_all_hex(s, n - 1);
}

/* Reports the word where a key is expected. */
static bool report_misread_key(struct parse *p, struct span word)
{
	const char *s = parse_text(p, word);
	uint32_t skip = has_0x(s, word.len) ? 2 : 0;
	size_t n = word.len - skip, hex = hex_digits(s + skip, n);
	struct span next = word_after(p, word);
	bool groups = is_all_hex(parse_text(p, next), next.len);

	if (is_masked(p, word, s + skip, n) || (s[0] == '"' && is_masked(p, word, s + 1, n - 1)))
		return true;
	if (skip != 0 && (n == 0 || s[skip] == '"' || s[skip] == '\''))
		return report_key_form(p, word, "write 0x and the digits, with nothing between them",
		                       "there are no digits after 0x");
	if (has_other_0x(s, word.len))
		return report_key_form(p, word, "write 0x, a zero and an x, and then only the digits",
		                       "a key in hexadecimal begins with 0x");
	if (skip == 0 && (word.len >= BARE_KEY || groups) && hex == n)
		return report_key_form(p, word,
		                       groups ? "write 0x before it, and leave out the blanks" :
		                                "write 0x before it",
		                       "a key in hexadecimal begins with 0x");
	if (hex >= CLEARLY_HEX && n - hex <= n / 2 && (skip != 0 || n - hex <= n / 3) && s[0] != '\'' &&
	    s[0] != '"')
		return report_wrong_digits(p, word, s, skip);
	if (skip != 0)
		return report_key_form(p, word, "write it in hexadecimal, 0x..., or put text in quotes",
		                       "what follows 0x is not hexadecimal");
	if (s[0] == '\'')
		return report_key_form(p, word, "use double quotes", "a key cannot be in single quotes");
	if (word.len > 2 && s[0] == '0' && strchr("sStT", s[1]) != NULL)
		return report_key_form(p, word, "write it in hexadecimal: 0x...",
		                       "0s and 0t are not supported: base64 and text keys of other programs");
	return report_key_form(p, word, "put text in quotes, or write hexadecimal with 0x before it",
	                       "a key is hexadecimal, 0x..., or quoted");
}

/*
 * True if a key is expected after the word: it is the name of an algorithm after -E or -A, or the name in a
 * key statement.
 */
static bool is_key_after(const struct parse *p, struct span word)
{
	struct span before = word_before(p, word.off);

	if (before.len == 2 && word.len > 0 && strchr("EA", parse_text(p, before)[1]) != NULL &&
	    parse_text(p, before)[0] == '-')
		return !parse_is(p, word, "null");
	return p->stmt.verb == VERB_KEY && before.off == p->stmt.at.off;
}

bool parse_key_is_due(const struct parse *p, struct span at)
{
	return p->open && is_key_after(p, word_before(p, word_around(p, at.off).off));
}

/* True for a word that is another part of the statement and hence not a malformed key. */
static bool is_other_part(const struct parse *p, struct span word)
{
	char c = *parse_text(p, word);

	return word.len == 0 || strchr("-[]/<@$", c) != NULL || (unsigned char)c >= 0x80 ||
	       word_is_verb(p, word);
}

/*
 * True if the word seems to be one more group of digits of a key that was split: all or nearly all of it is
 * hex. A short decimal number counts only if more hex digits follow.
 */
static bool is_group(const struct parse *p, struct span word)
{
	const char *s = parse_text(p, word);
	uint32_t skip = has_0x(s, word.len) ? 2 : 0;
	size_t n = word.len - skip, hex = hex_digits(s + skip, n);
	struct span next = word_after(p, word);

	if (n == 0 || (hex < n && (hex < CLEARLY_HEX || n - hex > n / 3)))
		return false;
	return word.len >= GROUP || strspn(s, "0123456789") < word.len ||
	       is_all_hex(parse_text(p, next), next.len);
}

bool parse_misread_key(struct parse *p, struct span at)
{
	struct span word = word_around(p, at.off), before = word_before(p, word.off), split;

	if (!p->open || is_other_part(p, word))
		return false;
	if (is_key_after(p, before))
		return report_misread_key(p, word);
	if (!is_group(p, word) || !is_key_after(p, word_before(p, before.off)))
		return false;
	split = (struct span){ before.off + before.len, word.off - before.off - before.len };
	return report_key_form(p, word, "write all of its digits in one word",
	                       memchr(parse_text(p, split), '\n', split.len) != NULL ?
	                     "a key cannot be split over lines" :
	                     "a key cannot be split");
}
