/* SPDX-License-Identifier: ISC */
/* setkey try, confirm, revert: sync, and back again unless somebody confirms. */
#include "cmd/cmd.h"

#include "run/guardian.h"
#include "run/named_set.h"
#include "run/pending_try.h"
#include "run/reload.h"

#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static uint32_t timeout = 60; /* seconds */

/* Up to a day. */
static bool set_timeout(void *to, const char *v)
{
	enum { DAY = 24 * 60 * 60 };
	uint32_t *seconds = to;

	return set_number(seconds, v) && *seconds >= 1 && *seconds <= DAY;
}

const struct opt try_options[] = {
	{ "timeout", 0, "SECONDS", "how long to wait for a confirmation, 1 to 86400 seconds (60)", set_timeout, &timeout, 0 },
	OPT_SET,
	OPT_FORCE,
	OPT_NO_FWD,
	OPT_INSECURE,
	OPT_VERBOSE,
	OPT_END
};

/* The guardian is no more, and this process still knows what was there. */
static int go_back_alone(struct reload *r)
{
	int status, err;

	if (r->lock < 0)
		r->lock = kernel_lock(NULL, &err);
	status = reload_undo(r);
	error(status == STATUS_OK ? "the guardian was killed, and so the tables are as they were before" :
	                               "the guardian was killed");
	return STATUS_SYSTEM;
}

/* From here on others may change the tables, and signals end this process and not what it has begun. */
static void let_others_in(struct reload *r)
{
	if (r->lock >= 0)
		close(r->lock);
	r->lock = -1;
	if (r->held)
		sigprocmask(SIG_SETMASK, &r->signals, NULL);
	r->held = false;
}

/* Not all could be done: most often it is undone already. */
static int abandon_trial(struct guardian *g, struct reload *r, int status)
{
	let_others_in(r);
	if (g->fd < 0)
		return status;
	switch (guardian_end(g, false)) {
	case VERDICT_BACK:
		return status;
	case VERDICT_FAILED:
		error("not all SAs and policies could be restored");
		return STATUS_SYSTEM;
	default:
		return go_back_alone(r);
	}
}

static int say_verdict(struct reload *r, enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_KEPT:
		return STATUS_OK;
	case VERDICT_BACK:
		error("nobody confirmed: the tables are as they were before");
		return STATUS_ERROR;
	case VERDICT_FAILED:
		error("nobody confirmed, and not all SAs and policies could be restored");
		return STATUS_SYSTEM;
	default:
		return go_back_alone(r);
	}
}

/* A job in the background must not read. */
static bool is_at_terminal(void)
{
	return isatty(STDIN_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp();
}

/* An empty line, typed now: what was typed before anybody could know whether all is well does not count. */
static int ask_at_terminal(struct guardian *g, struct reload *r)
{
	enum verdict verdict;
	char line[256];
	ssize_t n;

	tcflush(STDIN_FILENO, TCIFLUSH);
	printf("In %u second%s everything goes back to what it was. Enter keeps it, as does `setkey confirm` "
	       "elsewhere.\n", g->timeout, g->timeout == 1 ? "" : "s");
	fflush(stdout);
	while (!guardian_wait(g, STDIN_FILENO, &verdict)) {
		n = read(STDIN_FILENO, line, sizeof(line));
		/* The end of the terminal is no answer. */
		if (n <= 0)
			return STATUS_OK;
		if (n == 1 && line[0] == '\n') {
			verdict = guardian_end(g, true);
			break;
		}
	}
	return say_verdict(r, verdict);
}

static int try_files(struct guardian *g, struct reload *r)
{
	int status = reload_apply(r);

	/* With nothing to do something is pending all the same: a script that confirms need not know. */
	if (status == STATUS_OK && g->fd < 0)
		status = guardian_prepare(g);
	if (g->is_guardian)
		return status;
	if (status != STATUS_OK)
		return abandon_trial(g, r, status);
	if (!guardian_start_clock(g))
		return go_back_alone(r);
	let_others_in(r);
	reload_say_scope(r);
	if (is_at_terminal())
		return ask_at_terminal(g, r);
	printf("goes back in %u second%s unless `setkey confirm` comes\n", g->timeout,
	       g->timeout == 1 ? "" : "s");
	return STATUS_OK;
}

int cmd_try(struct settings *s, int argc, char **argv)
{
	struct reload r = { 0 };
	struct set set = { 0 };
	struct guardian g = { .reload = &r, .timeout = timeout, .nfiles = argc, .file = argv, .fd = -1 };
	int status = reload_begin(&r, &set, s, true, argc, argv);

	r.prepare = guardian_prepare;
	r.arg = &g;
	if (status == STATUS_OK) {
		pending_try_say_left();
		status = try_files(&g, &r);
	}
	guardian_free(&g);
	set_free(&set);
	reload_free(&r);
	return status;
}

static int end_trial(const char *word, int argc)
{
	struct buf answer = { 0 };
	int status;

	if (argc > 0) {
		error("%s takes no operands", word);
		return STATUS_USAGE;
	}
	status = pending_try_ask(word, &answer);
	if (status == PENDING_TRY_NONE) {
		if (!pending_try_say_left())
			error("nothing is pending");
		status = STATUS_ERROR;
	} else if (status != STATUS_OK) {
		error("%s", buf_str(&answer));
	}
	buf_free(&answer);
	return status;
}

int cmd_confirm(struct settings *s, int argc, char **argv)
{
	(void)s;
	(void)argv;
	return end_trial("confirm", argc);
}

int cmd_revert(struct settings *s, int argc, char **argv)
{
	(void)s;
	(void)argv;
	return end_trial("revert", argc);
}
