/* SPDX-License-Identifier: ISC */
/*
 * Sends real packets and tells what became of each, a line for a line of standard input:
 *   packets out DEVICE   "out SRC[PORT] DST[PORT] PROTO [mark=N]": what left by the device: "clear", "esp SPI", "ah SPI"
 *                        or "none"; of several protocols the outermost
 *   packets in           receives until standard input ends: for each packet that is accepted "SPORT DPORT"
 * An ICMP type and code stand for the ports.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef IPV6_TRANSPARENT
#define IPV6_TRANSPARENT 75
#endif

static void die(const char *what)
{
	perror(what);
	exit(2);
}

struct end {
	struct sockaddr_storage addr;
	socklen_t len;
	unsigned port;
};

static void read_end(struct end *e, char *word)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&e->addr;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&e->addr;
	char *bracket = strchr(word, '[');

	memset(e, 0, sizeof(*e));
	if (bracket != NULL) {
		e->port = (unsigned)atoi(bracket + 1);
		*bracket = '\0';
	}
	if (inet_pton(AF_INET, word, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		e->len = sizeof(*v4);
	} else if (inet_pton(AF_INET6, word, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		e->len = sizeof(*v6);
	} else {
		fprintf(stderr, "no address: %s\n", word);
		exit(2);
	}
}

static void set_port(struct end *e, unsigned port)
{
	/* In one place for both families. */
	((struct sockaddr_in *)&e->addr)->sin_port = htons((uint16_t)port);
}

static void send_packet(struct end *src, struct end *dst, int proto, uint32_t mark)
{
	int family = src->addr.ss_family, on = 1, v6 = family == AF_INET6;
	int type = proto == IPPROTO_TCP ? SOCK_STREAM : proto == IPPROTO_UDP ? SOCK_DGRAM : SOCK_RAW;
	int fd = socket(family, type | SOCK_NONBLOCK, proto);
	uint8_t data[16] = { 0 };

	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (setsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_TRANSPARENT : IP_TRANSPARENT, &on, sizeof(on)) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) != 0)
		die("setsockopt");
	if (type == SOCK_RAW) {
		data[0] = (uint8_t)src->port;
		data[1] = (uint8_t)dst->port;
	} else {
		set_port(src, src->port);
		set_port(dst, dst->port);
	}
	if (bind(fd, (struct sockaddr *)&src->addr, src->len) != 0)
		die("bind");
	if (type == SOCK_STREAM)
		connect(fd, (struct sockaddr *)&dst->addr, dst->len);
	else
		sendto(fd, data, sizeof(data), 0, (struct sockaddr *)&dst->addr, dst->len);
	close(fd);
}

/* What the packet is on the wire. */
static void describe(const uint8_t *p, size_t n, char *to, size_t size)
{
	size_t head = p[0] >> 4 == 4 ? (p[0] & 15) * 4u : 40;
	int proto = p[0] >> 4 == 4 ? p[9] : p[6];
	uint32_t spi;

	if (n < head + 12) {
		snprintf(to, size, "short");
		return;
	}
	memcpy(&spi, p + head + (proto == IPPROTO_AH ? 4 : 0), sizeof(spi));
	if (proto == IPPROTO_ESP || proto == IPPROTO_AH)
		snprintf(to, size, "%s %u", proto == IPPROTO_ESP ? "esp" : "ah", ntohl(spi));
	else
		snprintf(to, size, "clear");
}

/* The first packet that has left since the last call. */
static void look(int tap, char *to, size_t size)
{
	uint8_t p[2048];
	struct sockaddr_ll from;
	socklen_t len = sizeof(from);
	struct pollfd one = { .fd = tap, .events = POLLIN };
	int wait = 0;

	snprintf(to, size, "none");
	for (;;) {
		ssize_t n;

		if (poll(&one, 1, wait) <= 0)
			return;
		len = sizeof(from);
		n = recvfrom(tap, p, sizeof(p), MSG_DONTWAIT, (struct sockaddr *)&from, &len);
		if (n <= 0)
			return;
		if (from.sll_pkttype != PACKET_OUTGOING ||
		    (from.sll_protocol != htons(ETH_P_IP) && from.sll_protocol != htons(ETH_P_IPV6)))
			continue;
		if (strcmp(to, "none") == 0)
			describe(p, (size_t)n, to, size);
	}
}

static int send_all(const char *device)
{
	struct sockaddr_ll where = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int tap = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_ALL));
	char line[512], src[128], dst[128], proto[16], mark[32], what[64];

	where.sll_ifindex = (int)if_nametoindex(device);
	if (tap < 0 || where.sll_ifindex == 0 || bind(tap, (struct sockaddr *)&where, sizeof(where)) != 0)
		die(device);
	look(tap, what, sizeof(what));
	while (fgets(line, sizeof(line), stdin) != NULL) {
		struct end from, to;
		int n = sscanf(line, "%*s %127s %127s %15s mark=%31s", src, dst, proto, mark);
		int number = strcmp(proto, "tcp") == 0 ? IPPROTO_TCP : strcmp(proto, "udp") == 0 ? IPPROTO_UDP :
		             strcmp(proto, "icmp") == 0 ? IPPROTO_ICMP : strcmp(proto, "icmp6") == 0 ? IPPROTO_ICMPV6 :
		             atoi(proto);

		if (n < 3)
			return 2;
		read_end(&from, src);
		read_end(&to, dst);
		send_packet(&from, &to, number, n > 3 ? (uint32_t)strtoul(mark, NULL, 0) : 0);
		look(tap, what, sizeof(what));
		puts(what);
	}
	return 0;
}

static int open_raw(int family, int proto)
{
	int fd = socket(family, SOCK_RAW | SOCK_NONBLOCK, proto);

	if (fd < 0)
		die("socket");
	return fd;
}

static int receive_all(void)
{
	struct pollfd fd[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = open_raw(AF_INET, IPPROTO_UDP), .events = POLLIN },
		{ .fd = open_raw(AF_INET6, IPPROTO_UDP), .events = POLLIN },
	};

	puts("ready");
	fflush(stdout);
	while (poll(fd, 3, -1) > 0) {
		char end[16];
		uint8_t p[2048];

		for (int i = 1; i < 3; i++)
			for (ssize_t n; (n = recv(fd[i].fd, p, sizeof(p), 0)) > 0;) {
				size_t head = i == 1 ? (p[0] & 15) * 4u : 0;

				if ((size_t)n >= head + 8)
					printf("%u %u\n", p[head] << 8 | p[head + 1], p[head + 2] << 8 | p[head + 3]);
			}
		if (fd[0].revents != 0 && read(STDIN_FILENO, end, sizeof(end)) <= 0)
			break;
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "out") == 0)
		return send_all(argv[2]);
	if (argc == 2 && strcmp(argv[1], "in") == 0)
		return receive_all();
	return 2;
}
