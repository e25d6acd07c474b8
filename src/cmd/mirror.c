/* SPDX-License-Identifier: ISC */
/*
 * setkey mirror: the file of the other end, as edits of the text: directions change, SAs and comments stay.
 */
#include "cmd/cmd.h"

#include "base/privilege.h"
#include "config/resolve.h"
#include "lint/lint.h"
#include "model/same.h"
#include "run/unit.h"
#include "tables/selector_set.h"
#include "tables/tables.h"
#include "text/patch.h"
#include "text/secret.h"

#include <stdlib.h>
#include <string.h>

enum { ONE_SIDED };

const struct rule mirror_rules[] = {
	[ONE_SIDED] = { "SK731", "one-sided", SEVERITY_WARNING,
		"what the other end's file cannot be made from" },
	{ NULL, NULL, 0, NULL }
};

struct mirror {
	struct unit *in;
	const struct source *src;
	struct hash_table inbound, outbound, forward; /* by selector: the statement, from 1 */
	struct edit *edit;
	size_t nedits, cap;
	size_t nfindings;     /* findings */
	/* statements there are to be, and those of them that exact; does not hold for */
	size_t n, nplain;
};

static void add_one_sided(struct mirror *m, const struct stmt *s, enum part part, const char *what)
{
	diag_add(&m->in->diags, &mirror_rules[ONE_SIDED], s->src, stmt_part(s, part), "%s", what);
	m->nfindings++;
}

static bool is_policy(const struct stmt *s)
{
	return !s->has_error &&
	       (s->verb == VERB_SPDADD || s->verb == VERB_SPDUPDATE || s->verb == VERB_SPDDELETE) &&
	       s->policy.dir <= DIR_FWD;
}

/* A name that is not looked up counts as its text. */
static uint64_t mix_name(uint64_t h, const struct stmt *s, enum part part)
{
	struct span at = stmt_part(s, part);

	return stmt_has_part(s, part) ? hash_mix(h, s->src->text + at.off, at.len) : h;
}

/* Which packets, of those that come or, turned, go; what makes a policy and what deletes it are apart. */
static uint64_t selector_name(const struct stmt *s, bool turned)
{
	struct selector sel = policy_selector(&s->policy), back = turned ? selector_reversed(&sel) : sel;
	uint64_t h = policy_namespace(s, s->verb == VERB_SPDDELETE);

	if (s->unresolved &
	    (UNRESOLVED_SRC | UNRESOLVED_DST | UNRESOLVED_SPORT | UNRESOLVED_DPORT | UNRESOLVED_UPPER))
		h = mix_name(mix_name(h, s, turned ? PART_DST : PART_SRC), s, turned ? PART_SRC : PART_DST);
	return selector_hash(h, &back);
}

static void add_edit(struct mirror *m, uint32_t off, uint32_t len, const char *text)
{
	m->edit = memory_grow(m->edit, m->nedits, &m->cap, sizeof(*m->edit));
	m->edit[m->nedits++] = (struct edit){ { off, len }, memory_string(text) };
}

/* The whole line, where there is nothing else on it. */
static void drop_stmt(struct mirror *m, struct span at)
{
	const char *text = m->src->text;
	uint32_t from = at.off, to = at.off + at.len;

	while (from > 0 && (text[from - 1] == ' ' || text[from - 1] == '\t'))
		from--;
	while (to < m->src->len && (text[to] == ' ' || text[to] == '\t' || text[to] == '\r'))
		to++;
	if ((from == 0 || text[from - 1] == '\n') && to < m->src->len && text[to] == '\n')
		add_edit(m, from, to + 1 - from, "");
	else
		add_edit(m, at.off, at.len, "");
}

/* The option with its number, or nothing in front of what says the direction. */
static struct span index_option(const struct stmt *s)
{
	struct span at = stmt_part(s, PART_INDEX);
	uint32_t from = at.off;

	if (!stmt_has_part(s, PART_INDEX))
		return (struct span){ stmt_part(s, PART_DIR).off, 0 };
	while (from > s->at.off && s->src->text[from] != '-')
		from--;
	return (struct span){ from, at.off + at.len - from };
}

/*
 * Appends the text from one offset to another, changed by the edits from the given one on, which are in
 * order.
 */
static void add_edited(const struct mirror *m, size_t edit, uint32_t from, uint32_t to, struct buf *out)
{
	const char *text = m->src->text;

	for (; edit < m->nedits; edit++) {
		struct span at = m->edit[edit].at;

		if (at.off < from || at.off + at.len > to)
			continue;
		buf_add(out, text + from, at.off - from);
		buf_adds(out, m->edit[edit].text);
		from = at.off + at.len;
	}
	buf_add(out, text + from, to - from);
}

