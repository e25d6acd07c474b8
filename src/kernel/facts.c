/* SPDX-License-Identifier: ISC */
/* What the running kernel tells besides its tables: settings, defaults, and who listens. */
#include "kernel/facts.h"

#include "wire/wire.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/xfrm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The requests are as long as the kernel wants the shortest of them. */
static ssize_t ask_xfrm(uint16_t type, uint8_t *answer, size_t size)
{
	_Alignas(struct nlmsghdr) uint8_t request[64];
	struct nlmsghdr *h = mnl_nlmsg_put_header(request);
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_XFRM, SOCK_CLOEXEC);
	ssize_t n = -1;

	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST;
	h->nlmsg_seq = 1;
	mnl_nlmsg_put_extra_header(h, sizeof(uint32_t));
	if (nl != NULL && mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) == 0 &&
	    mnl_socket_sendto(nl, h, h->nlmsg_len) > 0)
		n = mnl_socket_recvfrom(nl, answer, size);
	if (nl != NULL)
		mnl_socket_close(nl);
	return n;
}

/* Kernels before 5.15 have no such defaults, and answer with an error: then all are accepted. */
static void read_defaults(struct facts *f)
{
	_Alignas(struct nlmsghdr) uint8_t answer[1024];
	struct event *ev = memory_resize(NULL, 1, sizeof(*ev));
	ssize_t n = ask_xfrm(XFRM_MSG_GETDEFAULT, answer, sizeof(answer));

	if (n > 0 && ((const struct nlmsghdr *)(const void *)answer)->nlmsg_type == XFRM_MSG_GETDEFAULT) {
		((struct nlmsghdr *)(void *)answer)->nlmsg_type = XFRM_MSG_SETDEFAULT;
		if (xfrm_wire.decode(answer, (size_t)n, ev) > 0) {
			f->standard[0] = ev->notice.in;
			f->standard[1] = ev->notice.out;
			f->standard[2] = ev->notice.fwd;
		}
	}
	free(ev);
}

static void read_buckets(struct facts *f)
{
	_Alignas(struct nlmsghdr) uint8_t answer[1024];
	const struct nlmsghdr *h = (const struct nlmsghdr *)(const void *)answer;
	ssize_t n = ask_xfrm(XFRM_MSG_GETSADINFO, answer, sizeof(answer));
	struct xfrmu_sadhinfo info;
	struct nlattr *a;

	if (n <= 0 || !mnl_nlmsg_ok(h, (int)n) || h->nlmsg_type != XFRM_MSG_NEWSADINFO)
		return;
	mnl_attr_for_each(a, h, sizeof(uint32_t)) {
		if (mnl_attr_get_type(a) != XFRMA_SAD_HINFO || mnl_attr_get_payload_len(a) < sizeof(info))
			continue;
		memcpy(&info, mnl_attr_get_payload(a), sizeof(info));
		f->buckets = info.sadhcnt;
	}
}

/* Each line is a socket: Eth is the netlink protocol, Groups the bits of the groups it has joined. */
static void read_listeners(struct facts *f)
{
	char line[256], protocol[16], groups[16];
	FILE *sockets = fopen("/proc/net/netlink", "re");

	while (sockets != NULL && fgets(line, sizeof(line), sockets) != NULL)
		if (sscanf(line, "%*s %15s %*s %15s", protocol, groups) == 2 &&
		    strtoul(protocol, NULL, 10) == NETLINK_XFRM)
			f->key_manager |= strtoul(groups, NULL, 16) >> (XFRMNLGRP_ACQUIRE - 1) & 1;
	if (sockets != NULL)
		fclose(sockets);
	sockets = fopen("/proc/net/pfkey", "re");
	for (int i = 0; sockets != NULL && fgets(line, sizeof(line), sockets) != NULL; i++)
		f->pfkey |= i > 0; /* the first is a heading */
	if (sockets != NULL)
		fclose(sockets);
}

bool facts_number(long *to, const char *path)
{
	FILE *f = fopen(path, "re");
	char line[64], *end = line;

	if (f != NULL && fgets(line, sizeof(line), f) != NULL)
		*to = strtol(line, &end, 10);
	if (f != NULL)
		fclose(f);
	return end != line;
}

bool facts_each_counter(void (*each)(void *arg, const char *name, uint64_t n), void *arg)
{
	FILE *f = fopen("/proc/net/xfrm_stat", "re");
	char name[64], number[32];

	while (f != NULL && fscanf(f, "%63s %31s", name, number) == 2)
		each(arg, name, strtoull(number, NULL, 10));
	if (f != NULL)
		fclose(f);
	return f != NULL;
}

void facts_of_fresh_kernel(struct facts *f)
{
	*f = (struct facts){ .standard = { ACTION_NONE, ACTION_NONE, ACTION_NONE }, .larval_drop = true };
}

void facts_read(struct facts *f)
{
	long n;

	facts_of_fresh_kernel(f);
	read_defaults(f);
	read_buckets(f);
	read_listeners(f);
	if (facts_number(&n, "/proc/sys/net/core/xfrm_larval_drop"))
		f->larval_drop = n != 0;
}
