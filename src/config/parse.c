/*
 * Drives the grammar: text of a source to statements of a conf, every fault to the diagnostics. No names
 * resolved.
 */
#include "config/parse.h"

#include "base/hex.h"
#include "base/memory.h"
#include "config/misread_address.h"
#include "config/resolve.h"
#include "config/wanted.h"
#include "config/words.h"
#include "model/names.h"
#include "text/visible.h"

#include "grammar.h"
#include "scanner.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct rule parse_rules[] = {
	[PARSE_SYNTAX] = { "SK001", "syntax", SEVERITY_ERROR, "the statement does not read" },
	[PARSE_BACKSLASH] = { "SK002", "backslash", SEVERITY_WARNING, "a line ends in a backslash" },
	[PARSE_UNCLOSED] = { "SK003", "unclosed", SEVERITY_ERROR, "the file ends inside a statement" },
	[PARSE_NOT_SETKEY] = { "SK004", "not-setkey", SEVERITY_ERROR, "this is no setkey file" },
	[PARSE_IGNORED] = { "SK005", "ignored", SEVERITY_WARNING, "Linux has no such thing; ignored" },
	[PARSE_ODD_BYTES] = { "SK008", "odd-bytes", SEVERITY_ERROR,
		"a byte that cannot stand in a setkey file" },
	[PARSE_DOS_LINES] = { "SK017", "dos-lines", SEVERITY_WARNING, "the file has DOS line ends" },
	[PARSE_RANGE] = { "SK012", "range", SEVERITY_ERROR, "a number is out of range" },
	[PARSE_UNKNOWN] = { "SK014", "unknown-word", SEVERITY_ERROR, "a word the language does not know" },
	[PARSE_ADDRESS] = { "SK015", "address", SEVERITY_ERROR, "not an address that can stand here" },
	[PARSE_KEY_FORM] = { "SK027", "key-form", SEVERITY_ERROR, "a key that is not written as one" },
	[PARSE_UNDEFINED] = { "SK024", "undefined", SEVERITY_ERROR, "a name that nothing stands behind" },
	[PARSE_TWICE] = { "SK025", "defined-twice", SEVERITY_ERROR, "a name is given a second meaning" },
	[PARSE_NAMED_FILE] = { "SK026", "named-file", SEVERITY_ERROR,
		"a file that the text names cannot be taken" },
	[PARSE_OPEN_KEYS] = { "SK505", "open-key-file", SEVERITY_ERROR,
		"others may read or write a file of keys" },
	{ NULL, NULL, 0, NULL }
};

const char *parse_text(const struct parse *p, struct span at)
{
	return p->src->text + at.off;
}

struct text parse_word(const struct parse *p, struct span at)
{
	return conf_word(p->conf, p->src, at);
}

bool parse_is(const struct parse *p, struct span at, const char *word)
{
	struct text t = parse_word(p, at);

	return name_is(word, t.p, t.len);
}

static bool all_digits(struct text t)
{
	for (uint32_t i = 0; i < t.len; i++)
		if (!isdigit((unsigned char)t.p[i]))
			return false;
	return t.len > 0;
}

bool parse_all_digits(const struct parse *p, struct span at)
{
	return all_digits(parse_word(p, at));
}

static bool is_number(const struct parse *p, struct span at)
{
	struct text t = parse_word(p, at);
	uint32_t i = t.len > 2 && t.p[0] == '0' && (t.p[1] | 0x20) == 'x' ? 2 : 0;

	if (i == 0)
		return all_digits(t);
	while (i < t.len && isxdigit((unsigned char)t.p[i]))
		i++;
	return i == t.len;
}

void parse_fault(struct parse *p, enum parse_rule rule, struct span at, const char *fmt, ...)
{
	va_list ap;

	if (p->stop)
		return;
	va_start(ap, fmt);
	diag_vadd(p->diags, &parse_rules[rule], p->src, at, fmt, ap);
	va_end(ap);
	parse_note_binding(p->conf, p->diags, p->src, at);
}

bool parse_has_error(const struct parse *p)
{
	return p->stop || p->diags->errors > p->errors;
}

struct buf parse_quote(struct parse *p, struct span at)
{
	struct buf b = { 0 };

	source_quote(p->src, at, &b);
	buf_str(&b);
	return b;
}

/*
 * What is rare: said twice, the last place counts; or too long or too far for one entry, which takes the
 * lower bits.
 */
