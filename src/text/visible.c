/* SPDX-License-Identifier: ISC */
/*
 * Makes text from elsewhere safe for terminals and for programs that read lines: characters that either would
 * obey become \n or \033.
 */
#include "text/visible.h"

#include "base/memory.h"
#include "base/utf8.h"

#include <string.h>

size_t visible_character(const char *p, size_t n)
{
	uint32_t c;
	size_t len = utf8_character(p, n, &c);

	return len > 0 && c >= 0x80 && c < 0xa0 ? 0 : len;
}

/* The marks that turn the direction of what follows or end a line: U+2028 to U+202E, U+2066 to U+2069. */
static bool is_direction_mark(const unsigned char *p)
{
	return p[0] == 0xe2 && ((p[1] == 0x80 && p[2] >= 0xa8 && p[2] <= 0xae) ||
	                        (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9));
}

/* The bytes of the character at p, or 0: it is no UTF-8, a control character, or one of those marks. */
static size_t printable_length(const char *p, size_t n)
{
	const unsigned char *bytes = (const unsigned char *)p;
	size_t len = visible_character(p, n);

	if (*bytes < ' ' || *bytes == 0x7f || (len == 3 && is_direction_mark(bytes)))
		return 0;
	return len;
}

void visible_put(const char *p, size_t n, struct buf *out)
{
	for (size_t i = 0, len; i < n; i += len ? len : 1) {
		len = printable_length(p + i, n - i);
		if (len > 0)
			buf_add(out, p + i, len);
		else if (p[i] == '\n')
			buf_adds(out, "\\n");
		else
			buf_printf(out, "\\%03o", (unsigned char)p[i]);
	}
}

void visible_puts(const char *s, struct buf *out)
{
	visible_put(s, strlen(s), out);
}

bool visible_is_plain(const char *p, size_t n)
{
	for (size_t i = 0, len; i < n; i += len)
		if ((len = printable_length(p + i, n - i)) == 0)
			return false;
	return true;
}
