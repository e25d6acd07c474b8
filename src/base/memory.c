/* SPDX-License-Identifier: ISC */
/* Memory that grows, and memory that forgets: allocation, byte buffer, arena. Knows libc only. */
#include "base/memory.h"

#include "base/libc.h"
#include "base/surroundings.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

__attribute__((noreturn)) void (*memory_exhausted)(void) = abort;

void *memory_resize(void *p, size_t n, size_t size)
{
	void *q = reallocarray(p, n ? n : 1, size ? size : 1);

	if (q == NULL)
		memory_exhausted();
	return q;
}

void *memory_checked(size_t n)
{
	return memory_resize(NULL, n, 1);
}

enum { PAGE = 4096, HUGE_PAGE = 2 * 1024 * 1024, CHUNK_SIZE = 16 * PAGE };

void *memory_pages(size_t n)
{
	size_t page = n < HUGE_PAGE ? PAGE : HUGE_PAGE;
	size_t size = n <= SIZE_MAX - page ? (n + page - 1) / page * page : n;
	void *p = n > CHUNK_SIZE ? aligned_alloc(page, size) : NULL;

	if (p == NULL)
		return memory_resize(NULL, n, 1);
	if (page == HUGE_PAGE)
		madvise(p, size, MADV_HUGEPAGE); /* a kernel that will not does no harm */
	return p;
}

void *memory_grow(void *array, size_t n, size_t *cap, size_t size)
{
	void *grown;

	if (n < *cap)
		return array;
	*cap = *cap ? *cap * 2 : 16;
	if (*cap > SIZE_MAX / 2 / size || *cap * size < HUGE_PAGE)
		return memory_resize(array, *cap, size);
	grown = memory_pages(*cap * size);
	if (n > 0)
		memcpy(grown, array, n * size);
	free(array);
	return grown;
}

char *memory_string(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(memory_resize(NULL, n, 1), s, n);
}

enum { DEEPEST = 256 * 1024 }; /* the deepest we go is a block of a file and what reads it */

/* Of a small stack all there is. */
__attribute__((noinline)) void memory_wipe_stack(void)
{
	size_t n = surroundings_stack(DEEPEST);

	explicit_bzero(__builtin_alloca(n + 1), n);
}

/* realloc would leave a copy of what was there in freed memory, and it may be a key. */
__attribute__((noinline)) static void grow_buf(struct buf *b, size_t n)
{
	size_t cap = b->cap ? 2 * b->cap : 256;
	uint8_t *bytes;

	if (cap - b->len < n)
		cap = b->len + n;
	bytes = memory_pages(cap);
	if (b->len > 0) {
		memcpy(bytes, b->bytes, b->len);
		explicit_bzero(b->bytes, b->len);
	}
	free(b->bytes);
	b->bytes = bytes;
	b->cap = cap;
}

void buf_reserve(struct buf *b, size_t n)
{
	if (b->cap - b->len < n)
		grow_buf(b, n);
}

void *buf_add(struct buf *b, const void *from, size_t n)
{
	uint8_t *at;

	buf_reserve(b, n + 1);
	at = b->bytes + b->len;
	if (from != NULL)
		memcpy(at, from, n);
	else
		memset(at, 0, n);
	b->len += n;
	return at;
}

void buf_addc(struct buf *b, char c)
{
	buf_reserve(b, 2);
	b->bytes[b->len++] = (uint8_t)c;
}

void buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

/* Decimal or hexadecimal digits, the last at end - 1; returns the first. Most numbers have 32 bits. */
static char *put_digits(char *end, uint64_t n, unsigned base)
{
	uint32_t rest;

	for (; n > UINT32_MAX; n /= base)
		*--end = "0123456789abcdef"[n % base];
	rest = (uint32_t)n;
	do
		*--end = "0123456789abcdef"[rest % base];
	while ((rest /= base) > 0);
	return end;
}

static void add_digits(struct buf *b, uint64_t n, unsigned base, bool negative, unsigned width, char fill)
{
	char text[24], *end = text + sizeof(text),
	     *at = base == 16 ? put_digits(end, n, 16) : put_digits(end, n, 10);
	unsigned len = (unsigned)(end - at) + negative;

	buf_reserve(b, (width > len ? width : len) + 1);
	if (negative && fill == '0')
		buf_addc(b, '-');
	for (; len < width; len++)
		b->bytes[b->len++] = (uint8_t)fill;
	if (negative && fill != '0')
		buf_addc(b, '-');
	memcpy(b->bytes + b->len, at, (size_t)(end - at));
	b->len += (size_t)(end - at);
}

void buf_addu(struct buf *b, uint64_t n)
{
	char text[24], *end = text + sizeof(text), *at = put_digits(end, n, 10);

	buf_add(b, at, (size_t)(end - at));
}

/* What stands behind a '%', as far as it is understood here. */
struct conversion {
	char fill, type;
	unsigned width, longs; /* how often 'l' */
	bool size;             /* 'z' */
	size_t len;            /* of it all; 0: it is one for vsnprintf */
};

static struct conversion read_conversion(const char *fmt)
{
	struct conversion c = { .fill = ' ' };
	const char *at = fmt;

