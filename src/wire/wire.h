/* SPDX-License-Identifier: ISC */
/* The interface of the two wires: statements to messages and messages to events. No sockets. */
#ifndef WIRE_WIRE_H
#define WIRE_WIRE_H

#include "model/model.h"

#include <sys/types.h>

enum { REASON_MAX = 200 };

/* One encoding in progress. The caller sets out, seq, pid and unique. */
struct encoding {
	struct buf *out;       /* the message is appended to it */
	uint32_t seq, pid;
	uint32_t unique;       /* next id for level "unique"; the XFRM encoder takes from it and adds one */
	enum part part;        /* after a refusal: what cannot be said */
	char reason[REASON_MAX]; /* after a refusal: why, and what would do; no key in it */
};

/*
 * In what a policy that is made again differs from the one that is there; NULL: in nothing. With another mark
 * it is made besides that one, and has an index of its own.
 */
struct variation {
	const uint32_t *priority;
	const struct mark *mark;
};

struct wire {
	const char *name;      /* "xfrm", "pfkey" */

	/* Whether the wire can say the statement: 0, or -EOPNOTSUPP with part and reason set. */
	int (*check)(const struct stmt *s, struct encoding *e);

	/*
	 * Appends the one message the statement becomes; addresses must be single and
	 * resolved. Returns as check, and then nothing is
	 * appended. deleteall, dump and spddump become the dump request.
	 */
	int (*encode)(const struct stmt *s, struct encoding *e);

	/*
	 * Which part of the statement the byte at off of its message says, PART_MAX when that is not known;
	 * NULL where the kernel names no bytes.
	 */
	enum part (*part_at_offset)(const struct stmt *s, const uint8_t *bytes, size_t len, size_t off);

	/*
	 * Decodes the first message of len bytes. Returns the bytes it takes, or
	 * -EBADMSG when they are no message of this wire. Total: whatever is in it,
	 * nothing outside is read, and the parts with no form in the model are counted.
	 */
	ssize_t (*decode)(const uint8_t *bytes, size_t len, struct event *ev);

	/*
	 * Appends the request that makes, replaces or deletes the object of a message of a dump with all that
	 * is in it, also what the model has no place for: verb is add, delete, spdadd, spdupdate or
	 * spddelete. Counters, sequence numbers and the time of creation of an SA come back with it.
	 * NULL on a wire whose dumps do not show everything.
	 */
	void (*remake)(const uint8_t *bytes, size_t len, enum verb verb, const struct variation *v,
	               struct encoding *e);

	/* Appends one line per field and attribute, keys masked, for -v and --annotate. */
	void (*annotate)(const uint8_t *bytes, size_t len, struct buf *out);

	/* True if the bytes begin like a message of this wire. */
	bool (*is_message)(const uint8_t *bytes, size_t len);

	/* Overwrites the keys in one message with zeros. */
	void (*redact_keys)(uint8_t *bytes, size_t len);
};

/* Appends a PF_KEY message as the classic -x prints it; the key bytes only when keys is set. */
void pfkey_print(const uint8_t *bytes, size_t len, bool keys, struct buf *out);

extern const struct wire pfkey_wire, xfrm_wire;

/*
 * Sets, in an SA of a dump of XFRM, the last sequence numbers that were sent and received. All before another
 * one of the latter count as received.
 */
void xfrm_set_sequence(uint8_t *bytes, size_t len, uint64_t out, uint64_t in);

/*
 * True if the object of a dump of XFRM, an SA or a policy, is to the byte what the request to make it would
 * make of it: what it decodes to is then the same but for what changes in use. False says nothing.
 */
bool xfrm_makes(const uint8_t *request, size_t size, const uint8_t *bytes, size_t len, bool policy);

/*
 * What no kernel takes of a new SA or SPI (add, update, getspi), whichever interface says it. Returns 0 or
 * -EOPNOTSUPP with part and reason set. For the two wires.
 */
int encoding_check_new_sa(const struct stmt *s, struct encoding *e);

/* For the two wires: sets part and reason, returns -EOPNOTSUPP. */
int encoding_refuse(struct encoding *e, enum part part, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
