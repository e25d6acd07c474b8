/* SPDX-License-Identifier: ISC */
/*
 * Advice about policies and the SAs that they ask for: which SA is missing, and in what one differs from a
 * request.
 */
#include "lint/loaded.h"
#include "tables/selector_set.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum {
	ONE_WAY_SA, NO_SUCH_SA, UNUSED_SA, NOT_TUNNEL, OTHER_ID, NETWORK_TRANSPORT, LATE_SA, SHARED_REQUEST,
	INNER_FAMILY
};

const struct rule policy_sa_rules[] = {
	[ONE_WAY_SA] = { "SK303", "one-way-sa", SEVERITY_WARNING, "an SA without one for the reverse direction" },
	[NO_SUCH_SA] = { "SK305", "no-such-sa", SEVERITY_WARNING, "a policy asks for an SA that does not exist" },
	[UNUSED_SA] = { "SK306", "unused-sa", SEVERITY_OFF, "an SA that no policy asks for" },
	[NOT_TUNNEL] = { "SK307", "not-tunnel", SEVERITY_ERROR,
		"a policy wants a tunnel, the SA has no -m tunnel" },
	[OTHER_ID] = { "SK327", "other-id", SEVERITY_WARNING, "policy and SA have different ids" },
	[NETWORK_TRANSPORT] = { "SK315", "network-transport", SEVERITY_WARNING,
		"transport mode for networks, with SAs of hosts" },
	[LATE_SA] = { "SK404", "late-sa", SEVERITY_WARNING, "a policy is there before its SAs" },
	[SHARED_REQUEST] = { "SK336", "shared-request", SEVERITY_WARNING,
		"several SAs and several policies that nothing ties together" },
	[INNER_FAMILY] = { "SK340", "inner-family", SEVERITY_ERROR,
		"a policy whose packets its SA does not carry" },
	{ NULL, NULL, 0, NULL }
};

/* How much of an SA a search compares; each level leaves out one thing more. */
enum match_level { ALL, NO_REQID, NO_LINK, NO_MODE, NO_PROTO };

/* What links an SA to a policy besides addresses: the interface id and the mark. */
struct link {
	uint32_t if_id;
	struct mark mark;
	uint32_t any;         /* enum any: what of it a search leaves out */
};

enum any { ANY_IF_ID = 1, ANY_MARK = 2 };

struct matching {
	struct loaded *loaded;
	struct selector_set wanted;  /* the pairs of addresses that requests are for, numbered from 1 */
	uint32_t npairs;
	/* request_hash, with link_hash, to the first SA that has it, from 1 */
	struct hash_table has;
	/* pair and protocol of tunnel requests that no SA has the mode for, to the policy, from 1 */
	struct hash_table lacking;
	struct hash_table asked;   /* pair and protocol of every request */
	struct hash_table asked_id; /* the same with mode and id, of requests for which no other id will do */
	bool mixed;           /* some SA says which address family it carries */
	bool *by_hand;        /* by source: the SAs for its policies are set by hand */
	bool late_reported;
};

/*
 * Kinds of pairs: with both ends, and with the destination alone, for SAs from any source, as OSPF uses them.
 */
enum { BOTH_ENDS, DST_ONLY };

/*
 * The addresses of the packets that a request protects: the ends of its own tunnel, or of the one before it,
 * or else those of the policy.
 */
static struct selector request_ends(const struct policy *p, unsigned i)
{
	for (; ; i--) {
		const struct tmpl *t = &p->tmpl[i];

		if (t->src.family != 0 && t->dst.family != 0)
			return selector_of_addrs(&t->src, &t->dst);
		if (i == 0)
			return selector_of_addrs(&p->src, &p->dst);
	}
}

static struct selector without_src(struct selector s)
{
	s.src = (struct addr){ .family = s.dst.family };
	return s;
}

static uint64_t request_hash(uint32_t pair, enum match_level depth, uint8_t proto, uint8_t mode,
                             uint32_t reqid)
{
	uint32_t words[5] = { pair, depth, depth < NO_PROTO ? proto : 0, depth < NO_MODE ? mode : 0,
		              depth < NO_REQID ? reqid : 0 };

	if (words[3] == MODE_ANY && depth < NO_MODE)
		words[3] = MODE_TRANSPORT;
	return hash_mix(0, words, sizeof(words));
}

