/* SPDX-License-Identifier: ISC */
/* Named sets: the objects that syncs with --name have installed, recorded in /run/setkey. */
#include "run/named_set.h"

#include "run/output.h"
#include "run/reload.h"
#include "run/rules.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char folder[] = "/run/setkey";

enum { RECORD_MAX = 1 << 30 };

enum { NOT_OURS };

const struct rule set_rules[] = {
	[NOT_OURS] = { "SK703", "not-ours", SEVERITY_ERROR,
		"an object of somebody else is there, and differs" },
	{ NULL, NULL, 0, NULL }
};

/* The record file of a set. Each network namespace has records of its own. */
static void name_file(const char *name, struct buf *path)
{
	struct stat st = { 0 };

	if (stat("/proc/self/ns/net", &st) != 0)
		st.st_ino = 0;
	buf_printf(path, "%s/%s.%ju", folder, name, (uintmax_t)st.st_ino);
}

/* Makes sure that nobody else can write records. */
static int check_folder(void)
{
	struct stat st;

	if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
		error("cannot make %s: %s; a named set needs it", folder, strerror(errno));
		return STATUS_SYSTEM;
	}
	if (lstat(folder, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
	    (st.st_mode & (S_IWGRP | S_IWOTH)) == 0)
		return STATUS_OK;
	error("%s is not a directory that this user alone may write, as named sets require", folder);
	return STATUS_SYSTEM;
}

/* Reads a record file. before: receives the text of the set's own record; NULL: the file is another set's. */
static int read_file(const char *path, struct record *record, struct buf *before)
{
	struct source src = { 0 };
	int err = source_read_named(&src, path, RECORD_MAX);

	if (err == 0)
		err = record_read(record, src.text, src.len);
	if (err == 0 && before != NULL)
		buf_add(before, src.text, src.len);
	/* setkey has other files in this folder too. */
	if (err == -ENOMSG)
		err = before != NULL ? -EBADMSG : 0;
	if (err == -EBADMSG)
		error("%s is damaged, and what the set has installed is not known: remove the file, and "
		      "delete the objects of the set by hand",
		      path);
	else if (err != 0 && err != -ENOENT && err != -ESTALE)
		error("cannot read %s: %s", path, strerror(-err));
	source_free(&src);
	return err == 0 || err == -ENOENT || err == -ESTALE ? STATUS_OK : STATUS_SYSTEM;
}

/* Reads the records of this set and of all others. */
static int read_files(struct set *set)
{
	struct buf own = { 0 }, pattern = { 0 };
	int status = STATUS_OK;
	glob_t found = { 0 };

	name_file(set->name, &own);
	name_file("*", &pattern);
	if (glob(buf_str(&pattern), 0, NULL, &found) == GLOB_NOSPACE)
		memory_exhausted();
	for (size_t i = 0; i < found.gl_pathc && status == STATUS_OK; i++)
		if (strcmp(found.gl_pathv[i], buf_str(&own)) == 0)
			status = read_file(found.gl_pathv[i], &set->record, &set->before);
		else
			status = read_file(found.gl_pathv[i], &set->others, NULL);
	globfree(&found);
	buf_free(&own);
	buf_free(&pattern);
	return status;
}

static int write_file(const struct set *set, const struct buf *text)
{
	struct buf path = { 0 };
	int status;

	name_file(set->name, &path);
	status = write_new(buf_str(&path), text, true);
	buf_free(&path);
	return status;
}

static int write_record(const struct set *set, const struct record *record)
{
	struct buf text = { 0 };
	int status;

	record_write(record, &text);
	status = write_file(set, &text);
	buf_free(&text);
	return status;
}

int set_begin(struct set *set, struct reload *r, const char *name)
{
	struct sync *s = &r->sync;
	int status = check_folder();

	set->name = name;
	r->set = set;
	if (status == STATUS_OK)
		status = read_files(set);
	s->record = &set->record;
	s->others = &set->others;
	s->every_policy = s->every_sub = false;
	memset(s->every_sa, 0, sizeof(s->every_sa));
	s->nemptied = 0;
	hash_free(&s->surplus);
	return status;
}

int set_judge(const struct set *set, struct reload *r)
{
	const struct wanted *w = r->settings->force ? NULL : sync_foreign(&r->sync);
	struct event *ev;
	struct buf there = { 0 };

	if (w == NULL)
		return STATUS_OK;
	ev = memory_resize(NULL, 1, sizeof(*ev));
	object_decode(&r->sync.there.object[w->there - 1], ev);
	reload_print(ev, &there);
	diag_add(&r->in.diags, &set_rules[NOT_OURS], w->origin->src, w->origin->at,
	         "the kernel has a different object there, which does not belong to the set %s alone: %s",
	         set->name,
	         buf_str(&there));
	diag_hint(&r->in.diags, "--force replaces it; `setkey diff` shows in what the two differ");
	explicit_bzero(ev, sizeof(*ev));
	free(ev);
	buf_free(&there);
	return report_findings(&r->in.diags, r->settings);
}

/* Adds everything that is wanted to the record. stamps: with the stamps of the objects in the kernel. */
static void record_wanted(const struct sync *s, bool stamps, struct record *record)
{
	struct event *ev = memory_resize(NULL, 1, sizeof(*ev));
	struct buf scratch = { 0 };

	for (size_t i = 0; i < s->n; i++) {
		const struct wanted *w = &s->wanted[i];

		wanted_decode(w, &scratch, ev);
		record_add(record, ev, stamps && w->there != 0 ? s->there.object[w->there - 1].stamp : 0);
	}
	explicit_bzero(ev, sizeof(*ev));
	free(ev);
	buf_free(&scratch);
}

/* True if nothing has to be changed, and the record is complete. */
static bool is_recorded(const struct set *set, const struct sync *s)
{
	if (s->nsteps != 0 || s->record->n != s->n || set->intended)
		return false;
	for (size_t i = 0; i < s->n; i++) {
		uint32_t there = s->wanted[i].there;

		if (there == 0 || !record_has(s->record, &s->there.object[there - 1]))
			return false;
	}
	return true;
}

/*
 * Uses a temporary record: if the plan is made again, what was never installed must not count as the set's.
 */
int set_intend(struct set *set, const struct reload *r)
{
	struct record intended = { 0 };
	int status;

	if (is_recorded(set, &r->sync))
		return STATUS_OK;
	record_read(&intended, (const char *)set->before.bytes, set->before.len);
	record_wanted(&r->sync, false, &intended);
	status = write_record(set, &intended);
	set->intended = status == STATUS_OK;
	record_free(&intended);
	return status;
}

int set_finish(struct set *set, struct reload *r)
{
	struct record record = { 0 };
	int status;

	if (is_recorded(set, &r->sync))
		return STATUS_OK;
	status = reload_plan(r);
	if (status == STATUS_OK) {
		record_wanted(&r->sync, true, &record);
		status = write_record(set, &record);
	}
	record_free(&record);
	return status;
}

int set_restore(const struct set *set)
{
	const struct record none = { 0 };

	if (!set->intended)
		return STATUS_OK;
	return set->before.len > 0 ? write_file(set, &set->before) : write_record(set, &none);
}

void set_free(struct set *set)
{
	record_free(&set->record);
	record_free(&set->others);
	buf_free(&set->before);
}
