/* SPDX-License-Identifier: ISC */
/* The table of checks; runs them, and prints their results as text and as JSON. */
#include "see/doctor.h"

#include "base/json.h"
#include "text/visible.h"

#include <stdlib.h>
#include <string.h>

const struct check checks[] = {
	{ "protection", "policies ask for SAs", check_protection, false },
	{ "forwarding", "packets are forwarded between networks", check_forwarding, false },
	{ "rp-filter", "the filter of source addresses lets packets out of tunnels", check_rp_filter, false },
	{ "disabled", "no device is exempt from policies", check_disabled, true },
	{ "settings", "ip_no_pmtu_disc, xfrm_larval_drop, xfrm_acq_expires", check_settings, true },
	{ "default-policy", "packets without a policy pass", check_defaults, true },
	{ "routes", "routes to tunnel ends and the networks behind them", check_routes, false },
	{ "mtu", "what is left of the MTU in each tunnel", check_mtu, false },
	{ "firewall", "firewalls", check_firewall, false },
	{ "counters", "/proc/net/xfrm_stat", check_counters, true },
	{ "sa-errors", "SAs receive nothing that is replayed or forged", check_sa_errors, true },
	{ "missing-sa", "every policy has its SAs", check_missing_sas, false },
	{ "idle-sa", "SAs of policies that are used carry packets", check_idle_sas, true },
	{ "orphan-sa", "every SA has a policy", check_orphan_sas, false },
	{ "sequence", "SAs have sequence numbers left", check_sequence, true },
	{ "lifetime", "SAs are not near the end of their lifetimes", check_lifetime, true },
	{ "key-manager", "IKE daemons", check_key_managers, true },
	{ NULL, NULL, NULL, false }
};

__attribute__((format(printf, 1, 0))) static char *format_message(const char *fmt, va_list ap)
{
	struct buf b = { 0 };
	char *s;

	buf_vprintf(&b, fmt, ap);
	s = memory_string(buf_str(&b));
	buf_free(&b);
	return s;
}

void doctor_add(struct doctor *d, enum health health, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	d->result = memory_grow(d->result, d->n, &d->cap, sizeof(*d->result));
	d->result[d->n++] =
		(struct result){ .id = d->id, .health = (uint8_t)health, .message = format_message(fmt, ap) };
	d->errors += health == HEALTH_ERROR;
	va_end(ap);
}

void doctor_hint(struct doctor *d, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	free(d->result[d->n - 1].hint);
	d->result[d->n - 1].hint = format_message(fmt, ap);
	va_end(ap);
}

void doctor_about(struct doctor *d, const char *name)
{
	d->result[d->n - 1].about = memory_string(name);
}

bool doctor_has_about(const struct doctor *d, const char *name)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->result[i].id == d->id && d->result[i].about != NULL &&
		    strcmp(d->result[i].about, name) == 0)
			return true;
	return false;
}

void doctor_run(struct doctor *d, const struct check *c)
{
	size_t n = d->n;

	d->id = c->id;
	if ((c->needs_kernel && d->kernel == NULL) || d->wanted == NULL)
		doctor_add(d, HEALTH_SKIPPED, "%s: not checked, as the kernel cannot be read", c->what);
	else
		c->run(d);
	if (d->n == n)
		doctor_add(d, HEALTH_OK, "%s", c->what);
}

static const char *const health_words[] = {
	[HEALTH_OK] = "ok",
	[HEALTH_WARNING] = "warning",
	[HEALTH_ERROR] = "error",
	[HEALTH_SKIPPED] = "skipped",
};

void doctor_print_text(const struct doctor *d, struct buf *out)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct result *r = &d->result[i];

		/* Names of files and devices are in it, and may have control characters. */
		buf_printf(out, "%-8s ", health_words[r->health]);
		visible_puts(r->message, out);
		buf_printf(out, " [%s]\n", r->id);
		if (r->hint != NULL) {
			buf_adds(out, "         hint: ");
			visible_puts(r->hint, out);
			buf_addc(out, '\n');
		}
	}
}

void doctor_print_json(const struct doctor *d, struct buf *out)
{
	struct json j = { .out = out };

	json_open(&j, NULL, '{');
	json_number(&j, "version", 1);
	json_open(&j, "checks", '[');
	for (size_t i = 0; i < d->n; i++) {
		const struct result *r = &d->result[i];

		json_open(&j, NULL, '{');
		json_text(&j, "id", r->id);
		json_text(&j, "status", health_words[r->health]);
		json_text(&j, "message", r->message);
		json_text(&j, "hint", r->hint != NULL ? r->hint : "");
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_close(&j, '}');
	buf_addc(out, '\n');
}

void doctor_free(struct doctor *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->result[i].message);
		free(d->result[i].hint);
		free(d->result[i].about);
	}
	free(d->result);
	d->result = NULL;
	d->n = d->cap = d->errors = 0;
}