/*
 * A copy of what is now an inbound policy, made by the verb of the forward one that the other direction has;
 * an update is none but of what is there. The edits of the requests are those from the given one on.
 */
static void add_forward(struct mirror *m, const struct stmt *s, const struct stmt *forward, size_t requests)
{
	const struct stmt *like = s->verb == VERB_SPDUPDATE ? s : forward;
	struct span index = index_option(s), verb = stmt_part(like, PART_VERB), own = stmt_part(s, PART_VERB),
	            dir = stmt_part(s, PART_DIR);
	uint32_t end = s->at.off + s->at.len;
	const char *text = s->src->text;
	struct buf b = { 0 };

	buf_addc(&b, '\n');
	buf_add(&b, like->src->text + verb.off, verb.len);
	buf_add(&b, text + own.off + own.len, index.off - own.off - own.len);
	buf_add(&b, text + index.off + index.len, dir.off - index.off - index.len);
	buf_adds(&b, "fwd");
	add_edited(m, requests, dir.off + dir.len, end, &b);
	add_edit(m, end, 0, buf_str(&b));
	buf_free(&b);
	m->n++;
	m->nplain += !s->exact;
}

/* Levels and ids aside: the copy that the kernel is given of an inbound policy has others. */
static bool does_same(const struct policy *a, const struct policy *b)
{
	bool same = a->action == b->action && a->priority == b->priority && a->ntmpl == b->ntmpl;

	for (unsigned i = 0; i < a->ntmpl && same; i++)
		same = same_protection(&a->tmpl[i], &b->tmpl[i]);
	return same;
}

static void turn_forward(struct mirror *m, const struct stmt *s)
{
	uint32_t inbound = hash_find(&m->inbound, selector_name(s, false));
	const struct policy *in = inbound != 0 ? &m->in->conf.stmt[inbound - 1]->policy : NULL;

	if (in == NULL)
		add_one_sided(m, s, PART_DIR,
		              "there is no inbound policy for the same packets: left out");
	else if (s->verb != VERB_SPDDELETE && !does_same(in, &s->policy))
		add_one_sided(m, s, PART_DIR,
		              "the fwd policy differs from the inbound one for the same packets: left out");
	drop_stmt(m, s->at);
	m->n--;
	m->nplain -= !s->exact;
}

/*
 * What is compressed may come uncompressed, so that the level of ipcomp belongs to the direction, not to the
 * packets: the turned policy gets that of the one whose direction it now has.
 */
static void turn_level(struct mirror *m, const struct stmt *s, unsigned i)
{
	bool inbound = s->policy.dir == DIR_IN;
	uint32_t number = hash_find(inbound ? &m->outbound : &m->inbound, selector_name(s, true));
	const struct policy *other = number != 0 ? &m->in->conf.stmt[number - 1]->policy : NULL;
	const struct tmpl *t = &s->policy.tmpl[i];
	struct span at = stmt_part(s, PART_TMPL + i);
	const char *text = m->src->text + at.off, *level = memrchr(text, '/', at.len), *word;

	if (t->proto != PROTO_IPCOMP || other == NULL || other->ntmpl <= i ||
	    other->tmpl[i].proto != PROTO_IPCOMP || other->tmpl[i].level == t->level || level == NULL)
		return;
	word = t->level == LEVEL_USE ? "use" : "require";
	at.len -= (uint32_t)(++level - text);
	if ((t->level != LEVEL_USE && t->level != LEVEL_REQUIRE) || at.len != strlen(word) ||
	    memcmp(level, word, at.len) != 0)
		return;
	if (other->tmpl[i].level == LEVEL_USE || other->tmpl[i].level == LEVEL_REQUIRE)
		add_edit(m, at.off + (uint32_t)(level - text), at.len,
		         other->tmpl[i].level == LEVEL_USE ? "use" : "require");
}

/* The words for no address fit one direction each. */
static void turn_requests(struct mirror *m, const struct stmt *s)
{
	for (unsigned i = 0; i < s->policy.ntmpl; i++) {
		struct span at = stmt_part(s, PART_TMPL + i);
		const char *text = m->src->text + at.off, *me = memmem(text, at.len, "me-any", 6),
		           *any = memmem(text, at.len, "any-me", 6);

		if (me != NULL || any != NULL)
			add_edit(m, at.off + (uint32_t)((me ? me : any) - text), 6, me ? "any-me" : "me-any");
		turn_level(m, s, i);
	}
}

