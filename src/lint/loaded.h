/* What the kernel's tables hold when a whole unit has been loaded, statement after statement. */
#ifndef LINT_LOADED_H
#define LINT_LOADED_H

#include "lint/lint.h"

/* A statement whose SA or policy is there in the end. */
struct placed {
	const struct stmt *stmt;
	uint32_t number;      /* its place among all statements, from 1 */
	uint32_t priority;    /* from here on of policies */
	uint8_t dir;          /* enum dir */
	bool copy;            /* the automatic forward copy */
	bool served;          /* every SA it needs is there; set by lint_match */
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

enum { MASKS_MAX = 16 };

struct loaded {
	const struct unit *unit;
	struct placed *sa;       /* in the order of the files */
	struct placed *policy;   /* by direction, and then as the kernel tries them; none of sockets */
	size_t nsas, npolicies;
	uint32_t mask[MASKS_MAX]; /* those of the marks of SAs; the first is 0 */
	size_t nmasks;
	struct meeting *meeting; /* in order of number */
	size_t nmeetings, capmeetings;
	bool unknown;            /* not everything could be read or is known: something more may be there */
};

/* Says on its way what is added twice. incomplete: the unit has errors of reading. The caller frees. */
void loaded_read(struct loaded *l, const struct unit *unit, bool incomplete);
void loaded_free(struct loaded *l);

/* Starts a finding at a part of what was loaded. */
void loaded_add(const struct loaded *l, const struct placed *p, const struct rule *rule, enum part part,
                const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Points at another part of what was loaded. */
void loaded_also(const struct loaded *l, const struct placed *p, enum part part, const char *message);

/* True if the policy is for marked packets alone, or for those of one interface. */
bool loaded_is_narrow(const struct placed *p);

/*
 * What the kernel knows a policy by, as one number. It compares every bit, also those that match nothing: an
 * address's behind its prefix, a port's outside its mask. The second is what it would be without the former.
 */
uint64_t loaded_policy(const struct stmt *s, uint8_t dir);
uint64_t loaded_network_policy(const struct stmt *s, uint8_t dir);

/* True if the policy is copied to fwd. */
bool loaded_has_copy(const struct unit *u, const struct stmt *s);

/* What tells policies apart besides direction and selector, as one number. */
uint64_t loaded_kind(const struct stmt *s, uint8_t dir);

/* The same of a policy for packets of any mark that is else like this one. */
uint64_t loaded_kind_unmarked(const struct stmt *s, uint8_t dir);

#endif
