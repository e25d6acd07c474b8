/* SPDX-License-Identifier: ISC */
/*
 * Recognises a text that is not a setkey file: a script, a patch, a template, a binary file. Knows no
 * statements.
 */
#include "config/parse_internal.h"

#include "base/memory.h"
#include "config/foreign_file.h"

#include <ctype.h>
#include <string.h>

enum { NEAR = 512 }; /* bytes examined on either side of an error */

/*
 * True if the mark is in the line, up to its comment. Of a long line only NEAR bytes on either side are
 * examined.
 */
static bool line_has(const struct parse *p, struct span at, const char *mark)
{
	const char *from = parse_text(p, at), *to = from;
	const char *begin = p->src->text + (at.off > NEAR ? at.off - NEAR : 0);
	size_t n = strlen(mark);

	while (from > begin && from[-1] != '\n')
		from--;
	while (to < parse_text(p, at) + NEAR && *to != '\0' && *to != '\n' && *to != '#')
		to++;
	return memmem(from, (size_t)(to - from), mark, n) != NULL;
}

static bool at_line_start(const struct parse *p, struct span at)
{
	return at.off == 0 || p->src->text[at.off - 1] == '\n';
}

static bool is_script(const struct parse *p)
{
	static const char *const shells[] = { "sh\n", "sh ", "bash", "perl", "python", NULL };
	size_t n = 0;

	if (strncmp(p->src->text, "#!", 2) != 0)
		return false;
	while (n < NEAR && p->src->text[n] != '\0' && p->src->text[n++] != '\n')
		continue;
	for (const char *const *s = shells; *s != NULL; s++)
		if (memmem(p->src->text, n, *s, strlen(*s)) != NULL)
			return true;
	return false;
}

static bool is_command(const struct parse *p, struct span at)
{
	static const char *const words[] = { "setkey", "echo", "cat", "if", "for", "while", "export", "exec",
		"sudo", "ip", "iptables", "nft", "wg", "function", "set", "case", "then", NULL };

	for (const char *const *w = words; *w != NULL; w++)
		if (parse_is(p, at, *w))
			return true;
	return false;
}

static bool is_patch(const struct parse *p, struct span at)
{
	static const char *const marks[] = { "+", "@@ ", "--- ", "diff ", "Index: ", NULL };

	for (const char *const *m = marks; *m != NULL; m++)
		if (strncmp(parse_text(p, at), *m, strlen(*m)) == 0)
			return true;
	return false;
}

/* Reports once what the text is, and stops reading it. */
static void reject_file(struct parse *p, struct span at, const char *what, const char *hint)
{
	parse_error(p, PARSE_NOT_SETKEY, at, "%s", what);
	if (!p->stop)
		diag_hint(p->diags, "%s", hint);
	p->stop = true;
}

/* Checked at the first error of a text only, because later checks would give the same result. */
static bool is_foreign_file(struct parse *p, struct span at)
{
	const char *what, *hint;
	struct buf message = { 0 };

	if (p->foreign_checked || !foreign_file(p->src, &what, &hint)) {
		p->foreign_checked = true;
		return false;
	}
	buf_printf(&message, "the file is %s, not a setkey file", what);
	reject_file(p, at, buf_str(&message), hint);
	buf_free(&message);
	return true;
}

/* True for %any and %defaultroute, libreswan's words for addresses. */
static bool is_libreswan_any(const struct parse *p, struct span at)
{
	return strncmp(parse_text(p, at), "%any", 4) == 0 ||
	       strncmp(parse_text(p, at), "%defaultroute", 13) == 0;
}

bool parse_recognise(struct parse *p, struct span at)
{
	static const char *const templates[] = { "{{", "{%", "<%", "[%", "${", "$(", NULL };
	char c = p->src->text[at.off];

	if (parse_has_error(p))
		return true;
	if (!is_script(p) && is_foreign_file(p, at))
		return true;
	if (is_script(p) || (!p->open && is_command(p, at))) {
		reject_file(p, at, "this is a shell script, not a setkey file",
		        "run it, or keep only what it feeds to setkey");
		return true;
	}
	if (at_line_start(p, at) && !p->open && is_patch(p, at)) {
		reject_file(p, at, "this is a patch, not a setkey file",
		            "apply it, or drop the leading + signs");
		return true;
	}
	for (const char *const *t = templates; *t != NULL; t++) {
		if (!line_has(p, at, *t))
			continue;
		reject_file(p, at, "this is a template that has not been rendered", "render it first");
		return true;
	}
	if (parse_word(p, at).p != parse_text(p, at))
		return false; /* a defined $NAME, not a placeholder */
	if (c != '<' &&
	    !(!is_libreswan_any(p, at) && strchr("$@%", c) != NULL &&
	      isalpha((unsigned char)p->src->text[at.off + 1])))
		return false;
	parse_error(p, PARSE_NOT_SETKEY, at, "a placeholder was left in the text");
	if (parse_key_is_due(p, at))
		diag_hint(p->diags, "write the key in its place");
	else
		diag_hint(p->diags, c == '$' ? "write the address or name in its place, or define NAME = "
		                               "TEXT; before it" :
		                               "write the address or name in its place");
	return true;
}

/* True, after one finding, for UTF-16 or a NUL byte; otherwise each byte would be an error of its own. */
bool parse_is_binary(struct parse *p)
{
	const char *nul = memchr(p->src->text, '\0', p->src->len);
	struct span at = { 0, 1 };

	if (p->src->len >= 2 &&
	    (memcmp(p->src->text, "\xff\xfe", 2) == 0 || memcmp(p->src->text, "\xfe\xff", 2) == 0)) {
		parse_error(p, PARSE_NOT_SETKEY, at, "the file is UTF-16 text");
		diag_hint(p->diags, "save it as plain text or UTF-8");
		return true;
	}
	if (nul == NULL)
		return false;
	at.off = (uint32_t)(nul - p->src->text);
	parse_error(p, PARSE_NOT_SETKEY, at, "binary file: it contains a NUL byte");
	return true;
}
