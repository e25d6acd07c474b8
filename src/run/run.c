/* SPDX-License-Identifier: ISC */
/* Runs concrete statements in order: requests are queued, and reads wait for them. */
#include "run/run.h"

#include "run/kernel_error.h"
#include "sync/sync.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void on_refusal(void *arg, const struct refusal *r)
{
	struct run *s = arg;
	const struct stmt *met;
	const struct wanted *wanted;

	if (s->looking || (s->first_only && s->failed))
		return;
	/* run_replace wanted to delete it, and it is gone already. */
	if (s->sync != NULL && r->stmt == s->sync->removal && (r->err == ESRCH || r->err == ENOENT))
		return;
	/* Somebody else has deleted it first. */
	if (r->stmt->verb == VERB_DELETEALL && r->err == ESRCH)
		return;
	/* A kernel without sub policies has none to flush. */
	if (r->stmt->verb == VERB_SPDFLUSH && r->stmt->policy.flags & POLICY_F_SUB && r->err == EINVAL)
		return;
	s->failed = true;
	/* A policy and its forward copy fail for the same reason: report it once. */
	if (r->is_fwd_copy && s->last == r->stmt && s->last_err == r->err)
		return;
	if (s->sync != NULL && r->stmt != s->sync->removal && sync_was_told(s->sync, r))
		return;
	s->last = r->stmt;
	s->last_err = r->err;
	kernel_error_add(r, &s->in->diags);
	if (r->err == EEXIST && (met = unit_find_clash(s->in, r->stmt)) != NULL)
		diag_note(&s->in->diags, met->src, stmt_part(met, PART_DIR), "%s",
		          r->stmt->policy.dir == DIR_FWD ? "the inbound policy that is copied to fwd" :
		                                           "the forward policy");
	wanted = s->sync != NULL ? sync_find(s->sync, r->stmt, r->is_fwd_copy) : NULL;
	if (wanted != NULL && wanted->dir != 0 && wanted->there != 0 && !wanted->remade)
		diag_hint(&s->in->diags, "note that the policy to be replaced stays");
}

static void on_message(void *arg, const struct wire *wire, bool sent, const uint8_t *bytes, size_t len)
{
	const struct run *s = arg;
	struct buf b = { 0 };

	if (s->settings->verbose) {
		buf_printf(&b, "%s %zu bytes via %s\n", sent ? "sent" : "received", len, wire->name);
		wire->annotate(bytes, len, &b);
	}
	if (s->settings->hex && sent)
		add_hex(wire, bytes, len, s->settings->hex_keys, &b);
	buf_write(&b, stdout);
	buf_free(&b);
}

int run_open(struct run *s, const struct settings *settings, struct unit *in)
{
	static const struct dump_choices all;
	struct kernel_hooks hooks = { on_refusal, settings->verbose || settings->hex ? on_message : NULL, s };
	int err;

	*s = (struct run){ .settings = settings, .in = in };
	s->kernel = kernel_open(settings->via, &hooks, &err);
	s->dump = (struct dump){ .settings = settings, .options = &all, .kernel = s->kernel, .to = stdout };
	if (s->kernel != NULL)
		return 0;
	error("%s", kernel_open_error(settings->via, err));
	return STATUS_SYSTEM;
}

void run_close(struct run *s)
{
	dump_end(&s->dump);
	dump_free(&s->dump);
	kernel_close(s->kernel);
}

/* An SA that deleteall has found, as a statement to delete it. The mark is part of an SA's name. */
struct match {
	struct stmt stmt;
	struct attrs attrs;
};

struct matches {
	const struct stmt *wanted;
	struct match *match;
	size_t n, cap;
	bool unnamed; /* an SA has no SPI, so that no request can delete it */
};

static int collect_sa(void *arg, const struct event *ev)
{
	struct matches *m = arg;
	const struct sa *want = &m->wanted->sa;
	struct stmt *s;

	if (ev->kind != EVENT_SA || !proto_is_ipsec(ev->sa.proto) ||
	    (want->proto != PROTO_ANY && ev->sa.proto != want->proto) ||
	    !addr_equal(&ev->sa.src, &want->src) || !addr_equal(&ev->sa.dst, &want->dst))
		return 0;
	/*
	 * A larval SA that never got an SPI cannot be named by a request; the kernel drops it after a while.
	 */
	if (ev->sa.spi == 0) {
		m->unnamed |= ev->sa_state.life != SA_LARVAL;
		return 0;
	}
	m->match = memory_grow(m->match, m->n, &m->cap, sizeof(*m->match));
	m->match[m->n].attrs = ev->attrs;
	s = &m->match[m->n++].stmt;
	*s = (struct stmt){ .verb = VERB_DELETE };
	s->sa.src = ev->sa.src;
	s->sa.dst = ev->sa.dst;
	s->sa.proto = ev->sa.proto;
	s->sa.spi = ev->sa.spi;
	return 0;
}

