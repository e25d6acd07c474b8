/* SPDX-License-Identifier: ISC */
/*
 * Appends numbers, addresses and times to a buffer, as printf, inet_ntop and strftime would write them and
 * several times as fast: dumps consist of them. Knows libc only.
 */
#ifndef BASE_APPEND_H
#define BASE_APPEND_H

#include "base/memory.h"

/* "%u", and "%*u" or "%0*u" by what it is filled with to the width. */
void append_decimal(struct buf *b, uint64_t n);
void append_padded(struct buf *b, uint64_t n, unsigned width, char fill);

/* "%s%u": what a number is after, and the number. */
static inline void append_field(struct buf *b, const char *label, uint64_t n)
{
	buf_adds(b, label);
	append_decimal(b, n);
}

/* "%0*x": at least width digits. */
void append_hex(struct buf *b, uint64_t n, unsigned width);

/* "%-*s" */
void append_cell(struct buf *b, const char *s, unsigned width);

/* Fills what was appended since the place at with blanks to the width: left or right of them. */
void append_pad(struct buf *b, size_t at, unsigned width, bool left);

/* inet_ntop of the 4 or 16 bytes of an address. */
void append_ipv4(struct buf *b, const uint8_t *address);
void append_ipv6(struct buf *b, const uint8_t *address);

/* Local time: "Nov 28 19:06:10 2026" as ctime writes it, or "2026-11-28 19:06:10". */
enum time_form { TIME_CTIME, TIME_ISO };

/* Appends the seconds since the epoch. False, and nothing is appended: their year is no number. */
bool append_local_time(struct buf *b, uint64_t secs, enum time_form form);

#endif
