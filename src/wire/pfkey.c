/* SPDX-License-Identifier: ISC */
/*
 * PF_KEYv2: RFC 2367 with KAME's extensions in the form that Linux has. Encodes statements, decodes messages
 * to events and prints messages as text, with one row per message and one per extension. Opens no socket.
 */
#include "wire/wire.h"

#include "model/names.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <linux/pfkeyv2.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* KAME's flags in sadb_sa_flags. Linux accepts and discards them. */
enum {
	KAME_OLD = 0x1, KAME_IV4B = 0x10, KAME_DERIV = 0x20, KAME_CYCSEQ = 0x40,
	KAME_RAWCPI = 0x80, KAME_PRAND = 0x100, KAME_PZERO = 0x200,
};

enum {
	UNIT = 8, /* bytes; lengths are in this unit */
	REQUEST = sizeof(struct sadb_x_ipsecrequest),
	WINDOW_MAX = 255, WINDOW_KEPT = 32, /* the 8-bit field, and the most that the kernel keeps */
	LABEL_MAX = UINT16_MAX - 1,
	ERRNO_LAST = 133, /* EHWPOISON */
};

struct ext {
	uint16_t type;
	uint8_t size;  /* the least number of bytes, with the four of length and type */
	const char *name;
	/* appends all or nothing; put_ext() fills in the header and the padding */
	void (*put)(const struct stmt *s, struct buf *out);
	bool (*get)(struct event *ev, const void *p); /* false: the model cannot hold all of it */
	void (*note)(const void *p, struct buf *out);
};

struct message {
	uint8_t type;
	uint8_t verb;          /* enum verb */
	uint8_t kind;          /* enum event_kind of a message that reports no error and has extensions */
	const char *name;
	const uint8_t *order;  /* extensions of a request, ended by 0; NULL: setkey never sends it */
};

/* Returns the length in bytes, header included. get_exts() has checked that they are all there. */
static size_t ext_bytes(const void *p)
{
	const struct sadb_ext *x = p;

	return (size_t)x->sadb_ext_len * UNIT;
}

/* ---- security association ---- */

static const struct { uint32_t model, wire; } flag_bits[] = {
	{ SA_F_OLD, KAME_OLD }, { SA_F_IV4B, KAME_IV4B }, { SA_F_DERIV, KAME_DERIV },
	{ SA_F_RAWCPI, KAME_RAWCPI }, { SA_F_RANDOM_PAD, KAME_PRAND }, { SA_F_ZERO_PAD, KAME_PZERO },
	{ SA_F_NOPMTUDISC, SADB_SAFLAGS_NOPMTUDISC }, { SA_F_DECAP_DSCP, SADB_SAFLAGS_DECAP_DSCP },
	{ SA_F_NOECN, SADB_SAFLAGS_NOECN },
};

enum { FLAG_BITS = sizeof(flag_bits) / sizeof(flag_bits[0]) };

static uint32_t put_flags(const struct sa *sa)
{
	uint32_t flags = sa->flags & SA_F_NOCYCLIC ? 0 : KAME_CYCSEQ;

	for (unsigned i = 0; i < FLAG_BITS; i++)
		if (sa->flags & flag_bits[i].model)
			flags |= flag_bits[i].wire;
	if (sa->enc != NULL && sa->enc->flags & ALG_NOT_OLD)
		flags |= KAME_DERIV;
	if (sa->enc != NULL && sa->enc->flags & ALG_ESP_OLD)
		flags |= KAME_IV4B;
	return flags;
}

static uint32_t get_flags(uint32_t wire)
{
	uint32_t flags = 0;

	for (unsigned i = 0; i < FLAG_BITS; i++)
		if (wire & flag_bits[i].wire)
			flags |= flag_bits[i].model;
	return flags;
}

static void put_sa(const struct stmt *s, struct buf *out)
{
	const struct sa *sa = &s->sa;
	const struct alg *enc = sa->comp != NULL ? sa->comp : sa->enc;
	struct sadb_sa x = {
		.sadb_sa_spi = htonl(sa->spi),
		.sadb_sa_replay = (uint8_t)sa->window,
		.sadb_sa_auth = sa->auth != NULL ? sa->auth->pfkey : 0,
		.sadb_sa_encrypt = enc != NULL ? enc->pfkey : 0,
		.sadb_sa_flags = put_flags(sa),
	};

	buf_add(out, &x, sizeof(x));
}

static const struct alg *known_alg(enum alg_kind kind, uint8_t id, uint8_t *otherwise)
{
	const struct alg *a = alg_by_pfkey(kind, id);

	*otherwise = a == NULL ? id : 0;
	return a;
}

/* KAME's two variants of DES have the number of DES and differ only in a flag. */
static void get_des_variant(struct sa *sa)
{
	static const struct { uint32_t flag; const char *name; } variant[] = {
		{ SA_F_DERIV, "des-deriv" }, { SA_F_IV4B, "des-32iv" },
	};
	uint16_t icv;

	for (unsigned i = 0; i < 2; i++) {
		if (!(sa->flags & variant[i].flag))
			continue;
		sa->enc = alg_find(ALG_ENC, variant[i].name, strlen(variant[i].name), &icv);
		sa->flags &= ~variant[i].flag;
		return;
	}
}

static bool get_sa(struct event *ev, const void *p)
{
	struct sa *sa = &ev->sa;
	const struct sadb_sa *x = p;

	sa->spi = ntohl(x->sadb_sa_spi);
	sa->window = x->sadb_sa_replay;
	sa->flags = get_flags(x->sadb_sa_flags);
	sa->auth = known_alg(ALG_AUTH, x->sadb_sa_auth, &ev->sa_state.authid);
	if (sa->proto == PROTO_IPCOMP)
		sa->comp = known_alg(ALG_COMP, x->sadb_sa_encrypt, &ev->sa_state.encid);
	else
		sa->enc = known_alg(ALG_ENC, x->sadb_sa_encrypt, &ev->sa_state.encid);
	if (sa->enc != NULL && sa->enc->pfkey == SADB_EALG_DESCBC)
		get_des_variant(sa);
	ev->sa_state.life = x->sadb_sa_state;
	ev->sa_state.flags = x->sadb_sa_flags;
	return true;
}

static void annotate_word(struct buf *out, const struct name *table, int number)
{
	const char *word = name_word(table, number);

	if (word != NULL)
		buf_printf(out, "(%s)", word);
}

static void annotate_alg(struct buf *out, enum alg_kind kind, uint8_t id)
{
	const struct alg *a = alg_by_pfkey(kind, id);

	if (a != NULL)
		buf_printf(out, "(%s)", a->name);
}

static void annotate_sa(const void *p, struct buf *out)
{
	const struct sadb_sa *x = p;

	buf_printf(out, " spi=%u(0x%08x) replay=%u state=%u", ntohl(x->sadb_sa_spi), ntohl(x->sadb_sa_spi),
	           x->sadb_sa_replay, x->sadb_sa_state);
	annotate_word(out, state_names, x->sadb_sa_state);
	buf_printf(out, " auth=%u", x->sadb_sa_auth);
	annotate_alg(out, ALG_AUTH, x->sadb_sa_auth);
	buf_printf(out, " encrypt=%u flags=0x%08x", x->sadb_sa_encrypt, x->sadb_sa_flags);
}

static void put_sa2(const struct stmt *s, struct buf *out)
{
	struct sadb_x_sa2 x = { .sadb_x_sa2_mode = s->sa.mode, .sadb_x_sa2_reqid = s->sa.reqid };

	buf_add(out, &x, sizeof(x));
}

