/* SPDX-License-Identifier: ISC */
/*
 * Tells everybody who listens what this kernel does not come to tell in a laboratory: a peer behind NAT that moved,
 * a packet that was refused, a policy whose ends moved, one that has expired. With -n the messages are only printed, as hex.
 */
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct message {
	struct nlmsghdr head;
	unsigned char body[1024];
};

static void add(struct message *m, const void *from, size_t n)
{
	memcpy((unsigned char *)m + m->head.nlmsg_len, from, n);
	m->head.nlmsg_len += (unsigned)NLMSG_ALIGN(n);
}

static void begin(struct message *m, int type, const void *from, size_t n)
{
	*m = (struct message){ .head = { .nlmsg_len = sizeof(m->head), .nlmsg_type = (unsigned short)type } };
	add(m, from, n);
}

static void add_attr(struct message *m, int type, const void *from, size_t n)
{
	struct nlattr a = { .nla_len = (unsigned short)(sizeof(a) + n), .nla_type = (unsigned short)type };

	add(m, &a, sizeof(a));
	add(m, from, n);
}

static xfrm_address_t v4(const char *text)
{
	xfrm_address_t a = { .a4 = 0 };

	inet_pton(AF_INET, text, &a.a4);
	return a;
}

static struct xfrm_selector selector(void)
{
	return (struct xfrm_selector){
		.saddr = v4("10.1.0.0"), .daddr = v4("10.2.0.0"), .family = AF_INET, .prefixlen_s = 16, .prefixlen_d = 16,
		.proto = IPPROTO_UDP, .dport = htons(53), .dport_mask = 0xffff,
	};
}

static void mapping(struct message *m)
{
	struct xfrm_user_mapping x = {
		.id = { .daddr = v4("192.0.2.1"), .spi = htonl(0x1234), .family = AF_INET, .proto = IPPROTO_ESP }, .reqid = 7,
		.old_saddr = v4("198.51.100.1"), .new_saddr = v4("198.51.100.2"), .old_sport = htons(4500), .new_sport = htons(1025),
	};

	begin(m, XFRM_MSG_MAPPING, &x, sizeof(x));
}

static void report(struct message *m)
{
	struct xfrm_user_report x = { .proto = IPPROTO_DSTOPTS, .sel = selector() };
	xfrm_address_t coa = v4("203.0.113.9");

	begin(m, XFRM_MSG_REPORT, &x, sizeof(x));
	add_attr(m, XFRMA_COADDR, &coa, sizeof(coa));
}

static void migrate(struct message *m)
{
	struct xfrm_userpolicy_id x = { .sel = selector(), .dir = XFRM_POLICY_OUT };
	struct xfrm_user_migrate moved = {
		.old_saddr = v4("192.0.2.1"), .old_daddr = v4("192.0.2.2"), .new_saddr = v4("192.0.2.3"), .new_daddr = v4("192.0.2.4"),
		.proto = IPPROTO_ESP, .mode = XFRM_MODE_TUNNEL, .reqid = 9, .old_family = AF_INET, .new_family = AF_INET,
	};

	begin(m, XFRM_MSG_MIGRATE, &x, sizeof(x));
	add_attr(m, XFRMA_MIGRATE, &moved, sizeof(moved));
}

static void polexpire(struct message *m)
{
	struct xfrm_user_polexpire x = { .pol = { .sel = selector(), .index = 8, .dir = XFRM_POLICY_IN, .action = XFRM_POLICY_BLOCK }, .hard = 1 };

	begin(m, XFRM_MSG_POLEXPIRE, &x, sizeof(x));
}

static const struct { int group; void (*make)(struct message *m); } messages[] = {
	{ XFRMNLGRP_MAPPING, mapping }, { XFRMNLGRP_REPORT, report }, { XFRMNLGRP_MIGRATE, migrate },
	{ XFRMNLGRP_EXPIRE, polexpire },
};

int main(int argc, char **argv)
{
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_XFRM), only_print = argc > 1 && strcmp(argv[1], "-n") == 0;
	struct message m;

	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		struct sockaddr_nl to = { .nl_family = AF_NETLINK, .nl_groups = 1u << (messages[i].group - 1) };

		messages[i].make(&m);
		for (size_t at = 0; at < m.head.nlmsg_len; at++)
			printf("%02x", ((unsigned char *)&m)[at]);
		putchar('\n');
		/* The kernel gets a copy too, and takes no answer for one: this is no request. */
		if (!only_print && sendto(fd, &m, m.head.nlmsg_len, 0, (struct sockaddr *)&to, sizeof(to)) < 0) {
			perror("sendto");
			return 1;
		}
	}
	return 0;
}
