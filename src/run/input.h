/* SPDX-License-Identifier: ISC */
/* The steps from files to what is sent: read, parse, lint, check. Each command calls those it needs. */
#ifndef RUN_INPUT_H
#define RUN_INPUT_H

#include "base/hash.h"
#include "config/expand.h"
#include "lint/profile.h"
#include "run/settings.h"

/* Kinds of findings that the steps have of their own: rows of input_rules. */
enum input_rule { INPUT_WRITABLE, INPUT_NO_STATE };

/* Files read, parsed, resolved and judged as one unit. Zero-initialised is empty. */
struct input {
	struct sources sources; /* and those that they name */
	size_t nparsed;
	struct conf conf;
	struct diags diags;
	/* by the address of a statement: the one, from 1, that is or has the forward copy in its way */
	struct hash_table met;
	const struct source *kernel; /* what input_kernel has read, or NULL */
	/* input_kernel has met a policy that asks for SAs, be it one that no statement makes */
	bool kernel_protects;
};

/* Reads one file ("-" is standard input), or text; returns 0 or STATUS_WORLD after complaining. */
int input_read(struct input *in, const char *name);
void input_text(struct input *in, const char *name, const char *text, size_t n, uint32_t line, uint32_t col);

/*
 * Statements where the name of a file is expected, setkey -c 'flush;': they may have keys in them, and so are
 * not shown.
 */
bool input_is_statements(const char *name);

/*
 * Reads all operands, even behind one that fails, or standard input where there are none. Returns as
 * input_read.
 */
int input_read_all(struct input *in, int argc, char **argv);

/*
 * Reads both tables of the kernel as statements behind "exact;", in a source of the name kernel; returns as
 * input_read.
 */
int input_kernel(struct input *in, const struct settings *s);

/* Finds fault with each file that others than its owner may write. */
void input_judge_writers(struct input *in);

/* Parses what has been read since the last time; exact; holds to the end of its source. */
void input_parse(struct input *in, const struct settings *s);

/*
 * Lints what has been resolved and completed, as a unit to load: by the rules that every load follows, and
 * for statements that are in the way of others. unsent: nothing is sent, so that no kernel will refuse those.
 * Marks forward policies as spare that are equal to the forward copy of an inbound one.
 */
void input_lint_load(struct input *in, const struct settings *s, bool unsent);

/* Resolves, completes, checks and judges what has been parsed, by every rule; the findings are sorted. */
void input_lint(struct input *in, const struct settings *s, const struct profile *profile);

/*
 * The statement whose forward policy is in the way of this one's: that one's or this one's is a copy. NULL:
 * there is none.
 */
const struct stmt *input_met(const struct input *in, const struct stmt *s);

/* The interface that the settings ask for; where they leave the choice, XFRM, which is tried first. */
const struct wire *input_wire(const struct settings *s);

/*
 * Looks at every concrete statement of in as the interface would, without a kernel: what it cannot say, or no
 * kernel takes, becomes a finding. Left out are statements that could not be read or have names that are not
 * resolved, and those that have an error already.
 */
void input_check(struct input *in, const struct concretes *list, const struct wire *wire);

/* Overwrites and frees everything, keys included. */
void input_free(struct input *in);

#endif
