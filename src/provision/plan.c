/* SPDX-License-Identifier: ISC */
/*
 * Reads the options for hosts that share keys: algorithms, mode, SPIs, the secret. Knows the command line,
 * makes nothing.
 */
#include "provision/plan.h"

#include "run/unit.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { SPI_FIRST = 0x1000, SPI_LEAST = 0x100, REQID_MAX = UNIQUE_FIRST - 1, SECRET_LEAST = 32 };

static bool read_auth(struct plan *p, const char *word, size_t n, const struct keygen_choices *o)
{
	if (!newkey_read(&p->auth, word, n, o->allow_weak))
		return false;
	if (p->auth.alg->kind == ALG_AUTH)
		return true;
	error("--alg: %.*s does not authenticate; hmac-sha256-128 does", (int)p->auth.n, p->auth.word);
	return false;
}

/* ESP without a cipher has the algorithm null. */
static bool read_null(struct plan *p, const char *auth, size_t n, const struct keygen_choices *o)
{
	uint16_t icv;

	p->enc = (struct key_spec){ .alg = alg_find(ALG_ENC, "null", 4, &icv) };
	return read_auth(p, auth, n, o);
}

static bool read_algs(struct plan *p, const struct keygen_choices *o)
{
	static const char usual[] = "hmac-sha256-128";
	const char *word = o->alg ? o->alg : p->proto == PROTO_AH ? usual : "aes-cbc:256";
	size_t n = strcspn(word, "+");
	const char *auth = word[n] == '+' ? word + n + 1 : NULL;

	if (p->proto == PROTO_AH)
		return read_auth(p, word, strlen(word), o);
	if (auth != NULL && n == 4 && memcmp(word, "null", 4) == 0)
		return read_null(p, auth, strlen(auth), o);
	if (!newkey_read(&p->enc, word, n, o->allow_weak))
		return false;
	if (p->enc.alg->kind == ALG_AUTH && auth == NULL)
		return read_null(p, word, n, o);
	if (p->enc.alg->kind == ALG_ENC)
		return read_auth(p, auth ? auth : usual, strlen(auth ? auth : usual), o);
	if (p->enc.alg->kind == ALG_AEAD && auth == NULL)
		return true;
	error("--alg: %.*s %s", (int)n, word,
	      p->enc.alg->kind == ALG_AEAD ? "authenticates by itself: remove + and what follows" :
	                                     "does not encrypt; write a cipher before +");
	return false;
}

/* LO-HI */
static bool read_range(struct plan *p, const char *word)
{
	char *end;
	unsigned long long low = SPI_FIRST, high = UINT32_MAX;

	if (word != NULL) {
		low = isdigit((unsigned char)*word) ? strtoull(word, &end, 0) : 0;
		high = low > 0 && *end == '-' && isdigit((unsigned char)end[1]) ? strtoull(end + 1, &end, 0) :
		                                                                  0;
		if (low < SPI_LEAST || high > UINT32_MAX || high < low || *end != '\0') {
			error("--spi-range takes LO-HI within 0x100-0xffffffff, not \"%s\": RFC 4303 "
			      "reserves those below",
			      word);
			return false;
		}
	}
	p->spi_low = (uint32_t)low;
	p->spi_high = (uint32_t)high;
	return true;
}

/* Reads the secret. Only its owner may read it, and it must be too long to guess. */
static int read_secret(struct plan *p, const char *name)
{
	int err = source_read(&p->secret, name);

	if (err != 0)
		error("cannot read %s: %s", name, strerror(-err));
	else if (p->secret.mode & 077)
		error("%s can be read by others than its owner (mode %04o): chmod 600, and take a new "
		      "secret",
		      name, p->secret.mode & 07777);
	else if (p->secret.len < SECRET_LEAST)
		error("%s has %u bytes, a secret at least %d; `head -c 32 /dev/urandom` makes them", name,
		      p->secret.len, SECRET_LEAST);
	else
		return STATUS_OK;
	return err != 0 ? STATUS_SYSTEM : STATUS_ERROR;
}

static int read_derivation(struct plan *p, const struct keygen_choices *o)
{
	p->context = o->context;
	p->epoch = o->epoch;
	if (o->derive != (o->secret_file != NULL) || o->derive != (o->context != NULL) ||
	    (o->epoch != NULL && !o->derive))
		error("--derive takes --secret-file=FILE and --context=TEXT, and --epoch=TEXT if wanted; "
		      "they do nothing without it");
	else if (o->derive && o->epoch == NULL && p->enc.alg != NULL && p->enc.alg->flags & ALG_STREAM)
		error("%s must never have a key twice: keys for it are derived with --epoch, which is to "
		      "be another at every start",
		      p->enc.alg->name);
	else
		return o->derive ? read_secret(p, o->secret_file) : STATUS_OK;
	return STATUS_USAGE;
}