	if (*at == '0')
		c.fill = *at++;
	while (*at >= '0' && *at <= '9' && c.width < 100)
		c.width = c.width * 10 + (unsigned)(*at++ - '0');
	while (*at == 'l' && c.longs < 2) {
		c.longs++;
		at++;
	}
	if (*at == 'z' && c.longs == 0) {
		c.size = true;
		at++;
	}
	c.type = *at;
	if (c.type != '\0' && strchr(at == fmt ? "udxsc%" : "udx", c.type) != NULL)
		c.len = (size_t)(at + 1 - fmt);
	if (c.type == 'd' && (c.longs > 0 || c.size))
		c.len = 0;
	return c;
}

__attribute__((format(printf, 2, 0))) static void add_converted(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	buf_reserve(b, 128);
	n = vsnprintf((char *)b->bytes + b->len, b->cap - b->len, fmt, ap);
	assert(n >= 0);
	if ((size_t)n >= b->cap - b->len) {
		buf_reserve(b, (size_t)n + 1);
		vsnprintf((char *)b->bytes + b->len, b->cap - b->len, fmt, again);
	}
	va_end(again);
	b->len += (size_t)n;
}

/*
 * The conversions that dumps are made of, a million at a time; from any other on it is left to vsnprintf,
 * which takes ten times as long.
 */
void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	for (;;) {
		size_t n = strcspn(fmt, "%");
		struct conversion c;

		buf_add(b, fmt, n);
		fmt += n;
		if (*fmt == '\0')
			return;
		c = read_conversion(fmt + 1);
		if (c.len == 0) {
			add_converted(b, fmt, ap);
			return;
		}
		fmt += 1 + c.len;
		if (c.type == 's') {
			const char *s = va_arg(ap, const char *);

			buf_adds(b, s != NULL ? s : "(null)");
		} else if (c.type == 'c') {
			buf_addc(b, (char)va_arg(ap, int));
		} else if (c.type == '%') {
			buf_addc(b, '%');
		} else if (c.type == 'd') {
			int v = va_arg(ap, int);

			add_digits(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, 10, v < 0, c.width, c.fill);
		} else {
			uint64_t v = c.size       ? va_arg(ap, size_t) :
			             c.longs == 2 ? va_arg(ap, unsigned long long) :
			             c.longs == 1 ? va_arg(ap, unsigned long) :
			                            va_arg(ap, unsigned);

			add_digits(b, v, c.type == 'x' ? 16 : 10, false, c.width, c.fill);
		}
	}
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

const char *buf_str(struct buf *b)
{
	buf_reserve(b, 1);
	b->bytes[b->len] = '\0';
	return (const char *)b->bytes;
}

bool buf_write(const struct buf *b, FILE *to)
{
	return b->len == 0 || fwrite(b->bytes, 1, b->len, to) == b->len;
}

void buf_clear(struct buf *b)
{
	if (b->len > 0)
		explicit_bzero(b->bytes, b->len);
	b->len = 0;
}

void buf_free(struct buf *b)
{
	if (b->cap > 0)
		explicit_bzero(b->bytes, b->cap);
	free(b->bytes);
	*b = (struct buf){ 0 };
}

struct arena_chunk {
	struct arena_chunk *next;
	size_t used, size; /* bytes in use; bytes in all */
	max_align_t bytes[];
};

/*
 * Has all pages at once, where a fault for each can cost more than to read what is put on it. A
 * user-mode-linux faults all the same, unless a change of the protection tells it of many at once.
 */
static void populate(struct arena_chunk *c)
{
	if (madvise(c, c->size, MADV_POPULATE_WRITE) == 0 && mprotect(c, c->size, PROT_READ) == 0)
		mprotect(c, c->size, PROT_READ | PROT_WRITE);
}

/* Each twice as large as the one before: a small file needs little, a large one few. */
static struct arena_chunk *chunk_new(struct arena *a, size_t n)
{
	size_t size = a->chunk == NULL           ? CHUNK_SIZE :
	              a->chunk->size < HUGE_PAGE ? 2 * a->chunk->size :
	                                           HUGE_PAGE;
	struct arena_chunk *c;

	if (size < sizeof(*c) + n)
		size = sizeof(*c) + n;
	c = memory_pages(size);
	*c = (struct arena_chunk){ .next = a->chunk, .size = size };
	if (a->chunk != NULL)
		populate(c);
	a->chunk = c;
	return c;
}

static void *take(struct arena *a, size_t n)
{
	struct arena_chunk *c = a->chunk;
	char *p;

	n = (n + 7) & ~(size_t)7;
	if (c == NULL || c->size - sizeof(*c) - c->used < n)
		c = chunk_new(a, n);
	p = (char *)c->bytes + c->used;
	c->used += n;
	return p;
}

void *arena_alloc(struct arena *a, size_t n)
{
	return memset(take(a, n), 0, n);
}

void *arena_copy(struct arena *a, const void *from, size_t n)
{
	return memcpy(take(a, n), from, n);
}

void arena_free(struct arena *a)
{
	for (struct arena_chunk *c = a->chunk; c != NULL; c = c->next)
		explicit_bzero(c->bytes, c->used);
	arena_drop(a);
}

void arena_drop(struct arena *a)
{
	struct arena_chunk *c;

	while ((c = a->chunk) != NULL) {
		a->chunk = c->next;
		free(c);
	}
}
