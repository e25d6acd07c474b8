/* The engine: walks the statements and hands each to its family of rules. */
#include "lint/lint.h"

void lint_add(struct lint *l, const struct rule *rule, enum part part, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	diag_vadd(l->diags, rule, l->stmt->src, stmt_part(l->stmt, part), fmt, ap);
	va_end(ap);
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
