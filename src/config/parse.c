/* Drives the grammar: text of a source to statements of a conf, every fault to the diagnostics. No names resolved. */
#include "config/parse.h"

#include "base/hex.h"
#include "base/memory.h"
#include "config/resolve.h"
#include "config/wanted.h"
#include "model/names.h"

#include "grammar.h"
#include "scanner.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { NEAR = 512 }; /* bytes that are looked at on either side of an error */

enum { SYNTAX, BACKSLASH, UNCLOSED, NOT_SETKEY, IGNORED, ODD_BYTES, DOS_LINES, RANGE, UNKNOWN, ADDRESS };

const struct rule parse_rules[] = {
	[SYNTAX] = { "SK001", "syntax", SEVERITY_ERROR, "the statement does not read",
		"The word under the caret cannot stand there. Reading goes on after the next ';', so one\n"
		"run names every such place. Options come before algorithms, -E before -A.",
		"setkey.conf(5)" },
	[BACKSLASH] = { "SK002", "backslash", SEVERITY_WARNING, "a line ends in a backslash",
		"A backslash at the end of a line is read as a blank here; the classic setkey refuses the\n"
		"file. Statements may span lines without it: they end at ';'.", NULL },
	[UNCLOSED] = { "SK003", "unclosed", SEVERITY_ERROR, "the file ends inside a statement",
		"Every statement ends in ';', the last one too; every quoted text ends in '\"'.", NULL },
	[NOT_SETKEY] = { "SK004", "not-setkey", SEVERITY_ERROR, "this is no setkey file",
		"The text is a shell script, a patch, a template that has not been rendered, or has\n"
		"a <placeholder> left in it. Render or unpack it first.", NULL },
	[IGNORED] = { "SK005", "ignored", SEVERITY_WARNING, "Linux has no such thing; ignored",
		"The option belongs to another dialect of the language and changes nothing on Linux.", NULL },
	[ODD_BYTES] = { "SK008", "odd-bytes", SEVERITY_ERROR, "a byte that cannot stand in a setkey file",
		"Outside comments and quotes a file is plain ASCII. Editors and web pages slip in no-break\n"
		"spaces, curly quotes and byte order marks.", NULL },
	[DOS_LINES] = { "SK017", "dos-lines", SEVERITY_WARNING, "the file has DOS line ends",
		"Carriage returns are read as blanks here; the classic setkey refuses the file.", NULL },
	[RANGE] = { "SK012", "range", SEVERITY_ERROR, "a number is out of range",
		"Numbers are checked, never cut: an SPI has 32 bits, a port 16, an IPv4 prefix length goes\n"
		"to 32 and an IPv6 one to 128, a replay window without -esn to 255.", NULL },
	[UNKNOWN] = { "SK014", "unknown-word", SEVERITY_ERROR, "a word the language does not know",
		"Statements, protocols, modes, flags, algorithms, directions, actions and levels are\n"
		"fixed words in lower case. `setkey algorithms` lists the algorithms.", "setkey.conf(5)" },
	[ADDRESS] = { "SK015", "address", SEVERITY_ERROR, "not an address that can stand here",
		"A tunnel's end points, and the original addresses of -natt, are numeric IPv4 or IPv6 addresses.", "RFC 4301 section 4.4.1.2" },
	{ NULL, NULL, 0, NULL, NULL, NULL }
};

static const char *text(const struct parse *p, struct span at)
{
	return p->src->text + at.off;
}

static bool is(const struct parse *p, struct span at, const char *word)
{
	return strlen(word) == at.len && memcmp(text(p, at), word, at.len) == 0;
}

static bool all_digits(const struct parse *p, struct span at)
{
	for (uint32_t i = 0; i < at.len; i++)
		if (!isdigit((unsigned char)text(p, at)[i]))
			return false;
	return at.len > 0;
}

static bool is_number(const struct parse *p, struct span at)
{
	const char *s = text(p, at);
	uint32_t i = at.len > 2 && s[0] == '0' && (s[1] | 0x20) == 'x' ? 2 : 0;

	if (i == 0)
		return all_digits(p, at);
	while (i < at.len && isxdigit((unsigned char)s[i]))
		i++;
	return i == at.len;
}

__attribute__((format(printf, 4, 5)))
static void fault(struct parse *p, int rule, struct span at, const char *fmt, ...)
{
	va_list ap;

	if (p->stop)
		return;
	va_start(ap, fmt);
	diag_vadd(p->diags, &parse_rules[rule], p->src, at, fmt, ap);
	va_end(ap);
}

/* True once something in this statement was found wrong: what follows from that is not worth saying. */
static bool has_error(const struct parse *p)
{
	return p->stop || p->diags->errors > p->errors;
}

/* The user's word for a message; the caller frees. */
static struct buf quote(struct parse *p, struct span at)
{
	struct buf b = { 0 };

	source_quote(p->src, at, &b);
	buf_str(&b);
	return b;
}

static void record(struct parse *p, enum part part, struct span at)
{
	enum { LONGEST = (1 << 26) - 1 };
	uint64_t bit = (uint64_t)1 << part;
	struct part_at *slot = &p->part[p->nparts];

	if (p->in_selector)
		return;
	for (unsigned i = 0; p->said & bit && i < p->nparts; i++)
		if (p->part[i].part == part)
			slot = &p->part[i];
	p->nparts += !(p->said & bit);
	p->said |= bit;
	*slot = (struct part_at){ .off = at.off - p->stmt.at.off, .len = at.len > LONGEST ? LONGEST : at.len, .part = part };
}

/* What is this, if it is no setkey file? */

/* The line up to its comment, or what is near of a long one. */
static bool line_has(const struct parse *p, struct span at, const char *mark)
{
	const char *from = text(p, at), *to = from, *begin = p->src->text + (at.off > NEAR ? at.off - NEAR : 0);
	size_t n = strlen(mark);

	while (from > begin && from[-1] != '\n')
		from--;
	while (to < text(p, at) + NEAR && *to != '\0' && *to != '\n' && *to != '#')
		to++;
	return memmem(from, (size_t)(to - from), mark, n) != NULL;
}

