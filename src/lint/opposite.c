/* SPDX-License-Identifier: ISC */
/*
 * Advice about the two policies of one connection, outbound and inbound: the ends of their tunnels, and their
 * ports.
 */
#include "lint/loaded.h"
#include "tables/selector_set.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TUNNEL_ENDS, PORTS_NOT_MIRRORED };

const struct rule opposite_rules[] = {
	[TUNNEL_ENDS] = { "SK332", "tunnel-ends", SEVERITY_WARNING,
		"tunnels of both directions that are not each other's reverse" },
	[PORTS_NOT_MIRRORED] = { "SK333", "ports-not-mirrored", SEVERITY_WARNING,
		"ports that are on the same side in both directions" },
	{ NULL, NULL, 0, NULL }
};

/*
 * Outbound policies without a counterpart, in order. They are compared one by one, so that only the first few
 * are kept; a correct file has hardly any.
 */
enum { LONE_MAX = 64 };

struct lone {
	uint32_t policy[LONE_MAX];
	size_t n;
};

/* Numbers of policies are their places in l->tables.policy, from 1. */
struct opposite {
	const struct loaded *loaded;
	struct hash_table outbound; /* by selector, and by the ends of their tunnel */
	struct hash_table inbound;  /* by the ends of their tunnel */
	struct lone tunnels;   /* those without an inbound tunnel that is the reverse */
	struct lone unmirrored; /* those that are not mirrored; filled with mirrored */
	struct hash_table sas;      /* by their addresses */
	bool marks;            /* some policy has one */
	/* by direction; this and mirrored are filled when the first policy without an exact mirror is met */
	struct selector_set all;
	/*
	 * by the first policy with a selector: a policy of the other direction contains its mirror, or the
	 * reverse
	 */
	bool *mirrored;
};

/* NULL where the number is 0 */
static const struct entry *policy_or_null(const struct loaded *l, uint32_t number)
{
	return number != 0 ? loaded_policy(l, number) : NULL;
}

/* The n-th request with outer addresses, counted from the last one, or NULL. */
static const struct tmpl *outer_tmpl(const struct policy *p, unsigned n)
{
	for (unsigned i = p->ntmpl; i-- > 0; ) {
		const struct tmpl *t = &p->tmpl[i];

		if (mode_has_ends(t->mode) && !addr_is_any(&t->src) &&
		    !addr_is_any(&t->dst) && n-- == 0)
			return t;
	}
	return NULL;
}

static void first_hash(struct hash_table *x, uint64_t name, uint32_t number)
{
	uint32_t *first = hash_at(x, name);

	if (*first == 0)
		*first = number;
}

/* Kinds of hashes, besides the directions. */
enum { UNMARKED = 32, ENDS, SAS, OF_UPPER, OF_PORTS };

static uint64_t ends_hash(const struct addr *near, const struct addr *far)
{
	return addr_pair_hash(ENDS, near, far);
}

/* A hash of the selector without the mark, and of the tunnel's ends unless they are NULL. */
static uint64_t unmarked_hash(const struct stmt *s, const struct selector *sel, const struct addr *near,
                              const struct addr *far)
{
	uint64_t h = selector_hash(policy_namespace_unmarked(s, UNMARKED), sel);

	return near != NULL ? addr_pair_hash(h, near, far) : h;
}

static uint64_t upper_hash(const struct selector *s, bool ports)
{
	uint32_t words[3] = { s->upper, ports ? (uint32_t)s->src.port << 16 | s->dst.port : 0,
		              ports ? (uint32_t)s->sport_mask << 16 | s->dport_mask : 0 };
	struct selector ends = selector_of_addrs(&s->src, &s->dst);

	return hash_mix(selector_hash(ports ? OF_PORTS : OF_UPPER, &ends), words, sizeof(words));
}

static bool has_ports(const struct selector *s)
{
	bool types = s->upper == IPPROTO_ICMP || s->upper == IPPROTO_ICMPV6 || s->upper == IPPROTO_MH ||
	             s->upper == IPPROTO_GRE;

	return !types && (s->sport_mask != 0 || s->dport_mask != 0);
}

