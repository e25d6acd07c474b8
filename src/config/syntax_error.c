/* SPDX-License-Identifier: ISC */
/* Syntax errors: reports what was found and what was expected, in words instead of token names. */
#include "config/parse_internal.h"

#include "base/memory.h"
#include "config/nearby_words.h"

#include "grammar.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

/* The token found and the tokens that the grammar expected in its place. */
struct expected {
	int found; /* this and the others: T_... of the grammar, or a character */
	const struct expected_token *tokens;
	int n;
};

/* A description of what is missing; NULL if the names of the tokens are all that is known. */
struct missing {
	const char *words;
	bool is_address;
};

static const struct missing nothing_better = { NULL, false };

/*
 * True if the text before the offset ends with the given text, apart from blanks. An option must be a whole
 * word.
 */
static bool is_after(const struct parse *p, uint32_t off, const char *text)
{
	size_t n = strlen(text);

	while (off > 0 && isspace((unsigned char)p->src->text[off - 1]))
		off--;
	if (off < n || memcmp(p->src->text + off - n, text, n) != 0)
		return false;
	return text[0] != '-' || off == n || !isalpha((unsigned char)p->src->text[off - n - 1]);
}

/* Returns what the text just before the error requires. */
static struct missing missing_after_text(const struct parse *p, struct span at)
{
	static const struct { const char *before; struct missing missing; } table[] = {
		{ "-E", { "an algorithm", false } },
		{ "-A", { "an algorithm", false } },
		{ "-C", { "an algorithm", false } },
		{ "-f", { "a flag", false } },
		{ "-m", { "a mode (any, transport or tunnel)", false } },
		{ "-P", { "a direction (in, out or fwd)", false } },
		{ "-dir", { "in or out", false } },
		{ "-offload", { "crypto or packet", false } },
		{ "-coa", { "a numeric address", true } },
		{ "[", { "a port", false } },
		{ "-natt", { "an address and a port", true } },
		{ "//", { "a level (default, use, require or unique)", false } },
		{ "esp/", { "a mode (transport or tunnel)", false } },
		{ "ah/", { "a mode (transport or tunnel)", false } },
		{ "ipcomp/", { "a mode (transport or tunnel)", false } },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (is_after(p, at.off, table[i].before))
			return table[i].missing;
	return nothing_better;
}

static bool expects(const struct expected *e, int token)
{
	for (int i = 0; i < e->n; i++)
		if (e->tokens[i].token == token)
			return true;
	return false;
}

/*
 * The parser records an address only when it sees the token after it, so the last address may not be recorded
 * yet.
 */
static struct missing missing_address(const struct parse *p, const struct expected *e)
{
	int addresses = parse_has_part(p, PART_SRC) + parse_has_part(p, PART_DST) +
	        (expects(e, '[') || expects(e, '/'));

	if (addresses == 0)
		return (struct missing){ "a source address", true };
	return addresses == 1 ? (struct missing){ "a destination address", true } : nothing_better;
}

/* What is missing after -P and a direction. */
static struct missing missing_in_policy(const struct parse *p, struct span at, const struct expected *e)
{
	if (is_after(p, at.off, "/"))
		return (struct missing){ "two addresses with a - between them, or another /", true };
	if (expects(e, '['))
		return (struct missing){ "\"-\" and another address", true };
	if (expects(e, '-') && expects(e, T_WORD))
		return (struct missing){ "a number, low, def or high", false };
	return expects(e, T_WORD) && e->n == 1 ? (struct missing){ "an address", true } : nothing_better;
}

/* What is missing after the addresses. */
static const char *missing_after_addresses(const struct parse *p, struct span at, const struct expected *e)
{
	bool after_address = expects(e, '[') || is_after(p, at.off, "]");

	if (verb_names_policy(p->stmt.verb) && parse_has_part(p, PART_UPPER))
		return expects(e, T_POLICY) ? "-P and a direction" : NULL;
	if (verb_names_policy(p->stmt.verb))
		return "an upper-layer protocol (any, tcp, ...)";
	if (p->stmt.verb == VERB_DELETEALL)
		return parse_has_part(p, PART_PROTO) ? "\";\"" : "a protocol (esp, ah, ipcomp, ...) or \";\"";
	if (parse_has_part(p, PART_SPI))
		return NULL;
	return after_address ? "a protocol (esp, ah, ipcomp, ...) and an SPI" : "an SPI (a number or 0x...)";
}

static struct missing missing_in_statement(const struct parse *p, struct span at, const struct expected *e)
{
	enum verb verb = p->stmt.verb;
	struct missing address = missing_address(p, e);

