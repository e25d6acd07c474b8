/* SPDX-License-Identifier: ISC */
/*
 * The XFRM netlink wire: encodes statements and decodes messages by the rows of xfrm_message.c and
 * xfrm_attr.c. Opens no socket.
 */
#include "wire/xfrm.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum {
	WINDOW_MAX = XFRMA_REPLAY_ESN_MAX,
	LABEL_MAX = 4095,      /* with its NUL it fills one page, the most that a security module accepts */
	/* What every error message contains: the errno and the header of the failed request. */
	ERROR_SIZE = sizeof(struct nlmsgerr),
};

/* Refusals of what netlink cannot express. */

static int check_alg(struct encoding *e, enum part part, const struct alg *a, const char *instead)
{
	if (a == NULL || a->xfrm != NULL)
		return 0;
	return encoding_refuse(e, part, "no Linux kernel has %s, use %s", a->name, instead);
}

static int check_algs(const struct sa *sa, struct encoding *e)
{
	int err = check_alg(e, PART_ENC, sa->enc, "aes-gcm-16");

	if (err == 0)
		err = check_alg(e, PART_AUTH, sa->auth, "hmac-sha256-128");
	if (err == 0)
		err = check_alg(e, PART_COMP, sa->comp, "deflate");
	return err;
}

static int check_ctx(struct encoding *e, const struct secctx *c)
{
	if (c->doi == 0 || c->label.len <= LABEL_MAX)
		return 0;
	return encoding_refuse(e, PART_CTX, "the label of a security context has at most %d bytes",
	                       LABEL_MAX);
}

static int check_addrs(struct encoding *e, const struct addr *src, const struct addr *dst)
{
	if (addr_bits(src) == 0)
		return encoding_refuse(e, PART_SRC, "there is no source address");
	if (addr_bits(dst) == 0)
		return encoding_refuse(e, PART_DST, "there is no destination address");
	if (src->family != dst->family)
		return encoding_refuse(e, PART_DST, "the two addresses are of different families");
	return 0;
}

static int check_proto(const struct stmt *s, struct encoding *e)
{
	bool makes = verb_makes_sa(s->verb) || s->verb == VERB_GETSPI;
	bool mobile = s->sa.proto == IPPROTO_ROUTING || s->sa.proto == IPPROTO_DSTOPTS;

	if (s->verb == VERB_FLUSH && mobile)
		return 0;
	switch (s->sa.proto) {
	case PROTO_ESP:
	case PROTO_AH:
	case PROTO_IPCOMP:
		return 0;
	case PROTO_ANY:
		return makes ? encoding_refuse(e, PART_VERB, "an SA needs a protocol: esp, ah or ipcomp") : 0;
	case PROTO_TCP:
		return encoding_refuse(e, PART_PROTO, "on Linux a program sets its TCP-MD5 keys itself, "
		              "with the socket option TCP_MD5SIG or TCP_AO");
	default:
		return encoding_refuse(e, PART_PROTO, "protocol %u is not esp, ah or ipcomp", s->sa.proto);
	}
}

/*
 * The kernel has one family for all addresses of an SA. Its selector must have that family too, except in a
 * tunnel.
 */
static int check_families(const struct stmt *s, struct encoding *e)
{
	const struct attrs *x = stmt_attrs(s);
	uint8_t family = s->sa.dst.family;

	if (attrs_have(x, ATTR_COADDR) && x->coaddr.family != family)
		return encoding_refuse(e, PART_COADDR,
		                       "the care-of address is of another family than the SA");
	if (s->exact && s->sa.encap != ENCAP_NONE && x->natt_oa.family != 0 && x->natt_oa.family != family)
		return encoding_refuse(e, PART_NATT_OA,
		                       "the original address is of another family than the SA");
	if (attrs_have(x, ATTR_SELECTOR) && x->sel.src.family != x->sel.dst.family)
		return encoding_refuse(e, PART_SELECTOR,
		                       "the two ranges of the selector are of different families");
	if (attrs_have(x, ATTR_SELECTOR) && s->sa.mode <= MODE_TRANSPORT && x->sel.src.family != family)
		return encoding_refuse(e, PART_SELECTOR,
		                       "only in a tunnel the packets are of another family than the SA: -m "
		                       "tunnel");
	return 0;
}

