/* Hosts that share keys, and what each of them has to load: its file, and the steps from one set of keys to the next. */
#include "cmd/peers.h"

#include "base/derive.h"
#include "base/random.h"
#include "cmd/lint.h"
#include "config/parse.h"
#include "lint/loaded.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SPI_FIRST = 0x1000, SPI_LEAST = 0x100, REQID_MAX = UNIQUE_FIRST - 1, SECRET_LEAST = 32 };

/*
 * What lint finds and whoever asked for it has chosen. It is found by judging the text without these
 * comments first, so that no comment stands where nothing is found.
 */
static const struct acceptance {
	const char *id, *reason;
	bool weak;            /* only with --allow-weak */
} acceptances[] = {
	{ "SK110", "asked for with --alg; make new keys before each start of a host", false },
	{ "SK316", "what the ends of the tunnel send each other is to be protected too", false },
	{ "SK401", "another file, loaded before, begins with flush and spdflush", false },
	{ "SK104", "asked for with --allow-weak", true },
	{ "SK105", "asked for with --allow-weak", true },
	{ "SK106", "asked for with --allow-weak", true },
	{ "SK109", "asked for with --allow-weak", true },
};

enum { ACCEPTANCES = sizeof(acceptances) / sizeof(acceptances[0]) };

/* One direction: its SPI, then the keys. */
static size_t way_size(const struct plan *p)
{
	return sizeof(uint32_t) + p->enc.bits / 8 + p->auth.bits / 8;
}

static uint8_t *way(const struct plan *p, size_t from, size_t to)
{
	return p->ways + (from * p->npeers + to) * way_size(p);
}

static bool read_auth(struct plan *p, const char *word, size_t n, const struct settings *s)
{
	if (!newkey_read(&p->auth, word, n, s->allow_weak))
		return false;
	if (p->auth.alg->kind == ALG_AUTH)
		return true;
	complain("--alg: %.*s does not authenticate; hmac-sha256-128 does", (int)p->auth.n, p->auth.word);
	return false;
}

/* Without a cipher, ESP has that of no name. */
static bool read_null(struct plan *p, const char *auth, size_t n, const struct settings *s)
{
	uint16_t icv;

	p->enc = (struct newkey){ .alg = alg_find(ALG_ENC, "null", 4, &icv) };
	return read_auth(p, auth, n, s);
}

static bool is_stream(const struct newkey *k)
{
	return k->alg != NULL && k->alg->flags & ALG_STREAM;
}

static bool read_algs(struct plan *p, const struct settings *s)
{
	static const char usual[] = "hmac-sha256-128";
	const char *word = s->wish.alg ? s->wish.alg : p->proto == PROTO_AH ? usual : "aes-cbc:256";
	size_t n = strcspn(word, "+");
	const char *auth = word[n] == '+' ? word + n + 1 : NULL;

	if (p->proto == PROTO_AH)
		return read_auth(p, word, strlen(word), s);
	if (auth != NULL && n == 4 && memcmp(word, "null", 4) == 0)
		return read_null(p, auth, strlen(auth), s);
	if (!newkey_read(&p->enc, word, n, s->allow_weak))
		return false;
	if (p->enc.alg->kind == ALG_AUTH && auth == NULL)
		return read_null(p, word, n, s);
	if (p->enc.alg->kind == ALG_ENC)
		return read_auth(p, auth ? auth : usual, strlen(auth ? auth : usual), s);
	if (p->enc.alg->kind == ALG_AEAD && auth == NULL)
		return true;
	complain("--alg: %.*s %s", (int)n, word, p->enc.alg->kind == ALG_AEAD ? "authenticates by itself, without what stands behind +" :
	         "does not encrypt; a cipher stands before +");
	return false;
}

/* LO-HI */
static bool read_range(struct plan *p, const char *word)
{
	char *end;
	unsigned long long low = SPI_FIRST, high = UINT32_MAX;

	if (word != NULL) {
		low = strtoull(word, &end, 0);
		high = *end == '-' ? strtoull(end + 1, &end, 0) : 0;
		if (*end != '\0' || low < SPI_LEAST || high > UINT32_MAX || high < low) {
			complain("--spi-range takes LO-HI within 0x100-0xffffffff, not \"%s\": RFC 4303 reserves those below", word);
			return false;
		}
	}
	p->spi_low = (uint32_t)low;
	p->spi_high = (uint32_t)high;
	return true;
}

