/* A list of hosts: on each line a name, an address and the networks behind it. Knows no keys. */
#include "provision/plan.h"

#include "tables/selector_set.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { HOSTS };

const struct rule hosts_rules[] = {
	[HOSTS] = { "SK711", "hosts", SEVERITY_ERROR, "a list of hosts that does not read" },
	{ NULL, NULL, 0, NULL }
};

struct hosts {
	struct plan *plan;
	struct source *src;
	struct arena *names;
	struct diags *diags;
};

static void fault(const struct hosts *h, struct span at, const char *what)
{
	struct buf word = { 0 };

	source_quote(h->src, at, &word);
	diag_add(h->diags, &hosts_rules[HOSTS], h->src, at, "%s: %s", buf_str(&word), what);
	buf_free(&word);
}

/* The files of a rotation are told apart by what stands behind the name of a host. */
static bool is_step(const char *word, size_t n)
{
	static const char *const ends[] = { ".1-add", ".2-switch", ".3-retire", ".next" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (n > strlen(ends[i]) && memcmp(word + n - strlen(ends[i]), ends[i], strlen(ends[i])) == 0)
			return true;
	return false;
}

static struct peer *add(const struct hosts *h, struct span at)
{
	const char *word = h->src->text + at.off;
	char *name = arena_alloc(h->names, at.len + (size_t)1);
	struct peer *peer;

	memcpy(name, word, at.len);
	if (!is_plain_name(word, at.len))
		fault(h, at, "a name is of letters, digits and . _ -, and begins with one of the first two");
	else if (is_step(word, at.len))
		fault(h, at, "such a name is for the files of a rotation");
	peer = plan_add_peer(h->plan, name);
	peer->src = h->src;
	peer->at = at;
	return peer;
}

/* The next word of the line, of no length at its end. */
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

static void read_line(const struct hosts *h, uint32_t *off)
{
	struct span name = next_word(h->src, off), word;
	struct peer *peer = name.len > 0 ? add(h, name) : NULL;
	const char *what = NULL;

	for (unsigned n = 0; peer != NULL && ((word = next_word(h->src, off)).len > 0 || n == 0); n++) {
		struct addr net = { 0 };

		if (word.len == 0)
			fault(h, name, "behind the name of a host stands its address");
		else if (n == 0)
			what = peer_read_addr(&peer->addr, h->src->text + word.off, word.len);
		else if ((what = peer_read_net(&net, h->src->text + word.off, word.len)) == NULL)
			peer_add_net(peer, &net);
		if (what != NULL)
			fault(h, word, what);
	}
	while (*off < h->src->len && h->src->text[*off] != '\n')
		++*off;
	++*off;
}

/* A host or a network of one, to find those that lie within each other. */
struct place {
	const struct peer *peer;
	const struct addr *addr;
};

static int by_addr(const void *x, const void *y)
{
	const struct place *a = x, *b = y;
	int by = a->addr->family - b->addr->family;

	if (by == 0)
		by = memcmp(a->addr->bytes, b->addr->bytes, sizeof(a->addr->bytes));
	return by ? by : a->addr->plen - b->addr->plen;
}

static int by_name(const void *x, const void *y)
{
	const struct place *a = x, *b = y;
	int by = strcmp(a->peer->name, b->peer->name);

	return by ? by : (a->peer > b->peer) - (a->peer < b->peer);
}

static void conflict(const struct hosts *h, const struct peer *a, const struct peer *b, const char *what)
{
	const struct peer *later = a > b ? a : b, *first = a > b ? b : a;

	fault(h, later->at, what);
	diag_also(h->diags, h->src, first->at, "the other host");
}

/* In order, what contains the next place is the last one that does not end before it. */
static void compare_places(const struct hosts *h, struct place *place, size_t n)
{
	struct place *open = memory_resize(NULL, n, sizeof(*open));
	size_t nopen = 0;

	qsort(place, n, sizeof(*place), by_addr);
	for (size_t i = 0; i < n; i++) {
		while (nopen > 0 && !addr_contains(open[nopen - 1].addr, place[i].addr))
			nopen--;
		if (nopen > 0 && open[nopen - 1].peer != place[i].peer)
			conflict(h, open[nopen - 1].peer, place[i].peer,
			         "it, or a network behind it, is within those of another host");
		open[nopen++] = place[i];
	}
	free(open);
}

static void compare_names(const struct hosts *h, struct place *place, size_t n)
{
	qsort(place, n, sizeof(*place), by_name);
	for (size_t i = 1; i < n; i++)
		if (strcmp(place[i - 1].peer->name, place[i].peer->name) == 0)
			conflict(h, place[i - 1].peer, place[i].peer, "another host has this name");
}

static void compare(const struct hosts *h)
{
	const struct plan *p = h->plan;
	size_t n = 0, cap = p->npeers;
	struct place *place = memory_resize(NULL, cap, sizeof(*place));

	for (size_t i = 0; i < p->npeers; i++) {
		place = memory_grow(place, n, &cap, sizeof(*place));
		place[n++] = (struct place){ &p->peer[i], &p->peer[i].addr };
		if (p->peer[i].addr.family != p->peer[0].addr.family)
			conflict(h, &p->peer[i], &p->peer[0],
			         "its address is of another family than those before");
	}
	compare_names(h, place, n);
	for (size_t i = 0; i < p->npeers; i++)
		for (size_t k = 0; k < p->peer[i].nnets; k++) {
			place = memory_grow(place, n, &cap, sizeof(*place));
			place[n++] = (struct place){ &p->peer[i], &p->peer[i].net[k] };
		}
	compare_places(h, place, n);
	free(place);
}

/* True if there is nothing of the family at the host; without networks it stands for itself. */
static bool lacks(const struct peer *peer, uint8_t family)
{
	for (size_t k = 0; k < peer->nnets; k++)
		if (peer->net[k].family == family)
			return false;
	return peer->nnets > 0 || peer->addr.family != family;
}

/* There has to be something that each can send to each. */
static void compare_families(const struct hosts *h)
{
	const struct peer *no4 = NULL, *no6 = NULL;

	for (size_t i = 0; i < h->plan->npeers; i++) {
		const struct peer *peer = &h->plan->peer[i];

		no4 = no4 == NULL && lacks(peer, AF_INET) ? peer : no4;
		no6 = no6 == NULL && lacks(peer, AF_INET6) ? peer : no6;
	}
	if (no4 != NULL && no6 != NULL)
		conflict(h, no4, no6, "no network of it is of the family of another host's");
}

void plan_read_hosts(struct plan *p, struct source *src, struct arena *names, struct diags *diags)
{
	struct hosts h = { p, src, names, diags };

	for (uint32_t off = 0; off < src->len; )
		read_line(&h, &off);
	if (diags->n == 0 && p->npeers < 2)
		diag_add(diags, &hosts_rules[HOSTS], src, (struct span){ 0, 0 },
		         "%zu hosts have nobody to share keys with", p->npeers);
	if (diags->n > 0)
		return;
	compare(&h);
	compare_families(&h);
}
