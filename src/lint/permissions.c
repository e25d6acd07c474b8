/* SPDX-License-Identifier: ISC */
/*
 * Advice about the files themselves: who may read and write what holds keys. Looks at modes and owners,
 * changes none.
 */
#include "lint/lint.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READABLE, OPEN_PLACE, IN_GIT, LINKED };

const struct rule permissions_rules[] = {
	[READABLE] = { "SK501", "readable-keys", SEVERITY_ERROR, "others may read the keys in a file" },
	[OPEN_PLACE] = { "SK502", "open-place", SEVERITY_WARNING,
		"others may change the file, or put another in its place" },
	[IN_GIT] = { "SK503", "keys-in-git", SEVERITY_INFO, "a file with keys in a git work tree" },
	[LINKED] = { "SK504", "open-link", SEVERITY_WARNING,
		"a symbolic link that others may turn elsewhere" },
	{ NULL, NULL, 0, NULL }
};

static bool has_name(const struct source *src)
{
	return S_ISREG(src->mode) && strcmp(src->name, "-") != 0;
}

/* Reads the status of the directory that a file lies in; false if that fails. */
static bool directory_of(const char *path, struct stat *dir)
{
	const char *slash = strrchr(path, '/');
	struct buf name = { 0 };
	bool found;

	buf_add(&name, path, slash ? (size_t)(slash - path) + 1 : 0);
	found = stat(slash ? buf_str(&name) : ".", dir) == 0;
	buf_free(&name);
	return found;
}

/* The same for a source; false if it is not a file with a name. */
static bool source_directory(const struct source *src, struct stat *dir)
{
	return has_name(src) && directory_of(src->name, dir);
}

static bool is_foreign(const struct stat *st)
{
	return st->st_uid != 0 && st->st_uid != geteuid();
}

/* Those mode bits that others can use: they also need to get into the directory. */
static unsigned open_bits(const struct source *src, unsigned bits)
{
	struct stat dir;

	bits &= src->mode;
	if (bits == 0 || !source_directory(src, &dir))
		return bits;
	if (!(dir.st_mode & S_IXGRP))
		bits &= ~(unsigned)S_IRWXG;
	if (!(dir.st_mode & S_IXOTH))
		bits &= ~(unsigned)S_IRWXO;
	return bits;
}

/* The span is the first key of its file. */
static void check_readable(const struct lint_input *u, struct source *src, struct span at)
{
	unsigned open = open_bits(src, S_IRGRP | S_IROTH);

	if (open == 0)
		return;
	diag_add(u->diags, &permissions_rules[READABLE], src, at, "the file holds keys and %s may read it",
	         open & S_IROTH ? "everybody" : "its group");
	diag_hint(u->diags, "run chmod 600");
}

/* True if one of the directories above has a .git. The path, which must be without links, is cut short. */
static bool is_in_git(char *path)
{
	struct buf name = { 0 };
	struct stat git;
	bool found = false;

	for (char *slash; !found && (slash = strrchr(path, '/')) != NULL; *slash = '\0') {
		name.len = 0;
		buf_add(&name, path, (size_t)(slash - path));
		buf_adds(&name, "/.git");
		found = stat(buf_str(&name), &git) == 0;
	}
	buf_free(&name);
	return found;
}

/* The span is the first key of its file. */
static void check_git(const struct lint_input *u, struct source *src, struct span at)
{
	char *path = has_name(src) ? realpath(src->name, NULL) : NULL;

	if (path != NULL && is_in_git(path)) {
		diag_add(u->diags, &permissions_rules[IN_GIT], src, at,
		         "the file is in a git work tree: a key that is committed stays in its history");
		diag_hint(u->diags, "keep keys in a file outside the work tree");
	}
	free(path);
}

static void check_link(const struct lint_input *u, struct source *src)
{
	const struct rule *rule = &permissions_rules[LINKED];
	struct span at = { 0, 0 };
	struct stat link, dir;
	char *target;

	if (!has_name(src) || lstat(src->name, &link) != 0 || !S_ISLNK(link.st_mode))
		return;
	target = realpath(src->name, NULL);
	if (is_foreign(&link))
		diag_add(u->diags, rule, src, at,
		         "the file is a symbolic link that belongs neither to root nor to you");
	else if (target != NULL && directory_of(target, &dir) && (dir.st_mode & S_IWOTH || is_foreign(&dir)))
		diag_add(u->diags, rule, src, at,
		         "the file is a symbolic link to a directory where %s may put files",
		         dir.st_mode & S_IWOTH ? "everybody" : "somebody else than root or you");
	free(target);
}

static void check_place(const struct lint_input *u, struct source *src)
{
	const struct rule *rule = &permissions_rules[OPEN_PLACE];
	struct span at = { 0, 0 };
	struct stat dir, file;
	unsigned open = open_bits(src, S_IWGRP | S_IWOTH);

	if (!source_directory(src, &dir))
		return;
	if (open != 0) {
		diag_add(u->diags, rule, src, at, "%s may write the file",
		         open & S_IWOTH ? "everybody" : "its group");
		diag_hint(u->diags, "run chmod go-w");
	}
	if (dir.st_mode & S_IWOTH) {
		diag_add(u->diags, rule, src, at, "everybody may put files in its directory");
		diag_hint(u->diags, "keep it in a directory that belongs to root");
	}
	if (stat(src->name, &file) == 0 && is_foreign(&file))
		diag_add(u->diags, rule, src, at, "the file belongs neither to root nor to you");
}

/* Lowers *first to a place that comes before it; without length it is not set. */
static void keep_first(struct span *first, struct span at)
{
	if (first->len == 0 || at.off < first->off)
		*first = at;
}

/* Finds the first key that is written in each source; first is indexed by the order of the sources. */
static void find_keys(const struct lint_input *u, struct span *first)
{
	const struct variables *b = &u->conf->variables;

	for (size_t i = 0; i < u->conf->n; i++) {
		const struct stmt *s = u->conf->stmt[i];

		if (s->src == NULL || !verb_makes_sa(s->verb))
			continue;
		if (s->sa.encbits > 0 && stmt_has_literal_key(s, PART_ENCKEY))
			keep_first(&first[s->src->order], stmt_part(s, PART_ENCKEY));
		if (s->sa.authbits > 0 && stmt_has_literal_key(s, PART_AUTHKEY))
			keep_first(&first[s->src->order], stmt_part(s, PART_AUTHKEY));
	}
	for (size_t i = 0; i < b->cap; i++)
		if (b->slot[i].name != NULL && b->slot[i].kind == VARIABLE_KEY && b->slot[i].src != NULL)
			keep_first(&first[b->slot[i].src->order], b->slot[i].at);
}

void lint_permissions(const struct lint_input *u)
{
	struct span *first = memory_resize(NULL, u->nsources + 1, sizeof(*first));

	memset(first, 0, (u->nsources + 1) * sizeof(*first));
	find_keys(u, first);
	for (size_t i = 0; i < u->nsources; i++) {
		struct source *src = u->source[i];

		if (first[src->order].len > 0) {
			check_readable(u, src, first[src->order]);
			check_git(u, src, first[src->order]);
		}
		check_place(u, src);
		check_link(u, src);
	}
	free(first);
}
