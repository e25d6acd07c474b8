/* setkey keygen --pair: what two hosts have to load so that the traffic between them is protected. */
#include "provision/plan.h"

#include "base/files.h"
#include "run/write.h"

#include <string.h>

static bool add_end(struct plan *p, const char *word, const struct words *nets, const char *option)
{
	struct peer *peer = plan_add_peer(p, word);
	const char *fault = peer_read_addr(&peer->addr, word, strlen(word));
	struct addr net;

	if (fault != NULL)
		complain("%s: %s", word, fault);
	for (size_t i = 0; i < nets->n && fault == NULL; i++) {
		fault = peer_read_net(&net, nets->word[i], strlen(nets->word[i]));
		if (fault != NULL)
			complain("--%s %s: %s", option, nets->word[i], fault);
		peer_add_net(peer, &net);
	}
	return fault == NULL;
}

/* The first network that the other end has no partner of its family for, or NULL. */
static const struct addr *lonely(const struct peer *a, const struct peer *b)
{
	for (size_t i = 0; i < a->nnets; i++) {
		bool found = b->nnets == 0 && b->addr.family == a->net[i].family;

		for (size_t k = 0; k < b->nnets; k++)
			found |= a->net[i].family == b->net[k].family;
		if (!found)
			return &a->net[i];
	}
	return NULL;
}

static bool have_common_net(const struct peer *a, const struct peer *b)
{
	for (size_t i = 0; i < a->nnets; i++)
		for (size_t k = 0; k < b->nnets; k++)
			if (addr_equal(&a->net[i], &b->net[k]) && a->net[i].plen == b->net[k].plen)
				return true;
	return false;
}

static bool fit_together(const struct plan *p)
{
	const struct peer *a = &p->peer[0], *b = &p->peer[1];
	const char *fault = NULL;

	if (a->addr.family != b->addr.family)
		fault = "are addresses of different families; there is no packet from one to the other";
	else if (addr_equal(&a->addr, &b->addr))
		fault = "are one host";
	else if (p->mode == MODE_TRANSPORT && a->nnets + b->nnets > 0)
		fault = "have networks behind them: that takes a tunnel, --mode=tunnel";
	else if (lonely(a, b) != NULL || lonely(b, a) != NULL)
		fault = "have a network that the other end has none of the same family for; without any, its "
		        "address counts";
	else if (have_common_net(a, b))
		fault = "have the same network behind them";
	if (fault != NULL)
		complain("%s and %s %s", a->name, b->name, fault);
	return fault == NULL;
}

/* Written one after the other into one file, only the last would be left. */
static bool is_one_file(const struct keygen_choices *o)
{
	const char *names[] = { o->out_a, o->out_b, o->keys_file, o->secret_file };
	bool same = false;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		for (size_t k = 0; k < i; k++)
			same |= names[i] != NULL && names[k] != NULL && files_same(names[i], names[k]);
		for (size_t k = 0; k < o->avoid.n; k++)
			same |= names[i] != NULL && files_same(names[i], o->avoid.word[k]);
	}
	return same;
}

static int read_pair(struct plan *p, const struct keygen_choices *o, int argc, char **argv)
{
	int status;

	if (argc != 2) {
		complain("--pair takes two addresses, A and B");
		return STATUS_USAGE;
	}
	if (is_one_file(o)) {
		complain("--out-a, --out-b, --keys-file, --secret-file and --avoid take a file each");
		return STATUS_USAGE;
	}
	status = plan_read(p, o);
	if (status == STATUS_OK && !(add_end(p, argv[0], &o->net_a, "net-a") &&
	                             add_end(p, argv[1], &o->net_b, "net-b") && fit_together(p)))
		status = STATUS_USAGE;
	return status;
}

/* To files where they are named; A's else to standard output. */
static int write_end(struct plan *p, size_t i, const char *name, const struct settings *s,
                     struct files *files, struct buf *out)
{
	bool print = i == 0 && name == NULL;
	struct buf text = { 0 };
	int status = STATUS_OK;

	if (name != NULL || print)
		status = plan_text(p, i, PHASE_WHOLE, NULL, s, &text);
	if (status == STATUS_OK && name != NULL)
		status = write_add(files, name, &text);
	if (status == STATUS_OK && print)
		buf_add(out, text.bytes, text.len);
	buf_free(&text);
	return status;
}

static int place(struct plan *p, struct files *files, const struct buf *text, const struct keygen_choices *o)
{
	int status = p->keys != NULL ? keyfile_write(p->keys, o->settings, files) : STATUS_OK;

	if (status == STATUS_OK)
		status = write_place(files, o->force);
	if (status != STATUS_OK)
		return status;
	if (text->len > 0 && p->keys == NULL)
		warn_if_open();
	buf_write(text, stdout);
	return STATUS_OK;
}

int keygen_pair(const struct keygen_choices *o, int argc, char **argv)
{
	struct plan p = { 0 };
	struct files files = { 0 };
	struct keyfile keys = { 0 };
	struct buf text = { 0 };
	int status = read_pair(&p, o, argc, argv);

	if (status == STATUS_OK)
		status = write_lock(
		        &files, (const char *const[]){ o->out_a, o->out_b, o->keys_file }, 3);
	if (status == STATUS_OK && o->keys_file != NULL) {
		status = keyfile_open(&keys, o->keys_file);
		p.keys = &keys;
	}
	if (status == STATUS_OK)
		status = plan_make(&p, o);
	if (status == STATUS_OK)
		status = write_end(&p, 0, o->out_a, o->settings, &files, &text);
	if (status == STATUS_OK)
		status = write_end(&p, 1, o->out_b, o->settings, &files, &text);
	if (status == STATUS_OK)
		status = place(&p, &files, &text, o);
	buf_free(&text);
	files_free(&files);
	keyfile_free(&keys);
	plan_free(&p);
	return status;
}
