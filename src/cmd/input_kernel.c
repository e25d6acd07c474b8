/* What the kernel holds as a source of statements, which can then be judged like a file. */
#include "cmd/session.h"

#include <stdlib.h>
#include <string.h>

/* Objects as text, in the order of the dump; where each begins. */
struct held {
	struct print_opts print;
	struct buf text;
	size_t *at;
	size_t n, cap;
};

static int hold(void *arg, const struct event *ev)
{
	struct held *h = arg;

	if (ev->kind != EVENT_SA && ev->kind != EVENT_POLICY)
		return 0;
	h->at = memory_grow(h->at, h->n, &h->cap, sizeof(*h->at));
	h->at[h->n++] = h->text.len;
	(ev->kind == EVENT_SA ? conf_format.sa : conf_format.policy)(ev, &h->print, &h->text);
	return 0;
}

/* The kernel lists the newest first. */
static void turn(struct held *h, struct buf *out)
{
	size_t end = h->text.len;

	for (size_t i = h->n; i-- > 0; end = h->at[i])
		buf_add(out, h->text.bytes + h->at[i], end - h->at[i]);
}

static int read_table(struct session *s, enum verb verb, struct buf *out)
{
	struct source none = { .name = "kernel", .line = 1, .col = 1 };
	struct stmt what = { .src = &none, .verb = (uint8_t)verb };
	struct held h = { .print = { .keys = true, .exact = true } };
	int err = kernel_read(s->kernel, &what, &what, hold, &h);

	turn(&h, out);
	buf_free(&h.text);
	free(h.at);
	if (err != 0)
		complain("the %s cannot be read: %s", verb == VERB_DUMP ? "SAD" : "SPD", strerror(-err));
	else if (kernel_changed(s->kernel))
		complain("the %s changed while it was read: this may be incomplete", verb == VERB_DUMP ? "SAD" : "SPD");
	return err != 0 ? STATUS_WORLD : STATUS_OK;
}

int input_kernel(struct input *in, const struct settings *settings)
{
	struct session s;
	struct buf text = { 0 };
	int status = session_open(&s, settings, in);

	if (status != STATUS_OK)
		return status;
	conf_format.begin(&(struct print_opts){ .exact = true }, &text);
	status = read_table(&s, VERB_DUMP, &text);
	if (status == STATUS_OK)
		status = read_table(&s, VERB_SPDDUMP, &text);
	if (status == STATUS_OK)
		input_text(in, "kernel", buf_str(&text), text.len, 1, 1);
	session_close(&s);
	buf_free(&text);
	return status;
}
