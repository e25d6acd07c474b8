/* SPDX-License-Identifier: ISC */
/* The table of all algorithms: names, ids, key, salt and ICV lengths. No I/O, no kernel header. */
#include "model/alg.h"

#include "model/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * If rows share a PF_KEY id or a kernel name, the first is the one that dumps print. ICV defaults are those
 * of the kernel's xfrm_algo.c; for sha256 that is 96, although RFC 4868 section 2.1.1 specifies 128.
 */
static const struct alg table[] = {
	/*
	 * kind    name              alias                 id   kernel name               min  max step salt
	 * icv max flags  ref, others' icv, foreign
	 */
	{ ALG_AUTH, "hmac-md5",      "hmac-md5-96",         2, "hmac(md5)",               128, 128,  0,  0,  96, 128, ALG_ANYICV | ALG_MUST_NOT, "RFC 2403", 0,
	  "md5 hmacmd5" },
	{ ALG_AUTH, "hmac-sha1",     "hmac-sha1-96",        3, "hmac(sha1)",              160, 160,  0,  0,  96, 160, ALG_ANYICV | ALG_MUST_MINUS, "RFC 2404", 0,
	  "sha1 hmacsha1 =sha =sha-96 =sha-160 =hmacsha" },
	{ ALG_AUTH, "hmac-sha256",   "hmac-sha2-256",       5, "hmac(sha256)",            256, 256,  0,  0,  96, 256, ALG_ANYICV, "RFC 4868", 128,
	  "sha256 sha2_256 hmacsha256 =sha2" },
	{ ALG_AUTH, "hmac-sha384",   "hmac-sha2-384",       6, "hmac(sha384)",            384, 384,  0,  0, 192, 384, ALG_ANYICV | ALG_MAY, "RFC 4868", 0,
	  "sha384 sha2_384 hmacsha384" },
	{ ALG_AUTH, "hmac-sha512",   "hmac-sha2-512",       7, "hmac(sha512)",            512, 512,  0,  0, 256, 512, ALG_ANYICV, "RFC 4868", 0,
	  "sha512 sha2_512 hmacsha512" },
	{ ALG_AUTH, "hmac-ripemd160", "hmac-ripemd160-96",  8, "hmac(rmd160)",            160, 160,  0,  0,  96, 160, ALG_ANYICV | ALG_MAY, "RFC 2857", 0,
	  "ripemd160 rmd160 hmacripemd160 =ripemd" },
	{ ALG_AUTH, "aes-xcbc-mac",  "aes-xcbc-mac-96",     9, "xcbc(aes)",               128, 128,  0,  0,  96, 128, ALG_MAY, "RFC 3566", 0,
	  "aes-xcbc aesxcbc xcbc" },
	{ ALG_AUTH, "hmac-sm3",      NULL,                 10, "hmac(sm3)",               256, 256,  0,  0, 256, 256, ALG_ANYICV | ALG_NEW | ALG_MAY, "GB/T 32905", 0,
	  "sm3 hmacsm3" },
	{ ALG_AUTH, "null",          NULL,                251, "digest_null",               0,   0,  0,  0,   0,   0, 0, "RFC 4303 section 3.2.2", 0,
	  "none non_auth null" },
	{ ALG_AUTH, "aes-cmac",      "aes-cmac-96",         0, "cmac(aes)",               128, 128,  0,  0,  96, 128, ALG_NEW | ALG_MAY, "RFC 4494", 0,
	  "aes-cmac aescmac cmac" },
	{ ALG_AUTH, "keyed-md5",     NULL,                249, NULL,                      128, 128,  0,  0, 128, 128, ALG_ABSENT | ALG_MUST_NOT, "RFC 1828", 0, NULL },
	{ ALG_AUTH, "keyed-sha1",    NULL,                250, NULL,                      160, 160,  0,  0, 160, 160, ALG_ABSENT, "RFC 1852", 0, NULL },
	{ ALG_AUTH, "tcp-md5",       NULL,                  0, NULL,                        8, 640,  8,  0, 128, 128, ALG_ABSENT, "RFC 2385", 0, NULL },

	{ ALG_ENC, "des-cbc",        NULL,                  2, "cbc(des)",                 64,  64,  0,  0,   0,   0, ALG_MUST_NOT, "RFC 2405", 0,
	  "des descbc des_56" },
	{ ALG_ENC, "des-deriv",      NULL,                  2, "cbc(des)",                 64,  64,  0,  0,   0,   0, ALG_OBSOLETE | ALG_NOT_OLD | ALG_MUST_NOT, "RFC 2405", 0, NULL },
	{ ALG_ENC, "des-32iv",       NULL,                  2, "cbc(des)",                 64,  64,  0,  0,   0,   0, ALG_OBSOLETE | ALG_ESP_OLD | ALG_MUST_NOT, "RFC 1829", 0, NULL },
	{ ALG_ENC, "3des-cbc",       NULL,                  3, "cbc(des3_ede)",           192, 192,  0,  0,   0,   0, ALG_SHOULD_NOT, "RFC 2451", 0,
	  "3des des3 3des_ede des3_ede des_ede3 tripledes triple_des 3descbc 3des_168 des_cbc3" },
	{ ALG_ENC, "cast128-cbc",    NULL,                  6, "cbc(cast5)",               40, 128,  8,  0,   0,   0, ALG_MUST_NOT, "RFC 2451", 0,
	  "cast cast5 cast128 castcbc" },
	{ ALG_ENC, "blowfish-cbc",   NULL,                  7, "cbc(blowfish)",            40, 448,  8,  0,   0,   0, ALG_MUST_NOT, "RFC 2451", 0,
	  "blowfish bf blowfishcbc" },
	{ ALG_ENC, "null",           NULL,                 11, "ecb(cipher_null)",          0,   0,  0,  0,   0,   0, 0, "RFC 2410", 0,
	  "none null null_enc cipher_null" },
	{ ALG_ENC, "simple",         NULL,                 11, "ecb(cipher_null)",          0,   0,  0,  0,   0,   0, ALG_OBSOLETE, "RFC 2410", 0, NULL },
	{ ALG_ENC, "aes-cbc",        "rijndael-cbc",       12, "cbc(aes)",                128, 256, 64,  0,   0,   0, 0, "RFC 3602", 0,
	  "aes aes-cbc rijndael aescbc rijndaelcbc" },
	{ ALG_ENC, "aes-ctr",        NULL,                 13, "rfc3686(ctr(aes))",       128, 256, 64, 32,   0,   0, ALG_STREAM | ALG_MAY, "RFC 3686", 0,
	  "aes-ctr aesctr" },
	{ ALG_ENC, "camellia-cbc",   NULL,                 22, "cbc(camellia)",           128, 256, 64,  0,   0,   0, ALG_MAY, "RFC 4312", 0,
	  "camellia camelliacbc" },
	{ ALG_ENC, "sm4-cbc",        NULL,                 24, "cbc(sm4)",                128, 128,  0,  0,   0,   0, ALG_NEW | ALG_MAY, "GB/T 32907", 0,
	  "sm4" },
	{ ALG_ENC, "serpent-cbc",    NULL,                252, "cbc(serpent)",            128, 256, 64,  0,   0,   0, ALG_NEW | ALG_MAY, NULL, 0,
	  "serpent serpentcbc" },
	{ ALG_ENC, "twofish-cbc",    NULL,                253, "cbc(twofish)",            128, 256, 64,  0,   0,   0, ALG_MAY, NULL, 0,
	  "twofish twofishcbc" },
	{ ALG_ENC, "3des-deriv",     NULL,                  0, NULL,                      192, 192,  0,  0,   0,   0, ALG_ABSENT, NULL, 0, NULL },
	{ ALG_ENC, "rc5-cbc",        NULL,                  0, NULL,                       40, 2040, 8,  0,   0,   0, ALG_ABSENT | ALG_MUST_NOT, "RFC 2451", 0, NULL },
	{ ALG_ENC, "idea-cbc",       NULL,                  0, NULL,                      128, 128,  0,  0,   0,   0, ALG_ABSENT | ALG_MUST_NOT, "RFC 2451", 0, NULL },
	{ ALG_ENC, "skipjack",       "skipjack-cbc",        0, NULL,                       80,  80,  0,  0,   0,   0, ALG_ABSENT, NULL, 0, NULL },

	{ ALG_AEAD, "aes-gcm-16",    "aes-gcm",             0, "rfc4106(gcm(aes))",       128, 256, 64, 32, 128, 128, ALG_NEW | ALG_STREAM, "RFC 4106", 0,
	  "aes-gcm aesgcm gcm gcmaes aes-gcm-c" },
	{ ALG_AEAD, "aes-gcm-12",    NULL,                  0, "rfc4106(gcm(aes))",       128, 256, 64, 32,  96, 128, ALG_NEW | ALG_STREAM | ALG_MAY, "RFC 4106", 0,
	  "aes-gcm aesgcm gcm gcmaes aes-gcm-b" },
	{ ALG_AEAD, "aes-gcm-8",     NULL,                  0, "rfc4106(gcm(aes))",       128, 256, 64, 32,  64, 128, ALG_NEW | ALG_STREAM | ALG_MAY, "RFC 4106", 0,
	  "aes-gcm aesgcm gcm gcmaes aes-gcm-a" },
	{ ALG_AEAD, "aes-ccm-16",    "aes-ccm",             0, "rfc4309(ccm(aes))",       128, 256, 64, 24, 128, 128, ALG_NEW | ALG_STREAM | ALG_MAY, "RFC 4309", 0,
	  "aes-ccm aesccm ccm aes-ccm-c" },
	{ ALG_AEAD, "aes-ccm-12",    NULL,                  0, "rfc4309(ccm(aes))",       128, 256, 64, 24,  96, 128, ALG_NEW | ALG_STREAM | ALG_MAY, "RFC 4309", 0,
	  "aes-ccm aesccm ccm aes-ccm-b" },
	{ ALG_AEAD, "aes-ccm-8",     NULL,                  0, "rfc4309(ccm(aes))",       128, 256, 64, 24,  64, 128, ALG_NEW | ALG_STREAM, "RFC 4309", 0,
	  "aes-ccm aesccm ccm aes-ccm-a" },
	{ ALG_AEAD, "aes-gmac",      NULL,                  0, "rfc4543(gcm(aes))",       128, 256, 64, 32, 128, 128, ALG_NEW | ALG_STREAM | ALG_MAY, "RFC 4543", 0,
	  "aes-gmac aesgmac gmac null-aes-gmac" },
	{ ALG_AEAD, "chacha20-poly1305", NULL,              0, "rfc7539esp(chacha20,poly1305)", 256, 256, 0, 32, 128, 128, ALG_NEW | ALG_STREAM, "RFC 7634", 0,
	  "chachapoly chacha_poly rfc7539-chacha20-poly1305" },

	{ ALG_COMP, "deflate",       NULL,                  2, "deflate",                   0,   0,  0,  0,   0,   0, 0, "RFC 2394", 0,
	  "deflate" },
	{ ALG_COMP, "oui",           NULL,                  1, NULL,                        0,   0,  0,  0,   0,   0, ALG_ABSENT, NULL, 0, NULL },
	{ ALG_COMP, "lzs",           NULL,                  3, NULL,                        0,   0,  0,  0,   0,   0, ALG_ABSENT, "RFC 2395", 0, NULL },
	{ ALG_COMP, "lzjh",          NULL,                  4, NULL,                        0,   0,  0,  0,   0,   0, ALG_ABSENT | ALG_NEW, "RFC 3051", 0, NULL },
};

