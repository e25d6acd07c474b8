/* SPDX-License-Identifier: ISC */
/*
 * Works on the bytes of a dumped object, so that parts the model does not know are kept. Turns the object
 * into the request that creates it again or deletes it. Also compares it with a request byte for byte, which
 * is much faster than to decode both and finds most unchanged objects.
 */
#include "wire/xfrm.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <string.h>

/* A dumped object: the header, the structure it begins with, and its attributes in the caller's buffer. */
struct dumped {
	struct nlmsghdr header;
	union xfrm_body head;
	const uint8_t *attrs;
	size_t nattrs;
};

static void read_dumped(struct dumped *d, const uint8_t *bytes, size_t len, bool policy)
{
	size_t size = policy ? sizeof(d->head.policy) : sizeof(d->head.sa);
	size_t skip = NLMSG_HDRLEN + NLMSG_ALIGN(size);

	memset(d, 0, sizeof(*d));
	memcpy(&d->header, bytes, sizeof(d->header) < len ? sizeof(d->header) : len);
	if (NLMSG_HDRLEN + size <= len)
		memcpy(&d->head, bytes + NLMSG_HDRLEN, size);
	d->attrs = bytes + (skip < len ? skip : len);
	d->nattrs = skip < len ? len - skip : 0;
}

static void put_attr(struct buf *out, uint16_t type, const void *p, size_t n)
{
	struct nlattr a = { .nla_len = (uint16_t)(sizeof(a) + n), .nla_type = type };

	buf_add(out, &a, sizeof(a));
	buf_add(out, p, n);
	buf_add(out, NULL, NLA_ALIGN(n) - n);
}

/*
 * The algorithm masks must be all ones. PF_KEY leaves them 0 and sets the flag allalgs, which netlink cannot
 * set; a request with masks of 0 would accept no SA.
 */
static void put_requests(struct buf *out, const uint8_t *p, size_t n)
{
	size_t at = out->len + sizeof(struct nlattr);

	put_attr(out, XFRMA_TMPL, p, n);
	for (; n >= sizeof(struct xfrm_user_tmpl); n -= sizeof(struct xfrm_user_tmpl)) {
		struct xfrm_user_tmpl t;

		memcpy(&t, out->bytes + at, sizeof(t));
		if ((t.aalgos | t.ealgos | t.calgos) == 0)
			t.aalgos = t.ealgos = t.calgos = UINT32_MAX;
		memcpy(out->bytes + at, &t, sizeof(t));
		at += sizeof(t);
	}
}

/* A request to delete contains only the attributes that identify the object. */
static bool belongs_in_request(uint16_t type, enum verb verb)
{
	switch (type) {
	case XFRMA_LASTUSED: case XFRMA_PAD: case XFRMA_LTIME_VAL:
		return false;
	case XFRMA_MARK:
		return true;
	case XFRMA_POLICY_TYPE: case XFRMA_IF_ID: case XFRMA_SEC_CTX:
		return verb != VERB_DELETE;
	default:
		return verb != VERB_DELETE && verb != VERB_SPDDELETE;
	}
}

static void put_attrs(const struct dumped *d, enum verb verb, const struct mark *mark, struct buf *out)
{
	struct xfrm_mark other;

	const uint8_t *p = d->attrs;
	size_t n = d->nattrs;
	struct attribute a;

	while (xfrm_next_attr(&p, &n, &a))
		if (a.type == XFRMA_TMPL && belongs_in_request(a.type, verb))
			put_requests(out, a.p, a.n);
		else if (belongs_in_request(a.type, verb) && (a.type != XFRMA_MARK || mark == NULL))
			put_attr(out, a.type, a.p, a.n);
	if (mark != NULL) {
		other.v = mark->value;
		other.m = mark->mask;
		put_attr(out, XFRMA_MARK, &other, sizeof(other));
	}
}

static void set_replay_val(uint8_t *p, uint64_t out, uint64_t in)
{
	struct xfrm_replay_state x;

	memcpy(&x, p, sizeof(x));
	if (x.seq != (uint32_t)in)
		x.bitmap = UINT32_MAX;
	x.oseq = (uint32_t)out;
	x.seq = (uint32_t)in;
	memcpy(p, &x, sizeof(x));
}

