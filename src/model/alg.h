/* SPDX-License-Identifier: ISC */
/* Every algorithm we know, one row each: names, ids, key, salt and ICV lengths. No I/O, no kernel header. */
#ifndef MODEL_ALG_H
#define MODEL_ALG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bits of an ICV that a name may say, hmac-sha256-128: at least, and in steps of. */
enum { ICV_MIN = 64, ICV_STEP = 8 };

enum alg_kind { ALG_ENC, ALG_AUTH, ALG_AEAD, ALG_COMP };

enum alg_flag {
	ALG_ANYICV = 1 << 0,   /* the user may name another ICV length: hmac-sha256-128 */
	ALG_NEW = 1 << 1,      /* the classic setkey had no word for it; its dumps show the id */
	ALG_ABSENT = 1 << 2,   /* no Linux kernel has it */
	ALG_OBSOLETE = 1 << 3, /* works, but the word should no longer be used */
	ALG_ESP_OLD = 1 << 4,  /* only with esp-old (des-32iv) */
	ALG_NOT_OLD = 1 << 5,  /* not with esp-old (des-deriv) */
	ALG_STREAM = 1 << 6,   /* a counter mode: a key must never be used twice */
	ALG_MUST_NOT = 1 << 7, /* these four are what RFC 8221 sections 5 and 6, and RFC 9395, say of it */
	ALG_SHOULD_NOT = 1 << 8,
	ALG_MUST_MINUS = 1 << 9, /* on its way out */
	ALG_MAY = 1 << 10,     /* or not listed: a peer need not have it */
};

struct alg {
	enum alg_kind kind;
	const char *name;
	const char *alias;     /* another word for it, or NULL */
	/* SADB_AALG_, SADB_X_AALG_, SADB_EALG_, SADB_X_EALG_ or SADB_X_CALG_; 0: PF_KEY has no id */
	uint8_t pfkey;
	const char *xfrm;      /* the kernel's name, XFRMA_ALG_*; NULL: netlink has none */
	uint16_t minbits, maxbits, stepbits; /* key lengths without the salt; step 0: just one */
	uint16_t saltbits;     /* follows the key in the key material (RFC 4106, 4309, 3686, 7634) */
	uint16_t icvbits;      /* what Linux uses by default */
	uint16_t icvmax;       /* the untruncated length */
	unsigned flags;
	const char *ref;       /* RFC and section */
	/* what other programs and the RFC mean by the bare name, where it is not icvbits; else 0 */
	uint16_t othersicv;
	/*
	 * Names that other programs have for it, blanks between them; NULL: none beyond name, alias and xfrm.
	 * Case and separators do not count, a key or ICV length may be anywhere in a name, and so may words
	 * of our own name. Without a '-' between them two parts are adjacent in the name. '=' in front: no
	 * number but those in it.
	 */
	const char *foreign;
};

/* What a name of another program says. */
struct alg_foreign {
	const struct alg *alg;
	uint16_t keybits;      /* without the salt; 0: not given */
	/* of an ALG_ANYICV row, if it is not what our own name means by itself; else 0 */
	uint16_t icvbits;
};

/* The option for an algorithm of this kind: -E, -A or -C. */
const char *alg_option(enum alg_kind kind);

/* All rows; n is set to their number. */
const struct alg *alg_table(size_t *n);

/*
 * The row for a word of n bytes as the user writes it, an alias or, where
 * ALG_ANYICV is set, a name followed by "-" and an ICV length in bits. *icvbits is
 * that length, or 0 when none was named. enc also finds AEAD rows. NULL: unknown.
 */
const struct alg *alg_find(enum alg_kind kind, const char *word, size_t n, uint16_t *icvbits);

/* The row of a word such as hmac-sha256-512, whose ICV length is none that can be named; else NULL. */
const struct alg *alg_stem(enum alg_kind kind, const char *word, size_t n);

/*
 * True if the word is the name that another program has for an algorithm that Linux has: strongSwan,
 * libreswan, racoon, ip xfrm, OpenBSD, RouterOS, Cisco, 3GPP, OpenSSL, IANA. kind as for alg_find.
 */
bool alg_find_foreign(enum alg_kind kind, const char *word, size_t n, struct alg_foreign *out);

/*
 * A proposal such as aes256-sha2_512-modp2048: true with both of its parts; auth->alg is NULL if there is no
 * integrity.
 */
bool alg_find_proposal(const char *word, size_t n, struct alg_foreign *enc, struct alg_foreign *auth);

/*
 * True if three adjacent letters of the word begin some part of an algorithm's name, ours or
 * another program's: most words are told from names by this alone.
 */
bool alg_has_letters(const char *word, size_t n);

/* True if the word, which is no short one, is a name of the table but for a letter or three. */
bool alg_is_near(const char *word, size_t n);

/*
 * The one row that a slip of the pen leads to, for "did you mean". NULL when there is none, or several, or
 * when a part of the word is a known word of another algorithm: aes-cfb is not aes-cbc.
 */
const struct alg *alg_nearest(enum alg_kind kind, const char *word, size_t n);

/* The row for a PF_KEY id, or NULL. */
const struct alg *alg_by_pfkey(enum alg_kind kind, uint8_t id);

/* The row for a kernel name; icvbits chooses among AEAD rows, 0 takes the first. NULL: unknown. */
const struct alg *alg_by_xfrm(enum alg_kind kind, const char *name, uint16_t icvbits);

/* True if key material of this many bits, salt included, fits. */
bool alg_takes(const struct alg *a, unsigned bits);

/*
 * True if Linux takes that many bits, though the standard of the algorithm may not: an HMAC's key has any
 * length, that of a CMAC any length of AES.
 */
bool alg_kernel_takes(const struct alg *a, unsigned bits);

/* The lengths that fit, for a message: "a 128, 192 or 256-bit key", "288 bits, the last 32 of them salt". */
const char *alg_lengths(const struct alg *a, char *out, size_t size);

#endif