static __attribute__((noinline)) void record_again(struct parse *p, enum part part, uint32_t off,
                                                   uint32_t len)
{
	unsigned i = 0, n;

	while (i < p->nparts && p->part[i].part != part)
		i++;
	if (i < p->nparts) {
		n = i + 1 < p->nparts && p->part[i + 1].part == PART_FAR ? 2 : 1;
		p->nparts -= n;
		memmove(&p->part[i], &p->part[i + n], (p->nparts - i) * sizeof(p->part[0]));
	}
	p->part[p->nparts++] = (struct part_at){ off, len, part };
	if (off >> PART_OFF_BITS != 0 || len >> PART_LEN_BITS != 0)
		p->part[p->nparts++] =
		        (struct part_at){ off >> PART_OFF_BITS, len >> PART_LEN_BITS, PART_FAR };
}

void parse_record(struct parse *p, enum part part, struct span at)
{
	enum { MOST = (1 << 2 * PART_LEN_BITS) - 1 };
	uint32_t off = at.off - p->stmt.at.off;
	bool again = parse_said(p, part);

	if (p->in_selector)
		return;
	p->said[part / 64] |= (uint64_t)1 << part % 64;
	if (again || off >> PART_OFF_BITS != 0 || at.len >> PART_LEN_BITS != 0)
		record_again(p, part, off, at.len < MOST ? at.len : MOST);
	else
		p->part[p->nparts++] = (struct part_at){ off, at.len, part };
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
	parse_fault(p, PARSE_UNCLOSED, end, "the file ends inside a statement");
	if (!p->stop)
		diag_hint(p->diags, "end it with ;");
}

static void unexpected(struct parse *p, struct span at, const struct wanted *w)
{
	struct buf word = { 0 }, words = { 0 };
	const char *hint = wanted_words(p, at, w, &words);

	source_quote(p->src, at, &word);
	if (parse_is(p, at, ";"))
		parse_fault(p, PARSE_SYNTAX, at, "unexpected end of the statement, expected %s",
		            buf_str(&words));
	else if (parse_text(p, at)[0] == '"')
		parse_fault(p, PARSE_SYNTAX, at, "unexpected quoted text, expected %s", buf_str(&words));
	else
		parse_fault(p, PARSE_SYNTAX, at, "unexpected \"%s\", expected %s", buf_str(&word),
		            buf_str(&words));
	if (hint != NULL && !p->stop)
		diag_hint(p->diags, "%s", hint);
	buf_free(&word);
	buf_free(&words);
}

/* Those whose ports, type or key a policy may name are words of the language: /etc/protocols is not asked. */
static const struct name uppers[] = {
	{ "any", UPPER_ANY }, { "tcp", 6 }, { "udp", 17 }, { "icmp", 1 }, { "icmp6", 58 }, { "ip4", 4 }, { "ipv4", 4 },
	{ "esp", PROTO_ESP }, { "ah", PROTO_AH }, { "ipcomp", PROTO_IPCOMP }, { "gre", 47 }, { "sctp", 132 }, { "dccp", 33 },
	{ "ipv6-icmp", 58 }, { "mobility-header", 135 }, { NULL, 0 }
};

/* spdadd SRC any -P: the word for the upper-layer protocol was read as an address. */
static bool missing_second_range(struct parse *p, struct span at)
{
	struct span word = word_before(p, at.off);
	struct buf quoted;

	if (!p->open || !verb_is_policy(p->stmt.verb) || parse_said(p, PART_UPPER) ||
	    !parse_said(p, PART_SRC) || !parse_is(p, at, "-P") ||
	    name_number(uppers, parse_text(p, word), word.len) < 0)
		return false;
	quoted = parse_quote(p, word);
	parse_fault(p, PARSE_SYNTAX, word, "the destination address is missing before %s", buf_str(&quoted));
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
		parse_fault(p, PARSE_SYNTAX, at, "a statement is missing before this");
	} else if (parse_is(p, at, "/") && (verb_names_sa(p->stmt.verb) || p->stmt.verb == VERB_DELETEALL)) {
		parse_fault(p, PARSE_SYNTAX, at,
		            "the addresses of an SA are hosts: they take no prefix length");
	} else {
		unexpected(p, at, &(struct wanted){ found, wanted, n });
	}
}

/* From the grammar. */

void parse_advice(struct parse *p, struct span at, const char *message, const char *hint)
{
	if (parse_has_error(p))
		return;
	parse_fault(p, PARSE_SYNTAX, at, "%s", message);
	if (hint != NULL)
		diag_hint(p->diags, "%s", hint);
}

/*
 * The number that the text at the span says, decimal or 0x; false after a finding. max is at most UINT64_MAX.
 */
