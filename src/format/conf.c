/* SPDX-License-Identifier: ISC */
/* Prints objects as the statements that make them, in the language of setkey.conf(5). */
#include "format/format.h"

#include "base/append.h"
#include "base/fingerprint.h"
#include "base/hex.h"
#include "model/names.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>

enum { NATT_PORT = 4500 }; /* RFC 3948 */

static void put_addr(struct buf *out, const struct addr *a)
{
	print_addr(out, a, "any");
	if (a->scope != 0)
		append_field(out, "%", a->scope);
}

static void put_word(struct buf *out, const char *label, const char *word)
{
	buf_adds(out, label);
	buf_adds(out, word);
}

static void put_hex(struct buf *out, const char *label, uint32_t n)
{
	buf_adds(out, label);
	append_hex(out, n, 1);
}

/* What identifies the SA to the kernel, and what the key is for. */
static void put_key_name(struct buf *out, const struct event *ev, const char *purpose)
{
	const char *proto = name_word(proto_names, ev->sa.proto);

	buf_printf(out, "%s-", proto ? proto : "other");
	put_addr(out, &ev->sa.dst);
	buf_printf(out, "-0x%08" PRIx32, ev->sa.spi);
	if (attrs_have(&ev->attrs, ATTR_MARK))
		buf_printf(out, "-%" PRIx32 ".%" PRIx32, ev->attrs.value[ATTR_MARK],
		           ev->attrs.mask[ATTR_MARK]);
	buf_printf(out, "-%s", purpose);
}

static void put_reference(struct buf *out, const struct event *ev, const uint8_t *key, unsigned bits,
                          const char *purpose, const struct print_opts *o)
{
	struct buf name = { 0 };

	put_key_name(&name, ev, purpose);
	buf_printf(out, " @%s", buf_str(&name));
	if (o->took != NULL)
		o->took(o->arg, buf_str(&name), key, bits);
	buf_free(&name);
}

static void put_key(struct buf *out, const struct event *ev, const uint8_t *key, unsigned bits,
                    const char *purpose, const struct print_opts *o)
{
	if (bits == 0)
		return;
	if (o->refs) {
		put_reference(out, ev, key, bits, purpose, o);
		return;
	}
	buf_adds(out, o->keys ? " 0x" : " ");
	if (o->keys)
		hex_encode(out, key, (bits + 7) / 8);
	else
		print_mask(out, key, (bits + 7) / 8, o);
}

static void put_algs(struct buf *out, const struct event *ev, const struct print_opts *o)
{
	const struct sa *sa = &ev->sa;

	if (sa->enc != NULL) {
		put_word(out, " -E ", sa->enc->name);
		put_key(out, ev, sa_enckey(sa), sa->encbits, "enc", o);
	}
	if (sa->auth != NULL) {
		buf_adds(out, " -A ");
		print_auth_name(out, sa);
		put_key(out, ev, sa_authkey(sa), sa->authbits, "auth", o);
	}
	if (sa->comp != NULL)
		buf_printf(out, " -C %s%s", sa->comp->name, sa->flags & SA_F_RAWCPI ? " -R" : "");
}

static void put_limits(struct buf *out, const struct attrs *x)
{
	for (const struct limit *l = limits; l < limits + LIMITS; l++)
		if (limit_value(x, l) != 0) {
			put_word(out, " -", l->option);
			append_field(out, " ", limit_value(x, l));
		}
}

/* A port and, unless it is the one that a statement without a mask has, its mask. */
static void put_port(struct buf *out, uint16_t port, uint16_t mask, bool exact)
{
	if (mask == 0 && port == 0)
		return;
	append_field(out, "[", port);
	if (mask != UINT16_MAX && mask != 0)
		put_hex(out, "/0x", mask);
	else if (port == 0 && !exact)
		buf_adds(out, "/0xffff");
	buf_addc(out, ']');
}

static void put_range(struct buf *out, const struct addr *a, uint16_t mask, bool port, bool exact)
{
	put_addr(out, a);
	if (a->plen != addr_bits(a))
		append_field(out, "/", a->plen);
	if (port)
		put_port(out, a->port, mask, exact);
}

