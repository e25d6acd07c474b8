/* SPDX-License-Identifier: ISC */
/* Finds the keys of a text, and what is shown in their place. Knows no grammar: the text may not parse. */
#include "text/secret.h"

#include "base/hex.h"
#include "base/memory.h"
#include "text/harmless.h"

#include <ctype.h>
#include <string.h>

/* In characters; a run of LOOKS_LIKE_KEY hex digits does. */
enum { LOOKS_LIKE_KEY = 16, LONGEST_SPI = 8, LONGEST_OPTION = 4, LONGEST_NAME = 18, DECIMAL_MAX = 20 };

/* The longest word with a digit that is no key: two-key-3des, the name of a rule. */
enum { LONGEST_WORD = 12 };

/*
 * A coarse scanner, without the grammar. After -E or -A come the name of an algorithm and a key; all quoted
 * text counts as a key, so does any longer run of hex digits, and a comment may hold a statement that was
 * disabled. Of a file with NUL bytes nothing is shown. Anywhere else, what is long enough for a key is shown
 * only if it is known to be none (text/harmless.h).
 */
struct masker {
	struct source *s;
	size_t cap;
	uint32_t at;          /* the next character */
	bool in_statement;    /* the statement's first word has been read */
	bool expects_path;    /* after include or keys: the name of a file comes next, in quotes */
	bool in_define;       /* after define: no key follows the name */
	enum {
		NO_KEY,
		EXPECT_NAME,      /* after key or define: the name comes next */
		EXPECT_ALGORITHM, /* after -E or -A: the name of the algorithm comes next */
		EXPECT_KEY,       /* after the name: the key comes next */
		IN_BARE_KEY,      /* in a key without quotes, which may have blanks in it */
		AFTER_KEY,        /* after a complete key */
	} state;
};

static void add_secret(struct masker *m, uint32_t from, uint32_t to, bool is_name)
{
	struct source *s = m->s;

	s->secret = memory_grow(s->secret, s->nsecret, &m->cap, sizeof(*s->secret));
	s->secret[s->nsecret++] = (struct secret){ { from, to - from }, is_name };
}

static void mask_span(struct masker *m, uint32_t from, uint32_t to)
{
	add_secret(m, from, to, false);
}

static uint32_t skip_until(const struct source *s, uint32_t at, const char *stop)
{
	while (at < s->len && strchr(stop, s->text[at]) == NULL)
		at++;
	return at;
}

static bool has_0x(const char *p, size_t n)
{
	return n >= 2 && p[0] == '0' && (p[1] | 0x20) == 'x';
}

static size_t count_hex_digits(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && hex_digit((unsigned char)p[i]) >= 0)
		i++;
	return i;
}

/* All of it is hex, with 0x or without. */
static bool is_hex(const char *p, size_t n)
{
	size_t from = has_0x(p, n) ? 2 : 0;

	return from < n && count_hex_digits(p + from, n - from) == n - from;
}

/* It has more hex digits than an SPI, an address or a lifetime. */
static bool looks_like_key(const char *p, size_t n)
{
	if (strspn(p, "0123456789") >= n && n <= DECIMAL_MAX)
		return false;
	for (size_t i = 0; i < n; ) {
		size_t prefix = has_0x(p + i, n - i) ? 2 : 0;
		size_t digits = count_hex_digits(p + i + prefix, n - i - prefix);

		if (digits >= LOOKS_LIKE_KEY || (prefix > 0 && digits > LONGEST_SPI + 1))
			return true;
		i += digits + prefix + 1;
	}
	return false;
}

/* The length of an algorithm's name, which a key may follow without a blank. */
static size_t algorithm_name_length(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && (p[i] == '-' || p[i] == '_' ||
	                 (((p[i] >= '0' && p[i] <= '9') || (p[i] | 0x20) >= 'a') &&
	                  (unsigned char)p[i] < 0x80 && !has_0x(p + i, n - i))))
		i++;
	return i;
}

static bool is_word(const char *p, size_t n, const char *word)
{
	return strlen(word) == n && memcmp(p, word, n) == 0;
}

/* @NAME or $NAME in the place of a key, unless it may be a key itself. */
static bool is_reference(const char *p, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (!isalnum((unsigned char)p[i]) && (p[i] == '\0' || strchr(":%._-/", p[i]) == NULL))
			return false;
	return n > 1 && (*p == '@' || *p == '$') && !looks_like_key(p + 1, n - 1);
}

/* ---- what is not known to be harmless ---- */

