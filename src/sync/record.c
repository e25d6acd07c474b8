/* SPDX-License-Identifier: ISC */
/* Records of what named sets have installed, and their text form. */
#include "sync/sync.h"

#include "base/hex.h"
#include "base/libc.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static const char first_word[] = "setkey-set 1";

/*
 * A number that identifies the network namespace during this boot. Before Linux 5.14 a later namespace may
 * get the same number.
 */
static uint64_t read_namespace(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t n = sizeof(uint64_t);
	struct stat st = { 0 };
	uint64_t cookie = 0;

	if (fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &n) != 0)
		cookie = 0;
	if (fd >= 0)
		close(fd);
	if (cookie == 0 && stat("/proc/self/ns/net", &st) == 0)
		cookie = st.st_ino;
	return cookie;
}

/*
 * Writes the line that identifies boot and network namespace: objects, and so the record, do not outlive
 * these.
 */
static void write_origin(struct buf *text)
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");
	char boot[40] = "-";

	if (f != NULL && fscanf(f, "%39s", boot) != 1)
		strcpy(boot, "-");
	if (f != NULL)
		fclose(f);
	buf_printf(text, "%s %s %" PRIu64 "\n", first_word, boot, read_namespace());
}

void record_write(const struct record *r, struct buf *text)
{
	write_origin(text);
	for (size_t i = 0; i < r->n; i++) {
		buf_printf(text, "%s ", r->entry[i].policy ? "policy" : "sa");
		for (unsigned j = 0; j < r->entry[i].len; j++)
			buf_printf(text, "%02x", r->entry[i].name[j]);
		buf_printf(text, " %" PRIu64 "\n", r->entry[i].stamp);
	}
}

static struct entry *add_entry(struct record *r)
{
	r->entry = memory_grow(r->entry, r->n, &r->cap, sizeof(*r->entry));
	return &r->entry[r->n];
}

/*
 * Enters the entry at the end of the array into places. If records have different stamps for one object, any
 * object of the name is meant.
 */
static void count_entry(struct record *r)
{
	const struct entry *e = &r->entry[r->n];
	uint32_t *place = hash_at(&r->places, hash_mix(0, e->name, e->len));

	if (*place != 0 && r->entry[*place - 1].stamp != e->stamp)
		r->entry[*place - 1].stamp = 0;
	if (*place == 0)
		*place = (uint32_t)++r->n;
}

void record_add(struct record *r, const struct event *ev, uint64_t stamp)
{
	uint32_t place = hash_find(&r->places, same_name_hash(ev, false));
	struct entry *e;

	if (place != 0) {
		r->entry[place - 1].stamp = stamp;
		return;
	}
	e = add_entry(r);
	e->len = (uint8_t)same_name(ev, e->name);
	e->policy = ev->kind == EVENT_POLICY;
	e->stamp = stamp;
	count_entry(r);
}

/* "policy 0a00... 8\n" */
static bool read_entry(struct record *r, const char *line)
{
	struct entry *e = add_entry(r);
	const char *hex = strchr(line, ' ');
	size_t n = hex != NULL ? strspn(hex + 1, "0123456789abcdef") : 0;
	char *end;

	if (n == 0 || n % 2 != 0 || n / 2 > sizeof(e->name) || hex[1 + n] != ' ')
		return false;
	e->policy = *line == 'p';
	e->len = (uint8_t)(n / 2);
	hex_decode(e->name, hex + 1, n);
	e->stamp = strtoull(hex + 2 + n, &end, 10);
	if (*end != '\n')
		return false;
	count_entry(r);
	return true;
}

int record_read(struct record *r, const char *text, size_t n)
{
	const char *line = n > 0 ? memchr(text, '\n', n) : NULL;
	const char *next = NULL;
	size_t words = sizeof(first_word) - 1;
	struct buf origin = { 0 };
	int err = 0;

	write_origin(&origin);
	if (line == NULL || n < words || memcmp(text, first_word, words) != 0)
		err = -ENOMSG;
	else if (n < origin.len || memcmp(text, origin.bytes, origin.len) != 0)
		err = -ESTALE;
	for (size_t at = origin.len; err == 0 && at < n; at = (size_t)(next - text) + 1) {
		next = memchr(text + at, '\n', n - at);
		if (next == NULL || !read_entry(r, text + at)) {
			err = -EBADMSG;
			break;
		}
	}
	buf_free(&origin);
	return err;
}

void record_free(struct record *r)
{
	free(r->entry);
	hash_free(&r->places);
	*r = (struct record){ 0 };
}

bool record_has(const struct record *r, const struct object *o)
{
	uint32_t place = hash_find(&r->places, o->name);

	return place != 0 && r->entry[place - 1].policy == (o->dir != 0) &&
	       (r->entry[place - 1].stamp == 0 || r->entry[place - 1].stamp == o->stamp);
}

bool sync_is_own(const struct sync *s, const struct object *o)
{
	return s->record != NULL && record_has(s->record, o) &&
	       (s->others == NULL || !record_has(s->others, o));
}

const struct wanted *sync_foreign(const struct sync *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct wanted *w = &s->wanted[i];

		if (w->relation == RELATION_CHANGED && !sync_is_own(s, &s->there.object[w->there - 1]))
			return w;
	}
	return NULL;
}
