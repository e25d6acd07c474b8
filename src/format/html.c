/* SPDX-License-Identifier: ISC */
/*
 * One page for people, without network or script: hosts and tunnels as a picture, SAs, policies in the order
 * in which the kernel tries them, findings. Never a key. Objects come in any order, so the page is collected
 * and printed at the end.
 */
#include "format/format.h"

#include "model/names.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A row of the table of policies, and what it is sorted by. */
struct row {
	unsigned dir;
	uint32_t priority;
	size_t seq;           /* the newest comes first; of equal priority the kernel tries the last first */
	size_t at, len;       /* in policy_rows */
};

/* An end of SAs or of a policy's tunnel, in the picture. */
struct node {
	struct addr addr;
	bool local;
	unsigned weight;      /* SAs that end here */
	unsigned nnets;
	char net[3][64];      /* networks that it is the gateway of; more are only counted */
};

/* What is between two nodes: SAs of each way, by their state; or policies alone. */
struct edge {
	unsigned a, b;        /* a before b */
	unsigned there, back; /* SAs that can be used */
	unsigned dying;
};

enum { NODES_MAX = 40, EDGES_MAX = 200 };

/* The page that is being collected. */
static struct page {
	struct buf sas, policy_rows;
	struct row *row;
	size_t nrows, rowcap, nsas;
	struct node node[NODES_MAX];
	struct edge edge[EDGES_MAX];
	unsigned nnodes, nedges;
	bool crowded;         /* the picture has no room for all */
} page;

/* ---- the picture's parts ---- */

/* NULL: there is no room for more. */
static struct node *find_node(const struct addr *a)
{
	struct node *n = page.node;

	while (n < page.node + page.nnodes && !addr_equal(&n->addr, a))
		n++;
	if (n < page.node + page.nnodes)
		return n;
	if (page.nnodes == NODES_MAX) {
		page.crowded = true;
		return NULL;
	}
	*n = (struct node){ .addr = *a };
	page.nnodes++;
	return n;
}

static struct edge *find_edge(const struct node *from, const struct node *to, bool *turned)
{
	unsigned a = (unsigned)(from - page.node), b = (unsigned)(to - page.node);
	struct edge *e = page.edge;

	*turned = a > b;
	if (a > b) {
		unsigned c = a;

		a = b;
		b = c;
	}
	while (e < page.edge + page.nedges && (e->a != a || e->b != b))
		e++;
	if (e < page.edge + page.nedges)
		return e;
	if (page.nedges == EDGES_MAX || a == b) {
		page.crowded |= a != b;
		return NULL;
	}
	*e = (struct edge){ .a = a, .b = b };
	page.nedges++;
	return e;
}

static struct edge *connect_nodes(const struct addr *src, const struct addr *dst, bool *turned)
{
	struct node *from = find_node(src), *to = find_node(dst);

	if (from == NULL || to == NULL)
		return NULL;
	return find_edge(from, to, turned);
}

static void draw_sa(const struct event *ev)
{
	const struct sa *sa = &ev->sa;
	struct node *from, *to;
	bool turned;
	struct edge *e;

	if (addr_is_any(&sa->src) || addr_is_multicast(&sa->dst))
		return;
	e = connect_nodes(&sa->src, &sa->dst, &turned);
	from = find_node(&sa->src);
	to = find_node(&sa->dst);
	if (from != NULL)
		from->weight++;
	if (to != NULL)
		to->weight++;
	if (e == NULL || (!ev->request && ev->sa_state.life != SA_MATURE && ev->sa_state.life != SA_DYING))
		return;
	*(turned ? &e->back : &e->there) += 1;
	e->dying += ev->sa_state.life == SA_DYING;
}

static void add_net(struct node *n, const struct addr *net)
{
	char text[sizeof(n->net[0])];
	struct buf b = { 0 };

	if (n == NULL || (net->plen == addr_bits(net) && addr_equal(net, &n->addr)))
		return;
	print_range(&b, net, 0);
	strlcpy(text, buf_str(&b), sizeof(text));
	buf_free(&b);
	for (unsigned i = 0; i < n->nnets && i < 3; i++)
		if (strcmp(n->net[i], text) == 0)
			return;
	if (n->nnets < 3)
		strlcpy(n->net[n->nnets], text, sizeof(text));
	n->nnets++;
}

