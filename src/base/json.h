/* SPDX-License-Identifier: ISC */
/*
 * Appends JSON to a buffer, value by value, in ASCII, RFC 8259. It is read through jansson, which
 * takes twelve times as long to write: a tree of each object, an allocation for each member. Knows libc only.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/memory.h"

/* One document. Zero-initialised but for out, which is borrowed, and pretty. */
struct json {
	struct buf *out;
	bool pretty;           /* a line for each value, two blanks for each level; else all in one line */
	bool more;             /* the next value follows another */
	unsigned depth;
};

/*
 * name is that of a member, in plain ASCII, or NULL for an element of an array and the document itself. A
 * member's name comes once in its object.
 */
void json_open(struct json *j, const char *name, char bracket); /* '{' or '[' */
void json_close(struct json *j, char bracket);
void json_number(struct json *j, const char *name, uint64_t value);
void json_bool(struct json *j, const char *name, bool value);
/* A text; in one that is not UTF-8, as a file's name may be, each byte above ASCII becomes a "?". */
void json_text(struct json *j, const char *name, const char *value); /* NULL is null */
void json_bytes(struct json *j, const char *name, const char *value, size_t n);

/* Begins a text: what is then appended to out must need no escape, until json_end_text. */
void json_begin_text(struct json *j, const char *name);
void json_end_text(struct json *j);

#endif
