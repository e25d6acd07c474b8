/* SPDX-License-Identifier: ISC */
/* All rules, by number and by name. The tables are in the files that report by them. */
#include "run/rules.h"

#include "config/parse.h"
#include "config/resolve.h"
#include "kernel/kernel.h"
#include "lint/lint.h"
#include "lint/profile.h"
#include "run/kernel_error.h"

#include <string.h>
#include <strings.h>

static const struct rule *const families[] = {
	parse_rules, resolve_rules, sa_rules, policy_rules, scale_rules, style_rules, crypto_rules, key_rules,
	loaded_rules, policy_sa_rules, policy_policy_rules, opposite_rules, loading_rules, lockout_rules,
	routing_rules, permissions_rules,
	profile_rules, suppress_rules, kernel_rules, unit_rules, set_rules, guard_rules, hosts_rules, mirror_rules, peercheck_rules,
};

/* The first families are part of every check: their errors are statements that no kernel accepts. */
enum { PARSE_RULES = 4, FAMILIES = sizeof(families) / sizeof(families[0]) };

/* True if the word is the rule's id, its name, or the digits of its id. */
static bool rule_is_named(const struct rule *r, const char *word, size_t n)
{
	const char *digits = r->id + strlen("SK");

	return (strncasecmp(r->id, word, n) == 0 && r->id[n] == '\0') ||
	       (strncasecmp(r->name, word, n) == 0 && r->name[n] == '\0') ||
	       (n == strlen(digits) && memcmp(digits, word, n) == 0);
}

static bool is_in(const struct rule *family, const struct rule *r)
{
	while (family->id != NULL && family != r)
		family++;
	return family == r;
}

const struct rule *rule_next(const struct rule *r)
{
	size_t i = 0;

	if (r == NULL)
		return families[0];
	if (r[1].id != NULL)
		return r + 1;
	/* After the last row of a family comes the first one of the next. */
	while (i < FAMILIES && !is_in(families[i], r))
		i++;
	return i + 1 < FAMILIES ? families[i + 1] : NULL;
}

bool rule_is_fixed(const struct rule *r)
{
	for (size_t i = 0; i < PARSE_RULES; i++)
		if (is_in(families[i], r))
			return r->severity == SEVERITY_ERROR;
	return false;
}

const struct rule *rule_find(const char *word, size_t n)
{
	for (const struct rule *r = rule_next(NULL); r != NULL; r = rule_next(r))
		if (n > 0 && rule_is_named(r, word, n))
			return r;
	return NULL;
}
