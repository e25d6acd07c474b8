/* Updates that Linux would take and not carry out: an SA in use keeps its algorithms and keys, whatever is said. */
#include "cmd/session.h"

#include <string.h>

/* The statement, and the SA as the kernel has it. */
struct live {
	const struct stmt *wanted;
	enum part differs; /* the first part that would not take effect, PART_MAX: none */
};

static bool all_zero(const uint8_t *p, size_t n)
{
	while (n > 0 && *p == 0) {
		p++;
		n--;
	}
	return n == 0;
}

/* A kernel in lockdown shows zeros for keys: of those nothing can be said. */
static bool same_key(const uint8_t *wanted, unsigned bits, const uint8_t *there, unsigned there_bits)
{
	size_t n = (bits + 7) / 8;

	return bits == there_bits && (memcmp(wanted, there, n) == 0 || all_zero(there, n));
}

/* KAME's variants of DES are DES to the kernel. */
static bool same_alg(const struct alg *a, const struct alg *b)
{
	return a == b || (a != NULL && b != NULL && a->xfrm != NULL && b->xfrm != NULL && strcmp(a->xfrm, b->xfrm) == 0 &&
	                  (a->kind != ALG_AEAD || a->icvbits == b->icvbits));
}

static enum mode mode(const struct sa *sa)
{
	return sa->mode == MODE_ANY ? MODE_TRANSPORT : sa->mode;
}

static enum part difference(const struct sa *wanted, const struct sa *there)
{
	bool cipher = wanted->proto != PROTO_AH;

	if (cipher && !same_alg(wanted->enc, there->enc))
		return PART_ENC;
	if (!same_alg(wanted->auth, there->auth) || sa_icvbits(wanted) != sa_icvbits(there))
		return PART_AUTH;
	if (!same_alg(wanted->comp, there->comp))
		return PART_COMP;
	if (cipher && !same_key(sa_enckey(wanted), wanted->encbits, sa_enckey(there), there->encbits))
		return PART_ENCKEY;
	if (!same_key(sa_authkey(wanted), wanted->authbits, sa_authkey(there), there->authbits))
		return PART_AUTHKEY;
	if (mode(wanted) != mode(there))
		return PART_MODE;
	return wanted->reqid == there->reqid ? PART_MAX : PART_REQID;
}

static int compare(void *arg, const struct event *ev)
{
	struct live *live = arg;

	if (ev->kind == EVENT_SA && ev->sa_state.life != SA_LARVAL && ev->sa.spi == live->wanted->sa.spi &&
	    ev->sa_state.encname.p == NULL && ev->sa_state.authname.p == NULL)
		live->differs = difference(&live->wanted->sa, &ev->sa);
	return 0;
}

int live_update(struct session *s, const struct stmt *what, const struct stmt *origin, enum part *ignored)
{
	struct live live = { what, PART_MAX };
	struct stmt get;
	int err;

	stmt_copy(&get, what);
	get.verb = VERB_GET;
	s->looking = true;
	err = kernel_read(s->kernel, &get, origin, compare, &live);
	s->looking = false;
	explicit_bzero(&get, sizeof(get));
	*ignored = live.differs;
	return err;
}
