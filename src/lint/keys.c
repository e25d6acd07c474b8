/* SPDX-License-Identifier: ISC */
/*
 * Advice about keys: published, guessable, badly written, used twice. A finding never contains a byte of a
 * key.
 */
#include "lint/lint.h"

#include "base/hash.h"
#include "lint/key_quality.h"
#include "text/lex.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PUBLISHED, GUESSABLE, TEXT, QUOTED_HEX, ODD_DIGITS, REUSED, SAME_KEYS, WEAK_DES, PARITY, BREAKS, PLACEHOLDER, TCP_LENGTH, TWO_KEY,
	REUSED_NONCE };

const struct rule key_rules[] = {
	[PUBLISHED] = { "SK201", "published-key", SEVERITY_ERROR,
		"a key from a manual, howto or standard" },
	[GUESSABLE] = { "SK202", "guessable-key", SEVERITY_WARNING, "a key that follows a pattern" },
	[TEXT] = { "SK203", "text-key", SEVERITY_WARNING, "a key of text" },
	[QUOTED_HEX] = { "SK204", "quoted-hex", SEVERITY_ERROR, "a hex key in quotes" },
	[ODD_DIGITS] = { "SK205", "odd-digits", SEVERITY_WARNING, "a hex key with an odd number of digits" },
	[REUSED] = { "SK206", "reused-key", SEVERITY_WARNING, "several SAs have one key" },
	[SAME_KEYS] = { "SK207", "same-keys", SEVERITY_ERROR, "one key for encryption and integrity" },
	[WEAK_DES] = { "SK208", "weak-des", SEVERITY_ERROR, "a weak key of DES or 3DES" },
	[PARITY] = { "SK209", "des-parity", SEVERITY_INFO, "a DES key without odd parity" },
	[BREAKS] = { "SK210", "breaking-key", SEVERITY_WARNING,
		"a text key with a byte that breaks other tools" },
	[PLACEHOLDER] = { "SK211", "placeholder-key", SEVERITY_WARNING, "a placeholder in place of a key" },
	[TCP_LENGTH] = { "SK212", "tcp-key-length", SEVERITY_WARNING, "a TCP-MD5 key too long or too short" },
	[TWO_KEY] = { "SK213", "two-key-3des", SEVERITY_WARNING, "3DES with two keys" },
	[REUSED_NONCE] = { "SK214", "reused-nonce", SEVERITY_ERROR,
		"several SAs have one key and salt in a counter mode" },
	{ NULL, NULL, 0, NULL }
};

static const char make_one[] = "make a random key with `setkey keygen`";

/* A key and where it is written. */
struct found {
	const struct stmt *stmt;
	const struct alg *alg;
	enum part part;
	const uint8_t *bytes; /* salt included */
	size_t n;             /* bytes, salt not included */
	const char *word;     /* as written, with quotes or 0x; empty if it is in no source */
	uint32_t len;
	uint64_t hash;
	size_t at;            /* its place in the order of the statements */
};

static bool is_quoted(const struct found *k)
{
	return k->word[0] == '"';
}

static bool is_des(const struct found *k)
{
	return k->alg->kind == ALG_ENC && k->alg->xfrm != NULL && strncmp(k->alg->xfrm, "cbc(des", 7) == 0;
}

/* Each returns what is wrong with the key, as the end of a sentence that begins with "the key", or NULL. */

static const char *find_weak_part(const struct found *k)
{
	return is_des(k) ? weak_des(k->bytes, k->n) : NULL;
}

static const char *find_published(const struct found *k)
{
	return weak_is_published(k->bytes, k->n) ?
	               "is public: a manual, howto or standard shows it, or how it begins" :
	               NULL;
}

/*
 * A quoted key is probably meant as hex if it consists of hex digits, letters as well as figures, and if half
 * as many bytes are a length that the algorithm takes.
 */
static const char *find_quoted_hex(const struct found *k)
{
	bool letter = false, figure = false;
	uint32_t n = k->len - 2;

	if (!is_quoted(k))
		return NULL;
	if (n > 2 && strncasecmp(k->word + 1, "0x", 2) == 0)
		return "is hex in quotes, where every character is a byte";
	for (uint32_t i = 1; i <= n; i++) {
		if (!isxdigit((unsigned char)k->word[i]))
			return NULL;
		letter |= isalpha((unsigned char)k->word[i]) != 0;
		figure |= isdigit((unsigned char)k->word[i]) != 0;
	}
	return letter && figure && alg_takes(k->alg, n * 4) ?
	               "looks like hex in quotes, where every character is a byte" :
	               NULL;
}

static const char *find_placeholder(const struct found *k)
{
	return weak_is_placeholder(k->bytes, k->n) ? "looks like a placeholder" : NULL;
}

static const char *find_pattern(const struct found *k)
{
	return weak_pattern(k->bytes, k->n);
}

static const char *find_two_key_des(const struct found *k)
{
	return is_des(k) && weak_is_two_key(k->bytes, k->n) ? "has a third part like its first" : NULL;
}

