/* SPDX-License-Identifier: ISC */
/*
 * Netlink sockets for XFRM and for routes: messages are sent whole, and no receive blocks for ever. And the
 * receive buffer of any socket.
 */
#ifndef KERNEL_SOCKET_H
#define KERNEL_SOCKET_H

#include <libmnl/libmnl.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Opens and binds a socket for NETLINK_XFRM or NETLINK_ROUTE; flags are 0 or SOCK_NONBLOCK. Returns 0, or
 * -errno with *to NULL. The caller closes it with mnl_socket_close.
 */
int netlink_open(struct mnl_socket **to, int protocol, int flags);

/* Has the socket receive the notifications of a group, such as XFRMNLGRP_SA. Returns 0 or -errno. */
int netlink_join(struct mnl_socket *nl, unsigned group);

/* Sends len bytes of messages. Returns 0, -EIO if the kernel accepted only a part of them, or -errno. */
int netlink_send(struct mnl_socket *nl, const void *bytes, size_t len);

/* Receives a datagram. Returns its length, -ETIMEDOUT if none arrives within two seconds, or -errno. */
ssize_t netlink_receive(struct mnl_socket *nl, void *to, size_t size);

/*
 * Sends the request on a new socket and calls each for every message of the answer. Sets the sequence number
 * of the request. Returns 0 or -errno, also for an error in the answer.
 */
int netlink_ask(int protocol, struct nlmsghdr *request, mnl_cb_t each, void *arg);

/* Sets the size of the receive buffer, in bytes; without CAP_NET_ADMIN the system limits it. */
void socket_set_receive_buffer(int fd, int bytes);

#endif