static void add_lone(struct lone *lone, uint32_t number)
{
	if (lone->n < LONE_MAX)
		lone->policy[lone->n++] = number;
}

static void list_outbound(struct opposite *o, const struct entry *p, uint32_t i)
{
	struct selector s = policy_selector(&p->stmt->policy);
	const struct tmpl *t = outer_tmpl(&p->stmt->policy, 0);

	if (t != NULL || has_ports(&s))
		first_hash(&o->outbound, selector_hash(policy_namespace(p->stmt, DIR_OUT), &s), i);
	if (t != NULL)
		first_hash(&o->outbound, ends_hash(&t->src, &t->dst), i);
	if (t != NULL && o->marks) {
		first_hash(&o->outbound, unmarked_hash(p->stmt, &s, NULL, NULL), i);
		first_hash(&o->outbound, unmarked_hash(p->stmt, &s, &t->src, &t->dst), i);
	}
	if (has_ports(&s)) {
		first_hash(&o->outbound, upper_hash(&s, false), i);
		first_hash(&o->outbound, upper_hash(&s, true), i);
	}
}

static void list_policies(struct opposite *o)
{
	const struct loaded *l = o->loaded;

	for (uint32_t i = 1; i <= l->tables.npolicies; i++)
		o->marks |= stmt_mark(loaded_policy(l, i)->stmt).mask != 0;
	for (uint32_t i = 1; i <= l->tables.npolicies; i++) {
		const struct entry *p = loaded_policy(l, i);
		const struct tmpl *t = outer_tmpl(&p->stmt->policy, 0);

		if (p->dir == DIR_OUT && entry_protects(p))
			list_outbound(o, p, i);
		else if (p->dir == DIR_IN && entry_protects(p) && t != NULL)
			first_hash(&o->inbound, ends_hash(&t->src, &t->dst), i);
	}
	for (uint32_t i = 1; i <= l->tables.npolicies; i++) {
		const struct entry *p = loaded_policy(l, i);
		const struct tmpl *t = outer_tmpl(&p->stmt->policy, 0);

		if (p->dir == DIR_OUT && entry_protects(p) && t != NULL &&
		    hash_find(&o->inbound, ends_hash(&t->dst, &t->src)) == 0)
			add_lone(&o->tunnels, i);
	}
	for (size_t i = 0; i < l->tables.nsas; i++) {
		const struct sa *sa = &l->tables.sa[i].stmt->sa;

		*hash_at(&o->sas, addr_pair_hash(SAS, &sa->src, &sa->dst)) = 1;
	}
}

/*
 * An outbound policy for some of the reverse packets, whose tunnel has one end in common with the reverse of
 * t; 0 if there is none.
 */
static uint32_t find_lone(const struct opposite *o, const struct selector *back, const struct tmpl *t)
{
	for (size_t i = 0; i < o->tunnels.n; i++) {
		const struct policy *out = &loaded_policy(o->loaded, o->tunnels.policy[i])->stmt->policy;
		const struct tmpl *a = outer_tmpl(out, 0);
		struct selector s = policy_selector(out);

		if ((addr_equal(&a->src, &t->dst) || addr_equal(&a->dst, &t->src)) &&
		    selector_shares_addrs(&s, back) && selector_shares_protocol(&s, back))
			return o->tunnels.policy[i];
	}
	return 0;
}

/*
 * The outbound policy whose tunnel should be the reverse of t, the tunnel of p, or NULL. In this order: the
 * one for exactly the reverse packets; one that differs only in its mark, preferably with the right tunnel;
 * and if no outbound tunnel is the reverse of t, one whose tunnel has the same ends in the same order, which
 * is a mistake as no host is at both ends; one for some of the reverse packets.
 */
