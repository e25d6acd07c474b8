/* SPDX-License-Identifier: ISC */
/* The table of all algorithms: names, ids, key, salt and ICV lengths. No I/O, no kernel header. */
#ifndef MODEL_ALG_H
#define MODEL_ALG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ICV lengths in bits that a name such as hmac-sha256-128 may end in: the least, and the step. */
enum { ICV_MIN = 64, ICV_STEP = 8 };

enum alg_kind { ALG_ENC, ALG_AUTH, ALG_AEAD, ALG_COMP };

enum alg_flag {
	ALG_ANYICV = 1 << 0,   /* a name may end in another ICV length: hmac-sha256-128 */
	ALG_NEW = 1 << 1,      /* the classic setkey had no name for it; its dumps show the id */
	ALG_ABSENT = 1 << 2,   /* no Linux kernel has it */
	ALG_OBSOLETE = 1 << 3, /* works, but the word should no longer be used */
	ALG_ESP_OLD = 1 << 4,  /* allowed with esp-old only (des-32iv) */
	ALG_NOT_OLD = 1 << 5,  /* not allowed with esp-old (des-deriv) */
	ALG_STREAM = 1 << 6,   /* a counter mode: the same key must never be used again */
	ALG_MUST_NOT = 1 << 7, /* requirement levels of RFC 8221 sections 5 and 6, and RFC 9395 */
	ALG_SHOULD_NOT = 1 << 8,
	ALG_MUST_MINUS = 1 << 9, /* MUST-: will probably be downgraded */
	ALG_MAY = 1 << 10,     /* MAY, or not listed: a peer may not have it */
};

struct alg {
	enum alg_kind kind;
	const char *name;
	const char *alias;     /* a second name, or NULL */
	/* SADB_AALG_, SADB_X_AALG_, SADB_EALG_, SADB_X_EALG_ or SADB_X_CALG_; 0: PF_KEY has no id */
	uint8_t pfkey;
	const char *xfrm;      /* the kernel's name, XFRMA_ALG_*; NULL: netlink has none */
	/* key lengths in bits without the salt; step 0: only one length */
	uint16_t minbits, maxbits, stepbits;
	uint16_t saltbits;     /* bits at the end of the key (RFC 4106, 4309, 3686, 7634) */
	uint16_t icvbits;      /* the default of Linux, in bits */
	uint16_t icvmax;       /* bits before truncation */
	unsigned flags;
	const char *ref;       /* RFC and section, or NULL */
	/* ICV bits that other programs and the RFC mean by the name alone, if not icvbits; else 0 */
	uint16_t othersicv;
	/*
	 * Names in other programs, separated by blanks; NULL: none apart from name, alias and xfrm. They are
	 * compared part by part (runs of letters or of digits) without case and separators. A word may also
	 * contain a key or ICV length, and parts of setkey's own name. Parts that are not separated by '-'
	 * here must be adjacent in the word. After a leading '=' the word may have no numbers but those of
	 * the name.
	 */
	const char *foreign;
};

/* The meaning of another program's name for an algorithm. */
struct alg_foreign {
	const struct alg *alg;
	uint16_t keybits;      /* without the salt; 0: not given in the name */
	/* ICV length in bits, for ALG_ANYICV rows if it is not the default of setkey's name; else 0 */
	uint16_t icvbits;
};

/* Returns the option for algorithms of this kind: -E, -A or -C. */
const char *alg_option(enum alg_kind kind);

/* Returns the table. *n is set to the number of rows. */
const struct alg *alg_table(size_t *n);

/*
 * Returns the row for a word of n bytes: a name, an alias or, for ALG_ANYICV rows, a name followed by "-" and
 * an ICV length in bits. *icvbits is set to that length, or to 0 if there is none. ALG_ENC also finds AEAD
 * rows. NULL if the word is unknown.
 */
const struct alg *alg_find(enum alg_kind kind, const char *word, size_t n, uint16_t *icvbits);

/*
 * Returns the row for a word such as hmac-sha256-512, which ends in an ICV length that is not allowed; else
 * NULL.
 */
const struct alg *alg_stem(enum alg_kind kind, const char *word, size_t n);

/*
 * True if the word is another program's name for an algorithm that Linux has; *out is then set. The programs
 * are strongSwan, libreswan, racoon, ip xfrm, OpenBSD, RouterOS, Cisco, 3GPP, OpenSSL, IANA. kind as for
 * alg_find.
 */
bool alg_find_foreign(enum alg_kind kind, const char *word, size_t n, struct alg_foreign *out);

/*
 * True if the word is a proposal of an IKE daemon, such as aes256-sha2_512-modp2048. Sets *enc and *auth;
 * auth->alg is NULL if the proposal has no integrity algorithm.
 */
bool alg_find_proposal(const char *word, size_t n, struct alg_foreign *enc, struct alg_foreign *auth);

/*
 * True if a part of the word begins with the same three letters as a part of some algorithm's name. A fast
 * test that is false for most words that are not names of algorithms.
 */
bool alg_has_letters(const char *word, size_t n);

/*
 * True if the word has at least ten bytes and differs from the name of an algorithm in at most three letters.
 */
bool alg_is_near(const char *word, size_t n);

/*
 * Returns the only row that the word may be a misspelling of, for "did you mean". NULL if there is none or
 * several, or if a part of the word belongs to another algorithm: aes-cfb is not a misspelling of aes-cbc.
 */
const struct alg *alg_nearest(enum alg_kind kind, const char *word, size_t n);

/* Returns the row with a PF_KEY id, or NULL. */
const struct alg *alg_by_pfkey(enum alg_kind kind, uint8_t id);

/*
 * Returns the row with a kernel name, or NULL. icvbits selects among AEAD rows of that name; 0 takes the
 * first.
 */
const struct alg *alg_by_xfrm(enum alg_kind kind, const char *name, uint16_t icvbits);

/* True if the standard of the algorithm allows a key of this many bits, salt included. */
bool alg_takes(const struct alg *a, unsigned bits);

/*
 * True if Linux accepts a key of this many bits. It accepts more than alg_takes(): any length for an HMAC,
 * and every AES length for a CMAC.
 */
bool alg_kernel_takes(const struct alg *a, unsigned bits);

/*
 * Writes the allowed key lengths into out, for a message, and returns out: "a 128, 192 or 256-bit key", or
 * "288 bits, the last 32 of them salt".
 */
const char *alg_lengths(const struct alg *a, char *out, size_t size);

#endif
