/* SPDX-License-Identifier: ISC */
/* Prints objects as lines for "ip -batch", in the words of ip-xfrm(8). Knows no kernel structure. */
#include "format/format.h"

#include "base/hex.h"
#include "model/names.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>

enum { HEADER_WINDOW = 32 };

static void put_addr(struct buf *out, const char *word, const struct addr *a)
{
	if (a->family == 0)
		return;
	buf_printf(out, " %s ", word);
	print_addr(out, a, "");
}

static void put_range(struct buf *out, const char *word, const struct addr *a)
{
	put_addr(out, word, a);
	if (a->family != 0)
		buf_printf(out, "/%u", a->plen);
}

/* ---- selectors ---- */

static bool has_ports(uint8_t upper)
{
	return upper == IPPROTO_TCP || upper == IPPROTO_UDP || upper == IPPROTO_SCTP || upper == IPPROTO_DCCP;
}

static bool is_simple_mask(uint16_t mask)
{
	return mask == 0 || mask == UINT16_MAX;
}

/* ip takes a port of 0 for any. */
static bool is_port_zero(uint16_t port, uint16_t mask)
{
	return port == 0 && mask != 0;
}

/* ip has ports for four protocols, a key for GRE that it sets whole, and no masks. */
static bool can_express(const struct selector *sel)
{
	bool any = (sel->sport_mask | sel->dport_mask | sel->src.port | sel->dst.port) == 0;

	if (any)
		return true;
	if (sel->upper == IPPROTO_GRE)
		return sel->sport_mask == UINT16_MAX && sel->dport_mask == UINT16_MAX;
	if (has_ports(sel->upper) &&
	    (is_port_zero(sel->src.port, sel->sport_mask) || is_port_zero(sel->dst.port, sel->dport_mask)))
		return false;
	if (upper_has_type(sel->upper) && (sel->src.port > UINT8_MAX || sel->dst.port > UINT8_MAX))
		return false;
	return (has_ports(sel->upper) || upper_has_type(sel->upper)) && is_simple_mask(sel->sport_mask) &&
	       is_simple_mask(sel->dport_mask);
}

static void put_upper(struct buf *out, const struct selector *sel)
{
	if (sel->upper == UPPER_ANY)
		return;
	buf_printf(out, " proto %u", sel->upper);
	if (sel->upper == IPPROTO_GRE && sel->sport_mask != 0)
		buf_printf(out, " key %" PRIu32, (uint32_t)sel->src.port << 16 | sel->dst.port);
	if (sel->upper == IPPROTO_GRE)
		return;
	if (sel->sport_mask != 0)
		buf_printf(out, " %s %u", has_ports(sel->upper) ? "sport" : "type", sel->src.port);
	if (sel->dport_mask != 0)
		buf_printf(out, " %s %u", has_ports(sel->upper) ? "dport" : "code", sel->dst.port);
}

/* The device if it has no name here, so that ip cannot be given it; else 0. */
static uint32_t unnamed_device(uint32_t device)
{
	char name[DEVICE_NAME];

	if (device == 0)
		return 0;
	device_name(device, name);
	return name[strspn(name, "0123456789")] != '\0' ? 0 : device;
}

static void put_selector(struct buf *out, const struct selector *sel, uint32_t device)
{
	put_range(out, "src", &sel->src);
	put_range(out, "dst", &sel->dst);
	if (device != 0)
		buf_printf(out, " dev %s", device_name(device, (char[DEVICE_NAME]){ 0 }));
	put_upper(out, sel);
}

/* ---- what SAs and policies share ---- */

/* As ip-xfrm(8) prints them: the soft one first, seconds before bytes and packets. */
static void put_limits(struct buf *out, const struct attrs *x)
{
	static const uint8_t order[LIMITS] = { 1, 0, 7, 6, 3, 2, 5, 4 };

	for (unsigned i = 0; i < LIMITS; i++)
		if (limit_value(x, &limits[order[i]]) != 0)
			buf_printf(out, " limit %s %" PRIu64, limits[order[i]].ip,
			           limit_value(x, &limits[order[i]]));
}