static bool at_line_start(const struct parse *p, struct span at)
{
	return at.off == 0 || p->src->text[at.off - 1] == '\n';
}

static bool is_script(const struct parse *p)
{
	static const char *const shells[] = { "sh\n", "sh ", "bash", "perl", "python", NULL };
	size_t n = 0;

	if (strncmp(p->src->text, "#!", 2) != 0)
		return false;
	while (n < NEAR && p->src->text[n] != '\0' && p->src->text[n++] != '\n')
		continue;
	for (const char *const *s = shells; *s != NULL; s++)
		if (memmem(p->src->text, n, *s, strlen(*s)) != NULL)
			return true;
	return false;
}

static bool is_command(const struct parse *p, struct span at)
{
	static const char *const words[] = { "setkey", "echo", "cat", "if", "for", "while", "export", "exec",
		"sudo", "ip", "function", "set", "case", "then", NULL };

	for (const char *const *w = words; *w != NULL; w++)
		if (is(p, at, *w))
			return true;
	return false;
}

static bool is_patch(const struct parse *p, struct span at)
{
	static const char *const marks[] = { "+", "@@ ", "--- ", "diff ", "Index: ", NULL };

	for (const char *const *m = marks; *m != NULL; m++)
		if (strncmp(text(p, at), *m, strlen(*m)) == 0)
			return true;
	return false;
}

/* Says once what the whole text looks like, and ends the reading of it. */
static void give_up(struct parse *p, struct span at, const char *what, const char *hint)
{
	fault(p, NOT_SETKEY, at, "%s", what);
	if (!p->stop)
		diag_hint(p->diags, "%s", hint);
	p->stop = true;
}

static bool recognise(struct parse *p, struct span at)
{
	static const char *const templates[] = { "{{", "{%", "<%", "[%", "${", "$(", NULL };
	char c = p->src->text[at.off];

	if (has_error(p))
		return true;
	if (is_script(p) || (!p->open && is_command(p, at))) {
		give_up(p, at, "this is a shell script, not a setkey file",
		        "run it, or keep only what it feeds to setkey");
		return true;
	}
	if (at_line_start(p, at) && !p->open && is_patch(p, at)) {
		give_up(p, at, "this is a patch, not a setkey file", "apply it, or drop the leading + signs");
		return true;
	}
	for (const char *const *t = templates; *t != NULL; t++) {
		if (!line_has(p, at, *t))
			continue;
		give_up(p, at, "this is a template that has not been rendered", "render it first");
		return true;
	}
	if (c != '<' && !(strchr("$@%", c) != NULL && isalpha((unsigned char)p->src->text[at.off + 1])))
		return false;
	fault(p, NOT_SETKEY, at, "a placeholder was left in the text");
	diag_hint(p->diags, "write the address or name in its place");
	return true;
}

/* From the scanner. */

static const struct { enum verb verb; int token; } verb_tokens[] = {
	{ VERB_ADD, T_ADD }, { VERB_UPDATE, T_ADD }, { VERB_GETSPI, T_REF }, { VERB_GET, T_REF },
	{ VERB_DELETE, T_REF }, { VERB_DELETEALL, T_DELETEALL }, { VERB_FLUSH, T_FLUSH },
	{ VERB_DUMP, T_FLUSH }, { VERB_SPDADD, T_SPD }, { VERB_SPDUPDATE, T_SPD }, { VERB_SPDDELETE, T_SPD },
	{ VERB_SPDDUMP, T_SPDALL }, { VERB_SPDFLUSH, T_SPDALL }, { VERB_EXIT, T_EXIT }, { VERB_EXACT, T_EXIT },
};

static void begin(struct parse *p, enum verb verb, struct span at)
{
	p->stmt.src = p->src; /* the rest is zero: see parse_resume */
	p->stmt.at = at;
	p->stmt.verb = (uint8_t)verb;
	p->stmt.exact = p->conf->exact;
	p->in_selector = false;
	p->nparts = 0;
	p->said = 0;
	p->errors = p->diags->errors;
	if (verb_is_policy(verb)) {
		p->stmt.policy.priority = PRIORITY_DEFAULT;
		p->stmt.policy.upper = UPPER_ANY;
	}
	p->open = true;
	record(p, PART_VERB, at);
}

int parse_verb(struct parse *p, struct span at)
{
	int verb = name_number(verb_names, text(p, at), at.len);
	struct buf word;

	if (verb < 0 && !recognise(p, at)) {
		word = quote(p, at);
		fault(p, UNKNOWN, at, "unknown statement \"%s\"", buf_str(&word));
		buf_free(&word);
	}
	if (verb < 0) {
		p->open = true;
		p->stmt.at = at;
		return T_UNKNOWN;
	}
	begin(p, (enum verb)verb, at);
	for (size_t i = 0; i < sizeof(verb_tokens) / sizeof(verb_tokens[0]); i++)
		if (verb_tokens[i].verb == (enum verb)verb)
			return verb_tokens[i].token;
	return T_UNKNOWN;
}

static void address_family(struct parse *p, struct span at)
{
	for (uint32_t i = 1; i < at.len; i++) {
		switch (text(p, at)[i]) {
		case '4': p->stmt.af = AF_INET; break;
		case '6': p->stmt.af = AF_INET6; break;
		default: p->stmt.numeric = true;
		}
	}
}

void parse_warn_once(struct parse *p, enum parse_warning what, struct span at)
{
	if (p->warned[what] || p->stop)
		return;
	p->warned[what] = true;
	at.len = 1;
	if (what == WARN_BACKSLASH)
		fault(p, BACKSLASH, at, "a backslash at the end of a line is not needed");
	else
		fault(p, DOS_LINES, at, "this file has DOS line ends");
}

