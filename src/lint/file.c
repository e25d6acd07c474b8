/* Advice about the files themselves: who may read and write what holds keys. */
#include "lint/lint.h"

#include <sys/stat.h>

enum { READABLE };

const struct rule file_rules[] = {
	[READABLE] = { "SK501", "readable-keys", SEVERITY_ERROR, "others may read the keys in a file",
		"Whoever can read a key can read and forge the traffic. chmod 600 the file, and change the keys if\n"
		"it has been open for long.", NULL },
	{ NULL, NULL, 0, NULL, NULL, NULL }
};

/* The first key in the file, or NULL. */
static const struct stmt *first_key(const struct unit *u, const struct source *src)
{
	for (size_t i = 0; i < u->conf->n; i++)
		if (u->conf->stmt[i]->src == src && lint_makes_sa(u->conf->stmt[i]) &&
		    u->conf->stmt[i]->sa.encbits + u->conf->stmt[i]->sa.authbits > 0)
			return u->conf->stmt[i];
	return NULL;
}

static void readable(const struct unit *u, const struct source *src)
{
	const struct stmt *s = (src->mode & (S_IRGRP | S_IROTH)) != 0 ? first_key(u, src) : NULL;
	struct lint l = { s, u->diags };

	if (s == NULL)
		return;
	lint_add(&l, &file_rules[READABLE], s->sa.encbits > 0 ? PART_ENCKEY : PART_AUTHKEY,
	         "the file holds keys and %s may read it", src->mode & S_IROTH ? "everybody" : "its group");
	diag_hint(u->diags, "chmod 600");
}

void lint_files(const struct unit *u)
{
	for (size_t i = 0; i < u->nsources; i++)
		readable(u, u->source[i]);
}
