/* SPDX-License-Identifier: ISC */
/*
 * Prints the dump of the classic setkey, -D and -DP, byte for byte, with its trailing blanks and missing
 * newlines, as scripts read it. Knows no kernel structure.
 */
#include "format/format.h"

#include "base/append.h"
#include "base/hex.h"
#include "model/names.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>

enum { GROUP = 4, LINE = 32, SOCKET_DIR = 3 };
enum { PRIORITY_HIGH_END = 0x60000000, WINDOW_MAX = 255 };

/* Netlink has no reference count; these are what PF_KEY shows for an idle policy, and for one of a socket. */
enum { IDLE_REFCNT = 2, SOCKET_REFCNT = 1 };

static const uint32_t priority_def_end = 0xA0000000;

/* ---- words ---- */

/* The classic tool has no word for BEET and what came later. */
static const char *mode_word(uint8_t mode)
{
	return mode <= MODE_TUNNEL ? name_word(mode_names, mode) : NULL;
}

static void add_mode(struct buf *out, uint8_t mode)
{
	if (mode_word(mode) != NULL)
		buf_adds(out, mode_word(mode));
	else
		append_decimal(out, mode);
}

static void add_address(struct buf *out, const struct addr *a)
{
	print_addr(out, a, "");
	if (a->scope != 0)
		append_field(out, "%", a->scope);
}

static void add_host(struct buf *out, const struct addr *a, bool port)
{
	add_address(out, a);
	if (port)
		print_port(out, a->port);
}

static void add_time(struct buf *out, uint64_t secs)
{
	if (secs == 0 || !append_local_time(out, secs, TIME_CTIME))
		buf_adds(out, "                    ");
}

static void add_context(struct buf *out, const struct secctx *ctx)
{
	struct text label = ctx->label;

	if (ctx->doi == 0)
		return;
	buf_printf(out, "\tsecurity context doi: %u\n", ctx->doi);
	buf_printf(out, "\tsecurity context algorithm: %u\n", ctx->alg);
	buf_printf(out, "\tsecurity context length: %u\n", ctx->label.len + 1);
	buf_adds(out, "\tsecurity context: ");
	/* Some senders count the NUL at its end. */
	label.len = (uint32_t)strnlen(label.p, label.len);
	print_text(out, &label);
	buf_addc(out, '\n');
}

/* ---- security associations ---- */

static void add_ends(struct buf *out, const struct sa *sa, bool ports)
{
	add_host(out, &sa->src, ports);
	if (sa->encap != ENCAP_NONE)
		print_port(out, sa->natt_sport);
	buf_addc(out, ' ');
	add_host(out, &sa->dst, ports);
	if (sa->encap != ENCAP_NONE)
		print_port(out, sa->natt_dport);
	buf_adds(out, " \n");
}

static void add_proto(struct buf *out, const struct sa *sa)
{
	buf_addc(out, '\t');
	if (sa->encap != ENCAP_NONE && sa->proto == PROTO_ESP) {
		buf_adds(out, "esp-udp");
		return;
	}
	if (sa->encap != ENCAP_NONE)
		buf_adds(out, "natt+");
	print_word(out, proto_names, sa->proto);
}

/* In decimal and hexadecimal. */
static void add_id(struct buf *out, const char *label, uint32_t id)
{
	append_field(out, label, id);
	buf_adds(out, "(0x");
	append_hex(out, id, 8);
	buf_addc(out, ')');
}

static void add_key(struct buf *out, const uint8_t *key, size_t n, const struct print_opts *o)
{
	if (!o->keys) {
		buf_addc(out, ' ');
		print_mask(out, key, n, o);
		return;
	}
	for (size_t i = 0; i < n; i += GROUP) {
		buf_adds(out, i > 0 && i % LINE == 0 ? "\n " : " ");
		hex_encode(out, key + i, n - i < GROUP ? n - i : GROUP);
	}
}

/*
 * The classic tool knew the numbers of PF_KEY, and words for the algorithms of its time: it printed all
 * others as a number, and 0 as "none".
 */