static void put_number_attrs(struct buf *out, const struct attrs *x, enum attr_id from, enum attr_id end)
{
	for (enum attr_id id = from; id < end; id++) {
		if (attr_table[id].form == ATTR_SPECIAL || id == ATTR_SEQ || attr_table[id].ip == NULL ||
		    !attrs_have(x, id))
			continue;
		buf_printf(out, " %s ", attr_table[id].ip);
		print_attr(out, x, id, " mask ");
	}
}

static void put_ctx(struct buf *out, const struct secctx *ctx)
{
	if (ctx->doi == 0)
		return;
	buf_adds(out, " ctx \"");
	print_text(out, &ctx->label);
	buf_addc(out, '"');
}

static const struct name modes[] = {
	{ "transport", MODE_ANY }, { "transport", MODE_TRANSPORT }, { "tunnel", MODE_TUNNEL }, { "beet", MODE_BEET },
	{ "ro", MODE_ROUTE }, { "in_trigger", MODE_TRIGGER }, { NULL, 0 }
};

static const struct name protos[] = {
	{ "esp", PROTO_ESP }, { "ah", PROTO_AH }, { "comp", PROTO_IPCOMP }, { "route2", IPPROTO_ROUTING },
	{ "hao", IPPROTO_DSTOPTS }, { NULL, 0 }
};

/* ---- SAs ---- */

static void put_key(struct buf *out, const uint8_t *key, unsigned bits, const struct print_opts *o)
{
	if (bits == 0) {
		buf_adds(out, " \"\"");
	} else if (o->keys) {
		buf_adds(out, " 0x");
		hex_encode(out, key, (bits + 7) / 8);
	} else {
		buf_addc(out, ' ');
		print_mask(out, key, (bits + 7) / 8, o);
	}
}

static void put_name(struct buf *out, const char *option, const struct alg *a, const struct text *unknown)
{
	buf_printf(out, " %s ", option);
	if (a != NULL)
		buf_adds(out, a->xfrm ? a->xfrm : a->name);
	else
		print_text(out, unknown);
}

static void put_algs(struct buf *out, const struct event *ev, const struct print_opts *o)
{
	const struct sa *sa = &ev->sa;
	bool aead = sa->enc != NULL && sa->enc->kind == ALG_AEAD;

	if (sa->enc != NULL || ev->sa_state.encname.p != NULL) {
		put_name(out,
		         aead                      ? "aead" :
		         sa->proto == PROTO_IPCOMP ? "comp" :
		                                     "enc",
		         sa->enc, &ev->sa_state.encname);
		if (sa->proto != PROTO_IPCOMP)
			put_key(out, sa_enckey(sa), sa->encbits, o);
		if (aead)
			buf_printf(out, " %u", sa->enc->icvbits);
	}
	if (sa->auth != NULL || ev->sa_state.authname.p != NULL) {
		put_name(out, sa->authicv != 0 ? "auth-trunc" : "auth", sa->auth, &ev->sa_state.authname);
		put_key(out, sa_authkey(sa), sa->authbits, o);
		if (sa->authicv != 0)
			buf_printf(out, " %u", sa->authicv);
	}
	if (sa->comp != NULL)
		put_name(out, "comp", sa->comp, NULL);
}

static void put_flag_words(struct buf *out, const char *option, uint32_t flags)
{
	for (const struct name *f = flag_names; f->word != NULL; f++)
		if (flags & (uint32_t)f->number)
			buf_printf(out, " %s %s", option, f->word);
}

static void put_flags(struct buf *out, uint32_t flags)
{
	put_flag_words(out, "flag", flags & SA_F_KEPT & ~SA_F_EXTRA);
	if (flags & SA_F_ESN)
		buf_adds(out, " flag esn");
	put_flag_words(out, "extra-flag", flags & SA_F_EXTRA);
}

