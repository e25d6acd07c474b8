/* SPDX-License-Identifier: ISC */
/* The sockets of this network namespace, as /proc/net tells of them. */
#ifndef RUN_SOCKETS_H
#define RUN_SOCKETS_H

#include "model/model.h"

struct socket_row {
	struct addr local, remote; /* hosts; IPv4 also where the socket is one of IPv6 */
	uint16_t local_port, remote_port;
	bool established, listening; /* of TCP */
	uint64_t inode;
};

/* Hands each socket of "tcp" or "udp", IPv4 and IPv6, to the function. What cannot be read is left out. */
void sockets_read(const char *protocol, void (*each)(void *arg, const struct socket_row *row), void *arg);

#endif
