/* SPDX-License-Identifier: ISC */
/*
 * Advice about how statements are written: names, prefixes, what does not belong in a file. Does not look at
 * keys.
 */
#include "lint/lint.h"

#include "base/hash.h"
#include "tables/selector_set.h"
#include "tables/tables.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

enum { SYSTEM_NAME, HOST_BITS, ONE_ADDRESS, QUERY, AFTER_EXIT, DIALECT, ODD_IPV4 };

const struct rule style_rules[] = {
	[SYSTEM_NAME] = { "SK007", "system-name", SEVERITY_WARNING,
		"a name that depends on the host that loads the file" },
	[HOST_BITS] = { "SK009", "host-bits", SEVERITY_WARNING, "an address has bits beyond its prefix" },
	[ONE_ADDRESS] = { "SK334", "one-address", SEVERITY_WARNING,
		"0.0.0.0 or :: without a length, which is one address" },
	[QUERY] = { "SK010", "query-in-file", SEVERITY_WARNING, "a file that is loaded also prints" },
	[AFTER_EXIT] = { "SK011", "after-exit", SEVERITY_INFO, "statements after exit" },
	[DIALECT] = { "SK023", "dialect", SEVERITY_OFF, "the classic setkey cannot read this" },
	[ODD_IPV4] = { "SK028", "odd-ipv4", SEVERITY_WARNING,
		"an IPv4 address that is not four decimal numbers alone" },
	{ NULL, NULL, 0, NULL }
};

static void report_system_name(struct lint *l, enum part part, const char *what, unsigned number)
{
	struct span at = stmt_part(l->stmt, part);
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	lint_add(l, &style_rules[SYSTEM_NAME], part, "which %s it is depends on the host: here %u",
	         what, number);
	diag_edit(l->diags, at, text);
}

/* Reports names of ports and protocols; config/resolve.c has looked up their numbers. */
static void check_system_names(struct lint *l)
{
	bool policy = verb_is_policy(l->stmt->verb);
	const struct addr *src = policy ? &l->stmt->policy.src : &l->stmt->sa.src;
	const struct addr *dst = policy ? &l->stmt->policy.dst : &l->stmt->sa.dst;

	if (l->stmt->unresolved & UNRESOLVED_SPORT && src->port != 0)
		report_system_name(l, PART_SRC_PORT, "port", src->port);
	if (l->stmt->unresolved & UNRESOLVED_DPORT && dst->port != 0)
		report_system_name(l, PART_DST_PORT, "port", dst->port);
	if (policy && l->stmt->unresolved & UNRESOLVED_UPPER && l->stmt->policy.upper != UPPER_ANY)
		report_system_name(l, PART_UPPER, "protocol", l->stmt->policy.upper);
}

/* The policies by what they would be without the bits beyond their prefixes. Statements by number, from 1. */
struct networks {
	const struct lint_input *unit;
	/* by policy_network_key: the first policy, and the first one that differs from it */
	struct hash_table first, other;
};

static bool has_host_bits(const struct addr *a)
{
	struct addr network = addr_network(a, a->plen);

	return a->family != 0 && a->scope == 0 && !addr_equal(&network, a);
}

static bool is_known_policy(const struct stmt *s)
{
	return (verb_makes_policy(s->verb) || s->verb == VERB_SPDDELETE) && !s->has_error &&
	       s->policy.dir <= DIR_FWD && s->policy.src.family != 0 && s->policy.dst.family != 0;
}

static const struct stmt *stmt_numbered(const struct networks *n, uint32_t number)
{
	return number == 0 ? NULL : n->unit->conf->stmt[number - 1];
}

/* Enters the policy as the first of its network, or as the first one that differs from that. */
static void list_network(struct networks *n, uint32_t number, uint8_t dir)
{
	const struct stmt *s = stmt_numbered(n, number);
	uint64_t network = policy_network_key(s, dir);
	uint32_t *first = hash_at(&n->first, network);
	const struct stmt *before = stmt_numbered(n, *first);

	if (before == NULL)
		*first = number;
	else if (policy_key(before, dir) != policy_key(s, dir) && hash_find(&n->other, network) == 0)
		*hash_at(&n->other, network) = number;
}

