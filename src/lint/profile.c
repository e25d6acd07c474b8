/* SPDX-License-Identifier: ISC */
/*
 * Profiles: sets of severities, each following the advice of one institution or for one use. Knows the
 * numbers of rules, not what they look for.
 */
#include "lint/profile.h"

#include "lint/lint.h"

#include <stdlib.h>
#include <string.h>

enum { PROFILE };

const struct rule profile_rules[] = {
	[PROFILE] = { "SK116", "profile", SEVERITY_ERROR,
		"an algorithm that the chosen profile does not have" },
	{ NULL, NULL, 0, NULL }
};

enum { OFF = SEVERITY_OFF, INFO = SEVERITY_INFO, WARNING = SEVERITY_WARNING, ERROR = SEVERITY_ERROR };

static const struct choice by_default[] = { { NULL, 0 } };

/* Matters of taste are reported too, and weaknesses are errors. */
static const struct choice strict[] = {
	{ "SK103", WARNING }, { "SK105", ERROR }, { "SK108", WARNING }, { "SK109", ERROR }, { "SK111", ERROR },
	{ "SK112", WARNING }, { "SK113", WARNING }, { "SK115", WARNING }, { "SK202", ERROR }, { "SK203", ERROR },
	{ "SK206", ERROR }, { "SK211", ERROR }, { "SK306", WARNING }, { "SK312", ERROR }, { "SK406", ERROR },
	{ "SK410", WARNING }, { "SK411", WARNING }, { NULL, 0 }
};

/* RFC 8221: section 3 on manual keys, 5 on ciphers, 6 on integrity. */
static const struct choice rfc8221[] = {
	{ "SK105", WARNING }, { "SK108", INFO }, { "SK110", ERROR }, { "SK111", WARNING }, { "SK115", INFO }, { NULL, 0 }
};

/*
 * SP 800-77r1, SP 800-131A r2: no triple DES, SHA-1 only for a transition. The list nist_algs excludes what
 * is not approved.
 */
static const struct choice nist[] = {
	{ "SK105", ERROR }, { "SK108", WARNING }, { "SK115", OFF }, { NULL, 0 }
};

/* RFC 9206: section 5 allows AES-256-GCM only, section 11 forbids AH. */
static const struct choice cnsa[] = {
	{ "SK103", ERROR }, { "SK105", ERROR }, { "SK108", ERROR }, { "SK112", ERROR }, { "SK115", OFF },
	{ NULL, 0 }
};

/* BSI TR-02102-3, whose edition 2020-01 announced the end of HMAC-SHA-1. */
static const struct choice bsi[] = {
	{ "SK105", ERROR }, { "SK108", WARNING }, { "SK115", OFF }, { NULL, 0 }
};

/* For OSPFv3 and RIPng: one SA for a whole link, to multicast groups, with integrity alone. */
static const struct choice routing[] = {
	{ "SK103", OFF }, { "SK108", OFF }, { "SK112", OFF }, { "SK206", OFF }, { "SK303", OFF }, { "SK304", OFF }, { NULL, 0 }
};

/* For examples: no findings about weak algorithms and keys, only about what the file does. */
static const struct choice lab[] = {
	{ "SK101", OFF }, { "SK102", OFF }, { "SK103", OFF }, { "SK104", OFF }, { "SK105", OFF }, { "SK106", OFF },
	{ "SK108", OFF }, { "SK109", OFF }, { "SK110", OFF }, { "SK111", OFF }, { "SK112", OFF }, { "SK113", OFF },
	{ "SK115", OFF }, { "SK201", OFF }, { "SK202", OFF }, { "SK203", OFF }, { "SK206", OFF }, { "SK207", OFF },
	{ "SK208", OFF }, { "SK209", OFF }, { "SK211", OFF }, { "SK501", OFF }, { NULL, 0 }
};

/* The key bits include the salt: 288 bits are AES-256. */
static const char *const cnsa_algs[] = { "aes-gcm-16:288", NULL };

static const char *const nist_algs[] = { "aes-cbc", "aes-ctr", "aes-gcm-16", "aes-gcm-12", "aes-gcm-8", "aes-ccm-16", "aes-ccm-12",
	"aes-ccm-8", "aes-gmac", "aes-cmac", "hmac-sha1", "hmac-sha256", "hmac-sha384", "hmac-sha512", "null", "deflate", NULL };

static const char *const bsi_algs[] = { "aes-cbc", "aes-ctr", "aes-gcm-16", "aes-gcm-12", "aes-ccm-16", "aes-ccm-12", "hmac-sha1",
	"hmac-sha256", "hmac-sha384", "hmac-sha512", "aes-cmac", "null", "deflate", NULL };

const struct profile profiles[] = {
	{ "default", by_default, NULL },
	{ "strict", strict, NULL },
	{ "rfc8221", rfc8221, NULL },
	{ "nist", nist, nist_algs },
	{ "cnsa", cnsa, cnsa_algs },
	{ "bsi", bsi, bsi_algs },
	{ "routing", routing, NULL },
	{ "lab", lab, NULL },
	{ NULL, NULL, NULL }
};

void profile_apply(const struct profile *p, struct levels *levels)
{
	for (const struct choice *c = p->choice; c->id != NULL; c++) {
		uint8_t *level = &levels->of[strtoul(c->id + 2, NULL, 10) % RULE_MAX];

		if (*level == 0)
			*level = (uint8_t)(c->severity + 1);
	}
}

static bool is_listed(const char *const *algs, const struct alg *alg, unsigned bits)
{
	size_t n = strlen(alg->name);

	for (; *algs != NULL; algs++)
		if (strncmp(*algs, alg->name, n) == 0 &&
		    ((*algs)[n] == '\0' || ((*algs)[n] == ':' && bits >= strtoul(*algs + n + 1, NULL, 10))))
			return true;
	return false;
}

static void check_alg(struct lint *l, const struct profile *p, const struct alg *alg, unsigned bits,
                      enum part part)
{
	if (alg != NULL && !is_listed(p->algs, alg, bits))
		lint_add(l, &profile_rules[PROFILE], part, "profile %s does not allow %s%s", p->name,
		         alg->name,
		         is_listed(p->algs, alg, UINT16_MAX) ? " with a key this short" : "");
}

void lint_profile(const struct lint_input *u, const struct profile *p)
{
	for (size_t i = 0; p->algs != NULL && i < u->conf->n; i++) {
		struct lint l = { u->conf->stmt[i], u->diags };
		const struct sa *sa = &l.stmt->sa;

		if (l.stmt->has_error || !verb_makes_sa(l.stmt->verb))
			continue;
		check_alg(&l, p, sa->enc, sa->encbits, PART_ENC);
		check_alg(&l, p, sa->auth, sa->authbits, PART_AUTH);
		check_alg(&l, p, sa->comp, 0, PART_COMP);
	}
}
