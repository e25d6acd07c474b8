/* SPDX-License-Identifier: ISC */
/*
 * Objects as JSON, one a line, through jansson. The schema is in setkey(8), JSON; its version is in every
 * line.
 */
#include "format/format.h"

#include "base/fingerprint.h"
#include "base/hex.h"
#include "model/names.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <jansson.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SCHEMA = 2 };

/* What jansson frees may have held a key. */
static void wiping_free(void *p)
{
	if (p != NULL)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

static void set(json_t *o, const char *name, json_t *value)
{
	if (value == NULL || json_object_set_new(o, name, value) != 0)
		memory_exhausted();
}

/* Above INT64_MAX it is negative until the line is written, see unsign: jansson has no unsigned numbers. */
static void set_number(json_t *o, const char *name, uint64_t n)
{
	set(o, name, json_integer((json_int_t)n));
}

static void append(json_t *list, json_t *value)
{
	if (value == NULL || json_array_append_new(list, value) != 0)
		memory_exhausted();
}

/* A word of the language where there is one, else the number. */
static void set_word(json_t *o, const char *name, const struct name *table, int number)
{
	const char *word = name_word(table, number);

	set(o, name, word ? json_string(word) : json_integer(number));
}

/* The words of the bits that are set. */
static void set_words(json_t *o, const char *name, const struct name *table, uint32_t bits)
{
	json_t *list = json_array();

	for (; table->word != NULL; table++)
		if (bits & (uint32_t)table->number)
			append(list, json_string(table->word));
	set(o, name, list);
}

static void set_addr(json_t *o, const char *name, const struct addr *a)
{
	char s[INET6_ADDRSTRLEN];

	if (a->family != 0 && inet_ntop(a->family, a->bytes, s, sizeof(s)) != NULL)
		set(o, name, json_string(s));
}

/* What is called src or dst has one shape, whatever it is an end of. */
static void set_end(json_t *o, const char *name, const struct addr *a, uint16_t mask)
{
	json_t *t;

	if (a->family == 0)
		return;
	t = json_object();
	set_addr(t, "address", a);
	set_number(t, "prefix_length", a->plen);
	set_number(t, "port", a->port);
	set_number(t, "port_mask", mask);
	set(o, name, t);
}

/* Not every label is UTF-8, and JSON takes nothing else: what is not is written in digits. */
static void set_text(json_t *o, const char *name, const struct text *t)
{
	json_t *s = json_stringn(t->p, t->len);
	struct buf shown = { 0 };

	if (s == NULL) {
		print_text(&shown, t);
		s = json_stringn(buf_str(&shown), shown.len);
		buf_free(&shown);
	}
	set(o, name, s);
}

static void set_lifetime(json_t *o, const char *name, const struct lifetime *l)
{
	json_t *t = json_object();

	set_number(t, "bytes", l->bytes);
	set_number(t, "packets", l->packets);
	set_number(t, "add_seconds", l->add_secs);
	set_number(t, "use_seconds", l->use_secs);
	set(o, name, t);
}

static void set_alg(json_t *o, const char *name, const struct alg *a, const uint8_t *key, unsigned bits,
                    unsigned icvbits, const struct print_opts *opts)
{
	struct buf hex = { 0 };
	char text[FINGERPRINT_LEN];
	json_t *t = json_object();

	set(t, "name", json_string(a->name));
	set_number(t, "key_bits", bits);
	if (icvbits != 0)
		set_number(t, "icv_bits", icvbits);
	if (opts->keys && bits != 0) {
		hex_encode(&hex, key, (bits + 7) / 8);
		set(t, "key", json_string(buf_str(&hex)));
	}
	if (opts->fingerprints && bits != 0)
		set(t, "fingerprint", json_string(fingerprint(key, (bits + 7) / 8, text)));
	buf_free(&hex);
	set(o, name, t);
}

static void set_algs(json_t *o, const struct sa *sa, const struct print_opts *opts)
{
	static const struct print_opts no_keys = { .keys = false };

	if (sa->enc != NULL)
		set_alg(o, sa->enc->kind == ALG_AEAD ? "aead" : "enc", sa->enc, sa_enckey(sa), sa->encbits,
		        sa->enc->icvbits, opts);
	if (sa->auth != NULL)
		set_alg(o, "auth", sa->auth, sa_authkey(sa), sa->authbits, sa_icvbits(sa), opts);
	if (sa->comp != NULL)
		set_alg(o, "comp", sa->comp, NULL, 0, 0, &no_keys);
}

/* In the order of their bits; the last ones are what other words of a statement than -f say. */
static void set_flags(json_t *o, uint32_t flags)
{
	static const struct name others[] = {
		{ "old", SA_F_OLD }, { "derived-iv", SA_F_DERIV }, { "4-byte-iv", SA_F_IV4B }, { "raw-cpi", SA_F_RAWCPI },
		{ "esn", SA_F_ESN }, { NULL, 0 }
	};
	json_t *list = json_array();

	for (uint32_t flag = 1; flag <= SA_F_OSEQ_WRAP; flag <<= 1) {
		const char *word = name_word(flag_names, (int)flag), *other = name_word(others, (int)flag);

		if (flags & flag & ~(uint32_t)SA_F_SEQ_PAD)
			append(list, json_string(word != NULL ? word : other));
	}
	set(o, "flags", list);
}

static void set_encap(json_t *o, const struct event *ev)
{
	const struct sa *sa = &ev->sa;
	json_t *t = json_object();

	set_word(t, "type", encap_names, sa->encap);
	set_number(t, "sport", sa->natt_sport);
	set_number(t, "dport", sa->natt_dport);
	set_addr(t, "original_address", &ev->attrs.natt_oa);
	set(o, "encap", t);
}

static void set_ctx(json_t *o, const struct secctx *ctx)
{
	json_t *t = json_object();

	set_number(t, "doi", ctx->doi);
	set_number(t, "alg", ctx->alg);
	set_text(t, "label", &ctx->label);
	set(o, "context", t);
}

static void set_device(json_t *o, uint32_t device)
{
	if (device == 0)
		return;
	set(o, "device", json_string(device_name(device, (char[DEVICE_NAME]){ 0 })));
	set_number(o, "device_index", device);
}

/* Marks are numbers of 32 bits and a mask. */
static void set_mark(json_t *o, const char *name, uint32_t mark, uint32_t mask)
{
	json_t *t = json_object();

	set_number(t, "value", mark);
	set_number(t, "mask", mask);
	set(o, name, t);
}

static void set_selector(json_t *o, const struct selector *sel, uint32_t device)
{
	json_t *t = json_object();

	set_end(t, "src", &sel->src, sel->sport_mask);
	set_end(t, "dst", &sel->dst, sel->dport_mask);
	set_number(t, "upper", sel->upper);
	set_device(t, device);
	set(o, "selector", t);
}

static void set_offload(json_t *o, const struct attrs *x)
{
	json_t *what = json_object();

	set(what, "kind", json_string(x->offload & OFFLOAD_PACKET ? "packet" : "crypto"));
	set(what, "device", json_string(device_name(x->device, (char[DEVICE_NAME]){ 0 })));
	set_number(what, "index", x->device);
	set_word(what, "dir", dir_names, x->offload & OFFLOAD_IN ? DIR_IN : DIR_OUT);
	set(o, "offload", what);
}

static void set_special(json_t *o, const struct event *ev, enum attr_id id)
{
	const struct attrs *x = &ev->attrs;

	switch (id) {
	case ATTR_SELECTOR:
		set_selector(o, &x->sel, ev->sa_state.device);
		break;
	case ATTR_COADDR:
		set_addr(o, attr_table[id].json, &x->coaddr);
		break;
	case ATTR_OFFLOAD:
		set_offload(o, x);
		break;
	default:
		set_number(o, "sequence_out", x->replay_out);
		set_number(o, "sequence_in", x->replay_in);
	}
}

static void set_number_attr(json_t *o, const struct attrs *x, enum attr_id id)
{
	const char *name = attr_table[id].json;

	if (attr_table[id].form == ATTR_MASKED)
		set_mark(o, name, x->value[id], x->mask[id]);
	else if (attr_table[id].form == ATTR_IN_OUT)
		set_word(o, name, dir_names, (int)x->value[id]);
	else
		set_number(o, name, x->value[id]);
}

/* Members for what is there; the schema gives each a default. */
static void set_attrs(json_t *o, const struct event *ev)
{
	const struct attrs *x = &ev->attrs;

	for (enum attr_id id = 0; id < ATTR_MAX; id++)
		if (attrs_have(x, id) && attr_table[id].form != ATTR_SPECIAL)
			set_number_attr(o, x, id);
		else if (attrs_have(x, id))
			set_special(o, ev, id);
}

static json_t *begin(const char *type)
{
	json_t *o;

	json_set_alloc_funcs(memory_checked, wiping_free);
	o = json_object();
	set_number(o, "version", SCHEMA);
	set(o, "type", json_string(type));
	return o;
}

static json_t *begin_message(const struct event *ev, const char *type)
{
	json_t *o = begin(type);
	const char *verb = verb_statement(ev->verb);

	if (verb != NULL)
		set(o, "message", json_string(verb));
	return o;
}

/* Appends the line, its negative numbers as what they were: none of ours is below zero. */
static void unsign(const char *line, struct buf *out)
{
	bool quoted = false;
	char *end;

	while (*line != '\0') {
		if (*line == '"')
			quoted = !quoted;
		if (*line == '-' && !quoted) {
			buf_printf(out, "%" PRIu64, (uint64_t)strtoll(line, &end, 10));
			line = end;
			continue;
		}
		if (*line == '\\')
			buf_addc(out, *line++);
		buf_addc(out, *line++);
	}
}

static void finish(json_t *o, struct buf *out)
{
	char *line = json_dumps(o, JSON_COMPACT | JSON_ENSURE_ASCII);

	if (line == NULL)
		memory_exhausted();
	unsign(line, out);
	buf_addc(out, '\n');
	wiping_free(line);
	json_decref(o);
}

static void set_unsaid(json_t *o, const struct unshown *unsaid)
{
	set_number(o, "not_shown", unsaid->n);
	if (unsaid->n != 0)
		set(o, "not_shown_words", json_string(unsaid->words));
}

static void set_state(json_t *o, const struct sa_state *st)
{
	json_t *t = json_object();

	set_word(t, "life", state_names, st->life);
	set_number(t, "bytes", st->bytes);
	set_number(t, "packets", st->packets);
	set_number(t, "add_time", st->add_time);
	set_number(t, "use_time", st->use_time);
	if (st->counts) {
		set_number(t, "replay_window", st->late);
		set_number(t, "replay", st->replayed);
		set_number(t, "integrity_failed", st->forged);
	}
	set_unsaid(t, &st->unshown);
	set(o, "state", t);
}

static void set_sa(json_t *o, const struct event *ev, const struct print_opts *opts)
{
	const struct sa *sa = &ev->sa;

	set_end(o, "src", &sa->src, 0);
	set_end(o, "dst", &sa->dst, 0);
	set_word(o, "proto", proto_names, sa->proto);
	set_number(o, "spi", sa->spi);
	set_word(o, "mode", mode_names, sa->mode);
	set_number(o, "reqid", sa->reqid);
	set_number(o, "window", sa->window);
	set_flags(o, sa->flags);
	set_algs(o, sa, opts);
	if (sa->encap != ENCAP_NONE)
		set_encap(o, ev);
	if (ev->attrs.ctx.doi != 0)
		set_ctx(o, &ev->attrs.ctx);
	set_lifetime(o, "hard", &ev->attrs.hard);
	set_lifetime(o, "soft", &ev->attrs.soft);
	set_attrs(o, ev);
	if (ev->sa_state.add_time != 0)
		set_state(o, &ev->sa_state);
	else
		set_unsaid(o, &ev->sa_state.unshown);
}

static void print_sa(const struct event *ev, const struct print_opts *opts, struct buf *out)
{
	json_t *o = begin_message(ev, "sa");

	set_sa(o, ev, opts);
	finish(o, out);
}

static json_t *requests(const struct tmpl *tmpl, unsigned n)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < n; i++) {
		const struct tmpl *t = &tmpl[i];
		json_t *r = json_object();

		set_word(r, "proto", proto_names, t->proto);
		set_word(r, "mode", mode_names, t->mode);
		set_end(r, "src", &t->src, 0);
		set_end(r, "dst", &t->dst, 0);
		set_word(r, "level", level_names, t->level);
		set_number(r, "reqid", t->reqid);
		if (t->spi != 0)
			set_number(r, "spi", t->spi);
		append(list, r);
	}
	return list;
}

