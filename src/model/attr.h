/* SPDX-License-Identifier: ISC */
/*
 * What few SAs and policies have and only XFRM can say, a row each. One that is a number of at most 32 bits,
 * with a mask or a word at most, is this row, one in wire/xfrm_attr.c and no more. The others have functions
 * where they are read and written.
 */
#ifndef MODEL_ATTR_H
#define MODEL_ATTR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order in which they are printed. */
enum attr_id {
	ATTR_MARK, ATTR_IF_ID, ATTR_OUTPUT_MARK, ATTR_SELECTOR, ATTR_COADDR, ATTR_TFCPAD, ATTR_DIR, ATTR_OFFLOAD, ATTR_SEQ,
	ATTR_REPLAY,
	ATTR_KEEPALIVE,
	ATTR_MAPPING,
	ATTR_MAX
};
_Static_assert(ATTR_MAX <= 32, "struct attrs, .has is a bit for each");

/*
 * A decimal number; hexadecimal; hexadecimal with a mask that is all ones where none is given; in or out;
 * functions of its own.
 */
enum attr_form { ATTR_NUMBER, ATTR_HEX, ATTR_MASKED, ATTR_IN_OUT, ATTR_SPECIAL };

enum attr_flag {
	ATTR_OF_POLICY = 1 << 0,  /* policies have it too */
	ATTR_IN_GETSPI = 1 << 1,  /* getspi takes it */
	ATTR_IN_SAID = 1 << 2,    /* get and delete take it: it tells SAs apart */
	ATTR_LOCAL = 1 << 3,      /* the other end may need another value */
	ATTR_IN_UPDATE = 1 << 4,  /* an update changes it to any value but 0 */
	ATTR_OF_ENCAP = 1 << 5,   /* of SAs in UDP or TCP alone */
	ATTR_OUTBOUND = 1 << 6,   /* of those with the direction out alone; */
	ATTR_INBOUND = 1 << 7,    /* or of all but those */
};

struct attr {
	const char *option;    /* in a file, after the - */
	const char *json, *ip; /* the member of JSON; the word of ip-xfrm(8), NULL: it has none */
	const char *fact;      /* in the xfrm: line of -D */
	const char *what;      /* for messages: "PF_KEY has no ..." */
	uint8_t form;          /* enum attr_form */
	unsigned flags;        /* enum attr_flag */
	unsigned since;        /* the first kernel that keeps it, 6.10 is 610; others just drop it */
};

extern const struct attr attr_table[ATTR_MAX];

#endif
