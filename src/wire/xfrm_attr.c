/* SPDX-License-Identifier: ISC */
/*
 * The attributes of XFRM messages: one row per attribute, with the functions that write, read and print it.
 */
#include "wire/xfrm.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/*
 * Attributes that the kernel headers of Debian 12 do not define yet, with the Linux version that added them.
 */
enum {
	ATTR_SA_DIR = 33,                /* Linux 6.10 */
	ATTR_NAT_KEEPALIVE_INTERVAL = 34, /* 6.11 */
	ATTR_SA_PCPU = 35,               /* 6.13 */
	ATTR_IPTFS_DROP_TIME = 36, ATTR_IPTFS_REORDER_WINDOW = 37, ATTR_IPTFS_DONT_FRAG = 38, /* 6.14 */
	ATTR_IPTFS_INIT_DELAY = 39, ATTR_IPTFS_MAX_QSIZE = 40, ATTR_IPTFS_PKT_SIZE = 41,
};

enum { FLAG_OFFLOAD_PACKET = 4 }; /* Linux 6.2 */

enum { REQID_MANUAL_MAX = UNIQUE_FIRST - 1, BMP_BITS = 32 };

/* The payload of one attribute. If a message contains an attribute twice, the last one counts. */
struct payload {
	const uint8_t *p;
	size_t n;
	const struct row *row; /* NULL: there is no row for this attribute */
};

struct row {
	uint16_t number;
	uint16_t least;        /* bytes; an attribute with a shorter payload is not read */
	const char *name;
	unsigned on;           /* enum msg_class */
	uint8_t part;          /* enum part that it encodes */
	void (*put)(struct xfrm_writer *m);
	/* NULL: the model cannot hold it, it is only counted */
	void (*get)(struct event *ev, struct payload a);
	void (*show)(struct payload a, struct buf *out); /* NULL: only its length is printed */
};

/* Writing. */

static size_t open_attr(struct xfrm_writer *m)
{
	struct buf *out = m->e->out;
	struct nlattr a = { .nla_type = m->row->number };

	buf_add(out, &a, sizeof(a));
	return out->len - sizeof(a);
}

static void close_attr(struct xfrm_writer *m, size_t at)
{
	struct buf *out = m->e->out;
	uint16_t len = (uint16_t)(out->len - at);

	memcpy(out->bytes + at, &len, sizeof(len));
	buf_add(out, NULL, NLA_ALIGN(len) - len);
}

static void put_bytes(struct xfrm_writer *m, const void *p, size_t n)
{
	size_t at = open_attr(m);

	buf_add(m->e->out, p, n);
	close_attr(m, at);
}

/* Writes an attribute that is the structure of an algorithm followed by its key. */
static void put_keyed(struct xfrm_writer *m, const void *p, size_t n, const uint8_t *key, unsigned bits)
{
	size_t at = open_attr(m);

	buf_add(m->e->out, p, n);
	if (bits > 0)
		buf_add(m->e->out, key, (bits + 7) / 8);
	close_attr(m, at);
}

_Static_assert(PART_ENCKEY == PART_ENC + 1 && PART_AUTHKEY == PART_AUTH + 1,
               "a key's part follows its algorithm's");

static void set_name(char name[64], const struct alg *alg)
{
	memcpy(name, alg->xfrm, strlen(alg->xfrm));
}

/* Reading. */

static struct text get_text(const uint8_t *p, size_t n)
{
	const char *s = (const char *)p;

	return (struct text){ s, (uint32_t)strnlen(s, n) };
}

/* Returns the algorithm with this kernel name, NULL if the table has none. icv: in bits, 0 for any. */
static const struct alg *get_alg(enum alg_kind kind, const char name[64], unsigned icv)
{
	char word[65] = "";

	memcpy(word, name, 64);
	return alg_by_xfrm(kind, word, (uint16_t)(icv > UINT16_MAX ? UINT16_MAX : icv));
}

/*
 * Copies a key of the given number of bits, which begins head bytes into the payload, to the buffer at to.
 * False if it is longer than the payload or than KEY_MAX bytes.
 */
static bool get_key(struct event *ev, uint8_t *to, unsigned bits, struct payload a, size_t head)
{
	if (bits > KEY_MAX * 8 || (bits + 7) / 8 > a.n - head || bits % 8 != 0)
		unshown_add(xfrm_unshown(ev), "a key of %u bits", bits);
	if (bits > KEY_MAX * 8 || (bits + 7) / 8 > a.n - head)
		return false;
	memcpy(to, a.p + head, (bits + 7) / 8);
	return true;
}

static uint32_t get_u32(struct payload a)
{
	uint32_t v;

	memcpy(&v, a.p, sizeof(v));
	return v;
}

/*
 * Ciphers. Their rows come before those of authentication, because the key buffer of struct sa begins with
 * the encryption key.
 */

static void set_cipher(struct event *ev, enum alg_kind kind, const char name[64], unsigned bits, unsigned icv,
                       struct payload a, size_t head)
{
	struct sa *sa = &ev->sa;

	sa->enc = get_alg(kind, name, icv);
	if (sa->enc == NULL)
		ev->sa_state.encname = get_text(a.p, 64);
	if (get_key(ev, sa->key, bits, a, head))
		sa->encbits = (uint16_t)bits;
}

/* The kernel refuses a cipher with ah. PF_KEY accepted and ignored it, so it is left out here too. */
static bool has_cipher(const struct sa *sa, enum alg_kind kind)
{
	return sa->enc != NULL && sa->enc->kind == kind && sa->proto != PROTO_AH;
}

static void put_crypt(struct xfrm_writer *m)
{
	const struct sa *sa = &m->s->sa;
	struct xfrm_algo x = { .alg_key_len = sa->encbits };

	if (!has_cipher(sa, ALG_ENC))
		return;
	set_name(x.alg_name, sa->enc);
	put_keyed(m, &x, sizeof(x), sa_enckey(sa), sa->encbits);
}

static void get_crypt(struct event *ev, struct payload a)
{
	struct xfrm_algo x;

	memcpy(&x, a.p, sizeof(x));
	set_cipher(ev, ALG_ENC, x.alg_name, x.alg_key_len, 0, a, sizeof(x));
}

