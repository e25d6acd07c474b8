/* The interface of the two wires: statements to messages and messages to events. No sockets. */
#ifndef WIRE_WIRE_H
#define WIRE_WIRE_H

#include "model/model.h"

#include <sys/types.h>

enum { MARK_MAX = 32, REASON_MAX = 200 };

/* "From this byte of the message on I wrote what this part says." */
struct mark {
	uint16_t off;
	uint8_t part; /* enum part */
};

/* One encoding in progress. The caller sets out, seq, pid and unique. */
struct encoding {
	struct buf *out;       /* the message is appended to it */
	uint32_t seq, pid;
	uint32_t unique;       /* next id for level "unique"; the XFRM encoder takes from it and adds one */
	struct mark mark[MARK_MAX]; /* in rising order of off, which counts from the message's first byte */
	unsigned nmarks;
	enum part part;        /* after a refusal: what cannot be said */
	char reason[REASON_MAX]; /* after a refusal: why, and what would do; no key in it */
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
	 * Decodes the first message of len bytes. Returns the bytes it takes, or
	 * -EBADMSG when they are no message of this wire. Total: whatever is in it,
	 * nothing outside is read, and the parts with no form in the model are counted.
	 */
	ssize_t (*decode)(const uint8_t *bytes, size_t len, struct event *ev);

	/* Appends one line per field and attribute, keys masked, for -v and --annotate. */
	void (*annotate)(const uint8_t *bytes, size_t len, struct buf *out);

	/* True if the bytes begin like a message of this wire. */
	bool (*looks)(const uint8_t *bytes, size_t len);

	/* Overwrites the keys in one message with zeros. */
	void (*blank)(uint8_t *bytes, size_t len);
};

/* Appends a PF_KEY message as the classic -x prints it; the key bytes only when keys is set. */
void pfkey_print(const uint8_t *bytes, size_t len, bool keys, struct buf *out);

extern const struct wire pfkey_wire, xfrm_wire;

/* For the two wires: sets part and reason, returns -EOPNOTSUPP. */
int encoding_refuse(struct encoding *e, enum part part, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The part whose bytes hold offset off, or PART_MAX. */
enum part encoding_part(const struct mark *mark, unsigned n, uint32_t off);

#endif
