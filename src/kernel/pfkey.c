/* SPDX-License-Identifier: ISC */
/*
 * The PF_KEY socket. Answers are matched to requests by sequence number or contents, because every socket
 * also receives the answers to other processes.
 */
#include "kernel/kernel.h"

#include "kernel/socket.h"

#include <errno.h>
#include <linux/pfkeyv2.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	/* requests sent before their answers are read; these need a third of the default buffer */
	IN_FLIGHT = 64,
	/*
	 * Size of the receive buffer in bytes; memory is used only as needed. Every PF_KEY socket receives
	 * every change that any process makes, without a filter. With a smaller buffer, the changes of a busy
	 * process could displace the answers to our requests.
	 */
	ROOM = 32 << 20,
	/* less for a dump: the kernel pauses it while the buffer is full, and continues later */
	DUMP_ROOM = 1 << 20,
	WAIT_MSECS = 2000,   /* an answer should be there when send returns */
	DUMP_WAIT_MSECS = 10000,
};

struct channel {
	int fd;
};

static int open_socket(struct kernel *k)
{
	int fd = socket(PF_KEY, SOCK_RAW | SOCK_CLOEXEC, PF_KEY_V2);
	struct timespec now;

	if (fd < 0)
		return errno == EACCES ? -EPERM : -errno;
	socket_set_receive_buffer(fd, ROOM);
	clock_gettime(CLOCK_REALTIME, &now);
	/* differs from the numbers of a process in another namespace with the same pid */
	k->seq = (uint32_t)now.tv_nsec;
	k->channel = memory_resize(NULL, 1, sizeof(*k->channel));
	k->channel->fd = fd;
	return 0;
}

static void close_socket(struct kernel *k)
{
	close(k->channel->fd);
	free(k->channel);
}

/* Receives a message. Returns its length, 0 if none arrives within msecs, or -errno. */
static ssize_t receive_message(struct kernel *k, int msecs)
{
	struct pollfd p = { .fd = k->channel->fd, .events = POLLIN };
	ssize_t n;
	int ready;

	for (;;) {
		n = recv(k->channel->fd, k->receive, sizeof(k->receive), MSG_DONTWAIT);
		if (n >= 0)
			return n;
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN || msecs == 0)
			return errno == EAGAIN ? 0 : -errno;
		ready = poll(&p, 1, msecs);
		if (ready == 0)
			return 0;
		if (ready < 0 && errno != EINTR)
			return -errno;
	}
}

static int send_bytes(struct kernel *k, const uint8_t *bytes, size_t len)
{
	ssize_t n;

	kernel_trace(k, true, bytes, len);
	do
		n = send(k->channel->fd, bytes, len, 0);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : (size_t)n < len ? -EIO : 0;
}

static const struct sadb_msg *received_message(const struct kernel *k)
{
	return (const struct sadb_msg *)(const void *)k->receive;
}

/* True if the message in k->receive has our pid. A process in another PID namespace may have the same. */
static bool has_our_pid(const struct kernel *k, ssize_t n)
{
	return (size_t)n >= sizeof(struct sadb_msg) && received_message(k)->sadb_msg_pid == k->pid;
}

/* Requests whose answers are awaited. The kernel answers in order, but an answer may be lost. */
struct flight {
	unsigned at, to;        /* indexes in k->pending of those that are not settled yet */
	uint8_t err[IN_FLIGHT]; /* errnos of answers that do not name a request */
	unsigned nerr;
};

/* True if the answer, a success, contains the SA that the request is about. */
static bool is_about_sa(struct kernel *k, ssize_t n, const struct pending *p)
{
	struct event asked;
	const struct sa *got = &k->event.sa;
	bool same = pfkey_wire.decode(k->receive, (size_t)n, &k->event) > 0 &&
	            pfkey_wire.decode(k->batch.bytes + p->off, p->len, &asked) > 0 &&
	            got->proto == asked.sa.proto && addr_equal(&got->dst, &asked.sa.dst) &&
	            (p->verb == VERB_GETSPI || got->spi == asked.sa.spi);

	explicit_bzero(&asked, sizeof(asked));
	return same;
}

/*
 * Returns the index of the request that the message in k->receive answers; f->to if it answers none, or does
 * not say which.
 */
static unsigned find_pending(struct kernel *k, const struct flight *f, ssize_t n)
{
	const struct sadb_msg *m = received_message(k), *asked;
	unsigned i;

	for (i = f->at; i < f->to; i++) {
		asked = (const struct sadb_msg *)(const void *)(k->batch.bytes + k->pending[i].off);
		if (m->sadb_msg_type == asked->sadb_msg_type && m->sadb_msg_seq == asked->sadb_msg_seq &&
		    (m->sadb_msg_seq != 0 || (m->sadb_msg_errno == 0 && is_about_sa(k, n, &k->pending[i]))))
			break;
	}
	return i;
}

/*
 * Settles the requests before index to, which have no answer of their own. If there are as many errors
 * without a number as such requests, these are their results in order; otherwise the results are unknown.
 */
static void settle_before(struct kernel *k, struct flight *f, unsigned to)
{
	unsigned open = 0, next = 0;

	for (unsigned i = f->at; i < to; i++)
		open += k->pending[i].seq == 0;
	for (; f->at < to; f->at++) {
		struct pending *p = &k->pending[f->at];
		bool known = p->seq == 0 && open == f->nerr;

		kernel_refuse(k, p, known ? f->err[next++] : ENOBUFS, !known, 0, (struct text){ "", 0 });
	}
	f->nerr = 0;
}

