/* Diagnostics as data: collected, sorted, counted, printed once. Knows no model and no kernel. */
#ifndef TEXT_DIAG_H
#define TEXT_DIAG_H

#include "text/source.h"

#include <stdarg.h>
#include <stdio.h>

enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ERROR };

/*
 * One kind of finding. The row stands beside the code that finds it;
 * `setkey explain` prints it.
 */
struct rule {
	const char *id;      /* "SK114" */
	const char *word;    /* "key-length" */
	enum severity severity;
	const char *summary; /* one line, lower case, no full stop */
	const char *explain; /* why, an example, the fix; may hold newlines */
	const char *ref;     /* RFC and section, or NULL */
};

struct diag {
	const struct rule *rule;
	struct source *src;  /* NULL: about no place in a text */
	struct span at;
	char *message;       /* owned, like hint */
	char *hint;          /* NULL: none */
};

/* Zero-initialised is empty; the owner frees it. */
struct diags {
	struct diag *diag;
	size_t n, cap;
	size_t errors, warnings;
};

/* A key byte must never be in the text: quote the user's words with source_quote. */
void diag_add(struct diags *d, const struct rule *rule, struct source *src, struct span at,
              const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void diag_vadd(struct diags *d, const struct rule *rule, struct source *src, struct span at,
               const char *fmt, va_list ap) __attribute__((format(printf, 5, 0)));

/* Adds to the latest finding what would do instead. */
void diag_hint(struct diags *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Takes back everything after the first n findings. */
void diag_drop(struct diags *d, size_t n);

/* Prints all in order of source and place, then forgets them; the counts stay. */
void diag_print(struct diags *d, FILE *to, bool color);

void diag_free(struct diags *d);

#endif
