/* What the kernel holds as a source of statements, which can then be judged like a file. */
#include "run/session.h"

#include <string.h>

static int hold(void *arg, const struct event *ev)
{
	struct session *s = arg;

	if (ev->kind != EVENT_SA && ev->kind != EVENT_POLICY)
		return 0;
	s->in->kernel_protects |=
	        ev->kind == EVENT_POLICY && ev->policy.action == ACTION_IPSEC && ev->policy.ntmpl > 0;
	s->kept = memory_grow(s->kept, s->nkept, &s->capkept, sizeof(*s->kept));
	s->kept[s->nkept++] = (struct kept){ .at = s->out.len };
	(ev->kind == EVENT_SA ? conf_format.sa : conf_format.policy)(ev, &s->print, &s->out);
	return 0;
}

/* The kernel lists the newest first. */
static void turn(struct session *s, struct buf *out)
{
	size_t end = s->out.len;

	for (; s->nkept-- > 0; end = s->kept[s->nkept].at)
		buf_add(out, s->out.bytes + s->kept[s->nkept].at, end - s->kept[s->nkept].at);
	s->nkept = 0;
	buf_clear(&s->out);
}

static int read_table(struct session *s, enum verb verb, struct buf *out)
{
	struct source none = { .name = "kernel", .line = 1, .col = 1 };
	struct stmt what = { .src = &none, .verb = (uint8_t)verb };
	int err = kernel_read(s->kernel, &what, &what, hold, s);

	turn(s, out);
	if (err != 0)
		complain("the %s cannot be read: %s", verb == VERB_DUMP ? "SAD" : "SPD", strerror(-err));
	else if (kernel_changed(s->kernel))
		complain("the %s changed while it was read: this may be incomplete",
		         verb == VERB_DUMP ? "SAD" : "SPD");
	return err != 0 ? STATUS_WORLD : STATUS_OK;
}

int input_kernel(struct input *in, const struct settings *settings)
{
	struct session s;
	struct buf text = { 0 };
	int status = session_open(&s, settings, in);

	if (status != STATUS_OK)
		return status;
	s.print = (struct print_opts){ .keys = true, .exact = true };
	conf_format.begin(&s.print, &text);
	status = read_table(&s, VERB_DUMP, &text);
	if (status == STATUS_OK)
		status = read_table(&s, VERB_SPDDUMP, &text);
	if (status == STATUS_OK)
		input_text(in, "kernel", buf_str(&text), text.len, 1, 1);
	session_close(&s);
	buf_free(&text);
	return status;
}