static void list_networks(struct networks *n)
{
	bool any = false;

	for (uint32_t i = 0; i < n->unit->conf->n && !any; i++) {
		const struct stmt *s = n->unit->conf->stmt[i];

		any = is_known_policy(s) && (has_host_bits(&s->policy.src) || has_host_bits(&s->policy.dst));
	}
	for (uint32_t i = 0; i < n->unit->conf->n && any; i++) {
		const struct stmt *s = n->unit->conf->stmt[i];

		if (is_known_policy(s))
			list_network(n, i + 1, s->policy.dir);
		if (is_known_policy(s) && policy_has_copy(s, n->unit->kernel_fwd))
			list_network(n, i + 1, DIR_FWD);
	}
}

/* Another policy that is the same as this one without such bits, or NULL. */
static const struct stmt *same_network(const struct networks *n, const struct stmt *s)
{
	for (uint8_t dir = s->policy.dir; is_known_policy(s); dir = DIR_FWD) {
		uint64_t network = policy_network_key(s, dir);
		const struct stmt *first = stmt_numbered(n, hash_find(&n->first, network));
		const struct stmt *other = stmt_numbered(n, hash_find(&n->other, network));

		if (other != NULL)
			return policy_key(first, dir) != policy_key(s, dir) ? first : other;
		if (dir == DIR_FWD || !policy_has_copy(s, n->unit->kernel_fwd))
			break;
	}
	return NULL;
}

/*
 * name: the address is a host name. The edit leaves out the prefix length where it follows the address as a
 * word of its own.
 */
static void check_host_bits(struct lint *l, const struct networks *n, const struct addr *a, enum part part,
                            bool name)
{
	struct addr network = addr_network(a, a->plen);
	char text[INET6_ADDRSTRLEN + sizeof("/128")], odd[ODD_IPV4_MAX];
	const struct stmt *same;
	struct text word;

	if (name || !has_host_bits(a) || lint_is_odd_ipv4(n->unit->conf, l->stmt, part, odd))
		return;
	inet_ntop(a->family, network.bytes, text, INET6_ADDRSTRLEN);
	if ((same = same_network(n, l->stmt)) != NULL) {
		lint_add(l, &style_rules[HOST_BITS], part,
		         "host bits set: the range is all of %s/%u, which another policy has already", text,
		         a->plen);
		diag_note(l->diags, same->src, stmt_part(same, PART_VERB), "the other policy");
		diag_hint(l->diags, "leave one of the two out, or write /%u if the one address was meant",
		          addr_bits(a));
		return;
	}
	lint_add(l, &style_rules[HOST_BITS], part, "host bits set: the range is all of %s/%u", text,
	         a->plen);
	word = conf_word(n->unit->conf, l->stmt->src, stmt_part(l->stmt, part));
	if (memchr(word.p, '/', word.len) != NULL)
		snprintf(text + strlen(text), sizeof("/128"), "/%u", a->plen);
	diag_hint(l->diags, "write %s, or /%u if the one address was meant", text, addr_bits(a));
	diag_edit(l->diags, stmt_part(l->stmt, part), text);
}

/* True for 0.0.0.0 or :: without a prefix length, in the statement and in the value of a $NAME. */
static bool is_one_any(const struct lint *l, const struct conf *conf, const struct addr *a, enum part part)
{
	struct text word = conf_word(conf, l->stmt->src, stmt_part(l->stmt, part));
	enum part prefix = part == PART_SRC ? PART_SRC_PREFIX : PART_DST_PREFIX;

	return a->family != 0 && addr_is_any(a) && addr_is_host(a) && !stmt_has_part(l->stmt, prefix) &&
	       memchr(word.p, '/', word.len) == NULL;
}

static void report_one_any(struct lint *l, const struct addr *a, enum part part, const char *why)
{
	lint_add(l, &style_rules[ONE_ADDRESS], part, "%s is one address, which no host has%s",
	         a->family == AF_INET ? "0.0.0.0" : "::", why);
}

/* True for a policy that a host without an address needs: to its whole link, or to a DHCP server. */
static bool has_no_address_yet(const struct policy *p)
{
	static const uint8_t link[4] = { 255, 255, 255, 255 };
	bool dhcp = p->upper == IPPROTO_UDP && (p->src.port == 68 || p->dst.port == 67);

	return dhcp || p->upper == IPPROTO_ICMPV6 || addr_is_multicast(&p->dst) ||
	       (p->dst.family == AF_INET && memcmp(p->dst.bytes, link, sizeof(link)) == 0);
}

