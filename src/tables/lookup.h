/* SPDX-License-Identifier: ISC */
/*
 * Finds the policy that applies to a packet, as Linux does. The policies may come from a file or a kernel;
 * this module knows neither, and no lint rule.
 *
 * The kernel's rule (net/xfrm/xfrm_policy.c, xfrm_policy_lookup_bytype): of the policies of the direction
 * that match the packet it uses the one with the lowest priority number; of equal ones the oldest. How narrow
 * a selector is does not count. A policy matches if all of these are true:
 *   - the addresses lie in its two ranges, which are of the packet's family;
 *   - its protocol is the packet's, or any;
 *   - the ports are equal to its own in the bits of its masks. For ICMP the source port is the type and the
 *     destination port the code, for MH the source port is the type, for GRE the two are the halves of the
 *     key; packets of other protocols, and later fragments, have 0 and 0;
 *   - the packet's mark, in the bits of its mask, is its value;
 *   - its interface id is the one of the XFRM interface that the packet passes through; packets that pass
 *     through none have id 0, and a policy without an id does not match packets of such an interface. If no
 *     policy matches, the default of the direction applies.
 *
 * Not considered: the device and the security context of a policy, and per-socket policies, which come first.
 * Policies of type sub are a second SPD, and one of it and one of type main both apply: a struct lookup holds
 * policies of one type.
 */
#ifndef TABLES_LOOKUP_H
#define TABLES_LOOKUP_H

#include "tables/selector_set.h"

/* A packet as policies see it: before protection on output, after it is removed on input. */
struct packet {
	struct addr src, dst;  /* hosts; the ports in them are not used */
	uint16_t sport, dport;
	uint8_t upper;         /* IP protocol number */
	uint32_t mark, if_id;
};

/*
 * Reads SSH_CONNECTION, "CLIENT PORT SERVER PORT": the packets that the client of the session sends. False
 * for anything else, including NULL.
 */
bool packet_read_session(struct packet *in, const char *session);

/* A policy of the SPD. */
struct lookup_policy {
	const struct stmt *stmt; /* borrowed: has the selector, priority, mark and interface id */
	uint32_t age;          /* of policies of equal priority the one with the lower age is older */
	uint8_t dir;           /* enum dir: DIR_FWD for the forward copy of an inbound policy */
};

/* The policies of an SPD, to be looked up. Zero-initialised is empty; the owner frees it. */
struct lookup {
	struct selector_set set; /* its numbers are places in policy, from 1 */
	struct lookup_policy *policy;
	uint32_t *mask;        /* the masks of the policies' marks, each once */
	size_t npolicies, nmasks, cappolicies, capmasks;
};

/* Adds a policy; their order does not matter. Addresses must be known: names are not looked up here. */
void lookup_add(struct lookup *t, const struct lookup_policy *p);

/* The policy that applies to the packet, NULL if none does. Valid until the next lookup_add. */
const struct lookup_policy *lookup_packet(const struct lookup *t, uint8_t dir, const struct packet *packet);

/*
 * The first policy that matches all packets of a selector. An earlier one that matches only some of them is
 * not found.
 */
const struct lookup_policy *lookup_packets(const struct lookup *t, uint8_t dir,
                                           const struct selector *packets, uint32_t mark, uint32_t if_id);

void lookup_free(struct lookup *t);

#endif
