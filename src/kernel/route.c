/* SPDX-License-Identifier: ISC */
/* Reads routes, devices and addresses of this host through rtnetlink. */
#include "kernel/facts.h"

#include "kernel/socket.h"

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

enum { IF_ID = 2 }; /* IFLA_XFRM_IF_ID */

static void get_addr(struct addr *to, uint8_t family, uint8_t plen, const struct nlattr *a)
{
	*to = (struct addr){ .family = family, .plen = plen };
	memcpy(to->bytes, mnl_attr_get_payload(a),
	       mnl_attr_get_payload_len(a) < sizeof(to->bytes) ? mnl_attr_get_payload_len(a) :
	                                                         sizeof(to->bytes));
}

static void get_metrics(struct route *r, const struct nlattr *metrics)
{
	struct nlattr *a;

	mnl_attr_for_each_nested(a, metrics)
		if (mnl_attr_get_type(a) == RTAX_MTU && mnl_attr_get_payload_len(a) >= sizeof(uint32_t))
			r->mtu = mnl_attr_get_u32(a);
}

static int read_route(const struct nlmsghdr *h, void *arg)
{
	const struct rtmsg *m = mnl_nlmsg_get_payload(h);
	struct route *r = arg;
	struct nlattr *a;

	if (h->nlmsg_type != RTM_NEWROUTE)
		return MNL_CB_OK;
	r->local = m->rtm_type == RTN_LOCAL;
	r->refused = m->rtm_type == RTN_UNREACHABLE || m->rtm_type == RTN_PROHIBIT ||
	             m->rtm_type == RTN_BLACKHOLE;
	mnl_attr_for_each(a, h, sizeof(*m)) {
		if (mnl_attr_get_type(a) == RTA_OIF && mnl_attr_get_payload_len(a) >= sizeof(uint32_t))
			r->device = mnl_attr_get_u32(a);
		else if (mnl_attr_get_type(a) == RTA_PREFSRC)
			get_addr(&r->from, m->rtm_family, m->rtm_family == AF_INET ? 32 : 128, a);
		else if (mnl_attr_get_type(a) == RTA_METRICS)
			get_metrics(r, a);
	}
	return MNL_CB_OK;
}

int route_find(struct route *r, const struct addr *to, const struct addr *from, uint32_t mark)
{
	_Alignas(struct nlmsghdr) uint8_t bytes[256];
	struct nlmsghdr *h = mnl_nlmsg_put_header(bytes);
	struct rtmsg *m;
	size_t n = addr_bits(to) / 8;

	*r = (struct route){ 0 };
	h->nlmsg_type = RTM_GETROUTE;
	h->nlmsg_flags = NLM_F_REQUEST;
	m = mnl_nlmsg_put_extra_header(h, sizeof(*m));
	m->rtm_family = to->family;
	m->rtm_dst_len = (unsigned char)addr_bits(to);
	mnl_attr_put(h, RTA_DST, n, to->bytes);
	if (from != NULL && from->family == to->family) {
		m->rtm_src_len = (unsigned char)addr_bits(from);
		mnl_attr_put(h, RTA_SRC, n, from->bytes);
	}
	if (mark != 0)
		mnl_attr_put_u32(h, RTA_MARK, mark);
	return netlink_ask(NETLINK_ROUTE, h, read_route, r);
}

struct list {
	void *item;
	size_t n, cap;
};

static void get_info(struct device *d, const struct nlattr *info)
{
	const struct nlattr *data = NULL;
	struct nlattr *a;

	mnl_attr_for_each_nested(a, info) {
		if (mnl_attr_get_type(a) == IFLA_INFO_KIND)
			d->xfrm = strncmp(mnl_attr_get_str(a), "xfrm", mnl_attr_get_payload_len(a)) == 0;
		else if (mnl_attr_get_type(a) == IFLA_INFO_DATA)
			data = a;
	}
	if (data == NULL || !d->xfrm)
		return;
	mnl_attr_for_each_nested(a, data)
		if (mnl_attr_get_type(a) == IF_ID && mnl_attr_get_payload_len(a) >= sizeof(uint32_t))
			d->if_id = mnl_attr_get_u32(a);
}

static int read_device(const struct nlmsghdr *h, void *arg)
{
	const struct ifinfomsg *m = mnl_nlmsg_get_payload(h);
	struct list *list = arg;
	struct device *d;
	struct nlattr *a;

	if (h->nlmsg_type != RTM_NEWLINK)
		return MNL_CB_OK;
	list->item = memory_grow(list->item, list->n, &list->cap, sizeof(*d));
	d = (struct device *)list->item + list->n++;
	*d = (struct device){ .index = (uint32_t)m->ifi_index,
		              .loopback = m->ifi_flags & IFF_LOOPBACK,
		              .up = m->ifi_flags & IFF_UP };
	mnl_attr_for_each(a, h, sizeof(*m)) {
		if (mnl_attr_get_type(a) == IFLA_IFNAME)
			strlcpy(d->name, mnl_attr_get_str(a), sizeof(d->name));
		else if (mnl_attr_get_type(a) == IFLA_MTU && mnl_attr_get_payload_len(a) >= sizeof(uint32_t))
			d->mtu = mnl_attr_get_u32(a);
		else if (mnl_attr_get_type(a) == IFLA_LINKINFO)
			get_info(d, a);
	}
	return MNL_CB_OK;
}

static int read_dump(uint16_t type, size_t extra, mnl_cb_t each, struct list *list)
{
	_Alignas(struct nlmsghdr) uint8_t bytes[256] = { 0 };
	struct nlmsghdr *h = mnl_nlmsg_put_header(bytes);

	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(h, extra);
	return netlink_ask(NETLINK_ROUTE, h, each, list);
}

int devices_read(struct device **to, size_t *n)
{
	struct list list = { 0 };
	int err = read_dump(RTM_GETLINK, sizeof(struct ifinfomsg), read_device, &list);

	*to = list.item;
	*n = list.n;
	return err;
}

static int read_network(const struct nlmsghdr *h, void *arg)
{
	const struct ifaddrmsg *m = mnl_nlmsg_get_payload(h);
	const struct nlattr *local = NULL, *address = NULL;
	struct list *list = arg;
	struct network *network;
	struct nlattr *a;

	if (h->nlmsg_type != RTM_NEWADDR || (m->ifa_family != AF_INET && m->ifa_family != AF_INET6))
		return MNL_CB_OK;
	/* On a point-to-point device IFA_ADDRESS is the address of the peer. */
	mnl_attr_for_each(a, h, sizeof(*m))
		switch (mnl_attr_get_type(a)) {
		case IFA_LOCAL:
			local = a;
			break;
		case IFA_ADDRESS:
			address = a;
			break;
		}
	if (local == NULL && address == NULL)
		return MNL_CB_OK;
	list->item = memory_grow(list->item, list->n, &list->cap, sizeof(*network));
	network = (struct network *)list->item + list->n++;
	*network = (struct network){ .device = m->ifa_index };
	get_addr(&network->addr, m->ifa_family, m->ifa_prefixlen, local != NULL ? local : address);
	return MNL_CB_OK;
}

int networks_read(struct network **to, size_t *n)
{
	struct list list = { 0 };
	int err = read_dump(RTM_GETADDR, sizeof(struct ifaddrmsg), read_network, &list);

	*to = list.item;
	*n = list.n;
	return err;
}
