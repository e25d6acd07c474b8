/* SPDX-License-Identifier: ISC */
/* Hexadecimal text to bytes and back. Knows libc only. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include <stddef.h>
#include <stdint.h>

struct buf;

/* One more than the value of a hex digit, 0 for every other character. */
extern const uint8_t hex_values[256];

/* The value of one hex digit, or -1. */
static inline int hex_digit(unsigned char c)
{
	return hex_values[c] - 1;
}

/*
 * Decodes n digits into (n + 1) / 2 bytes at out and returns that count, or
 * SIZE_MAX when a character is no hex digit. With an odd count the first
 * digit becomes a byte of its own, as the classic setkey does.
 */
size_t hex_decode(uint8_t *out, const char *digits, size_t n);

/* Appends n bytes as lower-case hex. */
void hex_encode(struct buf *b, const uint8_t *bytes, size_t n);

/* Appends rows of 16 bytes, each after its offset, as the classic -H does. */
void hex_rows(struct buf *b, const uint8_t *bytes, size_t n);

#endif