static void put_selector(struct buf *out, const struct selector *sel, bool exact)
{
	buf_addc(out, ' ');
	put_range(out, &sel->src, sel->sport_mask, true, exact);
	buf_addc(out, ' ');
	put_range(out, &sel->dst, sel->dport_mask, true, exact);
	if (sel->upper == UPPER_ANY)
		buf_adds(out, " any");
	else
		append_field(out, " ", sel->upper);
}

/* The address family inside the SA: the policy that would tell it may not be among what is printed. */
static void put_inner_selector(struct buf *out, const struct sa *sa)
{
	const char *any = sa->inner_family == AF_INET ? "0.0.0.0/0" : "::/0";

	buf_printf(out, " -sel %s %s any", any, any);
}

static void put_attr(struct buf *out, const struct attrs *x, enum attr_id id, bool exact)
{
	put_word(out, " -", attr_table[id].option);
	switch (id) {
	case ATTR_SELECTOR:
		put_selector(out, &x->sel, exact);
		break;
	case ATTR_COADDR:
		buf_addc(out, ' ');
		put_addr(out, &x->coaddr);
		break;
	case ATTR_OFFLOAD:
		buf_printf(out, " %s %s %s", x->offload & OFFLOAD_PACKET ? "packet" : "crypto",
		           device_name(x->device, (char[DEVICE_NAME]){ 0 }),
		           x->offload & OFFLOAD_IN ? "in" : "out");
		break;
	case ATTR_REPLAY:
		append_field(out, " ", x->replay_out);
		append_field(out, "/", x->replay_in);
		break;
	default:
		buf_addc(out, ' ');
		print_attr(out, x, id, x->mask[id] != UINT32_MAX ? "/" : NULL);
	}
}

static void put_attrs(struct buf *out, const struct event *ev, bool exact)
{
	for (enum attr_id id = 0; id < ATTR_MAX; id++)
		if (attrs_have(&ev->attrs, id))
			put_attr(out, &ev->attrs, id, exact);
		else if (id == ATTR_SELECTOR && ev->kind == EVENT_SA && ev->sa.inner_family != 0)
			put_inner_selector(out, &ev->sa);
}

static void put_options(struct buf *out, const struct event *ev)
{
	const struct sa *sa = &ev->sa;

	if (sa->mode != MODE_ANY && name_word(mode_names, sa->mode) != NULL)
		put_word(out, " -m ", name_word(mode_names, sa->mode));
	if (sa->reqid != 0)
		append_field(out, " -u ", sa->reqid);
	if (sa->flags & SA_F_ESN)
		buf_adds(out, " -esn");
	if (sa->window != 0)
		append_field(out, " -r ", sa->window);
	for (const struct name *f = flag_names; f->word != NULL; f++)
		if (sa->flags & (uint32_t)f->number)
			put_word(out, " -f ", f->word);
	put_limits(out, &ev->attrs);
	if (sa->auth != NULL && sa->authicv != 0 && !sa_icv_is_name(sa))
		buf_printf(out, " -icv %u", sa->authicv);
}

static void put_ctx(struct buf *out, const struct secctx *ctx)
{
	if (ctx->doi == 0)
		return;
	buf_printf(out, " -ctx %u %u \"", ctx->doi, ctx->alg);
	print_text(out, &ctx->label);
	buf_addc(out, '"');
}

static const char unquotable[] = "a security label that cannot be quoted";

static bool can_quote(const struct secctx *ctx)
{
	return ctx->doi == 0 || print_is_plain(&ctx->label, "\"");
}

static const char *verb_word(const struct event *ev, enum verb object, enum verb dump)
{
	/* PF_KEY answers a get with a get: an SA without algorithms is the question. */
	bool answer = ev->verb == VERB_GET && (ev->sa.enc || ev->sa.auth || ev->sa.comp);
	bool shown = answer || ev->verb == dump || ev->verb == VERB_SPDGET;
	const char *word = verb_statement(shown && !ev->request ? object : ev->verb);

	return word ? word : verbs[object].word;
}

