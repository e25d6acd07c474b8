/* SPDX-License-Identifier: ISC */
/* Writes the configurations of hosts that share keys, and the steps from one set of keys to the next. */
#include "provision/plan.h"

#include "run/unit.h"
#include "tables/selector_set.h"
#include "text/visible.h"

#include <string.h>
#include <time.h>

/*
 * Findings that the user has accepted by an option, with the reason for the suppressing comment. A text is
 * first checked without comments, so that only findings that occur get one.
 */
static const struct acceptance {
	const char *id, *reason;
	bool weak;            /* only with --allow-weak */
} acceptances[] = {
	{ "SK110", "asked for with --alg; make new keys before each start of a host", false },
	{ "SK316", "what the ends of the tunnel send each other is to be protected too", false },
	{ "SK401", "other files are loaded beside this one", false },
	{ "SK104", "asked for with --allow-weak", true },
	{ "SK105", "asked for with --allow-weak", true },
	{ "SK106", "asked for with --allow-weak", true },
	{ "SK109", "asked for with --allow-weak", true },
};

enum { ACCEPTANCES = sizeof(acceptances) / sizeof(acceptances[0]) };

static bool is_tunnel(const struct plan *p, size_t i, size_t k)
{
	return p->mode == MODE_TUNNEL || (p->mode == MODE_ANY && p->peer[i].nnets + p->peer[k].nnets > 0);
}

static void add_key(void *arg, const char *name, const uint8_t *key, unsigned bits)
{
	keyfile_add(arg, name, strlen(name), key, bits);
}

static const struct addr *networks_of(const struct peer *peer, size_t *n)
{
	*n = peer->nnets ? peer->nnets : 1;
	return peer->nnets ? peer->net : &peer->addr;
}

/*
 * Sets the inner address family of an SA. In a whole configuration it follows from the policies; a step of a
 * rotation has none, and without it packets of the other family would not find the SA.
 */
static void set_inner_family(const struct peer *a, const struct peer *b, struct event *ev)
{
	uint8_t family = a->addr.family == AF_INET ? AF_INET6 : AF_INET;
	const struct addr any = { .family = family };

	if (!peers_meet(a, b, family))
		return;
	if (peers_meet(a, b, a->addr.family)) {
		ev->sa.flags |= SA_F_AF_UNSPEC;
	} else {
		ev->attrs.has |= 1u << ATTR_SELECTOR;
		ev->attrs.sel = (struct selector){ .src = any, .dst = any, .upper = UPPER_ANY };
	}
}

static void put_sa(const struct plan *p, size_t from, size_t to, enum phase phase, struct buf *out)
{
	const struct print_opts o = { .keys = true,
		                      .fingerprints = p->fingerprints,
		                      .refs = p->named,
		                      .took = p->place ? NULL : add_key,
		                      .arg = p->keys };
	const uint8_t *at = plan_flow(p, from, to);
	struct event ev = { .verb = VERB_ADD };

	ev.sa = (struct sa){ .src = p->peer[from].addr,
		             .dst = p->peer[to].addr,
		             .proto = p->proto,
		             .reqid = p->reqid,
		             .mode = is_tunnel(p, from, to) ? MODE_TUNNEL : MODE_TRANSPORT,
		             .enc = p->enc.alg,
		             .auth = p->auth.alg,
		             .authicv = p->auth.icvbits,
		             .encbits = (uint16_t)p->enc.bits,
		             .authbits = (uint16_t)p->auth.bits };
	memcpy(&ev.sa.spi, at, sizeof(ev.sa.spi));
	memcpy(ev.sa.key, at + sizeof(ev.sa.spi), flow_size(p) - sizeof(ev.sa.spi));
	if (phase != PHASE_WHOLE && ev.sa.mode == MODE_TUNNEL)
		set_inner_family(&p->peer[from], &p->peer[to], &ev);
	conf_format.sa(&ev, &o, out);
	explicit_bzero(&ev.sa, sizeof(ev.sa));
}

/* Writes one policy. */
static void put_policy(const struct plan *p, const struct peer *from, const struct addr *src,
                       const struct peer *to, const struct addr *dst, enum dir dir, bool tunnel,
                       struct buf *out)
{
	struct event ev = { .verb = dir == DIR_FWD ? VERB_SPDUPDATE : VERB_SPDADD };
	struct tmpl *t = &ev.policy.tmpl[0];

	ev.policy = (struct policy){ .src = *src,
		                     .dst = *dst,
		                     .sport_mask = from->port != 0 ? UINT16_MAX : 0,
		                     .dport_mask = to->port != 0 ? UINT16_MAX : 0,
		                     .upper = p->upper,
		                     .dir = (uint8_t)dir,
		                     .action = ACTION_IPSEC,
		                     .priority = PRIORITY_DEFAULT,
		                     .ntmpl = 1 };
	ev.policy.src.port = from->port;
	ev.policy.dst.port = to->port;
	*t = (struct tmpl){ .proto = p->proto, .mode = MODE_TRANSPORT,
	                    .level = p->reqid ? LEVEL_UNIQUE : LEVEL_REQUIRE, .reqid = p->reqid };
	if (tunnel) {
		t->mode = MODE_TUNNEL;
		t->src = from->addr;
		t->dst = to->addr;
	}
	conf_format.policy(&ev, &(struct print_opts){ .keys = true, .upper = p->upper_word }, out);
}

