/* SPDX-License-Identifier: ISC */
/*
 * Actions of grammar rules for the parts that SAs and policies have in common: addresses, ports, limits,
 * attributes. Also reads numbers and fixed words for build_sa.c and build_policy.c.
 */
#include "config/parse_internal.h"

#include "base/hex.h"
#include "base/memory.h"
#include "config/misread_address.h"
#include "text/visible.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/*
 * Reads t, a decimal or 0x number, into *out. False after a finding at the span if it is greater than max;
 * what names the number in the message.
 */
static bool read_number(struct parse *p, struct span at, struct text t, uint64_t max, const char *what,
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
		parse_error(p, PARSE_RANGE, at, "%s is out of range (0 to %" PRIu64 ")", what, max);
	return fits;
}

bool parse_number(struct parse *p, struct span at, uint64_t max, const char *what, uint64_t *out)
{
	return read_number(p, at, parse_word(p, at), max, what, out);
}

void parse_part_number(struct parse *p, enum part part, struct span at, uint32_t max, const char *what,
                       uint32_t *to)
{
	uint64_t n;

	parse_record(p, part, at);
	if (parse_number(p, at, max, what, &n))
		*to = (uint32_t)n;
}

struct attrs *parse_use_attrs(struct parse *p)
{
	p->stmt.attrs = &p->attrs;
	return &p->attrs;
}

struct attrs *parse_use_attr(struct parse *p, enum attr_id id)
{
	parse_use_attrs(p)->has |= 1u << id;
	return &p->attrs;
}

bool parse_numeric_addr(const struct parse *p, struct addr *a, struct span word)
{
	struct text t = parse_word(p, word);

	return addr_parse(a, t.p, t.len);
}

static int find_word(const struct parse *p, const struct name *table, struct span word)
{
	struct text t = parse_word(p, word);

	return name_number(table, t.p, t.len);
}

/* Compares without regard to case and to the separators - and _. */
static bool equal_ignoring_case(const char *name, struct text t)
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
	bool same = !p->stop && equal_ignoring_case(word, parse_word(p, at));

	if (same)
		diag_hint(p->diags, "write %s", word);
	return same;
}

void parse_hint_case(struct parse *p, const struct name *table, struct span word)
{
	while (table->word != NULL && !parse_hint_spelling(p, table->word, word))
		table++;
}

int parse_fixed_word(struct parse *p, const struct name *table, const char *what, struct span word)
{
	int n = find_word(p, table, word);
	char list[256];

	if (n >= 0)
		return n;
	parse_error(p, PARSE_UNKNOWN, word, "unknown %s, expected %s", what,
	            name_list(table, list, sizeof(list)));
	parse_hint_case(p, table, word);
	return n;
}

/*
 * Returns the mode, or -1 after a finding. BEET is a mode only in exact mode: the classic language has no
 * such word, and PF_KEY has no requests with that mode.
 */
int parse_mode_word(struct parse *p, struct span word, const char *wanted)
{
	int mode = find_word(p, mode_names, word);

	if (mode >= 0 && (mode != MODE_BEET || p->stmt.exact))
		return mode;
	parse_error(p, PARSE_UNKNOWN, word, "unknown mode, expected %s", wanted);
	if (mode == MODE_BEET && !p->stop)
		diag_hint(p->diags, "write \"exact;\" first to have mode beet");
	else if (mode < 0)
		parse_hint_case(p, mode_names, word);
	return -1;
}

static struct addr *stmt_addr(struct parse *p, bool dst)
{
	if (p->in_selector)
		return dst ? &p->attrs.sel.dst : &p->attrs.sel.src;
	if (verb_is_policy(p->stmt.verb))
		return dst ? &p->stmt.policy.dst : &p->stmt.policy.src;
	return dst ? &p->stmt.sa.dst : &p->stmt.sa.src;
}

static void set_prefix(struct parse *p, enum part part, struct span at, struct text length)
{
	struct addr *a = stmt_addr(p, part == PART_DST_PREFIX);
	unsigned bits = addr_bits(a) ? addr_bits(a) : 128;
	uint64_t n;

	if (parse_has_part(p, part) && !p->in_selector)
		parse_error(p, PARSE_SYNTAX, at, "the prefix length is given twice");
	parse_record(p, part, at);
	if (read_number(p, at, length, bits, bits == 32 ? "IPv4 prefix length" : "prefix length", &n))
		a->plen = (uint8_t)n;
}

