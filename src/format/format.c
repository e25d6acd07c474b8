/* SPDX-License-Identifier: ISC */
/* The table of output formats, and what several of them share. Knows no object. */
#include "format/format.h"

#include "base/fingerprint.h"
#include "model/names.h"
#include "text/visible.h"

#include <arpa/inet.h>
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
	return visible_is(t->p, t->len);
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
		buf_printf(out, "%" PRIu32, x->value[id]);
		break;
	default:
		buf_printf(out, "0x%" PRIx32, x->value[id]);
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

	if (a->family == AF_INET) {
		for (unsigned i = 0; i < 4; i++) {
			if (i > 0)
				buf_addc(out, '.');
			buf_addu(out, a->bytes[i]);
		}
		return;
	}
	buf_adds(out, inet_ntop(a->family, a->bytes, s, sizeof(s)) != NULL ? s : none);
}

const char *print_why_keyless(const struct event *ev)
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
		buf_printf(out, "-%u", sa->authicv);
}

void print_source(const struct print_opts *o, struct buf *out)
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

	buf_printf(out, "0x...(%zu bytes", n);
	if (o->fingerprints)
		buf_printf(out, ", %s", fingerprint(key, n, text));
	buf_addc(out, ')');
}
