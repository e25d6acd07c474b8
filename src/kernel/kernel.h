/* SPDX-License-Identifier: ISC */
/*
 * Sends requests to the kernel and reads its tables, over XFRM netlink or PF_KEY. Only kernel/ opens sockets.
 */
#ifndef KERNEL_KERNEL_H
#define KERNEL_KERNEL_H

#include "model/model.h"
#include "model/names.h"
#include "wire/wire.h"

enum via { VIA_AUTO, VIA_XFRM, VIA_PFKEY };

/* A request that was not carried out, because the kernel or the encoder refused it. */
struct refusal {
	const struct stmt *stmt; /* the statement of the file that the request was made from */
	bool is_fwd_copy;        /* the request was the forward copy of that statement */
	bool unknown;            /* the answer was lost: the request may have been carried out */
	enum part part;          /* the part at fault, PART_MAX if unknown */
	int err;                 /* errno, positive */
	const char *why;         /* the message of the kernel or the encoder, "" if there is none */
};

struct kernel_hooks {
	void (*refused)(void *arg, const struct refusal *r); /* NULL: refusals are ignored */
	/* called for each message sent or received; may be NULL */
	void (*trace)(void *arg, const struct wire *wire, bool sent, const uint8_t *bytes, size_t len);
	void *arg;
};

struct kernel;

/*
 * Opens an interface to the kernel; VIA_AUTO tries netlink first. hooks are copied; NULL: refusals are
 * ignored. Prints nothing. Returns NULL on failure, with *err the -errno of the last attempt. The caller
 * closes with kernel_close.
 */
struct kernel *kernel_open(enum via via, const struct kernel_hooks *hooks, int *err);
void kernel_close(struct kernel *k);

/*
 * Queues one concrete statement. origin, the statement of the file, must live until kernel_complete. Refusals
 * are reported through the hook, at the latest in kernel_complete. Returns 0, or -errno if the socket failed.
 */
int kernel_request(struct kernel *k, const struct stmt *s, const struct stmt *origin);

/*
 * Queues the request that adds, replaces or deletes a dumped object (see remake in struct wire). Only for an
 * interface that has it: XFRM. Otherwise like kernel_request.
 */
int kernel_remake(struct kernel *k, const uint8_t *bytes, size_t len, enum verb verb,
                  const struct variation *v, const struct stmt *origin);

/*
 * Makes room in the batch so that the given number of requests is sent in one piece, and no request of
 * another program comes between them. The number is at most BATCH_MAX. Returns as kernel_request.
 */
int kernel_reserve(struct kernel *k, unsigned requests);

/* Returns the wire of the open interface, &xfrm_wire or &pfkey_wire. */
const struct wire *kernel_wire(const struct kernel *k);

/*
 * From now on requests carry the port number of this socket, which the kernel repeats in the notifications
 * that they cause. Returns that number, 0 if the interface has none.
 */
uint32_t kernel_sign(struct kernel *k);

/* Returns the number of SAs or, if policies is true, of policies in all directions. 0 if unknown. */
size_t kernel_total(struct kernel *k, bool policies);

/* Sends the queued requests and receives all answers. Returns as kernel_request. */
int kernel_complete(struct kernel *k);

/*
 * Sends a request for objects (get, dump, spddump, deleteall) and calls each for every object of the answer
 * until each returns other than 0; a negative value is returned. The refusal of a get is reported through the
 * hook. Returns 0, or -errno if the table could not be read completely.
 */
int kernel_read(struct kernel *k, const struct stmt *s, const struct stmt *origin,
                int (*each)(void *arg, const struct event *ev), void *arg);

/*
 * True if the table changed while the last kernel_read read it. Neither interface gives a consistent copy, so
 * the objects read may never have existed together.
 */
bool kernel_changed(const struct kernel *k);

/*
 * Moves the process into a new network namespace, so that its requests affect nothing. Also works without
 * root if the system allows users to create namespaces. Returns 0 or -errno.
 */
int kernel_isolate(void);

/* Returns the version of the running kernel: 610 for Linux 6.10, 0 if unknown. */
unsigned kernel_release(void);

/* True if a security module labels packets. Without one the kernel silently drops security contexts. */
bool kernel_keeps_contexts(void);

/* The process that holds the reload lock. */
struct lock_holder {
	uint32_t pid, uid;     /* 0: not visible from this PID namespace */
	/* false: it holds the name but accepts no connections or cannot change the tables; not waited for */
	bool is_setkey;
};

