/* One line each for people: aligned columns that follow the terminal's width, colour by state, never a key. */
#include "print/print.h"

#include "base/fingerprint.h"
#include "model/names.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Columns of the addresses, and of all the rest with what algorithms and requests commonly need. */
enum { ADDR_MIN = 12, ADDR_MAX = 43, SA_WIDE = 82, SA_NARROW = 56, POLICY_FIXED = 72, NARROW_BELOW = 113 };

/* A narrow terminal does without reqid, age and bytes. */
static bool is_narrow(const struct print_opts *o)
{
	return o->width > 0 && o->width < NARROW_BELOW;
}

/* Columns for one address: all it can need in a file, its share of what a terminal leaves. */
static int addr_width(const struct print_opts *o, unsigned fixed)
{
	int room;

	if (o->width == 0)
		return ADDR_MAX;
	room = ((int)o->width - (int)fixed) / 2;
	return room < ADDR_MIN ? ADDR_MIN : room > ADDR_MAX ? ADDR_MAX : room;
}

/* What is too long loses its middle: the ends tell addresses apart. */
static void put_cell(struct buf *out, const char *text, int width)
{
	int n = (int)strlen(text), left = (width - 1) / 2;

	if (n <= width)
		buf_printf(out, "%-*s ", width, text);
	else
		buf_printf(out, "%.*s~%s ", left, text, text + n - (width - 1 - left));
}

static void put_color(struct buf *out, const struct print_opts *o, const char *color)
{
	if (o->color)
		buf_printf(out, "\033[%sm", color);
}

static void addr_text(const struct addr *a, char *s, size_t size)
{
	size_t n;

	if (inet_ntop(a->family, a->bytes, s, (socklen_t)size) == NULL)
		snprintf(s, size, "-");
	n = strlen(s);
	if (a->family != 0 && a->plen != addr_bits(a))
		n += (size_t)snprintf(s + n, size - n, "/%u", a->plen);
	if (a->port != 0 && n < size)
		snprintf(s + n, size - n, "[%u]", a->port);
}

static void put_addr(struct buf *out, const struct addr *a, int width)
{
	char s[INET6_ADDRSTRLEN + 16];

	addr_text(a, s, sizeof(s));
	put_cell(out, s, width);
}

/* 17s, 5m, 3h, 12d */
static void put_age(struct buf *out, uint64_t secs)
{
	static const struct { uint64_t secs; char unit; } units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (secs < 2 * units[i].secs && units[i].secs > 1)
			continue;
		buf_printf(out, "%4" PRIu64 "%c", secs / units[i].secs, units[i].unit);
		return;
	}
}

/* 812, 14k, 3M, 1G */
static void put_bytes(struct buf *out, uint64_t n)
{
	const char *unit = " kMGTPE";

	for (; n >= 10000 && unit[1] != '\0'; unit++)
		n /= 1000;
	buf_printf(out, " %6" PRIu64 "%c", n, *unit);
}

static const char *const life_colors[] = { [SA_LARVAL] = "33", [SA_MATURE] = "32", [SA_DYING] = "35", [SA_DEAD] = "31" };

static void put_algs(struct buf *out, const struct sa *sa, const struct print_opts *o)
{
	const unsigned bits[] = { sa->encbits, sa->authbits, 0 };
	const uint8_t *keys[] = { sa_enckey(sa), sa_authkey(sa), NULL };
	char text[FINGERPRINT_LEN];
	const struct alg *algs[] = { sa->enc, sa->auth, sa->comp };
	const char *plus = "";

	for (size_t i = 0; i < 3; i++) {
		if (algs[i] == NULL)
			continue;
		buf_printf(out, "%s%s", plus, algs[i]->name);
		if (o->fingerprints && bits[i] != 0)
			buf_printf(out, "(%s)", fingerprint(keys[i], (bits[i] + 7) / 8, text));
		plus = "+";
	}
}