static void set_replay_esn(uint8_t *p, size_t n, uint64_t out, uint64_t in)
{
	struct xfrm_replay_state_esn x;

	memcpy(&x, p, sizeof(x));
	if (x.seq != (uint32_t)in || x.seq_hi != (uint32_t)(in >> 32))
		memset(p + sizeof(x), UINT8_MAX, n - sizeof(x));
	x.oseq = (uint32_t)out;
	x.oseq_hi = (uint32_t)(out >> 32);
	x.seq = (uint32_t)in;
	x.seq_hi = (uint32_t)(in >> 32);
	memcpy(p, &x, sizeof(x));
}

void xfrm_set_sequence(uint8_t *bytes, size_t len, uint64_t out, uint64_t in)
{
	size_t skip = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct xfrm_usersa_info));
	size_t n = skip < len ? len - skip : 0;
	const uint8_t *p = bytes + len - n;
	struct attribute a;

	while (xfrm_next_attr(&p, &n, &a))
		if (a.type == XFRMA_REPLAY_VAL && a.n >= sizeof(struct xfrm_replay_state))
			set_replay_val(bytes + (a.p - bytes), out, in);
		else if (a.type == XFRMA_REPLAY_ESN_VAL && a.n >= sizeof(struct xfrm_replay_state_esn))
			set_replay_esn(bytes + (a.p - bytes), a.n, out, in);
}

static void put_id(const struct xfrm_usersa_info *sa, struct buf *out)
{
	struct xfrm_usersa_id id = { .spi = sa->id.spi, .family = sa->family, .proto = sa->id.proto };

	id.daddr = sa->id.daddr;
	buf_add(out, &id, sizeof(id));
	put_attr(out, XFRMA_SRCADDR, &sa->saddr, sizeof(sa->saddr));
}

/* Names the policy by its index, so that another policy that has replaced it is not deleted. */
static void put_policyid(const struct xfrm_userpolicy_info *policy, struct buf *out)
{
	struct xfrm_userpolicy_id id = { .sel = policy->sel, .index = policy->index, .dir = policy->dir };

	buf_add(out, &id, sizeof(id));
}

static void put_head(struct dumped *d, enum verb verb, const struct variation *v, struct buf *out)
{
	if (v->mark != NULL || v->other_user)
		d->head.policy.index = 0;
	if (v->other_user)
		d->head.policy.sel.user ^= 1;
	switch (verb) {
	case VERB_DELETE:
		put_id(&d->head.sa, out);
		break;
	case VERB_SPDDELETE:
		put_policyid(&d->head.policy, out);
		break;
	case VERB_ADD:
		buf_add(out, &d->head.sa, sizeof(d->head.sa));
		/* The new SA takes its counters from this attribute. */
		put_attr(out, XFRMA_LTIME_VAL, &d->head.sa.curlft, sizeof(d->head.sa.curlft));
		break;
	default:
		if (v->priority != NULL)
			d->head.policy.priority = *v->priority;
		buf_add(out, &d->head.policy, sizeof(d->head.policy));
	}
}

void xfrm_remake(const uint8_t *bytes, size_t len, enum verb verb, const struct variation *v,
                 struct encoding *e)
{
	const struct message *msg = xfrm_message_for(verb);
	size_t start = e->out->len;
	struct nlmsghdr h = { .nlmsg_type = msg->type, .nlmsg_flags = NLM_F_REQUEST | msg->flags,
	                      .nlmsg_seq = e->seq, .nlmsg_pid = e->pid };
	static const struct variation none;
	struct dumped d;

	v = v != NULL ? v : &none;
	read_dumped(&d, bytes, len, verb_is_policy(verb));
	buf_add(e->out, &h, sizeof(h));
	put_head(&d, verb, v, e->out);
	put_attrs(&d, verb, v->mark, e->out);
	h.nlmsg_len = (uint32_t)(e->out->len - start);
	memcpy(e->out->bytes + start, &h, sizeof(h));
}

/* Comparison of a request with a dumped object. */

/*
 * Compares padding too. A difference in padding alone is harmless: the two are then decoded and found equal.
 */
static bool is_same_bytes(const void *a, const void *b, size_t n)
{
	return memcmp(a, b, n) == 0;
}

