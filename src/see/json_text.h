/* SPDX-License-Identifier: ISC */
/* Appends JSON to a buffer, value by value: objects in one line, for programs. */
#ifndef SEE_JSON_TEXT_H
#define SEE_JSON_TEXT_H

#include "model/model.h"

/* One document. Zero-initialised but for out, which is borrowed. */
struct json {
	struct buf *out;
	bool more;             /* the next value follows another */
};

/* name is that of a member, or NULL for an element of an array and the document itself. */
void json_open(struct json *j, const char *name, char bracket); /* '{' or '[' */
void json_close(struct json *j, char bracket);
void json_text(struct json *j, const char *name, const char *value); /* NULL is null; not UTF-8 becomes ? */
void json_number(struct json *j, const char *name, uint64_t value);
void json_bool(struct json *j, const char *name, bool value);

/* A range of addresses and ports as dump --format=json has it, for an address without a family nothing. */
void json_addr(struct json *j, const char *name, const struct addr *a, uint16_t port, uint16_t mask);

#endif
