/* SPDX-License-Identifier: ISC */
/* Derives bytes from a secret: HKDF-SHA-256, RFC 5869, by nettle. Knows no keys and no algorithms. */
#include "base/hkdf.h"

#include "base/memory.h"

#include <assert.h>
#include <nettle/hkdf.h>
#include <nettle/hmac.h>
#include <string.h>

void hkdf_derive(uint8_t *out, size_t n, const void *secret, size_t nsecret, const void *salt, size_t nsalt,
                 const void *info, size_t ninfo)
{
	uint8_t prk[SHA256_DIGEST_SIZE];
	struct hmac_sha256_ctx c;

	assert(n <= (size_t)255 * SHA256_DIGEST_SIZE);
	hmac_sha256_set_key(&c, nsalt, salt);
	hkdf_extract(&c, (nettle_hash_update_func *)hmac_sha256_update,
	             (nettle_hash_digest_func *)hmac_sha256_digest, sizeof(prk), nsecret, secret, prk);
	hmac_sha256_set_key(&c, sizeof(prk), prk);
	hkdf_expand(&c, (nettle_hash_update_func *)hmac_sha256_update,
	            (nettle_hash_digest_func *)hmac_sha256_digest, sizeof(prk), ninfo, info, n, out);
	explicit_bzero(prk, sizeof(prk));
	explicit_bzero(&c, sizeof(c));
}

void hkdf_add_field(struct buf *info, const void *field, size_t n)
{
	const uint8_t length[2] = { (uint8_t)(n >> 8), (uint8_t)n };

	assert(n <= UINT16_MAX);
	buf_add(info, length, sizeof(length));
	buf_add(info, field, n);
}
