/* SPDX-License-Identifier: ISC */
/*
 * Interprets words that are not setkey's names of algorithms: names in other programs, and misspellings. No
 * I/O.
 */
#include "model/alg.h"
#include "model/names.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PARTS_MAX = 12, WORD_MAX = 48 };

/* A run of letters or a run of digits in a word. */
struct part {
	const char *p;
	size_t n;
	/* of a name in the table: no '-' before it, so it must be adjacent to the part before it */
	bool glued;
};

static bool is_digit(char c)
{
	return isdigit((unsigned char)c);
}

/*
 * Splits a word into parts. Returns their number, 0 if there are too many or if it has a character that no
 * name has.
 */
static unsigned split_word(const char *word, size_t n, struct part part[PARTS_MAX])
{
	unsigned count = 0;
	size_t i = 0, j;

	if (n > WORD_MAX)
		return 0;
	while (i < n) {
		if (!isalnum((unsigned char)word[i]) && strchr("-_(),./ !", word[i]) == NULL)
			return 0;
		for (j = i;
		     j < n && isalnum((unsigned char)word[j]) && is_digit(word[j]) == is_digit(word[i]);)
			j++;
		if (j > i && count == PARTS_MAX)
			return 0;
		if (j > i)
			part[count++] = (struct part){ word + i, j - i, i > 0 && word[i - 1] != '-' };
		i = j > i ? j : i + 1;
	}
	return count;
}

static bool same_part(struct part a, struct part b)
{
	return a.n == b.n && strncasecmp(a.p, b.p, a.n) == 0;
}

static bool part_is(struct part part, const char *word)
{
	return part.n == strlen(word) && strncasecmp(part.p, word, part.n) == 0;
}

static bool is_among(const char *const *words, struct part part)
{
	for (; *words != NULL; words++)
		if (part_is(part, *words))
			return true;
	return false;
}

/* A word that is compared with the rows of the table. */
struct match {
	const struct part *part;
	unsigned n;
	unsigned used; /* bit set of the parts that the name matched */
	struct alg_foreign found;
};

/*
 * Matches the first group of adjacent parts of the name with parts of the word, and marks those as used.
 * Returns the number of parts in the group, 0 if the word does not contain it.
 */
static unsigned match_group(struct match *m, const struct part *name, unsigned n)
{
	unsigned len = 1, i, k;

	while (len < n && name[len].glued)
		len++;
	for (i = 0; i + len <= m->n; i++) {
		for (k = 0; k < len && !(m->used >> (i + k) & 1) && same_part(m->part[i + k], name[k]); )
			k++;
		if (k < len)
			continue;
		m->used |= ((1u << len) - 1) << i;
		return len;
	}
	return 0;
}

static bool is_key_length(const struct alg *a, unsigned bits)
{
	if (a->kind == ALG_AUTH && a->flags & ALG_ANYICV)
		return false;
	return bits > 0 && alg_takes(a, bits + a->saltbits);
}

/* Some programs give the length of an AEAD's ICV in bytes. */
static bool is_icv_length(const struct alg *a, unsigned bits)
{
	if (a->kind == ALG_AEAD)
		return bits == a->icvbits || bits * 8 == a->icvbits;
	if (a->kind == ALG_AUTH && a->flags & ALG_ANYICV)
		return bits >= ICV_MIN && bits <= a->icvmax && bits % ICV_STEP == 0;
	return a->kind == ALG_AUTH && bits == a->icvbits;
}

/* Interprets a number next to the name as a key length or, failing that, as an ICV length. */
static bool match_number(struct alg_foreign *f, unsigned bits)
{
	if (f->keybits == 0 && is_key_length(f->alg, bits)) {
		f->keybits = (uint16_t)bits;
		return true;
	}
	if (f->icvbits == 0 && is_icv_length(f->alg, bits)) {
		f->icvbits = (uint16_t)bits;
		return true;
	}
	if (f->icvbits == 0 && is_icv_length(f->alg, f->keybits) && is_key_length(f->alg, bits)) {
		f->icvbits = f->keybits;
		f->keybits = (uint16_t)bits;
		return true;
	}
	return false;
}

/* True if the part also occurs in another one: aes-aesxcbc names two algorithms. */
static bool is_repeated(const struct match *m, struct part part)
{
	char word[WORD_MAX + 1], name[WORD_MAX + 1];

	memcpy(word, part.p, part.n);
	word[part.n] = '\0';
	for (unsigned i = 0; i < m->n; i++) {
		if (m->part[i].p == part.p || !(m->used >> i & 1 || same_part(m->part[i], part)))
			continue;
		memcpy(name, m->part[i].p, m->part[i].n);
		name[m->part[i].n] = '\0';
		if (strcasestr(name, word) != NULL)
			return true;
	}
	return false;
}

