/* SPDX-License-Identifier: ISC */
/* setkey decode, and the classic positional FILE: kernel messages, binary or hex lines, back to text. */
#include "cmd/cmd.h"

#include "base/hex.h"
#include "base/privilege.h"
#include "run/unit.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct opt decode_options[] = { OPT_FORMAT, OPT_SHOW_KEYS, OPT_PORTS, OPT_ANNOTATE, OPT_END };

enum { WRITE_AT = 1 << 16 };

static const struct wire *const wires[] = { &pfkey_wire, &xfrm_wire };

/* The wire whose message the bytes begin with, or NULL. */
static const struct wire *wire_of(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < sizeof(wires) / sizeof(wires[0]); i++)
		if (wires[i]->is_message(bytes, len))
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
static bool decode_hex(const struct source *s, struct buf *out)
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

/* Messages on their way to text. */
struct decoding {
	const struct settings *settings;
	struct print_opts print;
	struct buf out;
	int last; /* the kind of the latest object */
};

/* A table has a heading for each kind of object. */
static void put_head(struct decoding *d, int kind)
{
	const struct format *f = d->settings->format;

	if (f->head != NULL && kind != d->last)
		f->head(kind == EVENT_POLICY, &d->print, &d->out);
	d->last = kind;
}

/* XFRM messages say all that there is to say, from the first one on; of PF_KEY messages some do. */
static void set_exact(struct decoding *d)
{
	const struct format *f = d->settings->format;

	if (d->print.exact || !f->whole)
		return;
	d->print.exact = true;
	if (f->begin != NULL)
		f->begin(&d->print, &d->out);
}

static void print_event(struct decoding *d, const struct event *ev)
{
	const struct format *f = d->settings->format;
	bool object = ev->err == 0 && (ev->kind == EVENT_SA || ev->kind == EVENT_POLICY);

	if (object)
		put_head(d, ev->kind);
	warn_of_keys(d->print.keys && object, ev);
	if (object && ev->kind == EVENT_SA)
		f->sa(ev, &d->print, &d->out);
	else if (object)
		f->policy(ev, &d->print, &d->out);
	else if (f->other != NULL && (ev->err != 0 || ev->kind == EVENT_OTHER))
		f->other(ev, &d->out);
	else if (ev->err != 0)
		buf_printf(&d->out, "%s.\n", error_text(ev));
}

static void write_out(struct decoding *d, size_t when)
{
	if (d->out.len < when)
		return;
	buf_write(&d->out, stdout);
	buf_clear(&d->out);
}

/* Returns the bytes that were messages. */
static size_t decode_messages(struct decoding *d, const uint8_t *bytes, size_t len)
{
	struct event *ev = memory_resize(NULL, 1, sizeof(*ev));
	const struct wire *wire;
	size_t at = 0;
	ssize_t n;

	while (at < len) {
		wire = wire_of(bytes + at, len - at);
		n = wire ? wire->decode(bytes + at, len - at, ev) : -EBADMSG;
		if (n <= 0)
			break;
		if (wire == &xfrm_wire || conf_needs_exact(ev))
			set_exact(d);
		print_event(d, ev);
		if (d->settings->annotate)
			wire->annotate(bytes + at, (size_t)n, &d->out);
		write_out(d, WRITE_AT);
		at += (size_t)n;
	}
	explicit_bzero(ev, sizeof(*ev));
	free(ev);
	return at;
}

static int decode_all(struct decoding *d, const uint8_t *bytes, size_t len, const char *name)
{
	size_t read = decode_messages(d, bytes, len);

	write_out(d, 0);
	if (read == len)
		return STATUS_OK;
	fflush(stdout);
	error("%s: no PF_KEY or XFRM message at byte %zu%s", name, read,
	         read == 0 && isprint(bytes[0]) ? "; `setkey -f` runs statements" : "");
	return STATUS_ERROR;
}

static int decode_source(struct decoding *d, struct source *src)
{
	struct buf bytes = { 0 };
	int status;

	if (!is_hex(src)) {
		status = decode_all(d, (const uint8_t *)src->text, src->len, src->name);
	} else if (decode_hex(src, &bytes)) {
		status = decode_all(d, bytes.bytes, bytes.len, src->name);
	} else {
		error("%s: a line has an odd number of hex digits", src->name);
		status = STATUS_ERROR;
	}
	buf_free(&bytes);
	return status;
}

int cmd_decode(struct settings *s, int argc, char **argv)
{
	struct decoding d = { .settings = s, .print = print_opts(s), .last = EVENT_OTHER };
	struct unit in = { 0 };
	int status = unit_read_all(&in, argc, argv);

	privilege_keep(0);
	if (s->format->begin != NULL)
		s->format->begin(&d.print, &d.out);
	for (size_t i = 0; i < in.sources.n; i++)
		if (in.sources.source[i]->order != 0)
			status = status_worse(status, decode_source(&d, in.sources.source[i]));
	if (s->format->end != NULL)
		s->format->end(&d.print, &d.out);
	write_out(&d, 0);
	buf_free(&d.out);
	unit_free(&in);
	return status;
}