/* The model has PF_KEY's numbers for the modes up to BEET. */
static uint8_t get_mode(uint8_t mode)
{
	return mode <= MODE_BEET ? mode : MODE_OTHER;
}

static bool get_sa2(struct event *ev, const void *p)
{
	const struct sadb_x_sa2 *x = p;

	ev->sa.mode = get_mode(x->sadb_x_sa2_mode);
	ev->sa.reqid = x->sadb_x_sa2_reqid;
	ev->sa_state.seq = x->sadb_x_sa2_sequence;
	return ev->sa.mode != MODE_OTHER;
}

static void annotate_sa2(const void *p, struct buf *out)
{
	const struct sadb_x_sa2 *x = p;

	buf_printf(out, " mode=%u", x->sadb_x_sa2_mode);
	annotate_word(out, mode_names, x->sadb_x_sa2_mode);
	buf_printf(out, " seq=%u reqid=%u", x->sadb_x_sa2_sequence, x->sadb_x_sa2_reqid);
}

static void put_spirange(const struct stmt *s, struct buf *out)
{
	struct sadb_spirange x = { .sadb_spirange_min = s->sa.spi, .sadb_spirange_max = s->sa.spi };

	if (s->sa.spi != 0)
		buf_add(out, &x, sizeof(x));
}

static bool get_spirange(struct event *ev, const void *p)
{
	const struct sadb_spirange *x = p;

	if (ev->sa.spi == 0)
		ev->sa.spi = x->sadb_spirange_min;
	return x->sadb_spirange_min == x->sadb_spirange_max;
}

static void annotate_spirange(const void *p, struct buf *out)
{
	const struct sadb_spirange *x = p;

	buf_printf(out, " min=0x%x max=0x%x", x->sadb_spirange_min, x->sadb_spirange_max);
}

/* ---- keys ---- */

static void put_key(struct buf *out, const uint8_t *key, uint16_t bits)
{
	struct sadb_key x = { .sadb_key_bits = bits };

	buf_add(out, &x, sizeof(x));
	buf_add(out, key, (bits + 7u) / 8);
}

/* The null cipher has no key but still needs the extension. IPComp must not have it. */
static void put_enckey(const struct stmt *s, struct buf *out)
{
	if (s->sa.enc != NULL && s->sa.proto != PROTO_IPCOMP)
		put_key(out, sa_enckey(&s->sa), s->sa.encbits);
}

static void put_authkey(const struct stmt *s, struct buf *out)
{
	if (s->sa.authbits != 0 && s->sa.proto != PROTO_IPCOMP)
		put_key(out, sa_authkey(&s->sa), s->sa.authbits);
}

/* The kernel sends the authentication key first, but in the model the encryption key comes first. */
static bool get_key(struct event *ev, const void *p)
{
	struct sa *sa = &ev->sa;
	const struct sadb_key *x = p;
	size_t bytes = (x->sadb_key_bits + 7u) / 8;

	if (bytes > KEY_MAX || bytes > ext_bytes(p) - sizeof(*x))
		return false;
	if (x->sadb_key_exttype == SADB_EXT_KEY_AUTH) {
		memcpy(sa->key + (sa->encbits + 7u) / 8, x + 1, bytes);
		sa->authbits = x->sadb_key_bits;
		return true;
	}
	memmove(sa->key + bytes, sa_authkey(sa), (sa->authbits + 7u) / 8);
	memcpy(sa->key, x + 1, bytes);
	sa->encbits = x->sadb_key_bits;
	return true;
}

static void annotate_key(const void *p, struct buf *out)
{
	const struct sadb_key *x = p;

	buf_printf(out, " bits=%u key 0x...(%u bytes)", x->sadb_key_bits, (x->sadb_key_bits + 7u) / 8);
}

/* ---- lifetimes ---- */

static void put_lifetime(struct buf *out, const struct lifetime *l)
{
	struct sadb_lifetime x = {
		.sadb_lifetime_allocations = (uint32_t)l->packets,
		.sadb_lifetime_bytes = l->bytes,
		.sadb_lifetime_addtime = l->add_secs,
		.sadb_lifetime_usetime = l->use_secs,
	};

	buf_add(out, &x, sizeof(x));
}

static bool is_limited(const struct lifetime *l)
{
	return (l->packets | l->bytes | l->add_secs | l->use_secs) != 0;
}

/*
 * Linux accepts hard and soft limits only together, so if one is missing it is sent as "no limit". For getspi
 * Linux ignores both, so only those that were given are sent.
 */
static void put_limits(const struct stmt *s, struct buf *out, bool hard)
{
	const struct lifetime *h = &stmt_attrs(s)->hard, *l = &stmt_attrs(s)->soft;
	bool pair = s->verb != VERB_GETSPI && (is_limited(h) || is_limited(l));

	if (pair || is_limited(hard ? h : l))
		put_lifetime(out, hard ? h : l);
}

static void put_hard(const struct stmt *s, struct buf *out)
{
	put_limits(s, out, true);
}

static void put_soft(const struct stmt *s, struct buf *out)
{
	put_limits(s, out, false);
}

static bool get_limits(struct event *ev, const void *p)
{
	const struct sadb_lifetime *x = p;
	bool hard = x->sadb_lifetime_exttype == SADB_EXT_LIFETIME_HARD;
	struct lifetime *l = hard ? &ev->attrs.hard : &ev->attrs.soft;

	*l = (struct lifetime){
		.packets = x->sadb_lifetime_allocations, .bytes = x->sadb_lifetime_bytes,
		.add_secs = x->sadb_lifetime_addtime, .use_secs = x->sadb_lifetime_usetime,
	};
	return true;
}

static bool get_current(struct event *ev, const void *p)
{
	const struct sadb_lifetime *x = p;

	ev->sa_state.packets = x->sadb_lifetime_allocations;
	ev->sa_state.bytes = x->sadb_lifetime_bytes;
	ev->sa_state.add_time = ev->policy_state.add_time = x->sadb_lifetime_addtime;
	ev->sa_state.use_time = ev->policy_state.use_time = x->sadb_lifetime_usetime;
	return true;
}

static void annotate_lifetime(const void *p, struct buf *out)
{
	const struct sadb_lifetime *x = p;

	buf_printf(out, " alloc=%u bytes=%llu addtime=%llu usetime=%llu", x->sadb_lifetime_allocations,
	           (unsigned long long)x->sadb_lifetime_bytes, (unsigned long long)x->sadb_lifetime_addtime,
	           (unsigned long long)x->sadb_lifetime_usetime);
}

/* ---- addresses ---- */

static size_t sockaddr_size(uint8_t family)
{
	return family == AF_INET ? sizeof(struct sockaddr_in) :
	       family == AF_INET6 ? sizeof(struct sockaddr_in6) : 0;
}

static void put_sockaddr(struct buf *out, const struct addr *a)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(a->port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		                    .sin6_port = htons(a->port),
		                    .sin6_scope_id = a->scope };

	if (a->family == AF_INET) {
		memcpy(&in.sin_addr, a->bytes, sizeof(in.sin_addr));
		buf_add(out, &in, sizeof(in));
	} else if (a->family == AF_INET6) {
		memcpy(&in6.sin6_addr, a->bytes, sizeof(in6.sin6_addr));
		buf_add(out, &in6, sizeof(in6));
	}
}

