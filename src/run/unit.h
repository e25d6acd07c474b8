/* SPDX-License-Identifier: ISC */
/* The steps from files to what is sent: read, parse, lint, check. Each command calls those it needs. */
#ifndef RUN_UNIT_H
#define RUN_UNIT_H

#include "base/hash.h"
#include "config/expand.h"
#include "lint/profile.h"
#include "run/settings.h"

/* Kinds of findings that the steps have of their own: rows of unit_rules. */
enum unit_rule { UNIT_WRITABLE, UNIT_NO_STATE };

/* Files read, parsed, resolved and judged as one unit. Zero-initialised is empty. */
struct unit {
	struct sources sources; /* and those that they name */
	size_t nparsed;
	struct conf conf;
	struct diags diags;
	/* by the address of a statement: the one, from 1, that is or has the forward copy in its way */
	struct hash_table met;
	const struct source *kernel; /* what unit_kernel has read, or NULL */
	/* unit_kernel has met a policy that asks for SAs, be it one that no statement makes */
	bool kernel_protects;
};

/* Reads one file ("-" is standard input), or text; returns 0 or STATUS_SYSTEM after complaining. */
int unit_read(struct unit *in, const char *name);
void unit_text(struct unit *in, const char *name, const char *text, size_t n, uint32_t line, uint32_t col);

/*
 * Statements where the name of a file is expected, setkey -c 'flush;': they may have keys in them, and so are
 * not shown.
 */
bool unit_is_statements(const char *name);

/*
 * Reads all operands, even behind one that fails, or standard input where there are none. Returns as
 * unit_read.
 */
int unit_read_all(struct unit *in, int argc, char **argv);

/*
 * Reads both tables of the kernel as statements behind "exact;", in a source of the name kernel; returns as
 * unit_read.
 */
int unit_kernel(struct unit *in, const struct settings *s);

/* Finds fault with each file that others than its owner may write. */
void unit_judge_writers(struct unit *in);

/* Parses what has been read since the last time; exact; holds to the end of its source. */
void unit_parse(struct unit *in, const struct settings *s);

/*
 * Lints what has been resolved and completed, as a unit to load: by the rules that every load follows, and
 * for statements that are in the way of others. unsent: nothing is sent, so that no kernel will refuse those.
 * Marks forward policies as spare that are equal to the forward copy of an inbound one.
 */
void unit_lint_load(struct unit *in, const struct settings *s, bool unsent);

/* Resolves, completes, checks and judges what has been parsed, by every rule; the findings are sorted. */
void unit_lint(struct unit *in, const struct settings *s, const struct profile *profile);

/*
 * The statement whose forward policy is in the way of this one's: that one's or this one's is a copy. NULL:
 * there is none.
 */
const struct stmt *unit_met(const struct unit *in, const struct stmt *s);

/* The interface that the settings ask for; where they leave the choice, XFRM, which is tried first. */
const struct wire *unit_wire(const struct settings *s);

/*
 * Looks at every concrete statement of in as the interface would, without a kernel: what it cannot say, or no
 * kernel takes, becomes a finding. Left out are statements that could not be read or have names that are not
 * resolved, and those that have an error already.
 */
void unit_check(struct unit *in, const struct concretes *list, const struct wire *wire);

/* Overwrites and frees everything, keys included. */
void unit_free(struct unit *in);

#endif
