/* Words and numbers of the language and of the dumps, in tables. No I/O. */
#include "model/names.h"

#include "model/model.h"

#include <stdio.h>

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
