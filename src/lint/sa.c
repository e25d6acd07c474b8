/* SPDX-License-Identifier: ISC */
/* The rules about one SA: algorithms and keys that fit, lengths, windows, lifetimes. */
#include "lint/lint.h"

#include <string.h>
#include <strings.h>

enum {
	KEY_LENGTH, NO_KEY, ABSENT, ALG_PROTO, NO_PROTO, OBSOLETE, SPI_RESERVED, WINDOW, WINDOW_CAP,
	LIFETIMES, TCP, USELESS, ICV, NO_EFFECT, USELESS_PORTS
};

const struct rule sa_rules[] = {
	[KEY_LENGTH] = { "SK114", "key-length", SEVERITY_ERROR,
		"the key has the wrong length for its algorithm" },
	[NO_KEY] = { "SK117", "no-key", SEVERITY_ERROR, "the algorithm needs a key" },
	[ABSENT] = { "SK118", "not-on-linux", SEVERITY_ERROR, "no Linux kernel has this algorithm" },
	[ALG_PROTO] = { "SK119", "alg-proto", SEVERITY_ERROR, "the algorithms do not fit the protocol" },
	[NO_PROTO] = { "SK120", "no-protocol", SEVERITY_ERROR, "the protocol is missing" },
	[OBSOLETE] = { "SK006", "obsolete", SEVERITY_WARNING, "an obsolete keyword" },
	[SPI_RESERVED] = { "SK314", "spi-reserved", SEVERITY_WARNING,
		"the SPI is reserved, or none of its protocol" },
	[WINDOW] = { "SK121", "window", SEVERITY_ERROR, "the replay window does not fit" },
	[WINDOW_CAP] = { "SK124", "window-cap", SEVERITY_WARNING, "Linux makes the replay window smaller" },
	[LIFETIMES] = { "SK321", "lifetimes", SEVERITY_WARNING, "hard and soft lifetime do not go together" },
	[TCP] = { "SK107", "tcp-md5", SEVERITY_ERROR, "TCP-MD5 does not go through the SAD on Linux" },
	[USELESS] = { "SK122", "useless", SEVERITY_WARNING, "an option that changes nothing" },
	[ICV] = { "SK125", "icv", SEVERITY_ERROR, "-icv does not fit" },
	[NO_EFFECT] = { "SK123", "no-effect", SEVERITY_ERROR, "an option that would have no effect" },
	[USELESS_PORTS] = { "SK320", "useless-ports", SEVERITY_WARNING, "ports of an SA that is not in UDP" },
	{ NULL, NULL, 0, NULL }
};

/* True if the key is "0x...", hex in quotes: it is read as text, which is hardly ever what was meant. */
static bool is_quoted_hex(const struct stmt *s, enum part key)
{
	struct span at = stmt_part(s, key);

	return at.len > 3 && strncasecmp(s->src->text + at.off, "\"0x", 3) == 0;
}

static bool is_odd_hex(const struct stmt *s, enum part key)
{
	struct span at = stmt_part(s, key);

	return at.len > 2 && at.len % 2 != 0 && strncasecmp(s->src->text + at.off, "0x", 2) == 0;
}

static void check_key_length(struct lint *l, const struct alg *alg, unsigned bits, enum part part,
                             enum part key)
{
	bool missing = key == PART_ENCKEY ? l->stmt->no_enckey : l->stmt->no_authkey, has_key;
	char lengths[96];

	if (alg == NULL || missing || alg->flags & ALG_ABSENT ||
	    (l->stmt->exact && alg_kernel_takes(alg, bits)) || (bits > 0 && alg_takes(alg, bits)))
		return;
	has_key = stmt_has_part(l->stmt, key);
	if (!has_key && alg->minbits > 0) {
		lint_add(l, &sa_rules[NO_KEY], part, "%s needs a key: it takes %s", alg->name,
		         alg_lengths(alg, lengths, sizeof(lengths)));
	} else if (has_key && alg->maxbits == 0 && bits > 0) {
		lint_add(l, &sa_rules[KEY_LENGTH], key, "%s takes no key", alg->name);
	} else if (has_key && !alg_takes(alg, bits)) {
		lint_add(l, &sa_rules[KEY_LENGTH], key, "%s takes %s, the key has %u bits", alg->name,
		         alg_lengths(alg, lengths, sizeof(lengths)), bits);
		if (is_quoted_hex(l->stmt, key))
			diag_hint(l->diags,
			          "write a hex key without quotes: in them every character is a byte");
		else if (is_odd_hex(l->stmt, key))
			diag_hint(l->diags,
			          "add the missing hex digit, or drop one: %u is an odd number of them",
			          stmt_part(l->stmt, key).len - 2);
	}
}

