/* SPDX-License-Identifier: ISC */
/* setkey keygen --mesh: a file for each host of a list, or the steps of a rotation of keys. */
#include "provision/plan.h"

#include "base/files.h"
#include "run/output.h"
#include "run/unit.h"

#include <string.h>

struct mesh {
	struct plan plan;
	struct arena names;
	struct unit list;    /* the list of hosts */
	struct files files;
	const struct keygen_choices *options;
};

static int read_hosts(struct mesh *m)
{
	int status = unit_read(&m->list, m->options->mesh);

	if (status != STATUS_OK)
		return status;
	plan_read_hosts(&m->plan, m->list.sources.source[0], &m->names, &m->list.diags);
	status = report_findings(&m->list.diags, m->options->settings);
	for (size_t i = 0; i < m->plan.npeers && m->plan.mode == MODE_TRANSPORT && status == STATUS_OK; i++) {
		if (m->plan.peer[i].nnets == 0)
			continue;
		error("%s has networks behind it, which require a tunnel, not --mode=transport",
		      m->plan.peer[i].name);
		status = STATUS_ERROR;
	}
	return status;
}

/* Names the file of each host DIR/NAME.conf. */
static void name_files(struct mesh *m)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < m->plan.npeers; i++) {
		char *file;

		buf_clear(&b);
		buf_printf(&b, "%s/%s.conf", m->options->out, m->plan.peer[i].name);
		file = arena_alloc(&m->names, b.len + 1);
		memcpy(file, buf_str(&b), b.len + 1);
		m->plan.peer[i].file = file;
	}
	buf_free(&b);
}

/*
 * True, after complaining, if --force would overwrite the list of hosts or another input with a host's file.
 */
static bool is_source(const struct mesh *m, const char *name)
{
	const struct keygen_choices *o = m->options;
	bool same = files_same(name, o->mesh) || (o->secret_file != NULL && files_same(name, o->secret_file));

	for (size_t i = 0; i < o->avoid.n; i++)
		same |= files_same(name, o->avoid.word[i]);
	if (!same)
		return false;
	error("--out would overwrite %s, which the files are made from", name);
	return true;
}

static int write_host(struct mesh *m, size_t i)
{
	const char *file = m->plan.peer[i].file;
	struct buf text = { 0 };
	int status = plan_text(&m->plan, i, PHASE_WHOLE, NULL, m->options->settings, &text);

	if (status == STATUS_OK && is_source(m, file))
		status = STATUS_ERROR;
	if (status == STATUS_OK)
		status = write_add(&m->files, file, &text);
	buf_free(&text);
	return status;
}

static int write_all(struct mesh *m)
{
	const struct keygen_choices *o = m->options;
	int status = STATUS_OK;

	for (size_t i = 0; i < m->plan.npeers && status == STATUS_OK; i++)
		if (m->plan.peer[i].host == i)
			status = o->rotate ? rotation_write(&m->plan, i, o, &m->files) : write_host(m, i);
	return status == STATUS_OK ? write_place(&m->files, o->force) : status;
}

/*
 * Makes and locks the output folder. Comes before the existing files are read, so that another setkey that
 * makes files there waits.
 */
static int lock_folder(struct mesh *m)
{
	const char *out = m->options->out;
	int err = m->options->rotate ? 0 : files_make_folder(&m->files, out);

	if (err != 0) {
		error("cannot make the directory %s: %s", out, strerror(-err));
		return STATUS_SYSTEM;
	}
	warn_if_shared(out, false);
	err = files_lock(&m->files, &m->plan.peer[0].file, 1);
	if (err != 0)
		complain_file(out, err);
	return err == 0 ? STATUS_OK : STATUS_SYSTEM;
}

static int prepare_mesh(struct mesh *m)
{
	int status = read_hosts(m);

	name_files(m);
	if (status == STATUS_OK)
		status = lock_folder(m);
	if (status == STATUS_OK && m->options->rotate)
		status = rotation_begin(&m->plan, m->options);
	return status == STATUS_OK ? plan_make(&m->plan, m->options) : status;
}

int keygen_mesh(const struct keygen_choices *o, int argc)
{
	struct mesh m = { .options = o };
	int status;

	if (argc > 0 || o->out == NULL || o->port != NULL) {
		error(argc > 0       ? "--mesh=HOSTS takes no operands" :
		      o->out == NULL ? "--mesh requires --out=DIR, where the files of the hosts go" :
		                       "a port requires --pair");
		return STATUS_USAGE;
	}
	status = plan_read(&m.plan, o);
	if (status == STATUS_OK)
		status = prepare_mesh(&m);
	if (status == STATUS_OK)
		status = write_all(&m);
	files_free(&m.files);
	plan_free(&m.plan);
	arena_free(&m.names);
	unit_free(&m.list);
	return status;
}
