/* SPDX-License-Identifier: ISC */
/* setkey encode: the kernel messages that files become, in hex, without a kernel. */
#include "cmd/cmd.h"

#include "base/hex.h"
#include "base/privilege.h"
#include "config/resolve.h"
#include "run/unit.h"

#include <assert.h>

const struct opt encode_options[] = { OPT_ANNOTATE, OPT_NO_FWD, OPT_INSECURE, OPT_END };

struct encoder {
	const struct settings *settings;
	const struct wire *wire;
	uint32_t seq, unique;
};

static void print_message(struct encoder *c, const struct stmt *s)
{
	struct buf message = { 0 }, line = { 0 };
	struct encoding e = { .out = &message, .seq = c->seq, .unique = c->unique };
	int err = c->wire->encode(s, &e);

	assert(err == 0); /* unit_check has asked the wire */
	(void)err;
	if (verb_names_sa(s->verb) && s->sa.encbits + s->sa.authbits > 0)
		warn_if_open();
	c->unique = e.unique;
	c->seq += c->wire == &xfrm_wire;
	hex_encode(&line, message.bytes, message.len);
	buf_addc(&line, '\n');
	if (c->settings->annotate)
		c->wire->annotate(message.bytes, message.len, &line);
	buf_write(&line, stdout);
	buf_free(&line);
	buf_free(&message);
}

int cmd_encode(struct settings *s, int argc, char **argv)
{
	struct unit in = { 0 };
	struct concretes list = { 0 };
	struct encoder c = {
		.settings = s, .wire = unit_wire(s), .seq = s->via != VIA_PFKEY, .unique = UNIQUE_FIRST
	};
	int status = STATUS_OK;

	if (argc == 0) {
		error("encode: missing file operand");
		return STATUS_USAGE;
	}
	for (int i = 0; i < argc && status == STATUS_OK; i++)
		status = unit_read(&in, argv[i]);
	unit_parse(&in, s);
	privilege_keep(0);
	if (status == STATUS_OK) {
		resolve_conf(&in.conf, true, &in.diags);
		complete_inner_families(&in.conf, false);
		unit_lint_load(&in, s, true);
		expand_conf(&list, &in.conf, !s->kernel_fwd);
		unit_check(&in, &list, c.wire);
		status = report_findings(&in.diags, s);
	}
	for (size_t i = 0; status == STATUS_OK && i < list.n; i++)
		print_message(&c, list.one[i].stmt);
	concretes_free(&list);
	unit_free(&in);
	return status;
}
