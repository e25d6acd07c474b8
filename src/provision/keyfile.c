/* SPDX-License-Identifier: ISC */
/* A file of key statements to which more are added, all or none. */
#include "provision/plan.h"

#include "base/hex.h"
#include "config/parse.h"
#include "run/output.h"
#include "run/unit.h"

#include <errno.h>
#include <string.h>

int keyfile_open(struct keyfile *k, const char *name)
{
	int err;

	if (strpbrk(name, "\"\n") != NULL) {
		error("--keys-file: a statement cannot name such a file");
		return STATUS_USAGE;
	}
	err = source_read(&k->was, name);
	k->name = name;
	k->there = err == 0;
	if (err != 0 && err != -ENOENT) {
		error("cannot read %s: %s", name, strerror(-err));
		return STATUS_SYSTEM;
	}
	if (err != 0 || (k->was.mode & 077) == 0)
		return STATUS_OK;
	error("%s holds keys, and others than its owner may read or write it (mode %04o): chmod 600", name,
	      k->was.mode & 07777);
	return STATUS_ERROR;
}

void keyfile_free(struct keyfile *k)
{
	source_free(&k->was);
	buf_free(&k->more);
}

void keyfile_add(struct keyfile *k, const char *name, size_t n, const uint8_t *key, unsigned bits)
{
	buf_printf(&k->more, "key %.*s 0x", (int)n, name);
	hex_encode(&k->more, key, bits / 8);
	buf_adds(&k->more, ";\n");
}

/* Parses the new text: every name must be there once, and nothing but keys. */
static int check_keyfile(const struct keyfile *k, const struct buf *text, const struct settings *s)
{
	struct unit in = { 0 };
	bool sound;

	unit_text(&in, k->name, (const char *)text->bytes, text->len, 1, 1);
	parse_source(in.sources.source[0],
	             &(struct parse_opts){ &in.sources, &in.conf, &in.diags, .keys_only = true });
	sound = in.diags.errors == 0;
	report_findings(&in.diags, s);
	unit_free(&in);
	return sound ? STATUS_OK : STATUS_ERROR;
}

static struct buf whole_text(const struct keyfile *k)
{
	struct buf text = { 0 };

	if (k->there)
		buf_add(&text, k->was.text, k->was.len);
	if (text.len > 0 && text.bytes[text.len - 1] != '\n')
		buf_addc(&text, '\n');
	buf_add(&text, k->more.bytes, k->more.len);
	return text;
}

int keyfile_write(struct keyfile *k, const struct settings *s, struct files *files)
{
	struct buf text = whole_text(k);
	int status = check_keyfile(k, &text, s), err;

	if (status == STATUS_OK && k->there) {
		status = write_over(files, &k->was, &text);
	} else if (status == STATUS_OK &&
	           (err = files_add_over(files, k->name, NULL, 0, text.bytes, text.len)) != 0) {
		complain_file(k->name, err);
		status = STATUS_SYSTEM;
	}
	buf_free(&text);
	return status;
}