void parse_bad_option(struct parse *p, struct span at)
{
	const char *s = text(p, at);
	struct buf word;

	while (at.len < 16 && (isalnum((unsigned char)s[at.len]) || s[at.len] == '_'))
		at.len++;
	if (recognise(p, at))
		return;
	if (at.len > 1 && isdigit((unsigned char)s[1])) {
		fault(p, RANGE, at, "numbers here are not negative");
		return;
	}
	word = quote(p, at);
	fault(p, UNKNOWN, at, "unknown option \"%s\"", buf_str(&word));
	buf_free(&word);
}

/* What follows a statement's verb and begins with '-'. Of words that begin alike the longest stands first. */
static const struct { const char *word; int token, number; } option_tokens[] = {
	{ "-P", T_POLICY, 0 }, { "-E", T_ENC, 0 }, { "-A", T_AUTH, 0 }, { "-mark", T_MARK, PART_MARK }, { "-m", T_MODE, 0 },
	{ "-uh", T_LIFETIME, PART_HARD_USE }, { "-us", T_LIFETIME, PART_SOFT_USE }, { "-u", T_REQID, 0 },
	{ "-C", T_COMP, 0 }, { "-R", T_RAWCPI, 0 }, { "-f", T_FLAG, 0 }, { "-replay", T_REPLAY, 0 }, { "-r", T_WINDOW, 0 },
	{ "-lh", T_LIFETIME, PART_HARD_SECS }, { "-ls", T_LIFETIME, PART_SOFT_SECS },
	{ "-bh", T_LIFETIME, PART_HARD_BYTES }, { "-bs", T_LIFETIME, PART_SOFT_BYTES },
	{ "-ph", T_LIFETIME, PART_HARD_PACKETS }, { "-ps", T_LIFETIME, PART_SOFT_PACKETS }, { "-p", T_KAME98, 0 },
	{ "-omark", T_MARK, PART_OUTPUT_MARK }, { "-if_id", T_EXTRA, PART_IF_ID }, { "-icv", T_ICV, 0 },
	{ "-index", T_INDEX, 0 }, { "-tfcpad", T_EXTRA, PART_TFCPAD }, { "-seq", T_EXTRA, PART_SEQ },
	{ "-sel", T_SELECTOR, 0 }, { "-coa", T_COADDR, 0 }, { "-ctx", T_CTX, 0 }, { "-dir", T_DIR, 0 },
	{ "-offload", T_OFFLOAD, 0 },
	{ "-esn", T_ESN, 0 }, { "-esp_frag", T_NATT_MTU, 0 }, { "-natt_mtu", T_NATT_MTU, 0 }, { "-natt", T_NATT, 0 },
	{ "-hwif", T_HWIF, 0 },
};