/* The near end is the source of an outbound policy, and the destination of an inbound one. */
static void draw_policy(const struct policy *p)
{
	const struct tmpl *t = &p->tmpl[0];
	const struct addr *near = p->dir == DIR_OUT ? &p->src : &p->dst;
	const struct addr *far = p->dir == DIR_OUT ? &p->dst : &p->src;
	bool tunnel = p->ntmpl > 0 && t->mode == MODE_TUNNEL && t->src.family != 0, turned;
	const struct addr *here = !tunnel ? near : p->dir == DIR_OUT ? &t->src : &t->dst;
	const struct addr *there = !tunnel ? far : p->dir == DIR_OUT ? &t->dst : &t->src;
	struct node *n;

	if ((p->dir != DIR_OUT && p->dir != DIR_IN) || p->action != ACTION_IPSEC || p->ntmpl == 0)
		return;
	if (!tunnel && (!addr_is_host(near) || !addr_is_host(far) || addr_is_any(near) || addr_is_any(far)))
		return;
	connect_nodes(here, there, &turned);
	n = find_node(here);
	if (n != NULL)
		n->local = true;
	if (tunnel) {
		add_net(n, near);
		add_net(find_node(there), far);
	}
}

/* ---- text ---- */

static void put_escaped(struct buf *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		switch (s[i]) {
		case '<':
			buf_adds(out, "&lt;");
			break;
		case '>':
			buf_adds(out, "&gt;");
			break;
		case '&':
			buf_adds(out, "&amp;");
			break;
		case '"':
			buf_adds(out, "&quot;");
			break;
		default:
			buf_addc(out, s[i]);
		}
}

/* Prints the text as the next cell, and empties it. */
static void put_cell(struct buf *out, const char *class, struct buf *text)
{
	buf_printf(out, "<td%s%s>", *class ? " class=" : "", class);
	put_escaped(out, buf_str(text), text->len);
	buf_clear(text);
}

/* The time that is left of a limit that counts from a moment; nothing if the limit is not set. */
static void put_seconds_left(struct buf *out, uint64_t from, uint64_t limit, uint64_t now, const char *what)
{
	if (limit == 0 || from == 0)
		return;
	if (out->len > 0)
		buf_adds(out, ", ");
	if (from + limit <= now)
		buf_adds(out, "over");
	else
		print_age(out, from + limit - now);
	buf_adds(out, what);
}

static void put_limits_left(const struct event *ev, uint64_t now, struct buf *out)
{
	const struct lifetime *hard = &ev->attrs.hard;
	const struct sa_state *st = &ev->sa_state;

	put_seconds_left(out, st->add_time, hard->add_secs, now, "");
	put_seconds_left(out, st->use_time, hard->use_secs, now, " of use");
	if (hard->bytes != 0 && hard->bytes < UINT64_MAX / 2) {
		buf_adds(out, out->len > 0 ? ", " : "");
		print_amount(out, hard->bytes > st->bytes ? hard->bytes - st->bytes : 0);
		buf_addc(out, 'B');
	}
	if (hard->packets != 0 && hard->packets < UINT64_MAX / 2)
		buf_printf(out, "%s%" PRIu64 " packets", out->len > 0 ? ", " : "",
		           hard->packets > st->packets ? hard->packets - st->packets : 0);
}

static void put_errors(const struct sa_state *st, struct buf *out)
{
	if (st->forged != 0)
		buf_printf(out, "%" PRIu32 " of wrong integrity ", st->forged);
	if (st->replayed != 0)
		buf_printf(out, "%" PRIu32 " replayed ", st->replayed);
	if (st->late != 0)
		buf_printf(out, "%" PRIu32 " before the window", st->late);
}

static void print_sa(const struct event *ev, const struct print_opts *o, struct buf *out)
{
	static const char *const classes[] = {
		[SA_LARVAL] = "warn", [SA_MATURE] = "good", [SA_DYING] = "warn", [SA_DEAD] = "bad"
	};
	const struct sa_state *st = &ev->sa_state;
	struct buf *to = &page.sas, cell = { 0 };

	(void)out;
	page.nsas++;
	draw_sa(ev);
	buf_adds(to, "<tr>");
	buf_printf(&cell, "%s%s %s", known_word(proto_names, ev->sa.proto),
	           ev->sa.encap != ENCAP_NONE ? " in UDP" : "", known_word(mode_names, ev->sa.mode));
	put_cell(to, "", &cell);
	print_addr(&cell, &ev->sa.src, "-");
	put_cell(to, "mono", &cell);
	print_addr(&cell, &ev->sa.dst, "-");
	put_cell(to, "mono", &cell);
	buf_printf(&cell, "0x%08" PRIx32, ev->sa.spi);
	put_cell(to, "mono", &cell);
	buf_adds(&cell, known_word(state_names, st->life));
	put_cell(to, st->life <= SA_DEAD ? classes[st->life] : "", &cell);
	if (ev->sa.reqid != 0)
		buf_printf(&cell, "%" PRIu32, ev->sa.reqid);
	put_cell(to, "num", &cell);
	print_age(&cell, st->add_time != 0 && o->now > st->add_time ? o->now - st->add_time : 0);
	put_cell(to, "num", &cell);
	put_limits_left(ev, o->now, &cell);
	put_cell(to, "num", &cell);
	buf_printf(&cell, "%" PRIu64, st->packets);
	put_cell(to, "num", &cell);
	print_amount(&cell, st->bytes);
	put_cell(to, "num", &cell);
	print_algs(&cell, &ev->sa, o);
	print_identity(&cell, &ev->attrs, st->device);
	put_cell(to, "", &cell);
	put_errors(st, &cell);
	put_cell(to, "bad", &cell);
	buf_adds(to, "\n");
	buf_free(&cell);
}

