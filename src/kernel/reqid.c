/* SPDX-License-Identifier: ISC */
/*
 * Request ids for level "unique" without an id. They must differ from those in the SPD and from those that
 * other setkey processes choose.
 */
#include "kernel/kernel.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Ids in one range: more than most files need, and small enough that the ranges do not run out. */
#define RANGE (1u << 18)
#define LAST (UNIQUE_FIRST + (UINT32_MAX - UNIQUE_FIRST) / RANGE * RANGE - RANGE)

static bool wants_unique_id(const struct stmt *s)
{
	if (!verb_makes_policy(s->verb))
		return false;
	for (unsigned i = 0; i < s->policy.ntmpl; i++)
		if (s->policy.tmpl[i].level == LEVEL_UNIQUE &&
		    (s->policy.tmpl[i].reqid == 0 || (s->policy.tmpl[i].reqid >= UNIQUE_FIRST && !s->exact)))
			return true;
	return false;
}

static int skip_used_ids(void *arg, const struct event *ev)
{
	struct kernel *k = arg;

	for (unsigned i = 0; ev->kind == EVENT_POLICY && i < ev->policy.ntmpl; i++)
		if (ev->policy.tmpl[i].reqid >= k->next_reqid && ev->policy.tmpl[i].reqid < k->reqid_end)
			k->next_reqid = ev->policy.tmpl[i].reqid + 1;
	return 0;
}

/*
 * Reserves a range by its abstract socket name. Like the ids, it belongs to the network namespace; the kernel
 * removes it when the process ends.
 */
static int bind_range_name(int fd, uint32_t first)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int n = snprintf(a.sun_path + 1, sizeof(a.sun_path) - 1, "setkey/unique/%" PRIu32, first);

	return bind(fd, (struct sockaddr *)&a,
	            (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n)) == 0 ?
	               0 :
	               -errno;
}

/* If a service manager or a security module forbids such a socket, ids are chosen without a reservation. */
static bool is_forbidden(int err)
{
	return err == -EAFNOSUPPORT || err == -EACCES || err == -EPERM;
}

/* Reserves the next range that no other process has reserved. */
static int reserve_range(struct kernel *k)
{
	uint32_t first = k->reqid_end ? k->reqid_end : UNIQUE_FIRST;
	/* the SPD must contain all ids of the old range before others may reserve it */
	int err = kernel_complete(k);

	kernel_release_reqids(k);
	if (err != 0)
		return err;
	k->reserved = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	err = k->reserved < 0 ? -errno : bind_range_name(k->reserved, first);
	while (err == -EADDRINUSE && first < LAST)
		err = bind_range_name(k->reserved, first += RANGE);
	k->next_reqid = first;
	k->reqid_end = err == -EADDRINUSE ? first : first + RANGE;
	return is_forbidden(err) ? 0 : err;
}

/*
 * With PF_KEY the kernel chooses the ids, with XFRM the program. The SPD is read after the range has been
 * reserved, when the previous owner of the range has sent all of its policies. So no process has to wait for
 * another.
 */
int kernel_reserve_reqids(struct kernel *k, const struct stmt *s, const struct stmt *origin)
{
	struct stmt dump = { .verb = VERB_SPDDUMP };
	struct refusal r = {
		.stmt = origin, .is_fwd_copy = s->is_fwd_copy, .part = PART_MAX, .err = EADDRINUSE, .why = ""
	};
	int err = 0;

	if (k->backend->wire != &xfrm_wire || !wants_unique_id(s))
		return 0;
	while (err == 0 && k->reqid_end - k->next_reqid < TMPL_MAX)
		if ((err = reserve_range(k)) == 0)
			err = kernel_read(k, &dump, s, skip_used_ids, k);
	if (err != -EADDRINUSE)
		return err;
	kernel_report_refusal(k, &r);
	return 1;
}

void kernel_release_reqids(struct kernel *k)
{
	if (k->reserved >= 0)
		close(k->reserved);
	k->reserved = -1;
}
