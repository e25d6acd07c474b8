/* The PF_KEY socket: answers matched by pid, type and order, never taken from somebody else's broadcast. */
#include "kernel/kernel.h"

#include <errno.h>
#include <linux/pfkeyv2.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	IN_FLIGHT = 64,      /* answers that fit the default receive buffer three times over */
	/*
	 * Bytes, used only when needed: every socket is told of every change that anybody makes, no filter is asked,
	 * and what a busy neighbour does in one time slice would push the answers to us out of a smaller buffer.
	 */
	ROOM = 32 << 20,
	DUMP_ROOM = 1 << 20, /* a dump would fill it all: it stops when there is no room, and goes on */
	WAIT_MSECS = 2000,   /* for an answer that should be there when send returns */
	DUMP_WAIT_MSECS = 10000,
};

struct channel {
	int fd;
};

static void set_room(int fd, int bytes)
{
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) != 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

static int open_socket(struct kernel *k)
{
	int fd = socket(PF_KEY, SOCK_RAW | SOCK_CLOEXEC, PF_KEY_V2);

	if (fd < 0)
		return errno == EACCES ? -EPERM : -errno;
	set_room(fd, ROOM);
	k->channel = memory_resize(NULL, 1, sizeof(*k->channel));
	k->channel->fd = fd;
	return 0;
}

static void close_socket(struct kernel *k)
{
	close(k->channel->fd);
	free(k->channel);
}

/* Bytes of the next message, 0 when none comes within msecs, or -errno. */
static ssize_t receive(struct kernel *k, int msecs)
{
	struct pollfd p = { .fd = k->channel->fd, .events = POLLIN };
	ssize_t n;

	for (;;) {
		n = recv(k->channel->fd, k->receive, sizeof(k->receive), MSG_DONTWAIT);
		if (n >= 0)
			return n;
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN || msecs == 0)
			return errno == EAGAIN ? 0 : -errno;
		if (poll(&p, 1, msecs) < 0 && errno != EINTR)
			return -errno;
		if (p.revents == 0)
			return 0;
	}
}

static int send_bytes(struct kernel *k, const uint8_t *bytes, size_t len)
{
	ssize_t n;

	kernel_trace(k, true, bytes, len);
	do
		n = send(k->channel->fd, bytes, len, 0);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

/* True if the message in k->receive is an answer to us of this type. */
static bool is_ours(const struct kernel *k, ssize_t n, uint8_t type)
{
	const struct sadb_msg *m = (const struct sadb_msg *)(const void *)k->receive;

	return (size_t)n >= sizeof(*m) && m->sadb_msg_pid == k->pid && m->sadb_msg_type == type;
}

/*
 * Matches answers to the requests from..to in order. A flush of a table that was not
 * empty answers twice, with our pid both times: what does not match is dropped.
 */
static int take_answers(struct kernel *k, unsigned from, unsigned to)
{
	while (from < to) {
		struct pending *p = &k->pending[from];
		uint8_t type = ((const struct sadb_msg *)(const void *)(k->batch.bytes + p->off))->sadb_msg_type;
		ssize_t n = receive(k, WAIT_MSECS);

		if (n < 0)
			return (int)n;
		if (n == 0) {
			for (; from < to; from++)
				kernel_refuse(k, &k->pending[from], ENOBUFS, true, 0, (struct text){ "", 0 });
			return 0;
		}
		kernel_trace(k, false, k->receive, (size_t)n);
		if (!is_ours(k, n, type))
			continue;
		p->answered = true;
		from++;
		if (((const struct sadb_msg *)(const void *)k->receive)->sadb_msg_errno != 0)
			kernel_refuse(k, p, ((const struct sadb_msg *)(const void *)k->receive)->sadb_msg_errno,
			              false, 0, (struct text){ "", 0 });
	}
	return 0;
}

/* Drops what is still queued, so that the next request finds its own answer first. */
static void drop_rest(struct kernel *k)
{
	ssize_t n;

	while ((n = receive(k, 0)) > 0)
		kernel_trace(k, false, k->receive, (size_t)n);
}

static bool is_flush(enum verb verb)
{
	return verb == VERB_FLUSH || verb == VERB_SPDFLUSH;
}

static int exchange(struct kernel *k)
{
	unsigned from = 0;
	int err = 0;

	drop_rest(k); /* what others did before may have left no room for an answer */
	for (unsigned i = 0; i < k->npending && err == 0; i++) {
		struct pending *p = &k->pending[i];

		err = send_bytes(k, k->batch.bytes + p->off, p->len);
		if (err == 0 && (i + 1 - from == IN_FLIGHT || i + 1 == k->npending || is_flush(p->verb))) {
			err = take_answers(k, from, i + 1);
			from = i + 1;
			if (is_flush(p->verb))
				drop_rest(k);
		}
	}
	return err;
}

/* True if the message in k->receive tells of a change to the table that is being dumped. */
static bool is_change(const struct kernel *k, ssize_t n, uint8_t dump)
{
	static const uint8_t sa[] = { SADB_ADD, SADB_UPDATE, SADB_DELETE, SADB_FLUSH };
	static const uint8_t spd[] = { SADB_X_SPDADD, SADB_X_SPDUPDATE, SADB_X_SPDDELETE, SADB_X_SPDFLUSH };
	const struct sadb_msg *m = (const struct sadb_msg *)(const void *)k->receive;

	return (size_t)n >= sizeof(*m) && m->sadb_msg_errno == 0 &&
	       memchr(dump == SADB_X_SPDDUMP ? spd : sa, m->sadb_msg_type, sizeof(sa)) != NULL;
}

/* The last object of a dump carries sequence number 0; an empty table answers ENOENT. */
static int take_objects(struct kernel *k, uint8_t type, int (*each)(void *arg, const struct event *ev), void *arg)
{
	int err;

	for (;;) {
		ssize_t n = receive(k, DUMP_WAIT_MSECS);

		if (n <= 0)
			return n < 0 ? (int)n : -ETIMEDOUT;
		kernel_trace(k, false, k->receive, (size_t)n);
		k->changed |= is_change(k, n, type);
		if (!is_ours(k, n, type))
			continue;
		if (pfkey_wire.decode(k->receive, (size_t)n, &k->event) < 0)
			return -EBADMSG;
		if (k->event.err != 0)
			return k->event.err == ENOENT ? 0 : -k->event.err;
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
	drop_rest(k);
	set_room(k->channel->fd, DUMP_ROOM);
	err = send_bytes(k, request, len);
	if (err == 0)
		err = take_objects(k, ((const struct sadb_msg *)(const void *)request)->sadb_msg_type, each, arg);
	set_room(k->channel->fd, ROOM);
	return err;
}

const struct backend pfkey_backend = {
	.via = VIA_PFKEY, .wire = &pfkey_wire, .open = open_socket, .close = close_socket,
	.exchange = exchange, .read = read_objects,
};
