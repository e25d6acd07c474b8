/* SPDX-License-Identifier: ISC */
/* The words a shell completion asks for; not for people, so not in the usage. */
#include "cmd/cmd.h"

#include "model/names.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static void print_values(const struct opt *o)
{
	int n;
	const char *p = option_values(o, &n);

	for (const char *end = p + n; p < end; p += strcspn(p, "|]") + 1)
		printf("%.*s\n", (int)strcspn(p, "|]"), p);
}

/* Every rule, by number and by word. */
static void print_rules(const char *behind)
{
	for (const struct rule *r = rule_next(NULL); r != NULL; r = rule_next(r))
		printf("%s%s\t%s\n%s%s\t%s\n", r->id, behind, r->summary, r->name, behind, r->summary);
}

static void print_levels(void)
{
	for (int i = SEVERITY_OFF; i <= SEVERITY_ERROR; i++)
		puts(severity_word((enum severity)i));
}

/* Placeholders of values in the usage for which there are words all the same. */
static void print_named(const char *arg, bool behind_id)
{
	if (strcmp(arg, "ID=LEVEL") == 0 && behind_id)
		print_levels();
	else if (strncmp(arg, "ID", 2) == 0)
		print_rules(arg[2] == '=' ? "=" : "");
}

/*
 * The words an option takes with the command; NULL: with the classic letters. behind_id: those after the = in
 * ID=LEVEL.
 */
static void values_of(const char *name, const char *command, bool behind_id)
{
	const struct cmd *c = command != NULL ? command_find(command) : &compat_command;
	const struct opt *o;

	for (size_t i = 0; c != NULL && (o = command_option(c, i)) != NULL; i++)
		if (strcmp(o->name, name) == 0 && o->arg != NULL && !isupper((unsigned char)*o->arg))
			print_values(o);
		else if (strcmp(o->name, name) == 0 && o->arg != NULL)
			print_named(o->arg, behind_id);
}

static void options_of(const struct cmd *c)
{
	const struct opt *o;

	for (const struct letter *l = compat_letters; c == &compat_command && l->letter != NULL; l++)
		if (l->help != NULL)
			printf("-%c\t%s\n", *l->letter, l->help);
	for (size_t i = 0; c != NULL && (o = command_option(c, i)) != NULL; i++) {
		if (o->letter != 0)
			printf("-%c\t%s\n", o->letter, o->help);
		printf("--%s%s\t%s\n", o->name, o->arg ? "=" : "", o->help);
	}
}

static void print_protocols(void)
{
	for (const struct name *p = proto_names; p->word != NULL; p++)
		puts(p->word);
}

/* In the usage, fixed words are in lower case. */
static void print_words(const char *args)
{
	for (const char *p = args; *p != '\0'; p += strspn(p, "[]| .")) {
		int n = (int)strcspn(p, "[]| .");

		if (n > 0 && islower((unsigned char)*p))
			printf("%.*s\n", n, p);
		p += n;
	}
}

static void print_keyed(void)
{
	size_t n;
	const struct alg *table = alg_table(&n);

	for (size_t i = 0; i < n; i++)
		if (!(table[i].flags & ALG_ABSENT) && table[i].maxbits > 0)
			printf("%s\n", table[i].name);
}

/*
 * The operands that are fixed words. After "sa" a protocol may follow, after others only what may be
 * repeated.
 */
static void operands_of(const struct cmd *c, const char *before)
{
	if (c == NULL)
		return;
	if (strstr(c->args, "ALG") != NULL)
		print_keyed();
	else if (*before == '\0' || strstr(c->args, "...") != NULL)
		print_words(c->args);
	else if (strcmp(before, "sa") == 0 && strstr(c->args, "PROTO") != NULL)
		print_protocols();
}

/* Every word that may follow -E, -A and -C; for an alias also its algorithm. */
static void print_algorithms(void)
{
	size_t count;
	const struct alg *table = alg_table(&count);

	for (size_t i = 0; i < count; i++) {
		printf("%s\t%s\n", table[i].name, alg_option(table[i].kind));
		if (table[i].alias != NULL)
			printf("%s\t%s %s\n", table[i].alias, alg_option(table[i].kind), table[i].name);
	}
}

/*
 * complete commands | options [CMD] | operands CMD [OPERAND] | values OPTION [CMD [ID]] | algorithms |
 * counters: one word a line, after a tab what it means.
 */
int cmd_complete(struct settings *s, int argc, char **argv)
{
	const char *what = argc > 0 ? argv[0] : "", *of = argc > 1 ? argv[1] : NULL;

	(void)s;
	if (strcmp(what, "commands") == 0) {
		for (const struct cmd *c = commands; c->name != NULL; c++)
			if (c->help != NULL)
				printf("%s\t%s\n", c->name, c->help);
	} else if (strcmp(what, "options") == 0) {
		options_of(of ? command_find(of) : &compat_command);
	} else if (strcmp(what, "operands") == 0 && of != NULL) {
		operands_of(command_find(of), argc > 2 ? argv[2] : "");
	} else if (strcmp(what, "values") == 0 && of != NULL) {
		values_of(of, argc > 2 ? argv[2] : NULL, argc > 3);
	} else if (strcmp(what, "algorithms") == 0) {
		print_algorithms();
	} else if (strcmp(what, "counters") == 0) {
		for (const struct counter *c = counters; c->name != NULL; c++)
			printf("%s\t%s\n", c->name, c->summary);
	} else {
		return STATUS_USAGE;
	}
	return STATUS_OK;
}
