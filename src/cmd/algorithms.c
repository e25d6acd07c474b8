/* setkey algorithms: the rows of the algorithm table for people. */
#include "cmd/cmd.h"

#include <stdio.h>

static const char *kind_name(const struct alg *a)
{
	static const char *const names[] = {
		[ALG_ENC] = "-E", [ALG_AUTH] = "-A", [ALG_AEAD] = "-E (AEAD)", [ALG_COMP] = "-C",
	};

	return names[a->kind];
}

static void print_row(const struct alg *a)
{
	char keys[32], icv[16] = "-";

	if (a->maxbits == 0)
		snprintf(keys, sizeof(keys), "-");
	else if (a->minbits == a->maxbits)
		snprintf(keys, sizeof(keys), "%u", a->minbits + a->saltbits);
	else
		snprintf(keys, sizeof(keys), "%u-%u/%u", a->minbits + a->saltbits, a->maxbits + a->saltbits, a->stepbits);
	if (a->icvbits > 0)
		snprintf(icv, sizeof(icv), "%u", a->icvbits);
	printf("%-18s %-10s %-11s %4u %5s  %-5s %-5s %s\n", a->name, kind_name(a), keys, a->saltbits, icv,
	       a->flags & ALG_ABSENT ? "no" : a->xfrm ? "yes" : "no",
	       a->flags & ALG_ABSENT ? "no" : a->pfkey ? "yes" : "no", a->ref ? a->ref : "-");
}

int cmd_algorithms(struct settings *s, int argc, char **argv)
{
	size_t n;
	const struct alg *table = alg_table(&n);

	(void)s;
	(void)argv;
	if (argc > 0) {
		complain("algorithms takes no operand");
		return STATUS_USAGE;
	}
	printf("%-18s %-10s %-11s %4s %5s  %-5s %-5s %s\n", "name", "option", "key bits", "salt", "ICV", "XFRM", "PF_KEY", "source");
	for (size_t i = 0; i < n; i++)
		print_row(&table[i]);
	return STATUS_OK;
}