enum { ROWS = sizeof(table) / sizeof(table[0]) };

const char *alg_option(enum alg_kind kind)
{
	return kind == ALG_AUTH ? "-A" : kind == ALG_COMP ? "-C" : "-E";
}

const struct alg *alg_table(size_t *n)
{
	*n = ROWS;
	return table;
}

/* ALG_ENC includes ALG_AEAD: both follow -E. */
static bool is_of_kind(const struct alg *a, enum alg_kind kind)
{
	return a->kind == kind || (kind == ALG_ENC && a->kind == ALG_AEAD);
}

static const struct alg *find_exact(enum alg_kind kind, const char *word, size_t n)
{
	for (const struct alg *a = table; a < table + ROWS; a++)
		if (is_of_kind(a, kind) &&
		    (name_is(a->name, word, n) || (a->alias != NULL && name_is(a->alias, word, n))))
			return a;
	return NULL;
}

/*
 * Returns the number after the last '-' of the word, 0 if there is none. *stem is the length of the text
 * before it.
 */
static unsigned trailing_number(const char *word, size_t n, size_t *stem)
{
	unsigned number = 0, place = 1;
	size_t i = n;

	while (i > 0 && n - i < 4 && word[i - 1] >= '0' && word[i - 1] <= '9') {
		number += place * (unsigned)(word[--i] - '0');
		place *= 10;
	}
	if (i == 0 || i == n || word[i - 1] != '-')
		return 0;
	*stem = i - 1;
	return number;
}

