/* SPDX-License-Identifier: ISC */
/* Reads a command line by the tables of options, and holds the options that all commands share. */
#include "run/options.h"

#include "model/names.h"
#include "text/visible.h"

#include <assert.h>
#include <ctype.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

struct settings settings = { .format = &classic_format };

bool set_flag(void *to, const char *v)
{
	(void)v;
	return *(bool *)to = true;
}

bool set_text(void *to, const char *v)
{
	return *(*(const char **)to = v) != '\0';
}

bool set_plain_name(void *to, const char *v)
{
	return set_text(to, v) && is_plain_name(v, strlen(v));
}

bool set_set_name(void *to, const char *v)
{
	enum { SET_NAME_MAX = 64 };

	return set_plain_name(to, v) && strlen(v) <= SET_NAME_MAX;
}

bool set_words(void *to, const char *v)
{
	struct words *w = to;

	if (w->n == WORDS_MAX)
		return false;
	return set_text(&w->word[w->n++], v);
}

bool set_number(void *to, const char *v)
{
	char *end;
	unsigned long long n = strtoull(v, &end, 0);

	*(uint32_t *)to = (uint32_t)n;
	return *v >= '0' && *v <= '9' && *end == '\0' && n <= UINT32_MAX;
}

bool set_format(void *to, const char *v)
{
	const struct format *const *f = formats;

	while (*f != NULL && strcmp((*f)->name, v) != 0)
		f++;
	*(const struct format **)to = *f;
	return *f != NULL;
}

static bool set_named(uint8_t *to, const struct name *table, const char *v)
{
	int n = name_number(table, v, strlen(v));

	*to = (uint8_t)n;
	return n > 0;
}

bool set_proto(void *to, const char *v) { return set_named(to, proto_names, v); }
bool set_mode(void *to, const char *v) { return set_named(to, mode_names, v); }
bool set_dir(void *to, const char *v) { return set_named(to, dir_names, v); }

const struct opt common_options[] = {
	{ "via", 0, "auto|xfrm|pfkey", "the kernel interface (auto: XFRM netlink, else PF_KEY)", NULL, &settings.via, 0 },
	{ "color", 0, "auto|always|never", "colour in diagnostics", NULL, &settings.color, 0 },
	{ "help", 'h', NULL, "this text", set_flag, &settings.help, 0 },
	{ "version", 'V', NULL, "the version", set_flag, &settings.version, 0 },
	OPT_END
};

enum { LONG_ONLY = 256 };

