/* SPDX-License-Identifier: ISC */
/*
 * The structures that XFRM messages begin with: one row per message, and how each structure maps to the
 * model.
 */
#include "wire/xfrm.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/pfkeyv2.h>
#include <string.h>

_Static_assert(POLICY_F_LOCALOK == XFRM_POLICY_LOCALOK && POLICY_F_ICMP == XFRM_POLICY_ICMP,
               "the model's flags are the kernel's");

enum {
	IPSEC_PROTO_ALL = 255, /* IPSEC_PROTO_ANY of the kernel: esp, ah and ipcomp, but not Mobile IPv6 */
	/* the SPIs that getspi asks for by default: af_key's range, and 16 bits for ipcomp */
	SPI_FIRST = 0x100, SPI_LAST = 0x0fffffff, CPI_LAST = 0xffff,
	WINDOW_NARROW = 32,    /* packets; a larger window needs XFRMA_REPLAY_ESN_VAL */
};

static const struct {
	uint32_t flag, xfrm, pfkey;
} flag_rows[] = {
	{ SA_F_NOECN, XFRM_STATE_NOECN, SADB_SAFLAGS_NOECN },
	{ SA_F_DECAP_DSCP, XFRM_STATE_DECAP_DSCP, SADB_SAFLAGS_DECAP_DSCP },
	{ SA_F_NOPMTUDISC, XFRM_STATE_NOPMTUDISC, SADB_SAFLAGS_NOPMTUDISC },
	{ SA_F_WILDRECV, XFRM_STATE_WILDRECV, 0 },
	{ SA_F_ICMP, XFRM_STATE_ICMP, 0 },
	{ SA_F_AF_UNSPEC, XFRM_STATE_AF_UNSPEC, 0 },
	{ SA_F_ALIGN4, XFRM_STATE_ALIGN4, 0 },
	{ SA_F_ESN, XFRM_STATE_ESN, 0 },
};

static const struct {
	uint8_t mode, xfrm;
} mode_rows[] = {
	{ MODE_TRANSPORT, XFRM_MODE_TRANSPORT }, { MODE_TUNNEL, XFRM_MODE_TUNNEL },
	{ MODE_BEET, XFRM_MODE_BEET }, { MODE_ROUTE, XFRM_MODE_ROUTEOPTIMIZATION },
	{ MODE_TRIGGER, XFRM_MODE_IN_TRIGGER },
};

enum { FLAGS = sizeof(flag_rows) / sizeof(flag_rows[0]), MODES = sizeof(mode_rows) / sizeof(mode_rows[0]) };

uint8_t xfrm_put_mode(enum mode mode)
{
	for (unsigned i = 0; i < MODES; i++)
		if (mode_rows[i].mode == mode)
			return mode_rows[i].xfrm;
	return XFRM_MODE_TRANSPORT;
}

enum mode xfrm_get_mode(uint8_t mode)
{
	for (unsigned i = 0; i < MODES; i++)
		if (mode_rows[i].xfrm == mode)
			return mode_rows[i].mode;
	return MODE_OTHER;
}

void xfrm_put_addr(xfrm_address_t *to, const struct addr *from)
{
	memcpy(to, from->bytes, addr_bits(from) / 8);
}

void xfrm_get_addr(struct addr *to, const xfrm_address_t *from, unsigned family)
{
	*to = (struct addr){ .family = family == AF_INET || family == AF_INET6 ? (uint8_t)family : 0 };
	to->plen = (uint8_t)addr_bits(to);
	memcpy(to->bytes, from, addr_bits(to) / 8);
}

bool xfrm_addr_is_zero(const xfrm_address_t *a)
{
	static const xfrm_address_t zero;

	return memcmp(a->a6, zero.a6, sizeof(zero.a6)) == 0;
}

struct unshown *xfrm_unshown(struct event *ev)
{
	return ev->kind == EVENT_POLICY ? &ev->policy_state.unshown : &ev->sa_state.unshown;
}

/* Lifetimes. For the kernel a limit of 0 bytes means that nothing may be sent; "no limit" is XFRM_INF. */

static uint64_t put_limit(uint64_t n)
{
	return n == 0 ? XFRM_INF : n;
}

static uint64_t get_limit(uint64_t n)
{
	return n == XFRM_INF ? 0 : n;
}

static void put_lifetimes(struct xfrm_lifetime_cfg *x, const struct lifetime *hard,
                          const struct lifetime *soft)
{
	x->hard_byte_limit = put_limit(hard->bytes);
	x->soft_byte_limit = put_limit(soft->bytes);
	x->hard_packet_limit = put_limit(hard->packets);
	x->soft_packet_limit = put_limit(soft->packets);
	x->hard_add_expires_seconds = hard->add_secs;
	x->soft_add_expires_seconds = soft->add_secs;
	x->hard_use_expires_seconds = hard->use_secs;
	x->soft_use_expires_seconds = soft->use_secs;
}

