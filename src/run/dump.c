/* SPDX-License-Identifier: ISC */
/*
 * Dumps: objects go one by one from the kernel through the filter to the format, so that memory does not grow
 * with the table.
 */
#include "run/dump.h"

#include "base/hex.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { WRITE_AT = 1 << 16 };

struct print_opts print_opts(const struct settings *s)
{
	struct winsize size = { 0 };

	if (isatty(STDOUT_FILENO))
		ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	return (struct print_opts){ .ports = s->ports,
		                    .keys = s->show_keys,
		                    .fingerprints = s->fingerprints,
		                    .no_socket = s->no_socket,
		                    .hide_dead = s->hide_dead,
		                    .color = want_color(s, stdout),
		                    .width = size.ws_col,
		                    .now = (uint64_t)time(NULL) };
}

void add_hex(const struct wire *wire, const uint8_t *bytes, size_t len, bool keys, struct buf *out)
{
	struct buf copy = { 0 };

	buf_add(&copy, bytes, len);
	if (!keys)
		wire->redact_keys(copy.bytes, copy.len);
	hex_rows(out, copy.bytes, copy.len);
	buf_free(&copy);
}

/*
 * The kernel lists the newest object first. Formats that can be loaded again are written in reverse, so that
 * a load and a dump of the result give the same order. For that, objects are buffered up to KEEP_BYTES; a
 * larger table is read several times, and each pass writes its oldest part that is not written yet.
 */
enum { KEEP_BYTES = 16 << 20, SAMPLE = 1024 };

/* Identifies an object, so that the next pass knows where to stop. */
static uint64_t hash_object(const struct event *ev)
{
	uint64_t id = ev->kind == EVENT_SA ? ((uint64_t)ev->sa.spi << 8 | ev->sa.proto) : ev->policy.index;
	const struct addr *a = ev->kind == EVENT_SA ? &ev->sa.dst : &ev->policy.dst;
	uint64_t half[2];

	memcpy(half, a->bytes, sizeof(half));
	id = (id ^ half[0]) * 0x9e3779b97f4a7c15;
	id = (id ^ id >> 32 ^ half[1]) * 0x9e3779b97f4a7c15;
	return (id ^ id >> 32 ^ ev->attrs.value[ATTR_MARK]) * 0x9e3779b97f4a7c15 ^
	       ev->attrs.value[ATTR_IF_ID];
}

/*
 * Reserves memory for all objects once some of them show how long one is: growing by doubling would touch
 * three times as many pages.
 */
static void reserve_text(struct dump *d)
{
	size_t most = 2 * KEEP_BYTES + WRITE_AT, all = (d->out.len / SAMPLE + 1) * d->progress.total;

	buf_reserve(&d->out, (all < most ? all : most) - d->out.len);
}

/* Buffers an object; its text comes next in out. Drops the newest when too much is buffered. */
static void buffer_object(struct dump *d, const struct event *ev)
{
	size_t n = 0, first;

	d->buffered = memory_grow(d->buffered, d->nbuffered, &d->capbuffered, sizeof(*d->buffered));
	d->buffered[d->nbuffered++] = (struct buffered){ hash_object(ev), d->out.len };
	if (d->nbuffered == SAMPLE && d->progress.total > SAMPLE)
		reserve_text(d);
	if (d->out.len < (size_t)2 * KEEP_BYTES)
		return;
	while (d->out.len - d->buffered[n].at > KEEP_BYTES)
		n++;
	first = d->buffered[n].at;
	memmove(d->out.bytes, d->out.bytes + first, d->out.len - first);
	d->out.len -= first;
	d->nbuffered -= n;
	memmove(d->buffered, d->buffered + n, d->nbuffered * sizeof(*d->buffered));
	for (size_t i = 0; i < d->nbuffered; i++)
		d->buffered[i].at -= first;
	d->overflowed = true;
}

static int write_out(struct dump *d, size_t when)
{
	if (d->out.len < when)
		return 0;
	if (!buf_write(&d->out, d->to))
		d->unwritten = errno;
	buf_clear(&d->out);
	return d->unwritten != 0 ? -EIO : 0;
}

/* Writes the buffered objects, the last one first, in blocks. */
static void write_reversed(struct dump *d)
{
	struct buf block = { 0 };
	size_t end = d->out.len;

	for (size_t i = d->nbuffered; i-- > 0 && d->unwritten == 0; end = d->buffered[i].at) {
		buf_add(&block, d->out.bytes + d->buffered[i].at, end - d->buffered[i].at);
		if (block.len < WRITE_AT && i > 0)
			continue;
		if (!buf_write(&block, d->to))
			d->unwritten = errno;
		buf_clear(&block);
	}
	if (d->nbuffered > 0)
		d->last_written = d->buffered[0].id;
	d->written += d->nbuffered;
	d->nbuffered = 0;
	buf_free(&block);
	buf_clear(&d->out);
}

static int show_object(struct dump *d, const struct event *ev,
                       void (*print)(const struct event *ev, const struct print_opts *o, struct buf *out))
{
	progress_step(&d->progress, ++d->shown);
	if (d->print.exact && d->written > 0 && !d->found_last)
		d->found_last = hash_object(ev) == d->last_written;
	if (d->found_last)
		return 0;
	if (d->print.exact)
		buffer_object(d, ev);
	if (!d->options->count)
		print(ev, &d->print, &d->out);
	return d->print.exact ? 0 : write_out(d, WRITE_AT);
}

