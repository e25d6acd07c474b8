/* SPDX-License-Identifier: ISC */
/*
 * Advice about loading the files on a running host: what is removed, what breaks, and what fails the second
 * time.
 */
#include "lint/loaded.h"

enum {
	NOT_TWICE, LATE_FLUSH, LOST, FLUSH_ALL, HOST_NAMES, REPLAY, NO_REPLAY, NO_LIFETIME, ENDS, SEQUENCE,
	NO_POLICIES, MTU
};

const struct rule loading_rules[] = {
	[NOT_TWICE] = { "SK401", "not-twice", SEVERITY_WARNING, "a file that cannot be loaded a second time" },
	[LATE_FLUSH] = { "SK402", "late-flush", SEVERITY_ERROR,
		"a later file empties what earlier ones loaded" },
	[LOST] = { "SK335", "lost", SEVERITY_WARNING, "a flush after the statements it undoes" },
	[FLUSH_ALL] = { "SK403", "flush-all", SEVERITY_INFO, "a flush of SAs that somebody else made" },
	[HOST_NAMES] = { "SK408", "host-names", SEVERITY_WARNING, "host names in place of addresses" },
	[REPLAY] = { "SK409", "replay-window", SEVERITY_WARNING, "a replay window with keys that stay" },
	[NO_REPLAY] = { "SK410", "no-replay-window", SEVERITY_OFF, "no replay window" },
	[NO_LIFETIME] = { "SK411", "no-lifetime", SEVERITY_OFF, "no lifetime" },
	[ENDS] = { "SK417", "ends", SEVERITY_WARNING, "an SA that expires, and nothing to follow it" },
	[SEQUENCE] = { "SK412", "sequence-numbers", SEVERITY_OFF, "sequence numbers of 32 bits" },
	[NO_POLICIES] = { "SK418", "no-policies", SEVERITY_WARNING,
		"SAs in the kernel, and no policy that asks for them" },
	[MTU] = { "SK419", "mtu", SEVERITY_OFF, "a tunnel for TCP: pings pass, pages hang" },
	{ NULL, NULL, 0, NULL }
};

static void keep_first(const struct stmt **first, const struct stmt *s)
{
	*first = *first ? *first : s;
}

/*
 * Reports a flush that removes what another file adds. An included file counts as part of the one that
 * includes it.
 */
static void check_late_flushes(const struct lint_input *u)
{
	/* the first statement of each protocol, and under PROTO_ANY of all */
	const struct stmt *made[2][UINT8_MAX + 1] = { { NULL } };

	for (size_t i = 0; i < u->conf->n; i++) {
		const struct stmt *s = u->conf->stmt[i], *first;
		bool policies = verb_is_policy(s->verb);
		uint8_t proto = policies ? PROTO_ANY : s->sa.proto;
		struct lint l = { s, u->diags };

		if (verb_makes_policy(s->verb) || verb_makes_sa(s->verb)) {
			keep_first(&made[policies][PROTO_ANY], s);
			keep_first(&made[policies][proto], s);
		}
		first = made[policies][proto];
		if ((s->verb != VERB_FLUSH && s->verb != VERB_SPDFLUSH) || first == NULL ||
		    source_top(first->src) == source_top(s->src))
			continue;
		lint_add(&l, &loading_rules[LATE_FLUSH], PART_VERB, "the flush removes what %s adds",
		         first->src->name);
		diag_note(u->diags, first->src, stmt_part(first, PART_VERB), "added here");
	}
}

/* What a file has added to one table for one protocol, and not deleted. */
struct added {
	const struct stmt *latest;
	size_t n;
};

static void forget_added(struct added *added, unsigned proto)
{
	for (unsigned i = 0; i <= UINT8_MAX; i++)
		if (proto == PROTO_ANY || proto == i)
			added[i] = (struct added){ NULL, 0 };
}

