/* SPDX-License-Identifier: ISC */
/* What the kernel reports apart from its tables: settings, default policies, listening programs. */
#include "kernel/facts.h"

#include "kernel/socket.h"
#include "wire/wire.h"

#include <linux/xfrm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Sends a request with four bytes of payload, the least that the kernel accepts for these types. */
static void ask_xfrm(uint16_t type, mnl_cb_t each, struct facts *f)
{
	_Alignas(struct nlmsghdr) uint8_t request[64];
	struct nlmsghdr *h = mnl_nlmsg_put_header(request);

	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST;
	mnl_nlmsg_put_extra_header(h, sizeof(uint32_t));
	netlink_ask(NETLINK_XFRM, h, each, f);
}

/*
 * For netlink_ask(). Kernels before 5.15 have no default policies and answer with an error: all packets pass.
 */
static int read_defaults(const struct nlmsghdr *h, void *arg)
{
	_Alignas(struct nlmsghdr) uint8_t message[64];
	struct facts *f = arg;
	struct event *ev;

	if (h->nlmsg_type != XFRM_MSG_GETDEFAULT || h->nlmsg_len > sizeof(message))
		return MNL_CB_OK;
	ev = memory_resize(NULL, 1, sizeof(*ev));
	memcpy(message, h, h->nlmsg_len);
	((struct nlmsghdr *)(void *)message)->nlmsg_type = XFRM_MSG_SETDEFAULT;
	if (xfrm_wire.decode(message, h->nlmsg_len, ev) > 0) {
		f->standard[0] = ev->notice.in;
		f->standard[1] = ev->notice.out;
		f->standard[2] = ev->notice.fwd;
	}
	free(ev);
	return MNL_CB_OK;
}

static int read_buckets(const struct nlmsghdr *h, void *arg)
{
	struct facts *f = arg;
	struct xfrmu_sadhinfo info;
	struct nlattr *a;

	if (h->nlmsg_type != XFRM_MSG_NEWSADINFO)
		return MNL_CB_OK;
	mnl_attr_for_each(a, h, sizeof(uint32_t)) {
		if (mnl_attr_get_type(a) != XFRMA_SAD_HINFO || mnl_attr_get_payload_len(a) < sizeof(info))
			continue;
		memcpy(&info, mnl_attr_get_payload(a), sizeof(info));
		f->buckets = info.sadhcnt;
	}
	return MNL_CB_OK;
}

/* Each line describes a socket. Column "Eth" is the netlink protocol, "Groups" the bit mask of its groups. */
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
		f->pfkey |= i > 0; /* the first line is a heading */
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
	ask_xfrm(XFRM_MSG_GETDEFAULT, read_defaults, f);
	ask_xfrm(XFRM_MSG_GETSADINFO, read_buckets, f);
	read_listeners(f);
	if (facts_number(&n, "/proc/sys/net/core/xfrm_larval_drop"))
		f->larval_drop = n != 0;
}