static void print_policy(const struct event *ev, const struct print_opts *o, struct buf *out)
{
	const struct policy *p = &ev->policy;
	struct buf *to = &page.policy_rows, cell = { 0 };
	const char *upper = upper_name(p->upper);
	struct row *row;

	(void)out;
	draw_policy(p);
	page.row = memory_grow(page.row, page.nrows, &page.rowcap, sizeof(*page.row));
	row = &page.row[page.nrows];
	*row = (struct row){ p->dir, p->priority, page.nrows, to->len, 0 };
	page.nrows++;
	buf_printf(&cell, "%s%s%s", known_word(dir_names, packet_dir(p)),
	           p->dir >= DIR_SOCKET_IN ? " of a socket" : "", p->flags & POLICY_F_SUB ? ", sub" : "");
	put_cell(to, "", &cell);
	buf_adds(&cell, known_word(action_names, p->action));
	put_cell(to, p->action == ACTION_DISCARD ? "bad" : p->action == ACTION_NONE ? "warn" : "good", &cell);
	print_range(&cell, &p->src, p->sport_mask);
	put_cell(to, "mono", &cell);
	print_range(&cell, &p->dst, p->dport_mask);
	put_cell(to, "mono", &cell);
	if (p->upper == UPPER_ANY || upper != NULL)
		buf_adds(&cell, p->upper == UPPER_ANY ? "any" : upper);
	else
		buf_printf(&cell, "%u", p->upper);
	put_cell(to, "", &cell);
	print_requests(&cell, p);
	print_identity(&cell, &ev->attrs, ev->policy_state.device);
	put_cell(to, "mono", &cell);
	buf_printf(&cell, "%" PRIu32, p->priority);
	put_cell(to, "num", &cell);
	if (ev->policy_state.use_time != 0 && o->now >= ev->policy_state.use_time)
		print_age(&cell, o->now - ev->policy_state.use_time);
	put_cell(to, "num", &cell);
	buf_adds(to, "\n");
	row->len = to->len - row->at;
	buf_free(&cell);
}

/* ---- the page ---- */

static const char head[] =
"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
"<meta name=\"color-scheme\" content=\"light dark\">\n<title>IPsec on this host</title>\n<style>\n"
":root{--ink:#1d2129;--soft:#5b6472;--paper:#fff;--card:#f5f6f8;--line:#d5d9e0;--good:#1a7f4b;"
"--warn:#9a6200;--bad:#b3261e;"
"--own:#1f5fbf}\n"
"@media (prefers-color-scheme:dark){:root{--ink:#e6e8ec;--soft:#9aa3b2;--paper:#14171c;"
"--card:#1d2129;--line:#363c47;"
"--good:#57c78c;--warn:#e3b04b;--bad:#ff8a80;--own:#8ab4f8}}\n"
"@media print{:root{--ink:#000;--soft:#444;--paper:#fff;--card:#fff;--line:#999;--good:#000;"
"--warn:#000;--bad:#000;--own:#000}"
"body{max-width:none;padding:0;font-size:9pt}thead{display:table-header-group}tr,figure{"
"break-inside:avoid}}\n"
"body{margin:0 auto;padding:1.5rem;max-width:90rem;background:var(--paper);color:var(--ink);"
"font:15px/1.45 system-ui,sans-serif}\n"
"h1{font-size:1.5rem;margin:0 0 .25rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}p{color:var(--soft);"
"margin:.25rem 0}\n"
"figure{margin:1rem 0;padding:1rem;background:var(--card);border:1px solid var(--line);"
"border-radius:8px;overflow-x:auto}\n"
"figcaption{color:var(--soft);font-size:.85rem}svg{display:block;margin:0 auto;max-width:100%;"
"height:auto}\n"
".scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.875rem}\n"
"th{text-align:left;color:var(--soft);font-weight:600;white-space:nowrap}\n"
"th,td{padding:.35rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}\n"
".mono,pre{font-family:ui-monospace,monospace;font-size:.8125rem}td.num,th.num{text-align:right;"
"font-variant-numeric:tabular-nums}\n"
".good{color:var(--good)}.warn{color:var(--warn)}.has_error{color:var(--bad)}\n"
"pre{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:1rem;"
"white-space:pre-wrap}\n"
"svg text{font:12px system-ui,sans-serif;fill:var(--ink)}svg .net{fill:var(--soft);font-size:11px}\n"
"svg rect{fill:var(--paper);stroke:var(--line);stroke-width:1.5}svg rect.own{stroke:var(--own);"
"stroke-width:2}\n"
"svg line{stroke-width:2}svg .good{stroke:var(--good)}svg .warn{stroke:var(--warn)}"
"svg .none{stroke:var(--bad);stroke-dasharray:5 4}\n</style>\n</head>\n<body>\n";

