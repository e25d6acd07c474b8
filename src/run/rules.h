/* SPDX-License-Identifier: ISC */
/* Every rule there is. */
#ifndef RUN_RULES_H
#define RUN_RULES_H

#include "text/diag.h"

/* The kinds of findings that commands have of their own; each ends with a row whose id is NULL. */
extern const struct rule unit_rules[], set_rules[], guard_rules[], hosts_rules[], mirror_rules[],
        peercheck_rules[];

/* Every rule there is, one after the other: NULL before the first and behind the last. */
const struct rule *rule_next(const struct rule *r);

/* The rule with this number, SK114 or 114, or word, key-length, in upper or lower case; NULL: none. */
const struct rule *rule_find(const char *word, size_t n);

/* True for an error that belongs to every check: what no kernel takes. */
bool rule_is_fixed(const struct rule *r);

#endif
