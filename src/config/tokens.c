/* SPDX-License-Identifier: ISC */
/*
 * Finds the kind of those tokens that the scanner's patterns do not decide: verbs, options, keys. Also
 * reports bytes that are not allowed.
 */
#include "config/parse_internal.h"

#include "base/hex.h"
#include "base/memory.h"
#include "model/names.h"
#include "text/lex.h"

#include "grammar.h"

#include <ctype.h>
#include <string.h>

static const int verb_tokens[] = {
	[VERB_ADD] = T_ADD, [VERB_UPDATE] = T_ADD, [VERB_GETSPI] = T_REF, [VERB_GET] = T_REF,
	[VERB_DELETE] = T_REF, [VERB_DELETEALL] = T_DELETEALL, [VERB_FLUSH] = T_FLUSH,
	[VERB_DUMP] = T_FLUSH, [VERB_SPDADD] = T_SPD, [VERB_SPDUPDATE] = T_SPD, [VERB_SPDDELETE] = T_SPD,
	[VERB_SPDDUMP] = T_SPDALL, [VERB_SPDFLUSH] = T_SPDALL, [VERB_EXIT] = T_EXIT, [VERB_EXACT] = T_EXIT,
	[VERB_DEFINE] = T_DEFINE, [VERB_KEY] = T_KEY, [VERB_KEYS] = T_INCLUDE, [VERB_INCLUDE] = T_INCLUDE,
};

static void begin_stmt(struct parse *p, enum verb verb, struct span at)
{
	p->stmt.src = p->src; /* parse_resume() has set the rest to 0 */
	p->stmt.at = at;
	p->stmt.verb = (uint8_t)verb;
	p->stmt.exact = p->conf->exact;
	p->in_selector = false;
	p->nparts = 0;
	memset(p->parts_seen, 0, sizeof(p->parts_seen));
	p->errors = p->diags->errors;
	if (verb_is_policy(verb)) {
		p->stmt.policy.priority = PRIORITY_DEFAULT;
		p->stmt.policy.upper = UPPER_ANY;
	}
	p->open = true;
}

static void hint_verb(struct parse *p, struct span at)
{
	const char *names[VERB_MAX + 1], *near, *next = parse_text(p, at) + at.len;
	size_t n = 0;

	if (next[strspn(next, " \t")] == '=' && memchr(parse_text(p, at), '.', at.len) == NULL && !p->stop) {
		diag_hint(p->diags, "write define before a name that gets a value");
		return;
	}

	for (enum verb verb = VERB_ADD; verb < VERB_MAX; verb++) {
		if (!verbs[verb].statement)
			continue;
		if (parse_hint_spelling(p, verbs[verb].word, at))
			return;
		names[n++] = verbs[verb].word;
	}
	names[n] = NULL;
	near = name_nearest(names, parse_text(p, at), at.len);
	if (near != NULL && !p->stop)
		diag_hint(p->diags, "did you mean %s?", near);
}

int parse_verb(struct parse *p, struct span at)
{
	enum verb verb = verb_find(parse_text(p, at), at.len);
	struct buf word;

	if (verb == VERB_NONE && !parse_recognise(p, at)) {
		word = parse_quote(p, at);
		parse_error(p, PARSE_UNKNOWN, at, "unknown statement \"%s\"", buf_str(&word));
		hint_verb(p, at);
		buf_free(&word);
	}
	if (verb == VERB_NONE) {
		p->open = true;
		p->stmt.at = at;
		return T_UNKNOWN;
	}
	begin_stmt(p, verb, at);
	if (p->keys_only && verb != VERB_KEY)
		parse_error(p, PARSE_NAMED_FILE, at, "a file of keys holds nothing but key statements");
	return verb_tokens[verb];
}

static void set_address_family(struct parse *p, struct span at)
{
	for (uint32_t i = 1; i < at.len; i++) {
		switch (parse_text(p, at)[i]) {
		case '4': p->stmt.af = AF_INET; break;
		case '6': p->stmt.af = AF_INET6; break;
		default: p->stmt.numeric = true;
		}
	}
}