/*
 * True for a word next to the name that does not change the algorithm, or that occurs in setkey's name for
 * it.
 */
static bool match_alg_word(struct alg_foreign *f, struct part part)
{
	static const char *const silent[] = { "esp", "ah", "comp", "ipcomp", "encr", "enc", "auth", "integ", "integrity", "alg",
		"algorithm", "id", "icv", "key", "bit", "bits", "crypto", "aead", "seqiv", "echainiv", NULL };
	struct part own[PARTS_MAX];
	unsigned n = split_word(f->alg->name, strlen(f->alg->name), own);

	/* In libreswan "truncbug" means that the ICV of SHA-256 is cut to 96 bits, as Linux did. */
	if (part_is(part, "truncbug"))
		return f->alg->othersicv != 0 && f->icvbits == 0 && (f->icvbits = f->alg->icvbits) != 0;
	for (unsigned i = 0; i < n; i++)
		if (same_part(own[i], part))
			return true;
	return is_among(silent, part);
}

static bool match_rest(struct match *m, bool numbers)
{
	for (unsigned i = 0; i < m->n; i++) {
		struct part part = m->part[i];

		if (m->used >> i & 1)
			continue;
		if (is_digit(part.p[0]) ?
		            !numbers || part.n > 4 ||
		                    !match_number(&m->found, (unsigned)strtoul(part.p, NULL, 10)) :
		            is_repeated(m, part) || !match_alg_word(&m->found, part))
			return false;
	}
	return true;
}

/* Returns how many parts of the word belong to the name, 0 if the word is not a form of this name. */
static unsigned match_name(struct match *m, const char *name, size_t n, bool whole)
{
	struct part part[PARTS_MAX];
	bool numbers = name[0] != '=';
	unsigned count = split_word(name + !numbers, n - !numbers, part), len;

	m->used = 0;
	m->found = (struct alg_foreign){ .alg = m->found.alg };
	for (unsigned i = 1; whole && i < count; i++)
		part[i].glued = true;
	for (unsigned i = 0; i < count; i += len)
		if ((len = match_group(m, part + i, count - i)) == 0)
			return 0;
	return count > 0 && match_rest(m, numbers) ? count : 0;
}

/* Keeps the match with the most parts, and the first one among equals. */
static void keep_better(struct match *m, const char *name, size_t n, bool whole, unsigned *best,
                        struct alg_foreign *out)
{
	unsigned parts = match_name(m, name, n, whole);

	if (parts <= *best)
		return;
	*best = parts;
	*out = m->found;
}

static void match_row(struct match *m, unsigned *best, struct alg_foreign *out)
{
	const struct alg *a = m->found.alg;
	const char *const own[] = { a->name, a->alias, a->xfrm };

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (own[i] != NULL)
			keep_better(m, own[i], strlen(own[i]), true, best, out);
	for (const char *f = a->foreign, *end; f != NULL && *f != '\0'; f = end + strspn(end, " ")) {
		end = f + strcspn(f, " ");
		keep_better(m, f, (size_t)(end - f), false, best, out);
	}
}

/* Returns the length of the prefix of a PF_KEY constant, such as SADB_X_EALG_, 0 if there is none. */
static size_t constant_prefix(const char *word, size_t n)
{
	for (size_t i = 4; n > 5 && i < n && strncasecmp(word, "SADB_", 5) == 0; i++)
		if (strncasecmp(word + i - 4, "ALG_", 4) == 0)
			return i;
	return 0;
}

bool alg_find_foreign(enum alg_kind kind, const char *word, size_t n, struct alg_foreign *out)
{
	size_t skip = constant_prefix(word, n), rows;
	struct part part[PARTS_MAX];
	struct match m = { .part = part, .n = split_word(word + skip, n - skip, part) };
	const struct alg *table = alg_table(&rows);
	unsigned best = 0;

	for (const struct alg *a = table; m.n > 0 && a < table + rows; a++) {
		if (a->flags & (ALG_ABSENT | ALG_OBSOLETE) ||
		    (a->kind != kind && (kind != ALG_ENC || a->kind != ALG_AEAD)))
			continue;
		m.found.alg = a;
		match_row(&m, &best, out);
	}
	if (best == 0)
		return false;
	if (!(out->alg->flags & ALG_ANYICV) ||
	    (out->icvbits == out->alg->icvbits && out->alg->othersicv == 0))
		out->icvbits = 0;
	else if (out->icvbits == 0)
		out->icvbits = out->alg->othersicv;
	return true;
}

