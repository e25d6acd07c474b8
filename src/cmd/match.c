/* SPDX-License-Identifier: ISC */
/* setkey match: what happens to a packet, or to the packets of all networks of a file. */
#include "cmd/cmd.h"

#include "model/names.h"
#include "run/inspect.h"
#include "see/coverage.h"
#include "see/match.h"

#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum form { FORM_TEXT, FORM_JSON, FORM_DOT };

static struct choices {
	unsigned form;       /* enum form */
	bool coverage;
	uint32_t mark, if_id;
	const char *iface, *packets;
} options;

const struct opt match_options[] = {
	{ "format", 0, "text|json|dot", "form of the answer; dot: a picture of the coverage", NULL, &options.form, 0 },
	{ "mark", 0, "MARK", "the mark of the packet", set_number, &options.mark, 0 },
	{ "if-id", 0, "N", "the ID of the XFRM interface that it passes", set_number, &options.if_id, 0 },
	{ "iface", 0, "DEVICE", "the device that it leaves or enters by", set_text, &options.iface, 0 },
	{ "packets", 0, "FILE", "many packets, a line each, instead of one; - is standard input", set_text, &options.packets, 0 },
	{ "coverage", 0, NULL, "which networks are protected from each other, instead of one packet", set_flag, &options.coverage, 0 },
	OPT_NO_FWD,
	OPT_INSECURE,
	OPT_END
};

/* ADDRESS or ADDRESS[PORT]; a zone is left out, as policies tell no links apart. */
static bool read_end(struct addr *a, uint16_t *port, const char *word)
{
	size_t n = strcspn(word, "[%"), zone = strcspn(word, "[");
	const char *error = NULL, *end = strchr(word, ']');
	char digits[8] = "";

	if (!addr_parse(a, word, n))
		return false;
	if (word[zone] == '\0')
		return true;
	if (end == NULL || end[1] != '\0' || (size_t)(end - word) - zone - 1 >= sizeof(digits))
		return false;
	memcpy(digits, word + zone + 1, (size_t)(end - word) - zone - 1);
	if (strcmp(digits, "any") == 0)
		return true;
	*port = (uint16_t)strtonum(digits, 0, UINT16_MAX, &error);
	return error == NULL;
}

/* What follows icmp in a policy: TYPE or TYPE,CODE; after gre its key. */
static bool read_spec(struct packet *p, const char *word)
{
	unsigned long first, second = 0;
	char *end;

	if (!isdigit((unsigned char)*word))
		return false;
	first = strtoul(word, &end, 0);
	if (*end == ',' && isdigit((unsigned char)end[1]))
		second = strtoul(end + 1, &end, 0);
	if (*end != '\0')
		return false;
	if (upper_has_type(p->upper) && first <= UINT8_MAX && second <= UINT8_MAX) {
		p->sport = (uint16_t)first;
		p->dport = (uint16_t)second;
		return true;
	}
	if (strcmp(upper_name(p->upper) ? upper_name(p->upper) : "", "gre") != 0 || first > UINT32_MAX)
		return false;
	p->sport = (uint16_t)(first >> 16);
	p->dport = (uint16_t)first;
	return true;
}

/* Returns how many operands the protocol takes: 0 if the first is none. */
static int read_upper(struct packet *p, int argc, char **argv)
{
	int upper;

	p->upper = UPPER_ANY;
	if (argc == 0 || (upper = upper_number(argv[0])) < 0)
		return 0;
	p->upper = (uint8_t)upper;
	return argc > 1 && access(argv[1], F_OK) != 0 && read_spec(p, argv[1]) ? 2 : 1;
}

/* Returns how many operands the packet takes, or -1 after complaining. */
static int read_packet(struct flow *f, int argc, char **argv)
{
	int n = argc > 0 ? name_number(dir_names, argv[0], strlen(argv[0])) : -1, first = n > 0;

	f->dir = n > 0 ? (uint8_t)n : DIR_OUT;
	if (argc - first < 2) {
		error("match: expected [in|out|fwd] SRC[PORT] DST[PORT] [PROTO] [FILE ...]");
		return -1;
	}
	for (int i = 0; i < 2; i++)
		if (!read_end(i == 0 ? &f->packet.src : &f->packet.dst,
		              i == 0 ? &f->packet.sport : &f->packet.dport, argv[first + i])) {
			const char *word = argv[first + i];
			bool direction = first + i == 0 && isalpha((unsigned char)word[0]) &&
			                 strchr(word, ':') == NULL;

			error("match: \"%s\" is %s a numeric ADDRESS or ADDRESS[PORT]", word,
			      direction ? "neither in, out or fwd nor" : "not");
			return -1;
		}
	if (f->packet.src.family != f->packet.dst.family) {
		error("match: the addresses are of two families: no packet has both");
		return -1;
	}
	return first + 2 + read_upper(&f->packet, argc - first - 2, argv + first + 2);
}

/* An XFRM interface tells the ID, unless one is given. Returns a status. */
static int read_iface(struct flow *f)
{
	struct device *device = NULL;
	size_t n = 0;

	f->packet.mark = options.mark;
	f->packet.if_id = options.if_id;
	if (options.iface == NULL)
		return STATUS_OK;
	f->device = if_nametoindex(options.iface);
	if (f->device == 0) {
		error("no device is called %s", options.iface);
		return STATUS_SYSTEM;
	}
	devices_read(&device, &n);
	for (size_t i = 0; i < n; i++)
		if (device[i].index == f->device && device[i].xfrm && options.if_id == 0)
			f->packet.if_id = device[i].if_id;
	free(device);
	return STATUS_OK;
}

