/* SPDX-License-Identifier: ISC */
/*
 * Prints hosts, tunnels and policies as a Graphviz graph. To Graphviz, nodes of one name are one node, so
 * that a node may be printed again.
 */
#include "format/format.h"

#include "model/names.h"

#include <inttypes.h>
#include <string.h>

static void put_name(struct buf *out, const struct addr *a)
{
	print_addr(out, a, "?");
	if (a->plen != addr_bits(a))
		buf_printf(out, "/%u", a->plen);
}

/* A host is round, a network square; the end of a tunnel is a gateway. */
static void put_node(struct buf *out, const struct addr *a, bool gateway)
{
	bool network = a->plen != addr_bits(a);

	buf_adds(out, "\t\"");
	put_name(out, a);
	buf_printf(out, "\" [shape=%s%s];\n", network ? "box" : gateway ? "doubleoctagon" : "ellipse",
	           network ? " style=rounded" : "");
}

static void put_edge(struct buf *out, const struct addr *from, const struct addr *to)
{
	buf_adds(out, "\t\"");
	put_name(out, from);
	buf_adds(out, "\" -> \"");
	put_name(out, to);
	buf_adds(out, "\" ");
}

static void begin_graph(const struct print_opts *o, struct buf *out)
{
	(void)o;
	buf_adds(out, "digraph setkey {\n\trankdir=LR;\n\tnode [fontname=\"sans-serif\" fontsize=11];\n"
	         "\tedge [fontname=\"sans-serif\" fontsize=9];\n");
}

static void end_graph(const struct print_opts *o, struct buf *out)
{
	(void)o;
	buf_adds(out, "}\n");
}

static void print_sa(const struct event *ev, const struct print_opts *o, struct buf *out)
{
	const struct sa *sa = &ev->sa;
	const struct alg *alg = sa->enc && sa->enc->maxbits > 0 ? sa->enc : sa->auth ? sa->auth : sa->comp;

	(void)o;
	put_node(out, &sa->src, sa->mode == MODE_TUNNEL);
	put_node(out, &sa->dst, sa->mode == MODE_TUNNEL);
	put_edge(out, &sa->src, &sa->dst);
	buf_printf(out, "[style=bold color=\"%s\" label=\"%s 0x%" PRIx32 "\\n%s\"];\n",
	           ev->sa_state.life == SA_DYING ? "darkorange" : "forestgreen",
	           known_word(proto_names, sa->proto), sa->spi, alg ? alg->name : "");
}

static void put_label(struct buf *out, const struct policy *p, const char *what)
{
	const char *dir = name_word(dir_names, p->dir), *upper = upper_name(p->upper);

	buf_printf(out, "label=\"%s %s", dir ? dir : "socket", what);
	if (p->upper != UPPER_ANY)
		buf_printf(out, " %s", upper ? upper : "?");
	if (p->dst.port != 0)
		buf_printf(out, " [%u]", p->dst.port);
	buf_adds(out, "\"];\n");
}

/* Into the tunnel at its near end and out of it at the far one; the SA is the edge between the two. */
static void put_tunnel(struct buf *out, const struct policy *p, const struct tmpl *t)
{
	put_node(out, &t->src, true);
	put_node(out, &t->dst, true);
	put_edge(out, &p->src, &t->src);
	buf_adds(out, "[style=dashed color=gray40 ");
	put_label(out, p, "ipsec");
	put_edge(out, &t->dst, &p->dst);
	buf_adds(out, "[style=dashed color=gray40];\n");
}

static const struct tmpl *find_tunnel(const struct policy *p)
{
	for (unsigned i = 0; i < p->ntmpl; i++)
		if (p->tmpl[i].mode == MODE_TUNNEL && p->tmpl[i].src.family != 0)
			return &p->tmpl[i];
	return NULL;
}

static void print_policy(const struct event *ev, const struct print_opts *o, struct buf *out)
{
	const struct policy *p = &ev->policy;

	(void)o;
	if (p->dir != DIR_IN && p->dir != DIR_OUT)
		return; /* fwd repeats what in says, and sockets are no hosts */
	put_node(out, &p->src, false);
	put_node(out, &p->dst, false);
	if (p->action == ACTION_IPSEC && find_tunnel(p) != NULL) {
		put_tunnel(out, p, find_tunnel(p));
		return;
	}
	put_edge(out, &p->src, &p->dst);
	buf_printf(out, "[style=dashed color=%s ",
	           p->action == ACTION_DISCARD ? "red" : p->action == ACTION_NONE ? "goldenrod" : "gray40");
	put_label(out, p, known_word(action_names, p->action));
}

/* An error, such as that of an empty table, becomes a comment. */
static void print_other(const struct event *ev, struct buf *out)
{
	if (ev->err != 0)
		buf_printf(out, "\t// %s\n", strerror(ev->err));
}

const struct format dot_format = {
	.name = "dot", .begin = begin_graph, .end = end_graph, .sa = print_sa, .policy = print_policy,
	.other = print_other,
};
