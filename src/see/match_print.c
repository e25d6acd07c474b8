/* SPDX-License-Identifier: ISC */
/* Prints what happens to a packet, as text and as JSON. */
#include "see/match.h"

#include "base/json.h"
#include "format/format.h"
#include "model/names.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* 192.0.2.1[80]; of ICMP the type, or the code. */
static void put_end(struct buf *out, const struct addr *a, uint16_t port, bool shown)
{
	print_addr(out, a, "any");
	if (shown)
		print_port(out, port);
}

static void put_upper(struct buf *out, uint8_t upper)
{
	const char *name = upper == UPPER_ANY ? "no protocol that a policy names" : upper_name(upper);

	if (name != NULL)
		buf_adds(out, name);
	else
		buf_printf(out, "protocol %u", upper);
}

static void put_packet(struct buf *out, const struct flow *f)
{
	const struct packet *p = &f->packet;
	bool ports = p->sport != 0 || p->dport != 0 || upper_has_type(p->upper);

	buf_printf(out, "%s ", known_word(dir_names, f->dir));
	put_end(out, &p->src, p->sport, ports);
	buf_addc(out, ' ');
	put_end(out, &p->dst, p->dport, ports);
	buf_addc(out, ' ');
	put_upper(out, p->upper);
	if (p->mark != 0)
		buf_printf(out, " mark 0x%" PRIx32, p->mark);
	if (p->if_id != 0)
		buf_printf(out, " if_id 0x%" PRIx32, p->if_id);
}

static void put_request(struct buf *out, const struct tmpl *t)
{
	buf_printf(out, "%s/%s/", known_word(proto_names, t->proto), known_word(mode_names, t->mode));
	if (t->src.family != 0) {
		print_addr(out, &t->src, "any");
		buf_addc(out, '-');
		print_addr(out, &t->dst, "any");
	}
	buf_printf(out, "/%s", known_word(level_names, t->level));
	if (t->reqid != 0)
		buf_printf(out, ":%" PRIu32, t->reqid);
}

static void put_misfits(struct buf *out, unsigned misfits)
{
	const char *between = "";

	for (unsigned i = 0; i < MISFITS; i++)
		if (misfits >> i & 1) {
			buf_printf(out, "%s%s", between, misfit_rows[i].sentence);
			between = ", ";
		}
}

/* The SA that is used for the first request that has one tells most. */
static void put_outcome(struct buf *out, const struct match *m)
{
	const char *with = m->flow.dir == DIR_OUT ? "protected: " : "protected: accepted if it comes by ";
	bool any = false;

	if (m->outcome != OUTCOME_PROTECTED) {
		buf_printf(out, "%s: %s",
		           m->outcome == OUTCOME_CLEAR ? "in the clear" : outcome_words[m->outcome],
		           m->why != NULL ? m->why : "no policy protects it");
		return;
	}
	for (unsigned i = 0; i < m->nsteps; i++) {
		const struct step *s = &m->step[i];

		if (s->sa == 0)
			continue;
		buf_printf(out, "%s%s with SPI 0x%08" PRIx32, any ? ", then " : with,
		           known_word(proto_names, s->request.proto), s->spi);
		for (unsigned j = 0; j < s->nothers; j++)
			buf_printf(out, " or 0x%08" PRIx32, s->other_spi[j]);
		any = true;
	}
}

static void put_considered(struct buf *out, const struct match *m, const struct view *v)
{
	if (m->nconsidered > 0)
		buf_adds(out, "policies for these addresses, in the order in which they are tried:\n");
	for (size_t i = 0; i < m->nconsidered; i++) {
		const struct considered *c = &m->considered[i];

		buf_adds(out, "  ");
		view_show_name(v, c->number, out);
		buf_adds(out, ": ");
		if (c->misfits == 0)
			buf_adds(out, "this one");
		else
			put_misfits(out, c->misfits);
		buf_adds(out, "\n    ");
		view_statement(v, c->number, out);
		buf_addc(out, '\n');
	}
}

