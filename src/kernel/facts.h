/* SPDX-License-Identifier: ISC */
/*
 * What the kernel reports about its treatment of packets apart from its tables: default policies, settings,
 * counters, routes, devices. Only reads.
 */
#ifndef KERNEL_FACTS_H
#define KERNEL_FACTS_H

#include "model/model.h"

struct facts {
	uint8_t standard[3];   /* enum action for packets that no policy matches; index: direction - DIR_IN */
	bool key_manager;      /* a program listens for ACQUIRE messages on netlink */
	/* PF_KEY sockets are open; the kernel does not report whether they listen for ACQUIRE */
	bool pfkey;
	unsigned buckets;      /* number of buckets in the kernel's hash table of SAs; 0: unknown */
	bool larval_drop;      /* packets that wait for an SA are dropped, not queued (xfrm_larval_drop) */
};

/* Reads the facts of this network namespace. What cannot be read is set as in a new namespace. */
void facts_read(struct facts *f);

/* Sets the facts of a new network namespace. */
void facts_of_fresh_kernel(struct facts *f);

/* Reads a decimal number from a file such as /proc/sys/net/core/xfrm_larval_drop. False if that fails. */
bool facts_number(long *to, const char *path);

/* Calls each for all counters of /proc/net/xfrm_stat in order. False if the file cannot be opened. */
bool facts_each_counter(void (*each)(void *arg, const char *name, uint64_t n), void *arg);

/* A route to an address. */
struct route {
	bool local;            /* the address belongs to this host */
	bool refused;          /* unreachable, prohibit or blackhole */
	uint32_t device;       /* index of the output device */
	unsigned mtu;          /* of the route, in bytes; 0: the route has none */
	struct addr from;      /* the source address that the route selects; family 0: none */
};

/*
 * Asks the kernel for the route to an address. from may be NULL; mark 0 means no mark. Returns 0 or -errno,
 * which is -ENETUNREACH and the like if there is no route.
 */
int route_find(struct route *r, const struct addr *to, const struct addr *from, uint32_t mark);

/* A network device. */
struct device {
	uint32_t index;
	char name[16];
	unsigned mtu;
	bool loopback, up;
	bool xfrm;             /* it is an XFRM interface */
	uint32_t if_id;        /* of an XFRM interface */
};

/* Reads all devices of this network namespace. The caller frees *to. Returns 0 or -errno. */
int devices_read(struct device **to, size_t *n);

/* A network that is attached directly to a device of this host. */
struct network {
	struct addr addr;      /* the host's own address there, with the prefix length of the network */
	uint32_t device;
};

/* Reads the addresses of this host. The caller frees *to. Returns 0 or -errno. */
int networks_read(struct network **to, size_t *n);

#endif
