/* The table of all options, and what every command needs from it. */
#include "run/options.h"

#include "model/names.h"
#include "run/rules.h"
#include "text/visible.h"

#include <assert.h>
#include <ctype.h>
#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/*
 * What sets a setting: to is its member or, for a row that names none, all of them. False: the value is not
 * understood.
 */

static bool flag(void *to, const char *v)
{
	(void)v;
	return *(bool *)to = true;
}

static bool text(void *to, const char *v)
{
	return *(*(const char **)to = v) != '\0';
}

static bool label(void *to, const char *v)
{
	return text(to, v) && strlen(v) <= UINT16_MAX;
}

static bool list(void *to, const char *v)
{
	struct words *w = to;

	if (w->n == WORDS_MAX)
		return false;
	return text(&w->word[w->n++], v);
}

static bool choose(unsigned *to, const char *const *words, const char *v)
{
	for (*to = 0; words[*to] != NULL; ++*to)
		if (strcmp(words[*to], v) == 0)
			return true;
	return false;
}

static bool via(void *to, const char *v)
{
	return choose(to,
	              (const char *const[]){
	                      [VIA_AUTO] = "auto", [VIA_XFRM] = "xfrm", [VIA_PFKEY] = "pfkey", NULL },
	              v);
}

static bool color(void *to, const char *v)
{
	return choose(
	        to,
	        (const char *const[]){
	                [COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never", NULL },
	        v);
}

/* The words that a command takes stand in its row, and others do not get here. */
static bool format(void *to, const char *v)
{
	struct settings *s = to;

	strlcpy(s->form, v, sizeof(s->form));
	for (const struct report *r = reports; r->name != NULL; r++)
		if (strcmp(r->name, v) == 0)
			s->report = r;
	for (const struct format *const *f = formats; *f != NULL; f++)
		if (strcmp((*f)->name, v) == 0)
			s->format = *f;
	return true;
}

static int find_severity(const char *word)
{
	for (int i = SEVERITY_OFF; i <= SEVERITY_ERROR; i++)
		if (strcmp(severity_word((enum severity)i), word) == 0)
			return i;
	return -1;
}

static bool fail_on(void *to, const char *v)
{
	int found = strcmp(v, "never") == 0 ? SEVERITY_OFF : find_severity(v);

	*(enum severity *)to = (enum severity)found;
	return found >= 0;
}

/* A rule by number or word; without a level as severe as it is, or a warning. */
static bool set_level(struct levels *levels, const char *id, size_t n, int level)
{
	const struct rule *r = rule_find(id, n);

	if (r != NULL && level < 0)
		level = r->severity != SEVERITY_OFF ? (int)r->severity : SEVERITY_WARNING;
	if (r != NULL)
		levels->of[rule_number(r)] = (uint8_t)(level + 1);
	return r != NULL;
}

static bool enable(void *to, const char *v)
{
	return set_level(to, v, strlen(v), -1);
}

static bool disable(void *to, const char *v)
{
	return set_level(to, v, strlen(v), SEVERITY_OFF);
}

/* ID=LEVEL */
static bool severity(void *to, const char *v)
{
	size_t n = strcspn(v, "=");
	int level = v[n] == '=' ? find_severity(v + n + 1) : -1;

	return level >= 0 && set_level(to, v, n, level);
}

static bool profile(void *to, const char *v)
{
	const struct profile *p = profiles;

	while (p->name != NULL && strcmp(p->name, v) != 0)
		p++;
	*(const struct profile **)to = p;
	return p->name != NULL;
}

static bool fix(void *to, const char *v)
{
	*(enum fix *)to = v != NULL && strcmp(v, "inplace") == 0 ? FIX_INPLACE : FIX_DIFF;
	return true;
}

/* ADDRESS or ADDRESS/PREFIXLEN, numeric. */
static bool range(void *to, const char *v)
{
	size_t n = strcspn(v, "/");
	const char *error = NULL;
	struct addr *a = to;

	*a = (struct addr){ 0 };
	if (!addr_parse(a, v, n))
		return false;
	if (v[n] == '/')
		a->plen = (uint8_t)strtonum(v + n + 1, 0, addr_bits(a), &error);
	return error == NULL;
}

static bool number(void *to, const char *v)
{
	char *end;
	unsigned long long n = strtoull(v, &end, 0);

	*(uint32_t *)to = (uint32_t)n;
	return *v >= '0' && *v <= '9' && *end == '\0' && n <= UINT32_MAX;
}

static bool set_word(uint8_t *to, const struct name *table, const char *v)
{
	int n = name_number(table, v, strlen(v));

	*to = (uint8_t)n;
	return n > 0;
}

static bool proto(void *to, const char *v) { return set_word(to, proto_names, v); }
static bool mode(void *to, const char *v) { return set_word(to, mode_names, v); }
static bool dir(void *to, const char *v) { return set_word(to, dir_names, v); }

bool is_plain_name(const char *name, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)name[i]) && (i == 0 || strchr("._-", name[i]) == NULL))
			return false;
	return n > 0;
}