static void get_lifetimes(struct lifetime *hard, struct lifetime *soft, const struct xfrm_lifetime_cfg *x)
{
	hard->bytes = get_limit(x->hard_byte_limit);
	soft->bytes = get_limit(x->soft_byte_limit);
	hard->packets = get_limit(x->hard_packet_limit);
	soft->packets = get_limit(x->soft_packet_limit);
	hard->add_secs = x->hard_add_expires_seconds;
	soft->add_secs = x->soft_add_expires_seconds;
	hard->use_secs = x->hard_use_expires_seconds;
	soft->use_secs = x->soft_use_expires_seconds;
}

/*
 * With a limit of 0 bytes or packets an SA expires at its first packet. The model, like PF_KEY, has 0 for "no
 * limit".
 */
static bool has_zero_limit(const struct xfrm_lifetime_cfg *x)
{
	return x->hard_byte_limit == 0 || x->soft_byte_limit == 0 || x->hard_packet_limit == 0 ||
	       x->soft_packet_limit == 0;
}

/* Selectors. */

/* As in PF_KEY, a port of 0 without a mask means "any", even if the field holds an ICMP type or code. */
static uint16_t put_mask(uint16_t port, uint16_t mask)
{
	return mask != 0 ? htons(mask) : port != 0 ? 0xffff : 0;
}

static void put_selector(struct xfrm_selector *x, const struct selector *p)
{
	xfrm_put_addr(&x->saddr, &p->src);
	xfrm_put_addr(&x->daddr, &p->dst);
	x->family = p->src.family;
	x->prefixlen_s = p->src.plen;
	x->prefixlen_d = p->dst.plen;
	x->sport = htons(p->src.port);
	x->dport = htons(p->dst.port);
	x->sport_mask = put_mask(p->src.port, p->sport_mask);
	x->dport_mask = put_mask(p->dst.port, p->dport_mask);
	x->proto = p->upper == UPPER_ANY ? 0 : p->upper;
}

static void get_selector_addrs(struct addr *src, struct addr *dst, const struct xfrm_selector *x,
                               unsigned family)
{
	xfrm_get_addr(src, &x->saddr, family);
	xfrm_get_addr(dst, &x->daddr, family);
	src->plen = x->prefixlen_s;
	dst->plen = x->prefixlen_d;
	src->port = ntohs(x->sport);
	dst->port = ntohs(x->dport);
}

static void put_policy_selector(struct xfrm_selector *x, const struct policy *p)
{
	struct selector sel = { p->src, p->dst, p->sport_mask, p->dport_mask, p->upper };

	put_selector(x, &sel);
}

/*
 * Protocol 255 means "any" in the model and in PF_KEY. In XFRM 0 means "any" and 255 is a protocol of its
 * own.
 */
static uint8_t get_upper(const struct xfrm_selector *x, struct unshown *unshown)
{
	if (x->proto == UPPER_ANY)
		unshown_add(unshown, "protocol %u", UPPER_ANY);
	if (x->user != 0)
		unshown_add(unshown, "user %u", x->user);
	return x->proto == 0 ? UPPER_ANY : x->proto;
}

static void get_selector(struct event *ev, const struct xfrm_selector *x)
{
	struct policy *p = &ev->policy;

	get_selector_addrs(&p->src, &p->dst, x, x->family);
	p->sport_mask = ntohs(x->sport_mask);
	p->dport_mask = ntohs(x->dport_mask);
	p->upper = get_upper(x, &ev->policy_state.unshown);
	ev->policy_state.device = (uint32_t)x->ifindex;
	ev->policy_state.more = x->user | (uint64_t)(x->proto == UPPER_ANY) << 32;
	if (p->src.family == 0)
		unshown_add(&ev->policy_state.unshown, "a selector of family %u", x->family);
}

static bool selector_is_empty(const struct xfrm_selector *x)
{
	static const struct xfrm_selector zero;

	return memcmp(x, &zero, offsetof(struct xfrm_selector, family)) == 0 &&
	       (x->prefixlen_d | x->prefixlen_s | x->proto) == 0;
}

/* To an SA that was added without a selector the kernel gives an empty one, with the family of the SA. */
static void get_sa_selector(struct event *ev, const struct xfrm_selector *x, unsigned family)
{
	struct selector *sel = &ev->attrs.sel;

	ev->sa_state.device = (uint32_t)x->ifindex;
	sel->upper = get_upper(x, &ev->sa_state.unshown);
	if (!selector_is_empty(x) || x->ifindex != 0 || (x->family != 0 && ev->sa.flags & SA_F_AF_UNSPEC)) {
		get_selector_addrs(&sel->src, &sel->dst, x, x->family ? x->family : family);
		sel->sport_mask = ntohs(x->sport_mask);
		sel->dport_mask = ntohs(x->dport_mask);
		ev->attrs.has |= 1u << ATTR_SELECTOR;
		if (x->family == 0 && ev->sa.flags & SA_F_AF_UNSPEC)
			unshown_add(&ev->sa_state.unshown, "a selector of no family");
	} else if (x->family != family && (x->family == AF_INET || x->family == AF_INET6)) {
		ev->sa.inner_family = (uint8_t)x->family;
	}
}

