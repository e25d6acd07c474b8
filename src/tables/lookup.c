/* SPDX-License-Identifier: ISC */
/*
 * Finds the policy that applies to a packet, as Linux does; the header describes the rule. Knows no lint
 * rule.
 */
#include "tables/lookup.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool packet_read_session(struct packet *in, const char *session)
{
	char client[64], server[64], sport[8], dport[8];

	*in = (struct packet){ .upper = IPPROTO_TCP };
	if (session == NULL || sscanf(session, "%63s %7s %63s %7s", client, sport, server, dport) != 4)
		return false;
	/* Policies do not know links: fe80::1%eth0 is fe80::1 to them. */
	if (!addr_parse(&in->src, client, strcspn(client, "%")) ||
	    !addr_parse(&in->dst, server, strcspn(server, "%")))
		return false;
	in->sport = (uint16_t)strtoul(sport, NULL, 10);
	in->dport = (uint16_t)strtoul(dport, NULL, 10);
	return true;
}

/* The kind, in the set, of selectors with one direction, mark and interface id. */
static uint64_t match_kind(uint8_t dir, struct mark mark, uint32_t if_id)
{
	uint32_t words[3] = { mark.value, mark.mask, if_id };

	return (mark.value | mark.mask | if_id) == 0 ? dir : hash_mix(dir, words, sizeof(words));
}

static bool comes_before(const struct lookup_policy *a, const struct lookup_policy *b)
{
	uint32_t x = a->stmt->policy.priority, y = b->stmt->policy.priority;

	return x != y ? x < y : a->age < b->age;
}

static void add_mask(struct lookup *t, uint32_t mask)
{
	for (size_t i = 0; i < t->nmasks; i++)
		if (t->mask[i] == mask)
			return;
	t->mask = memory_grow(t->mask, t->nmasks, &t->capmasks, sizeof(*t->mask));
	t->mask[t->nmasks++] = mask;
}

void lookup_add(struct lookup *t, const struct lookup_policy *p)
{
	struct selector sel = policy_selector(&p->stmt->policy);
	struct mark mark = stmt_mark(p->stmt);
	uint64_t kind = match_kind(p->dir, mark, stmt_attrs(p->stmt)->value[ATTR_IF_ID]);
	uint32_t next = (uint32_t)t->npolicies + 1, number = selector_set_add(&t->set, kind, &sel, next);

	/* the set has this selector already: addresses may differ beyond their prefixes */
	if (number != next) {
		if (comes_before(p, &t->policy[number - 1]))
			t->policy[number - 1] = *p;
		return;
	}
	add_mask(t, mark.mask);
	t->policy = memory_grow(t->policy, t->npolicies, &t->cappolicies, sizeof(*t->policy));
	t->policy[t->npolicies++] = *p;
}

const struct lookup_policy *lookup_packets(const struct lookup *t, uint8_t dir,
                                           const struct selector *packets, uint32_t mark, uint32_t if_id)
{
	const struct lookup_policy *first = NULL;
	uint32_t number;

	for (size_t i = 0; i < t->nmasks; i++) {
		uint64_t kind = match_kind(dir, (struct mark){ mark & t->mask[i], t->mask[i] }, if_id);

		for (struct selector_walk w = { 0 };
		     (number = selector_set_next(&t->set, kind, packets, &w)) != 0;)
			if (first == NULL || comes_before(&t->policy[number - 1], first))
				first = &t->policy[number - 1];
	}
	return first;
}

const struct lookup_policy *lookup_packet(const struct lookup *t, uint8_t dir, const struct packet *packet)
{
	struct selector s = { packet->src, packet->dst, UINT16_MAX, UINT16_MAX, packet->upper };

	s.src.port = packet->sport;
	s.dst.port = packet->dport;
	return lookup_packets(t, dir, &s, packet->mark, packet->if_id);
}

void lookup_free(struct lookup *t)
{
	selector_set_free(&t->set);
	free(t->policy);
	free(t->mask);
	*t = (struct lookup){ 0 };
}
