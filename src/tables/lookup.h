/* SPDX-License-Identifier: ISC */
/*
 * Which policy a packet meets, as Linux looks for it. The policies may be those of a file or of a kernel: it
 * knows neither, and no lint rule.
 *
 * The kernel's rule (net/xfrm/xfrm_policy.c, xfrm_policy_lookup_bytype): of the policies of the direction
 * that match the packet it takes the one with the lowest priority number; of equal ones the older. How
 * narrow a selector is does not count. A policy matches if all of this is so:
 *   - the addresses lie in its two ranges, which are of the packet's family;
 *   - its protocol is the packet's, or any;
 *   - the ports are equal to its own in the bits of its masks. For ICMP the source port is the type and the
 *     destination port the code, for MH the source port is the type, for GRE the two are the halves of the
 *     key; packets of other protocols, and later fragments, have 0 and 0;
 *   - the packet's mark, in the bits of its mask, is its value;
 *   - its interface id is the one of the XFRM interface that the packet passes; packets that pass none have
 *     id 0, and a policy without an id does not match packets of such an interface.
 * Without a policy the default of the direction applies.
 *
 * Not looked at: the device and the security context of a policy, and policies of sockets, which come first.
 * Policies of type sub are a second SPD, and one of it and one of type main both apply: a struct lookup holds
 * those of one type.
 */
#ifndef TABLES_LOOKUP_H
#define TABLES_LOOKUP_H

#include "tables/selector_set.h"

/* One packet, as a policy sees it: before it is protected, or after that is undone. */
struct packet {
	struct addr src, dst;  /* hosts; their ports do not count */
	uint16_t sport, dport;
	uint8_t upper;         /* IP protocol number */
	uint32_t mark, if_id;
};

/*
 * The packets that the client of an SSH session sends, from what sshd says of it in SSH_CONNECTION: "CLIENT
 * PORT SERVER PORT". False for anything else, NULL too.
 */
bool packet_read_session(struct packet *in, const char *session);

/* A policy of the SPD. */
struct lookup_policy {
	const struct stmt *stmt; /* borrowed: selector, priority, mark and interface id are read there */
	uint32_t age;          /* of equal priority the lower one is the older policy */
	uint8_t dir;           /* enum dir: DIR_FWD for the forward copy of an inbound policy */
};

/* The policies of an SPD, to be looked up. Zero-initialised is empty; the owner frees it. */
struct lookup {
	struct selector_set set; /* numbers are places in policy, from 1 */
	struct lookup_policy *policy;
	uint32_t *mask;        /* those of the marks of the policies, each once */
	size_t npolicies, nmasks, cappolicies, capmasks;
};

/* Adds a policy; their order does not matter. Addresses must be known: names are not looked up here. */
void lookup_add(struct lookup *t, const struct lookup_policy *p);

/* The policy that the packet meets, NULL if there is none. Valid until the next lookup_add. */
const struct lookup_policy *lookup_packet(const struct lookup *t, uint8_t dir, const struct packet *packet);

/*
 * The same for all packets of a selector: the first policy that matches every one of them. One before it that
 * matches only some is not found.
 */
const struct lookup_policy *lookup_packets(const struct lookup *t, uint8_t dir,
                                           const struct selector *packets, uint32_t mark, uint32_t if_id);

void lookup_free(struct lookup *t);

#endif
