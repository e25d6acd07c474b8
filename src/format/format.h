/* SPDX-License-Identifier: ISC */
/* The table of output formats: one entry at a time to a buffer. Never sees a kernel structure. */
#ifndef FORMAT_FORMAT_H
#define FORMAT_FORMAT_H

#include "model/model.h"

#include <stdint.h>

/* What the classic options and --show-keys ask of a printer. */
struct print_opts {
	bool ports;      /* -p */
	bool keys;       /* false: mask key bytes */
	bool fingerprints; /* and say the fingerprints of keys */
	bool refs;       /* conf: names in the place of keys */
	const char *upper; /* conf: the word for the upper-layer protocol; NULL: its number */
	const char *keys_file; /* conf: the file where those names have their keys; NULL: none is named */
	/* told of each such key; NULL: nobody */
	void (*took)(void *arg, const char *name, const uint8_t *key, unsigned bits);
	void *arg;
	bool exact;      /* a dump that is to be loaded again: say all of it, behind "exact;" */
	bool pfkey;      /* objects come from PF_KEY, which does not tell all of them */
	bool no_socket;  /* -N: per-socket policies are counted, not shown */
	bool hide_dead;  /* no -a: a classic dump leaves SAs out that are dead */
	bool color;      /* the output is a terminal that shows colour */
	unsigned width;  /* columns of the terminal, 0: no terminal */
	uint64_t now;    /* seconds since the epoch, for "current" and "diff" */
	uint32_t usecs;  /* and millionths behind them, for events */
	bool stamp;      /* events in words begin with the time */
	const char *findings; /* html: what lint says of the kernel, in words; NULL: nobody asked */
};

struct json;
struct name;

struct format {
	const char *name;
	bool whole; /* the output can be loaded: oldest object first, kernel's own ones too, in comments */
	void (*begin)(const struct print_opts *o, struct buf *out); /* before everything; NULL: nothing */
	/* before each table's objects; NULL: nothing */
	void (*head)(bool policies, const struct print_opts *o, struct buf *out);
	void (*end)(const struct print_opts *o, struct buf *out);   /* behind everything; NULL: nothing */
	void (*sa)(const struct event *ev, const struct print_opts *o, struct buf *out);
	void (*policy)(const struct event *ev, const struct print_opts *o, struct buf *out);
	/* a message without an object, or an error; NULL: says nothing */
	void (*other)(const struct event *ev, struct buf *out);
	/* what a monitor heard; NULL: no form for it */
	void (*event)(const struct event *ev, const struct print_opts *o, struct buf *out);
};

/*
 * Appends what stands for a key of n bytes that is not shown: its length and, where that is asked for, its
 * fingerprint.
 */
void print_mask(struct buf *out, const uint8_t *key, size_t n, const struct print_opts *o);

extern const struct format classic_format, conf_format, json_format, ip_format, table_format, dot_format,
        html_format, text_format;

/* The short table of the classic -l: its header, and one SA a line. */
extern const char short_header[];
extern const struct format short_format;

/* All of them, ending with NULL; the first is the default. */
extern const struct format *const formats[];

/*
 * True if the text of a message is plain, and has none of these bytes: it can stand in quotes, or as a word.
 */
bool print_is_plain(const struct text *t, const char *without);

/*
 * Appends the text of a message, which may hold anything, as what neither ends a line nor drives a terminal.
 */
void print_text(struct buf *out, const struct text *t);

/* True if a statement that is not behind "exact;" would become another message than this one. */
bool conf_needs_exact(const struct event *ev);

/* The word for a number, or the number. */
void print_word(struct buf *out, const struct name *table, unsigned number);

/* The word for a number, "?" where there is none. */
const char *known_word(const struct name *table, unsigned number);

/* The address in digits, or what stands for one that has no family. */
void print_addr(struct buf *out, const struct addr *a, const char *none);

/* "[500]" */
void print_port(struct buf *out, unsigned port);

/* The hash of an SA, with the length of its ICV where that can be a part of the name: hmac-sha256-128. */
void print_auth_name(struct buf *out, const struct sa *sa);

/* True if it can; other lengths take an option, -icv. */
bool sa_icv_is_name(const struct sa *sa);

/* A comment in front of what is to be loaded again, where the interface may have kept something back. */
void print_pfkey_notice(const struct print_opts *o, struct buf *out);

/* The direction of the packets, enum dir: those of a socket come in or go out too. */
unsigned packet_dir(const struct policy *p);

/* The name of an upper-layer protocol from /etc/protocols, read once; NULL unknown. */
const char *upper_name(uint8_t proto);

/* True if what stands for the ports of the protocol is a type and a code. */
bool upper_has_type(uint8_t proto);

/*
 * The number of an upper-layer protocol, by number, as setkey.conf(5) or as /etc/protocols has it; UPPER_ANY
 * for any, -1 unknown.
 */
int upper_number(const char *word);

/* Parts of what people read in rows: an address with its prefix and port, 17s or 3h, 812 or 14k. */
void print_range(struct buf *out, const struct addr *a, uint16_t port_mask);
void print_age(struct buf *out, uint64_t secs);
void print_amount(struct buf *out, uint64_t n);
void print_algs(struct buf *out, const struct sa *sa, const struct print_opts *o);
void print_requests(struct buf *out, const struct policy *p);

/*
 * A range of addresses and ports as a member of JSON: what is called src or dst has one shape, whatever it is
 * an end of. Without a family nothing.
 */
void json_range(struct json *j, const char *name, const struct addr *a, uint16_t port, uint16_t port_mask);

/* What tells objects apart that are otherwise the same, and a policy's or a selector's device. */
void print_identity(struct buf *out, const struct attrs *x, uint32_t device);

/*
 * The value of an attribute that is a number; before its mask stands what is given, which is NULL where it
 * goes unsaid.
 */
void print_attr(struct buf *out, const struct attrs *x, enum attr_id id, const char *before_mask);

enum { DEVICE_NAME = 16 };

/* Why an SA shows without any algorithm, or NULL where it has one. */
const char *why_without_keys(const struct event *ev);

/*
 * Begins a comment where no statement can say all of an object: why, or NULL; the device that its selector is
 * for, or 0; and what else has no words.
 */
void print_reasons(struct buf *out, const char *why, uint32_t device, const struct unshown *unsaid);

/* The name of a network device, or its index where it has none, or none that the language takes as a word. */
const char *device_name(uint32_t device, char name[DEVICE_NAME]);

#endif