static const char *find_quoted_text(const struct found *k)
{
	return is_quoted(k) ? "is text, easier to guess than its length suggests" : NULL;
}

static const char *find_even_parity(const struct found *k)
{
	return is_des(k) && !k->stmt->exact && !weak_has_parity(k->bytes, k->n) ? "has bytes of even parity" :
	                                                                          NULL;
}

static const char *find_odd_digits(const struct found *k)
{
	return !is_quoted(k) && k->len % 2 != 0 ?
	               "has an odd number of digits: the first becomes a byte of its own" :
	               NULL;
}

static const char *find_breaking_byte(const struct found *k)
{
	for (uint32_t i = 1; is_quoted(k) && i + 1 < k->len; i++)
		if (strchr(";#", k->word[i]) != NULL || iscntrl((unsigned char)k->word[i]))
			return iscntrl((unsigned char)k->word[i]) ?
			               "contains a control byte" :
			               "contains a ';' or '#', which breaks other tools";
	return NULL;
}

/* The rows about the content of a key come first, the worst fault before the others: only one is reported. */
static const struct {
	int rule;
	size_t most; /* findings per file */
	const char *(*find)(const struct found *k);
	const char *hint;
} faults[] = {
	{ WEAK_DES, SIZE_MAX, find_weak_part, make_one },
	{ PUBLISHED, SIZE_MAX, find_published, make_one },
	{ QUOTED_HEX, SIZE_MAX, find_quoted_hex, "write it without quotes" },
	{ PLACEHOLDER, 8, find_placeholder, make_one },
	{ GUESSABLE, 8, find_pattern, make_one },
	{ TWO_KEY, 8, find_two_key_des, make_one },
	{ TEXT, 1, find_quoted_text, make_one },
	{ PARITY, 1, find_even_parity, NULL },
	/* about how the key is written */
	{ ODD_DIGITS, 8, find_odd_digits, "add the missing digit, or a 0 in front" },
	{ BREAKS, 8, find_breaking_byte, "write it in hex" },
};

enum { FAULTS = sizeof(faults) / sizeof(faults[0]), CONTENT = FAULTS - 2 };

static void report_key(const struct found *k, struct diags *diags, struct limiter *t)
{
	struct lint l = { k->stmt, diags };
	const char *what;

	for (size_t i = 0; i < FAULTS; i++) {
		what = faults[i].find(k);
		if (what == NULL)
			continue;
		lint_add_limited(&l, &t[i], k->part, faults[i].hint, "the key %s", what);
		if (i < CONTENT)
			i = CONTENT - 1;
	}
}

/*
 * The key as it is written: in the statement or, for @NAME, where the name is defined; empty if in no source.
 */
static struct text key_in_text(const struct conf *conf, const struct stmt *s, enum part part)
{
	struct span at = stmt_has_part(s, part) ? stmt_part(s, part) : (struct span){ 0, 0 };
	const struct variable *b;
	struct lexeme p;

	if (at.len == 0 || stmt_has_literal_key(s, part))
		return (struct text){ at.len > 0 ? s->src->text + at.off : "", at.len };
	b = variable_find(&conf->variables, VARIABLE_KEY, s->src->text + at.off + 1, at.len - 1);
	if (b == NULL || b->src == NULL)
		return (struct text){ "", 0 };
	at = b->at;
	do {
		p = lex_next(b->src, at.off + at.len);
		at = p.at;
	} while (p.kind != LEX_WORD && p.kind != LEX_QUOTED && p.kind != LEX_END);
	return (struct text){ b->src->text + at.off, at.len };
}

/* False also for a key of the wrong length or of an algorithm that Linux lacks: that is an error already. */
static bool find_key(struct found *k, const struct conf *conf, const struct stmt *s, enum part part)
{
	bool enc = part == PART_ENCKEY;
	const struct sa *sa = &s->sa;
	unsigned bits = enc ? sa->encbits : sa->authbits;
	struct text word = key_in_text(conf, s, part);
	const struct alg *alg = enc ? sa->enc : sa->auth;

	if (alg == NULL || alg->flags & ALG_ABSENT || bits <= alg->saltbits ||
	    (!alg_takes(alg, bits) && !s->exact))
		return false;
	*k = (struct found){ .stmt = s, .alg = alg, .part = part,
	                     .bytes = enc ? sa_enckey(sa) : sa_authkey(sa), .n = (bits - alg->saltbits) / 8,
	                     .word = word.p, .len = word.len };
	k->hash = hash_mix(k->n, k->bytes, k->n);
	return true;
}

/* Keys that are used twice. */

static int compare_keys(const struct found *a, const struct found *b)
{
	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	return memcmp(a->bytes, b->bytes, a->n);
}

static int compare_by_key_and_order(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	int by = compare_keys(x, y);

	return by ? by : x->at < y->at ? -1 : x->at > y->at;
}