static void check_absent(struct lint *l, const struct alg *alg, enum part part)
{
	if (alg == NULL || !(alg->flags & ALG_ABSENT) || l->stmt->sa.proto == PROTO_TCP)
		return;
	lint_add(l, &sa_rules[ABSENT], part, "no Linux kernel has %s", alg->name);
	if (alg->kind == ALG_ENC)
		diag_hint(l->diags, "use aes-cbc or aes-gcm-16");
	else if (alg->kind == ALG_AUTH)
		diag_hint(l->diags, strcmp(alg->name, "tcp-md5") == 0 ?
		          "set it with the BGP daemon's password option" :
		          "use hmac-sha256 or hmac-sha1");
	else
		diag_hint(l->diags, "use deflate");
}

static void check_old_des(struct lint *l, const struct sa *sa)
{
	bool old = sa->flags & SA_F_OLD;

	if (sa->enc == NULL)
		return;
	if ((sa->enc->flags & ALG_ESP_OLD && !old) || (sa->enc->flags & ALG_NOT_OLD && old)) {
		lint_add(l, &sa_rules[ALG_PROTO], PART_ENC, "%s %s esp-old", sa->enc->name,
		         old ? "does not go with" : "goes only with");
		return;
	}
	if (sa->enc->flags & ALG_OBSOLETE)
		lint_add(l, &sa_rules[OBSOLETE], PART_ENC, "%s is obsolete: Linux treats it as %s",
		         sa->enc->name, sa->enc->maxbits == 0 ? "null" : "des-cbc");
}

static void check_icv(struct lint *l, const struct sa *sa)
{
	if (sa->authicv == 0 || l->stmt->exact)
		return;
	if (sa->auth == NULL)
		lint_add(l, &sa_rules[ICV], PART_ICV, "-icv requires -A");
	else if (sa->authicv % 8 != 0)
		lint_add(l, &sa_rules[ICV], PART_ICV,
		         "an ICV has whole bytes: Linux would send %u for %u bits", sa->authicv / 8u,
		         sa->authicv);
	if (sa->enc != NULL && sa->enc->kind == ALG_AEAD && sa->auth == NULL)
		diag_hint(l->diags,
		          "the length of an AEAD is in its name: aes-gcm-8, aes-gcm-12, aes-gcm-16");
}

static void check_esp_algs(struct lint *l, const struct sa *sa)
{
	if (sa->comp != NULL)
		lint_add(l, &sa_rules[ALG_PROTO], PART_COMP, "-C goes with ipcomp, not with esp");
	else if (sa->enc == NULL)
		lint_add(l, &sa_rules[ALG_PROTO], PART_PROTO, "esp needs a cipher, -E");
	if (sa->comp == NULL && sa->enc == NULL && !(sa->auth != NULL && sa->auth->flags & ALG_ABSENT))
		diag_hint(l->diags, "to authenticate only: -E null -A ...");
	if (sa->enc != NULL && sa->enc->kind == ALG_AEAD && sa->auth != NULL)
		lint_add(l, &sa_rules[ALG_PROTO], PART_AUTH, "%s authenticates by itself: -A cannot be added",
		         sa->enc->name);
}