static uint64_t link_hash(uint64_t name, enum match_level depth, const struct link *link)
{
	uint32_t words[4] = { link->any & ANY_IF_ID ? 0 : link->if_id,
		              link->any & ANY_MARK ? 0 : link->mark.value, link->mark.mask, link->any };
	static const uint32_t none[4];

	return depth >= NO_LINK || memcmp(words, none, sizeof(none)) == 0 ?
	               name :
	               hash_mix(name, words, sizeof(words));
}

static struct link link_of(const struct stmt *s)
{
	const struct attrs *x = stmt_attrs(s);

	return (struct link){ x->value[ATTR_IF_ID], stmt_mark(s), 0 };
}

static bool is_judged(const struct entry *p)
{
	return p->stmt->policy.action == ACTION_IPSEC && !p->copy;
}

static void add_request(struct matching *m, uint64_t kind, const struct selector *s, const struct entry *p,
                        unsigned i)
{
	const struct tmpl *t = &p->stmt->policy.tmpl[i];
	uint32_t pair = selector_set_add(&m->wanted, kind, s, m->npairs + 1);

	m->npairs += pair > m->npairs;
	*hash_at(&m->asked, request_hash(pair, NO_MODE, t->proto, 0, 0)) = 1;
	if (t->reqid != 0 || p->dir == DIR_OUT)
		*hash_at(&m->asked_id, request_hash(pair, ALL, t->proto, t->mode, t->reqid)) = 1;
}

static void number_pairs(struct matching *m)
{
	for (size_t i = 0; i < m->loaded->tables.npolicies; i++) {
		const struct entry *p = &m->loaded->tables.policy[i];

		for (unsigned t = 0; is_judged(p) && t < p->stmt->policy.ntmpl; t++) {
			struct selector s = request_ends(&p->stmt->policy, t), any = without_src(s);

			add_request(m, BOTH_ENDS, &s, p, t);
			add_request(m, DST_ONLY, &any, p, t);
		}
	}
}

/* The next pair of addresses that contains those of the SA; 0: no more. */
static uint32_t next_pair(const struct matching *m, const struct sa *sa, struct selector_walk *at)
{
	struct selector s = selector_of_addrs(&sa->src, &sa->dst);

	if (!addr_is_any(&sa->src))
		return selector_set_next(&m->wanted, BOTH_ENDS, &s, at);
	s = without_src(s);
	return selector_set_next(&m->wanted, DST_ONLY, &s, at);
}

static void add_sa_hash(struct matching *m, uint64_t name, uint32_t sa)
{
	uint32_t *at = hash_at(&m->has, name);

	if (*at == 0)
		*at = sa;
}

/* Adds the SA under every hash by which a request may look for it; few SAs have more than one. */
static void add_link_hashes(struct matching *m, uint64_t name, enum match_level depth, struct link link,
                            uint32_t sa)
{
	for (link.any = 0; link.any <= (ANY_IF_ID | ANY_MARK); link.any++)
		if (!(link.any & ANY_IF_ID && link.if_id == 0) &&
		    !(link.any & ANY_MARK && link.mark.mask == 0))
			add_sa_hash(m, link_hash(name, depth, &link), sa);
}

/*
 * True if the SA carries packets of the address family: that of its selector; without a selector its own
 * family, or both with -f af-unspec.
 */
static bool carries_family(const struct stmt *s, uint8_t family)
{
	const struct attrs *x = stmt_attrs(s);
	uint8_t own = attrs_have(x, ATTR_SELECTOR) ? x->sel.src.family : s->sa.inner_family;

	if (own == 0 && s->sa.flags & SA_F_AF_UNSPEC)
		return true;
	return family == (own != 0 ? own : s->sa.dst.family);
}

static bool names_family(const struct stmt *s)
{
	return attrs_have(stmt_attrs(s), ATTR_SELECTOR) || s->sa.inner_family != 0 ||
	       s->sa.flags & SA_F_AF_UNSPEC;
}

