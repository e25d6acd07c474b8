/* SPDX-License-Identifier: ISC */
/* Decodes UTF-8. Knows libc only. */
#include "base/utf8.h"

size_t utf8_character(const char *p, size_t n, uint32_t *character)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 }; /* the lowest code point, by length */
	const unsigned char *bytes = (const unsigned char *)p;
	unsigned char first = bytes[0];
	size_t len = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	uint32_t c = len > 1 ? bytes[0] & (0x7fu >> len) : bytes[0];

	if (len == 0 || len > n || bytes[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (bytes[i] & 0x3f);
	}
	if (c < least[len] || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
		return 0;
	*character = c;
	return len;
}

bool utf8_is_valid(const char *p, size_t n)
{
	uint32_t c;

	for (size_t i = 0, len; i < n; i += len)
		if ((len = utf8_character(p + i, n - i, &c)) == 0)
			return false;
	return true;
}