/*
 * Removes carriage returns at the end of lines and replaces others by a blank. Those in quotes belong to a
 * key and stay.
 */
static void edit_carriage_returns(struct parse *p, struct lexeme piece)
{
	uint32_t end = piece.at.off + piece.at.len;
	bool ends_line = end == p->src->len || p->src->text[end] == '\n';

	for (uint32_t i = piece.kind == LEX_COMMENT ? end : piece.at.off; i < end; i++)
		if (p->src->text[i] == '\r')
			diag_edit(p->diags, (struct span){ i, 1 }, ends_line ? "" : " ");
	for (uint32_t i = end; piece.kind == LEX_COMMENT && ends_line && p->src->text[i - 1] == '\r'; i--)
		diag_edit(p->diags, (struct span){ i - 1, 1 }, "");
}

/* The finding is reported once per file; its fix covers all places. */
static void edit_every_place(struct parse *p, enum parse_warning what)
{
	for (struct lexeme piece = lex_next(p->src, 0); piece.kind != LEX_END;
	     piece = lex_next(p->src, piece.at.off + piece.at.len)) {
		if (what == WARN_BACKSLASH && piece.kind == LEX_BACKSLASH)
			diag_edit(p->diags, piece.at, "");
		else if (what == WARN_CR && (piece.kind == LEX_BLANK || piece.kind == LEX_COMMENT))
			edit_carriage_returns(p, piece);
	}
}

void parse_warn_once(struct parse *p, enum parse_warning what, struct span at)
{
	if (p->warned[what] || p->stop)
		return;
	p->warned[what] = true;
	at.len = 1;
	if (what == WARN_BACKSLASH)
		parse_error(p, PARSE_BACKSLASH, at, "a backslash at the end of a line is not needed");
	else
		parse_error(p, PARSE_DOS_LINES, at, "the file has DOS line ends");
	edit_every_place(p, what);
}

/*
 * Options other than attributes and limits, without the '-'. If one is a prefix of another, the longer one is
 * first.
 */
static const struct { const char *word; int token; } option_tokens[] = {
	{ "P", T_POLICY }, { "E", T_ENC }, { "A", T_AUTH }, { "m", T_MODE }, { "u", T_REQID }, { "C", T_COMP }, { "R", T_RAWCPI },
	{ "f", T_FLAG }, { "r", T_WINDOW }, { "p", T_KAME98 }, { "icv", T_ICV }, { "index", T_INDEX }, { "ctx", T_CTX },
	{ "esn", T_ESN }, { "esp_frag", T_NATT_MTU }, { "natt_mtu", T_NATT_MTU }, { "natt", T_NATT }, { "hwif", T_HWIF },
};

static void hint_other_case(struct parse *p, char letter)
{
	for (size_t i = 0; i < sizeof(option_tokens) / sizeof(option_tokens[0]); i++)
		if (option_tokens[i].word[1] == '\0' && option_tokens[i].word[0] == (letter ^ 0x20))
			diag_hint(p->diags, "write -%s", option_tokens[i].word);
}

void parse_bad_option(struct parse *p, struct span at)
{
	const char *s = parse_text(p, at);
	struct buf word;

	while (at.len < 16 && (isalnum((unsigned char)s[at.len]) || s[at.len] == '_'))
		at.len++;
	if (parse_recognise(p, at))
		return;
	if (at.len > 1 && isdigit((unsigned char)s[1])) {
		parse_error(p, PARSE_RANGE, at, "a number cannot be negative");
		return;
	}
	word = parse_quote(p, at);
	parse_error(p, PARSE_UNKNOWN, at, "unknown option \"%s\"", buf_str(&word));
	buf_free(&word);
	if (!p->stop && at.len == 2)
		hint_other_case(p, s[1]);
}