static void check_one_address_policy(struct lint *l, const struct conf *conf, const struct policy *p)
{
	const char *all = p->src.family == AF_INET ? "0.0.0.0/0" : "::/0";

	if (is_one_any(l, conf, &p->src, PART_SRC) && !has_no_address_yet(p)) {
		report_one_any(l, &p->src, PART_SRC, "");
		diag_hint(l->diags, "write %s if all addresses are meant", all);
	}
	if (is_one_any(l, conf, &p->dst, PART_DST)) {
		report_one_any(l, &p->dst, PART_DST, "");
		diag_hint(l->diags, "write %s if all addresses are meant", all);
	}
}

/*
 * Linux uses an SA from 0.0.0.0 for every source. That is meant where the destination is a multicast group,
 * and, if there are such SAs, also for SAs to the addresses of the group's members.
 */
static void check_one_address_sa(struct lint *l, const struct conf *conf, const struct sa *sa,
                                 const bool groups[2])
{
	bool link =
	        sa->dst.family == AF_INET6 && sa->dst.bytes[0] == 0xfe && (sa->dst.bytes[1] & 0xc0) == 0x80;
	bool shared = link || addr_is_multicast(&sa->dst) || groups[sa->src.family == AF_INET6];

	if (is_one_any(l, conf, &sa->dst, PART_DST))
		report_one_any(l, &sa->dst, PART_DST, ": an SA goes from one host to another");
	else if (is_one_any(l, conf, &sa->src, PART_SRC) && !shared)
		report_one_any(l, &sa->src, PART_SRC, ": an SA goes from one host to another");
	else
		return;
	diag_hint(l->diags, "give the address of the host; a policy for all has %s",
	          sa->dst.family == AF_INET ? "0.0.0.0/0" : "::/0");
}

/* Sets by family whether some SA from any source is for a multicast group. */
static void find_groups(const struct conf *conf, bool groups[2])
{
	for (size_t i = 0; i < conf->n; i++) {
		const struct stmt *s = conf->stmt[i];

		if (!s->has_error && verb_makes_sa(s->verb) && addr_is_any(&s->sa.src) &&
		    addr_is_multicast(&s->sa.dst))
			groups[s->sa.dst.family == AF_INET6] = true;
	}
}

/* 127.1 is a common way to write it. */
static bool is_localhost(const struct addr *a)
{
	static const uint8_t localhost[4] = { 127, 0, 0, 1 };

	return memcmp(a->bytes, localhost, sizeof(localhost)) == 0;
}

/* Reports what the address is read as, and what was probably meant; nothing if that is the same. */
static void check_odd_ipv4(struct lint *l, const struct conf *conf, const struct addr *a, enum part part)
{
	enum part prefix = part == PART_DST ? PART_DST_PREFIX : PART_SRC_PREFIX;
	char word[ODD_IPV4_MAX], text[INET_ADDRSTRLEN];
	bool range = verb_is_policy(l->stmt->verb), whole = !range || stmt_has_part(l->stmt, prefix);
	struct addr meant = { .family = AF_INET };
	unsigned length;

	if (a->family != AF_INET || !lint_is_odd_ipv4(conf, l->stmt, part, word))
		return;
	if (is_localhost(a) && (!range || a->plen == 32) && word[0] == '1')
		return;
	inet_ntop(AF_INET, a->bytes, text, sizeof(text));
	if (!lint_meant_ipv4(word, meant.bytes, &length)) {
		lint_add(l, &style_rules[ODD_IPV4], part, "%s is %s", word, text);
		diag_hint(l->diags, "write %s", text);
		return;
	}
	meant.plen = whole || length == 32 ? a->plen : (uint8_t)length;
	if (memcmp(meant.bytes, a->bytes, 4) == 0 && (meant.plen == a->plen || length == 32))
		return;
	lint_add(l, &style_rules[ODD_IPV4], part,
	         length == 32 ? "%s is %s: a number with 0 in front is octal" :
	                        "%s is %s: the last number fills what is left",
	         word, text);
	if (length < 32 && !range) {
		diag_hint(l->diags, "write %s, or the address that is meant, with all four numbers", text);
		return;
	}
	inet_ntop(AF_INET, meant.bytes, word, sizeof(word));
	if (meant.plen < 32)
		diag_hint(l->diags, "write %s/%u if that is meant", word, meant.plen);
	else
		diag_hint(l->diags, "write %s if that is meant", word);
}

