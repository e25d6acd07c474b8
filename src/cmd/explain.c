/* setkey explain: what a diagnostic means and how to mend it, from the rules' own rows. */
#include "cmd/cmd.h"

#include <string.h>

static void print_rule(const struct rule *r)
{
	printf("%s %s (%s): %s\n\n%s\n", r->id, r->word, severity_word(r->severity), r->summary, r->explain);
	if (r->ref != NULL)
		printf("\nSee %s.\n", r->ref);
}

int cmd_explain(struct settings *s, int argc, char **argv)
{
	int status = STATUS_OK;

	(void)s;
	for (const struct rule *r = rule_next(NULL); argc == 0 && r != NULL; r = rule_next(r))
		printf("%s  %-20s %s\n", r->id, r->word, r->summary);
	for (int i = 0; i < argc; i++) {
		const struct rule *r = rule_find(argv[i], strlen(argv[i]));

		if (i > 0)
			putchar('\n');
		if (r != NULL) {
			print_rule(r);
			continue;
		}
		complain("no diagnostic is called %s; `setkey explain` lists them", argv[i]);
		status = STATUS_REFUSED;
	}
	return status;
}
