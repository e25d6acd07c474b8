/* The table of all options, what every command needs from it, and how commands complain. */
#include "cmd/cmd.h"

#include "model/names.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool set_via(struct settings *s, const char *v)
{
	static const char *const words[] = { [VIA_AUTO] = "auto", [VIA_XFRM] = "xfrm", [VIA_PFKEY] = "pfkey" };

	for (int i = VIA_AUTO; i <= VIA_PFKEY; i++) {
		if (strcmp(words[i], v) != 0)
			continue;
		s->via = (enum via)i;
		return true;
	}
	return false;
}

static bool set_color(struct settings *s, const char *v)
{
	static const char *const words[] = { [COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never" };

	for (int i = COLOR_AUTO; i <= COLOR_NEVER; i++) {
		if (strcmp(words[i], v) != 0)
			continue;
		s->color = (enum color)i;
		return true;
	}
	return false;
}

/* The words that a command takes stand in its row, and others do not get here. */
static bool set_format(struct settings *s, const char *v)
{
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

static bool set_fail_on(struct settings *s, const char *v)
{
	int severity = strcmp(v, "never") == 0 ? SEVERITY_OFF : find_severity(v);

	s->fail_on = severity < 0 ? s->fail_on : (enum severity)severity;
	return severity >= 0;
}

/* ID=LEVEL; id by number or word. */
static bool set_severity(struct settings *s, const char *v)
{
	size_t n = strcspn(v, "=");
	const struct rule *r = v[n] == '=' ? rule_find(v, n) : NULL;
	int severity = v[n] == '=' ? find_severity(v + n + 1) : -1;

	if (r == NULL || severity < 0)
		return false;
	s->levels.of[rule_number(r)] = (uint8_t)(severity + 1);
	return true;
}

static bool set_profile(struct settings *s, const char *v)
{
	for (const struct profile *p = profiles; p->name != NULL; p++) {
		if (strcmp(p->name, v) != 0)
			continue;
		s->profile = p;
		return true;
	}
	return false;
}

static bool set_level(struct settings *s, const char *id, bool on)
{
	const struct rule *r = rule_find(id, strlen(id));
	enum severity severity = !on ? SEVERITY_OFF : r && r->severity != SEVERITY_OFF ? r->severity : SEVERITY_WARNING;

	if (r != NULL)
		s->levels.of[rule_number(r)] = (uint8_t)(severity + 1);
	return r != NULL;
}

static bool set_fix(struct settings *s, const char *v)
{
	s->fix = v != NULL && strcmp(v, "inplace") == 0 ? FIX_INPLACE : FIX_DIFF;
	return true;
}

/* ADDRESS or ADDRESS/PREFIXLEN, numeric. */
static bool set_range(struct filter *f, enum filter_bit bit, struct addr *a, const char *v)
{
	size_t n = strcspn(v, "/");
	const char *error = NULL;

	*a = (struct addr){ 0 };
	if (!addr_parse(a, v, n))
		return false;
	if (v[n] == '/')
		a->plen = (uint8_t)strtonum(v + n + 1, 0, addr_bits(a), &error);
	f->has |= bit;
	return error == NULL;
}

static bool set_number(struct filter *f, enum filter_bit bit, uint32_t *to, const char *v)
{
	char *end;
	unsigned long long n = strtoull(v, &end, 0);

	*to = (uint32_t)n;
	f->has |= bit;
	return *v >= '0' && *v <= '9' && *end == '\0' && n <= UINT32_MAX;
}

static bool set_word(struct filter *f, enum filter_bit bit, uint8_t *to, const struct name *table, const char *v)
{
	int n = name_number(table, v, strlen(v));

	*to = (uint8_t)n;
	f->has |= bit;
	return n > 0;
}

static bool add_said(struct words *w, const char *v)
{
	if (w->n == WORDS_MAX)
		return false;
	w->word[w->n++] = v;
	return *v != '\0';
}

bool is_plain_name(const char *name, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)name[i]) && (i == 0 || strchr("._-", name[i]) == NULL))
			return false;
	return n > 0;
}

static bool set_name(struct settings *s, const char *v)
{
	s->wish.name = v;
	return is_plain_name(v, strlen(v));
}

