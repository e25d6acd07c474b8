/* SPDX-License-Identifier: ISC */
/* Actions of grammar rules for the parts that only policies have, such as actions and requests. */
#include "config/parse_internal.h"

#include "config/resolve.h"

#include <ctype.h>
#include <string.h>

void parse_index(struct parse *p, struct span at)
{
	parse_part_number(p, PART_INDEX, at, UINT32_MAX, "index", &p->stmt.policy.index);
}

void parse_upper_spec(struct parse *p, struct span at)
{
	parse_record(p, PART_UPPER_SPEC, at);
	p->stmt.unresolved |= UNRESOLVED_UPPER_SPEC;
}

void parse_tag(struct parse *p, struct span word, struct span tag)
{
	parse_record(p, PART_TAG, tag);
	if (!parse_is(p, word, "tagged"))
		parse_error_hint(p, tag, "expected a destination address", NULL);
}

void parse_dir(struct parse *p, struct span word)
{
	int dir = parse_fixed_word(p, dir_names, "direction", word);

	parse_record(p, PART_DIR, word);
	if (dir >= 0)
		p->stmt.policy.dir = (uint8_t)dir;
}

static const struct { const char *word; uint32_t priority; } bases[] = {
	{ "low", PRIORITY_LOW }, { "def", PRIORITY_DEFAULT }, { "high", PRIORITY_HIGH },
};

/*
 * The kernel matches the policy with the lowest priority number first, but "prio N" ranks a higher N first.
 * The classic library therefore sends base - N.
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
		parse_error(p, PARSE_UNKNOWN, base, "unknown priority, expected a number, low, def or high");
	else if (sign == 0 || parse_number(p, at, max, "priority offset", &n))
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
		p->stmt.policy.priority = 0; /* as the classic tool sends it; the kernel does not use it */
	else
		parse_error_hint(p, at, "the action is missing", "write discard, none or ipsec");
}

static struct tmpl *current_tmpl(struct parse *p)
{
	return &p->stmt.policy.tmpl[p->stmt.policy.ntmpl];
}

void parse_request(struct parse *p, struct span proto, struct span mode)
{
	int m = parse_is(p, mode, "any") ? -1 : parse_mode_word(p, mode, "transport or tunnel");

	if (p->stmt.policy.ntmpl == TMPL_MAX) {
		parse_error_hint(p, proto, "a policy has at most 6 requests", NULL);
		p->stmt.policy.ntmpl--;
	}
	if (parse_is(p, mode, "any"))
		parse_error(p, PARSE_UNKNOWN, mode, "unknown mode, expected transport or tunnel");
	*current_tmpl(p) = (struct tmpl){
		.proto = (uint8_t)name_number(proto_names, parse_text(p, proto), proto.len),
		.mode = m > 0 ? (uint8_t)m : MODE_TRANSPORT,
	};
}

/* me-any (only with out) and any-me (only with in) leave both addresses unset. */
static bool read_me_any(struct parse *p, struct span word, bool dst)
{
	bool any = parse_is(p, word, "any");

	if (!any && !parse_is(p, word, "me"))
		return false;
	if (p->stmt.policy.dir != (any == dst ? DIR_OUT : DIR_IN))
		parse_error_hint(p, word, "me-any goes with out, any-me with in", NULL);
	return true;
}

static void read_endpoint(struct parse *p, struct addr *a, struct span word, struct span port)
{
	uint64_t n;

	struct text t = parse_word(p, word);
	if (!addr_parse(a, t.p, t.len) && !resolve_zoned(a, t.p, t.len))
		parse_refuse_addr(p, word, "an end point is a numeric address");
	else if (port.len > 0 && !parse_all_digits(p, port))
		parse_error(p, PARSE_RANGE, port, "the port of an end point is a number");
	else if (port.len > 0 && parse_number(p, port, 65535, "port", &n))
		a->port = (uint16_t)n;
}

/* Reports "any" as an end point unless the other end point is "me" or "any". */
static bool read_lone_any(struct parse *p, struct span any, struct span other)
{
	if (!parse_is(p, any, "any") || parse_is(p, other, "me") || parse_is(p, other, "any"))
		return false;
	parse_refuse_addr(p, any, "an end point is a numeric address");
	return true;
}

void parse_endpoints(struct parse *p, struct span src, struct span sport, struct span dst, struct span dport)
{
	struct tmpl *t = current_tmpl(p);
	bool me, any;

	if (parse_text(p, dst)[dst.len] == '-' &&
	    !(parse_numeric_addr(p, &t->src, src) && parse_numeric_addr(p, &t->dst, dst))) {
		if (!parse_has_error(p)) /* a host name with a -, such as my-gw.example */
			parse_error(p, PARSE_ADDRESS, parse_numeric_addr(p, &t->src, src) ? dst : src,
			            "an end point is a numeric address");
		return;
	}
	if (read_lone_any(p, src, dst) || read_lone_any(p, dst, src))
		return;
	me = read_me_any(p, src, false);
	any = read_me_any(p, dst, true);
	if (me != any)
		parse_error_hint(p, me ? dst : src, "me-any and any-me replace both addresses", NULL);
	if (me || any)
		return;
	read_endpoint(p, &t->src, src, sport);
	read_endpoint(p, &t->dst, dst, dport);
}

static bool is_number(const struct parse *p, struct span at)
{
	struct text t = parse_word(p, at);
	uint32_t i = t.len > 2 && t.p[0] == '0' && (t.p[1] | 0x20) == 'x' ? 2 : 0;

	if (i == 0)
		return parse_is_decimal(t);
	while (i < t.len && isxdigit((unsigned char)t.p[i]))
		i++;
	return i == t.len;
}

/* Reads ID or ID:SPI after the level. */
static void level_numbers(struct parse *p, struct span word, struct span id)
{
	const char *colon = memchr(parse_text(p, id), ':', id.len);
	uint32_t n = colon ? (uint32_t)(colon - parse_text(p, id)) : id.len;
	struct span spi = { id.off + n + 1, colon ? id.len - n - 1 : 0 };
	uint64_t v;

	id.len = n;
	if (!p->stmt.exact && (current_tmpl(p)->level != LEVEL_UNIQUE || !parse_all_digits(p, id))) {
		parse_error(p, PARSE_SYNTAX, word,
		            "only unique takes an id, unique:1 to unique:16383, unless after \"exact;\"");
		return;
	}
	if (!is_number(p, id) || (colon != NULL && !is_number(p, spi)) ||
	    current_tmpl(p)->level == LEVEL_DEFAULT) {
		parse_error(p, PARSE_SYNTAX, word,
		            "expected an id after use, require or unique, and after that an SPI: unique:7 or "
		            "require:7:0x1000");
		return;
	}
	if (parse_number(p, id, UINT32_MAX, "reqid", &v))
		current_tmpl(p)->reqid = (uint32_t)v;
	if (colon != NULL && parse_number(p, spi, UINT32_MAX, "SPI", &v))
		current_tmpl(p)->spi = (uint32_t)v;
}

void parse_level(struct parse *p, struct span word)
{
	const char *colon = memchr(parse_text(p, word), ':', word.len);
	uint32_t n = colon ? (uint32_t)(colon - parse_text(p, word)) : word.len;
	struct span name = { word.off, n }, id = { word.off + n + 1, colon ? word.len - n - 1 : 0 };
	int level = parse_fixed_word(p, level_names, "level", name);

	if (level < 0)
		return;
	current_tmpl(p)->level = (uint8_t)level;
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
