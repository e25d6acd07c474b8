/* SPDX-License-Identifier: ISC */
/*
 * Security associations, policies and the statements that make them: plain old
 * data in host byte order, copied with memcpy, wiped with one call. No I/O, no kernel header.
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "base/memory.h"
#include "model/alg.h"
#include "model/attr.h"
#include "model/variables.h"
#include "model/verb.h"
#include "text/source.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum {
	KEY_MAX = 128,  /* bytes of one key; the longest in the table is 80 */
	TMPL_MAX = 6,   /* XFRM_MAX_DEPTH */
	UNIQUE_FIRST = 16384, /* ids above IPSEC_MANUAL_REQID_MAX are made by the kernel or by us */
};

/* IPsec protocols by IP protocol number; 0 is "any" in flush and dump. */
enum proto { PROTO_ANY = 0, PROTO_TCP = 6, PROTO_ESP = 50, PROTO_AH = 51, PROTO_IPCOMP = 108 };

enum mode { MODE_ANY, MODE_TRANSPORT, MODE_TUNNEL, MODE_BEET, MODE_ROUTE, MODE_TRIGGER, MODE_OTHER };

enum encap { ENCAP_NONE = 0, ENCAP_ESPINUDP_NON_IKE = 1, ENCAP_ESPINUDP = 2, ENCAP_ESPINTCP = 7 };

/*
 * Those of XFRM with an attribute of their own, XFRMA_SA_EXTRA_FLAGS; those PF_KEY has no bit for; all that
 * XFRM keeps.
 */
#define SA_F_EXTRA (SA_F_NO_ENCAP_DSCP | SA_F_OSEQ_WRAP)
#define SA_F_XFRM (SA_F_WILDRECV | SA_F_ICMP | SA_F_ALIGN4 | SA_F_EXTRA)
#define SA_F_KEPT (SA_F_XFRM | SA_F_NOECN | SA_F_DECAP_DSCP | SA_F_NOPMTUDISC | SA_F_AF_UNSPEC)

/* struct sa, .flags: what -f and the protocol words say, and what a kernel reports. */
enum sa_flag {
	SA_F_OLD = 1 << 0,         /* esp-old, ah-old */
	SA_F_RANDOM_PAD = 1 << 1,
	SA_F_ZERO_PAD = 1 << 2,
	SA_F_SEQ_PAD = 1 << 3,
	SA_F_NOCYCLIC = 1 << 4,    /* nocyclic-seq */
	SA_F_DERIV = 1 << 5,       /* des-deriv */
	SA_F_IV4B = 1 << 6,        /* des-32iv */
	SA_F_RAWCPI = 1 << 7,      /* -R */
	SA_F_ESN = 1 << 8,
	SA_F_NOECN = 1 << 9,       /* SADB_SAFLAGS_NOECN, XFRM_STATE_NOECN */
	SA_F_DECAP_DSCP = 1 << 10,
	SA_F_NOPMTUDISC = 1 << 11,
	SA_F_WILDRECV = 1 << 12,   /* from here on XFRM only */
	SA_F_ICMP = 1 << 13,
	SA_F_AF_UNSPEC = 1 << 14,
	SA_F_ALIGN4 = 1 << 15,
	SA_F_NO_ENCAP_DSCP = 1 << 16,
	SA_F_OSEQ_WRAP = 1 << 17,
};

/*
 * family 0: not set. The port of a selector, 0 any; for ICMP, MH and GRE the kernel's split of type, code or
 * key.
 */
struct addr {
	uint8_t family;   /* AF_INET, AF_INET6 */
	uint8_t plen;     /* prefix length; full for a host */
	uint16_t port;
	uint32_t scope;   /* interface of a link-local address, 0 none */
	uint8_t bytes[16];
};

/* Limits of one kind, 0 = none. Seconds from creation (add) and from first use. */
struct lifetime {
	uint64_t bytes, packets, add_secs, use_secs;
};

/* Text that lives elsewhere: in the source, the arena or a received message. Not NUL-terminated. */
struct text {
	const char *p;
	uint32_t len;
};

/* A security context, -ctx: doi 0 is none. */
struct secctx {
	uint8_t doi, alg;
	struct text label; /* without the NUL that both wires append */
};

