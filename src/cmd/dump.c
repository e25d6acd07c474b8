/* SPDX-License-Identifier: ISC */
/* setkey dump and setkey flush, which -D and -F are too: the SAD, the SPD or both. */
#include "cmd/cmd.h"

#include "format/format.h"
#include "model/names.h"
#include "run/output.h"
#include "run/run.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct dump_choices options;
static bool force;

/* ADDRESS or ADDRESS/PREFIXLEN, numeric. */
static bool set_range(void *to, const char *v)
{
	size_t n = strcspn(v, "/");
	const char *error = NULL;
	struct addr *a = to;

	*a = (struct addr){ 0 };
	if (!addr_parse(a, v, n))
		return false;
	if (v[n] == '/')
		a->plen = (uint8_t)strtonum(v + n + 1, 0, addr_bits(a), &error);
	return error == NULL;
}

#define FILTER(member) &options.filter.member

const struct opt dump_options[] = {
	OPT_FORMAT,
	OPT_SHOW_KEYS,
	OPT_FINGERPRINTS,
	{ "src", 0, "ADDRESS[/N]", "with a source within this range", set_range, FILTER(src), FILTER_SRC },
	{ "dst", 0, "ADDRESS[/N]", "with a destination within this range", set_range, FILTER(dst), FILTER_DST },
	{ "proto", 0, "esp|ah|ipcomp", "of this protocol", set_proto, FILTER(proto), FILTER_PROTO },
	{ "spi", 0, "SPI", "with this SPI", set_number, FILTER(spi), FILTER_SPI },
	{ "reqid", 0, "N", "with this reqid", set_number, FILTER(reqid), FILTER_REQID },
	{ "mode", 0, "transport|tunnel", "in this mode", set_mode, FILTER(mode), FILTER_MODE },
	{ "dir", 0, "in|out|fwd", "policies of this direction", set_dir, FILTER(dir), FILTER_DIR },
	{ "count", 0, NULL, "numbers instead of the objects", set_flag, &options.count, 0 },
	{ "force", 0, NULL, "replace a file of keys that is there", set_flag, &force, 0 },
	OPT_VERBOSE,
	{ "key-refs", 0, NULL, "conf: names such as @esp-192.0.2.1-0x00001000-enc in the place of keys", set_flag, &options.key_refs, 0 },
	{ "keys-to", 0, "FILE", "conf: the same, and the keys in a file of their own", set_text, &options.keys_to, 0 },
	OPT_PORTS,
	OPT_NO_SOCKET,
	OPT_END
};

const struct opt flush_options[] = { OPT_VERBOSE, OPT_END };

/* The operands of both commands. */
struct tables {
	bool sa, policy;
	uint8_t proto;
};

static bool read_operands(struct tables *t, int argc, char **argv)
{
	const char *what = argc > 0 ? argv[0] : "all";
	int proto = argc > 1 ? name_number(proto_names, argv[1], strlen(argv[1])) : PROTO_ANY;
	bool all = strcmp(what, "all") == 0;

	*t = (struct tables){ all || strcmp(what, "sa") == 0, all || strcmp(what, "policy") == 0,
	                      (uint8_t)(proto > 0 ? proto : 0) };
	if ((t->sa || t->policy) && proto >= 0 && argc <= 2 && (argc < 2 || !t->policy))
		return true;
	error("expected sa [esp|ah|ipcomp], policy or all");
	return false;
}

static struct source nowhere = { .name = "setkey", .line = 1, .col = 1 };

/* One statement that no file holds; the kernel leaves out what it can. */
static void add_request(struct unit *in, enum verb verb, const struct tables *t)
{
	const struct filter *f = &options.filter;
	struct stmt s = { .src = &nowhere, .verb = (uint8_t)verb };

	if (!verb_is_policy(verb))
		s.sa.proto = t->proto;
	if (verb == VERB_DUMP && f->has & FILTER_PROTO && t->proto == PROTO_ANY)
		s.sa.proto = f->proto;
	if (verb == VERB_DUMP && f->has & FILTER_SRC)
		s.sa.src = f->src;
	if (verb == VERB_DUMP && f->has & FILTER_DST)
		s.sa.dst = f->dst;
	conf_add(&in->conf, &s, NULL, 0);
}

/* Only one format has names for keys; and a file of keys that exists is not lost. Returns a status. */
static int check_references(const struct settings *s)
{
	if (!options.key_refs && options.keys_to == NULL)
		return STATUS_OK;
	if (s->format != &conf_format || s->show_keys || options.count)
		error("--key-refs and --keys-to go with --format=conf, and not with --show-keys or "
		         "--count");
	else if (options.keys_to != NULL && strpbrk(options.keys_to, "\"\n") != NULL)
		error("--keys-to: a statement cannot name such a file");
	else if (options.keys_to == NULL || force || access(options.keys_to, F_OK) != 0)
		return STATUS_OK;
	else
		return complain_file(options.keys_to, -EEXIST), STATUS_SYSTEM;
	return STATUS_USAGE;
}

