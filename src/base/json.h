/* SPDX-License-Identifier: ISC */
/*
 * Appends JSON (RFC 8259) to a buffer, value by value, in ASCII. jansson only reads JSON for us: to write it
 * takes twelve times as long, as it builds a tree and allocates every member. Knows libc only.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/memory.h"

/* One document. Zero-initialised but for out, which is borrowed, and pretty. */
struct json {
	struct buf *out;
	bool pretty;           /* a line for each value, indented by two blanks a level; else one line */
	bool more;             /* the next value needs a comma before it */
	unsigned depth;        /* brackets that are open */
};

/*
 * name is the name of a member, in plain ASCII, or NULL for an element of an array and for the document
 * itself. An object must not have two members of one name.
 */
void json_open(struct json *j, const char *name, char bracket); /* '{' or '[' */
void json_close(struct json *j, char bracket);
void json_number(struct json *j, const char *name, uint64_t value);
void json_bool(struct json *j, const char *name, bool value);
/* A string; in one that is not UTF-8, such as the name of a file, each byte above ASCII becomes a "?". */
void json_text(struct json *j, const char *name, const char *value); /* NULL is null */
void json_bytes(struct json *j, const char *name, const char *value, size_t n);

/* Begins a string: what is appended to out until json_end_text must need no escape. */
void json_begin_text(struct json *j, const char *name);
void json_end_text(struct json *j);

#endif
