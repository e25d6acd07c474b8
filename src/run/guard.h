/* SPDX-License-Identifier: ISC */
/*
 * The guard: finds out whether a change of the tables would cut off the SSH session that it is made from,
 * neighbour discovery, or the way to the ends of its tunnels.
 */
#ifndef RUN_GUARD_H
#define RUN_GUARD_H

#include "run/ssh.h"
#include "sync/sync.h"

struct unit;
struct settings;

/* Whether a change that cuts something off is refused, or a warning is enough. */
enum guard_mode { GUARD_REFUSES, GUARD_WARNS };

/*
 * Checks the plan of a sync and prints findings; ssh comes from ssh_look. Returns STATUS_ERROR if the change
 * is refused, else STATUS_OK.
 */
int guard_judge(const struct ssh *ssh, const struct sync *sync, enum guard_mode mode, struct unit *in,
                const struct settings *s);

/* Warns of what statements would cut off that are about to be sent one by one. Checks only over XFRM. */
void guard_warn(const struct ssh *ssh, struct kernel *kernel, const struct concretes *list, struct unit *in,
                const struct settings *s);

#endif
