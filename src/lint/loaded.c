/* SPDX-License-Identifier: ISC */
/* Reports what is added twice, and adds findings about entries of the tables. */
#include "lint/loaded.h"

const struct rule loaded_rules[] = {
	[DUPLICATE_SA] = { "SK301", "duplicate-sa", SEVERITY_ERROR, "an SA is added twice" },
	[DUPLICATE_POLICY] = { "SK302", "duplicate-policy", SEVERITY_ERROR, "a policy is added twice" },
	[DUPLICATE_INDEX] = { "SK329", "duplicate-index", SEVERITY_WARNING,
		"an index that another policy has" },
	{ NULL, NULL, 0, NULL }
};

/* Adds a finding at the part of the later statement, with a note at that of the earlier one. */
static void add_pair(const struct lint_input *u, const struct duplicate *d, enum part part,
                     const char *message,
                     const char *note)
{
	const struct stmt *later = u->conf->stmt[d->number - 1], *earlier = u->conf->stmt[d->other - 1];

	diag_add(u->diags, &loaded_rules[d->of], later->src, stmt_part(later, part), "%s", message);
	diag_note(u->diags, earlier->src, stmt_part(earlier, part), "%s", note);
}

static void add_duplicate_policy(const struct lint_input *u, const struct duplicate *d)
{
	bool copies = u->conf->stmt[d->number - 1]->policy.dir != d->dir,
	     copied = u->conf->stmt[d->other - 1]->policy.dir != d->dir;

	add_pair(u, d, PART_DIR,
	         copies ? "the forward copy of the policy exists already" :
	         copied ? "the forward copy of an inbound policy exists already" :
	                  "a policy with the same selector and direction exists already",
	         copied ? "the inbound policy that is copied to fwd" : "first added here");
	diag_hint(u->diags, copied || copies ? "use -k to make no forward copies" :
	          "use spdupdate to replace it");
}

static void add_duplicate(const struct lint_input *u, const struct duplicate *d)
{
	if (d->of == DUPLICATE_INDEX && u->twice == TWICE_ALL)
		add_pair(u, d, PART_INDEX, "another policy has the same index: Linux picks a new one",
		         "first given here");
	else if (d->of == DUPLICATE_SA && u->twice != TWICE_COPIES)
		add_pair(u, d, PART_SPI, "an SA with the same destination, protocol and SPI exists already",
		         "first added here");
	else if (d->of == DUPLICATE_POLICY && (d->is_fwd_clash || u->twice != TWICE_COPIES))
		add_duplicate_policy(u, d);
}

void loaded_read(struct loaded *l, const struct lint_input *unit, bool incomplete)
{
	l->unit = unit;
	tables_read(&l->tables, unit->conf, unit->kernel_fwd);
	l->tables.unknown |= incomplete;
	for (size_t i = 0; i < l->tables.nduplicates; i++)
		add_duplicate(unit, &l->tables.duplicate[i]);
}

void loaded_free(struct loaded *l)
{
	tables_free(&l->tables);
	*l = (struct loaded){ 0 };
}

const struct entry *loaded_policy(const struct loaded *l, uint32_t number)
{
	return &l->tables.policy[number - 1];
}

void loaded_add(const struct loaded *l, const struct entry *e, const struct rule *rule, enum part part,
                const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	diag_vadd(l->unit->diags, rule, e->stmt->src, stmt_part(e->stmt, part), fmt, ap);
	va_end(ap);
}

void loaded_note(const struct loaded *l, const struct entry *e, enum part part, const char *message)
{
	diag_note(l->unit->diags, e->stmt->src, stmt_part(e->stmt, part), "%s", message);
}