static const struct entry *find_outbound(const struct opposite *o, const struct entry *p,
                                          const struct tmpl *t)
{
	struct selector s = policy_selector(&p->stmt->policy), back = selector_reversed(&s);
	uint32_t n = hash_find(&o->outbound, selector_hash(policy_namespace(p->stmt, DIR_OUT), &back));

	if (n == 0 && o->marks)
		n = hash_find(&o->outbound, unmarked_hash(p->stmt, &back, &t->dst, &t->src));
	if (n == 0 && o->marks)
		n = hash_find(&o->outbound, unmarked_hash(p->stmt, &back, NULL, NULL));
	if (n != 0 || p->dir != DIR_IN || hash_find(&o->outbound, ends_hash(&t->dst, &t->src)) != 0)
		return policy_or_null(o->loaded, n);
	n = hash_find(&o->outbound, ends_hash(&t->src, &t->dst));
	return policy_or_null(o->loaded, n != 0 ? n : find_lone(o, &back, t));
}

static bool has_sa(const struct opposite *o, const struct addr *src, const struct addr *dst)
{
	return hash_find(&o->sas, addr_pair_hash(SAS, src, dst)) != 0;
}

/*
 * True if both tunnels have their SAs, and the reverse of neither has one: then the difference is intended.
 */
static bool is_intended(const struct opposite *o, const struct entry *out, const struct tmpl *a,
                     const struct entry *in, const struct tmpl *b)
{
	return out->has_all_sas && in->has_all_sas && !has_sa(o, &a->dst, &a->src) &&
	       !has_sa(o, &b->dst, &b->src);
}

/* True if both tunnels have an end on the same side: the ends of one of them must be swapped. */
static bool is_same_way(const struct tmpl *a, const struct tmpl *b)
{
	return addr_equal(&a->src, &b->src) || addr_equal(&a->dst, &b->dst);
}

static void report_mistyped(const struct opposite *o, const struct entry *p, enum part part,
                            const struct tmpl *a, const struct tmpl *b)
{
	bool far = !addr_equal(&a->dst, &b->src), inbound = p->dir != DIR_OUT;
	const struct addr *out = far ? &a->dst : &a->src, *in = far ? &b->src : &b->dst;
	char here[INET6_ADDRSTRLEN], there[INET6_ADDRSTRLEN];

	inet_ntop(out->family, inbound ? in->bytes : out->bytes, here, sizeof(here));
	inet_ntop(out->family, inbound ? out->bytes : in->bytes, there, sizeof(there));
	loaded_add(o->loaded, p, &opposite_rules[TUNNEL_ENDS], part,
	           "the %s end of the tunnel is %s here, and %s in the %s policy", far ? "far" : "near", here,
	           there, inbound ? "outbound" : "inbound");
}

/* Reports two tunnels that are not each other's reverse, at the later policy; a is the outbound one. */
static void report_ends(const struct opposite *o, const struct entry *out, const struct tmpl *a,
                        const struct entry *in, const struct tmpl *b)
{
	bool inbound = in->number > out->number;
	enum part at_out = PART_TMPL + (enum part)(a - out->stmt->policy.tmpl),
	          at_in = PART_TMPL + (enum part)(b - in->stmt->policy.tmpl);

	if (!is_same_way(a, b))
		report_mistyped(o, inbound ? in : out, inbound ? at_in : at_out, a, b);
	else
		loaded_add(o->loaded, inbound ? in : out, &opposite_rules[TUNNEL_ENDS],
		           inbound ? at_in : at_out,
		           "the tunnel's ends must be swapped against the %s policy: here the %s end comes "
		           "first",
		           inbound ? "outbound" : "inbound", inbound ? "far" : "near");
	loaded_note(o->loaded, inbound ? out : in, inbound ? at_out : at_in,
	            inbound ? "the outbound policy" : "the inbound policy");
}

static void compare_ends(const struct opposite *o, const struct entry *out, const struct tmpl *a,
                         const struct entry *in, const struct tmpl *b)
{
	bool near = addr_equal(&a->src, &b->dst), far = addr_equal(&a->dst, &b->src);
	bool same_way = is_same_way(a, b);

	if ((near && far) || !(near || far || same_way) || a->src.family != b->src.family)
		return;
	if (!same_way && is_intended(o, out, a, in, b))
		return;
	report_ends(o, out, a, in, b);
}