/* Returns the number of bytes read, 0 if they are not a complete address of a known family. */
static size_t get_sockaddr(struct addr *a, const uint8_t *p, size_t n)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	sa_family_t family = 0;

	if (n >= sizeof(family))
		memcpy(&family, p, sizeof(family));
	if (family == AF_INET && n >= sizeof(in)) {
		memcpy(&in, p, sizeof(in));
		*a = (struct addr){ .family = AF_INET, .plen = 32, .port = ntohs(in.sin_port) };
		memcpy(a->bytes, &in.sin_addr, sizeof(in.sin_addr));
		return sizeof(in);
	}
	if (family == AF_INET6 && n >= sizeof(in6)) {
		memcpy(&in6, p, sizeof(in6));
		*a = (struct addr){ .family = AF_INET6, .plen = 128, .port = ntohs(in6.sin6_port),
		                    .scope = in6.sin6_scope_id };
		memcpy(a->bytes, &in6.sin6_addr, sizeof(in6.sin6_addr));
		return sizeof(in6);
	}
	return 0;
}

static void put_address(struct buf *out, const struct addr *a, uint8_t proto, unsigned plen)
{
	struct sadb_address x = { .sadb_address_proto = proto, .sadb_address_prefixlen = (uint8_t)plen };

	if (a->family == 0)
		return;
	buf_add(out, &x, sizeof(x));
	put_sockaddr(out, a);
}

static void put_src(const struct stmt *s, struct buf *out)
{
	if (verb_is_policy(s->verb))
		put_address(out, &s->policy.src, s->policy.upper, s->policy.src.plen);
	else
		put_address(out, &s->sa.src, UPPER_ANY, addr_bits(&s->sa.src));
}

static void put_dst(const struct stmt *s, struct buf *out)
{
	if (verb_is_policy(s->verb))
		put_address(out, &s->policy.dst, s->policy.upper, s->policy.dst.plen);
	else
		put_address(out, &s->sa.dst, UPPER_ANY, addr_bits(&s->sa.dst));
}

/*
 * Without a proxy address the kernel gives the selector of an SA the family of the outer header. Packets of
 * another inner family then find no SA (Linux 6.1, 6.12).
 */
static void put_proxy(const struct stmt *s, struct buf *out)
{
	const struct attrs *x = stmt_attrs(s);
	struct addr any = { .family = attrs_have(x, ATTR_SELECTOR) ? x->sel.src.family : s->sa.inner_family };

	put_address(out, &any, UPPER_ANY, 0);
}

static void put_natt_oa(const struct stmt *s, struct buf *out)
{
	if (s->sa.encap != ENCAP_NONE)
		put_address(out, &stmt_attrs(s)->natt_oa, UPPER_ANY, addr_bits(&stmt_attrs(s)->natt_oa));
}

static struct addr *address_place(struct event *ev, uint16_t type)
{
	switch (type) {
	case SADB_EXT_ADDRESS_SRC:
		return ev->kind == EVENT_POLICY ? &ev->policy.src : &ev->sa.src;
	case SADB_EXT_ADDRESS_DST:
		return ev->kind == EVENT_POLICY ? &ev->policy.dst : &ev->sa.dst;
	case SADB_EXT_ADDRESS_PROXY:
		return &ev->sa_state.sel_src;
	default:
		return &ev->attrs.natt_oa;
	}
}

static bool get_address(struct event *ev, const void *p)
{
	const struct sadb_address *x = p;
	struct addr *a = address_place(ev, x->sadb_address_exttype);

	if (x->sadb_address_exttype == SADB_EXT_ADDRESS_SRC ||
	    x->sadb_address_exttype == SADB_EXT_ADDRESS_DST)
		ev->policy.upper = x->sadb_address_proto;
	if (get_sockaddr(a, (const uint8_t *)(x + 1), ext_bytes(p) - sizeof(*x)) == 0 ||
	    x->sadb_address_prefixlen > addr_bits(a))
		return false;
	a->plen = x->sadb_address_prefixlen;
	return true;
}

static size_t annotate_sockaddr(const uint8_t *p, size_t n, struct buf *out)
{
	char s[INET6_ADDRSTRLEN];
	struct addr a;
	size_t size = get_sockaddr(&a, p, n);

	if (size == 0) {
		buf_adds(out, "unreadable address");
		return 0;
	}
	buf_adds(out, inet_ntop(a.family, a.bytes, s, sizeof(s)));
	if (a.scope != 0)
		buf_printf(out, "%%%u", a.scope);
	buf_printf(out, "[%u]", a.port);
	return size;
}

static void annotate_address(const void *p, struct buf *out)
{
	const struct sadb_address *x = p;

	buf_printf(out, " proto=%u prefixlen=%u ", x->sadb_address_proto, x->sadb_address_prefixlen);
	annotate_sockaddr((const uint8_t *)(x + 1), ext_bytes(p) - sizeof(*x), out);
}

/* ---- NAT traversal ---- */

static void put_natt_type(const struct stmt *s, struct buf *out)
{
	struct sadb_x_nat_t_type x = { .sadb_x_nat_t_type_type = s->sa.encap };

	if (s->sa.encap != ENCAP_NONE)
		buf_add(out, &x, sizeof(x));
}

static bool get_natt_type(struct event *ev, const void *p)
{
	const struct sadb_x_nat_t_type *x = p;

	ev->sa.encap = x->sadb_x_nat_t_type_type;
	return true;
}

static void annotate_natt_type(const void *p, struct buf *out)
{
	const struct sadb_x_nat_t_type *x = p;

	buf_printf(out, " nat-t=%u", x->sadb_x_nat_t_type_type);
}

static void put_natt_port(const struct stmt *s, struct buf *out, uint16_t port)
{
	struct sadb_x_nat_t_port x = { .sadb_x_nat_t_port_port = htons(port) };

	if (s->sa.encap != ENCAP_NONE)
		buf_add(out, &x, sizeof(x));
}

static void put_natt_sport(const struct stmt *s, struct buf *out)
{
	put_natt_port(s, out, s->sa.natt_sport);
}

static void put_natt_dport(const struct stmt *s, struct buf *out)
{
	put_natt_port(s, out, s->sa.natt_dport);
}

static bool get_natt_port(struct event *ev, const void *p)
{
	const struct sadb_x_nat_t_port *x = p;
	uint16_t port = ntohs(x->sadb_x_nat_t_port_port);

	if (x->sadb_x_nat_t_port_exttype == SADB_X_EXT_NAT_T_SPORT)
		ev->sa.natt_sport = port;
	else
		ev->sa.natt_dport = port;
	return true;
}

static void annotate_natt_port(const void *p, struct buf *out)
{
	const struct sadb_x_nat_t_port *x = p;

	buf_printf(out, " port=%u", ntohs(x->sadb_x_nat_t_port_port));
}

/* ---- security context ---- */

static void put_ctx(const struct stmt *s, struct buf *out)
{
	const struct secctx *ctx = &stmt_attrs(s)->ctx;
	struct sadb_x_sec_ctx x = {
		.sadb_x_ctx_alg = ctx->alg,
		.sadb_x_ctx_doi = ctx->doi,
		.sadb_x_ctx_len = (uint16_t)(ctx->label.len + 1),
	};

	if (ctx->doi == 0)
		return;
	buf_add(out, &x, sizeof(x));
	buf_add(out, ctx->label.p, ctx->label.len);
	buf_addc(out, '\0');
}

static bool get_ctx(struct event *ev, const void *p)
{
	const struct sadb_x_sec_ctx *x = p;
	const char *label = (const char *)(x + 1);
	uint32_t len = x->sadb_x_ctx_len;

	if (len > ext_bytes(p) - sizeof(*x))
		return false;
	if (len > 0 && label[len - 1] == '\0')
		len--;
	ev->attrs.ctx = (struct secctx){ .doi = x->sadb_x_ctx_doi,
		                         .alg = x->sadb_x_ctx_alg,
		                         .label = { label, len } };
	return true;
}

