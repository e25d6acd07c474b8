/* SPDX-License-Identifier: ISC */
/* Netlink sockets of both kinds, XFRM and routes: whole messages, and no endless wait. */
#ifndef KERNEL_SOCKET_H
#define KERNEL_SOCKET_H

#include <libmnl/libmnl.h>
#include <stddef.h>
#include <stdint.h>

/* Opens and binds one of NETLINK_XFRM or NETLINK_ROUTE. Returns 0, or -errno and no socket; the caller closes. */
int netlink_open(struct mnl_socket **to, int protocol);

/* Sends len bytes of messages. Returns 0, -EIO where the kernel has not taken them all, or -errno. */
int netlink_send(struct mnl_socket *nl, const void *bytes, size_t len);

/* Receives a datagram. Its bytes, -ETIMEDOUT where none came for two seconds, or -errno. */
ssize_t netlink_receive(struct mnl_socket *nl, void *to, size_t size);

/*
 * Asks on a socket of its own, and hands each message of the answer on. Sets the request's number. Returns 0 or
 * -errno, that of the answer included.
 */
int netlink_ask(int protocol, struct nlmsghdr *request, mnl_cb_t each, void *arg);

#endif
