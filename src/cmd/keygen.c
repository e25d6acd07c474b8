/* setkey keygen: random keys of the length that an algorithm takes, salt included. */
#include "cmd/cmd.h"

#include "base/fingerprint.h"
#include "base/hex.h"
#include "provision/plan.h"
#include "run/write.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One key that is asked for, and then made. */
struct made {
	struct newkey is;
	uint8_t key[KEY_MAX];
};

/* A form of the output. */
struct keyform {
	const char *name;
	void (*put)(const struct made *m, size_t nmade, struct buf *out);
};

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

static const struct keyform forms[] = {
	{ "hex", put_hex },
	{ "conf", put_conf },
	{ "json", put_json },
	{ "env", put_env },
	{ "raw", put_raw },
};

static const struct keyform *find_form(const char *name)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (strcmp(forms[i].name, name) == 0)
			return &forms[i];
	return &forms[0];
}

/* Not among the keys: those are for programs. */
static void print_fingerprints(const struct made *m, size_t n)
{
	char text[FINGERPRINT_LEN];

	for (size_t i = 0; i < n; i++)
		fprintf(stderr, "%.*s %s\n", (int)m[i].is.n, m[i].is.word,
		        fingerprint(m[i].key, m[i].is.bits / 8, text));
}

/* Behind NAME=, which stands there where the key goes to a file. */
static const char *after_name(const struct settings *s, const char *word)
{
	size_t n = strcspn(word, "=");

	if (s->wish.keys_file == NULL)
		return word;
	if (word[n] == '=' && is_plain_name(word, n))
		return word + n + 1;
	complain("--keys-file takes NAME=ALGORITHM, the name of letters, digits and . _ -, not \"%s\"", word);
	return NULL;
}

static int make(const struct settings *s, struct made *m, int argc, char **argv)
{
	int err = 0;

	if (argc == 0) {
		complain("expected the names of algorithms, such as aes-cbc:256 or hmac-sha256");
		return STATUS_USAGE;
	}
	for (int i = 0; i < argc; i++) {
		const char *word = after_name(s, argv[i]);

		if (word == NULL || !newkey_read(&m[i].is, word, strlen(word), s->allow_weak))
			return STATUS_USAGE;
	}
	for (int i = 0; i < argc && err == 0; i++)
		err = newkey_fill(&m[i].is, m[i].key);
	if (err != 0)
		complain("the kernel gives no random bytes: %s", strerror(-err));
	return err == 0 ? STATUS_OK : STATUS_WORLD;
}

/* Keys with names, NAME=ALG, for the file. */
static int keep(const struct settings *s, const struct made *m, size_t n, char **argv)
{
	struct keyfile file = { 0 };
	struct files files = { 0 };
	int status = write_lock(&files, &s->wish.keys_file, 1);

	if (status == STATUS_OK)
		status = keyfile_open(&file, s->wish.keys_file);
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
	int status = make(s, m, argc, argv);
	const struct keyform *form = find_form(s->form);
	struct buf out = { 0 };

	if (status == STATUS_OK && s->wish.keys_file != NULL)
		status = keep(s, m, n, argv);
	if (status == STATUS_OK && s->fingerprints)
		print_fingerprints(m, n);
	if (status == STATUS_OK && s->wish.keys_file == NULL) {
		warn_if_open();
		form->put(m, n, &out);
		buf_write(&out, stdout);
	}
	buf_free(&out);
	explicit_bzero(m, n * sizeof(*m));
	free(m);
	return status;
}

/* Which of the ways to make something an option belongs to. */
enum { KEYS = 1 << 0, PAIR = 1 << 1, MESH = 1 << 2 };

/* An option that would be ignored is a mistake. */
static bool fits(const struct settings *s, unsigned way)
{
	const struct wish *w = &s->wish;
	const struct { const char *name; bool said; unsigned ways; } rows[] = {
		{ "format", strcmp(s->form, "hex") != 0, KEYS }, { "pair", w->pair, PAIR }, { "mesh", w->mesh, MESH },
		{ "out", w->out, MESH }, { "out-a", w->out_a, PAIR }, { "out-b", w->out_b, PAIR }, { "net-a", w->net_a.n, PAIR },
		{ "net-b", w->net_b.n, PAIR }, { "mode", s->filter.has & FILTER_MODE, PAIR | MESH }, { "alg", w->alg, PAIR | MESH },
		{ "proto", s->filter.has & FILTER_PROTO, PAIR | MESH }, { "upper", w->upper, PAIR | MESH },
		{ "reqid", s->filter.has & FILTER_REQID, PAIR | MESH }, { "spi-range", w->spi_range, PAIR | MESH },
		{ "name", w->name, PAIR | MESH }, { "avoid", w->avoid.n, PAIR | MESH }, { "rotate", w->rotate, MESH },
		{ "force", s->force, PAIR | MESH }, { "derive", w->derive, PAIR | MESH }, { "secret-file", w->secret_file, PAIR | MESH },
		{ "keys-file", w->keys_file, KEYS | PAIR },
		{ "context", w->context, PAIR | MESH }, { "epoch", w->epoch, PAIR | MESH },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!rows[i].said || rows[i].ways & way)
			continue;
		complain("--%s does not go %s", rows[i].name,
		         way == KEYS ? "with keys alone: it takes --pair or --mesh" :
		         way == PAIR ? "with --pair" :
		                       "with --mesh");
		return false;
	}
	return true;
}

int cmd_keygen(struct settings *s, int argc, char **argv)
{
	unsigned way = s->wish.mesh != NULL ? MESH : s->wish.pair ? PAIR : KEYS;

	if (!fits(s, way))
		return STATUS_USAGE;
	return way == MESH ? keygen_mesh(s, argc, argv) :
	       way == PAIR ? keygen_pair(s, argc, argv) :
	                     make_keys(s, argc, argv);
}
