/* SPDX-License-Identifier: ISC */
/*
 * The steps from files to concrete statements: read, parse, lint, check. Each command calls those it needs.
 */
#include "run/unit.h"

#include "config/parse.h"
#include "lint/loaded.h"
#include "model/names.h"
#include "run/kernel_error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const struct rule unit_rules[] = {
	[UNIT_WRITABLE] = { "SK701", "writable-file", SEVERITY_ERROR,
		"root is to run a file that others may write" },
	[UNIT_NO_STATE] = { "SK702", "no-state", SEVERITY_ERROR,
		"a statement that does not say what is to be there" },
	{ NULL, NULL, 0, NULL }
};

bool unit_is_statements(const char *name)
{
	size_t n = strcspn(name, " \t\n;");

	return access(name, F_OK) != 0 &&
	       (strchr(name, ';') != NULL || (name[n] != '\0' && verb_find(name, n) != VERB_NONE));
}

int unit_read(struct unit *in, const char *name)
{
	struct source *s = sources_add(&in->sources);
	int err = source_read(s, name);

	if (err != 0) {
		s->order = 0;
		if (unit_is_statements(name))
			error("the name of a file is expected, not statements: setkey -e 'STATEMENTS' "
			      "runs those");
		else
			error("cannot read %s: %s", strcmp(name, "-") == 0 ? "standard input" : name,
			      strerror(-err));
		return STATUS_SYSTEM;
	}
	return STATUS_OK;
}

int unit_read_all(struct unit *in, int argc, char **argv)
{
	int status = argc == 0 ? unit_read(in, "-") : STATUS_OK;

	for (int i = 0; i < argc; i++)
		status = status_worse(status, unit_read(in, argv[i]));
	return status;
}

void unit_text(struct unit *in, const char *name, const char *text, size_t n, uint32_t line, uint32_t col)
{
	source_set(sources_add(&in->sources), name, text, n, line, col);
}

void unit_judge_writers(struct unit *in)
{
	for (size_t i = 0; i < in->sources.n; i++) {
		const struct source *s = in->sources.source[i];

		if ((s->mode & (S_IWGRP | S_IWOTH)) == 0 || strcmp(s->name, "-") == 0)
			continue;
		diag_add(&in->diags, &unit_rules[UNIT_WRITABLE], NULL, (struct span){ 0, 0 },
		         "%s can be written by others than its owner (mode %04o), and root would do what "
		         "they say",
		         s->name, s->mode & 07777);
		diag_hint(&in->diags, "chmod go-w %s; --insecure runs it as it is", s->name);
	}
}

void unit_parse(struct unit *in, const struct settings *s)
{
	struct parse_opts r = { &in->sources, &in->conf, &in->diags, s->no_keys, s->insecure, false };
	bool exact = in->conf.exact;

	for (; in->nparsed < in->sources.n; in->nparsed++) {
		in->conf.exact = exact;
		if (in->sources.source[in->nparsed]->from == NULL)
			parse_source(in->sources.source[in->nparsed], &r);
	}
}

/*
 * True if the statement has an error already: what the interface would say is the same in other words. Errors
 * about a key do not count.
 */
static bool has_error(const struct diags *d, const struct stmt *s)
{
	uint32_t enckey = stmt_has_part(s, PART_ENCKEY) ? stmt_part(s, PART_ENCKEY).off : UINT32_MAX;
	uint32_t authkey = stmt_has_part(s, PART_AUTHKEY) ? stmt_part(s, PART_AUTHKEY).off : UINT32_MAX;

	for (size_t i = 0; i < d->n; i++) {
		const struct diag *g = &d->diag[i];

		if (g->severity == SEVERITY_ERROR && g->src == s->src && g->at.off - s->at.off < s->at.len &&
		    g->at.off != enckey && g->at.off != authkey)
			return true;
	}
	return false;
}

/* True if the statement has a host name that was not looked up. */
static bool waits_for_address(const struct stmt *s)
{
	bool policy = verb_is_policy(s->verb);
	const struct addr *src = policy ? &s->policy.src : &s->sa.src,
	                  *dst = policy ? &s->policy.dst : &s->sa.dst;

	return (s->unresolved & UNRESOLVED_SRC && src->family == 0) ||
	       (s->unresolved & UNRESOLVED_DST && dst->family == 0);
}

const struct wire *unit_wire(const struct settings *s)
{
	return s->via == VIA_PFKEY ? &pfkey_wire : &xfrm_wire;
}

void unit_check(struct unit *in, const struct concretes *list, const struct wire *wire)
{
	/*
	 * A policy and its forward copy fail for the same reason, and so do the SAs of one host name: report
	 * it once.
	 */
	const struct stmt *refused = NULL;

	for (size_t i = 0; i < list->n; i++) {
		const struct stmt *origin = list->one[i].origin, *what = list->one[i].stmt;
		struct encoding e = { .reason = "" };

		if (origin == refused || origin->has_error || waits_for_address(origin) ||
		    wire->check(what, &e) == 0)
			continue;
		refused = origin;
		if (!has_error(&in->diags, origin))
			kernel_error_add(&(struct refusal){ .stmt = origin,
			                 .is_fwd_copy = what->is_fwd_copy,
			                 .part = e.part,
			                 .err = EOPNOTSUPP,
			                 .why = e.reason },
			              &in->diags);
	}
}

