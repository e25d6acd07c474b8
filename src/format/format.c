/* SPDX-License-Identifier: ISC */
/* The table of output formats, and what several of them share. Knows no object. */
#include "format/format.h"

#include "base/append.h"
#include "base/fingerprint.h"
#include "model/names.h"
#include "text/visible.h"

#include <stddef.h>
#include <inttypes.h>
#include <string.h>

const struct format *const formats[] = {
	&classic_format, &conf_format, &json_format, &ip_format, &table_format, &dot_format, &html_format, &text_format, NULL,
};

bool print_is_plain(const struct text *t, const char *without)
{
	for (uint32_t i = 0; i < t->len; i++)
		if (t->p[i] == '\0' || strchr(without, t->p[i]) != NULL)
			return false;
	return visible_is_plain(t->p, t->len);
}

void print_text(struct buf *out, const struct text *t)
{
	visible_put(t->p, t->len, out);
}

void print_attr(struct buf *out, const struct attrs *x, enum attr_id id, const char *before_mask)
{
	switch (attr_table[id].form) {
	case ATTR_IN_OUT:
		buf_adds(out, x->value[id] == DIR_OUT ? "out" : "in");
		break;
	case ATTR_NUMBER:
		append_decimal(out, x->value[id]);
		break;
	default:
		buf_adds(out, "0x");
		append_hex(out, x->value[id], 1);
		if (attr_table[id].form == ATTR_MASKED && before_mask != NULL)
			buf_printf(out, "%s0x%" PRIx32, before_mask, x->mask[id]);
	}
}

void print_word(struct buf *out, const struct name *table, unsigned number)
{
	const char *word = name_word(table, (int)number);

	if (word != NULL)
		buf_adds(out, word);
	else
		append_decimal(out, number);
}

const char *known_word(const struct name *table, unsigned number)
{
	const char *word = name_word(table, (int)number);

	return word != NULL ? word : "?";
}

void print_addr(struct buf *out, const struct addr *a, const char *none)
{
	if (a->family == AF_INET)
		append_ipv4(out, a->bytes);
	else if (a->family == AF_INET6)
		append_ipv6(out, a->bytes);
	else
		buf_adds(out, none);
}

void print_port(struct buf *out, unsigned port)
{
	append_field(out, "[", port);
	buf_addc(out, ']');
}

const char *why_without_keys(const struct event *ev)
{
	const struct sa *sa = &ev->sa;

	if (sa->enc != NULL || sa->auth != NULL || sa->comp != NULL || ev->sa_state.encname.p != NULL ||
	    ev->sa_state.authname.p != NULL)
		return NULL;
	return ev->sa_state.life == SA_LARVAL ? "without keys yet" : "an algorithm that PF_KEY does not show";
}

void print_reasons(struct buf *out, const char *why, uint32_t device, const struct unshown *unsaid)
{
	const char *comma = "# ";

	if (why != NULL) {
		buf_printf(out, "# %s", why);
		comma = ", ";
	}
	if (device != 0) {
		buf_printf(out, "%sfor the device %s", comma, device_name(device, (char[DEVICE_NAME]){ 0 }));
		comma = ", ";
	}
	if (unsaid->n != 0)
		buf_printf(out, "%s%s", comma, unsaid->words);
	if (why != NULL || device != 0 || unsaid->n != 0)
		buf_adds(out, ": ");
}

bool sa_icv_is_name(const struct sa *sa)
{
	return sa->authicv >= ICV_MIN && sa->authicv % ICV_STEP == 0 && sa->authicv <= sa->auth->icvmax &&
	       sa->auth->flags & ALG_ANYICV;
}

void print_auth_name(struct buf *out, const struct sa *sa)
{
	buf_adds(out, sa->auth->name);
	if (sa_icv_is_name(sa))
		append_field(out, "-", sa->authicv);
}

void print_pfkey_notice(const struct print_opts *o, struct buf *out)
{
	if (o->pfkey)
		buf_adds(out, "# Read over PF_KEY, which shows no mark, if_id, output mark, selector, "
		              "device, ESN, TFC padding, direction,\n"
		              "# offload or care-of address, no ICV length, and no sequence number: dump "
		              "--via=xfrm has them.\n");
}

unsigned packet_dir(const struct policy *p)
{
	return p->dir >= DIR_SOCKET_IN ? (unsigned)p->dir - DIR_SOCKET_IN + DIR_IN : p->dir;
}

void print_mask(struct buf *out, const uint8_t *key, size_t n, const struct print_opts *o)
{
	char text[FINGERPRINT_LEN];

	append_field(out, "0x...(", n);
	buf_adds(out, " bytes");
	if (o->fingerprints)
		buf_printf(out, ", %s", fingerprint_text(key, n, text));
	buf_addc(out, ')');
}
