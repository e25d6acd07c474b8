/* SPDX-License-Identifier: ISC */
/*
 * The optional attributes of SAs and policies that only XFRM has, one row each. An attribute that is a number
 * of at most 32 bits, perhaps with a mask or written as a word, needs only this row and one in
 * wire/xfrm_attr.c. The others also have functions of their own where they are read and written.
 */
#ifndef MODEL_ATTR_H
#define MODEL_ATTR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order of output. */
enum attr_id {
	ATTR_MARK, ATTR_IF_ID, ATTR_OUTPUT_MARK, ATTR_SELECTOR, ATTR_COADDR, ATTR_TFCPAD, ATTR_DIR, ATTR_OFFLOAD, ATTR_SEQ,
	ATTR_REPLAY,
	ATTR_KEEPALIVE,
	ATTR_MAPPING,
	ATTR_MAX
};
_Static_assert(ATTR_MAX <= 32, "struct attrs, .has is a bit for each");

/*
 * How the value is written: a decimal number; hexadecimal; hexadecimal with a mask, which is all ones if not
 * given; "in" or "out"; by functions of its own.
 */
enum attr_form { ATTR_NUMBER, ATTR_HEX, ATTR_MASKED, ATTR_IN_OUT, ATTR_SPECIAL };

enum attr_flag {
	ATTR_OF_POLICY = 1 << 0,  /* policies can have it too */
	ATTR_IN_GETSPI = 1 << 1,  /* getspi accepts it */
	ATTR_IN_SAID = 1 << 2,    /* get and delete accept it, because it is part of the identity of an SA */
	ATTR_LOCAL = 1 << 3,      /* the two hosts may need different values */
	ATTR_IN_UPDATE = 1 << 4,  /* an update can change it, but not to 0 */
	ATTR_OF_ENCAP = 1 << 5,   /* only for SAs in UDP or TCP */
	ATTR_OUTBOUND = 1 << 6,   /* only for SAs with -dir out */
	ATTR_INBOUND = 1 << 7,    /* only for SAs without -dir out */
};

struct attr {
	const char *option;    /* in a file, without the '-' */
	const char *json, *ip; /* member name in JSON; word of ip-xfrm(8), NULL if it has none */
	const char *fact;      /* name in the xfrm: line of -D */
	const char *what;      /* description for messages: "PF_KEY has no ..." */
	uint8_t form;          /* enum attr_form */
	unsigned flags;        /* enum attr_flag */
	/* the first kernel that keeps it, 610 for Linux 6.10; older ones silently drop it */
	unsigned since;
};

extern const struct attr attr_table[ATTR_MAX];

#endif
