/* SPDX-License-Identifier: ISC */
/* The classic command line: letters to the same internals, nothing else. */
#ifndef COMPAT_H
#define COMPAT_H

#include "cmd/cmd.h"

/* Runs a command line that does not begin with a subcommand; returns an exit status. */
int compat_main(struct settings *s, int argc, char **argv);

/* The lines of the usage text that tell of it. */
extern const char compat_usage[];

#endif
