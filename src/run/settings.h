/* SPDX-License-Identifier: ISC */
/* What all commands share: settings, exit statuses, messages. */
#ifndef RUN_SETTINGS_H
#define RUN_SETTINGS_H

#include "kernel/kernel.h"
#include "model/model.h"
#include "format/format.h"
#include "text/diag.h"

#include <stdio.h>

/* The same everywhere: all done; the input or the kernel said no; wrong usage; could not run. */
enum { STATUS_OK, STATUS_ERROR, STATUS_USAGE, STATUS_SYSTEM };

static inline int status_worse(int a, int b)
{
	return a > b ? a : b;
}

enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

enum { WORDS_MAX = 64 };

/* What was said several times; borrowed. */
struct words {
	const char *word[WORDS_MAX];
	size_t n;
};

/* What the options say that several commands take, and main. What is for one command is in its own file. */
struct settings {
	int argc;           /* the command line, from the command's name on */
	char **argv;
	uint64_t given;     /* which of its options were there: bit i for command_option() i */
	bool help, version;
	enum via via;
	enum color color;
	bool check_only;    /* -n */
	bool verbose, hex;  /* -v, -H */
	bool hex_keys;      /* -H: with the keys */
	bool kernel_fwd;    /* -k: no forward copies */
	bool insecure;      /* files that others may write, and keys that others can read */
	bool no_keys;       /* keys that are elsewhere are not missed */
	bool endless;       /* -l: until nobody reads any more, a closed pipe is an end and no failure */
	bool literal;       /* -f: statements as they are written, also behind flush and spdflush */
	bool dry_run;       /* print the plan of a sync, change nothing */
	bool force;         /* a sync also replaces what is not its own */
	const char *set;    /* the name of a set, NULL: none */
	/* what is printed */
	const struct format *format;
	bool show_keys, fingerprints, annotate;
	bool ports, no_socket; /* -p, -N */
	bool hide_dead;     /* classic, and no -a */
};

/*
 * True for what can be part of a file's name, a comment and a key's name: letters, digits and . _ -, none of
 * these three first.
 */
bool is_plain_name(const char *name, size_t n);

/* True if colour is wanted on the stream. */
bool want_color(const struct settings *s, FILE *to);

/* Prints "setkey: ..." to standard error. */
void error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Prints the findings there and forgets them; the counts stay. Returns STATUS_ERROR if errors were among
 * them, or STATUS_OK.
 */
int report_findings(struct diags *d, const struct settings *s);

/*
 * Warns, once, if what is written to standard output goes where others can read it: call it before keys do.
 */
void warn_if_open(void);

/* The same if keys are shown and the object has one. */
void warn_of_keys(bool shown, const struct event *ev);

/* Appends a message in hex; without keys those are zeros. */
void add_hex(const struct wire *wire, const uint8_t *bytes, size_t len, bool keys, struct buf *out);

/* What the settings and the terminal ask of a printer. */
struct print_opts print_opts(const struct settings *s);

#endif
