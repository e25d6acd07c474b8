/* SPDX-License-Identifier: ISC */
/*
 * Loads a file that begins with flush; and spdflush;. Such a file replaces everything, so it is loaded as a
 * sync, which keeps packets protected on the way; its statements, one by one, would let packets pass in the
 * clear after the flush.
 */
#include "run/run.h"

#include "sync/sync.h"

#include <errno.h>
#include <string.h>

static bool is_flush(const struct stmt *s)
{
	return s->verb == VERB_FLUSH && s->sa.proto == PROTO_ANY;
}

static bool is_spdflush(const struct stmt *s)
{
	return s->verb == VERB_SPDFLUSH && !(s->policy.flags & POLICY_F_SUB);
}

/*
 * The number of statements at the beginning that describe a whole state: flushes of both tables, then
 * additions only. 0: the list does not begin like that.
 */
static size_t count_state(const struct concretes *list, const struct stmt **flush)
{
	bool sad = false, spd = false;
	size_t n = 0;

	for (; n < list->n && (is_flush(list->one[n].stmt) || is_spdflush(list->one[n].stmt)); n++) {
		sad |= is_flush(list->one[n].stmt);
		spd |= is_spdflush(list->one[n].stmt);
		*flush = list->one[n].origin;
	}
	if (!sad || !spd)
		return 0;
	while (n < list->n &&
	       (verb_makes_policy(list->one[n].stmt->verb) || list->one[n].stmt->verb == VERB_ADD))
		n++;
	return n;
}

/* Sends additions of objects that an earlier statement adds, for the kernel to refuse. */
static int send_repeated(struct run *s, const struct sync *sync)
{
	int err = 0;

	for (size_t i = 0; i < sync->nrepeated && err == 0; i++)
		err = kernel_request(s->kernel, sync->repeated[i].stmt, sync->repeated[i].origin);
	return err != 0 ? err : kernel_complete(s->kernel);
}

/*
 * An SA with SPI 0 goes with a flush of all SAs only. It is sent where the plan cannot delete one: the
 * policies stay, so that packets wait for their new SAs and none is sent in the clear.
 */
static int flush_unnamed(struct run *s, struct sync *sync, const struct concretes *list)
{
	const struct concrete *flush = list->one;
	int err;

	if (sync->unnamed == 0)
		return 0;
	while (!is_flush(flush->stmt))
		flush++;
	err = kernel_request(s->kernel, flush->stmt, flush->origin);
	if (err == 0)
		err = kernel_complete(s->kernel);
	return err != 0 ? err : sync_plan(sync);
}

int run_replace(struct run *s, const struct concretes *list, size_t *done)
{
	struct concretes whole = *list;
	struct unsuited why;
	struct sync sync = { .kernel = s->kernel, .fresh_sas = true };
	int err;

	*done = 0;
	if (s->settings->literal || kernel_wire(s->kernel) != &xfrm_wire)
		return 0;
	whole.n = count_state(list, &sync.removal);
	if (whole.n == 0 || (kernel_total(s->kernel, false) == 0 && kernel_total(s->kernel, true) == 0))
		return 0;
	sync_want(&sync, &whole, &why);
	err = sync_plan(&sync);
	if (err == 0 && s->ssh != NULL && whole.n == list->n)
		guard_judge(s->ssh, &sync, GUARD_WARNS, s->in, s->settings);
	else if (err == 0 && s->ssh != NULL)
		guard_warn(s->ssh, s->kernel, list, s->in, s->settings);
	s->sync = &sync;
	if (err == 0)
		err = flush_unnamed(s, &sync, &whole);
	if (err == 0)
		err = sync_send(&sync);
	if (err == 0)
		err = send_repeated(s, &sync);
	s->sync = NULL;
	sync_free(&sync);
	*done = whole.n;
	return err;
}
