/* SPDX-License-Identifier: ISC */
/*
 * One input in memory: reads it, turns offsets into lines and columns, shows a line with its keys masked.
 * Knows no grammar.
 */
#ifndef TEXT_SOURCE_H
#define TEXT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct buf;
struct secret;
struct masker;
struct vocabulary;

/* A piece of one source: byte offset and length in bytes. */
struct span {
	uint32_t off, len;
};

/*
 * The text never moves once read, is followed by two NUL bytes (the scanner
 * works in place), and is overwritten when freed, since it may hold keys.
 */
struct source {
	const char *name;    /* as the user gave it; borrowed */
	char *path;          /* owned: its name if another text includes it, else NULL */
	struct source *from; /* that text, and where in it; NULL: the user named this one */
	struct span from_at;
	char *text;          /* owned */
	uint32_t len;        /* bytes, the two NULs not counted; at most UINT32_MAX - 2 */
	uint32_t line, col;  /* where the text begins: 1 and 1 for a file */
	unsigned mode;       /* st_mode of a regular file or a FIFO, else 0 */
	dev_t dev;           /* which file it is: the two numbers of stat(2), else 0 */
	ino_t ino;
	uint32_t order;      /* findings are sorted by it first; set by the owner */
	uint32_t *lines;     /* offset of each line's start, made on first use */
	size_t nlines;
	struct secret *secret; /* the keys found so far, in order */
	size_t nsecret;
	struct masker *masker; /* the scanner for keys, made on first use */
	/* what is known to be no key; NULL: only addresses and numbers */
	const struct vocabulary *vocabulary;
	const void *names;   /* for the vocabulary: borrowed, as long as anything of the text is shown */
};

/* Texts that are read as one unit, in their order. Zero-initialised is empty. */
struct sources {
	struct source **source;
	size_t n, cap;
	size_t nnamed, named_bytes; /* those that other texts include: how many, and their length */
};

/* Adds an empty source, which stays at its address until sources_free; its order is its number. */
struct source *sources_add(struct sources *list);

/* Overwrites and frees them all. */
void sources_free(struct sources *list);

/*
 * Reads the file, or standard input for "-", whole. Returns 0 or -errno
 * (-EFBIG above 4 GiB, -EISDIR for a directory). The caller frees with source_free
 * in either case.
 */
int source_read(struct source *s, const char *name);

/*
 * The same for a file that a text includes: a regular one of at most max bytes. -EFBIG: it is longer;
 * -EINVAL: it is no regular file.
 */
int source_read_named(struct source *s, const char *name, size_t max);

/* Makes a source of n bytes of text, copied; findings count lines and columns from line and col. */
void source_set(struct source *s, const char *name, const char *text, size_t n, uint32_t line, uint32_t col);

/* Appends the name of a file that the text includes, which is relative to the folder of the text. */
void source_path(const struct source *s, const char *name, size_t n, struct buf *out);

/* The text that the user named: s, or the one that includes it, directly or not. */
const struct source *source_top(const struct source *s);

/* True if both were read from one file, even by different names. */
bool source_same(const struct source *a, const struct source *b);

/* True if a source before the one at i was read from the same file. */
bool sources_again(const struct sources *list, size_t i);

void source_free(struct source *s);

/* Line and column, both from 1, the column in bytes. */
void source_place(struct source *s, uint32_t off, uint32_t *line, uint32_t *col);

/* True if the span touches a key. */
bool source_is_secret(struct source *s, struct span at);

/*
 * The words at the span for use in a message: printable, shortened, and
 * masked where they are a key or look like one.
 */
void source_quote(struct source *s, struct span at, struct buf *out);

/*
 * Appends the line that holds the offset, keys masked, without its newline; of a long one the part near it.
 */
void source_line(struct source *s, uint32_t off, struct buf *out);

/* How many lines there are, and where one begins; after the last one that is the end of the text. */
size_t source_lines(struct source *s);
uint32_t source_line_start(struct source *s, size_t line);

/* The line that holds the offset, from 0. */
size_t source_line_at(struct source *s, uint32_t off);

/*
 * Appends the line that holds the span, indented by two blanks, and below it a line with marks. Keys are
 * shown as 0x...(16 bytes); a long line is shortened around the span; tabs keep their place.
 */
void source_excerpt(struct source *s, struct span at, struct buf *out);

#endif
