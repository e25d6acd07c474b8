/* SPDX-License-Identifier: ISC */
/*
 * setkey peercheck: whether the files of two ends fit together. Says what differs, and never a byte of a key.
 */
#include "cmd/cmd.h"

#include "base/privilege.h"
#include "config/resolve.h"
#include "lint/lint.h"
#include "model/same.h"
#include "run/unit.h"
#include "tables/selector_set.h"
#include "tables/tables.h"

enum { DIFFERS };

const struct rule peercheck_rules[] = {
	[DIFFERS] = { "SK721", "peers-differ", SEVERITY_ERROR, "two ends that do not fit together" },
	{ NULL, NULL, 0, NULL }
};

/* One end: its file, what that makes, and the addresses it has, as far as its policies tell. */
struct end {
	struct unit in;
	struct tables tables;
	struct hash_table own; /* how many entries name each */
	struct hash_table peer; /* those of the other host, likewise */
	bool known;
	struct hash_table sa, policy; /* by name: the place in tables, from 1 */
};

struct check {
	struct end end[2];
	struct diags diags;
	size_t common;
};

static uint64_t addr_name(const struct addr *a)
{
	return hash_mix(a->family, a->bytes, sizeof(a->bytes));
}

/* How much of an SA its name is made of. */
enum { WITH_MARK, WITH_SPI, ADDRESSES };

static uint64_t sa_name(const struct stmt *s, int depth)
{
	const struct sa *sa = &s->sa;
	struct mark mark = stmt_mark(s);
	uint32_t words[5] = { depth, sa->proto, depth <= WITH_SPI ? sa->spi : 0,
		              depth == WITH_MARK ? mark.value : 0, depth == WITH_MARK ? mark.mask : 0 };

	return hash_mix(addr_pair_hash(sa->src.family, &sa->src, &sa->dst), words, sizeof(words));
}

static uint64_t policy_name(const struct policy *p, uint8_t dir)
{
	const struct selector sel = policy_selector(p);

	return selector_hash(dir, &sel);
}

/* A compressed packet may come as it was, where that would have made it longer: inbound, use is right. */
static bool takes_clear(const struct tmpl *t)
{
	return t->level == LEVEL_USE && t->proto != PROTO_IPCOMP;
}

/*
 * By what the packets are for too: of several policies for the same packets, told apart by marks, one may
 * fit.
 */
static uint64_t fitting_name(const struct policy *p, uint8_t dir)
{
	uint64_t h = policy_name(p, dir);

	for (unsigned i = 0; i < p->ntmpl; i++) {
		const struct tmpl *t = &p->tmpl[i];
		const uint8_t how[3] = { t->proto, t->mode, takes_clear(t) };

		h = hash_mix(addr_pair_hash(h, &t->src, &t->dst), how, sizeof(how));
	}
	return hash_mix(h, &p->ntmpl, sizeof(p->ntmpl));
}

static uint64_t with_mark(uint64_t name, const struct stmt *s)
{
	struct mark mark = stmt_mark(s);

	return hash_mix(name, &mark, sizeof(mark));
}

static uint8_t other_dir(uint8_t dir)
{
	return dir == DIR_IN ? DIR_OUT : DIR_IN;
}

/* The address of the host itself, or of the other one, that a policy tells; NULL: none. */
static const struct addr *policy_end(const struct entry *p, bool own)
{
	const struct policy *policy = &p->stmt->policy;
	bool src = (p->dir == DIR_OUT) == own;
	const struct addr *a = src ? &policy->src : &policy->dst;

	for (unsigned i = 0; i < policy->ntmpl; i++)
		if (policy->tmpl[i].src.family != 0)
			return src ? &policy->tmpl[i].src : &policy->tmpl[i].dst;
	return addr_is_host(a) && !addr_is_any(a) ? a : NULL;
}

static bool is_compared(const struct entry *p)
{
	return p->stmt->policy.action == ACTION_IPSEC && (p->dir == DIR_IN || p->dir == DIR_OUT);
}

static int count_for(const struct end *e, const struct addr *a)
{
	return a == NULL ? 0 :
	                   (int)hash_find(&e->own, addr_name(a)) - (int)hash_find(&e->peer, addr_name(a));
}

/*
 * A tunnel whose ends are the wrong way round tells the other host's address as the own one: most policies
 * are right.
 */
static void forget_addrs_of_fewer(struct end *e)
{
	bool clear = false;

	for (size_t i = 0; i < e->tables.npolicies; i++)
		clear |= is_compared(&e->tables.policy[i]) &&
		         count_for(e, policy_end(&e->tables.policy[i], true)) > 0;
	for (size_t i = 0; i < e->tables.npolicies && clear; i++) {
		const struct addr *a =
		        is_compared(&e->tables.policy[i]) ? policy_end(&e->tables.policy[i], true) : NULL;

		if (a != NULL && hash_find(&e->own, addr_name(a)) != 0 && count_for(e, a) <= 0)
			*hash_at(&e->own, addr_name(a)) = 0;
	}
}

