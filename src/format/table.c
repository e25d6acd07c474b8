/* SPDX-License-Identifier: ISC */
/*
 * Prints a line for each object, for people: columns that fit the terminal's width, colour by state, never a
 * key.
 */
#include "format/format.h"

#include "base/append.h"
#include "base/fingerprint.h"
#include "model/names.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>

/* Columns of the addresses, and of all the rest with what algorithms and requests commonly need. */
enum { ADDR_MIN = 12, ADDR_MAX = 43, SA_WIDE = 82, SA_NARROW = 56, POLICY_FIXED = 72, NARROW_BELOW = 113 };

enum { UPPER_WIDTH = 6 };

/* A narrow terminal does without reqid, age and bytes. */
static bool is_narrow(const struct print_opts *o)
{
	return o->width > 0 && o->width < NARROW_BELOW;
}

/* Columns for one address: in a file all that it can need, on a terminal its share of what is left. */
static int addr_width(const struct print_opts *o, unsigned fixed)
{
	int room;

	if (o->width == 0)
		return ADDR_MAX;
	room = ((int)o->width - (int)fixed) / 2;
	return room < ADDR_MIN ? ADDR_MIN : room > ADDR_MAX ? ADDR_MAX : room;
}

/*
 * Makes a column of what was appended since at. A long one loses its middle: the ends tell addresses apart.
 */
static void fit_column(struct buf *out, size_t at, int columns)
{
	size_t width = (size_t)columns, left = (width - 1) / 2, right = width - 1 - left;

	if (out->len - at > width) {
		memmove(out->bytes + at + left + 1, out->bytes + out->len - right, right);
		out->bytes[at + left] = '~';
		out->len = at + width;
	}
	append_pad(out, at, (unsigned)width, true);
	buf_addc(out, ' ');
}

static void put_cell(struct buf *out, const char *text, int width)
{
	size_t at = out->len;

	buf_adds(out, text);
	fit_column(out, at, width);
}

static void put_color(struct buf *out, const struct print_opts *o, const char *color)
{
	if (o->color)
		buf_printf(out, "\033[%sm", color);
}

/* A mask of the upper bits is a range; another one is shown as it is. */
static void put_port(struct buf *out, uint16_t port, uint16_t mask)
{
	unsigned rest = (uint16_t)~mask;

	if (mask == 0 || mask == UINT16_MAX) {
		append_field(out, "[", port);
	} else if ((rest & (rest + 1)) == 0) {
		append_field(out, "[", port & mask);
		append_field(out, "-", (port & mask) | rest);
	} else {
		append_field(out, "[", port);
		buf_adds(out, "/0x");
		append_hex(out, mask, 1);
	}
	buf_addc(out, ']');
}

void print_range(struct buf *out, const struct addr *a, uint16_t mask)
{
	print_addr(out, a, "-");
	if (a->family != 0 && a->plen != addr_bits(a))
		append_field(out, "/", a->plen);
	if (a->port != 0 || mask != 0)
		put_port(out, a->port, mask);
}

static void put_range(struct buf *out, const struct addr *a, uint16_t mask, int width)
{
	size_t at = out->len;

	print_range(out, a, mask);
	fit_column(out, at, width);
}

/* 17s, 5m, 3h, 12d */
void print_age(struct buf *out, uint64_t secs)
{
	static const struct {
		uint64_t secs;
		char unit;
	} units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (secs < 2 * units[i].secs && units[i].secs > 1)
			continue;
		append_decimal(out, secs / units[i].secs);
		buf_addc(out, units[i].unit);
		return;
	}
}

enum { AMOUNT_PLAIN = 10000 }; /* from here on in thousands */

/* 812, 14k, 3M, 1G */
void print_amount(struct buf *out, uint64_t n)
{
	const char *unit = " kMGTPE";

	for (; n >= AMOUNT_PLAIN && unit[1] != '\0'; unit++)
		n /= 1000;
	append_decimal(out, n);
	if (*unit != ' ')
		buf_addc(out, *unit);
}

