/* SPDX-License-Identifier: ISC */
/* Values of $NAME and @NAME. Reads keys from files and from systemd credentials. */
#include "config/parse_internal.h"

#include "base/hex.h"
#include "base/memory.h"

#include "grammar.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void parse_note_binding(const struct conf *conf, struct diags *diags, struct source *src, struct span at)
{
	const char *word = at.len > 1 ? src->text + at.off : "";
	enum variable_kind kind = *word == '@' ? VARIABLE_KEY : VARIABLE_WORD;
	const struct variable *b = *word == '$' || *word == '@' ?
	                                  variable_find(&conf->variables, kind, word + 1, at.len - 1) :
	                                  NULL;

	if (b != NULL && b->src != NULL)
		diag_note(diags, b->src, b->at, "defined here");
}

/* The name is not quoted in the message if it may be a key with a wrong first character. */
void parse_undefined(struct parse *p, struct span at)
{
	struct buf word = parse_quote(p, at);

	if (source_is_secret(p->src, at))
		parse_error(p, PARSE_UNDEFINED, at, "the name is not defined");
	else
		parse_error(p, PARSE_UNDEFINED, at, "%s is not defined", buf_str(&word));
	buf_free(&word);
}

static bool has_definitions(const struct parse *p)
{
	return p->conf->variables.n > 0;
}

int parse_variable(struct parse *p, struct span at)
{
	struct text t = parse_word(p, at);
	const char *comma = memchr(t.p, ',', t.len);

	if (t.p != parse_text(p, at)) {
		if (t.len > 2 && t.p[0] == '0' && (t.p[1] | 0x20) == 'x')
			return T_HEX;
		if (comma != NULL)
			return T_PAIR;
		return parse_all_digits(p, at) ? T_NUMBER : T_WORD;
	}
	if (has_definitions(p))
		parse_undefined(p, at);
	else
		parse_recognise(p, at);
	return YYerror;
}

/* Returns the text without blanks and line ends at both ends, which are not part of a key. */
static struct text trim_blanks(const struct source *src)
{
	struct text t = { src->text, src->len };

	while (t.len > 0 && isspace((unsigned char)t.p[t.len - 1]))
		t.len--;
	while (t.len > 0 && isspace((unsigned char)*t.p)) {
		t.p++;
		t.len--;
	}
	return t;
}

static uint32_t hex_digits(struct text t)
{
	uint32_t n = 0;

	while (n < t.len && hex_digit((unsigned char)t.p[n]) >= 0)
		n++;
	return n;
}

/* Reports a key that has other characters than hex digits, without showing it. */
static void report_not_hex(struct parse *p, struct span at, struct text digits)
{
	enum { CLEARLY_HEX = 8 };
	uint32_t n = hex_digits(digits);

	if (n < CLEARLY_HEX)
		parse_error(p, PARSE_NAMED_FILE, at,
		            "expected a key and nothing else in the file: 0x and hex digits, or quoted text");
	else if (strchr(" \t\r\n:-_\\", digits.p[n]) != NULL)
		parse_error(p, PARSE_NAMED_FILE, at,
		            "the key in the file is not one word");
	else
		parse_error(p, PARSE_NAMED_FILE, at,
		            "the key in the file has a character that is not a hex digit after its first %u",
		            n);
}

/*
 * Reads a key from the text of a file: in the notation of a statement, or hex digits alone as other tools
 * write them.
 */
static bool read_key_text(struct parse *p, struct span at, struct text t, uint8_t *to, uint32_t *n)
{
	bool prefixed = t.len > 2 && t.p[0] == '0' && (t.p[1] | 0x20) == 'x';
	bool quoted = t.len > 2 && t.p[0] == '"' && memchr(t.p + 1, '"', t.len - 1) == t.p + t.len - 1;
	struct text digits = prefixed ? (struct text){ t.p + 2, t.len - 2 } : t;

	if (quoted)
		return parse_key_bytes(p, at, t, to, n);
	*n = digits.len / 2;
	if (t.len == 0 || hex_digits(digits) != digits.len)
		report_not_hex(p, at, digits);
	else if (digits.len % 2 != 0)
		parse_error(p, PARSE_NAMED_FILE, at, "the key in the file has an odd number of hex digits");
	else if (*n > KEY_MAX)
		parse_error(p, PARSE_RANGE, at, "no algorithm takes a key of %u bytes", *n);
	else
		return hex_decode(to, digits.p, digits.len), true;
	return false;
}

enum { KEY_FILE_MAX = 1 << 16 }; /* bytes; far more than any key needs */

