/* SPDX-License-Identifier: ISC */
/*
 * Advice about algorithms: whether they protect enough, according to the RFCs. Looks at one SA or policy,
 * never at keys.
 */
#include "lint/lint.h"

#include "tables/selector_set.h"

enum { NO_INTEGRITY, UNPROTECTED, INTEGRITY_ONLY, BROKEN_CIPHER, TRIPLE_DES, BROKEN_HASH, SHA1, SHORT_ICV, COUNTER_MODE,
	ESP_AND_AH, AH, COMPRESSION, OPTIONAL };

const struct rule crypto_rules[] = {
	[NO_INTEGRITY] = { "SK101", "no-integrity", SEVERITY_ERROR, "encryption without integrity" },
	[UNPROTECTED] = { "SK102", "unprotected", SEVERITY_ERROR, "neither encryption nor integrity" },
	[INTEGRITY_ONLY] = { "SK103", "integrity-only", SEVERITY_INFO,
		"packets are authenticated, not encrypted" },
	[BROKEN_CIPHER] = { "SK104", "broken-cipher", SEVERITY_ERROR,
		"a cipher that must no longer be used" },
	[TRIPLE_DES] = { "SK105", "triple-des", SEVERITY_WARNING, "3des-cbc should no longer be used" },
	[BROKEN_HASH] = { "SK106", "broken-hash", SEVERITY_ERROR, "a hash that must no longer be used" },
	[SHA1] = { "SK108", "sha1", SEVERITY_INFO, "hmac-sha1 is being phased out" },
	[SHORT_ICV] = { "SK109", "short-icv", SEVERITY_WARNING,
		"the hash is cut shorter than the standard says" },
	[COUNTER_MODE] = { "SK110", "counter-mode", SEVERITY_ERROR, "a counter mode with a key from a file" },
	[ESP_AND_AH] = { "SK111", "esp-and-ah", SEVERITY_WARNING, "ESP and AH for the same packets" },
	[AH] = { "SK112", "ah", SEVERITY_INFO, "AH does not encrypt, and does not pass NAT" },
	[COMPRESSION] = { "SK113", "compression", SEVERITY_INFO,
		"packets are compressed before they are encrypted" },
	[OPTIONAL] = { "SK115", "optional-algorithm", SEVERITY_INFO, "an algorithm that a peer may not support" },
	{ NULL, NULL, 0, NULL }
};

/* Findings that most statements of a file are likely to share: one struct limiter each. */
enum { T_INTEGRITY_ONLY, T_SHA1, T_SHORT_ICV, T_BUNDLE, T_AH, T_COMPRESSION, T_OPTIONAL, TALLIES };

static const char strong_cipher[] = "use -E aes-cbc with a key of 128 or 256 bits";
static const char strong_hash[] = "use -A hmac-sha256-128 with a key of 256 bits";

static bool has_integrity(const struct sa *sa)
{
	return sa->enc->kind == ALG_AEAD || (sa->auth != NULL && sa->auth->maxbits != 0);
}

/* Collects the pairs of addresses that have an AH SA. */
static void list_ah_pairs(const struct conf *conf, struct hash_table *ah)
{
	for (size_t i = 0; i < conf->n; i++) {
		const struct stmt *s = conf->stmt[i];

		if (!s->has_error && verb_makes_sa(s->verb) && s->sa.proto == PROTO_AH &&
		    s->sa.src.family != 0 &&
		    s->sa.dst.family != 0)
			*hash_at(ah, addr_pair_hash(0, &s->sa.src, &s->sa.dst)) = 1;
	}
}

static void check_protection(struct lint *l, const struct sa *sa, const struct hash_table *ah,
                             struct limiter *t)
{
	const char *lack = sa->auth == NULL ? "without -A" : "with -A null";
	const char *hint = sa->auth == NULL ? "add -A hmac-sha256-128 and a key" :
	                                      "write -A hmac-sha256-128 and a key";

