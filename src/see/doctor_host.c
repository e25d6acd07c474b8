/* SPDX-License-Identifier: ISC */
/* Checks the host around the tables: settings, routes, MTU, IKE daemons. */
#include "see/doctor.h"

#include "format/format.h"
#include "tables/selector_set.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

struct host {
	struct device *device;
	struct network *network;
	size_t ndevices, nnetworks;
};

static void read_host(struct host *h)
{
	*h = (struct host){ 0 };
	devices_read(&h->device, &h->ndevices);
	networks_read(&h->network, &h->nnetworks);
}

static void free_host(struct host *h)
{
	free(h->device);
	free(h->network);
}

static const char *find_device_name(const struct host *h, uint32_t index)
{
	for (size_t i = 0; i < h->ndevices; i++)
		if (h->device[i].index == index)
			return h->device[i].name;
	return "?";
}

static bool is_own_address(const struct host *h, const struct addr *a)
{
	struct route route;

	for (size_t i = 0; i < h->nnetworks; i++)
		if (addr_equal(&h->network[i].addr, a))
			return true;
	return route_find(&route, a, NULL, 0) == 0 && route.local;
}

/* True if this host has an address in the range. */
static bool has_own_address_in(const struct host *h, const struct addr *range)
{
	for (size_t i = 0; i < h->nnetworks; i++) {
		struct addr a = h->network[i].addr;

		a.plen = (uint8_t)addr_bits(&a);
		if (addr_contains(range, &a))
			return true;
	}
	return addr_is_host(range) && is_own_address(h, range);
}

/* The first address of a network that a host may have: the route to a network is looked up by it. */
static struct addr first_host(const struct addr *range)
{
	struct addr a = addr_network(range, range->plen);

	if (!addr_is_host(range))
		a.bytes[addr_bits(range) / 8 - 1] |= 1;
	a.plen = (uint8_t)addr_bits(range);
	return a;
}

static const char *address_word(struct buf *b, const struct addr *a)
{
	buf_clear(b);
	print_addr(b, a, "any");
	if (!addr_is_host(a))
		buf_printf(b, "/%u", a->plen);
	return buf_str(b);
}

/* Calls check for each tunnel that a policy of the direction asks for. */
static void for_each_tunnel(struct doctor *d, uint8_t dir,
                            void (*check)(struct doctor *d, const struct host *h, size_t number,
                                          const struct event *ev, const struct tmpl *t))
{
	struct event *ev = memory_resize(NULL, 1, sizeof(*ev));
	const struct snapshot *s = &d->wanted->tables;
	struct host h;

	read_host(&h);
	for (size_t i = s->nsas; i < s->n; i++) {
		if (s->object[i].dir != dir)
			continue;
		view_decode(d->wanted, i, ev);
		for (unsigned j = 0; j < ev->policy.ntmpl; j++)
			if (ev->policy.tmpl[j].mode == MODE_TUNNEL)
				check(d, &h, i, ev, &ev->policy.tmpl[j]);
	}
	free_host(&h);
	free(ev);
}

static void report_forwarding(struct doctor *d, const struct host *h, size_t number, const struct event *ev,
                              const struct tmpl *t)
{
	const struct addr *src = &ev->policy.src;
	bool v6 = src->family == AF_INET6;
	const char *name = v6 ? "net.ipv6.conf.all.forwarding" : "net.ipv4.ip_forward";
	struct buf b = { 0 };
	long on = 0;

	(void)number;
	(void)t;
	if (!addr_is_host(src) &&
	    facts_number(&on,
	                 v6 ? "/proc/sys/net/ipv6/conf/all/forwarding" : "/proc/sys/net/ipv4/ip_forward") &&
	    on == 0 && !doctor_has_about(d, name)) {
		doctor_add(d, has_own_address_in(h, src) ? HEALTH_WARNING : HEALTH_ERROR,
		           "%s is 0: packets of other hosts in %s do not reach the tunnel", name,
		           address_word(&b, src));
		doctor_hint(d, "run sysctl -w %s=1", name);
		doctor_about(d, name);
	}
	buf_free(&b);
}

