/* SPDX-License-Identifier: ISC */
/* Tables of the words of the language and of the dumps. No I/O. */
#ifndef MODEL_NAMES_H
#define MODEL_NAMES_H

#include <stdbool.h>
#include <stddef.h>

struct name {
	const char *word;
	int number;
};

/* Each table ends with a NULL word. If several words have the same number, the first is printed. */
extern const struct name proto_names[];  /* IPsec protocols: esp, ah, ipcomp and their aliases */
extern const struct name encap_names[];  /* enum encap, in the words of ip-xfrm(8) */
extern const struct name mode_names[];
extern const struct name dir_names[];
extern const struct name action_names[];
extern const struct name level_names[];
extern const struct name state_names[];
extern const struct name flag_names[];   /* words for -f, SA_F_* */
extern const struct name policy_flag_names[]; /* words for -f in a policy, POLICY_F_* */

/*
 * True if the word of n bytes equals the name. Inline, because each word of a file is compared with many
 * names, most of which differ in the first byte.
 */
static inline bool name_is(const char *name, const char *word, size_t n)
{
	size_t i = 0;

	while (i < n && name[i] == word[i] && name[i] != '\0')
		i++;
	return i == n && name[i] == '\0';
}

/* Returns the number for a word of n bytes, or -1. */
int name_number(const struct name *table, const char *word, size_t n);

/* Returns the word for a number, or NULL. */
const char *name_word(const struct name *table, int number);

/*
 * Returns the number of letters that must be changed, added or removed to turn the word of n bytes into the
 * name (Levenshtein distance). 99 if one has more than 31 bytes.
 */
size_t name_distance(const char *word, size_t n, const char *name);

/*
 * Returns the only name of the list, which ends with NULL, that the word is a likely misspelling of. NULL if
 * there is none or several.
 */
const char *name_nearest(const char *const *names, const char *word, size_t n);

/* Writes all words of the table into out, with commas and a final "or", for a message; returns out. */
const char *name_list(const struct name *table, char *out, size_t size);

#endif