enum { NODE_WIDTH = 270, NODE_LEFT = 10, NODE_RIGHT = 520, PICTURE_WIDTH = 800, LINE = 15, GAP = 16 };

static unsigned node_height(const struct node *n)
{
	unsigned lines = n->nnets > 3 ? 4 : n->nnets;

	return 28 + lines * LINE;
}

static void put_node(const struct node *n, unsigned x, unsigned y, struct buf *out)
{
	buf_printf(out,
	           "<rect%s x=\"%u\" y=\"%u\" width=\"%d\" height=\"%u\" rx=\"6\"/><text x=\"%u\" y=\"%u\">",
	           n->local ? " class=\"own\"" : "", x, y, NODE_WIDTH, node_height(n), x + 10, y + 19);
	print_addr(out, &n->addr, "?");
	buf_adds(out, "</text>\n");
	for (unsigned i = 0; i < n->nnets && i < 4; i++) {
		buf_printf(out, "<text class=\"net\" x=\"%u\" y=\"%u\">", x + 10, y + 19 + (i + 1) * LINE);
		if (i < 3)
			buf_adds(out, n->net[i]);
		else
			buf_printf(out, "and %u more", n->nnets - 3);
		buf_adds(out, "</text>\n");
	}
}

/* If no policy tells, the end with the most SAs is this host. */
static void mark_local_node(void)
{
	struct node *most = page.node;

	for (unsigned i = 0; i < page.nnodes; i++) {
		if (page.node[i].local)
			return;
		if (page.node[i].weight > most->weight)
			most = &page.node[i];
	}
	most->local = true;
}

static void put_edge(const struct edge *e, const unsigned *y, struct buf *out)
{
	const struct node *a = &page.node[e->a], *b = &page.node[e->b];
	bool both = e->there > 0 && e->back > 0, none = e->there + e->back == 0;
	unsigned x1 = a->local ? NODE_LEFT + NODE_WIDTH : NODE_RIGHT;
	unsigned x2 = b->local ? NODE_LEFT + NODE_WIDTH : NODE_RIGHT;

	buf_printf(out, "<line class=\"%s\" x1=\"%u\" y1=\"%u\" x2=\"%u\" y2=\"%u\"><title>",
	           none ? "none" : !both || e->dying > 0 ? "warn" : "good", x1,
	           y[e->a] + node_height(a) / 2, x2, y[e->b] + node_height(b) / 2);
	print_addr(out, &a->addr, "?");
	buf_adds(out, " and ");
	print_addr(out, &b->addr, "?");
	if (none)
		buf_adds(out, ": a policy, and no SA that can be used");
	else
		buf_printf(out, ": %u SA%s there, %u back%s", e->there, e->there == 1 ? "" : "s", e->back,
		           e->dying > 0 ? ", some near their end" : "");
	buf_adds(out, "</title></line>\n");
}

