/* SPDX-License-Identifier: ISC */
/*
 * Reports unknown names of algorithms, with setkey's name for the algorithm and the option that it belongs
 * to.
 */
#include "config/parse_internal.h"

#include "base/memory.h"
#include "config/nearby_words.h"

#include <ctype.h>
#include <string.h>

static const enum alg_kind kinds[] = { ALG_ENC, ALG_AUTH, ALG_COMP };

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* Returns the option for which the word is the name of an algorithm, or NULL. */
static const char *option_for_alg(struct text t)
{
	uint16_t icv;

	for (size_t i = 0; i < KINDS; i++)
		if (alg_find(kinds[i], t.p, t.len, &icv) != NULL)
			return alg_option(kinds[i]);
	return NULL;
}

/* Appends setkey's name, such as "aes-gcm-16 with a 256-bit key and a 32-bit salt". */
static void put_our_name(const struct alg_foreign *f, struct buf *out)
{
	buf_adds(out, f->alg->name);
	if (f->icvbits != 0)
		buf_printf(out, "-%u", f->icvbits);
	if (f->keybits != 0)
		buf_printf(out, " with a %u-bit key", f->keybits);
	if (f->keybits != 0 && f->alg->saltbits != 0)
		buf_printf(out, " and a %u-bit salt", f->alg->saltbits);
}

/*
 * Appends setkey's name for an algorithm in the notation of another program; false if there is none. The
 * option comes first if it is not the one in the text.
 */
static bool put_foreign_name(enum alg_kind kind, struct text t, struct buf *out)
{
	struct alg_foreign enc, auth;
	bool found = alg_find_foreign(kind, t.p, t.len, &enc);

	for (size_t i = 0; i < KINDS && !found; i++)
		if ((found = alg_find_foreign(kinds[i], t.p, t.len, &enc)))
			buf_printf(out, "%s ", alg_option(kinds[i]));
	if (found) {
		put_our_name(&enc, out);
		return true;
	}
	if (!alg_find_proposal(t.p, t.len, &enc, &auth))
		return false;
	buf_adds(out, "-E ");
	put_our_name(&enc, out);
	if (auth.alg != NULL) {
		buf_adds(out, ", and -A ");
		put_our_name(&auth, out);
	}
	return true;
}

static void hint_alg(struct parse *p, enum alg_kind kind, struct text t)
{
	const struct alg *near = alg_nearest(kind, t.p, t.len);
	const char *option = option_for_alg(t);
	struct buf ours = { 0 };
	bool foreign = option == NULL && put_foreign_name(kind, t, &ours), cipher;

	cipher = option != NULL ? strcmp(option, "-E") == 0 :
	                          foreign && memcmp(buf_str(&ours), "-E ", 3) == 0;
	if (cipher && p->stmt.sa.proto == PROTO_AH && !verb_is_policy(p->stmt.verb))
		diag_hint(p->diags, "use esp and -E for it: ah has no -E");
	else if (option != NULL)
		diag_hint(p->diags, "use it with %s", option);
	else if (foreign)
		diag_hint(p->diags, "write %s", buf_str(&ours));
	else if (near != NULL)
		diag_hint(p->diags, "did you mean %s? `setkey algorithms` lists them all", near->name);
	else
		diag_hint(p->diags, "run `setkey algorithms` for a list");
	buf_free(&ours);
}

void parse_unknown_alg(struct parse *p, enum alg_kind kind, struct span word, struct span whole)
{
	struct text t = parse_word(p, word);
	const struct alg *stem = alg_stem(kind, t.p, t.len);
	struct buf w = parse_quote(p, word);

	if (stem != NULL)
		parse_error(p, PARSE_UNKNOWN, word, "%s has an ICV of %d to %u bits in steps of %d",
		            stem->name, ICV_MIN, stem->icvmax, ICV_STEP);
	else
		parse_error(p, PARSE_UNKNOWN, word, "unknown algorithm \"%s\"", buf_str(&w));
	buf_free(&w);
	if (!p->stop && stem == NULL)
		hint_alg(p, kind,
		         word.len == whole.len ? t : (struct text){ parse_text(p, whole), whole.len });
}

/* ---- names of algorithms that are more than one token ---- */

