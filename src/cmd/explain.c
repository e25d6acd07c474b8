/* SPDX-License-Identifier: ISC */
/*
 * setkey explain: what a diagnostic means and how to mend it, from the rules' own rows; and the kernel's
 * counters.
 */
#include "cmd/cmd.h"

#include "text/explain.h"

#include <string.h>

static void print_rule(const struct rule *r)
{
	const struct explanation *more = explain_find(r->id);

	printf("%s %s (%s): %s\n\n%s\n", r->id, r->name, severity_word(r->severity), r->summary, more->text);
	if (more->ref != NULL)
		printf("\nSee %s.\n", more->ref);
}

static void print_counter(const struct counter *c)
{
	printf("%s: packets %s\n\n%s\n\nSee /proc/net/xfrm_stat.\n", c->name, c->summary,
	       explain_find(c->name)->text);
}

/* [key-length], key-length:, and what follows the name of a counter: as it is copied out of messages. */
static size_t trim_word(const char **word)
{
	*word += strspn(*word, "[ ");
	return strcspn(*word, "]:,. \t");
}

int cmd_explain(struct settings *s, int argc, char **argv)
{
	int status = STATUS_OK;

	(void)s;
	for (const struct rule *r = rule_next(NULL); argc == 0 && r != NULL; r = rule_next(r))
		printf("%s  %-20s %s\n", r->id, r->name, r->summary);
	for (int i = 0; i < argc; i++) {
		const char *word = argv[i];
		size_t n = trim_word(&word);
		const struct rule *r = rule_find(word, n);
		const struct counter *c = counter_find(word, n);

		if (i > 0)
			putchar('\n');
		if (r != NULL) {
			print_rule(r);
			continue;
		}
		if (c != NULL) {
			print_counter(c);
			continue;
		}
		error("no diagnostic is called %s, nor a counter of /proc/net/xfrm_stat; `setkey explain` "
		         "lists the diagnostics",
		         argv[i]);
		status = STATUS_ERROR;
	}
	return status;
}