static void annotate_ctx(const void *p, struct buf *out)
{
	const struct sadb_x_sec_ctx *x = p;
	const char *label = (const char *)(x + 1);
	size_t n = ext_bytes(p) - sizeof(*x);

	buf_printf(out, " doi=%u alg=%u ctxlen=%u ", x->sadb_x_ctx_doi, x->sadb_x_ctx_alg, x->sadb_x_ctx_len);
	for (size_t i = 0; i < n && i < x->sadb_x_ctx_len && label[i] != '\0'; i++)
		buf_addc(out, (char)(label[i] >= ' ' && label[i] < 0x7f ? label[i] : '?'));
}

/* ---- policy ---- */

static size_t tmpl_size(const struct tmpl *t)
{
	return REQUEST + sockaddr_size(t->src.family) + sockaddr_size(t->dst.family);
}

/*
 * On the wire type 0 is discard. Without an action (spddelete needs only the direction) type and priority are
 * 0.
 */
static void put_policy(const struct stmt *s, struct buf *out)
{
	const struct policy *pol = &s->policy;
	bool has_action = pol->action != ACTION_UNSET;
	struct sadb_x_policy x = {
		.sadb_x_policy_type = has_action ? (uint16_t)(pol->action - ACTION_DISCARD) : 0,
		.sadb_x_policy_dir = pol->dir,
		.sadb_x_policy_id = pol->index,
		.sadb_x_policy_priority = has_action ? pol->priority : 0,
	};

	buf_add(out, &x, sizeof(x));
	for (unsigned i = 0; i < pol->ntmpl; i++) {
		const struct tmpl *t = &pol->tmpl[i];
		struct sadb_x_ipsecrequest rq = {
			.sadb_x_ipsecrequest_len = (uint16_t)tmpl_size(t),
			.sadb_x_ipsecrequest_proto = t->proto,
			.sadb_x_ipsecrequest_mode = t->mode,
			.sadb_x_ipsecrequest_level = t->level,
			.sadb_x_ipsecrequest_reqid = t->reqid,
		};

		buf_add(out, &rq, sizeof(rq));
		put_sockaddr(out, &t->src);
		put_sockaddr(out, &t->dst);
	}
}

/*
 * Returns the length of the request at p, 0 if it is not complete. It is in bytes, unlike all other lengths.
 */
static size_t read_request(struct sadb_x_ipsecrequest *rq, const uint8_t *p, size_t n)
{
	if (n < sizeof(*rq))
		return 0;
	memcpy(rq, p, sizeof(*rq));
	return rq->sadb_x_ipsecrequest_len >= sizeof(*rq) && rq->sadb_x_ipsecrequest_len <= n ?
	       rq->sadb_x_ipsecrequest_len : 0;
}

static bool get_tmpl(struct tmpl *t, const struct sadb_x_ipsecrequest *rq, const uint8_t *p, size_t n)
{
	size_t size;

	t->proto = (uint8_t)rq->sadb_x_ipsecrequest_proto;
	t->mode = get_mode(rq->sadb_x_ipsecrequest_mode);
	t->level = rq->sadb_x_ipsecrequest_level;
	t->reqid = rq->sadb_x_ipsecrequest_reqid;
	if (n > 0 &&
	    ((size = get_sockaddr(&t->src, p, n)) == 0 || get_sockaddr(&t->dst, p + size, n - size) == 0))
		return false;
	return t->mode != MODE_OTHER && t->level <= LEVEL_UNIQUE && t->proto == rq->sadb_x_ipsecrequest_proto;
}

static bool get_tmpls(struct policy *pol, const uint8_t *p, size_t n)
{
	struct sadb_x_ipsecrequest rq;
	bool whole = true;
	size_t size;

	for (; n >= REQUEST; p += size, n -= size) {
		if ((size = read_request(&rq, p, n)) == 0 || pol->ntmpl == TMPL_MAX)
			return false;
		whole &= get_tmpl(&pol->tmpl[pol->ntmpl++], &rq, p + REQUEST, size - REQUEST);
	}
	return whole;
}

/*
 * The low three bits of the index are the direction. Those of per-socket policies continue after in, out and
 * fwd.
 */
static uint8_t get_dir(const struct sadb_x_policy *x)
{
	if ((x->sadb_x_policy_id & 7) < DIR_FWD || x->sadb_x_policy_dir > DIR_FWD ||
	    x->sadb_x_policy_dir == 0)
		return x->sadb_x_policy_dir;
	return (uint8_t)(x->sadb_x_policy_dir + DIR_FWD);
}

static bool get_policy(struct event *ev, const void *p)
{
	struct policy *pol = &ev->policy;
	const struct sadb_x_policy *x = p;

	pol->dir = get_dir(x);
	pol->index = x->sadb_x_policy_id;
	pol->priority = x->sadb_x_policy_priority;
	pol->action = x->sadb_x_policy_type <= ACTION_BYPASS - ACTION_DISCARD ?
	              (uint8_t)(x->sadb_x_policy_type + ACTION_DISCARD) : ACTION_UNSET;
	pol->ntmpl = 0;
	memset(pol->tmpl, 0, sizeof(pol->tmpl));
	if (!get_tmpls(pol, (const uint8_t *)(x + 1), ext_bytes(p) - sizeof(*x)))
		unshown_add(&ev->policy_state.unshown, "a request");
	if (pol->action == ACTION_UNSET)
		unshown_add(&ev->policy_state.unshown, "action %u", x->sadb_x_policy_type);
	return true;
}

static void annotate_request(const struct sadb_x_ipsecrequest *rq, const uint8_t *p, size_t n,
                             struct buf *out)
{
	size_t size;

	buf_printf(out, " request{ len=%u proto=%u", rq->sadb_x_ipsecrequest_len,
	           rq->sadb_x_ipsecrequest_proto);
	annotate_word(out, proto_names, rq->sadb_x_ipsecrequest_proto);
	buf_printf(out, " mode=%u", rq->sadb_x_ipsecrequest_mode);
	annotate_word(out, mode_names, rq->sadb_x_ipsecrequest_mode);
	buf_printf(out, " level=%u", rq->sadb_x_ipsecrequest_level);
	annotate_word(out, level_names, rq->sadb_x_ipsecrequest_level);
	buf_printf(out, " reqid=%u", rq->sadb_x_ipsecrequest_reqid);
	if (n > 0) {
		buf_addc(out, ' ');
		size = annotate_sockaddr(p, n, out);
		buf_addc(out, '-');
		annotate_sockaddr(p + size, n - size, out);
	}
	buf_adds(out, " }");
}

static void annotate_policy(const void *p, struct buf *out)
{
	const struct sadb_x_policy *x = p;
	const uint8_t *at = (const uint8_t *)(x + 1);
	struct sadb_x_ipsecrequest rq;
	size_t n = ext_bytes(p) - sizeof(*x), size;

	buf_printf(out, " type=%u", x->sadb_x_policy_type);
	annotate_word(out, action_names, x->sadb_x_policy_type + ACTION_DISCARD);
	buf_printf(out, " dir=%u", x->sadb_x_policy_dir);
	annotate_word(out, dir_names, x->sadb_x_policy_dir);
	buf_printf(out, " id=%u priority=%u", x->sadb_x_policy_id, x->sadb_x_policy_priority);
	for (; (size = read_request(&rq, at, n)) != 0; at += size, n -= size)
		annotate_request(&rq, at + REQUEST, size - REQUEST, out);
	if (n >= REQUEST)
		buf_adds(out, " unreadable request");
}

/* ---- supported algorithms and proposals ---- */

