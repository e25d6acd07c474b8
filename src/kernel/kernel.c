/* SPDX-License-Identifier: ISC */
/* What netlink and PF_KEY have in common: choosing the interface, and the queue of requests. */
#include "kernel/kernel.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

void kernel_trace(struct kernel *k, bool sent, const uint8_t *bytes, size_t len)
{
	if (k->hooks.trace != NULL)
		k->hooks.trace(k->hooks.arg, k->backend->wire, sent, bytes, len);
}

void kernel_report_refusal(struct kernel *k, const struct refusal *r)
{
	if (k->hooks.refused != NULL)
		k->hooks.refused(k->hooks.arg, r);
}

bool kernel_changed(const struct kernel *k)
{
	return k->changed;
}

static int try_open(struct kernel *k, const struct backend *backend)
{
	k->backend = backend;
	return backend->open(k);
}

/*
 * Netlink may be missing, or refuse 32-bit programs on this kernel. The errors listed would occur with PF_KEY
 * as well.
 */
bool kernel_try_pfkey(enum via via, int err)
{
	static const int same[] = { EPERM, EMFILE, ENFILE, ENOBUFS, ENOMEM };

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (-err == same[i] && via == VIA_AUTO)
			return false;
	return via == VIA_PFKEY || (via == VIA_AUTO && err != 0);
}

struct kernel *kernel_open(enum via via, const struct kernel_hooks *hooks, int *err)
{
	struct kernel *k = memory_resize(NULL, 1, sizeof(*k));

	memset(k, 0, sizeof(*k));
	if (hooks != NULL)
		k->hooks = *hooks;
	k->pid = (uint32_t)getpid();
	k->reserved = -1;
	*err = via == VIA_PFKEY ? -EAFNOSUPPORT : try_open(k, &netlink_backend);
	if (kernel_try_pfkey(via, *err))
		*err = try_open(k, &pfkey_backend);
	if (*err == 0)
		return k;
	free(k);
	return NULL;
}

void kernel_close(struct kernel *k)
{
	if (k == NULL)
		return;
	k->backend->close(k);
	kernel_release_reqids(k);
	buf_free(&k->batch);
	explicit_bzero(k, sizeof(*k));
	free(k);
}

int kernel_isolate(void)
{
	if (unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0)
		return 0;
	return -errno;
}

unsigned kernel_release(void)
{
	struct utsname u;
	unsigned long major;
	char *end;

	if (uname(&u) != 0)
		return 0;
	major = strtoul(u.release, &end, 10);
	return *end == '.' ? (unsigned)(major * 100 + strtoul(end + 1, NULL, 10)) : 0;
}

bool kernel_keeps_contexts(void)
{
	return access("/sys/fs/selinux", F_OK) == 0 || access("/sys/fs/smackfs", F_OK) == 0;
}

const char *kernel_open_error(enum via via, int err)
{
	static char words[128];

	switch (-err) {
	case EPERM:
	case EACCES:
		return "the kernel wants CAP_NET_ADMIN for this: run it as root";
	case EAFNOSUPPORT:
	case EPROTONOSUPPORT:
	case EOPNOTSUPP:
		return via == VIA_XFRM ?
		               "this kernel has no XFRM netlink interface (CONFIG_XFRM_USER)" :
		       via == VIA_PFKEY ?
		               "this kernel has no PF_KEY interface (CONFIG_NET_KEY, module af_key)" :
		               "this kernel has neither XFRM netlink (xfrm_user) nor PF_KEY (af_key)";
	default:
		snprintf(words, sizeof(words), "cannot open a socket to the kernel: %s", strerror(-err));
		return words;
	}
}

void kernel_refuse(struct kernel *k, const struct pending *p, int err, bool unknown, uint32_t off,
                   struct text why)
{
	char words[REASON_MAX];
	size_t n = why.len < sizeof(words) - 1 ? why.len : sizeof(words) - 1;
	struct refusal r = { .stmt = p->origin, .is_fwd_copy = p->is_fwd_copy, .unknown = unknown, .err = err,
	                     .part = PART_MAX, .why = words };

	if (n > 0)
		memcpy(words, why.p, n);
	words[n] = '\0';
	if (off != 0 && k->backend->wire->part_at_offset != NULL && p->off + p->len <= k->batch.len)
		r.part = k->backend->wire->part_at_offset(p->origin, k->batch.bytes + p->off, p->len, off);
	kernel_report_refusal(k, &r);
}

/* Reports a refusal of the encoder. */
static void refuse_encoding(struct kernel *k, const struct pending *p, const struct encoding *e)
{
	struct refusal r = {
		.stmt = p->origin, .is_fwd_copy = p->is_fwd_copy, .part = e->part, .err = EOPNOTSUPP, .why = e->reason
	};

	kernel_report_refusal(k, &r);
}

