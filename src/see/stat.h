/* SPDX-License-Identifier: ISC */
/* What SAs have carried, how fast, and when they end, from two readings of the kernel. */
#ifndef SEE_STAT_H
#define SEE_STAT_H

#include "see/view.h"

/* One SA or policy. Rates are those between the two readings; 0 of the first reading. */
struct stat_row {
	size_t number;         /* in the view */
	uint64_t bytes, packets;
	double byte_rate, packet_rate; /* a second */
	uint64_t late, replayed, forged;
	uint64_t sequence;     /* the last number that was sent or received; 0: none, or not told */
	/* seconds to the nearest hard limit and to the end of the sequence numbers; UINT64_MAX: never */
	uint64_t to_limit, to_sequence_end;
};

/* Zero-initialised is empty; the owner calls stat_free. */
struct stat_table {
	const struct view *view; /* borrowed */
	struct stat_row *row;    /* the SAs, then the policies */
	size_t n, nsas;
};

/* Fills t from v. The rates are those since the reading before, secs earlier; NULL: there is none. */
void stat_find(struct stat_table *t, const struct view *v, const struct view *before, double secs);

/* The busiest first, SAs and policies each. */
void stat_sort(struct stat_table *t);
void stat_free(struct stat_table *t);

struct stat_choices {
	bool sa, policy;       /* which are shown */
	bool color;
	unsigned lines;        /* at most so many of each; 0: all */
	unsigned columns;      /* of the terminal: what is longer is cut; 0: none */
};

void stat_print_table(const struct stat_table *t, const struct stat_choices *c, struct buf *out);
void stat_print_json(const struct stat_table *t, const struct stat_choices *c, struct buf *out);

/* In the text format of Prometheus, with the counters of what the kernel dropped. */
void stat_print_prometheus(const struct stat_table *t, const struct stat_choices *c, struct buf *out);

#endif