static void annotate_supported(const void *p, struct buf *out)
{
	const struct sadb_supported *x = p;
	enum alg_kind kind = x->sadb_supported_exttype == SADB_EXT_SUPPORTED_AUTH ? ALG_AUTH : ALG_ENC;
	const struct sadb_alg *a = (const void *)(x + 1);

	for (size_t n = (ext_bytes(p) - sizeof(*x)) / sizeof(*a); n > 0; n--, a++) {
		buf_printf(out, " %u", a->sadb_alg_id);
		annotate_alg(out, kind, a->sadb_alg_id);
		buf_printf(out, ":%u-%u", a->sadb_alg_minbits, a->sadb_alg_maxbits);
	}
}

static void annotate_proposal(const void *p, struct buf *out)
{
	const struct sadb_prop *x = p;
	const struct sadb_comb *c = (const void *)(x + 1);

	buf_printf(out, " replay=%u", x->sadb_prop_replay);
	for (size_t n = (ext_bytes(p) - sizeof(*x)) / sizeof(*c); n > 0; n--, c++) {
		buf_printf(out, " auth=%u", c->sadb_comb_auth);
		annotate_alg(out, ALG_AUTH, c->sadb_comb_auth);
		buf_printf(out, ",encrypt=%u", c->sadb_comb_encrypt);
		annotate_alg(out, ALG_ENC, c->sadb_comb_encrypt);
	}
}

/* ---- the tables ---- */

static const struct ext exts[] = {
	/*
	 * type                     size                            name                 put             get
	 * note
	 */
	{ SADB_EXT_SA,               sizeof(struct sadb_sa),         "sa",                put_sa,         get_sa,         annotate_sa },
	{ SADB_EXT_LIFETIME_CURRENT, sizeof(struct sadb_lifetime),   "lifetime_current",  NULL,           get_current,    annotate_lifetime },
	{ SADB_EXT_LIFETIME_HARD,    sizeof(struct sadb_lifetime),   "lifetime_hard",     put_hard,       get_limits,     annotate_lifetime },
	{ SADB_EXT_LIFETIME_SOFT,    sizeof(struct sadb_lifetime),   "lifetime_soft",     put_soft,       get_limits,     annotate_lifetime },
	{ SADB_EXT_ADDRESS_SRC,      sizeof(struct sadb_address),    "address_src",       put_src,        get_address,    annotate_address },
	{ SADB_EXT_ADDRESS_DST,      sizeof(struct sadb_address),    "address_dst",       put_dst,        get_address,    annotate_address },
	{ SADB_EXT_ADDRESS_PROXY,    sizeof(struct sadb_address),    "address_proxy",     put_proxy,      get_address,    annotate_address },
	{ SADB_EXT_KEY_AUTH,         sizeof(struct sadb_key),        "key_auth",          put_authkey,    get_key,        annotate_key },
	{ SADB_EXT_KEY_ENCRYPT,      sizeof(struct sadb_key),        "key_encrypt",       put_enckey,     get_key,        annotate_key },
	{ SADB_EXT_PROPOSAL,         sizeof(struct sadb_prop),       "proposal",          NULL,           NULL,           annotate_proposal },
	{ SADB_EXT_SUPPORTED_AUTH,   sizeof(struct sadb_supported),  "supported_auth",    NULL,           NULL,           annotate_supported },
	{ SADB_EXT_SUPPORTED_ENCRYPT, sizeof(struct sadb_supported),  "supported_encrypt", NULL,           NULL,           annotate_supported },
	{ SADB_EXT_SPIRANGE,         sizeof(struct sadb_spirange),   "spirange",          put_spirange,   get_spirange,   annotate_spirange },
	{ SADB_X_EXT_POLICY,         sizeof(struct sadb_x_policy),   "x_policy",          put_policy,     get_policy,     annotate_policy },
	{ SADB_X_EXT_SA2,            sizeof(struct sadb_x_sa2),      "x_sa2",             put_sa2,        get_sa2,        annotate_sa2 },
	{ SADB_X_EXT_NAT_T_TYPE,     sizeof(struct sadb_x_nat_t_type), "x_nat_t_type",    put_natt_type,  get_natt_type,  annotate_natt_type },
	{ SADB_X_EXT_NAT_T_SPORT,    sizeof(struct sadb_x_nat_t_port), "x_nat_t_sport",   put_natt_sport, get_natt_port,  annotate_natt_port },
	{ SADB_X_EXT_NAT_T_DPORT,    sizeof(struct sadb_x_nat_t_port), "x_nat_t_dport",   put_natt_dport, get_natt_port,  annotate_natt_port },
	{ SADB_X_EXT_NAT_T_OA,       sizeof(struct sadb_address),    "x_nat_t_oa",        put_natt_oa,    get_address,    annotate_address },
	{ SADB_X_EXT_SEC_CTX,        sizeof(struct sadb_x_sec_ctx),  "x_sec_ctx",         put_ctx,        get_ctx,        annotate_ctx },
};

/* Extensions are in the order of the classic tool, so that messages can be compared byte for byte. */
static const uint8_t add_order[] = {
	SADB_EXT_KEY_ENCRYPT, SADB_EXT_KEY_AUTH, SADB_EXT_LIFETIME_HARD, SADB_EXT_LIFETIME_SOFT,
	SADB_X_EXT_SEC_CTX, SADB_EXT_SA, SADB_X_EXT_SA2, SADB_X_EXT_NAT_T_TYPE, SADB_X_EXT_NAT_T_OA,
	SADB_EXT_ADDRESS_SRC, SADB_EXT_ADDRESS_DST, SADB_EXT_ADDRESS_PROXY,
	SADB_X_EXT_NAT_T_SPORT, SADB_X_EXT_NAT_T_DPORT, 0
};
static const uint8_t getspi_order[] = {
	SADB_EXT_LIFETIME_HARD, SADB_EXT_LIFETIME_SOFT, SADB_X_EXT_SEC_CTX, SADB_EXT_SPIRANGE,
	SADB_EXT_SA, SADB_X_EXT_SA2, SADB_X_EXT_NAT_T_TYPE, SADB_X_EXT_NAT_T_OA,
	SADB_EXT_ADDRESS_SRC, SADB_EXT_ADDRESS_DST, SADB_EXT_ADDRESS_PROXY,
	SADB_X_EXT_NAT_T_SPORT, SADB_X_EXT_NAT_T_DPORT, 0
};
static const uint8_t find_order[] = {
	SADB_EXT_SA, SADB_X_EXT_SA2, SADB_EXT_ADDRESS_SRC, SADB_EXT_ADDRESS_DST, 0
};
static const uint8_t policy_order[] = {
	SADB_X_EXT_POLICY, SADB_EXT_ADDRESS_SRC, SADB_EXT_ADDRESS_DST, SADB_X_EXT_SEC_CTX,
	SADB_EXT_LIFETIME_HARD, SADB_EXT_LIFETIME_SOFT, 0
};
static const uint8_t no_order[] = { 0 };

