/* SPDX-License-Identifier: ISC */
/* What the files of the XFRM wire share: message rows, attribute rows, small conversions. For nobody else. */
#ifndef WIRE_XFRM_H
#define WIRE_XFRM_H

#include "wire/wire.h"

/* In front of it: it leaves out what another C library than glibc has defined, if that comes first. */
#include <netinet/in.h>
#include <linux/xfrm.h>

/* A message being written. */
struct xfrm_writer {
	const struct stmt *s;
	struct encoding *e;
	size_t start;          /* its first byte in e->out */
	const struct row *row; /* of the attribute in progress */
};

/* Groups of messages, so that an attribute's row can say where it is written. */
enum msg_class {
	CLASS_SA = 1 << 0,        /* add, update */
	CLASS_SPI = 1 << 1,       /* getspi */
	CLASS_SA_ID = 1 << 2,      /* get, delete */
	CLASS_SA_DUMP = 1 << 3,    /* dump, deleteall */
	CLASS_POLICY = 1 << 4,    /* spdadd, spdupdate */
	CLASS_POLICY_ID = 1 << 5,  /* spddelete */
	CLASS_POLICY_FLUSH = 1 << 6,
};

/* Aligned room for the structure that any message begins with. */
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

/* One member of such a structure: how to show it, and which part of a statement it says. */
struct field {
	const char *group;     /* begins a line of its own when not NULL */
	const char *name;      /* NULL ends the table */
	uint16_t off, size;
	uint8_t form;          /* enum form */
	uint8_t part;          /* enum part; PART_VERB where it is none in particular */
};

/* One message type in one use. */
struct message {
	uint8_t verb, kind;    /* enum verb, enum event_kind */
	uint16_t type, flags;  /* nlmsg_flags besides NLM_F_REQUEST */
	unsigned on;           /* enum msg_class */
	size_t size;           /* of its structure, 0 none */
	size_t family;         /* where its structure tells the address family, 0 nowhere */
	const struct field *field;
	void (*put)(const struct stmt *s, union xfrm_body *h); /* NULL: only the kernel sends it */
	void (*get)(struct event *ev, const union xfrm_body *h);
};

/* The row for a statement, or NULL. */
const struct message *xfrm_message_for(enum verb verb);

/* The row for a received type; dump: its flags ask for a dump. NULL: not in the model. */
const struct message *xfrm_message_of(uint16_t type, bool dump);

/* One attribute of a message; its payload is borrowed from there. */
struct attribute {
	uint16_t type;
	const uint8_t *p;
	size_t n;
};

/* Takes the next attribute from *p, *n. False at the end, or where the rest is none. */
bool xfrm_next_attr(const uint8_t **p, size_t *n, struct attribute *a);

/* Appends the attributes that the statement needs in a message of this group. */
void xfrm_put_attrs(struct xfrm_writer *m, enum msg_class on);

/* Reads all attributes; those without a form in the model are counted. */
void xfrm_get_attrs(struct event *ev, const uint8_t *p, size_t n);

/* One line for each; off is where they begin, for the first column. */
void xfrm_show_attrs(const uint8_t *p, size_t n, size_t off, struct buf *out);

/* Overwrites what is or may be a key with zeros. */
void xfrm_blank_attrs(uint8_t *p, size_t n);

/* What the byte at off says, of the attributes that begin at p; PART_MAX: nothing known. */
enum part xfrm_attr_part(const uint8_t *p, size_t n, size_t off);

/* Begins a line. */
void xfrm_line(struct buf *out, size_t off, const char *name);

/* "10.0.0.1" from the 4 or 16 bytes of an address. */
void xfrm_show_addr(struct buf *out, const void *addr, unsigned family);

/* Where the message's object keeps what the model has no place for, see unshown_add. */
struct unshown *xfrm_unsaid(struct event *ev);

/* Addresses; from a family that is neither IPv4 nor IPv6 comes "not set". */
void xfrm_put_addr(xfrm_address_t *to, const struct addr *from);
void xfrm_get_addr(struct addr *to, const xfrm_address_t *from, unsigned family);
bool xfrm_addr_is_zero(const xfrm_address_t *a);

/* enum mode and XFRM_MODE_*: "any" is transport, as af_key has it. */
uint8_t xfrm_put_mode(enum mode mode);
enum mode xfrm_get_mode(uint8_t mode);

/* True if its replay window stands in XFRMA_REPLAY_ESN_VAL, not in the header. */
bool xfrm_needs_esn_attr(const struct stmt *s);

/* struct wire, .remake */
void xfrm_remake(const uint8_t *bytes, size_t len, enum verb verb, const struct variation *v,
                 struct encoding *e);

/* The body of an SA or a policy, which attributes and other messages also carry. */
void xfrm_get_sa(struct event *ev, const struct xfrm_usersa_info *x);
void xfrm_get_policy(struct event *ev, const struct xfrm_userpolicy_info *x);

#endif