static const char *const life_colors[] = {
	[SA_LARVAL] = "33", [SA_MATURE] = "32", [SA_DYING] = "35", [SA_DEAD] = "31",
};

void print_algs(struct buf *out, const struct sa *sa, const struct print_opts *o)
{
	const unsigned bits[] = { sa->encbits, sa->authbits, 0 };
	const uint8_t *keys[] = { sa_enckey(sa), sa_authkey(sa), NULL };
	char text[FINGERPRINT_LEN];
	const struct alg *algs[] = { sa->enc, sa->auth, sa->comp };
	const char *plus = "";

	for (size_t i = 0; i < 3; i++) {
		if (algs[i] == NULL)
			continue;
		buf_adds(out, plus);
		if (algs[i] == sa->auth)
			print_auth_name(out, sa);
		else
			buf_adds(out, algs[i]->name);
		if (algs[i] == sa->auth && sa->authicv != 0 && !sa_icv_is_name(sa))
			buf_printf(out, "(icv %u)", sa->authicv);
		if (o->fingerprints && bits[i] != 0)
			buf_printf(out, "(%s)", fingerprint_text(keys[i], (bits[i] + 7) / 8, text));
		plus = "+";
	}
}

void print_identity(struct buf *out, const struct attrs *x, uint32_t device)
{
	for (enum attr_id id = 0; id < ATTR_MAX; id++)
		if (attrs_have(x, id) && attr_table[id].flags & ATTR_OF_POLICY) {
			buf_printf(out, " %s ", attr_table[id].option);
			print_attr(out, x, id, "/");
		}
	if (device != 0)
		buf_printf(out, " dev %s", device_name(device, (char[DEVICE_NAME]){ 0 }));
}

static void print_header(bool policies, const struct print_opts *o, struct buf *out)
{
	put_color(out, o, "1");
	if (policies)
		buf_printf(out, "%-4s %-8s %-11s %-*s %-*s %-6s %s", "DIR", "ACTION", "PRIORITY",
		           addr_width(o, POLICY_FIXED), "SOURCE", addr_width(o, POLICY_FIXED), "DESTINATION",
		           "UPPER", "REQUESTS");
	else if (is_narrow(o))
		buf_printf(out, "%-7s %-9s %-*s %-*s %-10s %-6s %s", "PROTO", "MODE",
		           addr_width(o, SA_NARROW), "SOURCE", addr_width(o, SA_NARROW), "DESTINATION", "SPI",
		           "STATE", "ALGORITHMS");
	else
		buf_printf(out, "%-7s %-9s %-*s %-*s %-10s %-6s %10s %5s %7s %s", "PROTO", "MODE",
		           addr_width(o, SA_WIDE), "SOURCE", addr_width(o, SA_WIDE), "DESTINATION", "SPI",
		           "STATE", "REQID", "AGE", "BYTES", "ALGORITHMS");
	put_color(out, o, "");
	buf_addc(out, '\n');
}

/* Packets that the SA refused. */
static void put_errors(struct buf *out, const struct sa_state *st, const struct print_opts *o)
{
	if ((st->replayed | st->late | st->forged) == 0)
		return;
	put_color(out, o, life_colors[SA_DEAD]);
	if (st->replayed != 0)
		buf_printf(out, " repeated %" PRIu32, st->replayed);
	if (st->late != 0)
		buf_printf(out, " too-late %" PRIu32, st->late);
	if (st->forged != 0)
		buf_printf(out, " forged %" PRIu32, st->forged);
	put_color(out, o, "");
}