static void add_alg(struct buf *out, char letter, const struct alg *a, unsigned id)
{
	if (a != NULL)
		id = a->pfkey;
	buf_addc(out, '\t');
	buf_addc(out, letter);
	buf_adds(out, ": ");
	if (a != NULL && !(a->flags & ALG_NEW))
		buf_adds(out, a->name);
	else if (id == 0)
		buf_adds(out, "none");
	else
		append_decimal(out, id);
	buf_addc(out, ' ');
}

/*
 * A combined cipher, which the classic tool did not know, is on the line for ciphers, by its name: scripts
 * mask the keys of that line. A cipher that Linux accepts for AH, and does not use, is not shown.
 */
static void add_algs(struct buf *out, const struct event *ev, const struct print_opts *o)
{
	const struct sa *sa = &ev->sa;
	bool aead = sa->enc != NULL && sa->enc->kind == ALG_AEAD;

	if (sa->proto == PROTO_IPCOMP) {
		add_alg(out, 'C', sa->comp, ev->sa_state.encid);
	} else if (sa->proto == PROTO_ESP && sa->encbits > 0) {
		if (aead)
			buf_printf(out, "\tE: %s ", sa->enc->name);
		else
			add_alg(out, 'E', sa->enc, ev->sa_state.encid);
		add_key(out, sa_enckey(sa), (sa->encbits + 7u) / 8, o);
		buf_addc(out, '\n');
	}
	if (sa->authbits > 0) {
		add_alg(out, 'A', sa->auth, ev->sa_state.authid);
		add_key(out, sa_authkey(sa), (sa->authbits + 7u) / 8, o);
		buf_addc(out, '\n');
	}
}

/* PF_KEY has no field for a window of extended sequence numbers, and shows 0. */
static unsigned classic_window(const struct sa *sa)
{
	return sa->flags & SA_F_ESN || sa->window > WINDOW_MAX ? 0 : sa->window;
}

static void add_lifetimes(struct buf *out, const struct event *ev, uint64_t now)
{
	const struct attrs *x = &ev->attrs;
	const struct sa_state *st = &ev->sa_state;

	buf_adds(out, "\tcreated: ");
	add_time(out, st->add_time);
	buf_adds(out, "\tcurrent: ");
	add_time(out, now);
	buf_adds(out, "\n\tdiff: ");
	if (st->add_time > now)
		buf_addc(out, '-');
	append_decimal(out, st->add_time == 0   ? 0 :
	                    st->add_time > now ? st->add_time - now :
	                                         now - st->add_time);
	append_field(out, "(s)\thard: ", x->hard.add_secs);
	append_field(out, "(s)\tsoft: ", x->soft.add_secs);
	buf_adds(out, "(s)\n\tlast: ");
	add_time(out, st->use_time);
	append_field(out, "\thard: ", x->hard.use_secs);
	append_field(out, "(s)\tsoft: ", x->soft.use_secs);
	append_field(out, "(s)\n\tcurrent: ", st->bytes);
	append_field(out, "(bytes)\thard: ", x->hard.bytes);
	append_field(out, "(bytes)\tsoft: ", x->soft.bytes);
	append_field(out, "(bytes)\n\tallocated: ", st->packets);
	append_field(out, "\thard: ", x->hard.packets);
	append_field(out, "\tsoft: ", x->soft.packets);
	buf_addc(out, '\n');
}

/*
 * ---- what only XFRM shows: one more line, if there is anything. None of its words is, or ends like, a word
 * of another line, such as flags= or seq=, since scripts search for those anywhere. ----
 */

__attribute__((format(printf, 3, 4)))
static void add_fact(struct buf *out, bool *any, const char *fmt, ...)
{
	va_list ap;

	buf_adds(out, *any ? " " : "\txfrm: ");
	*any = true;
	va_start(ap, fmt);
	buf_vprintf(out, fmt, ap);
	va_end(ap);
}

static void add_device(struct buf *out, bool *any, uint32_t device)
{
	if (device != 0)
		add_fact(out, any, "device=%s", device_name(device, (char[DEVICE_NAME]){ 0 }));
}

