/* Objects as the statements that make them, in the language of setkey.conf(5). */
#include "print/print.h"

#include "base/hex.h"
#include "model/names.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>

enum { NATT_PORT = 4500 }; /* RFC 3948 */

static void put_addr(struct buf *out, const struct addr *a)
{
	char s[INET6_ADDRSTRLEN];

	buf_adds(out, inet_ntop(a->family, a->bytes, s, sizeof(s)) ? s : "any");
	if (a->scope != 0)
		buf_printf(out, "%%%u", a->scope);
}

static void put_key(struct buf *out, const uint8_t *key, unsigned bits, const struct print_opts *o)
{
	if (bits == 0)
		return;
	buf_adds(out, " 0x");
	if (o->keys)
		hex_encode(out, key, (bits + 7) / 8);
	else
		buf_printf(out, "...(%u bytes)", (bits + 7) / 8);
}

static void put_algs(struct buf *out, const struct sa *sa, const struct print_opts *o)
{
	if (sa->enc != NULL) {
		buf_printf(out, " -E %s", sa->enc->name);
		put_key(out, sa_enckey(sa), sa->encbits, o);
	}
	if (sa->auth != NULL) {
		buf_printf(out, " -A %s", sa->auth->name);
		if (sa->authicv != 0)
			buf_printf(out, "-%u", sa->authicv);
		put_key(out, sa_authkey(sa), sa->authbits, o);
	}
	if (sa->comp != NULL)
		buf_printf(out, " -C %s%s", sa->comp->name, sa->flags & SA_F_RAWCPI ? " -R" : "");
}

static void put_limits(struct buf *out, const struct sa *sa)
{
	if (sa->hard.add_secs != 0)
		buf_printf(out, " -lh %" PRIu64, sa->hard.add_secs);
	if (sa->soft.add_secs != 0)
		buf_printf(out, " -ls %" PRIu64, sa->soft.add_secs);
	if (sa->hard.bytes != 0)
		buf_printf(out, " -bh %" PRIu64, sa->hard.bytes);
	if (sa->soft.bytes != 0)
		buf_printf(out, " -bs %" PRIu64, sa->soft.bytes);
}

static void put_options(struct buf *out, const struct sa *sa)
{
	if (sa->mode != MODE_ANY && name_word(mode_names, sa->mode) != NULL)
		buf_printf(out, " -m %s", name_word(mode_names, sa->mode));
	if (sa->reqid != 0)
		buf_printf(out, " -u %" PRIu32, sa->reqid);
	if (sa->flags & SA_F_ESN)
		buf_adds(out, " -esn");
	if (sa->window != 0)
		buf_printf(out, " -r %" PRIu32, sa->window);
	for (const struct name *f = flag_names; f->word != NULL; f++)
		if (sa->flags & (uint32_t)f->number)
			buf_printf(out, " -f %s", f->word);
	put_limits(out, sa);
}

static void put_ctx(struct buf *out, const struct secctx *ctx)
{
	if (ctx->doi == 0)
		return;
	buf_printf(out, " -ctx %u %u \"", ctx->doi, ctx->alg);
	buf_add(out, ctx->label.p, ctx->label.len);
	buf_addc(out, '"');
}

static const char *verb_word(const struct event *ev, enum verb object, enum verb dump)
{
	/* PF_KEY answers a get with a get: an SA without algorithms is the question. */
	bool answer = ev->verb == VERB_GET && (ev->sa.enc || ev->sa.auth || ev->sa.comp);
	bool shown = answer || ev->verb == dump || ev->verb == VERB_SPDGET;
	const char *word = name_word(verb_names, shown && !ev->request ? object : ev->verb);

	return word ? word : name_word(verb_names, object);
}

/* The port in the address, which Linux ignores, or the UDP port where it is not the one of RFC 3948. */
static void put_end(struct buf *out, const struct addr *a, const struct sa *sa, uint16_t natt_port)
{
	uint16_t port = a->port != 0 || sa->encap == ENCAP_NONE || natt_port == NATT_PORT ? a->port : natt_port;

	put_addr(out, a);
	if (port != 0)
		buf_printf(out, "[%u]", port);
}

static void put_proto(struct buf *out, const struct sa *sa)
{
	const char *proto = name_word(proto_names, sa->proto);

	if (proto != NULL)
		buf_printf(out, " %s%s%s", proto, sa->encap ? "-udp" : "", sa->flags & SA_F_OLD ? "-old" : "");
}

/* What a statement cannot say is said in a comment, and an object that has no statement is one. */
static void put_left_out(struct buf *out, uint32_t mark, uint32_t if_id, unsigned unknown)
{
	if (mark != 0)
		buf_printf(out, " # mark 0x%" PRIx32, mark);
	if (if_id != 0)
		buf_printf(out, " # if_id 0x%" PRIx32, if_id);
	if (unknown != 0)
		buf_printf(out, " # and %u more", unknown);
	buf_addc(out, '\n');
}

