/* SPDX-License-Identifier: ISC */
/* setkey doctor: what is wrong with this host's IPsec. The checks that need more than tables are here. */
#include "cmd/cmd.h"

#include "base/privilege.h"
#include "lint/profile.h"
#include "run/inspect.h"
#include "run/probe_alg.h"
#include "see/doctor.h"

#include <errno.h>
#include <linux/pfkeyv2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned json;       /* --format: 0 text, 1 JSON */

const struct opt doctor_options[] = { { "format", 0, "text|json", "form of the output", NULL, &json, 0 },
	                              OPT_NO_FWD,
	                              OPT_INSECURE,
	                              OPT_END };

/* Of files alone a kernel that is not to be had is no fault. */
static void check_interfaces(struct doctor *d, bool files)
{
	int err, fd = socket(AF_KEY, SOCK_RAW | SOCK_CLOEXEC, PF_KEY_V2), why = errno;
	struct kernel *k = kernel_open(VIA_XFRM, NULL, &err);

	d->id = "xfrm";
	if (k != NULL) {
		doctor_add(d, HEALTH_OK, "the kernel can be asked through XFRM");
	} else {
		doctor_add(d, files ? HEALTH_SKIPPED : HEALTH_ERROR, "%s", kernel_open_error(VIA_XFRM, err));
		doctor_hint(d, err == -EPERM ? "run it as root" : "load the module xfrm_user");
	}
	d->id = "pfkey";
	doctor_add(d, HEALTH_OK, "PF_KEY is %s",
	           fd >= 0 ? "there, for programs that speak nothing else"
	           : why == EPERM
	                   ? "there, for root"
	                   : "not there; programs that speak nothing else, such as racoon, need af_key");
	if (fd >= 0)
		close(fd);
	kernel_close(k);
}

/* The rows of the table that the SAs need, each once. */
static size_t list_algs(const struct view *v, const struct alg **list, size_t max)
{
	struct event *ev = memory_resize(NULL, 1, sizeof(*ev));
	size_t n = 0;

	for (size_t i = 0; i < v->tables.nsas; i++) {
		view_decode(v, i, ev);
		for (int kind = 0; kind < 3; kind++) {
			const struct alg *a = kind == 0 ? ev->sa.enc : kind == 1 ? ev->sa.auth : ev->sa.comp;
			size_t j = 0;

			while (j < n && list[j] != a)
				j++;
			if (a != NULL && j == n && n < max)
				list[n++] = a;
		}
	}
	explicit_bzero(ev, sizeof(*ev));
	free(ev);
	return n;
}

/* In a process of its own, for the namespace of its own in which it tries them: a letter each. */
static void try_all(const struct alg *const *list, size_t n, int to)
{
	bool alone = kernel_isolate() == 0;

	for (size_t i = 0; i < n; i++) {
		const char *result = alone ? alg_try(list[i], VIA_XFRM) : "?";
		char answer = 'y';

		if (strncmp(result, "no", 2) == 0)
			answer = result[2] == '\0' ? 'n' : 'p';

		if (write(to, &answer, 1) != 1)
			_exit(1);
	}
	_exit(0);
}

static void check_algorithms(struct doctor *d)
{
	enum { MAX = 64 };
	const struct alg *list[MAX];
	size_t n = d->wanted != NULL ? list_algs(d->wanted, list, MAX) : 0, wrong = d->n;
	bool protocol = false; /* its absence has been reported */
	int pipes[2];
	pid_t child;

	d->id = "algorithms";
	/* What is in the kernel already works. */
	if (n > 0 && !view_is_kernel(d->wanted) && pipe(pipes) == 0) {
		fflush(stdout);
		child = fork();
		if (child == 0)
			try_all(list, n, pipes[1]);
		close(pipes[1]);
		for (size_t i = 0; i < n; i++) {
			char answer = 'y';

			if (read(pipes[0], &answer, 1) != 1 || answer == 'y')
				continue;
			if (answer == 'p' && !protocol) {
				doctor_add(d, HEALTH_ERROR, "this kernel lacks ESP or IPComp itself");
				doctor_hint(d, "load the modules esp4, esp6, ipcomp and ipcomp6");
			} else if (answer == 'n') {
				doctor_add(d, HEALTH_ERROR, "this kernel lacks %s", list[i]->name);
				doctor_hint(d, "load the module of %s, or take another",
				            list[i]->xfrm != NULL ? list[i]->xfrm : list[i]->name);
			}
			protocol |= answer == 'p';
		}
		close(pipes[0]);
		waitpid(child, NULL, 0);
	}
	if (d->n == wrong)
		doctor_add(d, HEALTH_OK, "the kernel has the %zu algorithms that the SAs need", n);
}