static void put_replay(struct buf *out, const struct sa *sa, const struct attrs *x)
{
	uint32_t high_in = (uint32_t)(x->replay_in >> 32), high_out = (uint32_t)(x->replay_out >> 32);

	if (sa->window != 0 || sa->flags & SA_F_ESN)
		buf_printf(out, " replay-window %" PRIu32, sa->window);
	if (!attrs_have(x, ATTR_REPLAY))
		return;
	buf_printf(out, " replay-seq 0x%" PRIx32 " replay-oseq 0x%" PRIx32, (uint32_t)x->replay_in,
	           (uint32_t)x->replay_out);
	if (high_in != 0)
		buf_printf(out, " replay-seq-hi 0x%" PRIx32, high_in);
	if (high_out != 0)
		buf_printf(out, " replay-oseq-hi 0x%" PRIx32, high_out);
}

static void put_encap(struct buf *out, const struct event *ev)
{
	const struct sa *sa = &ev->sa;
	static const struct addr any4 = { .family = AF_INET }, any6 = { .family = AF_INET6 };
	const char *type = name_word(encap_names, sa->encap);
	char port[8];

	if (type == NULL)
		return;
	buf_printf(out, " encap %s %u", type, sa->natt_sport);
	snprintf(port, sizeof(port), "%u", sa->natt_dport);
	put_addr(out, port,
	         ev->attrs.natt_oa.family != 0 ? &ev->attrs.natt_oa :
	         sa->dst.family == AF_INET     ? &any4 :
	                                         &any6);
}

static void put_optional_attrs(struct buf *out, const struct event *ev)
{
	const struct attrs *x = &ev->attrs;
	const struct sa *sa = &ev->sa;
	const char *any = sa->inner_family == AF_INET ? "0.0.0.0/0" : "::/0";

	put_number_attrs(out, x, 0, ATTR_SELECTOR);
	if (attrs_have(x, ATTR_SEQ)) /* ip passes it on in network byte order */
		buf_printf(out, " seq 0x%" PRIx32, htonl(x->value[ATTR_SEQ]));
	if (attrs_have(x, ATTR_COADDR))
		put_addr(out, "coa", &x->coaddr);
	put_number_attrs(out, x, ATTR_SELECTOR, ATTR_MAX);
	if (attrs_have(x, ATTR_OFFLOAD))
		buf_printf(out, " offload %sdev %s dir %s", x->offload & OFFLOAD_PACKET ? "packet " : "",
		           device_name(x->device, (char[DEVICE_NAME]){ 0 }),
		           x->offload & OFFLOAD_IN ? "in" : "out");
	if (attrs_have(x, ATTR_SELECTOR)) {
		buf_adds(out, " sel");
		put_selector(out, &x->sel, ev->sa_state.device);
	} else if (sa->inner_family != 0) {
		buf_printf(out, " sel src %s dst %s", any, any);
	}
}

/* Quotes, blanks and # have a meaning for ip that they do not have in a label or a name. */
static const char *why_not_text(const struct event *ev)
{
	if (ev->attrs.ctx.doi != 0 && !print_is_plain(&ev->attrs.ctx.label, "\"'\\#"))
		return "a security label that ip would misread";
	if (ev->kind == EVENT_SA && (!print_is_plain(&ev->sa_state.encname, " \"'\\#") ||
	    !print_is_plain(&ev->sa_state.authname, " \"'\\#")))
		return "the name of an algorithm that ip would misread";
	return NULL;
}

/* Why ip has no line for it, or NULL. */
static const char *why_not_sa(const struct event *ev)
{
	const struct sa *sa = &ev->sa;

	if (why_not_text(ev) != NULL)
		return why_not_text(ev);
	if (name_word(protos, sa->proto) == NULL)
		return "made by the kernel";
	if (name_word(modes, sa->mode) == NULL)
		return "a mode that ip does not have";
	if (proto_is_ipsec(sa->proto) && why_without_keys(ev) != NULL)
		return why_without_keys(ev);
	for (enum attr_id id = 0; id < ATTR_MAX; id++)
		if (attrs_have(&ev->attrs, id) && attr_table[id].ip == NULL)
			return attr_table[id].what;
	if (attrs_have(&ev->attrs, ATTR_COADDR) && proto_is_ipsec(sa->proto))
		return "a care-of address, which ip takes for Mobile IPv6 alone";
	if (attrs_have(&ev->attrs, ATTR_OUTPUT_MARK) && ev->attrs.value[ATTR_OUTPUT_MARK] == 0 &&
	    ev->attrs.mask[ATTR_OUTPUT_MARK] != 0)
		return "an output mark of 0, which ip leaves out";
	return attrs_have(&ev->attrs, ATTR_SELECTOR) && !can_express(&ev->attrs.sel) ?
	       "ports that ip cannot say" :
	                                                                          NULL;
}

