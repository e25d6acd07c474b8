/* setkey decode, and the classic positional FILE: kernel messages, binary or hex lines, back to text. */
#include "cmd/cmd.h"

#include "base/hex.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct wire *const wires[] = { &pfkey_wire, &xfrm_wire };

/* The wire whose message the bytes begin with, or NULL. */
static const struct wire *wire_of(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < sizeof(wires) / sizeof(wires[0]); i++)
		if (wires[i]->looks(bytes, len))
			return wires[i];
	return NULL;
}

static bool is_hex(const struct source *s)
{
	bool digit = false;

	for (uint32_t i = 0; i < s->len; i++) {
		unsigned char c = (unsigned char)s->text[i];

		if (hex_digit(c) < 0 && !isspace(c))
			return false;
		digit |= hex_digit(c) >= 0;
	}
	return digit;
}

/* Hex lines to bytes; false when a line has an odd number of digits. */
static bool unhex(const struct source *s, struct buf *out)
{
	for (uint32_t i = 0; i < s->len; ) {
		uint32_t end = i + (uint32_t)strspn(s->text + i, "0123456789abcdefABCDEF");

		if ((end - i) % 2 != 0)
			return false;
		if (end > i)
			hex_decode(buf_add(out, NULL, (end - i) / 2), s->text + i, end - i);
		i = end + (end == i || end < s->len);
	}
	return true;
}

/* The classic words for an errno in a message. */
static const char *error_text(const struct event *ev)
{
	if (ev->err != ENOENT)
		return strerror(ev->err);
	switch (ev->verb) {
	case VERB_DUMP: return "No SAD entries";
	case VERB_SPDDUMP: return "No SPD entries";
	case VERB_GET: case VERB_DELETE: case VERB_SPDDELETE: return "No entry";
	default: return strerror(ev->err);
	}
}

static void print_event(const struct event *ev, const struct settings *s, struct buf *out)
{
	struct print_opts o = print_opts(s);

	if (ev->err != 0 && s->format->other != NULL)
		s->format->other(ev, out);
	else if (ev->err != 0)
		buf_printf(out, "%s.\n", error_text(ev));
	else if (ev->kind == EVENT_SA)
		s->format->sa(ev, &o, out);
	else if (ev->kind == EVENT_POLICY)
		s->format->policy(ev, &o, out);
	else if (ev->kind == EVENT_OTHER && s->format->other != NULL)
		s->format->other(ev, out);
}

static int decode_all(const uint8_t *bytes, size_t len, const struct settings *s, const char *name)
{
	struct event *ev = memory_resize(NULL, 1, sizeof(*ev));
	const struct wire *wire;
	struct buf out = { 0 };
	size_t at = 0;
	ssize_t n = 1;

	while (at < len && n > 0) {
		wire = wire_of(bytes + at, len - at);
		n = wire ? wire->decode(bytes + at, len - at, ev) : -EBADMSG;
		if (n <= 0)
			break;
		print_event(ev, s, &out);
		if (s->annotate)
			wire->annotate(bytes + at, (size_t)n, &out);
		at += (size_t)n;
	}
	buf_write(&out, stdout);
	buf_free(&out);
	explicit_bzero(ev, sizeof(*ev));
	free(ev);
	if (n > 0)
		return STATUS_OK;
	fflush(stdout);
	complain("%s: no PF_KEY or XFRM message at byte %zu%s", name, at,
	         at == 0 && isprint(bytes[0]) ? "; `setkey -f` runs statements" : "");
	return STATUS_REFUSED;
}

static int decode_file(const char *name, const struct settings *s)
{
	struct source src;
	struct buf bytes = { 0 };
	int status, err = source_read(&src, name);

	if (err != 0) {
		complain("cannot read %s: %s", name, strerror(-err));
		status = STATUS_WORLD;
	} else if (!is_hex(&src)) {
		status = decode_all((const uint8_t *)src.text, src.len, s, name);
	} else if (unhex(&src, &bytes)) {
		status = decode_all(bytes.bytes, bytes.len, s, name);
	} else {
		complain("%s: a line has an odd number of hex digits", name);
		status = STATUS_REFUSED;
	}
	source_free(&src);
	buf_free(&bytes);
	return status;
}

int cmd_decode(struct settings *s, int argc, char **argv)
{
	static char dash[] = "-";
	int status = STATUS_OK;

	if (argc == 0)
		return decode_file(dash, s);
	for (int i = 0; i < argc; i++) {
		int one = decode_file(argv[i], s);

		status = one > status ? one : status;
	}
	return status;
}
