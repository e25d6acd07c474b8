/* SPDX-License-Identifier: ISC */
/* The classic command line: letters to the same internals, nothing else. */
#include "compat.h"

#include "base/privilege.h"
#include "cmd/cmd.h"
#include "model/names.h"
#include "run/unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char compat_usage[] =
	"usage: setkey -f FILE [-f FILE ...]    run the statements of files (\"-\" is standard input)\n"
	"       setkey -c                       statements from standard input, each run at its ;\n"
	"       setkey -e 'STATEMENTS'          run a string\n"
	"       setkey -D [-P] [-apN]           dump the SAD, with -P the SPD\n"
	"       setkey -D [-P] -l               again every second, the SAD as a short table\n"
	"       setkey -F [-P]                  flush the SAD, with -P the SPD\n"
	"       setkey -x [-x] [-H]             print what the kernel tells, as it happens\n"
	"       setkey FILE ...                 print files of binary PF_KEY or XFRM messages\n"
	"       setkey COMMAND ...\n";

static bool set_rfc(void *to, const char *v)
{
	(void)v;
	*(bool *)to = false;
	return true;
}

static const struct opt classic_options[] = {
	{ "check", 'n', NULL, "check only: needs no root and no kernel", set_flag, &settings.check_only, 0 },
	OPT_VERBOSE,
	{ "hex", 'H', NULL, "print every message sent in hex", set_flag, &settings.hex, 0 },
	OPT_NO_FWD,
	{ "rfc", 'r', NULL, "RFC semantics (the default): inbound policies are copied to fwd", set_rfc, &settings.kernel_fwd, 0 },
	OPT_INSECURE,
	OPT_SHOW_KEYS,
	OPT_PORTS,
	OPT_NO_SOCKET,
	{ "literal", 0, NULL, "send the statements of -f and -e as they are written, also after flush and spdflush", set_flag,
	  &settings.literal, 0 },
	OPT_END
};

const struct cmd compat_command = {
	.name = "setkey", .opts = classic_options, .keeps = KEEP_NET_ADMIN | KEEP_READ_FILES | KEEP_PROCESSES
};

const struct letter compat_letters[] = {
	{ "f:", "run the statements of a file" },
	{ "c", "statements from standard input, each run at its ;" },
	{ "e:", "run a string of statements" },
	{ "D", "dump the SAD" },
	{ "F", "flush the SAD" },
	{ "P", "with -D or -F: the SPD" },
	{ "l", "with -D: a short table, again every second" },
	{ "x", "print what the kernel tells, as it happens; twice: with seconds since the epoch" },
	{ "a", "with -D: dead SAs too" },
	/* These choose a scope on FreeBSD: Linux has none. */
	{ "g", NULL },
	{ "t", NULL },
	{ NULL, NULL }
};

/* What the letters asked for; of the modes the last one counts. */
struct classic {
	int mode;
	bool policy, forever, dead;
	unsigned epoch;        /* how often -x was given */
	struct load_arg *given;
	size_t n, cap;
};

static void read_letter(void *arg, int letter, char *value)
{
	struct classic *c = arg;

	switch (letter) {
	case 'f': case 'e':
		c->given = memory_grow(c->given, c->n, &c->cap, sizeof(*c->given));
		c->given[c->n++] = (struct load_arg){ value, letter == 'e' };
		c->mode = 'f';
		break;
	case 'P':
		c->policy = true;
		break;
	case 'l':
		c->forever = true;
		break;
	case 'a':
		c->dead = true;
		break;
	case 'c': case 'D': case 'F': case 'x':
		c->mode = letter;
		c->epoch += letter == 'x';
		break;
	}
}

static const char first_page[] =
	"usage: setkey -f FILE              load a file of statements\n"
	"\n"
	"  setkey lint FILE                 what is wrong with a file: needs no root and no kernel\n"
	"  setkey try FILE                  load it, and go back by itself unless you confirm\n"
	"  setkey diff FILE                 what differs between the kernel and a file\n"
	"  setkey -DP; setkey -D            show the policies; show the SAs\n"
	"  setkey keygen --pair A B         make keys and a configuration for two hosts\n"
	"  setkey explain ID                what a message means, and what to do\n"
	"\n"
	"`setkey help` lists all commands, `setkey help COMMAND` the options of one.\n";

