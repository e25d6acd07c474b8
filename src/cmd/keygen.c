/* SPDX-License-Identifier: ISC */
/* setkey keygen: random keys of the length that an algorithm takes, salt included. */
#include "cmd/cmd.h"

#include "base/fingerprint.h"
#include "base/hex.h"
#include "provision/plan.h"
#include "run/output.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One key that is asked for, and then made. */
struct made {
	struct key_spec is;
	uint8_t key[KEY_MAX];
};

/* The forms of the output, in the order of the option's words. */
enum form { FORM_HEX, FORM_CONF, FORM_JSON, FORM_ENV, FORM_RAW };

static void put_hex(const struct made *m, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		buf_adds(out, "0x");
		hex_encode(out, m[i].key, m[i].is.bits / 8);
		buf_addc(out, '\n');
	}
}

static void put_conf(const struct made *m, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		buf_printf(out, "%s %.*s ", alg_option(m[i].is.alg->kind), (int)m[i].is.n, m[i].is.word);
		put_hex(&m[i], 1, out);
	}
}

/* AES_CBC=0x...; the second of a name is AES_CBC_2. */
static void put_env(const struct made *m, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		unsigned same = 1;

		for (size_t j = 0; j < i; j++)
			same += m[j].is.n == m[i].is.n && memcmp(m[j].is.word, m[i].is.word, m[i].is.n) == 0;
		for (size_t j = 0; j < m[i].is.n; j++)
			buf_addc(out, isalnum((unsigned char)m[i].is.word[j]) ?
			                      (char)toupper((unsigned char)m[i].is.word[j]) :
			                      '_');
		if (same > 1)
			buf_printf(out, "_%u", same);
		buf_addc(out, '=');
		put_hex(&m[i], 1, out);
	}
}

static void put_json(const struct made *m, size_t n, struct buf *out)
{
	buf_adds(out, "{\"version\": 1, \"keys\": [");
	for (size_t i = 0; i < n; i++) {
		/* Nothing in here wants quoting: an algorithm's name, numbers, hex. */
		buf_printf(out,
		           "%s\n  {\"algorithm\": \"%.*s\", \"bits\": %u, \"salt_bits\": %u, \"key\": \"0x",
		           i ? "," : "", (int)m[i].is.n, m[i].is.word, m[i].is.bits, m[i].is.alg->saltbits);
		hex_encode(out, m[i].key, m[i].is.bits / 8);
		buf_adds(out, "\"}");
	}
	buf_adds(out, "\n]}\n");
}

static void put_raw(const struct made *m, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++)
		buf_add(out, m[i].key, m[i].is.bits / 8);
}

static void (*const put[])(const struct made *m, size_t nmade, struct buf *out) = {
	[FORM_HEX] = put_hex, [FORM_CONF] = put_conf, [FORM_JSON] = put_json, [FORM_ENV] = put_env, [FORM_RAW] = put_raw
};

static unsigned form;        /* enum form */
static struct keygen_choices options;

static bool set_context(void *to, const char *v)
{
	return set_text(to, v) && strlen(v) <= UINT16_MAX;
}

/* What a statement can name. */
static bool set_keys_file(void *to, const char *v)
{
	return set_text(to, v) && strpbrk(v, "\"\n") == NULL;
}

static bool set_reqid(void *to, const char *v)
{
	struct keygen_choices *o = to;

	o->has_reqid = true;
	return set_number(&o->reqid, v);
}

/* PROTO, or PROTO/PORT */
static bool set_upper(void *to, const char *v)
{
	static char proto[32];
	struct keygen_choices *o = to;
	size_t n = strcspn(v, "/");

	if (n == 0 || n >= sizeof(proto))
		return false;
	memcpy(proto, v, n);
	proto[n] = '\0';
	o->upper = proto;
	if (v[n] == '/')
		o->port = v + n + 1;
	return true;
}