/* Handles the message in k->receive. */
static void handle_answer(struct kernel *k, struct flight *f, ssize_t n)
{
	const struct sadb_msg *m = received_message(k);
	unsigned i = find_pending(k, f, n);

	if (i == f->to) {
		if (m->sadb_msg_seq == 0 && m->sadb_msg_errno != 0 && f->nerr < IN_FLIGHT)
			f->err[f->nerr++] = m->sadb_msg_errno;
		return;
	}
	settle_before(k, f, i);
	if (m->sadb_msg_errno != 0)
		kernel_refuse(k, &k->pending[i], m->sadb_msg_errno, false, 0, (struct text){ "", 0 });
	f->at = i + 1;
}

/*
 * Receives the answers to requests. A flush of a table that is not empty is answered twice; messages that
 * match no request are dropped.
 */
static int receive_answers(struct kernel *k, unsigned from, unsigned to)
{
	struct flight f = { .at = from, .to = to };

	while (f.to - f.at > f.nerr) {
		ssize_t n = receive_message(k, WAIT_MSECS);

		if (n < 0)
			return (int)n;
		if (n == 0)
			break;
		kernel_trace(k, false, k->receive, (size_t)n);
		if (has_our_pid(k, n))
			handle_answer(k, &f, n);
	}
	settle_before(k, &f, f.to);
	return 0;
}

/* Drops all queued messages, so that the answer to the next request comes first. */
static void drop_queued(struct kernel *k)
{
	ssize_t n;

	while ((n = receive_message(k, 0)) > 0)
		kernel_trace(k, false, k->receive, (size_t)n);
}

static bool is_flush(enum verb verb)
{
	return verb == VERB_FLUSH || verb == VERB_SPDFLUSH;
}

static int exchange_batch(struct kernel *k)
{
	unsigned from = 0;
	int err = 0;

	drop_queued(k); /* messages of other processes may have filled the buffer */
	for (unsigned i = 0; i < k->npending && err == 0; i++) {
		struct pending *p = &k->pending[i];

		err = send_bytes(k, k->batch.bytes + p->off, p->len);
		if (err == 0 && (i + 1 - from == IN_FLIGHT || i + 1 == k->npending || is_flush(p->verb))) {
			err = receive_answers(k, from, i + 1);
			from = i + 1;
			if (is_flush(p->verb))
				drop_queued(k);
		}
	}
	return err;
}

/* True if the message in k->receive reports a change to the table that is being dumped. */
static bool is_change(const struct kernel *k, ssize_t n, uint8_t dump)
{
	static const uint8_t sa[] = { SADB_ADD, SADB_UPDATE, SADB_DELETE, SADB_FLUSH };
	static const uint8_t spd[] = { SADB_X_SPDADD, SADB_X_SPDUPDATE, SADB_X_SPDDELETE, SADB_X_SPDFLUSH };
	const struct sadb_msg *m = (const struct sadb_msg *)(const void *)k->receive;

	return (size_t)n >= sizeof(*m) && m->sadb_msg_errno == 0 &&
	       memchr(dump == SADB_X_SPDDUMP ? spd : sa, m->sadb_msg_type, sizeof(sa)) != NULL;
}

/*
 * The objects of a dump have the sequence numbers 1, 2, ... and the last one 0, so a gap means that one was
 * lost. An empty table answers ENOENT.
 */
static int receive_objects(struct kernel *k, uint8_t type, int (*each)(void *arg, const struct event *ev),
                        void *arg)
{
	uint32_t number = 0;
	int err;

	for (;;) {
		ssize_t n = receive_message(k, DUMP_WAIT_MSECS);

		if (n <= 0)
			return n < 0 ? (int)n : -ETIMEDOUT;
		kernel_trace(k, false, k->receive, (size_t)n);
		if ((size_t)n < sizeof(struct sadb_msg))
			return -EBADMSG;
		k->changed |= is_change(k, n, type);
		if (!has_our_pid(k, n) || received_message(k)->sadb_msg_type != type)
			continue;
		if (pfkey_wire.decode(k->receive, (size_t)n, &k->event) < 0)
			return -EBADMSG;
		if (k->event.err != 0)
			return k->event.err == ENOENT ? 0 : -k->event.err;
		if (type != SADB_GET && k->event.seq != 0 && k->event.seq != ++number)
			return -ENOBUFS;
		if ((err = each(arg, &k->event)) != 0)
			return err;
		if (k->event.seq == 0 || type == SADB_GET)
			return 0;
	}
}

static int read_objects(struct kernel *k, const uint8_t *request, size_t len, uint32_t seq,
                        int (*each)(void *arg, const struct event *ev), void *arg)
{
	int err;

	(void)seq;
	drop_queued(k);
	socket_set_receive_buffer(k->channel->fd, DUMP_ROOM);
	err = send_bytes(k, request, len);
	if (err == 0)
		err = receive_objects(k, ((const struct sadb_msg *)(const void *)request)->sadb_msg_type,
		                      each, arg);
	socket_set_receive_buffer(k->channel->fd, ROOM);
	return err < 0 ? err : 0; /* more than 0: each has seen enough */
}

const struct backend pfkey_backend = {
	.via = VIA_PFKEY, .wire = &pfkey_wire, .open = open_socket, .close = close_socket,
	.exchange = exchange_batch, .read = read_objects,
};