/* True if both are the same SA, added again or updated: it may keep its key. */
static bool is_same_sa(const struct stmt *x, const struct stmt *y)
{
	const struct sa *a = &x->sa, *b = &y->sa;
	struct mark m = stmt_mark(x), n = stmt_mark(y);

	return a->spi == b->spi && a->proto == b->proto && a->dst.family != 0 &&
	       addr_equal(&a->dst, &b->dst) && m.value == n.value && m.mask == n.mask;
}

static bool has_same_nonces(const struct found *a, const struct found *b)
{
	return a->alg->flags & b->alg->flags & ALG_STREAM && a->alg->saltbits == b->alg->saltbits &&
	       memcmp(a->bytes + a->n, b->bytes + b->n, a->alg->saltbits / 8) == 0;
}

static void report_reused(const struct found *first, const struct found *again, size_t n, struct diags *diags)
{
	struct lint l = { again->stmt, diags };

	if (has_same_nonces(first, again))
		lint_add(&l, &key_rules[REUSED_NONCE], again->part,
		         "another SA has the same key and salt");
	else if (n > 2)
		lint_add(&l, &key_rules[REUSED], again->part,
		         "another SA has the same key: %zu SAs share it", n);
	else
		lint_add(&l, &key_rules[REUSED], again->part, "another SA has the same key");
	diag_note(diags, first->stmt->src, stmt_part(first->stmt, first->part), "first here");
}

/*
 * Reports n equal keys once, at the first other SA that has the key; an SA with the same salt in a counter
 * mode is preferred.
 */
static void report_equal_keys(const struct found *k, size_t n, const struct lint_input *u)
{
	const struct found *again = NULL;

	/* Routers of one link share their keys, for multicast and for each other (RFC 4552 section 7). */
	for (size_t i = 0; i < n; i++)
		if (addr_is_multicast(&k[i].stmt->sa.dst))
			return;
	for (size_t i = 1; i < n; i++) {
		if (k[i].stmt == k[0].stmt || is_same_sa(k[i].stmt, k[0].stmt))
			continue;
		if (lint_is_suppressed(u->suppressions, &key_rules[has_same_nonces(&k[0], &k[i]) ?
		                                                   REUSED_NONCE : REUSED],
		                  k[i].stmt))
			report_reused(&k[0], &k[i], n, u->diags);
		else if (again == NULL || (has_same_nonces(&k[0], &k[i]) && !has_same_nonces(&k[0], again)))
			again = &k[i];
	}
	if (again != NULL)
		report_reused(&k[0], again, n, u->diags);
}

static void check_reuse(struct found *k, size_t n, const struct lint_input *u)
{
	size_t from = 0;

	qsort(k, n, sizeof(*k), compare_by_key_and_order);
	for (size_t i = 1; i <= n; i++) {
		if (i < n && compare_keys(&k[from], &k[i]) == 0)
			continue;
		report_equal_keys(k + from, i - from, u);
		from = i;
	}
}

static void check_same_keys(struct lint *l, const struct sa *sa)
{
	unsigned bits = sa->encbits < sa->authbits ? sa->encbits : sa->authbits;

	if (bits >= 64 && memcmp(sa_enckey(sa), sa_authkey(sa), bits / 8) == 0)
		lint_add(l, &key_rules[SAME_KEYS], PART_AUTHKEY,
		         "authentication has the same key as encryption");
}

static void check_tcp_length(struct lint *l, const struct sa *sa)
{
	enum { LEAST = 12, MOST = 80 };
	unsigned n = sa->authbits / 8;

	if (sa->auth != NULL && stmt_has_part(l->stmt, PART_AUTHKEY) && (n < LEAST || n > MOST))
		lint_add(l, &key_rules[TCP_LENGTH], PART_AUTHKEY,
		         "a TCP-MD5 key has %u to %u bytes, found %u", LEAST, MOST, n);
}

void lint_keys(const struct lint_input *u)
{
	struct found *k = memory_resize(NULL, 2 * u->conf->n + 2, sizeof(*k));
	struct limiter t[FAULTS];
	size_t n = 0;

	for (size_t i = 0; i < FAULTS; i++)
		t[i] = lint_limiter(u, &key_rules[faults[i].rule], faults[i].most);
	for (size_t i = 0; i < u->conf->n; i++) {
		struct lint l = { u->conf->stmt[i], u->diags };

		if (l.stmt->has_error || !verb_makes_sa(l.stmt->verb))
			continue;
		if (l.stmt->sa.proto == PROTO_TCP) {
			check_tcp_length(&l, &l.stmt->sa);
			continue;
		}
		check_same_keys(&l, &l.stmt->sa);
		for (enum part part = PART_ENCKEY; part <= PART_AUTHKEY; part += PART_AUTHKEY - PART_ENCKEY) {
			if (!find_key(&k[n], u->conf, l.stmt, part))
				continue;
			report_key(&k[n], u->diags, t);
			k[n].at = n;
			n++;
		}
	}
	lint_flush(u->diags, t, FAULTS);
	check_reuse(k, n, u);
	explicit_bzero(k, n * sizeof(*k));
	weak_forget();
	free(k);
}
