/* SPDX-License-Identifier: ISC */
/* Makes the plan, and sends it to the kernel. */
#include "sync/sync.h"

#include <stdlib.h>
#include <string.h>

/* So many requests always fit into one send call. */
enum { PIECE_MAX = 15 };

int sync_plan(struct sync *s)
{
	int err;

	sync_forget(s);
	if (s->watch != NULL)
		watch_changed(s->watch);
	s->there.with_larval = s->fresh_sas;
	err = snapshot_read(&s->there, s->kernel);
	if (err != 0)
		return err;
	sync_compare(s);
	sync_order(s);
	sync_list_steps(s);
	return 0;
}

/* A statement that is being sent. */
struct sending {
	struct stmt stmt;
	struct attrs attrs;
};

static bool have_same_keys(const struct sa *a, const struct sa *b)
{
	return a->encbits == b->encbits && a->authbits == b->authbits &&
	       memcmp(a->key, b->key, sizeof(a->key)) == 0;
}

/*
 * Lets an SA that replaces one with the same keys continue its sequence numbers: none may be used twice, and
 * its peer accepts no lower ones.
 */
static void continue_sequence(struct sync *s, const struct wanted *w, struct sending *out)
{
	struct event *ev;

	if (w->there == 0 || s->fresh_sas || attrs_have(stmt_attrs(w->stmt), ATTR_REPLAY))
		return;
	ev = memory_resize(NULL, 1, sizeof(*ev));
	object_decode(&s->there.object[w->there - 1], ev);
	if (have_same_keys(&out->stmt.sa, &ev->sa) && (ev->attrs.replay_out | ev->attrs.replay_in) != 0) {
		out->attrs = *stmt_attrs(w->stmt);
		out->attrs.has |= 1u << ATTR_REPLAY;
		out->attrs.replay_out = ev->attrs.replay_out;
		out->attrs.replay_in = ev->attrs.replay_in;
		out->stmt.attrs = &out->attrs;
	}
	explicit_bzero(ev, sizeof(*ev));
	free(ev);
}

/* The same for an SA that is restored from a snapshot. */
static void continue_object(struct sync *s, const struct wanted *w, struct buf *message)
{
	struct event *ev, *there;

	if (w->there == 0 || w->dir != 0)
		return;
	ev = memory_resize(NULL, 2, sizeof(*ev));
	there = ev + 1;
	object_decode(w->object, ev);
	object_decode(&s->there.object[w->there - 1], there);
	if (have_same_keys(&ev->sa, &there->sa) && there->attrs.replay_out >= ev->attrs.replay_out &&
	    there->attrs.replay_in >= ev->attrs.replay_in)
		xfrm_set_sequence(message->bytes, message->len, there->attrs.replay_out,
		                  there->attrs.replay_in);
	explicit_bzero(ev, 2 * sizeof(*ev));
	free(ev);
}

static int send_object(struct sync *s, const struct step *step)
{
	const struct wanted *w = &s->wanted[step->wanted - 1];
	const struct variation v = { .priority = step->for_now ? &step->priority : NULL };
	struct buf message = { 0 };
	int err;

	buf_add(&message, w->object->message, w->object->len);
	continue_object(s, w, &message);
	err = kernel_remake(s->kernel, message.bytes, message.len, step->verb, &v, s->removal);
	buf_free(&message);
	return err;
}

static int send_wanted(struct sync *s, const struct step *step, struct sending *out)
{
	const struct wanted *w = &s->wanted[step->wanted - 1];

	if (w->stmt == NULL)
		return send_object(s, step);
	stmt_copy(&out->stmt, w->stmt);
	out->stmt.verb = step->verb;
	if (step->for_now)
		out->stmt.policy.priority = step->priority;
	if (w->dir != 0)
		out->stmt.policy.index = wanted_index(w);
	if (step->verb == VERB_ADD)
		continue_sequence(s, w, out);
	return kernel_request(s->kernel, &out->stmt, w->origin);
}

static int send_existing(struct sync *s, const struct step *step, const struct object *o)
{
	const struct variation v = { .priority = step->for_now ? &step->priority : NULL,
	                             .mark = step->stands_in && !step->other_user ? &step->mark : NULL,
	                             .other_user = step->other_user };

	return kernel_remake(s->kernel, o->message, o->len, step->verb, &v, s->removal);
}

/* How many steps are sent in one piece, from this one on. */
static unsigned count_piece(const struct sync *s, size_t first)
{
	size_t n = first;

	while (n + 1 < s->nsteps && s->step[n].with_next)
		n++;
	return (unsigned)(n - first + 1 < PIECE_MAX ? n - first + 1 : PIECE_MAX);
}

int sync_send(struct sync *s)
{
	struct sending *out = memory_resize(NULL, 1, sizeof(*out));
	int err = 0;

	for (size_t i = 0; i < s->nsteps && err == 0; i++) {
		const struct step *step = &s->step[i];
		const struct object *o = step->there != 0 ? &s->there.object[step->there - 1] : NULL;

		if (step->with_next && (i == 0 || !s->step[i - 1].with_next))
			err = kernel_reserve(s->kernel, count_piece(s, i));
		if (err == 0)
			err = o == NULL ? send_wanted(s, step, out) : send_existing(s, step, o);
	}
	explicit_bzero(out, sizeof(*out));
	free(out);
	return err != 0 ? err : kernel_complete(s->kernel);
}
