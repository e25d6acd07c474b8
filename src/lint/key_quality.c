/* SPDX-License-Identifier: ISC */
/*
 * Judges the bytes of a key: published, guessable, weak for DES. Knows bytes, no statements and no findings.
 */
#include "lint/key_quality.h"

#include "lint/known_keys.h"

#include <ctype.h>
#include <nettle/sha2.h>
#include <string.h>
#include <strings.h>

enum { PART = 8 }; /* bytes of a DES key */

static uint64_t hash_start(const uint8_t *key)
{
	uint8_t sum[SHA256_DIGEST_SIZE];
	uint64_t first = 0;
	struct sha256_ctx c;

	sha256_init(&c);
	sha256_update(&c, sizeof(PUBLISHED_SALT) - 1, (const uint8_t *)PUBLISHED_SALT);
	sha256_update(&c, PUBLISHED_BYTES, key);
	sha256_digest(&c, sizeof(sum), sum);
	explicit_bzero(&c, sizeof(c));
	for (int i = 0; i < 8; i++)
		first = first << 8 | sum[i];
	return first;
}

bool weak_is_published(const uint8_t *key, size_t n)
{
	size_t low = 0, high = sizeof(published) / sizeof(published[0]);
	uint64_t h;

	if (n < PUBLISHED_BYTES)
		return false;
	h = hash_start(key);
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (published[mid] == h)
			return true;
		if (published[mid] < h)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

/* Nettle leaves words of the message on the stack and does not wipe them; hashing zeros overwrites them. */
void weak_forget(void)
{
	static const uint8_t zeros[PUBLISHED_BYTES];

	weak_is_published(zeros, sizeof(zeros));
}

static bool has_period(const uint8_t *key, size_t n)
{
	for (size_t period = 1; period <= n / 2; period++)
		if (memcmp(key, key + period, n - period) == 0)
			return true;
	return false;
}

/*
 * True if at least three quarters of the bytes are the one before plus step: digits in order start again
 * after 9, hex ramps after ff.
 */
static bool counts_by(const uint8_t *key, size_t n, uint8_t step)
{
	size_t count = 0;

	for (size_t i = 1; i < n; i++)
		count += (uint8_t)(key[i] - key[i - 1]) == step;
	return count * 4 >= (n - 1) * 3;
}

/* At most three eighths of the bytes are different: 16 random bytes are like that once in 10^13 keys. */
static bool has_few_bytes(const uint8_t *key, size_t n)
{
	uint64_t seen[4] = { 0 };
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		seen[key[i] / 64] |= (uint64_t)1 << key[i] % 64;
	for (int i = 0; i < 4; i++)
		count += (size_t)__builtin_popcountll(seen[i]);
	return count * 8 <= n * 3;
}

const char *weak_pattern(const uint8_t *key, size_t n)
{
	if (n < PART)
		return NULL;
	if (counts_by(key, n, 0))
		return "repeats a single byte";
	if (has_period(key, n))
		return "repeats a pattern";
	if (counts_by(key, n, (uint8_t)(key[1] - key[0])) ||
	    counts_by(key, n, (uint8_t)(key[n / 2] - key[n / 2 - 1])))
		return "counts up or down";
	return has_few_bytes(key, n) ? "has few different bytes" : NULL;
}

bool weak_is_placeholder(const uint8_t *key, size_t n)
{
	static const char *const words[] = { "change", "secret", "passw", "placeholder", "example", "your", "replace", "xxxx",
		"dummy", "sample", "default", "test", "qwert", "foobar", "letmein" };
	char text[129];

	if (n >= sizeof(text))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isprint(key[i]))
			return false;
	memcpy(text, key, n);
	text[n] = '\0';
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasestr(text, words[i]) == NULL)
			continue;
		explicit_bzero(text, sizeof(text));
		return true;
	}
	explicit_bzero(text, sizeof(text));
	return false;
}

/* The lowest bit of each byte is parity, which the cipher does not use. */
static uint64_t without_parity(const uint8_t *key)
{
	uint64_t v = 0;

	for (int i = 0; i < PART; i++)
		v = v << 8 | (key[i] & 0xfe);
	return v;
}

/* The 4 weak and 12 semi-weak keys of DES, without parity (SP 800-67). */
static bool is_weak_part(const uint8_t *key)
{
	static const uint64_t weak[] = {
		0x0000000000000000, 0xfefefefefefefefe, 0xe0e0e0e0f0f0f0f0, 0x1e1e1e1e0e0e0e0e,
		0x001e001e000e000e, 0x1e001e000e000e00, 0x00e000e000f000f0, 0xe000e000f000f000,
		0x00fe00fe00fe00fe, 0xfe00fe00fe00fe00, 0x1ee01ee00ef00ef0, 0xe01ee01ef00ef00e,
		0x1efe1efe0efe0efe, 0xfe1efe1efe0efe0e, 0xe0fee0fef0fef0fe, 0xfee0fee0fef0fef0,
	};

	for (size_t i = 0; i < sizeof(weak) / sizeof(weak[0]); i++)
		if (without_parity(key) == weak[i])
			return true;
	return false;
}

const char *weak_des(const uint8_t *key, size_t n)
{
	for (size_t i = 0; i + PART <= n; i += PART)
		if (is_weak_part(key + i))
			return n == PART ? "is a weak key of DES" :
			                   "contains a weak key of DES";
	if (n == (size_t)3 * PART && (without_parity(key) == without_parity(key + PART) ||
	                              without_parity(key + PART) == without_parity(key + (size_t)2 * PART)))
		return "has two equal parts in a row, which reduces it to DES with 56 bits";
	return NULL;
}

bool weak_is_two_key(const uint8_t *key, size_t n)
{
	return n == (size_t)3 * PART && without_parity(key) == without_parity(key + (size_t)2 * PART);
}

bool weak_has_parity(const uint8_t *key, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (__builtin_parity(key[i]) == 0)
			return false;
	return true;
}
