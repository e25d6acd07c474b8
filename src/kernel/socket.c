/* SPDX-License-Identifier: ISC */
#include "kernel/socket.h"

#include "base/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/time.h>

enum { WAIT_SECS = 2, ANSWER_BYTES = 1 << 16, SEQ = 1 };

/* The timeout is short because the kernel's answer is ready when send returns. */
int netlink_open(struct mnl_socket **to, int protocol, int flags)
{
	const struct timeval wait = { .tv_sec = WAIT_SECS };
	int err;

	*to = mnl_socket_open2(protocol, SOCK_CLOEXEC | flags);
	if (*to == NULL)
		return -errno;
	if (mnl_socket_bind(*to, 0, MNL_SOCKET_AUTOPID) < 0) {
		err = -errno;
		mnl_socket_close(*to);
		*to = NULL;
		return err;
	}
	setsockopt(mnl_socket_get_fd(*to), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	return 0;
}

int netlink_join(struct mnl_socket *nl, unsigned group)
{
	return mnl_socket_setsockopt(nl, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0 ? -errno : 0;
}

/* A message that is accepted only in part has not been carried out. */
int netlink_send(struct mnl_socket *nl, const void *bytes, size_t len)
{
	ssize_t n;

	do
		n = mnl_socket_sendto(nl, bytes, len);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : (size_t)n < len ? -EIO : 0;
}

ssize_t netlink_receive(struct mnl_socket *nl, void *to, size_t size)
{
	ssize_t n;

	do
		n = mnl_socket_recvfrom(nl, to, size);
	while (n < 0 && errno == EINTR);
	return n >= 0 ? n : errno == EAGAIN ? -ETIMEDOUT : -errno;
}

int netlink_ask(int protocol, struct nlmsghdr *request, mnl_cb_t each, void *arg)
{
	struct mnl_socket *nl;
	uint8_t *answer;
	ssize_t n;
	int more = MNL_CB_OK, err = netlink_open(&nl, protocol, 0);

	if (err != 0)
		return err;
	request->nlmsg_seq = SEQ;
	answer = memory_resize(NULL, ANSWER_BYTES, 1);
	err = netlink_send(nl, request, request->nlmsg_len);
	while (err == 0 && more > MNL_CB_STOP) {
		n = netlink_receive(nl, answer, ANSWER_BYTES);
		if (n < 0)
			err = (int)n;
		else
			more = mnl_cb_run(answer, (size_t)n, SEQ, mnl_socket_get_portid(nl), each, arg);
		if (n >= 0 && more < 0)
			err = -errno;
		if (!(request->nlmsg_flags & NLM_F_DUMP))
			break;
	}
	mnl_socket_close(nl);
	free(answer);
	return err;
}

void socket_set_receive_buffer(int fd, int bytes)
{
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) != 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}