/*
 * Which packets: ranges, with ports as in struct addr and masks of their bits, an IP protocol number or
 * UPPER_ANY.
 */
struct selector {
	struct addr src, dst;
	uint16_t sport_mask, dport_mask;
	uint8_t upper;
};

/*
 * What of an SA a network device does: encryption, unless it is all of the packet; outbound, unless it is
 * inbound.
 */
enum offload { OFFLOAD_PACKET = 1 << 0, OFFLOAD_IN = 1 << 1 };

/* Optional attributes, allocated only when one is set: a statement without any pays a pointer. */
struct attrs {
	/* every address of a host name, owned by the arena; NULL: sa.src, sa.dst */
	const struct addr *srcs, *dsts;
	uint16_t nsrcs, ndsts;
	struct lifetime hard, soft;
	struct secctx ctx;
	struct addr natt_oa;  /* original address of ESP in UDP, family 0 none */
	uint32_t has;         /* 1 << enum attr_id: what of the rest is given, which only XFRM can say */
	uint32_t value[ATTR_MAX]; /* of those that are one: a number, or DIR_IN or DIR_OUT */
	uint32_t mask[ATTR_MAX]; /* of ATTR_MASKED */
	uint64_t replay_out, replay_in; /* the last sequence numbers */
	uint8_t offload;      /* enum offload */
	uint32_t device;      /* that it is offloaded to: its index */
	struct addr coaddr;   /* care-of address */
	struct selector sel;  /* the packets it is for */
};

/* A security association as a statement or the kernel describes it. */
struct sa {
	struct addr src, dst;
	const struct alg *enc;  /* cipher or AEAD; NULL none */
	const struct alg *auth;
	const struct alg *comp;
	uint32_t spi, reqid;
	uint32_t window;      /* replay window in packets */
	uint32_t flags;       /* enum sa_flag */
	uint8_t proto;        /* enum proto */
	uint8_t mode;         /* enum mode */
	uint8_t encap;        /* enum encap */
	uint8_t inner_family; /* family inside a tunnel where it differs from the outer, else 0 */
	uint16_t natt_sport, natt_dport; /* UDP ports of encap */
	uint16_t authicv;     /* ICV bits the user chose, 0 the default of the algorithm */
	uint16_t encbits, authbits; /* length of the two keys, salt included */
	/* encryption key, then at once the authentication key; the tail is not stored */
	uint8_t key[2 * KEY_MAX];
};

static inline const uint8_t *sa_enckey(const struct sa *sa)
{
	return sa->key;
}

static inline const uint8_t *sa_authkey(const struct sa *sa)
{
	return sa->key + (sa->encbits + 7) / 8;
}

/* The ICV bits of its authentication: those chosen, else what Linux uses; 0 without any. */
unsigned sa_icvbits(const struct sa *sa);

/*
 * What a message says that this model has no place for: how much, and in words such as "the device eth1,
 * attribute 47".
 */
struct unshown {
	unsigned n;
	char words[120];
};