/* Refuses attributes that do not fit this kind of SA. */
static int check_attrs(const struct stmt *s, struct encoding *e)
{
	const struct attrs *x = stmt_attrs(s);
	bool out = x->value[ATTR_DIR] == DIR_OUT;

	for (enum attr_id id = 0; id < ATTR_MAX; id++) {
		if (!attrs_have(x, id))
			continue;
		if (attr_table[id].flags & ATTR_OF_ENCAP && s->sa.encap == ENCAP_NONE)
			return encoding_refuse(e, PART_ATTR + id, "-%s requires UDP encapsulation: esp-udp",
			                       attr_table[id].option);
		if (attr_table[id].flags & ATTR_OUTBOUND && !out)
			return encoding_refuse(e, PART_ATTR + id, "-%s requires -dir out",
			                       attr_table[id].option);
		if (attr_table[id].flags & ATTR_INBOUND && out)
			return encoding_refuse(e, PART_ATTR + id, "-%s is for inbound SAs: not with -dir out",
			                       attr_table[id].option);
	}
	return 0;
}

/* Checks what only add, update and getspi contain. */
static int check_new_sa(const struct stmt *s, struct encoding *e)
{
	const struct sa *sa = &s->sa;

	if (sa->mode == MODE_OTHER)
		return encoding_refuse(e, PART_MODE, "the mode is not known, use transport or tunnel");
	if (encoding_check_new_sa(s, e) != 0)
		return -EOPNOTSUPP;
	if (verb_makes_sa(s->verb) && sa->proto == PROTO_IPCOMP && xfrm_needs_esn_attr(s))
		return encoding_refuse(e, sa->flags & SA_F_ESN ? PART_ESN : PART_WINDOW,
		                       "ipcomp has no sequence numbers: no -esn, and no replay window over "
		                       "32 packets");
	if (check_attrs(s, e) != 0)
		return -EOPNOTSUPP;
	if (verb_makes_sa(s->verb) && attrs_have(stmt_attrs(s), ATTR_TFCPAD) &&
	    (sa->proto != PROTO_ESP || sa->mode != MODE_TUNNEL))
		return encoding_refuse(e, PART_TFCPAD,
		                       "-tfcpad pads what an esp tunnel carries: it needs esp and -m tunnel");
	/*
	 * Netlink would accept ah with null authentication. PF_KEY never did, and it authenticates nothing.
	 */
	if (!s->exact && sa->proto == PROTO_AH && sa->auth != NULL && sa->auth->maxbits == 0)
		return encoding_refuse(e, PART_AUTH,
		                       "ah with %s authentication proves nothing, use hmac-sha256-128",
		                       sa->auth->name);
	if (sa->window > WINDOW_MAX)
		return encoding_refuse(e, PART_WINDOW, "the replay window is at most %d packets", WINDOW_MAX);
	if (!xfrm_needs_esn_attr(s) && (stmt_attrs(s)->replay_out | stmt_attrs(s)->replay_in) >> 32 != 0)
		return encoding_refuse(e, PART_REPLAY, "without -esn sequence numbers have 32 bits");
	if (check_families(s, e) != 0)
		return -EOPNOTSUPP;
	if (check_ctx(e, &stmt_attrs(s)->ctx) != 0)
		return -EOPNOTSUPP;
	return check_algs(sa, e);
}

static int check_sa(const struct stmt *s, struct encoding *e)
{
	int err = check_proto(s, e);

	if (err != 0 || s->verb == VERB_FLUSH || s->verb == VERB_DUMP)
		return err;
	err = check_addrs(e, &s->sa.src, &s->sa.dst);
	if (err == 0 && s->verb != VERB_GET && s->verb != VERB_DELETE && s->verb != VERB_DELETEALL)
		err = check_new_sa(s, e);
	return err;
}

/*
 * *family is the family of the packet after the requests before this one. Only a tunnel changes it; the end
 * points of any other request have the same family.
 */