/*
 * Takes the reload lock of this network namespace, for which it waits up to a minute. If that takes longer
 * than a second, looks for the holder, calls told once unless it is NULL, and waits on only for a setkey (see
 * struct lock_holder). Returns a descriptor that holds the lock until the caller closes it. *err is 0,
 * -EADDRINUSE if another setkey still holds the lock, or -errno; the descriptor is then -1. If the system
 * does not allow the lock, or the holder is no setkey, *err is 0 and nothing is locked.
 */
int kernel_lock(void (*told)(const struct lock_holder *holder), int *err);

/*
 * Returns why an interface could not be opened, as a sentence in a static buffer that the next call
 * overwrites.
 */
const char *kernel_open_error(enum via via, int err);

/* Topics of notifications: the netlink groups, and the PF_KEY messages with the same meaning. */
enum topic {
	TOPIC_SA, TOPIC_POLICY, TOPIC_ACQUIRE, TOPIC_EXPIRE, TOPIC_AEVENT, TOPIC_REPORT, TOPIC_MIGRATE, TOPIC_MAPPING,
	TOPICS
};
extern const struct name topic_names[];

/*
 * One notification. wire and bytes are NULL if it was made by kernel_listen itself, and for the objects of a
 * dump.
 */
struct notification {
	const struct wire *wire;
	const uint8_t *bytes;
	size_t len;
	const struct event *ev;
};

struct listen_opts {
	enum via via;
	unsigned topics;       /* bit mask: 1 << enum topic */
	bool raw;              /* PF_KEY: report every message, also those without a topic */
	bool resync;           /* dump both databases after an overrun */
	/* called for each notification; returns 0 to continue, 1 or -errno to stop listening */
	int (*on_notification)(void *arg, const struct notification *h);
	void *arg;
};

/*
 * Listens until the hook returns 1 or wait_for() reports the end; then returns 0. Otherwise returns -errno.
 * *open is false if the socket could not be opened.
 */
int kernel_listen(const struct listen_opts *l, bool *open);

/* ---- for kernel/ only ---- */

enum { BATCH_MAX = 128, BATCH_BYTES = 64 * 1024, RECEIVE_BYTES = 32 * 1024 };

/* A request in the batch. */
struct pending {
	uint32_t seq;
	const struct stmt *origin;
	uint8_t verb;
	bool is_fwd_copy, answered;
	size_t off, len;         /* of the message, in k->batch */
};

struct channel; /* the state of one interface, defined by its backend */

struct backend {
	enum via via;
	const struct wire *wire;
	int (*open)(struct kernel *k);
	void (*close)(struct kernel *k);
	int (*exchange)(struct kernel *k); /* sends the batch and handles every answer */
	size_t (*total)(struct kernel *k, bool policies); /* NULL: unknown */
	uint32_t (*port)(const struct kernel *k); /* NULL: the interface has no ports */
	int (*read)(struct kernel *k, const uint8_t *request, size_t len, uint32_t seq,
	            int (*each)(void *arg, const struct event *ev), void *arg);
};

struct kernel {
	const struct backend *backend;
	struct kernel_hooks hooks;
	struct channel *channel;
	struct buf batch;
	struct pending pending[BATCH_MAX];
	unsigned npending;
	uint32_t seq, pid;
	uint32_t sender_id;      /* sender in requests, set by kernel_sign; 0: none */
	bool changed;            /* the table changed during the last dump */
	/* the next request id for level "unique", and the end of the reserved range; 0: none reserved */
	uint32_t next_reqid, reqid_end;
	int reserved;            /* the socket whose name reserves the range for this process, or -1 */
	struct event event;      /* buffer for decoding, too large for the stack */
	uint8_t receive[RECEIVE_BYTES];
};

extern const struct backend netlink_backend, pfkey_backend;

/*
 * Reserves enough request ids for the requests of level "unique" in the statement, ids that no other process
 * uses. Returns 0, 1 after a refusal, or -errno.
 */
int kernel_reserve_reqids(struct kernel *k, const struct stmt *s, const struct stmt *origin);
void kernel_release_reqids(struct kernel *k);

/* True if PF_KEY should be tried after opening netlink failed with err (-errno). */
bool kernel_try_pfkey(enum via via, int err);

void kernel_report_refusal(struct kernel *k, const struct refusal *r);
void kernel_trace(struct kernel *k, bool sent, const uint8_t *bytes, size_t len);
void kernel_refuse(struct kernel *k, const struct pending *p, int err, bool unknown, uint32_t off,
                   struct text why);

#endif