/* The secret is for whoever runs this, and long enough that nobody guesses it. */
static bool read_secret(struct plan *p, const char *name)
{
	int err = source_read(&p->secret, name);

	if (err != 0)
		complain("cannot read %s: %s", name, strerror(-err));
	else if (p->secret.mode & 077)
		complain("%s can be read by others than its owner (mode %04o): chmod 600, and take a new secret", name, p->secret.mode & 07777);
	else if (p->secret.len < SECRET_LEAST)
		complain("%s has %u bytes, a secret at least %d; `head -c 32 /dev/urandom` makes them", name, p->secret.len, SECRET_LEAST);
	else
		return true;
	return false;
}

static bool read_derivation(struct plan *p, const struct wish *w)
{
	p->context = w->context;
	p->epoch = w->epoch;
	if (w->derive != (w->secret_file != NULL) || w->derive != (w->context != NULL) || (w->epoch != NULL && !w->derive))
		complain("--derive takes --secret-file=FILE and --context=TEXT, and --epoch=TEXT if wanted; they do nothing without it");
	else if (w->derive && w->epoch == NULL && is_stream(&p->enc))
		complain("%s must never have a key twice: keys for it are derived with --epoch, which is to be another at every start", p->enc.alg->name);
	else
		return !w->derive || read_secret(p, w->secret_file);
	return false;
}

bool plan_read(struct plan *p, const struct settings *s)
{
	int upper = s->wish.upper ? upper_number(s->wish.upper) : UPPER_ANY;

	*p = (struct plan){ .name = s->wish.name, .proto = s->filter.has & FILTER_PROTO ? s->filter.proto : PROTO_ESP,
	                    .upper = (uint8_t)upper, .mode = s->filter.has & FILTER_MODE ? s->filter.mode : MODE_ANY,
	                    .reqid = s->filter.has & FILTER_REQID ? s->filter.reqid : 0,
	                    .beside = s->wish.avoid.n > 0, .allow_weak = s->allow_weak, .fingerprints = s->fingerprints };
	if (upper < 0) {
		complain("--upper takes the name or number of a protocol, or any, not \"%s\"", s->wish.upper);
		return false;
	}
	if (s->filter.has & FILTER_REQID && (p->reqid == 0 || p->reqid > REQID_MAX)) {
		complain("--reqid takes 1 to %d: others are the kernel's to give", REQID_MAX);
		return false;
	}
	return read_range(p, s->wish.spi_range) && read_algs(p, s) && read_derivation(p, &s->wish);
}

void plan_free(struct plan *p)
{
	for (size_t i = 0; i < p->npeers; i++)
		free(p->peer[i].net);
	free(p->peer);
	if (p->ways != NULL)
		explicit_bzero(p->ways, p->npeers * p->npeers * way_size(p));
	free(p->ways);
	index_free(&p->taken);
	source_free(&p->secret);
	*p = (struct plan){ 0 };
}

int plan_avoid(struct plan *p, const struct settings *s)
{
	struct input in = { 0 };
	int status = STATUS_OK;

	for (size_t i = 0; i < s->wish.avoid.n && status == STATUS_OK; i++)
		status = input_read(&in, s->wish.avoid.word[i]);
	input_parse(&in, s);
	if (in.diags.errors > 0)
		status = STATUS_REFUSED;
	for (size_t i = 0; i < in.conf.n; i++)
		if (verb_names_sa(in.conf.stmt[i]->verb))
			*index_at(&p->taken, in.conf.stmt[i]->sa.spi) = 1;
	if (status == STATUS_REFUSED)
		diag_print(&in.diags, stderr, want_color(s, stderr));
	input_free(&in);
	return status;
}

const char *peer_read_addr(struct addr *a, const char *word, size_t n)
{
	*a = (struct addr){ 0 };
	if (memchr(word, '%', n) != NULL || (addr_parse(a, word, n) && a->family == AF_INET6 && a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80))
		return "a link-local address names no host but on one link, and differently at both ends; take a global or a unique local one";
	if (a->family == 0)
		return "this is no IPv4 or IPv6 address; names are not looked up";
	if (addr_is_multicast(a) || addr_is_any(a))
		return "this is not the address of one host";
	return NULL;
}

