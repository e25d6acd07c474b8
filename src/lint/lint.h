/* Judges statements: what no kernel would take, and what is likely a mistake. Reads the model, changes nothing. */
#ifndef LINT_LINT_H
#define LINT_LINT_H

#include "model/model.h"
#include "text/diag.h"

/*
 * The families of rules; each ends with a row whose id is NULL. Those of the first line belong to every
 * check, and their errors are what no kernel takes; those of the second are advice, given by lint_unit alone.
 */
extern const struct rule sa_rules[], policy_rules[], growth_rules[];
extern const struct rule crypto_rules[], key_rules[], match_rules[], operation_rules[], file_rules[];

/* Judges each statement from index first on, names resolved, by itself. */
void lint_conf(const struct conf *conf, size_t first, struct diags *diags);

/* Looks for what a kernel takes ever longer to load; hashes_networks: the one meant is 6.12 or later. */
void lint_growth(const struct conf *conf, bool hashes_networks, struct diags *diags);

/* Everything that is to be judged together, in the order in which it would be loaded. */
struct unit {
	const struct conf *conf;
	struct source *const *source; /* in order */
	size_t nsources;
	struct diags *diags;
};

/* All rules: those of lint_conf and lint_growth, and the advice. Host names need not be resolved. */
void lint_unit(const struct unit *unit);

/* What lint does not know of rules: those of the parser, and which of all are about what no kernel takes. */
struct rule_names {
	const struct rule *(*find)(const char *word, size_t n);
	bool (*is_fixed)(const struct rule *rule);
};

/* Takes back the findings that comments put aside, and finds fault with those comments. Comes last. */
extern const struct rule suppress_rules[];
void lint_suppress(const struct unit *unit, const struct rule_names *names);

/* The rest is for lint/ only. */

struct lint {
	const struct stmt *stmt;
	struct diags *diags;
};

/* The rules of one statement. */
void lint_sa(struct lint *l, const struct sa *sa);
void lint_policy(struct lint *l, const struct policy *policy);
void lint_crypto(struct lint *l, const struct sa *sa);

/* The rules that look at all statements at once: hashed or sorted, never each against each. */
void lint_keys(const struct unit *unit);
void lint_match(const struct unit *unit);
void lint_operation(const struct unit *unit);
void lint_files(const struct unit *unit);

/* Adds a finding of the rule at a part of the statement. */
void lint_add(struct lint *l, const struct rule *rule, enum part part, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* True if the statement makes an SA, or replaces one. */
bool lint_makes_sa(const struct stmt *s);

#endif