/*
 * Compares the tunnels of an inbound or forward policy with those of its outbound policy. Tunnels within each
 * other are compared one by one.
 */
static void check_tunnel_ends(const struct opposite *o, const struct entry *p)
{
	const struct tmpl *b = outer_tmpl(&p->stmt->policy, 0), *a;
	const struct entry *out = b != NULL ? find_outbound(o, p, b) : NULL;
	bool several;

	if (out == NULL)
		return;
	a = outer_tmpl(&out->stmt->policy, 0);
	several = (outer_tmpl(&p->stmt->policy, 1) == NULL) == (outer_tmpl(&out->stmt->policy, 1) == NULL);
	for (unsigned i = 0; a != NULL && b != NULL && (i == 0 || several); i++) {
		compare_ends(o, out, a, p, b);
		a = outer_tmpl(&out->stmt->policy, i + 1);
		b = outer_tmpl(&p->stmt->policy, i + 1);
	}
}

/*
 * Marks each selector whose mirror some selector of the other direction contains, and that one too. Equal
 * selectors are marked by the first policy that has them.
 */
static void mark_mirrored(struct opposite *o)
{
	size_t n = o->loaded->tables.npolicies;

	o->mirrored = memory_resize(NULL, n + 1, sizeof(*o->mirrored));
	memset(o->mirrored, 0, (n + 1) * sizeof(*o->mirrored));
	for (uint32_t i = 1; i <= n; i++) {
		const struct entry *p = loaded_policy(o->loaded, i);
		struct selector s = policy_selector(&p->stmt->policy);

		if (p->dir != DIR_FWD)
			selector_set_add(&o->all, p->dir, &s, i);
	}
	for (uint32_t i = 1; i <= n; i++) {
		const struct entry *p = loaded_policy(o->loaded, i);
		struct selector s = policy_selector(&p->stmt->policy), back = selector_reversed(&s);
		uint32_t other;

		if (p->dir == DIR_FWD || selector_set_find(&o->all, p->dir, &s) != i)
			continue;
		for (struct selector_walk k = { 0 };
		     (other = selector_set_next(&o->all, p->dir == DIR_IN ? DIR_OUT : DIR_IN, &back,
		                                &k)) != 0;)
			o->mirrored[i] = o->mirrored[other] = true;
	}
	for (uint32_t i = 1; i <= n; i++) {
		const struct entry *p = loaded_policy(o->loaded, i);
		struct selector s = policy_selector(&p->stmt->policy);

		if (p->dir == DIR_OUT && entry_protects(p) &&
		    !o->mirrored[selector_set_find(&o->all, DIR_OUT, &s)])
			add_lone(&o->unmirrored, i);
	}
}

static bool is_mirrored(struct opposite *o, const struct entry *p)
{
	struct selector s = policy_selector(&p->stmt->policy);

	if (o->mirrored == NULL)
		mark_mirrored(o);
	return o->mirrored[selector_set_find(&o->all, p->dir, &s)];
}

enum { PORT_WORD = 16 };

/* A port as it is written in brackets: 80, any or 1024/0xfc00. */
static const char *port_word(uint16_t port, uint16_t mask, char word[PORT_WORD])
{
	snprintf(word, PORT_WORD, mask == 0 ? "any" : mask == UINT16_MAX ? "%u" : "%u/0x%x", port, mask);
	return word;
}

static bool includes_ports(const struct selector *wide, const struct selector *s)
{
	return (wide->sport_mask & ~s->sport_mask) == 0 && (wide->dport_mask & ~s->dport_mask) == 0 &&
	       ((wide->src.port ^ s->src.port) & wide->sport_mask) == 0 &&
	       ((wide->dst.port ^ s->dst.port) & wide->dport_mask) == 0;
}

/*
 * An outbound policy with ports that shares hosts and protocol with an inbound one, whose mirror is back, and
 * is not mirrored. 0 if there is none, or if the ports of the two include each other.
 */
