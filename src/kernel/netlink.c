/* SPDX-License-Identifier: ISC */
/*
 * The XFRM netlink socket: batches in which only the last request asks for an ack, and dumps. Answers are
 * matched to requests by sequence number.
 */
#include "kernel/kernel.h"

#include "kernel/socket.h"
#include "model/same.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct channel {
	struct mnl_socket *socket;
};

/*
 * An answer is at most the header of the request, a sentence and an offset. BATCH_MAX of them fit the default
 * receive buffer; the larger one is a reserve.
 */
static void set_options(struct mnl_socket *nl)
{
	int on = 1, bytes = 1 << 20;

	mnl_socket_setsockopt(nl, NETLINK_CAP_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(nl, NETLINK_EXT_ACK, &on, sizeof(on));
	socket_set_receive_buffer(mnl_socket_get_fd(nl), bytes);
	if (setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) != 0)
		setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

static ssize_t receive_datagram(struct kernel *k)
{
	return netlink_receive(k->channel->socket, k->receive, sizeof(k->receive));
}

/*
 * Requests the counters of a table with XFRM_MSG_GETSADINFO or GETSPDINFO. Returns the number of bytes
 * received in k->receive, or -errno.
 */
static ssize_t ask_counts(struct kernel *k, uint16_t type)
{
	struct { struct nlmsghdr h; uint32_t flags; } request = {
		.h = { .nlmsg_len = sizeof(request), .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST, .nlmsg_seq = ++k->seq },
	};
	int err = netlink_send(k->channel->socket, (const uint8_t *)&request, sizeof(request));

	return err != 0 ? err : receive_datagram(k);
}

/* Only an answer shows whether the process has CAP_NET_ADMIN, which even this request needs. */
static int check_permission(struct kernel *k)
{
	const struct nlmsghdr *h = (const struct nlmsghdr *)(const void *)k->receive;
	ssize_t n = ask_counts(k, XFRM_MSG_GETSADINFO);

	if (n < 0)
		return (int)n;
	if ((size_t)n < sizeof(*h) + sizeof(int) || h->nlmsg_type != NLMSG_ERROR)
		return 0;
	return ((const struct nlmsgerr *)mnl_nlmsg_get_payload(h))->error;
}

static size_t count_objects(struct kernel *k, bool policies)
{
	const struct nlmsghdr *h = (const struct nlmsghdr *)(const void *)k->receive;
	ssize_t n = ask_counts(k, policies ? XFRM_MSG_GETSPDINFO : XFRM_MSG_GETSADINFO);
	struct nlattr *a;
	struct xfrmu_spdinfo spd;

	if (n <= 0 || !mnl_nlmsg_ok(h, (int)n) ||
	    h->nlmsg_type != (policies ? XFRM_MSG_NEWSPDINFO : XFRM_MSG_NEWSADINFO))
		return 0;
	mnl_attr_for_each(a, h, sizeof(uint32_t)) {
		if (!policies && mnl_attr_get_type(a) == XFRMA_SAD_CNT &&
		    mnl_attr_get_payload_len(a) >= sizeof(uint32_t))
			return mnl_attr_get_u32(a);
		if (policies && mnl_attr_get_type(a) == XFRMA_SPD_INFO &&
		    mnl_attr_get_payload_len(a) >= sizeof(spd)) {
			memcpy(&spd, mnl_attr_get_payload(a), sizeof(spd));
			return (size_t)spd.incnt + spd.outcnt + spd.fwdcnt + spd.inscnt + spd.outscnt +
			       spd.fwdscnt;
		}
	}
	return 0;
}

static void close_socket(struct kernel *k)
{
	if (k->channel != NULL && k->channel->socket != NULL)
		mnl_socket_close(k->channel->socket);
	free(k->channel);
	k->channel = NULL;
}

static int open_socket(struct kernel *k)
{
	int err;

	k->channel = memory_resize(NULL, 1, sizeof(*k->channel));
	err = netlink_open(&k->channel->socket, NETLINK_XFRM, 0);
	if (err == 0) {
		set_options(k->channel->socket);
		err = check_permission(k);
	}
	if (err != 0)
		close_socket(k);
	return err;
}

static uint32_t socket_port(const struct kernel *k)
{
	return mnl_socket_get_portid(k->channel->socket);
}

static struct pending *pending_by_seq(struct kernel *k, uint32_t seq)
{
	uint32_t first = k->pending[0].seq;

	/* refused encodings leave gaps in the sequence numbers, so there is no direct index */
	for (unsigned i = 0; i < k->npending; i++)
		if (seq >= first && k->pending[i].seq == seq)
			return &k->pending[i];
	return NULL;
}

/* Handles one datagram of answers. *done is set by the answer to the last request. */
static void handle_answers(struct kernel *k, size_t len, bool *done)
{
	const uint8_t *at = k->receive;
	ssize_t n;

	kernel_trace(k, false, at, len);
	for (; len > 0 && (n = xfrm_wire.decode(at, len, &k->event)) > 0; at += n, len -= (size_t)n) {
		struct pending *p = pending_by_seq(k, k->event.seq);

		if (p == NULL || k->event.kind != EVENT_ERROR || p->answered)
			continue;
		p->answered = true;
		if (k->event.err != 0)
			kernel_refuse(k, p, k->event.err, false, k->event.err_off, k->event.why);
		*done |= p == &k->pending[k->npending - 1];
	}
}

/*
 * Netlink does not report the state "dying", so it is set here as PF_KEY does: the soft limit in seconds has
 * passed.
 */
static void mark_dying(struct event *ev, uint64_t now)
{
	const struct lifetime *soft = &ev->attrs.soft;
	struct sa_state *st = &ev->sa_state;

	if (ev->kind != EVENT_SA || st->life != SA_MATURE)
		return;
	if ((soft->add_secs != 0 && now >= st->add_time + soft->add_secs) ||
	    (soft->use_secs != 0 && st->use_time != 0 && now >= st->use_time + soft->use_secs))
		st->life = SA_DYING;
}

/* Handles one datagram of an answer with objects. Returns 0 to continue, 1 at the end, or -errno. */
static int handle_objects(struct kernel *k, size_t len, uint32_t seq, bool multi,
                        int (*each)(void *arg, const struct event *ev), void *arg)
{
	const uint8_t *at = k->receive;
	uint64_t now = (uint64_t)time(NULL);
	ssize_t n;
	int err;

	kernel_trace(k, false, at, len);
	for (; len > 0; at += n, len -= (size_t)n) {
		n = xfrm_wire.decode(at, len, &k->event);
		if (n <= 0)
			return -EBADMSG;
		/*
		 * A part of a dump with another sequence number is missing from this dump: an error. Other
		 * messages are skipped.
		 */
		if (k->event.seq != seq && multi &&
		    ((const struct nlmsghdr *)(const void *)at)->nlmsg_flags & NLM_F_MULTI)
			return -EBADMSG;
		if (k->event.seq != seq)
			continue;
		k->changed |= ((const struct nlmsghdr *)(const void *)at)->nlmsg_flags & NLM_F_DUMP_INTR;
		if (k->event.kind == EVENT_DONE || k->event.kind == EVENT_ERROR)
			return k->event.err != 0 ? -k->event.err : 1;
		mark_dying(&k->event, now);
		k->event.seq = 0; /* the number of our request, not of the object */
		k->event.message = (struct text){ (const char *)at, (uint32_t)n };
		if ((err = each(arg, &k->event)) != 0)
			return err;
		if (!multi)
			return 1;
	}
	return 0;
}

/*
 * Opens a socket that receives notifications of changes to the table that is requested. Returns 0 or -errno.
 */
static int open_watcher(const struct nlmsghdr *request, struct mnl_socket **watcher)
{
	unsigned group = request->nlmsg_type == XFRM_MSG_GETPOLICY ? XFRMNLGRP_POLICY : XFRMNLGRP_SA;
	int err = netlink_open(watcher, NETLINK_XFRM, SOCK_NONBLOCK);

	if (err == 0 && (err = netlink_join(*watcher, group)) != 0) {
		mnl_socket_close(*watcher);
		*watcher = NULL;
	}
	return err;
}

/* Closes the socket. True if it received a notification or lost one. */
static bool watched_change(struct mnl_socket *nl)
{
	char first[1];
	bool changed =
	        nl != NULL && (recv(mnl_socket_get_fd(nl), first, sizeof(first), 0) >= 0 || errno == ENOBUFS);

	if (nl != NULL)
		mnl_socket_close(nl);
	return changed;
}

static int read_objects(struct kernel *k, const uint8_t *request, size_t len, uint32_t seq,
                        int (*each)(void *arg, const struct event *ev), void *arg)
{
	const struct nlmsghdr *h = (const struct nlmsghdr *)(const void *)request;
	bool multi = (h->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
	struct mnl_socket *watcher = NULL;
	int err = multi ? open_watcher(h, &watcher) : 0;
	ssize_t n;

	if (err != 0)
		return err;
	kernel_trace(k, true, request, len);
	err = netlink_send(k->channel->socket, request, len);
	while (err == 0) {
		n = receive_datagram(k);
		err = n < 0 ? (int)n : handle_objects(k, (size_t)n, seq, multi, each, arg);
	}
	k->changed |= watched_change(watcher);
	return err < 0 ? err : 0;
}

/* The object of a request, and whether the kernel has the same object. */
struct verification {
	struct event asked;
	bool found, same;
};

static int compare_object(void *arg, const struct event *ev)
{
	struct verification *r = arg;

	r->found = true;
	r->same = ev->kind == EVENT_POLICY ? same_policy(&r->asked.policy, &ev->policy) == PART_MAX :
	          ev->kind == EVENT_SA && same_sa(&r->asked.sa, &ev->sa) == PART_MAX;
	return 0;
}

/* Reads the object of a request from the kernel. Returns 0, or -errno if the kernel could not be asked. */
static int look_up_object(struct kernel *k, struct verification *r)
{
	bool policy = r->asked.kind == EVENT_POLICY;
	struct stmt get = { .verb = policy ? VERB_SPDGET : VERB_GET, .attrs = &r->asked.attrs };
	struct buf request = { 0 };
	struct encoding e = { .out = &request, .seq = ++k->seq };
	int err;

	if (policy)
		get.policy = r->asked.policy;
	else
		get.sa = r->asked.sa;
	err = xfrm_wire.encode(&get, &e);
	if (err == 0)
		err = read_objects(k, request.bytes, request.len, e.seq, compare_object, r);
	explicit_bzero(&get, sizeof(get));
	buf_free(&request);
	return err == -ESRCH || err == -ENOENT ? 0 : err;
}

/*
 * True if the kernel's tables show that the request was carried out. A flush cannot fail. *err is set if the
 * kernel could not be asked.
 */
static bool was_done(struct kernel *k, const struct pending *p, int *err)
{
	struct verification r = { .found = false };
	bool deletes = p->verb == VERB_DELETE || p->verb == VERB_SPDDELETE, done = false;

	if (p->verb == VERB_FLUSH || p->verb == VERB_SPDFLUSH)
		return true;
	if (xfrm_wire.decode(k->batch.bytes + p->off, p->len, &r.asked) > 0 &&
	    (*err = look_up_object(k, &r)) == 0)
		done = deletes ? !r.found : r.same;
	explicit_bzero(&r, sizeof(r));
	return done;
}

/*
 * An answer was lost, so requests without an answer may have been refused: checks the tables. If a later
 * request of the batch changed the same object, the result is unknown.
 */
static void verify_lost(struct kernel *k)
{
	int err = 0;

	for (unsigned i = 0; i < k->npending; i++)
		if (!k->pending[i].answered && (err != 0 || !was_done(k, &k->pending[i], &err)))
			kernel_refuse(k, &k->pending[i], ENOBUFS, true, 0, (struct text){ "", 0 });
}

/*
 * When send returns, the kernel has processed the whole batch. It answers only errors, and acknowledges the
 * last request, so that its ack ends the answers.
 */
static int exchange_batch(struct kernel *k)
{
	struct pending *last = &k->pending[k->npending - 1];
	bool done = false;
	ssize_t n;
	int err;

	((struct nlmsghdr *)(void *)(k->batch.bytes + last->off))->nlmsg_flags |= NLM_F_ACK;
	for (unsigned i = 0; k->hooks.trace != NULL && i < k->npending; i++)
		kernel_trace(k, true, k->batch.bytes + k->pending[i].off, k->pending[i].len);
	if ((err = netlink_send(k->channel->socket, k->batch.bytes, k->batch.len)) != 0)
		return err;
	while (!done) {
		n = receive_datagram(k);
		if (n == -ENOBUFS || n == -ETIMEDOUT) {
			verify_lost(k);
			return 0;
		}
		if (n < 0)
			return (int)n;
		handle_answers(k, (size_t)n, &done);
	}
	return 0;
}

const struct backend netlink_backend = {
	.via = VIA_XFRM, .wire = &xfrm_wire, .open = open_socket, .close = close_socket,
	.exchange = exchange_batch, .total = count_objects, .port = socket_port, .read = read_objects,
};
