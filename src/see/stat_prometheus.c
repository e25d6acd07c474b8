/* SPDX-License-Identifier: ISC */
/*
 * Prints the text format of Prometheus. The SPI is no label, since each new key would begin new series: the
 * SAs between two hosts, of one protocol, mode and reqid, are added up.
 */
#include "see/stat.h"

#include "base/hash.h"
#include "format/format.h"
#include "model/names.h"

#include <inttypes.h>
#include <stdlib.h>

struct group {
	struct buf labels; /* src="...",dst="..." */
	uint64_t sas, bytes, packets, late, replayed, forged, sequence, to_limit, to_sequence_end;
};

struct groups {
	struct group *group;
	size_t n, cap;
	struct hash_table by_labels; /* to the number of the group, from 1 */
};

static struct group *find_group(struct groups *g, const struct event *ev)
{
	struct buf labels = { 0 };
	uint32_t *number;

	buf_adds(&labels, "src=\"");
	print_addr(&labels, &ev->sa.src, "any");
	buf_adds(&labels, "\",dst=\"");
	print_addr(&labels, &ev->sa.dst, "any");
	buf_printf(&labels, "\",proto=\"%s\",mode=\"%s\",reqid=\"%" PRIu32 "\"",
	           known_word(proto_names, ev->sa.proto), known_word(mode_names, ev->sa.mode),
	           ev->sa.reqid);
	number = hash_at(&g->by_labels, hash_mix(0, labels.bytes, labels.len));
	if (*number != 0) {
		buf_free(&labels);
		return &g->group[*number - 1];
	}
	*number = (uint32_t)g->n + 1;
	g->group = memory_grow(g->group, g->n, &g->cap, sizeof(*g->group));
	g->group[g->n] =
		(struct group){ .labels = labels, .to_limit = UINT64_MAX, .to_sequence_end = UINT64_MAX };
	return &g->group[g->n++];
}

static uint64_t max_of(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Of several SAs the youngest is in use: the one that ends last decides. */
static void add_row(struct group *g, const struct stat_row *r)
{
	g->bytes += r->bytes;
	g->packets += r->packets;
	g->late += r->late;
	g->replayed += r->replayed;
	g->forged += r->forged;
	g->sequence = max_of(g->sequence, r->sequence);
	g->to_limit = g->sas == 0 ? r->to_limit : max_of(g->to_limit, r->to_limit);
	g->to_sequence_end =
		g->sas == 0 ? r->to_sequence_end : max_of(g->to_sequence_end, r->to_sequence_end);
	g->sas++;
}

static void put_head(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* One metric of all groups; those that never end have no value. */
static void put_metric(struct buf *out, const struct groups *g, const char *name, const char *type,
                       const char *help, size_t offset)
{
	put_head(out, name, type, help);
	for (size_t i = 0; i < g->n; i++) {
		uint64_t n;

		memcpy(&n, (const char *)&g->group[i] + offset, sizeof(n));
		if (n != UINT64_MAX)
			buf_printf(out, "%s{%s} %" PRIu64 "\n", name, buf_str(&g->group[i].labels), n);
	}
}

static void put_errors(struct buf *out, const struct groups *g)
{
	put_head(out, "setkey_sa_errors_total", "counter", "Packets that the SAs refused, by kind.");
	for (size_t i = 0; i < g->n; i++) {
		struct group *one = &g->group[i];
		const uint64_t counts[] = { one->replayed, one->late, one->forged };
		static const char *const kinds[] = { "replay", "window", "integrity" };

		for (size_t j = 0; j < 3; j++)
			buf_printf(out, "setkey_sa_errors_total{%s,kind=\"%s\"} %" PRIu64 "\n",
			           buf_str(&one->labels), kinds[j], counts[j]);
	}
}

static void put_policies(const struct stat_table *t, struct buf *out)
{
	size_t n[DIR_FWD + 1] = { 0 };

	for (size_t i = t->nsas; i < t->n; i++)
		n[t->view->tables.object[i].dir]++;
	put_head(out, "setkey_policies", "gauge", "Policies in the SPD.");
	for (unsigned dir = DIR_IN; dir <= DIR_FWD; dir++)
		buf_printf(out, "setkey_policies{dir=\"%s\"} %zu\n", known_word(dir_names, dir), n[dir]);
}

static void put_counter(void *arg, const char *name, uint64_t n)
{
	buf_printf(arg, "setkey_dropped_packets_total{reason=\"%s\"} %" PRIu64 "\n", name, n);
}

void stat_print_prometheus(const struct stat_table *t, const struct stat_choices *c, struct buf *out)
{
	struct event *ev = memory_resize(NULL, 1, sizeof(*ev));
	struct groups g = { 0 };

	for (size_t i = 0; c->sa && i < t->nsas; i++) {
		view_decode(t->view, t->row[i].number, ev);
		add_row(find_group(&g, ev), &t->row[i]);
	}
#define METRIC(name, type, help, member) put_metric(out, &g, name, type, help, offsetof(struct group, member))
	if (c->sa) {
		METRIC("setkey_sas", "gauge", "SAs in the SAD.", sas);
		METRIC("setkey_sa_bytes_total", "counter", "Bytes that the SAs carried.", bytes);
		METRIC("setkey_sa_packets_total", "counter", "Packets that the SAs carried.", packets);
		METRIC("setkey_sa_sequence", "gauge", "The highest sequence number in use.", sequence);
		METRIC("setkey_sa_limit_seconds", "gauge",
		       "Time to the hard limit of the SA that lasts longest.", to_limit);
		METRIC("setkey_sa_sequence_end_seconds", "gauge",
		       "Time to the last sequence number at the present rate.", to_sequence_end);
		put_errors(out, &g);
	}
#undef METRIC
	if (c->policy)
		put_policies(t, out);
	put_head(out, "setkey_dropped_packets_total", "counter",
	         "Packets that the kernel dropped: /proc/net/xfrm_stat.");
	facts_each_counter(put_counter, out);
	for (size_t i = 0; i < g.n; i++)
		buf_free(&g.group[i].labels);
	free(g.group);
	hash_free(&g.by_labels);
	explicit_bzero(ev, sizeof(*ev));
	free(ev);
}