/* SAs. */

bool xfrm_needs_esn_attr(const struct stmt *s)
{
	return (s->sa.flags & SA_F_ESN) || s->sa.window > (s->exact ? WINDOW_NARROW : UINT8_MAX);
}

static void put_sa(const struct stmt *s, union xfrm_body *h)
{
	const struct attrs *more = stmt_attrs(s);
	const struct sa *sa = &s->sa;
	struct xfrm_usersa_info *x = &h->sa;

	xfrm_put_addr(&x->id.daddr, &sa->dst);
	xfrm_put_addr(&x->saddr, &sa->src);
	x->id.spi = htonl(sa->spi);
	x->id.proto = sa->proto;
	x->family = sa->dst.family;
	/*
	 * If the family is 0 the kernel fills in that of the outer header, and packets of the other family
	 * find no SA.
	 */
	x->sel.family = sa->inner_family;
	if (attrs_have(more, ATTR_SELECTOR))
		put_selector(&x->sel, &more->sel);
	x->seq = more->value[ATTR_SEQ];
	put_lifetimes(&x->lft, &more->hard, &more->soft);
	x->reqid = sa->reqid;
	x->mode = xfrm_put_mode(sa->mode);
	if (!xfrm_needs_esn_attr(s))
		x->replay_window = (uint8_t)(sa->window > WINDOW_NARROW ? WINDOW_NARROW : sa->window);
	for (unsigned i = 0; i < FLAGS; i++)
		if (sa->flags & flag_rows[i].flag)
			x->flags |= (uint8_t)flag_rows[i].xfrm;
}

static void get_flags(struct event *ev, uint8_t flags)
{
	for (unsigned i = 0; i < FLAGS; i++)
		if (flags & flag_rows[i].xfrm) {
			ev->sa.flags |= flag_rows[i].flag;
			ev->sa_state.flags |= flag_rows[i].pfkey;
		}
}

void xfrm_get_sa(struct event *ev, const struct xfrm_usersa_info *x)
{
	struct sa *sa = &ev->sa;
	struct sa_state *state = &ev->sa_state;

	xfrm_get_addr(&sa->dst, &x->id.daddr, x->family);
	xfrm_get_addr(&sa->src, &x->saddr, x->family);
	sa->spi = ntohl(x->id.spi);
	sa->proto = x->id.proto;
	sa->reqid = x->reqid;
	sa->mode = (uint8_t)xfrm_get_mode(x->mode);
	sa->window = x->replay_window;
	ev->attrs.value[ATTR_SEQ] = x->seq;
	if (x->seq != 0)
		ev->attrs.has |= 1u << ATTR_SEQ;
	get_flags(ev, x->flags);
	get_sa_selector(ev, &x->sel, x->family);
	get_lifetimes(&ev->attrs.hard, &ev->attrs.soft, &x->lft);
	if (has_zero_limit(&x->lft))
		unshown_add(xfrm_unshown(ev), "a limit of 0");
	state->bytes = x->curlft.bytes;
	state->packets = x->curlft.packets;
	state->add_time = x->curlft.add_time;
	state->use_time = x->curlft.use_time;
	state->counts = true;
	state->late = x->stats.replay_window;
	state->replayed = x->stats.replay;
	state->forged = x->stats.integrity_failed;
}

static void get_sa(struct event *ev, const union xfrm_body *h)
{
	xfrm_get_sa(ev, &h->sa);
}

static void put_spi(const struct stmt *s, union xfrm_body *h)
{
	uint32_t spi = s->sa.spi;

	put_sa(s, h);
	h->spi.min = spi != 0 ? spi : SPI_FIRST;
	h->spi.max = spi != 0 ? spi : s->sa.proto == PROTO_IPCOMP ? CPI_LAST : SPI_LAST;
}

static void get_spi(struct event *ev, const union xfrm_body *h)
{
	xfrm_get_sa(ev, &h->sa);
	ev->sa.spi = h->spi.min == h->spi.max ? h->spi.min : 0;
}

static void put_said(const struct stmt *s, union xfrm_body *h)
{
	xfrm_put_addr(&h->said.daddr, &s->sa.dst);
	h->said.spi = htonl(s->sa.spi);
	h->said.family = s->sa.dst.family;
	h->said.proto = s->sa.proto;
}

static void get_said(struct event *ev, const union xfrm_body *h)
{
	xfrm_get_addr(&ev->sa.dst, &h->said.daddr, h->said.family);
	ev->sa.spi = ntohl(h->said.spi);
	ev->sa.proto = h->said.proto;
}

static void put_flush(const struct stmt *s, union xfrm_body *h)
{
	h->flush.proto = s->sa.proto == PROTO_ANY ? IPSEC_PROTO_ALL : s->sa.proto;
}

