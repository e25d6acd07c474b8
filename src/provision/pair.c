/* SPDX-License-Identifier: ISC */
/* setkey keygen --pair: the configurations with which two hosts protect the traffic between them. */
#include "provision/plan.h"

#include "base/files.h"
#include "run/output.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static bool read_port(const char *word, uint16_t *port)
{
	const char *error;
	const struct servent *service;

	*port = (uint16_t)strtonum(word, 1, UINT16_MAX, &error);
	if (error == NULL)
		return true;
	service = getservbyname(word, NULL);
	*port = service != NULL ? ntohs((uint16_t)service->s_port) : 0;
	return *port != 0;
}

/* ADDRESS, or ADDRESS[PORT]. Returns what is wrong, or NULL. */
static const char *read_end(struct peer *peer, const char *word)
{
	size_t n = strcspn(word, "["), len = strlen(word);
	char port[32] = "";

	if (word[n] == '[' && word[len - 1] == ']' && len - n - 2 < sizeof(port))
		memcpy(port, word + n + 1, len - n - 2);
	if (word[n] == '[' && strcmp(port, "any") != 0 && !read_port(port, &peer->port))
		return "expected a port in the brackets: 1 to 65535, or the name of a service";
	return peer_read_addr(&peer->addr, word, n);
}

static bool add_end(struct plan *p, const char *word, const struct words *nets, const char *option)
{
	struct peer *peer = plan_add_peer(p, word);
	const char *fault = read_end(peer, word);
	struct addr net;

	if (fault != NULL)
		error("%s: %s", word, fault);
	for (size_t i = 0; i < nets->n && fault == NULL; i++) {
		fault = peer_read_net(&net, nets->word[i], strlen(nets->word[i]));
		if (fault != NULL)
			error("--%s %s: %s", option, nets->word[i], fault);
		peer_add_net(peer, &net);
	}
	return fault == NULL;
}

/* True for protocols whose ports Linux looks at. */
static bool upper_has_ports(uint8_t upper)
{
	static const uint8_t with[] = {
		IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_DCCP, IPPROTO_UDPLITE
	};

	return memchr(with, upper, sizeof(with)) != NULL;
}

/* Reads --port, which is a port of B, and checks the ports of both ends. */
static bool read_ports(struct plan *p, const struct keygen_choices *o)
{
	struct peer *b = &p->peer[1];

	if (o->port != NULL && b->port != 0)
		error("%s and --port=%s are two ports of B", b->name, o->port);
	else if (o->port != NULL && !read_port(o->port, &b->port))
		error("--port takes 1 to 65535, or the name of a service, not \"%s\"", o->port);
	else if ((p->peer[0].port | b->port) != 0 && !upper_has_ports(p->upper))
		error("a port requires --upper=tcp or another protocol that has ports");
	else
		return true;
	return false;
}

/* The first network of a for which b has none of the same family, or NULL. */
static const struct addr *find_unpartnered(const struct peer *a, const struct peer *b)
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

static bool check_ends_fit(const struct plan *p)
{
	const struct peer *a = &p->peer[0], *b = &p->peer[1];
	const char *fault = NULL;

	if (a->addr.family != b->addr.family)
		fault = "are addresses of different families; there is no packet from one to the other";
	else if (addr_equal(&a->addr, &b->addr))
		fault = "are one host";
	else if (p->mode == MODE_TRANSPORT && a->nnets + b->nnets > 0)
		fault = "have networks behind them, which require --mode=tunnel";
	else if (find_unpartnered(a, b) != NULL || find_unpartnered(b, a) != NULL)
		fault = "have a network that the other end has none of the same family for; without any, its "
		        "address counts";
	else if (have_common_net(a, b))
		fault = "have the same network behind them";
	if (fault != NULL)
		error("%s and %s %s", a->name, b->name, fault);
	return fault == NULL;
}

/* True if two of the files are the same: the later would overwrite the earlier. */
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
		error("--pair takes two addresses, A and B");
		return STATUS_USAGE;
	}
	if (o->rotate && (o->out_a == NULL || o->out_b == NULL || o->keys_file != NULL)) {
		error("--rotate requires --out-a and --out-b, the files in use, and excludes --keys-file");
		return STATUS_USAGE;
	}
	if (is_one_file(o)) {
		error("--out-a, --out-b, --keys-file, --secret-file and --avoid take a file each");
		return STATUS_USAGE;
	}
	status = plan_read(p, o);
	if (status == STATUS_OK &&
	    !(add_end(p, argv[0], &o->net_a, "net-a") && add_end(p, argv[1], &o->net_b, "net-b") &&
	      read_ports(p, o) && check_ends_fit(p)))
		status = STATUS_USAGE;
	if (status == STATUS_OK) {
		p->peer[0].file = o->out_a;
		p->peer[1].file = o->out_b;
	}
	return status;
}

/* Adds the configuration of one end to files, if it has a file; without a file that of A goes to out. */
static int write_end(struct plan *p, size_t i, const struct keygen_choices *o, struct files *files,
                     struct buf *out)
{
	const char *name = p->peer[i].file;
	struct buf text = { 0 };
	int status = STATUS_OK;

	if (o->rotate)
		return rotation_write(p, i, o, files);
	if (name != NULL || i == 0)
		status = plan_text(p, i, PHASE_WHOLE, NULL, o->settings, &text);
	if (status == STATUS_OK && name != NULL)
		status = write_add(files, name, &text);
	else if (status == STATUS_OK && i == 0)
		buf_add(out, text.bytes, text.len);
	buf_free(&text);
	return status;
}

static int write_files(struct plan *p, struct files *files, const struct buf *text,
                       const struct keygen_choices *o)
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
	if (status == STATUS_OK && o->rotate)
		status = rotation_begin(&p, o);
	if (status == STATUS_OK)
		status = plan_make(&p, o);
	for (size_t i = 0; i < 2 && status == STATUS_OK; i++)
		status = write_end(&p, i, o, &files, &text);
	if (status == STATUS_OK)
		status = write_files(&p, &files, &text, o);
	buf_free(&text);
	files_free(&files);
	keyfile_free(&keys);
	plan_free(&p);
	return status;
}
