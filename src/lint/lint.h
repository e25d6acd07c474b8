/* SPDX-License-Identifier: ISC */
/*
 * Judges statements: what no kernel would take, and what is likely a mistake. Reads the model, changes
 * nothing.
 */
#ifndef LINT_LINT_H
#define LINT_LINT_H

#include "model/model.h"
#include "text/diag.h"

/*
 * The families of rules; each ends with a row whose id is NULL. Those of the first line belong to every
 * check, and their errors are what no kernel takes; those of the second are advice, given by lint_unit alone.
 */
extern const struct rule sa_rules[], policy_rules[], growth_rules[];
extern const struct rule spelling_rules[], crypto_rules[], key_rules[], loaded_rules[],
        match_rules[], order_rules[], opposite_rules[], operation_rules[], lockout_rules[], routing_rules[],
        file_rules[];

/* Judges each statement, names resolved, by itself. */
void lint_conf(const struct conf *conf, struct diags *diags);

/* Looks for what a kernel takes ever longer to load; hashes_networks: the one meant is 6.12 or later. */
void lint_growth(const struct conf *conf, bool hashes_networks, struct diags *diags);

/* Of what is added twice: all; what always fails; of that, forward policies beside the copies of others. */
enum twice { TWICE_ALL, TWICE_FAILS, TWICE_COPIES };

/* Everything that is to be judged together, in the order in which it would be loaded. */
struct lint_input {
	const struct conf *conf;
	struct source *const *source; /* in order */
	size_t nsources;
	struct diags *diags;
	bool kernel_fwd;      /* inbound policies are not copied to fwd */
	enum twice twice;     /* which statements added twice are reported */
	const struct source *kernel; /* the one that is what the kernel holds, or NULL */
	/* the kernel holds a policy that asks for SAs, be it one that is no statement there */
	bool kernel_protects;
	const char *session;  /* SSH_CONNECTION, "CLIENT PORT SERVER PORT", or NULL */
	const struct suppressions *suppressions; /* what comments put aside, or NULL */
};

/* All rules: those of lint_conf and lint_growth, and the advice. Host names need not be resolved. */
void lint_unit(const struct lint_input *unit);

/* What lint does not know of rules: those of the parser, and which of all are about what no kernel takes. */
struct rule_names {
	const struct rule *(*find)(const char *word, size_t n);
	bool (*is_fixed)(const struct rule *rule);
};

extern const struct rule suppress_rules[];

/* What comments put aside in the unit's sources. Comes before lint_unit; lint_suppress frees it. */
struct suppressions *lint_read_comments(const struct lint_input *unit, const struct rule_names *names);

/* Takes back the findings that comments put aside, and finds fault with those comments. Comes last. */
void lint_suppress(const struct lint_input *unit, struct suppressions *aside);

/* The rest is for lint/ only. */

struct loaded;

struct lint {
	const struct stmt *stmt;
	struct diags *diags;
};

/*
 * True if a comment puts the rule's findings in this statement aside: what is told once is told at another
 * one then.
 */
bool lint_is_suppressed(const struct suppressions *aside, const struct rule *rule, const struct stmt *s);

/* The rules of one statement. */
void lint_sa(struct lint *l, const struct sa *sa);
void lint_policy(struct lint *l, const struct policy *policy);

/* What the kernel accepts, but does not do, or that does more than was meant. */
void lint_sa_advice(struct lint *l, const struct sa *sa);
void lint_policy_advice(struct lint *l, const struct policy *policy);

/*
 * True if the part is an IPv4 address that is not four decimal numbers, which is then in word, a prefix
 * length behind it left out; and what it means with zeros behind it and in decimal, with the length of that
 * as a network; false: nothing.
 */
enum { ODD_IPV4_MAX = 64 };
bool lint_is_odd_ipv4(const struct conf *conf, const struct stmt *s, enum part part, char word[ODD_IPV4_MAX]);

/* The same of an end point of a policy's request, by number from 0. */
bool lint_is_odd_end(const struct conf *conf, const struct stmt *s, unsigned request, bool dst,
                     char word[ODD_IPV4_MAX]);
bool lint_meant_ipv4(const char *word, uint8_t meant[4], unsigned *length);

/* Finds soft limits, of an SA or a policy, that come after the hard ones. */
void lint_late_warnings(struct lint *l);

/* The rules that look at all statements at once: hashed or sorted, never each against each. */
void lint_spelling(const struct lint_input *unit);
void lint_crypto(const struct lint_input *unit);
void lint_keys(const struct lint_input *unit);
void lint_match(struct loaded *loaded);
void lint_order(const struct loaded *loaded);
void lint_opposite(const struct loaded *loaded);
void lint_operation(const struct loaded *loaded);
void lint_routing(const struct loaded *loaded);
void lint_lockout(const struct loaded *loaded);
void lint_files(const struct lint_input *unit);

/* Adds a finding of the rule at a part of the statement. */
void lint_add(struct lint *l, const struct rule *rule, enum part part, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/*
 * What the statements of a file are likely to share: a finding of this rule is told for so many of them,
 * and the rest of the file is a number at the last one reported.
 */
struct limiter {
	const struct rule *rule;
	size_t most;
	const struct suppressions *suppressions; /* of the unit */
	size_t n;
	const struct source *src; /* whose statements are counted */
	const struct stmt *held;  /* the last one, to be reported once it is known how many follow */
	enum part part;
	const char *hint;
	char words[160];
};

struct limiter lint_limiter(const struct lint_input *unit, const struct rule *rule, size_t most);

/*
 * Adds one; the hint, or NULL, must last. The statements come file by file. One put aside is told, to be
 * taken back, not counted.
 */
void lint_add_limited(struct lint *l, struct limiter *tally, enum part part, const char *hint,
                      const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* Tells what is held. */
void lint_flush(struct diags *diags, struct limiter *tally, size_t ntallies);

#endif
