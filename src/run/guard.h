/* SPDX-License-Identifier: ISC */
/*
 * What a change of the tables must not cut off: the SSH session it is made from, neighbour discovery, the way
 * to the ends of its tunnels.
 */
#ifndef RUN_GUARD_H
#define RUN_GUARD_H

#include "run/ssh.h"
#include "sync/sync.h"

struct unit;
struct settings;

/* Where it is only told: nothing refuses the change. */
enum guard_wish { GUARD_REFUSES, GUARD_WARNS };

/*
 * Finds fault with the plan, and prints that; ssh is what ssh_look found. Returns STATUS_ERROR where it is
 * to refuse and something would be cut off, else STATUS_OK.
 */
int guard_judge(const struct ssh *ssh, const struct sync *sync, enum guard_wish wish, struct unit *in,
                const struct settings *s);

/* Warns of what statements would cut off that are about to be sent one by one, through XFRM. */
void guard_warn(const struct ssh *ssh, struct kernel *kernel, const struct concretes *list, struct unit *in,
                const struct settings *s);

#endif
