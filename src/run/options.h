/* SPDX-License-Identifier: ISC */
/* Tables of options and commands, and the reader of command lines that uses them. */
#ifndef RUN_OPTIONS_H
#define RUN_OPTIONS_H

#include "run/settings.h"

/*
 * One option of a command; getopt, usage, completion and the manual are made from the row. It points at what
 * it sets: a variable of that command, or a member of settings that several commands share.
 */
struct opt {
	const char *name;   /* long name */
	char letter;        /* 0: none */
	/* NULL: a flag. Words separated by | are the only values. In brackets: the value is optional. */
	const char *arg;
	const char *help;
	/* false: not understood. NULL: the place of the value among those listed goes to an unsigned. */
	bool (*set)(void *to, const char *value);
	void *to;
	unsigned bits;      /* free for the command: read from the rows of the options given */
};

enum { OPTIONS_MAX = 64, COMMANDS_MAX = 64 };

/* What shared options set; main hands it to the command. */
extern struct settings settings;

/* Options of every command, and rows that several commands have in their tables. */
extern const struct opt common_options[]; /* ends with a NULL name */

#define OPT_SHOW_KEYS \
	{ "show-keys", 0, NULL, "print keys instead of masking them", set_flag, &settings.show_keys, 0 }
#define OPT_FINGERPRINTS \
	{ "fingerprints", 0, NULL, "print a short hash of each key, by which two people can compare them", set_flag, \
	  &settings.fingerprints, 0 }
#define OPT_ANNOTATE \
	{ "annotate", 0, NULL, "one more line for each field and attribute", set_flag, &settings.annotate, 0 }
#define OPT_VERBOSE \
	{ "verbose", 'v', NULL, "print every message sent and received, decoded", set_flag, &settings.verbose, 0 }
#define OPT_NO_FWD \
	{ "no-fwd", 'k', NULL, "kernel semantics: no forward copy of inbound policies", set_flag, &settings.kernel_fwd, 0 }
#define OPT_INSECURE \
	{ "insecure", 0, NULL, "take files too that others may write, and keys that others can read", set_flag, \
	  &settings.insecure, 0 }
#define OPT_SET \
	{ "name", 0, "NAME", "a set of its own, beside all else: letters, digits and . _ -, 64 at most", set_set_name, \
	  &settings.set, 0 }
#define OPT_FORCE \
	{ "force", 0, NULL, "replace what is not of the set, and cut off what the guard keeps", set_flag, &settings.force, 0 }
#define OPT_PORTS { "ports", 'p', NULL, "show ports", set_flag, &settings.ports, 0 }
#define OPT_NO_SOCKET { "no-socket", 'N', NULL, "hide per-socket policies", set_flag, &settings.no_socket, 0 }
#define OPT_FORMAT \
	{ "format", 0, "classic|conf|json|ip|table|dot|html", "form of the output", set_format, &settings.format, 0 }
#define OPT_END { NULL, 0, NULL, NULL, NULL, NULL, 0 }

/*
 * Setters for rows. to points at a bool, a const char *, a struct words, a uint32_t, a const struct format *.
 */
bool set_flag(void *to, const char *v);
bool set_text(void *to, const char *v);
bool set_words(void *to, const char *v);
bool set_plain_name(void *to, const char *v); /* a const char * again, is_plain_name */
bool set_set_name(void *to, const char *v);   /* the same of at most 64 bytes: a file is named by it */
bool set_number(void *to, const char *v);
bool set_format(void *to, const char *v);
/* A uint8_t: enum proto, mode, direction */
bool set_proto(void *to, const char *v);
bool set_mode(void *to, const char *v);
bool set_dir(void *to, const char *v);

struct cmd {
	const char *name, *args, *help;
	const struct opt *opts; /* besides the common ones; ends with a NULL name, at most OPTIONS_MAX */
	unsigned keeps;     /* privileges: KEEP_... of base/privilege.h */
	int (*run)(struct settings *s, int argc, char **argv); /* operands only; returns an exit status */
};

extern const struct cmd commands[]; /* ends with a NULL name; main.c's table */

/* The command of this name, or NULL. */
const struct cmd *command_find(const char *name);

/* The command that the word is probably a misspelling of, or NULL. */
const char *command_nearest(const char *word);

/* The index of the first word after common long options and their values; 0: there is none. */
size_t options_common(int argc, char **argv);

/* Option i of the command, from 0; common options come after its own. NULL: no more. */
const struct opt *command_option(const struct cmd *c, size_t i);

/*
 * The values that the option takes, or the name of its value, without brackets; n: its bytes. NULL: a flag.
 */
const char *option_values(const struct opt *o, int *n);

/* The classic command line: its options, and further letters. */
extern const struct cmd compat_command;

struct letter {
	const char *letter; /* for getopt: with a ':' if it takes a value */
	const char *help;   /* NULL: accepted without effect */
};

extern const struct letter compat_letters[]; /* ends with a NULL letter; compat.c's table */

/*
 * Reads the options of the command from argv, which begins with the command's name, and sets what their rows
 * point at. classic is called for letters of the classic command line; NULL: these are errors. Returns the
 * index of the first operand, or -1 after complaining.
 */
int options_read(const struct cmd *c, int argc, char **argv,
                 void (*classic)(void *arg, int letter, char *value), void *arg);

/*
 * The same for options that are not from the command line, as words that begin with --. Options that are not
 * given keep their values.
 */
int options_reparse(const struct cmd *c, int argc, char **argv);

#endif
