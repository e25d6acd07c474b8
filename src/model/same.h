/* SPDX-License-Identifier: ISC */
/*
 * Compares SAs and policies: whether two objects are the same one, and in which parts they differ. No I/O, no
 * kernel header.
 */
#ifndef MODEL_SAME_H
#define MODEL_SAME_H

#include "model/model.h"

/* The parts in which two objects differ, in a fixed order. */
struct parts {
	uint8_t n;
	uint8_t part[PART_MAX]; /* enum part; PART_VERB: something that no statement can express */
};

/* Returns a one-word description of a part: "mode", "lifetime" and the like. */
const char *part_word(unsigned part);

enum { SAME_NAME_MAX = 96 };

/*
 * Writes the identity of the event's SA or policy in the kernel: of an SA its destination, protocol, SPI and
 * mark; of a policy its complete selector, direction, type, mark, interface ID and security context. The
 * bytes do not depend on the machine. Returns their number, 0 if the event is neither an SA nor a policy.
 */
size_t same_name(const struct event *ev, uint8_t name[SAME_NAME_MAX]);

/* Returns a hash of that identity, valid in this process only. without_mark: ignores the mark of an SA. */
uint64_t same_name_hash(const struct event *ev, bool without_mark);

/*
 * Lists the parts in which two objects of the same identity differ, as decoded from messages: wanted, and the
 * one in the kernel (there). Ignores what changes in use, such as counters, sequence numbers and times. A
 * kernel in lockdown reports keys as zeros; such a key counts as the same.
 */
void same_parts(const struct event *wanted, const struct event *there, struct parts *parts);

/*
 * Returns the first part in which the SA in the kernel (there) differs from the wanted one: algorithms, keys,
 * mode or request id. PART_MAX if none. A key that is all zeros counts as the same, because a kernel in
 * lockdown reports keys so.
 */
enum part same_sa(const struct sa *wanted, const struct sa *there);

/* Returns the first part in which two policies differ: action, priority or requests. PART_MAX if none. */
enum part same_policy(const struct policy *wanted, const struct policy *there);

/* True if the modes are the same. MODE_ANY is the same as transport, as for Linux. */
bool same_mode(uint8_t a, uint8_t b);

/* True if the keys have the same length in bits and the same bytes. */
bool same_key(const uint8_t *a, unsigned a_bits, const uint8_t *b, unsigned b_bits);

/* True if two requests have the same protocol, mode and addresses. Ignores level and id. */
bool same_protection(const struct tmpl *a, const struct tmpl *b);

/* True if both have the attribute with the same value, or neither has it. */
bool same_attr(enum attr_id id, const struct attrs *a, const struct attrs *b);

bool same_context(const struct secctx *a, const struct secctx *b);
bool same_selector(const struct selector *a, const struct selector *b);

/* Returns a hash of all parts of a policy, valid in this process only. */
uint64_t same_policy_hash(const struct policy *p);

#endif
