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

/* Zero-initialised is empty; the owner calls view_free. */
struct view {
	struct snapshot tables;  /* the SAs, then the policies; of each the oldest first */
	const struct stmt **origin; /* of files: the statement that makes each object; NULL: of a kernel */
	struct facts facts;      /* of the kernel, or for files those of a kernel that has just started */
	unsigned release;        /* the kernel whose rules apply: 6.10 is 610; 0: the latest */
	uint64_t now;            /* seconds since the epoch */
	size_t first_inexact[3]; /* by direction from DIR_IN: the first policy for a range, from 1; 0 none */
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

/* Of two policies, by number, true if the kernel tries a first. Both are of one direction and type. */
bool view_is_before(const struct view *v, size_t a, size_t b);

/*
 * True if it is not known which of two policies of one priority the kernel tries first, although a is before
 * b by view_is_before: one was replaced after it was made, or it depends on policies that were deleted.
 */
bool view_is_unordered(const struct view *v, size_t a, size_t b);

#endif
