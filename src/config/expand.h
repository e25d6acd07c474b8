/* SPDX-License-Identifier: ISC */
/* Statements to what a kernel is sent: every pair of addresses, the forward copies of inbound policies. */
#ifndef CONFIG_EXPAND_H
#define CONFIG_EXPAND_H

#include "model/model.h"

/* One request to a kernel, and the statement of the file that it comes from: itself, where both are equal. */
struct concrete {
	const struct stmt *stmt, *origin;
};

/*
 * All concrete statements of a conf, in the order in which they are sent; what comes from one statement is
 * together. It borrows the statements, sources and parts of the conf. Zero-initialised is empty; the owner
 * frees it with concretes_free.
 */
struct concretes {
	struct concrete *one;
	size_t n, cap;
	struct arena arena, policies; /* the statements that are not in the conf; no key is in the second */
};

/*
 * Appends the concrete statements, without exit; and what is spare. with_copies is false for kernel
 * semantics (-k): no forward copies.
 */
void expand_conf(struct concretes *to, const struct conf *conf, bool with_copies);

/* Overwrites and frees everything, keys included. */
void concretes_free(struct concretes *c);

/*
 * Sets .inner_family of the tunnel SAs whose policies carry another family than the
 * tunnel itself, and SA_F_AF_UNSPEC where they carry both: the kernel assumes the outer family otherwise.
 * each_file: as if each file were loaded by a command of its own, which sees the policies of no other.
 */
void complete_inner_families(struct conf *conf, bool each_file);

#endif