static void set_policy(json_t *o, const struct event *ev)
{
	const struct policy *p = &ev->policy;
	const struct policy_state *st = &ev->policy_state;

	set_end(o, "src", &p->src, p->sport_mask);
	set_end(o, "dst", &p->dst, p->dport_mask);
	set_number(o, "upper", p->upper);
	set_device(o, st->device);
	set_word(o, "dir", dir_names, (int)packet_dir(p));
	set(o, "socket", json_boolean(p->dir >= DIR_SOCKET_IN));
	set_word(o, "action", action_names, p->action);
	set_number(o, "priority", p->priority);
	set_number(o, "index", p->index);
	set(o, "requests", requests(p->tmpl, p->ntmpl));
	if (ev->attrs.ctx.doi != 0)
		set_ctx(o, &ev->attrs.ctx);
	set_lifetime(o, "hard", &ev->attrs.hard);
	set_lifetime(o, "soft", &ev->attrs.soft);
	set_number(o, "add_time", st->add_time);
	set_number(o, "use_time", st->use_time);
	set_attrs(o, ev);
	set_words(o, "flags", policy_flag_names, p->flags);
	set(o, "partial", json_boolean(st->unshown.n != 0));
	set_unsaid(o, &st->unshown);
}

static void print_policy(const struct event *ev, const struct print_opts *opts, struct buf *out)
{
	json_t *o = begin_message(ev, "policy");

	(void)opts;
	set_policy(o, ev);
	finish(o, out);
}

