/* SPDX-License-Identifier: ISC */
/* What libFuzzer calls with the bytes it makes up; the name the program runs under says which way they take. */
#include "base/memory.h"
#include "config/expand.h"
#include "config/parse.h"
#include "config/resolve.h"
#include "lint/lint.h"
#include "format/format.h"
#include "wire/wire.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* No test asks the network, or reads a table of this machine for every word: "host..." is what there is. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **list)
{
	static struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_addr = { 0x010200c0 } };
	static struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_addr = { { { 0x20, 1, 0xd, 0xb8 } } } };
	static struct addrinfo six = { .ai_family = AF_INET6, .ai_addr = (struct sockaddr *)&v6, .ai_addrlen = sizeof(v6) };
	static struct addrinfo four = { .ai_family = AF_INET, .ai_addr = (struct sockaddr *)&v4, .ai_addrlen = sizeof(v4) };

	(void)service;
	four.ai_next = hints->ai_family == AF_INET ? NULL : &six;
	*list = hints->ai_family == AF_INET6 ? &six : &four;
	return strncmp(name, "host", 4) == 0 ? 0 : EAI_NONAME;
}

void freeaddrinfo(struct addrinfo *list)
{
	(void)list;
}

struct servent *getservbyname(const char *name, const char *proto)
{
	static struct servent http = { .s_port = 0x5000 };

	(void)proto;
	return strcmp(name, "http") == 0 ? &http : NULL;
}

struct protoent *getprotobyname(const char *name)
{
	static struct protoent ospf = { .p_proto = 89 };

	return strcmp(name, "ospf") == 0 ? &ospf : NULL;
}

/* A text, read as setkey -n -f does. */
struct read_text {
	struct source src;
	struct conf conf;
	struct diags diags;
	size_t errors;
};

static void judge(struct read_text *u, const char *text, size_t len)
{
	*u = (struct read_text){ .errors = 0 };
	source_set(&u->src, "text", text, len, 1, 1);
	parse_source(&u->src, &(struct parse_opts){ .conf = &u->conf, .diags = &u->diags });
	resolve_conf(&u->conf, true, &u->diags);
	complete_inner_families(&u->conf, false);
	lint_conf(&u->conf, &u->diags);
	u->errors = u->diags.errors;
}

static void unit_free(struct read_text *u)
{
	diag_free(&u->diags);
	conf_free(&u->conf);
	source_free(&u->src);
}

static FILE *nowhere(void)
{
	static FILE *null;

	if (null == NULL && (null = fopen("/dev/null", "w")) == NULL)
		abort();
	return null;
}

static void parse(const uint8_t *bytes, size_t len)
{
	struct read_text u;

	judge(&u, (const char *)bytes, len);
	diag_print(&u.diags, nowhere(), true);
	unit_free(&u);
}

/* Nothing of a message ends a line of what is read back, or drives a terminal. */
static void check_tame(const struct format *f, const struct print_opts *o, const struct buf *out)
{
	size_t lines = 0;

	for (size_t i = 0; i < out->len; i++) {
		uint8_t c = out->bytes[i];

		lines += c == '\n';
		if ((c < ' ' && c != '\n' && c != '\t' && !o->color) || c == 0x7f || (f->whole && lines > 0 && i + 1 < out->len)) {
			fprintf(stderr, "not tame: %s: %.*s\n", f->name, (int)out->len, (const char *)out->bytes);
			abort();
		}
	}
}

static void print_all(const struct event *ev, const struct print_opts *o, struct buf *out)
{
	for (const struct format *const *f = formats; *f != NULL; f++) {
		if (ev->kind == EVENT_SA && ev->err == 0 && (*f)->sa != NULL)
			(*f)->sa(ev, o, out);
		else if (ev->kind == EVENT_POLICY && ev->err == 0 && (*f)->policy != NULL)
			(*f)->policy(ev, o, out);
		else if ((*f)->other != NULL)
			(*f)->other(ev, out);
		check_tame(*f, o, out);
		if ((*f)->event != NULL)
			(*f)->event(ev, o, out);
		buf_clear(out);
	}
	if (ev->kind == EVENT_SA && ev->err == 0)
		short_format.sa(ev, o, out); /* the one that is not in the table */
}

