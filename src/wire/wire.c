/* What both wires share. Knows neither of them. */
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