/* The first row with the type decodes a message; the first with the verb encodes a statement. */
static const struct message messages[] = {
	{ SADB_GETSPI,      VERB_GETSPI,    EVENT_SA,     "getspi",      getspi_order },
	{ SADB_UPDATE,      VERB_UPDATE,    EVENT_SA,     "update",      add_order },
	{ SADB_ADD,         VERB_ADD,       EVENT_SA,     "add",         add_order },
	{ SADB_DELETE,      VERB_DELETE,    EVENT_SA,     "delete",      find_order },
	{ SADB_GET,         VERB_GET,       EVENT_SA,     "get",         find_order },
	{ SADB_ACQUIRE,     VERB_ACQUIRE,   EVENT_SA,     "acquire",     NULL },
	{ SADB_REGISTER,    VERB_REGISTER,  EVENT_OTHER,  "register",    NULL },
	{ SADB_EXPIRE,      VERB_EXPIRE,    EVENT_SA,     "expire",      NULL },
	{ SADB_FLUSH,       VERB_FLUSH,     EVENT_OTHER,  "flush",       no_order },
	{ SADB_DUMP,        VERB_DUMP,      EVENT_SA,     "dump",        no_order },
	{ SADB_DUMP,        VERB_DELETEALL, EVENT_SA,     "dump",        no_order },
	{ SADB_X_PROMISC,   VERB_PROMISC,   EVENT_OTHER,  "x_promisc",   NULL },
	{ SADB_X_PCHANGE,   VERB_OTHER,     EVENT_OTHER,  "x_pchange",   NULL },
	{ SADB_X_SPDUPDATE, VERB_SPDUPDATE, EVENT_POLICY, "x_spdupdate", policy_order },
	{ SADB_X_SPDADD,    VERB_SPDADD,    EVENT_POLICY, "x_spdadd",    policy_order },
	{ SADB_X_SPDDELETE, VERB_SPDDELETE, EVENT_POLICY, "x_spddelete", policy_order },
	{ SADB_X_SPDGET,    VERB_SPDGET,    EVENT_POLICY, "x_spdget",    NULL },
	{ SADB_X_SPDACQUIRE, VERB_OTHER,    EVENT_POLICY, "x_spdacquire", NULL },
	{ SADB_X_SPDDUMP,   VERB_SPDDUMP,   EVENT_POLICY, "x_spddump",   no_order },
	{ SADB_X_SPDFLUSH,  VERB_SPDFLUSH,  EVENT_OTHER,  "x_spdflush",  no_order },
	{ SADB_X_SPDSETIDX, VERB_OTHER,     EVENT_POLICY, "x_spdsetidx", NULL },
	{ SADB_X_SPDEXPIRE, VERB_SPDEXPIRE, EVENT_POLICY, "x_spdexpire", NULL },
	{ SADB_X_SPDDELETE2, VERB_SPDDELETE, EVENT_POLICY, "x_spddelete2", NULL },
	{ SADB_X_NAT_T_NEW_MAPPING, VERB_MAPPING, EVENT_NOTICE, "x_nat_t_new_mapping", NULL },
	{ SADB_X_MIGRATE,   VERB_MIGRATE,   EVENT_OTHER,  "x_migrate",   NULL },
};

enum { EXTS = sizeof(exts) / sizeof(exts[0]), MESSAGES = sizeof(messages) / sizeof(messages[0]) };

static const struct { uint8_t proto, satype; } satypes[] = {
	{ PROTO_AH, SADB_SATYPE_AH }, { PROTO_ESP, SADB_SATYPE_ESP }, { PROTO_IPCOMP, SADB_X_SATYPE_IPCOMP },
};

static const struct ext *ext_find(uint16_t type)
{
	for (const struct ext *x = exts; x < exts + EXTS; x++)
		if (x->type == type)
			return x;
	return NULL;
}

static const struct message *message_find(uint8_t type)
{
	for (const struct message *m = messages; m < messages + MESSAGES; m++)
		if (m->type == type)
			return m;
	return NULL;
}

/* Linux has no satype for TCP-MD5; it becomes unspec, like every protocol without a row. */
static uint8_t put_satype(uint8_t proto)
{
	for (unsigned i = 0; i < sizeof(satypes) / sizeof(satypes[0]); i++)
		if (satypes[i].proto == proto)
			return satypes[i].satype;
	return SADB_SATYPE_UNSPEC;
}

static uint8_t get_satype(uint8_t satype)
{
	for (unsigned i = 0; i < sizeof(satypes) / sizeof(satypes[0]); i++)
		if (satypes[i].satype == satype)
			return satypes[i].proto;
	return PROTO_ANY;
}

/* ---- encoding ---- */

static int check_alg(const struct alg *a, enum part part, struct encoding *e)
{
	if (a == NULL || (a->pfkey != 0 && a->kind != ALG_AEAD))
		return 0;
	if (a->xfrm == NULL)
		return encoding_refuse(e, part, "no Linux kernel has %s", a->name);
	if (a->kind == ALG_AEAD)
		return encoding_refuse(e, part, "PF_KEY has no combined ciphers such as %s; use --via=xfrm",
		                       a->name);
	return encoding_refuse(e, part, "PF_KEY has no number for %s; use --via=xfrm", a->name);
}

static int check_algs(const struct sa *sa, struct encoding *e)
{
	int err = check_alg(sa->enc, PART_ENC, e);

	if (err == 0)
		err = check_alg(sa->auth, PART_AUTH, e);
	if (err == 0 && sa->auth != NULL && sa->authicv != 0 && sa->authicv != sa->auth->icvbits)
		err = encoding_refuse(e, PART_AUTH,
		                      "PF_KEY cannot choose the ICV length, and %s would get %u bits instead "
		                      "of %u; "
		                      "use --via=xfrm",
		                      sa->auth->name, sa->auth->icvbits, sa->authicv);
	return err;
}

static int check_packets(const struct lifetime *l, enum part part, struct encoding *e)
{
	if (l->packets <= UINT32_MAX)
		return 0;
	return encoding_refuse(e, part, "PF_KEY counts packets in 32 bits; use --via=xfrm");
}

static int check_label(const struct secctx *ctx, struct encoding *e)
{
	if (ctx->doi == 0 || ctx->label.len <= LABEL_MAX)
		return 0;
	return encoding_refuse(e, PART_CTX, "PF_KEY takes a security context of at most %u bytes", LABEL_MAX);
}

/* A selector with nothing but a family can be expressed: it becomes a proxy address. */
static bool is_family_only(const struct selector *sel)
{
	return (sel->src.plen | sel->dst.plen | sel->src.port | sel->dst.port | sel->sport_mask |
	        sel->dport_mask) == 0 &&
	       sel->upper == UPPER_ANY && addr_is_any(&sel->src) && addr_is_any(&sel->dst);
}

/* Refuses the optional attributes, none of which PF_KEY has. */
static int check_attrs(const struct stmt *s, struct encoding *e)
{
	const struct attrs *x = stmt_attrs(s);

	for (enum attr_id id = 0; id < ATTR_MAX; id++)
		if (attrs_have(x, id) && !(id == ATTR_SELECTOR && is_family_only(&x->sel)))
			return encoding_refuse(e, PART_ATTR + id, "PF_KEY has no %s; use --via=xfrm",
			                       attr_table[id].what);
	return 0;
}

static int check_sa(const struct stmt *s, struct encoding *e)
{
	const struct sa *sa = &s->sa;
	int err = check_attrs(s, e);

	if (err == 0 && (verb_makes_sa(s->verb) || s->verb == VERB_GETSPI))
		err = encoding_check_new_sa(s, e);
	if (err != 0)
		return err;
	if (sa->flags & SA_F_ESN)
		return encoding_refuse(e, PART_ESN,
		                       "PF_KEY has no extended sequence numbers; use --via=xfrm");
	if (sa->flags & SA_F_AF_UNSPEC)
		return encoding_refuse(e, PART_MODE,
		                       "one SA carries IPv4 and IPv6 here, which PF_KEY cannot say; use "
		                       "--via=xfrm");
	if (sa->flags & SA_F_XFRM)
		return encoding_refuse(e, PART_FLAGS, "PF_KEY has no such flag; use --via=xfrm");
	if (sa->window > (s->exact ? WINDOW_KEPT : WINDOW_MAX))
		return encoding_refuse(e, PART_WINDOW,
		                       "PF_KEY has no replay window of %u packets; use --via=xfrm",
		                       sa->window);
	if (sa->mode > MODE_BEET)
		return encoding_refuse(e, PART_MODE, "PF_KEY has no number for this mode; use --via=xfrm");
	err = check_algs(sa, e);
	if (err == 0)
		err = check_packets(&stmt_attrs(s)->hard, PART_HARD_PACKETS, e);
	if (err == 0)
		err = check_packets(&stmt_attrs(s)->soft, PART_SOFT_PACKETS, e);
	return err ? err : check_label(&stmt_attrs(s)->ctx, e);
}

