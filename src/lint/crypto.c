/* Advice about algorithms: what an SA of these protects, by the RFCs. Looks at one SA or policy, never at keys. */
#include "lint/lint.h"

#include "lint/cover.h"

enum { NO_INTEGRITY, UNPROTECTED, INTEGRITY_ONLY, BROKEN_CIPHER, TRIPLE_DES, BROKEN_HASH, SHA1, SHORT_ICV, COUNTER_MODE,
	ESP_AND_AH, AH, COMPRESSION, OPTIONAL };

const struct rule crypto_rules[] = {
	[NO_INTEGRITY] = { "SK101", "no-integrity", SEVERITY_ERROR, "encryption without integrity",
		"A cipher alone lets anyone on the way change packets unseen, and read them by watching how\n"
		"errors are handled. Add -A hmac-sha256-128, or use a cipher with integrity of its own. Where AH is there for\n"
		"the same hosts, esp-and-ah is said instead.", "RFC 8221 section 4" },
	[UNPROTECTED] = { "SK102", "unprotected", SEVERITY_ERROR, "neither encryption nor integrity",
		"-E null without -A puts packets into ESP and protects nothing: anyone may read, change and make\n"
		"them. For integrity alone: -E null -A hmac-sha256-128 0x...", "RFC 4303 section 3.2, RFC 8221 section 6" },
	[INTEGRITY_ONLY] = { "SK103", "integrity-only", SEVERITY_INFO, "packets are authenticated, not encrypted",
		"-E null leaves them readable. That is right where only their origin counts, as with OSPFv3 or IMS.\n"
		"To encrypt too: -E aes-cbc 0x...", "RFC 8221 section 5, RFC 4552 section 3" },
	[BROKEN_CIPHER] = { "SK104", "broken-cipher", SEVERITY_ERROR, "a cipher that must no longer be used",
		"DES is broken within hours. Blowfish and CAST-128 have blocks of 64 bits, too short for what links\n"
		"carry today, and have left the standards. Use -E aes-cbc with a key of 128 or 256 bits.",
		"RFC 8221 section 5, RFC 9395" },
	[TRIPLE_DES] = { "SK105", "triple-des", SEVERITY_WARNING, "3des-cbc should no longer be used",
		"It is slow, and with blocks of 64 bits what it encrypts begins to show after some gigabytes of one\n"
		"key; NIST disallows it since 2024. Use -E aes-cbc with a key of 128 or 256 bits.", "RFC 8221 section 5" },
	[BROKEN_HASH] = { "SK106", "broken-hash", SEVERITY_ERROR, "a hash that must no longer be used",
		"MD5 is broken; that HMAC does not fall with it is no reason to stay. Use -A hmac-sha256-128 with a\n"
		"key of 256 bits.", "RFC 8221 section 6" },
	[SHA1] = { "SK108", "sha1", SEVERITY_INFO, "hmac-sha1 is on its way out",
		"It is no danger yet, but the standards expect to drop it, and some regulators have. For what is new\n"
		"take -A hmac-sha256-128 with a key of 256 bits.", "RFC 8221 section 6 (MUST-)" },
	[SHORT_ICV] = { "SK109", "short-icv", SEVERITY_WARNING, "the hash is cut shorter than the standard says",
		"For hmac-sha256 without a length Linux uses 96 bits, through XFRM and PF_KEY alike; the standard and\n"
		"other systems use 128. The two then drop each other's packets and say nothing. Say the length:\n"
		"-A hmac-sha256-128 here, and hmac-sha256-96 if the peer has the short one. With -icv any length can be said;\n"
		"below 64 bits forged packets come through by trying.", "RFC 4868 section 2.3, RFC 8221 section 6" },
	[COUNTER_MODE] = { "SK110", "counter-mode", SEVERITY_ERROR, "a counter mode with a key from a file",
		"A key in a file outlives the SA: after a reboot packets are numbered from one again, or from a random\n"
		"start at best. Two packets with one key and number give away what is in both and, but for aes-ctr, how\n"
		"to forge more. The standards forbid it. Use -E aes-cbc 0x... -A hmac-sha256-128 0x...; or make new keys\n"
		"for every boot, and say so where you suppress this.",
		"RFC 8221 section 3, RFC 3686 section 2.1, RFC 4106 section 2, RFC 4309 section 2, RFC 4543 section 2" },
	[ESP_AND_AH] = { "SK111", "esp-and-ah", SEVERITY_WARNING, "ESP and AH for the same packets",
		"ESP with -A protects all that matters of what AH does, at less cost. Drop the ah/ request and its\n"
		"SAs, and give the ESP SAs an -A. Some ways to put the two together have been broken.", "RFC 8221 sections 4 and 6" },
	[AH] = { "SK112", "ah", SEVERITY_INFO, "AH does not encrypt, and passes no NAT",
		"Few systems still need it. ESP authenticates without encryption too: esp ... -E null -A ...",
		"RFC 4301 section 3.2" },
	[COMPRESSION] = { "SK113", "compression", SEVERITY_INFO, "packets are compressed before they are encrypted",
		"Their length then tells something of what is in them, which is harmful where an attacker chooses part of\n"
		"it. What is sent today is mostly compressed or encrypted already. Drop the ipcomp/ request and -C.",
		"RFC 8221 section 7" },
	[OPTIONAL] = { "SK115", "optional-algorithm", SEVERITY_INFO, "a peer need not have this algorithm",
		"RFC 8221 has it as MAY, or not at all. All peers have -E aes-cbc with a key of 128 or 256 bits and\n"
		"-A hmac-sha256-128, and those of today -E aes-gcm-16.", "RFC 8221 sections 5 and 6" },
	{ NULL, NULL, 0, NULL, NULL, NULL }
};