static void print_other(const struct event *ev, struct buf *out)
{
	json_t *o = begin_message(ev, "message");

	if (ev->satype != PROTO_ANY)
		set_word(o, "proto", proto_names, ev->satype);
	if (ev->err != 0)
		set(o, "error", json_string(strerror(ev->err)));
	finish(o, out);
}

/* ---- events ---- */

/* RFC 3339, in UTC. */
static void set_time(json_t *o, const struct print_opts *opts)
{
	time_t secs = (time_t)opts->now;
	char day[32] = "", text[48];
	struct tm tm;

	if (gmtime_r(&secs, &tm) != NULL)
		strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, sizeof(text), "%s.%06uZ", day, opts->usecs);
	set(o, "time", json_string(text));
}

static json_t *address_and_port(const struct addr *a)
{
	json_t *t = json_object();

	set_addr(t, "address", a);
	set_number(t, "port", a->port);
	return t;
}

static void set_packet(json_t *o, const struct addr *src, const struct addr *dst, uint8_t upper)
{
	json_t *t = json_object();

	set_end(t, "src", src, src->port != 0 ? UINT16_MAX : 0);
	set_end(t, "dst", dst, dst->port != 0 ? UINT16_MAX : 0);
	set_number(t, "upper", upper);
	set(o, "packet", t);
}