static void add_flags(struct buf *out, bool *any, const struct name *names, uint32_t flags)
{
	bool first = true;

	for (; names->word != NULL; names++) {
		if (!(flags & (uint32_t)names->number))
			continue;
		if (first)
			add_fact(out, any, "options=%s", names->word);
		else
			buf_printf(out, ",%s", names->word);
		first = false;
	}
}

static void add_end(struct buf *out, const struct addr *a, uint16_t mask)
{
	add_address(out, a);
	append_field(out, "/", a->plen);
	if (mask == UINT16_MAX)
		print_port(out, a->port);
	else if (mask != 0)
		buf_printf(out, "[%u/0x%x]", a->port, mask);
}

/* A port with a mask, for which the line of addresses has no place. */
static void add_masked_port(struct buf *out, bool *any, const char *name, uint16_t port, uint16_t mask)
{
	if (mask != 0 && (mask != UINT16_MAX || port == 0))
		add_fact(out, any, "%s=%u/0x%x", name, port, mask);
}

static void add_sa_selector(struct buf *out, bool *any, const struct selector *sel)
{
	add_fact(out, any, "sel=");
	add_end(out, &sel->src, sel->sport_mask);
	buf_addc(out, '-');
	add_end(out, &sel->dst, sel->dport_mask);
	if (sel->upper != UPPER_ANY)
		buf_printf(out, ":%u", sel->upper);
}

static void add_attr(struct buf *out, bool *any, const struct attrs *x, enum attr_id id)
{
	switch (id) {
	case ATTR_SELECTOR:
		add_sa_selector(out, any, &x->sel);
		break;
	case ATTR_COADDR:
		add_fact(out, any, "coa=");
		add_address(out, &x->coaddr);
		break;
	case ATTR_OFFLOAD:
		add_fact(out, any, "offload=%s,%s,%s", x->offload & OFFLOAD_PACKET ? "packet" : "crypto",
		         device_name(x->device, (char[DEVICE_NAME]){ 0 }),
		         x->offload & OFFLOAD_IN ? "in" : "out");
		break;
	case ATTR_REPLAY: /* the line of the SA has it */
		break;
	default:
		add_fact(out, any, "%s=", attr_table[id].fact);
		print_attr(out, x, id, "/");
	}
}

static void add_attrs(struct buf *out, bool *any, const struct attrs *x)
{
	for (enum attr_id id = 0; id < ATTR_MAX; id++)
		if (attrs_have(x, id))
			add_attr(out, any, x, id);
}

static void add_text_fact(struct buf *out, bool *any, const char *name, const struct text *t)
{
	if (t->p == NULL)
		return;
	add_fact(out, any, "%s=", name);
	print_text(out, t);
}

/* A PF_KEY message has none of these. */
static void add_xfrm_sa(struct buf *out, const struct event *ev)
{
	const struct sa *sa = &ev->sa;
	const struct sa_state *st = &ev->sa_state;
	bool any = false;

	add_text_fact(out, &any, "enc", &st->encname);
	add_text_fact(out, &any, "auth", &st->authname);
	if (sa->authicv != 0)
		add_fact(out, &any, "icv=%u", sa->authicv);
	if (sa->flags & SA_F_ESN)
		add_fact(out, &any, "esn");
	if (classic_window(sa) != sa->window)
		add_fact(out, &any, "window=%u", sa->window);
	if (sa->encap == ENCAP_ESPINTCP)
		add_fact(out, &any, "encap=espintcp");
	add_flags(out, &any, flag_names, sa->flags & (SA_F_XFRM | SA_F_AF_UNSPEC));
	add_attrs(out, &any, &ev->attrs);
	add_device(out, &any, st->device);
	if (st->replayed != 0)
		add_fact(out, &any, "repeated=%" PRIu32, st->replayed);
	if (st->late != 0)
		add_fact(out, &any, "too-late=%" PRIu32, st->late);
	if (st->forged != 0)
		add_fact(out, &any, "forged=%" PRIu32, st->forged);
	if (any)
		buf_addc(out, '\n');
}