int parse_option(struct parse *p, struct span at, uint32_t *n, int *number)
{
	const char *s = text(p, at);

	for (size_t i = 0; i < sizeof(option_tokens) / sizeof(option_tokens[0]); i++) {
		const char *word = option_tokens[i].word;

		*n = 2;
		while (*n < at.len && word[1] == s[1] && word[*n] != '\0' && word[*n] == s[*n])
			++*n;
		if (word[1] != s[1] || word[*n] != '\0')
			continue;
		*number = option_tokens[i].number;
		return option_tokens[i].token;
	}
	/* -4, -6, -n and any of them together */
	*n = at.len = 1 + (uint32_t)strspn(s + 1, "46n");
	if (at.len > 1) {
		address_family(p, at);
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
	const unsigned char *s = (const unsigned char *)text(p, at), *end = s + at.len;

	while (hex_digit(*end) >= 0)
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
	return is(p, at, "-hwif");
}

void parse_open_quote(struct parse *p, struct span at)
{
	at.len = 1;
	fault(p, UNCLOSED, at, "this quote is never closed");
	p->open = false;
	p->stop = true;
}

static const struct { uint32_t point; const char *name; } code_points[] = {
	{ 0xA0, "no-break space" }, { 0xAC, "not sign" }, { 0xAD, "soft hyphen" }, { 0x200B, "zero-width space" },
	{ 0x2010, "hyphen" }, { 0x2011, "no-break hyphen" }, { 0x2013, "en dash" }, { 0x2014, "em dash" },
	{ 0x2018, "left quote" }, { 0x2019, "right quote" }, { 0x201C, "left double quote" },
	{ 0x201D, "right double quote" }, { 0x2026, "ellipsis" }, { 0xFEFF, "byte order mark" },
};

/* The code point at the start of n bytes, its length in *len; 0 if they are no UTF-8. */
static uint32_t code_point(const unsigned char *s, size_t n, uint32_t *len)
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

static void stray_point(struct parse *p, struct span at)
{
	uint32_t point = code_point((const unsigned char *)text(p, at), at.len, &at.len);
	const char *name = NULL;

	for (size_t i = 0; i < sizeof(code_points) / sizeof(code_points[0]); i++)
		if (code_points[i].point == point)
			name = code_points[i].name;
	if (point == 0)
		fault(p, ODD_BYTES, at, "byte 0x%02x is neither ASCII nor UTF-8", (unsigned char)*text(p, at));
	else
		fault(p, ODD_BYTES, at, "U+%04X%s%s%s cannot stand here", point, name ? " (" : "",
		      name ? name : "", name ? ")" : "");
	if (point == 0xFEFF && !p->stop)
		diag_hint(p->diags, "save the file as UTF-8 without a byte order mark");
}

void parse_stray(struct parse *p, struct span at)
{
	unsigned char c = (unsigned char)*text(p, at);

	bool known = recognise(p, at);

	if (!known && c >= 0x80)
		stray_point(p, at);
	else if (!known && isprint(c))
		fault(p, SYNTAX, at, "\"%c\" cannot stand here", c);
	else if (!known)
		fault(p, ODD_BYTES, at, "control byte 0x%02x cannot stand here", c);
	p->stop |= !isprint(c) && c < 0x80; /* no text: what follows would only repeat this */
	if (!p->open)
		p->stmt.at = at;
	p->open = true;
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
	fault(p, UNCLOSED, end, "the file ends inside a statement");
	if (!p->stop)
		diag_hint(p->diags, "end it with ;");
}

static void unexpected(struct parse *p, struct span at, const struct wanted *w)
{
	struct buf word = { 0 }, words = { 0 };
	const char *hint = wanted_words(p, at, w, &words);

	source_quote(p->src, at, &word);
	if (is(p, at, ";"))
		fault(p, SYNTAX, at, "unexpected end of the statement, expected %s", buf_str(&words));
	else if (text(p, at)[0] == '"')
		fault(p, SYNTAX, at, "unexpected quoted text, expected %s", buf_str(&words));
	else
		fault(p, SYNTAX, at, "unexpected \"%s\", expected %s", buf_str(&word), buf_str(&words));
	if (hint != NULL && !p->stop)
		diag_hint(p->diags, "%s", hint);
	buf_free(&word);
	buf_free(&words);
}

void parse_syntax_error(struct parse *p, struct span at, const char *found, const char *const *wanted, int n)
{
	if (p->open && at.off >= p->src->len) {
		if (!has_error(p))
			unclosed(p);
	} else if (recognise(p, at)) {
		return;
	} else if (!p->open) {
		fault(p, SYNTAX, at, "a statement is missing before this");
	} else if (is(p, at, "/") && (verb_names_sa(p->stmt.verb) || p->stmt.verb == VERB_DELETEALL)) {
		fault(p, SYNTAX, at, "the addresses of an SA are hosts: they take no prefix length");
	} else {
		unexpected(p, at, &(struct wanted){ found, wanted, n });
	}
}

/* From the grammar. */

void parse_advice(struct parse *p, struct span at, const char *message, const char *hint)
{
	if (has_error(p))
		return;
	fault(p, SYNTAX, at, "%s", message);
	if (hint != NULL)
		diag_hint(p->diags, "%s", hint);
}

/* The number at the span, decimal or 0x, or max + 1 after a finding. max is below UINT64_MAX or equal to it. */
static bool number(struct parse *p, struct span at, uint64_t max, const char *what, uint64_t *out)
{
	const char *s = text(p, at);
	bool hex = at.len > 2 && s[0] == '0' && (s[1] | 0x20) == 'x';
	uint64_t n = 0, base = hex ? 16 : 10;
	bool fits = true;

	for (uint32_t i = hex ? 2 : 0; i < at.len && fits; i++) {
		uint64_t digit = (uint64_t)hex_digit((unsigned char)s[i]);

		fits = !__builtin_mul_overflow(n, base, &n) && !__builtin_add_overflow(n, digit, &n);
	}
	fits = fits && n <= max;
	*out = fits ? n : 0;
	if (!fits)
		fault(p, RANGE, at, "%s goes from 0 to %" PRIu64, what, max);
	return fits;
}

/* What few statements say, from now on part of this one. */
static struct extra *extra(struct parse *p, unsigned bits)
{
	p->stmt.extra = &p->extra;
	p->extra.has |= bits;
	return &p->extra;
}

static struct addr *side(struct parse *p, bool dst)
{
	if (p->in_selector)
		return dst ? &p->extra.sel.dst : &p->extra.sel.src;
	if (verb_is_policy(p->stmt.verb))
		return dst ? &p->stmt.policy.dst : &p->stmt.policy.src;
	return dst ? &p->stmt.sa.dst : &p->stmt.sa.src;
}

void parse_addr(struct parse *p, enum part part, struct span word)
{
	bool dst = part == PART_DST;

	record(p, part, word);
	if (addr_parse(side(p, dst), text(p, word), word.len))
		return;
	if (p->in_selector)
		fault(p, ADDRESS, word, "a selector takes numeric addresses");
	else
		p->stmt.names |= dst ? NAME_DST : NAME_SRC;
}

void parse_prefix(struct parse *p, enum part part, struct span at)
{
	struct addr *a = side(p, part == PART_DST_PREFIX);
	unsigned bits = addr_bits(a) ? addr_bits(a) : 128;
	uint64_t n;

	record(p, part, at);
	if (number(p, at, bits, bits == 32 ? "an IPv4 prefix length" : "a prefix length", &n))
		a->plen = (uint8_t)n;
}

static bool ports_are_masked(const struct parse *p)
{
	return p->in_selector || verb_is_policy(p->stmt.verb);
}

static uint16_t *port_mask(struct parse *p, bool dst)
{
	if (p->in_selector)
		return dst ? &p->extra.sel.dport_mask : &p->extra.sel.sport_mask;
	return dst ? &p->stmt.policy.dport_mask : &p->stmt.policy.sport_mask;
}

void parse_port(struct parse *p, enum part part, struct span at)
{
	bool dst = part == PART_DST_PORT;
	uint64_t n;

	record(p, part, at);
	if (is(p, at, "any"))
		return;
	if (!all_digits(p, at) && p->in_selector)
		fault(p, RANGE, at, "the port of a selector is a number");
	else if (!all_digits(p, at))
		p->stmt.names |= dst ? NAME_DPORT : NAME_SPORT;
	else if (number(p, at, 65535, "a port", &n))
		side(p, dst)->port = (uint16_t)n;
	/* Elsewhere, 0 is "any". */
	if (p->stmt.exact && ports_are_masked(p))
		*port_mask(p, dst) = UINT16_MAX;
}

void parse_port_mask(struct parse *p, enum part part, struct span at)
{
	uint64_t n;

	if (number(p, at, UINT16_MAX, "a port's mask", &n))
		*port_mask(p, part == PART_DST_PORT) = (uint16_t)n;
}

static const struct { const char *word; uint8_t proto, encap; uint32_t flags; } protos[] = {
	{ "esp", PROTO_ESP, 0, 0 }, { "ah", PROTO_AH, 0, 0 }, { "ipcomp", PROTO_IPCOMP, 0, 0 },
	{ "esp-udp", PROTO_ESP, ENCAP_ESPINUDP, 0 }, { "tcp", PROTO_TCP, 0, 0 },
	{ "esp-udp-nonike", PROTO_ESP, ENCAP_ESPINUDP_NON_IKE, 0 }, { "esp-tcp", PROTO_ESP, ENCAP_ESPINTCP, 0 },
	{ "esp-old", PROTO_ESP, 0, SA_F_OLD }, { "ah-old", PROTO_AH, 0, SA_F_OLD },
};

void parse_proto(struct parse *p, struct span word)
{
	struct sa *sa = &p->stmt.sa;

	record(p, PART_PROTO, word);
	for (size_t i = 0; i < sizeof(protos) / sizeof(protos[0]); i++) {
		if (!is(p, word, protos[i].word))
			continue;
		sa->proto = protos[i].proto;
		/* Linux keeps no TCP-MD5 SAs: the classic message is about every kind. */
		if (sa->proto == PROTO_TCP && (p->stmt.verb == VERB_FLUSH || p->stmt.verb == VERB_DUMP))
			sa->proto = PROTO_ANY;
		sa->encap = protos[i].encap;
		sa->flags |= protos[i].flags;
		return;
	}
	if (is(p, word, "any") && verb_names_sa(p->stmt.verb))
		return; /* KAME of 1998 wrote any here; -p says so, or the missing protocol does */
	fault(p, UNKNOWN, word, "unknown protocol, expected esp, ah, ipcomp or esp-udp");
	if (!p->stop && is(p, word, "any"))
		diag_hint(p->diags, "leave it out to mean all of them");
}

void parse_oa(struct parse *p, struct span word)
{
	if (p->stmt.sa.encap == ENCAP_NONE) {
		if (!has_error(p))
			fault(p, SYNTAX, word, verb_names_sa(p->stmt.verb) ? "an SPI is expected here: a number or 0x..." :
			      "at most one protocol can stand here");
		return;
	}
	record(p, PART_NATT_OA, word);
	if (!addr_parse(&extra(p, 0)->natt_oa, text(p, word), word.len))
		p->stmt.names |= NAME_OA;
}

void parse_spi(struct parse *p, struct span at)
{
	uint64_t n;

	record(p, PART_SPI, at);
	if (number(p, at, UINT32_MAX, "an SPI", &n))
		p->stmt.sa.spi = (uint32_t)n;
}

/* The number of a fixed word, or -1 after a finding that lists the words. */
static int fixed(struct parse *p, const struct name *table, const char *what, struct span word)
{
	int n = name_number(table, text(p, word), word.len);
	char list[256];

	if (n < 0)
		fault(p, UNKNOWN, word, "unknown %s, expected %s", what, name_list(table, list, sizeof(list)));
	return n;
}

/* BEET is no word of the classic language, and PF_KEY has no requests of it: who is exact has it. */
static int mode_number(struct parse *p, struct span word, const char *wanted)
{
	int mode = name_number(mode_names, text(p, word), word.len);

	if (mode >= 0 && (mode != MODE_BEET || p->stmt.exact))
		return mode;
	fault(p, UNKNOWN, word, "unknown mode, expected %s", wanted);
	if (mode == MODE_BEET && !p->stop)
		diag_hint(p->diags, "behind \"exact;\" there is a mode beet");
	return -1;
}

void parse_mode(struct parse *p, struct span word)
{
	int mode = mode_number(p, word, "any, transport or tunnel");

	record(p, PART_MODE, word);
	if (mode >= 0)
		p->stmt.sa.mode = (uint8_t)mode;
}

void parse_reqid(struct parse *p, struct span at)
{
	uint64_t n;

	record(p, PART_REQID, at);
	if (number(p, at, UINT32_MAX, "a reqid", &n))
		p->stmt.sa.reqid = (uint32_t)n;
}

void parse_window(struct parse *p, struct span at)
{
	uint64_t n;

	record(p, PART_WINDOW, at);
	if (number(p, at, 4096, "a replay window", &n))
		p->stmt.sa.window = (uint32_t)n;
}

void parse_flag(struct parse *p, struct span word)
{
	bool policy = verb_is_policy(p->stmt.verb);
	int flag = fixed(p, policy ? policy_flag_names : flag_names, "flag", word);

	record(p, PART_FLAGS, word);
	if (flag > 0 && policy)
		p->stmt.policy.flags |= (uint8_t)flag;
	else if (flag > 0)
		p->stmt.sa.flags |= (uint32_t)flag;
}

void parse_lifetime(struct parse *p, enum part part, struct span at)
{
	struct lifetime *hard = &extra(p, 0)->hard, *soft = &extra(p, 0)->soft;
	uint64_t n;

	record(p, part, at);
	if (!number(p, at, UINT64_MAX, "a lifetime", &n))
		return;
	switch (part) {
	case PART_HARD_SECS: hard->add_secs = n; break;
	case PART_SOFT_SECS: soft->add_secs = n; break;
	case PART_HARD_USE: hard->use_secs = n; break;
	case PART_SOFT_USE: soft->use_secs = n; break;
	case PART_HARD_PACKETS: hard->packets = n; break;
	case PART_SOFT_PACKETS: soft->packets = n; break;
	case PART_HARD_BYTES: hard->bytes = n; break;
	default: soft->bytes = n;
	}
}

/* What only XFRM says. */

static void not_in_policy(struct parse *p, bool wrong, struct span at)
{
	if (wrong && verb_is_policy(p->stmt.verb))
		parse_advice(p, at, "a policy has no such option", NULL);
}

void parse_mark(struct parse *p, enum part part, struct span value, struct span mask)
{
	struct extra *x = extra(p, part == PART_MARK ? EXTRA_MARK : EXTRA_OUTPUT_MARK);
	uint64_t v = 0, m = UINT32_MAX;

	record(p, part, value);
	not_in_policy(p, part != PART_MARK, value);
	if (!number(p, value, UINT32_MAX, "a mark", &v) ||
	    (mask.len > 0 && !number(p, mask, UINT32_MAX, "a mark's mask", &m)))
		return;
	*(part == PART_MARK ? &x->mark : &x->output_mark) = (uint32_t)v;
	*(part == PART_MARK ? &x->mark_mask : &x->output_mask) = (uint32_t)m;
}

void parse_extra_number(struct parse *p, enum part part, struct span at)
{
	struct extra *x = extra(p, part == PART_IF_ID ? EXTRA_IF_ID : part == PART_TFCPAD ? EXTRA_TFCPAD : EXTRA_SEQ);
	uint64_t n;

	record(p, part, at);
	not_in_policy(p, part != PART_IF_ID, at);
	if (number(p, at, UINT32_MAX, part == PART_IF_ID ? "an interface id" : part == PART_TFCPAD ? "a padding" : "it", &n))
		*(part == PART_IF_ID ? &x->if_id : part == PART_TFCPAD ? &x->tfcpad : &x->seq) = (uint32_t)n;
}

void parse_replay(struct parse *p, struct span out, struct span in)
{
	struct extra *x = extra(p, EXTRA_REPLAY);

	record(p, PART_REPLAY, out);
	number(p, out, UINT64_MAX, "a sequence number", &x->replay_out);
	number(p, in, UINT64_MAX, "a sequence number", &x->replay_in);
}

void parse_coaddr(struct parse *p, struct span word)
{
	record(p, PART_COADDR, word);
	if (!addr_parse(&extra(p, EXTRA_COADDR)->coaddr, text(p, word), word.len))
		fault(p, ADDRESS, word, "a care-of address is a numeric address");
}

void parse_sa_dir(struct parse *p, struct span word)
{
	bool out = is(p, word, "out");

	record(p, PART_SA_DIR, word);
	extra(p, EXTRA_DIR)->dir = out ? DIR_OUT : DIR_IN;
	if (!out && !is(p, word, "in"))
		fault(p, UNKNOWN, word, "unknown direction of an SA, expected in or out");
}

void parse_offload(struct parse *p, struct span kind, struct span device, struct span dir)
{
	struct extra *x = extra(p, EXTRA_OFFLOAD);
	bool packet = is(p, kind, "packet"), in = is(p, dir, "in");

	record(p, PART_OFFLOAD, device);
	p->stmt.names |= NAME_DEVICE;
	x->offload = (uint8_t)((packet ? OFFLOAD_PACKET : 0) | (in ? OFFLOAD_IN : 0));
	if (!packet && !is(p, kind, "crypto"))
		fault(p, UNKNOWN, kind, "unknown kind of offload, expected crypto or packet");
	if (!in && !is(p, dir, "out"))
		fault(p, UNKNOWN, dir, "unknown direction of an SA, expected in or out");
}

void parse_icv(struct parse *p, struct span at)
{
	uint64_t n;

	record(p, PART_ICV, at);
	if (number(p, at, 512, "an ICV length in bits", &n))
		p->stmt.sa.authicv = (uint16_t)n;
}

void parse_index(struct parse *p, struct span at)
{
	uint64_t n;

	record(p, PART_INDEX, at);
	if (number(p, at, UINT32_MAX, "an index", &n))
		p->stmt.policy.index = (uint32_t)n;
}

/* Between the two, ranges and upper-layer protocol are those of the selector. */
void parse_selector(struct parse *p, struct span at, bool begins)
{
	if (begins)
		record(p, PART_SELECTOR, at);
	extra(p, EXTRA_SELECTOR)->sel.upper = begins ? UPPER_ANY : p->extra.sel.upper;
	p->in_selector = begins;
}

void parse_esn(struct parse *p, struct span at)
{
	record(p, PART_ESN, at);
	p->stmt.sa.flags |= SA_F_ESN;
}

void parse_natt(struct parse *p, bool dst, struct span word, struct span port)
{
	uint64_t n;

	struct addr original;

	/* Linux keeps no original addresses, but a slip in them should not pass. */
	p->stmt.sa.encap = ENCAP_ESPINUDP;
	if (!addr_parse(&original, text(p, word), word.len))
		fault(p, ADDRESS, word, "-natt takes numeric addresses");
	if (is(p, port, "any"))
		return;
	if (!all_digits(p, port))
		fault(p, RANGE, port, "-natt takes ports as numbers");
	else if (number(p, port, 65535, "a port", &n))
		*(dst ? &p->stmt.sa.natt_dport : &p->stmt.sa.natt_sport) = (uint16_t)n;
}

void parse_ignored(struct parse *p, struct span at)
{
	fault(p, IGNORED, at, "Linux has no such option: ignored");
}

void parse_context(struct parse *p, struct span doi, struct span alg, struct span label)
{
	enum { LABEL_MAX = 4095 };
	uint64_t d, a;

	record(p, PART_CTX, label);
	if (!number(p, doi, 255, "a DOI", &d) || !number(p, alg, 255, "a context algorithm", &a))
		return;
	if (label.len - 2 > LABEL_MAX)
		fault(p, RANGE, label, "a security context has at most %d bytes", LABEL_MAX);
	else
		extra(p, 0)->ctx = (struct secctx){ (uint8_t)d, (uint8_t)a, { text(p, label) + 1, label.len - 2 } };
}

/* The option behind which the word is the name of an algorithm, or NULL. */
static const char *option_of(const struct parse *p, struct span word)
{
	static const struct { enum alg_kind kind; const char *option; } kinds[] = {
		{ ALG_ENC, "-E" }, { ALG_AUTH, "-A" }, { ALG_COMP, "-C" },
	};
	uint16_t icv;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (alg_find(kinds[i].kind, text(p, word), word.len, &icv) != NULL)
			return kinds[i].option;
	return NULL;
}

static void unknown_alg(struct parse *p, enum alg_kind kind, struct span word)
{
	const struct alg *near = alg_nearest(kind, text(p, word), word.len);
	const struct alg *stem = alg_stem(kind, text(p, word), word.len);
	const char *option = option_of(p, word);
	struct buf w = quote(p, word);

	if (stem != NULL)
		fault(p, UNKNOWN, word, "%s has an ICV of 64 to %u bits in steps of 8", stem->name, stem->icvmax);
	else
		fault(p, UNKNOWN, word, "unknown algorithm \"%s\"", buf_str(&w));
	buf_free(&w);
	if (p->stop || stem != NULL)
		return;
	if (option != NULL)
		diag_hint(p->diags, "it goes with %s", option);
	else if (near != NULL)
		diag_hint(p->diags, "did you mean %s? `setkey algorithms` lists them all", near->name);
	else
		diag_hint(p->diags, "`setkey algorithms` lists those we know");
}

void parse_alg(struct parse *p, enum part part, struct span word)
{
	enum alg_kind kind = part == PART_ENC ? ALG_ENC : part == PART_AUTH ? ALG_AUTH : ALG_COMP;
	struct sa *sa = &p->stmt.sa;
	uint16_t icv;
	const struct alg *alg = alg_find(kind, text(p, word), word.len, &icv);

	record(p, part, word);
	if (alg == NULL) {
		unknown_alg(p, kind, word);
	} else if (part == PART_AUTH) {
		sa->auth = alg;
		sa->authicv = icv != 0 ? icv : sa->authicv;
	} else if (part == PART_ENC) {
		sa->enc = alg;
	} else {
		sa->comp = alg;
	}
}

/* Key bytes go behind those already there: -E stands before -A. */
void parse_key(struct parse *p, enum part part, struct span at)
{
	struct sa *sa = &p->stmt.sa;
	const char *s = text(p, at);
	bool quoted = s[0] == '"';
	uint32_t n = quoted ? at.len - 2 : (at.len - 1) / 2;
	uint16_t *bits = part == PART_ENCKEY ? &sa->encbits : &sa->authbits;
	uint8_t *to = sa->key + (sa->encbits + sa->authbits) / 8;

	record(p, part, at);
	if (n > KEY_MAX) {
		fault(p, RANGE, at, "no algorithm takes a key of %u bytes", n);
		return;
	}
	if (quoted)
		memcpy(to, s + 1, n);
	else
		hex_decode(to, s + 2, at.len - 2);
	*bits = (uint16_t)(n * 8);
}

void parse_rawcpi(struct parse *p)
{
	p->stmt.sa.flags |= SA_F_RAWCPI;
}

static const struct name uppers[] = {
	{ "any", UPPER_ANY }, { "tcp", 6 }, { "udp", 17 }, { "icmp", 1 }, { "icmp6", 58 }, { "ip4", 4 }, { "ipv4", 4 },
	{ "esp", PROTO_ESP }, { "ah", PROTO_AH }, { "ipcomp", PROTO_IPCOMP }, { NULL, 0 }
};

void parse_upper(struct parse *p, struct span at)
{
	int known = name_number(uppers, text(p, at), at.len);
	uint8_t *to = p->in_selector ? &p->extra.sel.upper : &p->stmt.policy.upper;
	uint64_t n;

	record(p, PART_UPPER, at);
	if (known >= 0)
		*to = (uint8_t)known;
	else if (!all_digits(p, at) && p->in_selector)
		fault(p, UNKNOWN, at, "a selector takes the number of a protocol, any, tcp, udp, icmp or icmp6");
	else if (!all_digits(p, at))
		p->stmt.names |= NAME_UPPER;
	else if (number(p, at, 255, "an upper-layer protocol", &n))
		*to = (uint8_t)n;
}

void parse_upper_spec(struct parse *p, struct span at)
{
	record(p, PART_UPPER_SPEC, at);
}

void parse_tag(struct parse *p, struct span word, struct span tag)
{
	record(p, PART_TAG, tag);
	p->stmt.policy.tag = (struct text){ text(p, tag) + 1, tag.len - 2 };
	if (!is(p, word, "tagged"))
		parse_advice(p, tag, "a destination address is expected here", NULL);
}

void parse_dir(struct parse *p, struct span word)
{
	int dir = fixed(p, dir_names, "direction", word);

	record(p, PART_DIR, word);
	if (dir >= 0)
		p->stmt.policy.dir = (uint8_t)dir;
}

static const struct { const char *word; uint32_t priority; } bases[] = {
	{ "low", PRIORITY_LOW }, { "def", PRIORITY_DEFAULT }, { "high", PRIORITY_HIGH },
};

/*
 * A lower number is an earlier policy, and "prio N" counts the other way:
 * the classic library turns it into base - N.
 */
void parse_priority(struct parse *p, struct span base, int sign, struct span at)
{
	bool based = base.len > 0;
	uint64_t max = based ? (sign > 0 ? 1073741824 : 1073741823) : sign > 0 ? 2147483648 : 2147483647;
	uint32_t from = PRIORITY_DEFAULT;
	uint64_t n = 0;
	bool known = !based;

	record(p, PART_PRIORITY, based ? base : at);
	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		if (!based || !is(p, base, bases[i].word))
			continue;
		from = bases[i].priority;
		known = true;
	}
	if (!known)
		fault(p, UNKNOWN, base, "unknown priority, expected a number, low, def or high");
	else if (sign == 0 || number(p, at, max, "a priority offset", &n))
		p->stmt.policy.priority = sign > 0 ? from - (uint32_t)n : from + (uint32_t)n;
}