static bool set_src(struct settings *s, const char *v) { return set_range(&s->filter, FILTER_SRC, &s->filter.src, v); }
static bool set_dst(struct settings *s, const char *v) { return set_range(&s->filter, FILTER_DST, &s->filter.dst, v); }
static bool set_spi(struct settings *s, const char *v) { return set_number(&s->filter, FILTER_SPI, &s->filter.spi, v); }
static bool set_reqid(struct settings *s, const char *v) { return set_number(&s->filter, FILTER_REQID, &s->filter.reqid, v); }
static bool set_proto(struct settings *s, const char *v) { return set_word(&s->filter, FILTER_PROTO, &s->filter.proto, proto_names, v); }
static bool set_mode(struct settings *s, const char *v) { return set_word(&s->filter, FILTER_MODE, &s->filter.mode, mode_names, v); }
static bool set_dir(struct settings *s, const char *v) { return set_word(&s->filter, FILTER_DIR, &s->filter.dir, dir_names, v); }
static bool set_enable(struct settings *s, const char *v) { return set_level(s, v, true); }
static bool set_disable(struct settings *s, const char *v) { return set_level(s, v, false); }
static bool set_baseline(struct settings *s, const char *v) { return *(s->baseline = v) != '\0'; }
static bool set_list_rules(struct settings *s, const char *v) { (void)v; return s->list_rules = true; }
static bool set_no_config(struct settings *s, const char *v) { (void)v; return s->no_config = true; }
static bool set_inplace(struct settings *s, const char *v) { (void)v; return s->inplace = true; }
static bool set_count(struct settings *s, const char *v) { (void)v; return s->count = true; }
static bool set_show_keys(struct settings *s, const char *v) { (void)v; return s->show_keys = true; }
static bool set_fingerprints(struct settings *s, const char *v) { (void)v; return s->fingerprints = true; }
static bool set_annotate(struct settings *s, const char *v) { (void)v; return s->annotate = true; }
static bool set_check(struct settings *s, const char *v) { (void)v; return s->check_only = true; }
static bool set_verbose(struct settings *s, const char *v) { (void)v; return s->verbose = true; }
static bool set_hex(struct settings *s, const char *v) { (void)v; return s->hex = true; }
static bool set_kernel(struct settings *s, const char *v) { (void)v; return s->kernel_fwd = true; }
static bool set_ask_kernel(struct settings *s, const char *v) { (void)v; return s->kernel = true; }
static bool set_rfc(struct settings *s, const char *v) { (void)v; s->kernel_fwd = false; return true; }
static bool set_ports(struct settings *s, const char *v) { (void)v; return s->ports = true; }
static bool set_no_socket(struct settings *s, const char *v) { (void)v; return s->no_socket = true; }
static bool set_allow_weak(struct settings *s, const char *v) { (void)v; return s->allow_weak = true; }
static bool set_pair(struct settings *s, const char *v) { (void)v; return s->wish.pair = true; }
static bool set_mesh(struct settings *s, const char *v) { return *(s->wish.mesh = v) != '\0'; }
static bool set_rotate(struct settings *s, const char *v) { (void)v; return s->wish.rotate = true; }
static bool set_force(struct settings *s, const char *v) { (void)v; return s->wish.force = true; }
static bool set_out(struct settings *s, const char *v) { return *(s->wish.out = v) != '\0'; }
static bool set_out_a(struct settings *s, const char *v) { return *(s->wish.out_a = v) != '\0'; }
static bool set_out_b(struct settings *s, const char *v) { return *(s->wish.out_b = v) != '\0'; }
static bool set_alg(struct settings *s, const char *v) { return *(s->wish.alg = v) != '\0'; }
static bool set_upper(struct settings *s, const char *v) { return *(s->wish.upper = v) != '\0'; }
static bool set_spi_range(struct settings *s, const char *v) { return *(s->wish.spi_range = v) != '\0'; }
static bool set_net_a(struct settings *s, const char *v) { return add_said(&s->wish.net_a, v); }
static bool set_net_b(struct settings *s, const char *v) { return add_said(&s->wish.net_b, v); }
static bool set_avoid(struct settings *s, const char *v) { return add_said(&s->wish.avoid, v); }
static bool set_derive(struct settings *s, const char *v) { (void)v; return s->wish.derive = true; }
static bool set_secret_file(struct settings *s, const char *v) { return *(s->wish.secret_file = v) != '\0'; }
static bool set_context(struct settings *s, const char *v) { return *(s->wish.context = v) != '\0' && strlen(v) <= UINT16_MAX; }
static bool set_keys_file(struct settings *s, const char *v) { return *(s->wish.keys_file = v) != '\0' && strpbrk(v, "\"\n") == NULL; }
static bool set_epoch(struct settings *s, const char *v) { return *(s->wish.epoch = v) != '\0' && strlen(v) <= UINT16_MAX; }
static bool set_resync(struct settings *s, const char *v) { (void)v; return s->resync = true; }
static bool set_key_refs(struct settings *s, const char *v) { (void)v; return s->key_refs = true; }
static bool set_keys_to(struct settings *s, const char *v) { return *(s->keys_to = v) != '\0'; }
static bool set_no_keys(struct settings *s, const char *v) { (void)v; return s->no_keys = true; }
static bool set_insecure(struct settings *s, const char *v) { (void)v; return s->insecure = true; }
static bool set_help(struct settings *s, const char *v) { (void)v; return s->help = true; }
static bool set_version(struct settings *s, const char *v) { (void)v; return s->version = true; }

