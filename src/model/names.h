/* SPDX-License-Identifier: ISC */
/* Words and numbers of the language and of the dumps, in tables. No I/O. */
#ifndef MODEL_NAMES_H
#define MODEL_NAMES_H

#include <stdbool.h>
#include <stddef.h>

struct name {
	const char *word;
	int number;
};

/* Each ends with a NULL word; where several words share a number the first is printed. */
extern const struct name proto_names[];  /* IPsec protocols: esp, ah, ipcomp and their aliases */
extern const struct name encap_names[];  /* enum encap, in the words of ip-xfrm(8) */
extern const struct name mode_names[];
extern const struct name dir_names[];
extern const struct name action_names[];
extern const struct name level_names[];
extern const struct name state_names[];
extern const struct name flag_names[];   /* what -f takes, SA_F_* */
extern const struct name policy_flag_names[]; /* the same in a policy, POLICY_F_* */

/*
 * True if the word of n bytes is the name. The words of a file are compared with many: most differ in the
 * first byte.
 */
static inline bool name_is(const char *name, const char *word, size_t n)
{
	size_t i = 0;

	while (i < n && name[i] == word[i] && name[i] != '\0')
		i++;
	return i == n && name[i] == '\0';
}

/* The number for a word of n bytes, or -1. */
int name_number(const struct name *table, const char *word, size_t n);

/* The word for a number, or NULL. */
const char *name_word(const struct name *table, int number);

/* How many letters of the word, n bytes, are others, missing or too many; words have up to 31 bytes. */
size_t name_distance(const char *word, size_t n, const char *name);

/*
 * The one of these names, which end with a NULL, that the word is a slip of the pen for. NULL: none, or
 * several.
 */
const char *name_nearest(const char *const *names, const char *word, size_t n);

/* All words with commas and a final "or", for a message. */
const char *name_list(const struct name *table, char *out, size_t size);

#endif
