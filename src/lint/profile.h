/* SPDX-License-Identifier: ISC */
/*
 * Profiles: sets of severities, each following the advice of one institution or for one use. Knows the
 * numbers of rules, not what they look for.
 */
#ifndef LINT_PROFILE_H
#define LINT_PROFILE_H

#include "text/diag.h"

struct lint_input;

/* A rule with the severity that it has in a profile. */
struct choice {
	const char *id;
	uint8_t severity; /* enum severity */
};

struct profile {
	const char *name;
	const struct choice *choice; /* ends with a NULL id */
	/*
	 * the only algorithms an SA may have: names, with ":" and the least number of key bits if there is
	 * one; NULL: any
	 */
	const char *const *algs;
};

/* All of them, ending with a NULL name; the first is the default. */
extern const struct profile profiles[];

extern const struct rule profile_rules[];

/* Reports algorithms that the profile does not allow. */
void lint_profile(const struct lint_input *unit, const struct profile *p);

/* Sets the levels of the profile's rules; levels that are set already stay. */
void profile_apply(const struct profile *p, struct levels *levels);

#endif
