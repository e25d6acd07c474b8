/* setkey dump and setkey flush, and behind them -D and -F: the SAD, the SPD or both. */
#include "cmd/cmd.h"

#include "model/names.h"
#include "print/print.h"
#include "run/session.h"
#include "run/write.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	complain("expected sa [esp|ah|ipcomp], policy or all");
	return false;
}

static struct source nowhere = { .name = "setkey", .line = 1, .col = 1 };

/* One statement that no file holds; the kernel leaves out what it can. */
static void add(struct input *in, enum verb verb, const struct tables *t, const struct filter *f)
{
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

/* Names for keys are said in one format; and a file of keys that is there is not lost. Returns a status. */
static int check_references(const struct settings *s)
{
	if (!s->key_refs && s->keys_to == NULL)
		return STATUS_OK;
	if (s->format != &conf_format || s->show_keys || s->count)
		complain("--key-refs and --keys-to go with --format=conf, and not with --show-keys or "
		         "--count");
	else if (s->keys_to != NULL && strpbrk(s->keys_to, "\"\n") != NULL)
		complain("--keys-to: a statement cannot name such a file");
	else if (s->keys_to == NULL || s->force || access(s->keys_to, F_OK) != 0)
		return STATUS_OK;
	else
		return complain_file(s->keys_to, -EEXIST), STATUS_WORLD;
	return STATUS_USAGE;
}

/*
 * What is printed names the file of keys, so that has to be there first: until then it is kept. There are no
 * keys in it.
 */
static int run_held(struct session *session, const struct concretes *list, const struct settings *s)
{
	struct dump *dump = &session->dump;
	char *text = NULL;
	size_t n = 0;
	int status;

	dump->to = open_memstream(&text, &n);
	if (dump->to == NULL)
		memory_exhausted();
	status = session_run(session, list);
	dump_end(dump);
	if (fclose(dump->to) != 0)
		memory_exhausted();
	dump->to = stdout;
	if (status == STATUS_OK)
		status = write_new(s->keys_to, &dump->keys, s->force);
	if (status == STATUS_OK)
		fwrite(text, 1, n, stdout);
	free(text);
	return status;
}

/*
 * What flush; and spdflush; leave, as the classic ones did: states of Mobile IPv6 and sub policies. PF_KEY
 * has neither.
 */
static void add_rest(struct input *in, const struct tables *t)
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

static int run(struct settings *s, int argc, char **argv, enum verb sa, enum verb policy, bool rest)
{
	struct input in = { 0 };
	struct concretes list = { 0 };
	struct session session;
	struct tables t;
	int status;

	if (!read_operands(&t, argc, argv))
		return STATUS_USAGE;
	if ((status = check_references(s)) != STATUS_OK || s->check_only)
		return status;
	if (t.sa)
		add(&in, sa, &t, &s->filter);
	if (t.policy)
		add(&in, policy, &t, &s->filter);
	status = session_open(&session, s, &in);
	if (status == STATUS_OK) {
		if (rest && kernel_wire(session.kernel) == &xfrm_wire)
			add_rest(&in, &t);
		expand_conf(&list, &in.conf, false);
		status = s->keys_to != NULL ? run_held(&session, &list, s) : session_run(&session, &list);
		session_close(&session);
	}
	concretes_free(&list);
	input_free(&in);
	return status;
}

int cmd_dump(struct settings *s, int argc, char **argv)
{
	if (s->show_keys && s->fingerprints) {
		complain("--fingerprints stand in the place of keys: leave out --show-keys");
		return STATUS_USAGE;
	}
	return run(s, argc, argv, VERB_DUMP, VERB_SPDDUMP, false);
}

int cmd_flush(struct settings *s, int argc, char **argv)
{
	return run(s, argc, argv, VERB_FLUSH, VERB_SPDFLUSH, true);
}

int flush_classic(struct settings *s, int argc, char **argv)
{
	return run(s, argc, argv, VERB_FLUSH, VERB_SPDFLUSH, false);
}
