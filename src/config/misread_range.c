/* What is wrong where addresses are written as other programs have them: [2001:db8::1]:80, 10/8, a,b, !a, *. */
#include "config/parse.h"

#include "base/memory.h"
#include "config/words.h"

#include <ctype.h>
#include <string.h>

static bool is_address(const char *s, size_t n)
{
	struct addr a;

	return n > 0 && addr_parse(&a, s, n);
}

/* The '[' that is at the place, or that the ']' just before it closes. */
static uint32_t bracket(const struct parse *p, uint32_t off)
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

/* [2001:db8::1], with a port behind it or without */
static bool misread_brackets(struct parse *p, struct span at)
{
	struct span whole = { bracket(p, at.off), 0 };
	const char *s = p->src->text + whole.off, *port;
	size_t n = s[0] == '[' ? strcspn(s, "] \t\n;") : 0, digits;

	if (n < 3 || s[n] != ']' || memchr(s, ':', n) == NULL || !is_address(s + 1, n - 1))
		return false;
	port = s[n + 1] == ':' || s[n + 1] == '[' ? s + n + 2 : "";
	digits = strspn(port, "0123456789");
	whole.len = (uint32_t)n + 1;
	parse_fault(p, PARSE_ADDRESS, whole, "an address has no brackets around it");
	if (!p->stop && digits > 0 && digits < 6)
		diag_hint(p->diags, "write %.*s[%.*s]", (int)n - 1, s + 1, (int)digits, port);
	else if (!p->stop)
		diag_hint(p->diags, "write %.*s", (int)n - 1, s + 1);
	return true;
}

/* 10/8 */
static bool misread_short(struct parse *p, struct span at)
{
	const char *s = parse_text(p, at);
	size_t digits = s[at.len] == '/' ? strspn(s + at.len + 1, "0123456789") : 0;
	bool complete = parse_said(p, PART_DST);

	if (complete || digits == 0 || digits > 2 || at.len > 3 || !parse_all_digits(p, at) || verb_names_sa(p->stmt.verb))
		return false;
	parse_fault(p, PARSE_ADDRESS, at, "an address has four numbers");
	if (!p->stop)
		diag_hint(p->diags, "write %.*s.0.0.0/%.*s", (int)at.len, s, (int)digits, s + at.len + 1);
	return true;
}

/* What other programs have beside an address. */
static bool misread_mark(struct parse *p, struct span at)
{
	static const struct { char mark; const char *message, *hint; } marks[] = {
		{ ',', "one address stands there, not a list", "write a statement for each" },
		{ '{', "one address stands there, not a list", "write a statement for each" },
		{ '!', "an address cannot be excepted", "give it a policy of its own, with none in the place of ipsec" },
	};
	struct span word = word_around(p, at.off);
	const char *s = parse_text(p, at), *first = parse_text(p, word);
	size_t before = (size_t)(s - first), behind = strspn(s + 1, "0123456789abcdefABCDEF.:");

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (*s != marks[i].mark || !(is_address(first, before) || is_address(s + 1, behind)))
			continue;
		parse_fault(p, PARSE_ADDRESS, at, "%s", marks[i].message);
		diag_hint(p->diags, "%s", marks[i].hint);
		return true;
	}
	return false;
}

bool parse_misread_range(struct parse *p, struct span at)
{
	return p->open && !parse_has_error(p) && p->stmt.verb != VERB_KEY && !p->stop &&
	       (misread_brackets(p, at) || misread_mark(p, at) ||
	        (verb_is_policy(p->stmt.verb) && !parse_said(p, PART_UPPER) && misread_short(p, at)));
}
