/* SPDX-License-Identifier: ISC */
/*
 * Sends real packets and tells what became of each, a line for a line of standard input:
 *   packets out DEVICE   "out SRC[PORT] DST[PORT] PROTO [mark=N]": what left by the device: "clear", "esp SPI", "ah SPI"
 *                        or "none"; of several protocols the outermost
 *   packets in           receives until standard input ends: for each packet that is accepted "SPORT DPORT"
 *   packets at DEVICE NAMESPACE OTHER
 *                        "in|fwd SRC[PORT] DST[PORT] PROTO [by SPI FROM TO]": comes out of DEVICE of the namespace, plain or
 *                        in ESP (no cipher, hmac-sha1 with the key 00 01 02 ... 13), in tunnel mode if FROM and TO are not
 *                        SRC and DST: "accepted", by a socket here or, if it is for elsewhere, by OTHER, or "dropped"
 * An ICMP type and code stand for the ports.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <nettle/hmac.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
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

static int open_tap(const char *device)
{
	struct sockaddr_ll where = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int tap = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_ALL));

	where.sll_ifindex = (int)if_nametoindex(device);
	if (tap < 0 || where.sll_ifindex == 0 || bind(tap, (struct sockaddr *)&where, sizeof(where)) != 0)
		die(device);
	return tap;
}

static int number_of(const char *proto)
{
	return strcmp(proto, "tcp") == 0  ? IPPROTO_TCP :
	       strcmp(proto, "udp") == 0  ? IPPROTO_UDP :
	       strcmp(proto, "icmp") == 0 ? IPPROTO_ICMP :
	       strcmp(proto, "icmp6") == 0 ? IPPROTO_ICMPV6 :
	                                    atoi(proto);
}

static int send_all(const char *device)
{
	int tap = open_tap(device);
	char line[512], src[128], dst[128], proto[16], mark[32], what[64];

	look(tap, what, sizeof(what));
	while (fgets(line, sizeof(line), stdin) != NULL) {
		struct end from, to;
		int n = sscanf(line, "%*s %127s %127s %15s mark=%31s", src, dst, proto, mark);

		if (n < 3)
			return 2;
		read_end(&from, src);
		read_end(&to, dst);
		send_packet(&from, &to, number_of(proto), n > 3 ? (uint32_t)strtoul(mark, NULL, 0) : 0);
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

/* A packet being built, from the outside in: the bytes are at the end of the array. */
struct packet {
	uint8_t bytes[256];
	size_t at;             /* where it begins */
};

static uint8_t *prepend(struct packet *p, size_t n)
{
	if (n > p->at)
		exit(2);
	p->at -= n;
	return memset(p->bytes + p->at, 0, n);
}

/* The sum of RFC 1071, of bytes in network order. */
static uint32_t add_words(uint32_t sum, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum += (uint32_t)p[i] << (i % 2 ? 0 : 8);
	return sum;
}

static void put_checksum(uint8_t *to, uint32_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	to[0] = (uint8_t)(~sum >> 8);
	to[1] = (uint8_t)~sum;
}

static const uint8_t *address_bytes(const struct end *e)
{
	return e->addr.ss_family == AF_INET ? (const uint8_t *)&((const struct sockaddr_in *)&e->addr)->sin_addr :
	                                      (const uint8_t *)&((const struct sockaddr_in6 *)&e->addr)->sin6_addr;
}

static void put_ip(struct packet *p, const struct end *src, const struct end *dst, int proto)
{
	size_t n = sizeof(p->bytes) - p->at;

	if (src->addr.ss_family == AF_INET) {
		uint8_t *h = prepend(p, 20);

		h[0] = 0x45;
		h[3] = (uint8_t)(n + 20);
		h[8] = 64;
		h[9] = (uint8_t)proto;
		memcpy(h + 12, address_bytes(src), 4);
		memcpy(h + 16, address_bytes(dst), 4);
		put_checksum(h + 10, add_words(0, h, 20));
	} else {
		uint8_t *h = prepend(p, 40);

		h[0] = 0x60;
		h[5] = (uint8_t)n;
		h[6] = (uint8_t)proto;
		h[7] = 64;
		memcpy(h + 8, address_bytes(src), 16);
		memcpy(h + 24, address_bytes(dst), 16);
	}
}

enum { DATA = 20 }; /* a TCP header, or another one and what follows */

static void put_data(struct packet *p, const struct end *src, const struct end *dst, int proto)
{
	uint8_t *d = prepend(p, DATA);

	if (proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6) {
		d[0] = (uint8_t)src->port;
		d[1] = (uint8_t)dst->port;
	} else {
		d[0] = (uint8_t)(src->port >> 8);
		d[1] = (uint8_t)src->port;
		d[2] = (uint8_t)(dst->port >> 8);
		d[3] = (uint8_t)dst->port;
	}
	if (proto == IPPROTO_UDP)
		d[5] = DATA;
	if (proto == IPPROTO_TCP)
		d[12] = 5 << 4;
	if (proto == IPPROTO_ICMPV6)
		put_checksum(d + 2, add_words(add_words(add_words(DATA + IPPROTO_ICMPV6, address_bytes(src), 16),
		                                        address_bytes(dst), 16), d, DATA));
	if (proto == IPPROTO_ICMP)
		put_checksum(d + 2, add_words(0, d, DATA));
}

