/* SPDX-License-Identifier: ISC */
/*
 * Security associations, policies, and the statements that make them: plain old data in host byte order that
 * can be copied with memcpy and wiped with one call. No I/O, no kernel header.
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
	/* request ids from here on (above IPSEC_MANUAL_REQID_MAX) are chosen by the kernel or by setkey */
	UNIQUE_FIRST = 16384,
};

/* IPsec protocols by IP protocol number; 0 is "any" in flush and dump. */
enum proto { PROTO_ANY = 0, PROTO_TCP = 6, PROTO_ESP = 50, PROTO_AH = 51, PROTO_IPCOMP = 108 };

enum mode { MODE_ANY, MODE_TRANSPORT, MODE_TUNNEL, MODE_BEET, MODE_ROUTE, MODE_TRIGGER, MODE_OTHER };

enum encap { ENCAP_NONE = 0, ENCAP_ESPINUDP_NON_IKE = 1, ENCAP_ESPINUDP = 2, ENCAP_ESPINTCP = 7 };

/* Sets of flags: those in XFRMA_SA_EXTRA_FLAGS, those that PF_KEY does not have, and all that XFRM keeps. */
#define SA_F_EXTRA (SA_F_NO_ENCAP_DSCP | SA_F_OSEQ_WRAP)
#define SA_F_XFRM (SA_F_WILDRECV | SA_F_ICMP | SA_F_ALIGN4 | SA_F_EXTRA)
#define SA_F_KEPT (SA_F_XFRM | SA_F_NOECN | SA_F_DECAP_DSCP | SA_F_NOPMTUDISC | SA_F_AF_UNSPEC)

/* Flags in struct sa: from -f and the words for protocols, or as the kernel reports them. */
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
	SA_F_WILDRECV = 1 << 12,   /* this and the following: XFRM only */
	SA_F_ICMP = 1 << 13,
	SA_F_AF_UNSPEC = 1 << 14,
	SA_F_ALIGN4 = 1 << 15,
	SA_F_NO_ENCAP_DSCP = 1 << 16,
	SA_F_OSEQ_WRAP = 1 << 17,
};

/*
 * An address, or a range with its prefix length. family 0 means "not set". In a selector port 0 means "any";
 * for ICMP, MH and GRE the two ports hold type and code, or the two halves of the key, as in the kernel.
 */
struct addr {
	uint8_t family;   /* AF_INET, AF_INET6 */
	uint8_t plen;     /* prefix length in bits; 32 or 128 for a host */
	uint16_t port;
	uint32_t scope;   /* interface index of a link-local address, 0 for none */
	uint8_t bytes[16];
};

/*
 * Limits of one kind (hard or soft), 0 for none. The seconds count from creation (add) and from the first
 * use.
 */
struct lifetime {
	uint64_t bytes, packets, add_secs, use_secs;
};

/* Text in a buffer owned by something else: a source, an arena or a received message. Not NUL-terminated. */
struct text {
	const char *p;
	uint32_t len;
};

/* A security context (-ctx). doi 0 means none. */
struct secctx {
	uint8_t doi, alg;
	struct text label; /* without the NUL that both wires append */
};

/*
 * The packets that an SA or a policy applies to: address ranges, ports as in struct addr with masks, and an
 * IP protocol number or UPPER_ANY.
 */
struct selector {
	struct addr src, dst;
	uint16_t sport_mask, dport_mask;
	uint8_t upper;
};

/*
 * Flags of hardware offload: the device processes whole packets, not just their encryption; the SA is
 * inbound, not outbound.
 */
enum offload { OFFLOAD_PACKET = 1 << 0, OFFLOAD_IN = 1 << 1 };

