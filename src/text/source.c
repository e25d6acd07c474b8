/* One input held in memory: offset to line and column, the excerpt of a line, keys masked. Knows no grammar. */
#include "text/source.h"

#include "base/hex.h"
#include "base/memory.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WIDTH = 160, QUOTE_MAX = 48, LOOKS_LIKE_KEY = 16, DECIMAL_MAX = 20 };

static int read_all(int fd, struct buf *text)
{
	struct stat st;
	uint8_t block[65536];
	ssize_t n;

	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		return -EISDIR;
	while ((n = read(fd, block, sizeof(block))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (text->len + (size_t)n > UINT32_MAX - 2)
			return -EFBIG;
		buf_add(text, block, (size_t)n);
	}
	explicit_bzero(block, sizeof(block));
	return 0;
}

static void take(struct source *s, const char *name, struct buf *text, uint32_t line, uint32_t col)
{
	buf_add(text, NULL, 2);
	*s = (struct source){ .name = name, .text = (char *)text->bytes,
	                      .len = (uint32_t)(text->len - 2), .line = line, .col = col };
}

int source_read(struct source *s, const char *name)
{
	bool std = strcmp(name, "-") == 0;
	int fd = std ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct buf text = { 0 };
	int err = fd < 0 ? -errno : read_all(fd, &text);

	if (fd >= 0 && !std)
		close(fd);
	take(s, name, &text, 1, 1);
	return err;
}

void source_set(struct source *s, const char *name, const char *text, size_t n, uint32_t line, uint32_t col)
{
	struct buf b = { 0 };

	buf_add(&b, text, n);
	take(s, name, &b, line, col);
}

void source_free(struct source *s)
{
	if (s->text != NULL)
		explicit_bzero(s->text, s->len);
	free(s->text);
	free(s->lines);
	free(s->secret);
	*s = (struct source){ 0 };
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

static size_t line_index(struct source *s, uint32_t off)
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
	size_t i = line_index(s, off);

	*line = s->line + (uint32_t)i;
	*col = off - s->lines[i] + (i == 0 ? s->col : 1);
}

/*
 * Where the keys are. This must also hold for text that does not parse, so it
 * is a coarse reading of its own: the word after -E or -A and the name of an
 * algorithm is a key, and so is hex behind it; every quoted text; any longer run of
 * hex digits. A plain word that begins a line is the next statement, its ';' forgotten.
 */
struct masker {
	struct source *s;
	size_t cap;
	uint32_t at;
	int words; /* words since -E or -A, -1 when outside */
};

static void mask(struct masker *m, uint32_t from, uint32_t to)
{
	struct source *s = m->s;

	s->secret = memory_grow(s->secret, s->nsecret, &m->cap, sizeof(*s->secret));
	s->secret[s->nsecret++] = (struct span){ from, to - from };
}

static uint32_t skip_until(const struct source *s, uint32_t at, const char *stop)
{
	while (at < s->len && (s->text[at] == '\0' || strchr(stop, s->text[at]) == NULL))
		at++;
	return at;
}

static bool has_0x(const char *p, size_t n)
{
	return n >= 2 && p[0] == '0' && (p[1] | 0x20) == 'x';
}

/* The hex digits of a word behind its 0x, or 0 when there is something else in it. */
static size_t hex_digits(const char *p, size_t n)
{
	size_t from = has_0x(p, n) ? 2 : 0;

	for (size_t i = from; i < n; i++)
		if (hex_digit((unsigned char)p[i]) < 0)
			return 0;
	return n - from;
}

static void mask_word(struct masker *m, uint32_t from, uint32_t to)
{
	const char *p = m->s->text + from;
	size_t n = to - from, digits = hex_digits(p, n);
	bool after_alg = m->words >= 0, new_line = from == 0 || p[-1] == '\n';
	bool decimal = strspn(p, "0123456789") >= n && n <= DECIMAL_MAX;
	bool key = (digits >= LOOKS_LIKE_KEY && !decimal) || (has_0x(p, n) && digits > 9);

	if (after_alg && has_0x(p, n))
		key = true;
	else if (m->words > 0 && new_line)
		after_alg = false;
	else if (m->words > 0)
		key |= m->words == 1 || digits > 0;
	if (key)
		mask(m, from, to);
	m->words = after_alg ? m->words + 1 : -1;
}

static void mask_option(struct masker *m)
{
	const char *p = m->s->text + m->at;

	if (p[1] == 'E' || p[1] == 'A') {
		m->words = 0;
		m->at += 2;
		return;
	}
	m->words = -1;
	m->at = skip_until(m->s, m->at, " \t\r\n;\"#");
}

static void find_secrets(struct source *s)
{
	struct masker m = { .s = s, .words = -1 };

	if (s->secret != NULL)
		return;
	s->secret = memory_grow(NULL, 0, &m.cap, sizeof(*s->secret));
	while (m.at < s->len) {
		uint32_t from = m.at;
		bool curly;

		switch (s->text[from]) {
		case ' ': case '\t': case '\r': case '\n': case '\\': case '\0':
			m.at++;
			break;
		case '#':
			m.at = skip_until(s, from, "\n");
			break;
		case ';':
			m.words = -1;
			m.at++;
			break;
		case '"':
			m.at = skip_until(s, from + 1, "\"");
			m.at += m.at < s->len;
			mask(&m, from, m.at);
			break;
		case '-':
			mask_option(&m);
			break;
		default:
			/* A key in curly quotes has blanks in it too. */
			curly = m.words > 0 && (unsigned char)s->text[from] >= 0x80;
			m.at = skip_until(s, from + 1, curly ? ";\n" : " \t\r\n;\"#");
			mask_word(&m, from, m.at);
		}
	}
}

/* The first key that ends after off, or NULL. */
static const struct span *secret_after(struct source *s, uint32_t off)
{
	size_t low = 0, high;

	find_secrets(s);
	high = s->nsecret;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->secret[mid].off + s->secret[mid].len > off)
			high = mid;
		else
			low = mid + 1;
	}
	return low < s->nsecret ? &s->secret[low] : NULL;
}

