/* What all commands share: settings, exit statuses, messages. */
#ifndef RUN_SETTINGS_H
#define RUN_SETTINGS_H

#include "kernel/kernel.h"
#include "lint/profile.h"
#include "model/model.h"
#include "print/print.h"
#include "text/diag.h"
#include "text/report.h"

#include <stdio.h>

/* The same everywhere: all done; the input or the kernel said no; wrong usage; could not run. */
enum { STATUS_OK, STATUS_REFUSED, STATUS_USAGE, STATUS_WORLD };

static inline int status_worse(int a, int b)
{
	return a > b ? a : b;
}

/* What lint does with edits: nothing, print the difference, change the files. */
enum fix { FIX_NOTHING, FIX_DIFF, FIX_INPLACE };

enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

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

enum { WORDS_MAX = 64 };

/* What was said several times; borrowed. */
struct words {
	const char *word[WORDS_MAX];
	size_t n;
};

/* keygen: what it is to make besides keys; words as they were said, borrowed, NULL where they were not. */
struct wish {
	bool pair, rotate, derive;
	const char *secret_file, *context, *epoch, *keys_file;
	const char *mesh, *out, *out_a, *out_b, *alg, *upper, *spi_range, *name;
	struct words net_a, net_b, avoid;
};

/* Everything options can say. What is for one command says so; words are borrowed. */
struct settings {
	int argc;           /* the command line, from the command's name on */
	char **argv;
	bool help, version;
	enum via via;
	enum color color;
	bool check_only;    /* -n */
	bool verbose, hex;  /* -v, -H */
	bool hex_keys;      /* -H: with the keys */
	bool kernel_fwd;    /* -k: no forward copies */
	bool ports, no_socket; /* -p, -N */
	bool hide_dead;     /* classic, and no -a */
	bool kernel;        /* ask the running kernel too */
	bool insecure;      /* files that others may write, and keys that others can read */
	bool force;         /* files that are there give way */
	bool inplace;       /* fmt: change the files */
	bool resync;        /* monitor: dump what is there after a loss */
	unsigned classic;   /* -x: how often it was said */
	bool endless;       /* -l: until nobody reads any more, a closed pipe is an end and no failure */
	bool literal;       /* -f: statements as they are written, also behind flush and spdflush */
	bool dry_run;       /* sync: print the plan, change nothing */
	/* what is printed */
	char form[16];      /* --format as it was said */
	const struct format *format;
	bool show_keys, fingerprints, annotate;
	/* dump */
	struct filter filter;
	bool count;         /* numbers instead of objects */
	bool key_refs;      /* names in the place of keys */
	const char *keys_to; /* the file for those keys */
	/* lint */
	const struct report *report; /* the form of the findings */
	enum severity fail_on; /* from which on findings make the status 1; SEVERITY_OFF: never */
	struct levels levels; /* severities the user chose */
	const struct profile *profile; /* what the others have */
	enum fix fix;
	const char *baseline; /* a report whose findings are known */
	bool list_rules, no_config;
	bool no_keys;       /* keys that are elsewhere are not missed */
	/* keygen */
	bool allow_weak;    /* DES and 3DES too */
	struct wish wish;
};

/*
 * True for what can be part of a file's name, a comment and a key's name: letters, digits and . _ -, none of
 * these three first.
 */
bool is_plain_name(const char *name, size_t n);

/* True if colour is wanted on the stream. */
bool want_color(const struct settings *s, FILE *to);

/* Prints "setkey: ..." to standard error. */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Prints the findings there and forgets them; the counts stay. Returns STATUS_REFUSED if errors were among
 * them, or STATUS_OK.
 */
int complain_findings(struct diags *d, const struct settings *s);

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
