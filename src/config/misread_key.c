/* SPDX-License-Identifier: ISC */
/*
 * What is wrong with a key that does not read: a wrong character, blanks, no 0x, masked. None of it is ever
 * shown.
 */
#include "config/parse_internal.h"

#include "base/hex.h"
#include "config/words.h"

#include <ctype.h>
#include <string.h>

/*
 * So many hex digits without 0x are a key, and no word; so many, and some others, are a key with slips in it;
 * less is no part of one.
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
 * 0x...(16 bytes), as dumps and messages of ours have it, or ****. Once for the file: there is one for each
 * key.
 */
static bool is_masked(struct parse *p, struct span word, const char *s, size_t n)
{
	size_t dots = strspn(s, "."), stars = strspn(s, "*");

	if (!(dots == 3 && (n == 3 || s[3] == '(' || s[3] == '"')) && (stars < 3 || stars < n))
		return false;
	if (p->masked)
		p->errors = 0; /* of this statement too there is no more to say */
	else
		report_key_form(p, word, "make the dump with --show-keys, or with --key-refs --keys-to=FILE",
		                "the keys in the file are masked");
	p->masked = true;
	return true;
}

/*
 * The first byte that is no hex digit; *separators: all such bytes are one of these, and are between digits.
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

/* Digits and something else: skip is the 0x. */
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

/* x001122..., Ox001122..., 001122...h: what others write for 0x. */
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

/* Where a key is due. */
static bool report_misread_key(struct parse *p, struct span word)
{
	const char *s = parse_text(p, word);
	uint32_t skip = has_0x(s, word.len) ? 2 : 0;
	size_t n = word.len - skip, hex = hex_digits(s + skip, n);
	struct span next = word_behind(p, word);
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

/* The word is the name of an algorithm after -E or -A, or of a key after key: next comes a key. */
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

/* What a key may not look like: other parts of a statement. */
static bool is_other_part(const struct parse *p, struct span word)
{
	char c = *parse_text(p, word);

	return word.len == 0 || strchr("-[]/<@$", c) != NULL || (unsigned char)c >= 0x80 ||
	       word_is_verb(p, word);
}

/*
 * More of the key before it: hex digits, or nearly so; of few the ones that are no number, or that are not
 * the last.
 */
static bool is_group(const struct parse *p, struct span word)
{
	const char *s = parse_text(p, word);
	uint32_t skip = has_0x(s, word.len) ? 2 : 0;
	size_t n = word.len - skip, hex = hex_digits(s + skip, n);
	struct span next = word_behind(p, word);

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