static void mask_unknown(struct masker *m, uint32_t from, uint32_t to)
{
	const char *p = m->s->text + from;
	size_t at = 0, len;

	while (harmless_find_suspect(m->s->vocabulary, p, to - from, &at, &len)) {
		mask_span(m, from + (uint32_t)at, from + (uint32_t)(at + len));
		at += len;
	}
}

static void mask_name(struct masker *m, uint32_t from, uint32_t to)
{
	size_t at = 0, len;

	if (harmless_find_suspect(m->s->vocabulary, m->s->text + from, to - from, &at, &len))
		add_secret(m, from, to, !looks_like_key(m->s->text + from, to - from));
}

/* The name of a file that exists is shown, of another one those of its folders that do. */
static void mask_path(struct masker *m, uint32_t from, uint32_t to)
{
	mask_unknown(m, from + (uint32_t)harmless_path(m->s, m->s->text + from, to - from), to);
}

/* A word with $NAME in it, or @NAME. */
static void mask_references(struct masker *m, uint32_t from, uint32_t to)
{
	const char *p = m->s->text;
	uint32_t i = from, end;

	if (p[from] == '@') {
		if (to - from > 6 && memcmp(p + from, "@file:", 6) == 0)
			mask_path(m, from + 6, to);
		else
			mask_name(m, from + 1, to);
		return;
	}
	while (i < to) {
		for (end = i; end < to && p[end] != '$'; )
			end++;
		mask_unknown(m, i, end);
		for (i = end = end + (end < to);
		     end < to && (isalnum((unsigned char)p[end]) || p[end] == '_');)
			end++;
		mask_name(m, i, end);
		i = end;
	}
}

/*
 * A key may be written in groups of hex digits. Returns the end of the groups that begin with the last hex
 * digits of the word, or 0 if they are too few for a key, or plain numbers. *begin is where the first one
 * begins.
 */
static uint32_t find_groups_end(const struct source *s, uint32_t from, uint32_t to, uint32_t *begin)
{
	enum { GROUP = 4, GLUED_GROUP = 8, TOGETHER = 12, PLAIN_MAX = 32 };
	size_t digits = 0, groups = 0, least;
	bool mixed = false;
	uint32_t end = 0;

	while (to > from && hex_digit((unsigned char)s->text[to - 1]) >= 0)
		to--;
	to -= to >= from + 2 && has_0x(s->text + to - 2, 2) ? 2 : 0;
	*begin = to;
	least = to > from ? GLUED_GROUP : GROUP;
	for (uint32_t i = to, n; i < s->len; i += n + (uint32_t)strspn(s->text + i + n, " \t\r\n")) {
		const char *p = s->text + i;

		n = skip_until(s, i, " \t\r\n\\;\"#") - i;
		if (n == 0 || !is_hex(p, n) || is_word(p, n, "add") || (groups == 0 && n < least) ||
		    (groups == PLAIN_MAX && !mixed))
			break;
		mixed |= !has_0x(p, n) && harmless_has_digit(p, n) && strspn(p, "0123456789") < n;
		digits += n;
		groups++;
		end = i + n;
	}
	return groups > 1 && digits >= TOGETHER && mixed ? end : 0;
}

/* A word that is no key by its position. */
static void read_plain_word(struct masker *m, uint32_t from, uint32_t to)
{
	uint32_t begin, end = find_groups_end(m->s, from, to, &begin);

	mask_references(m, from, end ? begin : to);
	if (end == 0)
		return;
	mask_span(m, begin, end);
	m->at = end;
}

/* key NAME, define NAME; a value may follow the name with '=' and without a blank. */
static void read_name(struct masker *m, uint32_t from, uint32_t to)
{
	const char *equals = memchr(m->s->text + from, '=', to - from);
	const char *next = m->s->text + to + strspn(m->s->text + to, " \t\r\n");
	uint32_t end = equals != NULL ? (uint32_t)(equals - m->s->text) : to, begin;

	m->state = m->in_define ? NO_KEY : EXPECT_KEY;
	if (find_groups_end(m->s, from, to, &begin) != 0 && !has_0x(next, 2)) {
		read_plain_word(m, from, to);
		return;
	}
	mask_name(m, from, end);
	if (end + 1 >= to)
		return;
	if (m->in_define) {
		read_plain_word(m, end + 1, to);
	} else {
		mask_span(m, end + 1, to);
		m->state = IN_BARE_KEY;
	}
}

/* A word of the language, also such as cbc(aes), of which algorithm_name_length sees only a part. */
static bool is_known(const struct source *s, const char *p, size_t n)
{
	return s->vocabulary != NULL && s->vocabulary->has_word(p, n);
}