/*
 * What is printed names the file of keys, so that has to be there first: until then it is kept. There are no
 * keys in it.
 */
static int run_dump(struct run *session, const struct concretes *list)
{
	struct dump *dump = &session->dump;
	char *text = NULL;
	size_t n = 0;
	int status;

	dump->to = open_memstream(&text, &n);
	if (dump->to == NULL)
		memory_exhausted();
	status = run_statements(session, list);
	dump_end(dump);
	if (fclose(dump->to) != 0)
		memory_exhausted();
	dump->to = stdout;
	if (status == STATUS_OK)
		status = write_new(options.keys_to, &dump->keys, force);
	if (status == STATUS_OK)
		fwrite(text, 1, n, stdout);
	free(text);
	return status;
}

/*
 * What flush; and spdflush; leave, as the classic ones did: states of Mobile IPv6 and sub policies. PF_KEY
 * has neither.
 */
static void add_rest(struct unit *in, const struct tables *t)
{
	struct stmt s = { .src = &nowhere, .verb = VERB_FLUSH };

	for (size_t i = 0; t->sa && t->proto == PROTO_ANY && i < 2; i++) {
		s.sa.proto = i == 0 ? IPPROTO_ROUTING : IPPROTO_DSTOPTS;
		conf_add(&in->conf, &s, NULL, 0);
	}
	s = (struct stmt){ .src = &nowhere, .verb = VERB_SPDFLUSH, .policy.flags = POLICY_F_SUB };
	if (t->policy)
		conf_add(&in->conf, &s, NULL, 0);
}

static int dump_tables(struct settings *s, int argc, char **argv, enum verb sa, enum verb policy, bool rest)
{
	struct unit in = { 0 };
	struct concretes list = { 0 };
	struct run session;
	struct tables t;
	int status;

	if (!read_operands(&t, argc, argv))
		return STATUS_USAGE;
	if ((status = check_references(s)) != STATUS_OK || s->check_only)
		return status;
	if (t.sa)
		add_request(&in, sa, &t);
	if (t.policy)
		add_request(&in, policy, &t);
	status = run_open(&session, s, &in);
	if (status == STATUS_OK) {
		session.dump.options = &options;
		if (rest && kernel_wire(session.kernel) == &xfrm_wire)
			add_rest(&in, &t);
		expand_conf(&list, &in.conf, false);
		status = options.keys_to != NULL ? run_dump(&session, &list) :
		         run_statements(&session, &list);
		run_close(&session);
	}
	concretes_free(&list);
	unit_free(&in);
	return status;
}

/* What lint --kernel says, for people who look at a page. */
static int find_faults(const struct settings *s, struct buf *out)
{
	static const struct levels usual;
	struct unit in = { .diags = { .levels = &usual } };
	int status = unit_kernel(&in, s);

	if (status == STATUS_OK) {
		unit_parse(&in, s);
		unit_lint(&in, s, profiles);
		diag_sort(&in.diags);
		for (size_t i = 0; i < in.diags.n; i++) {
			if (i > 0)
				buf_addc(out, '\n');
			diag_text(&in.diags.diag[i], false, out);
		}
		options.findings = buf_str(out);
	}
	unit_free(&in);
	return status;
}

int cmd_dump(struct settings *s, int argc, char **argv)
{
	struct buf findings = { 0 };
	int status = STATUS_OK;

	for (size_t i = 0; dump_options[i].name != NULL; i++)
		if (s->given >> i & 1)
			options.filter.has |= dump_options[i].bits;
	if (s->show_keys && s->fingerprints) {
		error("--fingerprints replace the keys: leave out --show-keys");
		return STATUS_USAGE;
	}
	if (s->format == &html_format && !options.count && !s->check_only)
		status = find_faults(s, &findings);
	if (status == STATUS_OK)
		status = dump_tables(s, argc, argv, VERB_DUMP, VERB_SPDDUMP, false);
	buf_free(&findings);
	return status;
}

int dump_classic(struct settings *s, bool policy)
{
	static char sa_word[] = "sa", policy_word[] = "policy";

	return dump_tables(s, 1, (char *[]){ policy ? policy_word : sa_word }, VERB_DUMP, VERB_SPDDUMP,
	                   false);
}

int cmd_flush(struct settings *s, int argc, char **argv)
{
	return dump_tables(s, argc, argv, VERB_FLUSH, VERB_SPDFLUSH, true);
}

int flush_classic(struct settings *s, int argc, char **argv)
{
	return dump_tables(s, argc, argv, VERB_FLUSH, VERB_SPDFLUSH, false);
}