static uint64_t with_family(uint64_t name, uint8_t family)
{
	return family == 0 ? name : hash_mix(name, &family, sizeof(family));
}

/* Adds the SA under the families that it carries as well, unless all SAs carry their own family. */
static void list_carriers(struct matching *m, uint32_t pair, const struct stmt *s, uint32_t number)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	uint64_t name = request_hash(pair, ALL, s->sa.proto, s->sa.mode, s->sa.reqid);

	for (size_t i = 0; m->mixed && i < sizeof(families); i++)
		if (carries_family(s, families[i]))
			add_link_hashes(m, with_family(name, families[i]), ALL, link_of(s), number);
}

static void list_sas(struct matching *m)
{
	for (size_t i = 0; i < m->loaded->tables.nsas && !m->mixed; i++)
		m->mixed = names_family(m->loaded->tables.sa[i].stmt);
	for (uint32_t i = 0; i < m->loaded->tables.nsas; i++) {
		const struct stmt *s = m->loaded->tables.sa[i].stmt;
		const struct sa *sa = &s->sa;
		uint32_t pair;

		for (struct selector_walk at = { 0 }; (pair = next_pair(m, sa, &at)) != 0; ) {
			for (enum match_level d = ALL; d <= NO_REQID; d++)
				add_link_hashes(m, request_hash(pair, d, sa->proto, sa->mode, sa->reqid), d,
				                link_of(s), i + 1);
			for (enum match_level d = NO_LINK; d <= NO_PROTO; d++)
				add_sa_hash(m, request_hash(pair, d, sa->proto, sa->mode, sa->reqid), i + 1);
			list_carriers(m, pair, s, i + 1);
		}
	}
}

/*
 * Finds an SA by its hash, for the interface and the mark of the policy. A packet that is sent has exactly
 * the policy's mark. One that came in may have any mark in the bits that the policy leaves open, and a policy
 * without an interface id accepts it from every interface.
 */
static uint32_t find_linked(const struct matching *m, const struct entry *p, uint64_t name,
                            enum match_level depth)
{
	struct link want = link_of(p->stmt), link = want;
	uint32_t n = 0;

	for (size_t k = 0; k < m->loaded->tables.nmasks && n == 0; k++) {
		uint32_t mask = m->loaded->tables.mask[k];

		link.mark = (struct mark){ want.mark.value & want.mark.mask & mask, mask };
		link.any = p->dir != DIR_OUT && (mask & ~want.mark.mask) != 0 ? ANY_MARK : 0;
		n = hash_find(&m->has, link_hash(name, depth, &link));
		link.any |= ANY_IF_ID;
		if (n == 0 && p->dir != DIR_OUT && want.if_id == 0)
			n = hash_find(&m->has, link_hash(name, depth, &link));
	}
	return n;
}

/* The first SA that fits the request at that level and carries the family, unless that is 0; NULL: none. */
static const struct entry *find_fitting_for(const struct matching *m, const struct entry *p, unsigned i,
                                        enum match_level depth, uint8_t family)
{
	const struct tmpl *t = &p->stmt->policy.tmpl[i];
	struct selector s = request_ends(&p->stmt->policy, i), any = without_src(s);
	uint32_t pair[2] = { selector_set_find(&m->wanted, BOTH_ENDS, &s),
		             selector_set_find(&m->wanted, DST_ONLY, &any) };

	for (int k = 0; k < 2; k++) {
		uint64_t name = with_family(request_hash(pair[k], depth, t->proto, t->mode, t->reqid),
		                            family);
		uint32_t n = depth < NO_LINK ? find_linked(m, p, name, depth) : hash_find(&m->has, name);

		if (n != 0)
			return &m->loaded->tables.sa[n - 1];
	}
	return NULL;
}

static const struct entry *find_fitting(const struct matching *m, const struct entry *p, unsigned i,
                                    enum match_level depth)
{
	return find_fitting_for(m, p, i, depth, 0);
}

