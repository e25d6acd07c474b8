/* SPDX-License-Identifier: ISC */
/* Findings that a report of old holds already, so that a large estate can begin with what is new. */
#include "cmd/lint.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static int compare_numbers(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static bool read_report(struct baseline *b, const json_t *report)
{
	const json_t *findings = json_object_get(report, "findings");

	if (json_integer_value(json_object_get(report, "version")) != REPORT_VERSION ||
	    !json_is_array(findings))
		return false;
	for (size_t i = 0; i < json_array_size(findings); i++) {
		const char *s =
		        json_string_value(json_object_get(json_array_get(findings, i), "fingerprint"));

		if (s == NULL || strspn(s, "0123456789abcdef") != FINGERPRINT_SIZE - 1 ||
		    s[FINGERPRINT_SIZE - 1] != '\0')
			return false;
		b->print = memory_grow(b->print, b->n, &b->cap, sizeof(*b->print));
		b->print[b->n++] = strtoull(s, NULL, 16);
	}
	if (b->n > 1)
		qsort(b->print, b->n, sizeof(*b->print), compare_numbers);
	return true;
}

int baseline_read(struct baseline *b, const char *name)
{
	json_error_t fault;
	json_t *report;
	bool good;

	json_set_alloc_funcs(memory_alloc, free);
	report = json_load_file(name, 0, &fault);
	good = report != NULL && read_report(b, report);
	if (report == NULL)
		error("cannot read %s: %s", name, fault.text);
	else if (!good)
		error("%s is not a report of `setkey lint --format=json`, version %d", name, REPORT_VERSION);
	json_decref(report);
	return good ? STATUS_OK : STATUS_SYSTEM;
}

struct search {
	const struct baseline *baseline;
	const uint64_t *print; /* of the finding that is looked at next */
};

static bool is_new(void *arg, const struct diag *g)
{
	struct search *s = arg;
	const uint64_t *print = s->print++;

	return rule_is_fixed(g->rule) ||
	       bsearch(print, s->baseline->print, s->baseline->n, sizeof(*print), compare_numbers) == NULL;
}

void baseline_filter(const struct baseline *b, struct diags *d)
{
	uint64_t *prints = b->n > 0 ? report_fingerprints(d) : NULL;

	if (prints != NULL)
		diag_filter(d, is_new, &(struct search){ b, prints });
	free(prints);
}

void baseline_free(struct baseline *b)
{
	free(b->print);
	*b = (struct baseline){ 0 };
}