	if (sa->enc == NULL || sa->enc->flags & ALG_ABSENT)
		return;
	if (sa->enc->maxbits == 0 && !has_integrity(sa)) {
		lint_add(l, &crypto_rules[UNPROTECTED], PART_ENC, "null %s: nothing is protected", lack);
		diag_hint(l->diags, "%s", hint);
	} else if (!has_integrity(sa) && hash_find(ah, addr_pair_hash(0, &sa->src, &sa->dst)) != 0) {
		lint_add_limited(l, &t[T_BUNDLE], PART_ENC, "drop ah/ and add -A to the ESP SAs",
		                 "integrity is left to AH");
	} else if (!has_integrity(sa)) {
		lint_add(l, &crypto_rules[NO_INTEGRITY], PART_ENC, "%s %s: packets can be changed unnoticed",
		         sa->enc->name, lack);
		diag_hint(l->diags, "%s", hint);
	} else if (sa->enc->maxbits == 0 && !l->stmt->exact) {
		lint_add_limited(l, &t[T_INTEGRITY_ONLY], PART_ENC, NULL,
		                 "packets are authenticated, not encrypted");
	}
}

static void check_cipher(struct lint *l, const struct sa *sa, const struct source *kernel)
{
	if (sa->enc == NULL || sa->enc->flags & ALG_ABSENT || sa->proto != PROTO_ESP)
		return;
	if (sa->enc->flags & ALG_MUST_NOT) {
		lint_add(l, &crypto_rules[BROKEN_CIPHER], PART_ENC, "%s must no longer be used",
		         sa->enc->name);
		diag_hint(l->diags, strong_cipher);
	} else if (sa->enc->flags & ALG_SHOULD_NOT) {
		lint_add(l, &crypto_rules[TRIPLE_DES], PART_ENC, "%s should no longer be used",
		         sa->enc->name);
		diag_hint(l->diags, strong_cipher);
	}
	/*
	 * An SA in the kernel may come from an IKE daemon, with a new key; the same key in a file is used
	 * again.
	 */
	if (sa->enc->flags & ALG_STREAM && l->stmt->src != kernel) {
		lint_add(l, &crypto_rules[COUNTER_MODE], PART_ENC,
		         "%s must not be used with a key from a file", sa->enc->name);
		diag_hint(l->diags, "use -E aes-cbc and -A hmac-sha256-128, or new keys for every boot");
	}
}

static void check_auth(struct lint *l, const struct sa *sa, struct limiter *t)
{
	if (sa->auth == NULL || sa->auth->flags & ALG_ABSENT)
		return;
	if (sa->auth->flags & ALG_MUST_NOT) {
		lint_add(l, &crypto_rules[BROKEN_HASH], PART_AUTH, "%s must no longer be used",
		         sa->auth->name);
		diag_hint(l->diags, strong_hash);
	}
	if (sa->authicv != 0 && sa->authicv < ICV_MIN)
		lint_add(l, &crypto_rules[SHORT_ICV], stmt_has_part(l->stmt, PART_ICV) ? PART_ICV : PART_AUTH,
		         "an ICV of %u bits can be guessed: the standards require at least %d", sa->authicv,
		         ICV_MIN);
	if (l->stmt->exact)
		return;
	if (sa->auth->flags & ALG_MUST_MINUS)
		lint_add_limited(l, &t[T_SHA1], PART_AUTH, strong_hash, "%s is being phased out",
		                 sa->auth->name);
	if (sa->authicv == 0 && sa->auth->icvbits * 2 < sa->auth->icvmax)
		lint_add_limited(l, &t[T_SHORT_ICV], PART_AUTH,
		                 "name the length: hmac-sha256-128 is the standard one",
		           "Linux truncates %s to %u bits, the standard to %u", sa->auth->name,
		           sa->auth->icvbits,
		           sa->auth->icvmax / 2);
}

