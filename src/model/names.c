/* SPDX-License-Identifier: ISC */
/* Tables of the words of the language and of the dumps. No I/O. */
#include "model/names.h"

#include "model/model.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

const struct name proto_names[] = {
	{ "esp", PROTO_ESP }, { "ah", PROTO_AH }, { "ipcomp", PROTO_IPCOMP }, { NULL, 0 }
};

const struct name mode_names[] = {
	{ "any", MODE_ANY }, { "transport", MODE_TRANSPORT }, { "tunnel", MODE_TUNNEL }, { "beet", MODE_BEET },
	{ NULL, 0 }
};

const struct name encap_names[] = {
	{ "espinudp-nonike", ENCAP_ESPINUDP_NON_IKE }, { "espinudp", ENCAP_ESPINUDP }, { "espintcp", ENCAP_ESPINTCP },
	{ NULL, 0 }
};

const struct name dir_names[] = {
	{ "in", DIR_IN }, { "out", DIR_OUT }, { "fwd", DIR_FWD }, { NULL, 0 }
};

const struct name action_names[] = {
	{ "discard", ACTION_DISCARD }, { "none", ACTION_NONE }, { "ipsec", ACTION_IPSEC },
	{ "entrust", ACTION_ENTRUST }, { "bypass", ACTION_BYPASS }, { NULL, 0 }
};

const struct name level_names[] = {
	{ "default", LEVEL_DEFAULT }, { "use", LEVEL_USE }, { "require", LEVEL_REQUIRE },
	{ "unique", LEVEL_UNIQUE }, { NULL, 0 }
};

const struct name state_names[] = {
	{ "larval", SA_LARVAL }, { "mature", SA_MATURE }, { "dying", SA_DYING }, { "dead", SA_DEAD },
	{ NULL, 0 }
};

const struct name flag_names[] = {
	{ "zero-pad", SA_F_ZERO_PAD }, { "random-pad", SA_F_RANDOM_PAD }, { "seq-pad", SA_F_SEQ_PAD },
	{ "nocyclic-seq", SA_F_NOCYCLIC }, { "noecn", SA_F_NOECN }, { "decap-dscp", SA_F_DECAP_DSCP },
	{ "nopmtudisc", SA_F_NOPMTUDISC }, { "wildrecv", SA_F_WILDRECV }, { "icmp", SA_F_ICMP },
	{ "af-unspec", SA_F_AF_UNSPEC }, { "align4", SA_F_ALIGN4 }, { "dont-encap-dscp", SA_F_NO_ENCAP_DSCP },
	{ "oseq-may-wrap", SA_F_OSEQ_WRAP }, { NULL, 0 }
};

const struct name policy_flag_names[] = {
	{ "localok", POLICY_F_LOCALOK }, { "icmp", POLICY_F_ICMP }, { "sub", POLICY_F_SUB }, { NULL, 0 }
};

int name_number(const struct name *table, const char *word, size_t n)
{
	for (; n > 0 && table->word != NULL; table++)
		if (name_is(table->word, word, n))
			return table->number;
	return -1;
}

const char *name_word(const struct name *table, int number)
{
	for (; table->word != NULL; table++)
		if (table->number == number)
			return table->word;
	return NULL;
}

const char *name_list(const struct name *table, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	for (const struct name *t = table; t->word != NULL && len < size; t++)
		len += (size_t)snprintf(out + len, size - len, "%s%s",
		                        t == table ? "" : t[1].word == NULL ? " or " : ", ", t->word);
	return out;
}

static size_t least_of_three(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

size_t name_distance(const char *a, size_t n, const char *b)
{
	size_t row[32], m = strlen(b);

	if (n > 31 || m > 31)
		return 99;
	for (size_t j = 0; j <= m; j++)
		row[j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			size_t above = row[j];

			row[j] = least_of_three(row[j - 1] + 1, above + 1,
			                        diagonal + ((a[i - 1] | 0x20) != b[j - 1]));
			diagonal = above;
		}
	}
	return row[m];
}

/*
 * The distance of a likely misspelling: one letter added, missing, changed or swapped with the next, two in a
 * word of more than four letters. SIZE_MAX otherwise.
 */
static size_t misspelling_distance(const char *word, size_t n, const char *name)
{
	size_t m = strlen(name), i = 0, far = name_distance(word, n, name);

	while (i < n && i < m && word[i] == name[i])
		i++;
	if (n == m && i + 2 <= n && word[i] == name[i + 1] && word[i + 1] == name[i] &&
	    memcmp(word + i + 2, name + i + 2, n - i - 2) == 0)
		far = 1;
	return far <= (n > 4 ? 2 : 1) && far < n ? far : SIZE_MAX;
}

const char *name_nearest(const char *const *names, const char *word, size_t n)
{
	const char *best = NULL;
	size_t least_slips = SIZE_MAX;

	for (; *names != NULL; names++) {
		size_t far = misspelling_distance(word, n, *names);

		if (far < least_slips)
			best = *names;
		else if (far == least_slips)
			best = NULL;
		least_slips = far < least_slips ? far : least_slips;
	}
	return best;
}
