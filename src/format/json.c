/* SPDX-License-Identifier: ISC */
/* Prints objects as JSON, one a line. The schema is in setkey(8), JSON; its version is in every line. */
#include "format/format.h"

#include "base/append.h"
#include "base/fingerprint.h"
#include "base/hex.h"
#include "base/json.h"
#include "base/utf8.h"
#include "model/names.h"

#include <string.h>
#include <time.h>

enum { SCHEMA = 2 };

/* A word of the language where there is one, else the number. */
static void set_word(struct json *j, const char *name, const struct name *table, unsigned number)
{
	const char *word = name_word(table, (int)number);

	if (word != NULL)
		json_text(j, name, word);
	else
		json_number(j, name, number);
}

/* The words of the bits that are set. */
static void set_words(struct json *j, const char *name, const struct name *table, uint32_t bits)
{
	json_open(j, name, '[');
	for (; table->word != NULL; table++)
		if (bits & (uint32_t)table->number)
			json_text(j, NULL, table->word);
	json_close(j, ']');
}

static void set_addr(struct json *j, const char *name, const struct addr *a)
{
	if (a->family == 0)
		return;
	json_begin_text(j, name);
	print_addr(j->out, a, "");
	json_end_text(j);
}

void json_range(struct json *j, const char *name, const struct addr *a, uint16_t port, uint16_t port_mask)
{
	if (a->family == 0)
		return;
	json_open(j, name, '{');
	set_addr(j, "address", a);
	json_number(j, "prefix_length", a->plen);
	json_number(j, "port", port);
	json_number(j, "port_mask", port_mask);
	json_close(j, '}');
}

static void set_end(struct json *j, const char *name, const struct addr *a, uint16_t mask)
{
	json_range(j, name, a, a->port, mask);
}

/* JSON must be UTF-8, and not every label is: other bytes are written as \ and three octal digits. */
static void set_text(struct json *j, const char *name, const struct text *t)
{
	struct buf shown = { 0 };

	if (utf8_is_valid(t->p, t->len)) {
		json_bytes(j, name, t->p, t->len);
		return;
	}
	print_text(&shown, t);
	json_bytes(j, name, buf_str(&shown), shown.len);
	buf_free(&shown);
}

static void set_lifetime(struct json *j, const char *name, const struct lifetime *l)
{
	json_open(j, name, '{');
	json_number(j, "bytes", l->bytes);
	json_number(j, "packets", l->packets);
	json_number(j, "add_seconds", l->add_secs);
	json_number(j, "use_seconds", l->use_secs);
	json_close(j, '}');
}

static void set_alg(struct json *j, const char *name, const struct alg *a, const uint8_t *key, unsigned bits,
                    unsigned icvbits, const struct print_opts *opts)
{
	char text[FINGERPRINT_LEN];

	json_open(j, name, '{');
	json_text(j, "name", a->name);
	json_number(j, "key_bits", bits);
	if (icvbits != 0)
		json_number(j, "icv_bits", icvbits);
	if (opts->keys && bits != 0) {
		json_begin_text(j, "key");
		hex_encode(j->out, key, (bits + 7) / 8);
		json_end_text(j);
	}
	if (opts->fingerprints && bits != 0)
		json_text(j, "fingerprint", fingerprint_text(key, (bits + 7) / 8, text));
	json_close(j, '}');
}

static void set_algs(struct json *j, const struct sa *sa, const struct print_opts *opts)
{
	static const struct print_opts no_keys = { .keys = false };

	if (sa->enc != NULL)
		set_alg(j, sa->enc->kind == ALG_AEAD ? "aead" : "enc", sa->enc, sa_enckey(sa), sa->encbits,
		        sa->enc->icvbits, opts);
	if (sa->auth != NULL)
		set_alg(j, "auth", sa->auth, sa_authkey(sa), sa->authbits, sa_icvbits(sa), opts);
	if (sa->comp != NULL)
		set_alg(j, "comp", sa->comp, NULL, 0, 0, &no_keys);
}

/* In the order of their bits; the others are those that a statement does not set with -f. */
static void set_flags(struct json *j, uint32_t flags)
{
	static const struct name others[] = {
		{ "old", SA_F_OLD }, { "derived-iv", SA_F_DERIV }, { "4-byte-iv", SA_F_IV4B }, { "raw-cpi", SA_F_RAWCPI },
		{ "esn", SA_F_ESN }, { NULL, 0 }
	};

	json_open(j, "flags", '[');
	flags &= (2 * SA_F_OSEQ_WRAP - 1) & ~(uint32_t)SA_F_SEQ_PAD;
	for (uint32_t rest = flags; rest != 0; rest &= rest - 1) {
		int flag = (int)(rest & (~rest + 1));
		const char *word = name_word(flag_names, flag);

		json_text(j, NULL, word != NULL ? word : name_word(others, flag));
	}
	json_close(j, ']');
}