/* The port in the address, which Linux ignores, or the UDP port where it is not the one of RFC 3948. */
static void put_end(struct buf *out, const struct addr *a, const struct sa *sa, uint16_t natt_port,
                    bool exact)
{
	uint16_t port = a->port != 0 || sa->encap == ENCAP_NONE || sa->proto != PROTO_ESP ||
	                                (natt_port == NATT_PORT && !exact) ?
	                        a->port :
	                        natt_port;

	put_addr(out, a);
	if (port != 0)
		print_port(out, port);
}

/* What ESP is encapsulated in is part of the word for the protocol. */
static const struct name encap_words[] = {
	{ "", ENCAP_NONE }, { "-udp-nonike", ENCAP_ESPINUDP_NON_IKE }, { "-udp", ENCAP_ESPINUDP }, { "-tcp", ENCAP_ESPINTCP },
	{ NULL, 0 }
};

/* Other protocols have the option -natt, which is for UDP only and has no original address. */
static bool has_encap_words(const struct event *ev, bool exact)
{
	/* The wire reports a type without a word. */
	if (ev->sa.proto == PROTO_ESP || ev->sa.encap == ENCAP_NONE)
		return true;
	return ev->sa.encap == ENCAP_ESPINUDP && (ev->attrs.natt_oa.family == 0 || !(exact || ev->request));
}

static void put_natt(struct buf *out, const struct sa *sa)
{
	if (sa->encap == ENCAP_NONE || sa->proto == PROTO_ESP)
		return;
	buf_adds(out, " -natt ");
	print_addr(out, &sa->src, "any");
	print_port(out, sa->natt_sport);
	buf_addc(out, ' ');
	print_addr(out, &sa->dst, "any");
	print_port(out, sa->natt_dport);
}

static void put_proto(struct buf *out, const struct event *ev, bool exact)
{
	const struct sa *sa = &ev->sa;
	const char *proto = name_word(proto_names, sa->proto), *encap = name_word(encap_words, sa->encap);

	if (proto != NULL) {
		put_word(out, " ", proto);
		buf_adds(out, sa->proto == PROTO_ESP && encap ? encap : "");
		buf_adds(out, sa->flags & SA_F_OLD ? "-old" : "");
	}
	if (sa->encap != ENCAP_NONE && ev->attrs.natt_oa.family != 0 && (exact || ev->request)) {
		buf_addc(out, ' ');
		put_addr(out, &ev->attrs.natt_oa);
	}
}

static bool mode_has_word(uint8_t mode, bool exact)
{
	return mode <= MODE_TUNNEL || (mode == MODE_BEET && exact);
}

/* Why no statement makes this SA, or NULL. */
static const char *why_not_sa(const struct event *ev, bool exact)
{
	const struct sa *sa = &ev->sa;

	if (!can_quote(&ev->attrs.ctx))
		return unquotable;
	if (!has_encap_words(ev, exact))
		return "an encapsulation without a word";
	if (proto_is_ipsec(sa->proto) && (ev->sa_state.encname.p != NULL || ev->sa_state.authname.p != NULL))
		return "an algorithm without a word";
	if (ev->verb != VERB_DUMP && (ev->verb != VERB_ADD || ev->request || !exact))
		return mode_has_word(sa->mode, exact) ? NULL : "a mode without a word";
	if (!proto_is_ipsec(sa->proto))
		return sa->proto == IPPROTO_IPIP || sa->proto == IPPROTO_IPV6 ? "made by the kernel" :
		                                                                "of Mobile IPv6";
	if (why_without_keys(ev) != NULL)
		return why_without_keys(ev);
	return mode_has_word(sa->mode, true) ? NULL : "a mode without a word";
}

