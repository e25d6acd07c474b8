/* SPDX-License-Identifier: ISC */
/* The sockets of this network namespace, read from /proc/net. */
#include "run/proc_sockets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TCP_ESTABLISHED = 1, TCP_LISTEN = 10 }; /* include/net/tcp_states.h */

/*
 * Reads an address: 32-bit words in hex, in host byte order of the network-order bytes. An IPv4 address
 * mapped into IPv6 becomes IPv4.
 */
static bool read_address(struct addr *a, const char *hex)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	size_t n = strlen(hex) / 8;

	*a = (struct addr){ .family = n == 1 ? AF_INET : AF_INET6, .plen = (uint8_t)(n * 32) };
	if (n != 1 && n != 4)
		return false;
	for (size_t i = 0; i < n; i++) {
		char digits[9] = { 0 };
		uint32_t word;

		memcpy(digits, hex + i * 8, 8);
		word = (uint32_t)strtoul(digits, NULL, 16);
		memcpy(a->bytes + i * 4, &word, sizeof(word));
	}
	if (n == 4 && memcmp(a->bytes, mapped, sizeof(mapped)) == 0) {
		memmove(a->bytes, a->bytes + sizeof(mapped), 4);
		memset(a->bytes + 4, 0, sizeof(a->bytes) - 4);
		a->family = AF_INET;
		a->plen = 32;
	}
	return true;
}

static bool read_row(struct socket_row *row, const char *line)
{
	char local[33], local_port[5], remote[33], remote_port[5], state[3], inode[21];

	if (sscanf(line,
	           "%*[^:]: %32[0-9A-F]:%4[0-9A-F] %32[0-9A-F]:%4[0-9A-F] %2[0-9A-F] "
	           "%*s %*s %*s %*s %*s %20[0-9]",
	           local, local_port, remote, remote_port, state, inode) != 6)
		return false;
	row->local_port = (uint16_t)strtoul(local_port, NULL, 16);
	row->remote_port = (uint16_t)strtoul(remote_port, NULL, 16);
	row->established = strtoul(state, NULL, 16) == TCP_ESTABLISHED;
	row->listening = strtoul(state, NULL, 16) == TCP_LISTEN;
	row->inode = strtoull(inode, NULL, 10);
	return read_address(&row->local, local) && read_address(&row->remote, remote);
}

static void read_file(const char *name, void (*each)(void *arg, const struct socket_row *row), void *arg)
{
	FILE *f = fopen(name, "re");
	struct socket_row row;
	char line[512];

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (read_row(&row, line))
			each(arg, &row);
	if (f != NULL)
		fclose(f);
}

void sockets_read(const char *protocol, void (*each)(void *arg, const struct socket_row *row), void *arg)
{
	char name[64];

	for (int six = 0; six < 2; six++) {
		snprintf(name, sizeof(name), "/proc/self/net/%s%s", protocol, six ? "6" : "");
		read_file(name, each, arg);
	}
}
