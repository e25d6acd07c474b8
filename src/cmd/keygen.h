/* The parts of setkey keygen: keys, the configuration of a pair of hosts, those of many. */
#ifndef CMD_KEYGEN_H
#define CMD_KEYGEN_H

#include "cmd/cmd.h"

/* --pair A B and --mesh=HOSTS; each returns a status. */
int keygen_pair(struct settings *s, int argc, char **argv);
int keygen_mesh(struct settings *s, int argc, char **argv);

#endif