/* True if some policy asks for exactly this SA, so that its id must not be proposed to another policy. */
static bool is_asked_for(const struct matching *m, const struct sa *sa)
{
	struct selector_walk at = { 0 };
	uint32_t pair;

	while ((pair = next_pair(m, sa, &at)) != 0)
		if (hash_find(&m->asked_id, request_hash(pair, ALL, sa->proto, sa->mode, sa->reqid)) != 0)
			return true;
	return false;
}

/*
 * Proposes the id that is missing. Not for what the kernel holds, which is often an IKE daemon's: there is no
 * file to edit.
 */
static void hint_id(const struct matching *m, const struct entry *p, unsigned i, const struct entry *sa)
{
	const struct lint_input *u = m->loaded->unit;
	uint32_t wants = p->stmt->policy.tmpl[i].reqid, has = sa->stmt->sa.reqid;

	if (is_asked_for(m, &sa->stmt->sa))
		return;
	if (has != 0 && has < UNIQUE_FIRST && p->stmt->src != u->kernel)
		diag_hint(u->diags, "write unique:%u", has);
	else if (wants != 0 && wants < UNIQUE_FIRST && sa->stmt->src != u->kernel)
		diag_hint(u->diags, "write -u %u", wants);
	else if (has == 0 && sa->stmt->src != u->kernel && p->stmt->src != u->kernel)
		diag_hint(u->diags, "give the SA an id with -u, and write that after unique:");
}

static void report_other_id(struct matching *m, const struct entry *p, unsigned i, const struct entry *sa)
{
	const struct tmpl *t = &p->stmt->policy.tmpl[i];
	uint32_t has = sa->stmt->sa.reqid;
	const char *proto = t->proto == PROTO_ESP ? "esp" : t->proto == PROTO_AH ? "ah" : "ipcomp";

	if (t->level == LEVEL_UNIQUE && (t->reqid == 0 || t->reqid >= UNIQUE_FIRST))
		loaded_add(m->loaded, p, &policy_sa_rules[OTHER_ID], PART_TMPL + i,
		           "the id is picked when the policy is loaded: no %s SA here can have it", proto);
	else if (t->reqid == 0)
		loaded_add(m->loaded, p, &policy_sa_rules[OTHER_ID], PART_TMPL + i,
		           "the policy asks for %s SAs without -u, the one found has -u %u", proto, has);
	else
		loaded_add(m->loaded, p, &policy_sa_rules[OTHER_ID], PART_TMPL + i,
		           "the policy asks for %s SAs with -u %u, the one found has %s", proto, t->reqid,
		           has ? "another" : "none");
	loaded_note(m->loaded, sa, has ? PART_REQID : PART_SPI, "the SA");
	hint_id(m, p, i, sa);
}

static void report_other_link(struct matching *m, const struct entry *p, unsigned i, const struct entry *sa)
{
	uint32_t want = link_of(p->stmt).if_id, has = link_of(sa->stmt).if_id;
	bool by_id = want != has && (want != 0 || p->dir == DIR_OUT);
	enum part part = by_id ? PART_IF_ID : PART_MARK;

	if (!by_id)
		loaded_add(m->loaded, p, &policy_sa_rules[OTHER_ID], PART_TMPL + i,
		           "the SA found has a mark that no packet of the policy has");
	else if (want == 0)
		loaded_add(m->loaded, p, &policy_sa_rules[OTHER_ID], PART_TMPL + i,
		           "the policy asks for SAs without -if_id, the one found has -if_id %u", has);
	else
		loaded_add(m->loaded, p, &policy_sa_rules[OTHER_ID], PART_TMPL + i,
		           "the policy asks for SAs with -if_id %u, the one found has %s", want,
		           has ? "another" : "none");
	loaded_note(m->loaded, sa, stmt_has_part(sa->stmt, part) ? part : PART_SPI, "the SA");
}

