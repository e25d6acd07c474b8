/* SPDX-License-Identifier: ISC */
/*
 * The only sockets: open, batched requests and their answers, dumps. Speaks either wire through wire/wire.h.
 */
#ifndef KERNEL_KERNEL_H
#define KERNEL_KERNEL_H

#include "model/model.h"
#include "model/names.h"
#include "wire/wire.h"

enum via { VIA_AUTO, VIA_XFRM, VIA_PFKEY };

/* A request the kernel, or the wire before it, did not carry out. */
struct refusal {
	const struct stmt *stmt; /* the statement of the file */
	bool is_fwd_copy;        /* it was its forward copy */
	bool unknown;            /* the answer was lost: it may have been done */
	enum part part;          /* the word at fault, PART_MAX when not known */
	int err;                 /* errno, positive */
	const char *why;         /* the kernel's or the wire's own words, "" when it gave none */
};

struct kernel_hooks {
	void (*refused)(void *arg, const struct refusal *r);
	/* or NULL */
	void (*trace)(void *arg, const struct wire *wire, bool sent, const uint8_t *bytes, size_t len);
	void *arg;
};

struct kernel;

/*
 * Opens an interface of the running kernel. NULL after printing nothing, with
 * *err the -errno of the last try; hooks are copied. The caller closes.
 */
struct kernel *kernel_open(enum via via, const struct kernel_hooks *hooks, int *err);
void kernel_close(struct kernel *k);

/*
 * Queues one concrete statement for the kernel; origin is the statement of the
 * file, alive until kernel_complete. Refusals come through the hook, at the latest
 * in kernel_complete. Returns 0, or -errno when the socket itself failed.
 */
int kernel_request(struct kernel *k, const struct stmt *s, const struct stmt *origin);

/*
 * The same to make, replace or delete the object of a message of a dump: see struct wire, .remake, which the
 * interface must have.
 */
int kernel_remake(struct kernel *k, const uint8_t *bytes, size_t len, enum verb verb,
                  const struct variation *v, const struct stmt *origin);

/*
 * Sees to it that this many requests go to the kernel in one piece, as far as a batch holds them: nothing of
 * others comes between. Returns as kernel_request.
 */
int kernel_reserve(struct kernel *k, unsigned requests);

/* The interface that it speaks: &xfrm_wire or &pfkey_wire. */
const struct wire *kernel_wire(const struct kernel *k);

/*
 * From here on requests carry a number of this socket, which the events that they cause repeat. Returns it; 0
 * where the interface has none.
 */
uint32_t kernel_sign(struct kernel *k);

/* How many SAs, or policies in both directions, there are; 0 where the interface does not tell. */
size_t kernel_total(struct kernel *k, bool policies);

/* Sends what is queued and takes in every answer. Returns as kernel_request. */
int kernel_complete(struct kernel *k);

/*
 * Asks for one or all objects (get, dump, spddump, deleteall) and hands
 * each to the function; what a refused get gives goes to the hook. Returns 0, or -errno when the
 * table could not be read to its end.
 */
int kernel_read(struct kernel *k, const struct stmt *s, const struct stmt *origin,
                int (*each)(void *arg, const struct event *ev), void *arg);

/*
 * True if somebody changed the table while kernel_read walked it: neither interface
 * gives a snapshot, so what was shown may never have been there all at once.
 */
bool kernel_changed(const struct kernel *k);

/*
 * Moves the process into a network namespace of its own, where what it tries harms nobody; who is not root
 * gets one too, where the system lets users have namespaces. Returns 0 or -errno.
 */
int kernel_isolate(void);

/* The kernel that runs: 6.10 is 610; 0 where that cannot be told. */
unsigned kernel_release(void);

/* True if a security module labels packets: without one the kernel drops contexts without a word. */
bool kernel_keeps_contexts(void);