bool source_is_secret(struct source *s, struct span at)
{
	const struct span *k = secret_after(s, at.off);

	return k != NULL && k->off < at.off + (at.len ? at.len : 1);
}

/* How a key shows: 0x...(16 bytes), "..."(24 bytes), ...(9 bytes). */
static void put_masked(const struct source *s, struct span k, struct buf *out)
{
	const char *p = s->text + k.off;
	bool hex = has_0x(p, k.len);
	bool quoted = p[0] == '"';
	bool closed = quoted && k.len >= 2 && p[k.len - 1] == '"';
	unsigned bytes = hex ? (k.len - 1) / 2 : quoted ? k.len - 1 - closed : k.len;

	buf_printf(out, "%s(%u byte%s)", hex ? "0x..." : quoted ? "\"...\"" : "...", bytes,
	           bytes == 1 ? "" : "s");
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

/* True if the n bytes at p are well-formed UTF-8. */
static bool is_utf8(const char *p, size_t n)
{
	for (size_t i = 0; i < n; ) {
		unsigned char c = (unsigned char)p[i++];
		int more = c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : c >= 0xe0 && c < 0xf0 ? 2 :
		           c >= 0xf0 && c < 0xf5 ? 3 : -1;

		if (more < 0)
			return false;
		for (; more > 0; more--)
			if (i >= n || ((unsigned char)p[i++] & 0xc0) != 0x80)
				return false;
	}
	return true;
}

void source_quote(struct source *s, struct span at, struct buf *out)
{
	const char *p = s->text + at.off;

	if (source_is_secret(s, at)) {
		put_masked(s, *secret_after(s, at.off), out);
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
};

static void render(struct source *s, uint32_t begin, uint32_t end, struct span at, struct excerpt *x)
{
	bool utf8 = is_utf8(s->text + begin, end - begin);
	uint32_t stop = at.off + (at.len ? at.len : 1);
	bool started = false;

	for (uint32_t i = begin; i < end; ) {
		const struct span *k = secret_after(s, i);
		uint32_t next = i + 1;

		if (!started && next > at.off) {
			x->from = x->text.len;
			started = true;
		}
		if (k != NULL && k->off <= i) {
			next = k->off + k->len < end ? k->off + k->len : end;
			if (!started && next > at.off) {
				x->from = x->text.len;
				started = true;
			}
			if (k->off == i)
				put_masked(s, *k, &x->text);
			else
				buf_adds(&x->text, "...");
		} else {
			unsigned char c = (unsigned char)s->text[i];

			put_byte(c >= 0x80 && !utf8 ? '?' : c, &x->text);
		}
		i = next;
		if (started && i <= stop)
			x->to = x->text.len;
		else if (started && x->to <= x->from)
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
static void shorten(struct excerpt *x, struct buf *out)
{
	size_t from = 0, to = x->text.len;

	if (to > WIDTH) {
		from = x->from > WIDTH / 3 ? x->from - WIDTH / 3 : 0;
		to = from + WIDTH < to ? from + WIDTH : to;
	}
	while (from > 0 && is_continuation(x->text.bytes[from]))
		from++;
	while (to < x->text.len && is_continuation(x->text.bytes[to]))
		to++;
	buf_adds(out, from > 0 ? "  ..." : "  ");
	buf_add(out, x->text.bytes + from, to - from);
	buf_adds(out, to < x->text.len ? "...\n" : "\n");
	buf_adds(out, from > 0 ? "     " : "  ");
	for (size_t i = from; i < x->from && i < to; i++)
		if (!is_continuation(x->text.bytes[i]))
			buf_addc(out, x->text.bytes[i] == '\t' ? '\t' : ' ');
	for (size_t i = x->from; i < x->to && i < (to > x->from ? to : x->from + 1); i++)
		if (i >= x->text.len || !is_continuation(x->text.bytes[i]))
			buf_addc(out, i == x->from ? '^' : '~');
	buf_addc(out, '\n');
}

void source_excerpt(struct source *s, struct span at, struct buf *out)
{
	size_t i = line_index(s, at.off);
	uint32_t begin = s->lines[i];
	uint32_t end = i + 1 < s->nlines ? s->lines[i + 1] - 1 : s->len;
	struct excerpt x = { 0 };

	render(s, begin, end, at, &x);
	shorten(&x, out);
	buf_free(&x.text);
}
