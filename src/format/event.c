/* SPDX-License-Identifier: ISC */
/* Prints an event of a monitor in words, and after them the object as in the classic dump. */
#include "format/format.h"

#include "base/append.h"
#include "model/names.h"

#include <inttypes.h>
#include <string.h>

static void add_addr(struct buf *out, const struct addr *a, bool port)
{
	print_addr(out, a, "?");
	if (a->family == 0)
		return;
	if (a->plen != addr_bits(a))
		buf_printf(out, "/%u", a->plen);
	if (port && a->port != 0)
		print_port(out, a->port);
}

static void add_ends(struct buf *out, const struct addr *src, const struct addr *dst)
{
	add_addr(out, src, true);
	buf_adds(out, " -> ");
	add_addr(out, dst, true);
}

static void say_sa(const struct event *ev, struct buf *out)
{
	print_word(out, proto_names, ev->sa.proto);
	buf_addc(out, ' ');
	add_ends(out, &ev->sa.src, &ev->sa.dst);
	buf_printf(out, " spi %u(0x%08x)", ev->sa.spi, ev->sa.spi);
}

static void say_policy(const struct event *ev, struct buf *out)
{
	const struct policy *p = &ev->policy;
	const char *upper = p->upper == UPPER_ANY ? "any" : upper_name(p->upper);

	add_ends(out, &p->src, &p->dst);
	if (upper != NULL)
		buf_printf(out, " %s ", upper);
	else
		buf_printf(out, " %u ", p->upper);
	print_word(out, dir_names, packet_dir(p));
}

/* A policy that is named only by its index has no selector. */
static void say_object(const struct event *ev, struct buf *out)
{
	if (ev->kind == EVENT_SA)
		say_sa(ev, out);
	else if (ev->kind == EVENT_POLICY && ev->policy.src.family != 0)
		say_policy(ev, out);
	else if (ev->kind == EVENT_POLICY)
		buf_printf(out, "policy %u", ev->policy.index);
}

static void say_flush(const struct event *ev, struct buf *out)
{
	if (ev->satype == PROTO_ANY)
		buf_adds(out, "every SA");
	else
		print_word(out, proto_names, ev->satype);
}

static void say_acquire(const struct event *ev, struct buf *out)
{
	print_word(out, proto_names, ev->sa.proto);
	buf_addc(out, ' ');
	add_ends(out, &ev->sa.src, &ev->sa.dst);
	if (ev->sa_state.sel_dst.family != 0) {
		buf_adds(out, " wanted for ");
		add_ends(out, &ev->sa_state.sel_src, &ev->sa_state.sel_dst);
	}
	if (ev->notice.upper != 0)
		buf_printf(out, " protocol %u", ev->notice.upper);
	buf_printf(out, ", policy %u", ev->policy.index);
}

static void say_expire(const struct event *ev, struct buf *out)
{
	say_object(ev, out);
	buf_adds(out, ev->notice.hard ? " hard" : " soft");
}

static void say_aevent(const struct event *ev, struct buf *out)
{
	say_sa(ev, out);
	buf_printf(out, " replay %" PRIu64 "/%" PRIu64 ", %" PRIu64 " bytes, %" PRIu64 " packets",
	           ev->attrs.replay_in, ev->attrs.replay_out, ev->sa_state.bytes, ev->sa_state.packets);
	if (ev->notice.causes & CAUSE_REPLAY)
		buf_adds(out, ", replay threshold");
	if (ev->notice.causes & CAUSE_TIMER)
		buf_adds(out, ", timer");
	if (ev->notice.causes & CAUSE_CHANGE)
		buf_adds(out, ", changed");
}

static void say_report(const struct event *ev, struct buf *out)
{
	print_word(out, proto_names, ev->sa.proto);
	buf_adds(out, " refused ");
	add_ends(out, &ev->policy.src, &ev->policy.dst);
}

