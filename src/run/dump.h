/* SPDX-License-Identifier: ISC */
/* What the kernel holds, one object at a time through the filter to the format, and to a stream. */
#ifndef RUN_DUMP_H
#define RUN_DUMP_H

#include "run/progress.h"
#include "run/settings.h"

/* What a dump is to show; a bit in has for each thing that was said. */
enum filter_bit {
	FILTER_SRC = 1 << 0, FILTER_DST = 1 << 1, FILTER_PROTO = 1 << 2, FILTER_SPI = 1 << 3,
	FILTER_REQID = 1 << 4, FILTER_MODE = 1 << 5, FILTER_DIR = 1 << 6,
};

struct filter {
	unsigned has;
	struct addr src, dst; /* with prefix length: what lies within */
	uint8_t proto, mode, dir;
	uint32_t spi, reqid;
};

/* True if the object is to be shown. What an SA or a policy does not have, it does not match. */
bool filter_takes(const struct filter *f, const struct event *ev);

/* What a dump statement does not say. Zero-initialised: all objects, keys as the settings have it. */
struct dump_choices {
	struct filter filter;
	bool count;          /* numbers instead of objects */
	bool key_refs;       /* names in the place of keys */
	const char *keys_to; /* the file for those keys */
	const char *findings; /* of lint, for a page; NULL: none are asked for */
};

/* An object whose text is kept, and where that begins. */
struct kept {
	uint64_t id;
	size_t at;
};

/* The dumps of one command, one after the other in one document. */
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
	/* Of a dump that is turned round: */
	struct kept *kept;       /* the objects in out */
	size_t nkept, capkept;
	size_t written;          /* objects written by this reading and those before */
	uint64_t edge;           /* identity of the newest of them */
	bool met, dropped;       /* this reading: it has come to the edge; it was more than could be kept */
	struct buf keys;         /* --keys-to: statements, one for each key in the dump */
	struct variables named;   /* their names: what is read again is not said again */
};

/*
 * Prints what a get, dump or spddump gives; origin is the statement of the file, for a refusal. Returns
 * STATUS_OK or STATUS_SYSTEM after complaining.
 */
int dump_show(struct dump *d, const struct stmt *what, const struct stmt *origin);

/* The end of the format, if anything was shown. */
void dump_end(struct dump *d);

/* Frees everything, keys included. */
void dump_free(struct dump *d);

#endif
