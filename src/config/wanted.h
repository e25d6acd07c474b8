/* What would have been read where a statement stopped to make sense, in the words of a person. */
#ifndef CONFIG_WANTED_H
#define CONFIG_WANTED_H

#include "config/parse.h"

/* What the parser says of a syntax error, in the names of grammar/setkey.y's tokens. */
struct wanted {
	const char *found;
	const char *const *token; /* any of these would have been read, for its meaning or for an advice */
	int n;
};

/* Appends the words: "an address", "-A or ";"". Returns a hint, or NULL. */
const char *wanted_words(const struct parse *p, struct span at, const struct wanted *w, struct buf *words);

#endif
