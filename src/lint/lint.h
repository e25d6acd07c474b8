/* Judges statements: what no kernel would take, and what is likely a mistake. Reads the model, changes nothing. */
#ifndef LINT_LINT_H
#define LINT_LINT_H

#include "model/model.h"
#include "text/diag.h"

/* The families of rules; each ends with a row whose id is NULL. */
extern const struct rule sa_rules[], policy_rules[], growth_rules[];

/* Judges each statement from index first on, names resolved, by itself. */
void lint_conf(const struct conf *conf, size_t first, struct diags *diags);

/* Looks for what a kernel takes ever longer to load; hashes_networks: the one meant is 6.12 or later. */
void lint_growth(const struct conf *conf, bool hashes_networks, struct diags *diags);

/* The rest is for lint/ only. */

struct lint {
	const struct stmt *stmt;
	struct diags *diags;
};

void lint_sa(struct lint *l, const struct sa *sa);
void lint_policy(struct lint *l, const struct policy *policy);

/* Adds a finding of the rule at a part of the statement. */
void lint_add(struct lint *l, const struct rule *rule, enum part part, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
