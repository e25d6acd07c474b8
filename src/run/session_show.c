/*
 * What the kernel holds, one object at a time through the filter to the format: memory does not grow with the
 * table.
 */
#include "run/session.h"

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
		wire->blank(copy.bytes, copy.len);
	hex_rows(out, copy.bytes, copy.len);
	buf_free(&copy);
}

/*
 * The kernel lists the newest first; loaded in that order the next dump would come out the other way round.
 * So what can be loaded is written from the end, as much at a time as is kept in memory: a larger table is
 * read again.
 */
enum { KEEP_BYTES = 16 << 20 };

/* Names an object, so that the next reading knows where the one before left off. */
static uint64_t identity(const struct event *ev)
{
	uint64_t id = ev->kind == EVENT_SA ? ((uint64_t)ev->sa.spi << 8 | ev->sa.proto) : ev->policy.index;
	const struct addr *a = ev->kind == EVENT_SA ? &ev->sa.dst : &ev->policy.dst;

	for (size_t i = 0; i < sizeof(a->bytes); i++)
		id = (id ^ a->bytes[i]) * 0x100000001b3;
	return (id ^ ev->extra.value[ATTR_MARK]) * 0x100000001b3 ^ ev->extra.value[ATTR_IF_ID];
}

static void keep(struct session *s, const struct event *ev)
{
	size_t n = 0, first;

	s->kept = memory_grow(s->kept, s->nkept, &s->capkept, sizeof(*s->kept));
	s->kept[s->nkept++] = (struct kept){ identity(ev), s->out.len };
	if (s->out.len < (size_t)2 * KEEP_BYTES)
		return;
	while (s->out.len - s->kept[n].at > KEEP_BYTES)
		n++;
	first = s->kept[n].at;
	memmove(s->out.bytes, s->out.bytes + first, s->out.len - first);
	s->out.len -= first;
	s->nkept -= n;
	memmove(s->kept, s->kept + n, s->nkept * sizeof(*s->kept));
	for (size_t i = 0; i < s->nkept; i++)
		s->kept[i].at -= first;
	s->dropped = true;
}

static int write_out(struct session *s, size_t when)
{
	if (s->out.len < when)
		return 0;
	if (!buf_write(&s->out, s->to))
		s->unwritten = errno;
	buf_clear(&s->out);
	return s->unwritten != 0 ? -EIO : 0;
}

static void write_turned(struct session *s)
{
	size_t end = s->out.len;

	for (size_t i = s->nkept; i-- > 0 && s->unwritten == 0; end = s->kept[i].at)
		if (fwrite(s->out.bytes + s->kept[i].at, 1, end - s->kept[i].at, s->to) !=
		    end - s->kept[i].at)
			s->unwritten = errno;
	if (s->nkept > 0)
		s->edge = s->kept[0].id;
	s->written += s->nkept;
	s->nkept = 0;
	buf_clear(&s->out);
}

static int show(struct session *s, const struct event *ev,
                void (*print)(const struct event *ev, const struct print_opts *o, struct buf *out))
{
	progress_step(&s->progress, ++s->shown);
	if (s->print.exact && s->written > 0 && !s->met)
		s->met = identity(ev) == s->edge;
	if (s->met)
		return 0;
	if (s->print.exact)
		keep(s, ev);
	if (!s->settings->count)
		print(ev, &s->print, &s->out);
	return s->print.exact ? 0 : write_out(s, WRITE_AT);
}

static int show_sa(void *arg, const struct event *ev)
{
	struct session *s = arg;

	warn_of_keys(s->print.keys, ev);
	if (ev->kind != EVENT_SA || (!proto_is_ipsec(ev->sa.proto) && !s->print.exact) ||
	    !filter_takes(&s->settings->filter, ev))
		return 0;
	return show(s, ev, s->settings->format->sa);
}

static int show_policy(void *arg, const struct event *ev)
{
	struct session *s = arg;

	if (ev->kind != EVENT_POLICY ||
	    (ev->policy.flags & POLICY_F_SUB && s->settings->format == &classic_format) ||
	    !filter_takes(&s->settings->filter, ev))
		return 0;
	if (ev->policy.dir >= DIR_SOCKET_IN && s->print.no_socket) {
		s->hidden++;
		return 0;
	}
	return show(s, ev, s->settings->format->policy);
}

