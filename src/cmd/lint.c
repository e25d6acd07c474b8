/* setkey lint: files judged by every rule there is, without a kernel, root or the network. */
#include "cmd/cmd.h"

#include "base/privilege.h"
#include "config/parse.h"
#include "config/resolve.h"
#include "lint/lint.h"
#include "text/report.h"

#include <string.h>

/* How many findings make the status 1. */
static size_t failures(const struct diags *d, enum severity fail_on)
{
	size_t n = d->errors;

	if (fail_on <= SEVERITY_WARNING)
		n += d->warnings;
	if (fail_on <= SEVERITY_INFO)
		n += d->infos;
	return fail_on == SEVERITY_OFF ? 0 : n;
}

static int read_files(struct input *in, int argc, char **argv)
{
	int status = argc == 0 ? input_read(in, "-") : STATUS_OK;

	for (int i = 0; i < argc; i++) {
		int one = input_read(in, argv[i]);

		status = one > status ? one : status;
	}
	privilege_keep(0);
	input_parse(in);
	return status;
}

int cmd_lint(struct settings *s, int argc, char **argv)
{
	struct input in = { .diags = { .levels = &s->levels } };
	struct unit unit = { .conf = &in.conf, .diags = &in.diags };
	struct buf out = { 0 };
	int status = read_files(&in, argc, argv);

	resolve_conf(&in.conf, 0, false, &in.diags);
	unit.source = in.source;
	unit.nsources = in.nsources;
	lint_unit(&unit);
	lint_suppress(&unit, &(struct rule_names){ rule_find, rule_is_fixed });
	diag_sort(&in.diags);
	s->report->put(&in.diags, want_color(s, stdout), &out);
	buf_write(&out, stdout);
	if (status == STATUS_OK && failures(&in.diags, s->fail_on) > 0)
		status = STATUS_REFUSED;
	buf_free(&out);
	input_free(&in);
	return status;
}