/*
 * Reports ::ffff:192.0.2.1: programs see IPv4 hosts under such addresses, but packets are IPv4. A policy that
 * discards is against forged ones.
 */
static void check_mapped(struct lint *l, const struct addr *a, enum part part)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	bool discards = verb_is_policy(l->stmt->verb) && l->stmt->policy.action == ACTION_DISCARD;
	char text[INET6_ADDRSTRLEN], ipv4[INET_ADDRSTRLEN];

	if (a->family != AF_INET6 || a->plen <= 96 || memcmp(a->bytes, mapped, sizeof(mapped)) != 0 ||
	    discards)
		return;
	inet_ntop(AF_INET6, a->bytes, text, sizeof(text));
	inet_ntop(AF_INET, a->bytes + sizeof(mapped), ipv4, sizeof(ipv4));
	lint_add(l, &style_rules[ODD_IPV4], part, "%s is an IPv6 address, and no packet has it", text);
	if (a->plen < 128)
		diag_hint(l->diags, "write %s/%u", ipv4, a->plen - 96);
	else
		diag_hint(l->diags, "write %s", ipv4);
}

static void check_mapped_ends(struct lint *l, const struct policy *p)
{
	for (unsigned i = 0; i < 2u * p->ntmpl; i++)
		check_mapped(l, i % 2 == 0 ? &p->tmpl[i / 2].src : &p->tmpl[i / 2].dst,
		             PART_TMPL + (enum part)(i / 2));
}

/* Reports what end points are read as. They have no prefix length, so that nothing else is proposed. */
static void check_odd_ends(struct lint *l, const struct conf *conf)
{
	const struct policy *p = &l->stmt->policy;
	char word[ODD_IPV4_MAX], text[INET_ADDRSTRLEN];

	for (unsigned i = 0; i < 2u * p->ntmpl; i++) {
		const struct addr *a = i % 2 == 0 ? &p->tmpl[i / 2].src : &p->tmpl[i / 2].dst;

		if (a->family != AF_INET || is_localhost(a) ||
		    !lint_is_odd_end(conf, l->stmt, i / 2, i % 2 != 0, word))
			continue;
		inet_ntop(AF_INET, a->bytes, text, sizeof(text));
		lint_add(l, &style_rules[ODD_IPV4], PART_TMPL + (enum part)(i / 2), "%s is %s", word,
		         text);
		diag_hint(l->diags, "write all four numbers, in decimal");
	}
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ';';
}

/* The parser stops at exit: after it there are no statements, only text. */
static void check_after_exit(struct lint *l)
{
	struct source *src = l->stmt->src;
	uint32_t off = l->stmt->at.off + l->stmt->at.len, n = 0;

	while (off < src->len && (is_blank(src->text[off]) || src->text[off] == '#')) {
		if (src->text[off] == '#')
			off += (uint32_t)strcspn(src->text + off, "\n");
		else
			off++;
	}
	while (off + n < src->len && !is_blank(src->text[off + n]) && src->text[off + n] != '#')
		n++;
	if (n == 0)
		return;
	diag_add(l->diags, &style_rules[AFTER_EXIT], src, (struct span){ off, n },
	         "nothing after exit is read");
	diag_note(l->diags, src, stmt_part(l->stmt, PART_VERB), "the file ends here");
}

static void check_query(struct lint *l, struct limiter *t)
{
	if (l->stmt->verb == VERB_SPDDUMP)
		lint_add_limited(l, t, PART_VERB, "run setkey -DP by hand instead",
		                 "the statement prints the policies whenever the file is loaded");
	else
		lint_add_limited(l, t, PART_VERB, "run setkey -D by hand instead",
		                 "the statement prints keys whenever the file is loaded");
}

