/* SPDX-License-Identifier: ISC */
/*
 * Reports addresses in the notation of other programs: [2001:db8::1]:80, 10/8, a,b, !a, *,
 * 10.0.0.0/255.0.0.0.
 */
#include "config/parse_internal.h"

#include "base/memory.h"
#include "config/misread_address.h"
#include "config/nearby_words.h"

#include <ctype.h>
#include <string.h>

static bool is_address(const char *s, size_t n)
{
	struct addr a;

	return n > 0 && addr_parse(&a, s, n);
}

/* Returns the offset of the '[' at off, or of the '[' that matches the ']' just before off. */
static uint32_t opening_bracket(const struct parse *p, uint32_t off)
{
	const char *text = p->src->text;
	uint32_t i = off;

	while (i > p->stmt.at.off && isspace((unsigned char)text[i - 1]))
		i--;
	if (text[off] != '[' || i == p->stmt.at.off || text[i - 1] != ']')
		return off;
	while (i > p->stmt.at.off && text[i] != '[')
		i--;
	return i;
}

/* Reports [2001:db8::1] and [10.0.0.1], with or without a port. */
static bool misread_brackets(struct parse *p, struct span at)
{
	struct span whole = { opening_bracket(p, at.off), 0 };
	const char *s = p->src->text + whole.off, *port;
	size_t n = s[0] == '[' ? strcspn(s, "] \t\n;") : 0, digits;

	if (n < 3 || s[n] != ']' || strcspn(s, ".:") >= n || !is_address(s + 1, n - 1))
		return false;
	port = s[n + 1] == ':' || s[n + 1] == '[' ? s + n + 2 : "";
	digits = strspn(port, "0123456789");
	whole.len = (uint32_t)n + 1;
	parse_error(p, PARSE_ADDRESS, whole, "an address takes no brackets");
	if (!p->stop && digits > 0 && digits < 6 && !parse_has_part(p, PART_DIR))
		diag_hint(p->diags, "write %.*s[%.*s]", (int)n - 1, s + 1, (int)digits, port);
	else if (!p->stop)
		diag_hint(p->diags, "write %.*s", (int)n - 1, s + 1);
	return true;
}

/* Reports 10/8. */
static bool misread_short(struct parse *p, struct span at)
{
	const char *s = parse_text(p, at);
	size_t digits = s[at.len] == '/' ? strspn(s + at.len + 1, "0123456789") : 0;
	bool complete = parse_has_part(p, PART_DST);

	if (complete || digits == 0 || digits > 2 || at.len > 3 || !parse_all_digits(p, at) ||
	    verb_names_sa(p->stmt.verb))
		return false;
	parse_error(p, PARSE_ADDRESS, at, "an address has four numbers");
	if (!p->stop)
		diag_hint(p->diags, "write %.*s.0.0.0/%.*s", (int)at.len, s, (int)digits, s + at.len + 1);
	return true;
}

/*
 * The prefix length of a network mask such as 255.255.255.0, or of a wildcard mask such as 0.0.0.255; -1: the
 * address is no mask.
 */
static int mask_bits(const struct addr *mask)
{
	const uint8_t *b = mask->bytes;
	uint32_t bits = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
	uint32_t host = bits == 0 || bits >> 31 ? ~bits : bits;

	if (mask->family != AF_INET || (host & (host + 1)) != 0)
		return -1;
	return 32 - __builtin_popcount(host);
}

/* 10.0.0.0/255.255.255.0 */
static bool misread_netmask(struct parse *p, struct span at)
{
	struct addr mask;
	int bits;

	if (at.off == 0 || p->src->text[at.off - 1] != '/' || !verb_is_policy(p->stmt.verb) ||
	    !addr_parse(&mask, parse_text(p, at), at.len) || (bits = mask_bits(&mask)) < 0)
		return false;
	parse_error(p, PARSE_ADDRESS, at, "a network has a prefix length, not a mask");
	diag_hint(p->diags, "write /%d", bits);
	return true;
}

/* Reports the marks that other programs accept next to an address. */
static bool misread_mark(struct parse *p, struct span at)
{
	static const struct { char mark; const char *message, *hint; } marks[] = {
		{ ',', "expected one address, not a list", "write a statement for each" },
		{ '{', "expected one address, not a list", "write a statement for each" },
		{ '!', "an address cannot be excepted", "give it a policy of its own, with none in the place of ipsec" },
	};
	struct span word = word_around(p, at.off);
	const char *s = parse_text(p, at), *first = parse_text(p, word);
	size_t before = (size_t)(s - first), after = strspn(s + 1, "0123456789abcdefABCDEF.:");

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (*s != marks[i].mark || !(is_address(first, before) || is_address(s + 1, after)))
			continue;
		parse_error(p, PARSE_ADDRESS, at, "%s", marks[i].message);
		diag_hint(p->diags, "%s", marks[i].hint);
		return true;
	}
	return false;
}

