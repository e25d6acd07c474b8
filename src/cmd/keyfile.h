/* A file of key statements that gets more of them: all of those or none. */
#ifndef CMD_KEYFILE_H
#define CMD_KEYFILE_H

#include "cmd/cmd.h"

struct keyfile {
	const char *name;
	struct source was;    /* what it holds */
	bool there;
	struct buf more;      /* the statements that are added */
};

/* Reads what is there, if anything is. Returns a status after complaining; in any case the caller frees. */
int keyfile_open(struct keyfile *k, const char *name);
void keyfile_free(struct keyfile *k);

void keyfile_add(struct keyfile *k, const char *name, size_t n, const uint8_t *key, unsigned bits);

/* Writes them, unless a name has a key already. Returns a status after complaining. */
int keyfile_write(struct keyfile *k, const struct settings *s);

/* Makes the file what it was, if writing did change it. */
void keyfile_undo(struct keyfile *k);

#endif