/* Who has the lock of reloads. */
struct lock_holder {
	uint32_t pid, uid;     /* pid 0: not to be seen from here */
	bool is_setkey;        /* else it only has the name, and is not waited for */
};

/*
 * Waits for at most a minute until no other process of this network namespace holds the lock of reloads;
 * told is called when that takes a while, or is not done, unless it is NULL. A program that cannot change
 * the tables is not waited for. Returns a descriptor to be closed in the end, -1 where there is no such
 * lock; *err 0, -EADDRINUSE or -errno.
 */
int kernel_lock(void (*told)(const struct lock_holder *holder), int *err);

/* Why an interface could not be opened, in a sentence that is good until the next. */
const char *kernel_open_error(enum via via, int err);

/* What a monitor can be asked for: the netlink groups, and the PF_KEY messages that tell the same. */
enum topic {
	TOPIC_SA, TOPIC_POLICY, TOPIC_ACQUIRE, TOPIC_EXPIRE, TOPIC_AEVENT, TOPIC_REPORT, TOPIC_MIGRATE, TOPIC_MAPPING,
	TOPICS
};
extern const struct name topic_names[];

/* A message as it came; wire and bytes are NULL where listening tells of itself, and in a dump. */
struct notification {
	const struct wire *wire;
	const uint8_t *bytes;
	size_t len;
	const struct event *ev;
};

struct listen_opts {
	enum via via;
	unsigned topics;       /* 1 << enum topic */
	bool raw;              /* PF_KEY: every message, also those that are about no topic */
	bool resync;           /* dump both databases after an overrun */
	/* called at once; not 0 ends it: -errno or 1 */
	int (*on_notification)(void *arg, const struct notification *h);
	void *arg;
};

/*
 * Listens until the hook or wait_for says that it is enough: 0. Otherwise -errno:
 * *open says whether that was before anything could be heard.
 */
int kernel_listen(const struct listen_opts *l, bool *open);

/* The rest is for kernel/ only. */

enum { BATCH_MAX = 128, BATCH_BYTES = 64 * 1024, RECEIVE_BYTES = 32 * 1024 };

/* A request that has been sent or is about to be. */
struct pending {
	uint32_t seq;
	const struct stmt *origin;
	uint8_t verb;
	bool is_fwd_copy, answered;
	size_t off, len;         /* of the message in the batch */
};

struct channel; /* what one interface needs to keep */

struct backend {
	enum via via;
	const struct wire *wire;
	int (*open)(struct kernel *k);
	void (*close)(struct kernel *k);
	int (*exchange)(struct kernel *k); /* sends the batch and settles every answer */
	size_t (*total)(struct kernel *k, bool policies); /* NULL: not told */
	uint32_t (*port)(const struct kernel *k); /* NULL: none */
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
	uint32_t signature;      /* kernel_sign; 0: none */
	bool changed;            /* the table of the latest dump, while it was read */
	/* the next id to be made and where the range ends that we have; 0: none yet */
	uint32_t next_reqid, reqid_end;
	int reserved;            /* the socket whose name keeps others out of the range, or -1 */
	struct event event;      /* decoded here, as it is large */
	uint8_t receive[RECEIVE_BYTES];
};

extern const struct backend netlink_backend, pfkey_backend;

/*
 * Sees to it that there are ids to be made for all that the statement asks for, and that nobody else makes
 * them. Returns 0, 1 after a refusal, or -errno.
 */
int kernel_reserve_reqids(struct kernel *k, const struct stmt *s, const struct stmt *origin);
void kernel_release_reqids(struct kernel *k);

/* True if PF_KEY is to be tried, now that netlink gave err. */
bool kernel_try_pfkey(enum via via, int err);

void kernel_trace(struct kernel *k, bool sent, const uint8_t *bytes, size_t len);
void kernel_refuse(struct kernel *k, const struct pending *p, int err, bool unknown, uint32_t off,
                   struct text why);

#endif
