/* SPDX-License-Identifier: ISC */
/* Makes keys: reads which algorithm and length are wanted, and fills in the bytes. */
#include "provision/plan.h"

#include "base/random.h"
#include "lint/key_quality.h"

#include <stdlib.h>
#include <string.h>

enum { BITS_USUAL = 256 };

/* The default length: the longest key up to BITS_USUAL, plus the salt. */
static unsigned default_bits(const struct alg *a)
{
	unsigned bits = a->maxbits;

	while (a->stepbits != 0 && bits > BITS_USUAL && bits - a->stepbits >= a->minbits)
		bits -= a->stepbits;
	return bits + a->saltbits;
}

static bool is_des(const struct alg *a)
{
	return a->xfrm != NULL && (strcmp(a->xfrm, "cbc(des)") == 0 || strcmp(a->xfrm, "cbc(des3_ede)") == 0);
}

/* Reads a number of n digits; 0: it is not a number of bits. */
static unsigned read_bits(const char *digits, size_t n)
{
	char number[8] = "";
	const char *error;

	if (n < sizeof(number))
		memcpy(number, digits, n);
	return (unsigned)strtonum(number, 1, UINT16_MAX, &error);
}

static bool set_bits(struct key_spec *k, const char *digits, size_t n)
{
	unsigned given = digits != NULL ? read_bits(digits, n) : 0;
	char lengths[80];

	k->bits = digits == NULL ? default_bits(k->alg) : given + k->alg->saltbits;
	if (digits != NULL && !alg_takes(k->alg, k->bits))
		k->bits = given;
	if (alg_takes(k->alg, k->bits))
		return true;
	error("%.*s takes %s, not %.*s bits", (int)k->n, k->word,
	      alg_lengths(k->alg, lengths, sizeof(lengths)), (int)n, digits);
	return false;
}

/*
 * Complains of an unknown algorithm; if the name is used elsewhere, gives ours: aes256gcm16 is
 * aes-gcm-16:256.
 */
static void complain_unknown(const char *word, size_t n)
{
	struct alg_foreign f;
	char icv[8] = "", bits[8] = "";

	if (!alg_find_foreign(ALG_ENC, word, n, &f) && !alg_find_foreign(ALG_AUTH, word, n, &f)) {
		error("%.*s is no algorithm of Linux; `setkey algorithms` lists them", (int)n, word);
		return;
	}
	if (f.icvbits != 0)
		snprintf(icv, sizeof(icv), "-%u", f.icvbits);
	if (f.keybits != 0)
		snprintf(bits, sizeof(bits), ":%u", f.keybits);
	error("%.*s is not the name of an algorithm here; write %s%s%s", (int)n, word, f.alg->name, icv,
	      bits);
}

bool newkey_read(struct key_spec *k, const char *word, size_t n, bool allow_weak)
{
	const char *colon = memchr(word, ':', n);

	*k = (struct key_spec){ .word = word, .n = colon ? (size_t)(colon - word) : n };
	k->alg = alg_find(ALG_ENC, word, k->n, &k->icvbits);
	if (k->alg == NULL)
		k->alg = alg_find(ALG_AUTH, word, k->n, &k->icvbits);
	if (k->alg == NULL || k->alg->flags & ALG_ABSENT) {
		complain_unknown(word, k->n);
		return false;
	}
	if (k->alg->maxbits == 0) {
		error("%s takes no key", k->alg->name);
		return false;
	}
	if (is_des(k->alg) && !allow_weak) {
		error("%s should not be used any more (RFC 8221 section 5); --allow-weak makes a key all "
		      "the same",
		      k->alg->name);
		return false;
	}
	return set_bits(k, colon ? colon + 1 : NULL, colon ? n - k->n - 1 : 0);
}

bool newkey_form(const struct key_spec *k, uint8_t *bytes)
{
	if (k->alg == NULL || !is_des(k->alg))
		return true;
	/* DES uses seven bits of each byte; the eighth makes the number of ones odd. */
	for (size_t i = 0; i < k->bits / 8; i++)
		bytes[i] = (uint8_t)((bytes[i] & 0xfe) | (__builtin_parity(bytes[i] & 0xfe) ^ 1));
	return weak_des(bytes, k->bits / 8) == NULL;
}

int newkey_fill(const struct key_spec *k, uint8_t *to)
{
	int err;

	do
		err = random_fill(to, k->bits / 8);
	while (err == 0 && !newkey_form(k, to));
	return err;
}