static void turn_policy(struct mirror *m, const struct stmt *s)
{
	struct span dir = stmt_part(s, PART_DIR), index = index_option(s);
	uint32_t forward = hash_find(&m->forward, selector_name(s, true));
	size_t requests;

	if (s->policy.dir == DIR_FWD) {
		turn_forward(m, s);
		return;
	}
	if (index.len > 0) {
		add_one_sided(m, s, PART_INDEX, "an index is valid on one host only: left out");
		add_edit(m, index.off, index.len, "");
	}
	add_edit(m, dir.off, dir.len, s->policy.dir == DIR_IN ? "out" : "in");
	requests = m->nedits;
	turn_requests(m, s);
	if (s->policy.dir == DIR_OUT && forward != 0)
		add_forward(m, s, m->in->conf.stmt[forward - 1], requests);
}

#define BLANKS " \t\r\n\\"

/* The offset after blanks and comments. */
static uint32_t skip_blanks(const char *text, uint32_t off)
{
	while (text[off += (uint32_t)strspn(text + off, BLANKS)] == '#')
		off += (uint32_t)strcspn(text + off, "\n");
	return off;
}

/*
 * What one end has sent, the other has received: numbers, or names for them. The statement ends with a ";".
 */
static void turn_numbers(struct mirror *m, const struct stmt *s)
{
	struct span out = stmt_part(s, PART_REPLAY);
	const char *text = m->src->text;
	uint32_t in = skip_blanks(text, skip_blanks(text, out.off + out.len) + 1), end;
	struct buf b = { 0 };

	end = in + (uint32_t)strcspn(text + in, BLANKS "-;#");
	buf_add(&b, text + in, end - in);
	buf_add(&b, text + out.off + out.len, in - out.off - out.len);
	buf_add(&b, text + out.off, out.len);
	add_edit(m, out.off, end - out.off, buf_str(&b));
	buf_free(&b);
}

/* Of -offload the direction is turned, which follows the device. */
static void turn_offload(struct mirror *m, const struct stmt *s)
{
	struct span device = stmt_part(s, PART_OFFLOAD);
	const char *text = m->src->text;
	uint32_t dir = skip_blanks(text, device.off + device.len);

	add_edit(m, dir, (uint32_t)strcspn(text + dir, BLANKS "-;#"),
	         stmt_attrs(s)->offload & OFFLOAD_IN ? "out" : "in");
}

static void turn_sa(struct mirror *m, const struct stmt *s)
{
	struct span dir = stmt_part(s, PART_SA_DIR);

	if (stmt_has_part(s, PART_REPLAY))
		turn_numbers(m, s);
	if (stmt_has_part(s, PART_SA_DIR))
		add_edit(m, dir.off, dir.len, stmt_attrs(s)->value[ATTR_DIR] == DIR_IN ? "out" : "in");
	if (stmt_has_part(s, PART_OFFLOAD))
		turn_offload(m, s);
	if (s->sa.encap != ENCAP_NONE)
		add_one_sided(m, s, PART_PROTO, "with NAT the other end has other addresses "
		              "and ports: kept");
}

static void turn_stmt(struct mirror *m, const struct stmt *s)
{
	char words[96];

	/* What is kept although it may be another at the other end. */
	for (enum attr_id id = 0; id < ATTR_MAX; id++) {
		if (!(attr_table[id].flags & ATTR_LOCAL) || !stmt_has_part(s, PART_ATTR + id))
			continue;
		snprintf(words, sizeof(words), "%s: kept, but the other host may need another value",
		         attr_table[id].what);
		add_one_sided(m, s, PART_ATTR + id, words);
	}
	if (stmt_has_part(s, PART_NATT_OA))
		add_one_sided(m, s, PART_NATT_OA,
		              "with NAT the other end has other addresses and ports: kept");
	if (is_policy(s))
		turn_policy(m, s);
	else if (!verb_is_policy(s->verb))
		turn_sa(m, s);
}

static void number_policies(struct mirror *m)
{
	for (size_t i = 0; i < m->in->conf.n; i++) {
		const struct stmt *s = m->in->conf.stmt[i];

		if (is_policy(s) && s->policy.dir == DIR_IN)
			*hash_at(&m->inbound, selector_name(s, false)) = (uint32_t)i + 1;
		else if (is_policy(s) && s->policy.dir == DIR_OUT)
			*hash_at(&m->outbound, selector_name(s, false)) = (uint32_t)i + 1;
		else if (is_policy(s) && s->policy.dir == DIR_FWD)
			*hash_at(&m->forward, selector_name(s, false)) = (uint32_t)i + 1;
	}
}