static void say_mapping(const struct event *ev, struct buf *out)
{
	print_word(out, proto_names, ev->sa.proto);
	buf_printf(out, " spi %u(0x%08x) from ", ev->sa.spi, ev->sa.spi);
	add_addr(out, &ev->sa.src, true);
	buf_adds(out, " to ");
	add_addr(out, &ev->notice.moved[0].src, true);
}

static void say_migrate(const struct event *ev, struct buf *out)
{
	say_policy(ev, out);
	for (unsigned i = 0; i < ev->notice.nmoved; i++) {
		buf_adds(out, i > 0 ? ", " : ": ");
		add_ends(out, &ev->policy.tmpl[i].src, &ev->policy.tmpl[i].dst);
		buf_adds(out, " is now ");
		add_ends(out, &ev->notice.moved[i].src, &ev->notice.moved[i].dst);
	}
}

static void say_defaults(const struct event *ev, struct buf *out)
{
	buf_adds(out, "in ");
	print_word(out, action_names, ev->notice.in);
	buf_adds(out, " out ");
	print_word(out, action_names, ev->notice.out);
	buf_adds(out, " fwd ");
	print_word(out, action_names, ev->notice.fwd);
}

static void say_overrun(const struct event *ev, struct buf *out)
{
	(void)ev;
	buf_adds(out, "events were lost, they came faster than they were read");
}

static void say_resync(const struct event *ev, struct buf *out)
{
	buf_printf(out, "%zu SAs and %zu policies are there", ev->notice.sas, ev->notice.policies);
}

/* For a request that was refused. */
static void say_error(const struct event *ev, struct buf *out)
{
	buf_adds(out, strerror(ev->err));
}

static void say_nothing(const struct event *ev, struct buf *out)
{
	(void)ev;
	(void)out;
}

struct sentence {
	uint8_t verb;
	bool object;           /* the object is printed below */
	void (*say)(const struct event *ev, struct buf *out);
};

static const struct sentence sentences[] = {
	{ VERB_FLUSH, false, say_flush }, { VERB_SPDFLUSH, false, say_nothing }, { VERB_ACQUIRE, false, say_acquire },
	{ VERB_EXPIRE, true, say_expire }, { VERB_SPDEXPIRE, true, say_expire }, { VERB_AEVENT, false, say_aevent },
	{ VERB_REPORT, false, say_report }, { VERB_MIGRATE, false, say_migrate }, { VERB_MAPPING, false, say_mapping },
	{ VERB_SETDEFAULT, false, say_defaults }, { VERB_LISTEN, false, say_nothing },
	{ VERB_OVERRUN, false, say_overrun }, { VERB_RESYNC, false, say_resync },
};

static const struct sentence *find_sentence(const struct event *ev)
{
	static const struct sentence refused = { VERB_OTHER, false, say_error },
	                             other = { VERB_OTHER, true, say_object };

	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]) && ev->err == 0; i++)
		if (sentences[i].verb == ev->verb)
			return &sentences[i];
	return ev->err != 0 ? &refused : &other;
}

static void print_object(const struct event *ev, const struct print_opts *o, struct buf *out)
{
	if (ev->kind == EVENT_SA && ev->sa.src.family != 0)
		classic_format.sa(ev, o, out);
	else if (ev->kind == EVENT_POLICY && ev->policy.src.family != 0)
		classic_format.policy(ev, o, out);
}

static void print_event(const struct event *ev, const struct print_opts *o, struct buf *out)
{
	const struct sentence *sentence = find_sentence(ev);
	size_t at;

	if (o->stamp) {
		append_local_time(out, o->now, TIME_ISO);
		buf_printf(out, ".%06u ", o->usecs);
	}
	buf_adds(out, verbs[ev->verb].word);
	at = out->len;
	buf_adds(out, ": ");
	sentence->say(ev, out);
	if (out->len == at + 2)
		out->len = at;
	buf_addc(out, '\n');
	if (sentence->object)
		print_object(ev, o, out);
	buf_addc(out, '\n');
}

const struct format text_format = {
	.name = "text", .event = print_event,
};
