/* SPDX-License-Identifier: ISC */
/*
 * The steps from files to concrete statements: read, parse, lint, check. Each command calls those it needs.
 */
#ifndef RUN_UNIT_H
#define RUN_UNIT_H

#include "base/hash.h"
#include "config/expand.h"
#include "lint/profile.h"
#include "run/settings.h"

/* Rules of these steps: rows of unit_rules. */
enum unit_rule { UNIT_WRITABLE, UNIT_NO_STATE };

/* Files that are read, parsed, resolved and checked as one unit. Zero-initialised: empty. */
struct unit {
	struct sources sources; /* and the files that they include */
	size_t nparsed;
	struct conf conf;
	struct diags diags;
	/* by the address of a statement: the number, from 1, of the one that its policy collides with */
	struct hash_table clashes;
	const struct source *kernel; /* the source that unit_kernel has made, or NULL */
	/* the kernel has a policy that asks for SAs, even if it cannot be written as a statement */
	bool kernel_protects;
};

/*
 * Reads one file ("-" is standard input), or takes a text; returns STATUS_OK, or STATUS_SYSTEM after
 * complaining.
 */
int unit_read(struct unit *in, const char *name);
void unit_text(struct unit *in, const char *name, const char *text, size_t n, uint32_t line, uint32_t col);

/*
 * True for statements in place of a file name, as in setkey -c 'flush;'. They may contain keys and must not
 * be printed.
 */
bool unit_is_statements(const char *name);

/*
 * Reads all operands, even after one that fails, or standard input if there are none. Returns as unit_read.
 */
int unit_read_all(struct unit *in, int argc, char **argv);

/*
 * Reads both tables of the kernel as statements after exact;, in a source named kernel. Returns as unit_read.
 */
int unit_kernel(struct unit *in, const struct settings *s);

/* Reports each file that others than its owner may write. */
void unit_judge_writers(struct unit *in);

/* Parses the sources that were read since the last call. exact; applies to the end of its source. */
void unit_parse(struct unit *in, const struct settings *s);

/*
 * Checks resolved and completed statements that are to be loaded, by the rules that every load follows, and
 * reports statements that collide with others. unsent: nothing will be sent, so that the kernel will not
 * report collisions. Marks forward policies as spare that are equal to the forward copy of an inbound one.
 */
void unit_lint_load(struct unit *in, const struct settings *s, bool unsent);

/* Resolves, completes and checks what has been parsed, by all rules; sorts the findings. */
void unit_lint(struct unit *in, const struct settings *s, const struct profile *profile);

/* The statement that s collides with, where one of the two is a forward copy; NULL: none. */
const struct stmt *unit_find_clash(const struct unit *in, const struct stmt *s);

/* The interface of the settings; if they do not say, XFRM, which is tried first. */
const struct wire *unit_wire(const struct settings *s);

/*
 * Checks every concrete statement as the interface would, without a kernel: what the interface cannot
 * express, or no kernel accepts, becomes a finding. Left out are statements that have an error already, and
 * those with names that are not resolved.
 */
void unit_check(struct unit *in, const struct concretes *list, const struct wire *wire);

/* Overwrites and frees everything, keys included. */
void unit_free(struct unit *in);

#endif