void parse_refuse_addr(struct parse *p, struct span word, const char *otherwise)
{
	struct text t = parse_word(p, word);
	struct buf what = { 0 }, hint = { 0 }, quoted = parse_quote(p, word);

	if (misread_address(t.p, t.len, p->in_selector ? ADDRESS_RANGE : ADDRESS_BARE, &what, &hint))
		parse_error(p, PARSE_ADDRESS, word, "\"%s\"%s", buf_str(&quoted), buf_str(&what));
	else
		parse_error(p, PARSE_ADDRESS, word, "%s", otherwise);
	if (hint.len > 0 && !p->stop)
		diag_hint(p->diags, "%s", buf_str(&hint));
	buf_free(&what);
	buf_free(&hint);
	buf_free(&quoted);
}

/* Reads ADDRESS/LENGTH, which the value of a $NAME may be as a whole. */
static bool set_range(struct parse *p, bool dst, struct span word)
{
	struct text t = parse_word(p, word), length;
	const char *slash = memchr(t.p, '/', t.len);
	uint32_t n = slash ? (uint32_t)(slash - t.p) : 0;

	if (slash == NULL || !addr_parse(stmt_addr(p, dst), t.p, n))
		return false;
	length = (struct text){ slash + 1, t.len - n - 1 };
	if (!verb_is_policy(p->stmt.verb) && !p->in_selector)
		parse_error(p, PARSE_SYNTAX, word,
		            "the addresses of an SA are hosts: they take no prefix length");
	else if (!parse_is_decimal(length))
		parse_error(p, PARSE_SYNTAX, word, "a prefix length is a number");
	else
		set_prefix(p, dst ? PART_DST_PREFIX : PART_SRC_PREFIX, word, length);
	return true;
}

void parse_addr(struct parse *p, enum part part, struct span word)
{
	struct text t = parse_word(p, word);
	bool dst = part == PART_DST;

	parse_record(p, part, word);
	if (addr_parse(stmt_addr(p, dst), t.p, t.len) || set_range(p, dst, word))
		return;
	if (p->in_selector)
		parse_refuse_addr(p, word, "a selector takes numeric addresses");
	else if (!parse_has_error(p) || word.off == 0 ||
	         p->src->text[word.off - 1] != ']') /* [2001:db8::1]:80 has been reported already */
		p->stmt.unresolved |= dst ? UNRESOLVED_DST : UNRESOLVED_SRC;
}

void parse_prefix(struct parse *p, enum part part, struct span at)
{
	set_prefix(p, part, at, parse_word(p, at));
}

static bool ports_are_masked(const struct parse *p)
{
	return p->in_selector || verb_is_policy(p->stmt.verb);
}

static uint16_t *port_mask(struct parse *p, bool dst)
{
	if (p->in_selector)
		return dst ? &p->attrs.sel.dport_mask : &p->attrs.sel.sport_mask;
	return dst ? &p->stmt.policy.dport_mask : &p->stmt.policy.sport_mask;
}

void parse_port(struct parse *p, enum part part, struct span at)
{
	bool dst = part == PART_DST_PORT;
	uint64_t n;

	parse_record(p, part, at);
	if (parse_is(p, at, "any"))
		return;
	if (parse_foreign_address(p, (struct span){ at.off - 1, 1 }))
		return; /* [2001:db8::1] */
	if (!parse_all_digits(p, at) && p->in_selector)
		parse_error(p, PARSE_RANGE, at, "the port of a selector is a number");
	else if (!parse_all_digits(p, at))
		p->stmt.unresolved |= dst ? UNRESOLVED_DPORT : UNRESOLVED_SPORT;
	else if (parse_number(p, at, 65535, "port", &n))
		stmt_addr(p, dst)->port = (uint16_t)n;
	/* Without exact mode port 0 means "any", and the mask stays 0. */
	if (p->stmt.exact && ports_are_masked(p))
		*port_mask(p, dst) = UINT16_MAX;
}

void parse_port_mask(struct parse *p, enum part part, struct span at)
{
	uint64_t n;

	if (parse_number(p, at, UINT16_MAX, "port mask", &n))
		*port_mask(p, part == PART_DST_PORT) = (uint16_t)n;
}

/*
 * Upper-layer protocols that are words of the language, because a policy may give their ports, type or key.
 * They are not looked up in /etc/protocols.
 */
