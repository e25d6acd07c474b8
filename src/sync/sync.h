/* SPDX-License-Identifier: ISC */
/*
 * Changes the kernel's SAD and SPD to a wanted state, by as few changes as possible and in an order in which
 * no packet that is protected both before and after is sent in the clear in between. Knows neither command
 * lines nor the text of files.
 *
 * "Wanted" is what the tables must contain in the end, "there" is what the kernel contains now.
 */
#ifndef SYNC_SYNC_H
#define SYNC_SYNC_H

#include "base/hash.h"
#include "config/expand.h"
#include "kernel/snapshot.h"
#include "model/same.h"

/* How a wanted object compares with the kernel. */
enum relation { RELATION_EQUAL, RELATION_NEW, RELATION_CHANGED };

/* An SA or policy that is wanted. */
struct wanted {
	const struct stmt *stmt;  /* a concrete statement, and the one in a file that it comes from; */
	const struct stmt *origin;
	const struct object *object; /* or an object of a snapshot, with stmt NULL */
	uint64_t name;         /* same_name_hash */
	uint32_t there;        /* the object of this name in the kernel: its place, from 1; 0: none */
	uint32_t priority;     /* from here on of policies */
	uint32_t index;        /* the index it asks for; 0: any */
	uint8_t dir;           /* enum dir; 0: an SA */
	bool sub, clear;       /* as in struct object */
	uint8_t relation;      /* enum relation */
	bool renew;            /* a policy that must be sent again, so that it comes after another one */
	bool dropped;          /* a later statement deletes it */
	bool remade;           /* a policy that must be deleted and added, as an update does not change it */
	bool no_index;         /* another policy keeps the index it asks for */
	bool yields;           /* has the index another one asks for, and is deleted before that is added */
};

/* CHANGE_AGAIN is for steps.c only: an equal SA that is deleted and added back. */
enum change_op { CHANGE_ADD, CHANGE_REMOVE, CHANGE_PARTS, CHANGE_KEY, CHANGE_AGAIN };

/* A difference between the kernel and what is wanted; wanted and there are places from 1, 0: none. */
struct change {
	uint8_t op;            /* enum change_op */
	bool early;            /* its object is deleted early, to make room for another one */
	bool done;             /* its steps are planned */
	bool shadowed;         /* an SA: an update of it might change another SA */
	bool yields;           /* a policy that is not wanted: as in struct wanted */
	uint8_t nparts;        /* of CHANGE_PARTS and CHANGE_KEY: how many parts differ */
	uint32_t wanted, there;
	const uint8_t *part;   /* in the arena of struct sync */
};

/* One message to the kernel. */
struct step {
	uint8_t verb;          /* add, update, delete, spdupdate or spddelete */
	bool with_next;        /* sent together with the next step, so that little can happen in between */
	bool for_now;          /* with .priority, not the final one */
	bool stands_in;        /* a temporary copy of the policy: for packets with .mark, or other_user */
	bool other_user;       /* a copy for the same packets: see struct variation */
	uint32_t priority;
	struct mark mark;
	uint32_t wanted, there; /* what is added or updated; or the object to delete or to add back */
	const char *reason;
};

struct record;

/* A sync: what is wanted, what is there, and the plan. Zero-initialised; the owner calls sync_free. */
struct sync {
	struct kernel *kernel;
	struct watch *watch;
	struct snapshot there;
	uint32_t *match;       /* for each object there: its place in wanted, from 1; 0: not wanted */
	struct wanted *wanted; /* in the order of the files */
	size_t n, cap;
	struct hash_table names; /* by same_name_hash: places in wanted, from 1 */
	bool marked;           /* an SA with a mark is or was wanted */
	struct hash_table indexes; /* by index: the place in wanted, from 1, of the policy to get it */
	/*
	 * What is deleted if it is not wanted: every policy of type main, every one of type sub, every SA of
	 * these protocols (PROTO_ANY: all), and the objects in surplus, by name.
	 */
	bool every_policy, every_sub, every_sa[256];
	struct hash_table surplus;
	const struct record *record; /* what earlier syncs of this set have installed; NULL: none */
	const struct record *others; /* the same of all other sets; NULL: none */
	const struct stmt **emptied; /* deleteall statements, whose SAs are deleted; borrowed */
	size_t nemptied, capemptied;
	/*
	 * Replace SAs even if they are equal, as a flush would: their peers may have been restarted too, and
	 * their sequence numbers would be refused as replays.
	 */
	bool fresh_sas;
	/* Statements that add what an earlier statement adds; the kernel is to refuse them. */
	struct concrete *repeated;
	size_t nrepeated, caprepeated;
	/*
	 * Change only objects with these names, and send policies of others again if their order requires it;
	 * NULL: change all. Then sync_plan may be called only once.
	 */
	const struct hash_table *only;
	struct change *change;
	size_t nchanges, capchanges;
	struct arena parts;    /* memory for change.part */
	struct step *step;
	size_t nsteps, capsteps;
	size_t unnamed;        /* steps that cannot succeed: they delete an SA that no request can name */
	bool edge;             /* a policy with the first priority that protects is sent again */
	uint32_t unkept;       /* 1 << enum attr_id: wanted, but the kernel does not keep it */
	bool unkept_context;   /* the same of security contexts */
	struct hash_table told; /* policies whose refusal is reported */
	struct hash_table origins; /* for sync_find */
	const struct stmt *removal; /* the statement of requests to delete or restore objects; borrowed */
};

