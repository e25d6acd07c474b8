/* SPDX-License-Identifier: ISC */
/*
 * What else the running kernel tells about how it treats packets: defaults of the directions, settings,
 * counters, routes, devices. Reads, and changes nothing.
 */
#ifndef KERNEL_FACTS_H
#define KERNEL_FACTS_H

#include "model/model.h"

struct facts {
	uint8_t standard[3];   /* by direction from DIR_IN: enum action for packets that no policy is for */
	bool key_manager;      /* somebody listens for ACQUIRE messages */
	bool pfkey;            /* PF_KEY sockets are open, of which it is not known whether they do */
	unsigned buckets;      /* of the kernel's hash of SAs; 0: not known */
	bool larval_drop;      /* packets that wait for an SA are dropped, and not kept */
};

/* Those of this network namespace. What cannot be read is as in a fresh kernel. */
void facts_read(struct facts *f);

/* Those of a namespace in which nobody has changed anything. */
void facts_of_fresh_kernel(struct facts *f);

/* A number of a file such as /proc/sys/net/core/xfrm_larval_drop; false if it cannot be read. */
bool facts_number(long *to, const char *path);

/* Calls for each counter of /proc/net/xfrm_stat, in its order; false if there is no such file. */
bool facts_each_counter(void (*each)(void *arg, const char *name, uint64_t n), void *arg);

/* A route to an address, from one or from any. */
struct route {
	bool local;            /* to this host itself */
	bool refused;          /* unreachable, prohibit or blackhole */
	uint32_t device;       /* index */
	unsigned mtu;          /* of the route, or else of the device; 0 unknown */
	struct addr from;      /* the source address that it gives; family 0: none */
};

/* Asks the kernel for the route. Returns 0, -ENETUNREACH and the like where there is none, or -errno. */
int route_find(struct route *r, const struct addr *to, const struct addr *from, uint32_t mark);

/* A network device. */
struct device {
	uint32_t index;
	char name[16];
	unsigned mtu;
	bool loopback, up;
	bool xfrm;             /* an XFRM interface: */
	uint32_t if_id;        /* of it */
};

/* All devices of this network namespace; the caller frees. Returns 0 or -errno. */
int devices_read(struct device **to, size_t *n);

/* A network that this host reaches over a device itself: an address with its prefix length. */
struct network {
	struct addr addr;      /* the host's own address in it, with the prefix length */
	uint32_t device;
};

/* The addresses of this host; the caller frees. Returns 0 or -errno. */
int networks_read(struct network **to, size_t *n);

#endif
