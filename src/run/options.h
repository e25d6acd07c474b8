/* The tables of options and commands, and what reads a command line by them. */
#ifndef RUN_OPTIONS_H
#define RUN_OPTIONS_H

#include "run/settings.h"

/* One option; getopt, usage, completion and the manual all come from the rows. */
struct opt {
	const char *name;   /* long name */
	char letter;        /* 0: none */
	/* NULL: a flag; words with | between are all there are; in brackets: it may be left out */
	const char *arg;
	const char *help;
	bool (*set)(void *to, const char *value); /* false: value not understood */
	size_t at;          /* in struct settings: what it sets, 0 for several things */
	unsigned filter;    /* enum filter_bit: what it asks of objects; 0: nothing */
};

extern const struct opt options[]; /* ends with a NULL name */

struct cmd {
	const char *name, *args, *help;
	/*
	 * Long names of the options it takes besides the common ones, with blanks between; after one, = and
	 * the words it takes here, of which the first is the default.
	 */
	const char *opts;
	unsigned keeps;     /* privileges: KEEP_... of base/privilege.h */
	int (*run)(struct settings *s, int argc, char **argv); /* operands only; returns an exit status */
};

extern const struct cmd commands[]; /* ends with a NULL name; main.c's table */

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

/*
 * As options_read, for options that stand elsewhere, words beginning with --; what was not said stays as it
 * is.
 */
int options_again(struct settings *s, const struct cmd *c, int argc, char **argv);

#endif