/* Counts what is left; which entry a delete removes is not looked up. */
static void count_added(struct added *added, const struct stmt *s)
{
	struct added *a = &added[verb_is_policy(s->verb) ? PROTO_ANY : s->sa.proto];

	if ((s->verb == VERB_ADD || verb_makes_policy(s->verb)) &&
	    !(verb_is_policy(s->verb) && s->policy.flags & POLICY_F_SUB))
		*a = (struct added){ s, a->n + 1 };
	else if ((s->verb == VERB_DELETE || s->verb == VERB_SPDDELETE) && a->n > 0)
		a->n--;
	else if (s->verb == VERB_DELETEALL)
		a->n = 0;
}

static void report_lost(const struct lint_input *u, const struct stmt *s, const struct added *added)
{
	struct lint l = { s, u->diags };
	struct added lost = { NULL, 0 };

	for (unsigned i = 0; i <= UINT8_MAX; i++) {
		if (s->verb == VERB_FLUSH && s->sa.proto != PROTO_ANY && s->sa.proto != i)
			continue;
		lost.n += added[i].n;
		lost.latest = added[i].n > 0 && (lost.latest == NULL ||
		                                 added[i].latest->at.off > lost.latest->at.off) ?
		                      added[i].latest :
		                      lost.latest;
	}
	if (lost.n == 0)
		return;
	lint_add(&l, &loading_rules[LOST], PART_VERB,
	         "%s removes what the file has added before: %zu %s%s",
	         s->verb == VERB_FLUSH ? "flush" : "spdflush", lost.n,
	         s->verb == VERB_FLUSH ? "SA" :
	         lost.n > 1            ? "policies" :
	                                 "policy",
	         s->verb == VERB_FLUSH && lost.n > 1 ? "s" : "");
	diag_note(u->diags, lost.latest->src, stmt_part(lost.latest, PART_VERB), "the last one added");
	diag_hint(u->diags, "move the flush to the beginning of the file, or remove it");
}

/*
 * Reports a flush that removes what its file has added. A dump or get in between may be the reason for adding
 * it, and nothing is reported then.
 */
static void check_lost(const struct lint_input *u)
{
	struct added added[2][UINT8_MAX + 1] = { { { NULL, 0 } } }; /* SAs and policies of one file */
	const struct source *src = NULL;

	for (size_t i = 0; i < u->conf->n; i++) {
		const struct stmt *s = u->conf->stmt[i];
		bool policies = verb_is_policy(s->verb);

		if (source_top(s->src) != src || s->verb == VERB_DUMP || s->verb == VERB_GET ||
		    s->verb == VERB_SPDDUMP) {
			forget_added(added[0], PROTO_ANY);
			forget_added(added[1], PROTO_ANY);
		}
		src = source_top(s->src);
		if (s->has_error)
			continue;
		if (s->verb == VERB_FLUSH || s->verb == VERB_SPDFLUSH) {
			report_lost(u, s, added[policies]);
			forget_added(added[policies], policies ? PROTO_ANY : s->sa.proto);
		}
		count_added(added[policies], s);
	}
}

/* True if the statement removes or replaces entries, so that an add can succeed again. */
static bool clears_tables(const struct stmt *s)
{
	return s->verb == VERB_FLUSH || s->verb == VERB_DELETE || s->verb == VERB_DELETEALL ||
	       s->verb == VERB_UPDATE || s->verb == VERB_SPDFLUSH || s->verb == VERB_SPDDELETE ||
	       s->verb == VERB_SPDUPDATE;
}

