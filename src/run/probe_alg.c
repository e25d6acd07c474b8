/* SPDX-License-Identifier: ISC */
/* Whether the running kernel has an algorithm: an SA is added and deleted again. */
#include "run/probe_alg.h"

#include "base/random.h"

#include <errno.h>
#include <string.h>

/* An SA that uses the algorithm, and nothing else that a kernel may lack. */
static struct sa sample_sa(const struct alg *a)
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

const char *alg_try(const struct alg *a, enum via via)
{
	struct stmt add = { .verb = VERB_ADD }, delete = { .verb = VERB_DELETE };
	int refused = 0, err;
	struct kernel_hooks hooks = { on_refusal, NULL, &refused };
	struct kernel *k = kernel_open(via, &hooks, &err);

	if (k == NULL)
		return "no interface";
	add.sa = delete.sa = sample_sa(a);
	err = kernel_request(k, &add, &add);
	if (err == 0)
		err = kernel_complete(k);
	if (err == 0 && refused == 0 && kernel_request(k, &delete, &delete) == 0)
		err = kernel_complete(k);
	kernel_close(k);
	explicit_bzero(&add, sizeof(add));
	explicit_bzero(&delete, sizeof(delete));
	if (err == 0 && refused == 0)
		return "yes";
	return refused != EPROTONOSUPPORT ? "no" : a->kind == ALG_COMP ? "no IPComp" : "no ESP";
}
