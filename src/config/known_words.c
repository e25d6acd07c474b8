/* SPDX-License-Identifier: ISC */
/* Decides which words are known not to be keys: the words of the language, and defined names. */
#include "config/parse_internal.h"

#include "base/hash.h"
#include "model/names.h"
#include "text/harmless.h"

#include <string.h>

static const enum alg_kind kinds[] = { ALG_ENC, ALG_AUTH, ALG_COMP };

static bool is_own_alg(const char *word, size_t n)
{
	uint16_t icv;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (alg_find(kinds[i], word, n, &icv) != NULL)
			return true;
	return false;
}

static bool look_up_foreign(const char *word, size_t n)
{
	struct alg_foreign enc, auth;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (alg_stem(kinds[i], word, n) != NULL || alg_find_foreign(kinds[i], word, n, &enc))
			return true;
	return alg_is_near(word, n) || alg_find_proposal(word, n, &enc, &auth);
}

/*
 * Looking up another program's name of an algorithm, or a misspelt one, is slow, and a hostile text may
 * consist of words that look like one. So results are cached, and after LOOKUPS_MAX lookups other words count
 * as unknown.
 */
static bool is_foreign_alg(const char *word, size_t n)
{
	enum { SLOTS = 64, WORD_MAX = 48, LOOKUPS_MAX = 5000 };
	static struct {
		uint8_t n;
		bool is_alg;
		char word[WORD_MAX];
	} known[SLOTS];
	static unsigned lookups;
	size_t slot = hash_mix(0, word, n) % SLOTS;

	if (n == 0 || n > WORD_MAX || !alg_has_letters(word, n))
		return false;
	if (known[slot].n == n && memcmp(known[slot].word, word, n) == 0)
		return known[slot].is_alg;
	if (lookups++ >= LOOKUPS_MAX)
		return false;
	known[slot].n = (uint8_t)n;
	memcpy(known[slot].word, word, n);
	known[slot].is_alg = look_up_foreign(word, n);
	return known[slot].is_alg;
}

static bool has_word(const char *word, size_t n)
{
	static const struct name *const tables[] = { proto_names, mode_names, dir_names, action_names, level_names,
		flag_names, policy_flag_names };

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (name_number(tables[i], word, n) >= 0)
			return true;
	return verb_find(word, n) != VERB_NONE || is_own_alg(word, n) || is_foreign_alg(word, n);
}

static bool has_name(const void *names, const char *name, size_t n)
{
	const struct variables *b = names;

	if (n > 5 && memcmp(name, "cred:", 5) == 0)
		return parse_has_credential(name + 5, n - 5);
	return variable_find(b, VARIABLE_WORD, name, n) != NULL ||
	       variable_find(b, VARIABLE_KEY, name, n) != NULL;
}

const struct vocabulary parse_vocabulary = { has_word, has_name };

struct buf parse_shown(const struct parse *p, const char *word, size_t n)
{
	struct buf b = { 0 };

	harmless_put(p->src, word, n, &b);
	buf_str(&b);
	return b;
}

struct buf parse_shown_path(const struct parse *p, const char *path)
{
	struct buf b = { 0 };

	harmless_put_path(p->src, path, &b);
	buf_str(&b);
	return b;
}
