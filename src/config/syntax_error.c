/* SPDX-License-Identifier: ISC */
/*
 * Syntax errors: what was found, and what would have been read there, in the words of a person.
 */
#include "config/parse_internal.h"

#include "base/memory.h"
#include "config/words.h"

#include <ctype.h>
#include <string.h>

/* What the parser says of a syntax error, in the names of grammar/setkey.y's tokens. */
struct expected {
	const char *found;
	const char *const *token; /* any of these would have been read, for its meaning or for an advice */
	int n;
};

/* The text just before the offset, blanks skipped, ends with this; an option is no part of a name. */
static bool follows(const struct parse *p, uint32_t off, const char *what)
{
	size_t n = strlen(what);

	while (off > 0 && isspace((unsigned char)p->src->text[off - 1]))
		off--;
	if (off < n || memcmp(p->src->text + off - n, what, n) != 0)
		return false;
	return what[0] != '-' || off == n || !isalpha((unsigned char)p->src->text[off - n - 1]);
}

/* What the text before the error asks for, or NULL. */
static const char *asked_for(const struct parse *p, struct span at)
{
	static const struct { const char *before, *wanted; } table[] = {
		{ "-E", "an algorithm" }, { "-A", "an algorithm" }, { "-C", "an algorithm" }, { "-f", "a flag" },
		{ "-m", "a mode (any, transport or tunnel)" }, { "-P", "a direction (in, out or fwd)" },
		{ "-dir", "in or out" }, { "-offload", "crypto or packet" }, { "-coa", "a numeric address" }, { "[", "a port" },
		{ "-natt", "an address and a port" }, { "//", "a level (default, use, require or unique)" },
		{ "esp/", "a mode (transport or tunnel)" }, { "ah/", "a mode (transport or tunnel)" },
		{ "ipcomp/", "a mode (transport or tunnel)" }, { NULL, NULL }
	};

	for (size_t i = 0; table[i].before != NULL; i++)
		if (follows(p, at.off, table[i].before))
			return table[i].wanted;
	return NULL;
}

static bool wants(const struct expected *w, const char *name)
{
	for (int i = 0; i < w->n; i++)
		if (strcmp(w->token[i], name) == 0)
			return true;
	return false;
}

/* An address is taken in when the word behind it is seen: until then it is half read. */
static const char *missing_address(const struct parse *p, const struct expected *w)
{
	int addresses =
	        parse_has_part(p, PART_SRC) + parse_has_part(p,
	                                                     PART_DST) + (wants(w, "'['") || wants(w, "'/'"));

	return addresses == 0 ? "a source address" : addresses == 1 ? "a destination address" : NULL;
}

static const char *missing_in_policy(const struct parse *p, struct span at, const struct expected *w)
{
	if (follows(p, at.off, "/"))
		return "two addresses with a - between them, or another /";
	if (wants(w, "'['"))
		return "\"-\" and another address";
	if (wants(w, "'-'") && wants(w, "a word"))
		return "a number, low, def or high";
	return wants(w, "a word") && w->n == 1 ? "an address" : NULL;
}

/* Of an SA; a policy has some too, which are selectors. */
static bool has_addresses(const struct parse *p)
{
	return verb_names_sa(p->stmt.verb) || p->stmt.verb == VERB_DELETEALL;
}

/* What a person would call the thing that is missing, or NULL. */
static const char *missing(const struct parse *p, struct span at, const struct expected *w)
{
	enum verb verb = p->stmt.verb;
	bool policy = verb_names_policy(verb);
	bool behind_address = wants(w, "'['") || follows(p, at.off, "]");

	if (policy && parse_has_part(p, PART_DIR))
		return missing_in_policy(p, at, w);
	if (verbs[verb].class == VERB_CLASS_TEXT)
		return NULL;
	if (!policy && !has_addresses(p))
		return "\";\"";
	if (wants(w, "']'") || (wants(w, "a hex number") && !wants(w, "a word")))
		return NULL; /* in a port's brackets, or a mark */
	if (w->n == 1 && wants(w, "a decimal number") && follows(p, at.off, "/"))
		return "a prefix length such as 24";
	if (missing_address(p, w) != NULL)
		return missing_address(p, w);
	if (policy && parse_has_part(p, PART_UPPER))
		return wants(w, "-P") ? "-P and a direction" : NULL;
	if (policy)
		return "an upper-layer protocol (any, tcp, ...)";
	if (verb == VERB_DELETEALL)
		return parse_has_part(p, PART_PROTO) ? "\";\"" : "a protocol (esp, ah, ipcomp, ...) or \";\"";
	if (parse_has_part(p, PART_SPI))
		return NULL;
	return behind_address ? "a protocol (esp, ah, ipcomp, ...) and an SPI" : "an SPI (a number or 0x...)";
}

static bool is_among(const char *const *names, const char *token)
{
	for (; *names != NULL; names++)
		if (strcmp(*names, token) == 0)
			return true;
	return false;
}

static bool is_option(const char *token)
{
	static const char *const others[] = { "-4, -6 or -n", "-E", "-A", "-C", "-R", "-P", NULL };

	return strcmp(token, "a lifetime option") == 0 || (token[0] == '-' && !is_among(others, token));
}

