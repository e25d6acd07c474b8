/* Advice about the files themselves: who may read and write what holds keys. Looks at modes and owners, changes none. */
#include "lint/lint.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READABLE, OPEN_PLACE };

const struct rule file_rules[] = {
	[READABLE] = { "SK501", "readable-keys", SEVERITY_ERROR, "others may read the keys in a file",
		"Whoever can read a key can read and forge the traffic. chmod 600 the file, and change the keys if\n"
		"it has been open for long. A file in a directory that is closed to others passes.", NULL },
	[OPEN_PLACE] = { "SK502", "open-place", SEVERITY_WARNING, "others may change the file, or put another in its place",
		"Root is to do what the file says. So it belongs to root, or to whoever checks it, nobody else may write\n"
		"it, and it lies in no directory where everybody may put files, such as /tmp. chmod go-w the file, or move it;\n"
		"a file that others may write is not loaded either (SK701).", NULL },
	{ NULL, NULL, 0, NULL, NULL, NULL }
};

/* Of a source that is a file with a name, its directory; false for all others. */
static bool directory(const struct source *src, struct stat *dir)
{
	const char *slash = strrchr(src->name, '/');
	struct buf name = { 0 };
	bool found;

	if (!S_ISREG(src->mode) || strcmp(src->name, "-") == 0)
		return false;
	buf_add(&name, src->name, slash ? (size_t)(slash - src->name) + 1 : 0);
	found = stat(slash ? buf_str(&name) : ".", dir) == 0;
	buf_free(&name);
	return found;
}

/* What of these bits of its mode is of use to others: it takes the way into the directory too. */
static unsigned open_bits(const struct source *src, unsigned bits)
{
	struct stat dir;

	bits &= src->mode;
	if (bits == 0 || !directory(src, &dir))
		return bits;
	if (!(dir.st_mode & S_IXGRP))
		bits &= ~(unsigned)S_IRWXG;
	if (!(dir.st_mode & S_IXOTH))
		bits &= ~(unsigned)S_IRWXO;
	return bits;
}

static bool has_key(const struct stmt *s)
{
	return verb_makes_sa(s->verb) && s->sa.encbits + s->sa.authbits > 0;
}

/* The statement is the first in its file that holds a key. */
static void readable(const struct unit *u, const struct stmt *s)
{
	unsigned open = open_bits(s->src, S_IRGRP | S_IROTH);
	struct lint l = { s, u->diags };

	if (open == 0)
		return;
	lint_add(&l, &file_rules[READABLE], s->sa.encbits > 0 ? PART_ENCKEY : PART_AUTHKEY,
	         "the file holds keys and %s may read it", open & S_IROTH ? "everybody" : "its group");
	diag_hint(u->diags, "chmod 600");
}

static void place(const struct unit *u, struct source *src)
{
	const struct rule *rule = &file_rules[OPEN_PLACE];
	struct span at = { 0, 0 };
	struct stat dir, file;
	unsigned open = open_bits(src, S_IWGRP | S_IWOTH);

	if (!directory(src, &dir))
		return;
	if (open != 0) {
		diag_add(u->diags, rule, src, at, "%s may write this file", open & S_IWOTH ? "everybody" : "its group");
		diag_hint(u->diags, "chmod go-w");
	}
	if (dir.st_mode & S_IWOTH) {
		diag_add(u->diags, rule, src, at, "everybody may put files where this one lies");
		diag_hint(u->diags, "keep it in a directory of root's");
	}
	if (stat(src->name, &file) == 0 && file.st_uid != 0 && file.st_uid != geteuid())
		diag_add(u->diags, rule, src, at, "this file belongs neither to root nor to you");
}

void lint_files(const struct unit *u)
{
	const struct source *told = NULL;

	for (size_t i = 0; i < u->conf->n; i++) {
		const struct stmt *s = u->conf->stmt[i];

		if (s->src == told || s->src == NULL || !has_key(s))
			continue;
		readable(u, s);
		told = s->src;
	}
	for (size_t i = 0; i < u->nsources; i++)
		place(u, u->source[i]);
}
