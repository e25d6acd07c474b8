/* SPDX-License-Identifier: ISC */
/* Finds the SSH session that this process runs in, from its ancestors and the table of sockets. */
#ifndef RUN_SSH_H
#define RUN_SSH_H

#include "tables/lookup.h"

/* What the ancestors tell of the session. Zero-initialised: nothing; the owner calls ssh_free. */
struct ssh {
	char **connection;           /* SSH_CONNECTION of this process and its ancestors, the nearest first */
	uint64_t *inode;       /* the sockets of sshd processes among the ancestors */
	size_t nconnections, capconnections, ninodes, capinodes;
	bool below_sshd;
};

/*
 * Reads this process and its ancestors, as far as permitted: sudo drops the variable from its environment,
 * and processes of other users can only be read with KEEP_PROCESSES.
 */
void ssh_look(struct ssh *ssh);

/*
 * The inbound packets of the session: those of the connection that an ancestor names in SSH_CONNECTION, if it
 * exists in this network namespace; else those of the connections of the sshd among the ancestors; else those
 * of all connections to sshd's ports. Returns how many; the caller frees.
 */
size_t ssh_find_sessions(const struct ssh *ssh, struct packet **in);

void ssh_free(struct ssh *ssh);

#endif