static int outcome_status(const struct match *m)
{
	return m->outcome == OUTCOME_UNKNOWN ? STATUS_SYSTEM : m->outcome == OUTCOME_DROPPED ? STATUS_ERROR :
	                                                                                      STATUS_OK;
}

/* A packet that is forwarded meets a policy when it leaves, too. *several: others were before it. */
static int answer_packet(const struct view *v, const struct flow *f, bool *several)
{
	struct flow leaving = { .packet = f->packet, .dir = DIR_OUT };
	struct match m, then = { 0 };
	bool forwarded;
	struct buf out = { 0 };
	int status;

	match_find(&m, v, f);
	forwarded = f->dir == DIR_FWD && m.outcome != OUTCOME_DROPPED;
	leaving.packet.if_id = 0;
	if (forwarded)
		match_find(&then, v, &leaving);
	if (forwarded && then.outcome >= OUTCOME_DROPPED) {
		m.outcome = then.outcome;
		m.why = "what comes in is forwarded, and then that happens when it leaves";
	}
	if (*several && options.form != FORM_JSON)
		buf_addc(&out, '\n');
	*several = true;
	(options.form == FORM_JSON ? match_print_json : match_print_text)(&m, forwarded ? &then : NULL, v,
	                                                                 &out);
	buf_write(&out, stdout);
	buf_free(&out);
	status = outcome_status(&m);
	match_free(&m);
	match_free(&then);
	return status;
}

static int show_coverage(const struct view *v)
{
	struct buf out = { 0 };
	struct coverage c = { 0 };

	coverage_find(&c, v);
	if (options.form == FORM_JSON)
		coverage_print_json(&c, &out);
	else
		(options.form == FORM_DOT ? coverage_print_dot : coverage_print_table)(&c, &out);
	buf_write(&out, stdout);
	buf_free(&out);
	coverage_free(&c);
	return STATUS_OK;
}

/* mark=1, if_id=2, iface=eth0 at the end of a line, for its packet alone. Returns how many words are left. */
static int read_settings(struct choices *c, int argc, char **argv)
{
	bool known = true;

	for (; argc > 0 && strchr(argv[argc - 1], '=') != NULL && known; argc--) {
		char *word = argv[argc - 1], *value = strchr(word, '=') + 1;
		size_t n = (size_t)(value - word) - 1;

		if (name_is("mark", word, n) || name_is("if_id", word, n))
			known = set_number(*word == 'm' ? &c->mark : &c->if_id, value);
		else if (name_is("iface", word, n))
			c->iface = value;
		else
			known = false;
	}
	return known ? argc : -1;
}

/* One line of --packets. Returns a status. */
static int answer_line(const struct view *v, char *line, size_t number, bool *several)
{
	enum { WORDS = 16 };
	const struct choices common = options;
	char *argv[WORDS], *rest = line;
	struct flow f = { 0 };
	int argc = 0, status = STATUS_USAGE;

	line[strcspn(line, "#\n")] = '\0';
	for (char *word; argc < WORDS && (word = strtok_r(rest, " \t\r", &rest)) != NULL;)
		argv[argc++] = word;
	if (argc == 0)
		return STATUS_OK;
	argc = read_settings(&options, argc, argv);
	if (argc >= 0 && read_packet(&f, argc, argv) == argc)
		status = read_iface(&f);
	if (status == STATUS_USAGE)
		error("%s:%zu: expected [in|out|fwd] SRC[PORT] DST[PORT] [PROTO] [mark=N] [if_id=N] "
		         "[iface=DEVICE]", options.packets, number);
	else if (status == STATUS_OK)
		status = answer_packet(v, &f, several);
	options = common;
	return status;
}

static int answer_lines(const struct view *v, FILE *from)
{
	char *line = NULL;
	size_t cap = 0;
	bool several = false;
	int status = STATUS_OK;

	for (size_t number = 1; getline(&line, &cap, from) >= 0; number++)
		status = status_worse(status, answer_line(v, line, number, &several));
	free(line);
	return status;
}

static int check_usage(void)
{
	if (options.form == FORM_DOT && !options.coverage)
		error("--format=dot goes with --coverage");
	else if (options.coverage && options.packets != NULL)
		error("--coverage is about all packets: leave out --packets");
	else
		return STATUS_OK;
	return STATUS_USAGE;
}

/* Errors in a file must not look like a packet that is dropped. */
static int inspect_and_answer(const struct settings *s, const struct flow *f, FILE *packets, int argc,
                           char **argv)
{
	struct inspected inspected = { 0 };
	bool several = false;
	int status = inspect_read(&inspected, s, argc, argv);

	if (status != STATUS_OK)
		status = STATUS_SYSTEM;
	else if (options.coverage)
		status = show_coverage(&inspected.view);
	else if (packets != NULL)
		status = answer_lines(&inspected.view, packets);
	else
		status = answer_packet(&inspected.view, f, &several);
	inspect_free(&inspected);
	return status;
}

int cmd_match(struct settings *s, int argc, char **argv)
{
	struct flow f = { .dir = DIR_OUT };
	FILE *packets = NULL;
	int n = 0, status = check_usage();

	if (status == STATUS_OK && !options.coverage && options.packets == NULL)
		n = read_packet(&f, argc, argv);
	if (n < 0 || status != STATUS_OK)
		return STATUS_USAGE;
	status = read_iface(&f);
	if (status == STATUS_OK && options.packets != NULL) {
		packets = strcmp(options.packets, "-") == 0 ? stdin : fopen(options.packets, "re");
		if (packets == NULL) {
			error("cannot read %s: %s", options.packets, strerror(errno));
			status = STATUS_SYSTEM;
		}
	}
	if (status == STATUS_OK)
		status = inspect_and_answer(s, &f, packets, argc - n, argv + n);
	if (packets != NULL && packets != stdin)
		fclose(packets);
	return status;
}
