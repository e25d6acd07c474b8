/* SPDX-License-Identifier: ISC */
/*
 * Decides what of a word may be shown: what is known to be no key, and what is too short for one. Knows no
 * grammar.
 */
#include "text/harmless.h"

#include "base/memory.h"
#include "text/source.h"
#include "text/visible.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <unistd.h>

enum {
	SHORTEST_KEY = 12,             /* a shorter one would protect nothing */
	HEX_MAX = 8, DECIMAL_MAX = 10, /* digits of a number of 32 bits */
	PARTS_MAX = 10,                /* nothing that is known has more parts */
	WORD_MAX = 512,                /* no word with known parts is longer */
};

bool harmless_has_digit(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (isdigit((unsigned char)p[i]))
			return true;
	return false;
}

static bool is_number(const char *p, size_t n)
{
	bool hex = n > 2 && p[0] == '0' && (p[1] | 0x20) == 'x';

	if (!hex)
		return n <= DECIMAL_MAX && strspn(p, "0123456789") >= n;
	return n <= 2 + HEX_MAX && strspn(p + 2, "0123456789abcdefABCDEF") >= n - 2;
}

/* IPv4 or IPv6, perhaps followed by % and the name or number of a link. */
static bool is_address(const char *p, size_t n)
{
	enum { LINK_MAX = 15 };
	char s[INET6_ADDRSTRLEN], bytes[16];
	const char *zone = memchr(p, '%', n);
	size_t len = zone != NULL ? (size_t)(zone - p) : n;

	if (len >= sizeof(s) || n - len > LINK_MAX + 1)
		return false;
	memcpy(s, p, len);
	s[len] = '\0';
	return inet_pton(AF_INET, s, bytes) == 1 || inet_pton(AF_INET6, s, bytes) == 1;
}

/* Four numbers of up to three digits: not always an address, never a key. */
static bool is_dotted(const char *p, size_t n)
{
	size_t numbers = 0, len;

	for (size_t i = 0; i <= n && numbers <= 4; i += len + 1, numbers++) {
		for (len = 0; i + len < n && isdigit((unsigned char)p[i + len]); )
			len++;
		if (len == 0 || len > 3 || (i + len < n && p[i + len] != '.'))
			return false;
	}
	return numbers == 4;
}

enum known { UNKNOWN, NUMBER, KNOWN };

static enum known classify_part(const struct vocabulary *v, const char *p, size_t n)
{
	if (is_number(p, n))
		return NUMBER;
	return is_address(p, n) || is_dotted(p, n) || (v != NULL && v->has_word(p, n)) ? KNOWN : UNKNOWN;
}

/* A part of a word is a run of these characters; what is known may have several parts. */
static bool is_part_character(char c)
{
	return isalnum((unsigned char)c) || c == '.' || c == '_';
}

static size_t find_part_end(const char *p, size_t n, size_t i)
{
	while (i < n && is_part_character(p[i]))
		i++;
	return i;
}

/* Classifies the longest sequence of parts at i that is known, or else the part at i; *end is its end. */
static enum known classify_longest(const struct vocabulary *v, const char *p, size_t n, size_t i, size_t *end)
{
	enum known is, found = UNKNOWN;
	size_t j = i;

	*end = find_part_end(p, n, i);
	for (unsigned parts = 0; j < n && parts < PARTS_MAX; parts++) {
		j = find_part_end(p, n, j);
		is = j > i ? classify_part(v, p + i, j - i) : UNKNOWN;
		if (is != UNKNOWN) {
			found = is;
			*end = j;
		}
		while (j < n && !is_part_character(p[j]))
			j++;
	}
	return found;
}

/*
 * A key may have other characters in it, and numbers between them: what is not known extends to the next part
 * that is known.
 */
bool harmless_find_suspect(const struct vocabulary *v, const char *p, size_t n, size_t *from, size_t *len)
{
	size_t begin = *from, stop = begin, i = begin;

	if (n - i < SHORTEST_KEY || !harmless_has_digit(p + i, n - i))
		return false;
	if (n > WORD_MAX) {
		*len = n - i;
		return true;
	}
	while (i < n) {
		size_t end = i;
		enum known is = UNKNOWN;

		if (is_part_character(p[i]) || p[i] == ':')
			is = classify_longest(v, p, n, i, &end);
		if (is == UNKNOWN && end > i) {
			begin = stop > begin ? begin : i;
			while (end < n && p[end] == '=') /* the padding of base64 */
				end++;
			stop = end;
		} else if (is == KNOWN && stop - begin >= SHORTEST_KEY &&
		           harmless_has_digit(p + begin, stop - begin)) {
			break;
		} else if (is == KNOWN) {
			begin = stop = end;
		}
		i = end > i ? end : i + 1;
	}
	*from = begin;
	*len = stop - begin;
	return *len >= SHORTEST_KEY && harmless_has_digit(p + begin, *len);
}

void harmless_put(const struct source *s, const char *p, size_t n, struct buf *out)
{
	size_t at = 0, from = 0, len;

	while (harmless_find_suspect(s->vocabulary, p, n, &from, &len)) {
		visible_put(p + at, from - at, out);
		buf_printf(out, "...(%zu bytes)", len);
		at = from = from + len;
	}
	visible_put(p + at, n - at, out);
}

size_t harmless_path(const struct source *s, const char *name, size_t n)
{
	struct buf path = { 0 };

	while (n > 0) {
		buf_clear(&path);
		source_path(s, name, n, &path);
		if (access(buf_str(&path), F_OK) == 0)
			break;
		for (n--; n > 0 && name[n - 1] != '/'; )
			n--;
	}
	buf_free(&path);
	return n;
}

void harmless_put_path(const struct source *s, const char *path, struct buf *out)
{
	static const struct source here = { .name = "-" };
	size_t n = strlen(path), there = harmless_path(&here, path, n);

	visible_put(path, there, out);
	harmless_put(s, path + there, n - there, out);
}