/* Adds one; what no longer fits is cut. */
void unshown_add(struct unshown *u, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

enum sa_life { SA_LARVAL, SA_MATURE, SA_DYING, SA_DEAD };

/* What only the kernel knows about an SA. Times in seconds since the epoch. */
struct sa_state {
	uint8_t life;         /* enum sa_life */
	uint8_t encid, authid; /* PF_KEY ids as read, where no row of the table is known; else 0 */
	uint32_t seq;         /* SA2 sequence, or xfrm seq */
	uint32_t flags;       /* sadb_sa_flags in the PF_KEY spelling, as classic dumps print it */
	uint64_t bytes, packets, add_time, use_time;
	struct addr sel_src, sel_dst; /* the SA's selector, family 0 none */
	struct text encname, authname; /* kernel names with no row in the table */
	/* The next three are counted: packets before the replay window, seen before, of wrong integrity. */
	bool counts;
	uint32_t late, replayed, forged;
	uint32_t device;      /* that its selector is for: the index, 0 any */
	struct unshown unshown;
};

enum dir { DIR_IN = 1, DIR_OUT, DIR_FWD, DIR_SOCKET_IN, DIR_SOCKET_OUT, DIR_SOCKET_FWD };
enum action { ACTION_UNSET, ACTION_DISCARD, ACTION_NONE, ACTION_IPSEC, ACTION_ENTRUST, ACTION_BYPASS };
enum level { LEVEL_DEFAULT, LEVEL_USE, LEVEL_REQUIRE, LEVEL_UNIQUE };

/* One request of a policy: protocol/mode/src-dst/level. */
struct tmpl {
	struct addr src, dst; /* family 0: none given */
	uint8_t proto, mode, level;
	uint32_t reqid, spi;  /* spi 0: any; XFRM only */
};

/* struct policy, .flags: XFRM only. */
enum policy_flag { POLICY_F_LOCALOK = 1 << 0, POLICY_F_ICMP = 1 << 1, POLICY_F_SUB = 1 << 2 };

enum { POLICY_INDEX_DIR = 7 }; /* the bits of an index that tell the direction, from 0 for "in" */

enum {
	UPPER_ANY = 255, PRIORITY_DEFAULT = 0x80000000u, PRIORITY_LOW = 0xC0000000u, PRIORITY_HIGH =
	0x40000000u
};

/* A security policy. */
struct policy {
	struct addr src, dst;  /* the selector; ports also carry type, code and GRE key */
	uint16_t sport_mask, dport_mask; /* 0 and a port: the port alone; 0 without one: any */
	uint8_t upper;         /* IP protocol number, UPPER_ANY */
	uint8_t dir;           /* enum dir */
	uint8_t action;        /* enum action */
	uint8_t flags;         /* enum policy_flag */
	uint8_t ntmpl;
	uint32_t priority;     /* lower is earlier */
	uint32_t index;        /* the kernel's id, 0 in a statement */
	struct tmpl tmpl[TMPL_MAX]; /* the tail is not stored */
};

/* What only the kernel knows about a policy. */
struct policy_state {
	uint64_t add_time, use_time;
	uint32_t refcnt;
	uint32_t device;       /* that its selector is for: the index, 0 any */
	uint64_t more;         /* what else its selector compares and the model has no place for; 0 nothing */
	struct unshown unshown;
};

/* The words of a statement, for a finding or a kernel error to point at. */
enum part {
	PART_VERB, PART_SRC, PART_SRC_PREFIX, PART_SRC_PORT, PART_DST, PART_DST_PREFIX, PART_DST_PORT,
	PART_PROTO, PART_SPI, PART_MODE, PART_REQID, PART_WINDOW, PART_FLAGS, PART_HARD_SECS, PART_SOFT_SECS,
	PART_HARD_BYTES, PART_SOFT_BYTES, PART_ESN, PART_NATT_OA, PART_CTX, PART_ENC, PART_ENCKEY,
	PART_AUTH, PART_AUTHKEY, PART_COMP, PART_HWIF, PART_UPPER, PART_UPPER_SPEC, PART_TAG, PART_DIR,
	PART_PRIORITY, PART_ACTION, PART_HARD_PACKETS, PART_SOFT_PACKETS, PART_HARD_USE, PART_SOFT_USE,
	PART_ICV, PART_INDEX,
	PART_ATTR, /* PART_ATTR + an enum attr_id; those that have a name are asked for by it */
	PART_MARK = PART_ATTR + ATTR_MARK, PART_IF_ID = PART_ATTR + ATTR_IF_ID, PART_SELECTOR = PART_ATTR + ATTR_SELECTOR,
	PART_COADDR = PART_ATTR + ATTR_COADDR, PART_TFCPAD = PART_ATTR + ATTR_TFCPAD, PART_SA_DIR = PART_ATTR + ATTR_DIR,
	PART_OFFLOAD = PART_ATTR + ATTR_OFFLOAD, PART_REPLAY = PART_ATTR + ATTR_REPLAY,
	PART_ATTR_LAST = PART_ATTR + ATTR_MAX - 1,
	PART_TMPL, /* the first request; PART_TMPL + i the others */
	PART_TMPL_LAST = PART_TMPL + TMPL_MAX - 1,
	PART_TMPL_SRC, PART_TMPL_LEVEL, /* of the request that was refused */
	PART_MAX,
	PART_FAR = PART_MAX /* struct part_at */
};

/*
 * Place of a part, relative to the statement: packed, as there are many. Where the
 * numbers do not fit, their upper halves follow as a PART_FAR; a word has at most 2^18 bytes.
 */
enum { PART_OFF_BITS = 16, PART_LEN_BITS = 9, PART_BITS = 7 };

struct part_at {
	uint32_t off : PART_OFF_BITS, len : PART_LEN_BITS, part : PART_BITS;
};
_Static_assert(PART_FAR < 1 << PART_BITS, "a part is a number of so many bits");

/* A limit of an SA or a policy: its option, the word of ip-xfrm(8), and its offset. */
struct limit {
	const char *option, *ip;
	uint8_t part;         /* enum part */
	bool soft;            /* in extra.soft, else in extra.hard */
	uint16_t offset;      /* in struct lifetime */
};

enum { LIMITS = 8 };
extern const struct limit limits[LIMITS];

/* The number that it is, 0 for none. */
static inline uint64_t limit_value(const struct attrs *x, const struct limit *l)
{
	return *(const uint64_t *)((const char *)(l->soft ? &x->soft : &x->hard) + l->offset);
}

static inline void limit_set(struct attrs *x, const struct limit *l, uint64_t n)
{
	*(uint64_t *)((char *)(l->soft ? &x->soft : &x->hard) + l->offset) = n;
}

enum unresolved {
	UNRESOLVED_SRC = 1 << 0, UNRESOLVED_DST = 1 << 1, UNRESOLVED_SPORT = 1 << 2, UNRESOLVED_DPORT = 1 << 3,
	UNRESOLVED_UPPER = 1 << 4, UNRESOLVED_UPPER_SPEC = 1 << 5, UNRESOLVED_OA = 1 << 6, UNRESOLVED_DEVICE = 1 << 7,
};

/*
 * One statement. Stored with the unused tail of the union cut off: copy with
 * stmt_copy. It borrows text from its source and parts from the arena of its conf.
 */
struct stmt {
	struct source *src;
	struct span at;           /* from the verb to the ';' */
	const struct part_at *part;
	struct attrs *attrs;      /* NULL: none; owned by the arena */
	uint8_t nparts;
	uint8_t verb;             /* enum verb */
	uint8_t unresolved;            /* enum unresolved: what config/resolve.c still has to look up */
	uint8_t af;               /* AF_UNSPEC, or the family that -4 or -6 asks for */
	bool numeric : 1;         /* -n: look no host name up */
	bool is_fwd_copy : 1;            /* made by us: the forward copy of an inbound policy */
	/* after "exact;": nothing completed, capped or dropped */
	bool exact : 1;
	/* has an error of reading, so that judging it further would mislead */
	bool has_error : 1;
	/* a forward policy, or its delete, that the forward copy of another statement is already: not sent */
	bool spare : 1;
	/* inbound, and a forward policy of its own, or its delete, is there in place of the copy */
	bool has_own_fwd : 1;
	/* the key is given by a name that is not defined: its length is unknown */
	bool no_enckey : 1, no_authkey : 1;
	union {
		struct sa sa;
		struct policy policy;
	};
};

/*
 * True if a kernel is told the requests: what discards has no use for them, but exactly said it keeps them,
 * as Linux does.
 */
bool stmt_keeps_requests(const struct stmt *s);

/*
 * True for ESP, AH and IPComp: netlink dumps also hold Mobile IPv6 states and the kernel's own IPIP helpers.
 */
bool proto_is_ipsec(uint8_t proto);

/* The bytes of s that are in use. */
size_t stmt_size(const struct stmt *s);

/* Copies from a stored statement; the cut tail reads as zero. */
void stmt_copy(struct stmt *to, const struct stmt *from);

/* The optional attributes, or an all-zero default. */
const struct attrs *stmt_attrs(const struct stmt *s);

/*
 * Which packets an SA is for, or a policy: those whose mark, under the mask, is the value. All zero: every
 * one.
 */
struct mark {
	uint32_t value, mask;
};

/* As the kernel keeps it: without the bits outside the mask. */
struct mark stmt_mark(const struct stmt *s);

/* True if it is given. */
static inline bool attrs_have(const struct attrs *x, enum attr_id id)
{
	return x->has >> id & 1;
}

/* The place of a part, or of the whole statement if it has no such part. */
struct span stmt_part(const struct stmt *s, enum part part);
bool stmt_has_part(const struct stmt *s, enum part part);

/* The key at the part is written there, in digits or as text: not held by a name. */
bool stmt_has_literal_key(const struct stmt *s, enum part key);

/* Everything that was read, in order. The owner frees with conf_free. */
struct conf {
	struct arena arena, policies; /* no key is in the second */
	struct stmt **stmt;
	size_t n, cap;
	bool exact;           /* "exact;" has been read */
	struct variables variables;
};

/* The value of a name, n bytes after its $; the bytes themselves, $ included, if it is not defined. */
struct text conf_named_word(const struct conf *c, const char *name, uint32_t n);

/*
 * The word at the span, or, for $NAME, its value. Asked of every word, so it
 * is here.
 */
static inline struct text conf_word(const struct conf *c, const struct source *src, struct span at)
{
	const char *word = src->text + at.off;

	return *word == '$' && at.len > 0 ? conf_named_word(c, word + 1, at.len - 1) :
	                                    (struct text){ word, at.len };
}

/* Stores a copy, with its parts. */
struct stmt *conf_add(struct conf *c, const struct stmt *s, const struct part_at *parts, unsigned nparts);

/* Overwrites and frees all statements and variables. The sources are their owner's. */
void conf_free(struct conf *c);

/* Address helpers. */
bool addr_equal(const struct addr *a, const struct addr *b); /* family and bytes, nothing else */
unsigned addr_bits(const struct addr *a);                    /* 32, 128, or 0 */
bool addr_is_any(const struct addr *a);                      /* 0.0.0.0, ::, or none */
bool addr_is_host(const struct addr *a);                     /* not a wider range */
bool addr_is_multicast(const struct addr *a);
bool addr_parse(struct addr *a, const char *word, size_t n);  /* numeric only, no zone: 10.1 and ::1 */

/* One message, decoded. Text in it is borrowed from the message. */
enum event_kind {
	EVENT_SA, EVENT_POLICY, EVENT_ERROR, EVENT_DONE, EVENT_OTHER,
	EVENT_NOTICE, /* names an SA or a policy and tells something of it */
};

/* Why an SA's counters were notified: struct notice, .causes. */
enum cause { CAUSE_REPLAY = 1 << 0, CAUSE_TIMER = 1 << 1, CAUSE_CHANGE = 1 << 2 };

/* What an event tells besides an SA or a policy. */
struct notice {
	bool hard;             /* expire: the end; else the warning before it */
	uint8_t upper;         /* acquire: protocol of the packet, sa_state has its addresses and ports */
	uint8_t causes;        /* aevent: enum cause */
	uint8_t nmoved;
	uint8_t in, out, fwd;  /* setdefault: enum action */
	size_t sas, policies;  /* resync: how many were there */
	/* migrate: where policy.tmpl is now; mapping: the new address and port, in src */
	struct tmpl moved[TMPL_MAX];
};

struct event {
	uint8_t kind;          /* enum event_kind */
	uint8_t verb;          /* enum verb: the message's type */
	uint8_t satype;        /* enum proto a flush or dump is about */
	/* asks the kernel for it: told by netlink, and by what a PF_KEY request never has */
	bool request;
	uint32_t seq, pid;
	int err;               /* errno of the kernel, positive; 0 none */
	struct text why;       /* the kernel's own words (extended ack), or empty */
	struct text message;   /* of a dump: the bytes that this was read from */
	uint32_t err_off;      /* byte of the request it complains about, 0 unknown */
	struct sa sa;
	struct sa_state sa_state;
	struct attrs attrs;    /* of either */
	struct policy_state policy_state;
	struct policy policy;  /* requests and moved ones from ntmpl and nmoved on say nothing: event_clear */
	struct notice notice;
};

/* Empties it, but for those requests: this is done for each object of a table. */
void event_clear(struct event *ev);

#endif