const char *peer_read_net(struct addr *a, const char *word, size_t n)
{
	const char *slash = memchr(word, '/', n), *error = NULL;
	size_t len = slash ? (size_t)(slash - word) : n;
	char prefix[8] = "";

	*a = (struct addr){ 0 };
	if (!addr_parse(a, word, len))
		return "this is no IPv4 or IPv6 network";
	if (slash != NULL && n - len - 1 < sizeof(prefix))
		memcpy(prefix, slash + 1, n - len - 1);
	if (slash != NULL)
		a->plen = (uint8_t)strtonum(prefix, 0, addr_bits(a), &error);
	if (error != NULL)
		return "the length of the prefix is 0 to 32, in IPv6 to 128";
	for (unsigned bit = a->plen; bit < addr_bits(a); bit++)
		if (a->bytes[bit / 8] & 0x80 >> bit % 8)
			return "this has bits beyond its prefix";
	return NULL;
}

struct peer *plan_add_peer(struct plan *p, const char *name)
{
	p->peer = memory_grow(p->peer, p->npeers, &p->cap, sizeof(*p->peer));
	p->peer[p->npeers] = (struct peer){ .name = name };
	return &p->peer[p->npeers++];
}

void peer_add_net(struct peer *peer, const struct addr *net)
{
	peer->net = memory_grow(peer->net, peer->nnets, &peer->capnets, sizeof(*net));
	peer->net[peer->nnets++] = *net;
}

/* A random place, and from there the first that is free; where there is none, *spi stays. */
static int pick_spi(struct plan *p, uint32_t *spi)
{
	uint64_t span = (uint64_t)p->spi_high - p->spi_low + 1, start;
	int err = random_fill(&start, sizeof(start));

	for (uint64_t i = 0; i < span && err == 0; i++) {
		uint32_t one = p->spi_low + (uint32_t)((start % span + i) % span);

		if (index_find(&p->taken, one) != 0)
			continue;
		*index_at(&p->taken, one) = 1;
		*spi = one;
		break;
	}
	return err;
}

static int random_way(struct plan *p, uint8_t *at)
{
	uint32_t spi = 0;
	int err = pick_spi(p, &spi);

	if (err == 0 && spi == 0)
		complain("no SPI is left in the range 0x%x-0x%x", p->spi_low, p->spi_high);
	if (err == 0 && spi == 0)
		return STATUS_REFUSED;
	memcpy(at, &spi, sizeof(spi));
	at += sizeof(spi);
	if (err == 0 && p->enc.bits > 0)
		err = newkey_fill(&p->enc, at);
	if (err == 0 && p->auth.bits > 0)
		err = newkey_fill(&p->auth, at + p->enc.bits / 8);
	if (err != 0)
		complain("the kernel gives no random bytes: %s", strerror(-err));
	return err == 0 ? STATUS_OK : STATUS_WORLD;
}

static void put_number(struct buf *info, uint32_t n)
{
	const uint8_t bytes[4] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };

	derive_field(info, bytes, sizeof(bytes));
}

/* What setkey(8) says, in this order. k is NULL for the SPI, which is not yet known then. */
static void derive_part(const struct plan *p, size_t from, size_t to, uint32_t spi, const struct newkey *k, const char *purpose,
                        uint8_t *out, size_t n)
{
	static const char salt[] = "setkey keygen --derive 1";
	const struct addr *src = &p->peer[from].addr, *dst = &p->peer[to].addr;
	const char *proto = p->proto == PROTO_AH ? "ah" : "esp", *epoch = p->epoch ? p->epoch : "";
	struct buf info = { 0 }, name = { 0 };

	if (k != NULL)
		buf_adds(&name, k->alg->name);
	if (k != NULL && k->icvbits != 0)
		buf_printf(&name, "-%u", k->icvbits);
	derive_field(&info, p->context, strlen(p->context));
	derive_field(&info, epoch, strlen(epoch));
	derive_field(&info, src->bytes, addr_bits(src) / 8);
	derive_field(&info, dst->bytes, addr_bits(dst) / 8);
	derive_field(&info, proto, strlen(proto));
	put_number(&info, spi);
	derive_field(&info, name.len ? buf_str(&name) : "", name.len);
	put_number(&info, k ? k->bits : 0);
	derive_field(&info, purpose, strlen(purpose));
	derive(out, n, p->secret.text, p->secret.len, salt, sizeof(salt) - 1, info.bytes, info.len);
	buf_free(&info);
	buf_free(&name);
}