/* What a whole file is likely to share. */
enum { T_INTEGRITY_ONLY, T_SHA1, T_SHORT_ICV, T_BUNDLE, T_AH, T_COMPRESSION, T_OPTIONAL, TALLIES };

static const char strong_cipher[] = "use -E aes-cbc with a key of 128 or 256 bits";
static const char strong_hash[] = "use -A hmac-sha256-128 with a key of 256 bits";

static bool has_integrity(const struct sa *sa)
{
	return sa->enc->kind == ALG_AEAD || (sa->auth != NULL && sa->auth->maxbits != 0);
}

/* Where SAs of AH go. */
static void list_ah(const struct conf *conf, struct index *ah)
{
	for (size_t i = 0; i < conf->n; i++) {
		const struct stmt *s = conf->stmt[i];

		if (!s->bad && verb_makes_sa(s->verb) && s->sa.proto == PROTO_AH && s->sa.src.family != 0 && s->sa.dst.family != 0)
			*index_at(ah, cover_pair(0, &s->sa.src, &s->sa.dst)) = 1;
	}
}

static void protection(struct lint *l, const struct sa *sa, const struct index *ah, struct tally *t)
{
	const char *lack = sa->auth == NULL ? "without -A" : "with -A null";
	const char *hint = sa->auth == NULL ? "add -A hmac-sha256-128 and a key" : "write hmac-sha256-128 and a key behind -A";

	if (sa->enc == NULL || sa->enc->flags & ALG_ABSENT)
		return;
	if (sa->enc->maxbits == 0 && !has_integrity(sa)) {
		lint_add(l, &crypto_rules[UNPROTECTED], PART_ENC, "null %s: nothing is protected", lack);
		diag_hint(l->diags, "%s", hint);
	} else if (!has_integrity(sa) && index_find(ah, cover_pair(0, &sa->src, &sa->dst)) != 0) {
		lint_count(l, &t[T_BUNDLE], PART_ENC, "drop ah/ and give the ESP SAs an -A", "integrity is left to AH");
	} else if (!has_integrity(sa)) {
		lint_add(l, &crypto_rules[NO_INTEGRITY], PART_ENC, "%s %s: packets can be changed unseen", sa->enc->name, lack);
		diag_hint(l->diags, "%s", hint);
	} else if (sa->enc->maxbits == 0 && !l->stmt->exact) {
		lint_count(l, &t[T_INTEGRITY_ONLY], PART_ENC, NULL, "packets are authenticated, not encrypted");
	}
}

static void cipher(struct lint *l, const struct sa *sa, const struct source *kernel)
{
	if (sa->enc == NULL || sa->enc->flags & ALG_ABSENT || sa->proto != PROTO_ESP)
		return;
	if (sa->enc->flags & ALG_MUST_NOT) {
		lint_add(l, &crypto_rules[BROKEN_CIPHER], PART_ENC, "%s must no longer be used", sa->enc->name);
		diag_hint(l->diags, strong_cipher);
	} else if (sa->enc->flags & ALG_SHOULD_NOT) {
		lint_add(l, &crypto_rules[TRIPLE_DES], PART_ENC, "%s should no longer be used", sa->enc->name);
		diag_hint(l->diags, strong_cipher);
	}
	/* What the kernel holds may be an IKE daemon's, with a key as fresh as can be; saved in a file it no longer is. */
	if (sa->enc->flags & ALG_STREAM && l->stmt->src != kernel) {
		lint_add(l, &crypto_rules[COUNTER_MODE], PART_ENC, "%s must not be used with a key from a file", sa->enc->name);
		diag_hint(l->diags, "use -E aes-cbc and -A hmac-sha256-128, or new keys for every boot");
	}
}

