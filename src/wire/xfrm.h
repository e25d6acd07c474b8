/* SPDX-License-Identifier: ISC */
/*
 * What the files of the XFRM wire share: message rows, attribute rows, small conversions. Include it only in
 * src/wire/xfrm*.c.
 */
#ifndef WIRE_XFRM_H
#define WIRE_XFRM_H

#include "wire/wire.h"

/*
 * netinet/in.h must come before linux/xfrm.h: with a C library other than glibc, the kernel's header omits
 * the types that both define only if they are already defined.
 */
#include <netinet/in.h>
#include <linux/xfrm.h>

/* A message being written. */
struct xfrm_writer {
	const struct stmt *s;
	struct encoding *e;
	size_t start;          /* offset in e->out of its first byte */
	const struct row *row; /* the row of the attribute being written */
};

/* Groups of messages. The row of an attribute names the groups in which the attribute is written. */
enum msg_class {
	CLASS_SA = 1 << 0,        /* add, update */
	CLASS_SPI = 1 << 1,       /* getspi */
	CLASS_SA_ID = 1 << 2,      /* get, delete */
	CLASS_SA_DUMP = 1 << 3,    /* dump, deleteall */
	CLASS_POLICY = 1 << 4,    /* spdadd, spdupdate */
	CLASS_POLICY_ID = 1 << 5,  /* spddelete */
	CLASS_POLICY_FLUSH = 1 << 6,
};

/* Aligned storage for whichever structure a message begins with. */
union xfrm_body {
	struct xfrm_usersa_info sa;
	struct xfrm_userspi_info spi;
	struct xfrm_usersa_id said;
	struct xfrm_usersa_flush flush;
	struct xfrm_userpolicy_info policy;
	struct xfrm_userpolicy_id policyid;
	struct xfrm_user_acquire acquire;
	struct xfrm_user_expire expire;
	struct xfrm_user_polexpire polexpire;
	struct xfrm_aevent_id aevent;
	struct xfrm_user_report report;
	struct xfrm_user_mapping mapping;
	struct xfrm_userpolicy_default standard;
};

enum form { FORM_NUMBER, FORM_NET, FORM_NET_MASK, FORM_HEX, FORM_LIMIT, FORM_ADDR };

/* One member of a structure in union xfrm_body: how to print it, and which part of a statement it encodes. */
struct field {
	const char *group;     /* not NULL: the member begins a new line under this heading */
	const char *name;      /* NULL ends the table */
	uint16_t off, size;
	uint8_t form;          /* enum form */
	uint8_t part;          /* enum part; PART_VERB if it encodes no single part */
};

/* One message type in one use, as a request or as a notification. */
struct message {
	uint8_t verb, kind;    /* enum verb, enum event_kind */
	uint16_t type, flags;  /* nlmsg_flags in addition to NLM_F_REQUEST */
	unsigned on;           /* enum msg_class */
	size_t size;           /* of the structure it begins with, 0 if it has none */
	size_t family;         /* offset of the address family in that structure, 0 if it has none */
	const struct field *field;
	void (*put)(const struct stmt *s, union xfrm_body *h); /* NULL: only the kernel sends this message */
	void (*get)(struct event *ev, const union xfrm_body *h);
};

/* Returns the row that encodes a statement with this verb, or NULL. */
const struct message *xfrm_message_for(enum verb verb);

/*
 * Returns the row that decodes a message of this type, NULL if the model has none. dump: its flags ask for a
 * dump.
 */
const struct message *xfrm_message_of(uint16_t type, bool dump);

/* One attribute of a message. p points to the payload of n bytes inside the message, which owns it. */
struct attribute {
	uint16_t type;
	const uint8_t *p;
	size_t n;
};

/*
 * Reads the attribute at *p, of *n remaining bytes, and moves both past it. False at the end, or if the
 * remaining bytes are not an attribute.
 */
bool xfrm_next_attr(const uint8_t **p, size_t *n, struct attribute *a);

/* Appends the attributes that the statement needs in a message of the group on. */
void xfrm_put_attrs(struct xfrm_writer *m, enum msg_class on);

/* Reads all attributes in n bytes. Those that the model cannot hold are counted in the event. */
void xfrm_get_attrs(struct event *ev, const uint8_t *p, size_t n);

/* Appends one line per attribute. off is the offset of the first one in its message, for the first column. */
void xfrm_show_attrs(const uint8_t *p, size_t n, size_t off, struct buf *out);

/* Overwrites with zeros every payload that is or may be a key. */
void xfrm_blank_attrs(uint8_t *p, size_t n);

/* Returns the part encoded at byte off of the n bytes of attributes at p, PART_MAX if unknown. */
enum part xfrm_attr_part(const uint8_t *p, size_t n, size_t off);

/* Begins a line of the annotation: the offset off in the message and a name. */
void xfrm_line(struct buf *out, size_t off, const char *name);

/* Appends an address in text form, such as "10.0.0.1". addr has at least 16 bytes, of which IPv4 uses 4. */
void xfrm_show_addr(struct buf *out, const void *addr, unsigned family);

/* Returns the counter, in the event's SA or policy, of parts that the model cannot hold: see unshown_add. */
struct unshown *xfrm_unshown(struct event *ev);

/* Conversions of addresses. A family other than IPv4 and IPv6 gives an address that is not set. */
void xfrm_put_addr(xfrm_address_t *to, const struct addr *from);
void xfrm_get_addr(struct addr *to, const xfrm_address_t *from, unsigned family);
bool xfrm_addr_is_zero(const xfrm_address_t *a);

/* Conversions between enum mode and XFRM_MODE_*. MODE_ANY becomes transport, as in the kernel's af_key. */
uint8_t xfrm_put_mode(enum mode mode);
enum mode xfrm_get_mode(uint8_t mode);

/* True if the replay window of the SA is in XFRMA_REPLAY_ESN_VAL, not in struct xfrm_usersa_info. */
bool xfrm_needs_esn_attr(const struct stmt *s);

/* The member remake of struct wire. */
void xfrm_remake(const uint8_t *bytes, size_t len, enum verb verb, const struct variation *v,
                 struct encoding *e);

/* Decode the structure of an SA or a policy, which also occurs inside attributes and other messages. */
void xfrm_get_sa(struct event *ev, const struct xfrm_usersa_info *x);
void xfrm_get_policy(struct event *ev, const struct xfrm_userpolicy_info *x);

#endif
