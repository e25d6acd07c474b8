/* SPDX-License-Identifier: ISC */
/* What there is to say of a rule, or of a counter of the kernel, beyond a line: explain.txt, built in. */
#ifndef TEXT_EXPLAIN_H
#define TEXT_EXPLAIN_H

struct explanation {
	const char *name;    /* of a rule its id, SK114; of a counter its name in /proc/net/xfrm_stat */
	const char *ref;     /* RFC and section, or NULL */
	const char *text;    /* why, an example, the way out; may hold newlines, and ends without one */
};

/* By name; one with all members empty where explain.txt has nothing of it. */
const struct explanation *explain_find(const char *name);

#endif