static bool plain_name(void *to, const char *v)
{
	return text(to, v) && is_plain_name(v, strlen(v));
}

/* What a statement can name. */
static bool quotable(void *to, const char *v)
{
	return text(to, v) && strpbrk(v, "\"\n") == NULL;
}

static bool rfc(void *to, const char *v)
{
	(void)v;
	*(bool *)to = false;
	return true;
}

#define AT(member) offsetof(struct settings, member)

const struct opt options[] = {
	{ "via", 0, "auto|xfrm|pfkey", "the kernel interface (auto: XFRM netlink, else PF_KEY)", via, AT(via), 0 },
	{ "color", 0, "auto|always|never", "colour in diagnostics", color, AT(color), 0 },
	{ "format", 0, "classic|conf|json|ip|table|dot", "form of the output", format, 0, 0 },
	{ "show-keys", 0, NULL, "print keys instead of masking them", flag, AT(show_keys), 0 },
	{ "fingerprints", 0, NULL, "print a short hash of each key, by which two people can compare them", flag, AT(fingerprints), 0 },
	{ "fail-on", 0, "error|warning|info|never", "the least finding that makes the exit status 1", fail_on, AT(fail_on), 0 },
	{ "severity", 0, "ID=LEVEL", "take findings of this rule as error, warning, info or off", severity, AT(levels), 0 },
	{ "enable", 0, "ID", "look for what this rule finds", enable, AT(levels), 0 },
	{ "disable", 0, "ID", "do not look for what this rule finds", disable, AT(levels), 0 },
	{ "profile", 0, "default|strict|rfc8221|nist|cnsa|bsi|routing|lab", "whose advice is followed", profile, AT(profile), 0 },
	{ "baseline", 0, "FILE", "a report as json: what is in it is not reported again", text, AT(baseline), 0 },
	{ "fix", 0, "[diff|inplace]", "print, or make, the edits that keep the meaning", fix, AT(fix), 0 },
	{ "list-rules", 0, NULL, "every rule there is", flag, AT(list_rules), 0 },
	{ "no-config", 0, NULL, "read neither .setkey-lint nor SETKEY_LINT_OPTS", flag, AT(no_config), 0 },
	{ "inplace", 0, NULL, "change the files instead of printing them", flag, AT(inplace), 0 },
	{ "src", 0, "ADDRESS[/N]", "with a source within this range", range, AT(filter.src), FILTER_SRC },
	{ "dst", 0, "ADDRESS[/N]", "with a destination within this range", range, AT(filter.dst), FILTER_DST },
	{ "proto", 0, "esp|ah|ipcomp", "of this protocol", proto, AT(filter.proto), FILTER_PROTO },
	{ "spi", 0, "SPI", "with this SPI", number, AT(filter.spi), FILTER_SPI },
	{ "reqid", 0, "N", "with this reqid", number, AT(filter.reqid), FILTER_REQID },
	{ "mode", 0, "transport|tunnel", "in this mode", mode, AT(filter.mode), FILTER_MODE },
	{ "dir", 0, "in|out|fwd", "policies of this direction", dir, AT(filter.dir), FILTER_DIR },
	{ "count", 0, NULL, "numbers instead of the objects", flag, AT(count), 0 },
	{ "allow-weak", 0, NULL, "make DES and 3DES keys too", flag, AT(allow_weak), 0 },
	{ "pair", 0, NULL, "the configuration of two hosts, A and B: A's, or both ends' in files", flag, AT(wish.pair), 0 },
	{ "mesh", 0, "HOSTS", "the configurations of all hosts of a list: NAME ADDRESS [NETWORK ...]", text, AT(wish.mesh), 0 },
	{ "out", 0, "DIR", "where the files of a mesh go", text, AT(wish.out), 0 },
	{ "out-a", 0, "FILE", "where A's configuration goes", text, AT(wish.out_a), 0 },
	{ "out-b", 0, "FILE", "where B's configuration goes", text, AT(wish.out_b), 0 },
	{ "net-a", 0, "NETWORK", "a network behind A", list, AT(wish.net_a), 0 },
	{ "net-b", 0, "NETWORK", "a network behind B", list, AT(wish.net_b), 0 },
	{ "alg", 0, "ALG[:BITS][+AUTH[:BITS]]", "what protects the packets (aes-cbc:256+hmac-sha256-128)", text, AT(wish.alg), 0 },
	{ "upper", 0, "PROTO", "protect this upper-layer protocol alone", text, AT(wish.upper), 0 },
	{ "spi-range", 0, "LO-HI", "where SPIs are taken from (0x1000-0xffffffff)", text, AT(wish.spi_range), 0 },
	{ "avoid", 0, "FILE", "use no SPI of this file, which is loaded before", list, AT(wish.avoid), 0 },
	{ "name", 0, "NAME", "what it is called, in comments and names", plain_name, AT(wish.name), 0 },
	{ "derive", 0, NULL, "no random keys and SPIs, but such as follow from a secret", flag, AT(wish.derive), 0 },
	{ "secret-file", 0, "FILE", "the secret, 32 bytes or more, its owner's alone", text, AT(wish.secret_file), 0 },
	{ "context", 0, "TEXT", "what the derived keys are for: other text, other keys", label, AT(wish.context), 0 },
	{ "epoch", 0, "TEXT", "and for when: a counter mode needs another at every start", label, AT(wish.epoch), 0 },
	{ "keys-file", 0, "FILE", "append the keys to this file, and name them where they would stand", quotable, AT(wish.keys_file), 0 },
	{ "rotate", 0, NULL, "new keys for a mesh, and the steps to them without a gap", flag, AT(wish.rotate), 0 },
	{ "force", 0, NULL, "replace files that are there", flag, AT(force), 0 },
	{ "resync", 0, NULL, "after events were lost, dump what is there", flag, AT(resync), 0 },
	{ "kernel", 0, NULL, "ask the running kernel too: algorithms by trying, lint what it holds", flag, AT(kernel), 0 },
	{ "annotate", 0, NULL, "one more line for each field and attribute", flag, AT(annotate), 0 },
	{ "check", 'n', NULL, "check only: needs no root and no kernel", flag, AT(check_only), 0 },
	{ "verbose", 'v', NULL, "print every message sent and received, decoded", flag, AT(verbose), 0 },
	{ "hex", 'H', NULL, "print every message sent in hex", flag, AT(hex), 0 },
	{ "no-fwd", 'k', NULL, "kernel semantics: no forward copy of inbound policies", flag, AT(kernel_fwd), 0 },
	{ "rfc", 'r', NULL, "RFC semantics (the default): inbound policies are copied to fwd", rfc, AT(kernel_fwd), 0 },
	{ "insecure", 0, NULL, "take files too that others may write, and keys that others can read", flag, AT(insecure), 0 },
	{ "literal", 0, NULL, "-f: send the statements one by one, also those of a file that begins with flush and spdflush", flag, AT(literal), 0 },
	{ "dry-run", 0, NULL, "print what would be sent, and send nothing", flag, AT(dry_run), 0 },
	{ "key-refs", 0, NULL, "conf: names such as @esp-192.0.2.1-0x00001000-enc in the place of keys", flag, AT(key_refs), 0 },
	{ "keys-to", 0, "FILE", "conf: the same, and the keys in a file of their own", text, AT(keys_to), 0 },
	{ "no-keys", 0, NULL, "the files with the keys are elsewhere: check the rest", flag, AT(no_keys), 0 },
	{ "ports", 'p', NULL, "show ports", flag, AT(ports), 0 },
	{ "no-socket", 'N', NULL, "hide per-socket policies", flag, AT(no_socket), 0 },
	{ "help", 'h', NULL, "this text", flag, AT(help), 0 },
	{ "version", 'V', NULL, "the version", flag, AT(version), 0 },
	{ NULL, 0, NULL, NULL, NULL, 0, 0 }
};

