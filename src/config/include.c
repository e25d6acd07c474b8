/* SPDX-License-Identifier: ISC */
/* Runs the directives define, key, keys and include, and reads the files that they name. */
#include "config/parse_internal.h"

#include "base/memory.h"

#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Limits that setkey.conf(5) documents, so that a few lines cannot use up the memory: depth of includes,
 * number of files, bytes of all included files, bytes of the value of a name.
 */
enum { DEPTH_MAX = 16, FILES_MAX = 4096, NAMED_MAX = 64 << 20, DEFINED_MAX = 1024 };

void parse_directive(struct parse *p, struct span name, struct span value)
{
	p->name = name;
	p->value = value;
}

/* False, after a finding, if the name is already defined. */
static bool is_new_name(struct parse *p, enum variable_kind kind, struct text name)
{
	const struct variable *b = variable_find(&p->conf->variables, kind, name.p, name.len);
	struct buf quoted;

	if (b == NULL)
		return true;
	quoted = parse_quote(p, p->name);
	parse_error(p, PARSE_TWICE, p->name, "\"%s\" is already defined", buf_str(&quoted));
	if (b->src != NULL && !p->stop)
		diag_note(p->diags, b->src, b->at, "first defined here");
	buf_free(&quoted);
	return false;
}

static void bind_name(struct parse *p, enum variable_kind kind, struct text name, const void *value,
                      uint32_t len)
{
	variable_add(&p->conf->variables, &(struct variable){ .kind = kind,
	                                                   .name = name.p,
	                                                   .n = name.len,
	                                                   .value = value,
	                                                   .len = len,
	                                                   .src = p->src,
	                                                   .at = p->name });
}

static uint32_t variable_length(struct text t)
{
	uint32_t n = 0;

	if (t.len > 0 && isdigit((unsigned char)*t.p))
		return 0;
	while (n < t.len && (isalnum((unsigned char)t.p[n]) || t.p[n] == '_'))
		n++;
	return n;
}

/* Appends the text of the span to out, with the value of each $NAME in its place. False after a finding. */
static bool substitute_variables(struct parse *p, struct span at, struct buf *out)
{
	struct text t = { parse_text(p, at), at.len };

	for (uint32_t i = 0; i < t.len; i++) {
		struct text rest = { t.p + i + 1, t.len - i - 1 };
		uint32_t n = t.p[i] == '$' ? variable_length(rest) : 0;
		const struct variable *b =
		        n > 0 ? variable_find(&p->conf->variables, VARIABLE_WORD, rest.p, n) : NULL;

		if (n > 0 && b == NULL) {
			parse_undefined(p, (struct span){ at.off + i, n + 1 });
			return false;
		}
		buf_add(out, b ? b->value : t.p + i, b ? b->len : 1);
		i += n;
		if (out->len > DEFINED_MAX) {
			parse_error(p, PARSE_RANGE, at, "the value of a name has at most %d bytes",
			            DEFINED_MAX);
			return false;
		}
	}
	return true;
}

static void run_define(struct parse *p)
{
	struct text name = { parse_text(p, p->name), p->name.len };
	struct buf value = { 0 };

	if (variable_length(name) != name.len)
		parse_error(p, PARSE_SYNTAX, p->name,
		            "a name consists of letters, digits and _, and does not begin with a digit");
	else if (is_new_name(p, VARIABLE_WORD, name) && substitute_variables(p, p->value, &value))
		bind_name(p, VARIABLE_WORD, name, value.bytes, (uint32_t)value.len);
	buf_free(&value);
}

static void run_key(struct parse *p)
{
	struct text name = { parse_text(p, p->name), p->name.len };
	struct text word = { parse_text(p, p->value), p->value.len };
	uint8_t bytes[KEY_MAX];
	uint32_t n;

	if (!is_new_name(p, VARIABLE_KEY, name))
		return;
	if (name.len > 5 && (memcmp(name.p, "file:", 5) == 0 || memcmp(name.p, "cred:", 5) == 0))
		parse_error(p, PARSE_SYNTAX, p->name, "a key's name cannot begin with file: or cred:");
	else if (word.p[0] != '"' && word.len % 2 != 0)
		parse_error(p, PARSE_SYNTAX, p->value, "the key has an odd number of hex digits");
	else if (word.len > 3 && strncasecmp(word.p, "\"0x", 3) == 0)
		parse_error(p, PARSE_SYNTAX, p->value,
		            "hex digits in quotes are read as text: remove the quotes");
	else if (parse_key_bytes(p, p->value, word, bytes, &n))
		bind_name(p, VARIABLE_KEY, name, bytes, n);
	explicit_bzero(bytes, sizeof(bytes));
}

struct buf parse_path(const struct source *src, const char *name, size_t n)
{
	struct buf path = { 0 };

	source_path(src, name, n, &path);
	buf_str(&path);
	return path;
}

bool parse_may_miss(const struct parse *p, int err)
{
	return p->opts->no_keys && (err == -ENOENT || err == -EACCES);
}