static void print_sa(const struct event *ev, const struct print_opts *o, struct buf *out)
{
	const struct sa *sa = &ev->sa;
	const struct sa_state *st = &ev->sa_state;
	size_t at;

	put_cell(out, sa->encap != ENCAP_NONE ? "esp-udp" : known_word(proto_names, sa->proto), 7);
	put_cell(out, known_word(mode_names, sa->mode), 9);
	put_range(out, &sa->src, 0, addr_width(o, is_narrow(o) ? SA_NARROW : SA_WIDE));
	put_range(out, &sa->dst, 0, addr_width(o, is_narrow(o) ? SA_NARROW : SA_WIDE));
	buf_adds(out, "0x");
	append_hex(out, sa->spi, 8);
	buf_addc(out, ' ');
	put_color(out, o, st->life <= SA_DEAD ? life_colors[st->life] : "");
	append_cell(out, known_word(state_names, st->life), 6);
	buf_addc(out, ' ');
	put_color(out, o, "");
	if (!is_narrow(o)) {
		append_padded(out, sa->reqid, 10, ' ');
		buf_addc(out, ' ');
		at = out->len;
		print_age(out, st->add_time != 0 && o->now > st->add_time ? o->now - st->add_time : 0);
		append_pad(out, at, 5, false);
		at = out->len;
		print_amount(out, st->bytes);
		buf_adds(out, st->bytes < AMOUNT_PLAIN ? " " : "");
		append_pad(out, at, 8, false);
		buf_addc(out, ' ');
	}
	print_algs(out, sa, o);
	print_identity(out, &ev->attrs, st->device);
	if (attrs_have(&ev->attrs, ATTR_OFFLOAD))
		buf_printf(out, " offload %s", device_name(ev->attrs.device, (char[DEVICE_NAME]){ 0 }));
	put_errors(out, st, o);
	buf_addc(out, '\n');
}

void print_requests(struct buf *out, const struct policy *p)
{
	for (unsigned i = 0; i < p->ntmpl; i++) {
		const struct tmpl *t = &p->tmpl[i];

		if (i > 0)
			buf_addc(out, ' ');
		buf_adds(out, known_word(proto_names, t->proto));
		buf_addc(out, '/');
		buf_adds(out, known_word(mode_names, t->mode));
		if (t->src.family != 0) {
			buf_addc(out, '/');
			print_range(out, &t->src, 0);
			buf_addc(out, '-');
			print_range(out, &t->dst, 0);
		}
		if (t->level == LEVEL_USE)
			buf_adds(out, "/use");
		if (t->reqid != 0)
			append_field(out, "/", t->reqid);
	}
}

/* The name of an upper-layer protocol, or its number if the name would lose its middle. */
static void put_upper(struct buf *out, uint8_t upper)
{
	const char *name = upper == UPPER_ANY ? "any" : upper == IPPROTO_ICMPV6 ? "icmp6" : upper_name(upper);
	size_t at = out->len;

	if (name != NULL && strlen(name) <= UPPER_WIDTH)
		buf_adds(out, name);
	else
		append_decimal(out, upper);
	fit_column(out, at, UPPER_WIDTH);
}

static void print_policy(const struct event *ev, const struct print_opts *o, struct buf *out)
{
	const struct policy *p = &ev->policy;
	const char *color = p->action == ACTION_IPSEC ? "32" : p->action == ACTION_NONE ? "33" : "31";

	append_cell(out, known_word(dir_names, packet_dir(p)), 3);
	buf_adds(out, p->dir >= DIR_SOCKET_IN ? "* " : "  ");
	put_color(out, o, color);
	put_cell(out, known_word(action_names, p->action), 8);
	put_color(out, o, "");
	buf_adds(out, "0x");
	append_hex(out, p->priority, 8);
	buf_adds(out, "  ");
	put_range(out, &p->src, p->sport_mask, addr_width(o, POLICY_FIXED));
	put_range(out, &p->dst, p->dport_mask, addr_width(o, POLICY_FIXED));
	put_upper(out, p->upper);
	print_requests(out, p);
	print_identity(out, &ev->attrs, ev->policy_state.device);
	buf_addc(out, '\n');
}

const struct format table_format = {
	.name = "table", .head = print_header, .sa = print_sa, .policy = print_policy,
};
