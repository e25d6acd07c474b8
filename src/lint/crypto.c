/* Advice about algorithms: what an SA of these protects, by the RFCs. Looks at one SA, never at its keys. */
#include "lint/lint.h"

enum { NO_INTEGRITY };

const struct rule crypto_rules[] = {
	[NO_INTEGRITY] = { "SK101", "no-integrity", SEVERITY_ERROR, "encryption without integrity",
		"A cipher alone lets anyone on the way change packets unseen, and read them by watching how\n"
		"errors are handled. Add -A hmac-sha256-128, or use a cipher with integrity of its own.", "RFC 8221 section 4" },
	{ NULL, NULL, 0, NULL, NULL, NULL }
};

static bool has_integrity(const struct sa *sa)
{
	return sa->enc->kind == ALG_AEAD || (sa->auth != NULL && sa->auth->maxbits != 0);
}

void lint_crypto(struct lint *l, const struct sa *sa)
{
	if (sa->proto != PROTO_ESP || sa->enc == NULL)
		return;
	if (sa->enc->maxbits != 0 && !has_integrity(sa)) {
		lint_add(l, &crypto_rules[NO_INTEGRITY], PART_ENC, "%s without -A: packets can be changed unseen", sa->enc->name);
		diag_hint(l->diags, "add -A hmac-sha256-128 and a key");
	}
}