/* Checks the permissions of a file that contains keys. False after a finding. */
bool parse_is_private(struct parse *p, const struct source *file, struct span at)
{
	unsigned open = file->mode & (S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH);

	if (open == 0 || p->opts->insecure)
		return true;
	parse_error(p, PARSE_OPEN_KEYS, at, "%s holds keys, and %s may %s it (mode %04o)", file->name,
	            open & (S_IROTH | S_IWOTH) ? "everybody" : "its group",
	            open & (S_IRGRP | S_IROTH) ? "read" : "write", file->mode & 07777);
	if (!p->stop)
		diag_hint(p->diags, "run chmod 600 %s, or accept it with --insecure", file->name);
	return false;
}

/* Returns how deep the file is nested in includes, 0 for the first one. */
static unsigned include_depth(const struct source *file)
{
	unsigned n = 0;

	for (const struct source *s = file->from; s != NULL; s = s->from)
		n++;
	return n;
}

static bool includes_itself(const struct source *file)
{
	for (const struct source *s = file->from; s != NULL; s = s->from)
		if (source_same(s, file))
			return true;
	return false;
}

static void refuse_file(struct parse *p, const char *name, const char *before, const char *after)
{
	struct buf shown = parse_shown_path(p, name);

	parse_error(p, PARSE_NAMED_FILE, p->value, "%s%s%s", before, buf_str(&shown), after);
	buf_free(&shown);
}

static void refuse_unreadable(struct parse *p, const char *name, int err)
{
	struct buf why = { 0 };

	buf_printf(&why, ": %s", err == -EINVAL ? "not a regular file" : err == -EFBIG ?
	           "included files exceed 64 MB" : strerror(-err));
	refuse_file(p, name, "cannot read ", buf_str(&why));
	buf_free(&why);
}

static void read_named_file(struct parse *p, const char *name, bool keys)
{
	struct source *file;
	size_t n = strlen(name) + 1;
	int err;

	if (p->opts->sources->nnamed >= FILES_MAX) {
		parse_error(p, PARSE_NAMED_FILE, p->value, "more than %d files are included",
		            FILES_MAX);
		p->stop = true;
		return;
	}
	file = sources_add(p->opts->sources);
	p->opts->sources->nnamed++;

	file->path = memcpy(memory_resize(NULL, n, 1), name, n);
	file->from = p->src;
	file->from_at = p->stmt.at;
	err = source_read_named(file, file->path, NAMED_MAX - p->opts->sources->named_bytes);
	p->opts->sources->named_bytes += file->len;
	if (keys && parse_may_miss(p, err))
		return;
	if (err != 0)
		refuse_unreadable(p, name, err);
	else if (includes_itself(file))
		refuse_file(p, name, "", " would include itself");
	else if (include_depth(file) > DEPTH_MAX)
		parse_error(p, PARSE_NAMED_FILE, p->value, "includes are nested more than %d deep",
		            DEPTH_MAX);
	else if (!keys || parse_is_private(p, file, p->value))
		parse_included(p, file, keys);
	p->conf->variables.partial |= keys && parse_has_error(p);
}

/* For glob(): a directory that does not exist is treated like an empty one. */
static int stops_search(const char *directory, int err)
{
	(void)directory;
	return err != ENOENT && err != ENOTDIR;
}

/*
 * Quotes the first n bytes of the path, the directory of the including file, in which *, ? and [ are not a
 * pattern.
 */
static struct buf escape_directory(const char *path, size_t n)
{
	struct buf out = { 0 };

	for (size_t i = 0; i < n; i++) {
		if (strchr("*?[\\", path[i]) != NULL)
			buf_addc(&out, '\\');
		buf_addc(&out, path[i]);
	}
	buf_adds(&out, path + n);
	return out;
}

/*
 * Reads the matching files in the order of their names. A pattern may match nothing, but a path without a
 * pattern must exist. A path that exists literally is not used as a pattern.
 */
static void run_include(struct parse *p, const char *path, size_t pattern_len)
{
	size_t directory = strlen(path) - pattern_len;
	struct buf pattern = escape_directory(path, directory);
	glob_t found = { 0 };
	int err = glob(buf_str(&pattern), 0, stops_search, &found);

	buf_free(&pattern);
	if (err == GLOB_NOSPACE)
		memory_exhausted();
	if (err == GLOB_NOMATCH && (strpbrk(path + directory, "*?[") == NULL || access(path, F_OK) == 0))
		read_named_file(p, path, false);
	else if (err != 0 && err != GLOB_NOMATCH)
		refuse_file(p, path, "cannot expand ", ": a directory cannot be read");
	for (size_t i = 0; err == 0 && i < found.gl_pathc; i++)
		read_named_file(p, found.gl_pathv[i], false);
	globfree(&found);
}

void parse_run_directive(struct parse *p)
{
	struct buf path;

	if (p->stmt.verb == VERB_DEFINE) {
		run_define(p);
		return;
	}
	if (p->stmt.verb == VERB_KEY) {
		run_key(p);
		return;
	}
	if (p->opts->sources == NULL)
		return;
	path = parse_path(p->src, parse_text(p, p->value) + 1, p->value.len - 2);
	if (p->stmt.verb == VERB_KEYS)
		read_named_file(p, buf_str(&path), true);
	else
		run_include(p, buf_str(&path), p->value.len - 2);
	buf_free(&path);
}
