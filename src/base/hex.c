/* SPDX-License-Identifier: ISC */
/* Hexadecimal text to bytes and back. Knows libc only. */
#include "base/hex.h"

#include "base/memory.h"

const uint8_t hex_values[256] = {
	['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6, ['6'] = 7, ['7'] = 8, ['8'] = 9, ['9'] = 10,
	['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
	['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

size_t hex_decode(uint8_t *out, const char *digits, size_t n)
{
	const unsigned char *at = (const unsigned char *)digits, *end = at + n;
	size_t len = 0;
	int bad = 0;

	if (n % 2 != 0) {
		bad = hex_digit(*at);
		out[len++] = (uint8_t)hex_digit(*at++);
	}
	while (at < end) {
		int high = hex_digit(at[0]), low = hex_digit(at[1]);

		bad |= high | low; /* -1 has the sign bit, no digit has */
		out[len++] = (uint8_t)((unsigned)high << 4 | (unsigned)low);
		at += 2;
	}
	return bad < 0 ? SIZE_MAX : len;
}

void hex_encode(struct buf *b, const uint8_t *bytes, size_t n)
{
	char *at = buf_add(b, NULL, 2 * n);

	for (size_t i = 0; i < n; i++) {
		at[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
		at[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
	}
}

void hex_rows(struct buf *b, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i % 16 == 0)
			buf_printf(b, "%s%08zx: ", i ? "\n" : "", i);
		buf_printf(b, "%02x ", bytes[i]);
	}
	buf_addc(b, '\n');
}