/* Encodes the request into out. Returns 0, or 1 after a refusal. */
static int encode_request(struct kernel *k, const struct stmt *s, struct pending *p, struct buf *out)
{
	struct encoding e;

	e.out = out;
	e.seq = p->seq;
	e.pid = k->backend->via == VIA_PFKEY ? k->pid : k->sender_id;
	e.unique = k->next_reqid;
	p->off = out->len;
	if (k->backend->wire->encode(s, &e) != 0) {
		refuse_encoding(k, p, &e);
		return 1;
	}
	p->len = out->len - p->off;
	k->next_reqid = e.unique;
	return 0;
}

static void empty_batch(struct kernel *k)
{
	buf_clear(&k->batch);
	k->npending = 0;
}

const struct wire *kernel_wire(const struct kernel *k)
{
	return k->backend->wire;
}

static bool is_pfkey(const struct kernel *k)
{
	return k->backend->via == VIA_PFKEY;
}

/*
 * With PF_KEY the kernel stores a sequence number in a new SA and takes it for the answer to an ACQUIRE, so
 * requests that make SAs have 0.
 */
static uint32_t next_seq(struct kernel *k, enum verb verb)
{
	if (is_pfkey(k) && (verb == VERB_ADD || verb == VERB_UPDATE || verb == VERB_GETSPI))
		return 0;
	k->seq += k->seq == UINT32_MAX ? 2 : 1;
	return k->seq;
}

int kernel_reserve(struct kernel *k, unsigned requests)
{
	bool full = k->npending + requests > BATCH_MAX || k->batch.len > BATCH_BYTES - requests * 4096;

	return full ? kernel_complete(k) : 0;
}

/* Fills in the next request of the batch. The caller adds 1 to npending once it is encoded. */
static struct pending *next_pending(struct kernel *k, enum verb verb, const struct stmt *origin)
{
	struct pending *p = &k->pending[k->npending];

	p->seq = next_seq(k, verb);
	p->origin = origin;
	p->verb = verb;
	p->is_fwd_copy = false;
	p->answered = false;
	p->off = k->batch.len;
	return p;
}

int kernel_request(struct kernel *k, const struct stmt *s, const struct stmt *origin)
{
	struct pending *p;
	int err = kernel_reserve_reqids(k, s, origin);

	if (err > 0)
		return 0;
	if (err == 0)
		err = kernel_reserve(k, 1);
	if (err != 0)
		return err;
	p = next_pending(k, s->verb, origin);
	p->is_fwd_copy = s->is_fwd_copy;
	if (encode_request(k, s, p, &k->batch) != 0)
		return 0;
	k->npending++;
	return 0;
}

int kernel_remake(struct kernel *k, const uint8_t *bytes, size_t len, enum verb verb,
                  const struct variation *v, const struct stmt *origin)
{
	struct encoding e = { .out = &k->batch };
	int err = kernel_reserve(k, 1);
	struct pending *p;

	if (err != 0)
		return err;
	p = next_pending(k, verb, origin);
	e.seq = p->seq;
	e.pid = k->sender_id;
	k->backend->wire->remake(bytes, len, verb, v, &e);
	p->len = k->batch.len - p->off;
	k->npending++;
	return 0;
}

int kernel_complete(struct kernel *k)
{
	int err = k->npending > 0 ? k->backend->exchange(k) : 0;

	empty_batch(k);
	return err;
}

uint32_t kernel_sign(struct kernel *k)
{
	k->sender_id = k->backend->port != NULL ? k->backend->port(k) : 0;
	return k->sender_id;
}

size_t kernel_total(struct kernel *k, bool policies)
{
	return k->backend->total != NULL && kernel_complete(k) == 0 ? k->backend->total(k, policies) : 0;
}

int kernel_read(struct kernel *k, const struct stmt *s, const struct stmt *origin,
                int (*each)(void *arg, const struct event *ev), void *arg)
{
	struct pending p = { .seq = is_pfkey(k) ? 0 : next_seq(k, s->verb),
		             .origin = origin,
		             .verb = s->verb };
	struct buf request = { 0 };
	int err = kernel_complete(k);

	k->changed = false;
	k->event.err = 0;
	if (err == 0 && encode_request(k, s, &p, &request) == 0)
		err = k->backend->read(k, request.bytes, request.len, p.seq, each, arg);
	/* the error is the kernel's answer, not a failure of the socket */
	if (err < 0 && s->verb == VERB_GET && k->event.err == -err) {
		kernel_refuse(k, &p, -err, false, 0, (struct text){ "", 0 });
		err = 0;
	}
	explicit_bzero(&k->event, sizeof(k->event));
	explicit_bzero(k->receive, sizeof(k->receive));
	buf_free(&request);
	return err;
}