/* If keys are shown, the fingerprints are a comment, so that the statement can still be loaded. */
static void put_fingerprints(struct buf *out, const struct sa *sa, const struct print_opts *o)
{
	char text[FINGERPRINT_LEN];

	if (!o->keys || !o->fingerprints || sa->encbits + sa->authbits == 0)
		return;
	buf_adds(out, " #");
	if (sa->encbits != 0)
		buf_printf(out, " -E %s", fingerprint_text(sa_enckey(sa), (sa->encbits + 7u) / 8, text));
	if (sa->authbits != 0)
		buf_printf(out, " -A %s", fingerprint_text(sa_authkey(sa), (sa->authbits + 7u) / 8, text));
}

bool conf_needs_exact(const struct event *ev)
{
	const struct sa *sa = &ev->sa;
	bool ports = sa->encap == ENCAP_NONE || (sa->natt_sport != 0 && sa->natt_dport != 0);
	bool key = sa->auth == NULL || sa->auth->flags & ALG_ABSENT || alg_takes(sa->auth, sa->authbits);

	if (ev->kind != EVENT_SA || !ev->request || ev->verb == VERB_GET || ev->verb == VERB_DELETE ||
	    ev->verb == VERB_DELETEALL)
		return false;
	return !ports || !key || sa->mode == MODE_BEET ||
	       (sa->proto == PROTO_AH && sa->auth != NULL && sa->auth->maxbits == 0);
}

static void print_sa(const struct event *ev, const struct print_opts *o, struct buf *out)
{
	const struct sa *sa = &ev->sa;

	print_reasons(out, why_not_sa(ev, o->exact), ev->sa_state.device, &ev->sa_state.unshown);
	buf_adds(out, verb_word(ev, VERB_ADD, VERB_DUMP));
	buf_addc(out, ' ');
	put_end(out, &sa->src, sa, sa->natt_sport, o->exact);
	buf_addc(out, ' ');
	put_end(out, &sa->dst, sa, sa->natt_dport, o->exact);
	put_proto(out, ev, o->exact);
	if (ev->verb != VERB_DELETEALL) {
		put_hex(out, " 0x", sa->spi);
		put_natt(out, sa);
		put_options(out, ev);
		put_attrs(out, ev, o->exact);
		put_ctx(out, &ev->attrs.ctx);
		put_algs(out, ev, o);
	}
	buf_addc(out, ';');
	put_fingerprints(out, sa, o);
	buf_addc(out, '\n');
}

/*
 * True if the ports are printed with the addresses. Type and code, or a GRE key, follow the protocol, but not
 * a type above 255, nor after "exact;" one of the two alone, or a masked one.
 */
static bool has_ports(const struct policy *p, bool exact)
{
	bool both = p->sport_mask == UINT16_MAX && p->dport_mask == UINT16_MAX,
	     none = (p->sport_mask | p->dport_mask) == 0;

	if (!upper_has_type(p->upper) && p->upper != IPPROTO_GRE)
		return true;
	if (upper_has_type(p->upper) && (p->src.port > UINT8_MAX || p->dst.port > UINT8_MAX))
		return true;
	return exact && !both && !none;
}

static void put_upper(struct buf *out, const struct policy *p, bool exact, const char *word)
{
	if (p->upper == UPPER_ANY)
		buf_adds(out, " any");
	else if (word != NULL)
		put_word(out, " ", word);
	else
		append_field(out, " ", p->upper);
	if (has_ports(p, exact) || (p->src.port == 0 && p->dst.port == 0 && !(exact && p->sport_mask)))
		return;
	if (upper_has_type(p->upper))
		buf_printf(out, " %u,%u", p->src.port, p->dst.port);
	else if (p->upper == IPPROTO_GRE)
		buf_printf(out, " %" PRIu32, (uint32_t)p->src.port << 16 | p->dst.port);
}

/* Either both ends of a request have a port, or neither. */
static void put_request_ends(struct buf *out, const struct tmpl *t)
{
	bool ports = t->src.port != 0 || t->dst.port != 0;

	put_addr(out, &t->src);
	if (ports)
		print_port(out, t->src.port);
	buf_addc(out, '-');
	put_addr(out, &t->dst);
	if (ports)
		print_port(out, t->dst.port);
}