/* What another file holds stays as it is there. */
static void refuse_included(struct mirror *m)
{
	const struct source *last = NULL;

	for (size_t i = 0; i < m->in->conf.n; i++) {
		const struct stmt *s = m->in->conf.stmt[i];

		if (s->src->from == NULL || s->src == last || !is_policy(s))
			continue;
		add_one_sided(m, s, PART_DIR, "an included file is not mirrored: mirror it by itself");
		last = s->src;
	}
}

static int compare_places(const void *x, const void *y)
{
	const struct edit *a = x, *b = y;

	return (a->at.off > b->at.off) - (a->at.off < b->at.off);
}

static void mirror_source(struct mirror *m, struct source *src, struct buf *out)
{
	struct patch p = { .src = src };

	m->src = src;
	m->nedits = 0;
	for (size_t i = 0; i < m->in->conf.n; i++)
		if (m->in->conf.stmt[i]->src == src && !m->in->conf.stmt[i]->has_error)
			turn_stmt(m, m->in->conf.stmt[i]);
	if (m->nedits > 1)
		qsort(m->edit, m->nedits, sizeof(*m->edit), compare_places);
	p.edit = m->edit;
	p.n = m->nedits;
	if (out->len > 0 && out->bytes[out->len - 1] != '\n')
		buf_addc(out, '\n');
	patch_apply(&p, out);
	for (size_t i = 0; i < m->nedits; i++)
		free(m->edit[i].text);
}

static size_t count_plain(const struct conf *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += !c->stmt[i]->exact;
	return n;
}

/* Several files become one, where exit; and exact; count for what follows them too. */
static bool stands_in_one(const struct mirror *m, const struct conf *made)
{
	if (made->n == m->n && count_plain(made) == m->nplain)
		return true;
	error("exit or exact in one of these files would count for those after it too; mirror it by "
	         "itself");
	return false;
}

/* An outbound policy may not do all that an inbound one may; the words for that are lint's. */
static void check_mirrored(struct mirror *m, struct buf *text)
{
	struct settings lenient = { .no_keys = true, .insecure = true };
	struct unit made = { 0 };

	/* By the name of the first, so that what it names is found. */
	unit_text(&made, m->in->sources.source[0]->name, (const char *)text->bytes, text->len, 1, 1);
	unit_parse(&made, &lenient);
	if (made.diags.errors == 0 && !stands_in_one(m, &made.conf)) {
		m->nfindings++;
		buf_clear(text);
	}
	resolve_conf(&made.conf, false, &made.diags);
	lint_conf(&made.conf, &made.diags);
	m->nfindings += made.diags.errors;
	if (made.diags.errors > 0)
		diag_print(&made.diags, stderr, false);
	unit_free(&made);
}

static int mirror_unit(const struct settings *s, struct unit *in, struct buf *out)
{
	struct mirror m = { .in = in };
	size_t errors;

	unit_parse(in, s);
	errors = in->diags.errors;
	m.n = in->conf.n;
	m.nplain = count_plain(&in->conf);
	number_policies(&m);
	for (size_t i = 0; i < in->sources.n && errors == 0; i++)
		if (in->sources.source[i]->from == NULL)
			mirror_source(&m, in->sources.source[i], out);
	refuse_included(&m);
	report_findings(&in->diags, s);
	if (errors == 0)
		check_mirrored(&m, out);
	hash_free(&m.inbound);
	hash_free(&m.outbound);
	hash_free(&m.forward);
	free(m.edit);
	return errors + m.nfindings > 0 ? STATUS_ERROR : STATUS_OK;
}

int cmd_mirror(struct settings *s, int argc, char **argv)
{
	struct unit in = { 0 };
	struct buf out = { 0 };
	int status = unit_read_all(&in, argc, argv);

	privilege_keep(0);
	if (status == STATUS_OK) {
		status = mirror_unit(s, &in, &out);
		for (size_t i = 0; i < in.sources.n && out.len > 0; i++)
			if (in.sources.source[i]->from == NULL && secret_has_key(in.sources.source[i]))
				warn_if_open();
		buf_write(&out, stdout);
	}
	buf_free(&out);
	unit_free(&in);
	return status;
}