/* Reports 10.0.0.* and *. */
static bool misread_wildcard(struct parse *p, struct span at)
{
	static const char *const zeros[] = { "0.0.0", "0.0", "0" };
	struct span word = word_around(p, at.off);
	const char *s = parse_text(p, word);
	size_t n = strspn(s, "0123456789.*"), digits = strspn(s, "0123456789.");
	unsigned dots = 0;

	if (*parse_text(p, at) != '*' || n < word.len || strspn(s + digits, ".*") < n - digits ||
	    (digits > 0 && s[digits - 1] != '.'))
		return false;
	for (size_t i = 0; i < digits; i++)
		dots += s[i] == '.';
	parse_error(p, PARSE_ADDRESS, word, "an address cannot contain *");
	if (verb_names_sa(p->stmt.verb))
		diag_hint(p->diags, "write a single address");
	else if (dots == 0)
		diag_hint(p->diags, "write 0.0.0.0/0 for all of IPv4, ::/0 for all of IPv6");
	else if (dots < 4)
		diag_hint(p->diags, "write %.*s%s/%u", (int)digits, s, zeros[dots - 1], 8 * dots);
	return true;
}

/* Reports %any and %defaultroute. */
static bool misread_any(struct parse *p, struct span at)
{
	struct span word = { at.off, 0 };
	bool range = verb_is_policy(p->stmt.verb) && !parse_has_part(p, PART_DIR);
	struct buf what = { 0 }, hint = { 0 }, quoted;

	for (word.len = 1; isalnum((unsigned char)p->src->text[at.off + word.len]); )
		word.len++;
	quoted = parse_quote(p, word);
	if (*parse_text(p, word) == '%' &&
	    misread_address(parse_text(p, word), word.len, range ? ADDRESS_RANGE : ADDRESS_BARE, &what,
	                    &hint)) {
		parse_error(p, PARSE_ADDRESS, word, "\"%s\"%s", buf_str(&quoted), buf_str(&what));
		diag_hint(p->diags, "%s", buf_str(&hint));
	}
	buf_free(&what);
	buf_free(&hint);
	buf_free(&quoted);
	return parse_has_error(p);
}

static size_t address_length(const char *s)
{
	return strspn(s, "0123456789abcdefABCDEF.:");
}

/* Reports a network or a range as an end point: esp/tunnel/10.0.0.0/8-10.0.0.1-10.0.0.9/require. */
static bool misread_ends(struct parse *p, struct span at)
{
	struct span word = word_around(p, at.off);
	const char *s = parse_text(p, word), *mode = memchr(s, '/', word.len),
	           *end = mode != NULL ? strchr(mode + 1, '/') : NULL;
	size_t n, more, dashes = 0;
	const char *first;

	if (!verb_is_policy(p->stmt.verb) || end == NULL || end >= s + word.len)
		return false;
	first = ++end;
	do {
		n = address_length(end);
		more = end[n] == '-' ? address_length(end + n + 1) : strspn(end + n + 1, "0123456789.");
		if (!is_address(end, n) || more == 0)
			return false;
		if (end[n] == '/') {
			word = (struct span){ (uint32_t)(end - p->src->text), (uint32_t)(n + 1 + more) };
			parse_error(p, PARSE_ADDRESS, word, "an end point is one address, not a network");
			diag_hint(p->diags, "write the address of the gateway");
			return true;
		}
		end += n + 1;
	} while (end[-1] == '-' &&
	         (dashes += end[more] == '-' && isalnum((unsigned char)end[more + 1])) == 0);
	if (dashes == 0)
		return false;
	word = (struct span){ (uint32_t)(first - p->src->text),
		              word.off + word.len - (uint32_t)(first - p->src->text) };
	end = memchr(first, '/', word.len);
	word.len = end != NULL ? (uint32_t)(end - first) : word.len;
	parse_error(p, PARSE_ADDRESS, word, "an end point is one address, not a range");
	diag_hint(p->diags, "write one address");
	return true;
}

/* Reports esp/tunnel/10.0.0.1[500]-10.0.0.2/require. */
static bool misread_one_port(struct parse *p, struct span at)
{
	struct span word = word_around(p, at.off), bracket = { 0, 1 };
	const char *s = parse_text(p, word), *end = s + word.len, *open = memchr(s, '[', word.len),
	           *dash = memchr(s, '-', word.len);

	if (!verb_is_policy(p->stmt.verb) || !parse_has_part(p, PART_DIR) || open == NULL || dash == NULL ||
	    memchr(open + 1, '[', (size_t)(end - open - 1)) != NULL ||
	    memchr(open, ']', (size_t)(end - open)) == NULL)
		return false;
	bracket.off = (uint32_t)(open - p->src->text);
	parse_error(p, PARSE_ADDRESS, bracket, "one end point has a port, and the other has none");
	diag_hint(p->diags, "leave the port out");
	return true;
}

bool parse_foreign_address(struct parse *p, struct span at)
{
	return p->open && !parse_has_error(p) && p->stmt.verb != VERB_KEY && !p->stop &&
	       (misread_brackets(p, at) || misread_netmask(p, at) || misread_mark(p, at) ||
	        misread_wildcard(p, at) ||
	        misread_any(p, at) || misread_ends(p, at) || misread_one_port(p, at) ||
	        (verb_is_policy(p->stmt.verb) && !parse_has_part(p, PART_UPPER) && misread_short(p, at)));
}