int plan_read(struct plan *p, const struct keygen_choices *o)
{
	int upper = o->upper ? upper_number(o->upper) : UPPER_ANY;
	bool is_number = o->upper == NULL || isdigit((unsigned char)*o->upper);

	*p = (struct plan){ .name = o->name,
		            .proto = o->proto != 0 ? o->proto : PROTO_ESP,
		            .upper = (uint8_t)upper,
		            .upper_word = is_number ? NULL : o->upper,
		            .mode = o->mode != 0 ? o->mode : MODE_ANY,
		            .reqid = o->reqid,
		            .beside = o->avoid.n > 0 || o->no_flush,
		            .allow_weak = o->allow_weak,
		            .fingerprints = o->settings->fingerprints };
	if (upper < 0) {
		error("--upper takes the name or number of a protocol, or any, not \"%s\"", o->upper);
		return STATUS_USAGE;
	}
	if (o->has_reqid && (p->reqid == 0 || p->reqid > REQID_MAX)) {
		error("--reqid takes 1 to %d: the kernel assigns others", REQID_MAX);
		return STATUS_USAGE;
	}
	return read_range(p, o->spi_range) && read_algs(p, o) ? read_derivation(p, o) :
	                                                             STATUS_USAGE;
}

void plan_free(struct plan *p)
{
	for (size_t i = 0; i < p->npeers; i++)
		free(p->peer[i].net);
	free(p->peer);
	if (p->flows != NULL)
		explicit_bzero(p->flows, p->npeers * p->npeers * flow_size(p));
	free(p->flows);
	hash_free(&p->taken);
	source_free(&p->secret);
	*p = (struct plan){ 0 };
}

int plan_avoid(struct plan *p, const struct keygen_choices *o)
{
	struct unit in = { 0 };
	int status = STATUS_OK;

	for (size_t i = 0; i < o->avoid.n && status == STATUS_OK; i++)
		status = unit_read(&in, o->avoid.word[i]);
	unit_parse(&in, o->settings);
	if (in.diags.errors > 0)
		status = report_findings(&in.diags, o->settings);
	for (size_t i = 0; i < in.conf.n; i++)
		if (verb_names_sa(in.conf.stmt[i]->verb))
			*hash_at(&p->taken, in.conf.stmt[i]->sa.spi) = 1;
	unit_free(&in);
	return status;
}

const char *peer_read_addr(struct addr *a, const char *word, size_t n)
{
	*a = (struct addr){ 0 };
	if (memchr(word, '%', n) != NULL || (addr_parse(a, word, n) && a->family == AF_INET6 &&
	                                     a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80))
		return "a link-local address names no host but on one link, and differently at both ends; "
		       "take a global or a unique local one";
	if (a->family == 0)
		return "not an IPv4 or IPv6 address; names are not looked up";
	if (addr_is_multicast(a) || addr_is_any(a))
		return "not the address of one host";
	return NULL;
}

const char *peer_read_net(struct addr *a, const char *word, size_t n)
{
	const char *slash = memchr(word, '/', n), *error = NULL;
	size_t len = slash ? (size_t)(slash - word) : n;
	char prefix[8] = "";

	*a = (struct addr){ 0 };
	if (!addr_parse(a, word, len))
		return "not an IPv4 or IPv6 network";
	if (slash != NULL && n - len - 1 < sizeof(prefix))
		memcpy(prefix, slash + 1, n - len - 1);
	if (slash != NULL)
		a->plen = (uint8_t)strtonum(prefix, 0, addr_bits(a), &error);
	if (error != NULL)
		return "the prefix length must be 0 to 32, or 0 to 128 for IPv6";
	for (unsigned bit = a->plen; bit < addr_bits(a); bit++)
		if (a->bytes[bit / 8] & 0x80 >> bit % 8)
			return "host bits are set";
	return NULL;
}

struct peer *plan_add_peer(struct plan *p, const char *name)
{
	p->peer = memory_grow(p->peer, p->npeers, &p->cap, sizeof(*p->peer));
	p->peer[p->npeers] = (struct peer){ .name = name, .host = p->npeers };
	return &p->peer[p->npeers++];
}

void peer_add_net(struct peer *peer, const struct addr *net)
{
	peer->net = memory_grow(peer->net, peer->nnets, &peer->capnets, sizeof(*net));
	peer->net[peer->nnets++] = *net;
}

bool plan_joins(const struct plan *p, size_t i, size_t k)
{
	return p->peer[i].host != p->peer[k].host && p->peer[i].addr.family == p->peer[k].addr.family;
}

static bool has_family(const struct peer *peer, uint8_t family)
{
	for (size_t k = 0; k < peer->nnets; k++)
		if (peer->net[k].family == family)
			return true;
	return peer->nnets == 0 && peer->addr.family == family;
}

bool peers_meet(const struct peer *a, const struct peer *b, uint8_t family)
{
	return has_family(a, family) && has_family(b, family);
}
