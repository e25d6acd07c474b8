/* SPDX-License-Identifier: ISC */
/* Advice about routing protocols, which send to multicast groups and to single routers. */
#include "lint/loaded.h"
#include "tables/selector_set.h"

enum { MULTICAST_ONLY };

enum { OSPF = 89 };

const struct rule routing_rules[] = {
	[MULTICAST_ONLY] = { "SK331", "multicast-only", SEVERITY_WARNING,
		"OSPF is protected to groups, and not to single routers" },
	{ NULL, NULL, 0, NULL }
};

/* True if the range lies within the multicast addresses, 224.0.0.0/4 or ff00::/8. */
static bool is_group(const struct addr *range)
{
	return addr_is_multicast(range) && range->plen >= (range->family == AF_INET ? 4 : 8);
}

/* named: the policy must name OSPF; else one for any protocol counts too. */
static bool protects_ospf(const struct entry *p, bool named)
{
	const struct policy *policy = &p->stmt->policy;
	const struct selector s = policy_selector(policy);

	return !p->copy && (s.upper == OSPF || (!named && s.upper == UPPER_ANY)) && s.sport_mask == 0 &&
	       s.dport_mask == 0 &&
	       (policy->action == ACTION_DISCARD || (policy->action == ACTION_IPSEC && policy->ntmpl > 0));
}

static bool has_unicast(const struct loaded *l, const struct entry *group)
{
	for (size_t i = 0; i < l->tables.npolicies; i++) {
		const struct entry *p = &l->tables.policy[i];

		if (p->dir == group->dir && protects_ospf(p, false) &&
		    p->stmt->policy.dst.family == group->stmt->policy.dst.family &&
		    !is_group(&p->stmt->policy.dst))
			return true;
	}
	return false;
}

void lint_routing(const struct loaded *l)
{
	bool reported[DIR_FWD + 1][2] = { { false } };

	for (size_t i = 0; i < l->tables.npolicies && !l->tables.unknown; i++) {
		const struct entry *p = &l->tables.policy[i];
		const struct policy *policy = &p->stmt->policy;
		bool ipv6 = policy->dst.family == AF_INET6;

		if (p->dir == DIR_FWD || policy->action != ACTION_IPSEC || !protects_ospf(p, true) ||
		    !is_group(&policy->dst) || reported[p->dir][ipv6])
			continue;
		reported[p->dir][ipv6] = true;
		if (has_unicast(l, p))
			continue;
		loaded_add(l, p, &routing_rules[MULTICAST_ONLY], PART_DST,
		           "OSPF between single routers stays in the clear");
		diag_hint(l->unit->diags, "%s, and an SA to the address of each router",
		          ipv6 ? "add `spdadd fe80::/10 ::/0 ospf ...`" :
		                 "add a policy for the routers' own addresses");
	}
}