static void report_missing(struct matching *m, const struct entry *p, unsigned i, const struct entry *other)
{
	const struct tmpl *t = &p->stmt->policy.tmpl[i];
	const char *proto = t->proto == PROTO_ESP ? "esp" : t->proto == PROTO_AH ? "ah" : "ipcomp";
	struct selector s = request_ends(&p->stmt->policy, i);
	char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];

	inet_ntop(s.src.family, s.src.bytes, src, sizeof(src));
	inet_ntop(s.dst.family, s.dst.bytes, dst, sizeof(dst));
	if (other != NULL)
		loaded_add(m->loaded, p, &policy_sa_rules[NO_SUCH_SA], PART_TMPL + i,
		           "no SA from %s to %s is for %s", src, dst, proto);
	else if (addr_is_host(&s.src) && addr_is_host(&s.dst))
		loaded_add(m->loaded, p, &policy_sa_rules[NO_SUCH_SA], PART_TMPL + i,
		           "no SA goes from %s to %s", src, dst);
	else
		loaded_add(m->loaded, p, &policy_sa_rules[NO_SUCH_SA], PART_TMPL + i,
		           "no SA goes from within %s/%u to within %s/%u", src, s.src.plen, dst, s.dst.plen);
	if (other != NULL)
		loaded_note(m->loaded, other, PART_PROTO, "the SA found");
}

static void report_other_mode(struct matching *m, const struct entry *p, unsigned i, const struct entry *sa)
{
	const struct tmpl *t = &p->stmt->policy.tmpl[i];
	struct selector s = request_ends(&p->stmt->policy, i);
	uint64_t name;

	if (t->mode == MODE_TUNNEL) {
		name = request_hash(selector_set_find(&m->wanted, BOTH_ENDS, &s), NO_MODE, t->proto, 0, 0);
		*hash_at(&m->lacking, name) = (uint32_t)(p - m->loaded->tables.policy) + 1;
		return;
	}
	loaded_add(m->loaded, p, &policy_sa_rules[NO_SUCH_SA], PART_TMPL + i,
	           "the request is for transport mode, the SA for a tunnel");
	loaded_note(m->loaded, sa, stmt_has_part(sa->stmt, PART_MODE) ? PART_MODE : PART_SPI, "the SA");
}

static void check_found(struct matching *m, const struct entry *p, unsigned i, const struct entry *sa)
{
	struct selector s = request_ends(&p->stmt->policy, i);

	/* An SA that is updated existed before. */
	if (sa->number > p->number && !m->late_reported && !p->stmt->exact && sa->stmt->verb != VERB_UPDATE) {
		m->late_reported = !lint_is_suppressed(m->loaded->unit->suppressions,
		                                       &policy_sa_rules[LATE_SA], p->stmt);
		loaded_add(m->loaded, p, &policy_sa_rules[LATE_SA], PART_TMPL + i,
		           "matching traffic is dropped until the SA is added further down");
		loaded_note(m->loaded, sa, PART_VERB, "the SA");
		diag_hint(m->loaded->unit->diags, "add SAs first, then policies");
	}
	if ((addr_is_host(&s.src) && addr_is_host(&s.dst)) ||
	    p->stmt->policy.tmpl[i].mode != MODE_TRANSPORT || p->dir != DIR_OUT)
		return;
	if (addr_is_multicast(&s.dst) || addr_is_any(&sa->stmt->sa.src))
		return;
	loaded_add(m->loaded, p, &policy_sa_rules[NETWORK_TRANSPORT], PART_TMPL + i,
	           "transport mode is from host to host: "
	           "only pairs of hosts that have an SA can communicate");
	loaded_note(m->loaded, sa, PART_VERB, "one of the SAs");
}

static const char *family_name(uint8_t family)
{
	return family == AF_INET ? "IPv4" : "IPv6";
}

/*
 * Linux sends only by an SA that carries the packet's family; for what comes in this is not checked (Linux
 * 6.1, 6.12).
 */
static void check_inner_family(struct matching *m, const struct entry *p, unsigned i, const struct entry *sa)
{
	uint8_t family = p->stmt->policy.src.family;

	if (p->dir != DIR_OUT || carries_family(sa->stmt, family) ||
	    (m->mixed && find_fitting_for(m, p, i, ALL, family) != NULL))
		return;
	loaded_add(m->loaded, p, &policy_sa_rules[INNER_FAMILY], PART_TMPL + i,
	           "the policy is for %s, and the SA with SPI 0x%x carries %s alone: "
	           "all packets are dropped",
	           family_name(family), sa->stmt->sa.spi,
	           family_name(family == AF_INET ? AF_INET6 : AF_INET));
	loaded_note(m->loaded, sa, PART_SPI, "the SA");
	if (source_top(p->stmt->src) == source_top(sa->stmt->src))
		diag_hint(m->loaded->unit->diags, "add -f af-unspec to the SA");
	else
		diag_hint(m->loaded->unit->diags,
		          "add -f af-unspec to the SA, or load both files by one command");
}