static void put_aead(struct xfrm_writer *m)
{
	const struct sa *sa = &m->s->sa;
	struct xfrm_algo_aead x = { .alg_key_len = sa->encbits };

	if (!has_cipher(sa, ALG_AEAD))
		return;
	x.alg_icv_len = sa->enc->icvbits;
	set_name(x.alg_name, sa->enc);
	put_keyed(m, &x, sizeof(x), sa_enckey(sa), sa->encbits);
}

static void get_aead(struct event *ev, struct payload a)
{
	struct xfrm_algo_aead x;

	memcpy(&x, a.p, sizeof(x));
	/* alg_by_xfrm() takes an ICV length of 0 as "any", so 0 is replaced by 1, which no algorithm has. */
	set_cipher(ev, ALG_AEAD, x.alg_name, x.alg_key_len, x.alg_icv_len ? x.alg_icv_len : 1, a, sizeof(x));
}

/*
 * Authentication. If the ICV length is not given, the kernel uses the default of the algorithm, as with
 * PF_KEY. It reports each SA in two attributes: ALG_AUTH_TRUNC, and ALG_AUTH for old programs. An ICV of the
 * default length together with ALG_AUTH is read as "not given".
 */

static void set_auth(struct event *ev, const char name[64], unsigned bits, struct payload a, size_t head)
{
	struct sa *sa = &ev->sa;

	sa->auth = get_alg(ALG_AUTH, name, 0);
	ev->sa_state.authname = sa->auth ? (struct text){ NULL, 0 } : get_text(a.p, 64);
	if (get_key(ev, sa->key + (sa->encbits + 7) / 8, bits, a, head))
		sa->authbits = (uint16_t)bits;
}

static void put_auth_trunc(struct xfrm_writer *m)
{
	const struct sa *sa = &m->s->sa;
	struct xfrm_algo_auth x = { .alg_key_len = sa->authbits, .alg_trunc_len = sa->authicv };

	if (sa->auth == NULL || sa->authicv == 0)
		return;
	set_name(x.alg_name, sa->auth);
	put_keyed(m, &x, sizeof(x), sa_authkey(sa), sa->authbits);
}

static void get_auth_trunc(struct event *ev, struct payload a)
{
	struct xfrm_algo_auth x;

	memcpy(&x, a.p, sizeof(x));
	set_auth(ev, x.alg_name, x.alg_key_len, a, sizeof(x));
	ev->sa.authicv = (uint16_t)(x.alg_trunc_len > UINT16_MAX ? UINT16_MAX : x.alg_trunc_len);
}

static void put_auth(struct xfrm_writer *m)
{
	const struct sa *sa = &m->s->sa;
	struct xfrm_algo x = { .alg_key_len = sa->authbits };

	if (sa->auth == NULL || sa->authicv != 0)
		return;
	set_name(x.alg_name, sa->auth);
	put_keyed(m, &x, sizeof(x), sa_authkey(sa), sa->authbits);
}

static void get_auth(struct event *ev, struct payload a)
{
	struct sa *sa = &ev->sa;
	struct xfrm_algo x;

	if (sa->authicv != 0 && sa->auth != NULL && sa->authicv == sa->auth->icvbits)
		sa->authicv = 0;
	if (sa->auth != NULL || ev->sa_state.authname.len != 0)
		return;
	memcpy(&x, a.p, sizeof(x));
	set_auth(ev, x.alg_name, x.alg_key_len, a, sizeof(x));
}

static void put_comp(struct xfrm_writer *m)
{
	struct xfrm_algo x = { .alg_key_len = 0 };

	if (m->s->sa.comp == NULL)
		return;
	set_name(x.alg_name, m->s->sa.comp);
	put_bytes(m, &x, sizeof(x));
}

static void get_comp(struct event *ev, struct payload a)
{
	struct xfrm_algo x;

	memcpy(&x, a.p, sizeof(x));
	ev->sa.comp = get_alg(ALG_COMP, x.alg_name, 0);
	if (ev->sa.comp == NULL)
		ev->sa_state.encname = get_text(a.p, 64);
}