/* The few words that name an SA where the event describes no whole one. */
static void set_said(json_t *o, const struct sa *sa)
{
	json_t *t = json_object();

	set_end(t, "src", &sa->src, 0);
	set_end(t, "dst", &sa->dst, 0);
	set_word(t, "proto", proto_names, sa->proto);
	set_number(t, "spi", sa->spi);
	set_number(t, "reqid", sa->reqid);
	set(o, "sa", t);
}

static void set_aevent(json_t *o, const struct event *ev)
{
	static const struct name names[] = {
		{ "replay", CAUSE_REPLAY }, { "timer", CAUSE_TIMER }, { "change", CAUSE_CHANGE }, { NULL, 0 }
	};

	set_said(o, &ev->sa);
	set_words(o, "causes", names, ev->notice.causes);
	set_number(o, "seq", ev->attrs.replay_in);
	set_number(o, "oseq", ev->attrs.replay_out);
	set_number(o, "bytes", ev->sa_state.bytes);
	set_number(o, "packets", ev->sa_state.packets);
}

static void set_mapping(json_t *o, const struct event *ev)
{
	set_said(o, &ev->sa);
	set(o, "old", address_and_port(&ev->sa.src));
	set(o, "new", address_and_port(&ev->notice.moved[0].src));
}

static void set_migration(json_t *o, const struct event *ev)
{
	json_t *t = json_object();

	set_end(t, "src", &ev->policy.src, ev->policy.sport_mask);
	set_end(t, "dst", &ev->policy.dst, ev->policy.dport_mask);
	set_number(t, "upper", ev->policy.upper);
	set_word(t, "dir", dir_names, ev->policy.dir);
	set(o, "policy", t);
	set(o, "old", requests(ev->policy.tmpl, ev->policy.ntmpl));
	set(o, "new", requests(ev->notice.moved, ev->notice.nmoved));
}

