/* SPDX-License-Identifier: ISC */
/* The parts of setkey lint: what is chosen, what is known already, what is mended. */
#ifndef CMD_LINT_H
#define CMD_LINT_H

#include "cmd/cmd.h"
#include "lint/profile.h"
#include "run/unit.h"
#include "text/report.h"

/* What lint does with edits: nothing, print the difference, change the files. */
enum fix { FIX_NOTHING, FIX_DIFF, FIX_INPLACE };

/* What the options of lint say. */
struct lint_choices {
	const struct report *report; /* the form of the findings */
	enum severity fail_on; /* from which on findings make the status 1; SEVERITY_OFF: never */
	struct levels levels; /* severities the user chose */
	const struct profile *profile; /* what the others have */
	enum fix fix;
	const char *baseline; /* a report whose findings are known */
	bool list_rules, no_config;
	bool kernel;        /* what the running kernel holds too */
};

/* The table of lint's options sets it. */
extern struct lint_choices lint_choices;

/*
 * Adds to the choices, which are the command line's, what the file .setkey-lint in the folder that the first
 * operand is in, or is, or above it says, and SETKEY_LINT_OPTS. Returns STATUS_OK or STATUS_USAGE after
 * complaining.
 */
int lint_choose(const struct settings *s, const char *first);

/* As unit_read_all; of a directory all *.conf in it, in the order of their names. */
int lint_read(struct unit *in, int argc, char **argv);

/* A report, as json, that was written earlier: the fingerprints in it. Zero-initialised is empty. */
struct baseline {
	uint64_t *print;
	size_t n, cap;
};

/* Returns STATUS_OK or STATUS_SYSTEM after complaining. */
int baseline_read(struct baseline *b, const char *name);

/* Takes back the findings, which are sorted, that the baseline holds; errors of what no kernel takes stay. */
void baseline_filter(const struct baseline *b, struct diags *d);

void baseline_free(struct baseline *b);

/*
 * Prints the difference that the edits make or, in place, makes it and takes back the findings that are
 * mended. Returns STATUS_OK or STATUS_SYSTEM after complaining.
 */
int lint_fix(const struct settings *s, enum fix fix, struct unit *in);

#endif
