/* SPDX-License-Identifier: ISC */
/* JSON, value by value. */
#include "see/json_text.h"

#include <arpa/inet.h>
#include <inttypes.h>

static void put_string(struct buf *out, const char *s)
{
	buf_addc(out, '"');
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", c);
		else if (c < ' ' || c == 0x7f)
			buf_printf(out, "\\u%04x", c);
		else
			buf_addc(out, (char)(c < 0x80 ? c : '?')); /* names of files alone have such bytes */
	}
	buf_addc(out, '"');
}

static void begin(struct json *j, const char *name)
{
	if (j->more)
		buf_addc(j->out, ',');
	j->more = true;
	if (name == NULL)
		return;
	put_string(j->out, name);
	buf_addc(j->out, ':');
}

void json_open(struct json *j, const char *name, char bracket)
{
	begin(j, name);
	buf_addc(j->out, bracket);
	j->more = false;
}

void json_close(struct json *j, char bracket)
{
	buf_addc(j->out, bracket);
	j->more = true;
}

void json_text(struct json *j, const char *name, const char *value)
{
	begin(j, name);
	if (value == NULL)
		buf_adds(j->out, "null");
	else
		put_string(j->out, value);
}

void json_number(struct json *j, const char *name, uint64_t value)
{
	begin(j, name);
	buf_printf(j->out, "%" PRIu64, value);
}

void json_bool(struct json *j, const char *name, bool value)
{
	begin(j, name);
	buf_adds(j->out, value ? "true" : "false");
}

void json_addr(struct json *j, const char *name, const struct addr *a, uint16_t port, uint16_t mask)
{
	char text[INET6_ADDRSTRLEN];

	if (inet_ntop(a->family, a->bytes, text, sizeof(text)) == NULL)
		return;
	json_open(j, name, '{');
	json_text(j, "address", text);
	json_number(j, "prefix_length", a->plen);
	json_number(j, "port", port);
	json_number(j, "port_mask", mask);
	json_close(j, '}');
}
