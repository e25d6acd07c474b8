/* SPDX-License-Identifier: ISC */
/* Runs the families of rules: those for one statement, and then those that compare statements. */
#include "lint/lint.h"

#include "lint/loaded.h"

#include <string.h>

void lint_add(struct lint *l, const struct rule *rule, enum part part, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	diag_vadd(l->diags, rule, l->stmt->src, stmt_part(l->stmt, part), fmt, ap);
	va_end(ap);
}

/* Reports the finding that is held, and how many more there are. */
static void report_held(struct limiter *t, struct diags *diags, size_t more)
{
	struct lint l = { t->held, diags };

	if (t->held == NULL)
		return;
	if (more > 0)
		lint_add(&l, t->rule, t->part, "%s (and %zu more in this file)", t->words, more);
	else
		lint_add(&l, t->rule, t->part, "%s", t->words);
	if (t->hint != NULL)
		diag_hint(diags, "%s", t->hint);
	t->held = NULL;
}

struct limiter lint_limiter(const struct lint_input *u, const struct rule *rule, size_t most)
{
	return (struct limiter){ .rule = rule, .most = most, .suppressions = u->suppressions };
}

void lint_add_limited(struct lint *l, struct limiter *t, enum part part, const char *hint, const char *fmt,
                      ...)
{
	bool suppressed = lint_is_suppressed(t->suppressions, t->rule, l->stmt);
	char words[sizeof(t->words)];
	va_list ap;

	if (l->stmt->src != t->src)
		lint_flush(l->diags, t, 1);
	t->src = l->stmt->src;
	if (!suppressed && t->n++ >= t->most)
		return;
	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	if (suppressed) {
		lint_add(l, t->rule, part, "%s", words);
		return;
	}
	report_held(t, l->diags, 0);
	t->held = l->stmt;
	t->part = part;
	t->hint = hint;
	memcpy(t->words, words, sizeof(words));
}

void lint_flush(struct diags *diags, struct limiter *t, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		report_held(&t[i], diags, t[i].n > t[i].most ? t[i].n - t[i].most : 0);
		t[i].n = 0;
	}
}

void lint_conf(const struct conf *conf, struct diags *diags)
{
	for (size_t i = 0; i < conf->n; i++) {
		struct lint l = { conf->stmt[i], diags };

		if (l.stmt->has_error)
			continue;
		if (verb_is_policy(l.stmt->verb))
			lint_policy(&l, &l.stmt->policy);
		else
			lint_sa(&l, &l.stmt->sa);
	}
}

void lint_unit(const struct lint_input *u)
{
	struct loaded loaded;

	loaded_read(&loaded, u, u->diags->errors > 0);
	lint_conf(u->conf, u->diags);
	lint_scale(u->conf, false, u->diags);
	lint_style(u);
	lint_crypto(u);
	for (size_t i = 0; i < u->conf->n; i++) {
		struct lint l = { u->conf->stmt[i], u->diags };

		if (!l.stmt->has_error && verb_makes_policy(l.stmt->verb))
			lint_policy_advice(&l, &l.stmt->policy);
		else if (!l.stmt->has_error && verb_makes_sa(l.stmt->verb))
			lint_sa_advice(&l, &l.stmt->sa);
	}
	lint_keys(u);
	lint_policy_sa(&loaded);
	lint_policy_policy(&loaded);
	lint_opposite(&loaded);
	lint_loading(&loaded);
	lint_routing(&loaded);
	lint_lockout(&loaded);
	lint_permissions(u);
	loaded_free(&loaded);
}