/* True if the files have forward policies of their own, or delete some. */
static bool has_forward(const struct conf *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (verb_is_policy(c->stmt[i]->verb) && c->stmt[i]->policy.dir == DIR_FWD)
			return true;
	return false;
}

static uint64_t name_of(const struct stmt *s)
{
	return (uint64_t)(uintptr_t)s;
}

/* Marks forward policies, or copies, that another statement makes unnecessary; notes those that collide. */
static void mark_spare_forward(struct unit *in, const struct loaded *l)
{
	for (size_t i = 0; i < l->tables.nfwd_clashes; i++) {
		const struct fwd_clash *m = &l->tables.fwd_clash[i];
		struct stmt *s = in->conf.stmt[m->number - 1], *before = in->conf.stmt[m->other - 1];

		s->spare |= m->same && !m->copy && !m->own;
		s->has_own_fwd |= m->same && m->copy;
		before->has_own_fwd |= m->same && !m->copy && m->own;
		if (!m->same)
			*hash_at(&in->clashes, name_of(s)) = m->other;
	}
}

const struct stmt *unit_find_clash(const struct unit *in, const struct stmt *s)
{
	uint32_t number = hash_find(&in->clashes, name_of(s));

	return number == 0 ? NULL : in->conf.stmt[number - 1];
}

/* The place of an error. */
struct place {
	const struct source *src;
	uint32_t off;
};

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->src != y->src)
		return (uintptr_t)x->src < (uintptr_t)y->src ? -1 : 1;
	return (x->off > y->off) - (x->off < y->off);
}

/* The element is a place: equal if it lies inside the statement. */
static int compare_extent(const void *a, const void *b)
{
	const struct stmt *s = a;
	const struct place *p = b;

	if (s->src != p->src)
		return (uintptr_t)s->src < (uintptr_t)p->src ? -1 : 1;
	return p->off < s->at.off ? 1 : p->off - s->at.off < s->at.len ? 0 : -1;
}

/* Which statements, by number from 0, have an error in diags and has_error not set. The caller frees. */
static bool *find_wrong(const struct unit *in)
{
	bool *wrong = memory_resize(NULL, in->conf.n + 1, sizeof(*wrong));
	struct place *place = memory_resize(NULL, in->diags.n + 1, sizeof(*place));
	size_t n = 0;

	for (size_t i = 0; i < in->diags.n; i++)
		if (in->diags.diag[i].severity == SEVERITY_ERROR)
			place[n++] = (struct place){ in->diags.diag[i].src, in->diags.diag[i].at.off };
	qsort(place, n, sizeof(*place), compare_places);
	for (size_t i = 0; i < in->conf.n; i++)
		wrong[i] = !in->conf.stmt[i]->has_error && n > 0 &&
		           bsearch(in->conf.stmt[i], place, n, sizeof(*place), compare_extent) != NULL;
	free(place);
	return wrong;
}

static void set_errors(struct unit *in, const bool *wrong, bool bad)
{
	for (size_t i = 0; i < in->conf.n; i++)
		if (wrong[i])
			in->conf.stmt[i]->has_error = bad;
}

/*
 * Settles forward policies, and with -n or unsent also reports what is added twice; otherwise the kernel
 * refuses that one by one, as it did for the classic tool. Statements with an error are left out: that must
 * be corrected first.
 */
static void judge_loading(struct unit *in, const struct settings *s, bool unsent)
{
	struct diags unused = { 0 };
	struct lint_input unit = { .conf = &in->conf,
	                           .diags = s->check_only || unsent ? &in->diags : &unused,
	                           .kernel_fwd = s->kernel_fwd,
	                           .twice = s->check_only ? TWICE_FAILS : TWICE_COPIES };
	struct loaded loaded;
	bool *wrong;

	if (!s->check_only && (s->kernel_fwd || !has_forward(&in->conf)))
		return;
	wrong = find_wrong(in);
	set_errors(in, wrong, true);
	loaded_read(&loaded, &unit, false);
	set_errors(in, wrong, false);
	mark_spare_forward(in, &loaded);
	loaded_free(&loaded);
	diag_free(&unused);
	free(wrong);
}

void unit_lint_load(struct unit *in, const struct settings *s, bool unsent)
{
	/* With -n the statements may be for another kernel. */
	bool recent = !s->check_only && kernel_release() >= 612;

	lint_conf(&in->conf, &in->diags);
	lint_scale(&in->conf, recent, &in->diags);
	judge_loading(in, s, unsent);
}

void unit_free(struct unit *in)
{
	sources_free(&in->sources);
	conf_free(&in->conf);
	diag_free(&in->diags);
	hash_free(&in->clashes);
	*in = (struct unit){ 0 };
}