static void add_xfrm_policy(struct buf *out, const struct event *ev)
{
	bool any = false;

	add_attrs(out, &any, &ev->attrs);
	add_device(out, &any, ev->policy_state.device);
	add_flags(out, &any, policy_flag_names, ev->policy.flags);
	add_masked_port(out, &any, "sport", ev->policy.src.port, ev->policy.sport_mask);
	add_masked_port(out, &any, "dport", ev->policy.dst.port, ev->policy.dport_mask);
	for (unsigned i = 0; i < ev->policy.ntmpl; i++)
		if (ev->policy.tmpl[i].spi != 0)
			add_fact(out, &any, "spi%u=0x%x", i + 1, ev->policy.tmpl[i].spi);
	if (any)
		buf_addc(out, '\n');
}

static void print_sa(const struct event *ev, const struct print_opts *o, struct buf *out)
{
	const struct sa *sa = &ev->sa;

	if (o->hide_dead && ev->verb == VERB_DUMP && ev->sa_state.life == SA_DEAD)
		return;
	add_ends(out, sa, o->ports);
	add_proto(out, sa);
	buf_adds(out, " mode=");
	add_mode(out, sa->mode);
	add_id(out, " spi=", sa->spi);
	add_id(out, " reqid=", sa->reqid);
	buf_addc(out, '\n');
	if (sa->encap != ENCAP_NONE && ev->attrs.natt_oa.family != 0) {
		buf_adds(out, "\tNAT OA=");
		add_address(out, &ev->attrs.natt_oa);
		buf_addc(out, '\n');
	}
	add_algs(out, ev, o);
	buf_adds(out, "\tseq=0x");
	append_hex(out, ev->sa_state.seq, 8);
	append_field(out, " replay=", classic_window(sa));
	buf_adds(out, " flags=0x");
	append_hex(out, ev->sa_state.flags, 8);
	buf_adds(out, " state=");
	print_word(out, state_names, ev->sa_state.life);
	buf_adds(out, " \n");
	add_lifetimes(out, ev, o->now);
	add_context(out, &ev->attrs.ctx);
	add_xfrm_sa(out, ev);
	append_field(out, "\tsadb_seq=", ev->seq);
	append_field(out, " pid=", ev->pid);
	buf_adds(out, " refcnt=0\n");
}

/* ---- policies ---- */

/* False if the protocol has a type and a code in the place of ports, or the halves of a GRE key. */
static bool has_ports(uint8_t upper)
{
	return !upper_has_type(upper) && upper != IPPROTO_GRE;
}

static void add_range(struct buf *out, const struct addr *a, uint8_t upper)
{
	add_address(out, a);
	if (a->plen != addr_bits(a))
		append_field(out, "/", a->plen);
	if (!has_ports(upper))
		return;
	if (a->port == 0)
		buf_adds(out, "[any]");
	else
		print_port(out, a->port);
}

static void add_upper(struct buf *out, const struct policy *pol)
{
	const char *name = pol->upper == UPPER_ANY ? NULL : upper_name(pol->upper);
	unsigned src = pol->src.port, dst = pol->dst.port;

	if (name != NULL)
		buf_adds(out, name);
	else
		append_decimal(out, pol->upper);
	if (has_ports(pol->upper) || (src == 0 && dst == 0))
		return;
	if (pol->upper == IPPROTO_GRE)
		buf_printf(out, " %u", src << 16 | dst);
	else
		buf_printf(out, " %u,%u", src, dst);
}

static bool is_socket(const struct policy *pol)
{
	return pol->index % 8 >= SOCKET_DIR;
}

/* A per-socket policy has a selector, but it means nothing. */
static void add_selector(struct buf *out, const struct policy *pol)
{
	if (is_socket(pol)) {
		buf_adds(out, "(per-socket policy) \n");
		return;
	}
	add_range(out, &pol->src, pol->upper);
	buf_addc(out, ' ');
	add_range(out, &pol->dst, pol->upper);
	buf_addc(out, ' ');
	add_upper(out, pol);
	buf_addc(out, '\n');
}