static int show_sa(void *arg, const struct event *ev)
{
	struct dump *d = arg;

	warn_of_keys(d->print.keys, ev);
	if (ev->kind != EVENT_SA || (!proto_is_ipsec(ev->sa.proto) && !d->print.exact) ||
	    !filter_takes(&d->options->filter, ev))
		return 0;
	return show_object(d, ev, d->settings->format->sa);
}

static int show_policy(void *arg, const struct event *ev)
{
	struct dump *d = arg;

	if (ev->kind != EVENT_POLICY ||
	    (ev->policy.flags & POLICY_F_SUB && d->settings->format == &classic_format) ||
	    !filter_takes(&d->options->filter, ev))
		return 0;
	if (ev->policy.dir >= DIR_SOCKET_IN && d->print.no_socket) {
		d->hidden++;
		return 0;
	}
	return show_object(d, ev, d->settings->format->policy);
}

static void add_key(void *arg, const char *name, const uint8_t *key, unsigned bits)
{
	struct dump *d = arg;
	struct variable b = { .kind = VARIABLE_KEY, .name = name, .n = (uint32_t)strlen(name), .value = "" };

	if (variable_find(&d->named, VARIABLE_KEY, name, b.n) != NULL)
		return;
	variable_add(&d->named, &b);
	buf_printf(&d->keys, "key %s 0x", name);
	hex_encode(&d->keys, key, (bits + 7) / 8);
	buf_adds(&d->keys, ";\n");
}

static void begin_dump(struct dump *d, bool policies)
{
	const struct format *f = d->settings->format;

	d->written = 0;
	d->print = print_opts(d->settings);
	d->print.exact = f->whole && !d->options->count;
	d->print.pfkey = kernel_wire(d->kernel) == &pfkey_wire;
	d->print.refs = d->options->key_refs || d->options->keys_to != NULL;
	d->print.keys_file = d->options->keys_to;
	d->print.took = d->options->keys_to != NULL ? add_key : NULL;
	d->print.arg = d;
	d->print.findings = d->options->findings;
	if (!d->begun && !d->options->count && f->begin != NULL)
		f->begin(&d->print, &d->out);
	d->begun = true;
	if (!d->options->count && f->head != NULL)
		f->head(policies, &d->print, &d->out);
	if (d->print.exact)
		write_out(d, 0);
}

/*
 * Prints the totals: the classic sentences, which scripts look for, or on a terminal how many objects there
 * were.
 */
static void print_totals(struct dump *d, const struct stmt *what)
{
	bool policies = verb_is_policy(what->verb), classic = d->settings->format == &classic_format;

	if (d->options->count)
		buf_printf(&d->out, "%s %zu\n", policies ? "policy" : "sa", d->shown);
	else if (classic && d->shown + d->hidden == 0 && what->verb != VERB_GET)
		buf_printf(&d->out, "No %s entries.\n", policies ? "SPD" : "SAD");
	else if (d->print.width > 0 && d->settings->format->head != NULL)
		buf_printf(&d->out, "%zu %s\n", d->shown, policies ? d->shown == 1 ? "policy" : "policies" :
		           d->shown == 1 ? "SA" : "SAs");
	if (d->hidden > 0)
		buf_printf(&d->out, "%s%zu per-socket polic%s not shown (filtered by -N)\n",
		           classic ? "" : "# ", d->hidden, d->hidden == 1 ? "y" : "ies");
}

/*
 * Reads the table, again and again while it is larger than the buffer. Newer objects may have come in
 * between; if the last object written has gone, there is no telling where to go on.
 */
static int read_all(struct dump *d, const struct stmt *what, const struct stmt *origin, bool *changed)
{
	bool lost = false; /* the last object written */
	int err;

	do {
		d->shown = d->hidden = 0;
		d->found_last = d->overflowed = false;
		err = kernel_read(d->kernel, what, origin, verb_is_policy(what->verb) ? show_policy : show_sa,
		                  d);
		*changed |= kernel_changed(d->kernel);
		lost = d->written > 0 && !d->found_last;
		if (d->print.exact && !lost)
			write_reversed(d);
	} while (err == 0 && d->overflowed && !lost);
	*changed |= d->print.exact && d->written != d->shown;
	return err;
}

int dump_show(struct dump *d, const struct stmt *what, const struct stmt *origin)
{
	bool policies = verb_is_policy(what->verb), changed = false;
	int err;

	begin_dump(d, policies);
	progress_begin(&d->progress, policies ? "policies" : "SAs", kernel_total(d->kernel, policies),
	               d->print.width == 0 && what->verb != VERB_GET);
	err = read_all(d, what, origin, &changed);
	progress_end(&d->progress);
	if (err == 0)
		print_totals(d, what);
	write_out(d, 0);
	if (d->unwritten == 0 && fflush(d->to) != 0)
		d->unwritten = errno;
	if (d->unwritten != 0) {
		if (d->unwritten != EPIPE || !d->settings->endless)
			error("cannot write: %s", strerror(d->unwritten));
		return STATUS_SYSTEM;
	}
	if (err == 0 && changed)
		error("the %s changed while it was read: the output may be incomplete",
		      policies ? "SPD" : "SAD");
	if (err == 0)
		return STATUS_OK;
	error("the dump is incomplete: %s", strerror(-err));
	return STATUS_SYSTEM;
}

void dump_end(struct dump *d)
{
	if (!d->begun || d->options->count || d->settings->format->end == NULL)
		return;
	d->settings->format->end(&d->print, &d->out);
	write_out(d, 0);
	d->begun = false;
}

void dump_free(struct dump *d)
{
	free(d->buffered);
	buf_free(&d->out);
	buf_free(&d->keys);
	variables_free(&d->named);
}
