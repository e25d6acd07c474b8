/* SPDX-License-Identifier: ISC */
/* Allocation that never fails; a byte buffer and an arena, both wiped when freed. Knows libc only. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/*
 * Called when memory has run out; must not return. main.c sets it to a function that prints a message and
 * exits with 3, so that no caller has to handle ENOMEM.
 */
extern __attribute__((noreturn)) void (*memory_exhausted)(void);

/* realloc(p, n * size) that checks the product and never returns NULL, not even for 0. */
void *memory_resize(void *p, size_t n, size_t size) __attribute__((returns_nonnull));

/*
 * malloc() that never returns NULL; also for jansson, which when memory runs out silently leaves something
 * out, or crashes.
 */
void *memory_alloc(size_t n) __attribute__((returns_nonnull));

/*
 * Makes room for one more element: returns the array, moved if need be, with
 * *cap (elements) grown by doubling when n has reached it.
 */
void *memory_grow(void *array, size_t n, size_t *cap, size_t size);

/*
 * n bytes that are not zeroed. A large block begins on a page, a very large one on a huge page, so that the
 * kernel maps a few pages in the place of hundreds. The caller frees.
 */
void *memory_pages(size_t n) __attribute__((returns_nonnull));

/* A copy, which the caller frees. */
char *memory_string(const char *s) __attribute__((returns_nonnull));

/*
 * Overwrites the stack below the caller, where functions that have returned, libc's too, may have left keys.
 */
void memory_wipe_stack(void);

/* A growable byte buffer. Zero-initialised is empty; the owner frees it. */
struct buf {
	uint8_t *bytes;
	size_t len, cap;
};

/* Moves the contents to a larger block, with room for n more bytes. */
void buf_grow(struct buf *b, size_t n);

/* Makes room for n more bytes after those in use. */
static inline void buf_reserve(struct buf *b, size_t n)
{
	if (b->bytes == NULL || b->cap - b->len < n)
		buf_grow(b, n);
}

/* Appends n bytes and returns where they start; they are zero when from is NULL. */
void *buf_add(struct buf *b, const void *from, size_t n);

/* Appends one character; a string. Inline, as dumps consist of these: a literal's length is a constant. */
static inline void buf_addc(struct buf *b, char c)
{
	buf_reserve(b, 1);
	b->bytes[b->len++] = (uint8_t)c;
}

static inline void buf_adds(struct buf *b, const char *s)
{
	size_t n = strlen(s);

	buf_reserve(b, n + 1); /* also for an empty one into an empty buffer */
	memcpy(b->bytes + b->len, s, n);
	b->len += n;
}

void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

/* The text so far as a C string, valid until the next call on b. */
const char *buf_str(struct buf *b);

/* Writes all of it; false after an error of the stream. */
bool buf_write(const struct buf *b, FILE *to);

/* Overwrites the contents; b is empty, and keeps its memory. */
void buf_clear(struct buf *b);

/* Overwrites the contents and frees them; b is empty again. */
void buf_free(struct buf *b);

/* An arena: many small objects, freed together. Zero-initialised is empty. */
struct arena {
	struct arena_chunk *chunk;
};

/* n zeroed bytes, aligned for anything, alive until arena_free. */
void *arena_alloc(struct arena *a, size_t n);
void *arena_copy(struct arena *a, const void *from, size_t n);

/* Overwrites everything that was handed out, then frees it. */
void arena_free(struct arena *a);
/*
 * The same without overwriting, for what never held a key: wiping a large file takes longer than freeing it.
 */
void arena_drop(struct arena *a);

#endif
