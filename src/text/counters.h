/* SPDX-License-Identifier: ISC */
/* What each counter of /proc/net/xfrm_stat means. */
#ifndef TEXT_COUNTERS_H
#define TEXT_COUNTERS_H

#include <stddef.h>

/* One counter of /proc/net/xfrm_stat: packets that Linux dropped. */
struct counter {
	const char *name;    /* "XfrmInNoStates" */
	const char *summary; /* what packets, one line, lower case, no full stop */
};

/* Those of Linux 6.18, ending with a NULL name. */
extern const struct counter counters[];

/* Finds a counter by its name, in upper or lower case; NULL: there is none. */
const struct counter *counter_find(const char *name, size_t n);

#endif
