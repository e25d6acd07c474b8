/* SPDX-License-Identifier: ISC */
/* Prints what src/base/hkdf.c makes of a secret, a salt and an info, all in hex, and a length: hkdf SECRET SALT INFO N */
#include "base/hkdf.c"

#include <stdio.h>
#include <stdlib.h>

/* Declared in base/memory.h; a test has no long fields. */
void *buf_add(struct buf *b, const void *from, size_t n)
{
	(void)from;
	b->len += n;
	return b->bytes;
}

static size_t decode(const char *hex, uint8_t *to)
{
	size_t n = 0;

	for (unsigned byte; sscanf(hex, "%2x", &byte) == 1; hex += 2)
		to[n++] = (uint8_t)byte;
	return n;
}

int main(int argc, char **argv)
{
	uint8_t part[3][256], out[256];
	size_t len[3], n = argc == 5 ? strtoul(argv[4], NULL, 10) : 0;

	if (n == 0 || n > sizeof(out))
		return 2;
	for (int i = 0; i < 3; i++)
		len[i] = strlen(argv[i + 1]) > 2 * sizeof(part[i]) ? 0 : decode(argv[i + 1], part[i]);
	hkdf_derive(out, n, part[0], len[0], part[1], len[1], part[2], len[2]);
	for (size_t i = 0; i < n; i++)
		printf("%02x", out[i]);
	putchar('\n');
	return 0;
}
