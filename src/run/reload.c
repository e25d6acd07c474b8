/* SPDX-License-Identifier: ISC */
/* Reloads: the steps from files to the state of the kernel that diff, sync and try have in common. */
#include "run/reload.h"

#include "base/privilege.h"
#include "config/resolve.h"
#include "run/kernel_error.h"
#include "run/pending_try.h"
#include "run/rules.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { TRIES = 3 };

/* Stands for the statement in requests to delete or restore objects, which come from no file. */
static struct source nowhere = { .name = "kernel", .line = 1, .col = 1 };
static const struct stmt removal = { .src = &nowhere, .verb = VERB_DELETE };

static const char unnamed[] = "an SA with SPI 0, or with bits of its mark outside the mask, stays: "
                              "no request can name it";

static void on_refusal(void *arg, const struct refusal *refusal)
{
	struct reload *r = arg;
	const struct wanted *w;

	if (refusal->stmt == &removal) {
		/* Somebody else has deleted it already. */
		if (refusal->err != ESRCH && refusal->err != ENOENT)
			r->stuck = refusal->err;
		return;
	}
	r->refused++;
	if (sync_was_told(&r->sync, refusal))
		return;
	kernel_error_add(refusal, &r->in.diags);
	w = sync_find(&r->sync, refusal->stmt, refusal->is_fwd_copy);
	if (w != NULL && w->there != 0 && w->dir != 0 && !w->remade)
		diag_hint(&r->in.diags, "note that the policy to be replaced stays");
}

static void on_message(void *arg, const struct wire *wire, bool sent, const uint8_t *bytes, size_t len)
{
	struct buf b = { 0 };

	(void)arg;

	buf_printf(&b, "%s %zu bytes via %s\n", sent ? "sent" : "received", len, wire->name);
	wire->annotate(bytes, len, &b);
	buf_write(&b, stdout);
	buf_free(&b);
}

int reload_judge(struct reload *r)
{
	const struct settings *s = r->settings;

	resolve_conf(&r->in.conf, true, &r->in.diags);
	complete_inner_families(&r->in.conf, false);
	unit_lint_load(&r->in, s, true);
	expand_conf(&r->list, &r->in.conf, !s->kernel_fwd);
	unit_check(&r->in, &r->list, &xfrm_wire);
	return report_findings(&r->in.diags, s);
}

static int want_files(struct reload *r)
{
	struct unsuited why;

	if (sync_want(&r->sync, &r->list, &why)) {
		if (r->sync.nrepeated == 0)
			return STATUS_OK;
		why.origin = r->sync.repeated[0].origin;
		why.why = "an earlier statement adds the same object";
	}
	diag_add(&r->in.diags, &unit_rules[UNIT_NO_STATE], why.origin->src,
	         stmt_part(why.origin, PART_VERB), "%s", why.why);
	return report_findings(&r->in.diags, r->settings);
}

int reload_read_files(struct reload *r, const struct settings *s, int argc, char **argv)
{
	int status;

	r->settings = s;
	r->lock = -1;
	r->sync.removal = &removal;
	ssh_look(&r->ssh);
	privilege_keep(KEEP_NET_ADMIN | KEEP_READ_FILES);
	if (s->via == VIA_PFKEY)
		return refuse_pfkey();
	status = unit_read_all(&r->in, argc, argv);
	if (status != STATUS_OK)
		return status;
	if (!s->insecure && geteuid() == 0)
		unit_judge_writers(&r->in);
	unit_parse(&r->in, s);
	privilege_keep(KEEP_NET_ADMIN);
	return STATUS_OK;
}

/* Blocks signals that end the process, so that ^C does not leave the tables half changed. */
static void hold_signals(sigset_t *was)
{
	sigset_t held;

	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGHUP);
	sigprocmask(SIG_BLOCK, &held, was);
}

static void say_holder(const struct lock_holder *holder)
{
	char who[64] = "a process of another PID namespace";

	if (holder->pid != 0)
		snprintf(who, sizeof(who), "process %u of user %u", holder->pid, holder->uid);
	else if (!holder->is_setkey)
		strcpy(who, "a program that is no setkey");
	if (holder->is_setkey)
		error("waiting for %s, which is changing the tables", who);
	else
		error("%s holds the lock of reloads and cannot change the tables: not waited for", who);
}