/*
 * Finds the sources whose policies have SAs set by hand: those that add SAs, even if they remove them again,
 * and those with a policy that an SA of another source fits.
 */
static void find_sources_by_hand(struct matching *m)
{
	const struct conf *conf = m->loaded->unit->conf;

	m->by_hand = memory_resize(NULL, m->loaded->unit->nsources + 1, sizeof(bool));
	memset(m->by_hand, 0, (m->loaded->unit->nsources + 1) * sizeof(bool));
	for (size_t i = 0; i < conf->n; i++)
		m->by_hand[conf->stmt[i]->src->order] |=
		        !conf->stmt[i]->has_error && verb_makes_sa(conf->stmt[i]->verb);
	for (size_t k = 0; k < m->loaded->tables.npolicies; k++) {
		const struct entry *p = &m->loaded->tables.policy[k];
		bool *by_hand = &m->by_hand[p->stmt->src->order];

		for (unsigned i = 0; !*by_hand && is_judged(p) && i < p->stmt->policy.ntmpl; i++)
			*by_hand = find_fitting(m, p, i, NO_PROTO) != NULL;
	}
}

/*
 * Returns whether the request has an SA; reports what is wrong unless quiet. An inbound request without an id
 * accepts an SA with any id.
 */
static bool check_request(struct matching *m, const struct entry *p, unsigned i, bool quiet)
{
	const struct tmpl *t = &p->stmt->policy.tmpl[i];
	bool any_id = p->dir != DIR_OUT && t->reqid == 0 && t->level != LEVEL_UNIQUE;
	const struct entry *sa = find_fitting(m, p, i, any_id ? NO_REQID : ALL);

	if (sa != NULL && (t->level != LEVEL_UNIQUE || t->reqid != 0)) {
		if (!quiet) {
			check_found(m, p, i, sa);
			check_inner_family(m, p, i, sa);
		}
		return true;
	}
	if (quiet)
		return false;
	if ((sa = find_fitting(m, p, i, NO_REQID)) != NULL)
		report_other_id(m, p, i, sa);
	else if ((sa = find_fitting(m, p, i, NO_LINK)) != NULL)
		report_other_link(m, p, i, sa);
	else if ((sa = find_fitting(m, p, i, NO_MODE)) != NULL)
		report_other_mode(m, p, i, sa);
	else if (m->by_hand[p->stmt->src->order])
		report_missing(m, p, i, find_fitting(m, p, i, NO_PROTO));
	return false;
}

/* Forward policies have the requests of inbound ones, so that nothing is reported for them. */
static void check_requests(struct matching *m)
{
	bool judge = !m->loaded->tables.unknown;

	for (size_t k = 0; k < m->loaded->tables.npolicies; k++) {
		struct entry *p = &m->loaded->tables.policy[k];

		p->has_all_sas = is_judged(p);
		for (unsigned i = 0; is_judged(p) && i < p->stmt->policy.ntmpl; i++)
			if (p->stmt->policy.tmpl[i].level != LEVEL_USE)
				p->has_all_sas &= check_request(m, p, i, !judge || p->dir == DIR_FWD);
	}
}

/*
 * Two SAs that both fit one outbound request: reported, at the second one, when a second policy has that
 * request. SAs and policies that marks, interfaces or selectors tell apart are left out, and so is what was
 * saved from a kernel.
 */
struct sharing {
	uint32_t sa[2];       /* the first two, from 1 */
	uint32_t policy;      /* the first one, from 1 */
	bool reported;
};