static uint32_t derive_spi(const struct plan *p, size_t from, size_t to)
{
	uint8_t bytes[8];
	uint64_t n = 0;

	derive_part(p, from, to, 0, NULL, "spi", bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		n = n << 8 | bytes[i];
	return p->spi_low + (uint32_t)(n % ((uint64_t)p->spi_high - p->spi_low + 1));
}

/* The other end derives it too, so nothing can give way here. */
static int derived_way(struct plan *p, size_t from, size_t to, uint8_t *at)
{
	uint32_t spi = derive_spi(p, from, to), *there;
	bool strong = true;

	there = index_at(&p->taken, index_mix(index_mix(0, &spi, sizeof(spi)), p->peer[to].addr.bytes, sizeof(p->peer[to].addr.bytes)));
	if (*there != 0 || index_find(&p->taken, spi) != 0) {
		complain("the SPI that follows for %s to %s, 0x%x, is taken; choose another --context or --epoch", p->peer[from].name,
		         p->peer[to].name, spi);
		return STATUS_REFUSED;
	}
	*there = 1;
	memcpy(at, &spi, sizeof(spi));
	at += sizeof(spi);
	if (p->enc.bits > 0)
		derive_part(p, from, to, spi, &p->enc, "encryption", at, p->enc.bits / 8);
	strong &= newkey_form(&p->enc, at);
	if (p->auth.bits > 0)
		derive_part(p, from, to, spi, &p->auth, "authentication", at + p->enc.bits / 8, p->auth.bits / 8);
	if (!strong)
		complain("%s is weak with the key that follows; choose another --context", p->enc.alg->name);
	return strong ? STATUS_OK : STATUS_REFUSED;
}

int plan_make(struct plan *p, const struct settings *s)
{
	int status = plan_avoid(p, s);

	p->ways = memory_resize(NULL, p->npeers * p->npeers, way_size(p));
	for (size_t i = 0; i < p->npeers; i++)
		for (size_t j = 0; j < p->npeers && status == STATUS_OK; j++)
			if (i != j)
				status = p->secret.text ? derived_way(p, i, j, way(p, i, j)) : random_way(p, way(p, i, j));
	return status;
}

static bool is_tunnel(const struct plan *p, size_t i, size_t k)
{
	return p->mode == MODE_TUNNEL || (p->mode == MODE_ANY && p->peer[i].nnets + p->peer[k].nnets > 0);
}

static void take_key(void *arg, const char *name, const uint8_t *key, unsigned bits)
{
	keyfile_add(arg, name, strlen(name), key, bits);
}

static void put_sa(const struct plan *p, size_t from, size_t to, struct buf *out)
{
	const struct print_opts o = { .keys = true, .fingerprints = p->fingerprints, .refs = p->named, .took = p->place ? NULL : take_key, .arg = p->keys };
	const uint8_t *at = way(p, from, to);
	struct event ev = { .verb = VERB_ADD };

	ev.sa = (struct sa){ .src = p->peer[from].addr, .dst = p->peer[to].addr, .proto = p->proto, .reqid = p->reqid,
	                     .mode = is_tunnel(p, from, to) ? MODE_TUNNEL : MODE_TRANSPORT,
	                     .enc = p->enc.alg, .auth = p->auth.alg, .authicv = p->auth.icvbits,
	                     .encbits = (uint16_t)p->enc.bits, .authbits = (uint16_t)p->auth.bits };
	memcpy(&ev.sa.spi, at, sizeof(ev.sa.spi));
	memcpy(ev.sa.key, at + sizeof(ev.sa.spi), way_size(p) - sizeof(ev.sa.spi));
	conf_format.sa(&ev, &o, out);
	explicit_bzero(&ev.sa, sizeof(ev.sa));
}

/* From network to network, and what of it is said to be so: an inbound policy has a forward one beside it. */
static void put_policy(const struct plan *p, const struct peer *from, const struct addr *src, const struct peer *to,
                       const struct addr *dst, enum dir dir, bool tunnel, struct buf *out)
{
	struct event ev = { .verb = dir == DIR_FWD ? VERB_SPDUPDATE : VERB_SPDADD };
	struct tmpl *t = &ev.policy.tmpl[0];

	ev.policy = (struct policy){ .src = *src, .dst = *dst, .upper = p->upper, .dir = (uint8_t)dir, .action = ACTION_IPSEC,
	                             .priority = PRIORITY_DEFAULT, .ntmpl = 1 };
	*t = (struct tmpl){ .proto = p->proto, .mode = MODE_TRANSPORT, .level = p->reqid ? LEVEL_UNIQUE : LEVEL_REQUIRE, .reqid = p->reqid };
	if (tunnel) {
		t->mode = MODE_TUNNEL;
		t->src = from->addr;
		t->dst = to->addr;
	}
	conf_format.policy(&ev, &(struct print_opts){ .keys = true }, out);
}

/* Between the networks of i and those of k; a host without any is a network of its own. */
static void put_policies(const struct plan *p, size_t i, size_t k, struct buf *out)
{
	const struct peer *own = &p->peer[i], *other = &p->peer[k];
	const struct addr *here = own->nnets ? own->net : &own->addr, *there = other->nnets ? other->net : &other->addr;
	bool tunnel = is_tunnel(p, i, k);

	for (size_t a = 0; a < (own->nnets ? own->nnets : 1); a++)
		for (size_t b = 0; b < (other->nnets ? other->nnets : 1); b++) {
			if (here[a].family != there[b].family)
				continue;
			put_policy(p, own, &here[a], other, &there[b], DIR_OUT, tunnel, out);
			put_policy(p, other, &there[b], own, &here[a], DIR_IN, tunnel, out);
			if (tunnel)
				put_policy(p, other, &there[b], own, &here[a], DIR_FWD, tunnel, out);
		}
}

static void put_head(const struct plan *p, size_t i, enum phase phase, struct buf *out)
{
	static const char *const steps[] = {
		[PHASE_ADD] = ": step 1, new keys for what comes in, on every host before step 2",
		[PHASE_SWITCH] = ": step 2, new keys for what goes out, on every host before step 3",
		[PHASE_RETIRE] = ": step 3, the old keys go",
	};
	char day[16];
	time_t now = time(NULL);
	struct tm tm;

	strftime(day, sizeof(day), "%Y-%m-%d", gmtime_r(&now, &tm));
	buf_printf(out, "# %s%s%s%s%s\n# generated by setkey %s, %s\n", p->name ? p->name : "", p->name ? ", " : "", p->peer[i].name,
	           p->npeers == 2 ? " with " : "", p->npeers == 2 ? p->peer[1 - i].name : "", VERSION, day);
	if (steps[phase] != NULL)
		buf_printf(out, "# %s%s\n", p->peer[i].name, steps[phase]);
	for (size_t k = 0; k < ACCEPTANCES; k++)
		if (p->accepted & 1u << k)
			buf_printf(out, "# setkey-lint disable=%s %s\n", acceptances[k].id, acceptances[k].reason);
	if (phase != PHASE_RETIRE)
		buf_adds(out, "# setkey-lint disable=SK410,SK411 keys that are set by hand stay until others are loaded\n");
	if (p->place != NULL)
		buf_printf(out, "\nkeys \"%s\";\n", p->place);
	buf_adds(out, phase == PHASE_WHOLE && !p->beside ? "\nflush;\nspdflush;\n\n" : "\n");
}

/* The SAs that go. */
static void put_deletes(const struct conf *old, struct buf *out)
{
	for (size_t i = 0; i < old->n; i++) {
		const struct stmt *s = old->stmt[i];
		struct event ev = { .verb = VERB_DELETE };

		if (s->verb != VERB_ADD)
			continue;
		ev.sa = (struct sa){ .src = s->sa.src, .dst = s->sa.dst, .proto = s->sa.proto, .spi = s->sa.spi };
		conf_format.sa(&ev, &(struct print_opts){ .keys = true }, out);
	}
}

static void put_text(const struct plan *p, size_t i, enum phase phase, const struct conf *old, struct buf *out)
{
	put_head(p, i, phase, out);
	for (size_t k = 0; k < p->npeers && phase != PHASE_RETIRE; k++) {
		if (k != i && phase != PHASE_ADD)
			put_sa(p, i, k, out);
		if (k != i && phase != PHASE_SWITCH)
			put_sa(p, k, i, out);
	}
	if (phase == PHASE_RETIRE)
		put_deletes(old, out);
	if (phase != PHASE_WHOLE)
		return;
	buf_addc(out, '\n');
	for (size_t k = 0; k < p->npeers; k++)
		if (k != i)
			put_policies(p, i, k, out);
}

static unsigned acceptance(const struct plan *p, const struct rule *rule)
{
	for (unsigned k = 0; k < ACCEPTANCES; k++)
		if (strcmp(acceptances[k].id, rule->id) == 0 && (p->allow_weak || !acceptances[k].weak))
			return 1u << k;
	return 0;
}

/* What of the findings can be owned up to, or 0 once there is one that cannot. */
static unsigned judge(const struct plan *p, const struct diags *d)
{
	unsigned all = 0;

	for (size_t i = 0; i < d->n; i++) {
		unsigned one = acceptance(p, d->diag[i].rule);

		if (d->diag[i].severity >= SEVERITY_WARNING && one == 0)
			return 0;
		all |= d->diag[i].severity >= SEVERITY_WARNING ? one : 0;
	}
	return all;
}

/* As others will judge the text, with no more than its own words for it. */
static int check(struct plan *p, const struct buf *text, size_t i, const struct settings *s, unsigned *accepted)
{
	struct settings plain = { .profile = profiles };
	struct input in = { .diags = { .levels = &plain.levels } };
	size_t faults;

	input_text(&in, p->peer[i].name, (const char *)text->bytes, text->len, 1, 1);
	input_parse(&in, &plain);
	lint_judge(&plain, &in);
	faults = in.diags.errors + in.diags.warnings;
	*accepted = judge(p, &in.diags);
	if (faults > 0 && (*accepted | p->accepted) == p->accepted) {
		diag_print(&in.diags, stderr, want_color(s, stderr));
		complain("what would have been made for %s is not sound: nothing is written", p->peer[i].name);
	}
	input_free(&in);
	return faults > 0 ? STATUS_REFUSED : STATUS_OK;
}

/* Beside the configuration, unless it is a full path: the other host is to find it too. */
static const char *place_of(const struct keyfile *k)
{
	const char *slash = strrchr(k->name, '/');

	return k->name[0] == '/' || slash == NULL ? k->name : slash + 1;
}

/* The length of the comments that a text begins with; an empty line ends them. */
static size_t comments(const struct buf *text)
{
	const uint8_t *end = memmem(text->bytes, text->len, "\n\n", 2);

	return end ? (size_t)(end - text->bytes) + 1 : 0;
}

/* The same once more, with names in the place of keys; judged with the keys in front of its statements. */
static int name_keys(struct plan *p, size_t i, const struct settings *s, struct buf *out)
{
	struct buf text = { 0 };
	unsigned accepted;
	int status;

	buf_clear(out);
	buf_clear(&p->keys->more);
	p->named = true;
	put_text(p, i, PHASE_WHOLE, NULL, &text);
	buf_add(out, text.bytes, comments(&text));
	buf_add(out, p->keys->more.bytes, p->keys->more.len);
	buf_add(out, text.bytes + comments(&text), text.len - comments(&text));
	status = check(p, out, i, s, &accepted);
	buf_clear(out);
	p->place = place_of(p->keys);
	put_text(p, i, PHASE_WHOLE, NULL, out);
	p->place = NULL;
	p->named = false;
	buf_free(&text);
	return status;
}

int plan_text(struct plan *p, size_t i, enum phase phase, const struct conf *old, const struct settings *s, struct buf *out)
{
	unsigned accepted = 0, before;
	int status;

	p->accepted = 0;
	do {
		p->accepted |= accepted;
		before = p->accepted;
		buf_clear(out);
		put_text(p, i, phase, old, out);
		status = check(p, out, i, s, &accepted);
	} while (status != STATUS_OK && (accepted | before) != before);
	return status == STATUS_OK && p->keys != NULL ? name_keys(p, i, s, out) : status;
}