static void check_ah_algs(struct lint *l, const struct sa *sa)
{
	if (sa->comp != NULL) {
		lint_add(l, &sa_rules[ALG_PROTO], PART_COMP, "-C goes with ipcomp, not with ah");
	} else if (sa->auth == NULL) {
		lint_add(l, &sa_rules[ALG_PROTO], PART_PROTO, "ah needs -A");
	} else if (sa->auth->maxbits == 0 && !l->stmt->exact) {
		lint_add(l, &sa_rules[ALG_PROTO], PART_AUTH,
		         "ah cannot have -A null: authentication is all it does");
	} else if (sa->enc != NULL && sa->enc->kind == ALG_AEAD) {
		lint_add(l, &sa_rules[ALG_PROTO], PART_ENC, "ah does not encrypt: %s goes with esp",
		         sa->enc->name);
	} else if (sa->enc != NULL) {
		lint_add(l, &sa_rules[USELESS], PART_ENC, "ah does not encrypt: the cipher is never used");
	}
}

static void check_ipcomp_algs(struct lint *l, const struct sa *sa)
{
	enum part wrong = sa->enc != NULL ? PART_ENC : PART_AUTH;

	if (sa->enc != NULL || sa->auth != NULL)
		lint_add(l, &sa_rules[ALG_PROTO], wrong, "ipcomp takes -C, no cipher and no authentication");
	else if (sa->comp == NULL)
		lint_add(l, &sa_rules[ALG_PROTO], PART_PROTO,
		         "ipcomp needs a compression algorithm: -C deflate");
}

static void check_algs(struct lint *l, const struct sa *sa)
{
	switch (sa->proto) {
	case PROTO_ESP: check_esp_algs(l, sa); break;
	case PROTO_AH: check_ah_algs(l, sa); break;
	case PROTO_IPCOMP: check_ipcomp_algs(l, sa); break;
	}
	check_absent(l, sa->enc, PART_ENC);
	check_absent(l, sa->auth, PART_AUTH);
	check_absent(l, sa->comp, PART_COMP);
	check_old_des(l, sa);
	check_key_length(l, sa->enc, sa->encbits, PART_ENC, PART_ENCKEY);
	check_key_length(l, sa->auth, sa->authbits, PART_AUTH, PART_AUTHKEY);
}

static void check_window(struct lint *l, const struct sa *sa)
{
	if (sa->flags & SA_F_OLD && stmt_has_part(l->stmt, PART_WINDOW))
		lint_add(l, &sa_rules[WINDOW], PART_WINDOW, "esp-old and ah-old have no replay window");
	else if (sa->window > 255 && !(sa->flags & SA_F_ESN) && !l->stmt->exact)
		lint_add(l, &sa_rules[WINDOW], PART_WINDOW,
		         "a replay window without -esn is at most 255, and Linux caps it at 32");
	else if (sa->window > 32 && !(sa->flags & SA_F_ESN) && !l->stmt->exact)
		lint_add(l, &sa_rules[WINDOW_CAP], PART_WINDOW,
		         "Linux caps a replay window without -esn at 32 packets");
	/* An outbound SA needs no window (Linux 6.10), and with ipcomp -esn is refused as such. */
	if (verb_makes_sa(l->stmt->verb) && sa->flags & SA_F_ESN && sa->window == 0 &&
	    sa->proto != PROTO_IPCOMP && stmt_attrs(l->stmt)->value[ATTR_DIR] != DIR_OUT)
		lint_add(l, &sa_rules[WINDOW], PART_ESN, "-esn needs a replay window: -r 32 or more");
}

static bool is_none(const struct lifetime *t)
{
	return t->bytes == 0 && t->packets == 0 && t->add_secs == 0 && t->use_secs == 0;
}

/* In the table each soft limit follows its hard one. strongSwan writes about 2^64 for no soft limit. */
void lint_late_warnings(struct lint *l)
{
	const struct attrs *x = stmt_attrs(l->stmt);

	for (const struct limit *soft = limits + 1; soft < limits + LIMITS; soft += 2) {
		uint64_t hard = limit_value(x, soft - 1), warning = limit_value(x, soft);

		if (hard > 0 && warning > hard && warning <= INT64_MAX)
			lint_add(l, &sa_rules[LIFETIMES], soft->part,
			         "the soft lifetime comes after the hard one");
	}
}