/* Returns the length of a proposal without its key exchange, which manual keying does not use. */
static size_t proposal_length(const char *word, size_t n)
{
	static const char *const exchange[] = { "modp", "ecp", "curve", "x25519", "x448", "dh", "prf", "ke1", "esn", "noesn",
		"no_ext_seq", "ext_seq" };

	for (size_t i = 1; i < n; i++)
		for (size_t k = 0;
		     strchr("-/", word[i - 1]) != NULL && k < sizeof(exchange) / sizeof(exchange[0]); k++)
			if (n - i >= strlen(exchange[k]) &&
			    strncasecmp(word + i, exchange[k], strlen(exchange[k])) == 0)
				return i - 1;
	return n;
}

/*
 * True if the name of an authentication algorithm names the cipher that it is made of: then it does so in a
 * proposal, and the cipher's name before it is another one. aes256-cmac is not AES and AES-CMAC.
 */
static bool names_its_cipher(const struct alg *auth, const char *word, size_t n)
{
	if (strncmp(auth->name, "aes", 3) != 0)
		return true;
	for (size_t i = 0; i + 3 <= n; i++)
		if (strncasecmp(word + i, "aes", 3) == 0)
			return true;
	return false;
}

bool alg_find_proposal(const char *word, size_t n, struct alg_foreign *enc, struct alg_foreign *auth)
{
	size_t len = proposal_length(word, n);

	auth->alg = NULL;
	if (len < n && alg_find_foreign(ALG_ENC, word, len, enc))
		return true;
	for (size_t i = len; i > 1; i--)
		if (strchr("-_/,", word[i - 1]) != NULL && alg_find_foreign(ALG_ENC, word, i - 1, enc) &&
		    alg_find_foreign(ALG_AUTH, word + i, len - i, auth) &&
		    names_its_cipher(auth->alg, word + i, len - i)) {
			auth->alg = auth->alg->maxbits > 0 ? auth->alg : NULL;
			return true;
		}
	return false;
}

/* The first three letters of each part of all names, packed into a number. */
enum { LETTERS = 3, BEGINNINGS_MAX = 256 };

static uint32_t first_letters(const char *p)
{
	uint32_t number = 0;

	for (int i = 0; i < LETTERS; i++)
		number = number << 8 | (uint8_t)tolower((unsigned char)p[i]);
	return number;
}

static size_t add_vocabulary_letters(uint32_t *begins, size_t count, const char *names)
{
	for (const char *p = names; p != NULL && *p != '\0'; ) {
		size_t n = 0, k = 0;

		while (isalpha((unsigned char)p[n]))
			n++;
		while (n >= LETTERS && k < count && begins[k] != first_letters(p))
			k++;
		if (n >= LETTERS && k == count && count < BEGINNINGS_MAX)
			begins[count++] = first_letters(p);
		p += n > 0 ? n : 1;
	}
	return count;
}

bool alg_has_letters(const char *word, size_t n)
{
	static uint32_t begins[BEGINNINGS_MAX];
	static size_t count;
	size_t rows;
	const struct alg *table = alg_table(&rows);
	bool known = count > 0;

	for (const struct alg *a = table; !known && a < table + rows; a++) {
		const char *const names[] = { a->name, a->alias, a->xfrm, a->foreign };

		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			count = add_vocabulary_letters(begins, count, names[i]);
	}
	for (size_t i = 0; i + LETTERS <= n; i++) {
		if ((i > 0 && isalpha((unsigned char)word[i - 1])) || !isalpha((unsigned char)word[i]))
			continue;
		for (size_t k = 0; k < count; k++)
			if (begins[k] == first_letters(word + i))
				return true;
	}
	return false;
}

/* ---- misspellings ---- */

/* A word of more than LEAST bytes may differ from the name that was meant in NEAR letters. */
enum { NEAR = 3, LEAST = 3 * NEAR };

bool alg_is_near(const char *word, size_t n)
{
	size_t rows;
	const struct alg *table = alg_table(&rows);

	for (const struct alg *a = table; a < table + rows; a++)
		if (n > LEAST && (word[0] | 0x20) == a->name[0] && name_distance(word, n, a->name) <= NEAR)
			return true;
	return false;
}

