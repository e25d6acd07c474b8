/* SPDX-License-Identifier: ISC */
/* The tables of a kernel, or those that files would make, as one list of objects. */
#include "see/view.h"

#include "format/format.h"
#include "sync/sync.h"
#include "text/visible.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ONE_ORDER = 612 }; /* from here on equal policies have one order, whatever their prefixes are */

static void add_object(struct view *v, const struct wanted *w, struct buf *message, const struct event *ev)
{
	struct snapshot *s = &v->tables;

	s->object = memory_grow(s->object, s->n, &s->cap, sizeof(*s->object));
	s->object[s->n++] = (struct object){
		.message = arena_copy(&s->arena, message->bytes, message->len),
		.len = (uint32_t)message->len,
		.name = w->name,
		.proto = ev->sa.proto,
		.priority = w->priority,
		.dir = w->dir,
		.sub = w->sub,
		.clear = w->clear,
	};
	v->origin = memory_resize(v->origin, s->cap, sizeof(const struct stmt *));
	v->origin[s->n - 1] = w->origin;
}

/* A "unique" without a number gets the next reqid, as in the kernel. */
static void add_wanted(struct view *v, const struct sync *s, bool policies)
{
	struct event *ev = memory_resize(NULL, 1, sizeof(*ev));
	struct encoding e = { .unique = UNIQUE_FIRST };
	struct buf message = { 0 };

	for (size_t i = 0; i < s->n; i++) {
		const struct wanted *w = &s->wanted[i];

		if ((w->dir != 0) != policies || w->dropped)
			continue;
		buf_clear(&message);
		e.out = &message;
		xfrm_wire.encode(w->stmt, &e);
		xfrm_wire.decode(message.bytes, message.len, ev);
		add_object(v, w, &message, ev);
	}
	if (!policies)
		v->tables.nsas = v->tables.n;
	buf_free(&message);
	explicit_bzero(ev, sizeof(*ev));
	free(ev);
}

/* True for a policy between two hosts: the kernel keeps it in another list than one for ranges. */
static bool is_exact(const struct view *v, size_t i)
{
	const struct conditions *c = view_conditions(v, i);

	return addr_is_host(&c->sel.src) && addr_is_host(&c->sel.dst);
}

static void find_first_inexact(struct view *v)
{
	for (size_t i = v->tables.nsas; i < v->tables.n; i++) {
		const struct object *o = &v->tables.object[i];
		size_t *first = &v->first_inexact[o->dir - DIR_IN];

		if ((*first == 0 || o->priority < v->tables.object[*first - 1].priority) && !is_exact(v, i))
			*first = i + 1;
	}
}

static void begin_view(struct view *v)
{
	v->release = kernel_release();
	v->now = (uint64_t)time(NULL);
	v->index = view_index_new();
}

int view_read_kernel(struct view *v, struct kernel *k)
{
	int err;

	begin_view(v);
	facts_read(&v->facts);
	err = snapshot_read(&v->tables, k);
	if (err == 0 && v->release != 0 && v->release < ONE_ORDER)
		find_first_inexact(v);
	return err;
}

void view_read_files(struct view *v, const struct concretes *list)
{
	struct sync s = { 0 };

	begin_view(v);
	facts_of_fresh_kernel(&v->facts);
	v->origin = memory_resize(NULL, 1, sizeof(const struct stmt *));
	sync_want(&s, list, NULL);
	add_wanted(v, &s, false);
	add_wanted(v, &s, true);
	sync_free(&s);
	if (v->release != 0 && v->release < ONE_ORDER)
		find_first_inexact(v);
}

void view_free(struct view *v)
{
	snapshot_free(&v->tables);
	free(v->origin);
	view_index_free(v->index);
	*v = (struct view){ 0 };
}

bool view_is_kernel(const struct view *v)
{
	return v->origin == NULL;
}

void view_decode(const struct view *v, size_t i, struct event *ev)
{
	struct sa_state *st = &ev->sa_state;
	const struct lifetime *soft = &ev->attrs.soft;

	object_decode(&v->tables.object[i], ev);
	if (ev->kind == EVENT_SA && !view_is_kernel(v))
		st->life = SA_MATURE; /* a request says nothing of it */
	if (ev->kind != EVENT_SA || st->life != SA_MATURE || st->add_time == 0)
		return;
	if ((soft->add_secs != 0 && v->now >= st->add_time + soft->add_secs) ||
	    (soft->use_secs != 0 && st->use_time != 0 && v->now >= st->use_time + soft->use_secs))
		st->life = SA_DYING;
}

void view_name(const struct view *v, size_t i, struct buf *out)
{
	const struct object *o = &v->tables.object[i];
	struct event *ev;

	if (!view_is_kernel(v)) {
		const struct stmt *s = v->origin[i];
		uint32_t line, col;

		source_place(s->src, s->at.off, &line, &col);
		buf_printf(out, "%s:%u", s->src->name, line);
		return;
	}
	ev = memory_resize(NULL, 1, sizeof(*ev));
	object_decode(o, ev);
	if (o->dir != 0)
		buf_printf(out, "index %u", ev->policy.index);
	else
		buf_printf(out, "%s 0x%08x", known_word(proto_names, ev->sa.proto), ev->sa.spi);
	explicit_bzero(ev, sizeof(*ev));
	free(ev);
}

void view_show_name(const struct view *v, size_t i, struct buf *out)
{
	struct buf name = { 0 };

	view_name(v, i, &name);
	visible_puts(buf_str(&name), out);
	buf_free(&name);
}

void view_statement(const struct view *v, size_t i, struct buf *out)
{
	const struct print_opts o = { .keys = false };
	struct event *ev = memory_resize(NULL, 1, sizeof(*ev));

	view_decode(v, i, ev);
	(ev->kind == EVENT_SA ? conf_format.sa : conf_format.policy)(ev, &o, out);
	while (out->len > 0 && out->bytes[out->len - 1] == '\n')
		out->len--;
	explicit_bzero(ev, sizeof(*ev));
	free(ev);
}

/*
 * Before 6.12 the kernel counts ages, from 0, only for policies for ranges. Those between two hosts all have
 * age 0, so that they come before all ranges of equal priority but the first one, which has age 0 too.
 */
static bool has_two_lists(const struct view *v, size_t i)
{
	return v->first_inexact[v->tables.object[i].dir - DIR_IN] != 0;
}

bool view_is_before(const struct view *v, size_t a, size_t b)
{
	const struct object *x = &v->tables.object[a], *y = &v->tables.object[b];

	if (x->priority != y->priority)
		return x->priority < y->priority;
	if (has_two_lists(v, a) && is_exact(v, a) != is_exact(v, b))
		return is_exact(v, a);
	return a < b;
}

bool view_is_unordered(const struct view *v, size_t a, size_t b)
{
	const struct object *x = &v->tables.object[a], *y = &v->tables.object[b];

	if (x->priority != y->priority)
		return false;
	/*
	 * Policies for ranges that were older may have been deleted, and the age of this one stays as it was.
	 */
	if (has_two_lists(v, a) && is_exact(v, a) && v->first_inexact[y->dir - DIR_IN] == b + 1)
		return true;
	/* The stamp is the index, which the kernel counts up; a policy that is replaced keeps its index. */
	return view_is_kernel(v) && (a < b) != (x->stamp < y->stamp);
}