void check_forwarding(struct doctor *d)
{
	for_each_tunnel(d, DIR_OUT, report_forwarding);
}

static long device_setting(const char *family, const char *device, const char *name)
{
	char path[128];
	long n = 0;

	snprintf(path, sizeof(path), "/proc/sys/net/%s/conf/%s/%s", family, device, name);
	return facts_number(&n, path) ? n : 0;
}

/* To the filter, a packet out of a tunnel has come in by the device of the encapsulated one. */
static void report_rp_filter(struct doctor *d, const struct host *h, size_t number, const struct event *ev,
                             const struct tmpl *t)
{
	struct addr inner = first_host(&ev->policy.src);
	struct route outer, back;
	struct buf b = { 0 };
	const char *name;
	long strict, all;

	(void)number;
	if (inner.family != AF_INET || addr_is_any(&t->src) || route_find(&outer, &t->src, NULL, 0) != 0)
		return;
	name = find_device_name(h, outer.device);
	strict = device_setting("ipv4", name, "rp_filter");
	all = device_setting("ipv4", "all", "rp_filter");
	if ((strict > all ? strict : all) != 1 || doctor_has_about(d, name))
		return;
	if (route_find(&back, &inner, NULL, 0) != 0 || back.device != outer.device) {
		doctor_add(d, HEALTH_ERROR,
		           "rp_filter of %s is 1 (strict): packets from %s out of the tunnel are dropped, as "
		           "the route back is by %s",
		           name, address_word(&b, &ev->policy.src), find_device_name(h, back.device));
		doctor_hint(d, "run sysctl -w net.ipv4.conf.%s.rp_filter=2, or add a route by %s", name,
		            name);
		doctor_about(d, name);
	}
	buf_free(&b);
}

void check_rp_filter(struct doctor *d)
{
	for_each_tunnel(d, DIR_IN, report_rp_filter);
}

void check_disabled(struct doctor *d)
{
	static const char *const names[] = { "disable_xfrm", "disable_policy" };
	struct host h;

	read_host(&h);
	for (size_t i = 0; i < h.ndevices; i++)
		for (size_t j = 0; j < 2 && !h.device[i].loopback; j++) {
			const char *device = h.device[i].name;

			if (device_setting("ipv4", device, names[j]) == 0 &&
			    device_setting("ipv4", "all", names[j]) == 0)
				continue;
			doctor_add(d, HEALTH_ERROR, "%s of %s is set: %s", names[j], device,
			           j == 0 ? "what leaves by it is not encrypted, whatever policies say"
			                  : "what enters by it is accepted, whatever policies say");
			doctor_hint(d, "run sysctl -w net.ipv4.conf.%s.%s=0, and the same for all", device,
			            names[j]);
		}
	free_host(&h);
}

void check_settings(struct doctor *d)
{
	long n;

	if (facts_number(&n, "/proc/sys/net/ipv4/ip_no_pmtu_disc") && n != 0) {
		doctor_add(d, HEALTH_WARNING,
		           "net.ipv4.ip_no_pmtu_disc is %ld: tunnels made now do not tell senders of a "
		           "smaller MTU",
		           n);
		doctor_hint(d, "run sysctl -w net.ipv4.ip_no_pmtu_disc=0, and add the SAs anew");
	}
	if (facts_number(&n, "/proc/sys/net/core/xfrm_larval_drop") && n == 0) {
		doctor_add(d, HEALTH_WARNING,
		           "net.core.xfrm_larval_drop is 0: senders wait for an SA that may never come");
		doctor_hint(d, "run sysctl -w net.core.xfrm_larval_drop=1");
	}
	if (facts_number(&n, "/proc/sys/net/core/xfrm_acq_expires") && (n < 5 || n > 600)) {
		doctor_add(d, HEALTH_WARNING,
		           "net.core.xfrm_acq_expires is %ld s: a key manager has %s for an SA", n,
		           n < 5 ? "hardly time" : "so long to wait before it is asked again");
		doctor_hint(d, "run sysctl -w net.core.xfrm_acq_expires=30");
	}
}