static void put_picture(struct buf *out)
{
	unsigned y[NODES_MAX] = { 0 }, below[2] = { GAP, GAP }, height;

	if (page.nnodes == 0)
		return;
	mark_local_node();
	for (unsigned i = 0; i < page.nnodes; i++) {
		unsigned column = page.node[i].local ? 0 : 1;

		y[i] = below[column];
		below[column] += node_height(&page.node[i]) + GAP;
	}
	height = below[0] > below[1] ? below[0] : below[1];
	buf_printf(out,
	           "<figure>\n<svg role=\"img\" viewBox=\"0 0 %d %u\" width=\"%d\" height=\"%u\" "
	           "aria-label=\"hosts and what joins them\">\n",
	           PICTURE_WIDTH, height, PICTURE_WIDTH, height);
	for (unsigned i = 0; i < page.nedges; i++)
		put_edge(&page.edge[i], y, out);
	for (unsigned i = 0; i < page.nnodes; i++)
		put_node(&page.node[i], page.node[i].local ? NODE_LEFT : NODE_RIGHT, y[i], out);
	buf_printf(out,
	           "</svg>\n<figcaption>This host is on the left, with the networks of its tunnels. "
	           "Green: SAs in both "
	           "directions. Amber: in one only, or near their end. Red, dashed: a policy without an "
	           "SA.%s</figcaption>\n</figure>\n",
	           page.crowded ? " There are more than are drawn." : "");
}

static int by_order(const void *x, const void *y)
{
	const struct row *a = x, *b = y;

	if (a->dir != b->dir)
		return a->dir < b->dir ? -1 : 1;
	if (a->priority != b->priority)
		return a->priority < b->priority ? -1 : 1;
	return a->seq > b->seq ? -1 : 1;
}

static void put_policies(struct buf *out)
{
	buf_printf(out,
	           "<h2>Policies (%zu)</h2>\n<p>In the order in which the kernel asks them: the first that "
	           "fits a packet decides.</p>\n<div class=\"scroll\"><table id=\"policies\">\n<thead><tr>"
	           "<th>Direction<th>Action"
	           "<th>Source<th>Destination<th>Protocol<th>Requests<th class=num>Priority<th "
	           "class=num>Last used</thead>\n<tbody>\n",
	           page.nrows);
	if (page.nrows > 0)
		qsort(page.row, page.nrows, sizeof(*page.row), by_order);
	for (size_t i = 0; i < page.nrows; i++) {
		buf_adds(out, "<tr>");
		buf_add(out, page.policy_rows.bytes + page.row[i].at, page.row[i].len);
	}
	buf_adds(out, "</tbody></table></div>\n");
}

static void put_sas(struct buf *out)
{
	buf_printf(out,
	           "<h2>Security associations (%zu)</h2>\n<div class=\"scroll\"><table id=\"sas\">\n"
	           "<thead><tr>"
	           "<th>Protocol<th>From<th>To<th>SPI<th>State<th class=num>Reqid<th class=num>Age<th "
	           "class=num>Left<th class=num>Packets"
	           "<th class=num>Bytes<th>Algorithms"
	           "<th>Errors</thead>\n<tbody>\n",
	           page.nsas);
	buf_add(out, page.sas.bytes, page.sas.len);
	buf_adds(out, "</tbody></table></div>\n");
}

static void put_findings(const struct print_opts *o, struct buf *out)
{
	if (o->findings == NULL)
		return;
	buf_adds(out, "<h2>Findings</h2>\n");
	if (*o->findings == '\0') {
		buf_adds(out, "<p class=\"good\">lint has found nothing.</p>\n");
		return;
	}
	buf_adds(out, "<pre id=\"findings\">");
	put_escaped(out, o->findings, strlen(o->findings));
	buf_adds(out, "</pre>\n");
}

static void begin_page(const struct print_opts *o, struct buf *out)
{
	(void)o;
	(void)out;
	buf_free(&page.sas);
	buf_free(&page.policy_rows);
	free(page.row);
	page = (struct page){ 0 };
}

static void end_page(const struct print_opts *o, struct buf *out)
{
	char day[32];
	time_t now = (time_t)o->now;
	struct tm tm;

	strftime(day, sizeof(day), "%Y-%m-%d %H:%M:%S %z", localtime_r(&now, &tm));
	buf_adds(out, head);
	buf_printf(out,
	           "<header><h1>IPsec on this host</h1>\n"
	           "<p>%s, as setkey %s read it: no key is on this page.</p></header>\n",
	           day, VERSION);
	put_picture(out);
	put_findings(o, out);
	put_policies(out);
	put_sas(out);
	buf_adds(out, "</body>\n</html>\n");
	begin_page(o, out);
}

/* Without a message for an empty table: it is printed as one. */
static void print_nothing(const struct event *ev, struct buf *out)
{
	(void)ev;
	(void)out;
}

const struct format html_format = {
	.name = "html", .begin = begin_page, .end = end_page, .sa = print_sa, .policy = print_policy,
	.other = print_nothing,
};