static void put_request(struct buf *out, const struct tmpl *t)
{
	put_word(out, " ", known_word(proto_names, t->proto));
	put_word(out, "/", known_word(mode_names, t->mode));
	buf_addc(out, '/');
	if (t->src.family != 0)
		put_request_ends(out, t);
	put_word(out, "/", known_word(level_names, t->level));
	if (t->reqid != 0 || t->spi != 0)
		append_field(out, ":", t->reqid);
	if (t->spi != 0)
		put_hex(out, ":0x", t->spi);
}

/* Why no statement makes this policy, or NULL. */
static const char *why_not_policy(const struct event *ev, bool exact)
{
	const struct policy *p = &ev->policy;

	if (p->dir >= DIR_SOCKET_IN)
		return "per-socket policy";
	if (!can_quote(&ev->attrs.ctx))
		return unquotable;
	if (name_word(dir_names, (int)packet_dir(p)) == NULL)
		return "a direction without a word";
	for (unsigned i = 0; i < p->ntmpl; i++)
		if (name_word(proto_names, p->tmpl[i].proto) == NULL ||
		    !mode_has_word(p->tmpl[i].mode, exact) ||
		    name_word(level_names, p->tmpl[i].level) == NULL)
			return "a request without a word";
	return NULL;
}

static void print_policy(const struct event *ev, const struct print_opts *o, struct buf *out)
{
	const struct policy *p = &ev->policy;
	const char *action = name_word(action_names, p->action);

	print_reasons(out, why_not_policy(ev, o->exact), ev->policy_state.device, &ev->policy_state.unshown);
	buf_adds(out, verb_word(ev, VERB_SPDADD, VERB_SPDDUMP));
	buf_addc(out, ' ');
	put_range(out, &p->src, p->sport_mask, has_ports(p, o->exact), o->exact);
	buf_addc(out, ' ');
	put_range(out, &p->dst, p->dport_mask, has_ports(p, o->exact), o->exact);
	put_upper(out, p, o->exact, o->upper);
	for (const struct name *f = policy_flag_names; f->word != NULL; f++)
		if (p->flags & f->number)
			put_word(out, " -f ", f->word);
	put_limits(out, &ev->attrs);
	if (ev->request && p->index != 0) /* one that the kernel chose is not part of the state */
		append_field(out, " -index ", p->index);
	put_attrs(out, ev, o->exact);
	put_ctx(out, &ev->attrs.ctx);
	put_word(out, " -P ", known_word(dir_names, packet_dir(p)));
	if (action != NULL && p->priority < PRIORITY_DEFAULT)
		append_field(out, " prio ", PRIORITY_DEFAULT - p->priority);
	else if (action != NULL && p->priority > PRIORITY_DEFAULT)
		append_field(out, " prio -", p->priority - PRIORITY_DEFAULT);
	if (action != NULL)
		put_word(out, " ", action);
	for (unsigned i = 0; i < p->ntmpl; i++)
		put_request(out, &p->tmpl[i]);
	buf_adds(out, ";\n");
}

/* flush, dump and the like; other messages of the kernel are no statements. */
static void print_other(const struct event *ev, struct buf *out)
{
	const char *verb = verb_statement(ev->verb), *proto = name_word(proto_names, ev->satype);

	if (ev->err != 0)
		buf_printf(out, "# %s: %s\n", verb ? verb : "message", strerror(ev->err));
	else if (verb != NULL)
		buf_printf(out, "%s%s%s;\n", verb, proto ? " " : "", proto ? proto : "");
}

/* After "exact;" nothing is completed: what is loaded is what the kernel had. */
static void print_preamble(const struct print_opts *o, struct buf *out)
{
	print_pfkey_notice(o, out);
	if (o->exact)
		buf_adds(out, "exact;\n");
	if (o->keys_file != NULL)
		buf_printf(out, "keys \"%s\";\n", o->keys_file);
}

const struct format conf_format = {
	.name = "conf", .whole = true, .begin = print_preamble, .sa = print_sa, .policy = print_policy,
	.other = print_other,
};
