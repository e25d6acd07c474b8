/* SPDX-License-Identifier: ISC */
/*
 * The SAD and the SPD for match, doctor and stat to read, whether a kernel has them or files would make them.
 * Changes nothing.
 */
#ifndef SEE_VIEW_H
#define SEE_VIEW_H

#include "config/expand.h"
#include "kernel/facts.h"
#include "kernel/snapshot.h"
#include "tables/selector_set.h"

/* Zero-initialised is empty; the owner calls view_free. */
struct view {
	struct snapshot tables;  /* the SAs, then the policies; of each the oldest first */
	const struct stmt **origin; /* of files: the statement that makes each object; NULL: of a kernel */
	struct facts facts;      /* of the kernel, or for files those of a kernel that has just started */
	unsigned release;        /* the kernel whose rules apply: 6.10 is 610; 0: the latest */
	uint64_t now;            /* seconds since the epoch */
	size_t first_inexact[3]; /* by direction from DIR_IN: the first policy for a range, from 1; 0 none */
	struct view_index *index;
};

/* Reads the kernel. Returns as snapshot_read. */
int view_read_kernel(struct view *v, struct kernel *k);

/* What the statements would leave in empty tables; the list must outlive the view. */
void view_read_files(struct view *v, const struct concretes *list);

void view_free(struct view *v);

/* True if the tables are those of a kernel. */
bool view_is_kernel(const struct view *v);

/* Decodes object number i, from 0; the state of an SA's life is that of now. */
void view_decode(const struct view *v, size_t i, struct event *ev);

/*
 * Appends a name for the object: the file and line of its statement or, in a kernel, the SA's protocol and
 * SPI, or the policy's index.
 */
void view_name(const struct view *v, size_t i, struct buf *out);

/* The same for a line of text: control characters, which a file's name may have, are escaped. */
void view_show_name(const struct view *v, size_t i, struct buf *out);

/* Appends the object as a statement on one line, with no key in it. */
void view_statement(const struct view *v, size_t i, struct buf *out);

/* What decides whether a policy is for a packet. */
struct conditions {
	struct selector sel;
	struct mark mark;
	uint32_t if_id, device; /* device: 0 if any */
};

/* Those of policy number i, from 0. */
const struct conditions *view_conditions(const struct view *v, size_t i);

/* The state of a search; zero-initialise it to begin. */
struct policy_walk {
	struct selector_walk ranges;
	uint32_t number;
};

/*
 * The number, from 1, of the next policy of the direction and type whose ranges contain both addresses, with
 * their prefix lengths; 0: no more. They come in no particular order.
 */
size_t view_next_policy(const struct view *v, uint8_t dir, bool sub, const struct addr *src,
                        const struct addr *dst, struct policy_walk *walk);

/* By what SAs are found: destination, protocol and reqid; destination; source. */
enum sa_key { SA_BY_REQUEST, SA_BY_DST, SA_BY_SRC, SA_KEYS };

/*
 * The number, from 1, of the latest SA with this key, and of the one with the same key before SA number; 0:
 * none. Protocol and reqid count for SA_BY_REQUEST only.
 */
size_t view_latest_sa(const struct view *v, enum sa_key key, const struct addr *a, uint8_t proto,
                      uint32_t reqid);
size_t view_sa_before(const struct view *v, enum sa_key key, size_t number);

/* Of two policies, by number, true if the kernel tries a first. Both are of one direction and type. */
bool view_is_before(const struct view *v, size_t a, size_t b);

/*
 * True if it is not known which of two policies of one priority the kernel tries first, although a is before
 * b by view_is_before: one was replaced after it was made, or it depends on policies that were deleted.
 */
bool view_is_unordered(const struct view *v, size_t a, size_t b);

/* For view.c only. */
struct view_index *view_index_new(void);
void view_index_free(struct view_index *x);

#endif
