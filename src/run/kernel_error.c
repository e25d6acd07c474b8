/* SPDX-License-Identifier: ISC */
/*
 * Turns refusals of the kernel into findings, with our own text and hint where it returns only an error
 * number.
 */
#include "run/kernel_error.h"

#include "run/settings.h"

#include <errno.h>
#include <string.h>

enum { REFUSED, UNKNOWN, INEXPRESSIBLE };

const struct rule kernel_rules[] = {
	[REFUSED] = { "SK601", "kernel", SEVERITY_ERROR, "the kernel refused the statement" },
	[UNKNOWN] = { "SK602", "unknown-outcome", SEVERITY_ERROR, "the kernel's answer was lost" },
	[INEXPRESSIBLE] = { "SK603", "wire", SEVERITY_ERROR,
		"the interface cannot say it, or no kernel takes it" },
	{ NULL, NULL, 0, NULL }
};

/* The frequent refusals. A row with VERB_NONE is for all verbs without a row of their own. */
static const struct {
	int err;
	enum verb verb;
	enum part part; /* the word to point at if the kernel names none */
	const char *text, *hint;
} texts[] = {
	{ EEXIST, VERB_ADD, PART_SPI, "an SA with this destination, protocol and SPI exists already",
	  "delete it first, or choose another SPI" },
	{ EEXIST, VERB_GETSPI, PART_SPI, "the SPI is in use", "choose another SPI" },
	{ ENOENT, VERB_GETSPI, PART_SPI, "the SPI is in use", "choose another SPI" },
	{ EEXIST, VERB_SPDADD, PART_MAX, "a policy with this selector and direction exists already",
	  "use spdupdate to replace it; policies that differ only in priority are the same policy" },
	{ EALREADY, VERB_UPDATE, PART_MAX, "the SA is in use: Linux would report success and change nothing",
	  "delete the SA and add it again, or add one with a new SPI" },
	{ EALREADY, VERB_DELETE, PART_MAX, "Linux would delete the SA of this SPI that has no mark",
	  "delete that SA first, without -mark" },
	{ EALREADY, VERB_GET, PART_MAX, "Linux would return the SA of this SPI that has no mark",
	  "leave -mark out to see that SA, or use dump" },
	{ ENOTUNIQ, VERB_DELETE, PART_MAX, "Linux would delete another SA of this SPI",
	  "delete that SA first" },
	{ ENOTUNIQ, VERB_GET, PART_MAX, "Linux would return another SA of this SPI",
	  "use dump to see both" },
	{ ENOTUNIQ, VERB_DELETEALL, PART_MAX,
	  "for a marked SA Linux would delete another one of its SPI, which has another source",
	  "delete that SA first" },
	{ ESRCH, VERB_NONE, PART_SPI, "there is no such SA", NULL },
	{ ENOENT, VERB_SPDDELETE, PART_MAX, "there is no such policy",
	  "write the addresses, prefixes, ports, protocol, direction, mark, interface id and type of the "
	  "policy" },
	{ EADDRINUSE, VERB_NONE, PART_TMPL, "no id is left for unique: other programs use all of them",
	  "write an id, such as unique:1" },
	{ EPERM, VERB_NONE, PART_MAX, "not permitted", "run setkey as root: the kernel requires CAP_NET_ADMIN" },
	{ EPROTONOSUPPORT, VERB_NONE, PART_PROTO,
	  "the running kernel lacks the protocol, or its module is not loaded",
	  "load the module: esp4, esp6, ah4, ah6, ipcomp or ipcomp6" },
	{ ENOSYS, VERB_NONE, PART_ENC, "the running kernel lacks an algorithm",
	  "run `setkey algorithms` for a list of those that setkey knows" },
	{ EINVAL, VERB_GETSPI, PART_SPI, "the kernel refuses the SPI", NULL },
	{ EINVAL, VERB_NONE, PART_MAX, "the kernel refuses the statement as invalid", NULL },
	{ ENOMEM, VERB_NONE, PART_MAX, "the kernel has no memory left", NULL },
};

