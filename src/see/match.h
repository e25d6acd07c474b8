/* SPDX-License-Identifier: ISC */
/*
 * What happens to a packet: the policies that Linux looks at, the one it takes, and the SA for each of its
 * requests, or why none fits. After net/xfrm/xfrm_policy.c and xfrm_state.c of Linux 6.1 and 6.12:
 *
 * - The policy is the first in the order of view_is_before that is for the packet: tables/lookup.h. One of
 *   type sub and one of type main both apply.
 * - Outbound (xfrm_tmpl_resolve, xfrm_state_find), requests are carried out in their order. The SA for one
 *   has its protocol, mode, reqid and, if it gives one, SPI; its ends, which in transport mode are those of
 *   the packet so far; the interface id of the policy, and a mark that the policy's fits; and no selector
 *   that the packet is not for. Of several, one within its soft limits comes before one beyond them, then
 *   the younger. Those added in one second are ordered by a hash: the latest first, the other way round each
 *   time the hash has grown. SAs from any source come after all others.
 * - From 6.12 on a policy stays with the SA that it has used, while that is there.
 * - A request of level use is left out where it has no SA. Otherwise the packet is dropped, and a key manager
 *   is sent an ACQUIRE if one listens.
 * - Inbound (xfrm_policy_check), the SAs that a packet came by must be those of the requests. A reqid of 0
 *   fits all, in transport mode any source does, and a request of level use is not missed. A packet that came
 *   through a tunnel which no request asks for is dropped.
 * - Five requests are carried out; a sixth makes the kernel drop the packet.
 */
#ifndef SEE_MATCH_H
#define SEE_MATCH_H

#include "see/view.h"
#include "tables/lookup.h"

enum outcome { OUTCOME_CLEAR, OUTCOME_PROTECTED, OUTCOME_DROPPED, OUTCOME_UNKNOWN };

/* "clear", "protected", "dropped", "unknown" */
extern const char *const outcome_words[];

/* Why a policy is not for a packet, or an SA not for a request, the most telling first: bits of a mask. */
enum misfit {
	MISFIT_PROTO, MISFIT_MODE, MISFIT_REQID, MISFIT_SOURCE, MISFIT_SPI, MISFIT_LARVAL, MISFIT_EXPIRED,
	MISFIT_DIRECTION, MISFIT_MARK, MISFIT_IF_ID, MISFIT_FAMILY, MISFIT_SELECTOR, MISFIT_WILDCARD,
	MISFIT_UPPER, MISFIT_PORTS, MISFIT_DEVICE,
	MISFITS
};

/* A word for scripts, and the end of a sentence that begins with what does not fit. */
struct misfit_row {
	const char *word, *sentence;
};

extern const struct misfit_row misfit_rows[MISFITS];

/* The packet, and where it is met. */
struct flow {
	struct packet packet;
	uint8_t dir;           /* DIR_IN, DIR_OUT or DIR_FWD */
	uint32_t device;       /* that it leaves or enters by: the index; 0 not known */
};

/* A policy or an SA that was looked at: its number from 0, and what is wrong. */
struct considered {
	size_t number;
	unsigned misfits;      /* 1 << enum misfit; 0: it fits */
};

enum { OTHERS_MAX = 8, NEAR_MAX = 4 };

/* One request of a policy, and what the kernel uses for it. */
struct step {
	struct tmpl request;
	size_t policy;         /* whose it is: number from 0 */
	struct addr src, dst;  /* of the SA; a source without a family: any */
	size_t sa;             /* number from 1; 0: none fits */
	uint32_t spi;
	/* Outbound, those that may be used as well, as no order is known; inbound, those that fit as well. */
	size_t other[OTHERS_MAX];
	uint32_t other_spi[OTHERS_MAX];
	unsigned nothers;
	struct considered near[NEAR_MAX]; /* where none fits: those that differ least */
	unsigned nnear;
	bool spent;            /* a limit of the SA is reached, or its sequence numbers are: it drops all */
};

struct match {
	struct flow flow;
	struct considered *considered; /* in the kernel's order, up to the one that fits */
	size_t nconsidered, capconsidered;
	size_t policy[2];      /* those that decide, from 1; the second is there beside one of type sub */
	size_t rival;          /* one that may come first and has another outcome, from 1; 0: none */
	bool needs_device;     /* it may come first because the device is not known */
	struct step step[2 * TMPL_MAX];
	unsigned nsteps;
	uint8_t outcome;       /* enum outcome */
	uint8_t plain;         /* in, fwd: what becomes of it if it comes without protection */
	bool wants_sa;         /* a request has none, and a key manager would be asked */
	const char *why;       /* a sentence without full stop, or NULL */
};

/* Finds what happens to a packet. The caller calls match_free. */
void match_find(struct match *m, const struct view *v, const struct flow *flow);
void match_free(struct match *m);

/* How a packet differs from a selector in protocol and ports: enum misfit bits. */
unsigned selector_misfits(const struct selector *sel, const struct packet *packet);

/* Appends the answer, for people or programs; then: what happens next to a forwarded packet, or NULL. */
void match_print_text(const struct match *m, const struct match *then, const struct view *v, struct buf *out);
void match_print_json(const struct match *m, const struct match *then, const struct view *v, struct buf *out);

/* The rest is for see/ only. */

/* choose_sa.c: the SA of an outbound request, and the SAs that fit an inbound one. */
void choose_sa(struct match *m, const struct view *v, struct step *step);
void find_inbound_sas(struct match *m, const struct view *v, struct step *step);

#endif
