/* SPDX-License-Identifier: ISC */
/* Counters, rates and ends as a table, as JSON and for Prometheus. */
#include "see/stat.h"

#include "base/json.h"
#include "model/names.h"
#include "format/format.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SPAN_TEXT = 24 };

/* 812, 14k, 3.2M: four columns and a unit */
static const char *scaled(char text[SPAN_TEXT], double n)
{
	const char *unit = " kMGTPE";

	for (; n >= 9999.5 && unit[1] != '\0'; unit++)
		n /= 1000;
	snprintf(text, SPAN_TEXT, "%.0f%.1s", n, *unit == ' ' ? "" : unit);
	return text;
}

/* As ages are printed elsewhere; - never */
static const char *span_text(char text[SPAN_TEXT], uint64_t secs)
{
	struct buf b = { 0 };

	if (secs == UINT64_MAX)
		return "-";
	print_age(&b, secs);
	strlcpy(text, buf_str(&b), SPAN_TEXT);
	buf_free(&b);
	return text;
}

/* Red where something is wrong, yellow where it ends within minutes. */
static const char *color_of(const struct stat_row *r)
{
	enum { SOON = 300 };

	if (r->forged != 0 || r->to_limit == 0 || r->to_sequence_end == 0)
		return "31";
	return r->late + r->replayed != 0 || r->to_limit < SOON || r->to_sequence_end < SOON ? "33"
	       : r->byte_rate > 0                                                            ? "32"
	                                                                                     : NULL;
}

static void put_sa(const struct stat_table *t, const struct stat_row *r, const struct event *ev, bool color,
                   struct buf *out)
{
	const char *paint = color ? color_of(r) : NULL;
	char a[5][SPAN_TEXT];
	struct buf ends = { 0 };

	(void)t;
	print_addr(&ends, &ev->sa.src, "any");
	buf_addc(&ends, ' ');
	print_addr(&ends, &ev->sa.dst, "any");
	if (paint != NULL)
		buf_printf(out, "\033[%sm", paint);
	buf_printf(out,
	           "%-6s 0x%08" PRIx32 " %6s %6s %7s %7s %6" PRIu64 " %6" PRIu64 " %6" PRIu64 " %10" PRIu64,
	           print_known(proto_names, ev->sa.proto), ev->sa.spi, scaled(a[0], (double)r->bytes),
	           scaled(a[1], (double)r->packets), scaled(a[2], r->byte_rate), scaled(a[3], r->packet_rate),
	           r->replayed, r->late, r->forged, r->sequence);
	buf_printf(out, " %6s", span_text(a[4], r->to_limit));
	buf_printf(out, " %6s %s", span_text(a[4], r->to_sequence_end), buf_str(&ends));
	if (paint != NULL)
		buf_adds(out, "\033[m");
	buf_addc(out, '\n');
	buf_free(&ends);
}

static void put_policy(const struct stat_table *t, const struct stat_row *r, const struct event *ev,
                       struct buf *out)
{
	uint64_t used = ev->policy_state.use_time;
	char text[SPAN_TEXT];

	buf_printf(out, "%-4s %10" PRIu32 " %6s ", print_known(dir_names, packet_dir(&ev->policy)),
	           ev->policy.index,
	           used == 0 ? "never" : span_text(text, t->view->now > used ? t->view->now - used : 0));
	view_statement(t->view, r->number, out);
	buf_addc(out, '\n');
}

static size_t shown(size_t n, unsigned lines)
{
	return lines != 0 && n > lines ? lines : n;
}

void stat_print_table(const struct stat_table *t, const struct stat_choices *c, struct buf *out)
{
	struct event *ev = memory_resize(NULL, 1, sizeof(*ev));
	size_t sas = shown(t->nsas, c->lines), policies = shown(t->n - t->nsas, c->lines);

	if (c->sa)
		buf_printf(out, "%-6s %-10s %6s %6s %7s %7s %6s %6s %6s %10s %6s %6s %s\n", "PROTO", "SPI",
		           "BYTES", "PKTS", "BYTES/s", "PKTS/s", "REPLAY", "WINDOW", "FORGED", "SEQUENCE",
		           "LIMIT", "SEQEND", "SOURCE DESTINATION");
	for (size_t i = 0; c->sa && i < sas; i++) {
		view_decode(t->view, t->row[i].number, ev);
		put_sa(t, &t->row[i], ev, c->color, out);
	}
	if (c->policy)
		buf_printf(out, "%-4s %10s %6s %s\n", "DIR", "INDEX", "USED", "POLICY");
	for (size_t i = 0; c->policy && i < policies; i++) {
		view_decode(t->view, t->row[t->nsas + i].number, ev);
		put_policy(t, &t->row[t->nsas + i], ev, out);
	}
	explicit_bzero(ev, sizeof(*ev));
	free(ev);
}

/* Never is null. */
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
	json_text(j, "proto", print_known(proto_names, ev->sa.proto));
	json_number(j, "spi", ev->sa.spi);
	json_text(j, "mode", print_known(mode_names, ev->sa.mode));
	json_number(j, "reqid", ev->sa.reqid);
	json_text(j, "life", print_known(state_names, ev->sa_state.life));
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
	json_text(j, "dir", print_known(dir_names, packet_dir(&ev->policy)));
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

static void set_counters(struct json *j)
{
	json_open(j, "dropped", '{');
	facts_each_counter(set_counter, j);
	json_close(j, '}');
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
	set_counters(&j);
	json_close(&j, '}');
	buf_addc(out, '\n');
	explicit_bzero(ev, sizeof(*ev));
	free(ev);
}
