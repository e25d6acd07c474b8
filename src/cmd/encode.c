/* setkey encode: the kernel messages that files become, in hex, without a kernel. */
#include "cmd/input.h"

#include "base/hex.h"
#include "base/privilege.h"
#include "config/expand.h"

#include <errno.h>
#include <string.h>

struct encoder {
	const struct settings *settings;
	struct input *in;
	const struct wire *wire;
	const struct stmt *origin;
	uint32_t seq, unique;
	bool failed;
};

static int print_message(void *arg, const struct stmt *s)
{
	struct encoder *c = arg;
	struct buf message = { 0 }, line = { 0 };
	struct encoding e = { .out = &message, .seq = c->seq, .unique = c->unique };
	struct refusal r;

	if (c->wire->encode(s, &e) != 0) {
		r = (struct refusal){ .stmt = c->origin, .copy = s->copy, .part = e.part, .err = EOPNOTSUPP, .why = e.reason };
		kernel_report(&r, &c->in->diags);
		c->failed = true;
		buf_free(&message);
		return 0;
	}
	c->unique = e.unique;
	c->seq += c->wire == &xfrm_wire;
	hex_encode(&line, message.bytes, message.len);
	buf_addc(&line, '\n');
	if (c->settings->annotate)
		c->wire->annotate(message.bytes, message.len, &line);
	buf_write(&line, stdout);
	buf_free(&line);
	buf_free(&message);
	return 0;
}

int cmd_encode(struct settings *s, int argc, char **argv)
{
	struct input in = { 0 };
	struct encoder c = { .settings = s, .in = &in, .wire = s->via == VIA_PFKEY ? &pfkey_wire : &xfrm_wire,
	                     .seq = s->via != VIA_PFKEY, .unique = UNIQUE_FIRST };
	int status = STATUS_OK;

	if (argc == 0) {
		complain("encode: which file?");
		return STATUS_USAGE;
	}
	for (int i = 0; i < argc && status == STATUS_OK; i++)
		status = input_read(&in, argv[i]);
	input_parse(&in, s);
	privilege_keep(0);
	if (status == STATUS_OK)
		status = input_judge(&in, s);
	for (size_t i = 0; status == STATUS_OK && i < in.conf.n; i++) {
		c.origin = in.conf.stmt[i];
		if (c.origin->verb != VERB_EXIT)
			expand(c.origin, !s->kernel_fwd, print_message, &c);
	}
	complain_findings(&in.diags, s);
	input_free(&in);
	return status == STATUS_OK && c.failed ? STATUS_REFUSED : status;
}