static bool number_in(struct parse *p, struct span at, struct text t, uint64_t max, const char *what,
                      uint64_t *out)
{
	bool hex = t.len > 2 && t.p[0] == '0' && (t.p[1] | 0x20) == 'x';
	uint64_t n = 0, base = hex ? 16 : 10;
	bool fits = true;

	for (uint32_t i = hex ? 2 : 0; i < t.len && fits; i++) {
		uint64_t digit = (uint64_t)hex_digit((unsigned char)t.p[i]);

		fits = !__builtin_mul_overflow(n, base, &n) && !__builtin_add_overflow(n, digit, &n);
	}
	fits = fits && n <= max;
	*out = fits ? n : 0;
	if (!fits)
		parse_fault(p, PARSE_RANGE, at, "%s is out of range (0 to %" PRIu64 ")", what, max);
	return fits;
}

static bool number(struct parse *p, struct span at, uint64_t max, const char *what, uint64_t *out)
{
	return number_in(p, at, parse_word(p, at), max, what, out);
}

/* A part that is a number of up to 32 bits. */
static void part_number(struct parse *p, enum part part, struct span at, uint32_t max, const char *what,
                        uint32_t *to)
{
	uint64_t n;

	parse_record(p, part, at);
	if (number(p, at, max, what, &n))
		*to = (uint32_t)n;
}

/* What few statements say, from now on part of this one. */
static struct extra *extra(struct parse *p)
{
	p->stmt.extra = &p->extra;
	return &p->extra;
}

