/* SPDX-License-Identifier: ISC */
/*
 * Whether two SAs or policies are the same, and the first part in which they differ. No I/O, no kernel
 * header.
 */
#ifndef MODEL_SAME_H
#define MODEL_SAME_H

#include "model/model.h"

/* The parts in which two objects differ, in a fixed order. */
struct parts {
	uint8_t n;
	uint8_t part[PART_MAX]; /* enum part; PART_VERB: something that no statement can say */
};

/* What a part is called, in one word: "mode", "lifetime" and the like. */
const char *part_word(unsigned part);

enum { SAME_NAME_MAX = 96 };

/*
 * What the kernel knows the SA or policy of an event by, as bytes that are the same on every machine and in
 * every run: an SA by destination, protocol, SPI and mark; a policy by its selector with every bit of it,
 * direction, type, mark, interface ID and security context. Returns how many bytes; 0: the event is neither.
 */
size_t same_name(const struct event *ev, uint8_t name[SAME_NAME_MAX]);

/* The same as a number of this run; without_mark: as if an SA had none. */
uint64_t same_name_hash(const struct event *ev, bool without_mark);

/*
 * Everything that a statement can say in which the object that is there is not the one wanted, both as
 * decoded from messages. Left out is what changes in use: counters, sequence numbers, times. A kernel in
 * lockdown shows zeros for keys: they count as the same.
 */
void same_parts(const struct event *wanted, const struct event *there, struct parts *parts);

/*
 * The first part of the SA that is wanted in which the one that is there is another: algorithms, keys, mode,
 * id. PART_MAX: none. A kernel in lockdown shows zeros for keys: of those nothing can be told, and they count
 * as the same.
 */
enum part same_sa(const struct sa *wanted, const struct sa *there);

/* The same of a policy: what it does, its priority, its requests. */
enum part same_policy(const struct policy *wanted, const struct policy *there);

/* True if the modes are one: Linux takes an SA or a request without a mode for transport mode. */
bool same_mode(uint8_t a, uint8_t b);

/* True if the keys are equal, of that many bits each. */
bool same_key(const uint8_t *a, unsigned a_bits, const uint8_t *b, unsigned b_bits);

/* True if both requests have one protocol and mode, and one pair of addresses; level and id are left out. */
bool same_protection(const struct tmpl *a, const struct tmpl *b);

/* True if both have the same attribute, or neither has it. */
bool same_attr(enum attr_id id, const struct attrs *a, const struct attrs *b);

bool same_context(const struct secctx *a, const struct secctx *b);
bool same_selector(const struct selector *a, const struct selector *b);

/* A number for all that a policy says, which is another in each run. */
uint64_t same_policy_hash(const struct policy *p);

#endif
