/* SPDX-License-Identifier: ISC */
/*
 * Reads a list of hosts: on each line a name, one or more addresses, and the networks behind the host. Knows
 * no keys.
 */
#include "provision/plan.h"

#include "tables/selector_set.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { HOSTS };

const struct rule hosts_rules[] = {
	[HOSTS] = { "SK711", "hosts", SEVERITY_ERROR, "invalid host list" },
	{ NULL, NULL, 0, NULL }
};

struct hosts {
	struct plan *plan;
	struct source *src;
	struct arena *names;
	struct diags *diags;
};

static void add_finding(const struct hosts *h, struct span at, const char *what)
{
	struct buf word = { 0 };

	source_quote(h->src, at, &word);
	diag_add(h->diags, &hosts_rules[HOSTS], h->src, at, "%s: %s", buf_str(&word), what);
	buf_free(&word);
}

/* True if the name ends like the files of a rotation. */
static bool is_step(const char *word, size_t n)
{
	static const char *const ends[] = { ".1-add", ".2-switch", ".3-retire", ".next" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (n > strlen(ends[i]) && memcmp(word + n - strlen(ends[i]), ends[i], strlen(ends[i])) == 0)
			return true;
	return false;
}

static void add_host(const struct hosts *h, struct span at)
{
	const char *word = h->src->text + at.off;
	char *name = arena_alloc(h->names, at.len + (size_t)1);
	struct peer *peer;

	memcpy(name, word, at.len);
	if (!is_plain_name(word, at.len))
		add_finding(h, at,
		            "expected letters, digits and . _ -, beginning with a letter or digit");
	else if (is_step(word, at.len))
		add_finding(h, at, "the name is reserved for the files of a rotation");
	peer = plan_add_peer(h->plan, name);
	peer->src = h->src;
	peer->at = at;
}

/* The next word of the line; of length 0 at the end of the line. */
static struct span next_word(const struct source *s, uint32_t *off)
{
	struct span at;

	while (*off < s->len && strchr(" \t\r", s->text[*off]) != NULL && s->text[*off] != '\0')
		++*off;
	at = (struct span){ *off, 0 };
	while (*off < s->len && (s->text[*off] == '\0' || strchr(" \t\r\n#", s->text[*off]) == NULL))
		++*off;
	at.len = *off - at.off;
	return at;
}

/* ADDRESS[,ADDRESS ...]: the host is the first of them. */
static void read_addresses(const struct hosts *h, size_t host, struct span word)
{
	const char *text = h->src->text;
	struct span at = { word.off, 0 };

	for (uint32_t end = word.off + word.len; at.off <= end; at.off += at.len + 1) {
		struct peer *peer = &h->plan->peer[host];
		const char *what;

		at.len = 0;
		while (at.off + at.len < end && text[at.off + at.len] != ',')
			at.len++;
		if (at.off > word.off) {
			const struct peer first = *peer;

			peer = plan_add_peer(h->plan, first.name);
			peer->host = host;
			peer->src = first.src;
			peer->at = at;
		}
		what = peer_read_addr(&peer->addr, text + at.off, at.len);
		for (const struct peer *p = &h->plan->peer[host]; what == NULL && p < peer; p++)
			if (addr_equal(&p->addr, &peer->addr))
				what = "the host has this address already";
		if (what != NULL)
			add_finding(h, at, what);
	}
}

static void read_line(const struct hosts *h, uint32_t *off)
{
	struct span name = next_word(h->src, off), word;
	size_t host = h->plan->npeers;
	const char *what = NULL;

	if (name.len > 0)
		add_host(h, name);
	for (unsigned n = 0; name.len > 0 && ((word = next_word(h->src, off)).len > 0 || n == 0); n++) {
		struct addr net = { 0 };

		if (word.len == 0)
			add_finding(h, name, "the host has no address");
		else if (n == 0)
			read_addresses(h, host, word);
		else if ((what = peer_read_net(&net, h->src->text + word.off, word.len)) == NULL)
			peer_add_net(&h->plan->peer[host], &net);
		if (what != NULL)
			add_finding(h, word, what);
	}
	while (*off < h->src->len && h->src->text[*off] != '\n')
		++*off;
	++*off;
}

/* An address or a network of a host, to find those that overlap. */
struct place {
	const struct peer *peer;
	const struct addr *addr;
};

static int compare_by_addr(const void *x, const void *y)
{
	const struct place *a = x, *b = y;
	int by = a->addr->family - b->addr->family;

	if (by == 0)
		by = memcmp(a->addr->bytes, b->addr->bytes, sizeof(a->addr->bytes));
	return by ? by : a->addr->plen - b->addr->plen;
}

static int compare_by_name(const void *x, const void *y)
{
	const struct place *a = x, *b = y;
	int by = strcmp(a->peer->name, b->peer->name);

	return by ? by : (a->peer > b->peer) - (a->peer < b->peer);
}

static void report_conflict(const struct hosts *h, const struct peer *a, const struct peer *b,
                            const char *what)
{
	const struct peer *later = a > b ? a : b, *first = a > b ? b : a;

	add_finding(h, later->at, what);
	diag_note(h->diags, h->src, first->at, "the other host");
}

/*
 * Reports addresses and networks that overlap. In sorted order, the last one that does not end before a place
 * is the one that contains it.
 */
static void compare_places(const struct hosts *h, struct place *place, size_t n)
{
	struct place *open = memory_resize(NULL, n, sizeof(*open));
	size_t nopen = 0;

	qsort(place, n, sizeof(*place), compare_by_addr);
	for (size_t i = 0; i < n; i++) {
		while (nopen > 0 && !addr_contains(open[nopen - 1].addr, place[i].addr))
			nopen--;
		if (nopen > 0 && open[nopen - 1].peer->host != place[i].peer->host)
			report_conflict(h, open[nopen - 1].peer, place[i].peer,
			                "its address or network overlaps those of another host");
		open[nopen++] = place[i];
	}
	free(open);
}

static void compare_names(const struct hosts *h, struct place *place, size_t n)
{
	qsort(place, n, sizeof(*place), compare_by_name);
	for (size_t i = 1; i < n; i++)
		if (strcmp(place[i - 1].peer->name, place[i].peer->name) == 0)
			report_conflict(h, place[i - 1].peer, place[i].peer,
			                "another host has the same name");
}

static void compare_hosts(const struct hosts *h)
{
	const struct plan *p = h->plan;
	size_t n = 0, cap = p->npeers;
	struct place *place = memory_resize(NULL, cap, sizeof(*place));

	for (size_t i = 0; i < p->npeers; i++) {
		if (p->peer[i].host != i)
			continue;
		place = memory_grow(place, n, &cap, sizeof(*place));
		place[n++] = (struct place){ &p->peer[i], &p->peer[i].addr };
	}
	compare_names(h, place, n);
	n = 0;
	for (size_t i = 0; i < p->npeers; i++) {
		place = memory_grow(place, n, &cap, sizeof(*place));
		place[n++] = (struct place){ &p->peer[i], &p->peer[i].addr };
		for (size_t k = 0; k < p->peer[i].nnets; k++) {
			place = memory_grow(place, n, &cap, sizeof(*place));
			place[n++] = (struct place){ &p->peer[i], &p->peer[i].net[k] };
		}
	}
	compare_places(h, place, n);
	free(place);
}

/* Why host a cannot reach host b in any family; NULL: it can. */
static const char *why_unreachable(const struct plan *p, size_t a, size_t b)
{
	const char *why = "its address is of another family than that of another host";

	for (size_t i = a; i < p->npeers && p->peer[i].host == a; i++)
		for (size_t k = b; k < p->npeers && p->peer[k].host == b; k++) {
			if (!plan_joins(p, i, k))
				continue;
			if (peers_meet(&p->peer[i], &p->peer[k], AF_INET) ||
			    peers_meet(&p->peer[i], &p->peer[k], AF_INET6))
				return NULL;
			why = "no network of it is of the family of another host's";
		}
	return why;
}

/* Reports the first pair of hosts that have nothing to send each other. */
static void compare_families(const struct hosts *h)
{
	const struct plan *p = h->plan;

	for (size_t i = 0; i < p->npeers; i++)
		for (size_t k = 0; k < i; k++) {
			const char *why = NULL;

			if (p->peer[i].host == i && p->peer[k].host == k)
				why = why_unreachable(p, i, k);
			if (why == NULL)
				continue;
			report_conflict(h, &p->peer[i], &p->peer[k], why);
			return;
		}
}

void plan_read_hosts(struct plan *p, struct source *src, struct arena *names, struct diags *diags)
{
	struct hosts h = { p, src, names, diags };

	for (uint32_t off = 0; off < src->len; )
		read_line(&h, &off);
	if (diags->n == 0 && (p->npeers == 0 || p->peer[p->npeers - 1].host == 0))
		diag_add(diags, &hosts_rules[HOSTS], src, (struct span){ 0, 0 },
		         "%u hosts have nobody to share keys with", p->npeers > 0);
	if (diags->n > 0)
		return;
	compare_hosts(&h);
	compare_families(&h);
}
