/* SPDX-License-Identifier: ISC */
/* Allocation that never fails; a byte buffer and an arena, both wiped when freed. Knows libc only. */
#include "base/memory.h"

#include "base/append.h"
#include "base/inherited.h"
#include "base/libc.h"

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

void *memory_alloc(size_t n)
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

enum { DEEPEST = 256 * 1024 }; /* the deepest calls are those that read a block of a file */

/* Of a smaller stack it wipes what is left. */
__attribute__((noinline)) void memory_wipe_stack(void)
{
	size_t n = inherited_stack(DEEPEST);

	explicit_bzero(__builtin_alloca(n + 1), n);
}

/* Not by realloc, which would leave a copy of the contents, maybe of a key, in freed memory. */
__attribute__((noinline)) void buf_grow(struct buf *b, size_t n)
{
	size_t cap = b->cap ? 2 * b->cap : 256;
	uint8_t *bytes;

	if (cap - b->len < n)
		cap = b->len + n;
	bytes = memory_pages(cap);
	if (b->bytes != NULL) {
		memcpy(bytes, b->bytes, b->len);
		explicit_bzero(b->bytes, b->len);
	}
	free(b->bytes);
	b->bytes = bytes;
	b->cap = cap;
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

/* A conversion of printf, as far as it is handled here. */
struct conversion {
	bool left, zero;       /* '-', '0' */
	bool has_width_arg, has_most_arg; /* '*' and ".*" */
	unsigned width, longs; /* longs: how many 'l' */
	bool size;             /* 'z' */
	char type;             /* '\0': it is left to vsnprintf */
};

/* fmt points after the '%'. Returns where the conversion ends. */
static const char *read_conversion(struct conversion *c, const char *fmt)
{
	*c = (struct conversion){ .type = '\0' };
	for (; *fmt == '-' || *fmt == '0'; fmt++)
		*(*fmt == '-' ? &c->left : &c->zero) = true;
	if (*fmt == '*') {
		c->has_width_arg = true;
		fmt++;
	}
	for (; *fmt >= '0' && *fmt <= '9' && c->width < 1000; fmt++)
		c->width = c->width * 10 + (unsigned)(*fmt - '0');
	if (fmt[0] == '.' && fmt[1] == '*' && fmt[2] == 's') {
		c->has_most_arg = true;
		fmt += 2;
	}
	for (; *fmt == 'l' && c->longs < 2; fmt++)
		c->longs++;
	if (*fmt == 'z' && c->longs == 0) {
		c->size = true;
		fmt++;
	}
	if (*fmt != '\0' && strchr(c->longs > 0 || c->size ? "udx" : "udxsc%", *fmt) != NULL)
		c->type = *fmt++;
	return fmt;
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

static void add_string(struct buf *b, const struct conversion *c, va_list *args)
{
	int most = c->has_most_arg ? va_arg(*args, int) : -1;
	const char *s = va_arg(*args, const char *);

	s = s != NULL ? s : "(null)";
	buf_add(b, s, most < 0 ? strlen(s) : strnlen(s, (size_t)most));
}

static void add_number(struct buf *b, const struct conversion *c, va_list *args)
{
	unsigned width = c->zero && !c->left ? c->width : 0;
	uint64_t v;

	if (c->type == 'd') {
		int64_t d = c->size       ? va_arg(*args, ssize_t) :
		            c->longs == 2 ? va_arg(*args, long long) :
		            c->longs == 1 ? va_arg(*args, long) :
		                            va_arg(*args, int);

		v = d < 0 ? 0 - (uint64_t)d : (uint64_t)d;
		if (d < 0)
			buf_addc(b, '-');
		width -= d < 0 && width > 0;
	} else {
		v = c->size       ? va_arg(*args, size_t) :
		    c->longs == 2 ? va_arg(*args, unsigned long long) :
		    c->longs == 1 ? va_arg(*args, unsigned long) :
		                    va_arg(*args, unsigned);
	}
	if (c->type == 'x')
		append_hex(b, v, width);
	else
		append_padded(b, v, width, '0');
}

static void add_conversion(struct buf *b, const struct conversion *c, va_list *args)
{
	int width = c->has_width_arg ? va_arg(*args, int) : (int)c->width;
	size_t at = b->len;

	if (c->type == 's')
		add_string(b, c, args);
	else if (c->type == 'c')
		buf_addc(b, (char)va_arg(*args, int));
	else if (c->type == '%')
		buf_addc(b, '%');
	else
		add_number(b, c, args);
	append_pad(b, at, (unsigned)abs(width), c->left || width < 0);
}

/*
 * Handles the conversions that dumps use by the million; from the first other one on the rest is left to
 * vsnprintf, which takes ten times as long.
 */
void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	struct conversion c;
	va_list args;

	va_copy(args, ap);
	for (;;) {
		size_t n = (size_t)(strchrnul(fmt, '%') - fmt);
		const char *next;

		buf_add(b, fmt, n);
		fmt += n;
		if (*fmt == '\0')
			break;
		next = read_conversion(&c, fmt + 1);
		if (c.type == '\0' || (c.has_width_arg && c.zero)) {
			add_converted(b, fmt, args);
			break;
		}
		add_conversion(b, &c, &args);
		fmt = next;
	}
	va_end(args);
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
 * Maps all pages at once: a page fault for each can cost more than reading the text that fills it. User-mode
 * Linux faults nevertheless, unless a change of the protection makes it map many pages at once.
 */
static void populate_pages(struct arena_chunk *c)
{
	if (madvise(c, c->size, MADV_POPULATE_WRITE) == 0 && mprotect(c, c->size, PROT_READ) == 0)
		mprotect(c, c->size, PROT_READ | PROT_WRITE);
}

/* Each chunk is twice as large as the last: a small file needs little memory, a large one few chunks. */
static struct arena_chunk *add_chunk(struct arena *a, size_t n)
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
		populate_pages(c);
	a->chunk = c;
	return c;
}

static void *arena_reserve(struct arena *a, size_t n)
{
	struct arena_chunk *c = a->chunk;
	char *p;

	n = (n + 7) & ~(size_t)7;
	if (c == NULL || c->size - sizeof(*c) - c->used < n)
		c = add_chunk(a, n);
	p = (char *)c->bytes + c->used;
	c->used += n;
	return p;
}

void *arena_alloc(struct arena *a, size_t n)
{
	return memset(arena_reserve(a, n), 0, n);
}

void *arena_copy(struct arena *a, const void *from, size_t n)
{
	return memcpy(arena_reserve(a, n), from, n);
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