static void read_algorithm(struct masker *m, uint32_t from, uint32_t to)
{
	const char *p = m->s->text + from;
	size_t n = algorithm_name_length(p, to - from);

	m->state = is_word(p, n, "null") || is_word(p, n, "simple") ? AFTER_KEY : EXPECT_KEY;
	if (is_reference(p, to - from) || is_known(m->s, p, to - from)) {
		read_plain_word(m, from, to);
		return;
	}
	if (n == 0 || n > LONGEST_NAME || looks_like_key(p, to - from) ||
	    (to - from > LONGEST_WORD && n < to - from && harmless_has_digit(p, to - from) &&
	     !is_known(m->s, p, n)))
		mask_span(m, from, to);
	else if (n < to - from)
		mask_span(m, from + (uint32_t)n, to);
	else
		read_plain_word(m, from, to);
}

/* The first word of a statement: key NAME KEY, define NAME = WORD, include "FILE", keys "FILE". */
static void read_first_word(struct masker *m, uint32_t from, uint32_t to)
{
	const char *p = m->s->text + from;
	size_t n = to - from;

	read_plain_word(m, from, to);
	m->in_statement = true;
	m->expects_path = is_word(p, n, "include") || is_word(p, n, "keys");
	m->in_define = is_word(p, n, "define");
	if (m->in_define || is_word(p, n, "key"))
		m->state = EXPECT_NAME;
}

/* The rest of a key after a ';' typed into it by mistake: no statement begins with a word that has digits. */
static bool is_cut_off(const struct masker *m, uint32_t from, uint32_t to)
{
	const struct source *s = m->s;
	const struct span *last = s->nsecret > 0 ? &s->secret[s->nsecret - 1].at : NULL;
	const char *p = s->text + from;

	if (m->in_statement || from == 0 || p[-1] != ';' || last == NULL || last->off + last->len + 1 != from)
		return false;
	return harmless_has_digit(p, to - from) || (is_hex(p, to - from) && !is_word(p, to - from, "add"));
}

/* A word at the start of a line begins a statement, even without a ';' before it, unless a key comes next. */
static void read_word(struct masker *m, uint32_t from, uint32_t to)
{
	const char *p = m->s->text + from;
	size_t n = to - from;
	bool starts_line = from == 0 || p[-1] == '\n', quoted = (from > 0 && p[-1] == '"') || p[n] == '"';
	bool key = quoted || looks_like_key(p, n) || is_cut_off(m, from, to);

	m->expects_path = false;
	switch (m->state) {
	case NO_KEY:
		if (!m->in_statement && !key) {
			read_first_word(m, from, to);
			return;
		}
		break;
	case EXPECT_NAME:
		if (!key || looks_like_key(p, n)) {
			read_name(m, from, to);
			return;
		}
		m->state = EXPECT_KEY;
		break;
	case EXPECT_ALGORITHM:
		read_algorithm(m, from, to);
		return;
	case EXPECT_KEY:
		/* The next statement, where the key and the ';' are missing. */
		if (starts_line && is_known(m->s, p, n)) {
			m->state = NO_KEY;
			read_plain_word(m, from, to);
			return;
		}
		if (is_reference(p, n)) {
			m->state = AFTER_KEY;
			read_plain_word(m, from, to);
			return;
		}
		key = true;
		m->state = is_hex(p, n) ? AFTER_KEY : IN_BARE_KEY;
		break;
	case IN_BARE_KEY:
		key |= !starts_line;
		break;
	case AFTER_KEY:
		key |= is_hex(p, n) && !is_word(p, n, "add");
		break;
	}
	if (key)
		mask_span(m, from, to);
	else
		read_plain_word(m, from, to);
	if (!key && starts_line)
		m->state = NO_KEY;
}

/* Where a key comes next, what is longer than any option is a key that begins with a minus. */
static void read_option(struct masker *m)
{
	uint32_t from = m->at;
	const char *p = m->s->text + from;
	bool algorithm_next = p[1] == 'E' || p[1] == 'A';

	m->at = algorithm_next ? from + 2 : skip_until(m->s, from, " \t\r\n;\"#");
	if (m->state == EXPECT_KEY && m->at - from > LONGEST_OPTION)
		mask_span(m, from, m->at);
	else if (!algorithm_next)
		read_plain_word(m, from, m->at);
	m->state = algorithm_next ? EXPECT_ALGORITHM : NO_KEY;
}

/* The name of a file: the quote is closed, and on the same line. */
static bool is_path(const struct masker *m, uint32_t from, uint32_t to)
{
	const char *p = m->s->text + from;

	return m->expects_path && m->state == NO_KEY && to - from >= 2 && p[to - from - 1] == '"' &&
	       memchr(p, '\n', to - from) == NULL;
}