static void set_encap(struct json *j, const struct event *ev)
{
	const struct sa *sa = &ev->sa;

	json_open(j, "encap", '{');
	set_word(j, "type", encap_names, sa->encap);
	json_number(j, "sport", sa->natt_sport);
	json_number(j, "dport", sa->natt_dport);
	set_addr(j, "original_address", &ev->attrs.natt_oa);
	json_close(j, '}');
}

static void set_ctx(struct json *j, const struct secctx *ctx)
{
	json_open(j, "context", '{');
	json_number(j, "doi", ctx->doi);
	json_number(j, "alg", ctx->alg);
	set_text(j, "label", &ctx->label);
	json_close(j, '}');
}

static void set_device(struct json *j, uint32_t device)
{
	if (device == 0)
		return;
	json_text(j, "device", device_name(device, (char[DEVICE_NAME]){ 0 }));
	json_number(j, "device_index", device);
}

static void set_selector(struct json *j, const struct selector *sel, uint32_t device)
{
	json_open(j, "selector", '{');
	set_end(j, "src", &sel->src, sel->sport_mask);
	set_end(j, "dst", &sel->dst, sel->dport_mask);
	json_number(j, "upper", sel->upper);
	set_device(j, device);
	json_close(j, '}');
}

static void set_offload(struct json *j, const struct attrs *x)
{
	json_open(j, "offload", '{');
	json_text(j, "kind", x->offload & OFFLOAD_PACKET ? "packet" : "crypto");
	json_text(j, "device", device_name(x->device, (char[DEVICE_NAME]){ 0 }));
	json_number(j, "index", x->device);
	set_word(j, "dir", dir_names, x->offload & OFFLOAD_IN ? DIR_IN : DIR_OUT);
	json_close(j, '}');
}

static void set_special(struct json *j, const struct event *ev, enum attr_id id)
{
	const struct attrs *x = &ev->attrs;

	switch (id) {
	case ATTR_SELECTOR:
		set_selector(j, &x->sel, ev->sa_state.device);
		break;
	case ATTR_COADDR:
		set_addr(j, attr_table[id].json, &x->coaddr);
		break;
	case ATTR_OFFLOAD:
		set_offload(j, x);
		break;
	default:
		json_number(j, "sequence_out", x->replay_out);
		json_number(j, "sequence_in", x->replay_in);
	}
}

static void set_number_attr(struct json *j, const struct attrs *x, enum attr_id id)
{
	const char *name = attr_table[id].json;

	if (attr_table[id].form == ATTR_MASKED) {
		json_open(j, name, '{');
		json_number(j, "value", x->value[id]);
		json_number(j, "mask", x->mask[id]);
		json_close(j, '}');
	} else if (attr_table[id].form == ATTR_IN_OUT) {
		set_word(j, name, dir_names, x->value[id]);
	} else {
		json_number(j, name, x->value[id]);
	}
}

/* Only members for attributes that are set; the schema gives each a default. */
static void set_attrs(struct json *j, const struct event *ev)
{
	const struct attrs *x = &ev->attrs;

	for (enum attr_id id = 0; id < ATTR_MAX; id++)
		if (attrs_have(x, id) && attr_table[id].form != ATTR_SPECIAL)
			set_number_attr(j, x, id);
		else if (attrs_have(x, id))
			set_special(j, ev, id);
}

static void begin_line(struct json *j, const char *type)
{
	json_open(j, NULL, '{');
	json_number(j, "version", SCHEMA);
	json_text(j, "type", type);
}

static void begin_message(struct json *j, const struct event *ev, const char *type)
{
	const char *verb = verb_statement(ev->verb);

	begin_line(j, type);
	if (verb != NULL)
		json_text(j, "message", verb);
}

static void end_line(struct json *j)
{
	json_close(j, '}');
	buf_addc(j->out, '\n');
}

static void set_not_shown(struct json *j, const struct unshown *unsaid)
{
	json_number(j, "not_shown", unsaid->n);
	if (unsaid->n != 0)
		json_text(j, "not_shown_words", unsaid->words);
}

static void set_state(struct json *j, const struct sa_state *st)
{
	json_open(j, "state", '{');
	set_word(j, "life", state_names, st->life);
	json_number(j, "bytes", st->bytes);
	json_number(j, "packets", st->packets);
	json_number(j, "add_time", st->add_time);
	json_number(j, "use_time", st->use_time);
	if (st->counts) {
		json_number(j, "replay_window", st->late);
		json_number(j, "replay", st->replayed);
		json_number(j, "integrity_failed", st->forged);
	}
	set_not_shown(j, &st->unshown);
	json_close(j, '}');
}