static int check_tmpl(const struct tmpl *t, unsigned i, bool exact, uint8_t *family, struct encoding *e)
{
	enum part part = PART_TMPL + i;

	switch (t->mode) {
	case MODE_ANY:
	case MODE_OTHER:
		return encoding_refuse(e, part, "a request is of mode transport or tunnel");
	case MODE_TUNNEL:
	case MODE_BEET:
		if (addr_bits(&t->src) == 0 || t->src.family != t->dst.family)
			return encoding_refuse(e, part,
			                       "a tunnel needs its two end points, of one family: "
			                       "esp/tunnel/A-B/require");
		*family = t->src.family;
		break;
	default:
		if (exact && t->src.family != 0 && t->src.family != *family)
			return encoding_refuse(
			        e, part, "only a tunnel has end points of another family than the packets");
	}
	return 0;
}

static int check_action(const struct stmt *s, struct encoding *e)
{
	const struct policy *p = &s->policy;
	uint8_t family = p->src.family;
	int err = 0;

	if (p->action == ACTION_ENTRUST || p->action == ACTION_BYPASS)
		return encoding_refuse(e, PART_ACTION,
		                       "Linux has %s only for the policy of a socket, use none",
		                       p->action == ACTION_BYPASS ? "bypass" : "entrust");
	for (unsigned i = 0; i < p->ntmpl && err == 0 && stmt_keeps_requests(s); i++)
		err = check_tmpl(&p->tmpl[i], i, s->exact, &family, e);
	return err;
}

static int check_policy(const struct stmt *s, struct encoding *e)
{
	const struct policy *p = &s->policy;
	int err;

	if (s->verb == VERB_SPDDUMP || s->verb == VERB_SPDFLUSH)
		return 0;
	err = check_addrs(e, &p->src, &p->dst);
	if (err == 0)
		err = check_ctx(e, &stmt_attrs(s)->ctx);
	if (err != 0)
		return err;
	if (p->dir < DIR_IN || p->dir > DIR_FWD)
		return encoding_refuse(e, PART_DIR, "the direction is in, out or fwd");
	return s->verb == VERB_SPDDELETE ? 0 : check_action(s, e);
}

/* Encoding. */

static void put_head(struct xfrm_writer *m, const struct message *msg)
{
	union xfrm_body h;

	memset(&h, 0, sizeof(h));
	if (msg->put != NULL)
		msg->put(m->s, &h);
	buf_add(m->e->out, &h, msg->size);
}

static int xfrm_check(const struct stmt *s, struct encoding *e)
{
	if (xfrm_message_for(s->verb) == NULL)
		return encoding_refuse(e, PART_VERB, "this is no message to a kernel");
	return verb_is_policy(s->verb) ? check_policy(s, e) : check_sa(s, e);
}

static int xfrm_encode(const struct stmt *s, struct encoding *e)
{
	const struct message *msg = xfrm_message_for(s->verb);
	struct xfrm_writer m = { s, e, e->out->len, 0 };
	struct nlmsghdr h = { .nlmsg_seq = e->seq, .nlmsg_pid = e->pid };
	int err = xfrm_check(s, e);

	if (err != 0)
		return err;
	h.nlmsg_type = msg->type;
	h.nlmsg_flags = NLM_F_REQUEST | msg->flags;
	buf_add(e->out, &h, sizeof(h));
	put_head(&m, msg);
	xfrm_put_attrs(&m, msg->on);
	h.nlmsg_len = (uint32_t)(e->out->len - m.start);
	memcpy(e->out->bytes + m.start, &h, sizeof(h));
	/*
	 * The next message of a batch begins at a multiple of 4, also after a flush, whose body has one byte.
	 */
	buf_add(e->out, NULL, NLMSG_ALIGN(h.nlmsg_len) - h.nlmsg_len);
	return 0;
}

/* From the byte offset in a kernel's error to the part of the statement. */