static bool may_be_shared(const struct stmt *s)
{
	const struct attrs *x = stmt_attrs(s);

	return !s->exact && !attrs_have(x, ATTR_MARK) && !attrs_have(x, ATTR_IF_ID) &&
	       !attrs_have(x, ATTR_SELECTOR) && x->value[ATTR_DIR] != DIR_IN && x->ctx.doi == 0;
}

static uint64_t sharing_hash(const struct addr *src, const struct addr *dst, uint8_t proto, uint8_t mode,
                             uint32_t reqid)
{
	uint32_t words[3] = { proto, mode == MODE_ANY ? MODE_TRANSPORT : mode, reqid };

	return hash_mix(addr_pair_hash(src->family, src, dst), words, sizeof(words));
}

/*
 * Lists SAs by their sharing_hash: names leads to places, from 1. NULL: no two SAs have the same. The caller
 * frees.
 */
static struct sharing *list_sharing(const struct loaded *l, struct hash_table *names)
{
	bool two = false;
	struct sharing *sharing = memory_resize(NULL, l->tables.nsas + 1, sizeof(*sharing));
	uint32_t n = 0;

	memset(sharing, 0, (l->tables.nsas + 1) * sizeof(*sharing));
	for (uint32_t i = 0; i < l->tables.nsas; i++) {
		const struct sa *sa = &l->tables.sa[i].stmt->sa;
		uint32_t *at;

		if (!may_be_shared(l->tables.sa[i].stmt) || addr_is_any(&sa->src))
			continue;
		at = hash_at(names, sharing_hash(&sa->src, &sa->dst, sa->proto, sa->mode, sa->reqid));
		if (*at == 0)
			*at = ++n;
		two |= sharing[*at].sa[0] != 0;
		if (sharing[*at].sa[1] == 0)
			sharing[*at].sa[sharing[*at].sa[0] != 0] = i + 1;
	}
	if (two)
		return sharing;
	free(sharing);
	return NULL;
}

static void report_shared(const struct loaded *l, const struct sharing *s, const struct entry *p, unsigned i)
{
	const struct entry *sa = &l->tables.sa[s->sa[1] - 1];

	loaded_add(l, sa, &policy_sa_rules[SHARED_REQUEST],
	           stmt_has_part(sa->stmt, PART_REQID) ? PART_REQID : PART_SPI,
	           "nothing ties the SA to one policy: several policies ask for what it shares with "
	           "another, and Linux sends by one of them");
	loaded_note(l, &l->tables.sa[s->sa[0] - 1], PART_SPI, "the other SA");
	loaded_note(l, p, PART_TMPL + i, "one of the policies");
	diag_hint(l->unit->diags, "give each SA an id with -u, and its policies unique: with that id");
}

static void check_shared_requests(const struct loaded *l)
{
	struct hash_table names = { 0 };
	struct sharing *sharing = list_sharing(l, &names);

	for (uint32_t k = 0; k < l->tables.npolicies && sharing != NULL; k++) {
		const struct entry *p = &l->tables.policy[k];
		const struct policy *policy = &p->stmt->policy;

		for (unsigned i = 0;
		     is_judged(p) && p->dir == DIR_OUT && may_be_shared(p->stmt) && i < policy->ntmpl; i++) {
			const struct tmpl *t = &policy->tmpl[i];
			struct selector s = request_ends(policy, i);
			struct sharing *found = &sharing[hash_find(
			        &names, sharing_hash(&s.src, &s.dst, t->proto, t->mode, t->reqid))];

			if (found->sa[1] == 0 || found->reported || found->policy == k + 1)
				continue;
			found->reported = found->policy != 0;
			if (found->reported)
				report_shared(l, found, p, i);
			found->policy = k + 1;
		}
	}
	hash_free(&names);
	free(sharing);
}