static void put_near(struct buf *out, const struct step *s, const struct view *v)
{
	if (s->nnear == 0) {
		buf_printf(out, "      no %s SA to ", known_word(proto_names, s->request.proto));
		print_addr(out, &s->dst, "any");
		buf_adds(out, " is there\n");
	}
	for (unsigned i = 0; i < s->nnear; i++) {
		buf_adds(out, "      ");
		view_show_name(v, s->near[i].number, out);
		buf_addc(out, ' ');
		put_misfits(out, s->near[i].misfits);
		buf_addc(out, '\n');
	}
}

static void put_step(struct buf *out, const struct step *s, const struct view *v)
{
	buf_adds(out, "  ");
	put_request(out, &s->request);
	if (s->sa == 0) {
		buf_printf(out, ": no SA%s\n", s->request.level == LEVEL_USE ? ", and none is required" : "");
		put_near(out, s, v);
		return;
	}
	buf_printf(out, ": SPI 0x%08" PRIx32 ", ", s->spi);
	view_show_name(v, s->sa - 1, out);
	for (unsigned i = 0; i < s->nothers; i++) {
		buf_printf(out, ", or 0x%08" PRIx32 ", ", s->other_spi[i]);
		view_show_name(v, s->other[i], out);
	}
	buf_addc(out, '\n');
}

/* Whether a key manager is asked for the missing SA; for files that is not known. */
static void put_acquire(struct buf *out, const struct match *m, const struct view *v)
{
	if (!m->wants_sa)
		return;
	if (!view_is_kernel(v))
		buf_adds(out, "a key manager that listens would be sent an ACQUIRE\n");
	else if (v->facts.key_manager)
		buf_adds(out, "an ACQUIRE is sent: a key manager listens\n");
	else
		buf_printf(out, "%s\n",
		           v->facts.pfkey ? "an ACQUIRE is sent, if a PF_KEY socket is registered" :
		                            "nobody is asked for one: no key manager listens");
}

static void put_match(const struct match *m, const struct view *v, struct buf *out)
{
	put_outcome(out, m);
	buf_addc(out, '\n');
	put_packet(out, &m->flow);
	buf_addc(out, '\n');
	put_considered(out, m, v);
	if (m->nsteps > 0)
		buf_adds(out, "requests:\n");
	for (unsigned i = 0; i < m->nsteps; i++)
		put_step(out, &m->step[i], v);
	put_acquire(out, m, v);
	if (m->flow.dir != DIR_OUT && m->policy[0] != 0 && m->nsteps > 0)
		buf_printf(out, "without protection it is %s\n",
		           m->plain == OUTCOME_DROPPED ? "dropped (XfrmInTmplMismatch)" : "accepted");
	else if (m->flow.dir != DIR_OUT && m->outcome == OUTCOME_CLEAR)
		buf_printf(out, "out of a tunnel it is dropped (%s)\n",
		           m->policy[0] == 0 ? "XfrmInNoPols" : "XfrmInTmplMismatch");
}

void match_print_text(const struct match *m, const struct match *then, const struct view *v, struct buf *out)
{
	put_match(m, v, out);
	if (then == NULL)
		return;
	buf_adds(out, "\nwhen it leaves:\n");
	put_match(then, v, out);
}

static void set_policy(struct json *j, const char *name, size_t number, const struct view *v)
{
	const struct object *o = &v->tables.object[number];
	struct buf text = { 0 };

	json_open(j, name, '{');
	view_name(v, number, &text);
	json_text(j, "name", buf_str(&text));
	if (view_is_kernel(v))
		json_number(j, "index", o->stamp);
	json_number(j, "priority", o->priority);
	buf_clear(&text);
	view_statement(v, number, &text);
	json_text(j, "statement", buf_str(&text));
	json_close(j, '}');
	buf_free(&text);
}

static void set_misfits(struct json *j, const char *name, unsigned misfits)
{
	json_open(j, name, '[');
	for (unsigned i = 0; i < MISFITS; i++)
		if (misfits >> i & 1)
			json_text(j, NULL, misfit_rows[i].word);
	json_close(j, ']');
}

