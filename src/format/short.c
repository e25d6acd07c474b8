/* SPDX-License-Identifier: ISC */
/* Prints the short table of the classic -l, one SA a line. Knows no kernel structure. */
#include "format/format.h"

#include "model/names.h"

#include <inttypes.h>

enum { AGE_END = 1000 }; /* from here on a time is "big" */

const char short_header[] = "time p   s spi      ltime   src -> dst\n";

static void add_age(struct buf *out, int width, uint64_t secs)
{
	if (secs < AGE_END)
		buf_printf(out, "%*" PRIu64, width, secs);
	else
		buf_adds(out, "big");
}

static void add_end(struct buf *out, const struct addr *a)
{
	print_addr(out, a, "");
	if (a->port != 0)
		print_port(out, a->port);
}

static void print_sa(const struct event *ev, const struct print_opts *o, struct buf *out)
{
	static const char letters[] = {
		[SA_LARVAL] = 'L', [SA_MATURE] = 'M', [SA_DYING] = 'D', [SA_DEAD] = 'd'
	};
	const struct sa_state *st = &ev->sa_state;
	/* The classic tool had words for these two protocols only. */
	const char *proto = ev->sa.proto == PROTO_AH ? "ah" : ev->sa.proto == PROTO_ESP ? "esp" : "#9";

	if (o->hide_dead && st->life == SA_DEAD)
		return;
	buf_printf(out, "%02u%02u", (unsigned)(o->now % 3600 / 60), (unsigned)(o->now % 60));
	buf_printf(out, " %-3s %c %08x", proto, st->life <= SA_DEAD ? letters[st->life] : '?', ev->sa.spi);
	buf_addc(out, ' ');
	add_age(out, 3, st->add_time == 0 ? 0 : o->now - st->add_time);
	buf_addc(out, '/');
	add_age(out, -3, ev->attrs.hard.add_secs);
	buf_addc(out, ' ');
	add_end(out, &ev->sa.src);
	buf_adds(out, " -> ");
	add_end(out, &ev->sa.dst);
	buf_addc(out, '\n');
}

const struct format short_format = {
	.name = "short", .sa = print_sa,
};