/* Whoever types the name and nothing else wants to know what it is. */
static int print_usage_alone(void)
{
	fputs(first_page, stderr);
	return STATUS_USAGE;
}

static int print_usage(void)
{
	fprintf(stderr, "%s`setkey --help` says more.\n", compat_usage);
	return STATUS_USAGE;
}

static int run_classic(struct settings *s, const struct classic *c)
{
	static char sa[] = "sa", policy[] = "policy";
	char *what[] = { c->policy ? policy : sa };

	s->hex_keys = s->show_keys;
	if (c->mode != 'f')
		privilege_keep(KEEP_NET_ADMIN);
	if (c->mode == 'x')
		return s->check_only ? STATUS_OK : monitor_classic(s, c->epoch);
	s->show_keys = true; /* as ever: whoever may read the SAD may see them */
	switch (c->mode) {
	case 'f':
		return load_files(s, c->given, c->n);
	case 'c':
		return load_interactive(s);
	case 'D':
		if (c->forever && !s->check_only)
			return dump_for_ever(s, c->policy);
		return dump_classic(s, c->policy);
	case 'F':
		return flush_classic(s, 1, what);
	default:
		if (c->policy)
			error("-P goes with -D or -F");
		return print_usage();
	}
}

/* setkey add 192.0.2.1 ..., setkey 'flush;', setkey -c 'flush;' */
static bool is_statement(const char *word)
{
	return unit_is_statements(word) ||
	       (verb_find(word, strlen(word)) != VERB_NONE && access(word, F_OK) != 0);
}

static void complain_unknown(const char *word)
{
	const char *near = command_nearest(word);

	if (near != NULL)
		error("%s is neither a command nor a file; did you mean %s?", word, near);
	else
		error("%s is neither a command nor a file; `setkey --help` lists the commands", word);
}

/*
 * Behind letters that take no value; 0: there is none. A statement has options of its own, which are none of
 * ours.
 */
static int first_word(int argc, char **argv)
{
	int i = 1;

	while (i < argc && argv[i][0] == '-' && argv[i][1] != '\0' &&
	       strspn(argv[i] + 1, "nvHkr") == strlen(argv[i]) - 1)
		i++;
	return i < argc && argv[i][0] != '-' ? i : 0;
}

int compat_main(struct settings *s, int argc, char **argv)
{
	struct classic c = { 0 };
	int word = first_word(argc, argv);
	int first = word > 0 && is_statement(argv[word]) ?
	                    word :
	                    options_read(&compat_command, argc, argv, read_letter, &c);
	int status;

	s->hide_dead = !c.dead;
	if (argc == 1 && isatty(STDERR_FILENO)) {
		status = print_usage_alone();
	} else if (first < 0) {
		status = print_usage();
	} else if (s->help || s->version) {
		status = STATUS_OK;
	} else if (first < argc && c.mode == 0 && command_find(argv[first]) != NULL &&
	           access(argv[first], F_OK) != 0) {
		if (verb_find(argv[first], strlen(argv[first])) != VERB_NONE)
			error("write the command first: setkey %s ...; or for the statement "
			         "write setkey -e 'STATEMENTS'",
			         argv[first]);
		else
			error("write the command first: setkey %s ...", argv[first]);
		status = STATUS_USAGE;
	} else if (first < argc && c.mode != 'f' && is_statement(argv[first])) {
		error(c.mode == 'c' ?
		                 "-c reads statements from standard input; write setkey -e 'STATEMENTS'" :
		                 "a statement is no command; write setkey -e 'STATEMENTS'");
		status = STATUS_USAGE;
	} else if (first < argc && c.mode == 0 && access(argv[first], F_OK) != 0) {
		complain_unknown(argv[first]);
		status = STATUS_SYSTEM;
	} else if (first < argc && c.mode == 'f') {
		error("%s: each file of statements takes its own -f", argv[first]);
		status = STATUS_USAGE;
	} else if (first < argc) {
		s->show_keys = true;
		privilege_keep(KEEP_READ_FILES);
		status = cmd_decode(s, argc - first, argv + first);
	} else {
		status = run_classic(s, &c);
	}
	free(c.given);
	return status;
}
