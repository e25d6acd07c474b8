/* SPDX-License-Identifier: ISC */
/* The table of output formats: one entry at a time to a buffer. Never sees a kernel structure. */
#ifndef FORMAT_FORMAT_H
#define FORMAT_FORMAT_H

#include "model/model.h"

#include <stdint.h>

/* What the options of a dump ask of its format. */
struct print_opts {
	bool ports;      /* -p */
	bool keys;       /* false: mask key bytes */
	bool fingerprints; /* and show the fingerprints of keys */
	bool refs;       /* conf: names in the place of keys */
	const char *upper; /* conf: the word for the upper-layer protocol; NULL: its number */
	const char *keys_file; /* conf: the file where those names have their keys; NULL: none is named */
	/* called for each such key; NULL: not called */
	void (*took)(void *arg, const char *name, const uint8_t *key, unsigned bits);
	void *arg;
	bool exact;      /* a dump that is to be loaded again: all of it, after "exact;" */
	bool pfkey;      /* objects come from PF_KEY, which does not show all of them */
	bool no_socket;  /* -N: per-socket policies are counted, not shown */
	bool hide_dead;  /* no -a: a classic dump leaves out dead SAs */
	bool color;      /* the output is a terminal that shows colour */
	unsigned width;  /* columns of the terminal, 0: no terminal */
	uint64_t now;    /* seconds since the epoch, for "current" and "diff" */
	uint32_t usecs;  /* and microseconds, for events */
	bool stamp;      /* events in words begin with the time */
	const char *findings; /* html: what lint found in the kernel, as text; NULL: not asked for */
};

struct json;
struct name;

struct format {
	const char *name;
	bool whole; /* the output can be loaded: oldest object first, and the kernel's own ones in comments */
	void (*begin)(const struct print_opts *o, struct buf *out); /* before everything; NULL: nothing */
	/* before each table's objects; NULL: nothing */
	void (*head)(bool policies, const struct print_opts *o, struct buf *out);
	void (*end)(const struct print_opts *o, struct buf *out);   /* after everything; NULL: nothing */
	void (*sa)(const struct event *ev, const struct print_opts *o, struct buf *out);
	void (*policy)(const struct event *ev, const struct print_opts *o, struct buf *out);
	/* a message without an object, or an error; NULL: nothing */
	void (*other)(const struct event *ev, struct buf *out);
	/* an event of a monitor; NULL: the format has none */
	void (*event)(const struct event *ev, const struct print_opts *o, struct buf *out);
};

/*
 * Appends what is shown in the place of a key of n bytes: its length and, if that is asked for, its
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
 * True if a text from a message can be shown as it is and has none of these bytes, so that it can be quoted.
 */
bool print_is_plain(const struct text *t, const char *without);

/* Appends a text from a message, which may hold anything, with its control characters made visible. */
void print_text(struct buf *out, const struct text *t);

/* True if its statement would become another message than this one unless it is after "exact;". */
bool conf_needs_exact(const struct event *ev);

/* Appends the word for a number, or the number. */
void print_word(struct buf *out, const struct name *table, unsigned number);

/* The word for a number, "?" where there is none. */
const char *known_word(const struct name *table, unsigned number);

/* Appends the address in digits, or none if it has no family. */
void print_addr(struct buf *out, const struct addr *a, const char *none);

/* Appends a port as "[500]". */
void print_port(struct buf *out, unsigned port);

/* Appends the name of the hash, with the length of the ICV if that can be part of it: hmac-sha256-128. */
void print_auth_name(struct buf *out, const struct sa *sa);

/* True if the length can be part of the name; other lengths need the option -icv. */
bool sa_icv_is_name(const struct sa *sa);

/* Appends a comment with what PF_KEY does not show, if the objects come from it. */
void print_pfkey_notice(const struct print_opts *o, struct buf *out);

/* The direction of the packets, enum dir: DIR_IN or DIR_OUT for a per-socket policy. */
unsigned packet_dir(const struct policy *p);

/* The name of an upper-layer protocol in /etc/protocols, which is read once; NULL: it has none. */
const char *upper_name(uint8_t proto);

/* True if the protocol has a type and a code in the place of ports. */
bool upper_has_type(uint8_t proto);

/*
 * The number of an upper-layer protocol, by number, as setkey.conf(5) or as /etc/protocols has it; UPPER_ANY
 * for any, -1 unknown.
 */
int upper_number(const char *word);

/* Cells of tables for people: an address with its prefix and port, 17s or 3h, 812 or 14k. */
void print_range(struct buf *out, const struct addr *a, uint16_t port_mask);
void print_age(struct buf *out, uint64_t secs);
void print_amount(struct buf *out, uint64_t n);
void print_algs(struct buf *out, const struct sa *sa, const struct print_opts *o);
void print_requests(struct buf *out, const struct policy *p);

/*
 * Adds a range of addresses and ports as a member: src and dst have one shape everywhere in JSON. Adds
 * nothing if the address has no family.
 */
void json_range(struct json *j, const char *name, const struct addr *a, uint16_t port, uint16_t port_mask);

/* Appends the attributes that are part of the identity, such as the mark, and the selector's device. */
void print_identity(struct buf *out, const struct attrs *x, uint32_t device);

/*
 * Appends the value of an attribute that is a number, then before_mask and its mask; without both if
 * before_mask is NULL.
 */
void print_attr(struct buf *out, const struct attrs *x, enum attr_id id, const char *before_mask);

enum { DEVICE_NAME = 16 };

/* Why an SA is shown without any algorithm, or NULL if it has one. */
const char *why_without_keys(const struct event *ev);

/*
 * Begins a comment if no statement can express the whole object: why, or NULL; the device of its selector, or
 * 0; and what else has no words.
 */
void print_reasons(struct buf *out, const char *why, uint32_t device, const struct unshown *unsaid);

/*
 * Writes to name, and returns, a device's name; its index if it has none that can be a word of a statement.
 */
const char *device_name(uint32_t device, char name[DEVICE_NAME]);

#endif