static void keep_key(void *arg, const char *name, const uint8_t *key, unsigned bits)
{
	struct session *s = arg;
	struct binding b = { .kind = BINDING_KEY, .name = name, .n = (uint32_t)strlen(name), .value = "" };

	if (binding_find(&s->named, BINDING_KEY, name, b.n) != NULL)
		return;
	binding_add(&s->named, &b);
	buf_printf(&s->keys, "key %s 0x", name);
	hex_encode(&s->keys, key, (bits + 7) / 8);
	buf_adds(&s->keys, ";\n");
}

static void begin(struct session *s, bool policies)
{
	const struct format *f = s->settings->format;

	s->written = 0;
	s->print = print_opts(s->settings);
	s->print.exact = f->whole && !s->settings->count;
	s->print.pfkey = kernel_wire(s->kernel) == &pfkey_wire;
	s->print.refs = s->settings->key_refs || s->settings->keys_to != NULL;
	s->print.keys_file = s->settings->keys_to;
	s->print.took = s->settings->keys_to != NULL ? keep_key : NULL;
	s->print.arg = s;
	if (!s->begun && !s->settings->count && f->begin != NULL)
		f->begin(&s->print, &s->out);
	s->begun = true;
	if (!s->settings->count && f->head != NULL)
		f->head(policies, &s->print, &s->out);
	if (s->print.exact)
		write_out(s, 0);
}

/* The classic sentences, which scripts know, and for people how much it was. */
static void sum_up(struct session *s, const struct stmt *what)
{
	bool policies = verb_is_policy(what->verb), classic = s->settings->format == &classic_format;

	if (s->settings->count)
		buf_printf(&s->out, "%s %zu\n", policies ? "policy" : "sa", s->shown);
	else if (classic && s->shown + s->hidden == 0 && what->verb != VERB_GET)
		buf_printf(&s->out, "No %s entries.\n", policies ? "SPD" : "SAD");
	else if (s->print.width > 0 && s->settings->format->head != NULL)
		buf_printf(&s->out, "%zu %s\n", s->shown, policies ? s->shown == 1 ? "policy" : "policies" :
		           s->shown == 1 ? "SA" : "SAs");
	if (s->hidden > 0)
		buf_printf(&s->out, "%s%zu per-socket polic%s not shown (filtered by -N)\n",
		           classic ? "" : "# ", s->hidden, s->hidden == 1 ? "y" : "ies");
}

/*
 * Reads the table, and again as long as it is larger than what is kept of it. Newer objects may have come in
 * between; when the edge has gone, nobody knows where to go on.
 */
static int read_all(struct session *s, const struct stmt *what, const struct stmt *origin, bool *changed)
{
	bool lost = false;
	int err;

	do {
		s->shown = s->hidden = 0;
		s->met = s->dropped = false;
		err = kernel_read(s->kernel, what, origin, verb_is_policy(what->verb) ? show_policy : show_sa,
		                  s);
		*changed |= kernel_changed(s->kernel);
		lost = s->written > 0 && !s->met;
		if (s->print.exact && !lost)
			write_turned(s);
	} while (err == 0 && s->dropped && !lost);
	*changed |= s->print.exact && s->written != s->shown;
	return err;
}

int session_show(struct session *s, const struct stmt *what, const struct stmt *origin)
{
	bool policies = verb_is_policy(what->verb), changed = false;
	int err;

	begin(s, policies);
	progress_begin(&s->progress, policies ? "policies" : "SAs", kernel_total(s->kernel, policies),
	               s->print.width == 0 && what->verb != VERB_GET);
	err = read_all(s, what, origin, &changed);
	progress_end(&s->progress);
	if (err == 0)
		sum_up(s, what);
	write_out(s, 0);
	if (s->unwritten == 0 && fflush(s->to) != 0)
		s->unwritten = errno;
	if (s->unwritten != 0) {
		if (s->unwritten != EPIPE || !s->settings->endless)
			complain("cannot write: %s", strerror(s->unwritten));
		return STATUS_WORLD;
	}
	if (err == 0 && changed)
		complain("the %s changed while it was read: this may be incomplete",
		         policies ? "SPD" : "SAD");
	if (err == 0)
		return STATUS_OK;
	complain("the dump is incomplete: %s", strerror(-err));
	return STATUS_WORLD;
}

void session_show_end(struct session *s)
{
	free(s->kept);
	s->kept = NULL;
	if (!s->begun || s->settings->count || s->settings->format->end == NULL)
		return;
	s->settings->format->end(&s->print, &s->out);
	write_out(s, 0);
	s->begun = false;
}
