/* SPDX-License-Identifier: ISC */
/* The verbs of statements and events, one row each. No I/O. */
#ifndef MODEL_VERB_H
#define MODEL_VERB_H

#include <stdbool.h>
#include <stddef.h>

enum verb {
	VERB_NONE,
	VERB_ADD, VERB_UPDATE, VERB_GETSPI, VERB_GET, VERB_DELETE, VERB_DELETEALL, VERB_FLUSH, VERB_DUMP,
	VERB_SPDADD, VERB_SPDUPDATE, VERB_SPDDELETE, VERB_SPDDUMP, VERB_SPDFLUSH,
	VERB_EXIT, VERB_EXACT,
	VERB_DEFINE, VERB_KEY, VERB_KEYS, VERB_INCLUDE,
	VERB_ACQUIRE, VERB_EXPIRE, VERB_SPDGET, VERB_SPDEXPIRE, VERB_REGISTER, VERB_PROMISC,
	VERB_AEVENT, VERB_REPORT, VERB_MIGRATE, VERB_MAPPING, VERB_SETDEFAULT,
	VERB_LISTEN, VERB_OVERRUN, VERB_RESYNC, /* made by a monitor, not by the kernel */
	VERB_OTHER,
	VERB_MAX
};

enum verb_class {
	VERB_CLASS_NONE,
	VERB_CLASS_SA,     /* about the SAD: a statement uses .sa */
	VERB_CLASS_SPD,    /* about the SPD: a statement uses .policy */
	VERB_CLASS_FILE,   /* changes how the rest of the file is read */
	VERB_CLASS_TEXT,   /* about the text of the file: never stored as a statement */
	VERB_CLASS_EVENT,  /* occurs only as an event, from the kernel or a monitor */
};

enum verb_flag {
	VERB_MAKES = 1 << 0,   /* adds or replaces one SA or policy */
	VERB_NAMES = 1 << 1,   /* identifies one object: an SA by its SPI, a policy by its selector */
	VERB_SENDS = 1 << 2,   /* a request for it can be sent to the kernel */
};

struct verb_row {
	const char *word;      /* in statements and events */
	unsigned char class;   /* enum verb_class */
	unsigned char flags;   /* enum verb_flag */
	bool statement;        /* a file may contain it */
	const char *alias[2];  /* other words for it, or NULL */
};

extern const struct verb_row verbs[VERB_MAX];

/* Returns the verb that a statement with this first word of n bytes has, VERB_NONE if there is none. */
enum verb verb_find(const char *word, size_t n);

/* Returns the word of a statement, NULL if the verb is not one of a statement. */
static inline const char *verb_statement(enum verb verb)
{
	return verbs[verb].statement ? verbs[verb].word : NULL;
}

/* True if the verb is about the SPD, so that a statement uses .policy. */
static inline bool verb_is_policy(enum verb verb)
{
	return verbs[verb].class == VERB_CLASS_SPD;
}

static inline bool verb_is(enum verb verb, enum verb_class class, enum verb_flag flag)
{
	return verbs[verb].class == class && verbs[verb].flags & flag;
}

/* True if the statement identifies one SA by its SPI, or one policy. */
static inline bool verb_names_sa(enum verb verb)
{
	return verb_is(verb, VERB_CLASS_SA, VERB_NAMES);
}

static inline bool verb_names_policy(enum verb verb)
{
	return verb_is(verb, VERB_CLASS_SPD, VERB_NAMES);
}

/* True if the statement adds or replaces an SA, or a policy. */
static inline bool verb_makes_sa(enum verb verb)
{
	return verb_is(verb, VERB_CLASS_SA, VERB_MAKES);
}

static inline bool verb_makes_policy(enum verb verb)
{
	return verb_is(verb, VERB_CLASS_SPD, VERB_MAKES);
}

#endif
