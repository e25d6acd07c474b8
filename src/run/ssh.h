/* SPDX-License-Identifier: ISC */
/* The SSH session that this process runs in: asked of the processes above it, and of the sockets. */
#ifndef RUN_SSH_H
#define RUN_SSH_H

#include "tables/lookup.h"

/* What the processes know of it. Zero-initialised is nothing; the owner frees it. */
struct ssh {
	char **said;           /* SSH_CONNECTION of this process and of those above it, the nearest first */
	uint64_t *inode;       /* the sockets of the sshd above it */
	size_t nsaid, capsaid, ninodes, capinodes;
	bool below_sshd;
};

/*
 * Looks at this process and those above it, as far as they can be read: sudo drops the variable, and what
 * belongs to others can be read with KEEP_PROCESSES alone.
 */
void ssh_look(struct ssh *ssh);

/*
 * The packets that come in by the session: of the connection that is known of and is there, in this network
 * namespace; where no process knows one, of the connections of the sshd above, or else to its ports. Returns
 * how many; the caller frees.
 */
size_t ssh_find_sessions(const struct ssh *ssh, struct packet **in);

void ssh_free(struct ssh *ssh);

#endif
