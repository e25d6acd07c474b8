/*
 * setkey algorithms: the rows of the algorithm table for people, and with --kernel which of them work here.
 */
#include "cmd/cmd.h"

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

/* An SA that wants the algorithm and nothing else that a kernel may lack. */
static struct sa sample(const struct alg *a)
{
	static const struct addr local = { .family = AF_INET, .plen = 32, .bytes = { 127, 0, 0, 1 } };
	struct sa sa = {
		.src = local, .dst = local, .proto = PROTO_ESP, .mode = MODE_TRANSPORT, .spi = 0x100
	};
	uint16_t bits = (uint16_t)(a->minbits + a->saltbits), none;

	random_fill(sa.key, (bits + 7u) / 8);
	if (a->kind == ALG_COMP) {
		sa.proto = PROTO_IPCOMP;
		sa.comp = a;
	} else if (a->kind == ALG_AUTH) {
		sa.enc = alg_find(ALG_ENC, "null", 4, &none);
		sa.auth = a;
		sa.authbits = bits;
	} else {
		sa.enc = a;
		sa.encbits = bits;
	}
	return sa;
}

static void on_refusal(void *arg, const struct refusal *r)
{
	*(int *)arg = r->err;
}

/* What adding and deleting such an SA came to. */
static const char *try_row(const struct alg *a, const struct settings *s)
{
	struct stmt add = { .verb = VERB_ADD }, delete = { .verb = VERB_DELETE };
	int refused = 0, err;
	struct kernel_hooks hooks = { on_refusal, NULL, &refused };
	struct kernel *k = kernel_open(s->via, &hooks, &err);

	if (k == NULL)
		return "no interface";
	add.sa = delete.sa = sample(a);
	err = kernel_request(k, &add, &add);
	if (err == 0)
		err = kernel_settle(k);
	if (err == 0 && refused == 0 && kernel_request(k, &delete, &delete) == 0)
		err = kernel_settle(k);
	kernel_close(k);
	explicit_bzero(&add, sizeof(add));
	explicit_bzero(&delete, sizeof(delete));
	if (err == 0 && refused == 0)
		return "yes";
	return refused != EPROTONOSUPPORT ? "no" : a->kind == ALG_COMP ? "no IPComp" : "no ESP";
}

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
		printf("%-10s", absent ? "no" : try_row(a, s));
	puts(a->ref ? a->ref : "-");
}

int cmd_algorithms(struct settings *s, int argc, char **argv)
{
	size_t n;
	const struct alg *table = alg_table(&n);
	int err;

	(void)argv;
	if (argc > 0) {
		complain("algorithms takes no operand");
		return STATUS_USAGE;
	}
	if (kernel && (err = kernel_isolate()) != 0) {
		complain("cannot try algorithms in a network namespace of its own: %s", strerror(-err));
		return STATUS_WORLD;
	}
	privilege_keep(kernel ? KEEP_NET_ADMIN : 0);
	printf("%-18s %-10s %-11s %4s %5s  %-5s %-7s%s%s\n", "name", "option", "key bits", "salt", "ICV",
	       "XFRM", "PF_KEY", kernel ? "kernel    " : "", "source");
	for (size_t i = 0; i < n; i++)
		print_row(&table[i], s);
	return STATUS_OK;
}