static void head(bool policies, const struct print_opts *o, struct buf *out)
{
	put_color(out, o, "1");
	if (policies)
		buf_printf(out, "%-4s %-8s %-11s %-*s %-*s %-6s %s", "DIR", "ACTION", "PRIORITY",
		           addr_width(o, POLICY_FIXED), "SOURCE", addr_width(o, POLICY_FIXED), "DESTINATION", "UPPER",
		           "REQUESTS");
	else if (is_narrow(o))
		buf_printf(out, "%-7s %-9s %-*s %-*s %-10s %-6s %s", "PROTO", "MODE", addr_width(o, SA_NARROW), "SOURCE",
		           addr_width(o, SA_NARROW), "DESTINATION", "SPI", "STATE", "ALGORITHMS");
	else
		buf_printf(out, "%-7s %-9s %-*s %-*s %-10s %-6s %10s %5s %7s %s", "PROTO", "MODE", addr_width(o, SA_WIDE),
		           "SOURCE", addr_width(o, SA_WIDE), "DESTINATION", "SPI", "STATE", "REQID", "AGE", "BYTES",
		           "ALGORITHMS");
	put_color(out, o, "");
	buf_addc(out, '\n');
}

static void print_sa(const struct event *ev, const struct print_opts *o, struct buf *out)
{
	const struct sa *sa = &ev->sa;
	const struct sa_state *st = &ev->sa_state;

	put_cell(out, sa->encap != ENCAP_NONE ? "esp-udp" : print_known(proto_names, sa->proto), 7);
	put_cell(out, print_known(mode_names, sa->mode), 9);
	put_addr(out, &sa->src, addr_width(o, is_narrow(o) ? SA_NARROW : SA_WIDE));
	put_addr(out, &sa->dst, addr_width(o, is_narrow(o) ? SA_NARROW : SA_WIDE));
	buf_printf(out, "0x%08" PRIx32 " ", sa->spi);
	put_color(out, o, st->life <= SA_DEAD ? life_colors[st->life] : "");
	buf_printf(out, "%-6s ", print_known(state_names, st->life));
	put_color(out, o, "");
	if (!is_narrow(o)) {
		buf_printf(out, "%10" PRIu32 " ", sa->reqid);
		put_age(out, st->add_time != 0 && o->now > st->add_time ? o->now - st->add_time : 0);
		put_bytes(out, st->bytes);
		buf_addc(out, ' ');
	}
	put_algs(out, sa, o);
	buf_addc(out, '\n');
}

static const char *action_color(uint8_t action)
{
	return action == ACTION_IPSEC ? "32" : action == ACTION_NONE ? "33" : "31";
}

static void put_requests(struct buf *out, const struct policy *p)
{
	for (unsigned i = 0; i < p->ntmpl; i++) {
		const struct tmpl *t = &p->tmpl[i];
		char a[INET6_ADDRSTRLEN + 16], b[INET6_ADDRSTRLEN + 16];

		buf_printf(out, "%s%s/%s", i ? " " : "", print_known(proto_names, t->proto),
		           print_known(mode_names, t->mode));
		if (t->src.family != 0) {
			addr_text(&t->src, a, sizeof(a));
			addr_text(&t->dst, b, sizeof(b));
			buf_printf(out, "/%s-%s", a, b);
		}
		if (t->level == LEVEL_USE)
			buf_adds(out, "/use");
		if (t->reqid != 0)
			buf_printf(out, "/%" PRIu32, t->reqid);
	}
}

static void print_policy(const struct event *ev, const struct print_opts *o, struct buf *out)
{
	const struct policy *p = &ev->policy;
	const char *upper = upper_name(p->upper);
	char number[8];

	snprintf(number, sizeof(number), "%u", p->upper);
	buf_printf(out, "%-3s%c ", print_known(dir_names, packet_dir(p)), p->dir >= DIR_SOCKET_IN ? '*' : ' ');
	put_color(out, o, action_color(p->action));
	put_cell(out, print_known(action_names, p->action), 8);
	put_color(out, o, "");
	buf_printf(out, "0x%08" PRIx32 "  ", p->priority);
	put_addr(out, &p->src, addr_width(o, POLICY_FIXED));
	put_addr(out, &p->dst, addr_width(o, POLICY_FIXED));
	put_cell(out, p->upper == UPPER_ANY ? "any" : upper ? upper : number, 6);
	put_requests(out, p);
	buf_addc(out, '\n');
}

const struct format table_format = {
	.name = "table", .head = head, .sa = print_sa, .policy = print_policy,
};