static bool mask_fits(uint16_t mask, const struct addr *a)
{
	return mask == 0 || (mask == 0xffff && a->port != 0);
}

/*
 * af_key keeps end points only for tunnels, and an id only for level "unique" and below UNIQUE_FIRST; for a
 * larger id it chooses another.
 */
static int check_tmpl(const struct tmpl *t, bool exact, enum part part, struct encoding *e)
{
	if (t->mode > MODE_TUNNEL)
		return encoding_refuse(e, part,
		                       "PF_KEY has no request of this mode that works; use --via=xfrm");
	if (t->spi != 0)
		return encoding_refuse(e, part, "PF_KEY has no SPI in a request; use --via=xfrm");
	if (t->reqid != 0 && t->level != LEVEL_UNIQUE)
		return encoding_refuse(
		        e, part, "PF_KEY has ids for level unique only; write unique:%u or use --via=xfrm",
		        t->reqid);
	if (exact && (t->reqid >= UNIQUE_FIRST || (t->mode != MODE_TUNNEL && t->src.family != 0)))
		return encoding_refuse(e, part,
		                       "PF_KEY keeps no id above %u and no end points but a tunnel's; use "
		                       "--via=xfrm",
		                       UNIQUE_FIRST - 1);
	if (t->src.family != t->dst.family)
		return encoding_refuse(e, part, "PF_KEY wants both ends of a request in one family");
	return 0;
}

static bool has_limits(const struct stmt *s)
{
	return is_limited(&stmt_attrs(s)->hard) || is_limited(&stmt_attrs(s)->soft);
}

static int check_policy_facts(const struct stmt *s, struct encoding *e)
{
	const struct policy *pol = &s->policy;
	bool src = mask_fits(pol->sport_mask, &pol->src);

	if (!src || !mask_fits(pol->dport_mask, &pol->dst))
		return encoding_refuse(e, src ? PART_DST_PORT : PART_SRC_PORT,
		              "PF_KEY has no port masks, and 0 is any; use --via=xfrm");
	if (pol->flags != 0)
		return encoding_refuse(e, PART_FLAGS, "PF_KEY has no flags of a policy; use --via=xfrm");
	if (has_limits(s))
		return encoding_refuse(e, PART_VERB,
		                       "PF_KEY on Linux has no limits of a policy; use --via=xfrm");
	return pol->index == 0 ?
	               0 :
	               encoding_refuse(e, PART_INDEX, "PF_KEY cannot choose an index; use --via=xfrm");
}

static int check_policy(const struct stmt *s, struct encoding *e)
{
	const struct policy *pol = &s->policy;
	int err = check_attrs(s, e);

	if (err == 0)
		err = check_policy_facts(s, e);
	if (err == 0 && pol->ntmpl > 0 && pol->action != ACTION_IPSEC && stmt_keeps_requests(s))
		err = encoding_refuse(e, PART_TMPL,
		                      "PF_KEY keeps no requests of a policy that discards; use --via=xfrm");
	for (unsigned i = 0; i < pol->ntmpl && err == 0; i++)
		err = check_tmpl(&pol->tmpl[i], s->exact, PART_TMPL + i, e);
	return err ? err : check_label(&stmt_attrs(s)->ctx, e);
}

static void put_ext(const struct ext *x, const struct stmt *s, struct buf *out)
{
	size_t at = out->len;
	struct sadb_ext head = { 0 };

	assert(x != NULL); /* all types in the order arrays have a row in exts */
	head.sadb_ext_type = x->type;
	x->put(s, out);
	if (out->len == at)
		return;
	buf_add(out, NULL, (at - out->len) % UNIT);
	head.sadb_ext_len = (uint16_t)((out->len - at) / UNIT);
	memcpy(out->bytes + at, &head, sizeof(head));
}

static void put_message(const struct message *m, const struct stmt *s, struct encoding *e)
{
	size_t start = e->out->len;
	struct sadb_msg head = {
		.sadb_msg_version = PF_KEY_V2,
		.sadb_msg_type = m->type,
		.sadb_msg_satype = verb_is_policy(s->verb) ? SADB_SATYPE_UNSPEC : put_satype(s->sa.proto),
		.sadb_msg_seq = e->seq,
		.sadb_msg_pid = e->pid,
	};

	buf_add(e->out, &head, sizeof(head));
	for (const uint8_t *type = m->order; *type != 0; type++)
		put_ext(ext_find(*type), s, e->out);
	head.sadb_msg_len = (uint16_t)((e->out->len - start) / UNIT);
	memcpy(e->out->bytes + start, &head, sizeof(head));
}

/* Returns the row that encodes a statement with this verb, or NULL. */
static const struct message *message_for(enum verb verb)
{
	for (const struct message *m = messages; m < messages + MESSAGES; m++)
		if (m->verb == verb && m->order != NULL)
			return m;
	return NULL;
}

static int pfkey_check(const struct stmt *s, struct encoding *e)
{
	const struct message *m = message_for(s->verb);

	if (m == NULL)
		return encoding_refuse(e, PART_VERB, "PF_KEY has no such request");
	if (m->order == no_order)
		return 0;
	return verb_is_policy(s->verb) ? check_policy(s, e) : check_sa(s, e);
}

static int pfkey_encode(const struct stmt *s, struct encoding *e)
{
	const struct message *m = message_for(s->verb);
	int err = pfkey_check(s, e);

	assert(err != 0 || m != NULL); /* pfkey_check() refuses a verb without a row */
	if (err == 0)
		put_message(m, s, e);
	return err;
}

/* ---- decoding ---- */

/* Returns the size of the extension at p in bytes, 0 if it is 0 or more than the n bytes there. */
static size_t ext_size(struct sadb_ext *head, const uint8_t *p, size_t n)
{
	size_t size;

	if (n < sizeof(*head))
		return 0;
	memcpy(head, p, sizeof(*head));
	size = (size_t)head->sadb_ext_len * UNIT;
	return size <= n ? size : 0;
}

/* Returns the size of the message in bytes, 0 if it is not a complete PF_KEYv2 message. */
static size_t message_size(struct sadb_msg *m, const uint8_t *bytes, size_t len)
{
	size_t size;

	if (len < sizeof(*m))
		return 0;
	memcpy(m, bytes, sizeof(*m));
	size = (size_t)m->sadb_msg_len * UNIT;
	return m->sadb_msg_version == PF_KEY_V2 && size >= sizeof(*m) && size <= len ? size : 0;
}

/*
 * A request without KAME_CYCSEQ forbids sequence numbers to wrap. The kernel never reports that flag, so its
 * absence from a message of the kernel means nothing. Such a message always has the current lifetime, which
 * no request has.
 */
static void get_nocyclic(struct event *ev, uint32_t seen)
{
	if ((seen & 1u << SADB_EXT_SA) && !(seen & 1u << SADB_EXT_LIFETIME_CURRENT) &&
	    verb_names_sa(ev->verb) && !(ev->sa_state.flags & KAME_CYCSEQ))
		ev->sa.flags |= SA_F_NOCYCLIC;
}