const struct cmd *command_find(const char *name)
{
	for (const struct cmd *c = commands; c->name != NULL; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

const char *option_values(const struct opt *o, int *n)
{
	bool optional = o->arg != NULL && *o->arg == '[';
	const char *values = optional ? o->arg + 1 : o->arg;

	*n = values != NULL ? (int)strcspn(values, optional ? "]" : "") : 0;
	return values;
}

/*
 * The place of the value among those that the option lists, from 0; -1 if it is none of them. The name of a
 * value, in capitals, stands for any value.
 */
static int listed_place(const struct opt *o, const char *value)
{
	size_t len = strlen(value), word;
	int n, place = 0;
	const char *p = option_values(o, &n);

	assert(p != NULL);
	if (isupper((unsigned char)*p))
		return 0;
	for (const char *end = p + n; p < end; p += word + 1, place++) {
		word = strcspn(p, "| ]");
		if (word == len && memcmp(p, value, len) == 0)
			return place;
	}
	return -1;
}

static bool set_option(const struct opt *o, const char *value)
{
	int place = o->arg != NULL && value != NULL ? listed_place(o, value) : 0;

	if (place >= 0 && o->set == NULL)
		*(unsigned *)o->to = (unsigned)place;
	return place >= 0 && (o->set == NULL || o->set(o->to, value));
}

const struct opt *command_option(const struct cmd *c, size_t i)
{
	size_t n = 0;

	while (n < i && c->opts[n].name != NULL)
		n++;
	if (c->opts[n].name != NULL)
		return &c->opts[n];
	return common_options[i - n].name != NULL ? &common_options[i - n] : NULL;
}

/* Converts the options into the two forms of getopt_long. */
static void for_getopt(const struct cmd *c, struct option *longs, char *shorts, size_t size)
{
	const struct opt *o;

	for (size_t i = 0; (o = command_option(c, i)) != NULL; i++) {
		int takes = !o->arg ? no_argument : *o->arg == '[' ? optional_argument : required_argument;

		assert(i < OPTIONS_MAX);
		*longs++ = (struct option){ o->name, takes, NULL, LONG_ONLY + (int)i };
		if (o->letter != 0)
			strlcat(shorts, (char[]){ o->letter, o->arg ? ':' : '\0', '\0' }, size);
	}
	*longs = (struct option){ NULL, 0, NULL, 0 };
}

/* The option that getopt_long has returned as letter; *i is its index. NULL: one of the classic letters. */
static const struct opt *find_option(const struct cmd *c, int letter, size_t *i)
{
	const struct opt *o;

	*i = letter >= LONG_ONLY ? (size_t)letter - LONG_ONLY : 0;
	if (letter >= LONG_ONLY)
		return command_option(c, *i);
	for (; (o = command_option(c, *i)) != NULL && o->letter != letter; ++*i)
		continue;
	return o;
}

/* True if no word has control characters: getopt prints words as they are. */
static bool are_visible(int argc, char **argv)
{
	bool all = true;

	for (int i = 0; i < argc; i++)
		all &= visible_is_plain(argv[i], strlen(argv[i]));
	return all;
}

const char *command_nearest(const char *word)
{
	const char *names[COMMANDS_MAX + 1];
	size_t n = 0;

	for (const struct cmd *c = commands; c->name != NULL; c++)
		if (c->help != NULL && n < COMMANDS_MAX)
			names[n++] = c->name;
	names[n] = NULL;
	return name_nearest(names, word, strlen(word));
}

static bool has_option(const struct cmd *c, const char *name, size_t n)
{
	const struct opt *o = c->opts;

	while (o->name != NULL && !name_is(o->name, name, n))
		o++;
	return o->name != NULL;
}

/* Prints a hint after getopt has complained of an unknown option. */
static void suggest_option(const struct cmd *c, const char *word)
{
	const char *names[OPTIONS_MAX + 1], *near;
	const struct cmd *other = commands;
	const struct opt *o;
	size_t n = 0, len;

	if (strncmp(word, "--", 2) != 0)
		return;
	word += 2;
	len = strcspn(word, "=");
	for (; (o = command_option(c, n)) != NULL; n++)
		names[n] = o->name;
	names[n] = NULL;
	near = name_nearest(names, word, len);
	while (other->name != NULL && !has_option(other, word, len))
		other++;
	if (other->name != NULL)
		fprintf(stderr, "  hint: --%.*s is an option of `setkey %s`\n", (int)len, word, other->name);
	else if (near != NULL)
		fprintf(stderr, "  hint: did you mean --%s?\n", near);
}

size_t options_common(int argc, char **argv)
{
	int i = 1;

	for (; i < argc && strncmp(argv[i], "--", 2) == 0 && argv[i][2] != '\0'; i++) {
		size_t n = strcspn(argv[i] + 2, "=");
		const struct opt *o = common_options;

		while (o->name != NULL && !name_is(o->name, argv[i] + 2, n))
			o++;
		if (o->name == NULL)
			break;
		i += o->arg != NULL && argv[i][n + 2] == '\0';
	}
	return i < argc ? (size_t)i : 0;
}

static int read_options(const struct cmd *c, int argc, char **argv,
                        void (*classic)(void *arg, int letter, char *value), void *arg)
{
	struct option longs[OPTIONS_MAX + 1];
	char shorts[64] = "";
	int letter, n;

	for_getopt(c, longs, shorts, sizeof(shorts));
	for (const struct letter *l = compat_letters; classic != NULL && l->letter != NULL; l++)
		strlcat(shorts, l->letter, sizeof(shorts));
	opterr = are_visible(argc, argv);
	while ((letter = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct opt *o;
		const char *values;
		bool named;
		size_t i;

		if (letter == '?' && !opterr)
			error("cannot make sense of %s", argv[optind - 1]);
		if (letter == '?' && opterr)
			suggest_option(c, argv[optind - 1]);
		if (letter == '?')
			return -1;
		o = find_option(c, letter, &i);
		if (o == NULL) {
			assert(classic != NULL); /* getopt returns only letters that it was told of */
			classic(arg, letter, optarg);
			continue;
		}
		settings.given |= UINT64_C(1) << i;
		if (set_option(o, optarg))
			continue;
		values = option_values(o, &n);
		named = isupper((unsigned char)*values);
		error("--%s takes %.*s, not \"%s\"%s%s", o->name, n, values, optarg, named ? ": " : "",
		      named ? o->help : "");
		return -1;
	}
	return optind;
}

int options_read(const struct cmd *c, int argc, char **argv,
                 void (*classic)(void *arg, int letter, char *value), void *arg)
{
	settings.argc = argc;
	settings.argv = argv;
	return read_options(c, argc, argv, classic, arg);
}

int options_reparse(const struct cmd *c, int argc, char **argv)
{
	optind = 0; /* makes getopt start anew */
	return read_options(c, argc, argv, NULL, NULL);
}