static void get_flush(struct event *ev, const union xfrm_body *h)
{
	ev->satype = h->flush.proto == IPSEC_PROTO_ALL ? PROTO_ANY : h->flush.proto;
	ev->sa.proto = ev->satype;
}

static void get_expire(struct event *ev, const union xfrm_body *h)
{
	xfrm_get_sa(ev, &h->expire.state);
	ev->sa_state.life = h->expire.hard ? SA_DEAD : SA_DYING;
	ev->notice.hard = h->expire.hard;
}

/* Policies. */

static void put_policy(const struct stmt *s, union xfrm_body *h)
{
	const struct policy *p = &s->policy;
	struct xfrm_userpolicy_info *x = &h->policy;

	put_policy_selector(&x->sel, p);
	put_lifetimes(&x->lft, &stmt_attrs(s)->hard, &stmt_attrs(s)->soft);
	x->priority = p->priority;
	x->index = p->index;
	x->flags = p->flags & (POLICY_F_LOCALOK | POLICY_F_ICMP);
	x->dir = (uint8_t)(p->dir - DIR_IN);
	/* ACTION_UNSET becomes block, as in PF_KEY, where policy type 0 is discard. */
	x->action =
	        p->action == ACTION_IPSEC || p->action == ACTION_NONE ? XFRM_POLICY_ALLOW : XFRM_POLICY_BLOCK;
}

/* The directions in the index of a per-socket policy continue after in, out and fwd. */
static void get_dir(struct event *ev, unsigned dir)
{
	ev->policy.dir = dir <= DIR_SOCKET_FWD - DIR_IN ? (uint8_t)(dir + DIR_IN) : 0;
	if (ev->policy.dir == 0)
		unshown_add(&ev->policy_state.unshown, "direction %u", dir);
}

/* Does not decode the templates, which are an attribute. */
void xfrm_get_policy(struct event *ev, const struct xfrm_userpolicy_info *x)
{
	struct policy *p = &ev->policy;
	struct policy_state *state = &ev->policy_state;

	get_selector(ev, &x->sel);
	if (ev->kind == EVENT_POLICY)
		get_lifetimes(&ev->attrs.hard, &ev->attrs.soft, &x->lft);
	if (has_zero_limit(&x->lft))
		unshown_add(xfrm_unshown(ev), "a limit of 0");
	p->priority = x->priority;
	p->index = x->index;
	get_dir(ev, x->index != 0 && !ev->request ? x->index & POLICY_INDEX_DIR : x->dir);
	p->action = x->action == XFRM_POLICY_ALLOW ? ACTION_NONE : ACTION_DISCARD;
	state->add_time = x->curlft.add_time;
	state->use_time = x->curlft.use_time;
	p->flags |= x->flags & (POLICY_F_LOCALOK | POLICY_F_ICMP);
	if (x->flags & ~(POLICY_F_LOCALOK | POLICY_F_ICMP))
		unshown_add(xfrm_unshown(ev), "flags 0x%x", x->flags);
}

static void get_policy(struct event *ev, const union xfrm_body *h)
{
	xfrm_get_policy(ev, &h->policy);
}

static void put_policyid(const struct stmt *s, union xfrm_body *h)
{
	put_policy_selector(&h->policyid.sel, &s->policy);
	h->policyid.dir = (uint8_t)(s->policy.dir - DIR_IN);
}

static void get_policyid(struct event *ev, const union xfrm_body *h)
{
	ev->policy.index = h->policyid.index;
	/* A message that names a policy by its index alone has no selector. */
	if (h->policyid.sel.family != 0)
		get_selector(ev, &h->policyid.sel);
	get_dir(ev, h->policyid.dir);
}

static void get_polexpire(struct event *ev, const union xfrm_body *h)
{
	xfrm_get_policy(ev, &h->polexpire.pol);
	ev->notice.hard = h->polexpire.hard;
}

/*
 * An acquire does not contain the family of the SA wanted. If the policy has a tunnel, finish_acquire() takes
 * the family from there.
 */
static void get_acquire(struct event *ev, const union xfrm_body *h)
{
	const struct xfrm_user_acquire *x = &h->acquire;

	xfrm_get_policy(ev, &x->policy);
	xfrm_get_addr(&ev->sa.dst, &x->id.daddr, x->sel.family);
	xfrm_get_addr(&ev->sa.src, &x->saddr, x->sel.family);
	memcpy(ev->sa.dst.bytes, &x->id.daddr, sizeof(ev->sa.dst.bytes));
	memcpy(ev->sa.src.bytes, &x->saddr, sizeof(ev->sa.src.bytes));
	ev->sa.spi = ntohl(x->id.spi);
	ev->sa.proto = x->id.proto;
	ev->sa_state.seq = x->seq;
	get_selector_addrs(&ev->sa_state.sel_src, &ev->sa_state.sel_dst, &x->sel, x->sel.family);
	ev->notice.upper = x->sel.proto;
}

