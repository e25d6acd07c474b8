/* SPDX-License-Identifier: ISC */
/* What all commands share: settings, exit statuses, messages. */
#ifndef RUN_SETTINGS_H
#define RUN_SETTINGS_H

#include "format/format.h"
#include "kernel/kernel.h"
#include "model/model.h"
#include "text/diag.h"

#include <stdio.h>

/*
 * Exit statuses of every command: all done; the input has errors or the kernel refused; wrong usage; could
 * not run.
 */
enum { STATUS_OK, STATUS_ERROR, STATUS_USAGE, STATUS_SYSTEM };

static inline int status_worse(int a, int b)
{
	return a > b ? a : b;
}

enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

enum { WORDS_MAX = 64 };

/* The values of an option that may be given several times; borrowed. */
struct words {
	const char *word[WORDS_MAX];
	size_t n;
};

/* The values of options that several commands, or main, have. What is for one command is in its own file. */
struct settings {
	int argc;           /* the command line, from the command's name on */
	char **argv;
	uint64_t given;     /* which options were given: bit i for command_option() i */
	bool help, version;
	enum via via;
	enum color color;
	bool check_only;    /* -n */
	bool verbose, hex;  /* -v, -H */
	bool hex_keys;      /* -H: with the keys */
	bool kernel_fwd;    /* -k: no forward copies */
	bool insecure;      /* accept files that others may write, and keys that others can read */
	bool no_keys;       /* keys in other files need not be there */
	bool endless;       /* -l: runs until standard output is closed, which is no failure */
	bool literal;       /* -f: send statements one by one even after flush and spdflush */
	bool dry_run;       /* print the plan of a sync, change nothing */
	/* a sync also replaces objects that are not of its set, and the guard only warns */
	bool force;
	const char *set;    /* the name of a set, NULL: none */
	/* how objects are printed */
	const struct format *format;
	bool show_keys, fingerprints, annotate;
	bool ports, no_socket; /* -p, -N */
	bool hide_dead;     /* classic, and no -a */
};

/*
 * True for a word that can be part of a file name, a comment and a key's name: letters, digits and . _ -,
 * beginning with a letter or digit.
 */
bool is_plain_name(const char *name, size_t n);

/* True if colour is wanted on the stream. */
bool want_color(const struct settings *s, FILE *to);

/* Prints "setkey: ..." to standard error. */
void error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Prints the findings and removes them; their counts stay. Returns STATUS_ERROR if there has been an error so
 * far, or STATUS_OK.
 */
int report_findings(struct diags *d, const struct settings *s);

/*
 * Warns, once, if others can read the file or pipe that standard output goes to. Call it before printing
 * keys.
 */
void warn_if_open(void);

/* The same, if keys are shown and the object has a key. */
void warn_of_keys(bool shown, const struct event *ev);

/* Appends a message in hex; without keys, zeros replace them. */
void add_hex(const struct wire *wire, const uint8_t *bytes, size_t len, bool keys, struct buf *out);

/* The options for printers that follow from the settings and the terminal. */
struct print_opts print_opts(const struct settings *s);

#endif