static struct extra *extra_with(struct parse *p, enum attr_id id)
{
	extra(p)->has |= 1u << id;
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

static void prefix(struct parse *p, enum part part, struct span at, struct text length)
{
	struct addr *a = side(p, part == PART_DST_PREFIX);
	unsigned bits = addr_bits(a) ? addr_bits(a) : 128;
	uint64_t n;

	if (parse_said(p, part) && !p->in_selector)
		parse_fault(p, PARSE_SYNTAX, at, "the prefix length is said twice");
	parse_record(p, part, at);
	if (number_in(p, at, length, bits, bits == 32 ? "IPv4 prefix length" : "prefix length", &n))
		a->plen = (uint8_t)n;
}

/* Finds fault with a word where only a numeric address can be. */
static void no_address(struct parse *p, struct span word, const char *otherwise)
{
	struct text t = parse_word(p, word);
	struct buf what = { 0 }, hint = { 0 }, quoted = parse_quote(p, word);

	if (misread_address(t.p, t.len, p->in_selector, &what, &hint))
		parse_fault(p, PARSE_ADDRESS, word, "\"%s\"%s", buf_str(&quoted), buf_str(&what));
	else
		parse_fault(p, PARSE_ADDRESS, word, "%s", otherwise);
	if (hint.len > 0 && !p->stop)
		diag_hint(p->diags, "%s", buf_str(&hint));
	buf_free(&what);
	buf_free(&hint);
	buf_free(&quoted);
}

/* What $NAME stands for may be a whole range, ADDRESS/LENGTH. */
static bool defined_range(struct parse *p, bool dst, struct span word)
{
	struct text t = parse_word(p, word), length;
	const char *slash = memchr(t.p, '/', t.len);
	uint32_t n = slash ? (uint32_t)(slash - t.p) : 0;

	if (slash == NULL || !addr_parse(side(p, dst), t.p, n))
		return false;
	length = (struct text){ slash + 1, t.len - n - 1 };
	if (!verb_is_policy(p->stmt.verb) && !p->in_selector)
		parse_fault(p, PARSE_SYNTAX, word,
		            "the addresses of an SA are hosts: they take no prefix length");
	else if (!all_digits(length))
		parse_fault(p, PARSE_SYNTAX, word, "a prefix length is a number");
	else
		prefix(p, dst ? PART_DST_PREFIX : PART_SRC_PREFIX, word, length);
	return true;
}

void parse_addr(struct parse *p, enum part part, struct span word)
{
	struct text t = parse_word(p, word);
	bool dst = part == PART_DST;

	parse_record(p, part, word);
	if (addr_parse(side(p, dst), t.p, t.len) || defined_range(p, dst, word))
		return;
	if (p->in_selector)
		no_address(p, word, "a selector takes numeric addresses");
	else if (!parse_has_error(p) || word.off == 0 ||
	         p->src->text[word.off - 1] != ']') /* [2001:db8::1]:80 is said */
		p->stmt.names |= dst ? NAME_DST : NAME_SRC;
}

void parse_prefix(struct parse *p, enum part part, struct span at)
{
	prefix(p, part, at, parse_word(p, at));
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

	parse_record(p, part, at);
	if (parse_is(p, at, "any"))
		return;
	if (parse_misread_range(p, (struct span){ at.off - 1, 1 }))
		return; /* [2001:db8::1] */
	if (!parse_all_digits(p, at) && p->in_selector)
		parse_fault(p, PARSE_RANGE, at, "the port of a selector is a number");
	else if (!parse_all_digits(p, at))
		p->stmt.names |= dst ? NAME_DPORT : NAME_SPORT;
	else if (number(p, at, 65535, "port", &n))
		side(p, dst)->port = (uint16_t)n;
	/* Elsewhere, 0 is "any". */
	if (p->stmt.exact && ports_are_masked(p))
		*port_mask(p, dst) = UINT16_MAX;
}

void parse_port_mask(struct parse *p, enum part part, struct span at)
{
	uint64_t n;

	if (number(p, at, UINT16_MAX, "port mask", &n))
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

	parse_record(p, PART_PROTO, word);
	for (size_t i = 0; i < sizeof(protos) / sizeof(protos[0]); i++) {
		if (!parse_is(p, word, protos[i].word))
			continue;
		sa->proto = protos[i].proto;
		/* Linux keeps no TCP-MD5 SAs: the classic message is about every kind. */
		if (sa->proto == PROTO_TCP && (p->stmt.verb == VERB_FLUSH || p->stmt.verb == VERB_DUMP))
			sa->proto = PROTO_ANY;
		sa->encap = protos[i].encap;
		sa->flags |= protos[i].flags;
		return;
	}
	if (parse_is(p, word, "any") && verb_names_sa(p->stmt.verb))
		return; /* KAME of 1998 wrote any here; -p says so, or the missing protocol does */
	if (parse_recognise(p, word))
		return;
	parse_fault(p, PARSE_UNKNOWN, word, "unknown protocol, expected esp, ah, ipcomp or esp-udp");
	if (!p->stop && parse_is(p, word, "any"))
		diag_hint(p->diags, "leave it out to mean all of them");
	else
		parse_hint_case(p, proto_names, word);
}

/* False: it is no address in numbers. */
static bool numeric(const struct parse *p, struct addr *a, struct span word)
{
	struct text t = parse_word(p, word);

	return addr_parse(a, t.p, t.len);
}

void parse_oa(struct parse *p, struct span word)
{
	if (p->stmt.sa.encap == ENCAP_NONE) {
		if (!parse_has_error(p))
			parse_fault(p, PARSE_SYNTAX, word,
			            verb_names_sa(p->stmt.verb) ?
			                    "an SPI is expected here: a number or 0x..." :
			                    "at most one protocol can stand here");
		return;
	}
	parse_record(p, PART_NATT_OA, word);
	if (!numeric(p, &extra(p)->natt_oa, word))
		p->stmt.names |= NAME_OA;
}

static bool is_proto(const struct parse *p, struct span word)
{
	for (size_t i = 0; i < sizeof(protos) / sizeof(protos[0]); i++)
		if (parse_is(p, word, protos[i].word))
			return true;
	return false;
}

static struct span part_span(const struct parse *p, enum part part)
{
	for (unsigned i = 0; i < p->nparts; i++)
		if (p->part[i].part == part)
			return (struct span){ p->stmt.at.off + p->part[i].off, p->part[i].len };
	return (struct span){ p->stmt.at.off, 0 };
}

/* add SRC esp 0x1000: with no protocol behind it, esp is not the name of a host. */
static void missing_destination(struct parse *p)
{
	struct span dst = part_span(p, PART_DST);
	struct buf word;

	if (parse_said(p, PART_PROTO) || !is_proto(p, dst))
		return;
	p->stmt.names &= (uint8_t)~NAME_DST;
	if (parse_has_error(p))
		return;
	word = parse_quote(p, dst);
	parse_fault(p, PARSE_SYNTAX, dst, "the destination address is missing before %s", buf_str(&word));
	buf_free(&word);
}

void parse_spi(struct parse *p, struct span at)
{
	missing_destination(p);
	part_number(p, PART_SPI, at, UINT32_MAX, "SPI", &p->stmt.sa.spi);
}

static int number_of(const struct parse *p, const struct name *table, struct span word)
{
	struct text t = parse_word(p, word);

	return name_number(table, t.p, t.len);
}

/* Letters and digits are alike, whatever their case and what is between them. */
static bool same_letters(const char *name, struct text t)
{
	uint32_t i = 0;

	while (*name != '\0' || i < t.len) {
		if (*name == '-' || *name == '_')
			name++;
		else if (i < t.len && (t.p[i] == '-' || t.p[i] == '_'))
			i++;
		else if (i == t.len || tolower((unsigned char)t.p[i++]) != *name++)
			return false;
	}
	return true;
}

bool parse_hint_spelling(struct parse *p, const char *word, struct span at)
{
	bool same = !p->stop && same_letters(word, parse_word(p, at));

	if (same)
		diag_hint(p->diags, "write %s", word);
	return same;
}

void parse_hint_case(struct parse *p, const struct name *table, struct span word)
{
	while (table->word != NULL && !parse_hint_spelling(p, table->word, word))
		table++;
}

/* The number of a fixed word, or -1 after a finding that lists the words. */
static int fixed(struct parse *p, const struct name *table, const char *what, struct span word)
{
	int n = number_of(p, table, word);
	char list[256];

	if (n >= 0)
		return n;
	parse_fault(p, PARSE_UNKNOWN, word, "unknown %s, expected %s", what,
	            name_list(table, list, sizeof(list)));
	parse_hint_case(p, table, word);
	return n;
}

/* BEET is no word of the classic language, and PF_KEY has no requests of it: who is exact has it. */
static int mode_number(struct parse *p, struct span word, const char *wanted)
{
	int mode = number_of(p, mode_names, word);

	if (mode >= 0 && (mode != MODE_BEET || p->stmt.exact))
		return mode;
	parse_fault(p, PARSE_UNKNOWN, word, "unknown mode, expected %s", wanted);
	if (mode == MODE_BEET && !p->stop)
		diag_hint(p->diags, "behind \"exact;\" there is a mode beet");
	else if (mode < 0)
		parse_hint_case(p, mode_names, word);
	return -1;
}

void parse_mode(struct parse *p, struct span word)
{
	int mode = mode_number(p, word, "any, transport or tunnel");

	parse_record(p, PART_MODE, word);
	if (mode >= 0)
		p->stmt.sa.mode = (uint8_t)mode;
}

void parse_reqid(struct parse *p, struct span at)
{
	part_number(p, PART_REQID, at, UINT32_MAX, "reqid", &p->stmt.sa.reqid);
}

void parse_window(struct parse *p, struct span at)
{
	part_number(p, PART_WINDOW, at, 4096, "replay window", &p->stmt.sa.window);
}

void parse_flag(struct parse *p, struct span word)
{
	bool policy = verb_is_policy(p->stmt.verb);
	int flag = fixed(p, policy ? policy_flag_names : flag_names, "flag", word);

	parse_record(p, PART_FLAGS, word);
	if (flag > 0 && policy)
		p->stmt.policy.flags |= (uint8_t)flag;
	else if (flag > 0)
		p->stmt.sa.flags |= (uint32_t)flag;
}

void parse_limit(struct parse *p, const struct limit *limit, struct span at)
{
	uint64_t n;

	parse_record(p, limit->part, at);
	if (number(p, at, UINT64_MAX, "lifetime", &n))
		limit_set(extra(p), limit, n);
}

/* What only XFRM says. */

void parse_attr(struct parse *p, enum attr_id id, struct span value, struct span mask)
{
	struct extra *x = extra_with(p, id);
	uint64_t v = 0, m = UINT32_MAX;
	char what[64];

	parse_record(p, PART_ATTR + id, value);
	if (verb_is_policy(p->stmt.verb) && !(attrs[id].flags & ATTR_OF_POLICY))
		parse_advice(p, value, "a policy has no such option", NULL);
	if (attrs[id].form == ATTR_IN_OUT) {
		v = parse_is(p, value, "out") ? DIR_OUT : DIR_IN;
		if (v != DIR_OUT && !parse_is(p, value, "in"))
			parse_fault(p, PARSE_UNKNOWN, value, "unknown %s, expected in or out",
			            attrs[id].what);
	} else if (!number(p, value, UINT32_MAX, attrs[id].what, &v)) {
		return;
	}
	snprintf(what, sizeof(what), "mask of the %s", attrs[id].what);
	if (mask.len > 0 && !number(p, mask, UINT32_MAX, what, &m))
		return;
	x->value[id] = (uint32_t)v;
	x->mask[id] = attrs[id].form == ATTR_MASKED ? (uint32_t)m : 0;
}

void parse_replay(struct parse *p, struct span out, struct span in)
{
	struct extra *x = extra_with(p, ATTR_REPLAY);

	parse_record(p, PART_REPLAY, out);
	number(p, out, UINT64_MAX, "sequence number", &x->replay_out);
	number(p, in, UINT64_MAX, "sequence number", &x->replay_in);
}

void parse_coaddr(struct parse *p, struct span word)
{
	parse_record(p, PART_COADDR, word);
	if (!numeric(p, &extra_with(p, ATTR_COADDR)->coaddr, word))
		no_address(p, word, "a care-of address is a numeric address");
}

void parse_offload(struct parse *p, struct span kind, struct span device, struct span dir)
{
	struct extra *x = extra_with(p, ATTR_OFFLOAD);
	bool packet = parse_is(p, kind, "packet"), in = parse_is(p, dir, "in");

	parse_record(p, PART_OFFLOAD, device);
	p->stmt.names |= NAME_DEVICE;
	x->offload = (uint8_t)((packet ? OFFLOAD_PACKET : 0) | (in ? OFFLOAD_IN : 0));
	if (!packet && !parse_is(p, kind, "crypto"))
		parse_fault(p, PARSE_UNKNOWN, kind, "unknown kind of offload, expected crypto or packet");
	if (!in && !parse_is(p, dir, "out"))
		parse_fault(p, PARSE_UNKNOWN, dir, "unknown direction of an SA, expected in or out");
}

void parse_icv(struct parse *p, struct span at)
{
	uint32_t bits = 0;

	part_number(p, PART_ICV, at, 512, "ICV length in bits", &bits);
	p->stmt.sa.authicv = (uint16_t)bits;
}

void parse_index(struct parse *p, struct span at)
{
	part_number(p, PART_INDEX, at, UINT32_MAX, "index", &p->stmt.policy.index);
}

/* Between the two, ranges and upper-layer protocol are those of the selector. */
void parse_selector(struct parse *p, struct span at, bool begins)
{
	if (begins)
		parse_record(p, PART_SELECTOR, at);
	extra_with(p, ATTR_SELECTOR)->sel.upper = begins ? UPPER_ANY : p->extra.sel.upper;
	p->in_selector = begins;
}

void parse_esn(struct parse *p, struct span at)
{
	parse_record(p, PART_ESN, at);
	p->stmt.sa.flags |= SA_F_ESN;
}

void parse_natt(struct parse *p, bool dst, struct span word, struct span port)
{
	uint64_t n;

	struct addr original;

	/* Linux keeps no original addresses, but a slip in them should not pass. */
	p->stmt.sa.encap = ENCAP_ESPINUDP;
	if (!numeric(p, &original, word))
		no_address(p, word, "-natt takes numeric addresses");
	if (parse_is(p, port, "any"))
		return;
	if (!parse_all_digits(p, port))
		parse_fault(p, PARSE_RANGE, port, "-natt takes ports as numbers");
	else if (number(p, port, 65535, "port", &n))
		*(dst ? &p->stmt.sa.natt_dport : &p->stmt.sa.natt_sport) = (uint16_t)n;
}

void parse_ignored(struct parse *p, struct span at)
{
	parse_fault(p, PARSE_IGNORED, at, "Linux has no such option: ignored");
}

void parse_context(struct parse *p, struct span doi, struct span alg, struct span label)
{
	enum { LABEL_MAX = 4095 };
	uint64_t d, a;

	parse_record(p, PART_CTX, label);
	if (!number(p, doi, 255, "DOI", &d) || !number(p, alg, 255, "context algorithm", &a))
		return;
	if (!visible_is(parse_text(p, label) + 1, label.len - 2))
		parse_fault(p, PARSE_ODD_BYTES, label, "a security context is printable text");
	else if (label.len - 2 > LABEL_MAX)
		parse_fault(p, PARSE_RANGE, label, "a security context has at most %d bytes", LABEL_MAX);
	else
		extra(p)->ctx = (struct secctx){ (uint8_t)d,
			                         (uint8_t)a,
			                         { parse_text(p, label) + 1, label.len - 2 } };
}

/* Most files name one algorithm of a kind, in every statement. */
static const struct alg *find_alg(struct parse *p, enum alg_kind kind, struct text t, uint16_t *icv)
{
	struct latest_alg *l = &p->latest[kind];

	if (l->alg == NULL || l->word.len != t.len || memcmp(l->word.p, t.p, t.len) != 0) {
		l->word = t;
		l->alg = alg_find(kind, t.p, t.len, &l->icv);
	}
	*icv = l->icv;
	return l->alg;
}

void parse_alg(struct parse *p, enum part part, struct span word)
{
	enum alg_kind kind = part == PART_ENC ? ALG_ENC : part == PART_AUTH ? ALG_AUTH : ALG_COMP;
	struct sa *sa = &p->stmt.sa;
	uint16_t icv;
	const struct alg *alg = find_alg(p, kind, parse_word(p, word), &icv);

	parse_record(p, part, word);
	if (alg == NULL) {
		parse_unknown_alg(p, kind, word, word);
	} else if (part == PART_AUTH) {
		sa->auth = alg;
		if (icv != 0 && sa->authicv != 0 && icv != sa->authicv)
			parse_advice(p, word, "-icv says another length than this name",
			             "leave one of them out");
		sa->authicv = icv != 0 ? icv : sa->authicv;
	} else if (part == PART_ENC) {
		sa->enc = alg;
	} else {
		sa->comp = alg;
	}
}

bool parse_key_bytes(struct parse *p, struct span at, struct text key, uint8_t *to, uint32_t *n)
{
	bool quoted = key.p[0] == '"';

	*n = quoted ? key.len - 2 : (key.len - 1) / 2;
	if (*n > KEY_MAX)
		parse_fault(p, PARSE_RANGE, at, "no algorithm takes a key of %u bytes", *n);
	else if (quoted)
		memcpy(to, key.p + 1, *n);
	else
		hex_decode(to, key.p + 2, key.len - 2);
	return *n <= KEY_MAX;
}

/* Key bytes go behind those already there: -E stands before -A. */
void parse_key(struct parse *p, enum part part, struct span at)
{
	struct sa *sa = &p->stmt.sa;
	bool enc = part == PART_ENCKEY, missing = false;
	struct text key = { parse_text(p, at), at.len };
	uint8_t *to = sa->key + (sa->encbits + sa->authbits) / 8;
	uint32_t n;

	parse_record(p, part, at);
	if (key.p[0] == '$') {
		parse_advice(p, at, "a word that is defined is no key",
		             "key NAME 0x...; defines one, and @NAME stands for it");
		return;
	}
	if (key.p[0] == '@' ? parse_key_reference(p, at, to, &n, &missing) :
	                      parse_key_bytes(p, at, key, to, &n))
		*(enc ? &sa->encbits : &sa->authbits) = (uint16_t)(n * 8);
	p->stmt.no_enckey |= missing && enc;
	p->stmt.no_authkey |= missing && !enc;
}

void parse_rawcpi(struct parse *p)
{
	p->stmt.sa.flags |= SA_F_RAWCPI;
}

void parse_upper(struct parse *p, struct span at)
{
	int known = name_number(uppers, parse_text(p, at), at.len);
	uint8_t *to = p->in_selector ? &p->extra.sel.upper : &p->stmt.policy.upper;
	uint64_t n;

	parse_record(p, PART_UPPER, at);
	if (known >= 0)
		*to = (uint8_t)known;
	else if (!parse_all_digits(p, at) && p->in_selector)
		parse_fault(p, PARSE_UNKNOWN, at,
		            "a selector takes the number of a protocol, any, tcp, udp, icmp or icmp6");
	else if (!parse_all_digits(p, at))
		p->stmt.names |= NAME_UPPER;
	else if (number(p, at, 255, "an upper-layer protocol", &n))
		*to = (uint8_t)n;
}

void parse_upper_spec(struct parse *p, struct span at)
{
	parse_record(p, PART_UPPER_SPEC, at);
	p->stmt.names |= NAME_UPPER_SPEC;
}

void parse_tag(struct parse *p, struct span word, struct span tag)
{
	parse_record(p, PART_TAG, tag);
	if (!parse_is(p, word, "tagged"))
		parse_advice(p, tag, "a destination address is expected here", NULL);
}

void parse_dir(struct parse *p, struct span word)
{
	int dir = fixed(p, dir_names, "direction", word);

	parse_record(p, PART_DIR, word);
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

	parse_record(p, PART_PRIORITY, based ? base : at);
	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		if (!based || !parse_is(p, base, bases[i].word))
			continue;
		from = bases[i].priority;
		known = true;
	}
	if (!known)
		parse_fault(p, PARSE_UNKNOWN, base, "unknown priority, expected a number, low, def or high");
	else if (sign == 0 || number(p, at, max, "priority offset", &n))
		p->stmt.policy.priority = sign > 0 ? from - (uint32_t)n : from + (uint32_t)n;
}

