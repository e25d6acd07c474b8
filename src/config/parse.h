/* SPDX-License-Identifier: ISC */
/* Reads a text: to statements of a conf, every fault to the diagnostics. No names resolved. */
#ifndef CONFIG_PARSE_H
#define CONFIG_PARSE_H

#include "model/model.h"
#include "text/diag.h"

/* Every kind of finding of this rank; ends with a row whose id is NULL. */
extern const struct rule parse_rules[];

/* What is read, where it goes, and how. */
struct parse_opts {
	struct sources *sources; /* takes the files that a text names; NULL: none is read */
	struct conf *conf;
	struct diags *diags;
	bool no_keys;            /* a key that is used by name may be missing */
	bool insecure;           /* keys may come from a file that others can read */
	bool keys_only;          /* the text is a file of keys, and holds nothing else */
};

/*
 * Reads all statements of src, and of the files it names, into the conf. A statement with an error is
 * left out or stored with .has_error set; reading goes on after its ';'. The sources and diags outlive conf.
 */
void parse_source(struct source *src, const struct parse_opts *r);

#endif