/* Returns the kind of algorithm for the option -E, -A or -C just before the offset, -1 if there is none. */
static int kind_before(const struct parse *p, uint32_t off)
{
	struct span word = word_before(p, off);

	for (size_t i = 0; i < KINDS; i++)
		if (word.len == 2 && memcmp(parse_text(p, word), alg_option(kinds[i]), 2) == 0)
			return (int)kinds[i];
	return -1;
}

static bool is_quote(char c)
{
	return c == '"' || c == '\'';
}

/* Reports "cbc(aes)", as ip xfrm prints it. The message may quote it, because a known name is not a key. */
static bool misread_quoted(struct parse *p, enum alg_kind kind, struct span word)
{
	const char *s = parse_text(p, word);
	struct text inside = { s + 1, word.len - 2 };
	struct buf ours = { 0 };
	uint16_t icv;
	const struct alg *alg;

	if (word.len < 3 || !is_quote(s[0]) || s[word.len - 1] != s[0])
		return false;
	alg = alg_find(kind, inside.p, inside.len, &icv);
	if (alg != NULL)
		buf_add(&ours, inside.p, inside.len);
	if (alg != NULL || put_foreign_name(kind, inside, &ours)) {
		parse_error(p, PARSE_SYNTAX, word, "an algorithm's name takes no quotes");
		diag_hint(p->diags, "write %s", buf_str(&ours));
	}
	buf_free(&ours);
	return parse_has_error(p);
}

/* Reports a number after the name: esp-aes 256, aes-cbc 256. */
static bool misread_length(struct parse *p, struct span at)
{
	struct span word = word_before(p, at.off), whole = { word.off, at.off + at.len - word.off };
	int kind = kind_before(p, word.off);
	struct alg_foreign f;
	struct buf ours = { 0 };
	uint16_t icv;
	bool known;

	if (kind < 0 || at.len > 3 || !parse_all_digits(p, at))
		return false;
	known = alg_find_foreign((enum alg_kind)kind, parse_text(p, whole), whole.len, &f);
	if (alg_find((enum alg_kind)kind, parse_text(p, word), word.len, &icv) == NULL) {
		parse_unknown_alg(p, (enum alg_kind)kind, word, known ? whole : word);
	} else if (known || at.len == 3) {
		parse_error(p, PARSE_SYNTAX, at, "unexpected number between an algorithm and its key");
		if (known)
			put_our_name(&f, &ours);
		if (known && f.keybits == 0)
			diag_hint(p->diags, "write %s", buf_str(&ours));
		else
			diag_hint(p->diags, "leave the number out: the length of the key implies it");
	}
	buf_free(&ours);
	return parse_has_error(p);
}

/*
 * Reports the word before the error if it is an unknown algorithm: the parser records it only with the next
 * token.
 */
static bool misread_before(struct parse *p, struct span at)
{
	struct span word = word_before(p, at.off), second = word_around(p, at.off);
	struct span both = { word.off, second.off + second.len - word.off };
	int kind = kind_before(p, word.off);
	struct alg_foreign f;
	uint16_t icv;

	if (kind < 0 || word.len == 0 || parse_text(p, word)[0] == '$')
		return false;
	if (alg_find((enum alg_kind)kind, parse_text(p, word), word.len, &icv) == NULL)
		parse_unknown_alg(p, (enum alg_kind)kind, word,
		                  alg_find_foreign((enum alg_kind)kind, parse_text(p, both), both.len, &f) ?
		                          both :
		                          word);
	return parse_has_error(p);
}

/* True for cbc(aria), AES/CBC and for lists of names. */
static bool is_composed(const char *word, size_t n)
{
	return n > 0 && isalpha((unsigned char)word[0]) &&
	       (memchr(word, '(', n) != NULL || memchr(word, ',', n) != NULL || memchr(word, '/', n) != NULL);
}

bool parse_misread_alg(struct parse *p, struct span at)
{
	struct span word = word_around(p, at.off);
	int kind = p->open ? kind_before(p, word.off) : -1;
	struct alg_foreign f, auth;

	if (kind < 0)
		return p->open && (misread_length(p, at) || misread_before(p, at));
	if (misread_quoted(p, (enum alg_kind)kind, word))
		return true;
	if (is_composed(parse_text(p, word), word.len) ||
	    alg_find_foreign((enum alg_kind)kind, parse_text(p, word), word.len, &f) ||
	    alg_find_proposal(parse_text(p, word), word.len, &f, &auth))
		parse_unknown_alg(p, (enum alg_kind)kind, word, word);
	return parse_has_error(p);
}
