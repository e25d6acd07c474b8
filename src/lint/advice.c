/* SPDX-License-Identifier: ISC */
/* Advice about one statement by itself, where it says what the kernel does not do or more than was meant. */
#include "lint/lint.h"

#include <netinet/in.h>

enum { OPTIONAL, FRAGMENTS, ICMP_ZERO, USELESS_PORTS, LOOPBACK };

const struct rule advice_rules[] = {
	[OPTIONAL] = { "SK312", "optional-protection", SEVERITY_WARNING,
		"a policy that lets packets pass in the clear" },
	[FRAGMENTS] = { "SK317", "port-of-fragments", SEVERITY_INFO,
		"ports in a policy for forwarded packets" },
	[ICMP_ZERO] = { "SK318", "icmp-type-zero", SEVERITY_INFO, "an ICMP type 0 is taken for all types" },
	[USELESS_PORTS] = { "SK320", "useless-ports", SEVERITY_WARNING, "ports of an SA that is not in UDP" },
	[LOOPBACK] = { "SK337", "loopback", SEVERITY_WARNING,
		"a policy for what Linux does not apply policies to" },
	{ NULL, NULL, 0, NULL }
};

/* Where one request is required, the others are an addition. What Linux refuses has its finding. */
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
	lint_add(l, &advice_rules[OPTIONAL], PART_TMPL + weak, "without an SA packets %s unprotected",
	         p->dir == DIR_OUT ? "are sent" : "are let in");
	diag_hint(l->diags, "use level require");
}

static bool has_ports(const struct policy *p)
{
	return p->upper != IPPROTO_ICMP && p->upper != IPPROTO_ICMPV6 && p->upper != IPPROTO_MH &&
	       p->upper != IPPROTO_GRE && (p->src.port != 0 || p->dst.port != 0);
}

/* One of the two directions is enough to be told. */
static void check_fragments(struct lint *l, const struct policy *p)
{
	const struct tmpl *t = &p->tmpl[0];

	if (p->ntmpl == 0 || t->mode != MODE_TUNNEL || p->dir != DIR_OUT || !has_ports(p) ||
	    addr_equal(&p->src, &t->src))
		return;
	lint_add(l, &advice_rules[FRAGMENTS],
	         stmt_has_part(l->stmt, PART_SRC_PORT) ? PART_SRC_PORT : PART_DST_PORT,
	         "fragments of forwarded packets have no ports and do not match");
}

static bool is_loopback(const struct addr *a)
{
	return a->family == AF_INET && a->plen >= 8 && a->bytes[0] == 127;
}

/*
 * To or from 127.0.0.0/8, or from a host to itself. A policy that lets pass what passes anyway does no harm,
 * and one that discards what has one such address is about forged packets, which come from elsewhere.
 */
static void check_loopback(struct lint *l, const struct policy *p)
{
	bool itself = p->src.family == AF_INET && addr_is_host(&p->src) && addr_is_host(&p->dst) &&
	              addr_equal(&p->src, &p->dst);
	bool both = is_loopback(&p->src) && is_loopback(&p->dst),
	     one = is_loopback(&p->src) || is_loopback(&p->dst);

	if (p->action == ACTION_NONE || !(itself || both || (one && p->action == ACTION_IPSEC)))
		return;
	lint_add(l, &advice_rules[LOOPBACK], is_loopback(&p->src) ? PART_SRC : PART_DST,
	         "Linux applies no policy to what goes through lo: net.ipv4.conf.lo.disable_xfrm and "
	         "disable_policy are 1 there");
	diag_hint(l->diags, "leave the policy out");
}

static void check_policy(struct lint *l, const struct policy *p)
{
	check_loopback(l, p);
	if (p->action == ACTION_IPSEC) {
		check_optional(l, p);
		check_fragments(l, p);
	}
	if (stmt_has_part(l->stmt, PART_UPPER_SPEC) && (p->upper == IPPROTO_ICMP ||
	                                                p->upper == IPPROTO_ICMPV6) &&
	    p->src.port == 0 && p->sport_mask == 0)
		lint_add(l, &advice_rules[ICMP_ZERO], PART_UPPER_SPEC, "type 0 means any type");
}

static void check_sa(struct lint *l, const struct sa *sa)
{
	if (sa->encap == ENCAP_NONE && (sa->src.port != 0 || sa->dst.port != 0))
		lint_add(l, &advice_rules[USELESS_PORTS], sa->src.port != 0 ? PART_SRC_PORT : PART_DST_PORT,
		         "without esp-udp the ports of an SA are not used");
}

void lint_advice(struct lint *l)
{
	if (verb_makes_policy(l->stmt->verb))
		check_policy(l, &l->stmt->policy);
	else if (verb_makes_sa(l->stmt->verb))
		check_sa(l, &l->stmt->sa);
}