static void check_loads_twice(const struct lint_input *u)
{
	const struct stmt *first[2] = { NULL, NULL };
	bool cleared[2][UINT8_MAX + 1] = { { false } }; /* by protocol, and under PROTO_ANY everything */
	bool makes[2] = { false, false };

	for (size_t i = 0; i < u->conf->n; i++) {
		const struct stmt *s = u->conf->stmt[i];

		if (clears_tables(s))
			cleared[verb_is_policy(s->verb)][s->verb == VERB_FLUSH ? s->sa.proto : PROTO_ANY] =
			        true;
	}
	for (size_t i = 0; i < u->conf->n; i++) {
		const struct stmt *s = u->conf->stmt[i];
		bool policies = verb_is_policy(s->verb);

		if ((s->verb != VERB_ADD && s->verb != VERB_SPDADD) || s->exact)
			continue;
		makes[policies] = true;
		if (!cleared[policies][PROTO_ANY] && !cleared[policies][policies ? PROTO_ANY : s->sa.proto])
			keep_first(&first[policies], s);
	}
	for (int k = 0; k < 2 && makes[0] && makes[1]; k++) {
		struct lint l = { first[k], u->diags };

		if (first[k] == NULL)
			continue;
		lint_add(&l, &loading_rules[NOT_TWICE], PART_VERB,
		         "loading the file a second time fails: the entry exists already");
		diag_hint(u->diags, k == 0 ? "add `flush;` before it" : "add `spdflush;` before it");
	}
}

/* Reports a flush of SAs where the policies leave theirs to a daemon, as no file adds any. */
static void check_flush_all(const struct loaded *l)
{
	const struct lint_input *u = l->unit;
	bool wanted[UINT8_MAX + 1] = { false }; /* by protocol, and under PROTO_ANY of any */

	for (size_t i = 0; i < l->tables.npolicies && l->tables.nsas == 0 && !l->tables.unknown; i++) {
		const struct policy *p = &l->tables.policy[i].stmt->policy;

		for (unsigned k = 0; p->action == ACTION_IPSEC && k < p->ntmpl; k++)
			wanted[PROTO_ANY] = wanted[p->tmpl[k].proto] = true;
	}
	for (size_t i = 0; i < u->conf->n && wanted[PROTO_ANY]; i++)
		if (verb_makes_sa(u->conf->stmt[i]->verb))
			return;
	for (size_t i = 0; i < u->conf->n && wanted[PROTO_ANY]; i++) {
		struct lint at = { u->conf->stmt[i], u->diags };

		if (at.stmt->verb == VERB_DELETE)
			return;
		if (at.stmt->verb != VERB_FLUSH || !wanted[at.stmt->sa.proto])
			continue;
		lint_add(&at, &loading_rules[FLUSH_ALL], PART_VERB,
		         "the flush removes the SAs that a daemon has made for these policies");
		return;
	}
}

/*
 * Reports SAs of the kernel that no policy uses, neither of the kernel nor of the files that are loaded after
 * it.
 */
static void check_no_policies(const struct loaded *l)
{
	const struct entry *first = NULL;
	size_t n = 0;

	if (l->unit->kernel == NULL || l->unit->kernel_protects)
		return;
	for (size_t i = 0; i < l->tables.npolicies; i++) {
		const struct policy *p = &l->tables.policy[i].stmt->policy;

		if (p->action == ACTION_IPSEC && p->ntmpl > 0)
			return;
	}
	for (size_t i = 0; i < l->tables.nsas; i++) {
		const struct stmt *s = l->tables.sa[i].stmt;
		bool held = s->src == l->unit->kernel && proto_is_ipsec(s->sa.proto);

		n += held;
		first = held && first == NULL ? &l->tables.sa[i] : first;
	}
	if (first == NULL)
		return;
	loaded_add(l, first, &loading_rules[NO_POLICIES], PART_VERB,
	           "the kernel holds %zu SA%s and no policy that asks for them: nothing that is sent is "
	           "protected",
	           n, n == 1 ? "" : "s");
	diag_hint(l->unit->diags, "load the file with the policies");
}

/* A remark that applies to many statements: it is reported once for each file. */
struct count {
	int rule;
	bool (*is_one)(const struct stmt *s);
	enum part part;
	const char *what;
};

static bool names_hosts(const struct stmt *s)
{
	bool made = verb_makes_sa(s->verb) || verb_makes_policy(s->verb);

	return made && !s->no_address &&
	       ((s->unresolved & UNRESOLVED_SRC && s->sa.src.family == 0) ||
	        (s->unresolved & UNRESOLVED_DST && s->sa.dst.family == 0));
}