static void set_sa(struct json *j, const struct event *ev, const struct print_opts *opts)
{
	const struct sa *sa = &ev->sa;

	set_end(j, "src", &sa->src, 0);
	set_end(j, "dst", &sa->dst, 0);
	set_word(j, "proto", proto_names, sa->proto);
	json_number(j, "spi", sa->spi);
	set_word(j, "mode", mode_names, sa->mode);
	json_number(j, "reqid", sa->reqid);
	json_number(j, "window", sa->window);
	set_flags(j, sa->flags);
	set_algs(j, sa, opts);
	if (sa->encap != ENCAP_NONE)
		set_encap(j, ev);
	if (ev->attrs.ctx.doi != 0)
		set_ctx(j, &ev->attrs.ctx);
	set_lifetime(j, "hard", &ev->attrs.hard);
	set_lifetime(j, "soft", &ev->attrs.soft);
	set_attrs(j, ev);
	if (ev->sa_state.add_time != 0)
		set_state(j, &ev->sa_state);
	else
		set_not_shown(j, &ev->sa_state.unshown);
}

static void print_sa(const struct event *ev, const struct print_opts *opts, struct buf *out)
{
	struct json j = { .out = out };

	begin_message(&j, ev, "sa");
	set_sa(&j, ev, opts);
	end_line(&j);
}

