/* SPDX-License-Identifier: ISC */
/* The tables that are looked at, from files or from the kernel. */
#include "run/look.h"

#include "base/privilege.h"
#include "config/resolve.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void refused(void *arg, const struct refusal *r)
{
	(void)arg;
	(void)r;
}

int look_read_files(struct look *l, const struct settings *s, int argc, char **argv)
{
	int status = input_read_all(&l->in, argc, argv);

	if (status != STATUS_OK)
		return status;
	if (!s->insecure && geteuid() == 0)
		input_judge_writers(&l->in);
	input_parse(&l->in, s);
	privilege_keep(KEEP_NET_ADMIN | l->keeps);
	resolve_conf(&l->in.conf, true, &l->in.diags);
	complete_inner_families(&l->in.conf, false);
	input_lint_load(&l->in, s, true);
	expand_conf(&l->list, &l->in.conf, !s->kernel_fwd);
	input_check(&l->in, &l->list, &xfrm_wire);
	status = complain_findings(&l->in.diags, s);
	if (status == STATUS_OK)
		view_read_files(&l->view, &l->list);
	return status;
}

int look_read_kernel(struct look *l, const struct settings *s)
{
	const struct kernel_hooks hooks = { refused, NULL, NULL };
	int err;

	privilege_keep(KEEP_NET_ADMIN | l->keeps);
	if (s->via == VIA_PFKEY) {
		complain("PF_KEY does not tell all that it holds: this works through XFRM");
		return STATUS_WORLD;
	}
	l->kernel = kernel_open(VIA_XFRM, &hooks, &err);
	if (l->kernel == NULL) {
		complain("%s", kernel_open_error(VIA_XFRM, err));
		return STATUS_WORLD;
	}
	err = view_read_kernel(&l->view, l->kernel);
	if (err != 0)
		complain("the tables cannot be read: %s",
		         err == -EAGAIN ? "other programs keep changing them" : strerror(-err));
	return err != 0 ? STATUS_WORLD : STATUS_OK;
}

int look_read(struct look *l, const struct settings *s, int argc, char **argv)
{
	return argc > 0 ? look_read_files(l, s, argc, argv) : look_read_kernel(l, s);
}

void look_free(struct look *l)
{
	view_free(&l->view);
	kernel_close(l->kernel);
	concretes_free(&l->list);
	input_free(&l->in);
}
