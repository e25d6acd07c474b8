/* SPDX-License-Identifier: ISC */
/*
 * Appends numbers, addresses and times to a buffer as printf, inet_ntop and strftime would write them, but
 * several times as fast: dumps consist of them. Knows libc only.
 */
#ifndef BASE_APPEND_H
#define BASE_APPEND_H

#include "base/memory.h"

/* As "%u"; and as "%*u" or "%0*u", by the character that fills it up to the width. */
void append_decimal(struct buf *b, uint64_t n);
void append_padded(struct buf *b, uint64_t n, unsigned width, char fill);

/* "%s%u": a label and a number. */
static inline void append_field(struct buf *b, const char *label, uint64_t n)
{
	buf_adds(b, label);
	append_decimal(b, n);
}

/* "%0*x": at least width digits. */
void append_hex(struct buf *b, uint64_t n, unsigned width);

/* "%-*s" */
void append_cell(struct buf *b, const char *s, unsigned width);

/* Pads what was appended since offset at with blanks to the width, left- or right-aligned. */
void append_pad(struct buf *b, size_t at, unsigned width, bool left);

/* inet_ntop of the 4 or 16 bytes of an address. */
void append_ipv4(struct buf *b, const uint8_t *address);
void append_ipv6(struct buf *b, const uint8_t *address);

/* Local time: "Nov 28 19:06:10 2026" as ctime writes it, or "2026-11-28 19:06:10". */
enum time_form { TIME_CTIME, TIME_ISO };

/*
 * Appends seconds since the epoch as local time. Returns false, and appends nothing, for a year beyond int.
 */
bool append_local_time(struct buf *b, uint64_t secs, enum time_form form);

#endif
