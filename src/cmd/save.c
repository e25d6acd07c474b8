/* SPDX-License-Identifier: ISC */
/* setkey save: the kernel's state as a file that brings it back. */
#include "cmd/cmd.h"

#include "kernel/snapshot.h"
#include "run/kernel_error.h"
#include "run/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Returns how many objects no statement can say in full: those are comments. */
static size_t print_objects(const struct snapshot *s, struct buf *out)
{
	const struct print_opts o = { .keys = true, .exact = true };
	struct event *ev = memory_resize(NULL, 1, sizeof(*ev));
	size_t partial = 0;

	conf_format.begin(&o, out);
	buf_adds(out, "flush;\nspdflush;\n");
	for (size_t i = 0; i < s->n; i++) {
		size_t at = out->len;

		object_decode(&s->object[i], ev);
		(s->object[i].dir == 0 ? conf_format.sa : conf_format.policy)(ev, &o, out);
		partial += at < out->len && out->bytes[at] == '#';
	}
	explicit_bzero(ev, sizeof(*ev));
	free(ev);
	return partial;
}

static int write_text(const char *name, struct buf *text)
{
	if (strcmp(name, "-") != 0)
		return write_new(name, text, true);
	warn_if_open();
	buf_write(text, stdout);
	return STATUS_OK;
}

int cmd_save(struct settings *s, int argc, char **argv)
{
	struct snapshot snapshot = { 0 };
	struct buf text = { 0 };
	struct kernel *k;
	size_t partial = 0;
	int err, status;

	if (argc > 1) {
		error("expected one FILE at most");
		return STATUS_USAGE;
	}
	if (s->via == VIA_PFKEY)
		return refuse_pfkey();
	k = kernel_open(VIA_XFRM, NULL, &err);
	if (k == NULL) {
		error("%s", kernel_open_error(VIA_XFRM, err));
		return STATUS_SYSTEM;
	}
	err = snapshot_read(&snapshot, k);
	if (err == 0)
		partial = print_objects(&snapshot, &text);
	status = err == 0 ? write_text(argc > 0 ? argv[0] : "-", &text) : STATUS_SYSTEM;
	if (err != 0)
		error("the tables cannot be read: %s",
		         err == -EAGAIN ? "other programs keep changing them" : strerror(-err));
	else if (partial > 0)
		error("%zu objects cannot be written in full as statements: see the comments", partial);
	snapshot_free(&snapshot);
	buf_free(&text);
	kernel_close(k);
	return status == STATUS_OK && partial > 0 ? STATUS_ERROR : status;
}
