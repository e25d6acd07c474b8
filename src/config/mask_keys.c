/* SPDX-License-Identifier: ISC */
/* Replaces the keys in a text of statements by others. Knows where keys are written, but no algorithms. */
#include "config/mask_keys.h"

#include "base/hex.h"
#include "base/hkdf.h"
#include "base/random.h"
#include "model/names.h"
#include "text/lex.h"
#include "text/secret.h"

#include <stdlib.h>
#include <string.h>

struct masking {
	struct source *src;
	struct buf *out;
	/* random, so that nobody can find a key by trying keys until one gives the same text */
	uint8_t salt[32];
	uint32_t *quoted;    /* sorted offsets of the keys that statements write in quotes */
	size_t nquoted, cap;
	struct span verb;    /* first word of the current statement; length 0 before it */
};

static int compare_offsets(const void *x, const void *y)
{
	const uint32_t *a = x, *b = y;

	return (*a > *b) - (*a < *b);
}

/* Lists the keys in quotes, because labels and file names are also in quotes. */
static void list_quoted_keys(struct masking *m, const struct conf *conf)
{
	static const enum part parts[] = { PART_ENCKEY, PART_AUTHKEY };

	for (size_t i = 0; i < conf->n; i++)
		for (size_t k = 0; k < sizeof(parts) / sizeof(parts[0]); k++) {
			const struct stmt *s = conf->stmt[i];

			if (s->src != m->src || !verb_names_sa(s->verb) || !stmt_has_literal_key(s, parts[k]))
				continue;
			m->quoted = memory_grow(m->quoted, m->nquoted, &m->cap, sizeof(*m->quoted));
			m->quoted[m->nquoted++] = stmt_part(s, parts[k]).off;
		}
	if (m->nquoted > 0)
		qsort(m->quoted, m->nquoted, sizeof(*m->quoted), compare_offsets);
}

static bool is_verb(const struct masking *m, const char *word)
{
	return name_is(word, m->src->text + m->verb.off, m->verb.len);
}

static bool is_quoted_key(const struct masking *m, struct span at)
{
	return is_verb(m, "key") ||
	       (m->nquoted > 0 &&
	        bsearch(&at.off, m->quoted, m->nquoted, sizeof(*m->quoted), compare_offsets) != NULL);
}

/*
 * Appends n hex digits derived from the n digits of a key. The result depends on the key alone: upper or
 * lower case and quotes make no difference.
 */
static void put_digits(const struct masking *m, const char *digits, size_t n)
{
	struct buf info = { 0 }, hex = { 0 };
	uint8_t key[32];
	uint32_t block = 0;

	for (size_t i = 0; i < n; i++)
		buf_addc(&info, (char)hex_digit((unsigned char)digits[i]));
	buf_add(&info, &block, sizeof(block));
	while (hex.len < n) {
		memcpy(info.bytes + n, &block, sizeof(block));
		hkdf_derive(key, sizeof(key), m->salt, sizeof(m->salt), NULL, 0, info.bytes, info.len);
		hex_encode(&hex, key, sizeof(key));
		block++;
	}
	buf_add(m->out, hex.bytes, n);
	buf_free(&info);
	buf_free(&hex);
}

static bool is_hex(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && hex_digit((unsigned char)p[i]) >= 0)
		i++;
	return i == n && n > 0;
}

/*
 * Appends a replacement if the text is a key: 0x and hex digits, quoted text or, if bare is true, hex digits
 * alone. False if it is none of these.
 */
static bool put_key(const struct masking *m, const char *p, size_t n, bool bare)
{
	struct buf hex = { 0 };
	bool prefixed = n > 2 && p[0] == '0' && (p[1] | 0x20) == 'x' && is_hex(p + 2, n - 2);
	bool quoted = n > 2 && p[0] == '"' && p[n - 1] == '"';

	if (!prefixed && !quoted && !(bare && is_hex(p, n)))
		return false;
	if (quoted)
		hex_encode(&hex, (const uint8_t *)p + 1, n - 2);
	if (prefixed || quoted)
		buf_adds(m->out, "0x");
	if (quoted)
		put_digits(m, (const char *)hex.bytes, hex.len);
	else
		put_digits(m, p + (prefixed ? 2 : 0), n - (prefixed ? 2 : 0));
	buf_free(&hex);
	return true;
}

/*
 * Masks text that is not parsed: comments, and what follows exit. Keys in commented-out statements are
 * replaced as in statements.
 */
static void put_unread(struct masking *m, struct span at)
{
	const char *text = m->src->text + at.off;
	struct source inner = { 0 };
	uint32_t done = 0;

	source_set(&inner, m->src->name, text, at.len, 1, 1);
	inner.vocabulary = m->src->vocabulary;
	inner.names = m->src->names;
	for (uint32_t i = 0; i < inner.len; i++)
		if (inner.text[i] == '#')
			inner.text[i] = ' ';
	for (const struct span *k; (k = secret_after(&inner, done, inner.len)) != NULL;) {
		buf_add(m->out, text + done, k->off - done);
		if (!put_key(m, text + k->off, k->len, true))
			secret_put(&inner, *k, m->out);
		done = k->off + k->len;
	}
	buf_add(m->out, text + done, at.len - done);
	source_free(&inner);
}

static void put_word(struct masking *m, struct lexeme p)
{
	const char *text = m->src->text;
	uint32_t done = p.at.off, end = p.at.off + p.at.len;

	for (const struct span *k; (k = secret_after(m->src, done, end)) != NULL && k->off >= done;) {
		buf_add(m->out, text + done, k->off - done);
		if ((p.kind == LEX_QUOTED && !is_quoted_key(m, p.at)) ||
		    !put_key(m, text + k->off, k->len, false))
			buf_add(m->out, text + k->off, k->len);
		done = k->off + k->len;
	}
	if (done < end)
		buf_add(m->out, text + done, end - done);
}

static void put_piece(struct masking *m, struct lexeme p)
{
	switch (p.kind) {
	case LEX_COMMENT:
		put_unread(m, p.at);
		break;
	case LEX_WORD: case LEX_QUOTED:
		put_word(m, p);
		if (m->verb.len == 0)
			m->verb = p.at;
		break;
	case LEX_SEMICOLON:
		m->verb.len = 0;
		/* fallthrough */
	default:
		buf_add(m->out, m->src->text + p.at.off, p.at.len);
	}
}

int mask_keys(struct source *src, const struct conf *conf, struct buf *out)
{
	struct masking m = { .src = src, .out = out };
	struct lexeme p = { LEX_BLANK, { 0, 0 } };
	int err = random_fill(m.salt, sizeof(m.salt));
	bool ended = false;

	list_quoted_keys(&m, conf);
	while (err == 0 && !ended && (p = lex_next(src, p.at.off + p.at.len)).kind != LEX_END) {
		ended = p.kind == LEX_SEMICOLON &&
		        verb_find(src->text + m.verb.off, m.verb.len) == VERB_EXIT;
		put_piece(&m, p);
	}
	if (err == 0 && ended)
		put_unread(&m, (struct span){ p.at.off + 1, src->len - p.at.off - 1 });
	free(m.quoted);
	explicit_bzero(m.salt, sizeof(m.salt));
	return err;
}
