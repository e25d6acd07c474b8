/* SPDX-License-Identifier: ISC */
/*
 * Makes the kernel's SAD and SPD what is wanted, by the smallest change and in an order in which no packet
 * that is protected before and after passes in the clear meanwhile. Knows neither command lines nor texts of
 * files.
 */
#ifndef SYNC_SYNC_H
#define SYNC_SYNC_H

#include "base/hash.h"
#include "config/expand.h"
#include "kernel/snapshot.h"
#include "model/same.h"

/* How what is wanted relates to what is there. */
enum relation { RELATION_EQUAL, RELATION_NEW, RELATION_CHANGED };

/* An SA or policy that is to be there in the end. */
struct wanted {
	const struct stmt *stmt;  /* a concrete statement, and the one of the file that it came from; */
	const struct stmt *origin;
	const struct object *object; /* or an object of a snapshot, with stmt NULL */
	uint64_t name;         /* same_name_hash */
	uint32_t there;        /* the object of this name in the kernel: its place, from 1; 0 none */
	uint32_t priority;     /* from here on of policies */
	uint8_t dir;           /* enum dir; 0: an SA */
	bool sub, clear;       /* as in struct object */
	uint8_t relation;      /* enum relation */
	bool renew;            /* a policy that is to be placed again: after one that is to come before it */
	bool dropped;          /* a later statement deletes it */
	bool remade;           /* a policy that no update makes what it is to be */
};

/* CHANGE_AGAIN is for steps.c only: an SA that is equal, and has to make room for a moment. */
enum change_op { CHANGE_ADD, CHANGE_REMOVE, CHANGE_PARTS, CHANGE_KEY, CHANGE_AGAIN };

/* One object in which the kernel is not what is wanted; wanted and there are places from 1, 0 none. */
struct change {
	uint8_t op;            /* enum change_op */
	bool early;            /* goes at once, as a new one takes its place */
	bool done;             /* its steps are listed */
	bool shadowed;         /* an SA: a request to update it would change another one */
	uint8_t nparts;        /* enum part in which they differ: of CHANGE_PARTS and CHANGE_KEY */
	uint32_t wanted, there;
	const uint8_t *part;   /* in the arena of struct sync */
};

/* One message to the kernel. */
struct step {
	uint8_t verb;          /* add, update, delete, spdupdate or spddelete */
	bool with_next;        /* both go in one piece, if it is short: nothing comes between them */
	bool for_now;          /* with another priority than in the end: .priority */
	bool stands_in;        /* a policy besides the one that is there: of packets of this mark alone */
	uint32_t priority;
	struct mark mark;
	uint32_t wanted, there; /* what is made, or the object that is deleted */
	const char *reason;
};

struct record;

/*
 * What is wanted, what is there, and the way from here to there. Zero-initialised; the owner calls sync_free.
 */
struct sync {
	struct kernel *kernel;
	struct watch *watch;
	struct snapshot there;
	uint32_t *match;       /* of each object there: its place in wanted, from 1; 0: not wanted */
	struct wanted *wanted; /* in the order of the files */
	size_t n, cap;
	struct hash_table names; /* of what is wanted: places from 1 */
	/*
	 * What goes if it is not wanted: every policy, every one of the second SPD, every SA of these
	 * protocols (PROTO_ANY: all), and what is named here.
	 */
	bool every_policy, every_sub, every_sa[256];
	struct hash_table surplus;
	const struct record *record; /* what an earlier sync of this set has installed; NULL: none */
	const struct record *others; /* the same of all other sets; NULL: none */
	const struct stmt **emptied; /* deleteall: whose SAs go; borrowed */
	size_t nemptied, capemptied;
	/*
	 * SAs begin anew even where they are equal, as after a flush: their peers may have begun anew as
	 * well, and would be refused for sequence numbers that were used.
	 */
	bool fresh_sas;
	/* Statements that add what an earlier one has added; a kernel is to refuse them. */
	struct concrete *repeated;
	size_t nrepeated, caprepeated;
	/*
	 * Only objects of these names are changed, and policies of others placed again if need be; NULL: all.
	 * To be planned once.
	 */
	const struct hash_table *only;
	struct change *change;
	size_t nchanges, capchanges;
	struct arena parts;    /* of the changes */
	struct step *step;
	size_t nsteps, capsteps;
	bool edge;             /* a policy of the first priority that protects is placed again */
	uint32_t unkept;       /* 1 << enum attr_id: wanted, and this kernel does not keep it */
	bool unkept_context;   /* the same of security contexts */
	struct hash_table told; /* policies that were refused */
	struct hash_table origins; /* of sync_find */
	const struct stmt *removal; /* refusals to delete something are reported as this one's; borrowed */
};