static bool is_same_policy(const struct xfrm_userpolicy_info *wanted,
                           const struct xfrm_userpolicy_info *there)
{
	struct xfrm_userpolicy_info x = *there;

	x.curlft = wanted->curlft;
	if (wanted->index == 0)
		x.index = 0; /* it was chosen by the kernel */
	return is_same_bytes(wanted, &x, sizeof(x));
}

static bool is_same_sa(const struct xfrm_usersa_info *wanted, const struct xfrm_usersa_info *there)
{
	struct xfrm_usersa_info x = *there;

	x.curlft = wanted->curlft;
	x.stats = wanted->stats;
	/* An SA without a selector reports an empty one of its own family. */
	if (wanted->sel.family == 0 && !(wanted->flags & XFRM_STATE_AF_UNSPEC) && x.sel.family == x.family)
		x.sel.family = 0;
	return is_same_bytes(wanted, &x, sizeof(x));
}

/*
 * Attributes that are not compared: those that change in use, those that have the default value, and ALG_AUTH
 * where ALG_AUTH_TRUNC says more.
 */
static bool is_ignored_attr(const struct attribute *a, bool truncated)
{
	switch (a->type) {
	case XFRMA_LASTUSED: case XFRMA_PAD: case XFRMA_REPLAY_VAL: case XFRMA_LTIME_VAL:
		return true;
	case XFRMA_POLICY_TYPE:
		return a->n > 0 && a->p[0] == XFRM_POLICY_TYPE_MAIN;
	case XFRMA_ALG_AUTH:
		return truncated;
	default:
		return false;
	}
}

static bool find_attr(const struct dumped *d, uint16_t type, struct attribute *a)
{
	const uint8_t *p = d->attrs;
	size_t n = d->nattrs;

	while (xfrm_next_attr(&p, &n, a))
		if (a->type == type)
			return true;
	return false;
}

/* If a request has no ICV length, the dump reports the default length of the algorithm. */
static bool is_default_icv(const struct attribute *a)
{
	struct xfrm_algo_auth x;
	const struct alg *alg;

	if (a->n < sizeof(x))
		return false;
	memcpy(&x, a->p, sizeof(x));
	x.alg_name[sizeof(x.alg_name) - 1] = '\0';
	alg = alg_by_xfrm(ALG_AUTH, x.alg_name, 0);
	return alg != NULL && alg->icvbits == x.alg_trunc_len;
}

static bool is_same_attr(const struct attribute *wanted, const struct attribute *there)
{
	struct xfrm_replay_state_esn x, y;

	if (wanted->n != there->n)
		return false;
	if (wanted->type != XFRMA_REPLAY_ESN_VAL || wanted->n < sizeof(x))
		return memcmp(wanted->p, there->p, wanted->n) == 0;
	memcpy(&x, wanted->p, sizeof(x));
	memcpy(&y, there->p, sizeof(y));
	return x.replay_window == y.replay_window;
}

/* True if each compared attribute of the dump is in the request, and their numbers are equal. */
static bool has_same_attrs(const struct dumped *wanted, const struct dumped *there)
{
	const uint8_t *p = wanted->attrs;
	size_t n = wanted->nattrs, missing = 0;
	struct attribute a, other;
	bool truncated = find_attr(wanted, XFRMA_ALG_AUTH_TRUNC, &other);

	while (xfrm_next_attr(&p, &n, &a))
		missing += !is_ignored_attr(&a, false);
	p = there->attrs;
	n = there->nattrs;
	while (xfrm_next_attr(&p, &n, &a)) {
		if (is_ignored_attr(&a, truncated) ||
		    (a.type == XFRMA_ALG_AUTH_TRUNC && !truncated && is_default_icv(&a)))
			continue;
		if (missing-- == 0 || !find_attr(wanted, a.type, &other) || !is_same_attr(&other, &a))
			return false;
	}
	return missing == 0 && n == 0;
}

bool xfrm_makes(const uint8_t *request, size_t size, const uint8_t *bytes, size_t len, bool policy)
{
	struct dumped wanted, there;

	read_dumped(&wanted, request, size, policy);
	read_dumped(&there, bytes, len, policy);
	return (policy ? is_same_policy(&wanted.head.policy, &there.head.policy) :
	                 is_same_sa(&wanted.head.sa, &there.head.sa)) &&
	       has_same_attrs(&wanted, &there);
}