void parse_action(struct parse *p, struct span word)
{
	record(p, PART_ACTION, word);
	p->stmt.policy.action = (uint8_t)name_number(action_names, text(p, word), word.len);
}

void parse_no_action(struct parse *p, struct span at)
{
	if (p->stmt.verb == VERB_SPDDELETE)
		p->stmt.policy.priority = 0; /* what the classic tool sends; no kernel looks at it */
	else
		parse_advice(p, at, "the action is missing", "discard, none or ipsec");
}

static struct tmpl *request(struct parse *p)
{
	return &p->stmt.policy.tmpl[p->stmt.policy.ntmpl];
}

void parse_request(struct parse *p, struct span proto, struct span mode)
{
	int m = is(p, mode, "any") ? -1 : mode_number(p, mode, "transport or tunnel");

	if (p->stmt.policy.ntmpl == TMPL_MAX) {
		parse_advice(p, proto, "a policy has at most 6 requests", NULL);
		p->stmt.policy.ntmpl--;
	}
	if (is(p, mode, "any"))
		fault(p, UNKNOWN, mode, "unknown mode, expected transport or tunnel");
	*request(p) = (struct tmpl){
		.proto = (uint8_t)name_number(proto_names, text(p, proto), proto.len),
		.mode = m > 0 ? (uint8_t)m : MODE_TRANSPORT,
	};
}