static bool makes_ipsec_sa(const struct stmt *s)
{
	return verb_makes_sa(s->verb) && !s->exact && (s->sa.proto == PROTO_ESP || s->sa.proto == PROTO_AH);
}

static bool has_window(const struct stmt *s)
{
	return makes_ipsec_sa(s) && s->sa.window > 0;
}

static bool has_no_window(const struct stmt *s)
{
	return makes_ipsec_sa(s) && s->sa.window == 0;
}

static bool has_no_lifetime(const struct stmt *s)
{
	const struct lifetime *h = &stmt_attrs(s)->hard;

	return makes_ipsec_sa(s) && h->add_secs == 0 && h->use_secs == 0 && h->bytes == 0 && h->packets == 0;
}

static bool has_an_end(const struct stmt *s)
{
	return makes_ipsec_sa(s) && !has_no_lifetime(s);
}

/*
 * True for a tunnel of networks that TCP may go through. Two hosts with a tunnel between them know its MTU.
 */
static bool is_tunnel_of_tcp(const struct stmt *s)
{
	const struct policy *p = &s->policy;
	bool tcp, tunnel = false;

	if (!verb_makes_policy(s->verb) || p->dir != DIR_OUT || p->action != ACTION_IPSEC)
		return false;
	tcp = p->upper == UPPER_ANY || p->upper == 0 || p->upper == PROTO_TCP;
	for (unsigned i = 0; i < p->ntmpl; i++)
		tunnel |= p->tmpl[i].mode == MODE_TUNNEL;
	return tcp && tunnel && !(addr_is_host(&p->src) && addr_is_host(&p->dst));
}

static bool counts_to_32(const struct stmt *s)
{
	return makes_ipsec_sa(s) && !(s->sa.flags & SA_F_ESN);
}

static const struct count counts[] = {
	{ HOST_NAMES, names_hosts, PART_SRC, "the host name is looked up when the file is loaded" },
	{ REPLAY, has_window, PART_WINDOW, "the replay window drops the packets of a sender that starts again with the same key" },
	{ NO_REPLAY, has_no_window, PART_VERB, "no replay window" },
	{ NO_LIFETIME, has_no_lifetime, PART_VERB, "no hard lifetime" },
	{ ENDS, has_an_end, PART_HARD_SECS, "no statement replaces the SA when its lifetime ends" },
	{ SEQUENCE, counts_to_32, PART_VERB, "sequence numbers end after 4294967295 packets" },
	{ MTU, is_tunnel_of_tcp, PART_TMPL, "a tunnel makes packets longer: if pings pass and pages hang, see `setkey explain mtu`" },
};

enum { COUNTS = sizeof(counts) / sizeof(counts[0]) };

static void check_repeated_remarks(const struct lint_input *u)
{
	struct limiter t[COUNTS];

	for (size_t c = 0; c < COUNTS; c++)
		t[c] = lint_limiter(u, &loading_rules[counts[c].rule], 1);
	for (size_t i = 0; i < u->conf->n; i++) {
		struct lint l = { u->conf->stmt[i], u->diags };

		for (size_t c = 0; c < COUNTS && !l.stmt->has_error; c++) {
			bool dst = counts[c].rule == HOST_NAMES && l.stmt->sa.src.family != 0;
			enum part part = dst ? PART_DST : counts[c].part;

			if (counts[c].is_one(l.stmt))
				lint_add_limited(&l, &t[c], stmt_has_part(l.stmt, part) ? part : PART_VERB,
				                 NULL, "%s",
				           counts[c].what);
		}
	}
	lint_flush(u->diags, t, COUNTS);
}

void lint_loading(const struct loaded *l)
{
	check_late_flushes(l->unit);
	check_lost(l->unit);
	check_loads_twice(l->unit);
	check_flush_all(l);
	check_no_policies(l);
	check_repeated_remarks(l->unit);
}
