/* SPDX-License-Identifier: ISC */
/*
 * Finds updates that Linux would accept and ignore: an SA in use keeps nearly everything that it was made
 * with.
 */
#include "run/run.h"

#include "model/same.h"

#include <string.h>

/* The statement, and the result of comparing it with the SA in the kernel. */
struct live {
	const struct stmt *wanted;
	enum part differs; /* the first part that would not take effect, PART_MAX: none */
};

/* The kernel reports no selector for an SA that is for all packets. */
static bool keeps_selector(const struct selector *wanted, const struct event *ev)
{
	uint8_t family = ev->sa.inner_family != 0 ? ev->sa.inner_family : ev->sa.dst.family;
	const struct selector all = { .src.family = family, .dst.family = family, .upper = UPPER_ANY };

	return same_selector(wanted, attrs_have(&ev->attrs, ATTR_SELECTOR) ? &ev->attrs.sel : &all);
}

/* Without ESN Linux caps the window at 32 packets. */
static bool keeps_window(const struct sa *wanted, const struct sa *there)
{
	bool capped = wanted->window > 32 && there->window == 32 && !(there->flags & SA_F_ESN);

	return wanted->window == there->window || capped;
}

/*
 * True if the number is equal, or if an update changes it, which it does to any number but 0. A kernel that
 * reports no direction has none to compare.
 */
static bool keeps_number(enum attr_id id, const struct attrs *x, const struct attrs *there)
{
	bool same = x->value[id] == there->value[id] && x->mask[id] == there->mask[id];

	if (attr_table[id].form == ATTR_IN_OUT && !attrs_have(there, id))
		return true;
	return same || (attr_table[id].flags & ATTR_IN_UPDATE && (x->value[id] | x->mask[id]) != 0);
}

static bool keeps_attr(enum attr_id id, const struct attrs *x, const struct event *ev)
{
	const struct attrs *there = &ev->attrs;

	switch (id) {
	case ATTR_SELECTOR:
		return keeps_selector(&x->sel, ev);
	case ATTR_COADDR:
		return attrs_have(there, id);
	case ATTR_REPLAY:
		return x->replay_out == there->replay_out && x->replay_in == there->replay_in;
	case ATTR_OFFLOAD:
		return same_attr(id, x, there);
	default:
		return keeps_number(id, x, there);
	}
}

/* The first option of the statement that would have no effect. */
static enum part find_ignored_option(const struct stmt *s, const struct event *ev)
{
	const struct attrs *x = stmt_attrs(s);
	const struct { enum part part; bool same; } rows[] = {
		{ PART_SRC, addr_equal(&s->sa.src, &ev->sa.src) },
		{ PART_CTX, same_context(&x->ctx, &ev->attrs.ctx) },
		{ PART_ESN, ev->sa.flags & SA_F_ESN },
		{ PART_WINDOW, keeps_window(&s->sa, &ev->sa) },
		{ PART_FLAGS, (s->sa.flags & SA_F_KEPT & ~ev->sa.flags) == 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (stmt_has_part(s, rows[i].part) && !rows[i].same)
			return rows[i].part;
	for (enum attr_id id = 0; id < ATTR_MAX; id++)
		if (stmt_has_part(s, PART_ATTR + id) && !keeps_attr(id, x, ev))
			return PART_ATTR + id;
	return PART_MAX;
}

static int compare_object(void *arg, const struct event *ev)
{
	struct live *live = arg;

	if (ev->kind == EVENT_SA && ev->sa_state.life != SA_LARVAL && ev->sa.spi == live->wanted->sa.spi &&
	    ev->sa_state.encname.p == NULL && ev->sa_state.authname.p == NULL)
		live->differs = same_sa(&live->wanted->sa, &ev->sa);
	else
		return 0;
	if (live->differs == PART_MAX)
		live->differs = find_ignored_option(live->wanted, ev);
	return 0;
}

int update_ignored_part(struct run *s, const struct stmt *what, const struct stmt *origin, enum part *ignored)
{
	struct live live = { what, PART_MAX };
	struct stmt get;
	int err;

	stmt_copy(&get, what);
	get.verb = VERB_GET;
	err = run_look(s, &get, origin, compare_object, &live);
	explicit_bzero(&get, sizeof(get));
	*ignored = live.differs;
	return err;
}
