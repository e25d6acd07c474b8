/* SPDX-License-Identifier: ISC */
/* The tables that a command looks at, from files or from the kernel. */
#include "run/inspect.h"

#include "base/privilege.h"
#include "config/resolve.h"
#include "run/kernel_error.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int inspect_read_files(struct inspected *l, const struct settings *s, int argc, char **argv)
{
	int status = unit_read_all(&l->in, argc, argv);

	if (status != STATUS_OK)
		return status;
	if (!s->insecure && geteuid() == 0)
		unit_judge_writers(&l->in);
	unit_parse(&l->in, s);
	privilege_keep(KEEP_NET_ADMIN | l->keeps);
	resolve_conf(&l->in.conf, true, &l->in.diags);
	complete_inner_families(&l->in.conf, false);
	unit_lint_load(&l->in, s, true);
	expand_conf(&l->list, &l->in.conf, !s->kernel_fwd);
	unit_check(&l->in, &l->list, &xfrm_wire);
	status = report_findings(&l->in.diags, s);
	if (status == STATUS_OK)
		view_read_files(&l->view, &l->list);
	return status;
}

int inspect_read_kernel(struct inspected *l, const struct settings *s)
{
	int err;

	privilege_keep(KEEP_NET_ADMIN | l->keeps);
	if (s->via == VIA_PFKEY)
		return refuse_pfkey();
	l->kernel = kernel_open(VIA_XFRM, NULL, &err);
	if (l->kernel == NULL) {
		error("%s", kernel_open_error(VIA_XFRM, err));
		return STATUS_SYSTEM;
	}
	err = view_read_kernel(&l->view, l->kernel);
	if (err != 0)
		error("the tables cannot be read: %s",
		      err == -EAGAIN ? "other programs keep changing them" : strerror(-err));
	return err != 0 ? STATUS_SYSTEM : STATUS_OK;
}

int inspect_read(struct inspected *l, const struct settings *s, int argc, char **argv)
{
	return argc > 0 ? inspect_read_files(l, s, argc, argv) : inspect_read_kernel(l, s);
}

void inspect_free(struct inspected *l)
{
	view_free(&l->view);
	kernel_close(l->kernel);
	concretes_free(&l->list);
	unit_free(&l->in);
}
