/* What subcommands share: settings, the tables of options, commands and rules, complaints, exit statuses. */
#ifndef CMD_CMD_H
#define CMD_CMD_H

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

/* One option; getopt, usage, completion and the manual all come from the rows. */
struct opt {
	const char *name;   /* long name */
	char letter;        /* 0: none */
	const char *arg;    /* NULL: a flag; words with | between are all there are; in brackets: it may be left out */
	const char *help;
	bool (*set)(void *to, const char *value); /* false: value not understood */
	size_t at;          /* in struct settings: what it sets, 0 for several things */
	unsigned filter;    /* enum filter_bit: what it asks of objects; 0: nothing */
};

extern const struct opt options[]; /* ends with a NULL name */

struct cmd {
	const char *name, *args, *help;
	const char *opts;   /* long names of the options it takes besides the common ones, with blanks between;
	                     * behind one = and the words it takes here, of which the first is the default */
	unsigned keeps;     /* privileges: KEEP_... of base/privilege.h */
	int (*run)(struct settings *s, int argc, char **argv); /* operands only; returns an exit status */
};

extern const struct cmd commands[]; /* ends with a NULL name; main.c's table */

/* The kinds of findings that commands have of their own; each ends with a row whose id is NULL. */
extern const struct rule input_rules[], hosts_rules[], mirror_rules[], peercheck_rules[];

/* Every rule there is, one after the other: NULL before the first and behind the last. */
const struct rule *rule_next(const struct rule *r);

/* One counter of /proc/net/xfrm_stat: packets that Linux dropped. */
struct counter {
	const char *name;    /* "XfrmInNoStates" */
	const char *summary; /* what packets, one line, lower case, no full stop */
};

/* Those of Linux 6.18, ending with a NULL name. */
extern const struct counter counters[];

/* In upper or lower case; NULL: none is called so. */
const struct counter *counter_find(const char *name);

/* The rule with this number, SK114 or 114, or word, key-length, in upper or lower case; NULL: none. */
const struct rule *rule_find(const char *word, size_t n);

/* True for an error that belongs to every check: what no kernel takes. */
bool rule_is_fixed(const struct rule *r);

/* NULL: none is called so. */
const struct cmd *command_find(const char *name);

/* The classic command line: the options that it takes, and letters besides. */
extern const struct cmd compat_command;

struct letter {
	const char *letter; /* for getopt: a ':' behind it if it takes a value */
	const char *help;   /* NULL: taken and without meaning here */
};

extern const struct letter compat_letters[]; /* ends with a NULL letter; compat.c's table */

/* True if the command takes the option. */
bool command_takes(const struct cmd *c, const struct opt *o);

/* What the option takes with this command, as in struct opt; n is its length. NULL: a flag. */
const char *command_values(const struct cmd *c, const struct opt *o, int *n);

/*
 * Reads the options of the command from argv, which begins with its name, into s.
 * Returns the index of the first operand, or -1 after complaining. classic
 * is handed the letters of the classic command line; NULL: they are none here.
 */
int options_read(struct settings *s, const struct cmd *c, int argc, char **argv,
                 void (*classic)(void *arg, int letter, char *value), void *arg);

/* As options_read, for options that stand elsewhere, words beginning with --; what was not said stays as it is. */
int options_again(struct settings *s, const struct cmd *c, int argc, char **argv);

int cmd_algorithms(struct settings *s, int argc, char **argv);
int cmd_complete(struct settings *s, int argc, char **argv);
int cmd_decode(struct settings *s, int argc, char **argv);
int cmd_dump(struct settings *s, int argc, char **argv);
int cmd_encode(struct settings *s, int argc, char **argv);
int cmd_explain(struct settings *s, int argc, char **argv);
int cmd_fmt(struct settings *s, int argc, char **argv);
int cmd_keygen(struct settings *s, int argc, char **argv);
int cmd_lint(struct settings *s, int argc, char **argv);
int cmd_flush(struct settings *s, int argc, char **argv);
int flush_classic(struct settings *s, int argc, char **argv); /* -F: what PF_KEY can empty, and no more */
int cmd_mirror(struct settings *s, int argc, char **argv);
int cmd_monitor(struct settings *s, int argc, char **argv);
int cmd_peercheck(struct settings *s, int argc, char **argv);

/* The classic -Dl: dumps every second, until a signal comes or nobody reads. */
int dump_for_ever(struct settings *s, bool policy);

/* True for what can be part of a file's name, a comment and a key's name: letters, digits and . _ -, none of these three first. */
bool is_plain_name(const char *name, size_t n);

/* True if colour is wanted on the stream. */
bool want_color(const struct settings *s, FILE *to);

/* Prints "setkey: ..." to standard error. */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Prints the findings there and forgets them; the counts stay. Returns STATUS_REFUSED if errors were among them, or STATUS_OK. */
int complain_findings(struct diags *d, const struct settings *s);

/* Warns, once, if what is written to standard output goes where others can read it: call it before keys do. */
void warn_if_open(void);

/* The same if keys are shown and the object has one. */
void warn_of_keys(bool shown, const struct event *ev);

/* Appends a message in hex; without keys those are zeros. */
void add_hex(const struct wire *wire, const uint8_t *bytes, size_t len, bool keys, struct buf *out);

/* What the settings and the terminal ask of a printer. */
struct print_opts print_opts(const struct settings *s);

/* What one -f or -e names: a file, or the statements themselves. */
struct given {
	char *value; /* text is overwritten once it is read: others can see a command line */
	bool text;
};

/* All of them in their order, read and judged before anything is sent. */
int load_given(const struct settings *s, struct given *given, size_t n);

/* Statements from standard input, each run when its ';' arrives: the classic -c. */
int load_interactive(const struct settings *s);

#endif
