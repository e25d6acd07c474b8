/* Advice about keys: what makes one known, guessable or used twice. A finding never holds a byte of one. */
#include "lint/lint.h"

#include <string.h>

enum { SAME_KEYS };

const struct rule key_rules[] = {
	[SAME_KEYS] = { "SK207", "same-keys", SEVERITY_ERROR, "one key for encryption and integrity",
		"Both are to be independent: what one algorithm lets out of its key weakens the other.\n"
		"`setkey keygen` makes one for each.", "RFC 4301 section 4.5.2" },
	{ NULL, NULL, 0, NULL, NULL, NULL }
};

static void one_sa(struct lint *l, const struct sa *sa)
{
	unsigned bits = sa->encbits < sa->authbits ? sa->encbits : sa->authbits;

	if (bits >= 64 && memcmp(sa_enckey(sa), sa_authkey(sa), bits / 8) == 0)
		lint_add(l, &key_rules[SAME_KEYS], PART_AUTHKEY, "this is the encryption key again");
}

void lint_keys(const struct unit *u)
{
	for (size_t i = 0; i < u->conf->n; i++) {
		struct lint l = { u->conf->stmt[i], u->diags };

		if (!l.stmt->bad && lint_makes_sa(l.stmt))
			one_sa(&l, &l.stmt->sa);
	}
}
