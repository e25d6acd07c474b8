/* SPDX-License-Identifier: ISC */
/* Reads the kernel's tables as a source of statements, which can then be checked like a file. */
#include "run/run.h"

#include <stdlib.h>
#include <string.h>

/* A table as statements, in the order in which the kernel lists it. */
struct listed {
	struct print_opts print;
	struct buf text;
	size_t *at;              /* where each begins */
	size_t n, cap;
	bool protects;           /* a policy asks for SAs */
};

static int print_statement(void *arg, const struct event *ev)
{
	struct listed *l = arg;

	if (ev->kind != EVENT_SA && ev->kind != EVENT_POLICY)
		return 0;
	l->protects |= ev->kind == EVENT_POLICY && ev->policy.action == ACTION_IPSEC && ev->policy.ntmpl > 0;
	l->at = memory_grow(l->at, l->n, &l->cap, sizeof(*l->at));
	l->at[l->n++] = l->text.len;
	(ev->kind == EVENT_SA ? conf_format.sa : conf_format.policy)(ev, &l->print, &l->text);
	return 0;
}

static int read_table(struct run *s, enum verb verb, struct buf *out)
{
	struct source none = { .name = "kernel", .line = 1, .col = 1 };
	struct stmt what = { .src = &none, .verb = (uint8_t)verb };
	struct listed l = { .print = { .keys = true, .exact = true } };
	int err = kernel_read(s->kernel, &what, &what, print_statement, &l);

	/* In reverse: the kernel lists the newest first. */
	for (size_t i = l.n, end = l.text.len; i-- > 0; end = l.at[i])
		buf_add(out, l.text.bytes + l.at[i], end - l.at[i]);
	s->in->kernel_protects |= l.protects;
	buf_free(&l.text);
	free(l.at);
	if (err != 0)
		error("the %s cannot be read: %s", verb == VERB_DUMP ? "SAD" : "SPD", strerror(-err));
	else if (kernel_changed(s->kernel))
		error("the %s changed while it was read: the findings may be incomplete",
		      verb == VERB_DUMP ? "SAD" : "SPD");
	return err != 0 ? STATUS_SYSTEM : STATUS_OK;
}

int unit_kernel(struct unit *in, const struct settings *settings)
{
	struct run s;
	struct buf text = { 0 };
	int status = run_open(&s, settings, in);

	if (status != STATUS_OK)
		return status;
	conf_format.begin(&(struct print_opts){ .keys = true, .exact = true }, &text);
	status = read_table(&s, VERB_DUMP, &text);
	if (status == STATUS_OK)
		status = read_table(&s, VERB_SPDDUMP, &text);
	if (status == STATUS_OK) {
		unit_text(in, "kernel", buf_str(&text), text.len, 1, 1);
		in->kernel = in->sources.source[in->sources.n - 1];
	}
	run_close(&s);
	buf_free(&text);
	return status;
}