int reload_open(struct reload *r, bool lock)
{
	struct kernel_hooks hooks = { on_refusal, r->settings->verbose ? on_message : NULL, r };
	int err;

	r->kernel = kernel_open(VIA_XFRM, &hooks, &err);
	if (r->kernel == NULL) {
		error("%s", kernel_open_error(VIA_XFRM, err));
		return STATUS_SYSTEM;
	}
	r->sync.kernel = r->kernel;
	if (!lock)
		return STATUS_OK;
	r->lock = kernel_lock(say_holder, &err);
	if (err == -EADDRINUSE)
		error("another setkey has been changing the tables for a minute: try again later");
	else if (err != 0)
		error("cannot keep other reloads out: %s", strerror(-err));
	hold_signals(&r->signals);
	r->held = true;
	return err != 0 ? STATUS_SYSTEM : STATUS_OK;
}

int reload_begin(struct reload *r, struct set *set, const struct settings *s, bool changes, int argc,
                 char **argv)
{
	int status;

	/* A list of files that a script has found empty must not mean that nothing is wanted. */
	if (changes && argc == 0) {
		error("expected FILE ..., or - for standard input");
		return STATUS_USAGE;
	}
	status = reload_read_files(r, s, argc, argv);
	if (status == STATUS_OK)
		status = reload_judge(r);
	if (status == STATUS_OK)
		status = want_files(r);
	if (status == STATUS_OK)
		status = reload_open(r, changes);
	if (status == STATUS_OK && changes)
		status = pending_try_check();
	if (status == STATUS_OK && s->set != NULL)
		status = set_begin(set, r, s->set);
	return status;
}

static int say_changing(const struct reload *r)
{
	error("other programs keep changing the tables: %s",
	      r->sent ? "they may not be as wanted" : "nothing was done");
	return STATUS_SYSTEM;
}

/* Prints an error of the kernel interface; returns a status. */
static int world_status(const struct reload *r, int err)
{
	if (err == -EAGAIN)
		return say_changing(r);
	if (err != 0)
		error("talking to the kernel failed: %s", strerror(-err));
	return err != 0 ? STATUS_SYSTEM : STATUS_OK;
}

int reload_plan(struct reload *r)
{
	return world_status(r, sync_plan(&r->sync));
}

/*
 * Records the objects that the plan changes. An object that a later plan changes for the first time is
 * recorded as others have left it since.
 */
static void note_touched(struct reload *r)
{
	const struct sync *s = &r->sync;

	hash_reserve(&r->touched, r->touched.n + s->nsteps);
	for (size_t i = 0; i < s->nsteps; i++) {
		const struct step *step = &s->step[i];
		uint32_t there = step->wanted != 0 ? s->wanted[step->wanted - 1].there : step->there;
		const struct object *o = there != 0 ? &s->there.object[there - 1] : NULL;
		uint64_t name = o != NULL ? o->name : s->wanted[step->wanted - 1].name;

		if (r->sent && hash_find(&r->touched, name) == 0)
			snapshot_put(&r->before, name, o);
		*hash_at(&r->touched, name) = 1;
	}
}

int reload_back(struct reload *r, const struct snapshot *before, bool all)
{
	struct sync back = { .kernel = r->kernel, .removal = &removal, .only = all ? NULL : &r->touched };
	int err;

	r->stuck = 0;
	sync_want_back(&back, before);
	err = sync_plan(&back);
	if (err == 0)
		err = sync_send(&back);
	if (back.unnamed > 0)
		r->stuck = EADDRNOTAVAIL;
	sync_free(&back);
	if (err != 0)
		r->stuck = -err;
	if (r->stuck == 0)
		return STATUS_OK;
	error("the previous state could not be restored in full: %s",
	      r->stuck == EADDRNOTAVAIL ? unnamed : strerror(r->stuck));
	return STATUS_SYSTEM;
}

int reload_undo(struct reload *r)
{
	return r->sent ? reload_back(r, &r->before, false) : STATUS_OK;
}

/* Undoes everything after a refusal, and prints why. */
static int undo_refused(struct reload *r)
{
	bool by_kernel = r->refused > 0 || r->stuck != 0;
	int status, stuck = r->stuck;

	status = reload_undo(r);
	if (by_kernel)
		report_findings(&r->in.diags, r->settings);
	if (stuck != 0)
		error("the kernel refused to delete something: %s", strerror(stuck));
	if (status == STATUS_OK)
		error("%s, and so the tables are as they were before",
		      by_kernel ? "the kernel refused a part" :
		                  "others have changed the tables meanwhile");
	return status_worse(status, STATUS_ERROR);
}