static uint32_t find_lone_unmirrored(const struct opposite *o, const struct selector *back)
{
	uint32_t found = 0;

	for (size_t i = 0; i < o->unmirrored.n; i++) {
		struct selector s = policy_selector(&loaded_policy(o->loaded,
		                                               o->unmirrored.policy[i])->stmt->policy);

		if (!selector_shares_addrs(&s, back) ||
		    (s.upper != back->upper && s.upper != UPPER_ANY && back->upper != UPPER_ANY))
			continue;
		if (includes_ports(&s, back) || includes_ports(back, &s))
			return 0;
		if (found == 0 && has_ports(&s))
			found = o->unmirrored.policy[i];
	}
	return found;
}

/*
 * The outbound policy that the inbound policy p, whose selector is s, should be the mirror of, but is not in
 * its ports. One with the same ports on the same side is preferred. NULL: none.
 */
static const struct entry *find_unmirrored(struct opposite *o, const struct entry *p,
                                            const struct selector *s)
{
	struct selector back = selector_reversed(s), same = *s;
	const struct entry *out;
	uint32_t n;

	same.src = back.src;
	same.dst = back.dst;
	same.src.port = s->src.port;
	same.dst.port = s->dst.port;
	if (hash_find(&o->outbound, selector_hash(policy_namespace(p->stmt, DIR_OUT), &back)) != 0 ||
	    is_mirrored(o, p))
		return NULL;
	n = hash_find(&o->outbound, upper_hash(&same, true));
	n = n != 0 ? n : hash_find(&o->outbound, upper_hash(&same, false));
	out = policy_or_null(o->loaded, n != 0 ? n : find_lone_unmirrored(o, &back));
	return out == NULL || is_mirrored(o, out) ? NULL : out;
}

/* Reports an inbound policy whose ports do not mirror those of the outbound policy for the same hosts. */
static void check_ports(struct opposite *o, const struct entry *p)
{
	struct selector s = policy_selector(&p->stmt->policy), other;
	const struct entry *out = has_ports(&s) ? find_unmirrored(o, p, &s) : NULL, *late, *first;
	char sport[PORT_WORD], dport[PORT_WORD];

	if (out == NULL)
		return;
	late = out->number > p->number ? out : p;
	first = late == out ? p : out;
	other = policy_selector(&first->stmt->policy);
	loaded_add(o->loaded, late, &opposite_rules[PORTS_NOT_MIRRORED],
	           stmt_has_part(late->stmt, PART_DST_PORT) ? PART_DST_PORT :
	           stmt_has_part(late->stmt, PART_SRC_PORT) ? PART_SRC_PORT :
	                                                  PART_UPPER,
	           "the ports do not mirror those of the %s policy: no packet of either finds its way "
	           "back",
	           late == out ? "inbound" : "outbound");
	loaded_note(o->loaded, first, stmt_has_part(first->stmt, PART_DST_PORT) ? PART_DST_PORT :
	            PART_SRC_PORT,
	            late == out ? "the inbound policy" : "the outbound policy");
	diag_hint(o->loaded->unit->diags, "to mirror it give the source port %s and the destination port %s",
	          port_word(other.dst.port, other.dport_mask, sport),
	          port_word(other.src.port, other.sport_mask, dport));
}

void lint_opposite(const struct loaded *l)
{
	struct opposite o = { .loaded = l };

	if (l->tables.unknown)
		return;
	list_policies(&o);
	for (uint32_t i = 1; i <= l->tables.npolicies; i++) {
		const struct entry *p = loaded_policy(l, i);

		if (p->dir == DIR_OUT || !entry_protects(p))
			continue;
		check_tunnel_ends(&o, p);
		if (p->dir == DIR_IN)
			check_ports(&o, p);
	}
	hash_free(&o.outbound);
	hash_free(&o.inbound);
	hash_free(&o.sas);
	selector_set_free(&o.all);
	free(o.mirrored);
}