const struct opt options[] = {
	{ "via", 0, "auto|xfrm|pfkey", "the kernel interface (auto: XFRM netlink, else PF_KEY)", set_via },
	{ "color", 0, "auto|always|never", "colour in diagnostics", set_color },
	{ "format", 0, "classic|conf|json|ip|table|dot", "form of the output", set_format },
	{ "show-keys", 0, NULL, "print keys instead of masking them", set_show_keys },
	{ "fingerprints", 0, NULL, "print a short hash of each key, by which two people can compare them", set_fingerprints },
	{ "fail-on", 0, "error|warning|info|never", "the least finding that makes the exit status 1", set_fail_on },
	{ "severity", 0, "ID=LEVEL", "take findings of this rule as error, warning, info or off", set_severity },
	{ "enable", 0, "ID", "look for what this rule finds", set_enable },
	{ "disable", 0, "ID", "do not look for what this rule finds", set_disable },
	{ "profile", 0, "default|strict|rfc8221|nist|cnsa|bsi|routing|lab", "whose advice is followed", set_profile },
	{ "baseline", 0, "FILE", "a report as json: what is in it is not reported again", set_baseline },
	{ "fix", 0, "[diff|inplace]", "print, or make, the edits that keep the meaning", set_fix },
	{ "list-rules", 0, NULL, "every rule there is", set_list_rules },
	{ "no-config", 0, NULL, "read neither .setkey-lint nor SETKEY_LINT_OPTS", set_no_config },
	{ "inplace", 0, NULL, "change the files instead of printing them", set_inplace },
	{ "src", 0, "ADDRESS[/N]", "only with a source within this range", set_src },
	{ "dst", 0, "ADDRESS[/N]", "only with a destination within this range", set_dst },
	{ "proto", 0, "esp|ah|ipcomp", "only of this protocol", set_proto },
	{ "spi", 0, "SPI", "only with this SPI", set_spi },
	{ "reqid", 0, "N", "only with this reqid", set_reqid },
	{ "mode", 0, "transport|tunnel", "only in this mode", set_mode },
	{ "dir", 0, "in|out|fwd", "only policies of this direction", set_dir },
	{ "count", 0, NULL, "numbers instead of the objects", set_count },
	{ "allow-weak", 0, NULL, "make DES and 3DES keys too", set_allow_weak },
	{ "pair", 0, NULL, "the configuration of two hosts, A and B: A's, or both ends' in files", set_pair },
	{ "mesh", 0, "HOSTS", "the configurations of all hosts of a list: NAME ADDRESS [NETWORK ...]", set_mesh },
	{ "out", 0, "DIR", "where the files of a mesh go", set_out },
	{ "out-a", 0, "FILE", "where A's configuration goes", set_out_a },
	{ "out-b", 0, "FILE", "where B's configuration goes", set_out_b },
	{ "net-a", 0, "NETWORK", "a network behind A", set_net_a },
	{ "net-b", 0, "NETWORK", "a network behind B", set_net_b },
	{ "alg", 0, "ALG[:BITS][+AUTH[:BITS]]", "what protects the packets (aes-cbc:256+hmac-sha256-128)", set_alg },
	{ "upper", 0, "PROTO", "protect this upper-layer protocol alone", set_upper },
	{ "spi-range", 0, "LO-HI", "where SPIs are taken from (0x1000-0xffffffff)", set_spi_range },
	{ "avoid", 0, "FILE", "use no SPI of this file, which is loaded before", set_avoid },
	{ "name", 0, "NAME", "what it is called, in comments and names", set_name },
	{ "derive", 0, NULL, "no random keys and SPIs, but such as follow from a secret", set_derive },
	{ "secret-file", 0, "FILE", "the secret, 32 bytes or more, its owner's alone", set_secret_file },
	{ "context", 0, "TEXT", "what the derived keys are for: other text, other keys", set_context },
	{ "epoch", 0, "TEXT", "and for when: a counter mode needs another at every start", set_epoch },
	{ "keys-file", 0, "FILE", "append the keys to this file, and name them where they would stand", set_keys_file },
	{ "rotate", 0, NULL, "new keys for a mesh, and the steps to them without a gap", set_rotate },
	{ "force", 0, NULL, "replace files that are there", set_force },
	{ "resync", 0, NULL, "after events were lost, dump what is there", set_resync },
	{ "kernel", 0, NULL, "ask the running kernel too: algorithms by trying, lint what it holds", set_ask_kernel },
	{ "annotate", 0, NULL, "one more line for each field and attribute", set_annotate },
	{ "check", 'n', NULL, "check only: needs no root and no kernel", set_check },
	{ "verbose", 'v', NULL, "print every message sent and received, decoded", set_verbose },
	{ "hex", 'H', NULL, "print every message sent in hex", set_hex },
	{ "no-fwd", 'k', NULL, "kernel semantics: no forward copy of inbound policies", set_kernel },
	{ "rfc", 'r', NULL, "RFC semantics (the default): inbound policies are copied to fwd", set_rfc },
	{ "insecure", 0, NULL, "take files too that others may write, and keys that others can read", set_insecure },
	{ "key-refs", 0, NULL, "conf: names such as @esp-192.0.2.1-0x00001000-enc in the place of keys", set_key_refs },
	{ "keys-to", 0, "FILE", "conf: the same, and the keys in a file of their own", set_keys_to },
	{ "no-keys", 0, NULL, "the files with the keys are elsewhere: check the rest", set_no_keys },
	{ "ports", 'p', NULL, "show ports", set_ports },
	{ "no-socket", 'N', NULL, "hide per-socket policies", set_no_socket },
	{ "help", 'h', NULL, "this text", set_help },
	{ "version", 'V', NULL, "the version", set_version },
	{ NULL, 0, NULL, NULL, NULL }
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

/* False if there is a list of words for the option, and the value is not in it. A name for values is in capitals. */
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
	set_format(s, word);
}