static void learn_end(struct end *e)
{
	const struct addr *a;
	uint64_t name;

	e->known = true;
	for (size_t i = 0; i < e->tables.npolicies; i++) {
		const struct entry *p = &e->tables.policy[i];

		if (!is_compared(p))
			continue;
		*hash_at(&e->policy, policy_name(&p->stmt->policy, p->dir)) = (uint32_t)i + 1;
		*hash_at(&e->policy, fitting_name(&p->stmt->policy, p->dir)) = (uint32_t)i + 1;
		name = with_mark(policy_name(&p->stmt->policy, p->dir), p->stmt);
		*hash_at(&e->policy, name) = (uint32_t)i + 1;
		name = with_mark(fitting_name(&p->stmt->policy, p->dir), p->stmt);
		*hash_at(&e->policy, name) = (uint32_t)i + 1;
		a = policy_end(p, true);
		if (a != NULL)
			++*hash_at(&e->own, addr_name(a));
		e->known &= a != NULL;
		a = policy_end(p, false);
		if (a != NULL)
			++*hash_at(&e->peer, addr_name(a));
	}
	e->known &= e->own.n > 0;
	forget_addrs_of_fewer(e);
	for (size_t i = 0; i < e->tables.nsas; i++)
		for (int depth = WITH_MARK; depth <= ADDRESSES; depth++)
			*hash_at(&e->sa, sa_name(e->tables.sa[i].stmt, depth)) = (uint32_t)i + 1;
}

static int read_end(struct end *e, const char *name, uint32_t order, const struct settings *s)
{
	int status = unit_read(&e->in, name);

	if (status != STATUS_OK)
		return status;
	unit_parse(&e->in, s);
	for (size_t i = 0; i < e->in.sources.n; i++)
		e->in.sources.source[i]->order += order;
	resolve_conf(&e->in.conf, true, &e->in.diags);
	lint_conf(&e->in.conf, &e->in.diags);
	if (e->in.diags.errors > 0)
		return report_findings(&e->in.diags, s);
	tables_read(&e->tables, &e->in.conf, false);
	learn_end(e);
	return STATUS_OK;
}

static void add_difference(struct check *c, const struct stmt *a, enum part part, const struct stmt *b,
                           const char *what)
{
	diag_add(&c->diags, &peercheck_rules[DIFFERS], a->src, stmt_part(a, part), "%s", what);
	if (b != NULL)
		diag_note(&c->diags, b->src, stmt_part(b, part), "there");
}

/* The replay window that Linux keeps; an SA that only sends has none. */
static bool same_windows(const struct stmt *a, const struct stmt *b)
{
	enum { CAP = 32 };
	uint32_t x = a->sa.window > CAP && !(a->sa.flags & SA_F_ESN) ? CAP : a->sa.window;
	uint32_t y = b->sa.window > CAP && !(b->sa.flags & SA_F_ESN) ? CAP : b->sa.window;

	return x == y || stmt_attrs(a)->value[ATTR_DIR] == DIR_OUT ||
	       stmt_attrs(b)->value[ATTR_DIR] == DIR_OUT;
}

static bool same_marks(const struct stmt *a, const struct stmt *b)
{
	struct mark x = stmt_mark(a), y = stmt_mark(b);

	return x.value == y.value && x.mask == y.mask;
}

