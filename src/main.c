/* SPDX-License-Identifier: ISC */
/* One table of subcommands, dispatch, usage. The only file that ends the process. */
#include "cmd/cmd.h"

#include "base/files.h"
#include "base/inherited.h"
#include "base/privilege.h"
#include "compat.h"
#include "text/explain.h"
#include "wire/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct opt no_options[] = { OPT_END };

static int cmd_help(struct settings *s, int argc, char **argv);

const struct cmd commands[] = {
	{ "dump", "[sa [PROTO]|policy|all]", "show the SAD and the SPD", dump_options, KEEP_NET_ADMIN, cmd_dump },
	{ "diff", "[FILE ...]", "what differs between the kernel and files", diff_options, KEEP_READ_FILES | KEEP_NET_ADMIN, cmd_diff },
	{ "sync", "FILE ...", "make the kernel what files say, by the smallest change", sync_options, KEEP_READ_FILES | KEEP_NET_ADMIN | KEEP_PROCESSES,
	  cmd_sync },
	{ "load", "[FILE ...]", "run the statements of files, all or nothing", load_options, KEEP_READ_FILES | KEEP_NET_ADMIN | KEEP_PROCESSES, cmd_load },
	{ "try", "FILE ...", "sync, and back again unless it is confirmed", try_options, KEEP_READ_FILES | KEEP_NET_ADMIN | KEEP_PROCESSES, cmd_try },
	{ "confirm", "", "keep what try has done", no_options, 0, cmd_confirm },
	{ "revert", "", "undo what try has done, now", no_options, 0, cmd_revert },
	{ "save", "[FILE]", "the kernel's state as a file that sync finds nothing to do for", no_options, KEEP_NET_ADMIN, cmd_save },
	{ "match", "[in|out|fwd] SRC[PORT] DST[PORT] [PROTO] [FILE ...]", "what happens to a packet: the policy, the SAs, or why it is dropped",
	  match_options, KEEP_READ_FILES | KEEP_NET_ADMIN, cmd_match },
	{ "doctor", "[FILE ...]", "what is wrong with this host's IPsec, in the order in which things break", doctor_options,
	  KEEP_READ_FILES | KEEP_NET_ADMIN | KEEP_NAMESPACES, cmd_doctor },
	{ "stat", "[sa|policy]", "what SAs have carried, how fast, and when they end", stat_options, KEEP_NET_ADMIN, cmd_stat },
	{ "flush", "[sa [PROTO]|policy|all]", "empty the SAD and the SPD", flush_options, KEEP_NET_ADMIN, cmd_flush },
	{ "monitor", "[sa|policy|acquire|expire|aevent|report|migrate|mapping|all ...]", "what changes in the kernel, as it happens",
	  monitor_options, KEEP_NET_ADMIN, cmd_monitor },
	{ "encode", "FILE ...", "the kernel messages that files become, without a kernel", encode_options, KEEP_READ_FILES, cmd_encode },
	{ "decode", "[FILE ...]", "kernel messages, binary or hex, back to text", decode_options, KEEP_READ_FILES, cmd_decode },
	{ "keygen", "[NAME=]ALG[:BITS] ... | A B", "random keys of the right length, and whole configurations",
	  keygen_options, KEEP_READ_FILES, cmd_keygen },
	{ "mirror", "[FILE ...]", "the file of the other end", no_options, KEEP_READ_FILES, cmd_mirror },
	{ "peercheck", "FILE FILE", "whether the files of two ends fit together", no_options, KEEP_READ_FILES, cmd_peercheck },
	{ "algorithms", "", "the algorithms, their key lengths and where they work", algorithms_options, KEEP_NET_ADMIN | KEEP_NAMESPACES,
	  cmd_algorithms },
	{ "lint", "[FILE|DIR ...]", "what is wrong with files, by every rule there is", lint_options, KEEP_READ_FILES | KEEP_NET_ADMIN, cmd_lint },
	{ "fmt", "[FILE ...]", "files in the canonical layout, comments and meaning kept", fmt_options, KEEP_READ_FILES, cmd_fmt },
	{ "explain", "[ID ...]", "what a diagnostic means and how to mend it", no_options, 0, cmd_explain },
	{ "help", "[COMMAND|ID ...]", "the commands, the options of one, or what explain says", no_options, 0, cmd_help },
	{ "complete", "", NULL, no_options, 0, cmd_complete },
	{ NULL, NULL, NULL, NULL, 0, NULL }
};

__attribute__((noreturn)) static void out_of_memory(void)
{
	static const char text[] = "setkey: out of memory\n";

	files_abandon();
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(STATUS_SYSTEM);
	_exit(STATUS_SYSTEM);
}

