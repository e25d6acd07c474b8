/* SPDX-License-Identifier: ISC */
/* The rules about one policy: direction, action, requests and their end points. */
#include "lint/lint.h"

#include <netinet/in.h>

enum {
	ACTION, ENDPOINTS, TAGGED, OPTIONAL_TUNNEL, REQUESTS, UNIQUE_ID, INDEX, OPTIONAL, FRAGMENTS, ICMP_ZERO, LOOPBACK,
};

const struct rule policy_rules[] = {
	[ACTION] = { "SK322", "action", SEVERITY_ERROR, "an action that Linux refuses here" },
	[ENDPOINTS] = { "SK323", "endpoints", SEVERITY_ERROR,
		"a request whose end points are missing or do not match" },
	[TAGGED] = { "SK324", "tagged", SEVERITY_ERROR, "Linux has no PF tags" },
	[OPTIONAL_TUNNEL] = { "SK325", "optional-tunnel", SEVERITY_ERROR,
		"an outbound tunnel cannot be optional" },
	[REQUESTS] = { "SK326", "unused-requests", SEVERITY_WARNING, "the requests are not used" },
	[UNIQUE_ID] = { "SK308", "unique-id", SEVERITY_WARNING, "an id that will not be kept" },
	[INDEX] = { "SK328", "policy-index", SEVERITY_ERROR, "the index cannot be used" },
	[OPTIONAL] = { "SK312", "optional-protection", SEVERITY_WARNING,
		"a policy that lets packets pass in the clear" },
	[FRAGMENTS] = { "SK317", "port-of-fragments", SEVERITY_INFO,
		"ports in a policy for forwarded packets" },
	[ICMP_ZERO] = { "SK318", "icmp-type-zero", SEVERITY_INFO, "an ICMP type 0 is taken for all types" },
	[LOOPBACK] = { "SK337", "loopback", SEVERITY_WARNING,
		"a policy for what Linux does not apply policies to" },
	{ NULL, NULL, 0, NULL }
};

static bool has_ends(struct lint *l, const struct tmpl *t, enum part part)
{
	if (t->mode == MODE_TUNNEL && (t->src.family == 0 || t->dst.family == 0)) {
		lint_add(l, &policy_rules[ENDPOINTS], part, "a tunnel needs both end points");
		diag_hint(l->diags, "write them as in esp/tunnel/192.0.2.1-192.0.2.2/require");
		return false;
	}
	if (t->src.family != 0 && t->dst.family != 0 && t->src.family != t->dst.family) {
		lint_add(l, &policy_rules[ENDPOINTS], part, "one end point is IPv4, the other IPv6");
		return false;
	}
	return true;
}

static void check_request(struct lint *l, const struct policy *p, unsigned i)
{
	const struct tmpl *t = &p->tmpl[i];
	enum part part = PART_TMPL + i;

	/* The kernel finds a policy to delete by its selector; requests do not count. */
	if (!has_ends(l, t, part) || l->stmt->verb == VERB_SPDDELETE)
		return;
	if (t->level == LEVEL_UNIQUE && t->reqid >= UNIQUE_FIRST && !l->stmt->exact)
		lint_add(l, &policy_rules[UNIQUE_ID], part,
		         "Linux replaces a unique id above %u by one that it picks", UNIQUE_FIRST - 1);
	if (mode_has_ends(t->mode) && t->level == LEVEL_USE && p->dir == DIR_OUT) {
		lint_add(l, &policy_rules[OPTIONAL_TUNNEL], part,
		         "an outbound tunnel cannot have level use: Linux refuses it");
		diag_hint(l->diags, "use level require");
	}
}

static void check_action(struct lint *l, const struct policy *p)
{
	if (p->action == ACTION_ENTRUST || p->action == ACTION_BYPASS) {
		lint_add(l, &policy_rules[ACTION], PART_ACTION,
		         "Linux accepts the action in per-socket policies only");
		diag_hint(l->diags, p->action == ACTION_BYPASS ? "use none to let packets pass in the clear" :
		          "use ipsec and requests");
	}
	if (p->ntmpl > 0 && !stmt_keeps_requests(l->stmt))
		lint_add(l, &policy_rules[REQUESTS], PART_TMPL,
		         "requests are used with the action ipsec only");
	if (p->index != 0 && (p->index & POLICY_INDEX_DIR) != (uint32_t)(p->dir - DIR_IN))
		lint_add(l, &policy_rules[INDEX], PART_INDEX,
		         "an index is a multiple of 8 for in, 1 more for out, 2 more for fwd");
}