/* Notifications. */

static void get_id(struct event *ev, const struct xfrm_usersa_id *x)
{
	xfrm_get_addr(&ev->sa.dst, &x->daddr, x->family);
	ev->sa.spi = ntohl(x->spi);
	ev->sa.proto = x->proto;
}

static void get_aevent(struct event *ev, const union xfrm_body *h)
{
	static const struct { uint32_t flag; uint8_t cause; } causes[] = {
		{ XFRM_AE_CR, CAUSE_REPLAY }, { XFRM_AE_CE, CAUSE_TIMER }, { XFRM_AE_CU, CAUSE_CHANGE },
	};

	get_id(ev, &h->aevent.sa_id);
	xfrm_get_addr(&ev->sa.src, &h->aevent.saddr, h->aevent.sa_id.family);
	ev->sa.reqid = h->aevent.reqid;
	for (unsigned i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
		if (h->aevent.flags & causes[i].flag)
			ev->notice.causes |= causes[i].cause;
}

static void get_report(struct event *ev, const union xfrm_body *h)
{
	ev->sa.proto = h->report.proto;
	get_selector(ev, &h->report.sel);
}

static void get_mapping(struct event *ev, const union xfrm_body *h)
{
	const struct xfrm_user_mapping *x = &h->mapping;

	get_id(ev, &x->id);
	xfrm_get_addr(&ev->sa.src, &x->old_saddr, x->id.family);
	ev->sa.src.port = ntohs(x->old_sport);
	ev->sa.reqid = x->reqid;
	ev->notice.nmoved = 1;
	xfrm_get_addr(&ev->notice.moved[0].src, &x->new_saddr, x->id.family);
	ev->notice.moved[0].src.port = ntohs(x->new_sport);
}

static uint8_t get_default(uint8_t x)
{
	return x == XFRM_USERPOLICY_ACCEPT ? ACTION_NONE :
	       x == XFRM_USERPOLICY_BLOCK  ? ACTION_DISCARD :
	                                     ACTION_UNSET;
}

static void get_default_policy(struct event *ev, const union xfrm_body *h)
{
	ev->notice.in = get_default(h->standard.in);
	ev->notice.out = get_default(h->standard.out);
	ev->notice.fwd = get_default(h->standard.fwd);
}

/*
 * Tables of members, in the order of their offsets: xfrm_part() depends on it, and offsets rise in the
 * annotation.
 */

#define AT(type, member) offsetof(struct type, member), sizeof(((struct type *)0)->member)
#define SELECTOR(type, m, mine) \
	{ "sel", "daddr", AT(type, m.daddr), FORM_ADDR, (mine) ? PART_DST : PART_VERB }, \
	{ NULL, "saddr", AT(type, m.saddr), FORM_ADDR, (mine) ? PART_SRC : PART_VERB }, \
	{ NULL, "dport", AT(type, m.dport), FORM_NET, (mine) ? PART_DST_PORT : PART_VERB }, \
	{ NULL, "dport_mask", AT(type, m.dport_mask), FORM_NET_MASK, (mine) ? PART_DST_PORT : PART_VERB }, \
	{ NULL, "sport", AT(type, m.sport), FORM_NET, (mine) ? PART_SRC_PORT : PART_VERB }, \
	{ NULL, "sport_mask", AT(type, m.sport_mask), FORM_NET_MASK, (mine) ? PART_SRC_PORT : PART_VERB }, \
	{ NULL, "family", AT(type, m.family), FORM_NUMBER, (mine) ? PART_SRC : PART_VERB }, \
	{ NULL, "prefixlen_d", AT(type, m.prefixlen_d), FORM_NUMBER, (mine) ? PART_DST_PREFIX : PART_VERB }, \
	{ NULL, "prefixlen_s", AT(type, m.prefixlen_s), FORM_NUMBER, (mine) ? PART_SRC_PREFIX : PART_VERB }, \
	{ NULL, "proto", AT(type, m.proto), FORM_NUMBER, (mine) ? PART_UPPER : PART_VERB }, \
	{ NULL, "ifindex", AT(type, m.ifindex), FORM_NUMBER, PART_VERB }, \
	{ NULL, "user", AT(type, m.user), FORM_NUMBER, PART_VERB }
#define ID(type, m) \
	{ "id", "daddr", AT(type, m.daddr), FORM_ADDR, PART_DST }, \
	{ NULL, "spi", AT(type, m.spi), FORM_NET, PART_SPI }, \
	{ NULL, "proto", AT(type, m.proto), FORM_NUMBER, PART_PROTO }
#define LIFETIMES(type, m) \
	{ "lft", "soft_byte", AT(type, m.soft_byte_limit), FORM_LIMIT, PART_SOFT_BYTES }, \
	{ NULL, "hard_byte", AT(type, m.hard_byte_limit), FORM_LIMIT, PART_HARD_BYTES }, \
	{ NULL, "soft_packet", AT(type, m.soft_packet_limit), FORM_LIMIT, PART_VERB }, \
	{ NULL, "hard_packet", AT(type, m.hard_packet_limit), FORM_LIMIT, PART_VERB }, \
	{ NULL, "soft_add", AT(type, m.soft_add_expires_seconds), FORM_NUMBER, PART_SOFT_SECS }, \
	{ NULL, "hard_add", AT(type, m.hard_add_expires_seconds), FORM_NUMBER, PART_HARD_SECS }, \
	{ NULL, "soft_use", AT(type, m.soft_use_expires_seconds), FORM_NUMBER, PART_VERB }, \
	{ NULL, "hard_use", AT(type, m.hard_use_expires_seconds), FORM_NUMBER, PART_VERB }
#define CURRENT(type, m) \
	{ "curlft", "bytes", AT(type, m.bytes), FORM_NUMBER, PART_VERB }, \
	{ NULL, "packets", AT(type, m.packets), FORM_NUMBER, PART_VERB }, \
	{ NULL, "add_time", AT(type, m.add_time), FORM_NUMBER, PART_VERB }, \
	{ NULL, "use_time", AT(type, m.use_time), FORM_NUMBER, PART_VERB }
#define SA(type, m) \
	SELECTOR(type, m.sel, 0), \
	ID(type, m.id), \
	{ NULL, "saddr", AT(type, m.saddr), FORM_ADDR, PART_SRC }, \
	LIFETIMES(type, m.lft), \
	CURRENT(type, m.curlft), \
	{ "stats", "replay_window", AT(type, m.stats.replay_window), FORM_NUMBER, PART_VERB }, \
	{ NULL, "replay", AT(type, m.stats.replay), FORM_NUMBER, PART_VERB }, \
	{ NULL, "integrity_failed", AT(type, m.stats.integrity_failed), FORM_NUMBER, PART_VERB }, \
	{ "sa", "seq", AT(type, m.seq), FORM_NUMBER, PART_VERB }, \
	{ NULL, "reqid", AT(type, m.reqid), FORM_NUMBER, PART_REQID }, \
	{ NULL, "family", AT(type, m.family), FORM_NUMBER, PART_DST }, \
	{ NULL, "mode", AT(type, m.mode), FORM_NUMBER, PART_MODE }, \
	{ NULL, "replay_window", AT(type, m.replay_window), FORM_NUMBER, PART_WINDOW }, \
	{ NULL, "flags", AT(type, m.flags), FORM_HEX, PART_FLAGS }
#define POLICY(type, m) \
	SELECTOR(type, m.sel, 1), \
	LIFETIMES(type, m.lft), \
	CURRENT(type, m.curlft), \
	{ "policy", "priority", AT(type, m.priority), FORM_HEX, PART_PRIORITY }, \
	{ NULL, "index", AT(type, m.index), FORM_NUMBER, PART_VERB }, \
	{ NULL, "dir", AT(type, m.dir), FORM_NUMBER, PART_DIR }, \
	{ NULL, "action", AT(type, m.action), FORM_NUMBER, PART_ACTION }, \
	{ NULL, "flags", AT(type, m.flags), FORM_HEX, PART_VERB }, \
	{ NULL, "share", AT(type, m.share), FORM_NUMBER, PART_VERB }
#define END { NULL, NULL, 0, 0, 0, 0 }

static const struct field sa_fields[] = { SA(xfrm_userspi_info, info), END };
static const struct field spi_fields[] = {
	SA(xfrm_userspi_info, info),
	{ "range", "min", AT(xfrm_userspi_info, min), FORM_HEX, PART_SPI },
	{ NULL, "max", AT(xfrm_userspi_info, max), FORM_HEX, PART_SPI },
	END
};
static const struct field said_fields[] = {
	{ "id", "daddr", AT(xfrm_usersa_id, daddr), FORM_ADDR, PART_DST },
	{ NULL, "spi", AT(xfrm_usersa_id, spi), FORM_NET, PART_SPI },
	{ NULL, "family", AT(xfrm_usersa_id, family), FORM_NUMBER, PART_DST },
	{ NULL, "proto", AT(xfrm_usersa_id, proto), FORM_NUMBER, PART_PROTO },
	END
};
static const struct field flush_fields[] = {
	{ "flush", "proto", AT(xfrm_usersa_flush, proto), FORM_NUMBER, PART_PROTO },
	END
};
static const struct field policy_fields[] = { POLICY(xfrm_user_polexpire, pol), END };
static const struct field policyid_fields[] = {
	SELECTOR(xfrm_userpolicy_id, sel, 1),
	{ "id", "index", AT(xfrm_userpolicy_id, index), FORM_NUMBER, PART_VERB },
	{ NULL, "dir", AT(xfrm_userpolicy_id, dir), FORM_NUMBER, PART_DIR },
	END
};
static const struct field expire_fields[] = {
	SA(xfrm_user_expire, state),
	{ "expire", "hard", AT(xfrm_user_expire, hard), FORM_NUMBER, PART_VERB },
	END
};
static const struct field polexpire_fields[] = {
	POLICY(xfrm_user_polexpire, pol),
	{ "expire", "hard", AT(xfrm_user_polexpire, hard), FORM_NUMBER, PART_VERB },
	END
};
static const struct field acquire_fields[] = {
	ID(xfrm_user_acquire, id),
	{ NULL, "saddr", AT(xfrm_user_acquire, saddr), FORM_ADDR, PART_SRC },
	SELECTOR(xfrm_user_acquire, sel, 0),
	POLICY(xfrm_user_acquire, policy),
	{ "acquire", "aalgos", AT(xfrm_user_acquire, aalgos), FORM_HEX, PART_VERB },
	{ NULL, "ealgos", AT(xfrm_user_acquire, ealgos), FORM_HEX, PART_VERB },
	{ NULL, "calgos", AT(xfrm_user_acquire, calgos), FORM_HEX, PART_VERB },
	{ NULL, "seq", AT(xfrm_user_acquire, seq), FORM_NUMBER, PART_VERB },
	END
};
static const struct field aevent_fields[] = {
	ID(xfrm_aevent_id, sa_id),
	{ NULL, "saddr", AT(xfrm_aevent_id, saddr), FORM_ADDR, PART_VERB },
	{ NULL, "flags", AT(xfrm_aevent_id, flags), FORM_HEX, PART_VERB },
	{ NULL, "reqid", AT(xfrm_aevent_id, reqid), FORM_NUMBER, PART_VERB },
	END
};
static const struct field report_fields[] = {
	{ "report", "proto", AT(xfrm_user_report, proto), FORM_NUMBER, PART_VERB },
	SELECTOR(xfrm_user_report, sel, 0),
	END
};
static const struct field mapping_fields[] = {
	ID(xfrm_user_mapping, id),
	{ NULL, "reqid", AT(xfrm_user_mapping, reqid), FORM_NUMBER, PART_VERB },
	{ "mapping", "old_saddr", AT(xfrm_user_mapping, old_saddr), FORM_ADDR, PART_VERB },
	{ NULL, "new_saddr", AT(xfrm_user_mapping, new_saddr), FORM_ADDR, PART_VERB },
	{ NULL, "old_sport", AT(xfrm_user_mapping, old_sport), FORM_NET, PART_VERB },
	{ NULL, "new_sport", AT(xfrm_user_mapping, new_sport), FORM_NET, PART_VERB },
	END
};
static const struct field default_policy_fields[] = {
	{ "default", "in", AT(xfrm_userpolicy_default, in), FORM_NUMBER, PART_VERB },
	{ NULL, "fwd", AT(xfrm_userpolicy_default, fwd), FORM_NUMBER, PART_VERB },
	{ NULL, "out", AT(xfrm_userpolicy_default, out), FORM_NUMBER, PART_VERB },
	END
};
static const struct field no_fields[] = { END };

#define SIZE(type) sizeof(struct type)
#define FAMILY(type, member) offsetof(struct type, member)

/* Where two rows have the same type, a received message is decoded by the first. */
static const struct message messages[] = {
	{ VERB_ADD, EVENT_SA, XFRM_MSG_NEWSA, NLM_F_CREATE | NLM_F_EXCL, CLASS_SA, SIZE(xfrm_usersa_info),
	  FAMILY(xfrm_usersa_info, family), sa_fields, put_sa, get_sa },
	{ VERB_UPDATE, EVENT_SA, XFRM_MSG_UPDSA, NLM_F_CREATE | NLM_F_REPLACE, CLASS_SA, SIZE(xfrm_usersa_info),
	  FAMILY(xfrm_usersa_info, family), sa_fields, put_sa, get_sa },
	{ VERB_GETSPI, EVENT_SA, XFRM_MSG_ALLOCSPI, 0, CLASS_SPI, SIZE(xfrm_userspi_info),
	  FAMILY(xfrm_userspi_info, info.family), spi_fields, put_spi, get_spi },
	{ VERB_GET, EVENT_SA, XFRM_MSG_GETSA, 0, CLASS_SA_ID, SIZE(xfrm_usersa_id),
	  FAMILY(xfrm_usersa_id, family), said_fields, put_said, get_said },
	{ VERB_DELETE, EVENT_SA, XFRM_MSG_DELSA, 0, CLASS_SA_ID, SIZE(xfrm_usersa_id),
	  FAMILY(xfrm_usersa_id, family), said_fields, put_said, get_said },
	{ VERB_DUMP, EVENT_OTHER, XFRM_MSG_GETSA, NLM_F_DUMP, CLASS_SA_DUMP, 0, 0, no_fields, NULL, NULL },
	{ VERB_DELETEALL, EVENT_SA, XFRM_MSG_GETSA, NLM_F_DUMP, CLASS_SA_DUMP, 0, 0, no_fields, NULL, NULL },
	{ VERB_FLUSH, EVENT_OTHER, XFRM_MSG_FLUSHSA, 0, 0, SIZE(xfrm_usersa_flush),
	  0, flush_fields, put_flush, get_flush },
	{ VERB_SPDADD, EVENT_POLICY, XFRM_MSG_NEWPOLICY, NLM_F_CREATE | NLM_F_EXCL, CLASS_POLICY,
	  SIZE(xfrm_userpolicy_info), FAMILY(xfrm_userpolicy_info, sel.family), policy_fields, put_policy, get_policy },
	{ VERB_SPDUPDATE, EVENT_POLICY, XFRM_MSG_UPDPOLICY, NLM_F_CREATE | NLM_F_REPLACE, CLASS_POLICY,
	  SIZE(xfrm_userpolicy_info), FAMILY(xfrm_userpolicy_info, sel.family), policy_fields, put_policy, get_policy },
	{ VERB_SPDDELETE, EVENT_POLICY, XFRM_MSG_DELPOLICY, 0, CLASS_POLICY_ID, SIZE(xfrm_userpolicy_id),
	  FAMILY(xfrm_userpolicy_id, sel.family), policyid_fields, put_policyid, get_policyid },
	{ VERB_SPDGET, EVENT_POLICY, XFRM_MSG_GETPOLICY, 0, CLASS_POLICY_ID, SIZE(xfrm_userpolicy_id),
	  FAMILY(xfrm_userpolicy_id, sel.family), policyid_fields, put_policyid, get_policyid },
	{ VERB_SPDDUMP, EVENT_OTHER, XFRM_MSG_GETPOLICY, NLM_F_DUMP, 0, 0, 0, no_fields, NULL, NULL },
	{ VERB_SPDFLUSH, EVENT_OTHER, XFRM_MSG_FLUSHPOLICY, 0, CLASS_POLICY_FLUSH, 0, 0, no_fields, NULL, NULL },
	{ VERB_ACQUIRE, EVENT_SA, XFRM_MSG_ACQUIRE, 0, 0, SIZE(xfrm_user_acquire),
	  FAMILY(xfrm_user_acquire, sel.family), acquire_fields, NULL, get_acquire },
	{ VERB_EXPIRE, EVENT_SA, XFRM_MSG_EXPIRE, 0, 0, SIZE(xfrm_user_expire),
	  FAMILY(xfrm_user_expire, state.family), expire_fields, NULL, get_expire },
	{ VERB_SPDEXPIRE, EVENT_POLICY, XFRM_MSG_POLEXPIRE, 0, 0, SIZE(xfrm_user_polexpire),
	  FAMILY(xfrm_user_polexpire, pol.sel.family), polexpire_fields, NULL, get_polexpire },
	{ VERB_AEVENT, EVENT_NOTICE, XFRM_MSG_NEWAE, 0, 0, SIZE(xfrm_aevent_id),
	  FAMILY(xfrm_aevent_id, sa_id.family), aevent_fields, NULL, get_aevent },
	{ VERB_REPORT, EVENT_NOTICE, XFRM_MSG_REPORT, 0, 0, SIZE(xfrm_user_report),
	  FAMILY(xfrm_user_report, sel.family), report_fields, NULL, get_report },
	{ VERB_MIGRATE, EVENT_NOTICE, XFRM_MSG_MIGRATE, 0, 0, SIZE(xfrm_userpolicy_id),
	  FAMILY(xfrm_userpolicy_id, sel.family), policyid_fields, NULL, get_policyid },
	{ VERB_MAPPING, EVENT_NOTICE, XFRM_MSG_MAPPING, 0, 0, SIZE(xfrm_user_mapping),
	  FAMILY(xfrm_user_mapping, id.family), mapping_fields, NULL, get_mapping },
	{ VERB_SETDEFAULT, EVENT_NOTICE, XFRM_MSG_SETDEFAULT, 0, 0, SIZE(xfrm_userpolicy_default),
	  0, default_policy_fields, NULL, get_default_policy },
	/* The kernel notifies of a change with this type. */
	{ VERB_SETDEFAULT, EVENT_NOTICE, XFRM_MSG_GETDEFAULT, 0, 0, SIZE(xfrm_userpolicy_default),
	  0, default_policy_fields, NULL, get_default_policy },
};

enum { MESSAGES = sizeof(messages) / sizeof(messages[0]) };

const struct message *xfrm_message_for(enum verb verb)
{
	for (const struct message *m = messages; m < messages + MESSAGES; m++)
		if (m->verb == verb && verbs[verb].flags & VERB_SENDS)
			return m;
	return NULL;
}

const struct message *xfrm_message_of(uint16_t type, bool dump)
{
	for (const struct message *m = messages; m < messages + MESSAGES; m++)
		if (m->type == type && ((m->flags & NLM_F_DUMP) == NLM_F_DUMP) == dump)
			return m;
	return NULL;
}
