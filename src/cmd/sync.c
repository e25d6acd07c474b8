/* SPDX-License-Identifier: ISC */
/* setkey sync: makes the kernel what files say, by the smallest change. */
#include "cmd/cmd.h"

#include "run/reload.h"

#include <stdlib.h>
#include <string.h>

const struct opt sync_options[] = {
	{ "dry-run", 0, NULL, "print what would be sent, and send nothing", set_flag, &settings.dry_run, 0 },
	OPT_SET,
	OPT_FORCE,
	OPT_NO_FWD,
	OPT_INSECURE,
	OPT_VERBOSE,
	OPT_END
};

static void print_step(const struct sync *s, const struct step *step, struct event *ev, struct buf *scratch,
                       struct buf *out)
{
	struct buf object = { 0 };
	const char *at;

	if (step->wanted != 0)
		wanted_decode(&s->wanted[step->wanted - 1], scratch, ev);
	else
		object_decode(&s->there.object[step->there - 1], ev);
	if (step->for_now)
		ev->policy.priority = step->priority;
	if (step->stands_in) {
		ev->policy.index = 0;
		ev->attrs.has |= 1u << ATTR_MARK;
		ev->attrs.value[ATTR_MARK] = step->mark.value;
		ev->attrs.mask[ATTR_MARK] = step->mark.mask;
	}
	reload_print(ev, &object);
	/* The verb of the message in the place of that of a statement; a comment stays as it is. */
	at = strchr(buf_str(&object), ' ');
	buf_printf(out, "%s%s  # %s\n", verbs[step->verb].word, at != NULL ? at : "", step->reason);
	buf_free(&object);
}

static void print_plan(const struct sync *s)
{
	struct event *ev = memory_resize(NULL, 1, sizeof(*ev));
	struct buf scratch = { 0 }, out = { 0 };

	for (size_t i = 0; i < s->nsteps; i++) {
		buf_printf(&out, "%zu ", i + 1);
		print_step(s, &s->step[i], ev, &scratch, &out);
	}
	buf_write(&out, stdout);
	buf_free(&scratch);
	buf_free(&out);
	explicit_bzero(ev, sizeof(*ev));
	free(ev);
}

static int apply_or_print(struct reload *r, const struct settings *s)
{
	int status;

	if (!s->dry_run)
		return reload_apply(r);
	status = reload_plan(r);
	if (status == STATUS_OK)
		status = reload_judge_plan(r);
	if (status == STATUS_OK)
		print_plan(&r->sync);
	return status;
}

int cmd_sync(struct settings *s, int argc, char **argv)
{
	struct reload r = { 0 };
	struct set set = { 0 };
	int status = reload_begin(&r, &set, s, !s->dry_run, argc, argv);

	if (status == STATUS_OK)
		status = apply_or_print(&r, s);
	if (status == STATUS_OK)
		reload_say_scope(&r);
	set_free(&set);
	reload_free(&r);
	return status;
}