static void print_sa(const struct event *ev, const struct print_opts *o, struct buf *out)
{
	const struct sa *sa = &ev->sa;
	bool whole = ev->verb != VERB_DUMP || (sa->mode <= MODE_TUNNEL && (sa->enc || sa->auth || sa->comp));

	buf_printf(out, "%s%s ", whole ? "" : "# ", verb_word(ev, VERB_ADD, VERB_DUMP));
	put_end(out, &sa->src, sa, sa->natt_sport);
	buf_addc(out, ' ');
	put_end(out, &sa->dst, sa, sa->natt_dport);
	put_proto(out, sa);
	if (ev->verb != VERB_DELETEALL) {
		buf_printf(out, " 0x%" PRIx32, sa->spi);
		put_options(out, sa);
		put_ctx(out, &sa->ctx);
		put_algs(out, sa, o);
	}
	buf_addc(out, ';');
	put_left_out(out, ev->sa_state.mark, ev->sa_state.if_id, ev->sa_state.unknown);
}

/* True if the ports of the selector are a type and a code. */
static bool has_type(uint8_t upper)
{
	return upper == IPPROTO_ICMP || upper == IPPROTO_ICMPV6 || upper == IPPROTO_MH;
}

static void put_range(struct buf *out, const struct addr *a, uint8_t upper)
{
	put_addr(out, a);
	if (a->plen != addr_bits(a))
		buf_printf(out, "/%u", a->plen);
	if (a->port != 0 && !has_type(upper) && upper != IPPROTO_GRE)
		buf_printf(out, "[%u]", a->port);
}

static void put_upper(struct buf *out, const struct policy *p)
{
	if (p->upper == UPPER_ANY)
		buf_adds(out, " any");
	else
		buf_printf(out, " %u", p->upper);
	if (p->src.port == 0 && p->dst.port == 0)
		return;
	if (has_type(p->upper))
		buf_printf(out, " %u,%u", p->src.port, p->dst.port);
	else if (p->upper == IPPROTO_GRE)
		buf_printf(out, " %" PRIu32, (uint32_t)p->src.port << 16 | p->dst.port);
}

/* The ends of a request have a port both or neither. */
static void put_ends(struct buf *out, const struct tmpl *t)
{
	bool ports = t->src.port != 0 || t->dst.port != 0;

	put_addr(out, &t->src);
	if (ports)
		buf_printf(out, "[%u]", t->src.port);
	buf_addc(out, '-');
	put_addr(out, &t->dst);
	if (ports)
		buf_printf(out, "[%u]", t->dst.port);
}

static void put_request(struct buf *out, const struct tmpl *t)
{
	buf_printf(out, " %s/%s/", name_word(proto_names, t->proto) ? name_word(proto_names, t->proto) : "?",
	           name_word(mode_names, t->mode) ? name_word(mode_names, t->mode) : "?");
	if (t->src.family != 0)
		put_ends(out, t);
	buf_printf(out, "/%s", name_word(level_names, t->level) ? name_word(level_names, t->level) : "?");
	if (t->level == LEVEL_UNIQUE && t->reqid != 0)
		buf_printf(out, ":%" PRIu32, t->reqid);
}

static const char *dir_word(uint8_t dir)
{
	const char *word = name_word(dir_names, dir >= DIR_SOCKET_IN ? dir - DIR_SOCKET_IN + DIR_IN : dir);

	return word ? word : "?";
}

/* False if a request is of a protocol or in a mode that the language does not have. */
static bool has_words(const struct policy *p)
{
	for (unsigned i = 0; i < p->ntmpl; i++)
		if (name_word(proto_names, p->tmpl[i].proto) == NULL || p->tmpl[i].mode > MODE_TUNNEL)
			return false;
	return true;
}

static void print_policy(const struct event *ev, const struct print_opts *o, struct buf *out)
{
	const struct policy *p = &ev->policy;
	const char *action = name_word(action_names, p->action);
	int64_t prio = (int64_t)PRIORITY_DEFAULT - p->priority;

	(void)o;
	if (p->dir >= DIR_SOCKET_IN || !has_words(p))
		buf_adds(out, p->dir >= DIR_SOCKET_IN ? "# per-socket policy: " : "# ");
	buf_printf(out, "%s ", verb_word(ev, VERB_SPDADD, VERB_SPDDUMP));
	put_range(out, &p->src, p->upper);
	buf_addc(out, ' ');
	put_range(out, &p->dst, p->upper);
	put_upper(out, p);
	put_ctx(out, &p->ctx);
	buf_printf(out, " -P %s", dir_word(p->dir));
	if (action != NULL && prio != 0)
		buf_printf(out, " prio %" PRId64, prio);
	if (action != NULL)
		buf_printf(out, " %s", action);
	for (unsigned i = 0; i < p->ntmpl; i++)
		put_request(out, &p->tmpl[i]);
	buf_addc(out, ';');
	put_left_out(out, ev->policy_state.mark, ev->policy_state.if_id, ev->policy_state.unknown);
}

/* flush, dump and their like; whatever else a kernel may say is no statement. */
static void print_other(const struct event *ev, struct buf *out)
{
	const char *verb = name_word(verb_names, ev->verb), *proto = name_word(proto_names, ev->satype);

	if (ev->err != 0)
		buf_printf(out, "# %s: %s\n", verb ? verb : "message", strerror(ev->err));
	else if (verb != NULL)
		buf_printf(out, "%s%s%s;\n", verb, proto ? " " : "", proto ? proto : "");
}

const struct format conf_format = {
	.name = "conf", .help = "statements of setkey.conf(5)", .sa = print_sa, .policy = print_policy,
	.other = print_other,
};
