/* SPDX-License-Identifier: ISC */
/*
 * setkey lint: files judged by every rule there is, without root or the network; with --kernel what the
 * kernel holds too.
 */
#include "cmd/lint.h"

#include "base/privilege.h"
#include "config/expand.h"
#include "config/resolve.h"
#include "lint/lint.h"

#include <stdlib.h>
#include <string.h>

/* How many findings make the status 1. */
static size_t count_failures(const struct diags *d, enum severity fail_on)
{
	size_t n = d->errors;

	if (fail_on <= SEVERITY_WARNING)
		n += d->warnings;
	if (fail_on <= SEVERITY_INFO)
		n += d->infos;
	return fail_on == SEVERITY_OFF ? 0 : n;
}

static int print_findings(const struct settings *s, const struct unit *in)
{
	const struct lint_choices *c = &lint_choices;
	struct buf out = { 0 };

	if (c->fix != FIX_DIFF)
		c->report->put(&in->diags, want_color(s, stdout), &out);
	buf_write(&out, stdout);
	buf_free(&out);
	return count_failures(&in->diags, c->fail_on) > 0 ? STATUS_ERROR : STATUS_OK;
}

static int list_rules(const struct report *form)
{
	struct buf out = { 0 };

	for (const struct rule *r = rule_next(NULL); form == reports && r != NULL; r = rule_next(r))
		buf_printf(&out, "%s  %-20s %-8s %s\n", r->id, r->name, severity_word(r->severity),
		           r->summary);
	if (strcmp(form->name, "json") == 0)
		report_rules(rule_next, &out);
	else if (form != reports)
		error("--list-rules is printed as text or json");
	buf_write(&out, stdout);
	return out.len > 0 ? buf_free(&out), STATUS_OK : STATUS_USAGE;
}

int cmd_lint(struct settings *s, int argc, char **argv)
{
	const struct lint_choices *c = &lint_choices;
	struct unit in = { .diags = { .levels = &c->levels } };
	struct baseline known = { 0 };
	int status = lint_choose(s, argc > 0 ? argv[0] : NULL);

	if (status == STATUS_OK && c->list_rules)
		return list_rules(c->report);
	if (status == STATUS_OK && c->baseline != NULL)
		status = baseline_read(&known, c->baseline);
	if (status != STATUS_OK) {
		baseline_free(&known);
		return status;
	}
	if (c->kernel)
		status = unit_kernel(&in, s);
	if (!c->kernel || argc > 0)
		status = status_worse(status, lint_read(&in, argc, argv));
	privilege_keep(KEEP_READ_FILES);
	unit_parse(&in, s);
	privilege_keep(0);
	unit_lint(&in, s, c->profile);
	baseline_filter(&known, &in.diags);
	if (c->fix != FIX_NOTHING)
		status = status_worse(status, lint_fix(s, c->fix, &in));
	status = status_worse(status, print_findings(s, &in));
	baseline_free(&known);
	unit_free(&in);
	return status;
}
