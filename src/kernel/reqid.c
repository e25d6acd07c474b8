/* SPDX-License-Identifier: ISC */
/*
 * The ids that a bare "unique" stands for: made up so that no policy has them, and no other setkey makes the
 * same.
 */
#include "kernel/kernel.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/*
 * Ids that are made under one name: more than most files need, and so many names that nobody takes them all
 * by chance.
 */
#define RANGE (1u << 18)
#define LAST (UNIQUE_FIRST + (UINT32_MAX - UNIQUE_FIRST) / RANGE * RANGE - RANGE)

static bool wants_id(const struct stmt *s)
{
	if (!verb_makes_policy(s->verb))
		return false;
	for (unsigned i = 0; i < s->policy.ntmpl; i++)
		if (s->policy.tmpl[i].level == LEVEL_UNIQUE &&
		    (s->policy.tmpl[i].reqid == 0 || (s->policy.tmpl[i].reqid >= UNIQUE_FIRST && !s->exact)))
			return true;
	return false;
}

static int next_free(void *arg, const struct event *ev)
{
	struct kernel *k = arg;

	for (unsigned i = 0; ev->kind == EVENT_POLICY && i < ev->policy.ntmpl; i++)
		if (ev->policy.tmpl[i].reqid >= k->next_reqid && ev->policy.tmpl[i].reqid < k->reqid_end)
			k->next_reqid = ev->policy.tmpl[i].reqid + 1;
	return 0;
}

/* An abstract name belongs to the network namespace, as the ids do, and goes with the process that has it. */
static int take_name(int fd, uint32_t first)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int n = snprintf(a.sun_path + 1, sizeof(a.sun_path) - 1, "setkey/unique/%" PRIu32, first);

	return bind(fd, (struct sockaddr *)&a,
	            (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n)) == 0 ?
	               0 :
	               -errno;
}

/* Where a service manager or a security module lets us have no such name, nobody is kept out. */
static bool is_forbidden(int err)
{
	return err == -EAFNOSUPPORT || err == -EACCES || err == -EPERM;
}

/* The next range that is no other process's. */
static int reserve_range(struct kernel *k)
{
	uint32_t first = k->reqid_end ? k->reqid_end : UNIQUE_FIRST;
	int err = kernel_complete(k); /* ids of the range that we leave are now to be seen in the SPD */

	kernel_release_reqids(k);
	if (err != 0)
		return err;
	k->reserved = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	err = k->reserved < 0 ? -errno : take_name(k->reserved, first);
	while (err == -EADDRINUSE && first < LAST)
		err = take_name(k->reserved, first += RANGE);
	k->next_reqid = first;
	k->reqid_end = err == -EADDRINUSE ? first : first + RANGE;
	return is_forbidden(err) ? 0 : err;
}

/*
 * PF_KEY lets the kernel make the ids; through XFRM it is up to us. First the range is reserved, then the SPD
 * read: whoever had it before has sent all of its ids. So no load ever waits for another.
 */
int kernel_reserve_reqids(struct kernel *k, const struct stmt *s, const struct stmt *origin)
{
	struct stmt dump = { .verb = VERB_SPDDUMP };
	struct refusal r = {
		.stmt = origin, .is_fwd_copy = s->is_fwd_copy, .part = PART_MAX, .err = EADDRINUSE, .why = ""
	};
	int err = 0;

	if (k->backend->wire != &xfrm_wire || !wants_id(s))
		return 0;
	while (err == 0 && k->reqid_end - k->next_reqid < TMPL_MAX)
		if ((err = reserve_range(k)) == 0)
			err = kernel_read(k, &dump, s, next_free, k);
	if (err != -EADDRINUSE)
		return err;
	k->hooks.refused(k->hooks.arg, &r);
	return 1;
}

void kernel_release_reqids(struct kernel *k)
{
	if (k->reserved >= 0)
		close(k->reserved);
	k->reserved = -1;
}
