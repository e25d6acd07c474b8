/* SPDX-License-Identifier: ISC */
/* Copies, sizes and comparisons of the plain data in model.h. No I/O, no kernel header. */
#include "model/model.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool stmt_keeps_requests(const struct stmt *s)
{
	return s->policy.action == ACTION_IPSEC || (s->exact && s->policy.action == ACTION_DISCARD);
}

bool proto_is_ipsec(uint8_t proto)
{
	return proto == PROTO_ESP || proto == PROTO_AH || proto == PROTO_IPCOMP;
}

bool mode_has_ends(uint8_t mode)
{
	return mode == MODE_TUNNEL || mode == MODE_BEET;
}

size_t stmt_size(const struct stmt *s)
{
	if (verb_is_policy(s->verb))
		return offsetof(struct stmt, policy.tmpl) + s->policy.ntmpl * sizeof(struct tmpl);
	return offsetof(struct stmt, sa.key) + (s->sa.encbits + 7u) / 8 + (s->sa.authbits + 7u) / 8;
}

void stmt_copy(struct stmt *to, const struct stmt *from)
{
	size_t n = stmt_size(from);

	memcpy(to, from, n);
	memset((char *)to + n, 0, sizeof(*to) - n);
}

unsigned sa_icvbits(const struct sa *sa)
{
	return sa->auth == NULL ? 0 : sa->authicv != 0 ? sa->authicv : sa->auth->icvbits;
}

const struct attrs *stmt_attrs(const struct stmt *s)
{
	static const struct attrs none;

	return s->attrs ? s->attrs : &none;
}

struct mark stmt_mark(const struct stmt *s)
{
	const struct attrs *x = stmt_attrs(s);

	return (struct mark){ x->value[ATTR_MARK] & x->mask[ATTR_MARK], x->mask[ATTR_MARK] };
}

/* Returns the index of the part, or s->nparts if the statement does not have it. */
static unsigned find_part(const struct stmt *s, enum part part)
{
	unsigned i = 0;

	while (i < s->nparts && s->part[i].part != part)
		i++;
	return i;
}

bool stmt_has_part(const struct stmt *s, enum part part)
{
	return find_part(s, part) < s->nparts;
}

/* The verb is the first word of the statement, so its place is not stored. */
static struct span verb_at(const struct stmt *s)
{
	struct span at = { s->at.off, 0 };

	while (at.len < s->at.len && isalpha((unsigned char)s->src->text[at.off + at.len]))
		at.len++;
	return at;
}

struct span stmt_part(const struct stmt *s, enum part part)
{
	unsigned i = find_part(s, part);
	const struct part_at *p = &s->part[i];
	struct span at;

	if (i == s->nparts)
		return part == PART_VERB && s->src != NULL ? verb_at(s) : s->at;
	at = (struct span){ s->at.off + p->off, p->len };
	if (i + 1 < s->nparts && p[1].part == PART_FAR) {
		at.off += (uint32_t)p[1].off << PART_OFF_BITS;
		at.len += (uint32_t)p[1].len << PART_LEN_BITS;
	}
	return at;
}

bool stmt_has_literal_key(const struct stmt *s, enum part key)
{
	return stmt_has_part(s, key) && s->src->text[stmt_part(s, key).off] != '@';
}

struct stmt *conf_add(struct conf *c, const struct stmt *s, const struct part_at *parts, unsigned nparts)
{
	struct arena *arena = verb_is_policy(s->verb) ? &c->policies : &c->arena;
	struct stmt *copy = arena_copy(arena, s, stmt_size(s));

	if (s->attrs != NULL)
		copy->attrs = arena_copy(arena, s->attrs, sizeof(*s->attrs));
	if (nparts > 0)
		copy->part = arena_copy(arena, parts, nparts * sizeof(*parts));
	copy->nparts = (uint8_t)nparts;
	c->stmt = memory_grow(c->stmt, c->n, &c->cap, sizeof(struct stmt *));
	return c->stmt[c->n++] = copy;
}

