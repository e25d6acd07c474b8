/* SPDX-License-Identifier: ISC */
/*
 * The SAD and the SPD after a list of statements that are carried out one by one, as a kernel does. Knows no
 * lint rule and no kernel.
 */
#ifndef TABLES_TABLES_H
#define TABLES_TABLES_H

#include "model/model.h"

/* An SA or a policy that exists in the end. */
struct entry {
	const struct stmt *stmt; /* the statement that added it; borrowed */
	uint32_t number;      /* the number of the statement, from 1 */
	uint32_t priority;    /* from here on of policies */
	uint8_t dir;          /* enum dir */
	bool copy;            /* the automatic forward copy */
	bool has_all_sas;     /* every SA it asks for exists; false until lint_match has set it */
};

/*
 * Two statements for one forward policy, where one of them is an inbound policy, or its delete, that has a
 * forward copy.
 */
struct fwd_clash {
	uint32_t number, other; /* the later and the earlier statement, from 1 */
	bool copy;            /* the later one is the one that is copied */
	bool same;            /* both do the same, and one is enough */
	/* if same: the one that is no copy must be used, as it has an index, or an id in its first request */
	bool own;
};

/* A statement that adds an object that exists already. */
struct duplicate {
	enum { DUPLICATE_SA, DUPLICATE_POLICY, DUPLICATE_INDEX } of;
	uint32_t number, other; /* the later and the earlier statement, from 1 */
	/* from here on of policies */
	uint8_t dir;            /* the direction of the policy: DIR_FWD if one is a forward copy */
	bool is_fwd_clash;      /* one of them is a forward copy, and they do not do the same */
};

enum { MASKS_MAX = 16 };

struct tables {
	struct entry *sa;        /* in the order of the statements */
	/* by direction, and then in the order in which the kernel tries them; no per-socket ones */
	struct entry *policy;
	size_t nsas, npolicies;
	uint32_t mask[MASKS_MAX]; /* the masks of the SAs' marks; the first one is 0 */
	size_t nmasks;
	struct fwd_clash *fwd_clash; /* in order of number */
	size_t nfwd_clashes, capfwd_clashes;
	struct duplicate *duplicate; /* in order of number */
	size_t nduplicates, capduplicates;
	bool unknown;            /* not every statement is known: more entries may exist */
};

/*
 * Works out the tables after loading all of the conf into empty ones. kernel_fwd: inbound policies are not
 * copied to fwd. The conf must outlive the tables; the caller calls tables_free.
 */
void tables_read(struct tables *t, const struct conf *conf, bool kernel_fwd);
void tables_free(struct tables *t);

/* True if the policy is only for marked packets, or for those of one interface. */
bool entry_is_narrow(const struct entry *e);

/*
 * True if the policy protects packets and is no forward copy. With the action ipsec and no requests it lets
 * them pass.
 */
bool entry_protects(const struct entry *e);

/*
 * A hash of what identifies a policy in the kernel. The kernel compares all bits, even those that match
 * nothing: of an address beyond its prefix, of a port outside its mask. policy_network_key leaves out the
 * former.
 */
uint64_t policy_key(const struct stmt *s, uint8_t dir);
uint64_t policy_network_key(const struct stmt *s, uint8_t dir);

/* A hash of direction, mark, interface id and context: together with the selector it identifies a policy. */
uint64_t policy_namespace(const struct stmt *s, uint8_t dir);

/* The same without the mark. */
uint64_t policy_namespace_unmarked(const struct stmt *s, uint8_t dir);

/* True if the policy is copied to fwd. */
bool policy_has_copy(const struct stmt *s, bool kernel_fwd);

#endif
