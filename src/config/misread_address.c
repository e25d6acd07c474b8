/* SPDX-License-Identifier: ISC */
/*
 * Explains why a word is not an address: a range, a port appended with a colon, a number over 255 and the
 * like.
 */
#include "config/misread_address.h"

#include "base/memory.h"
#include "model/model.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { WORD_MAX = 64 };

static bool is_among(const char *const *words, const char *s)
{
	for (; *words != NULL; words++)
		if (strcasecmp(*words, s) == 0)
			return true;
	return false;
}

static bool is_address(const char *s, size_t n)
{
	struct addr a;

	return addr_parse(&a, s, n);
}

/* Explains what is wrong with 10.0.0.300, 10..0.1 or 10.0.0.0.1. */
static void explain_wrong_ipv4(const char *s, struct buf *what)
{
	unsigned numbers = 0;
	size_t len;

	buf_adds(what, " is not an IPv4 address");
	for (const char *p = s; ; p += len + 1) {
		len = strcspn(p, ".");
		numbers++;
		if (len == 0) {
			buf_adds(what, ": a number is missing");
			return;
		}
		if (len > 3 || (len == 3 && strncmp(p, "255", 3) > 0)) {
			buf_printf(what, ": %.*s is over 255", (int)(len < 10 ? len : 10), p);
			return;
		}
		if (p[len] == '\0')
			break;
	}
	if (numbers != 4)
		buf_printf(what, ": it has %u numbers, not 4", numbers);
	else
		buf_adds(what, ": with a 0 in front a number is octal");
}

static void explain_wrong_ipv6(const char *s, struct buf *what)
{
	const char *twice = strstr(s, "::");
	unsigned groups = 1;

	for (const char *p = s; *p != '\0'; p++)
		groups += *p == ':';
	buf_adds(what, " is not an IPv6 address");
	if (strlen(s) == 17 && strspn(s, "0123456789abcdefABCDEF:") == 17 && s[2] == ':' && s[5] == ':' &&
	    s[14] == ':')
		buf_adds(what, ": it looks like a MAC address");
	else if (strstr(s, ":::") != NULL || (twice != NULL && strstr(twice + 2, "::") != NULL))
		buf_adds(what, ": \"::\" may be in it once");
	else if (twice == NULL && strchr(s, '.') == NULL && groups != 8)
		buf_printf(what, ": it has %u groups, not 8, and no \"::\"", groups);
}

/* True if the range of addresses is exactly one prefix, of *length bits. */
static bool range_is_prefix(const char *from, const char *to, unsigned *length)
{
	struct in_addr a, b;
	uint32_t low, high;

	if (inet_pton(AF_INET, from, &a) != 1 || inet_pton(AF_INET, to, &b) != 1)
		return false;
	low = ntohl(a.s_addr);
	high = ntohl(b.s_addr);
	for (*length = 0; *length < 32 && (low ^ high) >> (31 - *length) == 0; )
		++*length;
	return *length == 32 ||
	       ((low & (UINT32_MAX >> *length)) == 0 && (~high & (UINT32_MAX >> *length)) == 0);
}

/* Explains 10.0.0.1-10.0.0.9 and 10.0.0.1-9. */
static bool is_range(const char *s, bool range, struct buf *what, struct buf *hint)
{
	const char *dash = strchr(s, '-');
	char from[WORD_MAX], to[2 * WORD_MAX];
	unsigned length;

	if (dash == NULL || !is_address(s, (size_t)(dash - s)) ||
	    !(is_address(dash + 1, strlen(dash + 1)) ||
	      (dash[1] != '\0' && strspn(dash + 1, "0123456789") == strlen(dash + 1))))
		return false;
	memcpy(from, s, (size_t)(dash - s));
	from[dash - s] = '\0';
	snprintf(to, sizeof(to), "%s", dash + 1);
	if (strpbrk(to, ".:") == NULL && strrchr(from, '.') != NULL)
		snprintf(to, sizeof(to), "%.*s%s", (int)(strrchr(from, '.') + 1 - from), from, dash + 1);
	buf_adds(what, " is a range: there are only prefixes");
	if (!range)
		buf_adds(hint, "write one address");
	else if (range_is_prefix(from, to, &length))
		buf_printf(hint, "write %s/%u", from, length);
	else
		buf_adds(hint, "write a prefix, ADDRESS/LENGTH, or a statement for each that it takes");
	return true;
}

/* Explains 10.0.0.1:80 and 10.0.0.1:any. */
static bool has_port(const char *s, bool port, struct buf *what, struct buf *hint)
{
	const char *colon = strrchr(s, ':');
	size_t n = colon != NULL ? (size_t)(colon - s) : 0;

	if (colon == NULL || colon[1] == '\0' || memchr(s, ':', n) != NULL || !is_address(s, n))
		return false;
	buf_adds(what, port ? " is not an address: write the port in brackets after it" :
	         " is not an address: it has no port here");
	buf_printf(hint, port ? "write %.*s[%s]" : "write %.*s", (int)n, s, colon + 1);
	return true;
}

/* True for one letter, also repeated: x, XXX, c. */
static bool is_one_letter(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isalpha((unsigned char)s[i]) || s[i] != s[0])
			return false;
	return true;
}

/*
 * True for 192.168.x.0, X.X.X.X, a.b.c.d: four parts like an address, with letters that cannot be a host
 * name.
 */
static bool is_placeholder(const char *s)
{
	unsigned dots = 0, letters = 0;
	size_t len;

	for (const char *p = s; ; p += len + 1) {
		len = strcspn(p, ".");
		if (len == 0 || len > 3)
			return false;
		if (strspn(p, "0123456789") < len && strspn(p, "0123456789xX") < len &&
		    !is_one_letter(p, len))
			return false;
		letters += strspn(p, "0123456789") < len;
		if (p[len] == '\0')
			break;
		dots++;
	}
	return dots == 3 && letters > 0;
}

bool misread_address(const char *word, size_t n, enum address_place place, struct buf *what,
                     struct buf *hint)
{
	static const char *const everything[] = { "any", "all", "default", "anywhere", "%any", "%any4", "%any6", "%defaultroute",
		"any4", "any6", "0/0", NULL };
	bool range = place == ADDRESS_RANGE;
	char s[WORD_MAX];

	if (n >= sizeof(s) || n == 0)
		return false;
	memcpy(s, word, n);
	s[n] = '\0';
	if (is_among(everything, s)) {
		buf_adds(what, " is not an address");
		buf_adds(hint, range ? "write 0.0.0.0/0 for all of IPv4, ::/0 for all of IPv6" :
		         "write a single address");
	} else if (is_placeholder(s)) {
		buf_adds(what, " is a placeholder");
		buf_adds(hint, "write the address in its place");
	} else if (!is_range(s, range, what, hint) && !has_port(s, place != ADDRESS_BARE, what, hint)) {
		if (strchr(s, '%') == NULL && strchr(s, ':') != NULL)
			explain_wrong_ipv6(s, what);
		else if (s[strspn(s, "0123456789.")] == '\0')
			explain_wrong_ipv4(s, what);
		else
			return false;
	}
	return true;
}
