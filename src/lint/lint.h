/* SPDX-License-Identifier: ISC */
/*
 * Checks statements for what no kernel accepts and for what is probably a mistake. Reads the model, changes
 * nothing.
 */
#ifndef LINT_LINT_H
#define LINT_LINT_H

#include "model/model.h"
#include "text/diag.h"

/*
 * The rules, a table for each family; each ends with a row whose id is NULL. The families of the first
 * declaration are part of every check, and their errors are statements that no kernel accepts. The other
 * families are advice, which lint_unit alone gives.
 */
extern const struct rule sa_rules[], policy_rules[], scale_rules[];
extern const struct rule style_rules[], crypto_rules[], key_rules[], loaded_rules[],
        policy_sa_rules[], policy_policy_rules[], opposite_rules[], loading_rules[], lockout_rules[],
        routing_rules[], permissions_rules[];

/* Checks each statement by itself. Names must be resolved. */
void lint_conf(const struct conf *conf, struct diags *diags);

/*
 * Reports patterns with which each object takes the kernel longer to add than the one before.
 * hashes_networks: the kernel meant is Linux 6.12 or later, which does not slow down with policies for
 * networks.
 */
void lint_scale(const struct conf *conf, bool hashes_networks, struct diags *diags);

/*
 * Which additions of the same object are reported: all; those that always fail; of these only forward
 * policies that collide with the forward copy of an inbound policy.
 */
enum twice { TWICE_ALL, TWICE_FAILS, TWICE_COPIES };

/* Everything that is checked together, in the order in which it would be loaded. */
struct lint_input {
	const struct conf *conf;
	struct source *const *source; /* in order */
	size_t nsources;
	struct diags *diags;
	bool kernel_fwd;      /* inbound policies are not copied to fwd */
	enum twice twice;     /* which statements added twice are reported */
	const struct source *kernel; /* the source that lists what the kernel holds, or NULL */
	/* the kernel holds a policy that asks for SAs, even if its source cannot show it as a statement */
	bool kernel_protects;
	const char *session;  /* SSH_CONNECTION, "CLIENT PORT SERVER PORT", or NULL */
	const struct suppressions *suppressions; /* findings that comments suppress, or NULL */
};

/* All rules: those of lint_conf and lint_scale, and the advice. Host names need not be resolved. */
void lint_unit(const struct lint_input *unit);

/*
 * All rules, which only higher ranks know. find: the rule of a number or name, n bytes, or NULL. is_fixed:
 * true if its findings are errors that no kernel accepts, which cannot be suppressed.
 */
struct rule_names {
	const struct rule *(*find)(const char *word, size_t n);
	bool (*is_fixed)(const struct rule *rule);
};

extern const struct rule suppress_rules[];

/*
 * Reads the setkey-lint comments in the unit's sources. Call it before lint_unit; lint_suppress frees the
 * result.
 */
struct suppressions *lint_read_comments(const struct lint_input *unit, const struct rule_names *names);

/*
 * Removes the findings that comments suppress, reports comments that are wrong or useless, and frees the
 * suppressions. Call it last.
 */
void lint_suppress(const struct lint_input *unit, struct suppressions *suppressions);

/* The rest is for lint/ only. */

struct loaded;

struct lint {
	const struct stmt *stmt;
	struct diags *diags;
};

/*
 * True if a comment suppresses the rule's findings in this statement. A rule that reports once for many
 * statements then reports at another one.
 */
bool lint_is_suppressed(const struct suppressions *suppressions, const struct rule *rule,
                        const struct stmt *s);

/* The rules of one statement. */
void lint_sa(struct lint *l, const struct sa *sa);
void lint_policy(struct lint *l, const struct policy *policy);

/* Advice about one statement: what the kernel accepts but does not do, or what does more than was meant. */
void lint_sa_advice(struct lint *l, const struct sa *sa);
void lint_policy_advice(struct lint *l, const struct policy *policy);

/*
 * True if the part is an IPv4 address that is not written as four decimal numbers: word is then the address
 * as written, without a prefix length.
 */
enum { ODD_IPV4_MAX = 64 };
bool lint_is_odd_ipv4(const struct conf *conf, const struct stmt *s, enum part part, char word[ODD_IPV4_MAX]);

/* The same for an end point of a policy's request; requests count from 0. */
bool lint_is_odd_end(const struct conf *conf, const struct stmt *s, unsigned request, bool dst,
                     char word[ODD_IPV4_MAX]);

/*
 * What such a word probably means: its numbers read as decimal, with zeros after them. length is that of the
 * numbers that are written, in bits. False if they cannot be read like that.
 */
bool lint_meant_ipv4(const char *word, uint8_t meant[4], unsigned *length);

/* Reports soft limits of an SA or a policy that are above the hard ones. */
void lint_late_warnings(struct lint *l);

/*
 * The rules that compare statements with each other. They hash or sort; none compares every pair of
 * statements, which would take too long for large files.
 */
void lint_style(const struct lint_input *unit);
void lint_crypto(const struct lint_input *unit);
void lint_keys(const struct lint_input *unit);
void lint_policy_sa(struct loaded *loaded);
void lint_policy_policy(const struct loaded *loaded);
void lint_opposite(const struct loaded *loaded);
void lint_loading(const struct loaded *loaded);
void lint_routing(const struct loaded *loaded);
void lint_lockout(const struct loaded *loaded);
void lint_permissions(const struct lint_input *unit);

/* Adds a finding of the rule at a part of the statement. */
void lint_add(struct lint *l, const struct rule *rule, enum part part, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/*
 * Keeps a finding that most statements of a file would share from being reported for each of them: the first
 * most in each file are reported, and the last of those says how many more there are.
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
 * Adds a finding. hint must be a constant, or NULL: it is used later. Statements must come file by file. A
 * finding that a comment suppresses is reported at once, for lint_suppress to remove, and not counted.
 */
void lint_add_limited(struct lint *l, struct limiter *limiter, enum part part, const char *hint,
                      const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* Reports what is held. */
void lint_flush(struct diags *diags, struct limiter *limiter, size_t n);

#endif