static const int special_tokens[] = {
	[ATTR_SELECTOR] = T_SELECTOR, [ATTR_COADDR] = T_COADDR, [ATTR_OFFLOAD] = T_OFFLOAD, [ATTR_REPLAY] = T_REPLAY,
};
static const int form_tokens[] = {
	[ATTR_NUMBER] = T_ATTR, [ATTR_HEX] = T_ATTR, [ATTR_MASKED] = T_ATTR_MASKED, [ATTR_IN_OUT] = T_ATTR_WORD,
};

/* True if word is the option at s, of at most *n bytes with its '-'. *n is then the length of the option. */
static inline bool matches_option(const char *s, uint32_t *n, const char *word)
{
	uint32_t i = 0;

	while (i + 1 < *n && word[i] != '\0' && word[i] == s[i + 1])
		i++;
	if (word[i] != '\0')
		return false;
	*n = i + 1;
	return true;
}

/*
 * Returns the token of an attribute or a limit, 0 if it is neither. None of them begins with a capital
 * letter.
 */
static int find_attr_or_limit(const char *s, uint32_t *n, int *number)
{
	for (enum attr_id id = 0; id < ATTR_MAX; id++)
		if (matches_option(s, n, attr_table[id].option)) {
			*number = (int)id;
			return attr_table[id].form == ATTR_SPECIAL ? special_tokens[id] :
			                                        form_tokens[attr_table[id].form];
		}
	for (int i = 0; i < LIMITS; i++)
		if (matches_option(s, n, limits[i].option)) {
			*number = i;
			return T_LIMIT;
		}
	return 0;
}

int parse_option(struct parse *p, struct span at, uint32_t *n, int *number)
{
	const char *s = parse_text(p, at);
	int token = at.len < 3 || isupper((unsigned char)s[1]) ? 0 : find_attr_or_limit(s, n, number);

	if (token != 0)
		return token;
	for (size_t i = 0; i < sizeof(option_tokens) / sizeof(option_tokens[0]); i++)
		if (matches_option(s, n, option_tokens[i].word))
			return option_tokens[i].token;
	/* -4, -6, -n or several of them in one word */
	*n = at.len = 1 + (uint32_t)strspn(s + 1, "46n");
	if (at.len > 1) {
		set_address_family(p, at);
		return T_AF;
	}
	*n = at.len = 2;
	parse_bad_option(p, at);
	return YYerror;
}

static bool is_word_byte(unsigned char c)
{
	return isalnum(c) || (c != '\0' && strchr(":%._-", c) != NULL);
}

int parse_hex(struct parse *p, struct span at, uint32_t *n)
{
	const unsigned char *s = (const unsigned char *)parse_text(p, at), *end = s + at.len;

	while (hex_values[*end] != 0)
		end++;
	*n = (uint32_t)(end - s);
	if (*n > at.len && !is_word_byte(*end))
		return T_HEX;
	while (is_word_byte(*end))
		end++;
	*n = (uint32_t)(end - s);
	return T_WORD;
}

bool parse_is_hwif(struct parse *p, struct span at)
{
	return parse_is(p, at, "-hwif");
}

void parse_open_quote(struct parse *p, struct span at)
{
	at.len = 1;
	parse_error(p, PARSE_UNCLOSED, at, "the quote is never closed");
	p->open = false;
	p->stop = true;
}

static const struct { uint32_t point; const char *name; } code_points[] = {
	{ 0xA0, "no-break space" }, { 0xAC, "not sign" }, { 0xAD, "soft hyphen" }, { 0x200B, "zero-width space" },
	{ 0x2010, "hyphen" }, { 0x2011, "no-break hyphen" }, { 0x2013, "en dash" }, { 0x2014, "em dash" },
	{ 0x2018, "left quote" }, { 0x2019, "right quote" }, { 0x201C, "left double quote" },
	{ 0x201D, "right double quote" }, { 0x2026, "ellipsis" }, { 0xFEFF, "byte order mark" },
};