static bool read_key_file(struct parse *p, struct span at, const char *name, uint8_t *to, uint32_t *n,
                          bool *missing)
{
	struct source file = { 0 };
	int err = p->opts->sources == NULL ? -ENOENT : source_read_named(&file, name, KEY_FILE_MAX);
	struct buf shown = parse_shown_path(p, name);
	bool found = false;

	*missing = parse_may_miss(p, err);
	if (err != 0 && !*missing)
		parse_error(p, PARSE_NAMED_FILE, at, "cannot read %s: %s", buf_str(&shown),
		            err == -EINVAL ? "not a regular file" :
		            err == -EFBIG ? "too long for a key" : strerror(-err));
	else if (err == 0 && parse_is_private(p, &file, at))
		found = read_key_text(p, at, trim_blanks(&file), to, n);
	source_free(&file);
	buf_free(&shown);
	return found;
}

/*
 * Returns the file of a systemd credential. LoadCredential= places it in $CREDENTIALS_DIRECTORY, which is
 * dir.
 */
static struct buf credential_path(const char *dir, const char *name, size_t n)
{
	struct buf path = { 0 };

	buf_printf(&path, "%s/", dir);
	buf_add(&path, name, n);
	buf_str(&path);
	return path;
}

bool parse_has_credential(const char *name, size_t n)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	struct buf path = { 0 };
	bool exists;

	if (dir == NULL)
		return false;
	path = credential_path(dir, name, n);
	exists = access(buf_str(&path), F_OK) == 0;
	buf_free(&path);
	return exists;
}

static bool read_credential(struct parse *p, struct span at, struct text name, uint8_t *to, uint32_t *n,
                            bool *missing)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	struct buf path, shown;
	bool found = false;

	*missing = dir == NULL && p->opts->no_keys;
	if (memchr(name.p, '/', name.len) != NULL) {
		parse_error(p, PARSE_NAMED_FILE, at, "a credential's name cannot contain /");
	} else if (dir == NULL && !*missing) {
		parse_error(p, PARSE_NAMED_FILE, at,
		            "there are no credentials: $CREDENTIALS_DIRECTORY is not set");
		shown = parse_shown(p, name.p, name.len);
		diag_hint(p->diags, "add LoadCredential=%s:PATH to the systemd service",
		          buf_str(&shown));
		buf_free(&shown);
	} else if (dir != NULL) {
		path = credential_path(dir, name.p, name.len);
		found = read_key_file(p, at, buf_str(&path), to, n, missing);
		buf_free(&path);
	}
	return found;
}

static bool copy_named_key(struct parse *p, struct span at, struct text name, uint8_t *to, uint32_t *n,
                           bool *missing)
{
	const struct variable *b = variable_find(&p->conf->variables, VARIABLE_KEY, name.p, name.len);

	if (b != NULL) {
		*n = b->len;
		memcpy(to, b->value, b->len);
		return true;
	}
	*missing = p->opts->no_keys || p->conf->variables.partial;
	if (*missing)
		return false;
	parse_undefined(p, at);
	if (!p->stop)
		diag_hint(p->diags,
		          "add `key NAME 0x...;` before it, or name a file of keys: keys \"FILE\";");
	return false;
}

static bool skip_prefix(struct text *t, const char *prefix)
{
	size_t n = strlen(prefix);

	if (t->len <= n || memcmp(t->p, prefix, n) != 0)
		return false;
	t->p += n;
	t->len -= (uint32_t)n;
	return true;
}

/*
 * True for the characters that a key's name may have; a placeholder of a template, for instance, has others.
 */
static bool is_key_name(struct text t)
{
	for (uint32_t i = 0; i < t.len; i++)
		if (!isalnum((unsigned char)t.p[i]) && strchr(":%._-", t.p[i]) == NULL)
			return false;
	return t.len > 0;
}

bool parse_key_reference(struct parse *p, struct span at, uint8_t *to, uint32_t *n, bool *missing)
{
	struct text t = { parse_text(p, at) + 1, at.len - 1 };
	struct buf path;
	bool found;

	*n = 0;
	if (skip_prefix(&t, "cred:"))
		return read_credential(p, at, t, to, n, missing);
	if (skip_prefix(&t, "file:")) {
		path = parse_path(p->src, t.p, t.len);
		found = read_key_file(p, at, buf_str(&path), to, n, missing);
		buf_free(&path);
		return found;
	}
	if (is_key_name(t))
		return copy_named_key(p, at, t, to, n, missing);
	if (!parse_recognise(p, at))
		parse_error(p, PARSE_SYNTAX, at, "a key's name consists of letters, digits and :%%._-");
	return false;
}
