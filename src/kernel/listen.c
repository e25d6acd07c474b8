/* SPDX-License-Identifier: ISC */
/*
 * Receives the kernel's notifications, from netlink groups or from PF_KEY in promiscuous mode, and detects
 * lost ones.
 */
#include "kernel/kernel.h"

#include "base/wait.h"
#include "kernel/socket.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/pfkeyv2.h>
#include <linux/sock_diag.h>
#include <linux/xfrm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const struct name topic_names[] = {
	{ "sa", TOPIC_SA }, { "policy", TOPIC_POLICY }, { "acquire", TOPIC_ACQUIRE }, { "expire", TOPIC_EXPIRE },
	{ "aevent", TOPIC_AEVENT }, { "report", TOPIC_REPORT }, { "migrate", TOPIC_MIGRATE },
	{ "mapping", TOPIC_MAPPING }, { NULL, 0 }
};

static const int groups[TOPICS] = {
	[TOPIC_SA] = XFRMNLGRP_SA, [TOPIC_POLICY] = XFRMNLGRP_POLICY, [TOPIC_ACQUIRE] = XFRMNLGRP_ACQUIRE,
	[TOPIC_EXPIRE] = XFRMNLGRP_EXPIRE, [TOPIC_AEVENT] = XFRMNLGRP_AEVENTS, [TOPIC_REPORT] = XFRMNLGRP_REPORT,
	[TOPIC_MIGRATE] = XFRMNLGRP_MIGRATE, [TOPIC_MAPPING] = XFRMNLGRP_MAPPING,
};

static const struct { uint8_t verb, topic; } topics[] = {
	{ VERB_ADD, TOPIC_SA }, { VERB_UPDATE, TOPIC_SA }, { VERB_DELETE, TOPIC_SA }, { VERB_GETSPI, TOPIC_SA },
	{ VERB_FLUSH, TOPIC_SA }, { VERB_SPDADD, TOPIC_POLICY }, { VERB_SPDUPDATE, TOPIC_POLICY },
	{ VERB_SPDDELETE, TOPIC_POLICY }, { VERB_SPDFLUSH, TOPIC_POLICY }, { VERB_ACQUIRE, TOPIC_ACQUIRE },
	{ VERB_EXPIRE, TOPIC_EXPIRE }, { VERB_SPDEXPIRE, TOPIC_EXPIRE }, { VERB_MIGRATE, TOPIC_MIGRATE },
	{ VERB_MAPPING, TOPIC_MAPPING },
};

/* bytes: enough for a few thousand events; the kernel charges only what is used */
enum { ROOM = 4 << 20, SATYPE_PROMISC_ON = 1, SATYPE_PROMISC_OFF = 0 };

struct listener {
	const struct listen_opts *l;
	const struct wire *wire;
	int fd;
	bool lost;             /* notifications were lost since the last dump */
	bool full;             /* PF_KEY: the current loss has been reported */
	size_t sas, policies;  /* numbers of objects in the current dump */
	struct buf last;       /* PF_KEY: the previous message */
	struct event event;
	uint8_t bytes[RECEIVE_BYTES];
};

static int open_netlink(struct listener *e)
{
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	int err = 0;

	e->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_XFRM);
	if (e->fd < 0)
		return -errno;
	socket_set_receive_buffer(e->fd, ROOM);
	if (bind(e->fd, (struct sockaddr *)&any, sizeof(any)) != 0)
		err = -errno;
	for (int i = 0; i < TOPICS && err == 0; i++)
		if ((e->l->topics & 1u << i) && setsockopt(e->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP,
		                                           &groups[i], sizeof(groups[i])) != 0)
			err = -errno;
	if (err != 0)
		close(e->fd);
	e->wire = &xfrm_wire;
	return err;
}

static int set_promiscuous(const struct listener *e, uint8_t satype)
{
	struct sadb_msg m = {
		.sadb_msg_version = PF_KEY_V2, .sadb_msg_type = SADB_X_PROMISC, .sadb_msg_satype = satype,
		.sadb_msg_len = sizeof(m) / 8, .sadb_msg_pid = (uint32_t)getpid(),
	};

	ssize_t n;

	do
		n = send(e->fd, &m, sizeof(m), 0);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : (size_t)n < sizeof(m) ? -EIO : 0;
}

static int open_pfkey(struct listener *e)
{
	int err;

	e->fd = socket(PF_KEY, SOCK_RAW | SOCK_CLOEXEC, PF_KEY_V2);
	if (e->fd < 0)
		return errno == EACCES ? -EPERM : -errno;
	socket_set_receive_buffer(e->fd, ROOM);
	e->wire = &pfkey_wire;
	err = set_promiscuous(e, SATYPE_PROMISC_ON);
	if (err != 0)
		close(e->fd);
	return err;
}

static int open_listener(struct listener *e)
{
	int err = e->l->via == VIA_PFKEY ? -EAFNOSUPPORT : open_netlink(e);

	if (kernel_try_pfkey(e->l->via, err))
		err = open_pfkey(e);
	return err;
}

static int report_event(struct listener *e, enum verb verb)
{
	struct notification h = { .ev = &e->event };

	memset(&e->event, 0, sizeof(e->event));
	e->event.kind = EVENT_OTHER;
	e->event.verb = (uint8_t)verb;
	e->event.notice.sas = e->sas;
	e->event.notice.policies = e->policies;
	return e->l->on_notification(e->l->arg, &h);
}

