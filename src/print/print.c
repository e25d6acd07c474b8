/* The table of output formats, and what several of them share. Knows no object. */
#include "print/print.h"

#include "base/fingerprint.h"
#include "model/names.h"
#include "text/visible.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

const struct format *const formats[] = {
	&classic_format, &conf_format, &json_format, &ip_format, &table_format, &dot_format, &text_format, NULL,
};

bool print_is_plain(const struct text *t, const char *without)
{
	for (uint32_t i = 0; i < t->len; i++)
		if (t->p[i] == '\0' || strchr(without, t->p[i]) != NULL)
			return false;
	return visible_is(t->p, t->len);
}

void print_text(struct buf *out, const struct text *t)
{
	visible_put(t->p, t->len, out);
}

void print_word(struct buf *out, const struct name *table, unsigned number)
{
	const char *word = name_word(table, (int)number);

	if (word != NULL)
		buf_adds(out, word);
	else
		buf_printf(out, "%u", number);
}

const char *print_known(const struct name *table, unsigned number)
{
	const char *word = name_word(table, (int)number);

	return word != NULL ? word : "?";
}

void print_addr(struct buf *out, const struct addr *a, const char *none)
{
	char s[INET6_ADDRSTRLEN];

	buf_adds(out, inet_ntop(a->family, a->bytes, s, sizeof(s)) != NULL ? s : none);
}

unsigned packet_dir(const struct policy *p)
{
	return p->dir >= DIR_SOCKET_IN ? (unsigned)p->dir - DIR_SOCKET_IN + DIR_IN : p->dir;
}

void print_mask(struct buf *out, const uint8_t *key, size_t n, const struct print_opts *o)
{
	char text[FINGERPRINT_LEN];

	buf_printf(out, "0x...(%zu bytes", n);
	if (o->fingerprints)
		buf_printf(out, ", %s", fingerprint(key, n, text));
	buf_addc(out, ')');
}
