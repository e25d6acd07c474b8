/* SPDX-License-Identifier: ISC */
/* All rules. */
#ifndef RUN_RULES_H
#define RUN_RULES_H

#include "text/diag.h"

/* The rules of commands; each table ends with a row whose id is NULL. */
extern const struct rule unit_rules[], set_rules[], guard_rules[], hosts_rules[], mirror_rules[],
        peercheck_rules[];

/* Iterates over all rules: NULL gives the first one, and the last one gives NULL. */
const struct rule *rule_next(const struct rule *r);

/*
 * The rule with this number (SK114 or 114) or name (key-length), in upper or lower case, n bytes; NULL: none.
 */
const struct rule *rule_find(const char *word, size_t n);

/* True for an error of a check that every command makes: no kernel accepts the statement. */
bool rule_is_fixed(const struct rule *r);

#endif