enum { TEXTS = sizeof(texts) / sizeof(texts[0]) };

static size_t find_text(int err, enum verb verb)
{
	size_t found = TEXTS;

	for (size_t i = TEXTS; i-- > 0; )
		if (texts[i].err == err && (texts[i].verb == verb ||
		    (texts[i].verb == VERB_NONE && found == TEXTS)))
			found = i;
	return found;
}

/*
 * Most messages of the kernel name the part without its offset. The first row whose words the message
 * contains, and whose part the statement has, is used.
 */
static const struct { const char *words; enum part part; } named[] = {
	{ "TFC", PART_TFCPAD }, { "Flag", PART_FLAGS },
	{ "CRYPT", PART_ENC }, { "AEAD", PART_ENC }, { "cryptographic", PART_ENC }, { "TRUNC", PART_AUTH },
	{ "AUTH", PART_AUTH }, { "ICV", PART_AUTH }, { "COMP", PART_COMP }, { "SPI", PART_SPI },
	{ "eplay", PART_WINDOW }, { "offload", PART_OFFLOAD }, { "ESN", PART_ESN }, { "template", PART_TMPL }, { "prefix", PART_SRC_PREFIX },
	{ "mode", PART_MODE }, { "type not found", PART_PROTO }, { "protocol", PART_PROTO },
};

static enum part part_named(const struct refusal *r)
{
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (strstr(r->why, named[i].words) != NULL && stmt_has_part(r->stmt, named[i].part))
			return named[i].part;
	return PART_MAX;
}

static void add_finding(struct diags *d, int rule, const struct stmt *s, enum part part, const char *text,
                        const char *why, bool copy)
{
	diag_add(d, &kernel_rules[rule], s->src, part == PART_MAX ? s->at : stmt_part(s, part), "%s%s%s%s%s",
	         text, *why ? " (" : "", why, *why ? ")" : "", copy ? ", for the forward copy" : "");
}

void kernel_error_add(const struct refusal *r, struct diags *d)
{
	size_t i = find_text(r->err, r->stmt->verb);
	enum part part = r->part;
	/* PF_KEY does not say which of the two algorithms is missing. */
	bool either = r->err == ENOSYS && stmt_has_part(r->stmt, PART_ENC) &&
	              stmt_has_part(r->stmt, PART_AUTH);

	if (r->err == EOPNOTSUPP && *r->why != '\0') {
		add_finding(d, INEXPRESSIBLE, r->stmt, part, r->why, "", r->is_fwd_copy);
		return;
	}
	if (r->unknown) {
		add_finding(d, UNKNOWN, r->stmt, PART_MAX,
		            "the kernel's answer was lost: "
		            "the statement may or may not have been carried out",
		            "", r->is_fwd_copy);
		diag_hint(d, "look with setkey -D and setkey -DP");
		return;
	}
	if (i == TEXTS) {
		add_finding(d, REFUSED, r->stmt, part == PART_MAX ? part_named(r) : part, strerror(r->err),
		            r->why, r->is_fwd_copy);
		return;
	}
	if (part == PART_MAX)
		part = part_named(r);
	if (part == PART_MAX && texts[i].part != PART_MAX && !either &&
	    stmt_has_part(r->stmt, texts[i].part))
		part = texts[i].part;
	add_finding(d, REFUSED, r->stmt, part, texts[i].text, r->why, r->is_fwd_copy);
	if (texts[i].hint != NULL)
		diag_hint(d, "%s", texts[i].hint);
}

int refuse_pfkey(void)
{
	error("PF_KEY does not show marks, interface ids, sequence numbers and other parts of what the "
	      "kernel holds, which can be neither compared nor brought back over it: leave out --via=pfkey, "
	      "or load with setkey -f and look with setkey dump");
	return STATUS_SYSTEM;
}
