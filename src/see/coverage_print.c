/* SPDX-License-Identifier: ISC */
/* Prints the pairs of networks as a table, as a graph for dot, and as JSON. */
#include "see/coverage.h"

#include "base/json.h"
#include "format/format.h"
#include "model/names.h"

#include <stdlib.h>

static const char *put_network(struct buf *to, const struct addr *a)
{
	buf_clear(to);
	print_addr(to, a, "any");
	if (a->plen != addr_bits(a))
		buf_printf(to, "/%u", a->plen);
	return buf_str(to);
}

static void put_port(struct buf *out, const char *side, uint16_t port, uint16_t mask)
{
	if (mask == UINT16_MAX)
		buf_printf(out, " %s %u", side, port);
	else if (mask != 0)
		buf_printf(out, " %s %u/0x%x", side, port, mask);
}

/* "all", "tcp to 80": what the policy says of protocol and ports. */
static const char *put_packets(struct buf *to, const struct selector *s)
{
	bool type = upper_has_type(s->upper);

	buf_clear(to);
	if (s->upper == UPPER_ANY && (s->sport_mask | s->dport_mask) == 0)
		buf_adds(to, "all");
	else if (s->upper == UPPER_ANY)
		buf_adds(to, "any");
	else if (upper_name(s->upper) != NULL)
		buf_adds(to, upper_name(s->upper));
	else
		buf_printf(to, "protocol %u", s->upper);
	put_port(to, type ? "type" : "from", s->src.port, s->sport_mask);
	put_port(to, type ? "code" : "to", s->dst.port, s->dport_mask);
	return buf_str(to);
}

static const char *put_policy(struct buf *to, const struct coverage *c, const struct covered *r)
{
	buf_clear(to);
	if (r->policy == 0)
		buf_adds(to, "no policy");
	else
		view_show_name(c->view, r->policy - 1, to);
	return buf_str(to);
}

void coverage_print_table(const struct coverage *c, struct buf *out)
{
	struct buf src = { 0 }, dst = { 0 }, packets = { 0 }, policy = { 0 };

	buf_printf(out, "%-4s %-20s %-20s %-16s %-10s %s\n", "DIR", "SOURCE", "DESTINATION", "PACKETS",
	           "VERDICT", "BY");
	for (size_t i = 0; i < c->n; i++) {
		const struct covered *r = &c->row[i];

		buf_printf(out, "%-4s %-20s %-20s %-16s %-10s %s\n", known_word(dir_names, r->dir),
		           put_network(&src, &r->src), put_network(&dst, &r->dst),
		           put_packets(&packets, &r->packets), outcome_words[r->outcome],
		           put_policy(&policy, c, r));
	}
	if (c->cut)
		buf_adds(out, "# there are more networks than are shown\n");
	buf_free(&src);
	buf_free(&dst);
	buf_free(&packets);
	buf_free(&policy);
}

/* Green, orange and red; the line tells the same without colours. */
static const char *const edge_styles[] = {
	[OUTCOME_CLEAR] = "color=\"#b35900\", fontcolor=\"#b35900\", style=dashed",
	[OUTCOME_PROTECTED] = "color=\"#1a7f37\", fontcolor=\"#1a7f37\"",
	[OUTCOME_DROPPED] = "color=\"#cf222e\", fontcolor=\"#cf222e\", style=dotted, arrowhead=tee",
	[OUTCOME_UNKNOWN] = "color=gray, fontcolor=gray",
};

/* True if an outbound row shows the same as this inbound one, in the other direction. */
static bool has_outbound_reverse(const struct coverage *c, const struct covered *r)
{
	for (size_t i = 0; i < c->n && r->dir == DIR_IN; i++) {
		const struct covered *o = &c->row[i];

		if (o->dir == DIR_OUT && addr_equal(&o->src, &r->dst) && addr_equal(&o->dst, &r->src) &&
		    o->src.plen == r->dst.plen && o->dst.plen == r->src.plen && o->outcome == r->outcome &&
		    o->packets.upper == r->packets.upper)
			return true;
	}
	return false;
}

void coverage_print_dot(const struct coverage *c, struct buf *out)
{
	struct buf src = { 0 }, dst = { 0 }, packets = { 0 };

	buf_adds(out, "digraph coverage {\n\trankdir=LR;\n\tnode [shape=box, fontname=\"sans-serif\"];\n"
	              "\tedge [fontname=\"sans-serif\"];\n");
	for (size_t i = 0; i < c->n; i++) {
		const struct covered *r = &c->row[i];

		if (has_outbound_reverse(c, r))
			continue;
		buf_printf(out, "\t\"%s\" -> \"%s\" [label=\"%s %s\", %s];\n", put_network(&src, &r->src),
		           put_network(&dst, &r->dst), put_packets(&packets, &r->packets),
		           outcome_words[r->outcome], edge_styles[r->outcome]);
	}
	buf_adds(out, "}\n");
	buf_free(&src);
	buf_free(&dst);
	buf_free(&packets);
}

void coverage_print_json(const struct coverage *c, struct buf *out)
{
	struct json j = { .out = out };
	struct buf text = { 0 };

	json_open(&j, NULL, '{');
	json_number(&j, "version", 1);
	json_bool(&j, "cut", c->cut);
	json_open(&j, "pairs", '[');
	for (size_t i = 0; i < c->n; i++) {
		const struct covered *r = &c->row[i];

		json_open(&j, NULL, '{');
		json_text(&j, "dir", known_word(dir_names, r->dir));
		json_range(&j, "src", &r->src, r->packets.src.port, r->packets.sport_mask);
		json_range(&j, "dst", &r->dst, r->packets.dst.port, r->packets.dport_mask);
		json_number(&j, "upper", r->packets.upper);
		json_text(&j, "packets", put_packets(&text, &r->packets));
		json_text(&j, "verdict", outcome_words[r->outcome]);
		buf_clear(&text);
		if (r->policy != 0)
			view_name(c->view, r->policy - 1, &text);
		json_text(&j, "policy", r->policy != 0 ? buf_str(&text) : NULL);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_close(&j, '}');
	buf_addc(out, '\n');
	buf_free(&text);
}