/* What both ends of an SA must have alike. Lifetimes and id are each end's own. */
static void compare_sa(struct check *c, const struct stmt *x, const struct stmt *y)
{
	const struct sa *a = &x->sa, *b = &y->sa;
	const struct { bool same; enum part part; const char *what; } rows[] = {
		{ a->enc == b->enc, PART_ENC, "the other end has another cipher" },
		{ a->enc != b->enc || same_key(sa_enckey(a), a->encbits, sa_enckey(b), b->encbits), PART_ENCKEY, "the other end has another key for the cipher" },
		{ a->auth == b->auth, PART_AUTH, "the other end has another algorithm for integrity" },
		{ a->auth != b->auth || sa_icvbits(a) == sa_icvbits(b), PART_AUTH, "the other end cuts the hash at another length" },
		{ a->auth != b->auth || same_key(sa_authkey(a), a->authbits, sa_authkey(b), b->authbits), PART_AUTHKEY, "the other end has another key for integrity" },
		{ a->comp == b->comp, PART_COMP, "the other end has another compression" },
		{ same_mode(a->mode, b->mode), PART_MODE, "the other end has another mode" },
		{ same_windows(x, y), PART_WINDOW, "the other end has another replay window" },
		{ same_marks(x, y), PART_MARK, "the other end has another mark" },
		{ ((a->flags ^ b->flags) & SA_F_ESN) == 0, PART_ESN, "only one end has sequence numbers of 64 bits" },
		{ ((a->flags ^ b->flags) & (SA_F_OLD | SA_F_DERIV | SA_F_IV4B)) == 0, PART_FLAGS, "the other end has another form of the protocol" },
		{ a->encap == b->encap, PART_PROTO, "the other end has another encapsulation" },
		{ a->encap != b->encap || (a->natt_sport == b->natt_sport && a->natt_dport == b->natt_dport), PART_SRC_PORT, "the other end has other UDP ports" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!rows[i].same)
			add_difference(c, x, rows[i].part, y, rows[i].what);
}

static bool has_addr(const struct end *e, const struct addr *a)
{
	return !e->known || hash_find(&e->own, addr_name(a)) != 0;
}

/* An SA, or a policy, that the other end should know of. */
static bool concerns_sa(const struct end *other, const struct sa *sa)
{
	return has_addr(other, &sa->src) || has_addr(other, &sa->dst);
}

/* The policy of the other end for the same packets: of several the one that fits best; 0: none. */
static uint32_t find_policy(const struct end *other, const struct entry *p)
{
	uint64_t fitting = fitting_name(&p->stmt->policy, other_dir(p->dir)),
	         name = policy_name(&p->stmt->policy, other_dir(p->dir));
	const uint64_t names[] = { with_mark(fitting, p->stmt), fitting, with_mark(name, p->stmt), name };
	uint32_t n = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && n == 0; i++)
		n = hash_find(&other->policy, names[i]);
	return n;
}

/*
 * One whose tunnel has its ends the wrong way round, or one of them mistyped, is known by the other end's
 * policy for its packets.
 */
static bool concerns_policy(const struct end *other, const struct entry *p)
{
	const struct addr *peer = policy_end(p, false), *own = policy_end(p, true);

	if (!is_compared(p))
		return false;
	return peer == NULL || has_addr(other, peer) ||
	       (own != NULL && has_addr(other, own) && find_policy(other, p) != 0);
}

/*
 * Where one end tells of an address as its own and the other's, and the other end as its own alone, it is the
 * other end's.
 */
static void forget_shared_addrs(struct end *e, const struct end *other)
{
	for (size_t i = 0; i < e->tables.npolicies && e->known && other->known; i++) {
		const struct addr *a =
		        is_compared(&e->tables.policy[i]) ? policy_end(&e->tables.policy[i], true) : NULL;
		uint64_t name = a != NULL ? addr_name(a) : 0;

		if (a != NULL && hash_find(&e->own, name) != 0 && hash_find(&e->peer, name) != 0 &&
		    hash_find(&other->own, name) != 0 && hash_find(&other->peer, name) == 0)
			*hash_at(&e->own, name) = 0;
	}
}

/* A missing entry is reported at the end that has it, a difference at the first end. */
static void compare_sas(struct check *c, const struct end *a, const struct end *b)
{
	for (size_t i = 0; i < a->tables.nsas; i++) {
		const struct stmt *s = a->tables.sa[i].stmt, *other;
		uint32_t marked = hash_find(&b->sa, sa_name(s, WITH_MARK));
		uint32_t same = marked != 0 ? marked : hash_find(&b->sa, sa_name(s, WITH_SPI));
		uint32_t like = same != 0 ? same : hash_find(&b->sa, sa_name(s, ADDRESSES));

		if (!concerns_sa(b, &s->sa))
			continue;
		c->common++;
		other = like != 0 ? b->tables.sa[like - 1].stmt : NULL;
		if (same == 0)
			add_difference(c, s, PART_SPI, other, "the other end has no SA with this SPI, "
			               "from this source to this destination");
		else if (a == &c->end[0])
			compare_sa(c, s, other);
		else if (!concerns_sa(a, &s->sa))
			compare_sa(c, other, s);
	}
}