/* Many policies may ask for the SA: reported once, at the SA. */
static void check_modes(struct matching *m)
{
	for (size_t i = 0; i < m->loaded->tables.nsas; i++) {
		const struct entry *sa = &m->loaded->tables.sa[i];
		const struct stmt *s = sa->stmt;
		uint32_t pair, policy = 0;

		for (struct selector_walk at = { 0 };
		     s->sa.mode <= MODE_TRANSPORT && policy == 0 && (pair = next_pair(m, &s->sa, &at)) != 0;)
			policy = hash_find(&m->lacking, request_hash(pair, NO_MODE, s->sa.proto, 0, 0));
		if (policy == 0)
			continue;
		loaded_add(m->loaded, sa, &policy_sa_rules[NOT_TUNNEL],
		           stmt_has_part(s, PART_MODE) ? PART_MODE : PART_SPI,
		           "a policy asks for a tunnel, but the SA is for transport mode");
		loaded_note(m->loaded, &m->loaded->tables.policy[policy - 1], PART_TMPL, "the policy");
		diag_hint(m->loaded->unit->diags, "add -m tunnel");
		if (stmt_has_part(s, PART_MODE))
			diag_edit(m->loaded->unit->diags, stmt_part(s, PART_MODE), "tunnel");
		else
			diag_edit(m->loaded->unit->diags,
			          (struct span){ stmt_part(s, PART_SPI).off + stmt_part(s, PART_SPI).len, 0 },
			          " -m tunnel");
	}
}

static void check_unused(struct matching *m)
{
	for (size_t i = 0; m->loaded->tables.npolicies > 0 && i < m->loaded->tables.nsas; i++) {
		const struct stmt *s = m->loaded->tables.sa[i].stmt;
		uint32_t pair;
		bool used = s->sa.reqid != 0 || attrs_have(stmt_attrs(s), ATTR_IF_ID);

		for (struct selector_walk at = { 0 }; !used && (pair = next_pair(m, &s->sa, &at)) != 0; )
			used = hash_find(&m->asked, request_hash(pair, NO_MODE, s->sa.proto, 0, 0)) != 0;
		if (!used)
			loaded_add(m->loaded, &m->loaded->tables.sa[i], &policy_sa_rules[UNUSED_SA], PART_VERB,
			           "no policy asks for the SA");
	}
}

static uint64_t pair_hash(const struct sa *sa, bool back)
{
	return back ? addr_pair_hash(sa->proto, &sa->dst, &sa->src) :
	              addr_pair_hash(sa->proto, &sa->src, &sa->dst);
}

/*
 * Reports SAs without one for the reverse direction, unless that is so for all SAs of a unit without
 * policies, which is an excerpt.
 */
static void check_one_way(const struct loaded *l)
{
	struct hash_table pairs = { 0 };
	bool mirrored = l->tables.npolicies > 0;

	for (uint32_t i = 0; i < l->tables.nsas; i++)
		*hash_at(&pairs, pair_hash(&l->tables.sa[i].stmt->sa, false)) = i + 1;
	for (size_t i = 0; i < l->tables.nsas && !mirrored; i++)
		mirrored = hash_find(&pairs, pair_hash(&l->tables.sa[i].stmt->sa, true)) != 0;
	for (uint32_t i = 0; i < l->tables.nsas && mirrored; i++) {
		const struct sa *sa = &l->tables.sa[i].stmt->sa;

		/* of several between the same hosts the last is reported */
		if (hash_find(&pairs, pair_hash(sa, false)) != i + 1 || hash_find(&pairs, pair_hash(sa,
		                                                                                  true)) != 0)
			continue;
		if (!addr_is_multicast(&sa->dst) && !addr_is_any(&sa->src) && proto_is_ipsec(sa->proto))
			loaded_add(l, &l->tables.sa[i], &policy_sa_rules[ONE_WAY_SA], PART_DST,
			           "there is no SA for the reverse direction");
	}
	hash_free(&pairs);
}

void lint_policy_sa(struct loaded *l)
{
	struct matching m = { .loaded = l };

	number_pairs(&m);
	list_sas(&m);
	find_sources_by_hand(&m);
	check_requests(&m);
	if (!l->tables.unknown) {
		check_modes(&m);
		check_shared_requests(l);
		check_unused(&m);
		check_one_way(l);
	}
	selector_set_free(&m.wanted);
	hash_free(&m.has);
	hash_free(&m.lacking);
	hash_free(&m.asked);
	hash_free(&m.asked_id);
	free(m.by_hand);
}
