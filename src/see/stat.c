/* SPDX-License-Identifier: ISC */
/* Computes the rates of SAs from two readings of their counters, and when they end. */
#include "see/stat.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

/*
 * The number, from 1, of an object of this name, made at the same time, in the earlier reading; 0: it is new.
 */
static size_t find_before(const struct view *v, const struct hash_table *names, const struct object *o)
{
	size_t at = hash_find(names, o->name);

	return at != 0 && v->tables.object[at - 1].stamp == o->stamp ? at : 0;
}

static void lower_to(uint64_t *to, uint64_t secs)
{
	if (secs < *to)
		*to = secs;
}

/* Seconds to the nearest hard limit; to one in bytes or packets at the present rate. */
static uint64_t time_to_limit(const struct event *ev, const struct stat_row *row, uint64_t now)
{
	const struct lifetime *hard = &ev->attrs.hard;
	const struct sa_state *st = &ev->sa_state;
	uint64_t secs = UINT64_MAX, end;

	if (hard->add_secs != 0) {
		end = st->add_time + hard->add_secs;
		lower_to(&secs, end > now ? end - now : 0);
	}
	if (hard->use_secs != 0 && st->use_time != 0) {
		end = st->use_time + hard->use_secs;
		lower_to(&secs, end > now ? end - now : 0);
	}
	if (hard->bytes != 0 && (row->byte_rate > 0 || row->bytes >= hard->bytes))
		lower_to(&secs, row->bytes >= hard->bytes
		                       ? 0
		                       : (uint64_t)((double)(hard->bytes - row->bytes) / row->byte_rate));
	if (hard->packets != 0 && (row->packet_rate > 0 || row->packets >= hard->packets))
		lower_to(&secs,
		         row->packets >= hard->packets
		                ? 0
		                : (uint64_t)((double)(hard->packets - row->packets) / row->packet_rate));
	return secs;
}

static void read_sa(struct stat_row *row, const struct event *ev)
{
	const struct sa_state *st = &ev->sa_state;
	const struct attrs *x = &ev->attrs;

	row->bytes = st->bytes;
	row->packets = st->packets;
	row->late = st->late;
	row->replayed = st->replayed;
	row->forged = st->forged;
	if (attrs_have(x, ATTR_REPLAY))
		row->sequence = x->replay_out > x->replay_in ? x->replay_out : x->replay_in;
}

static void set_rates(struct stat_row *row, const struct stat_row *was, double secs)
{
	if (secs <= 0 || row->bytes < was->bytes || row->packets < was->packets)
		return;
	row->byte_rate = (double)(row->bytes - was->bytes) / secs;
	row->packet_rate = (double)(row->packets - was->packets) / secs;
}

static void set_ends(struct stat_row *row, const struct event *ev, uint64_t now)
{
	uint64_t last = ev->sa.flags & SA_F_ESN ? UINT64_MAX : UINT32_MAX;

	row->to_limit = time_to_limit(ev, row, now);
	row->to_sequence_end = UINT64_MAX;
	if (row->sequence >= last)
		row->to_sequence_end = 0;
	else if (row->packet_rate > 0 && !(ev->sa.flags & (SA_F_ESN | SA_F_OSEQ_WRAP)))
		row->to_sequence_end = (uint64_t)((double)(last - row->sequence) / row->packet_rate);
}

void stat_find(struct stat_table *t, const struct view *v, const struct view *before, double secs)
{
	struct event *ev = memory_resize(NULL, 1, sizeof(*ev));
	struct hash_table names = { 0 };

	*t = (struct stat_table){ .view = v, .n = v->tables.n, .nsas = v->tables.nsas };
	t->row = memory_resize(NULL, t->n, sizeof(*t->row));
	for (size_t i = 0; before != NULL && i < before->tables.nsas; i++)
		*hash_at(&names, before->tables.object[i].name) = (uint32_t)i + 1;
	for (size_t i = 0; i < t->n; i++) {
		struct stat_row *row = &t->row[i], was = { 0 };
		size_t at =
			i < t->nsas && before != NULL ? find_before(before, &names, &v->tables.object[i]) : 0;

		*row = (struct stat_row){ .number = i,
			                  .to_limit = UINT64_MAX,
			                  .to_sequence_end = UINT64_MAX };
		if (i >= t->nsas)
			continue;
		if (at != 0) {
			view_decode(before, at - 1, ev);
			read_sa(&was, ev);
		}
		view_decode(v, i, ev);
		read_sa(row, ev);
		if (at != 0)
			set_rates(row, &was, secs);
		set_ends(row, ev, v->now);
	}
	hash_free(&names);
	explicit_bzero(ev, sizeof(*ev));
	free(ev);
}

static int compare_rows(const void *a, const void *b)
{
	const struct stat_row *x = a, *y = b;

	if (x->byte_rate != y->byte_rate)
		return x->byte_rate > y->byte_rate ? -1 : 1;
	if (x->bytes != y->bytes)
		return x->bytes > y->bytes ? -1 : 1;
	return x->number < y->number ? -1 : 1;
}

void stat_sort(struct stat_table *t)
{
	qsort(t->row, t->nsas, sizeof(*t->row), compare_rows);
}

void stat_free(struct stat_table *t)
{
	free(t->row);
	*t = (struct stat_table){ 0 };
}
