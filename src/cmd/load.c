/* SPDX-License-Identifier: ISC */
/*
 * Statements from files, a string or standard input to the kernel: the classic -f, -e and -c; load, all or
 * nothing.
 */
#include "cmd/cmd.h"

#include "base/privilege.h"
#include "config/resolve.h"
#include "run/line_editor.h"
#include "run/pending_try.h"
#include "run/reload.h"
#include "run/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void take_text(struct unit *in, char *text)
{
	size_t n = strlen(text);

	unit_text(in, "-e", text, n, 1, 1);
	explicit_bzero(text, n);
}

/* Root does what files say: then nobody else may have written them. */
static void judge_writers(const struct settings *s, struct unit *in)
{
	if (!s->check_only && !s->insecure && geteuid() == 0)
		unit_judge_writers(in);
}

/*
 * From what was parsed to what is sent: the whole unit, or nothing where anything in it has an error.
 * Opens the kernel where it is not open yet. ssh: of the session not to be cut off, or NULL.
 */
static int load_unit(struct run *session, const struct ssh *ssh, struct unit *in,
                     const struct settings *s)
{
	struct concretes list = { 0 };
	int status;

	resolve_conf(&in->conf, true, &in->diags);
	complete_inner_families(&in->conf, false);
	unit_lint_load(in, s, false);
	expand_conf(&list, &in->conf, !s->kernel_fwd);
	unit_check(in, &list, unit_wire(s));
	status = report_findings(&in->diags, s);
	if (status == STATUS_OK && !s->check_only && session->kernel == NULL)
		status = run_open(session, s, in);
	if (status == STATUS_OK && !s->check_only && kernel_wire(session->kernel) != unit_wire(s)) {
		unit_check(in, &list, kernel_wire(session->kernel));
		status = report_findings(&in->diags, s);
	}
	session->ssh = ssh;
	if (status == STATUS_OK && !s->check_only)
		status = run_statements(session, &list);
	concretes_free(&list);
	return status;
}

int load_files(const struct settings *s, struct load_arg *given, size_t n)
{
	struct unit in = { 0 };
	struct run session = { 0 };
	struct ssh ssh = { 0 };
	int status = STATUS_OK;

	if (!s->check_only)
		ssh_look(&ssh);
	privilege_keep(KEEP_NET_ADMIN | KEEP_READ_FILES);
	for (size_t i = 0; i < n && status == STATUS_OK; i++)
		if (given[i].text)
			take_text(&in, given[i].value);
		else
			status = unit_read(&in, given[i].value);
	if (status == STATUS_OK)
		unit_parse(&in, s);
	privilege_keep(s->check_only ? 0 : KEEP_NET_ADMIN);
	if (status == STATUS_OK) {
		judge_writers(s, &in);
		status = load_unit(&session, &ssh, &in, s);
	}
	ssh_free(&ssh);
	if (session.kernel != NULL)
		run_close(&session);
	unit_free(&in);
	return status;
}

const struct opt load_options[] = { OPT_NO_FWD, OPT_INSECURE, OPT_VERBOSE, OPT_END };

/* All or nothing: the first refusal brings back what was there before. */
static int run_whole(struct reload *r)
{
	struct settings literal = *r->settings;
	struct snapshot before = { 0 };
	struct run session;
	int status, err = snapshot_read(&before, r->kernel);

	literal.literal = true;
	if (err != 0) {
		error("the tables cannot be read: %s",
		         err == -EAGAIN ? "other programs keep changing them" : strerror(-err));
		return STATUS_SYSTEM;
	}
	status = run_open(&session, &literal, &r->in);
	if (status == STATUS_OK) {
		session.first_only = true;
		session.ssh = &r->ssh;
		status = run_statements(&session, &r->list);
		run_close(&session);
	}
	if (status == STATUS_ERROR)
		error("the tables go back to what they were before");
	if (status != STATUS_OK)
		status = status_worse(status, reload_back(r, &before, true));
	snapshot_free(&before);
	return status;
}