/* Returns the code point at s and its length in *len; 0 if the n bytes are not UTF-8. */
static uint32_t decode_code_point(const unsigned char *s, size_t n, uint32_t *len)
{
	uint32_t more = s[0] >= 0xf0 ? 3 : s[0] >= 0xe0 ? 2 : s[0] >= 0xc2 ? 1 : 0;
	uint32_t point = s[0] & (0x3fu >> more);

	*len = 1;
	if (more == 0 || more >= n)
		return 0;
	for (uint32_t i = 1; i <= more; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (s[i] & 0x3f);
	}
	*len = more + 1;
	return point;
}

static void report_code_point(struct parse *p, struct span at)
{
	uint32_t point = decode_code_point((const unsigned char *)parse_text(p, at), at.len, &at.len);
	const char *name = NULL;

	for (size_t i = 0; i < sizeof(code_points) / sizeof(code_points[0]); i++)
		if (code_points[i].point == point)
			name = code_points[i].name;
	if (point == 0)
		parse_error(p, PARSE_ODD_BYTES, at, "byte 0x%02x is neither ASCII nor UTF-8",
		            (unsigned char)*parse_text(p, at));
	else
		parse_error(p, PARSE_ODD_BYTES, at, "unexpected character U+%04X%s%s%s", point,
		            name ? " (" : "", name ? name : "", name ? ")" : "");
	if (point == 0xFEFF && !p->stop)
		diag_hint(p->diags, "save the file as UTF-8 without a byte order mark");
}

void parse_stray(struct parse *p, struct span at)
{
	unsigned char c = (unsigned char)*parse_text(p, at);

	bool known = parse_recognise(p, at) || parse_misread_alg(p, at) ||
	             (c < 0x80 && (parse_misread_key(p, at) || parse_foreign_address(p, at)));

	if (!known && c >= 0x80)
		report_code_point(p, at);
	else if (!known && isprint(c))
		parse_error(p, PARSE_SYNTAX, at, "unexpected character \"%c\"", c);
	else if (!known)
		parse_error(p, PARSE_ODD_BYTES, at, "unexpected control byte 0x%02x", c);
	p->stop |= !isprint(c) && c < 0x80; /* binary data: every further byte would give the same error */
	if (!p->open)
		p->stmt.at = at;
	p->open = true;
}

/* Between statements: errors so far do not count for the next statement. */
static void reset_error_count(struct parse *p)
{
	if (!p->open)
		p->errors = p->diags->errors;
}

/* Reports only the first such comment of the file. */
void parse_comment(struct parse *p, struct span at)
{
	if (p->warned[WARN_COMMENT] || parse_recognise(p, at))
		return;
	p->warned[WARN_COMMENT] = true;
	at.len = strcspn(parse_text(p, at), "\n") < 2 ? 1 : 2;
	parse_error(p, PARSE_SYNTAX, at, "a comment begins with #");
	if (!p->stop)
		diag_hint(p->diags, "write # in front of each line of the comment");
	reset_error_count(p);
}

bool parse_first_line(struct parse *p, struct span line)
{
	static const char bom[] = "\xef\xbb\xbf";
	const char *begin = p->src->text + (strncmp(p->src->text, bom, 3) == 0 ? 3 : 0);
	const char *s = parse_text(p, line);
	bool first = begin + strspn(begin, " \t\r\n") == s, turned = *s == '!';
	struct span mark = { line.off, turned ? 1 + (s[1] == '#') : 1 };

	if (p->open || !(first || turned))
		return false;
	if (memmem(s, line.len, "setkey", 6) == NULL) {
		if (turned)
			parse_comment(p, line);
		return turned;
	}
	parse_error(p, PARSE_SYNTAX, mark, "a first line that names the program begins with #!");
	if (!p->stop)
		diag_hint(p->diags, "write #!/usr/sbin/setkey -f");
	reset_error_count(p);
	return true;
}

bool parse_byte_order_mark(struct parse *p, struct span at)
{
	bool first = at.off == 0, open = p->open;

	parse_stray(p, at);
	if (!first)
		return false;
	p->open = open;
	reset_error_count(p);
	return true;
}