/* The rows the command takes, in the two forms getopt_long wants. */
static void for_getopt(const struct cmd *c, struct option *longs, char *shorts, size_t size)
{
	for (size_t i = 0; options[i].name != NULL; i++) {
		const struct opt *o = &options[i];

		if (!command_takes(c, o))
			continue;
		*longs++ = (struct option){ o->name, !o->arg ? no_argument : *o->arg == '[' ? optional_argument : required_argument, NULL, LONG_ONLY + (int)i };
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

static int read_options(struct settings *s, const struct cmd *c, int argc, char **argv, const char *letters,
                        bool (*extra)(void *arg, int letter, char *value), void *arg)
{
	struct option longs[MAX_OPTIONS];
	char shorts[64] = "";
	int letter, n;

	for_getopt(c, longs, shorts, sizeof(shorts));
	strlcat(shorts, letters, sizeof(shorts));
	opterr = 1;
	while ((letter = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct opt *o;
		const char *values;

		if (letter == '?')
			return -1;
		if (extra != NULL && letter < LONG_ONLY && strchr(letters, letter) != NULL) {
			if (!extra(arg, letter, optarg))
				return -1;
			continue;
		}
		o = by_letter(letter);
		assert(o != NULL); /* getopt gives nothing that it was not given */
		if ((o->arg == NULL || optarg == NULL || is_listed(c, o, optarg)) && o->set(s, optarg))
			continue;
		values = command_values(c, o, &n);
		complain("--%s takes %.*s, not \"%s\"", o->name, n, values, optarg);
		return -1;
	}
	return optind;
}

int options_read(struct settings *s, const struct cmd *c, int argc, char **argv, const char *letters,
                 bool (*extra)(void *arg, int letter, char *value), void *arg)
{
	s->argc = argc;
	s->argv = argv;
	set_defaults(s, c);
	return read_options(s, c, argc, argv, letters, extra, arg);
}

int options_again(struct settings *s, const struct cmd *c, int argc, char **argv)
{
	optind = 0; /* getopt begins afresh */
	return read_options(s, c, argc, argv, "", NULL, NULL);
}

bool want_color(const struct settings *s, FILE *to)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (s->color != COLOR_AUTO)
		return s->color == COLOR_ALWAYS;
	return (no_color == NULL || *no_color == '\0') && isatty(fileno(to)) &&
	       (term == NULL || strcmp(term, "dumb") != 0);
}

void complain(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("setkey: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
}

void warn_if_open(void)
{
	struct stat st;

	if (fstat(STDOUT_FILENO, &st) == 0 && S_ISREG(st.st_mode) && st.st_mode & (S_IRGRP | S_IROTH))
		complain("warning: others may read the file that the keys go to; chmod 600, and umask 077 before");
}

void complain_file(const char *name, int err)
{
	if (err == -EEXIST)
		complain("%s is there already; --force replaces it", name);
	else if (err == -ELOOP || err == -EINVAL)
		complain("%s is %s; it is left as it is", name, err == -ELOOP ? "a symbolic link" : "no regular file");
	else
		complain("cannot write %s: %s", name, strerror(-err));
}