/* In the words of setkey.conf(5): a policy is tried before the base with "+", after it with "-". */
static void add_priority(struct buf *out, uint32_t priority)
{
	uint32_t base = priority < PRIORITY_HIGH_END ? PRIORITY_HIGH :
	                priority < priority_def_end ? PRIORITY_DEFAULT : PRIORITY_LOW;

	if (priority == 0)
		return;
	buf_adds(out, " prio ");
	buf_adds(out, base == PRIORITY_HIGH ? "high" : base == PRIORITY_LOW ? "low" : "def");
	if (priority < base)
		append_field(out, " + ", base - priority);
	else if (priority > base)
		append_field(out, " - ", priority - base);
}

static const char *dir_word(uint8_t dir)
{
	return dir == DIR_SOCKET_IN  ? "in(socket)" :
	       dir == DIR_SOCKET_OUT ? "out(socket)" :
	                               name_word(dir_names, dir);
}

/* Linux keeps the requests of a policy that discards, and does not use them. */
static unsigned shown_requests(const struct policy *pol)
{
	return pol->action == ACTION_IPSEC ? pol->ntmpl : 0;
}

/* Why the classic tool showed no policy at all, or NULL. */
static const char *why_invalid(const struct policy *pol)
{
	if (dir_word(pol->dir) == NULL)
		return "Invalid direction";
	for (unsigned i = 0; i < shown_requests(pol); i++)
		if (mode_word(pol->tmpl[i].mode) == NULL)
			return "Invalid ipsec mode";
	return NULL;
}

static void add_tmpl(struct buf *out, const struct tmpl *t, bool ports)
{
	buf_addc(out, '\t');
	print_word(out, proto_names, t->proto);
	buf_addc(out, '/');
	add_mode(out, t->mode);
	buf_addc(out, '/');
	if (t->src.family != 0 && t->dst.family != 0) {
		add_host(out, &t->src, ports);
		buf_addc(out, '-');
		add_host(out, &t->dst, ports);
	}
	buf_addc(out, '/');
	print_word(out, level_names, t->level);
	if (t->reqid != 0)
		append_field(out, t->reqid < UNIQUE_FIRST ? ":" : "#", t->reqid);
	buf_addc(out, '\n');
}

static void add_action(struct buf *out, const struct policy *pol, bool ports)
{
	const char *why = why_invalid(pol);

	if (why != NULL) {
		buf_printf(out, "\tPolicy:[%s]\n", why);
		return;
	}
	buf_addc(out, '\t');
	buf_adds(out, dir_word(pol->dir));
	add_priority(out, pol->priority);
	buf_addc(out, ' ');
	print_word(out, action_names, pol->action == ACTION_UNSET ? ACTION_DISCARD : pol->action);
	buf_addc(out, '\n');
	for (unsigned i = 0; i < shown_requests(pol); i++)
		add_tmpl(out, &pol->tmpl[i], ports);
}

static void print_policy(const struct event *ev, const struct print_opts *o, struct buf *out)
{
	const struct policy *pol = &ev->policy;
	const struct policy_state *st = &ev->policy_state;

	if (o->no_socket && is_socket(pol))
		return;
	add_selector(out, pol);
	add_action(out, pol, o->ports);
	buf_adds(out, "\tcreated: ");
	add_time(out, st->add_time);
	buf_adds(out, "  lastused: ");
	add_time(out, st->use_time);
	append_field(out, "\n\tlifetime: ", ev->attrs.hard.add_secs);
	append_field(out, "(s) validtime: ", ev->attrs.hard.use_secs);
	buf_adds(out, "(s)\n");
	add_context(out, &ev->attrs.ctx);
	add_xfrm_policy(out, ev);
	append_field(out, "\tspid=", pol->index);
	append_field(out, " seq=", ev->seq);
	append_field(out, " pid=", ev->pid);
	append_field(out, "\n\trefcnt=",
	             st->refcnt ? st->refcnt : is_socket(pol) ? SOCKET_REFCNT : IDLE_REFCNT);
	buf_addc(out, '\n');
}

const struct format classic_format = {
	.name = "classic", .sa = print_sa, .policy = print_policy,
};
