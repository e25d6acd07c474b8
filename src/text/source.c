/* SPDX-License-Identifier: ISC */
/*
 * One input in memory: reads it, turns offsets into lines and columns, shows a line with its keys masked.
 * Knows no grammar.
 */
#include "text/source.h"

#include "base/memory.h"
#include "text/secret.h"
#include "text/visible.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXCERPT_WIDTH = 160, QUOTE_MAX = 48, RENDERED_MAX = 512 };

/* Appends the whole input to text, and sets mode, dev and ino of s. */
static int read_all(int fd, bool regular, size_t max, struct buf *text, struct source *s)
{
	enum { BLOCK = 65536, MARGIN = 16 };
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) != 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (regular && !S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size > (off_t)max)
		return -EFBIG;
	s->mode = S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode) ? st.st_mode : 0;
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	if (S_ISREG(st.st_mode))
		buf_reserve(text, (size_t)st.st_size + MARGIN);
	do {
		if (text->cap - text->len < MARGIN)
			buf_reserve(text, BLOCK);
		n = read(fd, text->bytes + text->len, text->cap - text->len - 2);
		if (n < 0 && errno != EINTR)
			return -errno;
		text->len += n > 0 ? (size_t)n : 0;
		if (text->len > max)
			return -EFBIG;
	} while (n != 0);
	return 0;
}

static void set_text(struct source *s, const char *name, struct buf *text, uint32_t line, uint32_t col)
{
	buf_add(text, NULL, 2);
	s->name = name;
	s->text = (char *)text->bytes;
	s->len = (uint32_t)(text->len - 2);
	s->line = line;
	s->col = col;
}

static int read_file(struct source *s, const char *name, int fd, bool regular, size_t max)
{
	struct buf text = { 0 };
	int err = fd < 0 ? -errno : read_all(fd, regular, max, &text, s);

	if (fd > STDIN_FILENO)
		close(fd);
	if (err != 0)
		buf_clear(&text); /* a part of the file could mean something else */
	set_text(s, name, &text, 1, 1);
	return err;
}

int source_read(struct source *s, const char *name)
{
	bool std = strcmp(name, "-") == 0;

	return read_file(s, name, std ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY), false,
	                 UINT32_MAX - 2);
}

/* With O_NONBLOCK, since opening a pipe that nobody writes to would wait for ever. */
int source_read_named(struct source *s, const char *name, size_t max)
{
	return read_file(s, name, open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), true, max);
}

void source_set(struct source *s, const char *name, const char *text, size_t n, uint32_t line, uint32_t col)
{
	struct buf b = { 0 };

	buf_add(&b, text, n);
	set_text(s, name, &b, line, col);
}

void source_path(const struct source *s, const char *name, size_t n, struct buf *out)
{
	const char *slash = s->from == NULL && strcmp(s->name, "-") == 0 ? NULL : strrchr(s->name, '/');

	if (n > 0 && name[0] != '/' && slash != NULL)
		buf_add(out, s->name, (size_t)(slash - s->name) + 1);
	buf_add(out, name, n);
}

const struct source *source_top(const struct source *s)
{
	while (s->from != NULL)
		s = s->from;
	return s;
}

bool source_same(const struct source *a, const struct source *b)
{
	return a->ino != 0 && a->ino == b->ino && a->dev == b->dev;
}

bool sources_again(const struct sources *list, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (source_same(list->source[k], list->source[i]))
			return true;
	return false;
}

void source_free(struct source *s)
{
	if (s->text != NULL)
		explicit_bzero(s->text, s->len);
	free(s->text);
	free(s->lines);
	free(s->secret);
	free(s->masker);
	free(s->path);
	*s = (struct source){ 0 };
}

struct source *sources_add(struct sources *list)
{
	struct source *s = memory_resize(NULL, 1, sizeof(*s));

	list->source = memory_grow(list->source, list->n, &list->cap, sizeof(struct source *));
	list->source[list->n++] = s;
	*s = (struct source){ .order = (uint32_t)list->n };
	return s;
}

void sources_free(struct sources *list)
{
	for (size_t i = 0; i < list->n; i++) {
		source_free(list->source[i]);
		free(list->source[i]);
	}
	free(list->source);
	*list = (struct sources){ 0 };
}

static void index_lines(struct source *s)
{
	size_t cap = 0;

	if (s->lines != NULL)
		return;
	s->lines = memory_grow(NULL, 0, &cap, sizeof(*s->lines));
	s->lines[s->nlines++] = 0;
	for (uint32_t i = 0; i < s->len; i++) {
		if (s->text[i] != '\n')
			continue;
		s->lines = memory_grow(s->lines, s->nlines, &cap, sizeof(*s->lines));
		s->lines[s->nlines++] = i + 1;
	}
}

size_t source_lines(struct source *s)
{
	index_lines(s);
	return s->nlines;
}

uint32_t source_line_start(struct source *s, size_t line)
{
	return line < source_lines(s) ? s->lines[line] : s->len;
}

size_t source_line_at(struct source *s, uint32_t off)
{
	size_t low = 0, high;

	index_lines(s);
	high = s->nlines;
	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (s->lines[mid] <= off)
			low = mid;
		else
			high = mid;
	}
	return low;
}

void source_place(struct source *s, uint32_t off, uint32_t *line, uint32_t *col)
{
	size_t i = source_line_at(s, off);

	*line = s->line + (uint32_t)i;
	*col = off - s->lines[i] + (i == 0 ? s->col : 1);
}

