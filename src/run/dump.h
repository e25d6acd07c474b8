/* SPDX-License-Identifier: ISC */
/* Dumps: reads objects of the kernel one by one, filters, formats and writes them. */
#ifndef RUN_DUMP_H
#define RUN_DUMP_H

#include "run/progress.h"
#include "run/settings.h"

/* Which objects a dump shows. has: a bit for each of the other members that is set. */
enum filter_bit {
	FILTER_SRC = 1 << 0, FILTER_DST = 1 << 1, FILTER_PROTO = 1 << 2, FILTER_SPI = 1 << 3,
	FILTER_REQID = 1 << 4, FILTER_MODE = 1 << 5, FILTER_DIR = 1 << 6,
};

struct filter {
	unsigned has;
	struct addr src, dst; /* with prefix length: matches addresses within */
	uint8_t proto, mode, dir;
	uint32_t spi, reqid;
};

/*
 * True if the object is to be shown. A member that an SA or a policy does not have, such as the SPI of a
 * policy, does not match.
 */
bool filter_takes(const struct filter *f, const struct event *ev);

/* Options of a dump besides the statement. Zero-initialised: all objects, keys shown as the settings say. */
struct dump_choices {
	struct filter filter;
	bool count;          /* numbers instead of objects */
	bool key_refs;       /* print names in place of keys */
	const char *keys_to; /* the file for those keys */
	const char *findings; /* of lint, for an HTML page; NULL: none */
};

/* An object whose text is in memory, not yet written. */
struct buffered {
	uint64_t id;             /* hash_object */
	size_t at;               /* where the text begins */
};

/* The dumps of one command, which make one document. */
struct dump {
	const struct settings *settings;
	const struct dump_choices *options;
	struct kernel *kernel;   /* the caller's */
	FILE *to;                /* standard output, unless the caller sets another before the first */
	struct buf out;          /* before it is written */
	int unwritten;           /* errno of a write that failed */
	struct print_opts print;
	struct progress progress;
	size_t shown, hidden;    /* objects of the dump in progress */
	bool begun;              /* the format's beginning has been printed */
	/* For a dump that is written in reverse order, oldest object first: */
	struct buffered *buffered; /* the objects in out */
	size_t nbuffered, capbuffered;
	size_t written;          /* objects written by this pass over the table and those before */
	uint64_t last_written;   /* hash_object of the newest of these */
	bool found_last;         /* this pass has come to that object: the rest is written already */
	bool overflowed;         /* this pass has dropped objects that did not fit in memory */
	struct buf keys;         /* --keys-to: statements, one for each key in the dump */
	struct variables named;  /* the names in keys, as an object may be read more than once */
};

/*
 * Prints the answer to a get, dump or spddump. origin: the statement of the file, where a refusal is
 * reported. Returns STATUS_OK, or STATUS_SYSTEM after complaining.
 */
int dump_show(struct dump *d, const struct stmt *what, const struct stmt *origin);

/* Prints the end of the format, if anything was shown. */
void dump_end(struct dump *d);

/* Frees everything, keys included. */
void dump_free(struct dump *d);

#endif
