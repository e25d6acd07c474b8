/* SPDX-License-Identifier: ISC */
/* What the XFRM and the PF_KEY wire share. Contains nothing about either format. */
#include "wire/wire.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

int encoding_refuse(struct encoding *e, enum part part, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->reason, sizeof(e->reason), fmt, ap);
	va_end(ap);
	e->part = part;
	return -EOPNOTSUPP;
}

/*
 * The checks of the kernel in xfrm_user.c, verify_newsa_info() and verify_spi_info(), and in the functions of
 * ah4.c, ah6.c, ipcomp.c and ipcomp6.c that set up an SA.
 */
int encoding_check_new_sa(const struct stmt *s, struct encoding *e)
{
	enum { CPI_MAX = 0xffff };
	const struct sa *sa = &s->sa;

	if (sa->proto == PROTO_IPCOMP && sa->spi > CPI_MAX)
		return encoding_refuse(e, PART_SPI, "an ipcomp SPI has 16 bits, expected at most 0xffff");
	if (!verb_makes_sa(s->verb))
		return 0;
	if (sa->encap != ENCAP_NONE && sa->proto != PROTO_ESP)
		return encoding_refuse(e, PART_PROTO, "only esp goes through UDP or TCP");
	if (sa->proto == PROTO_IPCOMP && sa->mode > MODE_TUNNEL)
		return encoding_refuse(e, PART_MODE, "ipcomp works in transport and tunnel mode only");
	return 0;
}
