/* IPv4 addresses that are not written as four decimal numbers: 192.168.1 and 010.0.0.1 mean what few expect. */
#include "lint/lint.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBERS = 4 };

/* The numbers of the word, read as decimal; how many, or 0: one is not decimal or over 255. */
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

bool lint_is_odd_ipv4(const struct conf *conf, const struct stmt *s, enum part part, char word[ODD_IPV4_MAX])
{
	struct text t = conf_word(conf, s->src, stmt_part(s, part));
	const char *slash = memchr(t.p, '/', t.len);
	size_t n = slash != NULL ? (size_t)(slash - t.p) : t.len;
	struct in_addr a;

	if (!stmt_says(s, part) || n == 0 || n >= ODD_IPV4_MAX || memchr(t.p, '.', n) == NULL)
		return false;
	memcpy(word, t.p, n);
	word[n] = '\0';
	return strspn(word, "0123456789abcdefABCDEFxX.") == n && inet_pton(AF_INET, word, &a) != 1 && inet_aton(word, &a) != 0;
}

bool lint_meant_ipv4(const char *word, uint8_t meant[NUMBERS], unsigned *length)
{
	unsigned n;

	memset(meant, 0, NUMBERS);
	n = decimal_numbers(word, meant);
	*length = 8 * n;
	return n > 0;
}