/* Writes the policies between the networks of i and k. A host without networks is a network of its own. */
static void put_policies(const struct plan *p, size_t i, size_t k, struct buf *out)
{
	const struct peer *own = &p->peer[i], *other = &p->peer[k];
	size_t nhere, nthere;
	const struct addr *here = networks_of(own, &nhere), *there = networks_of(other, &nthere);
	bool tunnel = is_tunnel(p, i, k);

	for (size_t a = 0; a < nhere; a++)
		for (size_t b = 0; b < nthere; b++) {
			if (here[a].family != there[b].family)
				continue;
			put_policy(p, own, &here[a], other, &there[b], DIR_OUT, tunnel, out);
			put_policy(p, other, &there[b], own, &here[a], DIR_IN, tunnel, out);
			if (tunnel)
				put_policy(p, other, &there[b], own, &here[a], DIR_FWD, tunnel, out);
		}
}

/* True if a tunnel is for a range that includes the network. */
static bool is_in_tunnel_range(const struct plan *p, size_t i, const struct addr *net)
{
	size_t n;

	for (size_t k = 0; k < p->npeers; k++) {
		const struct addr *there = networks_of(&p->peer[k], &n);

		for (size_t b = 0; plan_joins(p, i, k) && is_tunnel(p, i, k) && b < n; b++)
			if (there[b].plen < net->plen && addr_contains(&there[b], net))
				return true;
	}
	return false;
}

/* Lets traffic inside a host's own network pass, ahead of tunnels for ranges that include it. */
static void put_bypasses(const struct plan *p, size_t i, struct buf *out)
{
	static const uint8_t dirs[] = { DIR_OUT, DIR_IN, DIR_FWD };
	const struct peer *own = &p->peer[i];

	for (size_t a = 0; a < own->nnets; a++) {
		if (addr_is_host(&own->net[a]) || !is_in_tunnel_range(p, i, &own->net[a]))
			continue;
		for (size_t d = 0; d < sizeof(dirs); d++) {
			struct event ev = { .verb = dirs[d] == DIR_FWD ? VERB_SPDUPDATE : VERB_SPDADD };

			ev.policy = (struct policy){ .src = own->net[a],
				                     .dst = own->net[a],
				                     .upper = UPPER_ANY,
				                     .dir = dirs[d],
				                     .action = ACTION_NONE,
				                     .priority = PRIORITY_DEFAULT };
			conf_format.policy(&ev, &(struct print_opts){ .keys = true }, out);
		}
	}
}

/* The name of the other host if there are just two, else NULL. */
static const char *name_of_other(const struct plan *p, size_t i)
{
	const char *name = NULL;

	for (size_t k = 0; k < p->npeers; k++) {
		if (p->peer[k].host != k || k == i)
			continue;
		if (name != NULL)
			return NULL;
		name = p->peer[k].name;
	}
	return name;
}

static void put_head(const struct plan *p, size_t i, enum phase phase, struct buf *out)
{
	static const char *const steps[] = {
		[PHASE_ADD] = ": step 1, new keys for what comes in, on every host before step 2",
		[PHASE_SWITCH] = ": step 2, new keys for what goes out, on every host before step 3",
		[PHASE_RETIRE] = ": step 3, the old keys go",
	};
	const char *other = name_of_other(p, i);
	char day[16];
	time_t now = time(NULL);
	struct tm tm;

	strftime(day, sizeof(day), "%Y-%m-%d", gmtime_r(&now, &tm));
	buf_adds(out, "# ");
	visible_puts(p->name ? p->name : "", out);
	buf_printf(out, "%s%s%s%s\n# generated by setkey %s, %s\n", p->name ? ", " : "", p->peer[i].name,
	           other != NULL ? " with " : "", other != NULL ? other : "", VERSION, day);
	if (steps[phase] != NULL)
		buf_printf(out, "# %s%s\n", p->peer[i].name, steps[phase]);
	for (size_t k = 0; k < ACCEPTANCES; k++)
		if (p->accepted & 1u << k)
			buf_printf(out, "# setkey-lint disable=%s %s\n", acceptances[k].id,
			           acceptances[k].reason);
	if (phase != PHASE_RETIRE)
		buf_adds(out, "# setkey-lint disable=SK410,SK411 keys that are set by hand stay until others "
		              "are loaded\n");
	if (p->place != NULL)
		buf_printf(out, "\nkeys \"%s\";\n", p->place);
	buf_adds(out, phase == PHASE_WHOLE && !p->beside ? "\nflush;\nspdflush;\n\n" : "\n");
}

/* Deletes the old SAs. */
static void put_deletes(const struct conf *old, struct buf *out)
{
	for (size_t i = 0; i < old->n; i++) {
		const struct stmt *s = old->stmt[i];
		struct event ev = { .verb = VERB_DELETE };

		if (s->verb != VERB_ADD)
			continue;
		ev.sa = (struct sa){
			.src = s->sa.src, .dst = s->sa.dst, .proto = s->sa.proto, .spi = s->sa.spi
		};
		conf_format.sa(&ev, &(struct print_opts){ .keys = true }, out);
	}
}

