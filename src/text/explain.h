/* SPDX-License-Identifier: ISC */
/* The explanations of rules and of the kernel's counters: explain.txt, built in. */
#ifndef TEXT_EXPLAIN_H
#define TEXT_EXPLAIN_H

struct explanation {
	const char *name;    /* the id of a rule, SK114, or the name of a counter */
	const char *ref;     /* RFC and section, or NULL */
	const char *text;    /* why, an example, what to do; may hold newlines, and ends without one */
};

/* Finds one by name; its text is "" where explain.txt has none. */
const struct explanation *explain_find(const char *name);

#endif
