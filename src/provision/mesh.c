/* setkey keygen --mesh: a file for each host of a list, and the steps from its keys to new ones. */
#include "provision/plan.h"

#include "base/files.h"
#include "model/same.h"
#include "run/input.h"
#include "run/write.h"
#include "tables/selector_set.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct mesh {
	struct plan plan;
	struct arena names;
	struct input list;    /* the hosts, as they were read */
	struct files files;
	const struct keygen_choices *options;
};

static const char *const endings[] = {
	[PHASE_WHOLE] = "conf", [PHASE_ADD] = "1-add.conf", [PHASE_SWITCH] = "2-switch.conf", [PHASE_RETIRE] = "3-retire.conf",
};
static const char next_ending[] = "next.conf";

static const char *path(const struct mesh *m, size_t i, const char *ending, struct buf *b)
{
	buf_clear(b);
	buf_printf(b, "%s/%s.%s", m->options->out, m->plan.peer[i].name, ending);
	return buf_str(b);
}

static int read_hosts(struct mesh *m)
{
	int status = input_read(&m->list, m->options->mesh);

	if (status != STATUS_OK)
		return status;
	plan_read_hosts(&m->plan, m->list.sources.source[0], &m->names, &m->list.diags);
	status = complain_findings(&m->list.diags, m->options->settings);
	for (size_t i = 0; i < m->plan.npeers && m->plan.mode == MODE_TRANSPORT && status == STATUS_OK; i++) {
		if (m->plan.peer[i].nnets == 0)
			continue;
		complain("%s has networks behind it: that takes a tunnel, not --mode=transport",
		         m->plan.peer[i].name);
		status = STATUS_REFUSED;
	}
	return status;
}

/* What a file protects, whatever the keys: as a sum, as the order says nothing. */
struct sums {
	uint64_t ways, policies;
	size_t nways;
};

static struct sums sums_of(const struct conf *c)
{
	struct sums sums = { 0 };

	for (size_t i = 0; i < c->n; i++) {
		const struct stmt *s = c->stmt[i];

		if (s->verb == VERB_ADD) {
			sums.ways += addr_pair_hash(s->sa.src.family, &s->sa.src, &s->sa.dst);
			sums.nways++;
		} else if (verb_makes_policy(s->verb)) {
			sums.policies += same_policy_hash(&s->policy);
		}
	}
	return sums;
}

/* Reads a file that must be sound. */
static int read_file(const struct mesh *m, const char *name, struct input *in)
{
	int status = input_read(in, name);

	if (status != STATUS_OK)
		return status;
	input_parse(in, m->options->settings);
	return complain_findings(&in->diags, m->options->settings);
}

/* The keys that are in use: their SPIs are taken. */
static int take_current(struct mesh *m)
{
	int status = STATUS_OK;
	struct buf name = { 0 };

	for (size_t i = 0; i < m->plan.npeers && status == STATUS_OK; i++) {
		struct input in = { 0 };

		status = read_file(m, path(m, i, endings[PHASE_WHOLE], &name), &in);
		for (size_t k = 0; k < in.conf.n && status == STATUS_OK; k++)
			if (in.conf.stmt[k]->verb == VERB_ADD)
				*hash_at(&m->plan.taken, in.conf.stmt[k]->sa.spi) = 1;
		input_free(&in);
	}
	buf_free(&name);
	return status;
}

/* Files of a rotation are there until its last step is done everywhere. */
static int refuse_unfinished(const struct mesh *m)
{
	const char *const left[] = { endings[PHASE_ADD], endings[PHASE_SWITCH], endings[PHASE_RETIRE],
		                     next_ending };
	int status = STATUS_OK;
	struct buf name = { 0 };

	for (size_t i = 0; i < m->plan.npeers && !m->options->force && status == STATUS_OK; i++)
		for (size_t k = 0; k < sizeof(left) / sizeof(left[0]) && status == STATUS_OK; k++) {
			if (access(path(m, i, left[k], &name), F_OK) != 0)
				continue;
			complain("%s is of a rotation that is not finished; --force begins another all the "
			         "same",
			         buf_str(&name));
			status = STATUS_REFUSED;
		}
	buf_free(&name);
	return status;
}

/* Only keys change: the other hosts go on with the policies they have. */
static int compare(const struct mesh *m, const char *name, const struct input *current,
                   const struct buf *next)
{
	struct input in = { 0 };
	struct sums was = sums_of(&current->conf), is;

	input_text(&in, name, (const char *)next->bytes, next->len, 1, 1);
	input_parse(&in, m->options->settings);
	is = sums_of(&in.conf);
	input_free(&in);
	if (was.nways == is.nways && was.ways == is.ways && was.policies == is.policies)
		return STATUS_OK;
	complain("%s has other %s than %s and these options make: a rotation changes keys alone", name,
	         was.policies != is.policies ? "policies" : "SAs", m->options->mesh);
	return STATUS_REFUSED;
}

