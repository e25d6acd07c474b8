/* Statements against the kernel, in order, and what it shows. */
#ifndef RUN_SESSION_H
#define RUN_SESSION_H

#include "run/input.h"
#include "run/progress.h"

/* An object whose text is kept, and where that begins. */
struct kept {
	uint64_t id;
	size_t at;
};

/* A run of statements against the kernel. */
struct session {
	const struct settings *settings;
	struct input *in;
	struct kernel *kernel;
	FILE *to;                /* where dumps go: standard output */
	struct buf out;          /* dumps, before they are written */
	int unwritten;           /* errno of a write that failed */
	struct print_opts print;
	const struct stmt *last; /* of the latest refusal, to name a policy and its forward copy once */
	int last_err;
	bool failed;             /* something was refused */
	bool ended;              /* the last statement was exit */
	bool looking;            /* a get of our own: that there is no such SA is no refusal */
	struct progress progress;
	size_t shown, hidden;    /* objects of the dump in progress */
	bool begun;              /* the format's beginning has been printed */
	/* Of a dump that is turned round: */
	struct kept *kept;       /* the objects in out */
	size_t nkept, capkept;
	size_t written;          /* objects written by this reading and those before */
	uint64_t edge;           /* identity of the newest of them */
	bool met, dropped;       /* this reading: it has come to the edge; it was more than could be kept */
	struct buf keys;         /* --keys-to: statements, one for each key in the dump */
	struct bindings named;   /* their names: what is read again is not said again */
};

/* Opens the kernel; returns 0 or STATUS_WORLD after complaining. */
int session_open(struct session *s, const struct settings *settings, struct input *in);
void session_close(struct session *s);

/*
 * Prints what a get, dump or spddump gives, in the format of the settings.
 * Returns STATUS_OK or STATUS_WORLD after complaining.
 */
int session_show(struct session *s, const struct stmt *what, const struct stmt *origin);

/*
 * Looks whether an update would change the keys, algorithms, mode or id of an SA in use, which Linux takes
 * and does not do: *ignored is that part, or PART_MAX. Returns 0, or -errno when the socket failed.
 */
int live_update(struct session *s, const struct stmt *what, const struct stmt *origin, enum part *ignored);

/* The end of the format, if anything was shown. */
void session_show_end(struct session *s);

/*
 * Looks at every statement once more, without sending it, where the interface that was opened is not the one
 * that input_judge asked: a file that it cannot say as a whole is refused as a whole. Returns STATUS_OK or
 * STATUS_REFUSED.
 */
int session_check(struct session *s);

/*
 * Runs the statements. Refusals are printed. Returns STATUS_OK, STATUS_REFUSED or STATUS_WORLD.
 */
int session_run(struct session *s);

#endif
