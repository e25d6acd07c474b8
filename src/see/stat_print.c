/* SPDX-License-Identifier: ISC */
/* Prints counters, rates and ends as a table and as JSON. */
#include "see/stat.h"

#include "base/append.h"
#include "base/json.h"
#include "format/format.h"
#include "model/names.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A narrow terminal has no columns for packets and sequence numbers, and one for all errors. */
enum { NARROW_BELOW = 132 };

static bool is_narrow(const struct stat_choices *c)
{
	return c->columns > 0 && c->columns < NARROW_BELOW;
}

static void put_amount(struct buf *out, double n, unsigned width)
{
	size_t at = out->len;

	print_amount(out, (uint64_t)(n + 0.5));
	append_pad(out, at, width, false);
	buf_addc(out, ' ');
}

/* As print_age; "-" for never. */
static void put_span(struct buf *out, uint64_t secs, unsigned width)
{
	size_t at = out->len;

	if (secs == UINT64_MAX)
		buf_addc(out, '-');
	else
		print_age(out, secs);
	append_pad(out, at, width, false);
	buf_addc(out, ' ');
}

/* Cuts the line that began at offset at to the width of the terminal; it has one byte for each column. */
static void cut_line(struct buf *out, size_t at, const struct stat_choices *c)
{
	if (c->columns > 0 && out->len - at > c->columns)
		out->len = at + c->columns;
}

/* Red where something is wrong, yellow where it ends within minutes. */
static const char *row_color(const struct stat_row *r)
{
	enum { SOON = 300 };

	if (r->forged != 0 || r->to_limit == 0 || r->to_sequence_end == 0)
		return "31";
	return r->late + r->replayed != 0 || r->to_limit < SOON || r->to_sequence_end < SOON ? "33"
	       : r->byte_rate > 0                                                            ? "32"
	                                                                                     : NULL;
}

static void put_counts(const struct stat_row *r, struct buf *out)
{
	append_padded(out, r->replayed, 6, ' ');
	buf_addc(out, ' ');
	append_padded(out, r->late, 6, ' ');
	buf_addc(out, ' ');
	append_padded(out, r->forged, 6, ' ');
	buf_addc(out, ' ');
	append_padded(out, r->sequence, 10, ' ');
	buf_addc(out, ' ');
}

static void put_sa(const struct stat_row *r, const struct event *ev, const struct stat_choices *c,
                   struct buf *out)
{
	const char *paint = c->color ? row_color(r) : NULL;
	size_t at;

	if (paint != NULL)
		buf_printf(out, "\033[%sm", paint);
	at = out->len;
	buf_printf(out, "%-6s 0x%08" PRIx32 " ", known_word(proto_names, ev->sa.proto), ev->sa.spi);
	put_amount(out, (double)r->bytes, 6);
	if (!is_narrow(c))
		put_amount(out, (double)r->packets, 6);
	put_amount(out, r->byte_rate, 7);
	put_amount(out, r->packet_rate, 7);
	if (is_narrow(c))
		put_amount(out, (double)(r->replayed + r->late + r->forged), 6);
	else
		put_counts(r, out);
	put_span(out, r->to_limit, 6);
	if (!is_narrow(c))
		put_span(out, r->to_sequence_end, 6);
	print_addr(out, &ev->sa.src, "any");
	buf_addc(out, ' ');
	print_addr(out, &ev->sa.dst, "any");
	cut_line(out, at, c);
	if (paint != NULL)
		buf_adds(out, "\033[m");
	buf_addc(out, '\n');
}

static void put_policy(const struct stat_table *t, const struct stat_row *r, const struct event *ev,
                       const struct stat_choices *c, struct buf *out)
{
	uint64_t used = ev->policy_state.use_time;
	size_t at = out->len;

	append_cell(out, known_word(dir_names, packet_dir(&ev->policy)), 5);
	append_padded(out, ev->policy.index, 10, ' ');
	buf_addc(out, ' ');
	if (used == 0)
		buf_adds(out, " never ");
	else
		put_span(out, t->view->now > used ? t->view->now - used : 0, 6);
	view_statement(t->view, r->number, out);
	cut_line(out, at, c);
	buf_addc(out, '\n');
}

static void put_heading(bool policies, const struct stat_choices *c, struct buf *out)
{
	size_t at = out->len;

	if (policies)
		buf_adds(out, "DIR       INDEX   USED POLICY");
	else if (is_narrow(c))
		buf_printf(out, "%-6s %-10s %6s %7s %7s %6s %6s %s", "PROTO", "SPI", "BYTES", "BYTES/s",
		           "PKTS/s", "ERRORS", "LIMIT", "SOURCE DESTINATION");
	else
		buf_printf(out, "%-6s %-10s %6s %6s %7s %7s %6s %6s %6s %10s %6s %6s %s", "PROTO", "SPI",
		           "BYTES", "PKTS", "BYTES/s", "PKTS/s", "REPLAY", "WINDOW", "FORGED", "SEQUENCE",
		           "LIMIT", "SEQEND", "SOURCE DESTINATION");
	cut_line(out, at, c);
	buf_addc(out, '\n');
}