void parse_action(struct parse *p, struct span word)
{
	parse_record(p, PART_ACTION, word);
	p->stmt.policy.action = (uint8_t)name_number(action_names, parse_text(p, word), word.len);
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
	int m = parse_is(p, mode, "any") ? -1 : mode_number(p, mode, "transport or tunnel");

	if (p->stmt.policy.ntmpl == TMPL_MAX) {
		parse_advice(p, proto, "a policy has at most 6 requests", NULL);
		p->stmt.policy.ntmpl--;
	}
	if (parse_is(p, mode, "any"))
		parse_fault(p, PARSE_UNKNOWN, mode, "unknown mode, expected transport or tunnel");
	*request(p) = (struct tmpl){
		.proto = (uint8_t)name_number(proto_names, parse_text(p, proto), proto.len),
		.mode = m > 0 ? (uint8_t)m : MODE_TRANSPORT,
	};
}

/* me-any and any-me stand for no address at all; each fits one direction. */
static bool me_any(struct parse *p, struct span word, bool dst)
{
	bool any = parse_is(p, word, "any");

	if (!any && !parse_is(p, word, "me"))
		return false;
	if (p->stmt.policy.dir != (any == dst ? DIR_OUT : DIR_IN))
		parse_advice(p, word, "me-any goes with out, any-me with in", NULL);
	return true;
}

