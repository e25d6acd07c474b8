/* SPDX-License-Identifier: ISC */
/* Netlink sockets for XFRM and for routes. Messages are sent whole, and no receive blocks for ever. */
#ifndef KERNEL_SOCKET_H
#define KERNEL_SOCKET_H

#include <libmnl/libmnl.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Opens and binds a socket for NETLINK_XFRM or NETLINK_ROUTE. Returns 0 or -errno. The caller closes it with
 * mnl_socket_close.
 */
int netlink_open(struct mnl_socket **to, int protocol);

/* Sends len bytes of messages. Returns 0, -EIO if the kernel accepted only a part of them, or -errno. */
int netlink_send(struct mnl_socket *nl, const void *bytes, size_t len);

/* Receives a datagram. Returns its length, -ETIMEDOUT if none arrives within two seconds, or -errno. */
ssize_t netlink_receive(struct mnl_socket *nl, void *to, size_t size);

/*
 * Sends the request on a new socket and calls each for every message of the answer. Sets the sequence number
 * of the request. Returns 0 or -errno, also for an error in the answer.
 */
int netlink_ask(int protocol, struct nlmsghdr *request, mnl_cb_t each, void *arg);

#endif
