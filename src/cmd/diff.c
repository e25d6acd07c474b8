/* SPDX-License-Identifier: ISC */
/* setkey diff: what differs between the kernel and files. */
#include "cmd/cmd.h"

#include "run/reload.h"

#include <stdlib.h>
#include <string.h>

static unsigned json;       /* --format: 0 text, 1 JSON */

const struct opt diff_options[] = {
	{ "format", 0, "text|json", "form of the output", NULL, &json, 0 },
	OPT_SET,
	OPT_NO_FWD,
	OPT_INSECURE,
	OPT_VERBOSE,
	OPT_END
};

static const struct { const char *word; char sign; } ops[] = {
	[CHANGE_ADD] = { "add", '+' }, [CHANGE_REMOVE] = { "remove", '-' },
	[CHANGE_PARTS] = { "change", '~' }, [CHANGE_KEY] = { "rekey", 'k' },
};

/* The changes being printed; the event is large. */
struct printing {
	const struct sync *sync;
	struct event ev;
	struct buf scratch, out;
	size_t count[sizeof(ops) / sizeof(ops[0])], n;
};

static uint8_t dir_of(const struct sync *s, const struct change *c)
{
	return c->wanted != 0 ? s->wanted[c->wanted - 1].dir : s->there.object[c->there - 1].dir;
}

static void decode_change(struct printing *p, const struct change *c)
{
	if (c->wanted != 0)
		wanted_decode(&p->sync->wanted[c->wanted - 1], &p->scratch, &p->ev);
	else
		object_decode(&p->sync->there.object[c->there - 1], &p->ev);
}

/* What a forward policy has in common with the inbound one that it is the copy of. */
static uint64_t copy_key(struct printing *p, const struct change *c)
{
	decode_change(p, c);
	p->ev.policy.dir = DIR_IN;
	return same_name_hash(&p->ev, false) ^ c->op;
}

/* The forward copy of a policy belongs to it: where both change the same way, that is one change. */
static void find_copies(struct printing *p, struct hash_table *inbound)
{
	for (size_t i = 0; i < p->sync->nchanges; i++)
		if (dir_of(p->sync, &p->sync->change[i]) == DIR_IN)
			*hash_at(inbound, copy_key(p, &p->sync->change[i])) = 1;
}

/* Each part once: several requests may differ. */
static void print_parts(const struct change *c, const char *quote, const char *between, struct buf *out)
{
	const char *last = "";

	for (unsigned i = 0; i < c->nparts; i++) {
		const char *word = part_word(c->part[i]);

		if (strcmp(word, last) != 0)
			buf_printf(out, "%s%s%s%s", *last ? between : "", quote, word, quote);
		last = word;
	}
}

static void print_line(struct printing *p, const struct change *c)
{
	buf_printf(&p->out, "%c ", ops[c->op].sign);
	reload_print(&p->ev, &p->out);
	if (c->nparts > 0) {
		buf_adds(&p->out, c->op == CHANGE_KEY ? "  # another key: " : "  # changed: ");
		print_parts(c, "", ", ", &p->out);
	}
	buf_addc(&p->out, '\n');
}

static void print_element(struct printing *p, const struct change *c)
{
	struct print_opts o = { .keys = false };

	buf_printf(&p->out, "%s{\"op\":\"%s\",\"kind\":\"%s\",\"parts\":[", p->n > 0 ? "," : "",
	           ops[c->op].word, p->ev.kind == EVENT_SA ? "sa" : "policy");
	print_parts(c, "\"", ",", &p->out);
	buf_adds(&p->out, "],\"object\":");
	(p->ev.kind == EVENT_SA ? json_format.sa : json_format.policy)(&p->ev, &o, &p->out);
	while (p->out.bytes[p->out.len - 1] == '\n')
		p->out.len--;
	buf_addc(&p->out, '}');
}

static void print_changes(struct printing *p)
{
	struct hash_table inbound = { 0 };

	find_copies(p, &inbound);
	for (size_t i = 0; i < p->sync->nchanges; i++) {
		const struct change *c = &p->sync->change[i];

		if (dir_of(p->sync, c) == DIR_FWD && hash_find(&inbound, copy_key(p, c)) != 0)
			continue;
		decode_change(p, c);
		(json ? print_element : print_line)(p, c);
		p->count[c->op]++;
		p->n++;
	}
	hash_free(&inbound);
}

static void print_diff(const struct sync *s)
{
	struct printing *p = memory_resize(NULL, 1, sizeof(*p));

	memset(p, 0, sizeof(*p));
	p->sync = s;
	if (json)
		buf_adds(&p->out, "{\"version\":1,\"changes\":[");
	print_changes(p);
	if (json)
		buf_adds(&p->out, "]}\n");
	else if (p->n > 0)
		buf_printf(&p->out, "%zu to add, %zu to remove, %zu to change, %zu to rekey\n",
		           p->count[CHANGE_ADD], p->count[CHANGE_REMOVE], p->count[CHANGE_PARTS],
		           p->count[CHANGE_KEY]);
	buf_write(&p->out, stdout);
	buf_free(&p->out);
	buf_free(&p->scratch);
	explicit_bzero(p, sizeof(*p));
	free(p);
}

int cmd_diff(struct settings *s, int argc, char **argv)
{
	struct reload r = { 0 };
	struct set set = { 0 };
	int status = reload_begin(&r, &set, s, false, argc, argv);

	if (status == STATUS_OK)
		status = reload_plan(&r);
	if (status == STATUS_OK) {
		reload_say_unkept(&r);
		print_diff(&r.sync);
		status = r.sync.nchanges > 0 ? STATUS_ERROR : STATUS_OK;
	}
	set_free(&set);
	reload_free(&r);
	return status;
}
