/* SPDX-License-Identifier: ISC */
/* Severities by taste: whose advice is followed. Knows the numbers of rules, not what they look for. */
#ifndef LINT_PROFILE_H
#define LINT_PROFILE_H

#include "text/diag.h"

struct lint_input;

/* One rule that a profile takes otherwise than the rule itself does. */
struct choice {
	const char *id;
	uint8_t severity; /* enum severity */
};

struct profile {
	const char *name;
	const struct choice *choice; /* ends with a NULL id */
	/* all that an SA may have: names, after a ":" the least bits of key; NULL: any */
	const char *const *algs;
};

/* All of them, ending with a NULL name; the first is the default. */
extern const struct profile profiles[];

extern const struct rule profile_rules[];

/* Finds fault with algorithms that the profile has no word for. */
void lint_profile(const struct lint_input *unit, const struct profile *p);

/* Sets the levels of what the profile chooses, except where there is one already. */
void profile_apply(const struct profile *p, struct levels *levels);

#endif