static size_t limit_lines(size_t n, unsigned lines)
{
	return lines != 0 && n > lines ? lines : n;
}

void stat_print_table(const struct stat_table *t, const struct stat_choices *c, struct buf *out)
{
	struct event *ev = memory_resize(NULL, 1, sizeof(*ev));
	size_t sas = limit_lines(t->nsas, c->lines), policies = limit_lines(t->n - t->nsas, c->lines);

	if (c->sa)
		put_heading(false, c, out);
	for (size_t i = 0; c->sa && i < sas; i++) {
		view_decode(t->view, t->row[i].number, ev);
		put_sa(&t->row[i], ev, c, out);
	}
	if (c->policy)
		put_heading(true, c, out);
	for (size_t i = 0; c->policy && i < policies; i++) {
		view_decode(t->view, t->row[t->nsas + i].number, ev);
		put_policy(t, &t->row[t->nsas + i], ev, c, out);
	}
	explicit_bzero(ev, sizeof(*ev));
	free(ev);
}

/* null for never. */
static void set_span(struct json *j, const char *name, uint64_t secs)
{
	if (secs == UINT64_MAX)
		json_text(j, name, NULL);
	else
		json_number(j, name, secs);
}

static void set_sa(struct json *j, const struct stat_row *r, const struct event *ev)
{
	json_open(j, NULL, '{');
	json_range(j, "src", &ev->sa.src, 0, 0);
	json_range(j, "dst", &ev->sa.dst, 0, 0);
	json_text(j, "proto", known_word(proto_names, ev->sa.proto));
	json_number(j, "spi", ev->sa.spi);
	json_text(j, "mode", known_word(mode_names, ev->sa.mode));
	json_number(j, "reqid", ev->sa.reqid);
	json_text(j, "life", known_word(state_names, ev->sa_state.life));
	json_number(j, "bytes", r->bytes);
	json_number(j, "packets", r->packets);
	json_number(j, "bytes_per_second", (uint64_t)r->byte_rate);
	json_number(j, "packets_per_second", (uint64_t)r->packet_rate);
	json_number(j, "replay", r->replayed);
	json_number(j, "replay_window", r->late);
	json_number(j, "integrity_failed", r->forged);
	json_number(j, "sequence", r->sequence);
	set_span(j, "limit_seconds", r->to_limit);
	set_span(j, "sequence_end_seconds", r->to_sequence_end);
	json_close(j, '}');
}

static void set_policy(struct json *j, const struct stat_table *t, const struct stat_row *r,
                       const struct event *ev)
{
	struct buf text = { 0 };

	view_statement(t->view, r->number, &text);
	json_open(j, NULL, '{');
	json_text(j, "dir", known_word(dir_names, packet_dir(&ev->policy)));
	json_number(j, "index", ev->policy.index);
	json_number(j, "priority", ev->policy.priority);
	json_number(j, "add_time", ev->policy_state.add_time);
	json_number(j, "use_time", ev->policy_state.use_time);
	json_text(j, "statement", buf_str(&text));
	json_close(j, '}');
	buf_free(&text);
}

static void set_counter(void *arg, const char *name, uint64_t n)
{
	json_number(arg, name, n);
}

void stat_print_json(const struct stat_table *t, const struct stat_choices *c, struct buf *out)
{
	struct event *ev = memory_resize(NULL, 1, sizeof(*ev));
	struct json j = { .out = out };

	json_open(&j, NULL, '{');
	json_number(&j, "version", 1);
	json_number(&j, "time", t->view->now);
	json_open(&j, "sas", '[');
	for (size_t i = 0; c->sa && i < t->nsas; i++) {
		view_decode(t->view, t->row[i].number, ev);
		set_sa(&j, &t->row[i], ev);
	}
	json_close(&j, ']');
	json_open(&j, "policies", '[');
	for (size_t i = t->nsas; c->policy && i < t->n; i++) {
		view_decode(t->view, t->row[i].number, ev);
		set_policy(&j, t, &t->row[i], ev);
	}
	json_close(&j, ']');
	json_open(&j, "dropped", '{');
	facts_each_counter(set_counter, &j);
	json_close(&j, '}');
	json_close(&j, '}');
	buf_addc(out, '\n');
	explicit_bzero(ev, sizeof(*ev));
	free(ev);
}
