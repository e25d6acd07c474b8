/* SPDX-License-Identifier: ISC */
/*
 * The interface of the two wires, XFRM and PF_KEY: a statement becomes a message, and a message becomes an
 * event. Nothing here opens a socket.
 */
#ifndef WIRE_WIRE_H
#define WIRE_WIRE_H

#include "model/model.h"

#include <sys/types.h>

enum { REASON_MAX = 200 };

/* One statement being encoded. The caller sets out, seq, pid and unique. */
struct encoding {
	struct buf *out;       /* the message is appended to this buffer */
	uint32_t seq, pid;
	/* the next request id for level "unique"; the XFRM encoder uses it and adds 1 */
	uint32_t unique;
	enum part part;        /* after a refusal: the part of the statement that the wire cannot express */
	char reason[REASON_MAX]; /* after a refusal: why, and what to write instead; never holds a key */
};

/*
 * How a recreated policy differs from the dumped one; a NULL member means "as dumped". A policy with another
 * mark is a second policy beside the dumped one, so the kernel gives it a new index.
 */
struct variation {
	const uint32_t *priority;
	const struct mark *mark;
	/*
	 * A second policy for the same packets: its selector names another user, which Linux compares but
	 * does not look at when it looks for a packet's policy.
	 */
	bool other_user;
};

struct wire {
	const char *name;      /* "xfrm", "pfkey" */

	/*
	 * Tells whether the wire can express the statement: returns 0, or -EOPNOTSUPP with part and reason
	 * set.
	 */
	int (*check)(const struct stmt *s, struct encoding *e);

	/*
	 * Appends the one message that the statement becomes. Each address of the statement must be a single
	 * address that is already resolved. Returns what check returns; after a refusal nothing is appended.
	 * deleteall, dump and spddump become a request for a dump.
	 */
	int (*encode)(const struct stmt *s, struct encoding *e);

	/*
	 * Returns the part of the statement that is encoded at byte off of its message, PART_MAX if unknown.
	 * NULL on a wire whose kernel interface reports no offset with an error.
	 */
	enum part (*part_at_offset)(const struct stmt *s, const uint8_t *bytes, size_t len, size_t off);

	/*
	 * Decodes the first message in len bytes. Returns the number of bytes it occupies, or -EBADMSG if
	 * they are not a message of this wire. Safe for any input: never reads outside the len bytes. Parts
	 * that the model cannot hold are counted in the event (see unshown_add).
	 */
	ssize_t (*decode)(const uint8_t *bytes, size_t len, struct event *ev);

	/*
	 * Appends the request that adds, replaces or deletes a dumped object. The request is built from the
	 * dumped bytes, so it also keeps the parts that the model cannot hold. verb is add, delete, spdadd,
	 * spdupdate or spddelete. An SA added again keeps its counters, its sequence numbers and its time of
	 * creation. v may be NULL. NULL on a wire whose dumps do not contain everything.
	 */
	void (*remake)(const uint8_t *bytes, size_t len, enum verb verb, const struct variation *v,
	               struct encoding *e);

	/* Appends one line per field and attribute for -v and --annotate. Keys are masked. */
	void (*annotate)(const uint8_t *bytes, size_t len, struct buf *out);

	/* True if the bytes begin with a message of this wire. */
	bool (*is_message)(const uint8_t *bytes, size_t len);

	/* Overwrites the keys in the first message with zeros. */
	void (*redact_keys)(uint8_t *bytes, size_t len);
};

/*
 * Appends the text that the classic setkey -x prints for a PF_KEY message. Key bytes are shown only if keys
 * is true.
 */
void pfkey_print(const uint8_t *bytes, size_t len, bool keys, struct buf *out);

extern const struct wire pfkey_wire, xfrm_wire;

/*
 * Sets the last sent (out) and last received (in) sequence number in a dumped XFRM SA of len bytes. If that
 * changes the received one, every earlier packet in the replay window counts as received, so that none is
 * accepted twice.
 */
void xfrm_set_sequence(uint8_t *bytes, size_t len, uint64_t out, uint64_t in);

/*
 * True if a dumped XFRM object (an SA, or a policy if policy is true) is byte for byte what the request would
 * create, apart from what changes in use, such as counters: both then decode to the same object. False means
 * only that they have to be decoded and compared.
 */
bool xfrm_makes(const uint8_t *request, size_t size, const uint8_t *bytes, size_t len, bool policy);

/*
 * Checks a new SA or SPI (add, update, getspi) against what every kernel refuses through either interface.
 * Returns 0, or -EOPNOTSUPP with part and reason set. For the two wires only.
 */
int encoding_check_new_sa(const struct stmt *s, struct encoding *e);

/* Sets part and reason and returns -EOPNOTSUPP. For the two wires only. */
int encoding_refuse(struct encoding *e, enum part part, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