/* Reports what the classic setkey does not know; -esn, -natt and -hwif come from the BSDs. */
static void check_dialect(struct lint *l, struct limiter *t)
{
	static const enum part parts[] = { PART_ICV, PART_INDEX, PART_ESN, PART_HARD_PACKETS, PART_SOFT_PACKETS, PART_HARD_USE,
		PART_SOFT_USE };
	const struct sa *sa = verb_makes_sa(l->stmt->verb) ? &l->stmt->sa : NULL;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (stmt_has_part(l->stmt, parts[i]))
			lint_add_limited(l, t, parts[i], NULL, "the classic setkey does not have the option");
	for (enum attr_id id = 0; id < ATTR_MAX; id++)
		if (stmt_has_part(l->stmt, PART_ATTR + id))
			lint_add_limited(l, t, PART_ATTR + id, NULL,
			                 "the classic setkey does not have the option");
	if (sa != NULL && sa->enc != NULL && sa->enc->flags & ALG_NEW)
		lint_add_limited(l, t, PART_ENC, NULL, "the classic setkey has no %s", sa->enc->name);
	if (sa != NULL && sa->auth != NULL &&
	    (sa->auth->flags & ALG_NEW || sa_icvbits(sa) != sa->auth->icvbits))
		lint_add_limited(l, t, PART_AUTH, NULL, "the classic setkey has no %s with %u bits",
		                 sa->auth->name,
		           sa_icvbits(sa));
}

/* True if the file of statement at makes something. A file that only asks is a script, and meant to print. */
static bool makes_objects_in_file(const struct conf *conf, size_t at)
{
	const struct source *src = conf->stmt[at]->src;

	while (at > 0 && conf->stmt[at - 1]->src == src)
		at--;
	for (; at < conf->n && conf->stmt[at]->src == src; at++)
		if (verb_makes_sa(conf->stmt[at]->verb) || verb_makes_policy(conf->stmt[at]->verb))
			return true;
	return false;
}

static bool asks_kernel(const struct stmt *s)
{
	return s->verb == VERB_DUMP || s->verb == VERB_GET || s->verb == VERB_SPDDUMP;
}

void lint_style(const struct lint_input *u)
{
	struct limiter t[] = { lint_limiter(u, &style_rules[QUERY], 2),
		             lint_limiter(u, &style_rules[DIALECT], 1) };
	struct networks networks = { .unit = u };
	const struct source *src = NULL;
	bool loaded = false, groups[2] = { false, false };

	find_groups(u->conf, groups);
	list_networks(&networks);
	for (size_t i = 0; i < u->conf->n; i++) {
		struct lint l = { u->conf->stmt[i], u->diags };

		if (l.stmt->has_error || l.stmt->exact)
			continue;
		if (asks_kernel(l.stmt) && l.stmt->src != src) {
			src = l.stmt->src;
			loaded = makes_objects_in_file(u->conf, i);
		}
		if (asks_kernel(l.stmt) && loaded)
			check_query(&l, &t[0]);
		check_system_names(&l);
		if (verb_is_policy(l.stmt->verb)) {
			check_odd_ipv4(&l, u->conf, &l.stmt->policy.src, PART_SRC);
			check_odd_ipv4(&l, u->conf, &l.stmt->policy.dst, PART_DST);
			check_host_bits(&l, &networks, &l.stmt->policy.src, PART_SRC,
			                l.stmt->unresolved & UNRESOLVED_SRC);
			check_host_bits(&l, &networks, &l.stmt->policy.dst, PART_DST,
			                l.stmt->unresolved & UNRESOLVED_DST);
		}
		if (verb_makes_policy(l.stmt->verb)) {
			check_odd_ends(&l, u->conf);
			check_mapped(&l, &l.stmt->policy.src, PART_SRC);
			check_mapped(&l, &l.stmt->policy.dst, PART_DST);
			check_mapped_ends(&l, &l.stmt->policy);
			check_one_address_policy(&l, u->conf, &l.stmt->policy);
		} else if (verb_makes_sa(l.stmt->verb)) {
			check_mapped(&l, &l.stmt->sa.src, PART_SRC);
			check_mapped(&l, &l.stmt->sa.dst, PART_DST);
			check_one_address_sa(&l, u->conf, &l.stmt->sa, groups);
		}
		if (verb_names_sa(l.stmt->verb)) {
			check_odd_ipv4(&l, u->conf, &l.stmt->sa.src, PART_SRC);
			check_odd_ipv4(&l, u->conf, &l.stmt->sa.dst, PART_DST);
		}
		if (l.stmt->verb == VERB_EXIT)
			check_after_exit(&l);
		check_dialect(&l, &t[1]);
	}
	lint_flush(u->diags, t, sizeof(t) / sizeof(t[0]));
	hash_free(&networks.first);
	hash_free(&networks.other);
}