/* What lint finds, without that which is advice. */
static void check_lint(struct doctor *d, const struct settings *s, struct unit *in)
{
	size_t n = d->n;

	d->id = "lint";
	unit_parse(in, s);
	unit_lint(in, s, profiles);
	for (size_t i = 0; i < in->diags.n; i++) {
		const struct diag *g = &in->diags.diag[i];

		if (g->severity < SEVERITY_WARNING)
			continue;
		doctor_add(d, g->severity == SEVERITY_ERROR ? HEALTH_ERROR : HEALTH_WARNING, "%s (%s)",
		           g->message, g->rule->name);
		doctor_hint(d, "%s; setkey explain %s says more",
		            g->hint != NULL ? g->hint : "mend the statement", g->rule->name);
	}
	if (d->n == n)
		doctor_add(d, HEALTH_OK, "lint finds no fault");
}

static void run_checks(struct doctor *d, const struct settings *s, struct unit *in, bool files)
{
	check_interfaces(d, files);
	check_algorithms(d);
	for (const struct check *c = checks; c->id != NULL; c++)
		doctor_run(d, c);
	if (d->wanted != NULL)
		check_lint(d, s, in);
}

static int print_report(const struct doctor *d)
{
	struct buf out = { 0 };

	(json ? doctor_print_json : doctor_print_text)(d, &out);
	buf_write(&out, stdout);
	buf_free(&out);
	return d->errors > 0 ? STATUS_ERROR : STATUS_OK;
}

static bool can_read_kernel(void)
{
	int err;
	struct kernel *k = kernel_open(VIA_XFRM, NULL, &err);

	kernel_close(k);
	return k != NULL;
}

/* For lint, which judges texts. */
static int read_for_lint(struct unit *in, const struct settings *s, int argc, char **argv)
{
	return argc > 0 ? unit_read_all(in, argc, argv) : unit_kernel(in, s);
}

int cmd_doctor(struct settings *s, int argc, char **argv)
{
	struct inspected kernel = { .keeps = KEEP_NAMESPACES }, files = { .keeps = KEEP_NAMESPACES };
	struct doctor d = { 0 };
	struct unit in = { 0 };
	bool readable = can_read_kernel();
	int status = STATUS_OK;

	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], "-") == 0) {
			error("doctor reads its files twice: standard input cannot be one");
			return STATUS_USAGE;
		}
	if (argc > 0)
		status = read_for_lint(&in, s, argc, argv);
	if (status == STATUS_OK && argc > 0)
		status = inspect_read_files(&files, s, argc, argv);
	if (status == STATUS_OK && readable)
		status = inspect_read_kernel(&kernel, s);
	if (status == STATUS_OK && argc == 0 && readable)
		status = read_for_lint(&in, s, argc, argv);
	if (status == STATUS_OK) {
		d.kernel = readable ? &kernel.view : NULL;
		d.wanted = argc > 0 ? &files.view : d.kernel;
		run_checks(&d, s, &in, argc > 0);
		status = print_report(&d);
	} else if (argc > 0) {
		status = STATUS_SYSTEM;
	}
	doctor_free(&d);
	unit_free(&in);
	inspect_free(&files);
	inspect_free(&kernel);
	return status;
}
