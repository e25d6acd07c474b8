/* SPDX-License-Identifier: ISC */
/* The subcommands, and the classic command line. */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include "run/options.h"
#include "run/rules.h"
#include "text/counters.h"

/* The tables of their options; the others take the common ones alone. */
extern const struct opt algorithms_options[], decode_options[], diff_options[], doctor_options[],
        dump_options[], encode_options[], flush_options[], fmt_options[], keygen_options[],
        lint_options[], load_options[], match_options[], monitor_options[], no_options[],
        stat_options[], sync_options[], try_options[];

int cmd_algorithms(struct settings *s, int argc, char **argv);
int cmd_complete(struct settings *s, int argc, char **argv);
int cmd_decode(struct settings *s, int argc, char **argv);
int cmd_diff(struct settings *s, int argc, char **argv);
int cmd_doctor(struct settings *s, int argc, char **argv);
int cmd_load(struct settings *s, int argc, char **argv);
int cmd_save(struct settings *s, int argc, char **argv);
int cmd_stat(struct settings *s, int argc, char **argv);
int cmd_sync(struct settings *s, int argc, char **argv);
int cmd_try(struct settings *s, int argc, char **argv);
int cmd_confirm(struct settings *s, int argc, char **argv);
int cmd_revert(struct settings *s, int argc, char **argv);
int cmd_dump(struct settings *s, int argc, char **argv);
int cmd_encode(struct settings *s, int argc, char **argv);
int cmd_explain(struct settings *s, int argc, char **argv);
int cmd_fmt(struct settings *s, int argc, char **argv);
int cmd_keygen(struct settings *s, int argc, char **argv);
int cmd_lint(struct settings *s, int argc, char **argv);
int cmd_flush(struct settings *s, int argc, char **argv);
int flush_classic(struct settings *s, int argc, char **argv); /* -F: what PF_KEY can empty, and no more */
int cmd_match(struct settings *s, int argc, char **argv);
int cmd_mirror(struct settings *s, int argc, char **argv);
int cmd_monitor(struct settings *s, int argc, char **argv);
int cmd_peercheck(struct settings *s, int argc, char **argv);

/* The classic -x, which was given so many times. */
int monitor_classic(struct settings *s, unsigned times);

/* The classic -D: the SAD, or the SPD. */
int dump_classic(struct settings *s, bool policy);

/* The classic -Dl: dumps every second, until a signal comes or nobody reads. */
int dump_for_ever(struct settings *s, bool policy);

/* What one -f or -e names: a file, or the statements themselves. */
struct load_arg {
	char *value; /* text is overwritten once it is read: others can see a command line */
	bool text;
};

/* All of them in their order, read and judged before anything is sent. */
int load_files(const struct settings *s, struct load_arg *given, size_t n);

/* Statements from standard input, each run when its ';' arrives: the classic -c. */
int load_interactive(const struct settings *s);

#endif
