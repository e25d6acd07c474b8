/* SPDX-License-Identifier: ISC */
/* A rotation of keys: three files for each host, one a step, and the whole configuration for later. */
#include "provision/plan.h"

#include "model/same.h"
#include "run/output.h"
#include "run/unit.h"
#include "tables/selector_set.h"

#include <string.h>
#include <unistd.h>

static const char *const endings[] = {
	[PHASE_WHOLE] = "next.conf", [PHASE_ADD] = "1-add.conf", [PHASE_SWITCH] = "2-switch.conf", [PHASE_RETIRE] = "3-retire.conf",
};

/* The name of the host's file for a phase: its .conf is replaced. */
static const char *phase_path(const struct plan *p, size_t i, enum phase phase, struct buf *b)
{
	static const char conf[] = ".conf";
	const char *file = p->peer[i].file;
	size_t n = strlen(file), tail = sizeof(conf) - 1;

	buf_clear(b);
	buf_add(b, file, n > tail && strcmp(file + n - tail, conf) == 0 ? n - tail : n);
	buf_printf(b, ".%s", endings[phase]);
	return buf_str(b);
}

/* What a file protects, without its keys. Sums of hashes, as the order does not matter. */
struct sums {
	uint64_t flows, policies;
	size_t nflows;
};

static struct sums sums_of(const struct conf *c)
{
	struct sums sums = { 0 };

	for (size_t i = 0; i < c->n; i++) {
		const struct stmt *s = c->stmt[i];

		if (s->verb == VERB_ADD) {
			sums.flows += addr_pair_hash(s->sa.src.family, &s->sa.src, &s->sa.dst);
			sums.nflows++;
		} else if (verb_makes_policy(s->verb)) {
			sums.policies += same_policy_hash(&s->policy);
		}
	}
	return sums;
}

/* Reads a file that must be without errors. */
static int read_file(const struct keygen_choices *o, const char *name, struct unit *in)
{
	int status = unit_read(in, name);

	if (status != STATUS_OK)
		return status;
	unit_parse(in, o->settings);
	return report_findings(&in->diags, o->settings);
}

/* Reads the configurations in use, and marks their SPIs as used. */
static int read_current(struct plan *p, const struct keygen_choices *o)
{
	int status = STATUS_OK;

	for (size_t i = 0; i < p->npeers && status == STATUS_OK; i++) {
		struct unit in = { 0 };

		if (p->peer[i].host != i)
			continue;
		status = read_file(o, p->peer[i].file, &in);
		for (size_t k = 0; k < in.conf.n && status == STATUS_OK; k++)
			if (in.conf.stmt[k]->verb == VERB_ADD)
				*hash_at(&p->taken, in.conf.stmt[k]->sa.spi) = 1;
		unit_free(&in);
	}
	return status;
}

/*
 * Refuses if files of an earlier rotation exist: they are removed once its last step is done on every host.
 */
static int refuse_unfinished(const struct plan *p)
{
	int status = STATUS_OK;
	struct buf name = { 0 };

	for (size_t i = 0; i < p->npeers && status == STATUS_OK; i++)
		for (enum phase phase = PHASE_WHOLE;
		     p->peer[i].host == i && phase <= PHASE_RETIRE && status == STATUS_OK; phase++) {
			if (access(phase_path(p, i, phase, &name), F_OK) != 0)
				continue;
			error("%s is of a rotation that is not finished; --force begins another all the "
			      "same",
			      buf_str(&name));
			status = STATUS_ERROR;
		}
	buf_free(&name);
	return status;
}

int rotation_begin(struct plan *p, const struct keygen_choices *o)
{
	int status = o->force ? STATUS_OK : refuse_unfinished(p);

	return status == STATUS_OK ? read_current(p, o) : status;
}

/* Checks that only the keys change: the other hosts keep their policies. */
static int compare_policies(const struct keygen_choices *o, const char *name, const struct unit *current,
                            const struct buf *next)
{
	struct unit in = { 0 };
	struct sums was = sums_of(&current->conf), is;

	unit_text(&in, name, (const char *)next->bytes, next->len, 1, 1);
	unit_parse(&in, o->settings);
	is = sums_of(&in.conf);
	unit_free(&in);
	if (was.nflows == is.nflows && was.flows == is.flows && was.policies == is.policies)
		return STATUS_OK;
	error("%s has other %s than %s%sthese options make: a rotation changes keys alone", name,
	      was.policies != is.policies ? "policies" : "SAs", o->mesh ? o->mesh : "",
	      o->mesh ? " and " : "");
	return STATUS_ERROR;
}

int rotation_write(struct plan *p, size_t i, const struct keygen_choices *o, struct files *files)
{
	struct unit current = { 0 };
	struct buf name = { 0 }, text = { 0 };
	int status = read_file(o, p->peer[i].file, &current);

	if (status == STATUS_OK)
		status = plan_text(p, i, PHASE_WHOLE, NULL, o->settings, &text);
	if (status == STATUS_OK)
		status = compare_policies(o, p->peer[i].file, &current, &text);
	for (enum phase phase = PHASE_WHOLE; phase <= PHASE_RETIRE && status == STATUS_OK; phase++) {
		status = plan_text(p, i, phase, &current.conf, o->settings, &text);
		if (status == STATUS_OK)
			status = write_add(files, phase_path(p, i, phase, &name), &text);
	}
	buf_free(&name);
	buf_free(&text);
	unit_free(&current);
	return status;
}