static void put_text(const struct plan *p, size_t i, enum phase phase, const struct conf *old,
                     struct buf *out)
{
	size_t end = i;

	while (end < p->npeers && p->peer[end].host == i)
		end++;
	put_head(p, i, phase, out);
	for (size_t own = i; own < end && phase != PHASE_RETIRE; own++)
		for (size_t k = 0; k < p->npeers; k++) {
			if (plan_joins(p, own, k) && phase != PHASE_ADD)
				put_sa(p, own, k, phase, out);
			if (plan_joins(p, own, k) && phase != PHASE_SWITCH)
				put_sa(p, k, own, phase, out);
		}
	if (phase == PHASE_RETIRE)
		put_deletes(old, out);
	if (phase != PHASE_WHOLE)
		return;
	buf_addc(out, '\n');
	put_bypasses(p, i, out);
	for (size_t own = i; own < end; own++)
		for (size_t k = 0; k < p->npeers; k++)
			if (plan_joins(p, own, k))
				put_policies(p, own, k, out);
}

static unsigned acceptance_for(const struct plan *p, const struct rule *rule)
{
	for (unsigned k = 0; k < ACCEPTANCES; k++)
		if (strcmp(acceptances[k].id, rule->id) == 0 && (p->allow_weak || !acceptances[k].weak))
			return 1u << k;
	return 0;
}

/* The bits of acceptances for the findings, or 0 if there is a finding that cannot be accepted. */
static unsigned acceptances_for(const struct plan *p, const struct diags *d)
{
	unsigned all = 0;

	for (size_t i = 0; i < d->n; i++) {
		unsigned one = acceptance_for(p, d->diag[i].rule);

		if (d->diag[i].severity >= SEVERITY_WARNING && one == 0)
			return 0;
		all |= d->diag[i].severity >= SEVERITY_WARNING ? one : 0;
	}
	return all;
}

/* Lints the text as a user would. *accepted: the acceptances that would suppress all findings, or 0. */
static int check_text(struct plan *p, const struct buf *text, size_t i, const struct settings *s,
                      unsigned *accepted)
{
	const struct settings plain = { 0 };
	const struct levels usual = { 0 };
	struct unit in = { .diags = { .levels = &usual } };
	size_t faults;

	unit_text(&in, p->peer[i].name, (const char *)text->bytes, text->len, 1, 1);
	unit_parse(&in, &plain);
	unit_lint(&in, &plain, profiles);
	faults = in.diags.errors + in.diags.warnings;
	*accepted = acceptances_for(p, &in.diags);
	if (faults > 0 && (*accepted | p->accepted) == p->accepted) {
		report_findings(&in.diags, s);
		error("generated configuration for %s fails lint; nothing is written",
		      p->peer[i].name);
	}
	unit_free(&in);
	return faults > 0 ? STATUS_ERROR : STATUS_OK;
}

/*
 * The name of the key file for the keys statement: relative to the configuration, as the other host has the
 * file there too, unless it is a full path.
 */
static const char *keys_name(const struct keyfile *k)
{
	const char *slash = strrchr(k->name, '/');

	return k->name[0] == '/' || slash == NULL ? k->name : slash + 1;
}

/* The length of the comments at the beginning of a text, which an empty line ends. */
static size_t comments_length(const struct buf *text)
{
	const uint8_t *end = memmem(text->bytes, text->len, "\n\n", 2);

	return end ? (size_t)(end - text->bytes) + 1 : 0;
}

/*
 * Writes the configuration again with names in place of keys. It is linted with the key statements inserted.
 */
static int name_keys(struct plan *p, size_t i, const struct settings *s, struct buf *out)
{
	struct buf text = { 0 };
	unsigned accepted;
	int status;

	buf_clear(out);
	buf_clear(&p->keys->more);
	p->named = true;
	put_text(p, i, PHASE_WHOLE, NULL, &text);
	buf_add(out, text.bytes, comments_length(&text));
	buf_add(out, p->keys->more.bytes, p->keys->more.len);
	buf_add(out, text.bytes + comments_length(&text), text.len - comments_length(&text));
	status = check_text(p, out, i, s, &accepted);
	buf_clear(out);
	p->place = keys_name(p->keys);
	put_text(p, i, PHASE_WHOLE, NULL, out);
	p->place = NULL;
	p->named = false;
	buf_free(&text);
	return status;
}

int plan_text(struct plan *p, size_t i, enum phase phase, const struct conf *old, const struct settings *s,
              struct buf *out)
{
	unsigned accepted = 0, before;
	int status;

	p->accepted = 0;
	do {
		p->accepted |= accepted;
		before = p->accepted;
		buf_clear(out);
		put_text(p, i, phase, old, out);
		status = check_text(p, out, i, s, &accepted);
	} while (status != STATUS_OK && (accepted | before) != before);
	return status == STATUS_OK && p->keys != NULL ? name_keys(p, i, s, out) : status;
}
