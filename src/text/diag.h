/* SPDX-License-Identifier: ISC */
/* Diagnostics as data: collected, sorted, counted, printed once. Knows no model and no kernel. */
#ifndef TEXT_DIAG_H
#define TEXT_DIAG_H

#include "base/memory.h"
#include "text/source.h"

#include <stdarg.h>
#include <stdio.h>

enum severity { SEVERITY_OFF, SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ERROR };

enum { RULE_MAX = 1000, ALSO_MAX = 2 };

/* What to put in the place of a span of the finding's source. */
struct edit {
	struct span at;
	char *text;          /* owned; NULL: nothing */
};

/*
 * One kind of finding. The row is beside the code that finds it; `setkey explain` prints it.
 */
struct rule {
	const char *id;      /* "SK114" */
	const char *name;    /* "key-length" */
	enum severity severity;
	const char *summary; /* one line, lower case, no full stop; the rest is in explain.txt */
};

/* Another place that has to do with a finding: "first added here". */
struct note {
	struct source *src;
	struct span at;
	char *message;       /* owned */
};

struct diag {
	const struct rule *rule;
	enum severity severity; /* the rule's, or what the user made of it */
	struct source *src;  /* NULL: about no place in a text */
	struct span at;
	char *message;       /* owned, like hint */
	char *hint;          /* NULL: none */
	struct note also[ALSO_MAX];
	unsigned nalso;
	struct edit *edit;   /* owned: together they mend it and keep the meaning */
	size_t nedits, capedits;
};

/* By the number in a rule's id: one more than the severity it has for this run, 0 for the rule's own. */
struct levels {
	uint8_t of[RULE_MAX];
};

/* Zero-initialised is empty; the owner frees it. */
struct diags {
	struct diag *diag;
	size_t n, cap;
	size_t errors, warnings, infos;
	const struct levels *levels; /* NULL: every rule has its own severity; borrowed */
	/* the latest finding is of a rule that is off: what is added to it goes nowhere */
	bool muted;
};

/* "SK114" to 114. */
unsigned rule_number(const struct rule *rule);

/* The severity of the rule's findings in this run. */
enum severity diag_severity(const struct diags *d, const struct rule *rule);

/* Adds a finding. The message must hold no byte of a key: quote the user's words with source_quote. */
void diag_add(struct diags *d, const struct rule *rule, struct source *src, struct span at,
              const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void diag_vadd(struct diags *d, const struct rule *rule, struct source *src, struct span at,
               const char *fmt, va_list ap) __attribute__((format(printf, 5, 0)));

/* Adds a hint to the latest finding: what to do instead. */
void diag_hint(struct diags *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Adds another place to the latest finding; those beyond ALSO_MAX are dropped. */
void diag_note(struct diags *d, struct source *src, struct span at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Adds an edit to those that together mend the latest finding and keep the meaning. It must hold no key. */
void diag_edit(struct diags *d, struct span at, const char *text);

/* Sorts by order of source and place. */
void diag_sort(struct diags *d);

/* Removes the findings for which keep returns false. */
void diag_filter(struct diags *d, bool (*keep)(void *arg, const struct diag *g), void *arg);

/* The word for a severity. */
const char *severity_word(enum severity severity);

/*
 * The i-th place that goes with a finding: those added to it, then where each file on the way to it is
 * named. False: there are no more. The message stays the finding's.
 */
bool diag_place(const struct diag *g, unsigned i, struct note *place);

/* Appends one finding as people read it: place, message, excerpt, the other places, hint. */
void diag_text(const struct diag *g, bool color, struct buf *out);

/* Prints all in order of source and place, and removes them; the counts stay. */
void diag_print(struct diags *d, FILE *to, bool color);

void diag_free(struct diags *d);

#endif
