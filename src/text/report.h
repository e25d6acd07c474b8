/* SPDX-License-Identifier: ISC */
/* The table of forms in which findings are reported. Knows findings, not what they are about. */
#ifndef TEXT_REPORT_H
#define TEXT_REPORT_H

#include "text/diag.h"

struct report {
	const char *name;
	/* Appends all findings, sorted, to out. No form shows a byte of a key. */
	void (*put)(const struct diags *d, bool color, struct buf *out);
};

/* All of them, ending with a NULL name; the first is the default. */
extern const struct report reports[];

enum { REPORT_VERSION = 1 }; /* of the members of json and jsonl, which setkey(8) describes */

void report_json(const struct diags *d, bool color, struct buf *out);
void report_jsonl(const struct diags *d, bool color, struct buf *out);
void report_sarif(const struct diags *d, bool color, struct buf *out);

/* Rules, from the first that next(NULL) gives to the last, as a JSON array. */
void report_rules(const struct rule *(*next)(const struct rule *r), struct buf *out);

/*
 * A hash for each finding, in an array that the caller frees. It stays the same when lines move: it covers
 * the rule, the line without keys and blanks, and a count where several are equal.
 */
uint64_t *report_fingerprints(const struct diags *d);

enum { FINGERPRINT_SIZE = 17 };

/* Writes such a hash to s, as 16 hex digits, and returns s. */
const char *report_fingerprint(uint64_t n, char s[FINGERPRINT_SIZE]);

#endif
