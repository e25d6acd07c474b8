/* SPDX-License-Identifier: ISC */
/*
 * A snapshot of the kernel's SAD and SPD. Each object is kept as the message of the dump, so that it can be
 * restored completely. XFRM only, because PF_KEY does not report everything.
 */
#ifndef KERNEL_SNAPSHOT_H
#define KERNEL_SNAPSHOT_H

#include "base/hash.h"
#include "kernel/kernel.h"

/* One SA or policy of the kernel. */
struct object {
	const uint8_t *message; /* owned by the arena of the snapshot; contains keys */
	uint64_t name;         /* same_name_hash() of the object */
	uint64_t place;        /* of an SA: same_name_hash() without the mark */
	/*
	 * distinguishes it from a later object of the same name: the index of a policy, the time of creation
	 * of an SA
	 */
	uint64_t stamp;
	uint32_t len;
	uint32_t mark, mask;
	uint32_t priority;     /* priority of a policy, and the direction, or 0 for an SA */
	uint8_t dir;           /* enum dir; 0: an SA */
	uint8_t proto;         /* enum proto, of an SA */
	bool larval;           /* an SA that waits for its keys */
	/*
	 * an SA that no request can name, so that only a flush deletes it: its SPI is 0, or its mark has bits
	 * outside the mask
	 */
	bool unnamed;
	bool sub;              /* a policy of type sub, which spdflush does not delete */
	bool clear;            /* event_is_clear(): a policy that lets packets pass unprotected */
};

/* All zero is empty. The owner frees it with snapshot_free, which overwrites the keys. */
struct snapshot {
	/*
	 * The SAs, then the policies, each oldest first; then the objects added by snapshot_put. An object
	 * with len 0 has been removed.
	 */
	struct object *object;
	size_t n, nsas, cap;
	/*
	 * set by the caller: include SAs with an SPI but no keys yet, which flush also deletes; kept by
	 * snapshot_free
	 */
	bool with_larval;
	struct arena arena;
	struct hash_table places; /* used by snapshot_put: name to 1 + index in object */
};

/*
 * Reads both tables. Omits per-socket policies, SAs that wait for their keys (unless with_larval is set) and
 * states of protocols other than ESP, AH and IPComp. If a table changes meanwhile, both are read again, up to
 * three times in all. Returns 0, -EAGAIN if they changed each time, or -errno; the snapshot is then empty.
 */
int snapshot_read(struct snapshot *s, struct kernel *k);
void snapshot_free(struct snapshot *s);

/* Replaces the object with this name by a copy of o, or removes it if o is NULL. */
void snapshot_put(struct snapshot *s, uint64_t name, const struct object *o);

/* Decodes the object. The event borrows text from the snapshot. */
void object_decode(const struct object *o, struct event *ev);

/*
 * True for a policy that may let packets pass unprotected: its action is none, or all of its requests have
 * level use.
 */
bool event_is_clear(const struct event *ev);

/*
 * Opens a watch for changes to the tables by other processes. Returns NULL with *err set to -errno if no
 * socket can be opened. The caller closes it. Calls kernel_sign.
 */
struct watch *watch_open(struct kernel *k, int *err);
void watch_close(struct watch *w);

/* True if another process has changed a table since the last call, or notifications were lost. */
bool watch_changed(struct watch *w);

#endif