static void hash(struct lint *l, const struct sa *sa, struct tally *t)
{
	if (sa->auth == NULL || sa->auth->flags & ALG_ABSENT)
		return;
	if (sa->auth->flags & ALG_MUST_NOT) {
		lint_add(l, &crypto_rules[BROKEN_HASH], PART_AUTH, "%s must no longer be used", sa->auth->name);
		diag_hint(l->diags, strong_hash);
	}
	if (sa->authicv != 0 && sa->authicv < ICV_MIN)
		lint_add(l, &crypto_rules[SHORT_ICV], stmt_says(l->stmt, PART_ICV) ? PART_ICV : PART_AUTH,
		         "an ICV of %u bits is guessed: no standard has less than %d", sa->authicv, ICV_MIN);
	if (l->stmt->exact)
		return;
	if (sa->auth->flags & ALG_MUST_MINUS)
		lint_count(l, &t[T_SHA1], PART_AUTH, strong_hash, "%s is on its way out", sa->auth->name);
	if (sa->authicv == 0 && sa->auth->icvbits * 2 < sa->auth->icvmax)
		lint_count(l, &t[T_SHORT_ICV], PART_AUTH, "say which: hmac-sha256-128 is the standard one",
		           "Linux cuts %s to %u bits, the standard to %u", sa->auth->name, sa->auth->icvbits, sa->auth->icvmax / 2);
}

/* 192 bits are MAY for ciphers that take 128 and 256 too. */
static void optional(struct lint *l, const struct sa *sa, struct tally *t)
{
	if (sa->enc != NULL && sa->enc->flags & ALG_MAY)
		lint_count(l, &t[T_OPTIONAL], PART_ENC, NULL, "a peer need not have %s", sa->enc->name);
	else if (sa->enc != NULL && sa->enc->maxbits == 256 && sa->encbits == 192 + sa->enc->saltbits)
		lint_count(l, &t[T_OPTIONAL], PART_ENC, NULL, "a peer need not have %s with 192 bits", sa->enc->name);
	if (sa->auth != NULL && sa->auth->flags & ALG_MAY)
		lint_count(l, &t[T_OPTIONAL], PART_AUTH, NULL, "a peer need not have %s", sa->auth->name);
}

static void one_sa(struct lint *l, const struct sa *sa, const struct index *ah, const struct source *kernel, struct tally *t)
{
	if (sa->proto == PROTO_ESP)
		protection(l, sa, ah, t);
	cipher(l, sa, kernel);
	hash(l, sa, t);
	if (l->stmt->exact)
		return;
	optional(l, sa, t);
	if (sa->proto == PROTO_AH)
		lint_count(l, &t[T_AH], PART_PROTO, "esp with -E null authenticates too", "AH does not encrypt, and passes no NAT");
	if (sa->proto == PROTO_IPCOMP)
		lint_count(l, &t[T_COMPRESSION], PART_PROTO, NULL, "lengths of compressed packets tell of what is in them");
}

static void one_policy(struct lint *l, const struct policy *p, struct tally *t)
{
	int esp = -1, ah = -1;

	for (unsigned i = 0; i < p->ntmpl; i++) {
		esp = p->tmpl[i].proto == PROTO_ESP ? (int)i : esp;
		ah = p->tmpl[i].proto == PROTO_AH ? (int)i : ah;
	}
	if (esp >= 0 && ah >= 0)
		lint_count(l, &t[T_BUNDLE], PART_TMPL + (enum part)ah, "drop ah/ and give the ESP SAs an -A",
		           "AH adds little to ESP but cost");
}

void lint_crypto(const struct unit *u)
{
	struct tally t[TALLIES] = {
		[T_INTEGRITY_ONLY] = lint_tally(u, &crypto_rules[INTEGRITY_ONLY], 1),
		[T_SHA1] = lint_tally(u, &crypto_rules[SHA1], 1),
		[T_SHORT_ICV] = lint_tally(u, &crypto_rules[SHORT_ICV], 1),
		[T_BUNDLE] = lint_tally(u, &crypto_rules[ESP_AND_AH], 1),
		[T_AH] = lint_tally(u, &crypto_rules[AH], 1),
		[T_COMPRESSION] = lint_tally(u, &crypto_rules[COMPRESSION], 1),
		[T_OPTIONAL] = lint_tally(u, &crypto_rules[OPTIONAL], 1),
	};
	struct index ah = { 0 };

	list_ah(u->conf, &ah);
	for (size_t i = 0; i < u->conf->n; i++) {
		struct lint l = { u->conf->stmt[i], u->diags };

		if (!l.stmt->bad && verb_makes_sa(l.stmt->verb))
			one_sa(&l, &l.stmt->sa, &ah, u->kernel, t);
		else if (!l.stmt->bad && verb_makes_policy(l.stmt->verb))
			one_policy(&l, &l.stmt->policy, t);
	}
	lint_counted(u->diags, t, TALLIES);
	index_free(&ah);
}