static void read_quoted(struct masker *m)
{
	uint32_t from = m->at;

	m->at = skip_until(m->s, from + 1, "\"");
	m->at += m->at < m->s->len;
	if (is_path(m, from, m->at))
		mask_path(m, from + 1, m->at - 1);
	else
		mask_span(m, from, m->at);
	m->expects_path = false;
	m->in_statement = true;
	if (m->state != NO_KEY)
		m->state = m->state == EXPECT_ALGORITHM ? EXPECT_KEY : AFTER_KEY;
}

/*
 * The length of the part of a comment that is a directive for lint, # setkey-lint disable=SK101,key-length.
 * The reason after it may be anything, also a key.
 */
static uint32_t directive_length(const char *p, size_t n)
{
	static const char word[] = "setkey-lint",
	                  letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
	size_t i = 1 + strspn(p + 1, " \t");

	if (i + sizeof(word) - 1 > n || memcmp(p + i, word, sizeof(word) - 1) != 0)
		return 0;
	i += sizeof(word) - 1;
	i += strspn(p + i, " \t");
	while (i < n && (strchr(letters, p[i]) != NULL || p[i] == '=' || p[i] == ',')) {
		size_t len = strspn(p + i, letters);

		if (len > LONGEST_WORD && harmless_has_digit(p + i, len))
			return 0;
		i += len > 0 ? len : 1;
	}
	return i <= n && !looks_like_key(p, i) ? (uint32_t)i : 0;
}

static void read_comment(struct masker *m)
{
	uint32_t from = m->at;

	m->at = skip_until(m->s, from, "\n");
	from += directive_length(m->s->text + from, m->at - from);
	if (from < m->at)
		mask_span(m, from, m->at);
}

static void read_next(struct masker *m)
{
	uint32_t from = m->at;

	switch (m->s->text[from]) {
	case ' ': case '\t': case '\r': case '\n': case '\\':
		m->at++;
		break;
	case '#':
		read_comment(m);
		break;
	case ';':
		m->state = NO_KEY;
		m->in_statement = m->expects_path = m->in_define = false;
		m->at++;
		break;
	case '"':
		read_quoted(m);
		break;
	case '-':
		read_option(m);
		break;
	default:
		m->at = skip_until(m->s, from + 1, " \t\r\n\\;\"#");
		read_word(m, from, m->at);
	}
}

/*
 * Finds the keys that begin before end, from where the last call stopped: a large file is rarely read whole.
 */
static void find_secrets(struct source *s, uint32_t end)
{
	if (s->masker == NULL) {
		s->masker = memory_alloc(sizeof(*s->masker));
		*s->masker = (struct masker){ .s = s };
		if (memchr(s->text, '\0', s->len) != NULL) {
			mask_span(s->masker, 0, s->len);
			s->masker->at = s->len;
		}
	}
	while (s->masker->at < s->len && s->masker->at < end)
		read_next(s->masker);
}

static bool is_hidden(const struct source *s, const struct secret *k)
{
	return !k->is_name || s->vocabulary == NULL ||
	       !s->vocabulary->has_name(s->names, s->text + k->at.off, k->at.len);
}

const struct span *secret_after(struct source *s, uint32_t off, uint32_t end)
{
	size_t low = 0, high;

	find_secrets(s, end);
	high = s->nsecret;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->secret[mid].at.off + s->secret[mid].at.len > off)
			high = mid;
		else
			low = mid + 1;
	}
	for (; low < s->nsecret && s->secret[low].at.off < end; low++)
		if (is_hidden(s, &s->secret[low]))
			return &s->secret[low].at;
	return NULL;
}

void secret_put(const struct source *s, struct span key, struct buf *out)
{
	const char *p = s->text + key.off;
	bool hex = has_0x(p, key.len), quote = p[0] == '"';
	bool closed = quote && key.len >= 2 && p[key.len - 1] == '"';
	unsigned bytes = hex ? (key.len - 1) / 2 : quote ? key.len - 1 - closed : key.len;

	if (p[0] == '#')
		buf_adds(out, "# ...");
	else if (bytes == 0 && (hex || closed))
		buf_add(out, p, key.len);
	else
		buf_printf(out, "%s(%u byte%s)",
		           hex   ? "0x..." :
		           quote ? "\"...\"" :
		                   "...",
		           bytes, bytes == 1 ? "" : "s");
}

bool secret_has_key(struct source *s)
{
	uint32_t end = (uint32_t)s->len;

	for (const struct span *k = secret_after(s, 0, end); k != NULL;
	     k = secret_after(s, k->off + k->len, end))
		if (k->len > 0 &&
		    (s->text[k->off] != '#' || memmem(s->text + k->off, k->len, "0x", 2) != NULL))
			return true;
	return false;
}
