/* SPDX-License-Identifier: ISC */
/*
 * Finds what is wrong with a host's IPsec, by checks in the order in which things break. Knows no command
 * line, and no lint rule.
 */
#ifndef SEE_DOCTOR_H
#define SEE_DOCTOR_H

#include "see/match.h"

#include <stdarg.h>

enum health { HEALTH_OK, HEALTH_WARNING, HEALTH_ERROR, HEALTH_SKIPPED };

/* A result of a check; a check that finds several things has several. */
struct result {
	const char *id;        /* of its check: a stable word */
	uint8_t health;        /* enum health */
	char *message;         /* owned, like hint */
	char *hint;            /* what to do; NULL: nothing */
	char *about;           /* what doctor_about named, owned; NULL: nothing */
};

/* Zero-initialised but for the views, which are borrowed; the owner calls doctor_free. */
struct doctor {
	const struct view *kernel; /* NULL: it cannot be read */
	const struct view *wanted; /* the tables that are checked: of files, or the kernel's; NULL: none */
	struct result *result;
	size_t n, cap;
	const char *id;        /* of the check that runs */
	size_t errors;
};

/* One check: the sentence if all is well, and the function, which adds what is wrong. */
struct check {
	const char *id, *what;
	void (*run)(struct doctor *d);
	bool needs_kernel;     /* the tables of the kernel, not those of files */
};

/* All of them in their order, ending with a NULL id. */
extern const struct check checks[];

/* Runs a check. If it adds nothing, its result is HEALTH_OK. */
void doctor_run(struct doctor *d, const struct check *c);

/* For checks: adds what is wrong, and to that what to do. */
void doctor_add(struct doctor *d, enum health health, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void doctor_hint(struct doctor *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* For checks that look at a device or a tunnel once only: names the one that the latest result is about. */
void doctor_about(struct doctor *d, const char *name);

/* True if the check that runs has a result about it. */
bool doctor_has_about(const struct doctor *d, const char *name);

void doctor_print_text(const struct doctor *d, struct buf *out);
void doctor_print_json(const struct doctor *d, struct buf *out);
void doctor_free(struct doctor *d);

/* The rest is for see/ only: the checks, each in the file that its group has. */

/* doctor_host.c: settings, routes and MTU */
void check_forwarding(struct doctor *d);
void check_rp_filter(struct doctor *d);
void check_disabled(struct doctor *d);
void check_settings(struct doctor *d);
void check_defaults(struct doctor *d);
void check_routes(struct doctor *d);
void check_mtu(struct doctor *d);
void check_firewall(struct doctor *d);
void check_key_managers(struct doctor *d);

/* doctor_tables.c: counters, SAs and policies */
void check_counters(struct doctor *d);
void check_sa_errors(struct doctor *d);
void check_idle_sas(struct doctor *d);
void check_missing_sas(struct doctor *d);
void check_orphan_sas(struct doctor *d);
void check_sequence(struct doctor *d);
void check_lifetime(struct doctor *d);
void check_protection(struct doctor *d);

#endif
