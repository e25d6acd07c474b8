/* SPDX-License-Identifier: ISC */
/* Runs all rules, including advice, over a unit. */
#include "run/unit.h"

#include "config/resolve.h"
#include "lint/lint.h"
#include "run/rules.h"

#include <stdlib.h>

void unit_lint(struct unit *in, const struct settings *s, const struct profile *profile)
{
	struct rule_names names = { rule_find, rule_is_fixed };
	struct concretes list = { 0 };
	struct suppressions *suppressions;
	struct lint_input unit = { .conf = &in->conf,
		             .diags = &in->diags,
		             .kernel_fwd = s->kernel_fwd,
		             .session = getenv("SSH_CONNECTION") };

	resolve_conf(&in->conf, false, &in->diags);
	complete_inner_families(&in->conf, true);
	unit.source = in->sources.source;
	unit.nsources = in->sources.n;
	unit.kernel_protects = in->kernel_protects;
	unit.kernel = in->kernel;
	unit.suppressions = suppressions = lint_read_comments(&unit, &names);
	lint_unit(&unit);
	expand_conf(&list, &in->conf, !s->kernel_fwd);
	unit_check(in, &list, unit_wire(s));
	concretes_free(&list);
	lint_profile(&unit, profile);
	lint_suppress(&unit, suppressions);
	diag_sort(&in->diags);
}