static void endpoint(struct parse *p, struct addr *a, struct span word, struct span port)
{
	uint64_t n;

	struct text t = parse_word(p, word);
	if (!addr_parse(a, t.p, t.len) && !resolve_zoned(a, t.p, t.len))
		no_address(p, word, "an end point is a numeric address");
	else if (port.len > 0 && !parse_all_digits(p, port))
		parse_fault(p, PARSE_RANGE, port, "the port of an end point is a number");
	else if (port.len > 0 && number(p, port, 65535, "port", &n))
		a->port = (uint16_t)n;
}

/* any is no end point, but beside me. */
static bool lone_any(struct parse *p, struct span any, struct span other)
{
	if (!parse_is(p, any, "any") || parse_is(p, other, "me") || parse_is(p, other, "any"))
		return false;
	no_address(p, any, "an end point is a numeric address");
	return true;
}

void parse_endpoints(struct parse *p, struct span src, struct span sport, struct span dst, struct span dport)
{
	struct tmpl *t = request(p);
	bool me, any;

	if (parse_text(p, dst)[dst.len] == '-' && !(numeric(p, &t->src, src) && numeric(p, &t->dst, dst))) {
		if (!parse_has_error(p)) /* my-gw.example */
			parse_fault(p, PARSE_ADDRESS, numeric(p, &t->src, src) ? dst : src,
			            "an end point is a numeric address");
		return;
	}
	if (lone_any(p, src, dst) || lone_any(p, dst, src))
		return;
	me = me_any(p, src, false);
	any = me_any(p, dst, true);
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
	const char *colon = memchr(parse_text(p, id), ':', id.len);
	uint32_t n = colon ? (uint32_t)(colon - parse_text(p, id)) : id.len;
	struct span spi = { id.off + n + 1, colon ? id.len - n - 1 : 0 };
	uint64_t v;

	id.len = n;
	if (!p->stmt.exact && (request(p)->level != LEVEL_UNIQUE || !parse_all_digits(p, id))) {
		parse_fault(p, PARSE_SYNTAX, word,
		            "only unique takes an id, unique:1 to unique:16383, unless behind \"exact;\"");
		return;
	}
	if (!is_number(p, id) || (colon != NULL && !is_number(p, spi)) ||
	    request(p)->level == LEVEL_DEFAULT) {
		parse_fault(p, PARSE_SYNTAX, word,
		            "behind use, require or unique stands an id, and behind that an SPI: unique:7 or "
		            "require:7:0x1000");
		return;
	}
	if (number(p, id, UINT32_MAX, "reqid", &v))
		request(p)->reqid = (uint32_t)v;
	if (colon != NULL && number(p, spi, UINT32_MAX, "SPI", &v))
		request(p)->spi = (uint32_t)v;
}