/* me-any and any-me stand for no address at all; each fits one direction. */
static bool me_any(struct parse *p, struct span word, bool dst)
{
	bool any = is(p, word, "any");

	if (!any && !is(p, word, "me"))
		return false;
	if (p->stmt.policy.dir != (any == dst ? DIR_OUT : DIR_IN))
		parse_advice(p, word, "me-any goes with out, any-me with in", NULL);
	return true;
}

static void endpoint(struct parse *p, struct addr *a, struct span word, struct span port)
{
	uint64_t n;

	if (!addr_parse(a, text(p, word), word.len) && !resolve_zoned(a, text(p, word), word.len))
		fault(p, ADDRESS, word, "an end point is a numeric address");
	else if (port.len > 0 && !all_digits(p, port))
		fault(p, RANGE, port, "the port of an end point is a number");
	else if (port.len > 0 && number(p, port, 65535, "a port", &n))
		a->port = (uint16_t)n;
}

void parse_endpoints(struct parse *p, struct span src, struct span sport, struct span dst, struct span dport)
{
	struct tmpl *t = request(p);
	bool me = me_any(p, src, false), any = me_any(p, dst, true);

	if (me != any)
		parse_advice(p, me ? dst : src, "me-any and any-me stand for both addresses", NULL);
	if (me || any)
		return;
	endpoint(p, &t->src, src, sport);
	endpoint(p, &t->dst, dst, dport);
}

