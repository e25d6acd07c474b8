/* SPDX-License-Identifier: ISC */
/* The sockets of this network namespace, read from /proc/net. */
#ifndef RUN_PROC_SOCKETS_H
#define RUN_PROC_SOCKETS_H

#include "model/model.h"

struct socket_row {
	struct addr local, remote; /* hosts; an IPv4 address also if it is mapped into an IPv6 socket */
	uint16_t local_port, remote_port;
	bool established, listening; /* of TCP */
	uint64_t inode;
};

/* Calls each for every "tcp" or "udp" socket, IPv4 and IPv6. What cannot be read is left out. */
void sockets_read(const char *protocol, void (*each)(void *arg, const struct socket_row *row), void *arg);

#endif
