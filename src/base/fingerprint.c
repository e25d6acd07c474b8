/* SPDX-License-Identifier: ISC */
/* A short fingerprint of a secret, to be compared over the telephone. Knows bytes only. */
#include "base/fingerprint.h"

#include <nettle/hmac.h>
#include <stdio.h>
#include <string.h>

/* The label keeps these apart from every other hash of the same bytes. */
const char *fingerprint_text(const uint8_t *secret, size_t n, char text[FINGERPRINT_LEN])
{
	static const uint8_t label[] = "setkey key fingerprint 1";
	struct hmac_sha256_ctx c;
	uint8_t sum[6];

	hmac_sha256_set_key(&c, sizeof(label) - 1, label);
	hmac_sha256_update(&c, n, secret);
	hmac_sha256_digest(&c, sizeof(sum), sum);
	explicit_bzero(&c, sizeof(c));
	snprintf(text, FINGERPRINT_LEN, "%02x%02x-%02x%02x-%02x%02x", sum[0], sum[1], sum[2], sum[3], sum[4],
	         sum[5]);
	return text;
}