const struct name parse_uppers[] = {
	{ "any", UPPER_ANY }, { "tcp", 6 }, { "udp", 17 }, { "icmp", 1 }, { "icmp6", 58 }, { "ip4", 4 }, { "ipv4", 4 },
	{ "esp", PROTO_ESP }, { "ah", PROTO_AH }, { "ipcomp", PROTO_IPCOMP }, { "gre", 47 }, { "sctp", 132 }, { "dccp", 33 },
	{ "ipv6-icmp", 58 }, { "mobility-header", 135 }, { NULL, 0 }
};

void parse_upper(struct parse *p, struct span at)
{
	int known = name_number(parse_uppers, parse_text(p, at), at.len);
	uint8_t *to = p->in_selector ? &p->attrs.sel.upper : &p->stmt.policy.upper;
	uint64_t n;

	parse_record(p, PART_UPPER, at);
	if (known >= 0)
		*to = (uint8_t)known;
	else if (!parse_all_digits(p, at) && p->in_selector)
		parse_error(p, PARSE_UNKNOWN, at,
		            "a selector takes the number of a protocol, any, tcp, udp, icmp or icmp6");
	else if (!parse_all_digits(p, at))
		p->stmt.unresolved |= UNRESOLVED_UPPER;
	else if (parse_number(p, at, 255, "an upper-layer protocol", &n))
		*to = (uint8_t)n;
}

void parse_flag(struct parse *p, struct span word)
{
	bool policy = verb_is_policy(p->stmt.verb);
	int flag = parse_fixed_word(p, policy ? policy_flag_names : flag_names, "flag", word);

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
	if (parse_number(p, at, UINT64_MAX, "lifetime", &n))
		limit_set(parse_use_attrs(p), limit, n);
}

void parse_attr(struct parse *p, enum attr_id id, struct span value, struct span mask)
{
	struct attrs *x = parse_use_attr(p, id);
	uint64_t v = 0, m = UINT32_MAX;
	char what[64];

	parse_record(p, PART_ATTR + id, value);
	if (verb_is_policy(p->stmt.verb) && !(attr_table[id].flags & ATTR_OF_POLICY))
		parse_error_hint(p, value, "the option is for SAs only", NULL);
	if (attr_table[id].form == ATTR_IN_OUT) {
		v = parse_is(p, value, "out") ? DIR_OUT : DIR_IN;
		if (v != DIR_OUT && !parse_is(p, value, "in"))
			parse_error(p, PARSE_UNKNOWN, value, "unknown %s, expected in or out",
			            attr_table[id].what);
	} else if (!parse_number(p, value, UINT32_MAX, attr_table[id].what, &v)) {
		return;
	}
	snprintf(what, sizeof(what), "mask of the %s", attr_table[id].what);
	if (mask.len > 0 && !parse_number(p, mask, UINT32_MAX, what, &m))
		return;
	x->value[id] = (uint32_t)v;
	x->mask[id] = attr_table[id].form == ATTR_MASKED ? (uint32_t)m : 0;
}

/* From the call with begins to the next call, ranges and the upper-layer protocol belong to the selector. */
void parse_selector(struct parse *p, struct span at, bool begins)
{
	if (begins)
		parse_record(p, PART_SELECTOR, at);
	parse_use_attr(p, ATTR_SELECTOR)->sel.upper = begins ? UPPER_ANY : p->attrs.sel.upper;
	p->in_selector = begins;
}

void parse_ignored(struct parse *p, struct span at)
{
	parse_error(p, PARSE_IGNORED, at, "option ignored: Linux does not have it");
}

void parse_context(struct parse *p, struct span doi, struct span alg, struct span label)
{
	enum { LABEL_MAX = 4095 };
	uint64_t d, a;

	parse_record(p, PART_CTX, label);
	if (!parse_number(p, doi, 255, "DOI", &d) || !parse_number(p, alg, 255, "context algorithm", &a))
		return;
	if (!visible_is_plain(parse_text(p, label) + 1, label.len - 2))
		parse_error(p, PARSE_ODD_BYTES, label, "a security context is printable text");
	else if (label.len - 2 > LABEL_MAX)
		parse_error(p, PARSE_RANGE, label, "a security context has at most %d bytes", LABEL_MAX);
	else
		parse_use_attrs(p)->ctx = (struct secctx){ (uint8_t)d,
			                         (uint8_t)a,
			                         { parse_text(p, label) + 1, label.len - 2 } };
}
