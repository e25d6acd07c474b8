/*
 * The message of a dump turned into the request that makes the same object again, or deletes it: byte for
 * byte, so that nothing is lost that the model does not know.
 */
#include "wire/xfrm.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <string.h>

/* The object of a dump: the structure that it begins with and the attributes. */
struct dumped {
	struct nlmsghdr header;
	union head head;
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
 * The masks of algorithms must be all ones: PF_KEY leaves them 0 beside a flag that netlink cannot set, and
 * such a request would then accept no SA.
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

/* A request to delete carries what tells the object apart. */
static bool is_wanted(uint16_t type, enum verb verb)
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

static void put_attrs(const struct dumped *d, enum verb verb, struct buf *out)
{
	const uint8_t *p = d->attrs;
	size_t n = d->nattrs;
	struct nlattr a;

	while (n >= sizeof(a)) {
		size_t step;

		memcpy(&a, p, sizeof(a));
		if (a.nla_len < sizeof(a) || a.nla_len > n)
			return;
		if (a.nla_type == XFRMA_TMPL && is_wanted(a.nla_type, verb))
			put_requests(out, p + sizeof(a), a.nla_len - sizeof(a));
		else if (is_wanted(a.nla_type, verb))
			put_attr(out, a.nla_type, p + sizeof(a), a.nla_len - sizeof(a));
		step = NLA_ALIGN((size_t)a.nla_len) < n ? NLA_ALIGN((size_t)a.nla_len) : n;
		p += step;
		n -= step;
	}
}

static void set_narrow(uint8_t *p, uint64_t out, uint64_t in)
{
	struct xfrm_replay_state x;

	memcpy(&x, p, sizeof(x));
	if (x.seq != (uint32_t)in)
		x.bitmap = UINT32_MAX;
	x.oseq = (uint32_t)out;
	x.seq = (uint32_t)in;
	memcpy(p, &x, sizeof(x));
}

static void set_wide(uint8_t *p, size_t n, uint64_t out, uint64_t in)
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
	size_t at = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct xfrm_usersa_info)), n;
	struct nlattr a;

	for (; at + sizeof(a) <= len; at += NLA_ALIGN((size_t)a.nla_len)) {
		memcpy(&a, bytes + at, sizeof(a));
		if (a.nla_len < sizeof(a) || a.nla_len > len - at)
			return;
		n = a.nla_len - sizeof(a);
		if (a.nla_type == XFRMA_REPLAY_VAL && n >= sizeof(struct xfrm_replay_state))
			set_narrow(bytes + at + sizeof(a), out, in);
		else if (a.nla_type == XFRMA_REPLAY_ESN_VAL && n >= sizeof(struct xfrm_replay_state_esn))
			set_wide(bytes + at + sizeof(a), n, out, in);
	}
}

static void put_id(const struct xfrm_usersa_info *sa, struct buf *out)
{
	struct xfrm_usersa_id id = { .spi = sa->id.spi, .family = sa->family, .proto = sa->id.proto };

	id.daddr = sa->id.daddr;
	buf_add(out, &id, sizeof(id));
	put_attr(out, XFRMA_SRCADDR, &sa->saddr, sizeof(sa->saddr));
}

/* By its index: a policy that somebody has put in its place since is another. */
static void put_policyid(const struct xfrm_userpolicy_info *policy, struct buf *out)
{
	struct xfrm_userpolicy_id id = { .sel = policy->sel, .index = policy->index, .dir = policy->dir };

	buf_add(out, &id, sizeof(id));
}

static void put_head(struct dumped *d, enum verb verb, const uint32_t *priority, struct buf *out)
{
	switch (verb) {
	case VERB_DELETE:
		put_id(&d->head.sa, out);
		break;
	case VERB_SPDDELETE:
		put_policyid(&d->head.policy, out);
		break;
	case VERB_ADD:
		buf_add(out, &d->head.sa, sizeof(d->head.sa));
		/* What the counters of a new SA begin with. */
		put_attr(out, XFRMA_LTIME_VAL, &d->head.sa.curlft, sizeof(d->head.sa.curlft));
		break;
	default:
		if (priority != NULL)
			d->head.policy.priority = *priority;
		buf_add(out, &d->head.policy, sizeof(d->head.policy));
	}
}

void xfrm_remake(const uint8_t *bytes, size_t len, enum verb verb, const uint32_t *priority,
                 struct encoding *e)
{
	const struct message *msg = xfrm_message_for(verb);
	size_t start = e->out->len;
	struct nlmsghdr h = { .nlmsg_type = msg->type, .nlmsg_flags = NLM_F_REQUEST | msg->flags,
	                      .nlmsg_seq = e->seq, .nlmsg_pid = e->pid };
	struct dumped d;

	read_dumped(&d, bytes, len, verb_is_policy(verb));
	buf_add(e->out, &h, sizeof(h));
	put_head(&d, verb, priority, e->out);
	put_attrs(&d, verb, e->out);
	h.nlmsg_len = (uint32_t)(e->out->len - start);
	memcpy(e->out->bytes + start, &h, sizeof(h));
}
