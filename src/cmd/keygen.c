/* setkey keygen: random keys of the length that an algorithm takes, salt included. */
#include "cmd/cmd.h"

#include "base/hex.h"
#include "base/random.h"
#include "lint/weak.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BITS_USUAL = 256 };

/* One key that is asked for, and then made. */
struct made {
	const struct alg *alg;
	const char *word;      /* what the user called it, n bytes */
	size_t n;
	unsigned bits;         /* salt included */
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
		hex_encode(out, m[i].key, m[i].bits / 8);
		buf_addc(out, '\n');
	}
}

static void put_conf(const struct made *m, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		buf_printf(out, "%s %.*s ", m[i].alg->kind == ALG_AUTH ? "-A" : "-E", (int)m[i].n, m[i].word);
		put_hex(&m[i], 1, out);
	}
}

/* AES_CBC=0x...; the second of a name is AES_CBC_2. */
static void put_env(const struct made *m, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		unsigned same = 1;

		for (size_t j = 0; j < i; j++)
			same += m[j].n == m[i].n && memcmp(m[j].word, m[i].word, m[i].n) == 0;
		for (size_t j = 0; j < m[i].n; j++)
			buf_addc(out, isalnum((unsigned char)m[i].word[j]) ? (char)toupper((unsigned char)m[i].word[j]) : '_');
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
		buf_printf(out, "%s\n  {\"algorithm\": \"%.*s\", \"bits\": %u, \"salt_bits\": %u, \"key\": \"0x", i ? "," : "",
		           (int)m[i].n, m[i].word, m[i].bits, m[i].alg->saltbits);
		hex_encode(out, m[i].key, m[i].bits / 8);
		buf_adds(out, "\"}");
	}
	buf_adds(out, "\n]}\n");
}

static void put_raw(const struct made *m, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++)
		buf_add(out, m[i].key, m[i].bits / 8);
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

static const struct alg *find_alg(const char *word, size_t n)
{
	uint16_t icv;
	const struct alg *a = alg_find(ALG_ENC, word, n, &icv);

	return a ? a : alg_find(ALG_AUTH, word, n, &icv);
}

/* The longest key that is not longer than anyone asks for, salt included. */
static unsigned usual_bits(const struct alg *a)
{
	unsigned bits = a->maxbits;

	while (a->stepbits != 0 && bits > BITS_USUAL && bits - a->stepbits >= a->minbits)
		bits -= a->stepbits;
	return bits + a->saltbits;
}

static bool is_des(const struct alg *a)
{
	return a->xfrm != NULL && (strcmp(a->xfrm, "cbc(des)") == 0 || strcmp(a->xfrm, "cbc(des3_ede)") == 0);
}

/* NAME or NAME:BITS; the salt need not be counted. */
static bool read_name(struct made *m, const char *word, bool allow_weak)
{
	const char *colon = strchr(word, ':'), *error = NULL;
	char lengths[80];
	long long bits = colon ? strtonum(colon + 1, 1, UINT16_MAX, &error) : 0;

	*m = (struct made){ .word = word, .n = strcspn(word, ":") };
	m->alg = find_alg(word, m->n);
	if (m->alg == NULL || m->alg->flags & ALG_ABSENT) {
		complain("%.*s is no algorithm of Linux; `setkey algorithms` lists them", (int)m->n, word);
		return false;
	}
	if (m->alg->maxbits == 0) {
		complain("%s takes no key", m->alg->name);
		return false;
	}
	if (is_des(m->alg) && !allow_weak) {
		complain("%s should not be used any more (RFC 8221 section 5); --allow-weak makes a key all the same", m->alg->name);
		return false;
	}
	m->bits = colon == NULL ? usual_bits(m->alg) : (unsigned)bits + m->alg->saltbits;
	if (error == NULL && !alg_takes(m->alg, m->bits))
		m->bits -= m->alg->saltbits;
	if (error == NULL && alg_takes(m->alg, m->bits))
		return true;
	complain("%.*s takes %s, not %s bits", (int)m->n, word, alg_lengths(m->alg, lengths, sizeof(lengths)), colon + 1);
	return false;
}

/* DES looks at seven bits of a byte; the eighth makes the number of ones odd. */
static void set_parity(uint8_t *key, size_t n)
{
	for (size_t i = 0; i < n; i++)
		key[i] = (uint8_t)((key[i] & 0xfe) | (__builtin_parity(key[i] & 0xfe) ^ 1));
}

static int make(struct made *m)
{
	int err;

	do {
		err = random_fill(m->key, m->bits / 8);
		if (err == 0 && is_des(m->alg))
			set_parity(m->key, m->bits / 8);
	} while (err == 0 && is_des(m->alg) && weak_des(m->key, m->bits / 8) != NULL);
	return err;
}

static void warn_if_open(void)
{
	struct stat st;

	if (fstat(STDOUT_FILENO, &st) == 0 && S_ISREG(st.st_mode) && st.st_mode & (S_IRGRP | S_IROTH))
		complain("warning: others may read the file that the keys go to; chmod 600, and umask 077 before");
}

int cmd_keygen(struct settings *s, int argc, char **argv)
{
	const struct keyform *form = find_form(s->form);
	struct made *m = memory_resize(NULL, argc > 0 ? (size_t)argc : 1, sizeof(*m));
	int status = argc > 0 ? STATUS_OK : STATUS_USAGE, err = 0;
	struct buf out = { 0 };

	if (argc == 0)
		complain("expected the names of algorithms, such as aes-cbc:256 or hmac-sha256");
	for (int i = 0; i < argc && status == STATUS_OK; i++)
		status = read_name(&m[i], argv[i], s->allow_weak) ? STATUS_OK : STATUS_USAGE;
	for (int i = 0; i < argc && status == STATUS_OK && err == 0; i++)
		err = make(&m[i]);
	if (err != 0) {
		complain("the kernel gives no random bytes: %s", strerror(-err));
		status = STATUS_WORLD;
	}
	if (status == STATUS_OK) {
		warn_if_open();
		form->put(m, (size_t)argc, &out);
		buf_write(&out, stdout);
	}
	buf_free(&out);
	explicit_bzero(m, (argc > 0 ? (size_t)argc : 1) * sizeof(*m));
	free(m);
	return status;
}
