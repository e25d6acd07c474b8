/* The table of forms in which findings are reported. Knows findings, not what they are about. */
#ifndef TEXT_REPORT_H
#define TEXT_REPORT_H

#include "text/diag.h"

struct report {
	const char *name, *help;
	/* Appends all findings, sorted, to out. No form shows a byte of a key. */
	void (*put)(const struct diags *d, bool color, struct buf *out);
};

/* All of them, ending with a NULL name; the first is the default. */
extern const struct report reports[];

#endif