/* All algorithm structures begin with the name and the key length; some have an ICV length before the key. */
static void annotate_alg_head(struct payload a, struct buf *out, unsigned *bits)
{
	struct xfrm_algo x;
	char name[65] = "";

	memcpy(&x, a.p, sizeof(x));
	memcpy(name, x.alg_name, 64);
	*bits = x.alg_key_len;
	for (char *c = name; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	buf_printf(out, " %s", name);
}

static void annotate_key(struct buf *out, unsigned bits)
{
	if (bits > 0)
		buf_printf(out, " key 0x...(%u bytes)", bits / 8 + (bits % 8 != 0));
	else
		buf_adds(out, " no key");
}

static void annotate_alg(struct payload a, struct buf *out)
{
	unsigned bits;

	annotate_alg_head(a, out, &bits);
	annotate_key(out, bits);
}

static void annotate_alg_icv(struct payload a, struct buf *out)
{
	struct xfrm_algo_auth x;
	unsigned bits;

	memcpy(&x, a.p, sizeof(x));
	annotate_alg_head(a, out, &bits);
	buf_printf(out, " icv %u", x.alg_trunc_len);
	annotate_key(out, bits);
}

_Static_assert(offsetof(struct xfrm_algo_auth, alg_trunc_len) == offsetof(struct xfrm_algo_aead, alg_icv_len),
              "one function shows both");

/*
 * UDP encapsulation. af_key drops the original address, and no kernel uses it. It is written only in exact
 * mode.
 */

static void put_encap(struct xfrm_writer *m)
{
	const struct sa *sa = &m->s->sa;
	struct xfrm_encap_tmpl x = { .encap_type = sa->encap };

	if (sa->encap == ENCAP_NONE)
		return;
	x.encap_sport = htons(sa->natt_sport);
	x.encap_dport = htons(sa->natt_dport);
	if (m->s->exact)
		xfrm_put_addr(&x.encap_oa, &stmt_attrs(m->s)->natt_oa);
	put_bytes(m, &x, sizeof(x));
}

static void get_encap(struct event *ev, struct payload a)
{
	struct xfrm_encap_tmpl x;

	memcpy(&x, a.p, sizeof(x));
	if (x.encap_type != ENCAP_ESPINUDP && x.encap_type != ENCAP_ESPINUDP_NON_IKE &&
	    x.encap_type != ENCAP_ESPINTCP)
		unshown_add(xfrm_unshown(ev), "encapsulation %u", x.encap_type);
	if (!xfrm_addr_is_zero(&x.encap_oa))
		xfrm_get_addr(&ev->attrs.natt_oa, &x.encap_oa, ev->sa.dst.family);
	ev->sa.encap = (uint8_t)x.encap_type;
	ev->sa.natt_sport = ntohs(x.encap_sport);
	ev->sa.natt_dport = ntohs(x.encap_dport);
}

static void annotate_encap(struct payload a, struct buf *out)
{
	struct xfrm_encap_tmpl x;

	memcpy(&x, a.p, sizeof(x));
	buf_printf(out, " type %u sport %u dport %u", x.encap_type, ntohs(x.encap_sport),
	           ntohs(x.encap_dport));
}

/*
 * Extended sequence numbers, and replay windows that are too large for the header. The model does not hold
 * the bitmap of received packets. All are marked as received, so that no duplicate is ever accepted.
 */

static void put_esn(struct xfrm_writer *m)
{
	const struct sa *sa = &m->s->sa;
	const struct attrs *more = stmt_attrs(m->s);
	struct xfrm_replay_state_esn x = { .replay_window = sa->window };
	uint8_t *seen;
	size_t at;

	if (!xfrm_needs_esn_attr(m->s))
		return;
	x.bmp_len = (sa->window + BMP_BITS - 1) / BMP_BITS;
	x.oseq = (uint32_t)more->replay_out;
	x.oseq_hi = (uint32_t)(more->replay_out >> 32);
	x.seq = (uint32_t)more->replay_in;
	x.seq_hi = (uint32_t)(more->replay_in >> 32);
	at = open_attr(m);
	buf_add(m->e->out, &x, sizeof(x));
	seen = buf_add(m->e->out, NULL, x.bmp_len * sizeof(x.bmp[0]));
	if (more->replay_in != 0)
		memset(seen, UINT8_MAX, x.bmp_len * sizeof(x.bmp[0]));
	close_attr(m, at);
}

static void set_replay(struct event *ev, uint64_t out, uint64_t in)
{
	ev->attrs.replay_out = out;
	ev->attrs.replay_in = in;
	if (out != 0 || in != 0)
		ev->attrs.has |= 1u << ATTR_REPLAY;
}

static void put_replay(struct xfrm_writer *m)
{
	const struct attrs *more = stmt_attrs(m->s);
	struct xfrm_replay_state x = { .oseq = (uint32_t)more->replay_out, .seq = (uint32_t)more->replay_in };

	if (!attrs_have(more, ATTR_REPLAY) || xfrm_needs_esn_attr(m->s))
		return;
	x.bitmap = x.seq != 0 ? UINT32_MAX : 0;
	put_bytes(m, &x, sizeof(x));
}

static void get_replay(struct event *ev, struct payload a)
{
	struct xfrm_replay_state x;

	memcpy(&x, a.p, sizeof(x));
	set_replay(ev, x.oseq, x.seq);
}

static void get_esn(struct event *ev, struct payload a)
{
	struct xfrm_replay_state_esn x;

	memcpy(&x, a.p, sizeof(x));
	ev->sa.window = x.replay_window;
	set_replay(ev, (uint64_t)x.oseq_hi << 32 | x.oseq, (uint64_t)x.seq_hi << 32 | x.seq);
}

static void annotate_esn(struct payload a, struct buf *out)
{
	struct xfrm_replay_state_esn x;

	memcpy(&x, a.p, sizeof(x));
	buf_printf(out, " window %u bmp_len %u seq %u/%u oseq %u/%u", x.replay_window, x.bmp_len,
	           x.seq_hi, x.seq, x.oseq_hi, x.oseq);
}

/*
 * Security contexts. The length on the wire includes the NUL at the end of the label. A kernel may report one
 * more NUL than it was given.
 */

static void put_ctx(struct xfrm_writer *m)
{
	const struct secctx *c = &stmt_attrs(m->s)->ctx;
	struct xfrm_user_sec_ctx x = { .exttype = XFRMA_SEC_CTX, .ctx_alg = c->alg, .ctx_doi = c->doi };
	size_t at;

	if (c->doi == 0)
		return;
	x.ctx_len = (uint16_t)(c->label.len + 1);
	x.len = (uint16_t)(sizeof(x) + x.ctx_len);
	at = open_attr(m);
	buf_add(m->e->out, &x, sizeof(x));
	buf_add(m->e->out, c->label.p, c->label.len);
	buf_addc(m->e->out, '\0');
	close_attr(m, at);
}

static void get_ctx(struct event *ev, struct payload a)
{
	struct xfrm_user_sec_ctx x;
	struct secctx c;
	const char *label = (const char *)a.p + sizeof(x);
	size_t n = a.n - sizeof(x);

	memcpy(&x, a.p, sizeof(x));
	if (x.ctx_len < n)
		n = x.ctx_len;
	while (n > 0 && label[n - 1] == '\0')
		n--;
	c = (struct secctx){ x.ctx_doi, x.ctx_alg, { label, (uint32_t)n } };
	ev->attrs.ctx = c;
}

static void annotate_ctx(struct payload a, struct buf *out)
{
	struct xfrm_user_sec_ctx x;

	memcpy(&x, a.p, sizeof(x));
	buf_printf(out, " doi %u alg %u label (%u bytes)", x.ctx_doi, x.ctx_alg, x.ctx_len);
}

/* The parameters of get, delete and the dumps. */

static void put_srcaddr(struct xfrm_writer *m)
{
	xfrm_address_t x = { .a4 = 0 };

	xfrm_put_addr(&x, &m->s->sa.src);
	put_bytes(m, &x, sizeof(x));
}

static void get_srcaddr(struct event *ev, struct payload a)
{
	xfrm_address_t x;

	memcpy(&x, a.p, sizeof(x));
	xfrm_get_addr(&ev->sa.src, &x, ev->sa.dst.family);
}

static void annotate_addr(struct payload a, struct buf *out)
{
	static const uint8_t zero[12];

	buf_addc(out, ' ');
	xfrm_show_addr(out, a.p, memcmp(a.p + 4, zero, sizeof(zero)) == 0 ? AF_INET : AF_INET6);
}

static void put_proto(struct xfrm_writer *m)
{
	if (m->s->sa.proto != PROTO_ANY)
		put_bytes(m, &m->s->sa.proto, 1);
}

static void get_proto(struct event *ev, struct payload a)
{
	ev->satype = a.p[0];
	ev->sa.proto = a.p[0];
}

static void annotate_u8(struct payload a, struct buf *out)
{
	buf_printf(out, " %u", a.p[0]);
}

static void put_filter(struct xfrm_writer *m)
{
	const struct sa *sa = &m->s->sa;
	struct xfrm_address_filter x = { .family = sa->dst.family ? sa->dst.family : sa->src.family };
	bool hosts = m->s->verb == VERB_DELETEALL;

	if (x.family == 0)
		return;
	xfrm_put_addr(&x.saddr, &sa->src);
	xfrm_put_addr(&x.daddr, &sa->dst);
	x.splen = (uint8_t)(hosts ? addr_bits(&sa->src) : sa->src.plen);
	x.dplen = (uint8_t)(hosts ? addr_bits(&sa->dst) : sa->dst.plen);
	put_bytes(m, &x, sizeof(x));
}

static void get_filter(struct event *ev, struct payload a)
{
	struct xfrm_address_filter x;

	memcpy(&x, a.p, sizeof(x));
	xfrm_get_addr(&ev->sa.src, &x.saddr, x.family);
	xfrm_get_addr(&ev->sa.dst, &x.daddr, x.family);
	ev->sa.src.plen = x.splen;
	ev->sa.dst.plen = x.dplen;
	if (ev->verb == VERB_DUMP) {
		ev->verb = VERB_DELETEALL;
		ev->kind = EVENT_SA;
	}
}

static void annotate_filter(struct payload a, struct buf *out)
{
	struct xfrm_address_filter x;

	memcpy(&x, a.p, sizeof(x));
	buf_adds(out, " saddr ");
	xfrm_show_addr(out, &x.saddr, x.family);
	buf_printf(out, "/%u daddr ", x.splen);
	xfrm_show_addr(out, &x.daddr, x.family);
	buf_printf(out, "/%u", x.dplen);
}

/* The requests of a policy. */

static uint32_t put_reqid(const struct tmpl *t, bool exact, struct encoding *e)
{
	if (t->level != LEVEL_UNIQUE || (t->reqid > 0 && (exact || t->reqid <= REQID_MANUAL_MAX)))
		return t->reqid;
	if (e->unique < UNIQUE_FIRST)
		e->unique = UNIQUE_FIRST;
	return e->unique++;
}

/*
 * *family is the family of the packet after the requests before this one; a tunnel changes it. The algorithm
 * masks are all ones: 0 would match no SA. af_key can leave them 0 because it sets the flag allalgs, which
 * netlink cannot set.
 */
static void put_one_tmpl(struct xfrm_user_tmpl *x, const struct tmpl *t, bool exact, uint16_t *family,
                         struct encoding *e)
{
	if (mode_has_ends(t->mode) || exact) {
		xfrm_put_addr(&x->saddr, &t->src);
		xfrm_put_addr(&x->id.daddr, &t->dst);
	}
	if (mode_has_ends(t->mode) && t->src.family != 0)
		*family = t->src.family;
	x->id.spi = htonl(t->spi);
	x->family = *family;
	x->id.proto = t->proto;
	x->mode = xfrm_put_mode(t->mode);
	x->reqid = put_reqid(t, exact, e);
	x->optional = t->level == LEVEL_USE;
	x->aalgos = x->ealgos = x->calgos = UINT32_MAX;
}

static void put_tmpl(struct xfrm_writer *m)
{
	const struct policy *p = &m->s->policy;
	uint16_t family = p->src.family;
	size_t at;

	if (p->ntmpl == 0 || !stmt_keeps_requests(m->s))
		return;
	at = open_attr(m);
	for (unsigned i = 0; i < p->ntmpl; i++) {
		struct xfrm_user_tmpl x;

		memset(&x, 0, sizeof(x));
		put_one_tmpl(&x, &p->tmpl[i], m->s->exact, &family, m->e);
		buf_add(m->e->out, &x, sizeof(x));
	}
	close_attr(m, at);
}

/*
 * The level is reported as af_key does it: optional is "use" whatever the request id; otherwise an id means
 * "unique".
 */
static void get_one_tmpl(struct tmpl *t, const struct xfrm_user_tmpl *x, struct unshown *unshown)
{
	uint32_t masks = x->aalgos & x->ealgos & x->calgos;

	*t = (struct tmpl){ .proto = x->id.proto, .mode = (uint8_t)xfrm_get_mode(x->mode),
	                    .reqid = x->reqid, .spi = ntohl(x->id.spi) };
	t->level = x->optional ? LEVEL_USE : x->reqid != 0 ? LEVEL_UNIQUE : LEVEL_REQUIRE;
	if (mode_has_ends(t->mode) || !xfrm_addr_is_zero(&x->saddr) || !xfrm_addr_is_zero(&x->id.daddr)) {
		xfrm_get_addr(&t->src, &x->saddr, x->family);
		xfrm_get_addr(&t->dst, &x->id.daddr, x->family);
	}
	if (masks != UINT32_MAX && (x->aalgos | x->ealgos | x->calgos) != 0)
		unshown_add(unshown, "a request for some algorithms");
	if (x->share != 0)
		unshown_add(unshown, "a request of share %u", x->share);
	if (!proto_is_ipsec(t->proto))
		unshown_add(unshown, "a request of protocol %u", t->proto);
	if (t->mode > MODE_BEET)
		unshown_add(unshown, "a request of mode %u", x->mode);
}

static void get_tmpl(struct event *ev, struct payload a)
{
	struct policy *p = &ev->policy;
	struct xfrm_user_tmpl x;

	p->ntmpl = 0;
	for (; a.n >= sizeof(x) && p->ntmpl < TMPL_MAX; a.p += sizeof(x), a.n -= sizeof(x)) {
		memcpy(&x, a.p, sizeof(x));
		get_one_tmpl(&p->tmpl[p->ntmpl++], &x, &ev->policy_state.unshown);
	}
	if (a.n >= sizeof(x))
		unshown_add(&ev->policy_state.unshown, "more than %u requests", TMPL_MAX);
	if (p->ntmpl > 0 && p->action == ACTION_NONE)
		p->action = ACTION_IPSEC;
}

static void annotate_tmpl(struct payload a, struct buf *out)
{
	struct xfrm_user_tmpl x;

	for (; a.n >= sizeof(x); a.p += sizeof(x), a.n -= sizeof(x)) {
		memcpy(&x, a.p, sizeof(x));
		buf_adds(out, " { saddr ");
		xfrm_show_addr(out, &x.saddr, x.family);
		buf_adds(out, " daddr ");
		xfrm_show_addr(out, &x.id.daddr, x.family);
		buf_printf(out,
		           " spi 0x%08x proto %u family %u reqid %u mode %u optional %u algos 0x%x/0x%x/0x%x "
		           "}",
		           ntohl(x.id.spi), x.id.proto, x.family, x.reqid, x.mode, x.optional, x.aalgos,
		           x.ealgos, x.calgos);
	}
}

/* The type of a policy (main or sub), which PF_KEY cannot express. */

static void put_type(struct xfrm_writer *m)
{
	struct xfrm_userpolicy_type x;

	if (!(m->s->policy.flags & POLICY_F_SUB))
		return;
	memset(&x, 0, sizeof(x));
	x.type = XFRM_POLICY_TYPE_SUB;
	put_bytes(m, &x, sizeof(x));
}

static void get_type(struct event *ev, struct payload a)
{
	if (a.p[0] == XFRM_POLICY_TYPE_SUB)
		ev->policy.flags |= POLICY_F_SUB;
	else if (a.p[0] != XFRM_POLICY_TYPE_MAIN)
		unshown_add(xfrm_unshown(ev), "type %u", a.p[0]);
}

/* Attributes of model/attr.h that are one number of 8, 16 or 32 bits, or one of 32 bits and its mask. */

static enum attr_id row_attr_id(const struct row *row)
{
	return (enum attr_id)(row->part - PART_ATTR);
}

static void put_number(struct xfrm_writer *m)
{
	const struct attrs *more = stmt_attrs(m->s);
	enum attr_id id = row_attr_id(m->row);
	/* Linux drops bits outside the mask, and then finds no policy by them. */
	bool drops = m->s->verb == VERB_SPDDELETE && id == ATTR_MARK;
	struct xfrm_mark pair = { .v = more->value[id] & (drops ? more->mask[id] : UINT32_MAX),
		                  .m = more->mask[id] };
	uint16_t half = (uint16_t)pair.v;
	uint8_t byte = (uint8_t)pair.v;

	if (attrs_have(more, id))
		put_bytes(m,
		          m->row->least == 1 ? &byte :
		          m->row->least == 2 ? (void *)&half :
		                               &pair,
		          m->row->least);
}

static void get_number(struct event *ev, struct payload a)
{
	enum attr_id id = row_attr_id(a.row);
	struct xfrm_mark pair = { .m = 0 };
	uint16_t half;

	memcpy(&half, a.p, a.row->least == 2 ? sizeof(half) : 0);
	memcpy(&pair, a.p, a.row->least >= 4 ? a.row->least : 0);
	ev->attrs.value[id] = a.row->least == 1 ? a.p[0] : a.row->least == 2 ? half : pair.v;
	ev->attrs.mask[id] = pair.m;
	ev->attrs.has |= 1u << id;
	if (attr_table[id].form == ATTR_IN_OUT && ev->attrs.value[id] != DIR_IN &&
	    ev->attrs.value[id] != DIR_OUT)
		unshown_add(xfrm_unshown(ev), "%s %u", attr_table[id].what, ev->attrs.value[id]);
}

static void annotate_mark(struct payload a, struct buf *out)
{
	struct xfrm_mark x;

	memcpy(&x, a.p, sizeof(x));
	buf_printf(out, " 0x%x/0x%x", x.v, x.m);
}

/* The mask of an output mark is a separate attribute. Without it the kernel uses all bits of the mark. */
static void get_output_mark(struct event *ev, struct payload a)
{
	get_number(ev, a);
	ev->attrs.mask[ATTR_OUTPUT_MARK] = UINT32_MAX;
}

static void put_output_mask(struct xfrm_writer *m)
{
	if (attrs_have(stmt_attrs(m->s), ATTR_OUTPUT_MARK))
		put_bytes(m, &stmt_attrs(m->s)->mask[ATTR_OUTPUT_MARK], sizeof(uint32_t));
}

static void get_output_mask(struct event *ev, struct payload a)
{
	ev->attrs.mask[ATTR_OUTPUT_MARK] = get_u32(a);
	ev->attrs.has |= 1u << ATTR_OUTPUT_MARK;
}

static void put_coaddr(struct xfrm_writer *m)
{
	xfrm_address_t x;

	if (!attrs_have(stmt_attrs(m->s), ATTR_COADDR))
		return;
	memset(&x, 0, sizeof(x));
	xfrm_put_addr(&x, &stmt_attrs(m->s)->coaddr);
	put_bytes(m, &x, sizeof(x));
}

static void get_coaddr(struct event *ev, struct payload a)
{
	xfrm_address_t x;

	memcpy(&x, a.p, sizeof(x));
	xfrm_get_addr(&ev->attrs.coaddr, &x, ev->sa.dst.family);
	ev->attrs.has |= 1u << ATTR_COADDR;
}

static void put_offload(struct xfrm_writer *m)
{
	const struct attrs *more = stmt_attrs(m->s);
	struct xfrm_user_offload x;

	if (!attrs_have(more, ATTR_OFFLOAD))
		return;
	memset(&x, 0, sizeof(x));
	x.ifindex = (int)more->device;
	x.flags = (uint8_t)((more->offload & OFFLOAD_IN ? XFRM_OFFLOAD_INBOUND : 0) |
	                    (more->offload & OFFLOAD_PACKET ? FLAG_OFFLOAD_PACKET : 0));
	put_bytes(m, &x, sizeof(x));
}

/* Only an SA has offload in the model. The offload of a policy is not shown. */
static void get_offload(struct event *ev, struct payload a)
{
	struct xfrm_user_offload x;

	memcpy(&x, a.p, sizeof(x));
	if (ev->kind != EVENT_SA || x.ifindex <= 0) {
		unshown_add(xfrm_unshown(ev), "offload");
		return;
	}
	if (x.flags & ~(XFRM_OFFLOAD_INBOUND | FLAG_OFFLOAD_PACKET))
		unshown_add(xfrm_unshown(ev), "offload flags 0x%x", x.flags);
	ev->attrs.device = (uint32_t)x.ifindex;
	ev->attrs.offload = (uint8_t)(((x.flags & XFRM_OFFLOAD_INBOUND) != 0 ? OFFLOAD_IN : 0) |
	                              ((x.flags & FLAG_OFFLOAD_PACKET) != 0 ? OFFLOAD_PACKET : 0));
	ev->attrs.has |= 1u << ATTR_OFFLOAD;
}

static void annotate_offload(struct payload a, struct buf *out)
{
	struct xfrm_user_offload x;

	memcpy(&x, a.p, sizeof(x));
	buf_printf(out, " ifindex %d flags 0x%x", x.ifindex, x.flags);
}

static const struct { uint32_t flag, xfrm; } extra_flags[] = {
	{ SA_F_NO_ENCAP_DSCP, XFRM_SA_XFLAG_DONT_ENCAP_DSCP }, { SA_F_OSEQ_WRAP, XFRM_SA_XFLAG_OSEQ_MAY_WRAP },
};

static void put_extra_flags(struct xfrm_writer *m)
{
	uint32_t x = 0;

	for (unsigned i = 0; i < sizeof(extra_flags) / sizeof(extra_flags[0]); i++)
		if (m->s->sa.flags & extra_flags[i].flag)
			x |= extra_flags[i].xfrm;
	if (x != 0)
		put_bytes(m, &x, sizeof(x));
}

static void get_extra_flags(struct event *ev, struct payload a)
{
	uint32_t x = get_u32(a);

	for (unsigned i = 0; i < sizeof(extra_flags) / sizeof(extra_flags[0]); i++) {
		if (x & extra_flags[i].xfrm)
			ev->sa.flags |= extra_flags[i].flag;
		x &= ~extra_flags[i].xfrm;
	}
	if (x != 0)
		unshown_add(xfrm_unshown(ev), "extra flags 0x%x", x);
}

static void annotate_u32(struct payload a, struct buf *out)
{
	buf_printf(out, " 0x%x", get_u32(a));
}

/* The kernel's notification of a deletion contains the deleted SA or policy as an attribute. */
static void get_sa(struct event *ev, struct payload a)
{
	struct xfrm_usersa_info x;

	memcpy(&x, a.p, sizeof(x));
	if (ev->kind == EVENT_SA && ev->verb == VERB_DELETE)
		xfrm_get_sa(ev, &x);
	else
		unshown_add(xfrm_unshown(ev), "an SA inside");
}

static void get_policy(struct event *ev, struct payload a)
{
	struct xfrm_userpolicy_info x;

	memcpy(&x, a.p, sizeof(x));
	if (ev->kind == EVENT_POLICY && ev->verb == VERB_SPDDELETE)
		xfrm_get_policy(ev, &x);
	else
		unshown_add(xfrm_unshown(ev), "a policy inside");
}

/* For attributes that the model does not need; they are not counted as unshown. */
static void get_nothing(struct event *ev, struct payload a)
{
	(void)ev;
	(void)a;
}

static void annotate_replay(struct payload a, struct buf *out)
{
	struct xfrm_replay_state x;

	memcpy(&x, a.p, sizeof(x));
	buf_printf(out, " seq %u oseq %u bitmap 0x%x", x.seq, x.oseq, x.bitmap);
}

static void get_ltime(struct event *ev, struct payload a)
{
	struct xfrm_lifetime_cur x;

	memcpy(&x, a.p, sizeof(x));
	ev->sa_state.bytes = x.bytes;
	ev->sa_state.packets = x.packets;
	ev->sa_state.add_time = x.add_time;
	ev->sa_state.use_time = x.use_time;
}

static void annotate_ltime(struct payload a, struct buf *out)
{
	struct xfrm_lifetime_cur x;

	memcpy(&x, a.p, sizeof(x));
	buf_printf(out, " bytes %" PRIu64 " packets %" PRIu64 " add_time %" PRIu64 " use_time %" PRIu64,
	           (uint64_t)x.bytes, (uint64_t)x.packets, (uint64_t)x.add_time, (uint64_t)x.use_time);
}

static void get_moved(struct addr *src, struct addr *dst, const xfrm_address_t *s, const xfrm_address_t *d,
                      unsigned family)
{
	xfrm_get_addr(src, s, family);
	xfrm_get_addr(dst, d, family);
}

/* The templates of a policy before and after a migration. */
static void get_migrate(struct event *ev, struct payload a)
{
	struct xfrm_user_migrate x;
	unsigned i = 0;

	for (; a.n >= sizeof(x) && i < TMPL_MAX; a.p += sizeof(x), a.n -= sizeof(x), i++) {
		struct tmpl *t = &ev->policy.tmpl[i], *to = &ev->notice.moved[i];

		memcpy(&x, a.p, sizeof(x));
		*t = (struct tmpl){ .proto = x.proto, .mode = (uint8_t)xfrm_get_mode(x.mode),
		                    .reqid = x.reqid };
		*to = *t;
		get_moved(&t->src, &t->dst, &x.old_saddr, &x.old_daddr, x.old_family);
		get_moved(&to->src, &to->dst, &x.new_saddr, &x.new_daddr, x.new_family);
	}
	ev->policy.ntmpl = ev->notice.nmoved = (uint8_t)i;
	if (a.n >= sizeof(x))
		unshown_add(&ev->policy_state.unshown, "more than %u requests", TMPL_MAX);
}

static void annotate_migrate(struct payload a, struct buf *out)
{
	struct xfrm_user_migrate x;

	for (; a.n >= sizeof(x); a.p += sizeof(x), a.n -= sizeof(x)) {
		memcpy(&x, a.p, sizeof(x));
		buf_adds(out, " { old ");
		xfrm_show_addr(out, &x.old_saddr, x.old_family);
		buf_addc(out, ' ');
		xfrm_show_addr(out, &x.old_daddr, x.old_family);
		buf_adds(out, " new ");
		xfrm_show_addr(out, &x.new_saddr, x.new_family);
		buf_addc(out, ' ');
		xfrm_show_addr(out, &x.new_daddr, x.new_family);
		buf_printf(out, " proto %u mode %u reqid %u }", x.proto, x.mode, x.reqid);
	}
}

#define SIZE(type) sizeof(struct type)
#define ROW(name) XFRMA_ ## name

/* The rows are in the order in which attributes are both read and written. */
static const struct row rows[] = {
	{ ROW(SA), SIZE(xfrm_usersa_info), "SA", 0, PART_VERB, NULL, get_sa, NULL },
	{ ROW(POLICY), SIZE(xfrm_userpolicy_info), "POLICY", 0, PART_VERB, NULL, get_policy, NULL },
	{ ROW(ALG_CRYPT), SIZE(xfrm_algo), "ALG_CRYPT", CLASS_SA, PART_ENC, put_crypt, get_crypt, annotate_alg },
	{ ROW(ALG_AEAD), SIZE(xfrm_algo_aead), "ALG_AEAD", CLASS_SA, PART_ENC, put_aead, get_aead, annotate_alg_icv },
	{ ROW(ALG_AUTH_TRUNC), SIZE(xfrm_algo_auth), "ALG_AUTH_TRUNC", CLASS_SA, PART_AUTH, put_auth_trunc, get_auth_trunc, annotate_alg_icv },
	{ ROW(ALG_AUTH), SIZE(xfrm_algo), "ALG_AUTH", CLASS_SA, PART_AUTH, put_auth, get_auth, annotate_alg },
	{ ROW(ALG_COMP), SIZE(xfrm_algo), "ALG_COMP", CLASS_SA, PART_COMP, put_comp, get_comp, annotate_alg },
	{ ROW(ENCAP), SIZE(xfrm_encap_tmpl), "ENCAP", CLASS_SA | CLASS_SPI, PART_PROTO, put_encap, get_encap, annotate_encap },
	{ ROW(REPLAY_ESN_VAL), SIZE(xfrm_replay_state_esn), "REPLAY_ESN_VAL", CLASS_SA, PART_WINDOW, put_esn, get_esn, annotate_esn },
	{ ROW(SRCADDR), SIZE(in6_addr), "SRCADDR", CLASS_SA_ID, PART_SRC, put_srcaddr, get_srcaddr, annotate_addr },
	{ ROW(PROTO), 1, "PROTO", CLASS_SA_DUMP, PART_PROTO, put_proto, get_proto, annotate_u8 },
	{ ROW(ADDRESS_FILTER), SIZE(xfrm_address_filter), "ADDRESS_FILTER", CLASS_SA_DUMP, PART_SRC, put_filter, get_filter, annotate_filter },
	{ ROW(TMPL), SIZE(xfrm_user_tmpl), "TMPL", CLASS_POLICY, PART_TMPL, put_tmpl, get_tmpl, annotate_tmpl },
	{ ROW(SEC_CTX), SIZE(xfrm_user_sec_ctx), "SEC_CTX", CLASS_SA | CLASS_SPI | CLASS_POLICY | CLASS_POLICY_ID, PART_CTX,
	  put_ctx, get_ctx, annotate_ctx },
	{ ROW(POLICY_TYPE), 1, "POLICY_TYPE", CLASS_POLICY | CLASS_POLICY_ID | CLASS_POLICY_FLUSH, PART_FLAGS, put_type, get_type, annotate_u8 },
	{ ROW(MARK), SIZE(xfrm_mark), "MARK", CLASS_SA | CLASS_SPI | CLASS_SA_ID | CLASS_POLICY | CLASS_POLICY_ID, PART_MARK, put_number, get_number, annotate_mark },
	{ ROW(IF_ID), 4, "IF_ID", CLASS_SA | CLASS_SPI | CLASS_POLICY | CLASS_POLICY_ID, PART_IF_ID, put_number, get_number, annotate_u32 },
	{ ROW(REPLAY_VAL), SIZE(xfrm_replay_state), "REPLAY_VAL", CLASS_SA, PART_REPLAY, put_replay, get_replay, annotate_replay },
	{ ROW(LASTUSED), 0, "LASTUSED", 0, PART_VERB, NULL, get_nothing, NULL },
	{ ROW(PAD), 0, "PAD", 0, PART_VERB, NULL, get_nothing, NULL },
	{ ROW(LTIME_VAL), SIZE(xfrm_lifetime_cur), "LTIME_VAL", 0, PART_VERB, NULL, get_ltime, annotate_ltime },
	{ ROW(REPLAY_THRESH), 4, "REPLAY_THRESH", 0, PART_VERB, NULL, NULL, annotate_u32 },
	{ ROW(ETIMER_THRESH), 4, "ETIMER_THRESH", 0, PART_VERB, NULL, NULL, annotate_u32 },
	{ ROW(COADDR), SIZE(in6_addr), "COADDR", CLASS_SA, PART_COADDR, put_coaddr, get_coaddr, annotate_addr },
	{ ROW(MIGRATE), SIZE(xfrm_user_migrate), "MIGRATE", 0, PART_VERB, NULL, get_migrate, annotate_migrate },
	{ ROW(KMADDRESS), 0, "KMADDRESS", 0, PART_VERB, NULL, NULL, NULL },
	{ ROW(TFCPAD), 4, "TFCPAD", CLASS_SA, PART_TFCPAD, put_number, get_number, annotate_u32 },
	{ ROW(SA_EXTRA_FLAGS), 4, "SA_EXTRA_FLAGS", CLASS_SA, PART_FLAGS, put_extra_flags, get_extra_flags, annotate_u32 },
	{ ROW(OFFLOAD_DEV), SIZE(xfrm_user_offload), "OFFLOAD_DEV", CLASS_SA, PART_OFFLOAD, put_offload, get_offload, annotate_offload },
	{ ROW(SET_MARK), 4, "SET_MARK", CLASS_SA, PART_ATTR + ATTR_OUTPUT_MARK, put_number, get_output_mark, annotate_u32 },
	{ ROW(SET_MARK_MASK), 4, "SET_MARK_MASK", CLASS_SA, PART_ATTR + ATTR_OUTPUT_MARK, put_output_mask, get_output_mask, annotate_u32 },
	{ ROW(MTIMER_THRESH), 4, "MTIMER_THRESH", CLASS_SA, PART_ATTR + ATTR_MAPPING, put_number, get_number, annotate_u32 },
	{ ATTR_SA_DIR, 1, "SA_DIR", CLASS_SA | CLASS_SPI, PART_SA_DIR, put_number, get_number, annotate_u8 },
	{ ATTR_NAT_KEEPALIVE_INTERVAL, 4, "NAT_KEEPALIVE_INTERVAL", CLASS_SA, PART_ATTR + ATTR_KEEPALIVE, put_number, get_number, annotate_u32 },
	{ ATTR_SA_PCPU, 4, "SA_PCPU", 0, PART_VERB, NULL, NULL, annotate_u32 },
	{ ATTR_IPTFS_DROP_TIME, 4, "IPTFS_DROP_TIME", 0, PART_VERB, NULL, NULL, annotate_u32 },
	{ ATTR_IPTFS_REORDER_WINDOW, 0, "IPTFS_REORDER_WINDOW", 0, PART_VERB, NULL, NULL, NULL },
	{ ATTR_IPTFS_DONT_FRAG, 0, "IPTFS_DONT_FRAG", 0, PART_VERB, NULL, NULL, NULL },
	{ ATTR_IPTFS_INIT_DELAY, 4, "IPTFS_INIT_DELAY", 0, PART_VERB, NULL, NULL, annotate_u32 },
	{ ATTR_IPTFS_MAX_QSIZE, 4, "IPTFS_MAX_QSIZE", 0, PART_VERB, NULL, NULL, annotate_u32 },
	{ ATTR_IPTFS_PKT_SIZE, 4, "IPTFS_PKT_SIZE", 0, PART_VERB, NULL, NULL, annotate_u32 },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* Remembers the row of each number, because it is looked up for every attribute of every object. */
static const struct row *find_row(unsigned number)
{
	static uint8_t known[64]; /* 1 + index of the row, 0 if not looked up yet */
	size_t i = 0;

	if (number < sizeof(known) && known[number] != 0)
		return &rows[known[number] - 1];
	while (i < ROWS && rows[i].number != number)
		i++;
	if (i == ROWS)
		return NULL;
	if (number < sizeof(known))
		known[number] = (uint8_t)(i + 1);
	return &rows[i];
}

void xfrm_put_attrs(struct xfrm_writer *m, enum msg_class on)
{
	for (const struct row *r = rows; r < rows + ROWS; r++)
		if (r->on & on) {
			m->row = r;
			r->put(m);
		}
}

bool xfrm_next_attr(const uint8_t **p, size_t *n, struct attribute *a)
{
	struct nlattr h;
	size_t step;

	if (*n < sizeof(h))
		return false;
	memcpy(&h, *p, sizeof(h));
	if (h.nla_len < sizeof(h) || h.nla_len > *n)
		return false;
	*a = (struct attribute){ h.nla_type & NLA_TYPE_MASK, *p + sizeof(h), h.nla_len - sizeof(h) };
	step = NLA_ALIGN((size_t)h.nla_len);
	if (step > *n)
		step = *n;
	*p += step;
	*n -= step;
	return true;
}

static bool next_payload(const uint8_t **p, size_t *n, struct attribute *h, struct payload *a)
{
	if (!xfrm_next_attr(p, n, h))
		return false;
	*a = (struct payload){ h->p, h->n, find_row(h->type) };
	return true;
}

_Static_assert(ROWS <= 64, "a bit for each row");

void xfrm_get_attrs(struct event *ev, const uint8_t *p, size_t n)
{
	struct payload found[ROWS], a;
	uint64_t has = 0; /* bit i: found[i] is set; clearing found would cost too much time */
	struct attribute h;

	while (next_payload(&p, &n, &h, &a)) {
		if (a.row != NULL && a.row->get != NULL && a.n >= a.row->least) {
			found[a.row - rows] = a;
			has |= (uint64_t)1 << (a.row - rows);
		} else if (a.row != NULL) {
			unshown_add(xfrm_unshown(ev), "XFRMA_%s", a.row->name);
		} else {
			unshown_add(xfrm_unshown(ev), "attribute %u", h.type);
		}
	}
	if (n > 0)
		unshown_add(xfrm_unshown(ev), "%zu bytes behind the attributes", n);
	for (; has != 0; has &= has - 1)
		rows[__builtin_ctzll(has)].get(ev, found[__builtin_ctzll(has)]);
}

/* An attribute without a row may be the key of a newer kernel. */
static bool may_hold_key(const struct row *r)
{
	return r == NULL || r->part == PART_ENC || r->part == PART_AUTH;
}

void xfrm_blank_attrs(uint8_t *p, size_t n)
{
	const uint8_t *at = p;
	struct payload a;
	struct attribute h;

	while (next_payload(&at, &n, &h, &a)) {
		size_t keep = a.row != NULL && a.row->least < a.n ? a.row->least : 0;

		if (may_hold_key(a.row))
			explicit_bzero(p + (a.p - p) + keep, a.n - keep);
	}
	if (n > 0)
		explicit_bzero(p + (at - p), n);
}

/* A key follows the structure of its algorithm, and XFRMA_TMPL may hold several templates. */
static enum part part_in_attr(const struct row *r, size_t off)
{
	if (r->number == XFRMA_TMPL && off >= sizeof(struct nlattr))
		return PART_TMPL + (enum part)((off - sizeof(struct nlattr)) / sizeof(struct xfrm_user_tmpl));
	if ((r->part == PART_ENC || r->part == PART_AUTH) && off >= sizeof(struct nlattr) + r->least)
		return r->part + 1;
	return r->part;
}

enum part xfrm_attr_part(const uint8_t *p, size_t n, size_t off)
{
	const uint8_t *start = p;
	struct payload a;
	struct attribute h;

	while (next_payload(&p, &n, &h, &a)) {
		if (off >= (size_t)(p - start))
			continue;
		return a.row == NULL ? PART_MAX :
		                       part_in_attr(a.row, off - ((size_t)(a.p - start) - NLA_HDRLEN));
	}
	return PART_MAX;
}

static void annotate_attr(unsigned type, struct payload a, size_t off, struct buf *out)
{
	char name[40];

	if (a.row != NULL)
		snprintf(name, sizeof(name), "XFRMA_%s", a.row->name);
	else
		snprintf(name, sizeof(name), "attribute %u", type);
	xfrm_line(out, off, name);
	if (a.row != NULL && a.row->show != NULL && a.n >= a.row->least)
		a.row->show(a, out);
	else
		buf_printf(out, " (%zu bytes)", a.n);
	buf_addc(out, '\n');
}

void xfrm_show_attrs(const uint8_t *p, size_t n, size_t off, struct buf *out)
{
	const uint8_t *start = p;
	struct payload a;
	struct attribute h;

	while (next_payload(&p, &n, &h, &a))
		annotate_attr(h.type, a, off + (size_t)(a.p - start) - NLA_HDRLEN, out);
	if (n > 0) {
		xfrm_line(out, off + (size_t)(p - start), "rest");
		buf_printf(out, " (%zu bytes)\n", n);
	}
}