static void compare_tmpl(struct check *c, const struct stmt *x, const struct stmt *y, unsigned i)
{
	const struct tmpl *a = &x->policy.tmpl[i], *b = &y->policy.tmpl[i];
	const struct tmpl *in = x->policy.dir == DIR_IN ? a : b, *out = in == a ? b : a;
	const char *what = NULL;

	if (a->proto != b->proto)
		what = "the other end asks for another protocol";
	else if (!same_mode(a->mode, b->mode))
		what = "the other end asks for another mode";
	else if (!addr_equal(&a->src, &b->src) || !addr_equal(&a->dst, &b->dst))
		what = "the other end asks for a tunnel between other addresses";
	else if (takes_clear(a) != takes_clear(b))
		what = "only one end takes packets in the clear too";
	else if (a->proto == PROTO_IPCOMP && in->level != LEVEL_USE && out->level == LEVEL_USE)
		what = "one end may send uncompressed, and the other takes only what is compressed";
	if (what != NULL)
		add_difference(c, x, PART_TMPL + i, y, what);
}

static void compare_policy(struct check *c, const struct stmt *x, const struct stmt *y)
{
	if (x->policy.ntmpl != y->policy.ntmpl)
		add_difference(c, x, PART_TMPL, y, "the other end asks for another number of SAs");
	if (!same_marks(x, y))
		add_difference(c, x, stmt_has_part(x, PART_MARK) ? PART_MARK : PART_DIR, y,
		               "the other end has another mark");
	for (unsigned i = 0; i < x->policy.ntmpl && x->policy.ntmpl == y->policy.ntmpl; i++)
		compare_tmpl(c, x, y, i);
}

static void compare_policies(struct check *c, const struct end *a, const struct end *b)
{
	for (size_t i = 0; i < a->tables.npolicies; i++) {
		const struct entry *p = &a->tables.policy[i];
		uint32_t n;

		if (!concerns_policy(b, p))
			continue;
		c->common++;
		n = find_policy(b, p);
		if (n == 0)
			add_difference(c, p->stmt, PART_DIR, NULL,
			               p->dir == DIR_OUT ?
			                       "the other end has no inbound policy for these packets" :
			                       "the other end has no outbound policy for these packets");
		else if (a == &c->end[0])
			compare_policy(c, p->stmt, b->tables.policy[n - 1].stmt);
		else if (!concerns_policy(a, &b->tables.policy[n - 1]))
			compare_policy(c, b->tables.policy[n - 1].stmt, p->stmt);
	}
}

/*
 * True if the policies of both are those of one host: none is for the other one, whatever is mistaken in
 * some. A policy for packets that only the other's policies have turned is not, though all of the tunnels may
 * be the wrong way round.
 */
static bool is_one_end(const struct check *c)
{
	const struct end *other = &c->end[1];
	bool same = false;

	for (size_t i = 0; i < c->end[0].tables.npolicies && c->end[0].known && other->known; i++) {
		const struct entry *p = &c->end[0].tables.policy[i];
		const struct addr *own = policy_end(p, true), *peer = policy_end(p, false);

		if (!is_compared(p))
			continue;
		if (find_policy(other, p) != 0 &&
		    (peer == NULL || has_addr(other, peer) || find_policy(&c->end[0], p) == 0))
			return false;
		same |= own != NULL && has_addr(other, own);
	}
	return same;
}

static int compare_both_ends(struct check *c, const struct settings *s, char **names)
{
	size_t found;

	if (is_one_end(c)) {
		error("%s and %s describe the same end: their policies are for one host", names[0],
		         names[1]);
		return STATUS_ERROR;
	}
	forget_shared_addrs(&c->end[0], &c->end[1]);
	forget_shared_addrs(&c->end[1], &c->end[0]);
	compare_sas(c, &c->end[0], &c->end[1]);
	compare_sas(c, &c->end[1], &c->end[0]);
	compare_policies(c, &c->end[0], &c->end[1]);
	compare_policies(c, &c->end[1], &c->end[0]);
	found = c->diags.n;
	diag_print(&c->diags, stdout, want_color(s, stdout));
	if (c->common > 0)
		return found == 0 ? STATUS_OK : STATUS_ERROR;
	error("%s and %s have nothing to do with each other: no SA and no policy is about both", names[0],
	         names[1]);
	return STATUS_ERROR;
}

int cmd_peercheck(struct settings *s, int argc, char **argv)
{
	struct check c = { 0 };
	int status = STATUS_OK;

	if (argc != 2) {
		error("expected two files, one of each end");
		return STATUS_USAGE;
	}
	for (int i = 0; i < 2 && status == STATUS_OK; i++)
		status = read_end(&c.end[i], argv[i], (uint32_t)i << 24, s);
	privilege_keep(0);
	if (status == STATUS_OK)
		status = compare_both_ends(&c, s, argv);
	for (int i = 0; i < 2; i++) {
		struct end *e = &c.end[i];

		tables_free(&e->tables);
		hash_free(&e->own);
		hash_free(&e->peer);
		hash_free(&e->sa);
		hash_free(&e->policy);
		unit_free(&e->in);
	}
	diag_free(&c.diags);
	return status;
}
