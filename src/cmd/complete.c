/* The words a shell completion asks for; not for people, so not in the usage. */
#include "cmd/cmd.h"

#include "model/names.h"

#include <stdio.h>
#include <string.h>

static void values_of(const char *name)
{
	for (const struct opt *o = options; o->name != NULL; o++) {
		if (strcmp(o->name, name) != 0 || o->arg == NULL)
			continue;
		for (const char *p = o->arg; *p != '\0'; p += *p == '|') {
			int n = (int)strcspn(p, "|");

			printf("%.*s\n", n, p);
			p += n;
		}
	}
}

static void options_of(const char *name)
{
	for (const struct cmd *c = commands; c->name != NULL; c++) {
		if (strcmp(c->name, name) != 0)
			continue;
		for (const struct opt *o = options; o->name != NULL; o++)
			if (command_takes(c, o))
				printf("--%s%s\n", o->name, o->arg ? "=" : "");
	}
}

/* complete commands | options CMD | values OPTION | algorithms */
int cmd_complete(struct settings *s, int argc, char **argv)
{
	size_t n;
	const struct alg *table = alg_table(&n);

	(void)s;
	if (argc == 0)
		return STATUS_USAGE;
	if (strcmp(argv[0], "commands") == 0)
		for (const struct cmd *c = commands; c->name != NULL; c++)
			printf(c->help ? "%s\n" : "", c->name);
	if (strcmp(argv[0], "algorithms") == 0)
		for (size_t i = 0; i < n; i++)
			puts(table[i].name);
	if (argc > 1 && strcmp(argv[0], "options") == 0)
		options_of(argv[1]);
	if (argc > 1 && strcmp(argv[0], "values") == 0)
		values_of(argv[1]);
	return STATUS_OK;
}