/* ID or ID:SPI. */
static void level_numbers(struct parse *p, struct span word, struct span id)
{
	const char *colon = memchr(text(p, id), ':', id.len);
	uint32_t n = colon ? (uint32_t)(colon - text(p, id)) : id.len;
	struct span spi = { id.off + n + 1, colon ? id.len - n - 1 : 0 };
	uint64_t v;

	id.len = n;
	if (!p->stmt.exact && (request(p)->level != LEVEL_UNIQUE || !all_digits(p, id))) {
		fault(p, SYNTAX, word, "only unique takes an id, unique:1 to unique:16383, unless behind \"exact;\"");
		return;
	}
	if (!is_number(p, id) || (colon != NULL && !is_number(p, spi)) || request(p)->level == LEVEL_DEFAULT) {
		fault(p, SYNTAX, word, "behind use, require or unique stands an id, and behind that an SPI: unique:7 or require:7:0x1000");
		return;
	}
	if (number(p, id, UINT32_MAX, "a reqid", &v))
		request(p)->reqid = (uint32_t)v;
	if (colon != NULL && number(p, spi, UINT32_MAX, "an SPI", &v))
		request(p)->spi = (uint32_t)v;
}

void parse_level(struct parse *p, struct span word)
{
	const char *colon = memchr(text(p, word), ':', word.len);
	uint32_t n = colon ? (uint32_t)(colon - text(p, word)) : word.len;
	struct span name = { word.off, n }, id = { word.off + n + 1, colon ? word.len - n - 1 : 0 };
	int level = fixed(p, level_names, "level", name);

	if (level < 0)
		return;
	request(p)->level = (uint8_t)level;
	if (colon == NULL)
		return;
	level_numbers(p, word, id);
}

