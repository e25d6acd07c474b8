/* The engine: walks the statements and hands each, and then all of them, to the families of rules. */
#include "lint/lint.h"

#include "lint/loaded.h"

void lint_add(struct lint *l, const struct rule *rule, enum part part, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	diag_vadd(l->diags, rule, l->stmt->src, stmt_part(l->stmt, part), fmt, ap);
	va_end(ap);
}

bool lint_makes_sa(const struct stmt *s)
{
	return s->verb == VERB_ADD || s->verb == VERB_UPDATE;
}

void lint_conf(const struct conf *conf, size_t first, struct diags *diags)
{
	for (size_t i = first; i < conf->n; i++) {
		struct lint l = { conf->stmt[i], diags };

		if (l.stmt->bad)
			continue;
		if (verb_is_policy(l.stmt->verb))
			lint_policy(&l, &l.stmt->policy);
		else
			lint_sa(&l, &l.stmt->sa);
	}
}

void lint_unit(const struct unit *u)
{
	struct loaded loaded;

	loaded_read(&loaded, u, u->diags->errors > 0);
	lint_conf(u->conf, 0, u->diags);
	lint_growth(u->conf, false, u->diags);
	for (size_t i = 0; i < u->conf->n; i++) {
		struct lint l = { u->conf->stmt[i], u->diags };

		if (l.stmt->bad)
			continue;
		if (lint_makes_sa(l.stmt))
			lint_crypto(&l, &l.stmt->sa);
		lint_advice(&l);
	}
	lint_keys(u);
	lint_match(&loaded);
	lint_order(&loaded);
	lint_operation(&loaded);
	lint_lockout(&loaded);
	lint_files(u);
	loaded_free(&loaded);
}
