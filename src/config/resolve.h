/* SPDX-License-Identifier: ISC */
/*
 * Looks names up: hosts, services, protocols, network devices. Runs after parsing, and is the only code that
 * asks the resolver.
 */
#ifndef CONFIG_RESOLVE_H
#define CONFIG_RESOLVE_H

#include "model/model.h"
#include "text/diag.h"

/* All kinds of findings of this file; ends with a row whose id is NULL. */
extern const struct rule resolve_rules[];

/*
 * Completes every statement of the conf: addresses, ports, upper-layer protocols, ICMP types, devices. Checks
 * that source and destination have a family in common. A name that cannot be resolved is a finding at that
 * name. If hosts is false, no host name is looked up and its address stays unset (family 0).
 */
void resolve_conf(struct conf *conf, bool hosts, struct diags *diags);

/*
 * Reads a numeric address with a zone, such as fe80::1%eth0, of n bytes. Looks up the interface but does not
 * ask the resolver.
 */
bool resolve_zoned(struct addr *a, const char *word, size_t n);

#endif