/* RFC 8221 section 5: a cipher with keys of 128, 192 and 256 bits is only MAY with 192. */
static void check_optional_algs(struct lint *l, const struct sa *sa, struct limiter *t)
{
	if (sa->enc != NULL && sa->enc->flags & ALG_MAY)
		lint_add_limited(l, &t[T_OPTIONAL], PART_ENC, NULL, "a peer may not support %s",
		                 sa->enc->name);
	else if (sa->enc != NULL && sa->enc->maxbits == 256 && sa->encbits == 192 + sa->enc->saltbits)
		lint_add_limited(l, &t[T_OPTIONAL], PART_ENC, NULL, "a peer may not support %s with 192 bits",
		                 sa->enc->name);
	if (sa->auth != NULL && sa->auth->flags & ALG_MAY)
		lint_add_limited(l, &t[T_OPTIONAL], PART_AUTH, NULL, "a peer may not support %s",
		                 sa->auth->name);
}

static void check_sa(struct lint *l, const struct sa *sa, const struct hash_table *ah,
                     const struct source *kernel, struct limiter *t)
{
	if (sa->proto == PROTO_ESP)
		check_protection(l, sa, ah, t);
	check_cipher(l, sa, kernel);
	check_auth(l, sa, t);
	if (l->stmt->exact)
		return;
	check_optional_algs(l, sa, t);
	if (sa->proto == PROTO_AH)
		lint_add_limited(l, &t[T_AH], PART_PROTO, "use esp with -E null to authenticate only",
		                 "AH does not encrypt, and does not pass NAT");
	if (sa->proto == PROTO_IPCOMP)
		lint_add_limited(l, &t[T_COMPRESSION], PART_PROTO, NULL,
		                 "the length of compressed packets reveals what is in them");
}

static void check_policy(struct lint *l, const struct policy *p, struct limiter *t)
{
	int esp = -1, ah = -1;

	for (unsigned i = 0; i < p->ntmpl; i++) {
		esp = p->tmpl[i].proto == PROTO_ESP ? (int)i : esp;
		ah = p->tmpl[i].proto == PROTO_AH ? (int)i : ah;
	}
	if (esp >= 0 && ah >= 0)
		lint_add_limited(l, &t[T_BUNDLE], PART_TMPL + (enum part)ah,
		                 "drop ah/ and add -A to the ESP SAs",
		           "AH adds little to ESP but cost");
}

void lint_crypto(const struct lint_input *u)
{
	struct limiter t[TALLIES] = {
		[T_INTEGRITY_ONLY] = lint_limiter(u, &crypto_rules[INTEGRITY_ONLY], 1),
		[T_SHA1] = lint_limiter(u, &crypto_rules[SHA1], 1),
		[T_SHORT_ICV] = lint_limiter(u, &crypto_rules[SHORT_ICV], 1),
		[T_BUNDLE] = lint_limiter(u, &crypto_rules[ESP_AND_AH], 1),
		[T_AH] = lint_limiter(u, &crypto_rules[AH], 1),
		[T_COMPRESSION] = lint_limiter(u, &crypto_rules[COMPRESSION], 1),
		[T_OPTIONAL] = lint_limiter(u, &crypto_rules[OPTIONAL], 1),
	};
	struct hash_table ah = { 0 };

	list_ah_pairs(u->conf, &ah);
	for (size_t i = 0; i < u->conf->n; i++) {
		struct lint l = { u->conf->stmt[i], u->diags };

		if (!l.stmt->has_error && verb_makes_sa(l.stmt->verb))
			check_sa(&l, &l.stmt->sa, &ah, u->kernel, t);
		else if (!l.stmt->has_error && verb_makes_policy(l.stmt->verb))
			check_policy(&l, &l.stmt->policy, t);
	}
	lint_flush(u->diags, t, TALLIES);
	hash_free(&ah);
}
