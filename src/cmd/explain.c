/* setkey explain: what a diagnostic means and how to mend it, from the rules' own rows. */
#include "cmd/cmd.h"

#include "config/parse.h"
#include "config/resolve.h"
#include "lint/lint.h"

#include <string.h>
#include <strings.h>

static const struct rule *const families[] = { parse_rules, resolve_rules, sa_rules, policy_rules, growth_rules, kernel_rules };

enum { FAMILIES = sizeof(families) / sizeof(families[0]) };

static void print_rule(const struct rule *r)
{
	static const char *const severities[] = { "info", "warning", "error" };

	printf("%s %s (%s): %s\n\n%s\n", r->id, r->word, severities[r->severity], r->summary, r->explain);
	if (r->ref != NULL)
		printf("\nSee %s.\n", r->ref);
}

static bool is_it(const struct rule *r, const char *word)
{
	return word == NULL || strcasecmp(r->id, word) == 0 || strcmp(r->word, word) == 0;
}

static bool explain(const char *word)
{
	bool found = false;

	for (size_t i = 0; i < FAMILIES; i++) {
		for (const struct rule *r = families[i]; r->id != NULL; r++) {
			if (!is_it(r, word))
				continue;
			if (word != NULL)
				print_rule(r);
			else
				printf("%s  %-20s %s\n", r->id, r->word, r->summary);
			found = true;
		}
	}
	return found;
}

int cmd_explain(struct settings *s, int argc, char **argv)
{
	int status = STATUS_OK;

	(void)s;
	if (argc == 0)
		explain(NULL);
	for (int i = 0; i < argc; i++) {
		if (i > 0)
			putchar('\n');
		if (explain(argv[i]))
			continue;
		complain("no diagnostic is called %s; `setkey explain` lists them", argv[i]);
		status = STATUS_REFUSED;
	}
	return status;
}