struct text conf_named_word(const struct conf *c, const char *name, uint32_t n)
{
	const struct variable *b = variable_find(&c->variables, VARIABLE_WORD, name, n);

	return b != NULL ? (struct text){ b->value, b->len } : (struct text){ name - 1, n + 1 };
}

void conf_free(struct conf *c)
{
	arena_free(&c->arena);
	arena_drop(&c->policies);
	variables_free(&c->variables);
	free(c->stmt);
	*c = (struct conf){ 0 };
}

unsigned addr_bits(const struct addr *a)
{
	return a->family == AF_INET ? 32 : a->family == AF_INET6 ? 128 : 0;
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, addr_bits(a) / 8) == 0;
}

bool addr_is_any(const struct addr *a)
{
	static const uint8_t zero[16];

	return memcmp(a->bytes, zero, addr_bits(a) / 8) == 0;
}

bool addr_is_host(const struct addr *a)
{
	return a->plen == addr_bits(a);
}

bool addr_is_multicast(const struct addr *a)
{
	return (a->family == AF_INET && a->bytes[0] >> 4 == 14) ||
	       (a->family == AF_INET6 && a->bytes[0] == 0xff);
}

/* Returns the value of the digit, or a number over 9 if there is none. */
static unsigned digit_at(const char *at, const char *end)
{
	return at < end ? (unsigned)(unsigned char)*at - '0' : 10;
}

/*
 * Reads an IPv4 address of four decimal numbers. False for everything else, also for what only inet_aton()
 * accepts.
 */
static bool read_ipv4(uint8_t *bytes, const char *at, size_t n)
{
	const char *end = at + n;

	for (int i = 0; i < 4; i++) {
		unsigned number, next;

		if (i > 0 && (at == end || *at++ != '.'))
			return false;
		number = digit_at(at++, end);
		if (number > 9)
			return false;
		while ((next = digit_at(at, end)) <= 9) {
			if (number == 0 || number > 25) /* inet_aton() would read 010 as octal */
				return false;
			number = number * 10 + next;
			at++;
		}
		if (number > 255)
			return false;
		bytes[i] = (uint8_t)number;
	}
	return at == end;
}

bool addr_parse(struct addr *a, const char *word, size_t n)
{
	char s[INET6_ADDRSTRLEN];
	uint8_t v4_bytes[4];
	struct in_addr v4;

	if (read_ipv4(v4_bytes, word, n)) {
		memcpy(a->bytes, v4_bytes, 4);
		a->family = AF_INET;
		a->plen = 32;
		return true;
	}
	if (n >= sizeof(s))
		return false;
	memcpy(s, word, n);
	s[n] = '\0';
	if (memchr(s, ':', n) != NULL) {
		if (inet_pton(AF_INET6, s, a->bytes) != 1)
			return false;
		a->family = AF_INET6;
		a->plen = 128;
		return true;
	}
	/*
	 * inet_aton() accepts 10.1 and 010.0.0.1, which the language allows. It also accepts 167772161,
	 * 0xa000001 and any text after a blank, which the language never allowed.
	 */
	if (memchr(s, '.', n) == NULL || strspn(s, "0123456789abcdefABCDEFxX.") != n || !inet_aton(s, &v4))
		return false;
	memcpy(a->bytes, &v4, 4);
	a->family = AF_INET;
	a->plen = 32;
	return true;
}

void event_clear(struct event *ev)
{
	memset(ev, 0, offsetof(struct event, policy.tmpl));
	memset(&ev->notice, 0, offsetof(struct notice, moved));
}

void unshown_add(struct unshown *u, const char *fmt, ...)
{
	size_t len = strlen(u->words);
	va_list ap;

	if (u->n++ > 0 && len + 2 < sizeof(u->words)) {
		memcpy(u->words + len, ", ", 3);
		len += 2;
	}
	va_start(ap, fmt);
	vsnprintf(u->words + len, sizeof(u->words) - len, fmt, ap);
	va_end(ap);
}