void check_defaults(struct doctor *d)
{
	static const char *const words[] = { "in", "out", "fwd" };

	for (int i = 0; i < 3; i++)
		if (d->kernel->facts.standard[i] == ACTION_DISCARD) {
			doctor_add(d, HEALTH_WARNING,
			           "the default policy of %s is to block: what no policy is for is dropped",
			           words[i]);
			doctor_hint(d, "run ip xfrm policy setdefault %s accept, unless that is meant",
			            words[i]);
		}
}

static void report_route(struct doctor *d, const struct host *h, size_t number, const struct event *ev,
                         const struct tmpl *t)
{
	struct buf name = { 0 }, addr = { 0 };
	struct addr remote = first_host(&ev->policy.dst);
	struct route route;

	view_name(d->wanted, number, &name);
	if (!addr_is_any(&t->src) && !is_own_address(h, &t->src)) {
		doctor_add(d, HEALTH_ERROR, "%s: the tunnel begins at %s, which is no address of this host",
		           buf_str(&name), address_word(&addr, &t->src));
		doctor_hint(d, "add the address, or mend the request: its first end is this host in out");
	}
	if (route_find(&route, &t->dst, NULL, 0) != 0 || route.refused) {
		doctor_add(d, HEALTH_ERROR, "%s: there is no route to the tunnel's end %s", buf_str(&name),
		           address_word(&addr, &t->dst));
		doctor_hint(d, "add a route to it");
	}
	if (!addr_is_host(&ev->policy.dst) && addr_is_any(&ev->policy.dst))
		return buf_free(&name), buf_free(&addr);
	if (route_find(&route, &remote, NULL, 0) != 0 || route.refused) {
		doctor_add(d, HEALTH_ERROR,
		           "%s: there is no route to %s behind the tunnel: Linux looks for one before the "
		           "policy",
		           buf_str(&name), address_word(&addr, &ev->policy.dst));
		doctor_hint(d, "add one, by the device of the tunnel's end will do");
	}
	buf_free(&name);
	buf_free(&addr);
}

void check_routes(struct doctor *d)
{
	for_each_tunnel(d, DIR_OUT, report_route);
}

/* Bytes of IV and of the blocks that a cipher pads to. */
static void cipher_sizes(const struct sa *sa, unsigned *iv, unsigned *block)
{
	const char *name = sa->enc != NULL && sa->enc->xfrm != NULL ? sa->enc->xfrm : "";

	*block = 4;
	*iv = 0;
	if (strstr(name, "cbc(") != NULL)
		*iv = *block =
			strstr(name, "des") || strstr(name, "cast") || strstr(name, "blowfish") ? 8 : 16;
	else if (*name != '\0' && strstr(name, "null") == NULL)
		*iv = 8;
}

/* The size of the largest packet inside the tunnel, in bytes; 0: there is no room for one. */
static unsigned payload_size(const struct sa *sa, unsigned mtu)
{
	unsigned outer = sa->dst.family == AF_INET6 ? 40 : 20, iv, block, left, icv;

	cipher_sizes(sa, &iv, &block);
	icv = (sa->enc != NULL && sa->enc->kind == ALG_AEAD ? sa->enc->icvbits : sa_icvbits(sa)) / 8;
	if (sa->proto == PROTO_AH) {
		outer += 12 + (icv + 3) / 4 * 4;
		return mtu > outer ? mtu - outer : 0;
	}
	outer += (sa->encap != ENCAP_NONE ? 8 : 0) + 8 + iv + icv;
	if (mtu < outer + block)
		return 0;
	left = (mtu - outer) / block * block;
	return left - 2;
}