/* The source address of a new mapping is the peer's old address, the destination its new one. */
static void get_mapping(struct event *ev)
{
	ev->notice.nmoved = 1;
	ev->notice.moved[0].src = ev->sa.dst;
	ev->notice.moved[0].src.port = ev->sa.natt_dport;
	ev->sa.src.port = ev->sa.natt_sport;
	memset(&ev->sa.dst, 0, sizeof(ev->sa.dst));
}

static bool is_change(enum verb verb)
{
	return verb == VERB_ADD || verb == VERB_UPDATE || verb == VERB_GETSPI || verb == VERB_GET ||
	       verb == VERB_DELETE || verb == VERB_SPDADD || verb == VERB_SPDUPDATE || verb == VERB_SPDDELETE;
}

/* Decodes what depends on several extensions, which may come in any order. */
static void finish_event(struct event *ev, uint32_t seen)
{
	const struct addr *proxy = &ev->sa_state.sel_src;

	get_nocyclic(ev, seen);
	ev->request = is_change(ev->verb) && !(seen & 1u << SADB_EXT_LIFETIME_CURRENT);
	if (ev->verb == VERB_EXPIRE)
		ev->notice.hard = seen & 1u << SADB_EXT_LIFETIME_HARD;
	if (ev->verb == VERB_MAPPING)
		get_mapping(ev);
	if (proxy->family != ev->sa.src.family)
		ev->sa.inner_family = proxy->family;
	if (proxy->family != 0 && (proxy->plen != 0 || proxy->port != 0 || !addr_is_any(proxy)))
		unshown_add(&ev->sa_state.unshown, "a selector");
	ev->policy.sport_mask = ev->policy.src.port != 0 ? 0xffff : 0;
	ev->policy.dport_mask = ev->policy.dst.port != 0 ? 0xffff : 0;
}

static int get_exts(struct event *ev, const uint8_t *p, size_t n)
{
	struct sadb_ext head;
	const struct ext *x;
	uint32_t seen = 0;

	for (size_t size; n > 0; p += size, n -= size) {
		if ((size = ext_size(&head, p, n)) == 0)
			return -EBADMSG;
		x = ext_find(head.sadb_ext_type);
		if (x == NULL || x->get == NULL || size < x->size || !x->get(ev, p))
			unshown_add(ev->kind == EVENT_POLICY ? &ev->policy_state.unshown :
			            &ev->sa_state.unshown,
			           "extension %u", head.sadb_ext_type);
		else
			seen |= 1u << x->type;
	}
	finish_event(ev, seen);
	return 0;
}

/* If a dump fails, af_key reports the negated errno cut to 8 bits: 234 is EINVAL (22). */
static int get_errno(uint8_t err)
{
	return err > ERRNO_LAST ? 256 - err : err;
}

static void get_head(struct event *ev, const struct sadb_msg *m, const struct message *row)
{
	ev->kind = row != NULL ? row->kind : EVENT_OTHER;
	ev->verb = row != NULL ? row->verb : VERB_OTHER;
	ev->satype = ev->sa.proto = get_satype(m->sadb_msg_satype);
	ev->seq = m->sadb_msg_seq;
	ev->pid = m->sadb_msg_pid;
	ev->err = get_errno(m->sadb_msg_errno);
	ev->policy_state.refcnt = m->sadb_msg_reserved;
}

static ssize_t pfkey_decode(const uint8_t *bytes, size_t len, struct event *ev)
{
	struct sadb_msg m;
	size_t size = message_size(&m, bytes, len);
	int err = 0;

	event_clear(ev);
	if (size == 0)
		return -EBADMSG;
	get_head(ev, &m, message_find(m.sadb_msg_type));
	/* RFC 2367 section 3.1.12: the rest is a complete message of its own. */
	if (m.sadb_msg_type != SADB_X_PROMISC)
		err = get_exts(ev, bytes + sizeof(m), size - sizeof(m));
	if (err < 0)
		return err;
	if (ev->err != 0)
		ev->kind = EVENT_ERROR;
	else if (size == sizeof(m))
		ev->kind = EVENT_OTHER;
	return (ssize_t)size;
}

/* ---- annotation ---- */

static void annotate_head(const struct sadb_msg *m, struct buf *out)
{
	const struct message *row = message_find(m->sadb_msg_type);

	buf_printf(out, "%-4u sadb_msg{ version=%u type=%u", 0, m->sadb_msg_version, m->sadb_msg_type);
	if (row != NULL)
		buf_printf(out, "(%s)", row->name);
	buf_printf(out, " errno=%u satype=%u", m->sadb_msg_errno, m->sadb_msg_satype);
	annotate_word(out, proto_names, get_satype(m->sadb_msg_satype));
	buf_printf(out, " len=%u reserved=%u seq=%u pid=%u }\n", m->sadb_msg_len, m->sadb_msg_reserved,
	           m->sadb_msg_seq, m->sadb_msg_pid);
}

/* The contents of an unknown extension are not printed, because it may be a key. */
static void annotate_ext(const struct sadb_ext *head, const uint8_t *p, size_t n, size_t off, struct buf *out)
{
	const struct ext *x = ext_find(head->sadb_ext_type);

	buf_printf(out, "%-4zu sadb_%s{ len=%u type=%u", off, x != NULL ? x->name : "ext", head->sadb_ext_len,
	           head->sadb_ext_type);
	if (x != NULL && n >= x->size)
		x->note(p, out);
	else
		buf_printf(out, " %zu bytes", n);
	buf_adds(out, " }\n");
}

static void pfkey_annotate(const uint8_t *bytes, size_t len, struct buf *out)
{
	struct sadb_msg m;
	struct sadb_ext head;
	size_t size = message_size(&m, bytes, len), n;

	if (size == 0) {
		buf_printf(out, "no PF_KEY message in %zu bytes\n", len);
		return;
	}
	annotate_head(&m, out);
	for (size_t off = sizeof(m); off < size && m.sadb_msg_type != SADB_X_PROMISC; off += n) {
		if ((n = ext_size(&head, bytes + off, size - off)) == 0) {
			buf_printf(out, "%-4zu unreadable: %zu bytes\n", off, size - off);
			return;
		}
		annotate_ext(&head, bytes + off, n, off, out);
	}
}

static bool is_pfkey_message(const uint8_t *bytes, size_t len)
{
	struct sadb_msg m;

	return message_size(&m, bytes, len) != 0 && m.sadb_msg_satype <= SADB_SATYPE_MAX &&
	       m.sadb_msg_type != SADB_RESERVED && m.sadb_msg_type <= SADB_MAX;
}

/* The contents of an unknown extension are overwritten too, because it may be a key. */
static void redact_keys(uint8_t *bytes, size_t len)
{
	struct sadb_msg m;
	struct sadb_ext head;
	size_t size = message_size(&m, bytes, len), n;

	for (size_t off = sizeof(m); off < size; off += n) {
		const struct ext *x;

		n = ext_size(&head, bytes + off, size - off);
		x = n != 0 ? ext_find(head.sadb_ext_type) : NULL;
		if (n == 0)
			n = size - off;
		if (x == NULL)
			explicit_bzero(bytes + off + (n > sizeof(head) ? sizeof(head) : 0),
			               n > sizeof(head) ? n - sizeof(head) : n);
		else if (x->get == get_key && n > x->size)
			explicit_bzero(bytes + off + x->size, n - x->size);
	}
}

const struct wire pfkey_wire = { "pfkey", pfkey_check, pfkey_encode, NULL, pfkey_decode, NULL, pfkey_annotate,
                                 is_pfkey_message, redact_keys };