enum { MAX_OPTIONS = 64, LONG_ONLY = 256 };

/* Where a list of names has this one, behind it; else NULL. */
static const char *find_name(const char *names, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = names; p != NULL && (p = strstr(p, name)) != NULL; p += n)
		if ((p == names || p[-1] == ' ') && strchr(" =", p[n]) != NULL)
			return p + n;
	return NULL;
}

const struct cmd *command_find(const char *name)
{
	for (const struct cmd *c = commands; c->name != NULL; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

bool command_takes(const struct cmd *c, const struct opt *o)
{
	return find_name("via color help version", o->name) || find_name(c->opts, o->name);
}

const char *command_values(const struct cmd *c, const struct opt *o, int *n)
{
	const char *own = find_name(c->opts, o->name);
	const char *values = own != NULL && *own == '=' ? own + 1 : o->arg;
	bool optional = values != NULL && *values == '[';

	if (optional)
		values++;
	*n = values != NULL ? (int)strcspn(values, optional ? " ]" : " ") : 0;
	return values;
}

/*
 * False if there is a list of words for the option, and the value is not in it. A name for values is in
 * capitals.
 */
static bool is_listed(const struct cmd *c, const struct opt *o, const char *value)
{
	size_t len = strlen(value), word;
	int n;
	const char *p = command_values(c, o, &n);

	assert(p != NULL);
	if (isupper((unsigned char)*p))
		return true;
	for (const char *end = p + n; p < end; p += word + 1) {
		word = strcspn(p, "| ]");
		if (word == len && memcmp(p, value, len) == 0)
			return true;
	}
	return false;
}

/* A command's own list of formats begins with its default. */
static void set_defaults(struct settings *s, const struct cmd *c)
{
	const char *values = find_name(c->opts, "format");
	char word[32];

	if (values == NULL || *values != '=')
		return;
	strlcpy(word, values + 1, sizeof(word));
	word[strcspn(word, "| ")] = '\0';
	format(s, word);
}

/* The rows the command takes, in the two forms getopt_long wants. */
static void for_getopt(const struct cmd *c, struct option *longs, char *shorts, size_t size)
{
	for (size_t i = 0; options[i].name != NULL; i++) {
		const struct opt *o = &options[i];
		int takes;

		if (!command_takes(c, o))
			continue;
		takes = !o->arg ? no_argument : *o->arg == '[' ? optional_argument : required_argument;
		*longs++ = (struct option){ o->name, takes, NULL, LONG_ONLY + (int)i };
		if (o->letter != 0)
			strlcat(shorts, (char[]){ o->letter, o->arg ? ':' : '\0', '\0' }, size);
	}
	*longs = (struct option){ NULL, 0, NULL, 0 };
}

static const struct opt *by_letter(int letter)
{
	if (letter >= LONG_ONLY)
		return &options[letter - LONG_ONLY];
	for (const struct opt *o = options; o->name != NULL; o++)
		if (o->letter == letter)
			return o;
	return NULL;
}

/* What getopt says of words it prints as they are. */
static bool are_visible(int argc, char **argv)
{
	bool all = true;

	for (int i = 0; i < argc; i++)
		all &= visible_is(argv[i], strlen(argv[i]));
	return all;
}

static int read_options(struct settings *s, const struct cmd *c, int argc, char **argv,
                        void (*classic)(void *arg, int letter, char *value), void *arg)
{
	struct option longs[MAX_OPTIONS];
	char shorts[64] = "";
	int letter, n;

	for_getopt(c, longs, shorts, sizeof(shorts));
	for (const struct letter *l = compat_letters; classic != NULL && l->letter != NULL; l++)
		strlcat(shorts, l->letter, sizeof(shorts));
	opterr = are_visible(argc, argv);
	while ((letter = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct opt *o;
		const char *values;

		if (letter == '?' && !opterr)
			complain("cannot make sense of %s", argv[optind - 1]);
		if (letter == '?')
			return -1;
		o = by_letter(letter);
		if (o == NULL) {
			assert(classic != NULL); /* getopt gives nothing that it was not given */
			classic(arg, letter, optarg);
			continue;
		}
		s->filter.has |= o->filter;
		if ((o->arg == NULL || optarg == NULL || is_listed(c, o, optarg)) &&
		    o->set((char *)s + o->at, optarg))
			continue;
		values = command_values(c, o, &n);
		complain("--%s takes %.*s, not \"%s\"", o->name, n, values, optarg);
		return -1;
	}
	return optind;
}

int options_read(struct settings *s, const struct cmd *c, int argc, char **argv,
                 void (*classic)(void *arg, int letter, char *value), void *arg)
{
	s->argc = argc;
	s->argv = argv;
	set_defaults(s, c);
	return read_options(s, c, argc, argv, classic, arg);
}

int options_again(struct settings *s, const struct cmd *c, int argc, char **argv)
{
	optind = 0; /* getopt begins afresh */
	return read_options(s, c, argc, argv, NULL, NULL);
}