/* What an option goes with, 0: with all of these. */
enum { KEYS = 1 << 0, PAIR = 1 << 1, MESH = 1 << 2, HOSTS = PAIR | MESH };

#define TO(member) &options.member

const struct opt keygen_options[] = {
	{ "format", 0, "hex|conf|json|env|raw", "form of the keys", NULL, &form, 0 },
	OPT_FINGERPRINTS,
	{ "proto", 0, "esp|ah", "the protocol of the SAs", set_proto, TO(proto), HOSTS },
	{ "reqid", 0, "N", "the reqid of the SAs, which policies ask for", set_reqid, &options, HOSTS },
	{ "mode", 0, "transport|tunnel", "the mode of the SAs", set_mode, TO(mode), HOSTS },
	{ "allow-weak", 0, NULL, "make DES and 3DES keys too", set_flag, TO(allow_weak), 0 },
	{ "pair", 0, NULL, "the configuration of two hosts, A and B: A's, or both ends' in files", set_flag, TO(pair), PAIR },
	{ "mesh", 0, "HOSTS", "the configurations of all hosts of a list: NAME ADDRESS [NETWORK ...]", set_text, TO(mesh), MESH },
	{ "out", 0, "DIR", "where the files of a mesh go", set_text, TO(out), MESH },
	{ "out-a", 0, "FILE", "where A's configuration goes", set_text, TO(out_a), PAIR },
	{ "out-b", 0, "FILE", "where B's configuration goes", set_text, TO(out_b), PAIR },
	{ "net-a", 0, "NETWORK", "a network behind A", set_words, TO(net_a), PAIR },
	{ "net-b", 0, "NETWORK", "a network behind B", set_words, TO(net_b), PAIR },
	{ "alg", 0, "ALG[:BITS][+AUTH[:BITS]]", "the algorithms (aes-cbc:256+hmac-sha256-128)", set_text, TO(alg), HOSTS },
	{ "upper", 0, "PROTO[/PORT]", "protect this upper-layer protocol alone, or one service of B", set_upper, &options, HOSTS },
	{ "port", 0, "PORT", "protect this port of B alone", set_text, TO(port), PAIR },
	{ "no-flush", 0, NULL, "no flush in front: other files are loaded beside this one", set_flag, TO(no_flush), HOSTS },
	{ "spi-range", 0, "LO-HI", "the range of SPIs (0x1000-0xffffffff)", set_text, TO(spi_range), HOSTS },
	{ "avoid", 0, "FILE", "use no SPI of this file, which is loaded before", set_words, TO(avoid), HOSTS },
	{ "name", 0, "NAME", "the name in comments and file names", set_plain_name, TO(name), HOSTS },
	{ "derive", 0, NULL, "no random keys and SPIs, but such as follow from a secret", set_flag, TO(derive), HOSTS },
	{ "secret-file", 0, "FILE", "the secret, 32 bytes or more, its owner's alone", set_text, TO(secret_file), HOSTS },
	{ "context", 0, "TEXT", "label mixed into derivation: other text, other keys", set_context, TO(context), HOSTS },
	{ "epoch", 0, "TEXT", "epoch label mixed into derivation; counter modes need a new one at every start", set_context, TO(epoch), HOSTS },
	{ "keys-file", 0, "FILE", "append the keys to this file, and refer to them by name", set_keys_file, TO(keys_file), KEYS | PAIR },
	{ "rotate", 0, NULL, "make new keys for the SAs in use, and the steps to them without a gap", set_flag, TO(rotate), HOSTS },
	{ "force", 0, NULL, "replace files that are there", set_flag, TO(force), HOSTS },
	OPT_END
};

/* Not among the keys: those are for programs. */
static void print_fingerprints(const struct made *m, size_t n)
{
	char text[FINGERPRINT_LEN];

	for (size_t i = 0; i < n; i++)
		fprintf(stderr, "%.*s %s\n", (int)m[i].is.n, m[i].is.word,
		        fingerprint_text(m[i].key, m[i].is.bits / 8, text));
}

