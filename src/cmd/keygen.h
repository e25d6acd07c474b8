/* The parts of setkey keygen: keys, the configuration of a pair of hosts, those of many. */
#ifndef CMD_KEYGEN_H
#define CMD_KEYGEN_H

#include "cmd/cmd.h"

/* --pair A B and --mesh=HOSTS; each returns a status. */
int keygen_pair(struct settings *s, int argc, char **argv);
int keygen_mesh(struct settings *s, int argc, char **argv);

/* Warns if what is written to standard output goes where others can read it. */
void keygen_warn_if_open(void);

/* Says why a file with keys could not be made, -errno. */
void keygen_complain_file(const char *name, int err);

#endif