static int report_overrun(struct listener *e)
{
	e->lost = true;
	return report_event(e, VERB_OVERRUN);
}

/*
 * PF_KEY drops messages without notice if the receive buffer is full. Only receiving makes room, so after an
 * overflow the buffer is still full before the next message is received.
 */
static bool has_overflowed(struct listener *e)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t size = sizeof(info);
	bool before = e->full;

	if (e->wire != &pfkey_wire || getsockopt(e->fd, SOL_SOCKET, SO_MEMINFO, info, &size) != 0)
		return false;
	e->full = info[SK_MEMINFO_RMEM_ALLOC] > info[SK_MEMINFO_RCVBUF];
	return e->full && !before;
}

/*
 * In promiscuous mode PF_KEY delivers every message at least twice. A message equal to the one before it can
 * be dropped, as it reports no further change.
 */
static bool is_repeated(struct listener *e, const uint8_t *bytes, size_t len)
{
	bool same = e->last.len == len && memcmp(e->last.bytes, bytes, len) == 0;

	buf_clear(&e->last);
	buf_add(&e->last, bytes, len);
	return same;
}

/* Netlink notifications are already selected by group and never contain requests. */
static bool has_wanted_topic(struct listener *e, const struct notification *h)
{
	if (e->wire == &xfrm_wire || e->l->raw)
		return true;
	if (e->event.request || is_repeated(e, h->bytes, h->len))
		return false;
	for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++)
		if (topics[i].verb == e->event.verb)
			return e->l->topics & 1u << topics[i].topic;
	return false;
}

/* In raw mode, bytes that cannot be decoded are reported too. */
static int handle_messages(struct listener *e, size_t len)
{
	const uint8_t *at = e->bytes;
	ssize_t n = 1;
	int err = 0;

	for (; len > 0 && n > 0 && err == 0; at += n, len -= (size_t)n) {
		struct notification h = { e->wire, at, len, &e->event };

		n = e->wire->decode(at, len, &e->event);
		if (n > 0)
			h.len = (size_t)n;
		else if (!e->l->raw)
			break;
		if (has_wanted_topic(e, &h))
			err = e->l->on_notification(e->l->arg, &h);
	}
	return err;
}

static int receive_notifications(struct listener *e)
{
	ssize_t n;
	int err = has_overflowed(e) ? report_overrun(e) : 0;

	if (err != 0)
		return err;
	n = recv(e->fd, e->bytes, sizeof(e->bytes), MSG_DONTWAIT);
	if (n < 0 && errno == ENOBUFS)
		return report_overrun(e);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	err = handle_messages(e, (size_t)n);
	explicit_bzero(e->bytes, (size_t)n);
	return err;
}

static int report_object(void *arg, const struct event *ev)
{
	struct listener *e = arg;
	struct notification h = { .ev = &e->event };

	e->event = *ev;
	e->event.verb = ev->kind == EVENT_POLICY ? VERB_SPDDUMP : VERB_DUMP;
	++*(ev->kind == EVENT_POLICY ? &e->policies : &e->sas);
	return e->l->on_notification(e->l->arg, &h);
}

static int dump_both(struct listener *e)
{
	const struct stmt sa = { .verb = VERB_DUMP }, policy = { .verb = VERB_SPDDUMP };
	struct kernel *k;
	int err;

	k = kernel_open(e->wire == &pfkey_wire ? VIA_PFKEY : VIA_XFRM, NULL, &err);
	if (k == NULL)
		return err;
	err = kernel_read(k, &sa, &sa, report_object, e);
	if (err == 0)
		err = kernel_read(k, &policy, &policy, report_object, e);
	kernel_close(k);
	return err;
}

/*
 * Called when all queued notifications have been handled. Promiscuous mode is off meanwhile, or each object
 * of the dump would be received a second time.
 */
static int dump_again(struct listener *e)
{
	bool pfkey = e->wire == &pfkey_wire;
	int err = pfkey ? set_promiscuous(e, SATYPE_PROMISC_OFF) : 0;

	e->lost = false;
	e->sas = e->policies = 0;
	if (err == 0)
		err = dump_both(e);
	if (err == 0)
		err = report_event(e, VERB_RESYNC);
	if (err == 0 && pfkey)
		err = set_promiscuous(e, SATYPE_PROMISC_ON);
	return err;
}

static int listen_on(struct listener *e)
{
	bool dump;
	int err = report_event(e, VERB_LISTEN);

	while (err == 0) {
		dump = e->lost && e->l->resync;
		switch (wait_for(e->fd, dump ? 0 : -1)) {
		case WAIT_INPUT:
			err = receive_notifications(e);
			break;
		case WAIT_TIME:
			err = dump ? dump_again(e) : 0;
			break;
		case WAIT_END:
			err = 1;
		}
		explicit_bzero(&e->event, sizeof(e->event));
	}
	return err > 0 ? 0 : err;
}

int kernel_listen(const struct listen_opts *l, bool *open)
{
	struct listener *e = memory_resize(NULL, 1, sizeof(*e));
	int err;

	memset(e, 0, sizeof(*e));
	e->l = l;
	err = open_listener(e);
	*open = err == 0;
	if (err == 0) {
		err = listen_on(e);
		close(e->fd);
	}
	buf_free(&e->last);
	explicit_bzero(e, sizeof(*e));
	free(e);
	return err;
}
