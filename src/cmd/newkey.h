/* A key that is to be made: for which algorithm, how long; and its bytes. */
#ifndef CMD_NEWKEY_H
#define CMD_NEWKEY_H

#include "model/alg.h"

struct newkey {
	const struct alg *alg; /* NULL: no key */
	const char *word;      /* what the user called it, n bytes; borrowed */
	size_t n;
	uint16_t icvbits;      /* that the word names, or 0 */
	unsigned bits;         /* salt included; 0: the algorithm takes none */
};

/* Reads NAME or NAME:BITS, n bytes; the salt need not be counted. False after complaining. */
bool newkey_read(struct newkey *k, const char *word, size_t n, bool allow_weak);

/* Makes k->bits / 8 random bytes, none that the algorithm is weak with. Returns 0 or -errno. */
int newkey_fill(const struct newkey *k, uint8_t *to);

/* Gives the bytes, which come from elsewhere, the form the algorithm wants; false if it is weak with them. */
bool newkey_form(const struct newkey *k, uint8_t *bytes);

#endif
