/* SPDX-License-Identifier: ISC */
/* Which networks are protected from each other: each pair that policies name, and what becomes of it. */
#ifndef SEE_COVERAGE_H
#define SEE_COVERAGE_H

#include "see/match.h"

/* One kind of packets between two networks. */
struct covered {
	uint8_t dir;           /* DIR_IN or DIR_OUT */
	struct addr src, dst;  /* the networks */
	struct selector packets; /* which of them: protocol and ports */
	uint8_t outcome;       /* enum outcome */
	size_t policy;         /* that decides: number from 1; 0: none */
};

/* Zero-initialised; the owner calls coverage_free. */
struct coverage {
	const struct view *view; /* borrowed */
	struct covered *row;
	size_t n, cap;
	bool cut;              /* there are too many networks to show all pairs */
};

/* Fills c for all pairs of networks in the policies of the view. */
void coverage_find(struct coverage *c, const struct view *v);
void coverage_print_table(const struct coverage *c, struct buf *out);
void coverage_print_dot(const struct coverage *c, struct buf *out);
void coverage_print_json(const struct coverage *c, struct buf *out);
void coverage_free(struct coverage *c);

#endif