int cmd_load(struct settings *s, int argc, char **argv)
{
	struct reload r = { 0 };
	int status = reload_read_files(&r, s, argc, argv);

	if (status == STATUS_OK)
		status = reload_judge(&r);
	if (status == STATUS_OK)
		status = reload_open(&r, true);
	if (status == STATUS_OK)
		status = pending_try_check();
	if (status == STATUS_OK)
		status = run_whole(&r);
	reload_free(&r);
	return status;
}

/* Not in a file that it includes: there it ends that. */
static bool has_exit(const struct conf *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->stmt[i]->verb == VERB_EXIT && c->stmt[i]->src->from == NULL)
			return true;
	return false;
}

/* Text that has arrived but not been run, and the worst status so far. */
struct typed {
	struct buf text;
	uint32_t line, col; /* where it begins */
	size_t seen;        /* bytes that have been searched for a ';' */
	bool quoted, comment; /* whether the next byte is in quotes, in a comment */
	bool begun;         /* there is more among them than blanks and comments */
	bool ended;         /* exit; has been read */
	int status;
};

/* Runs one statement and wipes it, its keys too. */
static int run_one(struct run *session, struct typed *t, size_t n)
{
	struct unit *in = session->in;
	struct variables variables;
	bool exact;
	int status;

	unit_text(in, "-", (const char *)t->text.bytes, n, t->line, t->col);
	unit_parse(in, session->settings);
	judge_writers(session->settings, in);
	t->ended = has_exit(&in->conf);
	status = load_unit(session, NULL, in, session->settings);
	exact = in->conf.exact;
	variables = in->conf.variables;
	variables_keep(&variables);
	in->conf.variables = (struct variables){ 0 };
	unit_free(in);
	in->conf.variables = variables;
	in->conf.exact = exact;
	return status;
}

/*
 * Where the first statement ends, or 0 when its ';' has not come yet. Goes on where it stopped the last time.
 */
static size_t statement_end(struct typed *t)
{
	while (t->seen < t->text.len) {
		char c = (char)t->text.bytes[t->seen++];

		t->begun |= !t->comment && strchr(" \t\r\n#", c) == NULL;
		if (t->comment)
			t->comment = c != '\n';
		else if (c == '"')
			t->quoted = !t->quoted;
		else if (c == '#' && !t->quoted)
			t->comment = true;
		else if (c == ';' && !t->quoted)
			return t->seen;
	}
	return 0;
}

static void run_complete(struct run *session, struct typed *t)
{
	size_t n;

	while (!t->ended && (n = statement_end(t)) > 0) {
		t->status = status_worse(t->status, run_one(session, t, n));
		for (size_t i = 0; i < n; i++) {
			t->col = t->text.bytes[i] == '\n' ? 1 : t->col + 1;
			t->line += t->text.bytes[i] == '\n';
		}
		memmove(t->text.bytes, t->text.bytes + n, t->text.len - n);
		explicit_bzero(t->text.bytes + t->text.len - n, n);
		t->text.len -= n;
		t->seen = 0;
		t->begun = false;
	}
}

/* Input after the last ';' is an error, unless it is blank. */
static void run_rest(struct run *session, struct typed *t)
{
	if (t->ended || !t->begun)
		return;
	if (run_one(session, t, t->text.len) > t->status)
		t->status = STATUS_ERROR;
}

int load_interactive(const struct settings *s)
{
	struct unit in = { 0 };
	struct run session = { .settings = s, .in = &in };
	struct typed t = { .line = 1, .col = 1 };
	struct line_editor *editor;
	ssize_t n = 1;

	if (!s->check_only && run_open(&session, s, &in) != STATUS_OK)
		return STATUS_SYSTEM;
	editor = line_editor_open();
	while (!t.ended && n > 0) {
		n = line_editor_read(editor, t.begun, &t.text);
		if (n > 0)
			run_complete(&session, &t);
	}
	line_editor_close(editor);
	if (n < 0) {
		error("cannot read standard input: %s", strerror((int)-n));
		t.status = STATUS_SYSTEM;
	}
	run_rest(&session, &t);
	buf_free(&t.text);
	run_close(&session);
	unit_free(&in);
	return t.status;
}