const struct alg *alg_find(enum alg_kind kind, const char *word, size_t n, uint16_t *icvbits)
{
	const struct alg *a = find_exact(kind, word, n), *stem;
	size_t len = 0;
	unsigned icv = trailing_number(word, n, &len);

	*icvbits = 0;
	stem = icv ? find_exact(kind, word, len) : NULL;
	if (stem == NULL || !(stem->flags & ALG_ANYICV))
		return a;
	if (icv < ICV_MIN || icv > stem->icvmax || icv % ICV_STEP != 0)
		return NULL;
	*icvbits = (uint16_t)icv;
	return stem;
}

const struct alg *alg_stem(enum alg_kind kind, const char *word, size_t n)
{
	size_t len = 0;
	const struct alg *a = trailing_number(word, n, &len) ? find_exact(kind, word, len) : NULL;

	return a != NULL && a->flags & ALG_ANYICV ? a : NULL;
}

const struct alg *alg_by_pfkey(enum alg_kind kind, uint8_t id)
{
	for (const struct alg *a = table; a < table + ROWS; a++)
		if (id != 0 && a->kind == kind && a->pfkey == id)
			return a;
	return NULL;
}

const struct alg *alg_by_xfrm(enum alg_kind kind, const char *name, uint16_t icvbits)
{
	for (const struct alg *a = table; a < table + ROWS; a++)
		if (a->kind == kind && a->xfrm != NULL && strcmp(a->xfrm, name) == 0 &&
		    (kind != ALG_AEAD || icvbits == 0 || a->icvbits == icvbits))
			return a;
	return NULL;
}

