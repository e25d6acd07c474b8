/* All rules, advice too, over what has been parsed. */
#include "run/input.h"

#include "config/expand.h"
#include "config/resolve.h"
#include "lint/lint.h"
#include "run/rules.h"

#include <stdlib.h>

void input_lint(const struct settings *s, struct input *in)
{
	struct rule_names names = { rule_find, rule_is_fixed };
	struct aside *aside;
	struct unit unit = { .conf = &in->conf,
		             .diags = &in->diags,
		             .kernel_fwd = s->kernel_fwd,
		             .session = getenv("SSH_CONNECTION") };

	resolve_conf(&in->conf, false, &in->diags);
	expand_inner_families(&in->conf, true);
	unit.source = in->sources.source;
	unit.nsources = in->sources.n;
	unit.kernel_protects = in->kernel_protects;
	unit.kernel = s->kernel && in->sources.n > 0 ? in->sources.source[0] : NULL;
	unit.aside = aside = lint_read_comments(&unit, &names);
	lint_unit(&unit);
	input_check(in, s, input_wire(s));
	lint_profile(&unit, s->profile);
	lint_suppress(&unit, aside);
	diag_sort(&in->diags);
}