/* RFC 4303: what is there already becomes the payload of the SA's next packet. */
static void put_esp(struct packet *p, uint32_t spi, int next)
{
	static uint32_t seq;
	static const uint8_t key[20] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19 };
	enum { ICV = 12 };
	struct hmac_sha1_ctx hmac;
	size_t n = sizeof(p->bytes) - p->at, pad = (4 - (n + 2) % 4) % 4, tail = pad + 2 + ICV;
	uint32_t head[2] = { htonl(spi), htonl(++seq) };

	memmove(p->bytes + p->at - tail, p->bytes + p->at, n);
	p->at -= tail;
	for (size_t i = 0; i < pad; i++)
		p->bytes[p->at + n + i] = (uint8_t)(i + 1);
	p->bytes[p->at + n + pad] = (uint8_t)pad;
	p->bytes[p->at + n + pad + 1] = (uint8_t)next;
	memcpy(prepend(p, sizeof(head)), head, sizeof(head));
	hmac_sha1_set_key(&hmac, sizeof(key), key);
	hmac_sha1_update(&hmac, sizeof(head) + n + pad + 2, p->bytes + p->at);
	hmac_sha1_digest(&hmac, ICV, p->bytes + sizeof(p->bytes) - ICV);
}

enum { RECEIVERS = 9 };

/* Empties them all; true if one had something, or gets it soon. */
static int has_arrived(struct pollfd *fd)
{
	int some = 0;
	uint8_t p[2048];

	for (int wait = 10; poll(fd, RECEIVERS, some ? 0 : wait) > 0; wait = 0)
		for (int i = 0; i < RECEIVERS; i++) {
			struct sockaddr_ll from = { .sll_pkttype = PACKET_OUTGOING };
			socklen_t len = sizeof(from);

			if (recvfrom(fd[i].fd, p, sizeof(p), MSG_DONTWAIT, i == 0 ? (struct sockaddr *)&from : NULL,
			             i == 0 ? &len : NULL) > 0)
				some |= i > 0 || (from.sll_pkttype == PACKET_OUTGOING &&
				                  (from.sll_protocol == htons(ETH_P_IP) || from.sll_protocol == htons(ETH_P_IPV6)));
		}
	return some;
}

static void inject(int fd, int device, const struct packet *p)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = device, .sll_halen = 6,
		                  .sll_protocol = htons(p->bytes[p->at] >> 4 == 4 ? ETH_P_IP : ETH_P_IPV6),
		                  .sll_addr = { 2, 0, 0, 0, 0, 1 } };

	if (sendto(fd, p->bytes + p->at, sizeof(p->bytes) - p->at, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		die("sendto");
}

static int inject_all(const char *device, const char *namespace, const char *other)
{
	static const int protos[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_SCTP };
	struct pollfd fd[RECEIVERS] = { { .fd = open_tap(other), .events = POLLIN } };
	char path[128], line[512], way[8], src[128], dst[128], proto[16], from[64], to[64];
	int there, sender, index;
	unsigned spi;

	for (int i = 0; i < 8; i++)
		fd[i + 1] = (struct pollfd){ .fd = open_raw(i < 4 ? AF_INET : AF_INET6, i == 6 ? IPPROTO_ICMPV6 : protos[i % 4]),
			                     .events = POLLIN };
	snprintf(path, sizeof(path), "/run/netns/%s", namespace);
	there = open(path, O_RDONLY | O_CLOEXEC);
	if (there < 0 || setns(there, CLONE_NEWNET) != 0)
		die(path);
	sender = socket(AF_PACKET, SOCK_DGRAM, 0);
	index = (int)if_nametoindex(device);
	if (sender < 0 || index == 0)
		die(device);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		struct packet p = { .at = sizeof(p.bytes) };
		struct end a, b, x, y;
		int n = sscanf(line, "%7s %127s %127s %15s by %u %63s %63s", way, src, dst, proto, &spi, from, to), number;

		if (n != 4 && n != 7)
			return 2;
		number = number_of(proto);
		read_end(&a, src);
		read_end(&b, dst);
		put_data(&p, &a, &b, number);
		if (n == 7) {
			int tunnel = strcmp(from, src) != 0 || strcmp(to, dst) != 0;

			read_end(&x, from);
			read_end(&y, to);
			if (tunnel)
				put_ip(&p, &a, &b, number);
			put_esp(&p, spi, !tunnel ? number : a.addr.ss_family == AF_INET ? IPPROTO_IPIP : IPPROTO_IPV6);
			put_ip(&p, &x, &y, IPPROTO_ESP);
		} else {
			put_ip(&p, &a, &b, number);
		}
		inject(sender, index, &p);
		puts(has_arrived(fd) ? "accepted" : "dropped");
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "out") == 0)
		return send_all(argv[2]);
	if (argc == 2 && strcmp(argv[1], "in") == 0)
		return receive_all();
	if (argc == 5 && strcmp(argv[1], "at") == 0)
		return inject_all(argv[2], argv[3], argv[4]);
	return 2;
}