static unsigned find_device_mtu(const struct host *h, uint32_t index)
{
	for (size_t i = 0; i < h->ndevices; i++)
		if (h->device[i].index == index)
			return h->device[i].mtu;
	return 0;
}

/* For the latest SA to the tunnel's end: others differ by a few bytes only. */
static void report_mtu(struct doctor *d, const struct host *h, size_t number, const struct event *ev,
                       const struct tmpl *t)
{
	struct event *sa;
	bool v6 = ev->policy.dst.family == AF_INET6, found = false;
	unsigned mtu = 0, payload, segment, least = v6 ? 1280 : 576, headers = v6 ? 60 : 40;
	struct buf end = { 0 };
	struct route route;

	(void)number;
	if (doctor_has_about(d, address_word(&end, &t->dst)))
		return buf_free(&end);
	sa = memory_resize(NULL, 1, sizeof(*sa));
	for (size_t i = view_latest_sa(d->wanted, SA_BY_DST, &t->dst, 0, 0); i != 0 && !found;
	     i = view_sa_before(d->wanted, SA_BY_DST, i)) {
		view_decode(d->wanted, i - 1, sa);
		found = sa->sa.mode == MODE_TUNNEL && sa->sa.proto == t->proto &&
		        addr_equal(&sa->sa.dst, &t->dst);
	}
	if (found && route_find(&route, &t->dst, NULL, 0) == 0)
		mtu = route.mtu != 0 ? route.mtu : find_device_mtu(h, route.device);
	if (mtu != 0 && mtu < 65535) {
		payload = payload_size(&sa->sa, mtu);
		segment = payload > headers ? payload - headers : 0;
		doctor_add(d,
		           segment == 0 ? HEALTH_ERROR : payload < least ? HEALTH_WARNING : HEALTH_OK,
		           "the tunnel to %s carries packets of %u bytes, TCP segments of %u, over an MTU of "
		           "%u",
		           address_word(&end, &t->dst), payload, segment, mtu);
		if (segment > 0)
			doctor_hint(d, "clamp the MSS of what is forwarded to %u", segment);
		else
			doctor_hint(d, "raise the MTU of the route or of its device");
		doctor_about(d, buf_str(&end));
	}
	explicit_bzero(sa, sizeof(*sa));
	free(sa);
	buf_free(&end);
}

void check_mtu(struct doctor *d)
{
	for_each_tunnel(d, DIR_OUT, report_mtu);
}

void check_firewall(struct doctor *d)
{
	doctor_add(d, HEALTH_SKIPPED,
	           "firewalls are not looked at: they must let pass esp (50), ah (51), ipcomp (108), UDP 500 "
	           "and 4500");
}

void check_key_managers(struct doctor *d)
{
	static const char *const names[] = { "charon", "charon-systemd", "pluto", "racoon",
		                             "iked",   "isakmpd",        NULL };
	struct buf found = { 0 };
	struct dirent *e;
	DIR *proc = opendir("/proc");
	char path[300], comm[32];

	while (proc != NULL && (e = readdir(proc)) != NULL) {
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%s/comm", e->d_name);
		if (e->d_name[0] < '1' || e->d_name[0] > '9' || (f = fopen(path, "re")) == NULL)
			continue;
		if (fgets(comm, sizeof(comm), f) != NULL)
			for (size_t i = 0; names[i] != NULL; i++)
				if (strncmp(comm, names[i], strlen(names[i])) == 0 &&
				    comm[strlen(names[i])] == '\n')
					buf_printf(&found, "%s%s (%s)", found.len ? ", " : "", names[i],
					           e->d_name);
		fclose(f);
	}
	if (proc != NULL)
		closedir(proc);
	doctor_add(d, HEALTH_OK, "IKE daemons running: %s", found.len ? buf_str(&found) : "none");
	if (found.len > 0)
		doctor_hint(d, "leave the SAs and policies that they have made alone");
	buf_free(&found);
}
