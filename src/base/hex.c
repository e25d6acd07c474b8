/* Hexadecimal text to bytes and back. Knows libc only. */
#include "base/hex.h"

#include "base/memory.h"

int hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t hex_decode(uint8_t *out, const char *digits, size_t n)
{
	size_t len = 0;
	int high = 0, d;

	for (size_t i = 0; i < n; i++) {
		if ((d = hex_digit((unsigned char)digits[i])) < 0)
			return SIZE_MAX;
		if ((n - i) % 2 == 0) {
			high = d << 4;
			continue;
		}
		out[len++] = (uint8_t)(high | d);
		high = 0;
	}
	return len;
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
