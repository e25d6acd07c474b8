/* SPDX-License-Identifier: ISC */
/* Lines for -c: edited and remembered on a terminal, plain reads everywhere else. */
#include "run/line_editor.h"

#include "base/libc.h"

#include <errno.h>
#include <histedit.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { REMEMBERED = 200, TAKEN_MAX = 8192 };

struct taken {
	struct taken *next;
};

struct line_editor {
	EditLine *line;   /* NULL: no terminal */
	History *history;
	bool more;
};

static char *line_editor_prompt(EditLine *line)
{
	static char first[] = "setkey> ", more[] = "      > ";
	void *e = NULL;

	el_get(line, EL_CLIENTDATA, &e);
	return e != NULL && ((struct line_editor *)e)->more ? more : first;
}

static void start_editing(struct line_editor *e)
{
	HistEvent event;

	e->line = el_init("setkey", stdin, stdout, stderr);
	e->history = history_init();
	if (e->line == NULL || e->history == NULL)
		memory_exhausted();
	history(e->history, &event, H_SETSIZE, REMEMBERED);
	el_set(e->line, EL_CLIENTDATA, e);
	el_set(e->line, EL_PROMPT, line_editor_prompt);
	el_set(e->line, EL_SIGNAL, 1);
	el_set(e->line, EL_EDITOR, "emacs");
	el_set(e->line, EL_HIST, history, e->history);
	el_source(e->line, NULL); /* ~/.editrc, as every program with this library */
}

struct line_editor *line_editor_open(void)
{
	struct line_editor *e = memory_resize(NULL, 1, sizeof(*e));

	*e = (struct line_editor){ .line = NULL };
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		start_editing(e);
	return e;
}

static ssize_t read_block(struct buf *text)
{
	char block[4096];
	ssize_t n;

	do
		n = read(STDIN_FILENO, block, sizeof(block));
	while (n < 0 && errno == EINTR);
	if (n > 0)
		buf_add(text, block, (size_t)n);
	explicit_bzero(block, sizeof(block));
	return n < 0 ? -errno : n;
}

ssize_t line_editor_read(struct line_editor *e, bool more, struct buf *text)
{
	HistEvent event;
	const char *line;
	int n = 0;

	if (e->line == NULL)
		return read_block(text);
	e->more = more;
	line = el_gets(e->line, &n);
	if (line == NULL || n <= 0)
		return 0;
	if (line[strspn(line, " \t\n")] != '\0')
		history(e->history, &event, H_ENTER, line);
	buf_add(text, line, (size_t)n);
	return n;
}

/* Allocates memory of this size until the heap would have to grow, and overwrites it. */
static void take_freed(size_t size, struct taken **all)
{
	const void *edge = sbrk(0);
	struct taken *t = NULL;

	for (unsigned i = 0; i < TAKEN_MAX && (t = malloc(size)) != NULL && sbrk(0) == edge; i++) {
		explicit_bzero(t, size);
		t->next = *all;
		*all = t;
		t = NULL;
	}
	free(t);
}

/*
 * Overwrites the freed memory of the heap: libedit frees its lines, its copy of the screen and the history
 * without wiping them, and there were keys in them.
 */
static void wipe_freed(void)
{
	struct taken *all = NULL, *t;

	mallopt(M_TOP_PAD, 0);
	for (size_t size = 1 << 16; size >= sizeof(*t); size -= size > 2048 ? size / 2 : 16)
		take_freed(size, &all);
	while ((t = all) != NULL) {
		all = t->next;
		free(t);
	}
}

void line_editor_close(struct line_editor *e)
{
	if (e->line != NULL) {
		history_end(e->history);
		el_end(e->line);
		wipe_freed();
	}
	free(e);
}
