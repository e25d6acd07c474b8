/* SPDX-License-Identifier: ISC */
/* Reads a text into the statements of a conf; each fault becomes a finding. Looks no names up. */
#ifndef CONFIG_PARSE_H
#define CONFIG_PARSE_H

#include "model/model.h"
#include "text/diag.h"

/* All kinds of findings of the parser; ends with a row whose id is NULL. */
extern const struct rule parse_rules[];

/* Where the statements and findings go, and how the text is read. */
struct parse_opts {
	struct sources *sources; /* receives the files that a text includes; NULL: no file is read */
	struct conf *conf;
	struct diags *diags;
	bool no_keys;            /* a key that is given by name may be missing */
	bool insecure;           /* keys are also read from a file that others can read */
	bool keys_only;          /* the text is a file of keys and may contain nothing else */
};

/*
 * Reads all statements of src, and of the files that it includes, into the conf. A statement with an error is
 * left out or stored with .has_error set; reading continues after its ';'. The sources and the diags must
 * live longer than the conf.
 */
void parse_source(struct source *src, const struct parse_opts *r);

#endif
