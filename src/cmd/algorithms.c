/* SPDX-License-Identifier: ISC */
/*
 * setkey algorithms: the rows of the algorithm table for people, and with --kernel which of them work here.
 */
#include "cmd/cmd.h"

#include "run/probe_alg.h"

#include "base/privilege.h"
#include "base/random.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static bool kernel;

const struct opt algorithms_options[] = {
	{ "kernel", 0, NULL, "ask the running kernel too, by trying each", set_flag, &kernel, 0 },
	OPT_END
};

static void print_row(const struct alg *a, const struct settings *s)
{
	char keys[32], icv[16] = "-";
	bool absent = a->flags & ALG_ABSENT;
	unsigned least = a->minbits + a->saltbits, most = a->maxbits + a->saltbits, step = a->stepbits;

	if (a->maxbits == 0)
		snprintf(keys, sizeof(keys), "-");
	else if (a->minbits == a->maxbits)
		snprintf(keys, sizeof(keys), "%u", least);
	else
		snprintf(keys, sizeof(keys), "%u-%u/%u", least, most, step);
	if (a->icvbits > 0)
		snprintf(icv, sizeof(icv), "%u", a->icvbits);
	printf("%-18s %-10s %-11s %4u %5s  %-5s %-7s", a->name,
	       a->kind == ALG_AEAD ? "-E (AEAD)" : alg_option(a->kind), keys, a->saltbits, icv,
	       !absent && a->xfrm ? "yes" : "no", !absent && a->pfkey ? "yes" : "no");
	if (kernel)
		printf("%-10s", absent ? "no" : alg_try(a, s->via));
	puts(a->ref ? a->ref : "-");
}

int cmd_algorithms(struct settings *s, int argc, char **argv)
{
	size_t n;
	const struct alg *table = alg_table(&n);
	int err;

	(void)argv;
	if (argc > 0) {
		error("algorithms takes no operand");
		return STATUS_USAGE;
	}
	if (kernel && (err = kernel_isolate()) != 0) {
		error("cannot try algorithms in a network namespace of its own: %s", strerror(-err));
		return STATUS_SYSTEM;
	}
	privilege_keep(kernel ? KEEP_NET_ADMIN : 0);
	printf("%-18s %-10s %-11s %4s %5s  %-5s %-7s%s%s\n", "name", "option", "key bits", "salt", "ICV",
	       "XFRM", "PF_KEY", kernel ? "kernel    " : "", "source");
	for (size_t i = 0; i < n; i++)
		print_row(&table[i], s);
	return STATUS_OK;
}