/* The mark as the kernel keeps it, without the bits outside the mask. */
static struct mark mark_of(const struct attrs *x)
{
	return (struct mark){ x->value[ATTR_MARK] & x->mask[ATTR_MARK], x->mask[ATTR_MARK] };
}

/*
 * A request finds any SA of its SPI whose value has no bit that its own mark has not: the mark of a marked SA
 * may find another one too. So lower values, and SAs without a mark, are deleted first.
 */
static int compare_marks(const void *a, const void *b)
{
	const struct match *x = a, *y = b;
	uint32_t m = mark_of(&x->attrs).value, n = mark_of(&y->attrs).value;

	return (m > n) - (m < n);
}

int run_look(struct run *s, const struct stmt *get, const struct stmt *origin,
             int (*each)(void *arg, const struct event *ev), void *arg)
{
	int err = kernel_complete(s->kernel);

	if (err != 0)
		return err;
	s->looking = true;
	err = kernel_read(s->kernel, get, origin, each, arg);
	s->looking = false;
	return err;
}

/* The SA that the kernel finds by a name with a mark. */
struct found {
	bool any;
	struct mark mark;
	struct addr src;
};

static int note_found(void *arg, const struct event *ev)
{
	struct found *f = arg;

	if (ev->kind == EVENT_SA)
		*f = (struct found){ true, mark_of(&ev->attrs), ev->sa.src };
	return 0;
}

static int find_sa(struct run *s, const struct stmt *what, const struct stmt *origin, struct found *f)
{
	struct stmt get;

	*f = (struct found){ 0 };
	stmt_copy(&get, what);
	get.verb = VERB_GET;
	return run_look(s, &get, origin, note_found, f);
}

/* A search of the SAD for the SA that a statement names. */
struct search {
	const struct stmt *what;
	bool found;
};

static int compare_name(void *arg, const struct event *ev)
{
	struct search *search = arg;
	const struct sa *want = &search->what->sa;
	struct mark m = mark_of(&ev->attrs), n = stmt_mark(search->what);

	search->found |= ev->kind == EVENT_SA && ev->sa.proto == want->proto && ev->sa.spi == want->spi &&
	                 addr_equal(&ev->sa.dst, &want->dst) && m.value == n.value && m.mask == n.mask;
	return 0;
}

/* Reports that a request for the SA of the statement would hit another one, which has this mark. */
static void refuse_other(struct run *s, const struct stmt *origin, struct mark met)
{
	struct refusal r = { .stmt = origin, .part = PART_ATTR + ATTR_MARK, .err = ENOTUNIQ, .why = "" };
	char why[64];

	snprintf(why, sizeof(why), "the one with the mark 0x%x/0x%x", met.value, met.mask);
	if (met.mask != 0)
		r.why = why;
	else if (origin->verb != VERB_DELETEALL)
		r.err = EALREADY;
	on_refusal(s, &r);
}

/*
 * By a name with a mark Linux may find another SA of the SPI that is younger: one without a mark, or with
 * one that matches too. Reports that, and sets *refused. A mark that no SA has may match one. Returns 0 or
 * -errno.
 */
static int refuse_unnamed(struct run *s, const struct stmt *what, const struct stmt *origin, bool *refused)
{
	struct source none = { .name = "kernel", .line = 1, .col = 1 };
	struct stmt dump = { .src = &none, .verb = VERB_DUMP };
	struct search search = { what, false };
	struct mark mark = stmt_mark(what);
	struct found f;
	int err;

	*refused = false;
	if (mark.mask == 0)
		return 0;
	err = find_sa(s, what, origin, &f);
	if (err != 0 || !f.any || (f.mark.value == mark.value && f.mark.mask == mark.mask))
		return err;
	if (f.mark.mask != 0)
		err = kernel_read(s->kernel, &dump, origin, compare_name, &search);
	*refused = f.mark.mask == 0 || search.found;
	if (err == 0 && *refused)
		refuse_other(s, origin, f.mark);
	return err;
}