/* The algorithm after NAME=, which is given where the key goes to a file. */
static const char *alg_after_name(const char *word)
{
	size_t n = strcspn(word, "=");

	if (options.keys_file == NULL)
		return word;
	if (word[n] == '=' && is_plain_name(word, n))
		return word + n + 1;
	error("--keys-file takes NAME=ALGORITHM, the name of letters, digits and . _ -, not \"%s\"", word);
	return NULL;
}

static int make_keys_of(struct made *m, int argc, char **argv)
{
	int err = 0;

	if (argc == 0) {
		error("expected the names of algorithms, such as aes-cbc:256 or hmac-sha256");
		return STATUS_USAGE;
	}
	for (int i = 0; i < argc; i++) {
		const char *word = alg_after_name(argv[i]);

		if (word == NULL || !newkey_read(&m[i].is, word, strlen(word), options.allow_weak))
			return STATUS_USAGE;
	}
	for (int i = 0; i < argc && err == 0; i++)
		err = newkey_fill(&m[i].is, m[i].key);
	if (err != 0)
		error("the kernel gives no random bytes: %s", strerror(-err));
	return err == 0 ? STATUS_OK : STATUS_SYSTEM;
}

/* Keys with names, NAME=ALG, for the file. */
static int write_keys_file(const struct settings *s, const struct made *m, size_t n, char **argv)
{
	struct keyfile file = { 0 };
	struct files files = { 0 };
	int status = write_lock(&files, &options.keys_file, 1);

	if (status == STATUS_OK)
		status = keyfile_open(&file, options.keys_file);
	for (size_t i = 0; i < n; i++)
		keyfile_add(&file, argv[i], strcspn(argv[i], "="), m[i].key, m[i].is.bits);
	if (status == STATUS_OK)
		status = keyfile_write(&file, s, &files);
	if (status == STATUS_OK)
		status = write_place(&files, false);
	files_free(&files);
	keyfile_free(&file);
	return status;
}

static int make_keys(const struct settings *s, int argc, char **argv)
{
	size_t n = argc > 0 ? (size_t)argc : 1;
	struct made *m = memory_resize(NULL, n, sizeof(*m));
	int status = make_keys_of(m, argc, argv);
	struct buf out = { 0 };

	if (status == STATUS_OK && options.keys_file != NULL)
		status = write_keys_file(s, m, n, argv);
	if (status == STATUS_OK && s->fingerprints)
		print_fingerprints(m, n);
	if (status == STATUS_OK && options.keys_file == NULL) {
		warn_if_open();
		put[form](m, n, &out);
		buf_write(&out, stdout);
	}
	buf_free(&out);
	explicit_bzero(m, n * sizeof(*m));
	free(m);
	return status;
}

/* An option that would be ignored is a mistake. */
static bool options_fit_mode(const struct settings *s, unsigned mode)
{
	for (size_t i = 0; keygen_options[i].name != NULL; i++) {
		const struct opt *o = &keygen_options[i];
		unsigned modes = o->to == &form && form != FORM_HEX ? KEYS : o->bits;

		if (!(s->given >> i & 1) || modes == 0 || modes & mode)
			continue;
		error("--%s is not valid %s", o->name,
		         mode == KEYS ? "without --pair or --mesh" :
		         mode == PAIR ? "with --pair" :
		                       "with --mesh");
		return false;
	}
	return true;
}

int cmd_keygen(struct settings *s, int argc, char **argv)
{
	unsigned mode = options.mesh != NULL ? MESH : options.pair ? PAIR : KEYS;

	options.settings = s;
	if (!options_fit_mode(s, mode))
		return STATUS_USAGE;
	return mode == MESH ? keygen_mesh(&options, argc) :
	       mode == PAIR ? keygen_pair(&options, argc, argv) :
	                     make_keys(s, argc, argv);
}