static void set_considered(struct json *j, const struct match *m, const struct view *v)
{
	json_open(j, "considered", '[');
	for (size_t i = 0; i < m->nconsidered; i++) {
		const struct considered *c = &m->considered[i];

		json_open(j, NULL, '{');
		set_policy(j, "policy", c->number, v);
		json_bool(j, "taken", c->misfits == 0);
		set_misfits(j, "misfits", c->misfits);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static uint32_t read_spi(const struct view *v, size_t number)
{
	struct event *ev = memory_resize(NULL, 1, sizeof(*ev));
	uint32_t spi;

	view_decode(v, number, ev);
	spi = ev->sa.spi;
	explicit_bzero(ev, sizeof(*ev));
	free(ev);
	return spi;
}

static void set_near(struct json *j, const struct step *s, const struct view *v)
{
	struct buf name = { 0 };

	json_text(j, "reason",
	          s->nnear == 0 ? "no-sa" : misfit_rows[__builtin_ctz(s->near[0].misfits)].word);
	json_open(j, "near", '[');
	for (unsigned i = 0; i < s->nnear; i++) {
		buf_clear(&name);
		view_name(v, s->near[i].number, &name);
		json_open(j, NULL, '{');
		json_number(j, "spi", read_spi(v, s->near[i].number));
		json_text(j, "name", buf_str(&name));
		set_misfits(j, "misfits", s->near[i].misfits);
		json_close(j, '}');
	}
	json_close(j, ']');
	buf_free(&name);
}

static void set_step(struct json *j, const struct step *s, const struct view *v)
{
	struct buf text = { 0 };

	json_open(j, NULL, '{');
	put_request(&text, &s->request);
	json_text(j, "request", buf_str(&text));
	json_text(j, "proto", known_word(proto_names, s->request.proto));
	json_text(j, "mode", known_word(mode_names, s->request.mode));
	json_text(j, "level", known_word(level_names, s->request.level));
	json_number(j, "reqid", s->request.reqid);
	if (s->sa != 0) {
		buf_clear(&text);
		view_name(v, s->sa - 1, &text);
		json_number(j, "spi", s->spi);
		json_text(j, "name", buf_str(&text));
		json_open(j, "or", '[');
		for (unsigned i = 0; i < s->nothers; i++)
			json_number(j, NULL, s->other_spi[i]);
		json_close(j, ']');
	} else {
		set_near(j, s, v);
	}
	json_close(j, '}');
	buf_free(&text);
}

static void set_packet(struct json *j, const struct flow *f)
{
	const struct packet *p = &f->packet;

	json_open(j, "packet", '{');
	json_range(j, "src", &p->src, p->sport, UINT16_MAX);
	json_range(j, "dst", &p->dst, p->dport, UINT16_MAX);
	json_number(j, "upper", p->upper);
	json_number(j, "mark", p->mark);
	json_number(j, "if_id", p->if_id);
	json_close(j, '}');
}

/* The caller closes the object. */
static void set_match(struct json *j, const char *name, const struct match *m, const struct view *v)
{
	json_open(j, name, '{');
	json_number(j, "version", 1);
	json_text(j, "dir", known_word(dir_names, m->flow.dir));
	set_packet(j, &m->flow);
	json_text(j, "verdict", outcome_words[m->outcome]);
	json_text(j, "reason", m->why);
	if (m->policy[0] != 0)
		set_policy(j, "policy", m->policy[0] - 1, v);
	else
		json_text(j, "policy", NULL);
	set_considered(j, m, v);
	json_open(j, "requests", '[');
	for (unsigned i = 0; i < m->nsteps; i++)
		set_step(j, &m->step[i], v);
	json_close(j, ']');
	if (m->flow.dir != DIR_OUT)
		json_text(j, "plain", outcome_words[m->plain]);
	json_bool(j, "acquire", m->wants_sa && v->facts.key_manager);
}

void match_print_json(const struct match *m, const struct match *then, const struct view *v, struct buf *out)
{
	struct json j = { .out = out };

	set_match(&j, NULL, m, v);
	if (then != NULL) {
		set_match(&j, "then", then, v);
		json_close(&j, '}');
	}
	json_close(&j, '}');
	buf_addc(out, '\n');
}