	if (verb_names_policy(verb) && parse_has_part(p, PART_DIR))
		return missing_in_policy(p, at, e);
	if (verbs[verb].class == VERB_CLASS_TEXT)
		return nothing_better;
	if (!verb_names_policy(verb) && !verb_names_sa(verb) && verb != VERB_DELETEALL)
		return (struct missing){ "\";\"", false }; /* this statement has no addresses */
	if (expects(e, ']') || (expects(e, T_HEX) && !expects(e, T_WORD)))
		return nothing_better; /* inside the brackets of a port, or in a mark */
	if (e->n == 1 && expects(e, T_NUMBER) && is_after(p, at.off, "/"))
		return (struct missing){ "a prefix length such as 24", false };
	return address.words != NULL ? address :
	                               (struct missing){ missing_after_addresses(p, at, e), false };
}

/* Options that must be written before the algorithms. */
static bool is_extension(int token)
{
	switch (token) {
	case T_MODE: case T_REQID: case T_WINDOW: case T_FLAG: case T_LIMIT:
	case T_ATTR: case T_ATTR_MASKED: case T_ATTR_WORD:
	case T_SELECTOR: case T_REPLAY: case T_COADDR: case T_OFFLOAD: case T_ICV: case T_INDEX: case T_CTX:
	case T_ESN: case T_NATT: case T_NATT_MTU: case T_HWIF: case T_KAME98:
		return true;
	default:
		return false;
	}
}

/*
 * Returns the token's name for a list of expected tokens. NULL for tokens that are rare or exist only to give
 * advice.
 */
static const char *describe_token(const struct parse *p, const struct expected *e, struct expected_token t)
{
	bool key = expects(e, T_HEX) && expects(e, T_STRING), action = expects(e, T_ACTION);
	const char *keys = expects(e, T_KEYREF) ? "a key (0x..., quoted text or @NAME)" :
	                                          "a key (0x... or quoted text)";

	if (is_extension(t.token))
		return expects(e, T_MODE) ? "an option" : NULL;
	switch (t.token) {
	case T_ENC:
		return verb_makes_sa(p->stmt.verb) && expects(e, T_COMP) ? t.name : NULL;
	case T_AUTH: case T_COMP:
		return verb_makes_sa(p->stmt.verb) ? t.name : NULL;
	case T_HEX: case T_STRING: case T_KEYREF:
		return key ? keys : t.name;
	case T_PROTO:
		return action ? NULL : "a request such as esp/transport//require";
	case T_WORD: case ';':
		return action ? NULL : t.name;
	case T_ACTION:
		return "an action (discard, none or ipsec)";
	default:
		return t.name;
	}
}

static bool is_listed(const struct expected_token *list, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			return true;
	return false;
}

/* Appends "a, b or c". A single character is quoted like a word of the user: ";". */
static void put_tokens(const struct parse *p, const struct expected *e, struct buf *out)
{
	struct expected_token list[16];
	int n = 0;

	for (int i = 0; i < e->n; i++) {
		const char *name = describe_token(p, e, e->tokens[i]);

		if (name != NULL && n < 16 && !is_listed(list, n, name))
			list[n++] = (struct expected_token){ e->tokens[i].token, name };
	}
	for (int i = 0; i < n; i++) {
		buf_adds(out, i == 0 ? "" : i == n - 1 ? " or " : ", ");
		if (list[i].token > 0 && list[i].token <= UCHAR_MAX)
			buf_printf(out, "\"%c\"", list[i].token);
		else
			buf_adds(out, list[i].name);
	}
	if (n == 0)
		buf_adds(out, "\";\"");
}

/* Returns a hint for a frequent mistake, or NULL. */
static const char *hint_for(const struct parse *p, struct span at, const struct expected *e,
                            bool address)
{
	const char *text = p->src->text + at.off;
	/* An algorithm is recorded when the next token is seen, so a key or -R may still be expected here. */
	bool after_algorithm = parse_has_part(p, PART_ENC) || parse_has_part(p, PART_AUTH) ||
	        parse_has_part(p, PART_COMP) || expects(e, T_STRING) || expects(e, T_RAWCPI);

	if (verb_find(text, at.len) != VERB_NONE)
		return "is a ; missing before it?";
	if (address && parse_is_decimal((struct text){ text, at.len }))
		return "an address is written in full: 0.0.0.0/0";
	if (is_extension(e->found) && after_algorithm && !verb_is_policy(p->stmt.verb))
		return "write options before -E, -A and -C";
	if (is_extension(e->found) && verb_is_policy(p->stmt.verb) && !parse_has_part(p, PART_UPPER))
		return "write options after the upper-layer protocol";
	if (is_extension(e->found) && verb_names_sa(p->stmt.verb) && !parse_has_part(p, PART_SPI))
		return "write options after the SPI";
	if (text[0] == '$' && expects(e, T_HEX) && parse_key_is_due(p, at))
		return "define the key with `key NAME 0x...;` and write @NAME";
	if (p->stmt.verb == VERB_INCLUDE && expects(e, T_STRING))
		return "put the path in quotes";
	if (p->stmt.verb == VERB_DEFINE && text[0] == '"')
		return "write the text without quotes";
	return e->found == T_AF ? "write -4, -6 and -n before the source address" : NULL;
}

/* Reports the end of the file, at the last character that is neither a blank nor in a comment. */
static void report_unclosed(struct parse *p)
{
	struct span end = { p->stmt.at.off, 1 };
	bool quoted = false, comment = false;

	for (uint32_t i = p->stmt.at.off; i < p->src->len; i++) {
		char c = p->src->text[i];

		quoted ^= !comment && c == '"';
		comment = comment ? c != '\n' : c == '#' && !quoted;
		if (!comment && !isspace((unsigned char)c))
			end.off = i;
	}
	parse_error(p, PARSE_UNCLOSED, end, "the file ends inside a statement");
	if (!p->stop)
		diag_hint(p->diags, "end the statement with ;");
}

static void report_unexpected(struct parse *p, struct span at, const struct expected *e)
{
	struct missing missing = missing_after_text(p, at);
	struct buf word = { 0 }, words = { 0 };
	const char *hint;

	if (missing.words == NULL)
		missing = missing_in_statement(p, at, e);
	hint = hint_for(p, at, e, missing.is_address);
	if (missing.words != NULL)
		buf_adds(&words, missing.words);
	else
		put_tokens(p, e, &words);
	source_quote(p->src, at, &word);
	if (parse_is(p, at, ";"))
		parse_error(p, PARSE_SYNTAX, at, "unexpected end of the statement, expected %s",
		            buf_str(&words));
	else if (parse_text(p, at)[0] == '"')
		parse_error(p, PARSE_SYNTAX, at, "unexpected quoted text, expected %s", buf_str(&words));
	else
		parse_error(p, PARSE_SYNTAX, at, "unexpected \"%s\", expected %s", buf_str(&word),
		            buf_str(&words));
	if (hint != NULL && !p->stop)
		diag_hint(p->diags, "%s", hint);
	else if (expects(e, T_PROTO))
		parse_hint_case(p, proto_names, at);
	buf_free(&word);
	buf_free(&words);
}

/* Reports a missing destination: in "spdadd SRC any -P" the upper-layer protocol was read as an address. */
static bool report_missing_range(struct parse *p, struct span at)
{
	struct span word = word_before(p, at.off);
	struct buf quoted;

	if (!p->open || !verb_is_policy(p->stmt.verb) || parse_has_part(p, PART_UPPER) ||
	    !parse_has_part(p, PART_SRC) || !parse_is(p, at, "-P") ||
	    name_number(parse_uppers, parse_text(p, word), word.len) < 0)
		return false;
	quoted = parse_quote(p, word);
	parse_error(p, PARSE_SYNTAX, word, "the destination address is missing before %s", buf_str(&quoted));
	buf_free(&quoted);
	return true;
}

/*
 * Finds a line between two offsets whose first word is a verb. from is the beginning of the current
 * statement, whose own line does not count.
 */
static bool find_statement_word(const struct parse *p, uint32_t from, uint32_t end, struct span *found)
{
	const char *text = p->src->text;
	bool begins = false, quoted = false;

	for (uint32_t i = from; i < end; i++) {
		if (text[i] == '"') {
			quoted = !quoted;
		} else if (text[i] == '#' && !quoted) {
			while (i + 1 < end && text[i + 1] != '\n')
				i++;
		} else if (text[i] == '\n' && !quoted) {
			begins = true;
			continue;
		} else if (begins && !isspace((unsigned char)text[i])) {
			*found = (struct span){ i, (uint32_t)strcspn(text + i, " \t\r\n;#\"") };
			if (verb_find(text + i, found->len) != VERB_NONE)
				return true;
		}
		begins &= isspace((unsigned char)text[i]) != 0;
	}
	return false;
}

bool parse_missing_end(struct parse *p, struct span at)
{
	struct span word;
	struct buf quoted;

	if (!p->open || parse_has_error(p) || !find_statement_word(p, p->stmt.at.off, at.off + 1, &word))
		return false;
	quoted = parse_quote(p, word);
	diag_add(p->diags, &parse_rules[PARSE_SYNTAX], p->src, word, "a \";\" is missing before \"%s\"",
	         buf_str(&quoted));
	diag_hint(p->diags, "end the statement with ;");
	buf_free(&quoted);
	return true;
}

/* True at a C comment that is never closed, or that is inside a statement. */
static bool begins_comment(const struct parse *p, struct span at)
{
	const char *s = parse_text(p, at);

	return s[0] == '/' && (s[1] == '*' || s[1] == '/') && (at.off == 0 || isspace((unsigned char)s[-1]));
}

void parse_syntax_error(struct parse *p, struct span at, int found, const struct expected_token *tokens,
                        int n)
{
	if (p->open && at.off >= p->src->len) {
		if (!parse_has_error(p))
			report_unclosed(p);
	} else if (begins_comment(p, at)) {
		parse_comment(p, at);
		/* without an end, the comment is the rest of the file */
		p->stop |= parse_text(p, at)[1] == '*';
	} else if (parse_recognise(p, at) || parse_missing_end(p, at) || parse_misread_alg(p, at) ||
	           parse_misread_key(p, at) || parse_foreign_address(p, at) || report_missing_range(p, at)) {
		return;
	} else if (!p->open) {
		parse_error(p, PARSE_SYNTAX, at, "expected a statement");
	} else if (parse_is(p, at, "/") && !parse_has_part(p, PART_SPI) &&
	           (verb_names_sa(p->stmt.verb) || p->stmt.verb == VERB_DELETEALL)) {
		parse_error(p, PARSE_SYNTAX, at,
		            "the addresses of an SA are hosts: they take no prefix length");
	} else {
		report_unexpected(p, at, &(struct expected){ found, tokens, n });
	}
}
