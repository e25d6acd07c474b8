/* SPDX-License-Identifier: ISC */
/* Messages on standard error: an error in one sentence, findings, colours. */
#include "run/settings.h"

#include "text/visible.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool want_color(const struct settings *s, FILE *to)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (s->color != COLOR_AUTO)
		return s->color == COLOR_ALWAYS;
	return (no_color == NULL || *no_color == '\0') && isatty(fileno(to)) &&
	       (term == NULL || strcmp(term, "dumb") != 0);
}

void error(const char *fmt, ...)
{
	struct buf words = { 0 }, line = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&words, fmt, ap);
	va_end(ap);
	buf_adds(&line, "setkey: ");
	visible_puts(buf_str(&words), &line);
	buf_addc(&line, '\n');
	buf_write(&line, stderr);
	buf_free(&words);
	buf_free(&line);
}

void warn_if_open(void)
{
	static bool asked;
	struct stat st;

	if (!asked && fstat(STDOUT_FILENO, &st) == 0 && (S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode)) &&
	    st.st_mode & (S_IRGRP | S_IROTH))
		error("warning: others may read the file that the keys go to; chmod 600, and umask 077 "
		      "before");
	asked = true;
}

void warn_of_keys(bool shown, const struct event *ev)
{
	if (shown && ev->kind == EVENT_SA && ev->sa.encbits + ev->sa.authbits > 0)
		warn_if_open();
}

int report_findings(struct diags *d, const struct settings *s)
{
	diag_print(d, stderr, want_color(s, stderr));
	return d->errors > 0 ? STATUS_ERROR : STATUS_OK;
}

bool is_plain_name(const char *name, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)name[i]) && (i == 0 || strchr("._-", name[i]) == NULL))
			return false;
	return n > 0;
}