/* The statement that does not describe a state, and why. */
struct unsuited {
	const struct stmt *origin;
	const char *why;
};

/*
 * Sets what is wanted: what the statements would leave in empty tables. flush, spdflush, delete and the like
 * also say what is to be deleted. Statements that only print are ignored. The list is borrowed. False: a
 * statement, *why, does not describe a state; if why is NULL such statements are skipped.
 */
bool sync_want(struct sync *s, const struct concretes *list, struct unsuited *why);

/* Sets what is wanted to a snapshot, which is borrowed; everything else is to be deleted. */
void sync_want_back(struct sync *s, const struct snapshot *before);

/* Encodes the request that adds a wanted statement into scratch, which is overwritten. */
void wanted_encode(const struct wanted *w, struct buf *scratch);

/* The wanted object as the kernel would report it. Its text is borrowed from scratch or the snapshot. */
void wanted_decode(const struct wanted *w, struct buf *scratch, struct event *ev);

/* Reads the kernel, compares, and plans the steps. Returns as snapshot_read. */
int sync_plan(struct sync *s);

/* Sends the steps; refusals go to the hook of the kernel. Returns 0, or -errno of the socket. */
int sync_send(struct sync *s);

/* Drops what is there, the changes and the steps; what is wanted stays. */
void sync_forget(struct sync *s);
void sync_free(struct sync *s);

/* True if a refusal of the same policy was reported before: a policy that moves is sent twice. */
bool sync_was_told(struct sync *s, const struct refusal *r);

/* The wanted object of a statement of a file, or of its forward copy; NULL: none. */
const struct wanted *sync_find(struct sync *s, const struct stmt *origin, bool copy);

/*
 * A record of what a set has installed: names and stamps of objects, no keys. If somebody else deletes an
 * object and adds it again, it has another stamp. Zero-initialised is empty; the owner calls record_free.
 */
struct record {
	struct entry {
		uint8_t name[SAME_NAME_MAX];
		uint8_t len;
		bool policy;
		uint64_t stamp;    /* 0: any object of this name */
	} *entry;
	size_t n, cap;
	struct hash_table places; /* by same_name_hash: from 1 */
};

/*
 * Writes and reads a record as text. Reading accepts any input, and adds to the record. It returns 0, -ENOMSG
 * for text that is no record, -EBADMSG for a damaged one, or -ESTALE for one of another boot or network
 * namespace, whose objects no longer exist.
 */
void record_write(const struct record *r, struct buf *text);
int record_read(struct record *r, const char *text, size_t n);

void record_add(struct record *r, const struct event *ev, uint64_t stamp);
void record_free(struct record *r);

/* True if the object is one of those recorded. */
bool record_has(const struct record *r, const struct object *o);

/* True if this set has installed the object, and no other set has. */
bool sync_is_own(const struct sync *s, const struct object *o);

/*
 * The first wanted object that differs from the one in the kernel, which does not belong to this set alone;
 * NULL: none.
 */
const struct wanted *sync_foreign(const struct sync *s);

/* The rest is for sync/ only. */

/* The index that the policy is to get, 0 for any. */
uint32_t wanted_index(const struct wanted *w);

/* compare.c: sets there and relation of what is wanted, and lists the changes. */
void sync_compare(struct sync *s);

/* True if the object of the kernel is to be deleted. */
bool sync_is_surplus(const struct sync *s, size_t object);

/* order.c: sets renew of equal policies that must be sent again. */
void sync_order(struct sync *s);

/* steps.c: plans the steps of all changes. */
void sync_list_steps(struct sync *s);

#endif