void parse_request_done(struct parse *p, struct span at)
{
	record(p, PART_TMPL + p->stmt.policy.ntmpl, at);
	if (p->stmt.policy.ntmpl < TMPL_MAX)
		p->stmt.policy.ntmpl++;
}

void parse_end(struct parse *p, struct span at)
{
	p->conf->exact |= p->stmt.verb == VERB_EXACT;
	if (p->stmt.verb == VERB_EXACT || p->stop) {
		parse_resume(p);
		return;
	}
	p->stmt.at = at;
	p->stmt.bad = has_error(p);
	conf_add(p->conf, &p->stmt, p->part, p->nparts);
	p->stop = p->stmt.verb == VERB_EXIT; /* whatever stands behind it, the classic tool never read it */
	parse_resume(p);
}

void parse_resume(struct parse *p)
{
	if (p->stmt.extra != NULL)
		p->extra = (struct extra){ 0 };
	explicit_bzero(&p->stmt, sizeof(p->stmt));
	p->errors = p->diags->errors;
	p->open = false;
}

/* Something that is no text at all gets one sentence, not one for each of its bytes. */
static bool is_binary(struct parse *p)
{
	const char *nul = memchr(p->src->text, '\0', p->src->len);
	struct span at = { 0, 1 };

	if (p->src->len >= 2 && (memcmp(p->src->text, "\xff\xfe", 2) == 0 || memcmp(p->src->text, "\xfe\xff", 2) == 0)) {
		fault(p, NOT_SETKEY, at, "this is UTF-16 text");
		diag_hint(p->diags, "save it as plain text or UTF-8");
		return true;
	}
	if (nul == NULL)
		return false;
	at.off = (uint32_t)(nul - p->src->text);
	fault(p, NOT_SETKEY, at, "this is a binary file: it holds a NUL byte");
	return true;
}

void parse_source(struct source *src, struct conf *conf, struct diags *diags)
{
	struct parse p = { .src = src, .conf = conf, .diags = diags, .errors = diags->errors };

	if (is_binary(&p))
		return;
	if (yylex_init_extra(&p, &p.scanner) != 0)
		memory_exhausted();
	if (yy_scan_buffer(src->text, src->len + 2, p.scanner) == NULL)
		memory_exhausted();
	if (yyparse(&p) == 2)
		memory_exhausted();
	yylex_destroy(p.scanner);
	explicit_bzero(&p, sizeof(p));
}