/* Tokens that are there to give advice go unsaid, as does what few will want in a policy. */
static const char *token_words(const struct parse *p, const struct expected *w, const char *token)
{
	static const char *const algorithms[] = { "-E", "-A", "-C", NULL };
	static const char *const key_tokens[] = { "a hex number", "quoted text", "@NAME", NULL };
	bool key = wants(w, "a hex number") && wants(w, "quoted text"), action = wants(w, "an action");

	if (!verb_makes_sa(p->stmt.verb) && is_among(algorithms, token))
		return NULL;
	if (strcmp(token, "-E") == 0 && !wants(w, "-C"))
		return NULL;
	if (is_option(token))
		return wants(w, "-m") ? "an option" : NULL;
	if (key && is_among(key_tokens, token))
		return wants(w, "@NAME") ? "a key (0x..., quoted text or @NAME)" :
		                           "a key (0x... or quoted text)";
	if (action &&
	    (strcmp(token, "a word") == 0 || strcmp(token, "a request") == 0 || strcmp(token, "';'") == 0))
		return NULL;
	if (strcmp(token, "a request") == 0)
		return "a request such as esp/transport//require";
	return action && strcmp(token, "an action") == 0 ? "an action (discard, none or ipsec)" : token;
}

static bool is_listed(const char *const *words, int n, const char *word)
{
	for (int i = 0; i < n; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

/* "a, b or c"; the grammar's ';' reads ";", as the user's words do. */
static void put_tokens(const struct parse *p, const struct expected *w, struct buf *out)
{
	const char *words[16], *each;
	int n = 0;

	for (int i = 0; i < w->n; i++)
		if ((each = token_words(p, w, w->token[i])) != NULL && n < 16 && !is_listed(words, n, each))
			words[n++] = each;
	for (int i = 0; i < n; i++) {
		buf_adds(out, i == 0 ? "" : i == n - 1 ? " or " : ", ");
		if (words[i][0] == '\'')
			buf_printf(out, "\"%c\"", words[i][1]);
		else
			buf_adds(out, words[i]);
	}
	if (n == 0)
		buf_adds(out, "\";\"");
}

/* What the user may have had in mind. */
static const char *hint(const struct parse *p, struct span at, const struct expected *w, const char *words)
{
	const char *text = p->src->text + at.off;
	/* An algorithm is taken in when the word behind it is seen, which might have been a key or -R. */
	bool algorithm = parse_has_part(p, PART_ENC) || parse_has_part(p, PART_AUTH) ||
	        parse_has_part(p, PART_COMP) ||
	                 wants(w, "quoted text") || wants(w, "-R");

	if (verb_find(text, at.len) != VERB_NONE)
		return "is a ; missing before it?";
	if (strstr(words, " address") != NULL && parse_is_decimal((struct text){ text, at.len }))
		return "an address is written in full: 0.0.0.0/0";
	if (is_option(w->found) && algorithm && !verb_is_policy(p->stmt.verb))
		return "options stand before -E, -A and -C";
	return strcmp(w->found, "-4, -6 or -n") == 0 ? "-4, -6 and -n stand before the source address" : NULL;
}

/* Appends the words: "an address", "-A or ";"". Returns a hint, or NULL. */
static const char *wanted_words(const struct parse *p, struct span at, const struct expected *w,
                                struct buf *words)
{
	const char *asked = asked_for(p, at), *one = asked ? asked : missing(p, at, w);

	if (one != NULL)
		buf_adds(words, one);
	else
		put_tokens(p, w, words);
	return hint(p, at, w, buf_str(words));
}

/* Points at the last thing that is neither blank nor comment. */
static void unclosed(struct parse *p)
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
		diag_hint(p->diags, "end it with ;");
}

static void unexpected(struct parse *p, struct span at, const struct expected *w)
{
	struct buf word = { 0 }, words = { 0 };
	const char *hint = wanted_words(p, at, w, &words);

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
	buf_free(&word);
	buf_free(&words);
}

/* spdadd SRC any -P: the word for the upper-layer protocol was read as an address. */
static bool missing_second_range(struct parse *p, struct span at)
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

/* One that is never closed, or that stands in a statement. */
static bool begins_comment(const struct parse *p, struct span at)
{
	const char *s = parse_text(p, at);

	return s[0] == '/' && (s[1] == '*' || s[1] == '/') && (at.off == 0 || isspace((unsigned char)s[-1]));
}

void parse_syntax_error(struct parse *p, struct span at, const char *found, const char *const *wanted, int n)
{
	if (p->open && at.off >= p->src->len) {
		if (!parse_has_error(p))
			unclosed(p);
	} else if (begins_comment(p, at)) {
		parse_comment(p, at);
		p->stop |= parse_text(p, at)[1] == '*'; /* it is never closed */
	} else if (parse_recognise(p, at) || parse_misread_alg(p, at) || parse_misread_key(p, at) ||
	           parse_misread_range(p, at) || missing_second_range(p, at)) {
		return;
	} else if (!p->open) {
		parse_error(p, PARSE_SYNTAX, at, "a statement is missing before this");
	} else if (parse_is(p, at, "/") && (verb_names_sa(p->stmt.verb) || p->stmt.verb == VERB_DELETEALL)) {
		parse_error(p, PARSE_SYNTAX, at,
		            "the addresses of an SA are hosts: they take no prefix length");
	} else {
		unexpected(p, at, &(struct expected){ found, wanted, n });
	}
}