/* The optional attributes. Allocated only if a statement has one, so that others cost only a pointer. */
struct attrs {
	/* all addresses of a host name, owned by the arena; NULL: the address is in struct sa */
	const struct addr *srcs, *dsts;
	uint16_t nsrcs, ndsts;
	struct lifetime hard, soft;
	struct secctx ctx;
	struct addr natt_oa;  /* original address of ESP in UDP, family 0 for none */
	uint32_t has;         /* bit set: 1 << enum attr_id, of the attributes below that are given */
	uint32_t value[ATTR_MAX]; /* attributes that are one number, DIR_IN or DIR_OUT */
	uint32_t mask[ATTR_MAX]; /* the masks of ATTR_MASKED attributes */
	uint64_t replay_out, replay_in; /* last sequence numbers sent and received */
	uint8_t offload;      /* enum offload */
	uint32_t device;      /* interface index of the device for offload */
	struct addr coaddr;   /* care-of address */
	struct selector sel;  /* the selector of an SA */
};

/* A security association, in a statement or as the kernel reports it. */
struct sa {
	struct addr src, dst;
	const struct alg *enc;  /* cipher or AEAD; NULL for none */
	const struct alg *auth;
	const struct alg *comp;
	uint32_t spi, reqid;
	uint32_t window;      /* in packets */
	uint32_t flags;       /* enum sa_flag */
	uint8_t proto;        /* enum proto */
	uint8_t mode;         /* enum mode */
	uint8_t encap;        /* enum encap */
	uint8_t inner_family; /* family of the packets inside a tunnel if not that of its addresses, else 0 */
	uint16_t natt_sport, natt_dport; /* UDP ports of encap */
	uint16_t authicv;     /* ICV length in bits that was given, 0 for the default of the algorithm */
	uint16_t encbits, authbits; /* bits of the two keys, salt included */
	/* the encryption key, directly followed by the authentication key; unused bytes are not stored */
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

/* Returns the ICV length in bits: the one given or the default of Linux; 0 without authentication. */
unsigned sa_icvbits(const struct sa *sa);

/*
 * The parts of a message that the model cannot hold: their number, and a description such as "the device
 * eth1, attribute 47".
 */
struct unshown {
	unsigned n;
	char words[120];
};

/* Adds one part and its description, which is cut if the buffer is full. */
void unshown_add(struct unshown *u, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

enum sa_life { SA_LARVAL, SA_MATURE, SA_DYING, SA_DEAD };

/* The state of an SA, reported by the kernel. Times are in seconds since the epoch. */
struct sa_state {
	uint8_t life;         /* enum sa_life */
	uint8_t encid, authid; /* PF_KEY ids that are not in the table of algorithms, else 0 */
	uint32_t seq;         /* sequence number of sadb_x_sa2 or of an XFRM acquire */
	uint32_t flags;       /* sadb_sa_flags as in PF_KEY, which classic dumps print */
	uint64_t bytes, packets, add_time, use_time;
	struct addr sel_src, sel_dst; /* the selector of the SA, family 0 for none */
	struct text encname, authname; /* kernel names of algorithms that are not in the table */
	/*
	 * The next three counters are valid: packets before the replay window, duplicates, failed integrity
	 * checks.
	 */
	bool counts;
	uint32_t late, replayed, forged;
	uint32_t device;      /* interface index in its selector, 0 for any */
	struct unshown unshown;
};

enum dir { DIR_IN = 1, DIR_OUT, DIR_FWD, DIR_SOCKET_IN, DIR_SOCKET_OUT, DIR_SOCKET_FWD };
enum action { ACTION_UNSET, ACTION_DISCARD, ACTION_NONE, ACTION_IPSEC, ACTION_ENTRUST, ACTION_BYPASS };
enum level { LEVEL_DEFAULT, LEVEL_USE, LEVEL_REQUIRE, LEVEL_UNIQUE };

/* A request of a policy (a template in XFRM): protocol/mode/src-dst/level. */
struct tmpl {
	struct addr src, dst; /* family 0: not given */
	uint8_t proto, mode, level;
	uint32_t reqid, spi;  /* spi 0: any; other values XFRM only */
};

/* Flags in struct policy. XFRM only. */
enum policy_flag { POLICY_F_LOCALOK = 1 << 0, POLICY_F_ICMP = 1 << 1, POLICY_F_SUB = 1 << 2 };

/* the bits of a policy index that hold the direction: 0 in, 1 out, 2 fwd, then those of sockets */
enum { POLICY_INDEX_DIR = 7 };

enum {
	UPPER_ANY = 255, PRIORITY_DEFAULT = 0x80000000u, PRIORITY_LOW = 0xC0000000u, PRIORITY_HIGH =
	0x40000000u
};

/* A security policy. */
struct policy {
	struct addr src, dst;  /* the selector; ports may hold type and code or a GRE key */
	uint16_t sport_mask, dport_mask; /* mask 0: the given port only, or any if the port is 0 */
	uint8_t upper;         /* IP protocol number, UPPER_ANY */
	uint8_t dir;           /* enum dir */
	uint8_t action;        /* enum action */
	uint8_t flags;         /* enum policy_flag */
	uint8_t ntmpl;
	uint32_t priority;     /* the lowest number matches first */
	uint32_t index;        /* of the kernel; 0 in a statement unless -index is given */
	struct tmpl tmpl[TMPL_MAX]; /* unused elements are not stored */
};

/* The state of a policy, reported by the kernel. */
struct policy_state {
	uint64_t add_time, use_time;
	uint32_t refcnt;
	uint32_t device;       /* interface index in its selector, 0 for any */
	/* other fields of its selector that the model cannot hold, packed; 0 for none */
	uint64_t more;
	struct unshown unshown;
};

/* The parts of a statement. Findings and kernel errors refer to them. */
enum part {
	PART_VERB, PART_SRC, PART_SRC_PREFIX, PART_SRC_PORT, PART_DST, PART_DST_PREFIX, PART_DST_PORT,
	PART_PROTO, PART_SPI, PART_MODE, PART_REQID, PART_WINDOW, PART_FLAGS, PART_HARD_SECS, PART_SOFT_SECS,
	PART_HARD_BYTES, PART_SOFT_BYTES, PART_ESN, PART_NATT_OA, PART_CTX, PART_ENC, PART_ENCKEY,
	PART_AUTH, PART_AUTHKEY, PART_COMP, PART_HWIF, PART_UPPER, PART_UPPER_SPEC, PART_TAG, PART_DIR,
	PART_PRIORITY, PART_ACTION, PART_HARD_PACKETS, PART_SOFT_PACKETS, PART_HARD_USE, PART_SOFT_USE,
	PART_ICV, PART_INDEX,
	PART_ATTR, /* PART_ATTR + enum attr_id; the ones used by name follow */
	PART_MARK = PART_ATTR + ATTR_MARK, PART_IF_ID = PART_ATTR + ATTR_IF_ID, PART_SELECTOR = PART_ATTR + ATTR_SELECTOR,
	PART_COADDR = PART_ATTR + ATTR_COADDR, PART_TFCPAD = PART_ATTR + ATTR_TFCPAD, PART_SA_DIR = PART_ATTR + ATTR_DIR,
	PART_OFFLOAD = PART_ATTR + ATTR_OFFLOAD, PART_REPLAY = PART_ATTR + ATTR_REPLAY,
	PART_ATTR_LAST = PART_ATTR + ATTR_MAX - 1,
	PART_TMPL, /* the first request; PART_TMPL + i is request i */
	PART_TMPL_LAST = PART_TMPL + TMPL_MAX - 1,
	PART_TMPL_SRC, PART_TMPL_LEVEL, /* parts of the request that was refused */
	PART_MAX,
	PART_FAR = PART_MAX /* see struct part_at */
};

/*
 * The place of a part, relative to its statement, packed because there are many. If a number does not fit,
 * its upper bits follow in an entry PART_FAR. A word has at most 2^18 bytes.
 */
enum { PART_OFF_BITS = 16, PART_LEN_BITS = 9, PART_BITS = 7 };

struct part_at {
	uint32_t off : PART_OFF_BITS, len : PART_LEN_BITS, part : PART_BITS;
};
_Static_assert(PART_FAR < 1 << PART_BITS, "a part is a number of so many bits");

/* A limit of an SA or a policy: its option, its word in ip-xfrm(8), and its member. */
struct limit {
	const char *option, *ip;
	uint8_t part;         /* enum part */
	bool soft;            /* in attrs.soft, else in attrs.hard */
	uint16_t offset;      /* of the member in struct lifetime */
};

enum { LIMITS = 8 };
extern const struct limit limits[LIMITS];

/* Returns the value of the limit, 0 for none. */
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
 * A statement. It is stored without the unused end of the union, so it must be copied with stmt_copy(). Its
 * text is in the source, its parts and attributes are in the arena of the conf.
 */
struct stmt {
	struct source *src;
	struct span at;           /* from the verb to the ';' */
	const struct part_at *part;
	struct attrs *attrs;      /* NULL if there are none; owned by the arena */
	uint8_t nparts;
	uint8_t verb;             /* enum verb */
	uint8_t unresolved;            /* enum unresolved, bits: names that config/resolve.c must look up */
	uint8_t af;               /* AF_UNSPEC, or the family given by -4 or -6 */
	bool numeric : 1;         /* -n: do not look up host names */
	bool is_fwd_copy : 1;            /* the forward copy that setkey makes of an inbound policy */
	/* exact mode, after "exact;": nothing is completed, capped or dropped */
	bool exact : 1;
	/* has an error from parsing, or an unknown protocol or port; other checks would mislead */
	bool has_error : 1;
	/* not sent: a forward policy (or its delete) that the forward copy of another statement already is */
	bool spare : 1;
	/* an inbound policy for which the file has its own forward policy (or delete), so no copy is made */
	bool has_own_fwd : 1;
	/* the key is given by an undefined name, so its length is unknown */
	bool no_enckey : 1, no_authkey : 1;
	/* a word in the place of an address is neither an address nor a host name, which is reported */
	bool no_address : 1;
	union {
		struct sa sa;
		struct policy policy;
	};
};

/*
 * True if the requests of the policy are sent to the kernel. A policy that discards has no use for them, but
 * in exact mode they are kept, as Linux keeps them.
 */
bool stmt_keeps_requests(const struct stmt *s);

/* True for ESP, AH and IPComp. Dumps also contain states of Mobile IPv6 and the kernel's own IPIP states. */
bool proto_is_ipsec(uint8_t proto);

/* True for the modes in which packets get new addresses: the ends of a tunnel. */
bool mode_has_ends(uint8_t mode);

/* The number of bytes of s that are in use and stored. */
size_t stmt_size(const struct stmt *s);

/* Copies a stored statement; the part that was not stored is set to zero. */
void stmt_copy(struct stmt *to, const struct stmt *from);

/* Returns the optional attributes, all zero if there are none. */
const struct attrs *stmt_attrs(const struct stmt *s);

/* A mark: matches packets with (packet mark & mask) == value. All zero matches every packet. */
struct mark {
	uint32_t value, mask;
};

/* Returns the mark as the kernel keeps it, without the bits outside the mask. */
struct mark stmt_mark(const struct stmt *s);

/* True if the attribute is given. */
static inline bool attrs_have(const struct attrs *x, enum attr_id id)
{
	return x->has >> id & 1;
}

/* Returns the place of a part, or of the whole statement if it does not have the part. */
struct span stmt_part(const struct stmt *s, enum part part);
bool stmt_has_part(const struct stmt *s, enum part part);

/* True if the key is written in the statement, as digits or text, and not given by a name. */
bool stmt_has_literal_key(const struct stmt *s, enum part key);

/* All statements that were read, in order. The owner frees it with conf_free. */
struct conf {
	struct arena arena, policies; /* policies holds no key and is not wiped */
	struct stmt **stmt;
	size_t n, cap;
	bool exact;           /* "exact;" has been read */
	struct variables variables;
};

/*
 * Returns the value of $NAME; name points after the '$' and has n bytes. If the name is not defined, returns
 * the text $NAME itself.
 */
struct text conf_named_word(const struct conf *c, const char *name, uint32_t n);

/* Returns the word at the span, or the value if it is $NAME. Inline, because it is called for every word. */
static inline struct text conf_word(const struct conf *c, const struct source *src, struct span at)
{
	const char *word = src->text + at.off;

	return *word == '$' && at.len > 0 ? conf_named_word(c, word + 1, at.len - 1) :
	                                    (struct text){ word, at.len };
}

/* Stores a copy of the statement, its attributes and its parts. */
struct stmt *conf_add(struct conf *c, const struct stmt *s, const struct part_at *parts, unsigned nparts);

/* Frees all statements and variables and overwrites keys. The sources belong to their owner. */
void conf_free(struct conf *c);

/* Address helpers. */
bool addr_equal(const struct addr *a, const struct addr *b); /* compares family and bytes only */
unsigned addr_bits(const struct addr *a);                    /* 32, 128, or 0 if not set */
bool addr_is_any(const struct addr *a);                      /* 0.0.0.0, ::, or not set */
bool addr_is_host(const struct addr *a);                     /* full prefix length */
bool addr_is_multicast(const struct addr *a);
/* numeric without a zone: 10.1 or ::1; false: not an address */
bool addr_parse(struct addr *a, const char *word, size_t n);

/* A decoded message. Text in it points into the message. */
enum event_kind {
	EVENT_SA, EVENT_POLICY, EVENT_ERROR, EVENT_DONE, EVENT_OTHER,
	EVENT_NOTICE, /* a notification about an SA or a policy */
};

/* Why the kernel reported an SA's counters: notice.causes. */
enum cause { CAUSE_REPLAY = 1 << 0, CAUSE_TIMER = 1 << 1, CAUSE_CHANGE = 1 << 2 };

/* The parts of a notification other than its SA or policy. */
struct notice {
	bool hard;             /* expire: the hard limit was reached, not the soft one */
	/* acquire: protocol of the packet, whose addresses and ports are in sa_state */
	uint8_t upper;
	uint8_t causes;        /* aevent: enum cause, bits */
	uint8_t nmoved;
	uint8_t in, out, fwd;  /* setdefault: enum action */
	size_t sas, policies;  /* resync: numbers of objects dumped */
	/* migrate: the new form of policy.tmpl; mapping: the new address and port, in src */
	struct tmpl moved[TMPL_MAX];
};

struct event {
	uint8_t kind;          /* enum event_kind */
	uint8_t verb;          /* enum verb, from the type of the message */
	uint8_t satype;        /* enum proto of a flush or dump */
	/* a request to the kernel, not from it; in PF_KEY recognised by the missing current lifetime */
	bool request;
	uint32_t seq, pid;
	int err;               /* errno of the kernel, positive; 0 for none */
	struct text why;       /* the error message of the kernel (extended ack), or empty */
	struct text message;   /* of a dump: the bytes of this message */
	uint32_t err_off;      /* offset of the faulty bytes in the request, 0 if unknown */
	struct sa sa;
	struct sa_state sa_state;
	struct attrs attrs;    /* of the SA or the policy */
	struct policy_state policy_state;
	struct policy policy;  /* elements of tmpl and of notice.moved past their counts are undefined */
	struct notice notice;
};

/* Clears the event except the elements past the counts, because it is called for every object of a table. */
void event_clear(struct event *ev);

#endif