static void set_defaults(json_t *o, const struct event *ev)
{
	set_word(o, "in", action_names, ev->notice.in);
	set_word(o, "out", action_names, ev->notice.out);
	set_word(o, "fwd", action_names, ev->notice.fwd);
}

static void set_notice(json_t *o, const struct event *ev)
{
	switch (ev->verb) {
	case VERB_AEVENT:
		set_aevent(o, ev);
		break;
	case VERB_MAPPING:
		set_mapping(o, ev);
		break;
	case VERB_MIGRATE:
		set_migration(o, ev);
		break;
	case VERB_REPORT:
		set_word(o, "proto", proto_names, ev->sa.proto);
		set_packet(o, &ev->policy.src, &ev->policy.dst, ev->policy.upper);
		break;
	case VERB_SETDEFAULT:
		set_defaults(o, ev);
		break;
	}
}

static void set_object(json_t *o, const struct event *ev, const struct print_opts *opts)
{
	json_t *sa = ev->kind == EVENT_SA ? json_object() : NULL;
	json_t *policy = ev->kind == EVENT_POLICY || ev->verb == VERB_ACQUIRE ? json_object() : NULL;

	if (sa != NULL) {
		set_sa(sa, ev, opts);
		set(o, "sa", sa);
	}
	if (policy != NULL) {
		set_policy(policy, ev);
		set(o, "policy", policy);
	}
	if (ev->verb == VERB_ACQUIRE && ev->sa_state.sel_dst.family != 0)
		set_packet(o, &ev->sa_state.sel_src, &ev->sa_state.sel_dst, ev->notice.upper);
	if (ev->verb == VERB_EXPIRE || ev->verb == VERB_SPDEXPIRE)
		set(o, "hard", json_boolean(ev->notice.hard));
}

static void print_event(const struct event *ev, const struct print_opts *opts, struct buf *out)
{
	json_t *o = begin("event");

	set_time(o, opts);
	set(o, "event", json_string(verbs[ev->verb].word));
	if (ev->pid != 0)
		set_number(o, "pid", ev->pid);
	if (ev->err != 0)
		set(o, "error", json_string(strerror(ev->err)));
	if (ev->verb == VERB_FLUSH && ev->satype != PROTO_ANY)
		set_word(o, "proto", proto_names, ev->satype);
	if (ev->verb == VERB_RESYNC) {
		set_number(o, "sas", ev->notice.sas);
		set_number(o, "policies", ev->notice.policies);
	}
	set_object(o, ev, opts);
	if (ev->kind == EVENT_NOTICE)
		set_notice(o, ev);
	finish(o, out);
}

const struct format json_format = {
	.name = "json", .sa = print_sa, .policy = print_policy, .other = print_other,
	.event = print_event,
};