bool alg_takes(const struct alg *a, unsigned bits)
{
	if (bits < (unsigned)a->minbits + a->saltbits || bits > (unsigned)a->maxbits + a->saltbits)
		return false;
	return a->stepbits == 0 || (bits - a->saltbits - a->minbits) % a->stepbits == 0;
}

bool alg_kernel_takes(const struct alg *a, unsigned bits)
{
	if (a->flags & ALG_ANYICV || (a->kind == ALG_AUTH && a->maxbits == 0))
		return true;
	if (a->xfrm != NULL && strcmp(a->xfrm, "cmac(aes)") == 0)
		return bits == 128 || bits == 192 || bits == 256;
	return alg_takes(a, bits);
}

const char *alg_lengths(const struct alg *a, char *out, size_t size)
{
	unsigned salt = a->saltbits, n = a->stepbits ? (a->maxbits - a->minbits) / a->stepbits + 1u : 1;
	char bits[48];

	if (n == 1)
		snprintf(bits, sizeof(bits), "%u", a->minbits + salt);
	else if (n <= 3)
		snprintf(bits, sizeof(bits), "%u, %u or %u", a->minbits + salt,
		         a->minbits + a->stepbits + salt, a->maxbits + salt);
	else
		snprintf(bits, sizeof(bits), "%u to %u", a->minbits + salt, a->maxbits + salt);
	if (salt != 0)
		snprintf(out, size, "%s bits, the last %u of them salt", bits, salt);
	else
		snprintf(out, size, "a %s-bit key", bits);
	return out;
}