static void check_lifetimes(struct lint *l)
{
	const struct attrs *x = stmt_attrs(l->stmt);
	bool hard = !is_none(&x->hard), soft = !is_none(&x->soft);

	/* After exact; lifetimes are sent as written. */
	if (hard && !soft && !l->stmt->exact)
		lint_add(l, &sa_rules[LIFETIMES],
		         stmt_has_part(l->stmt, PART_HARD_SECS) ? PART_HARD_SECS : PART_HARD_BYTES,
		         "no soft lifetime is given: sent as no limit");
	else if (soft && !hard && !l->stmt->exact)
		lint_add(l, &sa_rules[LIFETIMES],
		         stmt_has_part(l->stmt, PART_SOFT_SECS) ? PART_SOFT_SECS : PART_SOFT_BYTES,
		         "no hard lifetime is given: sent as no limit");
	lint_late_warnings(l);
}

/*
 * Reports options that the kernel ignores here. Only options beyond those of the classic tool: its own never
 * had an effect here, and existing files have them.
 */
static void check_unused_options(struct lint *l)
{
	enum verb verb = l->stmt->verb;
	unsigned used = verb == VERB_GETSPI ? ATTR_IN_GETSPI : ATTR_IN_SAID;

	for (enum attr_id id = 0; id <= ATTR_MAX; id++) {
		enum part part = id < ATTR_MAX ? PART_ATTR + id : PART_ICV;

		if (!stmt_has_part(l->stmt, part) || (id < ATTR_MAX && attr_table[id].flags & used))
			continue;
		lint_add(l, &sa_rules[NO_EFFECT], part, "the kernel ignores the option in %s",
		         verb == VERB_GETSPI ? "getspi" : verb == VERB_GET ? "get" : "delete");
		diag_hint(l->diags, verb == VERB_GETSPI ? "write it in the update that completes the SA" :
		          "leave it out: destination, protocol, SPI and -mark name the SA");
	}
}

void lint_sa(struct lint *l, const struct sa *sa)
{
	enum verb verb = l->stmt->verb;

	if ((verb == VERB_FLUSH || verb == VERB_DUMP) && sa->proto == PROTO_ANY &&
	    stmt_has_part(l->stmt, PART_PROTO))
		lint_add(l, &sa_rules[USELESS], PART_PROTO,
		         "Linux keeps no TCP-MD5 SAs: the statement is for all SAs");
	if (verb_names_sa(verb) && sa->proto == PROTO_ANY) {
		lint_add(l, &sa_rules[NO_PROTO], stmt_has_part(l->stmt, PART_PROTO) ? PART_PROTO : PART_SPI,
		         "the protocol is missing before the SPI");
		diag_hint(l->diags, "write esp, ah, ipcomp or esp-udp");
		return;
	}
	if ((verb_names_sa(verb) || verb == VERB_DELETEALL) && sa->proto == PROTO_TCP) {
		lint_add(l, &sa_rules[TCP], PART_PROTO, "TCP-MD5 does not go through the SAD on Linux");
		diag_hint(l->diags, "set it with the BGP daemon's password option");
		return;
	}
	if (verb_makes_sa(verb)) {
		if (sa->spi < 256)
			lint_add(l, &sa_rules[SPI_RESERVED], PART_SPI,
			         "SPI %u is reserved: use 0x100 or above", sa->spi);
		if (sa->flags & SA_F_OLD)
			lint_add(l, &sa_rules[OBSOLETE], PART_PROTO,
			         sa->proto == PROTO_ESP ? "Linux treats esp-old as esp" :
			                                  "Linux treats ah-old as ah");
		check_algs(l, sa);
		check_icv(l, sa);
		check_lifetimes(l);
	}
	if ((verb == VERB_GET || verb == VERB_DELETE) && stmt_has_part(l->stmt, PART_MODE))
		lint_add(l, &sa_rules[OBSOLETE], PART_MODE,
		         "-m is obsolete here and changes nothing");
	if (verb == VERB_GET || verb == VERB_DELETE || verb == VERB_GETSPI)
		check_unused_options(l);
	if (verb_names_sa(verb))
		check_window(l, sa);
}

void lint_sa_advice(struct lint *l, const struct sa *sa)
{
	if (sa->encap == ENCAP_NONE && (sa->src.port != 0 || sa->dst.port != 0))
		lint_add(l, &sa_rules[USELESS_PORTS], sa->src.port != 0 ? PART_SRC_PORT : PART_DST_PORT,
		         "without esp-udp the ports of an SA are not used");
}
