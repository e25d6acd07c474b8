/* SPDX-License-Identifier: ISC */
/*
 * The SAD and the SPD after a list of statements, carried out one after the other as a kernel does it. Knows
 * no lint rule and no kernel.
 */
#ifndef TABLES_TABLES_H
#define TABLES_TABLES_H

#include "model/model.h"

/* An SA or a policy that is there in the end. */
struct entry {
	const struct stmt *stmt; /* that made it; borrowed */
	uint32_t number;      /* its place among all statements, from 1 */
	uint32_t priority;    /* from here on of policies */
	uint8_t dir;          /* enum dir */
	bool copy;            /* the automatic forward copy */
	bool has_all_sas;     /* every SA it needs is there; false until lint_match has looked */
};

/*
 * A forward policy of a file, or its delete, and the forward copy of another statement, which is for the same
 * packets.
 */
struct meeting {
	uint32_t number, other; /* the later and the earlier statement, from 1 */
	bool copy;            /* the later one is what is copied */
	bool same;            /* the two do the same, and one is enough */
	/* Then it is to be the one that is no copy: it alone has an index, or the id of the first request. */
	bool own;
};

/* A statement that adds what is there already. */
struct duplicate {
	enum { DUPLICATE_SA, DUPLICATE_POLICY, DUPLICATE_INDEX } of;
	uint32_t number, other; /* the later and the earlier statement, from 1 */
	/* from here on of policies */
	uint8_t dir;            /* where the two meet: DIR_FWD if one is a forward copy */
	bool is_meeting;        /* one of them only by its forward copy, and they do not do the same */
};

enum { MASKS_MAX = 16 };

struct tables {
	struct entry *sa;        /* in the order of the statements */
	struct entry *policy;    /* by direction, and then as the kernel tries them; none of sockets */
	size_t nsas, npolicies;
	uint32_t mask[MASKS_MAX]; /* those of the marks of SAs; the first is 0 */
	size_t nmasks;
	struct meeting *meeting; /* in order of number */
	size_t nmeetings, capmeetings;
	struct duplicate *duplicate; /* in order of number */
	size_t nduplicates, capduplicates;
	bool unknown;            /* not everything could be read or is known: something more may be there */
};

/*
 * What is there once all of the conf has been loaded into empty tables. kernel_fwd: inbound policies are not
 * copied to fwd. The conf must outlive the tables; the caller frees.
 */
void tables_read(struct tables *t, const struct conf *conf, bool kernel_fwd);
void tables_free(struct tables *t);

/* True if the policy is for marked packets alone, or for those of one interface. */
bool entry_is_narrow(const struct entry *e);

/*
 * What the kernel knows a policy by, as one number. It compares every bit, also those that match nothing: an
 * address's beyond its prefix, a port's outside its mask. The second is what it would be without the former.
 */
uint64_t policy_key(const struct stmt *s, uint8_t dir);
uint64_t policy_network_key(const struct stmt *s, uint8_t dir);

/* Direction, mark, interface id and context as one number: with the selector it tells policies apart. */
uint64_t policy_namespace(const struct stmt *s, uint8_t dir);

/* The same of a policy for packets of any mark that is else like this one. */
uint64_t policy_namespace_unmarked(const struct stmt *s, uint8_t dir);

/* True if the policy is copied to fwd. */
bool policy_has_copy(const struct stmt *s, bool kernel_fwd);

#endif
