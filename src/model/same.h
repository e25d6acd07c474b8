/*
 * Whether two SAs or policies are the same, and the first part in which they differ. No I/O, no kernel
 * header.
 */
#ifndef MODEL_SAME_H
#define MODEL_SAME_H

#include "model/model.h"

/*
 * The first part of the SA that is wanted in which the one that is there is another: algorithms, keys, mode,
 * id. PART_MAX: none. A kernel in lockdown shows zeros for keys: of those nothing can be told, and they count
 * as the same.
 */
enum part same_sa(const struct sa *wanted, const struct sa *there);

/* The same of a policy: what it does, its priority, its requests. */
enum part same_policy(const struct policy *wanted, const struct policy *there);

/* True if both have the same attribute, or neither has it. */
bool same_attr(enum attr_id id, const struct extra *a, const struct extra *b);

bool same_context(const struct secctx *a, const struct secctx *b);
bool same_selector(const struct selector *a, const struct selector *b);

/* A number for all that a policy says, which is another in each run. */
uint64_t same_policy_hash(const struct policy *p);

#endif