static void print_sa(const struct event *ev, const struct print_opts *o, struct buf *out)
{
	const struct sa *sa = &ev->sa;

	print_reasons(out, why_not_sa(ev), unnamed_device(ev->sa_state.device), &ev->sa_state.unshown);
	buf_adds(out, "xfrm state add");
	put_addr(out, "src", &sa->src);
	put_addr(out, "dst", &sa->dst);
	buf_printf(out, " proto %s spi 0x%" PRIx32, known_word(protos, sa->proto), sa->spi);
	put_algs(out, ev, o);
	buf_printf(out, " mode %s", known_word(modes, sa->mode));
	if (sa->reqid != 0)
		buf_printf(out, " reqid %" PRIu32, sa->reqid);
	put_replay(out, sa, &ev->attrs);
	put_flags(out, sa->flags);
	put_limits(out, &ev->attrs);
	put_encap(out, ev);
	put_ctx(out, &ev->attrs.ctx);
	put_optional_attrs(out, ev);
	buf_addc(out, '\n');
}

/* ---- policies ---- */

static void put_request(struct buf *out, const struct tmpl *t)
{
	buf_adds(out, " tmpl");
	put_addr(out, "src", &t->src);
	put_addr(out, "dst", &t->dst);
	buf_printf(out, " proto %s", known_word(protos, t->proto));
	if (t->spi != 0)
		buf_printf(out, " spi 0x%" PRIx32, t->spi);
	buf_printf(out, " mode %s", known_word(modes, t->mode));
	if (t->reqid != 0)
		buf_printf(out, " reqid %" PRIu32, t->reqid);
	if (t->level == LEVEL_USE)
		buf_adds(out, " level use");
}

static const char *why_not_policy(const struct event *ev, const struct selector *sel)
{
	const struct policy *p = &ev->policy;

	if (why_not_text(ev) != NULL)
		return why_not_text(ev);
	if (p->dir >= DIR_SOCKET_IN)
		return "per-socket policy";
	for (unsigned i = 0; i < p->ntmpl; i++)
		if (name_word(protos, p->tmpl[i].proto) == NULL || name_word(modes, p->tmpl[i].mode) == NULL)
			return "a request that ip does not have";
	return can_express(sel) ? NULL : "ports that ip cannot say";
}

static void print_policy(const struct event *ev, const struct print_opts *o, struct buf *out)
{
	const struct policy *p = &ev->policy;
	const struct selector sel = { p->src, p->dst, p->sport_mask, p->dport_mask, p->upper };

	(void)o;
	print_reasons(out, why_not_policy(ev, &sel), unnamed_device(ev->policy_state.device),
	              &ev->policy_state.unshown);
	buf_adds(out, "xfrm policy add");
	put_selector(out, &sel, ev->policy_state.device);
	put_ctx(out, &ev->attrs.ctx);
	buf_printf(out, " dir %s", known_word(dir_names, packet_dir(p)));
	put_number_attrs(out, &ev->attrs, 0, ATTR_MAX);
	if (p->flags & POLICY_F_SUB)
		buf_adds(out, " ptype sub");
	buf_printf(out, " action %s priority %" PRIu32,
	           p->action == ACTION_IPSEC || p->action == ACTION_NONE ? "allow" : "block", p->priority);
	if (p->flags & POLICY_F_LOCALOK)
		buf_adds(out, " flag localok");
	if (p->flags & POLICY_F_ICMP)
		buf_adds(out, " flag icmp");
	put_limits(out, &ev->attrs);
	for (unsigned i = 0; i < p->ntmpl; i++)
		put_request(out, &p->tmpl[i]);
	buf_addc(out, '\n');
}

const struct format ip_format = {
	.name = "ip", .whole = true, .begin = print_pfkey_notice, .sa = print_sa, .policy = print_policy,
};
