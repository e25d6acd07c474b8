/* SPDX-License-Identifier: ISC */
/* Writes JSON, value by value. Knows libc only. */
#include "base/json.h"

#include "base/append.h"
#include "base/utf8.h"

static void put_newline(struct json *j)
{
	buf_addc(j->out, '\n');
	for (unsigned i = 0; i < j->depth; i++)
		buf_adds(j->out, "  ");
}

static void begin_value(struct json *j, const char *name)
{
	if (j->more)
		buf_addc(j->out, ',');
	if (j->pretty && j->depth > 0)
		put_newline(j);
	j->more = true;
	if (name == NULL)
		return;
	buf_addc(j->out, '"');
	buf_adds(j->out, name);
	buf_adds(j->out, j->pretty ? "\": " : "\":");
}

void json_open(struct json *j, const char *name, char bracket)
{
	begin_value(j, name);
	buf_addc(j->out, bracket);
	j->more = false;
	j->depth++;
}

void json_close(struct json *j, char bracket)
{
	j->depth--;
	if (j->pretty && j->more)
		put_newline(j);
	buf_addc(j->out, bracket);
	j->more = true;
}

void json_number(struct json *j, const char *name, uint64_t value)
{
	begin_value(j, name);
	append_decimal(j->out, value);
}

void json_bool(struct json *j, const char *name, bool value)
{
	begin_value(j, name);
	buf_adds(j->out, value ? "true" : "false");
}

static void put_utf16_unit(struct buf *out, uint32_t unit)
{
	buf_addc(out, '\\');
	switch (unit) {
	case '"':
	case '\\':
		buf_addc(out, (char)unit);
		break;
	case '\b':
		buf_addc(out, 'b');
		break;
	case '\f':
		buf_addc(out, 'f');
		break;
	case '\n':
		buf_addc(out, 'n');
		break;
	case '\r':
		buf_addc(out, 'r');
		break;
	case '\t':
		buf_addc(out, 't');
		break;
	default:
		buf_printf(out, "u%04X", unit);
	}
}

/* A character above U+FFFF is written as two units of UTF-16. */
static void put_character(struct buf *out, uint32_t c)
{
	if (c < 0x10000) {
		put_utf16_unit(out, c);
		return;
	}
	put_utf16_unit(out, 0xd800 + ((c - 0x10000) >> 10));
	put_utf16_unit(out, 0xdc00 + ((c - 0x10000) & 0x3ff));
}

static bool needs_escape(char c)
{
	return (unsigned char)c < ' ' || c == '"' || c == '\\' || (unsigned char)c >= 0x80;
}

static void put_escaped(struct buf *out, const char *p, size_t n)
{
	bool is_utf8 = utf8_is_valid(p, n);

	for (size_t i = 0, len = 1; i < n; i += len) {
		uint32_t c = (unsigned char)p[i];

		if (is_utf8)
			len = utf8_character(p + i, n - i, &c);
		if (!needs_escape(p[i]))
			buf_addc(out, p[i]);
		else if (is_utf8 || c < 0x80)
			put_character(out, c);
		else
			buf_addc(out, '?');
	}
}

void json_bytes(struct json *j, const char *name, const char *value, size_t n)
{
	size_t plain = 0;

	while (plain < n && !needs_escape(value[plain]))
		plain++;
	json_begin_text(j, name);
	buf_add(j->out, value, plain);
	if (plain < n)
		put_escaped(j->out, value + plain, n - plain);
	json_end_text(j);
}

void json_text(struct json *j, const char *name, const char *value)
{
	if (value != NULL) {
		json_bytes(j, name, value, strlen(value));
		return;
	}
	begin_value(j, name);
	buf_adds(j->out, "null");
}

void json_begin_text(struct json *j, const char *name)
{
	begin_value(j, name);
	buf_addc(j->out, '"');
}

void json_end_text(struct json *j)
{
	buf_addc(j->out, '"');
}
