/* SPDX-License-Identifier: ISC */
/* What statements ask for and messages are about: a row for each verb. No I/O. */
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
	VERB_LISTEN, VERB_OVERRUN, VERB_RESYNC, /* from no kernel: what a monitor tells of itself */
	VERB_OTHER,
	VERB_MAX
};

enum verb_class {
	VERB_CLASS_NONE,
	VERB_CLASS_SA,     /* about the SAD: .sa of a statement is in use */
	VERB_CLASS_SPD,    /* about the SPD: .policy is in use */
	VERB_CLASS_FILE,   /* how the rest of the file is read */
	VERB_CLASS_TEXT,   /* about the text itself: never stored as a statement */
	VERB_CLASS_EVENT,  /* only a kernel tells of it, or the monitor */
};

enum verb_flag {
	VERB_MAKES = 1 << 0,   /* makes one SA or policy, or replaces one */
	VERB_NAMES = 1 << 1,   /* names one: an SA with its SPI, a policy by its selector */
	VERB_SENDS = 1 << 2,   /* there is a request to a kernel for it */
};

struct verb_row {
	const char *word;      /* of statements and events */
	unsigned char class;   /* enum verb_class */
	unsigned char flags;   /* enum verb_flag */
	bool statement;        /* a file may have it */
	const char *alias[2];  /* other words for it, or NULL */
};

extern const struct verb_row verbs[VERB_MAX];

/* The verb of a statement that begins with the word of n bytes; VERB_NONE: no statement does. */
enum verb verb_find(const char *word, size_t n);

/* The word of a statement, or NULL where none has the verb. */
static inline const char *verb_statement(enum verb verb)
{
	return verbs[verb].statement ? verbs[verb].word : NULL;
}

/* True if it is about the SPD, so that .policy of a statement is the one in use. */
static inline bool verb_is_policy(enum verb verb)
{
	return verbs[verb].class == VERB_CLASS_SPD;
}

static inline bool verb_is(enum verb verb, enum verb_class class, enum verb_flag flag)
{
	return verbs[verb].class == class && verbs[verb].flags & flag;
}

/* True if the statement names one SA, with its SPI, or one policy. */
static inline bool verb_names_sa(enum verb verb)
{
	return verb_is(verb, VERB_CLASS_SA, VERB_NAMES);
}

static inline bool verb_names_policy(enum verb verb)
{
	return verb_is(verb, VERB_CLASS_SPD, VERB_NAMES);
}

/* True if the statement makes one, or replaces one. */
static inline bool verb_makes_sa(enum verb verb)
{
	return verb_is(verb, VERB_CLASS_SA, VERB_MAKES);
}

static inline bool verb_makes_policy(enum verb verb)
{
	return verb_is(verb, VERB_CLASS_SPD, VERB_MAKES);
}

#endif
