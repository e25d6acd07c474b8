/*
 * One statement to what the kernel needs: every pair of addresses, and the forward copy of an inbound policy.
 */
#ifndef CONFIG_EXPAND_H
#define CONFIG_EXPAND_H

#include "model/model.h"

/*
 * Calls each for every concrete statement that s stands for, in the order they
 * are to be sent. with_copies is false for kernel semantics (-k): no forward copies. Stops
 * at, and returns, the first nonzero result. The copies share s's source and parts.
 */
int expand(const struct stmt *s, bool with_copies, int (*each)(void *arg, const struct stmt *s), void *arg);

/*
 * Sets .inner of the tunnel SAs whose policies carry another family than the
 * tunnel itself, and SA_F_AF_UNSPEC where they carry both: the kernel takes the outer family unless told.
 * each_file: as if each file were loaded by a command of its own, which sees the policies of no other.
 */
void expand_inner_families(struct conf *conf, bool each_file);

#endif