static void set_requests(struct json *j, const char *name, const struct tmpl *tmpl, unsigned n)
{
	json_open(j, name, '[');
	for (unsigned i = 0; i < n; i++) {
		const struct tmpl *t = &tmpl[i];

		json_open(j, NULL, '{');
		set_word(j, "proto", proto_names, t->proto);
		set_word(j, "mode", mode_names, t->mode);
		set_end(j, "src", &t->src, 0);
		set_end(j, "dst", &t->dst, 0);
		set_word(j, "level", level_names, t->level);
		json_number(j, "reqid", t->reqid);
		if (t->spi != 0)
			json_number(j, "spi", t->spi);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void set_policy(struct json *j, const struct event *ev)
{
	const struct policy *p = &ev->policy;
	const struct policy_state *st = &ev->policy_state;

	set_end(j, "src", &p->src, p->sport_mask);
	set_end(j, "dst", &p->dst, p->dport_mask);
	json_number(j, "upper", p->upper);
	set_device(j, st->device);
	set_word(j, "dir", dir_names, packet_dir(p));
	json_bool(j, "socket", p->dir >= DIR_SOCKET_IN);
	set_word(j, "action", action_names, p->action);
	json_number(j, "priority", p->priority);
	json_number(j, "index", p->index);
	set_requests(j, "requests", p->tmpl, p->ntmpl);
	if (ev->attrs.ctx.doi != 0)
		set_ctx(j, &ev->attrs.ctx);
	set_lifetime(j, "hard", &ev->attrs.hard);
	set_lifetime(j, "soft", &ev->attrs.soft);
	json_number(j, "add_time", st->add_time);
	json_number(j, "use_time", st->use_time);
	set_attrs(j, ev);
	set_words(j, "flags", policy_flag_names, p->flags);
	json_bool(j, "partial", st->unshown.n != 0);
	set_not_shown(j, &st->unshown);
}

static void print_policy(const struct event *ev, const struct print_opts *opts, struct buf *out)
{
	struct json j = { .out = out };

	(void)opts;
	begin_message(&j, ev, "policy");
	set_policy(&j, ev);
	end_line(&j);
}

static void print_other(const struct event *ev, struct buf *out)
{
	struct json j = { .out = out };

	begin_message(&j, ev, "message");
	if (ev->satype != PROTO_ANY)
		set_word(&j, "proto", proto_names, ev->satype);
	if (ev->err != 0)
		json_text(&j, "error", strerror(ev->err));
	end_line(&j);
}

/* ---- events ---- */

/* RFC 3339, in UTC. */
static void set_time(struct json *j, const struct print_opts *opts)
{
	time_t secs = (time_t)opts->now;
	char day[32] = "";
	struct tm tm;

	if (gmtime_r(&secs, &tm) != NULL)
		strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	json_begin_text(j, "time");
	buf_printf(j->out, "%s.%06uZ", day, opts->usecs);
	json_end_text(j);
}

static void set_address_and_port(struct json *j, const char *name, const struct addr *a)
{
	json_open(j, name, '{');
	set_addr(j, "address", a);
	json_number(j, "port", a->port);
	json_close(j, '}');
}

static void set_packet(struct json *j, const struct addr *src, const struct addr *dst, uint8_t upper)
{
	json_open(j, "packet", '{');
	set_end(j, "src", src, src->port != 0 ? UINT16_MAX : 0);
	set_end(j, "dst", dst, dst->port != 0 ? UINT16_MAX : 0);
	json_number(j, "upper", upper);
	json_close(j, '}');
}

/* What identifies an SA, in an event that does not describe all of it. */
static void set_sa_identity(struct json *j, const struct sa *sa)
{
	json_open(j, "sa", '{');
	set_end(j, "src", &sa->src, 0);
	set_end(j, "dst", &sa->dst, 0);
	set_word(j, "proto", proto_names, sa->proto);
	json_number(j, "spi", sa->spi);
	json_number(j, "reqid", sa->reqid);
	json_close(j, '}');
}

static void set_aevent(struct json *j, const struct event *ev)
{
	static const struct name names[] = {
		{ "replay", CAUSE_REPLAY }, { "timer", CAUSE_TIMER }, { "change", CAUSE_CHANGE }, { NULL, 0 }
	};

	set_sa_identity(j, &ev->sa);
	set_words(j, "causes", names, ev->notice.causes);
	json_number(j, "seq", ev->attrs.replay_in);
	json_number(j, "oseq", ev->attrs.replay_out);
	json_number(j, "bytes", ev->sa_state.bytes);
	json_number(j, "packets", ev->sa_state.packets);
}

static void set_migration(struct json *j, const struct event *ev)
{
	json_open(j, "policy", '{');
	set_end(j, "src", &ev->policy.src, ev->policy.sport_mask);
	set_end(j, "dst", &ev->policy.dst, ev->policy.dport_mask);
	json_number(j, "upper", ev->policy.upper);
	set_word(j, "dir", dir_names, ev->policy.dir);
	json_close(j, '}');
	set_requests(j, "old", ev->policy.tmpl, ev->policy.ntmpl);
	set_requests(j, "new", ev->notice.moved, ev->notice.nmoved);
}

static void set_notice(struct json *j, const struct event *ev)
{
	switch (ev->verb) {
	case VERB_AEVENT:
		set_aevent(j, ev);
		break;
	case VERB_MAPPING:
		set_sa_identity(j, &ev->sa);
		set_address_and_port(j, "old", &ev->sa.src);
		set_address_and_port(j, "new", &ev->notice.moved[0].src);
		break;
	case VERB_MIGRATE:
		set_migration(j, ev);
		break;
	case VERB_REPORT:
		set_word(j, "proto", proto_names, ev->sa.proto);
		set_packet(j, &ev->policy.src, &ev->policy.dst, ev->policy.upper);
		break;
	case VERB_SETDEFAULT:
		set_word(j, "in", action_names, ev->notice.in);
		set_word(j, "out", action_names, ev->notice.out);
		set_word(j, "fwd", action_names, ev->notice.fwd);
		break;
	}
}

static void set_object(struct json *j, const struct event *ev, const struct print_opts *opts)
{
	if (ev->kind == EVENT_SA) {
		json_open(j, "sa", '{');
		set_sa(j, ev, opts);
		json_close(j, '}');
	}
	if (ev->kind == EVENT_POLICY || ev->verb == VERB_ACQUIRE) {
		json_open(j, "policy", '{');
		set_policy(j, ev);
		json_close(j, '}');
	}
	if (ev->verb == VERB_ACQUIRE && ev->sa_state.sel_dst.family != 0)
		set_packet(j, &ev->sa_state.sel_src, &ev->sa_state.sel_dst, ev->notice.upper);
	if (ev->verb == VERB_EXPIRE || ev->verb == VERB_SPDEXPIRE)
		json_bool(j, "hard", ev->notice.hard);
}

static void print_event(const struct event *ev, const struct print_opts *opts, struct buf *out)
{
	struct json j = { .out = out };

	begin_line(&j, "event");
	set_time(&j, opts);
	json_text(&j, "event", verbs[ev->verb].word);
	if (ev->pid != 0)
		json_number(&j, "pid", ev->pid);
	if (ev->err != 0)
		json_text(&j, "error", strerror(ev->err));
	if (ev->verb == VERB_FLUSH && ev->satype != PROTO_ANY)
		set_word(&j, "proto", proto_names, ev->satype);
	if (ev->verb == VERB_RESYNC) {
		json_number(&j, "sas", ev->notice.sas);
		json_number(&j, "policies", ev->notice.policies);
	}
	set_object(&j, ev, opts);
	if (ev->kind == EVENT_NOTICE)
		set_notice(&j, ev);
	end_line(&j);
}

const struct format json_format = {
	.name = "json", .sa = print_sa, .policy = print_policy, .other = print_other,
	.event = print_event,
};
