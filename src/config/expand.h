/* SPDX-License-Identifier: ISC */
/*
 * Expands statements to concrete requests: one SA for each pair of addresses, and the forward copies of
 * inbound policies.
 */
#ifndef CONFIG_EXPAND_H
#define CONFIG_EXPAND_H

#include "model/model.h"

/*
 * One request to the kernel, and the statement of the file that it was made from (both are equal if nothing
 * had to be expanded).
 */
struct concrete {
	const struct stmt *stmt, *origin;
};

/*
 * All concrete statements of a conf, in the order in which they are sent; those made from one statement are
 * adjacent. Borrows statements, sources and parts from the conf, which must live longer. All zero is empty.
 * The owner frees it with concretes_free.
 */
struct concretes {
	struct concrete *one;
	size_t n, cap;
	struct arena arena, policies; /* own the statements that are not in the conf; policies holds no key */
};

/*
 * Appends the concrete statements of the conf, without "exit" and without statements marked as spare. Forward
 * copies are made only if with_copies is true; it is false for kernel semantics (-k).
 */
void expand_conf(struct concretes *to, const struct conf *conf, bool with_copies);

/* Overwrites keys and frees everything. */
void concretes_free(struct concretes *c);

/*
 * Sets .inner_family of each tunnel SA whose policies carry another family than that of its end points, and
 * SA_F_AF_UNSPEC if they carry both families. Without either the kernel assumes the outer family. each_file:
 * policies of one file do not apply to SAs of another, as if each file were loaded by its own command.
 */
void complete_inner_families(struct conf *conf, bool each_file);

#endif