int reload_judge_plan(struct reload *r)
{
	int status = r->set != NULL ? set_judge(r->set, r) : STATUS_OK;

	if (status != STATUS_OK)
		return status;
	if (r->sync.unnamed > 0) {
		error("%s; delete all SAs of its protocol with `setkey flush sa PROTOCOL`", unnamed);
		return STATUS_ERROR;
	}
	return guard_judge(&r->ssh, &r->sync, r->only_warns ? GUARD_WARNS : GUARD_REFUSES, &r->in,
	                   r->settings);
}

static int try_once(struct reload *r, bool *again)
{
	int status = reload_plan(r), err;

	*again = false;
	if (status == STATUS_OK)
		status = reload_judge_plan(r);
	/* The record of a set is written before anything is sent. */
	if (status == STATUS_OK && r->set != NULL)
		status = set_intend(r->set, r);
	if (status != STATUS_OK || r->sync.nsteps == 0)
		return status;
	*again = watch_changed(r->sync.watch);
	if (*again)
		return STATUS_OK;
	note_touched(r);
	status = r->prepare != NULL ? r->prepare(r->arg) : STATUS_OK;
	if (status != STATUS_OK)
		return status;
	err = sync_send(&r->sync);
	if (!r->sent) {
		r->before = r->sync.there;
		r->sync.there = (struct snapshot){ 0 };
		r->sent = true;
	}
	if (err != 0)
		return world_status(r, err);
	if (r->refused > 0 || r->stuck != 0)
		return STATUS_ERROR;
	*again = watch_changed(r->sync.watch);
	return STATUS_OK;
}

int reload_apply(struct reload *r)
{
	int status, err;
	bool again = true;

	r->sync.watch = watch_open(r->kernel, &err);
	if (r->sync.watch == NULL)
		return world_status(r, err);
	for (int i = 0; i < TRIES && again; i++) {
		status = try_once(r, &again);
		again &= status == STATUS_OK;
	}
	if (again)
		status = say_changing(r);
	if (status == STATUS_ERROR && r->sent)
		status = undo_refused(r);
	if (r->set != NULL && status == STATUS_OK)
		status = set_finish(r->set, r);
	else if (r->set != NULL && status == STATUS_ERROR)
		status = status_worse(status, set_restore(r->set));
	if (status == STATUS_OK)
		reload_say_unkept(r);
	return status;
}

/* The objects that stay although no file has them; NULL: all, or none. */
static const char *name_spared(const struct sync *s)
{
	bool some = s->every_sa[PROTO_ESP] || s->every_sa[PROTO_AH] || s->every_sa[PROTO_IPCOMP];

	if (s->every_sa[PROTO_ANY])
		return s->every_policy ? NULL : "policies that";
	if (s->every_policy)
		return some ? "SAs of other protocols that" : "SAs that";
	return some ? "policies, and SAs of other protocols, that" : NULL;
}

void reload_say_scope(const struct reload *r)
{
	bool sas = r->sync.every_sa[PROTO_ANY], policies = r->sync.every_policy;
	const char *spared = name_spared(&r->sync);

	if (r->set != NULL || (sas && policies))
		return;
	error("the files do not begin with %s: %s the kernel has besides %s",
	      sas ? "spdflush" : policies ? "flush" : "flush and spdflush",
	      spared != NULL ? spared : "what", spared != NULL ? "stay" : "stays");
}

void reload_say_unkept(const struct reload *r)
{
	for (enum attr_id id = 0; id < ATTR_MAX; id++)
		if (r->sync.unkept >> id & 1)
			error("this kernel does not keep -%s of an SA: %s", attr_table[id].option,
			      id == ATTR_OFFLOAD ? "the device does not take it over" : "it is too old");
	if (r->sync.unkept_context)
		error("this kernel does not keep -ctx: it has no security module that labels packets");
}

void reload_free(struct reload *r)
{
	watch_close(r->sync.watch);
	sync_free(&r->sync);
	snapshot_free(&r->before);
	kernel_close(r->kernel);
	if (r->lock >= 0)
		close(r->lock);
	hash_free(&r->touched);
	ssh_free(&r->ssh);
	concretes_free(&r->list);
	unit_free(&r->in);
	if (r->held)
		sigprocmask(SIG_SETMASK, &r->signals, NULL);
}

void reload_print(const struct event *ev, struct buf *out)
{
	struct print_opts o = { .keys = false };

	(ev->kind == EVENT_SA ? conf_format.sa : conf_format.policy)(ev, &o, out);
	while (out->len > 0 && out->bytes[out->len - 1] == '\n')
		out->len--;
}