static int rotate_host(struct mesh *m, size_t i)
{
	struct input current = { 0 };
	struct buf name = { 0 }, text = { 0 };
	int status = read_file(m, path(m, i, endings[PHASE_WHOLE], &name), &current);

	if (status == STATUS_OK)
		status = plan_text(&m->plan, i, PHASE_WHOLE, NULL, m->options->settings, &text);
	if (status == STATUS_OK)
		status = compare(m, buf_str(&name), &current, &text);
	if (status == STATUS_OK)
		status = write_add(&m->files, path(m, i, next_ending, &name), &text);
	for (enum phase phase = PHASE_ADD; phase <= PHASE_RETIRE && status == STATUS_OK; phase++) {
		status = plan_text(&m->plan, i, phase, &current.conf, m->options->settings, &text);
		if (status == STATUS_OK)
			status = write_add(&m->files, path(m, i, endings[phase], &name), &text);
	}
	buf_free(&name);
	buf_free(&text);
	input_free(&current);
	return status;
}

/* A list of hosts, or what else is read, in the folder of the files would be gone with --force. */
static bool is_source(const struct mesh *m, const char *name)
{
	const struct keygen_choices *o = m->options;
	bool same = files_same(name, o->mesh) || (o->secret_file != NULL && files_same(name, o->secret_file));

	for (size_t i = 0; i < o->avoid.n; i++)
		same |= files_same(name, o->avoid.word[i]);
	if (!same)
		return false;
	complain("%s is what the files are made from: take another --out", name);
	return true;
}

static int write_host(struct mesh *m, size_t i)
{
	struct buf name = { 0 }, text = { 0 };
	int status = plan_text(&m->plan, i, PHASE_WHOLE, NULL, m->options->settings, &text);

	if (status == STATUS_OK && is_source(m, path(m, i, endings[PHASE_WHOLE], &name)))
		status = STATUS_REFUSED;
	if (status == STATUS_OK)
		status = write_add(&m->files, path(m, i, endings[PHASE_WHOLE], &name), &text);
	buf_free(&name);
	buf_free(&text);
	return status;
}

static int write_all(struct mesh *m)
{
	const struct keygen_choices *o = m->options;
	int status = STATUS_OK;

	for (size_t i = 0; i < m->plan.npeers && status == STATUS_OK; i++)
		status = o->rotate ? rotate_host(m, i) : write_host(m, i);
	return status == STATUS_OK ? write_place(&m->files, o->force) : status;
}

/* Before the files of the mesh that is there are read: whoever makes another meanwhile has to wait. */
static int lock(struct mesh *m)
{
	const char *out = m->options->out;
	int err = m->options->rotate ? 0 : files_make_folder(&m->files, out);
	struct buf name = { 0 };

	if (err != 0) {
		complain("cannot make the directory %s: %s", out, strerror(-err));
		return STATUS_WORLD;
	}
	warn_if_shared(out, false);
	err = files_lock(&m->files, (const char *const[]){ path(m, 0, endings[PHASE_WHOLE], &name) }, 1);
	buf_free(&name);
	if (err != 0)
		complain_file(out, err);
	return err == 0 ? STATUS_OK : STATUS_WORLD;
}

static int prepare(struct mesh *m)
{
	int status = read_hosts(m);

	if (status == STATUS_OK)
		status = lock(m);
	if (status == STATUS_OK && m->options->rotate)
		status = refuse_unfinished(m);
	if (status == STATUS_OK && m->options->rotate)
		status = take_current(m);
	return status == STATUS_OK ? plan_make(&m->plan, m->options) : status;
}

int keygen_mesh(const struct keygen_choices *o, int argc)
{
	struct mesh m = { .options = o };
	int status;

	if (argc > 0 || o->out == NULL) {
		complain(argc > 0 ? "--mesh=HOSTS takes no more than the list" :
		                    "--mesh takes --out=DIR, where the files of the hosts go");
		return STATUS_USAGE;
	}
	status = plan_read(&m.plan, o);
	if (status == STATUS_OK)
		status = prepare(&m);
	if (status == STATUS_OK)
		status = write_all(&m);
	files_free(&m.files);
	plan_free(&m.plan);
	arena_free(&m.names);
	input_free(&m.list);
	return status;
}