/* Each message in every form there is; blank writes into it, so that comes last. */
static void decode(const struct wire *wire, const uint8_t *bytes, size_t len)
{
	struct buf copy = { 0 }, out = { 0 };
	struct event *ev = memory_resize(NULL, 1, sizeof(*ev));
	ssize_t n = 1;

	buf_add(&copy, bytes, len);
	for (size_t at = 0; at < len && n > 0; at += (size_t)n) {
		if (!wire->is_message(copy.bytes + at, len - at))
			break;
		n = wire->decode(copy.bytes + at, len - at, ev);
		if (n <= 0)
			break;
		print_all(ev, &(struct print_opts){ .keys = true, .exact = true, .ports = true }, &out);
		print_all(ev, &(struct print_opts){ .color = true, .width = 80, .stamp = true, .now = 1 }, &out);
		wire->annotate(copy.bytes + at, (size_t)n, &out);
		if (wire == &pfkey_wire)
			pfkey_print(copy.bytes + at, (size_t)n, true, &out);
		buf_clear(&out);
		wire->redact_keys(copy.bytes + at, (size_t)n);
	}
	free(ev);
	buf_free(&out);
	buf_free(&copy);
}

static void decode_pfkey(const uint8_t *bytes, size_t len)
{
	decode(&pfkey_wire, bytes, len);
}

static void decode_netlink(const uint8_t *bytes, size_t len)
{
	decode(&xfrm_wire, bytes, len);
}

/* The messages that statements become, and how long each is. */
struct messages {
	const struct wire *wire;
	struct buf bytes;
	struct encoding e;
};

static void encode_all(const struct read_text *u, bool with_copies, struct messages *m)
{
	struct concretes list = { 0 };

	m->e = (struct encoding){ .out = &m->bytes, .seq = m->wire == &xfrm_wire, .unique = UNIQUE_FIRST };
	expand_conf(&list, &u->conf, with_copies);
	for (size_t i = 0; i < list.n; i++)
		if (m->wire->encode(list.one[i].stmt, &m->e) == 0)
			m->e.seq += m->wire == &xfrm_wire;
	concretes_free(&list);
}

/* As setkey decode --format=conf --show-keys */
static void print_statements(const struct messages *m, struct buf *out)
{
	struct print_opts o = { .keys = true, .exact = m->wire == &xfrm_wire };
	struct event *ev = memory_resize(NULL, 1, sizeof(*ev));
	ssize_t n;

	conf_format.begin(&o, out);
	for (size_t at = 0; at < m->bytes.len; at += (size_t)n) {
		n = m->wire->decode(m->bytes.bytes + at, m->bytes.len - at, ev);
		if (n <= 0)
			abort();
		if (!o.exact && conf_needs_exact(ev)) {
			o.exact = true;
			conf_format.begin(&o, out);
		}
		if (ev->kind == EVENT_SA)
			conf_format.sa(ev, &o, out);
		else if (ev->kind == EVENT_POLICY)
			conf_format.policy(ev, &o, out);
		else if (conf_format.other != NULL)
			conf_format.other(ev, out);
	}
	free(ev);
}

/* What is said in an SA or a policy comes back from its bytes, and makes the same bytes again. */
static void round_trip(const struct read_text *u, const struct wire *wire)
{
	struct messages first = { .wire = wire }, second = { .wire = wire };
	struct buf text = { 0 };
	struct read_text again;

	encode_all(u, true, &first);
	print_statements(&first, &text);
	judge(&again, buf_str(&text), text.len);
	encode_all(&again, false, &second);
	if (again.errors > 0 || first.bytes.len != second.bytes.len ||
	    (first.bytes.len > 0 && memcmp(first.bytes.bytes, second.bytes.bytes, first.bytes.len) != 0)) {
		fprintf(stderr, "not the same over %s: %s\nbecame\n%s", wire->name, u->src.text, buf_str(&text));
		diag_print(&again.diags, stderr, false);
		abort();
	}
	unit_free(&again);
	buf_free(&text);
	buf_free(&first.bytes);
	buf_free(&second.bytes);
}

static void trip(const uint8_t *bytes, size_t len)
{
	struct read_text u;

	judge(&u, (const char *)bytes, len);
	if (u.errors == 0) {
		round_trip(&u, &xfrm_wire);
		round_trip(&u, &pfkey_wire);
	}
	unit_free(&u);
}

static const struct {
	const char *name;
	void (*take)(const uint8_t *bytes, size_t len);
} ways[] = { { "parse", parse }, { "pfkey", decode_pfkey }, { "netlink", decode_netlink }, { "trip", trip } };

static void (*take)(const uint8_t *bytes, size_t len);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *name = strrchr((*argv)[0], '/');

	(void)argc;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strcmp(name ? name + 1 : (*argv)[0], ways[i].name) == 0)
			take = ways[i].take;
	if (take == NULL)
		fprintf(stderr, "run it under the name parse, pfkey, netlink or trip\n");
	return take != NULL ? 0 : (exit(2), 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	take(bytes, len);
	return 0;
}