/* NLM_F_DUMP has the bits of NLM_F_REPLACE and NLM_F_EXCL, so it means a dump only with a GET message. */
static bool is_dump(const struct nlmsghdr *h)
{
	return (h->nlmsg_type == XFRM_MSG_GETSA || h->nlmsg_type == XFRM_MSG_GETPOLICY) &&
	       (h->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
}

/*
 * Some fields encode either of two parts: the ports of a selector also hold the ICMP type and code of the
 * upper spec ("icmp6 135,0"). Returns the one that the statement contains.
 */
static enum part stated_part(const struct stmt *s, enum part part)
{
	static const struct { uint8_t part, other; } shared[] = {
		{ PART_SRC_PORT, PART_UPPER_SPEC }, { PART_DST_PORT, PART_UPPER_SPEC }, { PART_WINDOW, PART_ESN },
	};

	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
		if (part == shared[i].part && stmt_has_part(s, shared[i].other) &&
		    (part == PART_WINDOW || !stmt_has_part(s, part)))
			return shared[i].other;
	return part;
}

static enum part xfrm_part(const struct stmt *s, const uint8_t *bytes, size_t len, size_t off)
{
	enum part part = PART_VERB;
	const struct message *msg;
	struct nlmsghdr h;
	size_t begin;

	if (len < sizeof(h) || off < sizeof(h))
		return part;
	memcpy(&h, bytes, sizeof(h));
	msg = xfrm_message_of(h.nlmsg_type, is_dump(&h));
	if (msg == NULL)
		return PART_MAX;
	begin = sizeof(h) + NLMSG_ALIGN(msg->size);
	if (off >= begin)
		return begin > len ? PART_MAX :
		                     stated_part(s, xfrm_attr_part(bytes + begin, len - begin, off - begin));
	for (const struct field *f = msg->field; f->name != NULL && sizeof(h) + f->off <= off; f++)
		part = f->part;
	return stated_part(s, part);
}

/* Decoding. */

/* Reads the header. False unless the whole message that it announces is in the len bytes. */
static bool get_header(struct nlmsghdr *h, const uint8_t *bytes, size_t len)
{
	if (len < sizeof(*h))
		return false;
	memcpy(h, bytes, sizeof(*h));
	return h->nlmsg_len >= sizeof(*h) && h->nlmsg_len <= len;
}

static bool limit_reached(uint64_t used, uint64_t limit)
{
	return limit != 0 && used >= limit;
}

/*
 * Netlink does not report the state of an SA. An SA without any algorithm is still waiting for its keys
 * (larval). Limits in seconds are ignored, because a message does not contain the current time.
 */
static uint8_t get_life(const struct event *ev)
{
	const struct sa *sa = &ev->sa;
	const struct sa_state *state = &ev->sa_state;

	if (proto_is_ipsec(sa->proto) && !sa->enc && !sa->auth && !sa->comp && !state->encname.p &&
	    !state->authname.p)
		return SA_LARVAL;
	if (limit_reached(state->bytes, ev->attrs.hard.bytes) ||
	    limit_reached(state->packets, ev->attrs.hard.packets))
		return SA_DEAD;
	if (limit_reached(state->bytes, ev->attrs.soft.bytes) ||
	    limit_reached(state->packets, ev->attrs.soft.packets))
		return SA_DYING;
	return SA_MATURE;
}

/*
 * An acquire reports the family of the packet. For a tunnel, the SA wanted has the family of the end points,
 * which is in the request of the policy.
 */
static void finish_acquire(struct event *ev)
{
	const struct policy *p = &ev->policy;

	for (unsigned i = 0; i < p->ntmpl; i++) {
		const struct tmpl *t = &p->tmpl[i];

		if (t->mode != MODE_TUNNEL || t->proto != ev->sa.proto || t->src.family == 0)
			continue;
		ev->sa.mode = MODE_TUNNEL;
		ev->sa.src.family = ev->sa.dst.family = t->src.family;
		ev->sa.src.plen = ev->sa.dst.plen = (uint8_t)addr_bits(&t->src);
	}
}

static void finish_event(struct event *ev)
{
	if (ev->kind == EVENT_SA && !ev->request) {
		if (ev->verb == VERB_ACQUIRE)
			finish_acquire(ev);
		else if (ev->verb == VERB_DELETE)
			ev->sa_state.life = SA_DEAD;
		else if (ev->verb != VERB_EXPIRE)
			ev->sa_state.life = get_life(ev);
	}
}

static void get_message(struct event *ev, const struct nlmsghdr *h, const uint8_t *p, size_t n)
{
	const struct message *msg = xfrm_message_of(h->nlmsg_type, is_dump(h));
	union xfrm_body head;
	size_t skip;

	if (msg == NULL)
		return;
	ev->verb = msg->verb;
	if (n < msg->size) {
		unshown_add(xfrm_unshown(ev), "a message cut short");
		return;
	}
	ev->kind = msg->kind;
	memcpy(&head, p, msg->size);
	if (msg->get != NULL)
		msg->get(ev, &head);
	skip = NLMSG_ALIGN(msg->size) < n ? NLMSG_ALIGN(msg->size) : n;
	xfrm_get_attrs(ev, p + skip, n - skip);
	finish_event(ev);
	explicit_bzero(&head, sizeof(head));
}

/*
 * Returns the offset of the attributes of an extended ack: after the copy of the request, if the message has
 * one.
 */
static size_t error_attrs(const struct nlmsghdr *h, const struct nlmsgerr *e, size_t n)
{
	size_t at = ERROR_SIZE;

	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return n;
	if (!(h->nlmsg_flags & NLM_F_CAPPED) && e->msg.nlmsg_len > sizeof(e->msg))
		at += NLMSG_ALIGN((size_t)e->msg.nlmsg_len) - sizeof(e->msg);
	return at < n ? at : n;
}

static void get_error_attrs(struct event *ev, const uint8_t *p, size_t n)
{
	struct attribute a;

	while (xfrm_next_attr(&p, &n, &a)) {
		const char *words = (const char *)a.p;

		if (a.type == NLMSGERR_ATTR_MSG)
			ev->why = (struct text){ words, (uint32_t)strnlen(words, a.n) };
		else if (a.type == NLMSGERR_ATTR_OFFS && a.n >= sizeof(ev->err_off))
			memcpy(&ev->err_off, a.p, sizeof(ev->err_off));
	}
}

static int get_errno(int error)
{
	return error >= 0 || error == INT32_MIN ? error & INT32_MAX : -error;
}

static void get_error(struct event *ev, const struct nlmsghdr *h, const uint8_t *p, size_t n)
{
	const struct message *msg;
	struct nlmsgerr e;
	size_t at;

	ev->kind = EVENT_ERROR;
	if (n < sizeof(e)) {
		unshown_add(xfrm_unshown(ev), "an error cut short");
		return;
	}
	memcpy(&e, p, sizeof(e));
	ev->err = get_errno(e.error);
	ev->seq = e.msg.nlmsg_seq;
	msg = xfrm_message_of(e.msg.nlmsg_type, is_dump(&e.msg));
	ev->verb = msg != NULL ? msg->verb : VERB_OTHER;
	at = error_attrs(h, &e, n);
	get_error_attrs(ev, p + at, n - at);
}

/* The message that ends a dump contains an errno if the dump failed. */
static void get_done(struct event *ev, const struct nlmsghdr *h, const uint8_t *p, size_t n)
{
	int error;

	ev->kind = EVENT_DONE;
	if (n < sizeof(error))
		return;
	memcpy(&error, p, sizeof(error));
	ev->err = get_errno(error);
	if (h->nlmsg_flags & NLM_F_ACK_TLVS)
		get_error_attrs(ev, p + sizeof(error), n - sizeof(error));
}

static ssize_t xfrm_decode(const uint8_t *bytes, size_t len, struct event *ev)
{
	struct nlmsghdr h;
	size_t n;

	event_clear(ev);
	if (!get_header(&h, bytes, len))
		return -EBADMSG;
	ev->kind = EVENT_OTHER;
	ev->verb = VERB_OTHER;
	ev->request = h.nlmsg_flags & NLM_F_REQUEST;
	ev->seq = h.nlmsg_seq;
	ev->pid = h.nlmsg_pid;
	n = h.nlmsg_len - sizeof(h);
	if (h.nlmsg_type == NLMSG_ERROR)
		get_error(ev, &h, bytes + sizeof(h), n);
	else if (h.nlmsg_type == NLMSG_DONE)
		get_done(ev, &h, bytes + sizeof(h), n);
	else
		get_message(ev, &h, bytes + sizeof(h), n);
	n = NLMSG_ALIGN((size_t)h.nlmsg_len);
	return (ssize_t)(n < len ? n : len);
}

/* Annotation. */

static const char *const type_names[] = {
	"NEWSA", "DELSA", "GETSA", "NEWPOLICY", "DELPOLICY", "GETPOLICY", "ALLOCSPI", "ACQUIRE", "EXPIRE",
	"UPDPOLICY", "UPDSA", "POLEXPIRE", "FLUSHSA", "FLUSHPOLICY", "NEWAE", "GETAE", "REPORT", "MIGRATE",
	"NEWSADINFO", "GETSADINFO", "NEWSPDINFO", "GETSPDINFO", "MAPPING", "SETDEFAULT", "GETDEFAULT",
};

enum { TYPES = sizeof(type_names) / sizeof(type_names[0]) };

static const char *type_name(unsigned type)
{
	if (type == NLMSG_ERROR)
		return "ERROR";
	if (type == NLMSG_DONE)
		return "DONE";
	return type >= XFRM_MSG_BASE && type < XFRM_MSG_BASE + TYPES ? type_names[type - XFRM_MSG_BASE] :
	                                                               NULL;
}

void xfrm_line(struct buf *out, size_t off, const char *name)
{
	buf_printf(out, "%5zu  %-20s", off, name);
}

void xfrm_show_addr(struct buf *out, const void *addr, unsigned family)
{
	char text[INET6_ADDRSTRLEN];
	uint8_t bytes[16];

	memcpy(bytes, addr, sizeof(bytes));
	buf_adds(out, inet_ntop(family == AF_INET ? AF_INET : AF_INET6, bytes, text, sizeof(text)));
}

static void show_header(const struct nlmsghdr *h, size_t off, const char *name, struct buf *out)
{
	const char *type = type_name(h->nlmsg_type);

	xfrm_line(out, off, name);
	buf_printf(out, " len %u type %u", h->nlmsg_len, h->nlmsg_type);
	if (type != NULL)
		buf_printf(out, " (%s)", type);
	buf_printf(out, " flags 0x%x seq %u pid %u\n", h->nlmsg_flags, h->nlmsg_seq, h->nlmsg_pid);
}

/* Reads a number of 1, 2, 4 or 8 bytes in host byte order. */
static uint64_t read_number(const uint8_t *p, size_t size)
{
	union { uint8_t b; uint16_t h; uint32_t w; uint64_t d; } u = { .d = 0 };

	memcpy(&u, p, size);
	return size == 1 ? u.b : size == 2 ? u.h : size == 4 ? u.w : u.d;
}

static void show_field(const struct field *f, const uint8_t *p, unsigned family, struct buf *out)
{
	uint64_t v = f->form == FORM_ADDR ? 0 : read_number(p, f->size);

	buf_printf(out, " %s ", f->name);
	if (f->form == FORM_ADDR)
		xfrm_show_addr(out, p, family);
	else if (f->form == FORM_NET && f->size == 4)
		buf_printf(out, "0x%08x", ntohl((uint32_t)v));
	else if (f->form == FORM_NET)
		buf_printf(out, "%u", ntohs((uint16_t)v));
	else if (f->form == FORM_NET_MASK)
		buf_printf(out, "0x%x", ntohs((uint16_t)v));
	else if (f->form == FORM_HEX)
		buf_printf(out, "0x%" PRIx64, v);
	else if (f->form == FORM_LIMIT && v == XFRM_INF)
		buf_adds(out, "none");
	else
		buf_printf(out, "%" PRIu64, v);
}

static void show_head(const struct message *msg, const uint8_t *p, struct buf *out)
{
	unsigned family = msg->family != 0 ? (unsigned)read_number(p + msg->family, 2) : 0;

	for (const struct field *f = msg->field; f->name != NULL; f++) {
		if (f->group != NULL)
			xfrm_line(out, sizeof(struct nlmsghdr) + f->off, f->group);
		show_field(f, p + f->off, family, out);
		if (f[1].name == NULL || f[1].group != NULL)
			buf_addc(out, '\n');
	}
}

static void show_message(const struct nlmsghdr *h, const uint8_t *p, size_t n, struct buf *out)
{
	const struct message *msg = xfrm_message_of(h->nlmsg_type, is_dump(h));
	size_t skip;

	if (msg == NULL || n < msg->size) {
		xfrm_line(out, sizeof(*h), "payload");
		buf_printf(out, " (%zu bytes)\n", n);
		return;
	}
	show_head(msg, p, out);
	skip = NLMSG_ALIGN(msg->size) < n ? NLMSG_ALIGN(msg->size) : n;
	xfrm_show_attrs(p + skip, n - skip, sizeof(*h) + skip, out);
}

static void show_why(const struct event *ev, struct buf *out)
{
	if (ev->why.len > 0) {
		buf_adds(out, "       why                  ");
		for (uint32_t i = 0; i < ev->why.len; i++)
			buf_addc(out, (char)(ev->why.p[i] < ' ' || ev->why.p[i] > '~' ? '?' : ev->why.p[i]));
		buf_addc(out, '\n');
	}
	if (ev->err_off != 0)
		buf_printf(out, "       offset               %u\n", ev->err_off);
}

/* The copy of the request is not printed, because it may contain keys. */
static void show_error(const struct nlmsghdr *h, const uint8_t *bytes, struct buf *out)
{
	struct nlmsghdr echo;
	struct event ev;

	xfrm_decode(bytes, h->nlmsg_len, &ev);
	xfrm_line(out, sizeof(*h), "errno");
	buf_printf(out, " %d\n", ev.err);
	if (h->nlmsg_type == NLMSG_ERROR && h->nlmsg_len >= sizeof(*h) + ERROR_SIZE) {
		memcpy(&echo, bytes + sizeof(*h) + sizeof(int), sizeof(echo));
		show_header(&echo, sizeof(*h) + sizeof(int), "request", out);
	}
	show_why(&ev, out);
}

static void xfrm_annotate(const uint8_t *bytes, size_t len, struct buf *out)
{
	struct nlmsghdr h;

	if (!get_header(&h, bytes, len)) {
		buf_printf(out, "%5d  %-20s (%zu bytes)\n", 0, "no message", len);
		return;
	}
	show_header(&h, 0, "nlmsghdr", out);
	if (h.nlmsg_type == NLMSG_ERROR || h.nlmsg_type == NLMSG_DONE)
		show_error(&h, bytes, out);
	else
		show_message(&h, bytes + sizeof(h), h.nlmsg_len - sizeof(h), out);
}

/* The structure that a message begins with never contains a key; its attributes may. */
static void xfrm_redact_keys(uint8_t *bytes, size_t len)
{
	const struct message *msg;
	struct nlmsghdr h;
	size_t skip = sizeof(h);

	if (!get_header(&h, bytes, len))
		return;
	msg = xfrm_message_of(h.nlmsg_type, is_dump(&h));
	if (msg != NULL)
		skip += NLMSG_ALIGN(msg->size);
	if (skip >= h.nlmsg_len)
		return;
	if (msg != NULL)
		xfrm_blank_attrs(bytes + skip, h.nlmsg_len - skip);
	else
		explicit_bzero(bytes + skip, h.nlmsg_len - skip);
}

/*
 * A PF_KEY message begins with its version, 2. Read as nlmsg_len that gives 4n + 2, a length that no XFRM
 * message has.
 */
static bool xfrm_is_message(const uint8_t *bytes, size_t len)
{
	struct nlmsghdr h;

	if (!get_header(&h, bytes, len) || h.nlmsg_len % 4 == 2)
		return false;
	if (h.nlmsg_type == NLMSG_ERROR)
		return h.nlmsg_len >= sizeof(h) + ERROR_SIZE;
	return type_name(h.nlmsg_type) != NULL;
}

const struct wire xfrm_wire = {
	.name = "xfrm",
	.check = xfrm_check,
	.encode = xfrm_encode,
	.part_at_offset = xfrm_part,
	.decode = xfrm_decode,
	.remake = xfrm_remake,
	.annotate = xfrm_annotate,
	.is_message = xfrm_is_message,
	.redact_keys = xfrm_redact_keys,
};