void lint_policy(struct lint *l, const struct policy *p)
{
	if (stmt_has_part(l->stmt, PART_TAG)) {
		lint_add(l, &policy_rules[TAGGED], PART_TAG, "Linux has no PF tags");
		diag_hint(l->diags, "use a packet mark instead");
		return;
	}
	if (l->stmt->verb != VERB_SPDDELETE) {
		check_action(l, p);
		lint_late_warnings(l);
	} else if (stmt_has_part(l->stmt, PART_INDEX)) {
		lint_add(l, &policy_rules[INDEX], PART_INDEX,
		         "spddelete finds a policy by its selector, not by its index");
		diag_hint(l->diags, "leave -index out");
	}
	for (unsigned i = 0; stmt_keeps_requests(l->stmt) && i < p->ntmpl; i++)
		check_request(l, p, i);
}

/*
 * Reports a policy that requires no protection. One request that is required is enough. An outbound tunnel
 * that is optional has a finding of its own, as Linux refuses it.
 */
static void check_optional(struct lint *l, const struct policy *p)
{
	unsigned weak = TMPL_MAX;

	for (unsigned i = p->ntmpl; i-- > 0; ) {
		const struct tmpl *t = &p->tmpl[i];

		if (t->proto == PROTO_IPCOMP)
			continue;
		if (t->level != LEVEL_USE || (t->mode == MODE_TUNNEL && p->dir == DIR_OUT))
			return;
		weak = i;
	}
	if (weak == TMPL_MAX)
		return;
	lint_add(l, &policy_rules[OPTIONAL], PART_TMPL + weak, "without an SA packets %s unprotected",
	         p->dir == DIR_OUT ? "are sent" : "are let in");
	diag_hint(l->diags, "use level require");
}

static bool has_ports(const struct policy *p)
{
	return p->upper != IPPROTO_ICMP && p->upper != IPPROTO_ICMPV6 && p->upper != IPPROTO_MH &&
	       p->upper != IPPROTO_GRE && (p->src.port != 0 || p->dst.port != 0);
}

/* Reports ports for forwarded packets, at the outbound one of the two policies only. */
static void check_fragments(struct lint *l, const struct policy *p)
{
	const struct tmpl *t = &p->tmpl[0];

	if (p->ntmpl == 0 || t->mode != MODE_TUNNEL || p->dir != DIR_OUT || !has_ports(p) ||
	    addr_equal(&p->src, &t->src))
		return;
	lint_add(l, &policy_rules[FRAGMENTS],
	         stmt_has_part(l->stmt, PART_SRC_PORT) ? PART_SRC_PORT : PART_DST_PORT,
	         "fragments of forwarded packets have no ports and do not match");
}

static bool is_loopback(const struct addr *a)
{
	return a->family == AF_INET && a->plen >= 8 && a->bytes[0] == 127;
}

/*
 * Reports policies for loopback: 127.0.0.0/8, or from a host to itself. One that lets packets pass does no
 * harm, and one that discards packets with a single loopback address is against forged packets, which come
 * from outside.
 */
static void check_loopback(struct lint *l, const struct policy *p)
{
	bool itself = p->src.family == AF_INET && addr_is_host(&p->src) && addr_is_host(&p->dst) &&
	              addr_equal(&p->src, &p->dst) && !addr_is_any(&p->src);
	bool both = is_loopback(&p->src) && is_loopback(&p->dst),
	     one = is_loopback(&p->src) || is_loopback(&p->dst);

	if (p->action == ACTION_NONE || !(itself || both || (one && p->action == ACTION_IPSEC)))
		return;
	lint_add(l, &policy_rules[LOOPBACK], is_loopback(&p->src) ? PART_SRC : PART_DST,
	         "Linux applies no policy to what goes through lo: net.ipv4.conf.lo.disable_xfrm and "
	         "disable_policy are 1 there");
	diag_hint(l->diags, "leave the policy out");
}

void lint_policy_advice(struct lint *l, const struct policy *p)
{
	check_loopback(l, p);
	if (p->action == ACTION_IPSEC) {
		check_optional(l, p);
		check_fragments(l, p);
	}
	if (stmt_has_part(l->stmt, PART_UPPER_SPEC) && (p->upper == IPPROTO_ICMP ||
	                                                p->upper == IPPROTO_ICMPV6) &&
	    p->src.port == 0 && p->sport_mask == 0)
		lint_add(l, &policy_rules[ICMP_ZERO], PART_UPPER_SPEC, "type 0 means any type");
}
