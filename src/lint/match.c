/* Advice about statements that should fit together: SAs, their mirrors, the policies that want them. */
#include "lint/lint.h"

#include <stdlib.h>
#include <string.h>

enum { DUPLICATE_SA };

const struct rule match_rules[] = {
	[DUPLICATE_SA] = { "SK301", "duplicate-sa", SEVERITY_ERROR, "an SA is added twice",
		"Destination, protocol and SPI name an SA: the second add fails, \"File exists\". Give it an SPI\n"
		"of its own, or delete the first one before.", "RFC 4301 section 4.1" },
	{ NULL, NULL, 0, NULL, NULL, NULL }
};

/* The kernel's name of an SA. */
static int compare_id(const struct stmt *a, const struct stmt *b)
{
	const struct sa *x = &a->sa, *y = &b->sa;
	int by = memcmp(x->dst.bytes, y->dst.bytes, sizeof(x->dst.bytes));

	if (by == 0)
		by = x->dst.family - y->dst.family;
	if (by == 0)
		by = x->proto - y->proto;
	if (by == 0 && x->spi != y->spi)
		by = x->spi < y->spi ? -1 : 1;
	return by;
}

/* A statement and where it stands among all. */
struct place {
	const struct stmt *stmt;
	size_t at;
};

static int by_id(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int by = compare_id(x->stmt, y->stmt);

	return by ? by : x->at < y->at ? -1 : 1;
}

/* True for what names one SA and is certain: a host name may stand for any address. */
static bool names_sa(const struct stmt *s)
{
	return !s->bad && (lint_makes_sa(s) || s->verb == VERB_DELETE) && s->sa.dst.family != 0 && s->nsrcs == 0 && s->ndsts == 0;
}

/* Sorted by name and, of one name, by order: two adds with no delete between are one too many. */
static void duplicates(const struct unit *u)
{
	struct place *p = memory_resize(NULL, u->conf->n ? u->conf->n : 1, sizeof(*p));
	size_t n = 0;

	for (size_t i = 0; i < u->conf->n; i++)
		if (names_sa(u->conf->stmt[i]))
			p[n++] = (struct place){ u->conf->stmt[i], i };
	qsort(p, n, sizeof(*p), by_id);
	for (size_t i = 1; i < n; i++) {
		struct lint l = { p[i].stmt, u->diags };
		const struct stmt *before = p[i - 1].stmt;

		if (p[i].stmt->verb != VERB_ADD || before->verb == VERB_DELETE || compare_id(p[i].stmt, before) != 0)
			continue;
		lint_add(&l, &match_rules[DUPLICATE_SA], PART_SPI, "an SA with this destination, protocol and SPI exists already");
		diag_also(u->diags, before->src, stmt_part(before, PART_SPI), "first added here");
	}
	free(p);
}

void lint_match(const struct unit *u)
{
	duplicates(u);
}