static bool has_part(const char *names, struct part part)
{
	struct part of[PARTS_MAX];
	unsigned n;

	for (const char *f = names, *end; f != NULL && *f != '\0'; f = end + strspn(end, " ")) {
		end = f + strcspn(f, " ");
		n = split_word(f, (size_t)(end - f), of);
		for (unsigned i = 0; i < n; i++)
			if (same_part(of[i], part))
				return true;
	}
	return false;
}

/*
 * True for a part that belongs to some algorithm, even one that Linux lacks, and hence is not a misspelling.
 */
static bool is_vocabulary(struct part part)
{
	static const char *const others[] = { "ecb", "cfb", "ofb", "xts", "cts", "lrw", "pcbc", "ocb", "siv", "eax", "cwc", "wrap",
		"aria", "seed", "lea", "rc", "arc", "gost", "kuznyechik", "magma", "simon", "speck", "tea", "xtea", "salsa", "xchacha",
		"blake", "whirlpool", "tiger", "shake", "umac", "vmac", "siphash", "ede", "md", "0", "1", "2", "4", "6", "224", "320",
		NULL };
	size_t rows;
	const struct alg *table = alg_table(&rows);

	for (const struct alg *a = table; a < table + rows; a++)
		if (has_part(a->name, part) || has_part(a->alias, part) || has_part(a->xfrm, part) ||
		    has_part(a->foreign, part))
			return true;
	return is_among(others, part);
}

/* True if both have the same letters or digits in some order. */
static bool is_anagram(struct part a, struct part b)
{
	int count[256] = { 0 };

	for (size_t i = 0; i < a.n && a.n == b.n; i++) {
		count[tolower((unsigned char)a.p[i])]++;
		count[tolower((unsigned char)b.p[i])]--;
	}
	for (size_t i = 0; i < 256; i++)
		if (count[i] != 0)
			return false;
	return a.n == b.n;
}

/*
 * Returns by how many letters a part differs from the part that was meant; a change of order counts as one.
 * PARTS_MAX if it is not a misspelling of it.
 */
static unsigned part_distance(struct part part, struct part meant)
{
	char name[32];
	size_t far;

	if (meant.n >= sizeof(name) || is_digit(part.p[0]) != is_digit(meant.p[0]) || is_vocabulary(part))
		return PARTS_MAX;
	if (is_anagram(part, meant))
		return 1;
	memcpy(name, meant.p, meant.n);
	name[meant.n] = '\0';
	far = is_digit(part.p[0]) || meant.n < 3 ? PARTS_MAX : name_distance(part.p, part.n, name);
	return far <= (meant.n > 5 ? 2 : 1) ? (unsigned)far : PARTS_MAX;
}

/*
 * Returns the sum of the differences between the parts and those of the name, PARTS_MAX if some part is not a
 * misspelling.
 */
static unsigned parts_distance(const struct part *part, unsigned n, const char *name)
{
	struct part meant[PARTS_MAX];
	unsigned sum = 0, one;

	if (name == NULL || split_word(name, strlen(name), meant) != n)
		return PARTS_MAX;
	for (unsigned i = 0; i < n; i++) {
		one = same_part(part[i], meant[i]) ? 0 : part_distance(part[i], meant[i]);
		if (one == PARTS_MAX)
			return PARTS_MAX;
		sum += one;
	}
	return sum < PARTS_MAX ? sum : PARTS_MAX;
}

const struct alg *alg_nearest(enum alg_kind kind, const char *word, size_t n)
{
	struct part part[PARTS_MAX];
	unsigned count = split_word(word, n, part), least_slips = PARTS_MAX, by_name, by_alias;
	const struct alg *best = NULL;
	size_t rows;
	const struct alg *table = alg_table(&rows);

	for (const struct alg *a = table; count > 0 && a < table + rows; a++) {
		if (a->flags & (ALG_ABSENT | ALG_OBSOLETE) ||
		    (a->kind != kind && (kind != ALG_ENC || a->kind != ALG_AEAD)))
			continue;
		by_name = parts_distance(part, count, a->name);
		by_alias = parts_distance(part, count, a->alias);
		by_name = by_alias < by_name ? by_alias : by_name;
		if (by_name < PARTS_MAX && by_name == least_slips)
			best = NULL;
		else if (by_name < least_slips)
			best = a;
		least_slips = by_name < least_slips ? by_name : least_slips;
	}
	return best;
}