/* Why statements are not to be had as a state: to be reported at the word. */
struct unsuited {
	const struct stmt *origin;
	const char *why;
};

/*
 * What the statements would leave behind in empty tables is wanted; flush, spdflush and delete say what goes.
 * Statements that only show something do not count. The array is borrowed. False: one does not say what is to
 * be there, *why; where why is NULL those are passed over.
 */
bool sync_want(struct sync *s, const struct concretes *list, struct unsuited *why);

/* The same of all objects of a snapshot, which is borrowed; what else is there goes. */
void sync_want_back(struct sync *s, const struct snapshot *before);

/* The request that makes a wanted statement, over what is in scratch. */
void wanted_encode(const struct wanted *w, struct buf *scratch);

/* The object of a wanted entry as a message would tell it. Text is borrowed from scratch or the snapshot. */
void wanted_decode(const struct wanted *w, struct buf *scratch, struct event *ev);

/* Reads the kernel and finds what differs and which steps lead there. Returns as snapshot_read. */
int sync_plan(struct sync *s);

/*
 * Sends the steps; refusals go to the hook of the kernel. Returns 0 or -errno of the socket.
 */
int sync_send(struct sync *s);

/* Forgets what is there and what differs; what is wanted stays. */
void sync_forget(struct sync *s);
void sync_free(struct sync *s);

/*
 * True if this refusal is of a policy that was refused before: one that moves is sent twice.
 */
bool sync_was_told(struct sync *s, const struct refusal *r);

/* The wanted entry of a statement of a file, or of its forward copy; NULL: none. */
const struct wanted *sync_find(struct sync *s, const struct stmt *origin, bool copy);

/*
 * A record of what a set has installed: names and stamps of objects, and no key. An object that somebody has
 * deleted and made again is another. Zero-initialised is empty; the owner frees it.
 */
struct record {
	struct entry {
		uint8_t name[SAME_NAME_MAX];
		uint8_t len;
		bool policy;
		uint64_t stamp;    /* 0: whatever has the name */
	} *entry;
	size_t n, cap;
	struct hash_table places; /* by same_name_hash: from 1 */
};

/*
 * To and from text. Reading is total, and adds to the record: -ENOMSG for what is no record at all, -EBADMSG
 * for a damaged one, -ESTALE for one of another boot or network namespace, whose objects are gone; else 0.
 */
void record_write(const struct record *r, struct buf *text);
int record_read(struct record *r, const char *text, size_t n);

void record_add(struct record *r, const struct event *ev, uint64_t stamp);
void record_free(struct record *r);

/* True if the object is one of those recorded. */
bool record_has(const struct record *r, const struct object *o);

/* True if the set has installed the object, and no other set has a part in it. */
bool sync_is_own(const struct sync *s, const struct object *o);

/*
 * The first of what is wanted that is there, is not equal, and is not of this set alone: NULL for none.
 */
const struct wanted *sync_foreign(const struct sync *s);

/* The rest is for sync/ only. */

/* compare.c: fills in relation and there, and the list of changes. */
void sync_compare(struct sync *s);

/* True for an object of the kernel that is to go. */
bool sync_is_surplus(const struct sync *s, size_t object);

/* order.c: marks equal policies that are to be placed again. */
void sync_order(struct sync *s);

/* steps.c: from the changes. */
void sync_list_steps(struct sync *s);

#endif
