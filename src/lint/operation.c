/* Advice about what loading the files does to a host that runs: what is lost, cut off, or fails the second time. */
#include "lint/lint.h"

enum { LATE_FLUSH };

const struct rule operation_rules[] = {
	[LATE_FLUSH] = { "SK402", "late-flush", SEVERITY_ERROR, "a later file empties what earlier ones loaded",
		"Files loaded together, as those of a .d directory, are one configuration: a flush in any but\n"
		"the first throws away what stands before it.", NULL },
	{ NULL, NULL, 0, NULL, NULL, NULL }
};

static bool makes_something(const struct stmt *s, bool policies)
{
	return policies ? s->verb == VERB_SPDADD || s->verb == VERB_SPDUPDATE : lint_makes_sa(s);
}

/* A flush in another file than that of something before it. */
static void late_flushes(const struct unit *u)
{
	const struct stmt *made[2] = { NULL, NULL };

	for (size_t i = 0; i < u->conf->n; i++) {
		const struct stmt *s = u->conf->stmt[i];
		bool policies = verb_is_policy(s->verb);
		struct lint l = { s, u->diags };

		if (makes_something(s, policies) && made[policies] == NULL)
			made[policies] = s;
		if ((s->verb != VERB_FLUSH && s->verb != VERB_SPDFLUSH) || made[policies] == NULL || made[policies]->src == s->src)
			continue;
		lint_add(&l, &operation_rules[LATE_FLUSH], PART_VERB, "this throws away what %s adds", made[policies]->src->name);
		diag_also(u->diags, made[policies]->src, stmt_part(made[policies], PART_VERB), "added here");
	}
}

void lint_operation(const struct unit *u)
{
	late_flushes(u);
}
