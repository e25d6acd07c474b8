/* SPDX-License-Identifier: ISC */
/*
 * IPv4 addresses that are not written as four decimal numbers. Few users know that 192.168.1 is 192.168.0.1,
 * and that 010.0.0.1 is octal.
 */
#include "lint/lint.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBERS = 4 };

/* Reads the numbers of the word as decimal. Returns how many, or 0 if one is not decimal or is above 255. */
static unsigned decimal_numbers(const char *word, uint8_t to[NUMBERS])
{
	unsigned n = 0;

	for (const char *p = word; n < NUMBERS; p++) {
		size_t len = strspn(p, "0123456789");
		unsigned long number = len > 0 && len < 10 ? strtoul(p, NULL, 10) : 256;

		if (number > 255)
			return 0;
		to[n++] = (uint8_t)number;
		p += len;
		if (*p != '.')
			return *p == '\0' ? n : 0;
	}
	return 0;
}

/* True if the text is read as an IPv4 address and is not four decimal numbers; it is copied to word. */
static bool is_odd(const char *s, size_t n, char word[ODD_IPV4_MAX])
{
	struct in_addr a;

	if (n == 0 || n >= ODD_IPV4_MAX || memchr(s, '.', n) == NULL)
		return false;
	memcpy(word, s, n);
	word[n] = '\0';
	return strspn(word, "0123456789abcdefABCDEFxX.") == n && inet_pton(AF_INET, word, &a) != 1 &&
	       inet_aton(word, &a) != 0;
}

bool lint_is_odd_ipv4(const struct conf *conf, const struct stmt *s, enum part part, char word[ODD_IPV4_MAX])
{
	struct text t = conf_word(conf, s->src, stmt_part(s, part));
	const char *slash = memchr(t.p, '/', t.len);

	return stmt_has_part(s, part) && is_odd(t.p, slash != NULL ? (size_t)(slash - t.p) : t.len, word);
}

bool lint_is_odd_end(const struct conf *conf, const struct stmt *s, unsigned request, bool dst,
                     char word[ODD_IPV4_MAX])
{
	struct text t = conf_word(conf, s->src, stmt_part(s, PART_TMPL + (enum part)request));
	const char *end = t.p + t.len, *from = t.p;

	for (int i = 0; i < 2 && from != NULL; i++)
		from = (from = memchr(from, '/', (size_t)(end - from))) != NULL ? from + 1 : NULL;
	if (dst && from != NULL)
		from = (from = memchr(from, '-', (size_t)(end - from))) != NULL ? from + 1 : NULL;
	return from != NULL && is_odd(from, strspn(from, "0123456789abcdefABCDEFxX."), word);
}

bool lint_meant_ipv4(const char *word, uint8_t meant[NUMBERS], unsigned *length)
{
	unsigned n;

	memset(meant, 0, NUMBERS);
	n = decimal_numbers(word, meant);
	*length = 8 * n;
	return n > 0;
}