void parse_level(struct parse *p, struct span word)
{
	const char *colon = memchr(parse_text(p, word), ':', word.len);
	uint32_t n = colon ? (uint32_t)(colon - parse_text(p, word)) : word.len;
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
	parse_record(p, PART_TMPL + p->stmt.policy.ntmpl, at);
	if (p->stmt.policy.ntmpl < TMPL_MAX)
		p->stmt.policy.ntmpl++;
}

void parse_end(struct parse *p, struct span at)
{
	enum verb verb = p->stmt.verb;

	p->conf->exact |= verb == VERB_EXACT;
	p->stmt.at = at;
	p->stmt.bad = parse_has_error(p);
	if (verbs[verb].class == VERB_CLASS_TEXT && !p->stmt.bad)
		parse_obey(p);
	else if (verbs[verb].class != VERB_CLASS_TEXT && verb != VERB_EXACT && !p->stop)
		conf_add(p->conf, &p->stmt, p->part, p->nparts);
	p->stop |= verb == VERB_EXIT; /* whatever stands behind it, the classic tool never read it */
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

static void read_source(struct source *src, const struct reading *r, bool keys_only)
{
	struct parse p = { .reading = r, .src = src, .conf = r->conf, .diags = r->diags, .errors = r->diags->errors,
	                   .keys_only = keys_only };

	src->vocabulary = &parse_vocabulary;
	src->names = &r->conf->bindings;
	if (parse_is_binary(&p))
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

void parse_source(struct source *src, const struct reading *r)
{
	read_source(src, r, r->keys_only);
}

void parse_named(struct parse *p, struct source *src, bool keys_only)
{
	bool exact = p->conf->exact;

	p->conf->exact = false;
	read_source(src, p->reading, keys_only);
	p->conf->exact = exact;
}
