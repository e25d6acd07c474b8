/* SPDX-License-Identifier: ISC */
/* Derives bytes from a secret: HKDF-SHA-256, RFC 5869, by nettle. Knows no keys and no algorithms. */
#ifndef BASE_HKDF_H
#define BASE_HKDF_H

#include <stddef.h>
#include <stdint.h>

struct buf;

/* Derives n bytes, at most 8160; the same arguments give the same bytes. */
void hkdf_derive(uint8_t *out, size_t n, const void *secret, size_t nsecret, const void *salt, size_t nsalt,
                 const void *info, size_t ninfo);

/*
 * Appends a field of at most 65535 bytes to an info: two bytes of length, then the field, so that different
 * lists of fields are different infos.
 */
void hkdf_add_field(struct buf *info, const void *field, size_t n);

#endif