static void print_options(const struct cmd *c)
{
	const struct opt *o;

	for (size_t i = 0; (o = command_option(c, i)) != NULL; i++) {
		char left[64];
		int n;
		const char *values = option_values(o, &n);

		snprintf(left, sizeof(left), "%c%c%s --%s%s%.*s", o->letter ? '-' : ' ',
		         o->letter ? o->letter : ' ', o->letter ? "," : " ", o->name, values ? "=" : "", n,
		         values ? values : "");
		printf("  %-36s %s\n", left, o->help);
	}
}

static void print_help(const struct cmd *c)
{
	if (c != &compat_command) {
		printf("usage: setkey %s [OPTION ...] %s\n%s\n\n", c->name, c->args, c->help);
		print_options(c);
		return;
	}
	printf("%s\ncommands:\n", compat_usage);
	for (const struct cmd *each = commands; each->name != NULL; each++)
		if (each->help != NULL)
			printf("  %-10s %-26s %s\n", each->name, each->args, each->help);
	puts("\noptions:");
	print_options(c);
	puts("\nSee setkey(8) and setkey.conf(5).");
}

static int complain_command(const char *word, const char *near)
{
	error("there is no command %s; did you mean %s?", word, near);
	return STATUS_ERROR;
}

static int cmd_help(struct settings *s, int argc, char **argv)
{
	int status = STATUS_OK;

	if (argc == 0)
		print_help(&compat_command);
	for (int i = 0; i < argc; i++) {
		const struct cmd *c = command_find(argv[i]);
		const char *near = command_nearest(argv[i]);

		if (i > 0)
			putchar('\n');
		if (c != NULL)
			print_help(c);
		else if (near != NULL && rule_find(argv[i], strlen(argv[i])) == NULL)
			status = status_worse(status, complain_command(argv[i], near));
		else if (verb_find(argv[i], strlen(argv[i])) != VERB_NONE)
			printf("%s is a statement of files: setkey.conf(5) describes it.\n", argv[i]);
		else
			status = status_worse(status, cmd_explain(s, 1, &argv[i]));
	}
	return status;
}

/* Help and version are answered whatever else was asked. */
static bool handle_help(const struct settings *s, const struct cmd *c)
{
	if (s->help)
		print_help(c);
	else if (s->version)
		printf("setkey %s, kernel interfaces: %s %s\n", VERSION, xfrm_wire.name, pfkey_wire.name);
	return s->help || s->version;
}

static int run_cmd(const struct cmd *c, struct settings *s, int argc, char **argv)
{
	int first = options_read(c, argc, argv, NULL, NULL);

	if (first < 0) {
		fprintf(stderr, "`setkey %s --help` says more.\n", c->name);
		return STATUS_USAGE;
	}
	if (s->help || s->version)
		return STATUS_OK;
	return c->run(s, argc - first, argv + first);
}

/* stdio's own buffer would go back to the heap as it is, with every key that was printed. */
static char output[1 << 16];

static void set_stdout_buffer(void)
{
	setvbuf(stdout, output, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF, sizeof(output));
}

static void wipe_stdout(void)
{
	fflush(stdout);
	explicit_bzero(output, sizeof(output));
	memory_wipe_stack();
}

/*
 * There are file systems that tell of a full disk when a file is closed. Closed from the beginning, it had
 * nothing to take.
 */
static bool is_written(void)
{
	return fflush(stdout) == 0 && !ferror(stdout) && (close(STDOUT_FILENO) == 0 || errno == EBADF);
}

/* A full disk or a closed pipe must not look like success. */
static int check_output(int status)
{
	if (status == STATUS_SYSTEM || is_written())
		return status;
	error("cannot write to standard output");
	return STATUS_SYSTEM;
}

int main(int argc, char **argv)
{
	static char name[] = "setkey";
	size_t at = options_common(argc, argv);
	const struct cmd *c = at > 0 ? command_find(argv[at]) : NULL;
	int status, err;
	const char *why = inherited_check();

	memory_exhausted = out_of_memory;
	if (why != NULL) {
		error("%s", why);
		return STATUS_SYSTEM;
	}
	set_stdout_buffer();
	if ((err = privilege_begin(c != NULL ? c->keeps : compat_command.keeps)) != 0) {
		error("cannot give up privileges: %s", strerror(-err));
		return STATUS_SYSTEM;
	}
	if (c != NULL) /* arguments before the command come after it */
		memmove(argv + 2, argv + 1, (at - 1) * sizeof(*argv));
	if (argc > 0)
		argv[c != NULL] = name; /* getopt begins its messages with it */
	if (c != NULL)
		status = run_cmd(c, &settings, argc - 1, argv + 1);
	else
		status = compat_main(&settings, argc, argv);
	handle_help(&settings, c ? c : &compat_command);
	status = check_output(status);
	wipe_stdout();
	return status;
}
