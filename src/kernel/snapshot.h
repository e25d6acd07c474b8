/* SPDX-License-Identifier: ISC */
/*
 * The SAD and the SPD of the kernel as they are at one moment: each object as the message that tells of it,
 * so that all of it can be made again. XFRM only: what PF_KEY tells is not everything.
 */
#ifndef KERNEL_SNAPSHOT_H
#define KERNEL_SNAPSHOT_H

#include "base/hash.h"
#include "kernel/kernel.h"

/* One SA or policy of the kernel. */
struct object {
	const uint8_t *message; /* in the arena of its snapshot; keys are in it */
	uint64_t name;         /* same_name_hash */
	uint64_t place;        /* of an SA: the same without its mark */
	uint64_t stamp;        /* tells it from a later one of its name: a policy's index, an SA's time */
	uint32_t len;
	uint32_t mark, mask;
	uint32_t priority;     /* of a policy, as are the last two */
	uint8_t dir;           /* enum dir; 0: an SA */
	uint8_t proto;         /* enum proto: of an SA */
	bool larval;           /* an SA that waits for its keys */
	bool sub;              /* of the second SPD, which spdflush leaves alone */
	bool clear;            /* lets packets pass without protection: event_is_clear */
};

/* Zero-initialised is empty; the owner frees it, keys included. */
struct snapshot {
	/*
	 * The SAs, then the policies, of each the oldest first; and at the end what was put. Where len is 0
	 * there is none any more.
	 */
	struct object *object;
	size_t n, nsas, cap;
	bool with_larval;      /* what flush deletes besides: SAs with an SPI and no keys yet; it stays */
	struct arena arena;
	struct hash_table places; /* of snapshot_put: by name, from 1 */
};

/*
 * Reads both tables. Left out is what no file is about: policies of sockets, SAs that wait for their keys,
 * and states of protocols other than ESP, AH and IPComp. Tables that change while they are read are read
 * again, three times at most. Returns 0, -EAGAIN if they never held still, or -errno; then it is empty.
 */
int snapshot_read(struct snapshot *s, struct kernel *k);
void snapshot_free(struct snapshot *s);

/* From now on this is the object of the name; it is copied. NULL: there is none. */
void snapshot_put(struct snapshot *s, uint64_t name, const struct object *o);

/* What the object is. Text in it is borrowed from the snapshot. */
void object_decode(const struct object *o, struct event *ev);

/* True for a policy that may let packets pass in the clear: none, or nothing but requests of level use. */
bool event_is_clear(const struct event *ev);

/*
 * Hears of changes to the tables that other programs make. NULL with *err set where no socket can be had; the
 * caller closes.
 */
struct watch *watch_open(struct kernel *k, int *err);
void watch_close(struct watch *w);

/* True if somebody else has changed something since the last call, or events were lost. */
bool watch_changed(struct watch *w);

#endif