bool source_is_secret(struct source *s, struct span at)
{
	return secret_after(s, at.off, at.off + (at.len ? at.len : 1)) != NULL;
}

static void put_byte(unsigned char c, struct buf *out)
{
	if (c == '\t' || c >= 0x80 || isprint(c))
		buf_addc(out, (char)c);
	else if (c == '\r')
		buf_adds(out, "^M");
	else
		buf_addc(out, '?');
}

void source_quote(struct source *s, struct span at, struct buf *out)
{
	const struct span *key = secret_after(s, at.off, at.off + (at.len ? at.len : 1));
	const char *p = s->text + at.off;

	if (key != NULL) {
		secret_put(s, *key, out);
		return;
	}
	for (uint32_t i = 0; i < at.len && i < QUOTE_MAX; i++)
		put_byte(isprint((unsigned char)p[i]) ? (unsigned char)p[i] : '?', out);
	if (at.len > QUOTE_MAX)
		buf_adds(out, "...");
}

/* One line while it is rendered, and where in the rendering the marks go. */
struct excerpt {
	struct buf text;
	size_t from, to; /* the marked bytes of the rendering */
	bool cut_before, cut_after;
};

/* Renders the key (k is the next one) or the character at i; returns where the next thing begins. */
static uint32_t render_next(struct source *s, uint32_t i, uint32_t end, const struct span *k, struct buf *out)
{
	size_t n;

	if (k != NULL && k->off <= i) {
		if (k->off == i)
			secret_put(s, *k, out);
		else
			buf_adds(out, "...");
		return k->off + k->len < end ? k->off + k->len : end;
	}
	n = visible_character(s->text + i, end - i);
	if (n > 1)
		buf_add(out, s->text + i, n);
	else
		put_byte(n == 0 ? '\0' : (unsigned char)s->text[i], out);
	return i + (n ? (uint32_t)n : 1);
}

static void render_range(struct source *s, uint32_t begin, uint32_t end, struct span at, struct excerpt *x)
{
	uint32_t stop = at.off + (at.len ? at.len : 1), i = begin;
	const struct span *k = secret_after(s, begin, end);
	bool started = false;

	while (i < end) {
		size_t here = x->text.len;

		if (k != NULL && i >= k->off + k->len)
			k = secret_after(s, i, end);
		i = render_next(s, i, end, k, &x->text);
		if (!started && i > at.off) {
			x->from = here;
			started = true;
		}
		if (started && (i <= stop || x->to <= x->from))
			x->to = x->text.len;
	}
	if (!started)
		x->from = x->text.len;
	if (x->to <= x->from)
		x->to = x->from + 1;
}

static bool is_continuation(uint8_t c)
{
	return (c & 0xc0) == 0x80;
}

/* Cuts a long rendering down to a window around the marks. */
static void put_window(struct excerpt *x, struct buf *out)
{
	size_t from = 0, to = x->text.len;

	if (to > EXCERPT_WIDTH) {
		from = x->from > EXCERPT_WIDTH / 3 ? x->from - EXCERPT_WIDTH / 3 : 0;
		to = from + EXCERPT_WIDTH < to ? from + EXCERPT_WIDTH : to;
	}
	while (from > 0 && is_continuation(x->text.bytes[from]))
		from++;
	while (to < x->text.len && is_continuation(x->text.bytes[to]))
		to++;
	x->cut_before |= from > 0;
	x->cut_after |= to < x->text.len;
	buf_adds(out, x->cut_before ? "  ..." : "  ");
	buf_add(out, x->text.bytes + from, to - from);
	buf_adds(out, x->cut_after ? "...\n" : "\n");
	buf_adds(out, x->cut_before ? "     " : "  ");
	for (size_t i = from; i < x->from && i < to; i++)
		if (!is_continuation(x->text.bytes[i]))
			buf_addc(out, x->text.bytes[i] == '\t' ? '\t' : ' ');
	for (size_t i = x->from; i < x->to && i < (to > x->from ? to : x->from + 1); i++)
		if (i >= x->text.len || !is_continuation(x->text.bytes[i]))
			buf_addc(out, i == x->from ? '^' : '~');
	buf_addc(out, '\n');
}

/* Of a long line only what is near the span is rendered. */
static void render_line(struct source *s, struct span at, struct excerpt *x)
{
	size_t i = source_line_at(s, at.off);
	uint32_t begin = s->lines[i];
	uint32_t end = i + 1 < s->nlines ? s->lines[i + 1] - 1 : s->len;

	x->cut_before = at.off - begin > RENDERED_MAX;
	x->cut_after = end > at.off && end - at.off > RENDERED_MAX;

	if (x->cut_before)
		begin = at.off - RENDERED_MAX;
	if (x->cut_after)
		end = at.off + RENDERED_MAX;
	while (x->cut_before && begin < at.off && is_continuation((uint8_t)s->text[begin]))
		begin++;
	render_range(s, begin, end, at, x);
}

void source_line(struct source *s, uint32_t off, struct buf *out)
{
	struct excerpt x = { 0 };

	render_line(s, (struct span){ off, 0 }, &x);
	buf_add(out, x.text.bytes, x.text.len);
	buf_free(&x.text);
}

void source_excerpt(struct source *s, struct span at, struct buf *out)
{
	struct excerpt x = { 0 };

	render_line(s, at, &x);
	put_window(&x, out);
	buf_free(&x.text);
}
