/* SPDX-License-Identifier: ISC */
/* Names to numbers: hosts, services, protocols. The only place that asks the resolver, after parsing. */
#ifndef CONFIG_RESOLVE_H
#define CONFIG_RESOLVE_H

#include "model/model.h"
#include "text/diag.h"

/* Every kind of finding of this file; ends with a row whose id is NULL. */
extern const struct rule resolve_rules[];

/*
 * Fills in every statement: addresses, ports, upper-layer
 * protocols, ICMP types. Pairs the families. Each name that does not resolve is
 * a finding at that name. Without hosts, no host name is looked up: its address stays not set, of family 0.
 */
void resolve_conf(struct conf *conf, bool hosts, struct diags *diags);

/* Reads a numeric address with a zone, such as fe80::1%eth0. Looks up the interface, asks no resolver. */
bool resolve_zoned(struct addr *a, const char *word, size_t n);

#endif