/* Deletes an SA that deleteall has found, unless Linux would delete another one: one with another source. */
static int delete_match(struct run *s, struct match *m, const struct stmt *origin)
{
	struct mark mark = mark_of(&m->attrs);
	struct found f;
	int err;

	m->stmt.attrs = &m->attrs;
	if (mark.mask == 0)
		return kernel_request(s->kernel, &m->stmt, origin);
	err = find_sa(s, &m->stmt, origin, &f);
	if (err != 0 || !f.any)
		return err;
	if (addr_equal(&f.src, &m->stmt.sa.src))
		return kernel_request(s->kernel, &m->stmt, origin);
	refuse_other(s, origin, f.mark);
	return 0;
}

static int run_deleteall(struct run *s, const struct stmt *what, const struct stmt *origin)
{
	struct matches m = { .wanted = what };
	int err = kernel_read(s->kernel, what, origin, collect_sa, &m);

	if (m.n > 1)
		qsort(m.match, m.n, sizeof(*m.match), compare_marks);
	for (size_t i = 0; i < m.n && err == 0; i++)
		err = delete_match(s, &m.match[i], origin);
	if (err == 0)
		err = kernel_complete(s->kernel);
	if (m.unnamed)
		on_refusal(s, &(struct refusal){ .stmt = origin, .part = PART_MAX, .err = EOPNOTSUPP,
		           .why = "an SA with SPI 0 stays: only flush removes it" });
	free(m.match);
	return err;
}

/* Refuses an update that the kernel would ignore: a new key that is not used must not look like success. */
static int run_update(struct run *s, const struct stmt *what, const struct stmt *origin)
{
	struct refusal r = { .stmt = origin, .err = EALREADY, .why = "" };
	int err = update_ignored_part(s, what, origin, &r.part);

	if (err != 0 || r.part == PART_MAX)
		return err != 0 ? err : kernel_request(s->kernel, what, origin);
	on_refusal(s, &r);
	return 0;
}

static int complain_kernel(int err)
{
	if (err == -EAGAIN)
		error("other programs keep changing the tables: nothing was done");
	else if (err != 0)
		error("talking to the kernel failed: %s", strerror(-err));
	return err != 0 ? STATUS_SYSTEM : STATUS_OK;
}

static int run_statement(struct run *s, const struct concrete *c)
{
	bool refused = false;
	int err = 0;

	if (c->stmt->verb == VERB_GET || c->stmt->verb == VERB_DELETE)
		err = refuse_unnamed(s, c->stmt, c->origin, &refused);
	if (err != 0 || refused)
		return complain_kernel(err);
	switch (c->stmt->verb) {
	case VERB_GET: case VERB_DUMP: case VERB_SPDDUMP:
		return dump_show(&s->dump, c->stmt, c->origin);
	case VERB_DELETEALL:
		err = run_deleteall(s, c->stmt, c->origin);
		break;
	case VERB_UPDATE:
		err = run_update(s, c->stmt, c->origin);
		break;
	default:
		err = kernel_request(s->kernel, c->stmt, c->origin);
	}
	return complain_kernel(err);
}

int run_statements(struct run *s, const struct concretes *list)
{
	const struct settings *settings = s->settings;
	struct progress progress;
	size_t done = 0; /* statements of the files that are done */
	size_t first;
	int status;

	s->failed = false;
	s->last = NULL;
	progress_begin(&progress, "statements", s->in->conf.n, !settings->verbose && !settings->hex);
	status = complain_kernel(run_replace(s, list, &first));
	if (status == STATUS_OK && first == 0 && s->ssh != NULL)
		guard_warn(s->ssh, s->kernel, list, s->in, settings);
	for (size_t i = first; i < list->n && status == STATUS_OK && !(s->first_only && s->failed); i++) {
		done += i > 0 && list->one[i].origin != list->one[i - 1].origin;
		status = run_statement(s, &list->one[i]);
		progress_step(&progress, done);
	}
	if (status == STATUS_OK)
		status = complain_kernel(kernel_complete(s->kernel));
	progress_end(&progress);
	report_findings(&s->in->diags, settings);
	return status == STATUS_OK && s->failed ? STATUS_ERROR : status;
}
